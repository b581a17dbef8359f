"""A layout and a theme come in; the picture goes out: boxes of every shape, lines with arrows, labels, tidy or drawn by hand."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from ...assets import Font
from ...rendering import CannotRenderError, Draw
from ..labels import at_size, block_size, legible, split_lines, write_lines
from .graphs import Graph, Node
from .layout import Layout, Line, Point, Sizes


SHARP = 2  # pixels drawn for each one shown
Colour = tuple[int, int, int]
PALETTES: tuple[tuple[Colour, Colour, Colour, Colour], ...] = (  # ground, fill, outline, ink
    ((255, 255, 255), (236, 236, 255), (147, 112, 219), (30, 30, 30)),
    ((255, 255, 255), (255, 255, 255), (0, 0, 0), (0, 0, 0)),
    ((255, 255, 255), (218, 232, 252), (108, 142, 191), (20, 30, 50)),
    ((250, 250, 247), (255, 242, 204), (214, 182, 86), (60, 45, 10)),
    ((255, 255, 255), (213, 232, 212), (130, 179, 102), (20, 40, 20)),
    ((30, 32, 40), (52, 58, 76), (140, 160, 220), (235, 238, 245)),
    ((18, 24, 27), (25, 60, 66), (90, 200, 190), (230, 245, 243)),
    ((244, 247, 250), (33, 97, 140), (20, 60, 90), (255, 255, 255)),
    ((255, 253, 246), (248, 206, 204), (184, 84, 80), (50, 15, 15)),
    ((253, 253, 253), (225, 213, 231), (150, 115, 166), (40, 25, 50)),
    ((240, 240, 236), (255, 255, 255), (90, 90, 90), (40, 40, 40)),
    ((255, 255, 255), (255, 230, 204), (215, 155, 0), (60, 40, 0)),
)
ACCENTS: tuple[Colour, ...] = (
    (46, 125, 50), (21, 101, 192), (198, 40, 40), (239, 108, 0), (106, 27, 154), (0, 131, 143), (84, 110, 122))  # fmt: skip


@dataclass(frozen=True)
class Theme:
    """How a diagram looks.

    Args:
        ground: Behind everything.
        fills: Of boxes, by kind of node.
        outline: Colour of boxes.
        lines: Colour of lines.
        inks: Of text, by kind of node.
        width: Of lines in pixels.
        radius: Of round corners.
        wobble: Pixels that a hand is off; 0 for a ruler.
        font: Of all text.
        size: Of text in pixels.
        wrap: Widest line of text in pixels.
        shadow: Whether boxes throw one.
    """

    ground: Colour
    fills: dict[str, Colour]
    outline: Colour
    lines: Colour
    inks: dict[str, Colour]
    width: float
    radius: float
    wobble: float
    font: Font
    size: int
    wrap: float
    shadow: bool


def choose_theme(draw: Draw, font: Font) -> Theme:
    """Choose colours, lines and sizes."""
    ground, fill, outline, ink = draw.pick(PALETTES)
    kinds = ("start", "end", "step", "decision", "data")
    fills, inks = dict.fromkeys(kinds, fill), dict.fromkeys(kinds, ink)
    if draw.chance(0.45):  # each kind in a colour of its own
        for kind, colour in zip(("start", "decision", "data"), draw.sample(ACCENTS, 3), strict=True):
            soft = draw.chance(0.5)
            fills[kind] = tuple(round(255 - (255 - part) * (0.25 if soft else 1)) for part in colour)
            inks[kind] = (25, 25, 25) if soft else (255, 255, 255)
        fills["end"], inks["end"] = fills["start"], inks["start"]
    dark = sum(ground) < 380
    lines = outline if draw.chance(0.5) else (210, 214, 220) if dark else (70, 70, 70)
    wobble = draw.between(0.8, 1.8) if font.style == "hand" or draw.chance(0.18) else 0.0
    size = draw.whole(15, 22)
    return Theme(
        ground, fills, outline, lines, inks, draw.pick((1, 1.5, 2, 2.5)), draw.pick((0, 0, 4, 8, 12)), wobble, font, size,
        size * draw.between(7, 13), wobble == 0 and draw.chance(0.2),
    )  # fmt: skip


def measure(graph: Graph, theme: Theme) -> tuple[Sizes, dict[str, list[str]], tuple[float, float]]:
    """Sizes of boxes, the lines of their texts, and the size of the largest label of a line."""
    font = at_size(theme.font.path, theme.size)
    sizes, texts = {}, {}
    for node in graph.nodes:
        texts[node.key] = [line for part in node.text.split("\n") for line in split_lines(part, font, theme.wrap)]
        wide, tall = block_size(texts[node.key], font)
        if node.kind == "decision":  # a block fits into a diamond where the two shares add up to at most one
            sizes[node.key] = (wide * 1.55 + 24, tall * 2.6 + 12)
        else:
            sizes[node.key] = (wide + (tall if node.kind in ("start", "end", "data") else 0) + 22, tall + 18)
    labels = [block_size([edge.label], font) for edge in graph.edges if edge.label]
    return sizes, texts, (max((w for w, _ in labels), default=0), max((h for _, h in labels), default=0))


def draw_diagram(
    draw: Draw, graph: Graph, layout: Layout, theme: Theme, sizes: Sizes, texts: dict[str, list[str]], arrows: bool
) -> Image.Image:
    """Draw a diagram.

    Args:
        draw: Decides on margins and on how a hand trembles.
        graph: What is drawn.
        layout: Where it is.
        theme: How it looks.
        sizes: Of boxes, as `measure` gives them.
        texts: Of boxes, in lines.
        arrows: Whether lines have them.

    Raises:
        CannotRenderError: if it is larger than a picture may be.
    """
    corners = [
        (x + a * sizes[key][0] / 2, y + b * sizes[key][1] / 2)
        for key, (x, y) in layout.places.items()
        for a in (-1, 1)
        for b in (-1, 1)
    ]
    corners += [point for line in layout.lines for point in line.points]
    font = at_size(theme.font.path, theme.size * SHARP)
    for line in layout.lines:
        wide, tall = (side / SHARP for side in block_size([line.label], font)) if line.label else (0, 0)
        corners += [
            (line.at[0] + a * wide / 2, line.at[1] + b * tall / 2) for a in (-1, 1) for b in (-1, 1) if line.label
        ]
    margins = [draw.whole(16, 50) for _ in range(4)]
    left, top = (min(point[axis] for point in corners) - margins[axis] for axis in (0, 1))
    width, height = (max(point[axis] for point in corners) + margins[2 + axis] - (left, top)[axis] for axis in (0, 1))
    if max(width, height) > 1900:
        raise CannotRenderError(f"found a diagram of {width:.0f} x {height:.0f} pixels, expected at most 1900")
    sheet = _Sheet(draw, theme, (width, height), (left, top))
    for line in layout.lines:
        sheet.line(line.points, arrows)
    for node in graph.nodes:
        sheet.box(node, layout.places[node.key], sizes[node.key], texts[node.key], font)
    for line in layout.lines:
        if line.label:
            sheet.label(line, font, patch=graph.kind == "network")
    return sheet.picture.resize((round(width), round(height)), Image.Resampling.BOX)


class _Sheet:
    """A canvas with its origin, and the hand that draws on it."""

    def __init__(self, draw: Draw, theme: Theme, size: Point, origin: Point):
        self.draw, self.theme, self.origin = draw, theme, np.array(origin)
        self.picture = Image.new("RGB", tuple(round(side) * SHARP for side in size), theme.ground)
        self.pen = ImageDraw.Draw(self.picture)
        self.width = max(1, round(theme.width * SHARP))

    def at(self, points: Sequence[Point]) -> np.ndarray:
        """Places on the canvas, (number of points, 2)."""
        return (np.asarray(points, float) - self.origin) * SHARP

    def by_hand(self, points: np.ndarray) -> list[tuple[float, float]]:
        """Points along the same way, each a little off where a hand draws."""
        if not self.theme.wobble:
            return [tuple(point) for point in points.tolist()]
        dense = [points[:1]]
        for one, other in itertools.pairwise(points):
            count = max(1, round(math.dist(one, other) / (14 * SHARP)))
            dense.append(one + (other - one) * (np.arange(1, count + 1)[:, None] / count))
        found = np.concatenate(dense)
        off = self.draw.rng.normal(0, self.theme.wobble * SHARP * 0.5, found.shape)
        off[[0, -1]] *= 0.3
        return [tuple(point) for point in (found + off).tolist()]

    def line(self, points: Sequence[Point], arrow: bool) -> None:
        """A line, perhaps with an arrow at its end."""
        places = self.at(points)
        self.pen.line(self.by_hand(places), self.theme.lines, self.width, joint="curve")
        if arrow:
            end, before = places[-1], places[-2]
            way = (end - before) / max(1e-9, math.dist(end, before))
            back, aside = end - way * 9 * SHARP, np.array([-way[1], way[0]]) * 4.5 * SHARP
            self.pen.polygon([tuple(point) for point in (end, back + aside, back - aside)], self.theme.lines)

    def box(self, node: Node, middle: Point, size: tuple[float, float], lines: list[str], font) -> None:
        """A box of the shape of its kind, with its text."""
        outline = self.at(_outline(node.kind, middle, size, self.theme.radius))
        if self.theme.shadow:
            shade = tuple(round(part * 0.8) for part in self.theme.ground)
            self.pen.polygon([tuple(point) for point in (outline + 4 * SHARP).tolist()], shade)
        path = self.by_hand(np.concatenate([outline, outline[:1]]))
        self.pen.polygon(path, self.theme.fills[node.kind])
        self.pen.line([*path, path[0]], self.theme.outline, self.width, joint="curve")
        x, y = self.at([middle])[0]
        tall = block_size(lines, font)[1]
        write_lines(self.pen, (x, y - tall / 2), lines, font, self.theme.inks[node.kind], centred=True)

    def label(self, line: Line, font, patch: bool) -> None:
        """The label of a line, on a patch of the ground where it lies on the line."""
        x, y = self.at([line.at])[0]
        ink = legible(self.theme.lines, self.theme.ground, 150)
        if patch:
            wide, tall = block_size([line.label], font)
            self.pen.rectangle((x - wide / 2 - 4, y - tall / 2, x + wide / 2 + 4, y + tall / 2), self.theme.ground)
        self.pen.text((x, y), line.label, ink, font, anchor="mm")


def _outline(kind: str, middle: Point, size: tuple[float, float], radius: float) -> list[Point]:
    (x, y), (w, h) = middle, (size[0] / 2, size[1] / 2)
    if kind == "decision":
        return [(x, y - h), (x + w, y), (x, y + h), (x - w, y)]
    if kind == "data":
        slant = h * 0.5
        return [(x - w + slant, y - h), (x + w, y - h), (x + w - slant, y + h), (x - w, y + h)]
    radius = h if kind in ("start", "end") else min(radius, h)
    if radius == 0:
        return [(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h)]
    points = []
    for turn, (a, b) in enumerate(((1, -1), (1, 1), (-1, 1), (-1, -1))):
        for step in range(9):
            angle = math.pi / 2 * (turn - 1 + step / 8)
            points.append(
                (x + a * (w - radius) + radius * math.cos(angle), y + b * (h - radius) + radius * math.sin(angle))
            )
    return points
