"""Rows come from folders and files.

python -m pytest tests/training/test_run.py
"""

import json

import pytest
from datasets import Dataset, DatasetDict, Image, List
from tiny_rows import picture, row

from deepseek_vl_hf.data.shards import write_parquet, write_tar
from deepseek_vl_hf.training import load_rows
from deepseek_vl_hf.training.run import of_tasks


@pytest.fixture
def rows():
    return Dataset.from_list([row("What?", "A cat.", seed=seed) for seed in range(3)] + [row("Who?", "I.", 0)])


def check(loaded):
    loaded = list(loaded)
    assert [len(entry["images"]) for entry in loaded] == [1, 1, 1, 0]
    assert loaded[0]["images"][0].size == (48, 48)
    assert loaded[0]["messages"][1]["content"][0]["text"] == "A cat."


def test_a_saved_set_is_read(rows, tmp_path):
    rows.save_to_disk(tmp_path / "rows")
    check(load_rows("train", str(tmp_path / "rows")))


@pytest.mark.parametrize("streaming", [False, True])
def test_a_built_folder_is_read_by_its_splits(tmp_path, streaming):
    rows = [{**row("What?", "A cat.", seed=seed), "task": "text", "items": ["a"]} for seed in range(3)]
    (tmp_path / "data").mkdir()
    write_parquet([*rows, row("Who?", "I.", 0)], tmp_path / "data" / "train-00000-of-00001.parquet")
    write_parquet(rows[:1], tmp_path / "data" / "test-00000-of-00001.parquet")
    check(load_rows("train", str(tmp_path), streaming=streaming))
    assert len(list(load_rows("test", str(tmp_path), streaming=streaming))) == 1
    with pytest.raises(ValueError, match="found neither validation-"):
        load_rows("validation", str(tmp_path))


def test_a_built_folder_of_tar_shards_is_streamed(tmp_path):
    (tmp_path / "data").mkdir()
    rows = [*(row("What?", "A cat.", seed=seed) for seed in range(3)), row("Who?", "I.", 0)]
    write_tar(rows, tmp_path / "data" / "train-00000-of-00001.tar")
    check(load_rows("train", str(tmp_path)))


@pytest.mark.parametrize("streaming", [False, True])
def test_rows_of_some_tasks_are_kept(streaming):
    tasks = ["recognition/local-description/counting", "recognitions", "text", "conversion/image-to-code/ui-to-code"]
    rows = Dataset.from_list([{**row("What?", str(n), 0), "task": task} for n, task in enumerate(tasks)])
    rows = rows.to_iterable_dataset() if streaming else rows
    kept = of_tasks(rows, ["recognition", "conversion/image-to-code/ui-to-code"])
    assert [entry["messages"][1]["content"][0]["text"] for entry in kept] == ["0", "3"]
    assert of_tasks(rows, None) is rows


def test_tasks_that_no_row_has_are_said(rows):
    with pytest.raises(ValueError, match="expected a column 'task'"):
        of_tasks(rows, ["recognition"])
    with pytest.raises(ValueError, match=r"found no row of tasks \['safety'\]"):
        of_tasks(rows.map(lambda entry: {"task": "text"}), ["safety"])


def test_a_split_of_a_saved_set_is_read(rows, tmp_path):
    DatasetDict({"train": rows.select([0]), "test": rows}).save_to_disk(tmp_path / "rows")
    check(load_rows("test", str(tmp_path / "rows")))
    with pytest.raises(ValueError, match=r"found splits \['train', 'test'\], expected 'validation'"):
        load_rows("validation", str(tmp_path / "rows"))


@pytest.mark.parametrize("streaming", [False, True])
def test_a_parquet_file_is_read(rows, tmp_path, streaming):
    rows.cast_column("images", List(Image())).to_parquet(tmp_path / "rows.parquet")
    check(load_rows("train", str(tmp_path / "*.parquet"), streaming=streaming))


@pytest.mark.parametrize("streaming", [False, True])
def test_paths_in_a_json_file_start_from_its_folder(rows, tmp_path, streaming):
    lines = []
    for index, entry in enumerate(rows.remove_columns("images")):
        names = [f"{index}.png"] if index < 3 else []
        for name in names:
            picture(index).save(tmp_path / name)
        lines.append(json.dumps({**entry, "images": names}))
    (tmp_path / "rows.jsonl").write_text("\n".join(lines))
    check(load_rows("train", str(tmp_path / "rows.jsonl"), streaming=streaming))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (None, "found no training data.*set dataset_name"),
        ("missing.parquet", "found no file 'missing.parquet'"),
        ("{folder}", "found neither train-"),
    ],
)
def test_missing_data_is_an_error_with_a_remedy(tmp_path, source, message):
    with pytest.raises(ValueError, match=message):
        load_rows("train", source and source.format(folder=tmp_path))
