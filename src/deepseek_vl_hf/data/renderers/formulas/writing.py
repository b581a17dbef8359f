r"""The tree of a formula comes in; its canonical LaTeX, its typst source, or its value goes out.

A node is a tuple, the name of its form first: ("frac", ("number", "1"), ("letter", "x")). The same tree always gives the same
LaTeX, "\frac{1}{x}", and brackets stand where the levels of `FORMS` ask for them.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction


RELATION, SIGNED, SUM, PRODUCT, APPLIED, POWER, ATOM = range(7)  # how tightly a form holds together
Node = tuple


@dataclass(frozen=True)
class Form:
    """How a node is written.

    Args:
        latex: With %0, %1 where its parts stand.
        typst: The same.
        level: How tightly it holds together.
        least: Level below which a part gets brackets, one for each part.
        tall: Whether brackets around it must grow.
        plain: Whether matplotlib can draw it.
    """

    latex: str
    typst: str
    level: int
    least: tuple[int, ...]
    tall: bool = False
    plain: bool = True


def _function(name: str) -> Form:
    return Form(rf"\{name} %0", f"{name} %0", APPLIED, (POWER,))


def _relation(latex: str, typst: str) -> Form:
    return Form(f"%0 {latex} %1", f"%0 {typst} %1", RELATION, (SIGNED, SIGNED))


def _accent(latex: str, typst: str) -> Form:
    return Form(rf"\{latex}{{%0}}", f"{typst}(%0)", ATOM, (0,))


FORMS: dict[str, Form] = {
    "neg": Form("-%0", "-%0", SIGNED, (PRODUCT,)),
    "plus": Form("%0 + %1", "%0 + %1", SUM, (SIGNED, SUM)),
    "minus": Form("%0 - %1", "%0 - %1", SUM, (SIGNED, PRODUCT)),
    "plus_minus": Form(r"%0 \pm %1", "%0 plus.minus %1", SUM, (SIGNED, PRODUCT)),
    "union": Form(r"%0 \cup %1", "%0 union %1", PRODUCT, (ATOM, ATOM)),
    "intersection": Form(r"%0 \cap %1", "%0 inter %1", PRODUCT, (ATOM, ATOM)),
    "without": Form(r"%0 \setminus %1", "%0 without %1", PRODUCT, (ATOM, ATOM)),
    "beside": Form("%0 %1", "%0 %1", PRODUCT, (PRODUCT, PRODUCT)),
    "dot": Form(r"%0 \cdot %1", "%0 dot.op %1", PRODUCT, (PRODUCT, APPLIED)),
    "times": Form(r"%0 \times %1", "%0 times %1", PRODUCT, (PRODUCT, APPLIED)),
    "divided": Form(r"%0 \div %1", "%0 div %1", PRODUCT, (PRODUCT, APPLIED)),
    "frac": Form(r"\frac{%0}{%1}", "frac(%0, %1)", APPLIED, (0, 0), tall=True),
    "power": Form("%0^{%1}", "%0^(%1)", POWER, (ATOM, 0)),
    "index": Form("%0_{%1}", "%0_(%1)", ATOM, (ATOM, 0)),
    "root": Form(r"\sqrt{%0}", "sqrt(%0)", ATOM, (0,)),
    "nth_root": Form(r"\sqrt[%0]{%1}", "root(%0, %1)", ATOM, (0, 0)),
    "abs": Form("|%0|", "abs(%0)", ATOM, (0,)),
    "factorial": Form("%0!", "%0 !", POWER, (ATOM,)),
    "binom": Form(r"\binom{%0}{%1}", "binom(%0, %1)", ATOM, (0, 0), tall=True),
    "exp": Form("e^{%0}", "e^(%0)", POWER, (0,)),
    "call": Form("%0(%1)", "%0 (%1)", POWER, (ATOM, 0)),
    "call2": Form("%0(%1, %2)", "%0 (%1, %2)", POWER, (ATOM, 0, 0)),
    "given": Form(r"%0(%1 \mid %2)", "%0 (%1 bar.v %2)", POWER, (ATOM, SIGNED, SIGNED)),
    "prime": Form("%0'(%1)", "%0' (%1)", POWER, (ATOM, 0)),
    "second": Form("%0''(%1)", "%0'' (%1)", POWER, (ATOM, 0)),
    "log_base": Form(r"\log_{%0} %1", "log_(%0) %1", APPLIED, (0, POWER)),
    "trig_power": Form(r"\%0^{%1} %2", "%0^(%1) %2", APPLIED, (0, 0, POWER)),
    "sum": Form(r"\sum_{%0}^{%1} %2", "sum_(%0)^(%1) %2", PRODUCT, (0, 0, PRODUCT), tall=True),
    "product": Form(r"\prod_{%0}^{%1} %2", "product_(%0)^(%1) %2", PRODUCT, (0, 0, PRODUCT), tall=True),
    "integral": Form(r"\int %0 \, d%1", "integral %0 thin d %1", PRODUCT, (PRODUCT, ATOM), tall=True),
    "definite": Form(
        r"\int_{%0}^{%1} %2 \, d%3", "integral_(%0)^(%1) %2 thin d %3", PRODUCT, (0, 0, PRODUCT, ATOM), tall=True
    ),
    "limit": Form(r"\lim_{%0} %1", "lim_(%0) %1", PRODUCT, (0, PRODUCT), tall=True),
    "derivative": Form(r"\frac{d}{d%0} %1", "frac(d, d %0) %1", PRODUCT, (ATOM, PRODUCT), tall=True),
    "slope": Form(r"\frac{d%0}{d%1}", "frac(d %0, d %1)", APPLIED, (ATOM, ATOM), tall=True),
    "partial": Form(
        r"\frac{\partial %0}{\partial %1}", "frac(partial %0, partial %1)", APPLIED, (ATOM, ATOM), tall=True
    ),
    "partial2": Form(
        r"\frac{\partial^{2} %0}{\partial %1^{2}}",
        "frac(partial^2 %0, partial %1^2)",
        APPLIED,
        (ATOM, ATOM),
        tall=True,
    ),
    "such_that": Form(r"\{ %0 \mid %1 \}", "{ %0 bar.v %1 }", ATOM, (0, 0)),
    "pair": Form("(%0, %1)", "(%0, %1)", ATOM, (SIGNED, SIGNED)),
    "closed": Form("[%0, %1]", "[ %0, %1 ]", ATOM, (SIGNED, SIGNED)),
    "number_set": Form(r"\mathbb{%0}", "bb(%0)", ATOM, (0,)),
    "bold": Form(r"\mathbf{%0}", "upright(bold(%0))", ATOM, (0,)),
    "forall": Form(r"\forall %0 : %1", "forall %0 : %1", RELATION, (0, 0)),
    "exists": Form(r"\exists %0 : %1", "exists %0 : %1", RELATION, (0, 0)),
    "vector": _accent("vec", "arrow"),
    "bar": _accent("overline", "overline"),
    "hat": _accent("hat", "hat"),
    "equals": _relation("=", "="),
    "differs": _relation(r"\neq", "!="),
    "below": _relation("<", "<"),
    "above": _relation(">", ">"),
    "at_most": _relation(r"\leq", "<="),
    "at_least": _relation(r"\geq", ">="),
    "about": _relation(r"\approx", "approx"),
    "within": _relation(r"\in", "in"),
    "subset": _relation(r"\subseteq", "subset.eq"),
    "asked": Form("%0 =", "%0 =", RELATION, (SIGNED,)),
    "asked_mark": Form("%0 = ?", "%0 = ?", RELATION, (SIGNED,)),
    "to": _relation(r"\to", "->"),
    **{name: _function(name) for name in ("sin", "cos", "tan", "ln", "log", "arctan", "sinh", "cosh")},
}
TYPST_SYMBOLS = {"infty": "infinity", "emptyset": "nothing", "dots": "dots", "nabla": "nabla"}


def latex(node: Node) -> str:
    """Write a tree as LaTeX."""
    return _write(node, "latex")


def typst(node: Node) -> str:
    """Write a tree as typst does between dollar signs."""
    return _write(node, "typst")


def is_plain(node: Node) -> bool:
    """Whether matplotlib can draw it: it has no matrices or cases."""
    if node[0] in ("matrix", "cases"):
        return False
    return all(is_plain(part) for part in node[1:] if isinstance(part, tuple))


def _level(node: Node) -> int:
    if node[0] in FORMS:
        return FORMS[node[0]].level
    return ATOM


def _is_tall(node: Node) -> bool:
    if node[0] in ("matrix", "cases") or (node[0] in FORMS and FORMS[node[0]].tall):
        return True
    return any(_is_tall(part) for part in node[1:] if isinstance(part, tuple))


def _write(node: Node, syntax: str) -> str:
    kind = node[0]
    if kind in ("number", "letter", "word"):
        return node[1] if kind != "word" or syntax == "latex" else TYPST_SYMBOLS.get(node[1], node[1])
    if kind in ("greek", "symbol"):
        return f"\\{node[1]}" if syntax == "latex" else TYPST_SYMBOLS.get(node[1], node[1])
    if kind in ("set", "list"):
        inner = ", ".join(_write(part, syntax) for part in node[1:])
        opening, closing = (r"\{ ", r" \}") if syntax == "latex" else ("{ ", " }")
        return f"{opening}{inner}{closing}" if kind == "set" else inner
    if kind in ("matrix", "cases"):
        return _write_rows(node, syntax)
    form = FORMS[kind]
    parts = [_bracket(part, least, syntax) for part, least in zip(node[1:], form.least, strict=True)]
    if kind == "beside" and syntax == "latex" and not re.search(r"\\[A-Za-z]+$", parts[0]):
        return "".join(parts)  # "2x", but "\pi x"
    return re.sub(r"%(\d)", lambda found: parts[int(found[1])], getattr(form, syntax))


def _bracket(node: Node, least: int, syntax: str) -> str:
    text = _write(node, syntax)
    if _level(node) >= least:
        return text
    tall = syntax == "latex" and _is_tall(node)
    return rf"\left( {text} \right)" if tall else f"({text})"


def _write_rows(node: Node, syntax: str) -> str:
    """A matrix, ("matrix", "p", row, ...) with rows ("row", cell, ...), or cases, ("cases", row, ...)."""
    rows = [[_write(cell, syntax) for cell in row[1:]] for row in node if isinstance(row, tuple)]
    if syntax == "latex":
        name = "cases" if node[0] == "cases" else f"{node[1]}matrix"
        body = r" \\ ".join(" & ".join(row) for row in rows)
        return rf"\begin{{{name}}} {body} \end{{{name}}}"
    if node[0] == "cases":
        return f"cases({', '.join(' &quad '.join(row) for row in rows)})"
    delimiter = {"p": "(", "b": "[", "v": "|"}[node[1]]
    return f'mat(delim: "{delimiter}", {"; ".join(", ".join(row) for row in rows)})'


def value(node: Node) -> Fraction:
    """What an arithmetic expression comes to, exactly.

    Raises:
        ValueError: if it has no rational value, as at a division by zero, or is not arithmetic.
    """
    kind, *parts = node
    if kind == "number":
        return Fraction(parts[0])
    numbers = [value(part) for part in parts]
    if kind in ("divided", "frac") and numbers[1] == 0:
        raise ValueError(f"found a division by zero in {latex(node)}, expected an expression that has a value")
    if kind == "root":
        root = Fraction(math.isqrt(max(0, numbers[0].numerator)), math.isqrt(numbers[0].denominator))
        if root * root != numbers[0]:
            raise ValueError(f"found {latex(node)}, expected the root of a square; its value is not rational")
        return root
    operations = {
        "neg": lambda a: -a,
        "plus": lambda a, b: a + b,
        "minus": lambda a, b: a - b,
        "times": lambda a, b: a * b,
        "dot": lambda a, b: a * b,
        "divided": lambda a, b: a / b,
        "frac": lambda a, b: a / b,
        "power": lambda a, b: a ** int(b),
        "abs": abs,
    }
    if kind not in operations:
        raise ValueError(f"found a node {kind!r}, expected one of {', '.join(operations)}, root or number")
    return Fraction(operations[kind](*numbers))
