"""A build has exact shares, is the same however it was made, survives being killed, and keeps what is held out apart.

python -m pytest tests/data/test_building.py
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from datasets import load_dataset
from toys import TASK

from deepseek_vl_hf.cli import main
from deepseek_vl_hf.data.build_plan import Plan, begin, hold
from deepseek_vl_hf.data.building import build
from deepseek_vl_hf.data.checking import check
from deepseek_vl_hf.data.recipe import parse_recipe
from deepseek_vl_hf.data.shards import FEATURES, read_tars
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.data.workers import Workers


MIXTURE = {
    "seed": 1,
    "test_share": 0.1,
    "languages": {"en": 2, "zh": 1},
    "mixture": [
        {"group": "pictures", "share": 70, "sources": [{"renderer": "toys:Dots"}, {"renderer": "toys:Dots"}]},
        {"renderer": "toys:Sums", "share": 30},
    ],
}


def make(folder, rows=200, mixture=MIXTURE, base=Path(), **options):
    return build(Plan(parse_recipe(mixture, base), rows, folder, **options), Workers(1, folder))


def digest(folder):
    files = sorted((folder / "data").iterdir())
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in files}


def mix(*sources, **options):
    return {**MIXTURE, "mixture": [*sources], **options}


def train_rows(folder, split="train"):
    return list(load_dataset("parquet", data_files=str(folder / f"data/{split}-*"), split="train"))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "rows"
    make(folder, rows=600)
    return folder


def test_load_dataset_reads_it_with_plain_arguments(built):
    for rows in (load_dataset(str(built)), load_dataset("parquet", data_dir=str(built))):
        assert {split: len(found) for split, found in rows.items()} == {"train": 540, "test": 60}
        assert rows["train"].features == FEATURES
        assert all(image.size == (64, 64) for row in rows["test"] for image in row["images"])


@pytest.mark.parametrize("kind", ["parquet", "webdataset"])
def test_load_dataset_tells_builds_apart_whose_folders_have_one_name(tmp_path, kind):
    for place, seed in (("a", 1), ("b", 2), ("a", 3)):
        folder = tmp_path / place / "rows"
        shutil.rmtree(folder, ignore_errors=True)
        make(folder, 60, {**MIXTURE, "seed": seed}, format=kind)
        found = load_dataset(str(folder), split="train")
        if kind == "parquet":
            assert found["id"] == [row["id"] for row in train_rows(folder)]
        else:
            shards = sorted((folder / "data").glob("train-*"))
            assert {row["id"] for row in found["json"]} == {row["id"] for row in read_tars(shards)}


def test_shares_are_exact_in_any_window(built):
    sources = np.array([row["id"].partition("/")[0] for row in train_rows(built)])
    for name, share in (("toys:Dots", 0.35), ("toys:Dots#2", 0.35), ("toys:Sums", 0.3)):
        taken = np.cumsum(sources == name)
        for width in (20, 60, 200):
            counts = taken[width:] - taken[:-width]
            assert np.abs(counts - share * width).max() < 4


def test_languages_have_their_shares_and_what_is_written_passes_the_check(built):
    rows = train_rows(built)
    assert abs(np.mean([row["language"] == "en" for row in rows]) - 2 / 3) < 0.05
    report = check(built)
    assert report.errors == 0
    assert sum(report.rows.values()) == 600


def test_nothing_held_out_is_in_training(built):
    train, test = train_rows(built), train_rows(built, "test")
    train_items = {each for row in train for each in row["items"]}
    assert not any(map(is_held_out, train_items))
    assert all(any(map(is_held_out, row["items"])) for row in test)
    held_out = {each for row in test for each in row["items"] if is_held_out(each)}
    assert not held_out & train_items

    def pixels(row):
        return [np.asarray(image).tobytes() for image in row["images"]]

    seen = {each for row in train for each in pixels(row)}
    assert not any(each in seen for row in test for each in pixels(row))


def test_what_comes_again_is_left_out_and_made_up_for(built):
    result = json.loads((built / "build.json").read_text())
    assert result["removed"]["toys:Sums"]["row is a duplicate"] > 20
    assert result["kept"]["train"] == {"toys:Dots": 189, "toys:Dots#2": 189, "toys:Sums": 162}
    texts = [row["messages"][0]["content"][0]["text"] for row in train_rows(built) if not row["images"]]
    assert len(set(texts)) == len(texts)


def test_the_card_says_what_is_in_it(built):
    card = (built / "README.md").read_text(encoding="utf-8")
    assert "600 rows" in card
    assert "| dots | 378 | 42 |" in card
    assert "| CC0-1.0 | 540 | 60 |" in card
    assert f"| {TASK} |" in card
    assert "| toys:Sums | row is a duplicate |" in card


def test_a_built_folder_is_done_and_another_recipe_finds_no_room_in_it(built):
    before = digest(built)
    assert make(built, rows=600)["splits"] == {"train": 540, "test": 60}
    assert digest(built) == before
    with pytest.raises(ValueError, match="found another data set in"):
        make(built, rows=601)
    with pytest.raises(ValueError, match="found files in"):
        make(built / "data")


def test_seeds_give_other_rows_and_the_same_seed_the_same_bytes(built, tmp_path):
    make(tmp_path / "again", rows=600)
    assert digest(tmp_path / "again") == digest(built)
    make(tmp_path / "other", rows=600, mixture={**MIXTURE, "seed": 2})
    assert not set(digest(tmp_path / "other").values()) & set(digest(built).values())


def test_tar_shards_have_the_same_rows_and_load_dataset_reads_them_by_their_declared_columns(built, tmp_path):
    make(tmp_path / "tars", rows=600, format="webdataset")
    stream = list(read_tars(sorted((tmp_path / "tars" / "data").glob("train-*.tar"))))
    for mine, theirs in zip(stream, train_rows(built), strict=True):
        pictures = [np.asarray(image).tolist() for image in mine.pop("images")]
        assert pictures == [np.asarray(image).tolist() for image in theirs.pop("images")]
        assert mine == theirs
    loaded = load_dataset(str(tmp_path / "tars"))
    assert {split: len(found) for split, found in loaded.items()} == {"train": 540, "test": 60}
    for column, theirs in zip(loaded["train"], train_rows(built), strict=True):
        assert column["json"]["id"] == theirs["id"]
        assert sum(column[name] is not None for name in column if name.endswith(".png")) == len(theirs["images"])


def run(recipe, folder, *options, own_group=False, **environment):
    here = str(Path(__file__).parent)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([here, *sys.path]), **environment}
    command = [sys.executable, "-m", "deepseek_vl_hf.cli", "data", "build", str(recipe), "--output", str(folder)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # A shell that runs in the background has its children ignore Ctrl-C.
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(
        [*command, *options], env=env, text=True, start_new_session=own_group, preexec_fn=listen, **pipes
    )


@pytest.fixture
def slow_recipe(tmp_path):
    mixture = {**MIXTURE, "mixture": [{"renderer": "toys:Dots", "share": 100, "options": {"slow": 0.002}}]}
    path = tmp_path / "recipe.yaml"
    path.write_text(json.dumps(mixture))
    return path


def test_a_killed_build_goes_on_to_the_same_bytes_with_any_number_of_workers(slow_recipe, tmp_path):
    whole = run(slow_recipe, tmp_path / "whole", "--rows", "900", "--workers", "1")
    assert whole.wait(120) == 0, whole.stderr.read()
    broken = tmp_path / "broken"
    for _ in range(2):
        process = run(slow_recipe, broken, "--rows", "900", "--workers", "2")
        before = len(list(broken.glob(".building/*.parquet")))
        deadline = time.time() + 60
        while len(list(broken.glob(".building/*.parquet"))) <= before and time.time() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not (broken / "build.json").exists()
    # Half-written files of a killed process are no blocks.
    (broken / ".building" / ".000-train-0000000.parquet.1.half").write_bytes(b"PAR1")
    last = run(slow_recipe, broken, "--rows", "900", "--workers", "2")
    assert last.wait(120) == 0, last.stderr.read()
    assert digest(broken) == digest(tmp_path / "whole")
    assert sorted(path.name for path in broken.iterdir()) == ["README.md", "build.json", "data"]


def group_lives(number):
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_interrupted_build_ends_at_once_without_a_traceback_and_leaves_no_process(slow_recipe, tmp_path):
    process = run(slow_recipe, tmp_path / "rows", "--rows", "9000", "--workers", "2", own_group=True)
    deadline = time.time() + 60
    while not list((tmp_path / "rows").glob(".building/*.parquet")) and time.time() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in error
    deadline = time.time() + 20
    while group_lives(process.pid) and time.time() < deadline:
        time.sleep(0.2)
    assert not group_lives(process.pid)


def test_a_worker_that_dies_is_one_error_and_the_build_goes_on_later(tmp_path):
    mixture = {**MIXTURE, "mixture": [{"renderer": "toys:Dots", "share": 100, "options": {"die_at": 150}}]}
    (tmp_path / "recipe.yaml").write_text(json.dumps(mixture))
    process = run(tmp_path / "recipe.yaml", tmp_path / "rows", "--rows", "700", "--workers", "2")
    _, error = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "found a process of the build dead" in error.splitlines()[-1]
    process = run(tmp_path / "recipe.yaml", tmp_path / "rows", "--rows", "700", "--workers", "2", LIVE="1")
    assert process.wait(120) == 0, process.stderr.read()


def test_two_builds_do_not_share_a_folder_and_a_lost_file_is_noticed(tmp_path):
    plan = Plan(parse_recipe(MIXTURE), 60, tmp_path / "rows")
    begin(plan)
    with hold(plan), pytest.raises(ValueError, match="found another build at work in"):
        build(plan, Workers(1, tmp_path))
    (plan.work / "000-train-0000000.parquet").write_bytes(b"PAR1 cut off")  # as power that goes leaves it
    build(plan, Workers(1, tmp_path))
    next((tmp_path / "rows" / "data").glob("train-*")).unlink()
    with pytest.raises(ValueError, match="expected all files of its build; delete the folder"):
        build(plan, Workers(1, tmp_path))


def test_a_renderer_whose_rows_are_all_filtered_ends_with_the_reason(tmp_path):
    mixture = mix({"renderer": "toys:Sums", "share": 100}, hygiene={"min_characters": 500})
    with pytest.raises(ValueError, match=r"found 0 rows for training \(left out: \d+ text is too short or too long"):
        make(tmp_path / "rows", 20, mixture)
    # The folder is free for another try.
    make(tmp_path / "rows", 20, mix({"renderer": "toys:Sums", "share": 100}))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"renderer": "toys:Dots", "options": {"most": 0}}, "dots: found most=0, expected at least 1"),
        (
            {"renderer": "toys:Dots", "options": {"colour": 1}},
            "unexpected keyword argument 'colour'; correct its options",
        ),
        ({"renderer": "toys:Stripes"}, "found renderer 'toys:Stripes', which cannot be imported"),
        ({"source": "llava", "path": "???"}, "llava: found path '???', expected where"),
        ({"source": "llava", "path": "x", "options": {"soap": 1}}, "llava: found options ['soap']"),
    ],
)
def test_a_source_that_cannot_be_used_is_said_before_any_row_is_made(tmp_path, capsys, entry, message):
    (tmp_path / "recipe.yaml").write_text(
        json.dumps(mix({"renderer": "toys:Sums", "share": 50}, {**entry, "share": 50}))
    )
    command = ["data", "build", str(tmp_path / "recipe.yaml"), "--output", str(tmp_path / "rows"), "--rows", "9"]
    assert main(command) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "rows").exists()


def test_the_command_builds_and_says_what_it_did(tmp_path, capsys, monkeypatch):
    (tmp_path / "recipe.yaml").write_text(json.dumps(MIXTURE))
    command = ["data", "build", str(tmp_path / "recipe.yaml"), "--output", str(tmp_path / "rows"), "--workers", "1"]
    assert main([*command, "--rows", "60", "--seed", "4"]) == 0
    assert "54 train, 6 test rows, " in capsys.readouterr().out
    assert json.loads((tmp_path / "rows" / "build.json").read_text())["recipe"]["seed"] == 4
    assert main([*command, "--rows", "0"]) == 2
    assert "found --rows 0, expected at least 1" in capsys.readouterr().err
    assert main([*command, "--rows", "9", "--format", "zip"]) == 2
    assert "found format 'zip', expected one of parquet, webdataset" in capsys.readouterr().err
