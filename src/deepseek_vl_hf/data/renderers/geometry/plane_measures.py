"""A seeded generator comes in; a figure about lengths and areas goes out, drawn to scale, with what is asked and the answers."""

import math
from fractions import Fraction

import numpy as np

from .figure import Figure, Point
from .plane_angles import CENTRE, LETTERS, corners, mean, pick, polar, whole


Rng = np.random.Generator
TRIPLES = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (6, 8, 10), (9, 12, 15), (12, 16, 20), (7, 24, 25), (10, 24, 26),
           (20, 21, 29), (15, 20, 25))  # fmt: skip


def with_unit(amount, unit: str, power: int = 1) -> str:
    """An amount as an answer has it: "12 cm²"."""
    return f"{amount} {unit}{('', '', '²', '³')[power]}" if unit else str(amount)


def unit_of(rng: Rng) -> str:
    """A unit of length, or none."""
    return pick(rng, ("", "cm", "cm", "m", "mm"))


def times_pi(amount: Fraction) -> str:
    """A multiple of π: "9π", "25π/4"."""
    top = "π" if amount.numerator == 1 else f"{amount.numerator}π"
    return top if amount.denominator == 1 else f"{top}/{amount.denominator}"


def right_triangle(rng: Rng) -> Figure:
    """Two sides of a right triangle are given, the third is asked; or both legs, and the area."""
    a, b, c = pick(rng, TRIPLES)
    if rng.random() < 0.5:
        a, b = b, a
    hidden, unit = whole(rng, 0, 2), unit_of(rng)
    figure, letters = Figure("right triangle", (a, b, hidden)), pick(rng, LETTERS)[:3]
    points = [(0.0, 0.0), (float(a), 0.0), (0.0, float(b))]
    corners(figure, points, letters)
    figure.right(points[0], points[1], points[2])
    sign = pick(rng, ("x", "?", "y"))
    ends, lengths = ((0, 1), (0, 2), (1, 2)), (a, b, c)
    for place, (one, other) in enumerate(ends):
        figure.side(
            points[one], points[other], mean(*points), sign if place == hidden else with_unit(lengths[place], unit)
        )
    rest = [length for place, length in enumerate(lengths) if place != hidden]
    working = f"√({rest[0]}² + {rest[1]}²) = {c}" if hidden == 2 else f"√({c}² - {rest[0]}²) = {lengths[hidden]}"
    name = letters[ends[hidden][0]] + letters[ends[hidden][1]]
    figure.ask("side", with_unit(lengths[hidden], unit), working, name=name)
    figure.ask(
        "area",
        with_unit(say(Fraction(a * b, 2)), unit, 2),
        f"{a} × {b} / 2 = {say(Fraction(a * b, 2))}",
        shape="triangle",
    )
    return figure


def say(amount: Fraction) -> str:
    """An exact number, halves and tenths as decimals."""
    if amount.denominator == 1:
        return str(amount.numerator)
    return f"{float(amount):g}" if amount.denominator in (2, 4, 5, 10) else str(amount)


