"""The questions of the nano's goals, drawn with small fonts and painted things: held out where they say so, and scored fairly.

All of them, with the real fonts, texts and drawings, fetched at the first run:

    python -m pytest -m slow tests/data/renderers/test_goals.py
"""

import importlib
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from painted_things import PaintedAssets

from deepseek_vl_hf.data import assets as assets_module
from deepseek_vl_hf.data.assets import FOLDER
from deepseek_vl_hf.data.drawings import HELD_OUT_VENDOR
from deepseek_vl_hf.data.recipe import read_recipe
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.evaluation import results as stored
from deepseek_vl_hf.evaluation.answering import Reply
from deepseek_vl_hf.evaluation.questions import SCORINGS as NAMES
from deepseek_vl_hf.evaluation.questions import SUMS, read_questions
from deepseek_vl_hf.evaluation.scoring import SCORINGS


pytest.importorskip("rapidfuzz")
ROOT = Path(__file__).parents[3]
NANO = ROOT / "examples" / "recipes" / "nano"


@pytest.fixture
def goals(monkeypatch):
    """The modules, imported from where they lie."""
    monkeypatch.syspath_prepend(str(NANO))
    yield lambda: importlib.import_module("goals")
    for name in ("goals", "goal_list", "judging"):
        sys.modules.pop(name, None)


@pytest.fixture
def small(goals, assets, monkeypatch):
    """The same, drawing with what lies beside the tests."""

    class SmallAssets(type(assets)):
        drawings = PaintedAssets.drawings

        def __init__(self, folder):
            super().__init__(assets.folder)

    monkeypatch.setattr(assets_module, "Assets", SmallAssets)
    return goals()


def written(module, folder, only, per_goal=8, seed=0):
    module.write_goals(folder, per_goal, seed, Path("nowhere"), only)
    return read_questions(folder).questions


def drawn(module, number, count=8):
    """Items and questions of a goal, without writing pictures."""
    found = []
    for goal in module.goals():
        if goal.name.startswith(f"{number} "):
            for _, judged in module.rows_of(goal, count, 0, Path("nowhere")):
                found.append((goal, judged))
    return found


def test_every_answer_that_is_accepted_is_scored_as_right(small, tmp_path):
    questions = written(small, tmp_path, (1, 3, 4, 5, 8, 11, 12, 13))
    assert len({question.source for question in questions}) == 9
    for question in questions:
        assert question.answers
        for answer in question.answers:
            assert SCORINGS[question.scoring](answer, question) == 1, question


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(small, tmp_path):
    sums = []
    for name, seed in (("one", 0), ("two", 0), ("three", 1)):
        written(small, tmp_path / name, (1, 4), 4, seed)
        sums.append((tmp_path / name / SUMS).read_text())
    assert sums[0] == sums[1] != sums[2]


def test_lines_have_the_fonts_of_their_goal_in_equal_parts(small, monkeypatch):
    fonts = Counter()
    usable = small.usable

    def record(goal, draw, rendered):
        found = usable(goal, draw, rendered)
        if found:
            (font,) = (name for name in draw.items if name.startswith("font:"))
            assert draw.has_held_out
            fonts[goal.fonts, font] += 1
        return found

    monkeypatch.setattr(small, "usable", record)
    asked = drawn(small, 1, 2)
    assert len(asked) == 16
    assert {goal.language for goal, _ in asked} == {"en", "zh"}
    for (wanted, font), _ in fonts.items():
        assert font == f"font:{wanted}" or (wanted == "others" and not font.startswith("font:DejaVu"))
    assert {wanted for wanted, _ in fonts} == {"DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono", "others"}


def test_three_lines_are_three_lines_and_no_text_is_read_twice(small):
    texts = [judged.ask.answer for _, judged in drawn(small, 3, 6)]
    assert all(text.count("\n") == 2 for text in texts)
    assert len(set(texts[:6])) == 6


@pytest.mark.parametrize(
    ("kind", "is_new", "vendor"), [("trained", False, False), ("held out", True, False), ("vendor", True, True)]
)
def test_a_drawing_is_of_the_kind_that_its_goal_names(small, kind, is_new, vendor):
    every = small.Assets("nowhere").drawings()
    stream = small.drawings_of(kind, 0, "en", every)
    found = [next(stream) for _ in range(30)]
    assert {is_held_out(f"drawing:{drawing.key}") for drawing in found} == {is_new}
    assert {drawing.vendor == HELD_OUT_VENDOR for drawing in found} == {vendor}
    assert len({drawing.thing.name for drawing in found}) == 30  # each thing once before any comes again


