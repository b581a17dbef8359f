"""A chart comes in; how its parts are spoken of goes out: "rainfall in London in May", "伦敦5月的降水量", "45 mm"."""

from .data import Data
from .looks import Chart
from .topics import KINDS, Kind, say


VISIBLE = 0.06  # of the span of the values: the least difference that is seen where values cannot be read
ONE = ("hours", "points", "euros", "dollars", "litres", "tonnes", "stars", "years")  # units that are counted
SHAPES = {
    "bar": ("a bar chart", "柱状图"),
    "barh": ("a horizontal bar chart", "水平条形图"),
    "grouped": ("a grouped bar chart", "分组柱状图"),
    "stacked": ("a stacked bar chart", "堆叠柱状图"),
    "line": ("a line chart", "折线图"),
    "area": ("an area chart", "面积图"),
    "pie": ("a pie chart", "饼图"),
    "donut": ("a donut chart", "环形图"),
    "scatter": ("a scatter plot", "散点图"),
    "histogram": ("a histogram", "直方图"),
    "box": ("a box plot", "箱线图"),
    "candlestick": ("a candlestick chart", "K线图"),
    "heatmap": ("a heat map", "热力图"),
}
MARKS = {
    "bar": ("bars", "根柱子"),
    "barh": ("bars", "根条形"),
    "grouped": ("bars", "根柱子"),
    "histogram": ("bars", "根柱子"),
    "line": ("lines", "条折线"),
    "pie": ("slices", "块扇形"),
    "donut": ("slices", "段圆环"),
    "scatter": ("points", "个点"),
    "box": ("boxes", "个箱体"),
    "candlestick": ("candles", "根K线"),
    "heatmap": ("cells", "个格子"),
}


class Speech:
    """How to speak of a chart in the language of its words.

    Args:
        chart: Of which is spoken.
    """

    def __init__(self, chart: Chart):
        self.chart, self.data = chart, chart.data
        self.english = chart.language == "en"
        # Whether a reader learns what is measured.
        self.named = bool(chart.title or (chart.x_title if self.data.shape == "barh" else chart.y_title))
        if self.data.shape == "heatmap" and not chart.title:
            self.named = False
        top = self.data.topic.top if self.named else "大小"
        self.high, self.low = top

    def quantity(self, row: int = 0) -> str:
        """What a row of values is."""
        name = say(self.data.topic.name, self.chart.language) if self.named else "value" if self.english else "数值"
        if self.data.shape == "box":
            part = say(self.data.series[row], self.chart.language)
            return f"{part} of the {name}" if self.english else f"{name}{part}"
        if self.data.shape == "candlestick":
            return say(self.data.series[row], self.chart.language)
        return name

    def at(self, column: int) -> str:
        """With its preposition: "in May"; in Chinese the name alone."""
        return self.placed(self.data.kind, self.chart.labels[column])

    def in_series(self, row: int) -> str:
        """The same for the name of a row; empty where rows have none."""
        if not self.data.series_kind:
            return ""
        return self.placed(self.data.series_kind, self.chart.series[row])

    def placed(self, kind: Kind, name: str) -> str:
        """A name of some kind with its preposition."""
        if self.english:
            return kind.at.format(name)
        return f"{name}年" if kind is KINDS["year"] else name

    def of(self, row: int) -> str:
        """Which row is meant: " in London", "就伦敦而言，"."""
        place = self.in_series(row)
        if not place:
            return ""
        return f" {place}" if self.english else f"就{place}而言，"

    def cell(self, row: int, column: int) -> str:
        """A value and its place, without an article."""
        place, at = self.in_series(row), self.at(column)
        if self.english:
            return " ".join(filter(None, (self.quantity(row), place, at)))
        return f"{place}{at}的{self.quantity(row)}"

    def value(self, number: float, difference: bool = False) -> str:
        """A value with its unit, if the picture shows that."""
        unit = say(self.data.topic.unit, self.chart.language)
        shown = self.chart.shown(number)
        if self.data.shape in ("pie", "donut"):
            seen = self.data.reading == "labels"
        else:
            seen = bool(unit) and unit in self.chart.x_title + self.chart.y_title
        if not unit or not seen:
            return shown
        if unit == "%" and difference:
            points = "percentage point" if number == 1 else "percentage points"
            return f"{shown} {points}" if self.english else f"{shown}个百分点"
        if number == 1 and unit in ONE:
            unit = unit.removesuffix("s")
        return f"{shown} {unit}" if self.english and unit != "%" else f"{shown}{unit}"

    def label(self, column: int) -> str:
        """As printed."""
        return self.chart.labels[column]

    def spoken(self, column: int) -> str:
        """As a sentence has it: "2017年", where "2017" is printed."""
        return self.label(column) if self.english else self.at(column)

    def shape(self) -> str:
        """What kind of chart it is: "a bar chart", "柱状图"."""
        return say(SHAPES[self.data.shape], self.chart.language)

    def fields(self, row: int = 0) -> dict[str, str]:
        """What most wordings need."""
        kind = self.data.kind
        return {
            "quantity": self.quantity(row),
            "of": self.of(row),
            "noun": say(kind.noun, self.chart.language),
            "plural": kind.plural,
            "which": kind.which(),
            "how_many": kind.how_many(),
            "high": self.high,
            "low": self.low,
        }


def differ(data: Data, one: float, other: float) -> bool:
    """Whether a reader sees which of two values is larger."""
    if data.exact:
        return one != other
    if data.shape in ("pie", "donut"):
        return abs(one - other) >= 6
    if data.shape in ("stacked", "heatmap"):
        return False  # parts that start at different heights, and shades, are hard to compare
    flat = [number for row in data.values for number in row]
    return abs(one - other) >= VISIBLE * (max(flat) - min(flat))
