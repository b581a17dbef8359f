"""A `Draw` comes in; pictures of formulas go out, with their LaTeX, and small problems of algebra with their answers."""

from ...damage import save
from ...rendering import Ask, Draw, Rendered, Renderer
from ..labels import label_font
from .ink import PLAIN_LOOKS, draw_ink, looks_for
from .kinds import KINDS, make_formula
from .page import Line, Numbering, compose
from .problems import Problem, make_problem
from .wordings import (
    ABSENT,
    ABSENT_KIND,
    ABSENT_SIGNS,
    COUNT,
    HEADINGS,
    LATEX,
    LATEX_ALL,
    LATEX_NUMBERED,
    PAGE,
    PROBLEM,
    SO,
    WORKING,
)
from .writing import Node, latex


TO_CODE = "conversion/image-to-code/formula-to-code"
FORMAT = "recognition/ocr-and-transcription/specified-format"
ALGEBRA = "logical-reasoning/mathematical/algebra-and-operation"
COUNTING = "recognition/local-description/counting"
ABSENCE = "safety/counterfactual-questioning"


class Formulas(Renderer):
    """Formulas on paper, boards, slides and screens.

    Args:
        assets: Where fonts and sentences come from.
        longest: Pixels that the longer side of a picture may have.
        problem_share: How often the picture shows a problem to solve, from 0 to 1.
        kinds: Of formulas, keys of `formula_kinds.KINDS`.

    Raises:
        ValueError: if an argument is out of range.
    """

    name = "formulas"
    tasks = (TO_CODE, FORMAT, ALGEBRA, COUNTING, ABSENCE)
    licence = "CC0-1.0"
    packages = ("typst", "matplotlib", "fontTools")

    def __init__(
        self, assets, *, longest: int = 1280, problem_share: float = 0.35, kinds: tuple[str, ...] = tuple(KINDS)
    ):
        super().__init__(assets)
        if longest < 256:
            raise ValueError(
                f"found longest {longest}, expected at least 256 pixels for formulas to be legible; raise it"
            )
        if not 0 <= problem_share <= 1:
            raise ValueError(f"found problem_share {problem_share}, expected a number from 0 to 1; change it")
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown or not kinds:
            raise ValueError(f"found kinds {list(kinds)}, expected some of {', '.join(KINDS)}; leave out {unknown}")
        self.longest, self.problem_share, self.kinds = longest, problem_share, tuple(kinds)

    def render(self, draw: Draw) -> Rendered:
        """Draw one to three formulas, or a problem."""
        return self._problem(draw) if draw.chance(self.problem_share) else self._formulas(draw)

    def _formulas(self, draw: Draw) -> Rendered:
        count = draw.pick((1, 1, 2, 3))
        trees: list[Node] = []
        while len(trees) < count:
            tree = draw.made("formula", lambda rng: make_formula(rng, self.kinds), key=latex)
            trees += [tree] if tree not in trees else []
        numbering: Numbering = draw.pick(("none", "left", "right"))
        first, style = draw.whole(1, 30), draw.pick(("({})", "({})", "{}.") if numbering == "left" else ("({})",))
        numbers = [style.format(first + place) if numbering != "none" else "" for place in range(count)]
        text = self._sentence(draw) if draw.chance(0.35) else ""
        lines = self._inks(draw, trees, numbers)
        if text:
            lines.insert(0 if draw.chance(0.7) else len(lines), Line(text=text))
        picture = self._page(draw, lines, numbering)
        return Rendered(
            [picture], _formula_asks(draw, trees, numbers, lines), _false_asks(draw, trees, numbers, first)
        )

    def _problem(self, draw: Draw) -> Rendered:
        problem = draw.made("formula", make_problem, key=lambda problem: "; ".join(map(latex, problem.shown)))
        shown = list(problem.shown)
        if problem.kind in ("arithmetic", "determinant", "total") and draw.chance(0.7):
            shown[-1] = (draw.pick(("asked", "asked_mark")), shown[-1])
        lines = self._inks(draw, shown, [""] * len(shown))
        if draw.chance(0.5):
            lines.insert(0, Line(text=draw.phrase(HEADINGS[problem.kind], **dict(problem.fields))))
        picture = self._page(draw, lines, "none")
        asks = _problem_asks(draw, problem)
        asks += [Ask(TO_CODE, *pair, weight=1.0) for pair in _whole_picture(draw, shown)]
        return Rendered([picture], asks, _false_asks(draw, shown, [], 1))

    def _inks(self, draw: Draw, trees, numbers: list[str]) -> list[Line]:
        """Draw each formula in a look that all of them have."""
        looks = [look for look in looks_for(trees[0]) if all(look in looks_for(tree) for tree in trees)]
        look = draw.pick(looks)
        if look in PLAIN_LOOKS:  # typst's looks are never held out: nothing else can draw matrices
            look = draw.item("math font", tuple(PLAIN_LOOKS))
        size = draw.whole(24, 46)
        return [Line(draw_ink(tree, look, size), number=number) for tree, number in zip(trees, numbers, strict=True)]

    def _sentence(self, draw: Draw) -> str:
        return draw.item("text", self.assets.sentences(draw.language, draw.split))

    def _page(self, draw: Draw, lines: list[Line], numbering: Numbering) -> bytes:
        texts = "".join(line.text + line.number for line in lines)
        font = label_font(draw, self.assets, texts + "()")
        picture, medium = compose(draw, lines, font, draw.whole(20, 30), numbering)
        return save(draw, picture, medium, self.longest)


