"""A text, a font and a width come in; lines that fit, and their size, go out."""

import re
from collections.abc import Sequence

from PIL import ImageFont

from ..assets import Assets, Font
from ..rendering import CannotRenderError, Draw
from ..splits import of_split
from .typefaces import at_size, covers, has_small_letters


HANZI = "⺀-鿿＀-￯，。、；：？！（）《》“”"
PIECES = re.compile(rf"[{HANZI}]|[^\s{HANZI}]+|\s+")
LEAST_CONTRAST = 80  # of 255, of a letter against what is behind it
Colour = tuple[int, int, int]
CLOSING = "，。、；：？！）》”"


def label_font(draw: Draw, assets: Assets, text: str, styles: Sequence[str] = ("sans", "serif")) -> Font:
    """Choose a font that shows a text as it is, small letters small.

    Args:
        draw: Decides; the font is one of its items.
        assets: Has the fonts.
        text: All that is to be written with it.
        styles: Of fonts.

    Raises:
        CannotRenderError: if no font will do.
    """
    fonts = [font for font in assets.fonts(draw.language) if font.style in styles]
    able = [font for font in fonts if covers(font.path, text) and has_small_letters(font.path)]
    if not of_split(able, "font", "train", lambda font: font.name):
        raise CannotRenderError(f"found no font of styles {styles} for training with all glyphs of {text!r}")
    return draw.item("font", able, key=lambda font: font.name)


def split_lines(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Break a text into lines no wider than `width`; a Latin word wider than that stays whole.

    Chinese breaks between any two characters, but no line begins with a mark that closes.
    """
    lines, line = [], ""
    for piece in PIECES.findall(text):
        if piece.isspace():
            line += " " if line else ""
        elif line.strip() and font.getlength(line + piece) > width and piece not in CLOSING:
            lines.append(line.rstrip())
            line = piece
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def line_height(font: ImageFont.FreeTypeFont) -> int:
    """Pixels from one line to the next, without leading."""
    ascent, descent = font.getmetrics()
    return ascent + descent


def block_size(lines: Sequence[str], font: ImageFont.FreeTypeFont) -> tuple[int, int]:
    """Width and height in pixels of lines below each other."""
    width = max((font.getlength(line) for line in lines), default=0)
    return int(width + 1), line_height(font) * len(lines)


def write_lines(pen, place: tuple[float, float], lines: Sequence[str], font, ink, centred: bool = False) -> None:
    """Write lines below each other.

    Args:
        pen: `ImageDraw` to write with.
        place: Left and top of the block; its middle and top if `centred`.
        lines: To write.
        font: At its size.
        ink: Colour.
        centred: Whether lines are centred.
    """
    x, y = place
    for number, line in enumerate(lines):
        pen.text((x, y + number * line_height(font)), line, ink, font, anchor="ma" if centred else "la")


def _grey(colour: Colour) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two, the first one at a share of 0."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def legible(colour: Colour, ground: Colour, contrast: float = LEAST_CONTRAST) -> Colour:
    """The colour, moved towards black or white until it can be read on a ground."""
    end = (0, 0, 0) if _grey(ground) > 127 else (255, 255, 255)
    for step in range(11):
        moved = mix(colour, end, step / 10)
        if abs(_grey(moved) - _grey(ground)) >= contrast:
            return moved
    return end


__all__ = ["at_size", "block_size", "label_font", "legible", "line_height", "mix", "split_lines", "write_lines"]
