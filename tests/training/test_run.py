"""Rows come from folders and files.

python -m pytest tests/training/test_run.py
"""

import json

import pytest
from datasets import Dataset, DatasetDict, Image, List
from tiny_rows import picture, row

from deepseek_vl_hf.training import load_rows


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
