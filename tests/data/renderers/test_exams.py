"""Exams: every answer is found again by somebody who reads the page."""

import ast
import io
import operator
import os
import re
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from deepseek_vl_hf.data.renderers.exams import renderer as exams
from deepseek_vl_hf.data.renderers.exams.asks import write_asks
from deepseek_vl_hf.data.renderers.exams.paper import Paper, draw_paper
from deepseek_vl_hf.data.renderers.exams.questions import BLANK, equations, gaps, sums
from deepseek_vl_hf.data.renderers.exams.renderer import SORTS, Exams
from deepseek_vl_hf.data.renderers.exams.stories import LETTERS, choices, stories
from deepseek_vl_hf.data.rendering import Draw, render_row
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.data.taxonomy import NODES


pytest.importorskip("typst")
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
LANGUAGES = ("en", "zh")


@pytest.fixture(autouse=True)
def small_fonts(monkeypatch):
    """The Chinese font of the tests cannot write everything; what it lacks is no matter here."""
    monkeypatch.setattr(exams, "missing", lambda font, text: "")


def compute(text):
    """The exact value of a sum as it is printed, in text or LaTeX."""
    text = re.sub(r"\\frac\{(-?\d+)\}\{(\d+)\}", r"(\1/\2)", text.replace("$", ""))
    for printed, sign in (("×", "*"), (r"\times", "*"), ("÷", "/"), ("−", "-"), ("%", "/100"), ("{", "("), ("}", ")")):
        text = text.replace(printed, sign)

    def value(node):
        if isinstance(node, ast.Constant):
            return Fraction(str(node.value))
        if isinstance(node, ast.UnaryOp):
            return -value(node.operand)
        return OPERATORS[type(node.op)](value(node.left), value(node.right))

    return value(ast.parse(text.strip(), mode="eval").body)


def made(make, count):
    for index in range(count):
        for language in LANGUAGES:
            yield language, make(Draw(index, "exams", "train", index, language))


def pages(assets, count):
    renderer = Exams(assets)
    for index in range(count):
        for language in LANGUAGES:
            draw = Draw(index, "exams", "train", index, language)
            questions = sorted(renderer._questions(draw), key=lambda question: SORTS.index(question.sort))
            page = Paper(draw_paper(draw, 1024), questions, language)
            yield (page, *write_asks(draw, page))


def test_the_answer_of_a_sum_is_its_value():
    for _, question in made(sums, 100):
        assert compute(question.text.replace("=", "")) == compute(question.answer), question


def test_every_step_of_a_working_is_an_equality(assets):
    checked = 0
    for make in (sums, gaps, lambda draw: stories(draw, assets)):
        for _, question in made(make, 60):
            for chain in re.findall(
                r"[\d(][\d.()\s+−×÷%]*(?:=\s*[\d.()\s+−×÷%]+)+", question.working.replace(". ", " ; ")
            ):
                sides = [compute(side.strip()) for side in chain.split("=")]
                assert len(set(sides)) == 1, question
                checked += 1
    assert checked > 200


def test_the_solution_of_an_equation_solves_it():
    for _, question in made(equations, 100):
        name, result = re.fullmatch(r"\$(\w) = (-?\d+)\$", question.answer).groups()
        latex = question.content[-1].text
        filled = re.sub(r"\\frac\{\w\}\{(\d+)\}", rf"(({result})/\1)", latex)
        filled = re.sub(rf"(\d)(?={name}|\()", r"\1*", filled.replace(name, f"({result})"))
        left, right = filled.split("=")
        assert compute(left) == compute(right), question
        assert question.working.rstrip("$").endswith(f"{name} = {result}")


def test_the_number_that_fills_a_gap_makes_the_line_true():
    checked = 0
    for _, question in made(gaps, 100):
        text = question.text.replace(BLANK, question.answer)
        assert BLANK in question.text
        if "×" in question.text:
            left, right = text.split("=")
            assert compute(left) == compute(right)
            checked += 1
        elif "：" in text or ":" in text:
            terms = [int(term) for term in re.findall(r"\d+", text)]
            steps = {b - a for a, b in pairwise(terms)}
            ratios = {Fraction(b, a) for a, b in pairwise(terms)}
            assert len(steps) == 1 or len(ratios) == 1
            checked += 1
    assert checked > 50


def test_the_result_of_a_story_ends_its_working(assets):
    for _, question in made(lambda draw: stories(draw, assets), 60):
        assert re.findall(r"\d+", question.working)[-1] == question.answer


