"""A text comes in; a font that has every glyph of it goes out, at a size.

What is drawn must be exactly what the answer says. So a font is taken only if each character has a glyph of its own with ink in it,
and fonts that draw small letters as capitals are known as such, that their texts may be written in capitals.
"""

import functools
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ..assets import Assets, Font
from ..rendering import CannotRenderError, Draw
from ..splits import of_split


OPEN_FONTS = 256  # each keeps a file open
SAMPLE = 32  # pixels, at which glyphs are looked at
TWO_CASES = "abdeghnqr"  # small letters whose capitals have another shape
ALIKE = 24  # of 255, mean difference below which two glyphs have one shape
HANZI = "国永"
CLEAR_STYLES = (
    "sans",
    "serif",
    "mono",
)  # in which digits and codes can be told from each other, without a word to guess from
_inked: dict[tuple[Path, str], bool] = {}


@functools.lru_cache(maxsize=OPEN_FONTS)
def at_size(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """Open a font at a size in pixels.

    The basic layout sets one glyph a character, without ligatures, on every machine alike.
    """
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@functools.cache
def _characters(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap())


def covers(path: Path, text: str) -> bool:
    """Whether a font has a glyph with ink for each character of a text; a space needs none."""
    return all(_has(path, character) for character in sorted(set(text)) if not character.isspace())


def _has(path: Path, character: str) -> bool:
    key = (path, character)
    if key not in _inked:
        mapped = ord(character) in _characters(path)
        _inked[key] = mapped and at_size(path, SAMPLE).getmask(character).getbbox() is not None
    return _inked[key]


@functools.cache
def has_small_letters(path: Path) -> bool:
    """Whether small letters look different from capitals, not only smaller."""
    letters = [letter for letter in TWO_CASES if covers(path, letter + letter.upper())]
    alike = sum(_difference(path, letter, letter.upper()) < ALIKE for letter in letters)
    return 2 * alike < len(letters)


def _difference(path: Path, one: str, other: str) -> float:
    """Mean difference of two glyphs scaled to one size."""
    glyphs = []
    for character in (one, other):
        picture = Image.new("L", (4 * SAMPLE, 4 * SAMPLE))
        ImageDraw.Draw(picture).text((SAMPLE, SAMPLE), character, 255, at_size(path, 2 * SAMPLE))
        glyphs.append(picture.crop(picture.getbbox()).resize((SAMPLE, SAMPLE)).tobytes())
    return sum(abs(a - b) for a, b in zip(*glyphs, strict=True)) / SAMPLE**2


@functools.cache
def glyph_share(path: Path, chinese: bool) -> float:
    """Height of a capital letter, or of a Chinese character, as a share of the size."""
    sample = next((each for each in HANZI if covers(path, each)), "H") if chinese else "H"
    _, top, _, bottom = at_size(path, 100).getbbox(sample)
    return max(0.3, (bottom - top) / 100)


def clear_share(font: Font, chinese: bool) -> float:
    """As `glyph_share`, but less for fonts that must be larger to be as clear: brushes and shapes for signs."""
    busy = font.style in ("hand", "display")
    return glyph_share(font.path, chinese) * ((0.7 if chinese else 0.8) if busy else 1)


def is_chinese(text: str) -> bool:
    """Whether a text has a Chinese character."""
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def choose_font(draw: Draw, assets: Assets, text: str, styles: Sequence[str] | None = None) -> Font:
    """Choose a font that can write a text.

    Args:
        draw: Decides; the font is one of its items.
        assets: Has the fonts.
        text: All that is to be written with it.
        styles: "sans", "serif", "mono", "hand" or "display"; all by default, and where no font of these styles will do.

    Raises:
        CannotRenderError: if no font has all the glyphs.
    """
    language = "zh" if is_chinese(text) else "en"
    able = [font for font in assets.fonts(language) if covers(font.path, text)]
    for fonts in ([font for font in able if styles and font.style in styles], able):
        if of_split(fonts, "font", "train", lambda font: font.name):
            return draw.item("font", fonts, key=lambda font: font.name)
    raise CannotRenderError(f"found no font of language {language!r} for training with all glyphs of {text!r}")


def as_drawn(font: Font, text: str) -> str:
    """The text as a font shows it: in capitals where it has no small letters."""
    return text if has_small_letters(font.path) else text.upper()
