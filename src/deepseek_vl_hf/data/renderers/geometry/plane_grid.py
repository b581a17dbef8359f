"""A seeded generator comes in; points on a grid with axes go out, with questions about where they are and what lies between them."""

import math
from fractions import Fraction

import numpy as np

from .figure import Figure, Point
from .plane_angles import mean, pick, whole
from .plane_measures import say


Rng = np.random.Generator
QUADRANTS = {(1, 1): "1", (-1, 1): "2", (-1, -1): "3", (1, -1): "4"}


def _axes(figure: Figure, low: int, high: int) -> None:
    """Grid lines at whole numbers, both axes with arrows, numbers along them."""
    for place in range(low, high + 1):
        figure.line((place, low), (place, high), "grid")
        figure.line((low, place), (high, place), "grid")
        if place != 0:
            figure.text((place, 0), (0, -1), str(place))
            figure.text((0, place), (-1, 0), str(place))
    far, tip = high + 0.7, 0.22
    figure.line((low - 0.3, 0), (far, 0))
    figure.line((0, low - 0.3), (0, far))
    figure.curve([(far - tip * 1.6, tip), (far, 0), (far - tip * 1.6, -tip)])
    figure.curve([(tip, far - tip * 1.6), (0, far), (-tip, far - tip * 1.6)])
    figure.text((far, 0), (1, 0), "x")
    figure.text((0, far), (0, 1), "y")


def _free(rng: Rng, span: int, count: int) -> list[tuple[int, int]]:
    """Points that keep away from each other, and from the axes but for a few."""
    points: list[tuple[int, int]] = []
    while len(points) < count:
        point = (whole(rng, -span, span), whole(rng, -span, span))
        if (0 in point) or any(math.dist(point, other) < 2.2 for other in points):
            continue
        points.append(point)
    return points


def _turn(points: list[tuple[int, int]]) -> int:
    """Twice the area, by the shoelace formula."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True)))


def points_on_grid(rng: Rng) -> Figure:
    """Some named points, perhaps joined to a triangle or a line."""
    span, count = whole(rng, 4, 6), whole(rng, 2, 4)
    points = _free(rng, span, count)
    joined = count in (2, 3) and bool(rng.random() < 0.6) and (count == 2 or _turn(points) > 4)
    figure = Figure("grid", (tuple(sorted(points)), joined), turns=False, strict=False)
    _axes(figure, -span, span)
    letters = pick(rng, ("ABCD", "PQRS", "KLMN", "EFGH"))
    middle = mean(*points) if joined and count == 3 else None
    if joined:
        for one, other in zip(points, points[1:] + points[:1], strict=True) if count == 3 else [points]:
            figure.line(one, other)
    for point, letter in zip(points, letters, strict=False):
        figure.dot(point)
        away: Point = (
            (point[0] - middle[0], point[1] - middle[1]) if middle else (0.8, 1) if count != 2 else _off(points)
        )
        figure.text(point, away, letter)
        figure.letters.add(letter)
        figure.ask("coordinates", f"({point[0]}, {point[1]})", name=letter)
        figure.ask(
            "quadrant", QUADRANTS[int(math.copysign(1, point[0])), int(math.copysign(1, point[1]))], name=letter
        )
        figure.ask("point_at", letter, x=str(point[0]), y=str(point[1]))
    _measure(figure, points, letters)
    if joined and count == 3:
        area = say(Fraction(_turn(points), 2))
        figure.ask("area", area, "", shape="triangle")
    return figure


def _off(points) -> Point:
    """Away from the line through two points, upwards or to the right."""
    dx, dy = points[1][0] - points[0][0], points[1][1] - points[0][1]
    away = (-dy, dx)
    return away if (away[1], away[0]) > (0, 0) else (dy, -dx)


def _measure(figure: Figure, points, letters: str) -> None:
    """Distance, middle and slope of the first two points."""
    (a, b), (c, d) = points[:2]
    name = letters[:2]
    square = (c - a) ** 2 + (d - b) ** 2
    root = math.isqrt(square)
    length = str(root) if root * root == square else f"√{square}"
    figure.ask(
        "distance", length, f"√({_signed(c - a)}² + {_signed(d - b)}²) = {length}", name=letters[0], other=letters[1]
    )
    figure.ask("midpoint", f"({say(Fraction(a + c, 2))}, {say(Fraction(b + d, 2))})", "", name=name)
    if a != c:
        slope = str(Fraction(d - b, c - a))
        figure.ask("slope", slope, f"({d} - {_signed(b)}) / ({c} - {_signed(a)}) = {slope}", name=name)


def _signed(amount: int) -> str:
    """A number as a calculation has it, in brackets if it is negative."""
    return f"({amount})" if amount < 0 else str(amount)
