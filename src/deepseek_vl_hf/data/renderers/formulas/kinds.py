"""A seeded generator comes in; the tree of a formula goes out, as books on algebra, calculus, sets and matrices have them."""

from collections.abc import Callable

import numpy as np

from .grammar import CONSTANTS, FUNCTIONS, GREEK, SETS, VARIABLES, Grammar, number
from .writing import Node


def _equation(g: Grammar) -> Node:
    relation = g.pick(("equals", "equals", "equals", "at_most", "at_least", "below", "above", "differs", "about"))
    left = g.pick((lambda: g.expression(2), lambda: ("call", ("letter", g.pick(FUNCTIONS)), g.variable)))()
    return (relation, left, g.expression(int(g.rng.integers(2, 4))))


def _integral(g: Grammar) -> Node:
    body = g.pick((lambda: g.expression(2), lambda: g.function(1), g.polynomial))()
    if g.rng.random() < 0.35:
        return ("equals", ("integral", body, g.variable), ("plus", g.expression(2), ("letter", "C")))
    low, high = g.pick(
        ((number(0), number(1)), (g.constants[0], g.constants[1]), (number(0), ("symbol", "infty")), (number(0), PI))
    )
    return ("equals", ("definite", low, high, body, g.variable), g.expression(2))


PI = ("symbol", "pi")


def _series(g: Grammar) -> Node:
    index = ("letter", g.pick(("i", "j", "k", "n")))
    high = g.pick((("symbol", "infty"), ("letter", "N"), g.whole(5, 100)))
    body = g.pick(
        (
            lambda: ("frac", number(1), ("power", index, g.whole(2, 4))),
            lambda: ("frac", ("power", g.variable, index), ("factorial", index)),
            lambda: ("beside", ("index", g.constants[0], index), ("power", g.variable, index)),
            lambda: g.polynomial(index),
            lambda: ("beside", ("binom", ("letter", "N"), index), ("power", g.variable, index)),
        )
    )()
    kind = "sum" if g.rng.random() < 0.8 else "product"
    return ("equals", (kind, ("equals", index, g.whole(0, 2)), high, body), g.expression(2))


def _limit(g: Grammar) -> Node:
    towards = g.pick((number(0), ("symbol", "infty"), g.constants[0], g.whole(1, 5)))
    body = g.pick((lambda: ("frac", g.function(0), g.term()), lambda: g.expression(2)))()
    return ("equals", ("limit", ("to", g.variable, towards), body), g.pick((g.whole(-9, 9), g.constant())))


def _derivative(g: Grammar) -> Node:
    name = ("letter", g.pick(FUNCTIONS))
    left = g.pick(
        (
            lambda: ("prime", name, g.variable),
            lambda: ("second", name, g.variable),
            lambda: ("derivative", g.variable, g.function(0)),
            lambda: ("slope", ("letter", "v"), g.variable),
            lambda: ("plus", ("partial", name, g.variable), ("partial", name, ("letter", "v"))),
            lambda: ("beside", g.constants[0], ("partial2", name, g.variable)),
        )
    )()
    return ("equals", left, g.expression(2))


def _matrix(g: Grammar) -> Node:
    rows, columns = int(g.rng.integers(2, 5)), int(g.rng.integers(1, 5))
    style = g.pick(("p", "b"))
    if g.rng.random() < 0.25:
        rows = columns = int(g.rng.integers(2, 4))
        style = "v"

    def cell() -> Node:
        return g.whole(-9, 20) if letters else g.pick((g.whole(0, 9), g.constant(), g.variable))

    letters = g.rng.random() < 0.6
    matrix = ("matrix", style, *(("row", *(cell() for _ in range(columns))) for _ in range(rows)))
    if style == "v":
        return ("equals", matrix, g.whole(-50, 50))
    if g.rng.random() < 0.4 and columns > 1:
        vector = ("matrix", style, *(("row", g.pick((g.variable, g.whole(0, 9)))) for _ in range(columns)))
        return ("equals", ("beside", matrix, vector), ("bold", ("letter", g.pick("bcdv"))))
    return ("equals", ("letter", g.pick("ABMPQT")), matrix)