def _whole_picture(draw: Draw, trees: list[Node]) -> list[tuple[str, str]]:
    wordings = LATEX if len(trees) == 1 else LATEX_ALL
    return [(draw.phrase(wordings), "\n".join(map(latex, trees)))]


def _formula_asks(draw: Draw, trees: list[Node], numbers: list[str], lines: list[Line]) -> list[Ask]:
    asks = [Ask(TO_CODE, *pair, weight=3.0) for pair in _whole_picture(draw, trees)]
    if numbers[0] and len(trees) > 1:
        for tree, number in zip(trees, numbers, strict=True):
            asks.append(Ask(TO_CODE, draw.phrase(LATEX_NUMBERED, number=f"({number.strip('().')})"), latex(tree), 0.7))
    if len(trees) > 1 and not any(tree[0] == "cases" for tree in trees):  # is a system one formula, or three?
        asks.append(Ask(COUNTING, draw.phrase(COUNT), str(len(trees)), 0.3))
    if any(line.ink is None for line in lines):
        formulas = iter(zip(trees, numbers, strict=True))
        parts = [line.text if line.ink is None else _block(*next(formulas)) for line in lines]
        asks.append(Ask(FORMAT, draw.phrase(PAGE), "\n\n".join(parts), 2.0))
    return asks


def _block(tree: Node, number: str) -> str:
    r"""A displayed formula in Markdown; \tag{3} shows as (3)."""
    tag = rf" \tag{{{number.strip('().')}}}" if number else ""
    return f"$$ {latex(tree)}{tag} $$"


def _problem_asks(draw: Draw, problem: Problem) -> list[Ask]:
    fields = dict(problem.fields)
    asks = [Ask(ALGEBRA, draw.phrase(PROBLEM[problem.kind], **fields), problem.answer, 3.0)]
    if problem.working:
        answer = draw.phrase(SO, working=problem.working, answer=problem.answer)
        asks.append(Ask(ALGEBRA, draw.phrase(WORKING), answer, 0.8))
    return asks


def _false_asks(draw: Draw, trees: list[Node], numbers: list[str], first: int) -> list[Ask]:
    code = " ".join(map(latex, trees))
    pairs = [
        pair
        for pair, signs in zip(ABSENT_KIND[draw.language], ABSENT_SIGNS, strict=True)
        if not any(sign in code for sign in signs)
    ]
    if any(numbers):
        number = f"({first + len(trees) + draw.whole(0, 4)})"
        pairs.append(
            (draw.phrase(LATEX_NUMBERED, number=number), draw.phrase(ABSENT, number=number, count=len(trees)))
        )
    return [Ask(ABSENCE, *pair) for pair in pairs]
