"""The card and the licence that a push brings to the Hub, and the code that the card shows.

python -m pytest tests/hub/test_pushed_cards.py
"""

import json
import re
import shutil

import pytest
from card_records import facts, run, start
from huggingface_hub import ModelCard
from PIL import Image

from deepseek_vl_hf import nano
from deepseek_vl_hf.licences import DEEPSEEK
from deepseek_vl_hf.model_card import write


@pytest.fixture
def folder(folders, tmp_path):
    return shutil.copytree(folders / "own", tmp_path / "model")


def chain(*models):
    """Records of runs, each from a model; all but the first are local."""
    runs = [run(start(model=name, model_is_local=number > 0)) for number, name in enumerate(models)]
    return {**runs[-1], "before": runs[:-1]}


@pytest.mark.parametrize(
    ("record", "words", "expected"),
    [
        (run(), (), ("other", "deepseek", "LICENSE-MODEL")),
        (
            chain("deepseek-community/deepseek-vl-7b-base", "/a/stage1", "/a/stage2"),
            (),
            ("other", "deepseek", "LICENSE-MODEL"),
        ),
        (chain("nano", "/a/stage1"), (), ("other", "various", "LICENSE.md")),
        (chain("/nowhere/model"), (), (None, None, None)),
        (chain("/nowhere/model"), ("--license", "mit"), ("mit", None, None)),
        ({}, ("--base-model", "deepseek-ai/deepseek-vl-7b-chat"), ("other", "deepseek", "LICENSE-MODEL")),
        ({}, (), (None, None, None)),
    ],
)
def test_the_licence_is_that_of_the_origin_and_travels_along(client, server, folder, repo, record, words, expected):
    if record:
        (folder / "run.json").write_text(json.dumps(record))
    if record.get("before") and record["before"][0]["starts"][0]["model"] == "nano":
        record["before"][0]["starts"][0] |= {"model": str(nano.FOLDER), "model_is_local": True}
        record["before"][0]["starts"][0]["base_licence"] = dict(
            zip(("license", "license_name", "license_link"), expected, strict=True)
        )
        (folder / "run.json").write_text(json.dumps(record))
    assert client("push", folder, repo, *words).code == 0
    files = server.files(repo)
    data = ModelCard(files["README.md"].decode()).data
    assert (data.license, data.license_name, data.license_link) == expected
    texts = {"LICENSE-MODEL": DEEPSEEK.text, "LICENSE.md": nano.FOLDER / "LICENSE.md"}
    assert {name for name in files if name.startswith("LICENSE")} == ({expected[2]} if expected[2] else set())
    assert expected[2] is None or files[expected[2]] == texts[expected[2]].read_bytes()
    assert (b"None is stated for these weights" in files["README.md"]) == (expected[0] is None)


@pytest.mark.parametrize("content", ["{", "[]", '{"starts": []}', '{"starts": [{}]}', '{"starts": 3}', "\x00", ""])
@pytest.mark.parametrize("name", ["run.json", "evaluation.json"])
def test_a_damaged_record_is_told(client, server, folder, repo, name, content):
    (folder / name).write_text(content)
    pushed = client("push", folder, repo)
    if pushed.code:
        assert name in pushed.error
        assert ("models", repo) not in server.repositories
    else:
        assert name == "evaluation.json" or content == '{"starts": []}'


def test_a_card_by_hand_is_kept_wherever_it_lies(client, server, folder, repo):
    mine = b"---\ntags: [mine]\n---\n# Mine\n\nMy words.\n"
    server.add(repo, {"README.md": mine})
    client("push", folder, repo)
    kept = server.files(repo)["README.md"].decode()
    assert "My words." in kept
    assert "library_name: transformers" in kept
    (folder / "README.md").write_text("# In the folder\n")
    client("push", folder, repo)
    assert server.files(repo)["README.md"].decode().endswith("# In the folder\n")
    (folder / "README.md").write_text(write(facts()))
    client("push", folder, f"{repo}-b")
    assert "# m" not in server.files(f"{repo}-b")["README.md"].decode().splitlines()


def test_the_quick_start_runs_as_it_stands(client, stranger, server, folders, adapter, repo, tmp_path):
    client("push", folders / "own", repo)
    client("push", adapter, f"{repo}-lora", "--adapter", "--base-model", repo)
    Image.new("RGB", (40, 30), "red").save(tmp_path / "picture.png")
    for name in (repo, f"{repo}-lora"):
        code = re.search(r"```python\n(.*?)```", server.files(name)["README.md"].decode(), re.S)[1]
        assert f'"{name}"' in code
        told = stranger(
            code + "\nseen['package'] = error(__import__, 'deepseek_vl_hf')[0]\nseen['name'] = type(model).__module__"
        )
        assert told.seen["package"] == "ModuleNotFoundError"
        assert told.seen["name"].startswith("transformers_modules.")
        plain = code.replace(", trust_remote_code=True", "")
        mine = client(script="import deepseek_vl_hf\n" + plain + "\nseen['name'] = type(model).__module__")
        assert mine.seen["name"].startswith("deepseek_vl_hf.")
        assert mine.out.splitlines()[:-2] == told.out.splitlines()[:-2]