def test_exactly_one_option_is_right(assets):
    groups = {
        language: {
            subject: set(assets.names(subject, language))
            for subject in ("country", "animal", "month", "weekday", "currency")
        }
        for language in LANGUAGES
    }
    for language, question in made(lambda draw: choices(draw, assets), 100):
        options, right = question.options, question.options[LETTERS.index(question.answer)]
        assert len(set(options)) == 4
        if "×" in question.text:
            product = compute(re.search(r"\d+ × \d+", question.text).group())
            assert [option for option in options if int(option) == product] == [right]
        elif re.match(r"[\d.]+$", right):
            best = max if "largest" in question.text or "最大" in question.text else min
            assert best(options, key=Fraction) == right
        elif "which of these" in question.text.lower() or "哪一个" in question.text:
            homes = [{subject for subject, names in groups[language].items() if option in names} for option in options]
            own = homes[options.index(right)]
            assert all(not own & home for option, home in zip(options, homes, strict=True) if option != right)


def test_markdown_holds_every_question_in_the_order_of_the_numbers(assets):
    for page, asks, _ in pages(assets, 20):
        markdown = page.to_markdown()
        places = [
            markdown.index(f"{number}. {question.text.strip()}") for number, question in enumerate(page.questions, 1)
        ]
        assert places == sorted(places)
        assert any(ask.answer == markdown for ask in asks)


def test_an_answer_is_called_right_only_if_it_is(assets):
    seen = set()
    for page, asks, _ in pages(assets, 40):
        for ask in asks:
            verdict = re.match(r"(Yes|No|对|不对)", ask.answer)
            if verdict and ("right answer" in ask.answer or "正确" in ask.answer or ask.answer.startswith("Yes")):
                answers = [question.answer for question in page.questions]
                if verdict.group() in ("No", "不对"):
                    assert any(answer in ask.answer for answer in answers)
                seen.add(verdict.group())
    assert seen >= {"Yes", "No", "对", "不对"}


def test_equations_are_checked_against_wrong_answers_too(assets):
    verdicts = set()
    for page, asks, _ in pages(assets, 60):
        for ask in asks:
            tried = re.search(r"\$\w = -?\d+\$", ask.question)
            if tried and re.match(r"Yes|No|对|不对", ask.answer):
                answers = [question.answer for question in page.questions]
                right = ask.answer.startswith(("Yes", "对"))
                assert right == (tried.group() in answers) or not right
                verdicts.add(right)
    assert verdicts == {True, False}


def test_a_question_is_read_with_its_number_as_it_is_printed(assets):
    for page, asks, _ in pages(assets, 20):
        printed = {ask.answer for ask in asks if ask.task.endswith("printed-text")}
        for number, question in enumerate(page.questions, 1):
            assert any(
                text.startswith(f"{page.looks.mark.format(number)} {question.text.strip()}") for text in printed
            )


def test_only_one_month_or_day_comes_right_before_or_after(assets):
    asked = [question.text for language, question in made(lambda draw: choices(draw, assets), 100) if language == "en"]
    assert any(" comes " in text for text in asked)
    assert all(" comes right " in text for text in asked if " comes " in text)


def test_false_questions_have_numbers_beyond_the_last(assets):
    for page, _, false_asks in pages(assets, 20):
        for ask in false_asks:
            assert int(re.search(r"\d+", ask.question).group()) > len(page.questions)


def test_every_task_is_declared_and_in_the_taxonomy(assets):
    tasks = {ask.task for _, asks, false_asks in pages(assets, 60) for ask in (*asks, *false_asks)}
    assert tasks == set(Exams.tasks)
    assert tasks <= set(NODES)


def test_rows_render_in_both_languages_and_share_no_held_out_item(assets):
    renderer = Exams(assets)
    for language in LANGUAGES:
        for index in range(40):
            split = "test" if index % 3 == 0 else "train"
            row = render_row(renderer, 1, split, index, language)
            assert any(map(is_held_out, row["items"])) == (split == "test")
            assert max(Image.open(io.BytesIO(row["images"][0]["bytes"])).size) <= 1024


def test_the_same_seed_gives_the_same_bytes_in_another_process(assets):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from conftest import TinyAssets; from hashlib import sha256\n"
        "from deepseek_vl_hf.data.rendering import render_row\n"
        "from deepseek_vl_hf.data.renderers.exams import renderer as exams\n"
        "exams.missing = lambda font, text: ''\n"
        "renderer = exams.Exams(TinyAssets(sys.argv[2]))\n"
        "rows = [render_row(renderer, 4, 'train', index, language) for index in range(3) for language in ('en', 'zh')]\n"
        "print(sha256(repr(rows).encode()).hexdigest())"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(assets.folder)]
    digests = [
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert digests[0] == digests[1] != ""


def test_options_out_of_range_are_refused(assets):
    with pytest.raises(ValueError, match="expected a whole number of questions"):
        Exams(assets, most=0)
    with pytest.raises(ValueError, match="expected some of"):
        Exams(assets, sorts=("essay",))
