"""Formulas: one tree has one LaTeX, both engines draw it, and problems have the answers that a second calculation gives."""

import ast
import re
from fractions import Fraction

import numpy as np
import pytest
from drawn_assets import DrawnAssets, check_rows, digests, digests_elsewhere, render_many

from deepseek_vl_hf.data.renderers.formulas.ink import PLAIN_LOOKS, TYPST_LOOKS, _displayed, draw_ink, looks_for
from deepseek_vl_hf.data.renderers.formulas.kinds import KINDS, make_formula
from deepseek_vl_hf.data.renderers.formulas.problems import PROBLEMS
from deepseek_vl_hf.data.renderers.formulas.renderer import ABSENCE, TO_CODE, Formulas
from deepseek_vl_hf.data.renderers.formulas.writing import is_plain, latex, typst, value


pytest.importorskip("typst", reason="formulas are drawn with it")
pytest.importorskip("matplotlib", reason="formulas are drawn with it")


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    return DrawnAssets(tmp_path_factory.mktemp("assets"))


def formulas(count):
    kinds = list(KINDS)
    return [make_formula(np.random.default_rng(seed), (kinds[seed % len(kinds)],)) for seed in range(count)]


class Exact(ast.NodeTransformer):
    """Makes every number of an expression a fraction."""

    def visit_Constant(self, node):
        return ast.Call(ast.Name("Fraction", ast.Load()), [node], [])


def evaluate(text):
    """The value of arithmetic LaTeX, by Python's own parser."""
    text = re.sub(r"\\sqrt\{(\d+)\}", lambda found: f"({round(int(found[1]) ** 0.5)})", text)
    text = re.sub(r"\^\{(\d+)\}", r"**\1", text)
    while "\\frac" in text:
        text = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
    for sign, becomes in ((r"\times", "*"), (r"\div", "/"), (r"\left", ""), (r"\right", "")):
        text = text.replace(sign, becomes)
    tree = ast.fix_missing_locations(Exact().visit(ast.parse(text.strip(), mode="eval")))
    return eval(compile(tree, "", "eval"), {"Fraction": Fraction})


def test_braces_and_brackets_are_balanced_in_latex_of_every_kind():
    for tree in formulas(300):
        text = latex(tree)
        assert text.count("{") == text.count("}")
        assert text.count(r"\left") == text.count(r"\right")
        assert text.count(r"\begin") == text.count(r"\end")
        assert "%" not in text


def test_the_same_tree_has_the_same_latex_and_other_trees_have_other_latex():
    trees = formulas(300)
    assert [latex(tree) for tree in trees] == [latex(tree) for tree in formulas(300)]
    by_text = {latex(tree): typst(tree) for tree in trees}
    assert len(set(by_text.values())) == len(by_text)
    assert len(by_text) > 280


def test_both_engines_draw_300_formulas():
    drawn = {"typst": 0, "matplotlib": 0}
    for seed, tree in enumerate(formulas(300)):
        assert min(draw_ink(tree, next(iter(TYPST_LOOKS)), 20).size) > 3
        drawn["typst"] += 1
        if is_plain(tree):
            assert min(draw_ink(tree, list(PLAIN_LOOKS)[seed % len(PLAIN_LOOKS)], 20).size) > 3
            drawn["matplotlib"] += 1
    assert drawn["matplotlib"] > 200


def test_brackets_stand_where_they_change_the_value():
    one, two, three = (("number", str(number)) for number in (1, 2, 3))
    assert latex(("times", ("plus", one, two), three)) == r"(1 + 2) \times 3"
    assert latex(("plus", ("times", one, two), three)) == r"1 \times 2 + 3"
    assert latex(("minus", one, ("minus", two, three))) == "1 - (2 - 3)"
    assert latex(("power", ("frac", one, two), three)) == r"\left( \frac{1}{2} \right)^{3}"
    assert latex(("beside", ("symbol", "pi"), ("letter", "x"))) == r"\pi x"
    assert latex(("beside", two, ("letter", "x"))) == "2x"


def test_displayed_fractions_are_large_and_those_in_exponents_are_not():
    assert (
        _displayed(r"\frac{1}{x^{\frac{a}{b}}} + \sqrt{\frac{1}{2}}")
        == r"\dfrac{1}{x^{\frac{a}{b}}} + \sqrt{\dfrac{1}{2}}"
    )


def test_greek_is_not_drawn_in_a_look_where_it_would_be_bold():
    assert not any("sans" in look for look in looks_for(("greek", "alpha")) if look in TYPST_LOOKS)


def test_arithmetic_has_the_value_of_its_latex():
    checked = 0
    for seed in range(200):
        problem = PROBLEMS["arithmetic"](np.random.default_rng(seed))
        assert evaluate(latex(problem.shown[0])) == Fraction(problem.answer), latex(problem.shown[0])
        checked += value(problem.shown[0]) == Fraction(problem.answer)
    assert checked == 200


