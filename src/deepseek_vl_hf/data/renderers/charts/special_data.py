"""A seeded generator comes in; the data of charts that are no plain tables go out: shares, boxes, candles, histograms, scatter plots."""

import itertools
import math
from dataclasses import replace

import numpy as np

from ...rendering import CannotRenderError
from .data import Data, nice_step, one_of, tidy, usual_range
from .topics import AGAINST, COMPANIES, DAYS, NO_UNIT, PERCENT, Kind, Topic


FIVE = (
    ("minimum", "最小值"),
    ("lower quartile", "下四分位数"),
    ("median", "中位数"),
    ("upper quartile", "上四分位数"),
    ("maximum", "最大值"),
)
PRICES = (
    ("opening price", "开盘价"),
    ("highest price", "最高价"),
    ("lowest price", "最低价"),
    ("closing price", "收盘价"),
)
GROUPS = tuple((f"Group {letter}", f"{letter}组") for letter in "ABC")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def make_shares(rng: np.random.Generator, data: Data) -> Data:
    """Whole percentages that add up to a hundred."""
    count = len(data.labels)
    rest = rng.multinomial(100 - 5 * count, rng.dirichlet([1.4] * count))
    values = [5 + int(number) for number in rest]
    if rng.random() < 0.4:
        values.sort(reverse=True)
    english, chinese = data.topic.name
    topic = replace(
        data.topic,
        name=(f"share of {english.removeprefix('number of ')}", f"{chinese}占比"),
        unit=PERCENT,
        decimals=0,
        top="大小",
    )
    return replace(data, topic=topic, values=(tuple(values),))


def make_boxes(rng: np.random.Generator, data: Data) -> Data:
    """Five numbers for each label, all on grid lines or none."""
    low, high = usual_range(rng, data.topic)
    step = nice_step(high - low, int(rng.integers(9, 13))) if data.reading == "grid" else 0
    grain = step or max(10.0**-data.topic.decimals, tidy((high - low) / 60))
    first, last = math.ceil(low / grain), math.floor(high / grain)
    if last - first < 6:
        raise CannotRenderError("the range has too few grid lines")
    columns = []
    for _ in data.labels[:6]:
        numbers = sorted(rng.choice(last - first + 1, size=5, replace=False).tolist())
        columns.append([tidy(round((first + number) * grain, data.topic.decimals + 2)) for number in numbers])
    rows = tuple(map(tuple, zip(*columns, strict=True)))
    return replace(data, labels=data.labels[:6], series=FIVE, values=rows, step=step)


