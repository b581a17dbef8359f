"""Text of any kind and the looks of a page come in; typst source, and the picture that typst makes of it, go out.

Text never stands in typst markup but in string literals (`quote`), so no character of it can mean anything to typst. Lengths are
in pixels: a page is set at 72 dots to the inch, where a typographic point is a pixel.
"""

import functools
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from PIL import Image

from ..assets import Font
from ..rendering import CannotRenderError, Draw
from ..splits import of_split


T = TypeVar("T")
PACKAGES = ("typst", "fontTools")
SCHOOLBOOK = "LXGW WenKai"
SKETCH = 4.5  # dots to the inch, a sixteenth of a picture
# Ratio of width to height: sheets of A and B formats, US letter, books, slips of paper, screens.
SHAPES = (0.707, 0.707, 0.773, 0.65, 0.6, 0.75, 0.85, 1.0, 1.2, 1.414)
PAPERS = ("#ffffff", "#ffffff", "#ffffff", "#fffef8", "#fdf8ec", "#f7f3e6", "#f4f4f2", "#faf6ff", "#f2f8f2", "#eef4fa")
INKS = ("#000000", "#000000", "#1a1a1a", "#222222", "#2b2b2b", "#1c2433", "#33261c")
ACCENTS = (
    "#1f4e79",
    "#7b1e1e",
    "#1e6b3a",
    "#5b2a86",
    "#a14a00",
    "#00606b",
    "#333333",
    "#8a1550",
    "#3b3f8f",
    "#6b5a00",
)
TINTS = ("#e3ecf5", "#f6e4e4", "#e2f1e6", "#ece4f4", "#fbeadb", "#ddf0f1", "#e8e8e8", "#f8e1ec", "#e6e7f6", "#f3eed6")
# Characters that need no glyph, and signs that typst takes from a font of its own where a font lacks them.
SUPPLIED = frozenset(" \n\u3000•–·−×÷")


@dataclass(frozen=True)
class Page:
    """How a page looks.

    Args:
        width: Pixels; None for as wide as what is on it.
        height: Pixels; None for as high as what is on it.
        across: Margin at the left and right, pixels.
        down: Margin at the top and bottom, pixels.
        size: Of the running text, pixels.
        paper: Colour, as "#rrggbb".
        ink: Colour of the text.
        accent: Colour of what stands out.
        tint: Colour that text can lie on.
        columns: Of text.
        leading: Between lines, of the size.
        spacing: Between paragraphs, of the size.
        indent: Of first lines, of the size.
        is_justified: Whether lines have equal length.
        header: typst content above the text, or "".
        footer: typst content below it, or "".
    """

    width: float | None
    height: float | None
    across: float
    down: float
    size: float
    paper: str = "#ffffff"
    ink: str = "#000000"
    accent: str = "#1f4e79"
    tint: str = "#e3ecf5"
    columns: int = 1
    leading: float = 0.65
    spacing: float = 1.2
    indent: float = 0.0
    is_justified: bool = False
    header: str = ""
    footer: str = ""


def check_longest(longest: int, least: int = 512, most: int = 4096) -> int:
    """Return the longest side that pictures may have, if pages of that size can be read.

    Raises:
        ValueError: if it is out of range.
    """
    if not isinstance(longest, int) or not least <= longest <= most:
        raise ValueError(
            f"found longest {longest!r}, expected a whole number of pixels from {least} to {most}; change it"
        )
    return longest


def quote(text: str) -> str:
    """Text as a typst string literal, every character itself."""
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def inline(text: str) -> str:
    """Text as typst content; unlike `quote` it keeps spaces at both ends."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'#"{escaped}";'


def missing(font: Font, text: str) -> str:
    """Characters of a text that a font cannot write, each once."""
    return "".join(char for char in sorted(set(text) - SUPPLIED) if not font.can_write(char))


def _folders(font: Font) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(file.parent) for file in (font.path, font.bold) if file))


@functools.cache
def _fonts(folders: tuple[str, ...]):
    """What typst finds in folders, beside the fonts that it brings itself (for formulas)."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=list(folders))


@functools.cache
def _has_bold(folders: tuple[str, ...], family: str) -> bool:
    return any(face.family == family and face.weight >= 600 for face in _fonts(folders).fonts())


