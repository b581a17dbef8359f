"""A seeded generator comes in; a solid in oblique projection goes out, with its volume and surface."""

from fractions import Fraction

import numpy as np

from .figure import Figure, Point
from .plane_angles import mean, pick, polar, whole
from .plane_measures import TRIPLES, say, times_pi, unit_of, with_unit


Rng = np.random.Generator
FLAT = 0.3  # height of a circle seen from the side, by its width


def cuboid(rng: Rng) -> Figure:
    """A cuboid or a cube."""
    wide, unit = whole(rng, 2, 20), unit_of(rng)
    tall, deep = (wide, wide) if rng.random() < 0.25 else (whole(rng, 2, 20), whole(rng, 2, 20))
    figure, shape = Figure("cuboid", (wide, tall, deep), turns=False), "cube" if wide == tall == deep else "cuboid"
    shift = polar((0.0, 0.0), deep * 0.55, 40)
    front: list[Point] = [(0, 0), (wide, 0), (wide, tall), (0, tall)]
    back = [(x + shift[0], y + shift[1]) for x, y in front]
    for place in range(4):
        after = (place + 1) % 4
        figure.line(front[place], front[after])
        figure.line(back[place], back[after], "dashed" if 0 in (place, after) else "solid")
        figure.line(front[place], back[place], "dashed" if place == 0 else "solid")
    middle = mean(*front, *back)
    figure.side(front[0], front[1], middle, with_unit(wide, unit))
    figure.side(front[3], front[0], middle, with_unit(tall, unit))
    figure.side(front[1], back[1], middle, with_unit(deep, unit))
    volume, surface = wide * tall * deep, 2 * (wide * tall + wide * deep + tall * deep)
    figure.ask("volume", with_unit(volume, unit, 3), f"{wide} × {deep} × {tall} = {volume}", shape=shape)
    working = f"2 × ({wide} × {tall} + {wide} × {deep} + {tall} × {deep}) = {surface}"
    figure.ask("surface", with_unit(surface, unit, 2), working, shape=shape)
    figure.ask("solid", shape)
    if rng.random() < 0.4:
        _name_corners(figure, front, back, pick(rng, (("ABCD", "EFGH"), ("KLMN", "PQRS"))))
    return figure


def _name_corners(figure: Figure, front, back, letters) -> None:
    """Letters at the visible corners, on the side where no edge runs."""
    for points, names, away in ((front, letters[0], (-1, -0.4)), (back, letters[1], (1, 0.6))):
        for place in (0, 1, 2, 3):
            if points is back and place == 0:
                continue
            toward = {
                0: (-1, -0.7),
                1: (0.4, -1),
                2: (-0.7, -1) if points is front else away,
                3: (-1, 0.5) if points is front else (-0.4, 1),
            }
            figure.text(points[place], toward[place], names[place])
            figure.letters.add(names[place])


def cylinder(rng: Rng) -> Figure:
    """A cylinder with radius and height."""
    radius, tall, unit = whole(rng, 1, 12), whole(rng, 2, 24), unit_of(rng)
    figure = Figure("cylinder", (radius, tall), turns=False)
    figure.circle((0, tall), radius, FLAT)
    figure.circle((0, 0), radius, FLAT, 180, 360)
    figure.circle((0, 0), radius, FLAT, 0, 180, "dashed")
    for side in (-1, 1):
        figure.line((side * radius, 0), (side * radius, tall))
    figure.dot((0, tall))
    figure.line((0, tall), (radius, tall), "thin")
    figure.text((0, tall + radius * FLAT), (0, 1), f"r = {with_unit(radius, unit)}")
    figure.text((radius, tall / 2), (1, 0), f"h = {with_unit(tall, unit)}")
    volume, surface = times_pi(Fraction(radius**2 * tall)), times_pi(Fraction(2 * radius * (radius + tall)))
    figure.ask("volume_pi", with_unit(volume, unit, 3), f"π × {radius}² × {tall} = {volume}", shape="cylinder")
    working = f"2 × π × {radius} × ({radius} + {tall}) = {surface}"
    figure.ask("surface_pi", with_unit(surface, unit, 2), working, shape="cylinder")
    figure.ask("solid", "cylinder")
    return figure


