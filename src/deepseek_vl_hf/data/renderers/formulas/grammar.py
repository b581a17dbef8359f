"""A seeded generator comes in; expressions go out as trees: terms, polynomials, fractions, roots, functions.

The parts of a formula come from one `Grammar`, so that they share their variables.
"""

import numpy as np

from .writing import Node


GREEK = ("alpha", "beta", "gamma", "delta", "theta", "lambda", "mu", "rho", "sigma", "tau", "omega")
VARIABLES = ("x", "y", "z", "t", "u", "s", "r", "w")
CONSTANTS = ("a", "b", "c", "k", "m", "n", "p", "q")
FUNCTIONS = ("f", "g", "h", "F", "G")
SETS = ("A", "B", "C", "M", "S", "X", "Y")


def number(value: int) -> Node:
    """A whole number, negative ones as the opposite of a positive one."""
    return ("number", str(value)) if value >= 0 else ("neg", ("number", str(-value)))


class Grammar:
    """Makes trees of one formula, whose parts share their variables.

    Args:
        rng: Decides.
    """

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        self.variable: Node = ("letter", self.pick(VARIABLES)) if rng.random() < 0.8 else ("greek", self.pick(GREEK))
        self.constants: list[Node] = [("letter", name) for name in self.several(CONSTANTS, 3)]
        self.constants.append(("greek", self.pick([name for name in GREEK if ("greek", name) != self.variable])))

    def pick(self, options):
        """One of some options."""
        return options[int(self.rng.integers(len(options)))]

    def several(self, options, count: int) -> list:
        """Some of the options, none twice."""
        return [options[index] for index in self.rng.choice(len(options), count, replace=False).tolist()]

    def whole(self, low: int, high: int) -> Node:
        """A whole number as a node."""
        return number(int(self.rng.integers(low, high + 1)))

    def constant(self) -> Node:
        """A letter that stands for a number, at times with an index."""
        name = self.pick(self.constants)
        return ("index", name, self.whole(0, 3)) if self.rng.random() < 0.12 else name

    def term(self, of: Node | None = None) -> Node:
        """A number times a power of the variable."""
        of = of or self.variable
        power = of if self.rng.random() < 0.4 else ("power", of, self.whole(2, 5))
        return power if self.rng.random() < 0.35 else ("beside", self.whole(2, 12), power)

    def polynomial(self, of: Node | None = None) -> Node:
        """Two to four terms of falling powers."""
        of = of or self.variable
        degree = int(self.rng.integers(1, 4))
        tree = None
        for power in range(degree, -1, -1):
            if tree is not None and power and self.rng.random() < 0.25:
                continue
            base = {0: None, 1: of}.get(power, ("power", of, number(power)))
            factor = int(self.rng.integers(1, 15))
            term = number(factor) if base is None else base if factor == 1 else ("beside", number(factor), base)
            tree = term if tree is None else (self.pick(("plus", "minus")), tree, term)
        return tree

    def function(self, depth: int, of: Node | None = None) -> Node:
        """A named function of something small."""
        kind = self.pick(("sin", "cos", "tan", "ln", "log_base", "exp", "trig_power", "arctan", "root"))
        inner = of or self.pick((self.variable, self.term(), self.expression(depth - 1)))
        if kind == "log_base":
            return (kind, self.pick((number(2), number(10), self.constants[0])), inner)
        if kind == "trig_power":
            return (kind, ("word", self.pick(("sin", "cos", "tan"))), number(2), inner)
        if kind == "exp":
            return ("exp", ("neg", inner) if self.rng.random() < 0.5 and inner[0] != "neg" else inner)
        return (kind, inner)

    def expression(self, depth: int) -> Node:
        """Anything that has a value, of at most so many levels."""
        if depth <= 0:
            return self.pick((self.variable, self.constant(), self.whole(1, 20), self.term()))
        kind = self.pick(
            ("plus", "minus", "frac", "frac", "beside", "power", "root", "function", "polynomial", "term", "nth_root")
        )
        if kind in ("plus", "minus", "frac"):
            first = second = self.expression(depth - 1)
            while second == first:  # nobody writes x - x or x / x
                second = self.expression(depth - 1)
            return (kind, first, second)
        if kind == "beside":
            return (kind, self.constant(), self.pick((self.variable, ("root", self.expression(depth - 1)))))
        if kind == "power":
            base = self.pick((self.variable, self.polynomial(), self.constant()))
            return (kind, base, self.pick((self.whole(2, 9), ("letter", "n"), ("frac", number(1), self.whole(2, 5)))))
        if kind == "root":
            return (kind, self.expression(depth - 1))
        if kind == "nth_root":
            return (kind, self.whole(3, 5), self.expression(depth - 1))
        return {"function": lambda: self.function(depth), "polynomial": self.polynomial, "term": self.term}[kind]()
