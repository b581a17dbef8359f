"""A build has exact shares, is the same however it was made, survives being killed, and keeps what is held out apart.

python -m pytest tests/data/test_building.py
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from datasets import load_dataset
from PIL import Image
from toys import TASK

from deepseek_vl_hf.cli import main
from deepseek_vl_hf.data.blocks import _open_hub
from deepseek_vl_hf.data.build_plan import Plan, begin, hold
from deepseek_vl_hf.data.building import build
from deepseek_vl_hf.data.checking import check
from deepseek_vl_hf.data.choosing import choose, first_blocks
from deepseek_vl_hf.data.recipe import Entry, parse_recipe
from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.data.shards import FEATURES, read_tars, write_parquet
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


# Stored sets.


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


def mix(*sources, **options):
    return {**MIXTURE, "mixture": [*sources], **options}


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


def test_a_built_set_that_is_mixed_again_keeps_its_ids_items_and_splits(built, tmp_path):
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


def test_a_renderer_whose_rows_are_all_filtered_ends_with_the_reason(tmp_path):
    mixture = mix({"renderer": "toys:Sums", "share": 100}, hygiene={"min_characters": 500})
    with pytest.raises(ValueError, match=r"found 0 rows for training \(left out: \d+ text is too short or too long"):
        make(tmp_path / "rows", 20, mixture)
    # The folder is free for another try.
    make(tmp_path / "rows", 20, mix({"renderer": "toys:Sums", "share": 100}))


def test_what_is_wrong_with_the_first_record_is_said(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"picture": 1}\n' * 40)
    with pytest.raises(ValueError, match=r"40 record is not of the set's schema \(.*rows\.jsonl, row 0: llava: found"):
        make(tmp_path / "rows", 20, mix({"source": "llava", "path": "rows.jsonl", "share": 100}), tmp_path)


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
