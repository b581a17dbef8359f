"""A `Draw` comes in; a small drawing without words, as figures in papers are, goes out as typst code."""

from itertools import pairwise

from ...rendering import Draw


def draw_figure(draw: Draw) -> str:
    """A plot of bars or of a curve, or boxes in a row, with axes."""
    kind = draw.pick(("bars", "curve", "boxes", "dots"))
    width, height = draw.whole(150, 240), draw.whole(70, 120)
    parts = []
    if kind == "boxes":
        count = draw.whole(3, 4)
        side = width / (count * 1.6)
        for index in range(count):
            left = index * side * 1.6
            parts.append(
                f"place(dx: {left:.1f}pt, dy: {height / 2 - side / 2:.1f}pt, rect(width: {side:.1f}pt, height: {side:.1f}pt, fill: tint, stroke: ink))"
            )
            if index + 1 < count:
                parts.append(
                    f"place(dx: {left + side:.1f}pt, dy: {height / 2:.1f}pt, line(length: {side * 0.6:.1f}pt, stroke: 1pt + ink))"
                )
    else:
        parts.append(f"place(line(start: (0pt, 0pt), end: (0pt, {height}pt), stroke: 1pt + ink))")
        parts.append(f"place(dy: {height}pt, line(length: {width}pt, stroke: 1pt + ink))")
        count = draw.whole(5, 9)
        levels = [draw.between(0.1, 0.95) * height for _ in range(count)]
        step = width / (count + 0.5)
        if kind == "curve":
            ends = [(step * (index + 0.5), height - level) for index, level in enumerate(levels)]
            for (left, top), (right, below) in pairwise(ends):
                parts.append(
                    f"place(line(start: ({left:.1f}pt, {top:.1f}pt), end: ({right:.1f}pt, {below:.1f}pt), stroke: 1.4pt + accent))"
                )
        for index, level in enumerate(levels):
            left, top = step * (index + 0.4), height - level
            if kind == "bars":
                parts.append(
                    f"place(dx: {left:.1f}pt, dy: {top:.1f}pt, rect(width: {step * 0.6:.1f}pt, height: {level:.1f}pt, fill: accent))"
                )
            elif kind == "dots":
                parts.append(f"place(dx: {left:.1f}pt, dy: {top - 4:.1f}pt, circle(radius: 3pt, fill: accent))")
    return f"box(width: {width}pt, height: {height}pt, align(left + top, {{ {'; '.join(parts)} }}))"