def bold_rule(font: Font) -> str:
    """The typst function `bold`: the bold face, or a thicker outline where the family has none."""
    if _has_bold(_folders(font), font.family):
        return "#let bold(body) = text(weight: 700, body)\n"
    return "#let bold(body) = context text(stroke: 0.035em + text.fill, body)\n"


def preamble(page: Page, font: Font, language: str) -> str:
    """The typst rules that make a page look as it should."""
    width, height = ("auto" if side is None else f"{side}pt" for side in (page.width, page.height))
    region = ', region: "cn"' if language == "zh" else ""
    return (
        f'#let ink = rgb("{page.ink}")\n#let accent = rgb("{page.accent}")\n#let tint = rgb("{page.tint}")\n'
        f"#set page(width: {width}, height: {height}, margin: (x: {page.across}pt, y: {page.down}pt), "
        f'fill: rgb("{page.paper}"), columns: {page.columns}, header: [{page.header}], footer: [{page.footer}])\n'
        f'#set text(font: {quote(font.family)}, size: {page.size}pt, lang: "{language}"{region}, '
        f'fill: rgb("{page.ink}"), number-type: "lining")\n'
        f"#set par(justify: {str(page.is_justified).lower()}, leading: {page.leading}em, spacing: {page.spacing}em, "
        f"first-line-indent: (amount: {page.indent}em, all: true))\n"
        "#show math.equation: set text(size: 1.12em)\n"  # the letters of formulas are smaller than those of most fonts
        "#show footnote.entry: set text(size: 13pt)\n"
        "#set smartquote(enabled: false)\n#set super(typographic: false, size: 0.75em)\n"
        f"{bold_rule(font)}"
    )


def typeset(source: str, font: Font, dots: float = 72.0) -> list[Image.Image]:
    """Set typst source in a font.

    Args:
        source: All of it, as `preamble` begins it.
        font: In whose folder typst looks for fonts.
        dots: To the inch. With 72 a point is a pixel; fewer make a sketch, which is all it takes to see what fits.

    Returns:
        One picture a page, not yet decoded.

    Raises:
        CannotRenderError: if typst does not find the font's family in its folder.
    """
    import typst

    pages, warnings = typst.compile_with_warnings(
        source.encode(), format="png", ppi=dots, font_paths=_fonts(_folders(font))
    )
    for warning in warnings:
        if "unknown font family" in warning.message:
            raise CannotRenderError(f"{warning.message}; expected {font.family!r} in {_folders(font)}; add the file")
    return [Image.open(io.BytesIO(page)) for page in ([pages] if isinstance(pages, bytes) else pages)]


def fits(source: str, font: Font, longest: int) -> bool:
    """Whether typst source makes one page with sides of at most `longest` pixels."""
    sketches = typeset(source, font, SKETCH)
    return len(sketches) == 1 and max(sketches[0].size) * 72 / SKETCH <= longest


def draw_font(draw: Draw, assets, styles: tuple[str, ...] = ("serif", "sans")) -> Font:
    """A font that this split may show: of some styles, or the handwriting in which Chinese schoolbooks are set."""
    fonts = assets.fonts(draw.language, styles)
    if draw.language == "zh":
        fonts += tuple(font for font in assets.fonts("zh", ("hand",)) if font.name == SCHOOLBOOK and font not in fonts)
    return draw.item("font", fonts, key=lambda font: font.name)


def draw_few(draw: Draw, kind: str, options: Sequence[T], key: Callable[[T], str] = str) -> T:
    """One of a few options, as `Draw.item`; where by chance all of them are held out, the row is drawn again."""
    if not of_split(options, kind, "train", key):
        raise CannotRenderError(f"found {len(options)} of kind {kind!r}, all held out")
    return draw.item(kind, options, key)


def draw_text(draw: Draw, texts, least: int, most: int) -> str:
    """A text of a length that fits, and that this split may show; texts are many, so one is tried after another."""

    def make(rng):
        for _ in range(200):
            text = " ".join(texts[int(rng.integers(len(texts)))].split())
            if least <= len(text) <= most and not set(text) & set("*_#|`$<>[]\\~^"):
                return text
        raise CannotRenderError(f"found no text of {least} to {most} characters without marks among {len(texts)}")

    return draw.made("text", make, key=str)
