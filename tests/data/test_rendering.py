"""A row is a function of seed, split and index, and what is held out stays out of training.

python -m pytest tests/data/test_rendering.py
"""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from toys import Dots

from deepseek_vl_hf.data.damage import MOST_TURN, encode, save
from deepseek_vl_hf.data.rendering import Ask, Asking, CannotRenderError, Draw, Rendered, Renderer, render_row
from deepseek_vl_hf.data.rows import COLUMNS, validate_row, validate_text
from deepseek_vl_hf.data.splits import HELD_OUT_SHARE, is_held_out, item, of_split, split_of
from deepseek_vl_hf.data.taxonomy import MAIN, NODES, TEXT, check_task


def rows(split, count, seed=0):
    return [render_row(Dots(None), seed, split, index, ("en", "zh")[index % 2]) for index in range(count)]


def test_a_row_says_all_that_a_row_says():
    for row in rows("train", 20):
        assert set(row) == set(COLUMNS) - {"text"}
        validate_row(row)
        validate_text(row)
        check_task(row["task"])


def test_another_process_with_another_hash_seed_draws_the_same_bytes():
    code = (
        "from toys import Dots; from deepseek_vl_hf.data.rendering import render_row; from hashlib import sha256;"
        "print(sha256(repr([render_row(Dots(None), 3, s, i) for s in ('train', 'test') for i in range(9)]).encode()).hexdigest())"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    done = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**env, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(done) == 1


def test_seeds_splits_and_indices_draw_other_rows():
    drawn = [row["images"][0]["bytes"] for row in (*rows("train", 30), *rows("test", 30), *rows("train", 30, seed=1))]
    assert len(set(drawn)) > 80


def test_no_held_out_item_is_in_training_and_each_test_row_has_one():
    train, test = rows("train", 300), rows("test", 60)
    assert not any(is_held_out(each) for row in train for each in row["items"])
    assert all(any(is_held_out(each) for each in row["items"]) for row in test)
    assert {split_of(row["items"]) for row in train} == {"train"}
    assert {split_of(row["items"]) for row in test} == {"test"}


def test_about_the_stated_share_of_items_is_held_out():
    share = np.mean([is_held_out(item("text", f"sentence {number}")) for number in range(20_000)])
    assert abs(share - HELD_OUT_SHARE) < 0.01


def test_an_item_is_the_same_however_it_is_spaced_and_however_long():
    assert item("text", "a  b\nc") == item("text", "a b c")
    assert item("text", "x" * 65) != item("text", "x" * 66)
    assert len(item("text", "x" * 10_000)) < 40


def test_a_test_draws_held_out_options_and_training_the_others():
    options = [f"word {number}" for number in range(200)]
    held_out = of_split(options, "word", "test")
    assert held_out
    for index in range(50):
        assert Draw(0, "r", "train", index).item("word", options) not in held_out
        assert Draw(0, "r", "test", index).item("word", options) in held_out


def test_a_renderer_that_never_fits_is_an_error_with_its_reason():
    class Never(Dots):
        def render(self, draw):
            raise CannotRenderError("too wide")

    with pytest.raises(CannotRenderError, match=r"dots: row 7 of train failed 50 times, at last because: too wide"):
        render_row(Never(None), 0, "train", 7)


def test_a_test_row_without_a_held_out_item_is_drawn_again_and_at_last_refused():
    class Nothing(Dots):
        def render(self, draw):
            return Rendered([save(draw, Image.new("RGB", (9, 9)))], [])

    with pytest.raises(CannotRenderError, match="expected one that is held out in split 'test' alone"):
        render_row(Nothing(None), 0, "test", 0)


@pytest.mark.parametrize("medium", ["clean", "screen", "scan", "photo"])
def test_damage_leaves_a_picture_that_one_can_still_read(medium):
    page = Image.new("RGB", (200, 120), "white")
    page.paste((0, 0, 0), (60, 40, 140, 80))
    for index in range(20):
        found = Image.open(io.BytesIO(save(Draw(0, "r", "train", index), page, medium))).convert("L")
        assert 0.69 < found.width / 200 < 1.31
        pixels = np.asarray(found.resize((200, 120)), float)
        assert pixels[50:70, 80:120].mean() + 60 < pixels[5:25, 20:180].mean()


def test_the_longest_side_is_kept_within_bounds_and_turns_are_small():
    picture = save(Draw(0, "r", "train", 0), Image.new("RGB", (400, 100)), longest=50)
    assert Image.open(io.BytesIO(picture)).size == (50, 12)
    assert MOST_TURN < 5
    assert encode(Image.new("RGB", (8, 8)), quality=50).startswith(b"\xff\xd8")


def test_the_taxonomy_has_the_papers_eight_branches():
    assert {main: sum(path.startswith(f"{main}/") for path in NODES) for main in MAIN} == {
        "recognition": 18,
        "conversion": 9,
        "analysis": 18,
        "commonsense-reasoning": 20,
        "logical-reasoning": 8,
        "evaluation": 5,
        "multi-graph": 8,
        "safety": 3,
    }
    assert "recognition/ocr-and-transcription/printed-text" in NODES
    assert "safety/counterfactual-questioning" in NODES
    check_task(TEXT)
    with pytest.raises(ValueError, match="found task 'recognition/smell', expected 'text' or a node"):
        check_task("recognition/smell")


class Shapes(Renderer):
    """A picture with several questions."""

    name, tasks, licence = (
        "shapes",
        ("recognition/local-description/counting", "logical-reasoning/other/code"),
        "CC0-1.0",
    )

    def render(self, draw):
        number = draw.made("number", lambda rng: int(rng.integers(1000)))
        asks = [Ask(task, f"{task}?", f"{task} {number}") for task in self.tasks]
        return Rendered([b"picture"], asks, [Ask("safety/prompt-injection", "What else?", "Nothing else.")])


def shapes(asking):
    return [render_row(Shapes(None), 0, "train", index, "en", asking) for index in range(300)]


def test_a_recipe_decides_how_often_a_picture_is_asked_about_once_more():
    turns = {more: [len(row["messages"]) // 2 for row in shapes(Asking(more_turns=more))] for more in (0, 0.35, 0.9)}
    assert set(turns[0]) == {1}
    assert sum(turns[0.9]) > sum(turns[0.35]) + 60 > sum(turns[0]) + 60


def test_a_recipe_decides_what_is_asked_about_most():
    def share(**options):
        rows = shapes(Asking(more_turns=0, **options))
        return sum(row["task"] == "logical-reasoning/other/code" for row in rows) / len(rows)

    assert 0.4 < share(false_share=0) < 0.6
    assert share(false_share=0, weights={"logical-reasoning": 20}) > 0.9
    assert share(false_share=0, weights={"logical-reasoning": 4, "logical-reasoning/other": 5}) > 0.9
    assert share(false_share=0, weights={"logical-reasoning/oth": 20}) < 0.6, "part of a name is no node"
    assert share(false_share=1) == 0


def test_asking_as_usual_changes_no_row():
    assert shapes(Asking()) == [render_row(Shapes(None), 0, "train", index) for index in range(300)]
    assert shapes(Asking(weights={"recognition": 2.0, "logical-reasoning": 2.0})) == shapes(Asking())


def test_asking_that_makes_no_sense_is_said():
    with pytest.raises(ValueError, match="more_turns=1"):
        Asking(more_turns=1)
    with pytest.raises(ValueError, match="factors above 0"):
        Asking(weights={"recognition": 0})
