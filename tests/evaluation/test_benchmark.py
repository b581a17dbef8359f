"""The shipped benchmark is what its page says: held out, balanced, fairly scored, and drawn again to the byte.

python -m pytest tests/evaluation/test_benchmark.py
"""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from deepseek_vl_hf.data.assets import FOLDER
from deepseek_vl_hf.data.renderers import RENDERERS, renderer_class
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.evaluation.questions import LANGUAGES, PICTURES, SHIPPED, SUMS, read_questions
from deepseek_vl_hf.evaluation.scoring import SCORINGS


pytest.importorskip("rapidfuzz")
DRAWING = Path(__file__).parents[2] / "examples" / "evaluation"
QUESTIONS = read_questions(SHIPPED).questions
OPEN = [question for question in QUESTIONS if not question.choices]
CHOICES = [question for question in QUESTIONS if question.choices]
ORIGINS = [json.loads(line) for line in (SHIPPED / "origins.jsonl").read_text("utf-8").splitlines()]
LONGEST, MOST_BYTES = 640, 6 * 2**20
NONSENSE = "▒▒"
SORTS = {"characters", "name", "exact", "number", "relaxed", "yes_no", "unknown", "answered", "choice"}


@pytest.fixture
def drawing(monkeypatch):
    """The modules that draw the benchmark, importable."""
    monkeypatch.syspath_prepend(str(DRAWING))


def score(question, answer):
    return SCORINGS[question.scoring](answer, question)


def test_every_picture_opens_is_small_and_is_asked_about():
    shown = {name for question in QUESTIONS for name in question.pictures}
    there = {path.name: path for path in (SHIPPED / PICTURES).iterdir()}
    assert shown == set(there)
    for path in there.values():
        with Image.open(path) as picture:
            picture.load()
            assert max(picture.size) <= LONGEST, path.name
    assert sum(path.stat().st_size for path in there.values()) <= MOST_BYTES


def test_hashes_name_every_file_and_no_picture_is_there_twice():
    # `read_questions` has compared each of them.
    hashes = dict(reversed(line.split("  ")) for line in (SHIPPED / SUMS).read_text("utf-8").splitlines())
    pictures = {f"{PICTURES}/{path.name}" for path in (SHIPPED / PICTURES).iterdir()}
    assert set(hashes) == {"questions.jsonl", *pictures}
    # Two pictures to compare may be the same on purpose.
    single = [f"{PICTURES}/{row['pictures'][0]}" for row in ORIGINS if len(row["pictures"]) == 1]
    assert len({hashes[name] for name in single}) == len(single)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_node_that_a_renderer_serves_is_asked_about(language):
    served = {task for name in RENDERERS for task in renderer_class(name).tasks}
    counts = Counter(question.task for question in QUESTIONS if question.language == language)
    assert {task: counts[task] for task in served if counts[task] < 3} == {}
    assert set(counts) == served


def test_there_are_enough_questions_of_every_sort():
    assert 600 <= len(QUESTIONS) <= 900
    assert len(CHOICES) >= 100
    assert {question.source for question in QUESTIONS} == set(RENDERERS)
    assert {question.scoring for question in QUESTIONS} == SORTS
    by_language = Counter(question.language for question in QUESTIONS)
    assert min(by_language.values()) >= 0.35 * len(QUESTIONS)
    for words in ("Read the text.", "读出文字。", "What is in the picture?", "图片里是什么？"):
        assert sum(question.question == words and not question.choices for question in QUESTIONS) >= 10, words


def test_questions_differ():
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS)
    asked = Counter((question.pictures, question.question) for question in QUESTIONS)
    assert [pair for pair, count in asked.items() if count > 1] == []


def test_all_that_is_shown_has_something_held_out():
    origin = {name: row for row in ORIGINS for name in row["questions"]}
    assert set(origin) == {question.id for question in QUESTIONS}
    for question in QUESTIONS:
        row = origin[question.id]
        assert tuple(row["pictures"]) == question.pictures
        assert any(map(is_held_out, row["items"])), question.id


@pytest.mark.parametrize("question", OPEN, ids=lambda question: question.id)
def test_every_accepted_answer_is_right_and_nonsense_is_wrong(question):
    assert [answer for answer in question.answers if score(question, answer) < 1] == []
    assert score(question, "No such thing is there." if question.scoring == "answered" else NONSENSE) == 0
    assert score(question, "") == 0


