"""A seeded generator and a shape of chart come in; its data go out: a table of numbers with realistic magnitudes.

How the picture will be read decides how numbers are made: where they are to be read off grid lines, all of them lie on one.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...rendering import CannotRenderError
from .data import BARS, Data, Names, nice_step, one_of, tidy, usual_range
from .special_data import make_boxes, make_candles, make_histogram, make_scatter, make_shares
from .topics import KINDS, TOPICS, Pair, Topic


def make_data(rng: np.random.Generator, shape: str, reading: str, names: Names, simple: bool) -> Data:
    """Make the data of a chart of some shape.

    Args:
        rng: Decides.
        shape: As `Data` has it.
        reading: As `Data` has it.
        names: Of each kind of `KINDS`.
        simple: Whether there are few values.

    Raises:
        CannotRenderError: if there are too few names for what was drawn.
    """
    special = {"scatter": make_scatter, "histogram": make_histogram, "candlestick": make_candles}
    if shape in special:
        return special[shape](rng, reading)
    topic = _topic(rng, shape)
    kind_name = one_of(rng, topic.kinds)
    kind = KINDS[kind_name]
    labels = _labels(rng, kind_name, names(kind_name), _num_labels(rng, shape, simple, kind.ordered))
    several = shape in ("grouped", "stacked", "heatmap") or (shape == "line" and not simple and rng.random() < 0.55)
    series, series_kind = (("", ""),), None
    if several:
        options = [name for name in topic.series if name != kind_name]
        if shape == "heatmap":
            options = [name for name in options if len(names(name)) != 2] + ["weekday"] * (kind_name != "weekday")
        series_name = one_of(rng, options or _fail(f"{topic.name[0]} by {kind_name} has no series"))
        count = int(rng.integers(3, 7)) if shape == "heatmap" else int(rng.integers(2, 5))
        series, series_kind = _labels(rng, series_name, names(series_name), count), KINDS[series_name]
        labels = labels[:6] if shape in ("grouped", "heatmap") else labels
    data = Data(shape, reading, topic, kind, labels, series, series_kind, ())
    if shape in ("pie", "donut"):
        return make_shares(rng, data)
    return make_boxes(rng, data) if shape == "box" else _fill(rng, data)


def _fail(reason: str):
    raise CannotRenderError(reason)


def _topic(rng: np.random.Generator, shape: str) -> Topic:
    options = TOPICS
    if shape in ("pie", "donut", "stacked"):
        options = [topic for topic in TOPICS if topic.whole and topic.low >= 0]
    if shape == "area":
        options = [topic for topic in TOPICS if topic.low >= 0 and any(KINDS[kind].ordered for kind in topic.kinds)]
    if shape in ("grouped", "stacked"):
        options = [topic for topic in options if topic.series]
    topic = one_of(rng, options)
    if shape in ("line", "area"):  # a line joins what follows each other
        ordered = tuple(kind for kind in topic.kinds if KINDS[kind].ordered)
        return replace(topic, kinds=ordered or _fail(f"{topic.name[0]} has no order"))
    if shape in ("pie", "donut", "box"):
        loose = tuple(kind for kind in topic.kinds if not KINDS[kind].ordered)
        return replace(topic, kinds=loose or _fail(f"{topic.name[0]} has only ordered categories"))
    return topic


def _num_labels(rng: np.random.Generator, shape: str, simple: bool, ordered: bool) -> int:
    if simple:
        return int(rng.integers(3 if shape == "line" else 2, 6))
    if shape in ("line", "area"):
        return int(rng.integers(5, 13))
    if shape in ("bar", "barh"):
        return int(rng.integers(3, 13 if ordered else 9))
    return int(rng.integers(3, 8))


def _labels(rng: np.random.Generator, kind_name: str, names: Sequence[Pair], count: int) -> tuple[Pair, ...]:
    if kind_name == "year":
        step = int(one_of(rng, (1, 1, 1, 2, 5)))
        last = int(rng.integers(2010, 2026))
        return tuple((str(year),) * 2 for year in range(last - step * (count - 1), last + 1, step))
    if KINDS[kind_name].ordered:
        count = min(count, len(names))
        start = int(rng.integers(len(names) - count + 1))
        return tuple(names[start : start + count])
    count = min(count, len(names))
    if count < 2:
        raise CannotRenderError(f"found {len(names)} names of kind {kind_name!r}, expected at least 2")
    chosen = rng.choice(len(names), size=count, replace=False)
    return tuple(names[index] for index in (sorted(chosen) if rng.random() < 0.3 else chosen))


def _fill(rng: np.random.Generator, data: Data) -> Data:
    """Fill a table with values, every row with a course of its own."""
    low, high = usual_range(rng, data.topic)
    based = min(0, low) if data.shape in (*BARS, "area") else low
    step = nice_step(high - based, int(rng.integers(5, 10))) if data.reading == "grid" else 0
    grain = step or 10.0**-data.topic.decimals
    first, last = math.ceil(low / grain - 1e-6), math.floor(high / grain + 1e-6)
    if step and data.shape in BARS and first <= 0 <= last and low >= 0:
        first = 1  # a bar of no height cannot be seen
    if last - first < 3:
        raise CannotRenderError("the range has too few grid lines")
    rows = []
    for _ in data.series:
        course = (
            one_of(rng, ("any", "any", "any", "rising", "falling", "peak", "valley")) if data.kind.ordered else "any"
        )
        row = _course(rng, first, last, len(data.labels), course)
        if not data.kind.ordered and len(data.series) == 1 and rng.random() < 0.3:
            row = sorted(row, reverse=True)
        rows.append(tuple(tidy(number * grain) for number in row))
    if data.topic.low < 0 and data.shape == "stacked":
        raise CannotRenderError("values below zero cannot be stacked")
    if any(value == 0 for row in rows for value in row) and data.shape in BARS:
        raise CannotRenderError("a bar of no height cannot be seen")
    return replace(data, values=tuple(rows), step=step)


def _course(rng: np.random.Generator, first: int, last: int, count: int, course: str) -> list[int]:
    """Whole numbers from `first` to `last` that rise, fall, have one peak or one valley, or go anyhow."""
    room = last - first + 1
    values = rng.choice(room, size=count, replace=room < count).tolist()
    values = [first + value for value in values]
    if course == "any":
        return values
    values.sort(reverse=course in ("falling", "valley"))
    if course in ("peak", "valley") and count >= 4:
        values = values[::2] + values[1::2][::-1]
    return values
