"""A font, lines and a box come in; letters that fill the box go out, flat, in relief, glowing or worn.

Shapes: boxes are left, top, right, bottom in pixels.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from ..assets import Font
from ..rendering import CannotRenderError, Draw
from .inks import Colour, brightness
from .surfaces import grain
from .typefaces import at_size, clear_share, is_chinese


Box = tuple[float, float, float, float]
EFFECTS = ("flat", "outline", "shadow", "emboss", "engrave", "fade", "worn")
WHOLE = 100  # size at which lines are measured
SMALLEST = 6  # font size below which nothing can be read at any scale


@dataclass(frozen=True)
class Piece:
    """A text on a thing.

    Args:
        text: As it is read, its lines joined by line breaks.
        role: What it is: "name", "price", "notice".
        box: Where its ink is.
        height: Pixels of a capital letter, or of a Chinese character; of a plain font that were as clear.
        letters: Name of the colour of its letters, if it has one.
        ground: Name of the colour behind it, if it has one.
    """

    text: str
    role: str
    box: Box
    height: float
    letters: str = ""
    ground: str = ""

    def moved(self, left: float, top: float, scale: float = 1.0) -> "Piece":
        """The same piece after its picture was scaled and moved."""
        box = tuple(side * scale + shift for side, shift in zip(self.box, (left, top, left, top), strict=True))
        return replace(self, box=box, height=self.height * scale)

    def coloured(self, letters: str, ground: str) -> "Piece":
        """The same piece with the names of its colours."""
        return replace(self, letters=letters, ground=ground)


def line_boxes(font: Font, size: int, gap: float, lines: tuple[str, ...], align: float) -> list[tuple[int, ...]]:
    """Where the ink of each line lies, from 0, 0.

    Args:
        font: Of all lines.
        size: In pixels.
        gap: Distance of lines, as a multiple of the size.
        lines: From the top.
        align: 0 for left, 0.5 for the middle, 1 for right.

    Raises:
        CannotRenderError: if lines touch.
    """
    face = at_size(font.path, size)
    inked = [face.getbbox(line, anchor="ls") for line in lines]
    widest = max(right - left for left, _, right, _ in inked)
    boxes = []
    for index, (left, top, right, bottom) in enumerate(inked):
        across, down = round((widest - (right - left)) * align), round(index * gap * size) - inked[0][1]
        boxes.append((across, down + top, across + right - left, down + bottom))
    if any(above[3] >= below[1] for above, below in pairwise(boxes)):
        raise CannotRenderError(f"lines of {font.name} touch")
    return boxes


def draw_lines(pen: ImageDraw.ImageDraw, place: tuple[int, int], boxes, lines, face, ink, stroke: int = 0) -> None:
    """Draw lines into the boxes that `line_boxes` gave, moved to a place."""
    for (left, top, _, _), line in zip(boxes, lines, strict=True):
        inked = face.getbbox(line, anchor="ls")
        at = (place[0] + left - inked[0], place[1] + top - inked[1])
        pen.text(at, line, ink, face, anchor="ls", stroke_width=stroke)


def write(
    draw: Draw,
    layer: Image.Image,
    box: Box,
    text: str,
    role: str,
    font: Font,
    ink: Colour,
    *,
    effect: str = "flat",
    align: float = 0.5,
    gap: float = 1.25,
    stroke: bool = False,
) -> Piece:
    """Write a text as large as its box allows.

    Args:
        draw: Decides what an effect leaves open.
        layer: RGBA or RGB, changed in place.
        box: What the text fills, in one direction at least.
        text: Lines, joined by line breaks.
        role: Of the piece.
        font: Of the text.
        ink: Its colour.
        effect: Of `EFFECTS`, or "neon".
        align: 0 for left, 0.5 for the middle, 1 for right.
        gap: Distance of lines, as a multiple of the size.
        stroke: Whether letters are made bold.

    Raises:
        CannotRenderError: if the box is too small.
    """
    lines = tuple(text.split("\n"))
    left, top, right, bottom = box
    face = at_size(font.path, WHOLE)
    inked = [face.getbbox(line, anchor="ls") for line in lines]
    wide = max(each[2] - each[0] for each in inked) / WHOLE
    deep = (len(lines) - 1) * gap + (inked[-1][3] - inked[0][1]) / WHOLE
    size = int(min((right - left) / wide, (bottom - top) / deep) * 0.97)
    if size < SMALLEST:
        raise CannotRenderError(f"no room for {text!r} in {box}")
    boxes = line_boxes(font, size, gap, lines, align)
    width, height = max(each[2] for each in boxes), max(each[3] for each in boxes)
    bold = max(1, size // 28) if stroke else 0
    pad = size // 3 + 2
    mask = Image.new("L", (width + 2 * pad, height + 2 * pad))
    draw_lines(ImageDraw.Draw(mask), (pad, pad), boxes, lines, at_size(font.path, size), 255, bold)
    across = round(left + (right - left - width) * align)
    down = round(top + (bottom - top - height) / 2)
    _apply(draw, layer, mask, (across - pad, down - pad), ink, effect, size)
    share = clear_share(font, is_chinese(text))
    return Piece(text, role, (across, down, across + width, down + height), size * share)


def _apply(draw: Draw, layer: Image.Image, mask: Image.Image, place, ink: Colour, effect: str, size: int) -> None:
    """Lay ink on a layer through a mask."""
    depth = max(1, size // 24)
    alpha = 255 if layer.mode == "RGBA" else None

    def lay(colour, through, shift=(0, 0)):
        fill = (*colour, alpha) if alpha else colour
        layer.paste(fill, (place[0] + shift[0], place[1] + shift[1]), through)

    light, dark = (255, 255, 255), (0, 0, 0)
    if effect == "outline":
        edge = dark if brightness(ink) > 128 else light
        lay(edge, mask.filter(ImageFilter.MaxFilter(2 * depth + 1)))
    elif effect == "shadow":
        shade = mask.filter(ImageFilter.GaussianBlur(depth)).point([level * 6 // 10 for level in range(256)])
        lay(dark if brightness(ink) > 70 else (120, 120, 120), shade, (2 * depth, 2 * depth))
    elif effect in ("emboss", "engrave"):
        first, second = (light, dark) if effect == "emboss" else (dark, light)
        soft = mask.point([level * 6 // 10 for level in range(256)])
        lay(first, soft, (-depth, -depth))
        lay(second, soft, (depth, depth))
    elif effect == "neon":
        for radius, share in ((size / 4, 0.9), (size / 10, 0.8)):
            glow = mask.filter(ImageFilter.GaussianBlur(radius))
            lay(ink, glow.point([int(level * share) for level in range(256)]))
        ink = tuple(int(part * 0.35 + 255 * 0.65) for part in ink)
    elif effect == "worn":
        holes = grain(draw, mask.size, "paper") < 1.5  # the rest, one part in fifteen, has come off
        mask = ImageChops.multiply(mask, Image.fromarray((holes * 195 + 60).astype(np.uint8)))
    if effect == "fade":
        _fade(layer, mask, place, ink)
    else:
        lay(ink, mask)


def _fade(layer: Image.Image, mask: Image.Image, place, ink: Colour) -> None:
    """Ink that gets a little darker or lighter downwards, away from what is behind it."""
    shift = -50 if brightness(ink) < 128 else 40
    share = np.linspace(0, 1, mask.height, dtype=np.float32)[:, None, None]
    ramp = np.broadcast_to(np.asarray(ink, np.float32) + shift * share, (mask.height, mask.width, 3))
    filled = Image.fromarray(ramp.clip(0, 255).astype(np.uint8)).convert(layer.mode)
    layer.paste(filled, place, mask)
