"""A seeded generator comes in; a figure about angles goes out, drawn to scale, with what is asked and the answers."""

import math

import numpy as np

from .figure import Figure, Point


Rng = np.random.Generator
LETTERS = ("ABCD", "PQRS", "KLMN", "DEFG", "XYZW", "RSTU")
UNKNOWN = ("x", "?", "x", "α", "y")
CENTRE = (0.0, 0.0)


def pick(rng: Rng, options):
    """One of some options."""
    return options[int(rng.integers(len(options)))]


def whole(rng: Rng, low: int, high: int) -> int:
    """A whole number from `low` to `high`."""
    return int(rng.integers(low, high + 1))


def polar(middle: Point, radius: float, degrees: float) -> Point:
    """A point at a distance and angle from another."""
    turn = math.radians(degrees)
    return middle[0] + radius * math.cos(turn), middle[1] + radius * math.sin(turn)


def mean(*points: Point) -> Point:
    """The middle of some points."""
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)


def corners(figure: Figure, points: list[Point], letters: str) -> None:
    """Draw a polygon and name its corners."""
    figure.polygon(*points)
    middle = mean(*points)
    for point, letter in zip(points, letters, strict=True):
        figure.name(point, middle, letter)


def _triangle_points(alpha: int, beta: int) -> list[Point]:
    """A triangle with these angles at its first two corners; its base is 1 long."""
    a, b = math.radians(alpha), math.radians(beta)
    length = math.sin(b) / math.sin(a + b)
    return [(0.0, 0.0), (1.0, 0.0), (length * math.cos(a), length * math.sin(a))]


def _mark(figure: Figure, points: list[Point], texts: list[str]) -> None:
    """Write angles into the corners of a polygon; "" leaves one out, "90°" is the mark of a right angle."""
    for place, text in enumerate(texts):
        corner, before, after = points[place], points[place - 1], points[(place + 1) % len(points)]
        if text == "90°":
            figure.right(corner, before, after)
        elif text:
            figure.angle(corner, before, after, text)


def triangle(rng: Rng) -> Figure:
    """Two angles of a triangle are given, the third is asked."""
    while True:
        alpha, beta = whole(rng, 25, 120), whole(rng, 25, 120)
        gamma = 180 - alpha - beta
        if gamma >= 25:
            break
    figure, letters = Figure("triangle angles", (alpha, beta)), pick(rng, LETTERS)[:3]
    points = _triangle_points(alpha, beta)
    corners(figure, points, letters)
    sign = pick(rng, UNKNOWN)
    _mark(figure, points, [f"{alpha}°", f"{beta}°", sign])
    working = f"180° - {alpha}° - {beta}° = {gamma}°"
    figure.ask("angle", f"{gamma}°", working, name=f"∠{letters[2]}")
    if sign != "?":
        figure.ask("unknown", f"{gamma}°", working, name=sign)
    figure.ask("triangle_kind", pick_kind(max(alpha, beta, gamma)), shape="triangle")
    return figure


def pick_kind(largest: int) -> str:
    """The sort of a triangle by its largest angle, as a key of the words."""
    return "acute" if largest < 90 else "right" if largest == 90 else "obtuse"


def isosceles(rng: Rng) -> Figure:
    """Two equal sides are marked by their lengths; one angle is given, another asked."""
    base = whole(rng, 28, 76)
    apex, length, knows_apex = 180 - 2 * base, whole(rng, 3, 20), bool(rng.random() < 0.5)
    figure, letters = Figure("isosceles", (base, length, knows_apex)), pick(rng, LETTERS)[:3]
    points, sign = _triangle_points(base, base), pick(rng, ("x", "y", "α"))
    corners(figure, points, letters)
    _mark(figure, points, [sign, "", f"{apex}°"] if knows_apex else [f"{base}°", "", sign])
    for one, other in ((0, 2), (1, 2)):
        figure.side(points[one], points[other], mean(*points), str(length))
    found = base if knows_apex else apex
    working = f"(180° - {apex}°) / 2 = {base}°" if knows_apex else f"180° - 2 × {base}° = {apex}°"
    figure.ask("unknown", f"{found}°", working, name=sign)
    figure.ask("angle", f"{found}°", working, name=f"∠{letters[0 if knows_apex else 2]}")
    return figure


def exterior(rng: Rng) -> Figure:
    """Two inner angles of a triangle are given, and the outer one at the third corner is asked."""
    while True:
        alpha, beta = whole(rng, 28, 90), whole(rng, 28, 90)
        if 28 <= 180 - alpha - beta <= 130:
            break
    figure, letters = Figure("exterior angle", (alpha, beta)), pick(rng, LETTERS)
    gamma = 180 - alpha - beta
    a, c, b = _triangle_points(alpha, gamma)
    out = (c[0] + 0.55, 0.0)
    for one, other in ((a, b), (b, c), (a, out)):
        figure.line(one, other)
    sign = pick(rng, ("x", "y", "α"))
    figure.angle(a, b, c, f"{alpha}°")
    figure.angle(b, a, c, f"{beta}°")
    figure.angle(c, b, out, sign)
    for point, letter, away in (
        (a, letters[0], (-1, -0.5)),
        (b, letters[1], (0, 1)),
        (c, letters[2], (0, -1)),
        (out, letters[3], (1, 0)),
    ):
        figure.text(point, away, letter)
        figure.letters.add(letter)
    figure.ask("unknown", f"{alpha + beta}°", f"{alpha}° + {beta}° = {alpha + beta}°", name=sign)
    figure.ask(
        "angle",
        f"{alpha + beta}°",
        f"{alpha}° + {beta}° = {alpha + beta}°",
        name=f"∠{letters[1]}{letters[2]}{letters[3]}",
    )
    return figure


