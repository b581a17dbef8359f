"""A text of code and a look come in; an editor, a terminal, a slide or a printed listing that shows it goes out."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageColor, ImageDraw, ImageFont

from ...damage import Medium
from ...rendering import Draw
from ..labels import at_size, legible, line_height, mix


LIGHT = ("default", "friendly", "vs", "xcode", "tango", "solarized-light", "gruvbox-light", "colorful", "emacs", "manni",
         "staroffice", "paraiso-light", "lovelace", "murphy", "perldoc", "trac", "autumn", "pastie")  # fmt: skip
DARK = ("monokai", "dracula", "github-dark", "solarized-dark", "nord", "one-dark", "gruvbox-dark", "material", "zenburn",
        "native", "fruity", "vim", "rrt", "paraiso-dark", "lightbulb", "stata-dark")  # fmt: skip
PRINT = ("bw", "algol_nu", "default", "sas", "friendly_grayscale", "vs")
BUTTONS = ((255, 95, 87), (254, 188, 46), (40, 200, 64))
FRAMES = ("editor", "terminal", "slide", "listing")
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Look:
    """How code is shown.

    Args:
        frame: One of `FRAMES`.
        style: Of pygments.
        file: Name in the title bar or in the command, "" for none.
        title: Of a slide, "" for none.
        first: Number of the first line; None where no numbers are shown.
        size: Of the letters in pixels.
        leading: Line distance in line heights.
    """

    frame: str
    style: str
    file: str
    title: str
    first: int | None
    size: int
    leading: float


def _grey(colour: Colour) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


@dataclass
class _Sheet:
    """Code with its numbers, drawn on its own ground."""

    picture: Image.Image
    ground: Colour
    ink: Colour


def draw_code(draw: Draw, text: str, language: str, look: Look, fonts: tuple) -> tuple[Image.Image, Medium]:
    """Draw code in its frame.

    Args:
        draw: Decides on margins and details.
        text: The code.
        language: As pygments calls it.
        look: How.
        fonts: The one of code, and the one of titles, as `assets.Font`.

    Returns:
        The picture, RGB, and how such a picture reaches people.
    """
    sheet = _draw_lines(draw, text, language, look, at_size(fonts[0].path, look.size))
    medium: Medium = draw.pick(("screen", "screen", "photo"))
    if look.frame == "listing":
        medium = "scan"
    return FRAME_DRAWERS[look.frame](draw, sheet, look, fonts), medium


def _colours(style, ground: Colour) -> Callable:
    from pygments.token import STANDARD_TYPES

    default = legible((0, 0, 0) if _grey(ground) > 127 else (225, 225, 225), ground)

    def colour_of(kind) -> Colour:
        while kind not in STANDARD_TYPES:  # some lexers have kinds of their own, which styles do not know
            kind = kind.parent
        hexes = style.style_for_token(kind)["color"]
        return legible(ImageColor.getrgb(f"#{hexes}"), ground) if hexes else default

    return colour_of


def _draw_lines(draw: Draw, text: str, language: str, look: Look, font: ImageFont.FreeTypeFont) -> _Sheet:
    from pygments.lexers import get_lexer_by_name
    from pygments.styles import get_style_by_name
    from pygments.token import Token

    style = get_style_by_name(look.style)
    ground = ImageColor.getrgb(style.background_color)[:3]
    colour_of = _colours(style, ground)
    lines = text.split("\n")
    step, advance = round(line_height(font) * look.leading), font.getlength("M")
    last = "" if look.first is None else str(look.first + len(lines) - 1)
    gutter = int(font.getlength(last + "   ")) if last else 0
    pad = draw.whole(8, 24)
    width = int(2 * pad + gutter + advance * max(map(len, lines))) + draw.whole(2, 120)
    height = 2 * pad + step * len(lines)
    picture = Image.new("RGB", (width, height), ground)
    pen = ImageDraw.Draw(picture)
    if last and draw.chance(0.4):
        pen.rectangle((0, 0, pad // 2 + gutter - advance, height), mix(ground, colour_of(Token), 0.07))
    for place in range(len(lines) if last else 0):
        number = legible(mix(ground, colour_of(Token), 0.5), ground)
        pen.text((pad + gutter - 2 * advance, pad + place * step), str(look.first + place), number, font, anchor="ra")
    row = column = 0
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    for kind, piece in lexer.get_tokens(text):
        for part in piece.splitlines(keepends=True):
            shown = part.rstrip("\n")
            if shown.strip():
                pen.text((pad + gutter + column * advance, pad + row * step), shown, colour_of(kind), font)
            row, column = (row + 1, 0) if part.endswith("\n") else (row, column + len(shown))
    return _Sheet(picture, ground, colour_of(Token))


def _editor(draw: Draw, sheet: _Sheet, look: Look, fonts) -> Image.Image:
    """A window with a title bar, perhaps a status bar, on a desktop."""
    font = at_size(fonts[0].path, max(12, look.size - 2))
    bar, status = int(look.size * draw.between(1.8, 2.6)), int(look.size * 1.7) if draw.chance(0.4) else 0
    title = look.file
    width = max(sheet.picture.width, int(font.getlength(title)) + 160)
    window = Image.new("RGB", (width, bar + sheet.picture.height + status), sheet.ground)
    pen = ImageDraw.Draw(window)
    chrome = mix(sheet.ground, (128, 128, 128), draw.between(0.1, 0.4))
    pen.rectangle((0, 0, width, bar - 1), chrome)
    kind = draw.pick(("buttons", "tabs", "plain"))
    ink = legible(sheet.ink, chrome)
    if kind == "buttons":
        for place, colour in enumerate(BUTTONS):
            x, radius = 18 + place * 20, 6
            pen.ellipse((x - radius, bar / 2 - radius, x + radius, bar / 2 + radius), colour)
        pen.text((width / 2, bar / 2), title, ink, font, anchor="mm")
    elif kind == "tabs":
        end = int(font.getlength(title)) + 44
        pen.rectangle((0, 0, end, bar - 1), sheet.ground)
        pen.rectangle((0, 0, end, 1), draw.pick(((0, 122, 204), (230, 120, 40), (90, 170, 90))))
        pen.text((14, bar / 2), title, legible(sheet.ink, sheet.ground), font, anchor="lm")
    else:
        pen.text((12, bar / 2), title, ink, font, anchor="lm")
        for place in range(3):
            x, y = width - 20 - place * 26, bar / 2
            pen.rectangle((x - 5, y - 5, x + 5, y + 5), outline=ink) if place == 1 else pen.line(
                (x - 5, y, x + 5, y), ink
            )
    window.paste(sheet.picture, (0, bar))
    if status:
        pen.rectangle(
            (0, window.height - status, width, window.height), draw.pick(((0, 122, 204), (104, 33, 122), chrome))
        )
    return _on_desktop(draw, window) if draw.chance(0.5) else window


def _on_desktop(draw: Draw, window: Image.Image) -> Image.Image:
    """A window with round corners on a plain or shaded ground, as people share code."""
    margin = draw.whole(16, 64)
    size = (window.width + 2 * margin, window.height + 2 * margin)
    corners = [tuple(draw.whole(30, 235) for _ in range(3)) for _ in range(2)]
    small = Image.new("RGB", (1, 2))
    small.putdata(corners if draw.chance(0.6) else corners[:1] * 2)
    desktop = small.resize(size, Image.Resampling.BILINEAR)
    mask = Image.new("L", window.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, window.width - 1, window.height - 1), draw.whole(0, 14), 255)
    desktop.paste(window, (margin, margin), mask)
    return desktop


def _terminal(draw: Draw, sheet: _Sheet, look: Look, fonts) -> Image.Image:
    """A prompt, the command that shows the file, the code, and a prompt again."""
    font = at_size(fonts[0].path, look.size)
    step = round(line_height(font) * look.leading)
    prompt = draw.pick(("$ ", "user@host:~$ ", "~ % ", "> ", "dev@server:~/src$ "))
    command = f"{draw.pick(('cat', 'less', 'bat', 'more')) if look.first is None else 'cat -n'} {look.file}"
    width = max(sheet.picture.width, int(font.getlength(prompt + command)) + 40)
    window = Image.new("RGB", (width, sheet.picture.height + 2 * step + 16), sheet.ground)
    pen = ImageDraw.Draw(window)
    accent = legible(draw.pick(((80, 200, 90), (80, 160, 240), (220, 180, 60))), sheet.ground)
    for y, shown in ((8, command), (8 + step + sheet.picture.height, "")):
        pen.text((10, y), prompt, accent, font)
        pen.text((10 + font.getlength(prompt), y), shown, sheet.ink, font)
    window.paste(sheet.picture, (0, 8 + step))
    return window


def _slide(draw: Draw, sheet: _Sheet, look: Look, fonts) -> Image.Image:
    """A heading over a box of code."""
    font = at_size(fonts[1].path, int(look.size * draw.between(1.5, 2.2)))
    margin, head = draw.whole(30, 70), int(line_height(font) * 1.6)
    width = max(sheet.picture.width + 2 * margin, int(font.getlength(look.title)) + 2 * margin)
    ground = draw.pick(
        ((255, 255, 255), (245, 245, 240), (24, 40, 72), (238, 243, 250), (40, 40, 44), (252, 244, 230))
    )
    slide = Image.new("RGB", (width, sheet.picture.height + 2 * margin + head), ground)
    pen = ImageDraw.Draw(slide)
    accent = legible(draw.pick(((30, 80, 160), (180, 50, 40), (20, 120, 90), (90, 60, 150))), ground)
    pen.text((margin, margin // 2 + 4), look.title, accent, font)
    if draw.chance(0.5):
        pen.line((margin, margin // 2 + head - 4, width - margin, margin // 2 + head - 4), accent, 2)
    left, top = margin, margin + head
    slide.paste(sheet.picture, (left, top))
    box = (left - 1, top - 1, left + sheet.picture.width, top + sheet.picture.height)
    pen.rectangle(box, outline=mix(sheet.ground, sheet.ink, 0.3))
    return slide


def _listing(draw: Draw, sheet: _Sheet, look: Look, fonts) -> Image.Image:
    """Code on paper, perhaps between two rules."""
    margin = draw.whole(16, 60)
    size = (sheet.picture.width + 2 * margin, sheet.picture.height + 2 * margin)
    page = Image.new("RGB", size, sheet.ground)
    page.paste(sheet.picture, (margin, margin))
    if draw.chance(0.4):
        for y in (margin // 2, size[1] - margin // 2):
            ImageDraw.Draw(page).line((margin // 2, y, size[0] - margin // 2, y), sheet.ink, draw.whole(1, 2))
    return page


FRAME_DRAWERS = {"editor": _editor, "terminal": _terminal, "slide": _slide, "listing": _listing}
