"""A draw and a number come in; boxes for so many drawings go out, apart from each other and inside the picture."""

from dataclasses import dataclass

from ...rendering import CannotRenderError, Draw
from ..staging import Box


TRIES = 400  # of finding free places
# Side of the smallest box in pixels: a drawing that is turned in it, and then scaled down as a shared screenshot is, still has 36.
LEAST = 64
LEAST_CARD = 92  # the same for one on a card


@dataclass(frozen=True)
class Layout:
    """Where drawings go.

    Args:
        kind: "row", "column", "grid", "shelf", "corners" or "free".
        size: Of the picture.
        boxes: One for each drawing.
        cells: Row and column of each box, counted from 0; empty where there are none.
        rows: How many there are; 0 where there are none.
        columns: How many there are.
        cell: Height of a row in pixels.
    """

    kind: str
    size: tuple[int, int]
    boxes: tuple[Box, ...]
    cells: tuple[tuple[int, int], ...] = ()
    rows: int = 0
    columns: int = 0
    cell: float = 0.0


def lines(draw: Draw, rows: int, columns: int, longest: int, kind: str, least: int = LEAST) -> Layout:
    """Rows and columns of places, a little uneven but never so that a place leaves its cell."""
    most = min(170, longest / max(rows, columns))
    if most < least / 0.8:
        raise CannotRenderError(f"found {max(rows, columns)} places in {longest} pixels, expected {least} for each")
    across = draw.between(max(least / 0.8, most * 0.55), most)
    down = across if kind == "grid" else min(most, across * draw.between(0.9, 1.3))
    border = draw.between(0.04, 0.2) * across if max(rows, columns) * most * 1.1 < longest else 0
    boxes, cells = [], []
    share = draw.between(0.66, 0.86)
    for row in range(rows):
        for column in range(columns):
            side = max(least, min(across, down) * share * (draw.between(0.88, 1) if kind != "grid" else 1))
            left = border + column * across + (across - side) * draw.between(0.35, 0.65)
            free = down - side
            top = border + row * down + free * (0.9 if kind == "shelf" else draw.between(0.35, 0.65))
            boxes.append((left, top, side))
            cells.append((row, column))
    size = (round(columns * across + 2 * border), round(rows * down + 2 * border))
    return Layout(kind, size, tuple(boxes), tuple(cells), rows, columns, down)


def corners(draw: Draw, count: int, longest: int) -> Layout:
    """Places in the four corners, and the fifth in the middle."""
    width, height = (round(longest * draw.between(0.5, 0.95)) for _ in range(2))
    side = min(width, height) * draw.between(0.24, 0.3)
    gaps = [draw.between(0.03, 0.1) * min(width, height) for _ in range(2)]
    places = [
        (across, down)
        for down in (gaps[1], height - side - gaps[1])
        for across in (gaps[0], width - side - gaps[0])
    ]  # fmt: skip
    places.append(((width - side) / 2, (height - side) / 2))
    cells = ((0, 0), (0, 2), (2, 0), (2, 2), (1, 1))
    boxes = tuple((left, top, side) for left, top in places[:count])
    return Layout("corners", (width, height), boxes, cells[:count], 3, 3)


def free(draw: Draw, count: int, longest: int, spread: float = 1.0, least: int = LEAST) -> Layout:
    """Places anywhere, none of which touches another.

    Args:
        draw: Decides.
        count: How many.
        longest: Pixels of the longer side at most.
        spread: How many times larger than the smallest drawing the largest may be.
        least: Pixels of the smallest side.

    Raises:
        CannotRenderError: if so many found no room.
    """
    longer = draw.whole(round(longest * 0.6), longest)
    shorter = round(longer * draw.between(0.6, 1))
    size = (longer, shorter) if draw.chance(0.65) else (shorter, longer)
    room = (0.42 * size[0] * size[1] / count) ** 0.5  # a side with which all together leave half of the picture
    largest = min(room * 1.2, 0.6 * shorter, 220)
    smallest = max(least, min(largest, largest / max(spread, 1.25)))
    if smallest > largest:
        raise CannotRenderError(f"found no room for {count} drawings in a picture of {size}")
    boxes: list[Box] = []
    for _ in range(TRIES):
        if len(boxes) == count:
            return Layout("free", size, tuple(sorted(boxes)))  # from left to right, as answers list them
        side = draw.between(smallest, largest)
        box = (draw.between(2, size[0] - side - 2), draw.between(2, size[1] - side - 2), side)
        if all(_apart(box, other) for other in boxes):
            boxes.append(box)
    raise CannotRenderError(f"found room for only {len(boxes)} of {count} drawings")


def _apart(one: Box, other: Box) -> bool:
    gap = 4
    across = one[0] + one[2] + gap <= other[0] or other[0] + other[2] + gap <= one[0]
    return across or one[1] + one[2] + gap <= other[1] or other[1] + other[2] + gap <= one[1]


def arrange(draw: Draw, count: int, longest: int, kinds: dict[str, float], least: int = LEAST) -> Layout:
    """A layout of some kind for so many drawings.

    Args:
        draw: Decides.
        count: How many drawings.
        longest: Pixels of the longer side at most.
        kinds: Which layouts, and how often.
        least: Pixels of the smallest side.
    """
    possible = {kind: share for kind, share in kinds.items() if _fits(kind, count)}
    kind = draw.pick(tuple(possible), tuple(possible.values()))
    if kind == "free":
        return free(draw, count, longest, draw.between(1.2, 2.6), least)
    if kind == "corners":
        return corners(draw, count, longest)
    if kind == "row":
        return lines(draw, 1, count, longest, kind, least)
    if kind == "column":
        return lines(draw, count, 1, longest, kind, least)
    shapes = [(rows, count // rows) for rows in range(2, count // 2 + 1) if count % rows == 0]
    return lines(draw, *draw.pick(shapes), longest, kind, least)


def _fits(kind: str, count: int) -> bool:
    if kind in ("grid", "shelf"):
        return count >= 4 and any(count % rows == 0 for rows in range(2, count // 2 + 1))
    if kind == "corners":
        return count in (4, 5)
    return kind == "free" or 2 <= count <= (7 if kind == "row" else 5)
