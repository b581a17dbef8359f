"""What a chart shows, as one value: what is measured, for what, and the numbers.

Nothing is drawn by lot here. Data know no language: names are pairs, and the same numbers about the same things have the same `key` in
every picture.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .topics import Kind, Pair, Topic


Names = Callable[[str], Sequence[Pair]]  # a key of KINDS -> its names
BARS = ("bar", "barh", "grouped", "stacked")
STEPS = (1, 2, 5, 10)  # times a power of ten


@dataclass(frozen=True)
class Data:
    """What a chart shows.

    Args:
        shape: "bar", "barh", "grouped", "stacked", "line", "area", "pie", "donut", "scatter", "histogram", "box",
            "candlestick" or "heatmap".
        reading: How values are read: off "labels" beside them, off "grid" lines on which all of them lie, or not at all: "plain".
        topic: What the values are.
        kind: What the labels are.
        labels: Of the categories.
        series: Names of several rows of values; one empty pair where there is one row.
        series_kind: What these are.
        values: A row for each series, a column for each label; for "scatter" a row of (x, y) for each series.
        step: Between grid lines, where values lie on them.
        across: What is on the other axis, for "scatter" and "histogram".
        edges: Of the bins of a histogram, or the steps of a scatter plot's other axis: first, last, step.
    """

    shape: str
    reading: str
    topic: Topic
    kind: Kind
    labels: tuple[Pair, ...]
    series: tuple[Pair, ...]
    series_kind: Kind | None
    values: tuple[tuple, ...]
    step: float = 0
    across: Topic | None = None
    edges: tuple[float, float, float] = (0, 0, 0)

    @property
    def key(self) -> str:
        """The same for the same numbers about the same things."""
        names = [pair[0] for pair in (*self.labels, *self.series)]
        return repr((self.topic.name[0], self.across and self.across.name[0], names, self.values))

    @property
    def exact(self) -> bool:
        """Whether a careful reader can say each value."""
        return self.reading != "plain"

    def ticks(self) -> list[float]:
        """Places of the grid lines, one beyond the largest value."""
        flat = [number for row in self.heights() for number in row]
        low, high = min(flat), max(flat)
        based = self.shape in (*BARS, "area", "histogram") or 0 <= low <= 4 * self.step
        first = math.floor((min(0, low) if based else low - self.step) / self.step + 1e-6)
        last = math.ceil(high / self.step - 1e-6) + 1
        return [tidy(number * self.step) for number in range(first, last + 1)]

    def heights(self) -> list[list[float]]:
        """How high what is drawn reaches, row for row."""
        if self.shape == "scatter":
            return [[y for _, y in row] for row in self.values]
        if self.shape == "stacked":
            return [[tidy(sum(column)) for column in zip(*self.values, strict=True)]]
        return [list(row) for row in self.values]


def tidy(number: float) -> float:
    """A number without the dust of floating point; whole ones as int."""
    number = round(float(number), 6)
    return int(number) if number == int(number) else number


def nice_step(span: float, most: int) -> float:
    """The smallest round step with which `most` steps span a range."""
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(tidy(step * power) for step in STEPS if step * power * most >= span * 0.9999)


def one_of(rng: np.random.Generator, options: Sequence):
    return options[int(rng.integers(len(options)))]


def usual_range(rng: np.random.Generator, topic: Topic) -> tuple[float, float]:
    """A part of the usual range of a topic, as a chart of one place shows it."""
    span = topic.high - topic.low
    high = topic.low + span * rng.uniform(0.35, 1)
    low = topic.low if rng.random() < 0.5 else topic.low + (high - topic.low) * rng.uniform(0, 0.55)
    return low, high
