"""A seeded generator comes in; a small problem of algebra goes out, as the trees it shows, with what is asked and the answer.

Answers are computed as fractions, never read off how the problem was made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .grammar import number
from .writing import Node, latex, value


@dataclass(frozen=True)
class Problem:
    """What is shown and what is asked.

    Args:
        kind: A key of `PROBLEMS`, and of the wordings.
        shown: Trees, one a line.
        answer: The short one.
        working: One line that gets there, in signs that every language has; "" where there is none.
        fields: Of the wordings.
    """

    kind: str
    shown: tuple[Node, ...]
    answer: str
    working: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def _pick(rng: np.random.Generator, options):
    return options[int(rng.integers(len(options)))]


def _whole(rng: np.random.Generator, low: int, high: int) -> int:
    return int(rng.integers(low, high + 1))


def _nonzero(rng: np.random.Generator, high: int) -> int:
    return _whole(rng, 1, high) * (1 if rng.random() < 0.6 else -1)


def say(amount: Fraction) -> str:
    """A number as an answer has it: "7", "-3", "5/2"."""
    return str(amount)


def line_of(factors: list[int], letters: list[Node]) -> Node:
    """Factors times letters, added up: 2x - y + 3; a letter of None stands for 1; factors of 0 are left out."""
    tree: Node | None = None
    for factor, letter in zip(factors, letters, strict=True):
        if factor == 0:
            continue
        size = abs(factor)
        part = ("number", str(size))
        if letter is not None:
            part = letter if size == 1 else ("beside", part, letter)
        if tree is None:
            tree = part if factor > 0 else ("neg", part)
        else:
            tree = ("plus" if factor > 0 else "minus", tree, part)
    return ("number", "0") if tree is None else tree


def _arithmetic(rng: np.random.Generator) -> Problem:
    def grow(depth: int) -> Node:
        if depth == 0:
            return ("number", str(_whole(rng, 1, 20)))
        kind = _pick(rng, ("plus", "minus", "times", "plus", "minus", "times", "divided", "frac", "power", "root"))
        if kind == "power":
            return (kind, ("number", str(_whole(rng, 2, 9))), ("number", str(_whole(rng, 2, 3))))
        if kind == "root":
            return (kind, ("number", str(_whole(rng, 2, 15) ** 2)))
        return (kind, grow(depth - 1), grow(depth - 1))

    while True:
        tree = grow(_whole(rng, 1, 3))
        try:
            amount = value(tree)
        except (ValueError, ZeroDivisionError):
            continue
        if amount.denominator <= 12 and abs(amount) < 5000 and tree[0] not in ("number", "root", "power"):
            return Problem("arithmetic", (tree,), say(amount))


def _linear(rng: np.random.Generator) -> Problem:
    letter = ("letter", _pick(rng, "xyztnm"))
    while True:
        a, b, c, d = _nonzero(rng, 12), _whole(rng, -30, 30), _whole(rng, -9, 9), _whole(rng, -40, 40)
        if rng.random() < 0.5:
            c = 0
        if a != c and Fraction(d - b, a - c).denominator <= 4 and (b or c):
            break
    root = Fraction(d - b, a - c)
    tree = ("equals", line_of([a, b], [letter, None]), line_of([c, d], [letter, None]))
    middle = latex(line_of([a - c], [letter]))
    return Problem("linear", (tree,), f"{letter[1]} = {say(root)}", f"{middle} = {d - b}", (("letter", letter[1]),))


def _system(rng: np.random.Generator) -> Problem:
    letters = [("letter", name) for name in _pick(rng, ("xy", "ab", "uv", "mn", "pq"))]
    x, y = _whole(rng, -9, 12), _whole(rng, -9, 12)
    while True:
        a, b, c, d = (_nonzero(rng, 7) for _ in range(4))
        if a * d != b * c:
            break
    rows = [("equals", line_of([p, q], letters), number(p * x + q * y)) for p, q in ((a, b), (c, d))]
    answer = f"{letters[0][1]} = {x}, {letters[1][1]} = {y}"
    return Problem("system", (("cases", *(("row", row) for row in rows)),), answer)


def _quadratic(rng: np.random.Generator) -> Problem:
    name = _pick(rng, "xyzt")
    low, high = sorted((_whole(rng, -12, 12), _whole(rng, -12, 12)))
    factor = _pick(rng, (1, 1, 1, 2, 3))
    letter: Node = ("letter", name)
    factors = [factor, -factor * (low + high), factor * low * high]
    tree = ("equals", line_of(factors, [("power", letter, number(2)), letter, None]), number(0))
    answer = f"{name} = {low}" if low == high else f"{name} = {low}, {name} = {high}"
    return Problem("quadratic", (tree,), answer, fields=(("letter", name),))


def _polynomial(rng: np.random.Generator) -> tuple[list[int], Node, str, Node]:
    """Factors of falling powers, what is shown, the letter, and the polynomial itself."""
    factors = [_nonzero(rng, 6), *(_whole(rng, -9, 9) for _ in range(_whole(rng, 1, 3)))]
    letter: Node = ("letter", _pick(rng, "xts"))
    name: Node = ("letter", _pick(rng, "fghpq"))
    return factors, ("equals", ("call", name, letter), _powers(factors, letter)), name[1], letter


def _powers(factors: list[int], letter: Node) -> Node:
    top = len(factors) - 1
    powers = [("power", letter, number(top - place)) if top - place > 1 else letter for place in range(top)]
    return line_of(factors, [*powers, None])


def _at(rng: np.random.Generator) -> Problem:
    factors, shown, name, _ = _polynomial(rng)
    place = _whole(rng, -4, 6)
    amount = 0
    for factor in factors:
        amount = amount * place + factor
    return Problem("at", (shown,), str(amount), fields=(("call", f"{name}({place})"),))


def _slope(rng: np.random.Generator) -> Problem:
    factors, shown, name, letter = _polynomial(rng)
    top = len(factors) - 1
    slopes = [factor * (top - place) for place, factor in enumerate(factors[:-1])]
    call = f"{name}'({letter[1]})"
    return Problem("slope", (shown,), f"{call} = {latex(_powers(slopes, letter))}", fields=(("call", call),))


def _determinant(rng: np.random.Generator) -> Problem:
    a, b, c, d = (_whole(rng, -9, 12) for _ in range(4))
    rows = [("row", number(p), number(q)) for p, q in ((a, b), (c, d))]
    return Problem("determinant", (("matrix", "v", *rows),), str(a * d - b * c), f"({a})({d}) - ({b})({c})")


def _sets(rng: np.random.Generator) -> Problem:
    names = _pick(rng, ("AB", "MN", "PQ", "ST"))
    members = [sorted(rng.choice(range(1, 16), _whole(rng, 3, 6), replace=False).tolist()) for _ in range(2)]
    first, second = set(members[0]), set(members[1])
    sign, found = _pick(rng, (("∪", first | second), ("∩", first & second), ("∖", first - second)))
    shown = tuple(
        ("equals", ("letter", name), ("set", *map(number, group))) for name, group in zip(names, members, strict=True)
    )
    answer = "{" + ", ".join(map(str, sorted(found))) + "}" if found else "∅"
    return Problem("sets", shown, answer, fields=(("sets", f"{names[0]} {sign} {names[1]}"),))


def _total(rng: np.random.Generator) -> Problem:
    index: Node = ("letter", _pick(rng, "ijkn"))
    low, count = _whole(rng, 0, 3), _whole(rng, 2, 6)
    a, b, squared = _whole(rng, 1, 5), _whole(rng, -5, 9), rng.random() < 0.3
    body = line_of([a, b], [("power", index, number(2)) if squared else index, None])
    terms = [a * (place * place if squared else place) + b for place in range(low, low + count)]
    tree = ("sum", ("equals", index, number(low)), number(low + count - 1), body)
    return Problem(
        "total", (tree,), str(sum(terms)), " + ".join(f"({term})" if term < 0 else str(term) for term in terms)
    )


PROBLEMS: dict[str, Callable[[np.random.Generator], Problem]] = {
    "arithmetic": _arithmetic,
    "linear": _linear,
    "system": _system,
    "quadratic": _quadratic,
    "at": _at,
    "slope": _slope,
    "determinant": _determinant,
    "sets": _sets,
    "total": _total,
}
SHARES = {
    "arithmetic": 4,
    "linear": 4,
    "system": 2,
    "quadratic": 2,
    "at": 2,
    "slope": 1,
    "determinant": 1,
    "sets": 1,
    "total": 1,
}


def make_problem(rng: np.random.Generator) -> Problem:
    """Make a problem of one of the kinds, the simple ones most often."""
    pool = [kind for kind, share in SHARES.items() for _ in range(share)]
    return PROBLEMS[_pick(rng, pool)](rng)