def _cases(g: Grammar) -> Node:
    if g.rng.random() < 0.5:
        border = g.whole(-3, 9)
        rows = [(g.expression(1), ("below", g.variable, border)), (g.expression(1), ("at_least", g.variable, border))]
        name = ("call", ("letter", g.pick(FUNCTIONS)), g.variable)
        return ("equals", name, ("cases", *(("row", *row) for row in rows)))
    first, second = (("letter", name) for name in g.several(VARIABLES, 2))
    rows = []
    for _ in range(int(g.rng.integers(2, 4))):
        left = (g.pick(("plus", "minus")), g.term(first), g.term(second))
        rows.append(("row", ("equals", left, g.whole(-20, 40))))
    return ("cases", *rows)


def _sets(g: Grammar) -> Node:
    first, second, third = (("letter", name) for name in g.several(SETS, 3))
    space = ("number_set", ("letter", g.pick("RNZQC")))
    condition = (g.pick(("at_least", "below", "above", "at_most")), g.polynomial(), g.whole(0, 30))
    members = sorted(g.several(range(1, 30), int(g.rng.integers(3, 7))))
    mixed = (g.pick(("union", "intersection", "without")), first, second)
    return g.pick(
        (
            lambda: ("equals", first, ("such_that", ("within", g.variable, space), condition)),
            lambda: ("equals", mixed, ("set", *map(number, members))),
            lambda: ("subset", mixed, (g.pick(("union", "intersection")), mixed, third)),
            lambda: ("forall", ("within", g.variable, space), condition),
            lambda: ("exists", ("within", g.variable, ("closed", number(0), g.whole(1, 9))), condition),
        )
    )()


def _chance(g: Grammar) -> Node:
    event, other = (("letter", name) for name in g.several(SETS, 2))
    mean = ("bar", g.variable)
    total = ("sum", ("equals", ("letter", "i"), number(1)), ("letter", "n"), ("index", g.variable, ("letter", "i")))
    bayes = ("beside", ("given", ("letter", "P"), other, event), ("call", ("letter", "P"), event))
    return g.pick(
        (
            lambda: ("equals", mean, ("beside", ("frac", number(1), ("letter", "n")), total)),
            lambda: (
                "equals",
                ("given", ("letter", "P"), event, other),
                ("frac", bayes, ("call", ("letter", "P"), other)),
            ),
            lambda: ("equals", ("hat", g.constants[3]), g.expression(2)),
            lambda: (
                "equals",
                ("dot", ("vector", ("letter", "u")), ("vector", ("letter", "v"))),
                ("plus", g.term(), g.term(("letter", "v"))),
            ),
        )
    )()


def _trigonometry(g: Grammar) -> Node:
    angle, other = (("greek", name) for name in g.several(GREEK, 2))
    kind, second = g.several(("sin", "cos", "tan"), 2)
    double = ("beside", g.whole(2, 4), angle)
    return g.pick(
        (
            lambda: (
                "equals",
                (kind, (g.pick(("plus", "minus")), angle, other)),
                ("plus", ("beside", (kind, angle), (second, other)), g.expression(1)),
            ),
            lambda: ("equals", (kind, double), ("beside", g.whole(2, 4), ("beside", ("sin", angle), ("cos", angle)))),
            lambda: (
                "equals",
                ("plus", *(("trig_power", ("word", name), number(2), double) for name in (kind, second))),
                g.expression(1),
            ),
            lambda: ("equals", (kind, double), ("frac", g.expression(1), g.expression(1))),
        )
    )()


def _roots(g: Grammar) -> Node:
    a, b, c = (("letter", name) for name in g.several(CONSTANTS, 3))
    middle = ("beside", g.whole(2, 9), ("beside", a, c))
    root = ("root", ("minus", ("power", b, number(2)), middle))
    shown = ("frac", ("plus_minus", ("neg", b), root), ("beside", g.whole(2, 9), a))
    return ("equals", ("index", g.variable, ("list", number(1), number(2))), shown)


KINDS: dict[str, Callable[[Grammar], Node]] = {
    "equation": _equation,
    "integral": _integral,
    "series": _series,
    "limit": _limit,
    "derivative": _derivative,
    "matrix": _matrix,
    "cases": _cases,
    "sets": _sets,
    "chance": _chance,
    "trigonometry": _trigonometry,
    "roots": _roots,
}


def make_formula(rng: np.random.Generator, kinds: tuple[str, ...] = tuple(KINDS)) -> Node:
    """Make the tree of a formula of one of some kinds."""
    kind = kinds[int(rng.integers(len(kinds)))]
    return KINDS[kind](Grammar(rng))
