"""What weights were made from is told truly, their licence goes where they go, and what is nobody's business stays here."""

import json

import pytest

from deepseek_vl_hf import nano
from deepseek_vl_hf.exporting import export
from deepseek_vl_hf.licences import DEEPSEEK, licence_of
from deepseek_vl_hf.model_card import MARK, PLACEHOLDER, is_stock
from deepseek_vl_hf.provenance import base_on_hub, is_on_hub, licence_for, public


RELEASED = "deepseek-ai/deepseek-vl-1.3b-base"


def run(model, is_local, licence=None, before=()):
    facts = {"step": 0, "arguments": {}, "learning_parameters": {}, "hardware": {}, "versions": {}}
    start = {**facts, "model": model, "model_is_local": is_local, "base_licence": licence}
    return {"before": list(before), "starts": [start]}


CHAIN = run("/a/stage2", True, before=[run(RELEASED, False, DEEPSEEK.fields())])


def test_an_adapter_alone_fits_the_model_it_was_trained_on_and_no_older_one():
    adapter = {"base_model_name_or_path": "/a/stage2"}
    assert base_on_hub(CHAIN, adapter, alone=False) == RELEASED
    assert base_on_hub(CHAIN, adapter, alone=True) is None
    assert base_on_hub(run(RELEASED, False), adapter, alone=True) == RELEASED


@pytest.mark.parametrize("name", ["", None, "/x/y/z", "./x", "x", "a/b/c", "made://nano", "a b/c"])
def test_what_is_no_id_of_the_hub_is_not_told_as_a_base(name):
    assert not is_on_hub(name)


def test_what_comes_from_released_weights_stays_under_their_licence(tmp_path):
    assert licence_for(tmp_path, CHAIN, None, None) == DEEPSEEK
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\nMy own words.")
    assert licence_for(tmp_path, CHAIN, None, None) == DEEPSEEK
    assert licence_for(tmp_path, {}, None, None).license == "mit"


def test_a_model_without_a_name_takes_no_licence_from_where_one_stands(tmp_path, monkeypatch):
    (tmp_path / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    assert licence_of("") is None
    assert licence_for(tmp_path / "out", run("", True), None, None) is None


@pytest.mark.parametrize("layout", ["native", "own"])
def test_export_takes_the_licence_and_the_records_along(tmp_path, layout):
    export(nano.FOLDER, tmp_path / "out", layout)
    found = licence_of(tmp_path / "out")
    assert found.license_name == "various"
    assert found.text.read_text() == (nano.FOLDER / "LICENSE.md").read_text()
    (tmp_path / "out" / "run.json").write_text(json.dumps(run("/a/x", True)))
    export(tmp_path / "out", tmp_path / "again", "own")
    assert json.loads((tmp_path / "again" / "run.json").read_text())["starts"]
    assert licence_of(tmp_path / "again").license_name == "various"


def test_a_card_with_one_gap_is_a_persons():
    assert not is_stock(f"A long text by a person. {PLACEHOLDER}")
    assert is_stock(PLACEHOLDER * 30)
    assert is_stock(f"{MARK}\nours")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("/home/alice/rows", "rows"),
        ("~/rows", "~/rows"),
        ("~/secret/rows", "rows"),
        ("file:///home/alice/rows", "file://rows"),
        ("C:\\Users\\alice\\rows", "rows"),
        ("[/home/alice/x]", "[x]"),
        ("python /x/y.py --out=/home/me/out --url https://h/x/y", "python y.py --out=out --url https://h/x/y"),
        ("--hub_token hf_abc123 --lr 1", "--hub_token *** --lr 1"),
        ("hf_abc123", "***"),
        ("What is 6 / 3?", "What is 6 / 3?"),
        ("owner/nano", "owner/nano"),
    ],
)
def test_places_and_tokens_of_this_machine_are_not_published(text, seen):
    assert public({"a": [text]}) == {"a": [seen]}


def test_how_a_run_was_called_is_not_published_and_questions_stay_as_they_are():
    found = public({"argv": ["x"], "recipes": {}, "prompt": "Is /a/b/c a path?", "/home/a/r.yaml": 1})
    assert found == {"prompt": "Is /a/b/c a path?", "r.yaml": 1}