def numbers_in(tree):
    """Factors of letters and of 1 in a sum."""
    kind = tree[0]
    if kind == "number":
        return {"": Fraction(tree[1])}
    if kind == "letter":
        return {tree[1]: Fraction(1)}
    if kind == "power":
        return {tree[1][1] + tree[2][1]: Fraction(1)}
    if kind == "neg":
        return {name: -factor for name, factor in numbers_in(tree[1]).items()}
    if kind == "beside":
        return {name: factor * Fraction(tree[1][1]) for name, factor in numbers_in(tree[2]).items()}
    first, second = numbers_in(tree[1]), numbers_in(tree[2])
    sign = -1 if kind == "minus" else 1
    return {name: first.get(name, 0) + sign * second.get(name, 0) for name in {**first, **second}}


def solutions(answer):
    return {part.split(" = ")[0]: Fraction(part.split(" = ")[1]) for part in answer.split(", ")}


def at(tree, known):
    total = Fraction(0)
    for name, factor in numbers_in(tree).items():
        letter, power = (name[:1], int(name[1:] or 1)) if name else ("", 0)
        total += factor * (known[letter] ** power if letter else 1)
    return total


@pytest.mark.parametrize("kind", ["linear", "system", "quadratic"])
def test_solutions_satisfy_their_equations(kind):
    for seed in range(150):
        problem = PROBLEMS[kind](np.random.default_rng(seed))
        tree = problem.shown[0]
        equations = [row[1] for row in tree[1:]] if kind == "system" else [tree]
        roots = [solutions(problem.answer)]
        if kind == "quadratic":
            roots = [solutions(part) for part in problem.answer.split(", ")]
        for known in roots:
            for _, left, right in equations:
                assert at(left, known) == at(right, known), (latex(tree), problem.answer)


def test_a_derivative_is_the_slope_of_the_shown_function():
    for seed in range(80):
        problem = PROBLEMS["slope"](np.random.default_rng(seed))
        shown = numbers_in(problem.shown[0][2])
        letter = problem.shown[0][1][2][1]
        wanted = {}
        for name, factor in shown.items():
            power = int(name[1:] or 1) if name else 0
            if power:
                wanted[power - 1] = factor * power
        text = problem.answer.split(" = ")[1]
        found = sum(
            Fraction(sign + (factor or "1")) * 3 ** (int(power or 1) if has_letter else 0)
            for sign, factor, has_letter, power in re.findall(
                rf"([+-]?)(\d*)({letter}?)(?:\^\{{(\d)\}})?", text.replace(" ", "")
            )
            if factor or has_letter
        )
        assert found == sum(factor * 3**power for power, factor in wanted.items()), (latex(problem.shown[0]), text)


def test_other_problems_agree_with_a_second_calculation():
    for seed in range(80):
        rng = [np.random.default_rng(seed) for _ in range(3)]
        determinant = PROBLEMS["determinant"](rng[0])
        cells = [[int(latex(cell)) for cell in row[1:]] for row in determinant.shown[0][2:]]
        assert round(np.linalg.det(cells)) == int(determinant.answer)
        sets = PROBLEMS["sets"](rng[1])
        first, second = ({int(latex(part)) for part in shown[2][1:]} for shown in sets.shown)
        sign = dict(sets.fields)["sets"].split()[1]
        wanted = {"∪": first | second, "∩": first & second, "∖": first - second}[sign]
        assert {int(number) for number in re.findall(r"\d+", sets.answer)} == wanted
        total = PROBLEMS["total"](rng[2])
        _, start, end, body = total.shown[0]
        places = range(int(start[2][1]), int(end[1]) + 1)
        assert sum(at(body, {start[1][1]: Fraction(place)}) for place in places) == int(total.answer)


def test_rows_are_valid_and_splits_share_no_held_out_item(assets):
    check_rows(Formulas, assets)


def test_another_process_draws_the_same_rows(assets):
    assert digests(Formulas, assets) == digests_elsewhere(Formulas, assets)


def test_false_questions_are_about_what_is_not_there(assets):
    signs = {"matrix": "matrix", "integral": r"\int", "sum sign": r"\sum", "root sign": r"\sqrt"}
    checked = 0
    for _, rendered in render_many(Formulas(assets), 80, "en"):
        code = " ".join(ask.answer for ask in rendered.asks if ask.task == TO_CODE)
        for ask in rendered.false_asks:
            assert ask.task == ABSENCE
            for name, sign in signs.items():
                if ask.answer == f"There is no {name} in the picture.":
                    assert sign not in code
                    checked += 1
    assert checked > 60


def test_wrong_options_are_refused_with_what_is_possible(assets):
    with pytest.raises(ValueError, match="expected some of equation"):
        Formulas(assets, kinds=("poems",))
    with pytest.raises(ValueError, match="from 0 to 1"):
        Formulas(assets, problem_share=2)
    with pytest.raises(ValueError, match="at least 256"):
        Formulas(assets, longest=10)
