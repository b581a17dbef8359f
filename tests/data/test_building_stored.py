"""Sets of one's own and of others are mixed in: their pictures, splits and ids, and what is left out of them.

python -m pytest tests/data/test_building_stored.py
"""

import io
import json
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from test_building import make, mix, train_rows

from deepseek_vl_hf.data.blocks import _open_hub
from deepseek_vl_hf.data.build_plan import Plan, begin
from deepseek_vl_hf.data.checking import check
from deepseek_vl_hf.data.choosing import choose, first_blocks
from deepseek_vl_hf.data.recipe import Entry, parse_recipe
from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.data.shards import write_parquet
from deepseek_vl_hf.data.workers import Workers


def write_pictures(folder, count, first=0):
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for number in range(first, first + count):
        pixels = np.random.default_rng(number).integers(0, 255, (40, 50, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        talk = [
            {"from": "human", "value": "<image>\nWhat is it?"},
            {"from": "gpt", "value": f"Noise number {number}."},
        ]
        entries.append({"id": str(number), "image": f"{number}.png", "conversations": talk})
    return entries


def test_a_users_own_pictures_and_conversations_are_mixed_in(tmp_path):
    entries = write_pictures(tmp_path / "own", 200)
    (tmp_path / "own" / "rows.json").write_text(json.dumps(entries))
    mixture = mix({"source": "llava", "path": "own/rows.json", "share": 50}, {"renderer": "toys:Sums", "share": 50})
    make(tmp_path / "rows", 200, mixture, tmp_path)
    rows = train_rows(tmp_path / "rows")
    mine = [row for row in rows if row["source"] == "llava"]
    assert len(mine) == 90
    for row in mine:
        number = int(row["id"].split("/")[1])
        assert row["messages"][1]["content"][0]["text"] == f"Noise number {number}."
        pixels = np.random.default_rng(number).integers(0, 255, (40, 50, 3), dtype=np.uint8)
        assert np.array_equal(np.asarray(row["images"][0]), pixels)
    held_out = train_rows(tmp_path / "rows", "test")
    assert not {row["id"] for row in held_out} & {row["id"] for row in rows}


def test_bad_records_are_counted_and_the_good_ones_make_up_for_them(tmp_path):
    entries = write_pictures(tmp_path / "own", 150)
    for number in range(20):
        (tmp_path / "own" / f"{number}.png").write_bytes(b"no picture")
    entries[30]["conversations"] = [{"from": "robot", "value": "<image>"}]
    entries[31]["image"] = "../secret.png"
    entries[32]["image"] = "https://example.org/a.png"
    (tmp_path / "own" / "rows.json").write_text(json.dumps(entries))
    make(
        tmp_path / "rows", 100, mix({"source": "llava", "path": "own/rows.json", "share": 100}, test_share=0), tmp_path
    )
    removed = json.loads((tmp_path / "rows" / "build.json").read_text())["removed"]["llava"]
    assert removed["file is no picture"] == 20
    assert removed["picture is a URL, which is not fetched"] == 1
    assert sum(removed.values()) == 23


def test_a_set_with_too_few_rows_is_an_error_that_says_how_many_there_are(tmp_path):
    (tmp_path / "rows.json").write_text(json.dumps(write_pictures(tmp_path, 30)))
    with pytest.raises(ValueError, match=r"llava: found \d\d rows for training, expected 90 .*--rows to \d\d or less"):
        make(tmp_path / "rows", 100, mix({"source": "llava", "path": "rows.json", "share": 100}), tmp_path)


def test_a_set_with_too_few_rows_is_known_before_anything_is_rendered(tmp_path, monkeypatch):
    (tmp_path / "rows.json").write_text(json.dumps(write_pictures(tmp_path, 30)))
    mixture = mix({"renderer": "toys:Dots", "share": 50}, {"source": "llava", "path": "rows.json", "share": 50})
    monkeypatch.setattr("toys.Dots.render", lambda self, draw: pytest.fail("rendered"))
    with pytest.raises(ValueError, match=r"llava: found \d\d rows for training"):
        make(tmp_path / "rows", 100, mixture, tmp_path)


def test_near_duplicates_benchmarks_lengths_and_languages_are_left_out_and_counted(tmp_path):
    prose = (
        "In the harbour lay eleven ships, and none of them had sailed since the winter storm tore the pier away; the "
        "fishermen mended nets, told stories, and waited for the tide that would carry them past the lighthouse again. "
    )
    french = (
        "Le chat dort sur le canapé pendant que la pluie tombe doucement sur les toits de la vieille ville endormie. "
    )
    noise = Image.fromarray(np.random.default_rng(5).integers(0, 255, (6, 6, 3), dtype=np.uint8)).resize((90, 90))

    def encoded(picture, kind, **options):
        file = io.BytesIO()
        picture.save(file, kind, **options)
        return {"bytes": file.getvalue(), "path": None}

    def document(text):
        return {"text": text, "images": []}

    def shown(picture, answer):
        return chat_row(("What is it?", answer), images=[picture])

    others = [document(f"{prose} {word * 30}") for word in ("a b ", "c d ")]  # nearly the same as each other
    rows = [
        document(prose + "One."),
        document(prose + "Two."),
        *others,
        document(french * 3),
        document("x"),
        document("line\n" * 40),
        document("The quick brown fox jumps over the lazy dog while seven old wizards watch from a tall tower."),
        shown(encoded(noise, "PNG"), "A pattern."),
        shown(encoded(noise.resize((80, 80)), "JPEG", quality=70), "a pattern"),
        shown(encoded(noise, "PNG"), "Another question about the same picture."),
        shown(encoded(Image.fromarray(np.arange(10000, dtype=np.uint8).reshape(100, 100)), "PNG"), "In a benchmark."),
    ]
    write_parquet(rows, tmp_path / "rows.parquet")
    benchmark = [
        {"question": "He said: quick brown fox jumps over the lazy dog while seven old wizards watch from afar"},
    ]
    (tmp_path / "benchmark.jsonl").write_text("\n".join(map(json.dumps, benchmark)))
    write_parquet([rows[-1]], tmp_path / "pictures.parquet")
    hygiene = {
        "duplicates": "near",
        "languages": ["en", "zh"],
        "min_characters": 5,
        "max_repetition": 0.5,
        "decontaminate": ["benchmark.jsonl", "pictures.parquet"],
    }
    mixture = mix({"source": "rows", "path": "rows.parquet", "share": 100}, test_share=0, hygiene=hygiene)
    plan = Plan(parse_recipe(mixture, tmp_path), 50, tmp_path / "out")
    begin(plan)
    list(Workers(1, tmp_path)(plan, first_blocks(plan)))
    removed = choose(plan, first_blocks(plan)).removed[0]
    assert removed == Counter(
        {
            "row is nearly a duplicate": removed["row is nearly a duplicate"],
            "language is not wanted": 1,
            "text is too short or too long": 1,
            "text repeats itself": 1,
            "text is in a benchmark": 1,
            "picture is in a benchmark": 1,
        }
    )
    assert removed["row is nearly a duplicate"] >= 2


def test_a_built_set_that_is_mixed_again_keeps_its_ids_items_and_splits(tmp_path):
    built = tmp_path / "first"
    make(built, rows=600)
    make(tmp_path / "again", 300, mix({"source": "rows", "path": str(built), "share": 100}))
    assert check(tmp_path / "again").errors == 0
    for split in ("train", "test"):
        before = {row["id"]: row["items"] for row in train_rows(built, split)}
        for row in train_rows(tmp_path / "again", split):
            assert before[row["id"].removeprefix("rows/")] == row["items"]


def test_a_held_out_picture_is_not_in_training_in_another_form(tmp_path):
    entries = []
    for number in range(120):
        noise = np.random.default_rng(number).integers(0, 255, (6, 6, 3), dtype=np.uint8)
        picture = Image.fromarray(noise).resize((90, 90))
        for suffix, options in (("png", {}), ("jpg", {"quality": 50})):
            picture.save(tmp_path / f"{number}.{suffix}", **options)
            talk = [{"from": "human", "value": f"<image>\n{suffix}?"}, {"from": "gpt", "value": f"{suffix} {number}."}]
            entries.append({"id": f"{number}-{suffix}", "image": f"{number}.{suffix}", "conversations": talk})
    (tmp_path / "rows.json").write_text(json.dumps(entries))
    mixture = mix({"source": "llava", "path": "rows.json", "share": 100}, test_share=0.1)
    result = make(tmp_path / "rows", 100, mixture, tmp_path)
    assert result["removed"]["llava"]["picture is held out"] > 0
    numbers = {
        split: {row["id"].split("/")[1].split("-")[0] for row in train_rows(tmp_path / "rows", split)}
        for split in ("train", "test")
    }
    assert numbers["test"]
    assert not numbers["train"] & numbers["test"]


def test_without_a_test_all_of_ones_own_rows_are_for_training(tmp_path):
    (tmp_path / "rows.json").write_text(json.dumps(write_pictures(tmp_path, 60)))
    mixture = mix({"source": "llava", "path": "rows.json", "share": 100}, test_share=0)
    assert make(tmp_path / "rows", 60, mixture, tmp_path)["splits"]["train"] == 60
    assert check(tmp_path / "rows").errors == 0


def test_pictures_of_a_benchmark_may_be_paths_and_its_talks_may_be_plain(tmp_path):
    entries = write_pictures(tmp_path, 40)
    (tmp_path / "rows.json").write_text(json.dumps(entries))
    bench = [{**chat_row(("?", "!"), images=[]), "messages": [{"role": "user", "content": "plain"}]}]
    bench += [{"question": "What is it?", "image": f"{number}.png"} for number in range(5)]
    row = chat_row(("What?", "Noise."), images=["5.png"])
    (tmp_path / "bench.jsonl").write_text("\n".join(map(json.dumps, [*bench, row])))
    entry = {"source": "llava", "path": "rows.json", "share": 100}
    result = make(tmp_path / "rows", 34, mix(entry, test_share=0, hygiene={"decontaminate": "bench.jsonl"}), tmp_path)
    assert result["removed"]["llava"] == {"picture is in a benchmark": 6}
    (tmp_path / "bench.jsonl").write_text(json.dumps({**row, "images": ["none.png"]}))
    with pytest.raises(ValueError, match=r"bench\.jsonl, row 0: picture is missing: There is no file none\.png"):
        make(tmp_path / "more", 34, mix(entry, hygiene={"decontaminate": ["bench.jsonl"]}), tmp_path)


def test_what_is_wrong_with_the_first_record_is_said(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"picture": 1}\n' * 40)
    with pytest.raises(ValueError, match=r"40 record is not of the set's schema \(.*rows\.jsonl, row 0: llava: found"):
        make(tmp_path / "rows", 20, mix({"source": "llava", "path": "rows.jsonl", "share": 100}), tmp_path)


def test_a_data_set_of_the_hub_is_streamed_with_its_pictures_as_they_are(tmp_path):
    # A folder stands in for the Hub's repository; `load_dataset` reads both alike.
    write_parquet([chat_row((f"{n}?", "Yes."), images=[]) for n in range(5)], tmp_path / "train-0.parquet")
    write_pictures(tmp_path, 1)
    rows = [chat_row(("What?", "Noise."), images=[{"bytes": (tmp_path / "0.png").read_bytes(), "path": None}])]
    write_parquet(rows, tmp_path / "train-1.parquet")
    records = [record for _, record in _open_hub(Entry("rows", 100, source="rows", path=str(tmp_path)))]
    assert len(records) == 6
    assert records[-1]["images"][0]["bytes"] == (tmp_path / "0.png").read_bytes()
    with pytest.raises(ValueError, match=r"found neither a file .* nor a data set of that name"):
        list(_open_hub(Entry("rows", 100, source="rows", path=str(tmp_path / "none"))))