def straight(rng: Rng) -> Figure:
    """Rays from a point on a line; all angles but one are given."""
    count = whole(rng, 2, 3)
    while True:
        parts = rng.integers(30, 150, count - 1).tolist()
        last = 180 - sum(parts)
        if last >= 30:
            break
    figure, letters = Figure("straight angle", tuple(parts)), pick(rng, LETTERS)
    sign = pick(rng, ("x", "y", "α"))
    figure.line((-1, 0), (1, 0))
    total, previous = 0, (1.0, 0.0)
    for part, text in zip([*parts, last], [*(f"{part}°" for part in parts), sign], strict=True):
        total += part
        ray = polar(CENTRE, 1.0, total)
        if total < 180:
            figure.line(CENTRE, ray)
        figure.angle(CENTRE, previous, ray, text)
        previous = ray
    figure.text(CENTRE, (0, -1), letters[0])
    figure.letters.add(letters[0])
    figure.ask("unknown", f"{last}°", f"180° - {' - '.join(f'{part}°' for part in parts)} = {last}°", name=sign)
    return figure


def crossing(rng: Rng) -> Figure:
    """Two lines cross; one angle is given, another asked."""
    given, opposite = whole(rng, 30, 150), bool(rng.random() < 0.5)
    figure, letters, sign = Figure("crossing lines", (given, opposite)), pick(rng, LETTERS), pick(rng, ("x", "y", "α"))
    ends = [polar(CENTRE, 1.0, turn) for turn in (0, given, 180, 180 + given)]
    figure.line(ends[0], ends[2])
    figure.line(ends[1], ends[3])
    figure.angle(CENTRE, ends[0], ends[1], f"{given}°")
    first = 2 if opposite else 1
    figure.angle(CENTRE, ends[first], ends[first + 1], sign)
    for end, letter in zip(ends, letters, strict=True):
        figure.name(end, CENTRE, letter)
    found = given if opposite else 180 - given
    figure.ask("unknown", f"{found}°", "" if opposite else f"180° - {given}° = {found}°", name=sign)
    return figure


def parallels(rng: Rng) -> Figure:
    """A line crosses two parallel ones; an angle at one is given, an angle at the other asked."""
    slope, where = whole(rng, 40, 140), whole(rng, 0, 3)
    figure, sign = Figure("parallel lines", (slope, where)), pick(rng, ("x", "y", "α"))
    names = pick(rng, (("a", "b", "c"), ("l", "m", "n"), ("g", "h", "k")))
    shift = 1.0 / math.tan(math.radians(slope))
    low, high = (0.0, 0.0), (shift, 1.0)
    figure.line((-1.1, 0), (1.5, 0))
    figure.line((shift - 1.3, 1), (shift + 1.3, 1))
    bottom, top = (-0.55 * shift, -0.55), (1.55 * shift, 1.55)
    figure.line(bottom, top)
    for end, away, name in (
        ((1.5, 0), (1, 0), names[0]),
        ((shift + 1.3, 1), (1, 0), names[1]),
        (top, (shift, 1), names[2]),
    ):
        figure.text(end, away, name)
        figure.letters.add(name)
    figure.angle(low, (1.5, 0), top, f"{slope}°")
    # At the upper line: same side above, left above, left below, right below.
    right, left = (shift + 1.3, 1.0), (shift - 1.3, 1.0)
    legs = ((right, top), (left, top), (left, low), (right, low))[where]
    figure.angle(high, *legs, sign)
    found = slope if where in (0, 2) else 180 - slope
    working = "" if where in (0, 2) else f"180° - {slope}° = {found}°"  # an equal angle needs no calculation
    figure.ask("unknown_parallel", f"{found}°", working, name=sign, lines=f"{names[0]} ∥ {names[1]}")
    return figure


def inscribed(rng: Rng) -> Figure:
    """An angle at the circle and the angle at its centre over the same arc."""
    half, knows_centre = whole(rng, 25, 70), bool(rng.random() < 0.5)
    figure, letters, sign = (
        Figure("inscribed angle", (half, knows_centre)),
        pick(rng, LETTERS)[:3],
        pick(rng, ("x", "y")),
    )
    start = 270 - half
    a, b, c = polar(CENTRE, 1, start), polar(CENTRE, 1, start + 2 * half), polar(CENTRE, 1, 90 + whole(rng, -12, 12))
    figure.circle(CENTRE, 1)
    figure.dot(CENTRE)
    for one, other in ((CENTRE, a), (CENTRE, b), (c, a), (c, b)):
        figure.line(one, other)
    figure.text(CENTRE, (0, 1), "O")
    figure.angle(CENTRE, a, b, f"{2 * half}°" if knows_centre else sign)
    figure.angle(c, a, b, sign if knows_centre else f"{half}°")
    for point, letter in zip((a, b, c), letters, strict=True):
        figure.name(point, CENTRE, letter)
    figure.letters.add("O")
    found = half if knows_centre else 2 * half
    working = f"{2 * half}° / 2 = {half}°" if knows_centre else f"2 × {half}° = {2 * half}°"
    figure.ask("unknown_circle", f"{found}°", working, name=sign)
    return figure
