"""A draw comes in; numbers, sums, dates and times in handwriting, with questions about them, go out.

The digits are real handwriting (E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, CC-BY 4.0).
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from ...damage import save
from ...rendering import CannotRenderError, Draw, Rendered, Renderer
from ..inks import any_ink, brightness
from ..staging import ground
from .asks import TASKS, Note, asks_of, in_vain
from .ink import slanted, write


KINDS = {"number": 6, "digit": 1, "sum": 3, "date": 2, "time": 1, "column": 2}
GROUNDS = {"paper": 8, "plain": 4, "squares": 3, "surface": 1}
INKS = ((24, 28, 40), (20, 40, 120), (50, 50, 50), (140, 24, 30), (16, 84, 60))
BOARDS = ((28, 60, 46), (34, 38, 42), (20, 44, 70))
LEAST = 30  # height of a digit in pixels; the drawings are coarse


class Handwriting(Renderer):
    """Handwritten digits on paper or on a board.

    Args:
        assets: Whose photographs may be behind.
        longest: Most pixels of the longer side.
    """

    name = "handwriting"
    tasks = TASKS
    licence = "CC-BY-4.0"
    packages = ("sklearn",)

    def __init__(self, assets, *, longest: int = 448):
        if longest < 224:
            raise ValueError(
                f"found longest={longest}, expected at least 224, room for six digits; correct the recipe"
            )
        super().__init__(assets)
        self.longest = longest

    def render(self, draw: Draw) -> Rendered:
        """Write one note on a ground."""
        note = MAKERS[draw.pick(tuple(KINDS), tuple(KINDS.values()))](draw)
        longest = max(map(len, note.lines))
        height = draw.whole(LEAST, max(LEAST, min(84, round(self.longest / (0.8 * longest + 1.5)))))
        bold = height > 48 and draw.chance(0.25)
        slant = draw.between(-4, 14)
        lines = [slanted(write(draw, line, height, bold)[0], slant) for line in note.lines]
        picture = self._page(draw, lines, height)
        image = save(draw, picture, draw.pick(("scan", "photo", "clean"), (0.5, 0.35, 0.15)), self.longest)
        return Rendered([image], asks_of(draw, note), in_vain(draw, note))

    def _page(self, draw: Draw, lines: list[Image.Image], height: int) -> Image.Image:
        """Lines of ink on paper, each below the other."""
        spacing = round(height * draw.between(0.25, 0.7))
        wide, high = max(line.width for line in lines), sum(line.height + spacing for line in lines) - spacing
        margins = [round(height * draw.between(0.3, 1.4)) for _ in range(4)]
        size = (max(112, wide + margins[0] + margins[1]), max(80, high + margins[2] + margins[3]))
        if max(size) > self.longest:
            raise CannotRenderError(f"found a note of {size} pixels, expected at most {self.longest}")
        board = draw.chance(0.15)
        page = Image.new("RGB", size, draw.pick(BOARDS)) if board else ground(draw, self.assets, size, GROUNDS)
        if not board and draw.chance(0.2):
            _rule(draw, page, round(height * 1.5))
        behind = tuple(np.asarray(page).reshape(-1, 3).mean(0))
        ink = draw.pick(INKS) if brightness(behind) > 150 and draw.chance(0.8) else any_ink(draw, behind)
        top, indent = margins[2], draw.chance(0.3)
        for line in lines:
            left = margins[0] + (wide - line.width if indent else 0)
            page.paste(ink, (left, top), line)
            top += line.height + spacing
        if np.asarray(page, np.int16).std() < 6:
            raise CannotRenderError("found ink that hardly shows on its paper")
        return page


def _rule(draw: Draw, page: Image.Image, step: int) -> None:
    pen, ink = ImageDraw.Draw(page), draw.pick(((170, 190, 220), (190, 190, 190), (220, 180, 180)))
    for top in range(step // 2, page.height, step):
        pen.line((0, top, page.width, top), fill=ink)


def _digits(rng: np.random.Generator, count: int) -> str:
    digits = rng.integers(0, 10, count).tolist()
    if count > 1 and digits[0] == 0:
        digits[0] = int(rng.integers(1, 10))
    return "".join(map(str, digits))


def _number(draw: Draw) -> Note:
    count = draw.whole(2, 6)
    if count == 2:  # too few to hold any out; their drawings are
        return Note("number", (_digits(draw.rng, count),))
    return Note("number", (draw.made("number", lambda rng: _digits(rng, count), key=str),))


def _digit(draw: Draw) -> Note:
    return Note("digit", (str(draw.whole(0, 9)),))


def _sum(draw: Draw) -> Note:
    sign = draw.pick(("+", "-", "×"))

    def make(rng: np.random.Generator) -> tuple[int, int]:
        one, other = rng.integers(1, 10 if sign == "×" else 100, 2).tolist()
        return (max(one, other), min(one, other)) if sign == "-" else (one, other)

    one, other = draw.made("sum", make, key=lambda pair: f"{pair[0]}{sign}{pair[1]}")
    end = draw.pick((" =", "", " ="))
    return Note("sum", (f"{one} {sign} {other}{end}",), {"+": one + other, "-": one - other, "×": one * other}[sign])


def _date(draw: Draw) -> Note:
    def make(rng: np.random.Generator) -> tuple[int, int, int]:
        return int(rng.integers(1950, 2031)), int(rng.integers(1, 13)), int(rng.integers(1, 29))

    year, month, day = draw.made("date", make, key=lambda date: "{}-{:02}-{:02}".format(*date))
    mark = draw.pick(("-", "/", "."))
    return Note("date", (f"{year}{mark}{month:02}{mark}{day:02}",), (year, month, day))


def _time(draw: Draw) -> Note:
    def make(rng: np.random.Generator) -> tuple[int, int]:
        return int(rng.integers(0, 24)), int(rng.integers(0, 60))

    hour, minute = draw.made("time", make, key=lambda time: "{:02}:{:02}".format(*time))
    return Note("time", (f"{hour:02}:{minute:02}",), (hour, minute))


def _column(draw: Draw) -> Note:
    rows = draw.whole(2, 4)
    lines = [draw.made("number", lambda rng: _digits(rng, int(rng.integers(3, 5))), key=str) for _ in range(rows)]
    if len(set(lines)) < rows:
        raise CannotRenderError("found the same number twice")
    return Note("column", tuple(lines))


MAKERS: dict[str, Callable[[Draw], Note]] = {
    "number": _number,
    "digit": _digit,
    "sum": _sum,
    "date": _date,
    "time": _time,
    "column": _column,
}
