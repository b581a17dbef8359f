"""Files of every kind are read record by record, and what is wrong with them is counted, named and survived.

python -m pytest tests/data/test_reading.py
"""

import io
import json
import tarfile
import tracemalloc

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import Dataset

from deepseek_vl_hf.data import reading
from deepseek_vl_hf.data.reading import Fault, read_file, read_records


RECORDS = [{"text": f"Zeile {number} 一", "images": []} for number in range(100)]


def write(folder, suffix, records=RECORDS):
    path = folder / f"rows{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(records), path)
    elif suffix == ".arrow":
        Dataset.from_list(records).save_to_disk(folder / "saved")
        path = next((folder / "saved").glob("*.arrow"))
    elif suffix == ".tar":
        with tarfile.open(path, "w") as tar:
            for number, record in enumerate(records):
                add(tar, f"{number:05d}.json", json.dumps(record).encode())
    elif suffix == ".json":
        path.write_text(json.dumps(records), encoding="utf-8")
    else:
        path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    return path


def add(tar, name, data=b"", **fields):
    member = tarfile.TarInfo(name)
    member.size = len(data)
    for field, value in fields.items():
        setattr(member, field, value)
    tar.addfile(member, io.BytesIO(data))


def faults(path):
    return [(place.row, found.reason) for place, found in read_file(path) if isinstance(found, Fault)]


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".jsonl", ".ndjson", ".json", ".tar"])
def test_every_form_gives_the_same_records_in_their_order(tmp_path, suffix):
    found = [record for _, record in read_file(write(tmp_path, suffix))]
    assert [{"text": record["text"], "images": record["images"]} for record in found] == RECORDS


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".jsonl", ".json", ".tar"])
def test_a_file_that_breaks_off_gives_what_stands_before_and_one_fault(tmp_path, suffix):
    path = write(
        tmp_path, suffix, [{**record, "text": str(np.random.default_rng(0).bytes(200))} for record in RECORDS]
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 5 + 7])
    found = [record for _, record in read_file(path)]
    assert sum(isinstance(record, Fault) for record in found) == 1
    assert isinstance(found[-1], Fault)
    assert suffix in (".parquet", ".arrow") or len(found) > 30  # tables are read from their end


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".jsonl", ".json", ".tar"])
def test_an_empty_file_and_one_of_something_else_are_faults(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.touch()
    assert faults(path) == [(None, reading.FILE_EMPTY)]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))
    assert [reason for _, reason in faults(path)][-1] in (
        reading.FILE_DAMAGED,
        reading.NOT_UTF8,
        reading.NOT_JSON,
    )


def test_lines_that_are_wrong_are_named_by_their_number_and_the_others_are_read(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n\n[1]\n{"b": "\xff"}\nnope\n' + b"[" * 100_000 + b'\n{"c": 2}')
    found = [(place.row, record) for place, record in read_file(path)]
    assert [(row, record) for row, record in found if isinstance(record, dict)] == [(0, {"a": 1}), (5, {"c": 2})]
    assert faults(path) == [
        (1, reading.NO_MAPPING),
        (2, reading.NOT_UTF8),
        (3, reading.NOT_JSON),
        (4, reading.NOT_JSON),
    ]


def test_a_huge_line_is_passed_over_in_bounded_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_RECORD", 2**20)
    path = tmp_path / "a.jsonl"
    with open(path, "wb") as file:
        file.write(b'{"a": "')
        for _ in range(64):
            file.write(b"x" * 2**20)
        file.write(b'"}\n{"b": 1}\n')
    tracemalloc.start()
    found = list(read_file(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [record if isinstance(record, dict) else record.reason for _, record in found] == [
        reading.TOO_LONG,
        {"b": 1},
    ]
    assert peak < 8 * 2**20


def test_a_list_is_read_in_pieces_with_little_memory(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(
        "[" + ",\n".join(json.dumps({"n": n, "t": "x" * 900}) for n in range(30_000)) + "]", encoding="utf-8"
    )
    tracemalloc.start()
    assert [record["n"] for _, record in read_file(path)] == list(range(30_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size / 2


def test_values_one_after_another_and_marks_of_byte_order_are_read(tmp_path):
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": 1}\n{"b": 2}')
    assert [record for _, record in read_file(tmp_path / "a.json")] == [{"a": 1}, {"b": 2}]


def test_nothing_leaves_an_archive(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        add(tar, "../evil.json", b"{}")
        add(tar, "/etc/evil.json", b"{}")
        add(tar, "link.json", type=tarfile.SYMTYPE, linkname="/etc/passwd")
        add(tar, "hard.json", type=tarfile.LNKTYPE, linkname="../x")
        add(tar, "pipe", type=tarfile.FIFOTYPE)
        add(tar, "folder/", type=tarfile.DIRTYPE)
        add(tar, "good.json", b'{"text": "good"}')
    found = list(read_file(path))
    assert [record for _, record in found if isinstance(record, dict)] == [{"text": "good", "images": []}]
    assert [record.reason for _, record in found if isinstance(record, Fault)] == [reading.LEADS_OUT] * 5
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["a.tar"]


def test_members_that_are_too_large_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_RECORD", 100)
    monkeypatch.setattr(reading, "MAX_PICTURES", 1000)
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        add(tar, "a.json", b'{"text": "' + b"x" * 200 + b'"}')
        add(tar, "b.json", b'{"text": "b"}')
        add(tar, "b.0.png", bytes(2000))
        add(tar, "c.json", b'{"text": "c"}')
    assert faults(path) == [("a", reading.TOO_LONG), ("b", reading.TOO_LONG)]


def test_a_compressed_archive_is_no_tar(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w:gz") as tar:
        add(tar, "a.json", b"{}")
    assert faults(path) == [(None, reading.FILE_DAMAGED)]


def test_a_folder_is_read_by_name_without_what_is_hidden_or_beside_the_rows(tmp_path):
    for name in ("b.jsonl", "a.jsonl", ".hidden.jsonl", "dataset_info.json", "notes.txt"):
        (tmp_path / name).write_text(json.dumps({"name": name}))
    (tmp_path / ".building").mkdir()
    (tmp_path / ".building" / "c.jsonl").write_text("{}")
    assert [record["name"] for _, record in read_records(tmp_path)] == ["a.jsonl", "b.jsonl"]


def test_what_cannot_be_rows_is_refused_at_once(tmp_path):
    with pytest.raises(ValueError, match="There is no"):
        list(read_records(tmp_path / "none.jsonl"))
    with pytest.raises(ValueError, match=r"found no file in .* that ends in"):
        list(read_records(tmp_path))
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ValueError, match=r"expected a file that ends in \.parquet"):
        list(read_records(tmp_path / "a.txt"))