def make_candles(rng: np.random.Generator, reading: str) -> Data:
    """Prices of a share on working days that follow each other."""
    count = int(rng.integers(5, 9 if reading == "grid" else 17))
    month, day = int(rng.integers(12)), int(rng.integers(1, 8))
    days = [day + number + 2 * (number // 5) for number in range(count)]
    labels = tuple((f"{MONTHS[month]} {day}", f"{month + 1}月{day}日") for day in days)
    grain = float(one_of(rng, (1, 2, 5, 10))) if reading == "grid" else float(one_of(rng, (0.1, 0.2, 0.5, 1)))
    loud = 1 if reading == "grid" else 5
    price, rows = int(rng.integers(20, 60)) * loud, []
    for _ in range(count):
        close = price + int(rng.integers(1, 2 * loud + 1)) * int(one_of(rng, (-1, 1)))
        high, low = (int(rng.integers(0, loud + 1)) for _ in range(2))
        rows.append((price, max(price, close) + high, min(price, close) - low, close))
        price = close + (0 if reading == "grid" else int(rng.integers(-1, 2)))
    values = tuple(tuple(tidy(number * grain) for number in row) for row in zip(*rows, strict=True))
    company = one_of(rng, COMPANIES)
    topic = Topic((f"{company[0]} share price", f"{company[1]}股价"), ("dollars", "元"), 0, 0, (), (), int(grain < 1))
    kind = Kind(("day", "日期"), "days", "on {}", ordered=True, chinese=DAYS)
    return Data("candlestick", reading, topic, kind, labels, PRICES, None, values, grain if reading == "grid" else 0)


def make_histogram(rng: np.random.Generator, reading: str) -> Data:
    """Counts in bins of equal width, more in the middle or at one side."""
    name, unit, low, high = one_of(rng, [each[:4] for each in AGAINST] + [each[4:8] for each in AGAINST])
    width = nice_step(high - low, int(rng.integers(9, 12)))
    start = math.floor(low / width) * width
    num_bins = min(10, int((high - start) / width + 1e-6))
    centre, spread = rng.uniform(0.2, 0.8) * num_bins, rng.uniform(0.18, 0.4) * num_bins
    shape = np.exp(-((np.arange(num_bins) + 0.5 - centre) ** 2) / (2 * spread**2)) * rng.uniform(0.7, 1.3, num_bins)
    step = float(one_of(rng, (1, 2, 5, 10))) if reading == "grid" else 1.0
    most = rng.uniform(5, 9) * step if reading == "grid" else rng.uniform(12, 160)
    counts = tuple(max(1, round(float(part) * most / step)) * int(step) for part in shape / shape.max())
    edges = (tidy(start), tidy(start + num_bins * width), tidy(width))
    bounds = [tidy(start + width * number) for number in range(num_bins + 1)]
    labels = tuple((f"{left}–{right}",) * 2 for left, right in itertools.pairwise(bounds))
    topic = Topic(("frequency", "频数"), NO_UNIT, 0, 0, (), (), 0, "大小")
    kind = Kind(("range", "区间"), "ranges", "in the range {}", ordered=False)
    across = Topic(name, unit, low, high, ())
    return Data(
        "histogram",
        reading,
        topic,
        kind,
        labels,
        (("", ""),),
        None,
        (counts,),
        step * (reading == "grid"),
        across,
        edges,
    )


def make_scatter(rng: np.random.Generator, reading: str) -> Data:
    """Points that rise, fall or are spread without order, in one group or several."""
    x_name, x_unit, x_low, x_high, y_name, y_unit, y_low, y_high, usual = one_of(rng, AGAINST)
    num_groups = 1 if reading == "grid" else int(one_of(rng, (1, 1, 2, 3)))
    count = int(rng.integers(5, 10)) if reading == "grid" else int(rng.integers(12, 32))
    slope = usual * int(one_of(rng, (1, 1, 1, 0, 0, -1)))  # so that nobody can answer without looking
    x_step, y_step = nice_step(x_high - x_low, 10), nice_step(y_high - y_low, 10)
    groups = []
    for _ in range(num_groups):
        x = rng.permutation(np.linspace(0.06, 0.94, count)) + rng.uniform(-0.02, 0.02, count)
        y = rng.uniform(0.06, 0.94, count) if slope == 0 else 0.5 + slope * (x - 0.5) * rng.uniform(0.7, 0.95)
        y = np.clip(y + rng.normal(0, 0.06, count) * (slope != 0), 0.02, 0.98)
        x, y = x_low + x * (x_high - x_low), y_low + y * (y_high - y_low)
        if reading == "grid":
            x, y = np.round(x / x_step) * x_step, np.round(y / y_step) * y_step
        digits = [1 if high - low < 100 else 0 for low, high in ((x_low, x_high), (y_low, y_high))]
        groups.append(tuple((tidy(round(a, digits[0])), tidy(round(b, digits[1]))) for a, b in zip(x, y, strict=True)))
    if any(len(set(group)) < len(group) for group in groups):
        raise CannotRenderError("two points lie on each other")
    groups = [tuple(sorted(group)) for group in groups]
    series = GROUPS[:num_groups] if num_groups > 1 else (("", ""),)
    kind = Kind(("point", "点"), "points", "at {}")
    group_kind = Kind(("group", "组"), "groups", "in {}")
    edges = (tidy(math.floor(x_low / x_step) * x_step), tidy(math.ceil(x_high / x_step) * x_step), x_step)
    topic, across = Topic(y_name, y_unit, y_low, y_high, ()), Topic(x_name, x_unit, x_low, x_high, ())
    return Data(
        "scatter",
        reading,
        topic,
        kind,
        (),
        series,
        group_kind if num_groups > 1 else None,
        tuple(groups),
        y_step * (reading == "grid"),
        across,
        edges,
    )
