"""Points, lines, circles, what is written beside them and what is asked about them: a figure, before anything is drawn.

Coordinates are the figure's own, y upwards.
"""

import math
from dataclasses import dataclass, field

import numpy as np


Point = tuple[float, float]


@dataclass
class Figure:
    """A drawing to be made, y upwards, and what is asked about it.

    Args:
        kind: Of figure.
        numbers: That make it what it is, in a fixed order; with `kind` they are its key.
        turns: Whether it may be turned by any angle.
        strict: Whether labels must stay away from lines.
    """

    kind: str
    numbers: tuple
    turns: bool = True
    strict: bool = True
    shapes: list[tuple] = field(default_factory=list)
    asks: list[tuple[str, str, str, dict]] = field(default_factory=list)
    letters: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """Names the figure whatever its looks."""
        return f"{self.kind} {self.numbers}"

    @property
    def labels(self) -> str:
        """All that is written in it."""
        return "".join(shape[-1] for shape in self.shapes if shape[0] in ("text", "angle"))

    def line(self, one: Point, other: Point, style: str = "solid") -> None:
        """A line: "solid", "dashed" or "thin"."""
        self.shapes.append(("line", one, other, style))

    def polygon(self, *points: Point, filled: bool = False) -> None:
        """A closed line."""
        if filled:
            self.shapes.insert(0, ("fill", points))
        for one, other in zip(points, points[1:] + points[:1], strict=True):
            self.line(one, other)

    def curve(self, points: list[Point], style: str = "solid") -> None:
        """A line through many points."""
        self.shapes.append(("curve", points, style))

    def circle(
        self,
        middle: Point,
        radius: float,
        across: float = 1.0,
        start: float = 0,
        end: float = 360,
        style: str = "solid",
    ) -> None:
        """A circle, or an arc of it from an angle to another; flattened to a share `across` of its height."""
        turns = np.radians(np.linspace(start, end, max(8, round(abs(end - start) / 3))))
        points = [
            (middle[0] + radius * math.cos(t), middle[1] + radius * across * math.sin(t)) for t in turns.tolist()
        ]
        self.curve(points, style)

    def dot(self, point: Point) -> None:
        """A point."""
        self.shapes.append(("dot", point))

    def right(self, corner: Point, one: Point, other: Point) -> None:
        """The mark of a right angle."""
        self.shapes.append(("right", corner, one, other))

    def angle(self, corner: Point, one: Point, other: Point, text: str) -> None:
        """An arc from a leg to the other, the shorter way round, and what is written in it."""
        self.shapes.append(("angle", corner, one, other, text))

    def text(self, point: Point, away: Point, text: str) -> None:
        """A label beside a point, in the direction `away`; (0, 0) centres it."""
        self.shapes.append(("text", point, away, text))

    def name(self, point: Point, middle: Point, letter: str) -> None:
        """The letter of a corner, on the side away from the middle of the figure."""
        self.letters.add(letter)
        self.text(point, (point[0] - middle[0], point[1] - middle[1]), letter)

    def side(self, one: Point, other: Point, middle: Point, text: str) -> None:
        """What is written beside the middle of a line, on the side away from the middle of the figure."""
        (x, y), (dx, dy) = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2), (other[0] - one[0], other[1] - one[1])
        away = (-dy, dx) if (x - middle[0]) * -dy + (y - middle[1]) * dx >= 0 else (dy, -dx)
        self.text((x, y), away, text)

    def ask(self, wording: str, answer: str, working: str = "", **fields: str) -> None:
        """A question that it answers: the name of its wordings, the answer, and the line that gets there."""
        self.asks.append((wording, answer, working, fields))