def rectangle(rng: Rng) -> Figure:
    """A rectangle or a square."""
    wide = whole(rng, 2, 24)
    tall, unit = (wide if rng.random() < 0.2 else whole(rng, max(2, wide // 3), min(24, wide * 3))), unit_of(rng)
    figure, shape = Figure("rectangle", (wide, tall)), "square" if wide == tall else "rectangle"
    points = [(0.0, 0.0), (float(wide), 0.0), (float(wide), float(tall)), (0.0, float(tall))]
    if rng.random() < 0.7:
        corners(figure, points, pick(rng, LETTERS))
    figure.polygon(*points, filled=bool(rng.random() < 0.4))
    for place in range(4):
        if rng.random() < 0.5:
            figure.right(points[place], points[place - 1], points[(place + 1) % 4])
    figure.side(points[0], points[1], mean(*points), with_unit(wide, unit))
    figure.side(points[1], points[2], mean(*points), with_unit(tall, unit))
    area, around = wide * tall, 2 * (wide + tall)
    figure.ask("area", with_unit(area, unit, 2), f"{wide} × {tall} = {area}", shape=shape)
    figure.ask("perimeter", with_unit(around, unit), f"2 × ({wide} + {tall}) = {around}", shape=shape)
    diagonal = math.isqrt(wide * wide + tall * tall)
    if diagonal**2 == wide**2 + tall**2:
        figure.ask("diagonal", with_unit(diagonal, unit), f"√({wide}² + {tall}²) = {diagonal}", shape=shape)
    return figure


def circle(rng: Rng) -> Figure:
    """A circle with its radius or diameter."""
    size, shows_radius, unit = whole(rng, 1, 30), bool(rng.random() < 0.5), unit_of(rng)
    radius = Fraction(size) if shows_radius else Fraction(size, 2)
    figure, turn = Figure("circle", (size, shows_radius)), float(rng.uniform(0, 360))
    figure.circle(CENTRE, 1)
    figure.dot(CENTRE)
    end = polar(CENTRE, 1, turn)
    start = CENTRE if shows_radius else polar(CENTRE, 1, turn + 180)
    figure.line(start, end)
    figure.side(start, end, polar(CENTRE, 0.5, turn + 90), with_unit(size, unit))
    figure.text(CENTRE, (-end[1], end[0]) if not shows_radius else (-end[0], -end[1]), "O")
    figure.letters.add("O")
    area, around = times_pi(radius**2), times_pi(2 * radius)
    figure.ask("area_pi", with_unit(area, unit, 2), f"π × {say(radius)}² = {area}", shape="circle")
    figure.ask("circumference", with_unit(around, unit), f"2 × π × {say(radius)} = {around}")
    if shows_radius:
        figure.ask("diameter", with_unit(2 * size, unit), f"2 × {size} = {2 * size}")
    else:
        figure.ask("radius", with_unit(say(radius), unit), f"{size} / 2 = {say(radius)}")
    return figure


def sector(rng: Rng) -> Figure:
    """A sector with its radius and angle."""
    angle, radius, unit = pick(rng, (30, 40, 45, 60, 72, 80, 90, 100, 120, 135, 150)), whole(rng, 2, 18), unit_of(rng)
    figure = Figure("sector", (angle, radius))
    ends = polar(CENTRE, 1, 0), polar(CENTRE, 1, angle)
    for end in ends:
        figure.line(CENTRE, end)
    figure.circle(CENTRE, 1, start=0, end=angle)
    figure.angle(CENTRE, *ends, f"{angle}°")
    figure.side(CENTRE, ends[0], polar(CENTRE, 0.5, angle / 2), with_unit(radius, unit))
    share = Fraction(angle, 360)
    area, arc = times_pi(share * radius**2), times_pi(share * 2 * radius)
    figure.ask("area_pi", with_unit(area, unit, 2), f"{angle}/360 × π × {radius}² = {area}", shape="sector")
    figure.ask("arc", with_unit(arc, unit), f"{angle}/360 × 2 × π × {radius} = {arc}")
    return figure


def parallelogram(rng: Rng) -> Figure:
    """Base, height and slanted side of a parallelogram."""
    (shift, tall, slant), base, unit = pick(rng, TRIPLES[:6]), whole(rng, 8, 30), unit_of(rng)
    if base <= shift + 1:
        base = shift + 4
    figure = Figure("parallelogram", (base, tall, slant))
    points = [(0.0, 0.0), (float(base), 0.0), (float(base + shift), float(tall)), (float(shift), float(tall))]
    corners(figure, points, pick(rng, LETTERS))
    foot = (float(shift), 0.0)
    figure.line(points[3], foot, "dashed")
    figure.right(foot, points[3], points[1])
    figure.side(points[0], points[1], mean(*points), with_unit(base, unit))
    figure.side(points[1], points[2], mean(*points), with_unit(slant, unit))
    figure.text(mean(points[3], foot), (1, 0), with_unit(tall, unit))
    around = 2 * (base + slant)
    figure.ask("area", with_unit(base * tall, unit, 2), f"{base} × {tall} = {base * tall}", shape="parallelogram")
    figure.ask("perimeter", with_unit(around, unit), f"2 × ({base} + {slant}) = {around}", shape="parallelogram")
    return figure


def trapezoid(rng: Rng) -> Figure:
    """Both parallel sides and the height of a trapezium."""
    low, tall, unit = whole(rng, 8, 24), whole(rng, 4, 14), unit_of(rng)
    high = whole(rng, 3, low - 3)
    figure, inset = Figure("trapezoid", (low, high, tall)), float(rng.uniform(0.25, 0.75)) * (low - high)
    points = [(0.0, 0.0), (float(low), 0.0), (inset + high, float(tall)), (inset, float(tall))]
    corners(figure, points, pick(rng, LETTERS))
    foot = (inset, 0.0)
    figure.line(points[3], foot, "dashed")
    figure.right(foot, points[3], points[1])
    figure.side(points[0], points[1], mean(*points), with_unit(low, unit))
    figure.side(points[2], points[3], mean(*points), with_unit(high, unit))
    figure.text(mean(points[3], foot), (1, 0), with_unit(tall, unit))
    area = say(Fraction((low + high) * tall, 2))
    figure.ask("area", with_unit(area, unit, 2), f"({low} + {high}) × {tall} / 2 = {area}", shape="trapezoid")
    return figure


def l_shape(rng: Rng) -> Figure:
    """A rectangle without one of its corners."""
    wide, tall, unit = whole(rng, 6, 20), whole(rng, 6, 20), unit_of(rng)
    cut, drop = whole(rng, 2, wide - 3), whole(rng, 2, tall - 3)
    figure = Figure("l shape", (wide, tall, cut, drop))
    points: list[Point] = [
        (0, 0),
        (wide, 0),
        (wide, tall - drop),
        (wide - cut, tall - drop),
        (wide - cut, tall),
        (0, tall),
    ]
    figure.polygon(*points, filled=bool(rng.random() < 0.5))
    inside = ((wide - cut) / 2, (tall - drop) / 2)
    for place, length in ((0, wide), (5, tall), (2, cut), (3, drop)):
        figure.side(points[place], points[(place + 1) % 6], inside, with_unit(length, unit))
    area, around = wide * tall - cut * drop, 2 * (wide + tall)
    figure.ask("area", with_unit(area, unit, 2), f"{wide} × {tall} - {cut} × {drop} = {area}", shape="figure")
    figure.ask("perimeter", with_unit(around, unit), f"2 × ({wide} + {tall}) = {around}", shape="figure")
    return figure


def shaded(rng: Rng) -> Figure:
    """A circle inside a square; what is between them is shaded."""
    side, unit = 2 * whole(rng, 1, 15), unit_of(rng)
    figure, half = Figure("circle in square", (side,)), side / 2
    points = [(-half, -half), (half, -half), (half, half), (-half, half)]
    figure.polygon(*points, filled=True)
    figure.shapes.insert(1, ("hole", [polar(CENTRE, half, turn) for turn in range(0, 360, 3)]))
    figure.circle(CENTRE, half)
    figure.side(points[0], points[1], CENTRE, with_unit(side, unit))
    rest = f"{side * side} - {times_pi(Fraction(side, 2) ** 2)}"
    figure.ask("shaded", with_unit(f"({rest})" if unit else rest, unit, 2), f"{side}² - π × {side // 2}² = {rest}")
    return figure


def similar(rng: Rng) -> Figure:
    """A line parallel to a side cuts a triangle; three of four parts are given."""
    num, den = pick(rng, ((1, 1), (3, 2), (2, 1), (4, 3), (2, 3)))
    first, rest = den * whole(rng, 1, 5), den * whole(rng, 1, 5)
    other, found = first * num // den, rest * num // den
    unit, letters = unit_of(rng), pick(rng, ("ABCDE", "PQRST", "KLMNO"))
    total, across = first + rest, math.radians(whole(rng, 40, 75))
    figure = Figure("similar triangles", (first, rest, other))
    scale = num / den
    top: Point = (0.0, 0.0)
    low = (-total * math.cos(across), -total * math.sin(across))
    right = (total * scale * math.cos(across), -total * math.sin(across))
    share = first / total
    cut, end = (low[0] * share, low[1] * share), (right[0] * share, right[1] * share)
    figure.polygon(top, low, right)
    figure.line(cut, end)
    middle = mean(top, low, right)
    for point, letter in zip((top, low, right), letters, strict=False):
        figure.name(point, middle, letter)
    figure.text(cut, (-1, 0.3), letters[3])
    figure.text(end, (1, 0.3), letters[4])
    figure.letters |= set(letters)
    for one, two, text in (
        (top, cut, with_unit(first, unit)),
        (cut, low, with_unit(rest, unit)),
        (top, end, with_unit(other, unit)),
        (end, right, "x"),
    ):
        figure.side(one, two, middle, text)
    lines = f"{letters[3]}{letters[4]} ∥ {letters[1]}{letters[2]}"
    figure.ask(
        "unknown_parallel", with_unit(found, unit), f"{rest} × {other} / {first} = {found}", name="x", lines=lines
    )
    return figure
