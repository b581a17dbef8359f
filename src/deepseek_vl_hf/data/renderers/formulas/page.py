"""The ink of formulas and the texts around them come in; a sheet, a blackboard, a slide or a screen that shows them goes out.

Shapes: H, W ink height and width in pixels.
"""

from dataclasses import dataclass, field
from typing import Literal

from PIL import Image, ImageDraw

from ...assets import Font
from ...damage import Medium
from ...rendering import CannotRenderError, Draw
from ..grounds import GROUNDS, lay_ground, lay_ink
from ..labels import at_size, block_size, line_height, split_lines, write_lines


Numbering = Literal["none", "left", "right"]


@dataclass
class Line:
    """One line of the page: a formula with its number, or a text.

    Args:
        ink: Of the formula, (H, W); None for a text.
        text: The text, where there is no formula.
        number: Of the formula, "" for none.
    """

    ink: Image.Image | None = None
    text: str = ""
    number: str = ""
    lines: list[str] = field(default_factory=list)


def compose(draw: Draw, lines: list[Line], font: Font, size: int, numbering: Numbering) -> tuple[Image.Image, Medium]:
    """Put formulas and texts below each other.

    Args:
        draw: Decides on the ground, margins and alignment.
        lines: From top to bottom.
        font: Of texts and numbers.
        size: Of texts in pixels.
        numbering: Where numbers of formulas stand.

    Returns:
        The page, RGB, and how such a page reaches people.

    Raises:
        CannotRenderError: if a formula is wider than any page.
    """
    letters = at_size(font.path, size)
    widest = max((line.ink.width for line in lines if line.ink is not None), default=0)
    if widest > 1300:
        raise CannotRenderError(f"found a formula {widest:.0f} pixels wide, expected at most 1300")
    room = int(letters.getlength("(99)") * 1.5) if numbering != "none" else 0
    inner = int(max(widest + 2 * room, draw.between(12, 30) * size if any(line.ink is None for line in lines) else 0))
    margin = [draw.whole(size, 4 * size) for _ in range(4)]
    gap = draw.between(0.6, 1.8) * size
    heights = []
    for line in lines:
        if line.ink is None:
            line.lines = split_lines(line.text, letters, inner)
            heights.append(block_size(line.lines, letters)[1])
        else:
            heights.append(max(line.ink.height, line_height(letters)))
    width = inner + margin[0] + margin[2]
    height = int(sum(heights) + gap * (len(lines) - 1)) + margin[1] + margin[3]
    kind = draw.pick(tuple(GROUNDS))
    colours, medium = GROUNDS[kind]
    ground, ink = draw.pick(colours)
    mask = Image.new("L", (width, height))
    pen = ImageDraw.Draw(mask)
    centred = draw.chance(0.6)
    top = margin[1]
    for line, tall in zip(lines, heights, strict=True):
        _put(mask, pen, line, letters, (margin[0], top, inner, tall), room, numbering, centred)
        top += int(tall + gap)
    return _paint(draw, kind, mask, ground, ink), medium


def _put(mask, pen, line: Line, letters, box, room: int, numbering: Numbering, centred: bool) -> None:
    """Write one line into a box of left, top, width and height."""
    left, top, inner, tall = box
    if line.ink is None:
        write_lines(pen, (left, top), line.lines, letters, 255)
        return
    start = left + ((inner - line.ink.width) // 2 if centred else room)
    mask.paste(line.ink, (start, top + (tall - line.ink.height) // 2))
    middle = top + tall / 2
    if numbering == "left":
        pen.text((left, middle), line.number, 255, letters, anchor="lm")
    elif numbering == "right":
        pen.text((left + inner, middle), line.number, 255, letters, anchor="rm")


def _paint(draw: Draw, kind: str, mask: Image.Image, ground, ink) -> Image.Image:
    """Lay ink on a ground of its kind."""
    drawn = Image.new("RGBA", mask.size, (*ink, 0))
    drawn.putalpha(mask)
    picture = lay_ink(draw, kind, lay_ground(draw, kind, mask.size, ground), drawn)
    if kind == "slide":
        width, height = mask.size
        band = max(4, height // 40)
        edge = (0, height - band, width, height) if draw.chance(0.5) else (0, 0, band, height)
        ImageDraw.Draw(picture).rectangle(edge, ink)
    return picture
