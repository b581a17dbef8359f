"""Data, a draw and a font come in; the chart as it is to be seen goes out: its words in one language, sizes, colours and places.

Both back ends draw from the same `Chart`, so what they show is the same and differs as the programs differ.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import ImageFont

from ...assets import Font
from ...rendering import CannotRenderError, Draw
from .colours import DARK, GROUNDS, MAPS, STYLES, draw_palette
from .data import Data, Names
from .titles import draw_axis_titles, draw_title
from .topics import KINDS, SOURCES, say


PLOT_SHARE = 0.78  # of the width of a picture that the plot itself takes, about
LEAST_PIXELS = 11  # of a font
LEAST_CAPITAL, LEAST_SIMPLE_CAPITAL = 9, 8  # pixels of the height of a capital letter


@dataclass(frozen=True)
class Chart:
    """A chart as it is seen; sizes in pixels.

    Args:
        data: What it shows.
        language: Of its words.
        labels: As printed.
        series: As printed; empty where there is one without a name.
        title: Empty for none.
        x_title: What stands beside the horizontal axis; empty for none.
        y_title: What stands beside the vertical axis; empty for none.
        source: What a note names as the source; empty for none.
        font: Of all text.
        size: Width and height.
        pixels: Size of the font.
        palette: Colours in their order.
        style: Of matplotlib.
        ground: Background, ink and grid of Vega.
        colour_map: Names in matplotlib and Vega.
        legend: "right", "below", "above" or "inside".
        grid: "", "values" or "both"; always one where values are read off grid lines.
        left: Whether the title stands left.
        open: Whether the frame has no upper and right side.
        dashed: Whether grid lines are dashed.
        marker: Of points, as matplotlib calls it; empty for none.
        thick: Share of its place that a bar takes.
        red_up: Whether rising candles are red, as in China.
        turned: By how many degrees labels below are turned.
    """

    data: Data
    language: str
    labels: tuple[str, ...]
    series: tuple[str, ...]
    title: str
    x_title: str
    y_title: str
    source: str
    font: Font
    size: tuple[int, int]
    pixels: int
    palette: tuple[str, ...]
    style: str
    ground: tuple[str, str, str]
    colour_map: tuple[str, str]
    legend: str
    grid: str
    left: bool
    open: bool
    dashed: bool
    marker: str
    thick: float
    red_up: bool
    turned: int

    @property
    def has_legend(self) -> bool:
        """Whether colours are explained beside the plot."""
        return self.data.shape == "candlestick" or (bool(self.series) and self.data.shape not in ("box", "heatmap"))

    @property
    def words(self) -> str:
        """All words of the picture."""
        return "\n".join((self.title, self.x_title, self.y_title, self.source, *self.labels, *self.series))

    @property
    def decimals(self) -> int:
        """Of the values."""
        return self.data.topic.decimals

    def shown(self, value: float) -> str:
        """A value as it is printed and answered."""
        if self.data.reading == "labels":
            return f"{value:.{self.decimals}f}"
        return f"{round(value, 6):g}"


@functools.lru_cache(maxsize=256)
def _face(path: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, 40)


def measure(font: Font, pixels: float, text: str) -> float:
    """Width in pixels of a line of text."""
    return _face(str(font.path)).getlength(text) * pixels / 40


def draw_chart(
    draw: Draw, data: Data, font: Font, names: Names, longest: int, simple: bool, least_sign: float = 0
) -> Chart:
    """Draw words and looks.

    Args:
        draw: Decides.
        data: What is shown.
        font: Of all text.
        names: Of each kind of `KINDS`.
        longest: Pixels of the longer side, at most.
        simple: Whether there is to be little beside the data.
        least_sign: Height that capital letters and digits have at least, as a share of the longer side.

    Raises:
        CannotRenderError: if labels have no room.
    """
    width, height = _size(draw, data, longest, simple)
    pixels = round(max(LEAST_PIXELS, min(max(width, height) / draw.between(38, 52), 19)))
    if simple:
        pixels = round(max(LEAST_PIXELS, max(width, height) / draw.between(15, 19)))
    pixels = max(pixels, math.ceil((LEAST_SIMPLE_CAPITAL if simple else LEAST_CAPITAL) / capital_height(font, 1)))
    pixels = max(pixels, math.ceil(least_sign * max(width, height) / sign_height(font, 1)))
    title = draw_title(draw, data, names) if draw.chance(0.5 if simple else 0.88) else ""
    x_title, y_title = draw_axis_titles(draw, data, bool(title), simple)
    if not (title or y_title or x_title) and not simple:
        raise CannotRenderError("nothing says what the chart is about")
    source = say(draw.item("text", SOURCES, key=lambda pair: pair[0]), draw.language) if draw.chance(0.22) else ""
    labels = _printed(draw, data, simple)
    turned = _turn(draw, data, labels, font, pixels, width)
    if turned and simple:
        raise CannotRenderError("labels have no room side by side")
    series = tuple(say(pair, draw.language) for pair in data.series if pair[0]) if data.shape != "box" else ()
    style, ground = draw.pick(STYLES), draw.pick(GROUNDS)
    palette = draw_palette(draw, data, dark=style == "dark_background" or ground[0] == DARK)
    title_needed = data.shape in ("pie", "donut", "heatmap") and not simple
    if title_needed and not title:
        raise CannotRenderError("nothing says what the chart is about")
    inside = data.shape in ("bar", "grouped", "stacked", "line", "area") and len(series) <= 3
    return Chart(
        data,
        draw.language,
        labels,
        series if data.shape != "candlestick" else (("Up", "Down") if draw.language == "en" else ("上涨", "下跌")),
        title,
        x_title,
        y_title,
        source if title and not simple else "",
        font,
        (width, height),
        pixels,
        palette,
        style,
        ground,
        draw.pick(MAPS),
        draw.pick(("right", "below", "above", "inside") if inside else ("right", "below", "above")),
        "values"
        if data.step and data.shape != "scatter"
        else "both"
        if data.step
        else draw.pick(("", "values", "both")),
        draw.chance(0.3),
        draw.chance(0.5),
        draw.chance(0.3),
        draw.pick(("o", "o", "s", "^", "D") if data.exact else ("o", "s", "", "")),
        draw.between(0.45, 0.85),
        draw.chance(0.75 if draw.language == "zh" else 0.15),
        turned,
    )


def capital_height(font: Font, pixels: float) -> float:
    """Pixels from foot to head of a capital letter."""
    _, top, _, bottom = _face(str(font.path)).getbbox("H")
    return (bottom - top) * pixels / 40


def sign_height(font: Font, pixels: float) -> float:
    """Pixels of a capital letter, or of a digit where digits are lower, as in old faces."""
    boxes = [_face(str(font.path)).getbbox(sign) for sign in "H01"]
    return min(bottom - top for _, top, _, bottom in boxes) * pixels / 40


def _size(draw: Draw, data: Data, longest: int, simple: bool) -> tuple[int, int]:
    side = longest * draw.between(0.85 if simple else 0.62, 1)
    narrow = simple or data.shape in ("pie", "donut")
    ratio = draw.between(1, 1.25) if narrow else draw.between(1.15, 1.75)
    if data.shape == "barh" and not simple and draw.chance(0.3):
        ratio = 1 / ratio
    sides = (side, side / ratio) if ratio >= 1 else (side * ratio, side)
    return tuple(10 * round(number / 10) for number in sides)


def _printed(draw: Draw, data: Data, simple: bool) -> tuple[str, ...]:
    """Labels, in the short form where there are many of them."""
    short = draw.chance(0.5) or len(data.labels) > 6 or simple
    labels = [say(pair, draw.language) for pair in data.labels]
    if draw.language == "en" and data.kind in (KINDS["month"], KINDS["weekday"]) and short:
        return tuple(label[:3] for label in labels)
    return tuple(label.replace("星期", "周") if short else label for label in labels)


def _turn(draw: Draw, data: Data, labels: Sequence[str], font: Font, pixels: int, width: int) -> int:
    """By how much labels below must be turned to have room."""
    if data.shape in ("barh", "pie", "donut", "scatter") or not labels:
        return 0
    room = width * PLOT_SHARE / len(labels)
    if max(measure(font, pixels, label) for label in labels) * 1.25 < room:
        return 0
    if pixels * 1.6 > room:
        raise CannotRenderError(f"{len(labels)} labels of {pixels} pixels have no room in {width}")
    return draw.pick((45, 45, 90)) if pixels * 1.9 < room else 90


def headroom(chart: Chart) -> float:
    """Share of the plot that values beyond the marks need."""
    if chart.data.shape == "barh":
        widest = max(measure(chart.font, chart.pixels, chart.shown(value)) for value in chart.data.values[0])
        return round(max(0.1, (widest + 8) / (0.62 * chart.size[0])), 2)
    return round(max(0.1, (1.5 * chart.pixels + 4) / ((0.45 if chart.title else 0.55) * chart.size[1])), 2)


def room_for_labels(chart: Chart) -> None:
    """Raise unless values printed above or in bars have room beside each other.

    Raises:
        CannotRenderError: if they have not.
    """
    data = chart.data
    if data.reading != "labels":
        return
    if data.shape == "stacked":
        lowest = min(value for row in data.values for value in row) / max(map(max, data.heights()))
        if lowest * chart.size[1] * 0.6 < chart.pixels * 1.2:
            raise CannotRenderError("values have no room in low parts of a stack")
    if data.shape not in ("bar", "grouped", "stacked", "line", "area", "histogram", "heatmap"):
        return
    widest = max(measure(chart.font, chart.pixels, chart.shown(value)) for row in data.values for value in row)
    columns = len(data.labels) * (len(data.series) if data.shape == "grouped" else 1)
    if widest * 1.12 > chart.size[0] * (PLOT_SHARE - 0.1 * (chart.legend == "right")) * 0.95 / columns:
        raise CannotRenderError(f"values {widest:.0f} pixels wide have no room in {columns} columns")
    if data.shape == "line" and len(data.series) > 1:
        raise CannotRenderError("values of several lines cover each other")
