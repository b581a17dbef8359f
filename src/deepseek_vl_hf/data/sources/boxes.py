"""Words or lines with their places in a picture come in; they go out in reading order.

Boxes that overlap in height form a row; rows are read from top to bottom, a row from left to right. Columns that are written from
top to bottom side by side come out in this order too, so that of those the order of two columns may be wrong.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .cells import SchemaError, clean, language_of


ILLEGIBLE = ("", ".", "###", "*", "#")  # what sets write for what nobody can read
SAME_ROW = 0.5  # least overlap of two boxes of a row, of the lower one's height
SAME_SIZE = 2.5  # how many times as high boxes of a row may be


@dataclass(frozen=True)
class Box:
    """A piece of text and its bounds in pixels."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Of a box; never 0."""
        return max(self.bottom - self.top, 1e-6)


def box(text: str, points: Any) -> Box:
    """Make a box around a polygon.

    Args:
        text: What it says.
        points: `[x1, y1, x2, y2, ...]` or `[[x1, y1], [x2, y2], ...]`.

    Raises:
        SchemaError: if there are no points.
    """
    try:
        flat = [
            float(number) for point in points for number in (point if isinstance(point, list | tuple) else [point])
        ]
        across, down = flat[0::2], flat[1::2]
        return Box(clean(text), min(across), min(down), max(across), max(down))
    except (TypeError, ValueError) as error:
        raise SchemaError(
            f"found the points {str(points)[:60]!r} of {text[:20]!r}, expected pairs of numbers"
        ) from error


def corners(bounds: Any) -> list[float]:
    """The polygon of a box `[x, y, width, height]`, as COCO writes it."""
    try:
        x, y, width, height = (float(number) for number in bounds)
    except (TypeError, ValueError) as error:
        raise SchemaError(f"found the box {str(bounds)[:60]!r}, expected x, y, width and height") from error
    return [x, y, x + width, y + height]


def legible(text: str) -> bool:
    """Whether a set's note is something that can be read."""
    return clean(text) not in ILLEGIBLE


def in_rows(boxes: Iterable[Box]) -> list[list[Box]]:
    """Put boxes into rows, each from left to right."""
    rows: list[list[Box]] = []
    for each in sorted(boxes, key=lambda found: (found.top, found.left)):
        best, overlap = None, SAME_ROW
        for row in rows:
            near = min(row, key=lambda found, each=each: abs(found.left - each.left))
            shared = min(near.bottom, each.bottom) - max(near.top, each.top)
            sizes = sorted((near.height, each.height))
            if sizes[1] <= SAME_SIZE * sizes[0] and shared / sizes[0] > overlap:
                best, overlap = row, shared / sizes[0]
        if best is None:
            rows.append([each])
        else:
            best.append(each)
    return [sorted(row, key=lambda found: found.left) for row in rows]


def read_words(boxes: Sequence[Box]) -> str:
    """What a picture says whose words are known: a row a line."""
    return "\n".join(_spaced([each.text for each in row]) for row in in_rows(boxes))


def read_lines(boxes: Sequence[Box]) -> str:
    """What a picture says whose lines are known: each on a line of its own."""
    return "\n".join(each.text for row in in_rows(boxes) for each in row)


def _spaced(words: Sequence[str]) -> str:
    """Chinese goes without spaces."""
    separator = "" if language_of("".join(words)) == "zh" else " "
    return separator.join(words)