def test_counts_and_sides_are_equally_frequent(small):
    counts = Counter(
        re.search(r"\d", judged.ask.answer)[0] for goal, judged in drawn(small, 11, 10) if goal.language == "en"
    )
    assert counts == dict.fromkeys("12345", 2)
    sides = Counter(judged.ask.answer for goal, judged in drawn(small, 12, 8) if goal.language == "zh")
    assert set(sides.values()) == {2}


def test_every_renderer_of_the_recipe_is_asked_in_vain_and_not_in_vain(small):
    pictured = {entry.renderer for entry in read_recipe(importlib.import_module("goal_list").RECIPE).entries} - {
        "texts"
    }
    for asked, scoring in ((small.FALSE, ""), (small.TRUE, "answered")):
        found = [goal for goal in small.goals() if goal.asked == asked]
        assert {(goal.renderer, goal.language) for goal in found} == {
            (name, each) for name in pictured for each in ("en", "zh")
        }
        assert {goal.scoring for goal in found} == {scoring}


def test_a_value_of_a_chart_is_read_not_worked_out(small):
    pattern = next(goal.asked for goal in small.goals() if goal.name.startswith("9 "))
    assert re.fullmatch(pattern, "What is the number of books in May?", re.IGNORECASE)
    assert not re.fullmatch(
        pattern, "What is the difference between the price in May and the price in June?", re.IGNORECASE
    )
    assert not re.fullmatch(pattern, "What is the smallest value of the price?", re.IGNORECASE)


def test_the_table_has_a_row_a_goal_and_a_column_a_checkpoint(small, tmp_path):
    written(small, tmp_path / "asked", (3, 4), 6)
    asked = read_questions(tmp_path / "asked")
    about = {"weights": "", "command": "", "versions": {}, "settings": {}}
    for name, right in (("good", 1), ("bad", 0)):
        replies = [Reply(question.answers[0] if right else "", False, False, ()) for question in asked.questions]
        text = stored.json.dumps(stored.as_json(stored.score(name, about, asked, replies)))
        (tmp_path / f"{name}.json").write_text(text)
    lines = small.table([tmp_path / "good.json", tmp_path / "bad.json"]).splitlines()
    assert lines[0] == "| Goal | Questions | good | bad |"
    assert re.fullmatch(r"\| 3 three lines \| 6 \| 100.0% \(.*to 100.0%\) \| 0.0% \(0.0% to .*\) \|", lines[2])
    assert lines[3].startswith("| 4 naming, English | 8 | 100.0%")


def test_the_questions_of_results_are_found_from_wherever_the_table_is_asked_for(small, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    written(small, Path("asked"), (3,), 2)
    asked = read_questions("asked")
    replies = [Reply(question.answers[0], False, False, ()) for question in asked.questions]
    about = {"weights": "", "command": "", "versions": {}, "settings": {}}
    Path("good.json").write_text(stored.json.dumps(stored.as_json(stored.score("good", about, asked, replies))))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    small.main(["--results", "../good.json"])
    assert "| 3 three lines | 2 | 100.0%" in capsys.readouterr().out
    (tmp_path / "asked").rename(tmp_path / "moved")
    with pytest.raises(SystemExit):
        small.main(["--results", "../good.json"])
    told = capsys.readouterr().err
    assert "found no questions.jsonl in asked" in told
    assert "--questions" in told
    small.main(["--results", "../good.json", "--questions", "../moved"])
    assert "| 3 three lines | 2 | 100.0%" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif("answered" not in NAMES, reason="what is not refused in vain cannot be scored")
def test_all_goals_are_drawn_with_the_real_assets(goals, tmp_path):
    module = goals()
    counts = module.write_goals(tmp_path, 2, 0, FOLDER)
    assert sorted(int(name.split()[0]) for name in counts) == sorted([1, 1, 2, 2, *range(3, 16)])
    for question in read_questions(tmp_path).questions:
        assert SCORINGS[question.scoring](question.answers[0], question) == 1, question
