"""Files of any size are read with one value in memory at a time, and damage is said where it is."""

import json
import random

import pytest

from deepseek_vl_hf.data import json_values, reading
from deepseek_vl_hf.data.reading import Fault
from deepseek_vl_hf.data.sources.cells import language_of
from deepseek_vl_hf.data.sources.files import csv_records, json_lines
from deepseek_vl_hf.data.sources.json_text import members
from deepseek_vl_hf.data.sources.tfrecords import tf_records
from deepseek_vl_hf.data.sources.wordings import DESCRIBE, READ, wording


def made(rng, depth=0):
    kind = rng.randrange(7 if depth < 3 else 5)
    if kind < 5:
        return [rng.randrange(-(10**6), 10**6), rng.random(), None, 'a "b" \\ {[,:]} 船\n', True][kind]
    if kind == 5:
        return [made(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {f"k{number}": made(rng, depth + 1) for number in range(rng.randrange(4))}


@pytest.mark.parametrize("piece", [1, 7, 64, 2**20])
@pytest.mark.parametrize("indent", [None, 2])
def test_members_are_those_that_json_reads_whole(piece, indent, tmp_path, monkeypatch):
    monkeypatch.setattr(json_values, "PIECE", piece)
    rng = random.Random(piece)
    for number in range(10 if piece == 1 else 30):
        value = {"info": made(rng), "other": made(rng), "items": {str(key): made(rng) for key in range(5)}}
        value["list"] = [made(rng) for _ in range(rng.randrange(5))]
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(value, indent=indent, ensure_ascii=False), encoding="utf-8")
        assert dict(members(file)) == value
        assert dict(members(file, "items")) == value["items"]
        assert [each for _, each in members(file, "list")] == value["list"]


def test_a_value_is_read_before_the_rest_of_the_file(tmp_path):
    file = tmp_path / "a.json"
    file.write_text('{"a": 1, "b": {"c": 2}, "broken": {', encoding="utf-8")
    found = members(file)
    assert [next(found), next(found)] == [("a", 1), ("b", {"c": 2})]
    with pytest.raises(ValueError, match=r"a.json: found .*expected JSON"):
        next(found)


@pytest.mark.parametrize("text", ["", "3", "[1, 2", '{"a" 1}', "[1 2]", '{"a": 1,}', "[" * 50000])
def test_what_is_no_json_says_so(text, tmp_path):
    file = tmp_path / "a.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"a.json: found .*expected"):
        list(members(file))


def test_a_key_that_is_not_there_tells_those_that_are(tmp_path):
    file = tmp_path / "a.json"
    file.write_text('{"imgs": {}, "anns": []}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"found the keys \['imgs', 'anns'\], expected 'images'"):
        list(members(file, "images"))


def test_a_value_that_is_too_long_is_not_kept(tmp_path, monkeypatch):
    for module in (reading, json_values):
        monkeypatch.setattr(module, "MAX_RECORD", 1000)
        monkeypatch.setattr(module, "PIECE", 100)
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"a": "x" * 5000}), encoding="utf-8")
    with pytest.raises(ValueError, match="a value of more than 1000 characters"):
        list(members(file))
    file.write_bytes(b'{"a": 1}\n{"b": "' + b"x" * 5000 + b'"}\n\xff\n{"c": 3}\n')
    first, long, bad, last = json_lines(file)
    assert (first, last) == ({"a": 1}, {"c": 3})
    assert isinstance(long, Fault)
    assert isinstance(bad, Fault)
    assert "line 2" in long.message


def test_a_table_keeps_commas_lines_and_quotes(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text('a,b\n1,"x, ""y""\nz"\n', encoding="utf-8")
    assert list(csv_records(file)) == [{"a": "1", "b": 'x, "y"\nz'}]


@pytest.mark.parametrize(
    "data", [b"\x05", b"\xff" * 12, b"\x05" + b"\0" * 11 + b"abc", b"\x02" + b"\0" * 11 + b"\x0a\x09csum"]
)
def test_a_damaged_tfrecord_says_so(data, tmp_path):
    file = tmp_path / "a.tfrecord"
    file.write_bytes(data)
    with pytest.raises(ValueError, match=r"found .*expected .*fetch"):
        list(tf_records(file))


@pytest.mark.parametrize(
    ("text", "language"),
    [("A boat.", "en"), ("小船", "zh"), ("かわいい船", "mul"), ("Лодка", "mul"), ("配置 USB 3.0", "zh"), ("12", "en")],
)
def test_the_language_of_a_text_is_told_by_its_letters(text, language):
    assert language_of(text) == language


def test_a_record_is_always_asked_the_same_way_and_the_first_way_most():
    asked = [wording(READ["en"], number) for number in range(2000)]
    assert asked == [wording(READ["en"], number) for number in range(2000)]
    assert set(asked) == set(READ["en"])
    assert 0.5 < asked.count("Read the text.") / 2000 < 0.7
    assert READ["zh"][0] == "读出文字。"
    assert all(len(set(options)) >= 4 for options in (*READ.values(), *DESCRIBE.values()))