def cone(rng: Rng) -> Figure:
    """A cone with radius, height and slant, all whole."""
    (radius, tall, slant), unit = pick(rng, TRIPLES), unit_of(rng)
    figure = Figure("cone", (radius, tall), turns=False)
    top: Point = (0.0, float(tall))
    figure.circle((0, 0), radius, FLAT, 180, 360)
    figure.circle((0, 0), radius, FLAT, 0, 180, "dashed")
    for side in (-1, 1):
        figure.line((side * radius, 0), top)
    figure.line((0, 0), top, "dashed")
    figure.line((0, 0), (radius, 0), "dashed")
    figure.right((0, 0), (radius, 0), top)
    figure.text((0, tall * 0.36), (-1, 0), with_unit(tall, unit))
    figure.text((0, -radius * FLAT), (0, -1), f"r = {with_unit(radius, unit)}")
    figure.side((radius, 0), top, (0, tall / 4), with_unit(slant, unit))
    volume, surface = times_pi(Fraction(radius**2 * tall, 3)), times_pi(Fraction(radius * (radius + slant)))
    figure.ask("volume_pi", with_unit(volume, unit, 3), f"1/3 × π × {radius}² × {tall} = {volume}", shape="cone")
    working = f"π × {radius} × ({radius} + {slant}) = {surface}"
    figure.ask("surface_pi", with_unit(surface, unit, 2), working, shape="cone")
    figure.ask("solid", "cone")
    return figure


def sphere(rng: Rng) -> Figure:
    """A sphere with its radius."""
    radius, unit = whole(rng, 1, 30), unit_of(rng)
    figure = Figure("sphere", (radius,), turns=False)
    figure.circle((0, 0), 1)
    figure.circle((0, 0), 1, FLAT, 180, 360)
    figure.circle((0, 0), 1, FLAT, 0, 180, "dashed")
    figure.dot((0, 0))
    end = polar((0, 0), 1, 58)
    figure.line((0, 0), end)
    figure.side((0, 0), end, (1, 0), f"r = {with_unit(radius, unit)}")
    volume, surface = times_pi(Fraction(4 * radius**3, 3)), times_pi(Fraction(4 * radius**2))
    figure.ask("volume_pi", with_unit(volume, unit, 3), f"4/3 × π × {radius}³ = {volume}", shape="sphere")
    figure.ask("surface_pi", with_unit(surface, unit, 2), f"4 × π × {radius}² = {surface}", shape="sphere")
    figure.ask("solid", "sphere")
    return figure


def prism(rng: Rng) -> Figure:
    """A prism over a right triangle."""
    (a, b, c), deep, unit = pick(rng, TRIPLES[:6]), whole(rng, 4, 24), unit_of(rng)
    figure = Figure("prism", (a, b, deep), turns=False)
    shift = polar((0.0, 0.0), deep * 0.6, 28)
    front: list[Point] = [(0, 0), (a, 0), (0, b)]
    back = [(x + shift[0], y + shift[1]) for x, y in front]
    figure.polygon(*front)
    hides = (1, 2)
    for place in range(3):
        figure.line(front[place], back[place], "dashed" if place == 0 else "solid")
    figure.line(back[hides[0]], back[hides[1]])
    figure.line(back[0], back[1], "dashed")
    figure.line(back[0], back[2], "dashed")
    figure.right(front[0], front[1], front[2])
    figure.text(mean(front[0], front[1]), (0, -1), with_unit(a, unit))
    figure.text(mean(front[0], front[2]), (-1, 0), with_unit(b, unit))
    figure.text(mean(front[1], back[1]), (0.6, -1), with_unit(deep, unit))
    volume, surface = Fraction(a * b * deep, 2), a * b + (a + b + c) * deep
    figure.ask("volume", with_unit(say(volume), unit, 3), f"{a} × {b} / 2 × {deep} = {say(volume)}", shape="prism")
    figure.ask(
        "surface", with_unit(surface, unit, 2), f"{a} × {b} + ({a} + {b} + {c}) × {deep} = {surface}", shape="prism"
    )
    figure.ask("solid", "prism")
    return figure


def pyramid(rng: Rng) -> Figure:
    """A pyramid over a square, with side and height."""
    side, tall, unit = whole(rng, 2, 18), whole(rng, 3, 24), unit_of(rng)
    figure = Figure("pyramid", (side, tall), turns=False)
    shift = polar((0.0, 0.0), side * 0.55, 38)
    base: list[Point] = [(0, 0), (side, 0), (side + shift[0], shift[1]), shift]
    middle = mean(*base)
    top = (middle[0], middle[1] + tall)
    for place, style in ((0, "solid"), (1, "solid"), (2, "dashed"), (3, "dashed")):
        figure.line(base[place], base[(place + 1) % 4], style)
        figure.line(base[place], top, "dashed" if place == 3 else "solid")
    figure.line(middle, top, "dashed")
    figure.side(base[0], base[1], middle, with_unit(side, unit))
    figure.side(base[1], base[2], middle, with_unit(side, unit))
    figure.text(top, (0, 1), f"h = {with_unit(tall, unit)}")
    volume = Fraction(side * side * tall, 3)
    figure.ask("volume", with_unit(say(volume), unit, 3), f"1/3 × {side}² × {tall} = {say(volume)}", shape="pyramid")
    figure.ask("solid", "pyramid")
    return figure