def test_the_opposite_reply_and_the_next_number_are_wrong():
    opposite = {"Yes": "No.", "No": "Yes."}
    for question in OPEN:
        first = question.answers[0]
        if question.scoring == "yes_no" and first[:3].rstrip(".,") in opposite:
            assert score(question, opposite[first[:3].rstrip(".,")]) == 0
        if question.scoring == "number" and (digits := re.search(r"\d+", question.answers[-1])):
            assert score(question, str(int(digits[0]) + 1)) == 0, question.id


def test_of_the_options_one_is_right_and_stands_anywhere():
    for question in CHOICES:
        right = [letter for letter, text in zip("ABCD", question.choices, strict=False) if score(question, text)]
        assert right == ["ABCD"[question.choices.index(question.answers[0])]], question.id
        assert score(question, right[0]) == 1
        assert len(question.choices) >= 3 or len(question.choices) == len(question.pictures)
    of_four = [question for question in CHOICES if len(question.choices) == 4]
    places = Counter(question.choices.index(question.answers[0]) for question in of_four)
    assert all(0.2 <= places[place] / len(of_four) <= 0.3 for place in range(4))


def test_no_single_answer_gets_far():
    """A tenth of all open questions; of a node half, and one more."""
    usual = [answer for answer, count in Counter(question.answers[0] for question in OPEN).items() if count > 2]
    for guess in (*usual, "Yes.", "No.", "是的。", "没有。", "1", "2", "3", "I do not know.", "left", "cat", "猫"):
        right = [question for question in OPEN if score(question, guess) > 0.5]
        assert len(right) <= 0.1 * len(OPEN), guess
        for task, count in Counter(question.task for question in right).items():
            assert count <= sum(question.task == task for question in QUESTIONS) / 2 + 1, (guess, task)


def test_its_page_counts_what_there_is():
    page = (SHIPPED / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (\S+) \| (\d+ \| \d+) \|$", page, re.MULTILINE))
    counts = Counter((question.task, question.language) for question in QUESTIONS)
    assert rows == {task: f"{counts[task, 'en']} | {counts[task, 'zh']}" for task in {task for task, _ in counts}}
    assert f"{len(QUESTIONS)} questions" in page
    assert all(row["licence"] for row in ORIGINS)


@pytest.mark.parametrize(
    ("source", "node", "question", "answer", "scoring", "accepted"),
    [
        ("things", "recognition/global-description/others", "What is this?", "A taxi.", "name", "cab"),
        ("things", "recognition/local-description/object-attribute", "What colour is the circle?", "Orange.", "exact", "Orange"),
        ("compositions", "recognition/local-description/counting", "图里有几只猫？", "3只", "number", "3"),
        ("compositions", "commonsense-reasoning/relationship/spatial", "Left or right?", "To the left.", "name", "left"),
        ("charts", "analysis/data-chart-analysis/graph-interpretation", "How high is it?", "22%", "relaxed", "22"),
        ("charts", "analysis/data-chart-analysis/graph-interpretation", "Which year?", "2010", "exact", "2010"),
        ("lines", "recognition/ocr-and-transcription/printed-text", "Read the text.", "No entry", "characters", "No entry"),
        ("web", "commonsense-reasoning/other/state", "勾选了吗？", "没有勾选。", "yes_no", "没有勾选。"),
        ("tables", "analysis/data-chart-analysis/table-interpretation", "What is the sum?", "3 + 4 = 7", "number", "7"),
    ],
)  # fmt: skip
def test_the_bare_fact_is_read_out_of_a_sentence(drawing, source, node, question, answer, scoring, accepted):
    from judging import judge

    from deepseek_vl_hf.data.rendering import Ask

    language = "en" if question.isascii() else "zh"
    judged = judge(source, language, Ask(node, question, answer))
    assert judged.scoring == scoring
    assert accepted in judged.answers


def test_prose_is_not_scored(drawing):
    from judging import judge

    from deepseek_vl_hf.data.rendering import Ask

    told = Ask("recognition/global-description/others", "Describe the picture.", "The picture shows a cat and a dog.")
    assert judge("compositions", "en", told) is None


@pytest.mark.slow
@pytest.mark.skipif(not (FOLDER / "made").exists(), reason="fonts and texts have not been fetched")
def test_the_same_seed_draws_the_same_bytes(drawing, tmp_path):
    from draw import main

    main(["--output", str(tmp_path), "--only", "plain", "texts"])
    again = read_questions(tmp_path).questions
    names = {question.id for question in again}
    assert list(again) == [question for question in QUESTIONS if question.id in names]
    for path in (tmp_path / PICTURES).iterdir():
        assert path.read_bytes() == (SHIPPED / PICTURES / path.name).read_bytes()
