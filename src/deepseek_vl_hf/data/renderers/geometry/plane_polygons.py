"""A seeded generator comes in; a polygon of four or more corners goes out, with what is asked about its angles."""

import math

import numpy as np

from .figure import Figure, Point
from .plane_angles import CENTRE, LETTERS, corners, pick, polar, whole


Rng = np.random.Generator


def quadrilateral(rng: Rng) -> Figure:
    """Three angles of a convex quadrilateral are given, the fourth is asked."""
    while True:
        turns = sorted(rng.integers(0, 360, 4).tolist())
        points = [polar(CENTRE, float(rng.uniform(0.75, 1)), turn) for turn in turns]
        angles = [_inner(points, place) for place in range(4)]
        steps = [(turns[(place + 1) % 4] - turns[place]) % 360 for place in range(4)]
        if min(steps) >= 45 and max(steps) < 140 and min(angles) >= 45 and max(angles) <= 150:
            break
    shown = [round(angle) for angle in angles[:3]]
    last = 360 - sum(shown)
    figure, letters, sign = (
        Figure("quadrilateral angles", tuple(shown)),
        pick(rng, LETTERS),
        pick(rng, ("x", "?", "y")),
    )
    corners(figure, points, letters)
    for place, text in enumerate([*(f"{angle}°" for angle in shown), sign]):
        figure.angle(points[place], points[place - 1], points[(place + 1) % 4], text)
    working = f"360° - {' - '.join(f'{angle}°' for angle in shown)} = {last}°"
    figure.ask("angle", f"{last}°", working, name=f"∠{letters[3]}")
    return figure


def _inner(points: list[Point], place: int) -> float:
    corner, before, after = points[place], points[place - 1], points[(place + 1) % len(points)]
    turns = [math.atan2(p[1] - corner[1], p[0] - corner[0]) for p in (before, after)]
    return abs((math.degrees(turns[1] - turns[0]) + 180) % 360 - 180)


def regular(rng: Rng) -> Figure:
    """A regular polygon, each side of the same length."""
    count, length = whole(rng, 5, 10), whole(rng, 2, 15)
    figure = Figure("regular polygon", (count, length))
    points = [polar(CENTRE, 1, 90 + 360 * place / count) for place in range(count)]
    figure.polygon(*points, filled=bool(rng.random() < 0.5))
    figure.side(points[0], points[1], CENTRE, str(length))
    total = 180 * (count - 2)
    if total % count == 0:
        figure.ask("inner_angle", f"{total // count}°", f"({count} - 2) × 180° / {count} = {total // count}°")
    figure.ask("angle_sum", f"{total}°", f"({count} - 2) × 180° = {total}°")
    figure.ask("sides", str(count))
    figure.ask("perimeter_regular", str(count * length), f"{count} × {length} = {count * length}")
    return figure
