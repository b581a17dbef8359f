"""The shipped benchmark is what its page says: held out, balanced, fairly scored, and drawn again to the byte.

python -m pytest tests/evaluation/test_benchmark.py
"""

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
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


@pytest.mark.parametrize("question", OPEN, ids=lambda question: question.id)
def test_to_repeat_the_question_is_wrong(question):
    assert score(question, question.question) <= (0.4 if question.scoring == "characters" else 0)


def test_names_in_code_that_are_free_are_not_asked_for():
    asked = [question for question in QUESTIONS if question.task.endswith("flowchart-to-code")]
    assert asked
    assert all(question.choices for question in asked)


def test_half_of_the_options_beside_a_thing_are_of_its_kind_where_there_are_such():
    from deepseek_vl_hf.data.things import THINGS

    categories = {thing.phrase(side).casefold(): thing.category for thing in THINGS for side in LANGUAGES}
    near = []
    for question in CHOICES:
        kinds = [categories.get(text.casefold()) for text in question.choices]
        right = categories.get(question.answers[0].casefold())
        if question.source == "things" and None not in kinds and right not in ("person", "face"):
            near.append(kinds.count(right) - 1)
    assert len(near) >= 6
    assert sum(count >= 2 for count in near) >= 0.7 * len(near)


def test_handwriting_is_clear_and_nothing_in_doubt_is_asked(drawing):
    pytest.importorskip("sklearn")
    from doubts import clear_digits

    digits = {name for row in ORIGINS for name in row["items"] if name.startswith("handwriting:")}
    assert len(digits) > 50
    assert digits <= clear_digits()
    for question in QUESTIONS:
        assert "tower" not in question.answers, question.id
        assert question.source != "geometry" or not re.search("radius|半径", question.question), question.id


def test_a_digit_that_could_be_another_is_in_doubt(drawing):
    pytest.importorskip("sklearn")
    from doubts import is_doubtful

    from deepseek_vl_hf.data.rendering import Rendered

    assert is_doubtful("handwriting", Rendered(), ["handwriting:held_out/9/3"])  # a 9 that is open like a 3
    assert not is_doubtful("handwriting", Rendered(), ["handwriting:train/6/50", "text:6"])


@pytest.mark.parametrize(
    ("question", "in_doubt"),
    [
        ("In how many rows is Amount greater than 20.58, leaving out totals?", True),
        ("Count the rows below the header.", True),
        ("What is listed under Amount for Soap?", False),
        ("Which row has the lowest Qty?", False),
    ],
)
def test_what_counts_as_a_row_of_a_receipt_is_not_asked(drawing, question, in_doubt):
    from doubts import is_doubtful_ask
    from judging import Judged

    from deepseek_vl_hf.data.rendering import Ask, Rendered

    table = (
        "| Item | Qty | Amount |\n| --- | --- | --- |\n| Soap | 1 | 21.75 |\n| Total | | 21.75 |\n| Change | | 0.25 |"
    )
    asks = [Ask("t", "Write the table.", table), Ask("t", question, "4")]
    assert is_doubtful_ask("tables", Rendered(asks=asks), Judged(asks[1], "number", "number", ("4",))) == in_doubt
    without = [Ask("t", "Write the table.", table.replace("Change", "Bread")), asks[1]]
    assert not is_doubtful_ask("tables", Rendered(asks=without), Judged(asks[1], "number", "number", ("4",)))


def test_a_question_that_its_echo_answers_is_not_fair_and_becomes_a_choice(drawing):
    from alternatives import alternatives, least_wrong, option
    from choosing import is_fair
    from judging import judge
    from own_questions import eithers

    from deepseek_vl_hf.data.rendering import Ask

    node = "commonsense-reasoning/relationship/size"
    asked = judge("compositions", "en", Ask(node, "Which of a paper clip and a book is really larger?", "A book."))
    (either,) = eithers("en", [asked])
    assert option(either) == "A book"
    assert alternatives(either, "en", 1, [asked], [], np.random.default_rng(0)) == ["A paper clip"]
    assert least_wrong(either, 1) == 1
    style = "recognition/global-description/style-recognition"
    (either,) = eithers("zh", [judge("web", "zh", Ask(style, "页面是浅色还是深色？", "深色。"))])
    assert either.answers == ("深色", "浅色")
    told = judge(
        "lines", "en", Ask("recognition/ocr-and-transcription/printed-text", "Read: No entry", "Read: No entry")
    )
    assert not is_fair(told)


def test_wrong_edges_are_none_of_the_diagram(drawing):
    from own_questions import edges, other_edges

    from deepseek_vl_hf.data.rendering import Ask

    code = '```mermaid\nflowchart TD\n    A([Start])\n    B{"n < 5?"}\n    C[/Print n/]\n    A --> B\n    B -->|Yes| C\n    B -->|No| A\n```'
    asked = edges("en", [Ask("conversion/image-to-code/flowchart-to-code", "Give the code.", code)])
    assert [each.ask.answer for each in asked] == [
        "[Start] --> [n < 5?]",
        "[n < 5?] -->|Yes| [Print n]",
        "[n < 5?] -->|No| [Start]",
    ]
    wrong = other_edges(code, asked[0].ask.answer, np.random.default_rng(0))
    assert {(line.split("]")[0], line.rsplit("[")[-1]) for line in wrong} == {
        ("[Start", "Print n]"),
        ("[Print n", "Start]"),
        ("[Print n", "n < 5?]"),
    }


def test_the_page_credits_the_licences_of_the_rows_and_no_others():
    page = (SHIPPED / "README.md").read_text("utf-8").partition("## Licences")[2]
    known = r"CC0-1\.0|CC-BY-4\.0|Apache-2\.0|MIT|BSD-3-Clause|Unicode-3\.0"
    carried = {part for row in ORIGINS for part in row["licence"].split(" AND ")}
    credited = {
        name for row in page.splitlines() if row.startswith("|") for name in re.findall(known, row.split("|")[2])
    }
    assert credited == carried
    for row in ORIGINS:
        source = row["pictures"][0].split("-")[0] if row["pictures"] else "texts"
        if source in ("lines", "plain"):  # all of their texts are chosen from works of both
            assert {"CC0-1.0", "MIT"} <= set(row["licence"].split(" AND "))


def test_the_opposite_reply_and_the_next_number_are_wrong():
    opposite = {"Yes": "No.", "No": "Yes."}
    for question in OPEN:
        first = question.answers[0]
        if question.scoring == "yes_no" and first[:3].rstrip(".,") in opposite:
            assert score(question, opposite[first[:3].rstrip(".,")]) == 0
        if question.scoring == "number" and (digits := re.findall(r"\d+", question.answers[-1])):
            assert score(question, str(int(digits[-1]) + 1)) == 0, question.id


def test_of_the_options_one_is_right_and_stands_anywhere():
    for question in CHOICES:
        right = [letter for letter, text in zip("ABCD", question.choices, strict=False) if score(question, text)]
        assert right == ["ABCD"[question.choices.index(question.answers[0])]], question.id
        assert score(question, right[0]) == 1
        if len(question.choices) == 2 != len(question.pictures):  # the two that the question names
            assert all(text.casefold() in question.question.casefold() for text in question.choices), question.id
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
