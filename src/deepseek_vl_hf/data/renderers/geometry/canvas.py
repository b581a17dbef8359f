"""A figure and a pen come in; a drawing to scale goes out.

Nothing overlaps: a label that would lie on another, or on a line, makes the drawing impossible (`CannotRenderError`).
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ...rendering import CannotRenderError
from .figure import Figure, Point


SHARP = 3  # pixels drawn for each one shown
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Pen:
    """How a figure is drawn.

    Args:
        font: Path of the font file.
        size: Of letters, pixels.
        extent: Pixels of the longer side of what is drawn.
        turn: Degrees.
        mirrored: Whether left and right are changed.
        width: Of lines, pixels.
        ink: Colour of lines.
        letters: Colour of letters.
        fill: Colour of areas.
    """

    font: str
    size: int
    extent: float
    turn: float
    mirrored: bool
    width: float
    ink: Colour
    letters: Colour
    fill: Colour


def draw_figure(figure: Figure, pen: Pen, load) -> Image.Image:
    """Draw a figure on nothing.

    Args:
        figure: What.
        pen: How.
        load: Opens a font file at a size.

    Returns:
        RGBA, cropped to what is drawn with a small margin.

    Raises:
        CannotRenderError: if labels overlap each other or lines.
    """
    return _Drawing(figure, pen, load(pen.font, pen.size * SHARP)).paint()


class _Drawing:
    """Places in pixels, SHARP times as fine as they are shown, y downwards."""

    def __init__(self, figure: Figure, pen: Pen, font: ImageFont.FreeTypeFont):
        self.figure, self.pen, self.font = figure, pen, font
        points = np.array([point for shape in figure.shapes for point in _points(shape)], float)
        turn = math.radians(pen.turn) if figure.turns else 0.0
        matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        if figure.turns and pen.mirrored:
            matrix = matrix @ np.diag([-1.0, 1.0])
        self.matrix = np.diag([1.0, -1.0]) @ matrix
        moved = points @ self.matrix.T
        spread = (moved.max(0) - moved.min(0)).max()
        self.scale = pen.extent * SHARP / max(spread, 1e-9)
        self.line_width = max(1, round(pen.width * SHARP))
        self.strokes: list[tuple[np.ndarray, str]] = []
        self.fills: list[tuple[np.ndarray, bool]] = []
        self.dots: list[np.ndarray] = []
        self.labels: list[tuple[np.ndarray, str]] = []
        for shape in figure.shapes:
            getattr(self, f"_{shape[0]}")(*shape[1:])

    def at(self, point: Point) -> np.ndarray:
        return self.matrix @ np.asarray(point, float) * self.scale

    def _line(self, one: Point, other: Point, style: str) -> None:
        self.strokes.append((np.stack([self.at(one), self.at(other)]), style))

    def _curve(self, points: list[Point], style: str) -> None:
        self.strokes.append((np.stack([self.at(point) for point in points]), style))

    def _fill(self, points) -> None:
        self.fills.append((np.stack([self.at(point) for point in points]), False))

    def _hole(self, points) -> None:
        self.fills.append((np.stack([self.at(point) for point in points]), True))

    def _dot(self, point: Point) -> None:
        self.dots.append(self.at(point))

    def _hand(self, one: Point, other: Point, factor: float) -> None:
        self.strokes.append((np.stack([self.at(one), self.at(other)]), f"hand {factor}"))

    def _legs(self, corner: Point, one: Point, other: Point) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        middle = self.at(corner)
        legs = [self.at(point) - middle for point in (one, other)]
        return middle, *(leg / np.linalg.norm(leg) for leg in legs)

    def _right(self, corner: Point, one: Point, other: Point) -> None:
        middle, first, second = self._legs(corner, one, other)
        reach = 0.75 * self.pen.size * SHARP
        path = [middle + first * reach, middle + (first + second) * reach, middle + second * reach]
        self.strokes.append((np.stack(path), "thin"))

    def _angle(self, corner: Point, one: Point, other: Point, text: str) -> None:
        middle, first, second = self._legs(corner, one, other)
        start, end = (math.atan2(leg[1], leg[0]) for leg in (first, second))
        sweep = (end - start + math.pi) % (2 * math.pi) - math.pi
        radius = self.pen.size * SHARP * (1.1 if abs(sweep) > 1 else 1.5)
        turns = start + sweep * np.linspace(0, 1, 24)
        self.strokes.append((middle + radius * np.stack([np.cos(turns), np.sin(turns)], 1), "thin"))
        wide, tall = self._size(text)
        half = abs(sweep) / 2
        reach = max(radius + 0.62 * math.hypot(wide, tall), 0.56 * math.hypot(wide, tall) / max(0.15, math.sin(half)))
        bisector = np.array([math.cos(start + sweep / 2), math.sin(start + sweep / 2)])
        self.labels.append((middle + bisector * reach, text))

    def _text(self, point: Point, away: Point, text: str) -> None:
        direction = self.matrix @ np.asarray(away, float)
        length = np.linalg.norm(direction)
        direction = direction / length if length > 1e-9 else direction
        wide, tall = self._size(text)
        reach = (
            abs(direction) * (wide, tall)
        ).sum() / 2 + 0.3 * self.pen.size * SHARP  # past a line across the direction
        self.labels.append((self.at(point) + direction * reach, text))

    def _size(self, text: str) -> tuple[float, float]:
        left, top, right, bottom = self.font.getbbox(text, anchor="mm")
        return right - left, bottom - top

    def _box(self, middle: np.ndarray, text: str) -> np.ndarray:
        """Left, top, right, bottom of a label."""
        half = np.array(self._size(text)) / 2
        return np.concatenate([middle - half, middle + half])

    def _check(self, boxes: list[np.ndarray]) -> None:
        for place, box in enumerate(boxes):
            for other in boxes[:place]:
                if (box[:2] < other[2:] + SHARP).all() and (other[:2] < box[2:] + SHARP).all():
                    raise CannotRenderError(f"found labels of {self.figure.key!r} that overlap, expected none")
        for path, style in self.strokes:
            if style == "grid" or not self.figure.strict:
                continue
            for one, other in itertools.pairwise(path):
                count = max(2, int(np.linalg.norm(other - one) / (2 * SHARP)))
                dots = one + (other - one) * np.linspace(0, 1, count)[:, None]
                for box in boxes:
                    if ((dots > box[:2] - 1) & (dots < box[2:] + 1)).all(1).any():
                        raise CannotRenderError(
                            f"found a label of {self.figure.key!r} on a {style} line, expected none"
                        )

    def paint(self) -> Image.Image:
        boxes = [self._box(middle, text) for middle, text in self.labels]
        self._check(boxes)
        ends = (
            [path for path, _ in self.strokes]
            + [box.reshape(2, 2) for box in boxes]
            + [dot[None] for dot in self.dots]
        )
        ends = np.concatenate(ends)
        margin = 6 * SHARP
        origin, size = ends.min(0) - margin, ends.max(0) - ends.min(0) + 2 * margin
        picture = Image.new("RGBA", tuple(int(side) for side in size), (*self.pen.ink, 0))
        pen = ImageDraw.Draw(picture)
        for path, empty in self.fills:
            pen.polygon([tuple(point) for point in (path - origin).tolist()], (*self.pen.fill, 0 if empty else 255))
        for path, style in self.strokes:
            self._stroke(pen, path - origin, style)
        radius = max(2.2, self.pen.width * 1.5) * SHARP
        for dot in self.dots:
            x, y = dot - origin
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), (*self.pen.ink, 255))
        for middle, text in self.labels:
            pen.text(tuple(middle - origin), text, (*self.pen.letters, 255), self.font, anchor="mm")
        shown = tuple(max(1, side // SHARP) for side in picture.size)
        return picture.resize(shown, Image.Resampling.BOX)

    def _stroke(self, pen: ImageDraw.ImageDraw, path: np.ndarray, style: str) -> None:
        width = max(1, round(self.line_width * 0.6)) if style in ("thin", "grid") else self.line_width
        if style.startswith("hand"):
            width = round(self.line_width * float(style.split()[1]))
        colour = (*self.pen.ink, 110 if style == "grid" else 255)
        if style == "dashed":
            for piece in _dashes(path, 7 * SHARP):
                pen.line([tuple(point) for point in piece.tolist()], colour, width)
            return
        pen.line([tuple(point) for point in path.tolist()], colour, width, joint="curve")


def _points(shape: tuple) -> list[Point]:
    """The points of a shape that say how large it is."""
    kind = shape[0]
    if kind in ("fill", "hole", "curve"):
        return list(shape[1])
    return [shape[1], shape[2]] if kind in ("line", "hand") else [shape[1]]


def _dashes(path: np.ndarray, length: float) -> list[np.ndarray]:
    """Every other piece of a path."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    starts = np.arange(0, along[-1], 2 * length)
    pieces = []
    for start in starts.tolist():
        places = np.linspace(start, min(start + length, along[-1]), 4)
        pieces.append(np.stack([np.interp(places, along, path[:, axis]) for axis in (0, 1)], 1))
    return pieces
