"""A chart and a draw come in; questions about its values, with true answers, go out.

A question is asked only where the picture answers it: values only where they are printed or lie on grid lines, order only where the
difference is seen.
"""

import itertools
from collections.abc import Callable

from ...rendering import Ask, Draw
from . import wordings as words
from .data import tidy
from .looks import Chart
from .speech import Speech, differ
from .titles import capital


GRAPH = "analysis/data-chart-analysis/graph-interpretation"
FINANCE = "analysis/professional-chart-analysis/financial-chart"
SUGGESTIVE = "safety/suggestive-questioning"


def value_asks(draw: Draw, chart: Chart) -> list[Ask]:
    """Questions about the values of a chart and their order."""
    data = chart.data
    if data.shape == "scatter":
        return _correlation(draw, chart)
    speech = Speech(chart)
    row = _row(draw, chart)
    asks = _order(draw, speech, row)
    if data.exact:
        asks += _exact(draw, speech, row)
    if data.shape == "candlestick":
        asks = [ask for ask in asks if ask] + _candles(draw, speech)
    if data.shape == "heatmap" and data.exact:
        asks += _cells(draw, speech)
    if data.kind.ordered and data.shape in ("bar", "barh", "line", "area", "grouped"):
        asks += _trend(draw, speech, row)
    return asks


def _row(draw: Draw, chart: Chart) -> int:
    """Which row is asked about: the median of boxes most of the time, opening or closing prices of candles."""
    if chart.data.shape == "box" and draw.chance(0.6):
        return 2
    if chart.data.shape == "candlestick":
        return draw.pick((0, 3))
    return draw.whole(0, len(chart.data.values) - 1)


def _task(speech: Speech) -> str:
    return FINANCE if speech.data.shape == "candlestick" else GRAPH


def _pair(draw: Draw, count: int) -> tuple[int, int]:
    one, other = draw.sample(range(count), 2)
    return one, other


def _order(draw: Draw, speech: Speech, row: int) -> list[Ask]:
    """Most, least, second, and which of two."""
    data, values = speech.data, speech.data.values[row]
    task, fields = _task(speech), speech.fields(row)
    asks = []

    def ask(wordings, answer: str, weight: float = 1.0, **more: str) -> None:
        asks.append(Ask(task, capital(draw.phrase(wordings, **{**fields, **more})), answer, weight))

    ranked = sorted(range(len(values)), key=lambda column: -values[column])
    if data.shape != "candlestick":
        if differ(data, values[ranked[0]], values[ranked[1]]):
            ask(words.MOST, speech.label(ranked[0]), 2)
            asks += _surely(draw, speech, row, ranked)
        if differ(data, values[ranked[-1]], values[ranked[-2]]):
            ask(words.LEAST, speech.label(ranked[-1]), 1.5)
        if len(ranked) > 2 and all(
            differ(data, values[a], values[b]) for a, b in ((ranked[0], ranked[1]), (ranked[1], ranked[2]))
        ):
            ask(words.SECOND, speech.label(ranked[1]))
    one, other = _pair(draw, len(values))
    if differ(data, values[one], values[other]):
        best = one if values[one] > values[other] else other
        ask(words.COMPARE, speech.spoken(best), one=speech.spoken(one), other=speech.spoken(other))
        first, second = speech.cell(row, one), speech.cell(row, other)
        yes = values[one] > values[other]
        answer = ("Yes" if yes else "No") if speech.english else ("是" if yes else "否")
        ask(words.HIGHER, answer, first=first, second=second)
    if data.series_kind and len(data.values) > 1:
        asks += _between_series(draw, speech)
    return asks


def _surely(draw: Draw, speech: Speech, row: int, ranked: list[int]) -> list[Ask]:
    """A claim in the question, right or wrong."""
    claimed, best = draw.pick((ranked[0], draw.pick(ranked[1:]))), ranked[0]
    label, fields = speech.spoken(best), speech.fields(row)
    question = capital(draw.phrase(words.SURELY, **{**fields, "label": speech.spoken(claimed)}))
    if speech.english:
        answer = f"{'Yes' if claimed == best else 'No'}, {label} has the highest {fields['quantity']}{fields['of']}."
    else:
        answer = (
            f"{'是的' if claimed == best else '不对'}，{fields['of']}{label}的{fields['quantity']}最{speech.high}。"
        )
    return [Ask(SUGGESTIVE, question, answer, 0.5)]


def _between_series(draw: Draw, speech: Speech) -> list[Ask]:
    data, chart = speech.data, speech.chart
    column = draw.whole(0, len(data.labels) - 1)
    one, other = _pair(draw, len(data.values))
    if not differ(data, data.values[one][column], data.values[other][column]):
        return []
    best = one if data.values[one][column] > data.values[other][column] else other
    at = speech.at(column)
    names = {"one": chart.series[one], "other": chart.series[other]}
    places = {"at": at[:1].upper() + at[1:], "at_inside": at, "label": at}
    question = draw.phrase(words.COMPARE_SERIES, **speech.fields(one), **names, **places)
    return [Ask(_task(speech), question, chart.series[best], 1.5)]


def _exact(draw: Draw, speech: Speech, row: int) -> list[Ask]:
    """Values, and what is computed from them."""
    data, chart, values = speech.data, speech.chart, speech.data.values[row]
    task, fields = _task(speech), speech.fields(row)
    asks = []

    def ask(wordings, answer: str, weight: float = 1.0, **more: str) -> None:
        asks.append(Ask(task, capital(draw.phrase(wordings, **{**fields, **more})), answer, weight))

    for _ in range(3):
        line = row if data.shape == "box" else draw.whole(0, len(data.values) - 1)
        column = draw.whole(0, len(values) - 1)
        ask(words.LOOKUP, speech.value(data.values[line][column]), 1.6, what=speech.cell(line, column))
    one, other = _pair(draw, len(values))
    first, second = speech.cell(row, one), speech.cell(row, other)
    gap = tidy(abs(values[one] - values[other]))
    if gap:
        ask(words.DIFFERENCE, speech.value(gap, difference=True), first=first, second=second)
    if data.shape not in ("candlestick",):
        ask(words.LARGEST, speech.value(max(values)))
        ask(words.SMALLEST, speech.value(min(values)))
    if data.topic.whole or data.shape == "histogram":
        ask(words.SUM, speech.value(tidy(values[one] + values[other])), first=first, second=second)
        if len(values) <= 6 and data.shape not in ("pie", "donut", "box"):
            ask(words.TOTAL, speech.value(tidy(sum(values))), 0.7)
    levels = sorted(set(values))
    if len(levels) > 2:
        limit = draw.pick(levels[1:-1])
        above = sum(value > limit for value in values)
        ask(words.ABOVE, str(above), limit=speech.value(limit))
    column = draw.whole(0, len(values) - 1)
    if values.count(values[column]) == 1:
        ask(words.WHICH_HAS, chart.labels[column], value=speech.value(values[column]))
    return asks


def _trend(draw: Draw, speech: Speech, row: int) -> list[Ask]:
    """How values go from first to last, where they go one way, or turn once."""
    data, values = speech.data, speech.data.values[row]
    steps = [b - a for a, b in itertools.pairwise(values)]
    flat = [number for line in data.values for number in line]
    least = 0 if data.exact else 0.02 * (max(flat) - min(flat))
    if len(steps) < 2 or any(abs(step) <= least for step in steps):
        return []
    turns = [index for index in range(1, len(steps)) if (steps[index] > 0) != (steps[index - 1] > 0)]
    if len(turns) > 1:
        return []
    rising = steps[0] > 0
    if not turns:
        answer = ("It rises throughout." if rising else "It falls throughout.") if speech.english else ("持续上升。" if rising else "持续下降。")  # fmt: skip
    else:
        name = speech.at(turns[0])
        if speech.english:
            until = f"until {speech.label(turns[0])}"
            answer = f"It rises {until}, then falls." if rising else f"It falls {until}, then rises."
        else:
            answer = f"先上升，{name}之后下降。" if rising else f"先下降，{name}之后上升。"
    return [Ask(GRAPH, draw.phrase(words.TREND, **speech.fields(row)), answer, 2.5)]


def _candles(draw: Draw, speech: Speech) -> list[Ask]:
    """Days that rose and fell, and the days of the extremes."""
    opens, highs, lows, closes = speech.data.values
    column = draw.whole(0, len(opens) - 1)
    rose = closes[column] > opens[column]
    up = sum(close > start for start, close in zip(opens, closes, strict=True))
    answer = ("It rose." if rose else "It fell.") if speech.english else ("上涨" if rose else "下跌")
    asks = [
        Ask(FINANCE, draw.phrase(words.UP_DAY, label=speech.label(column)), answer, 2),
        Ask(FINANCE, draw.phrase(words.COUNT_UP), str(up)),
        Ask(FINANCE, draw.phrase(words.COUNT_DOWN), str(len(opens) - up)),
    ]
    ranked = sorted(range(len(highs)), key=lambda each: -highs[each])
    if differ(speech.data, highs[ranked[0]], highs[ranked[1]]):
        asks.append(Ask(FINANCE, draw.phrase(words.PEAK_DAY), speech.label(ranked[0]), 2))
    ranked = sorted(range(len(lows)), key=lambda each: lows[each])
    if differ(speech.data, lows[ranked[0]], lows[ranked[1]]):
        asks.append(Ask(FINANCE, draw.phrase(words.LOW_DAY), speech.label(ranked[0]), 2))
    return asks


def _cells(draw: Draw, speech: Speech) -> list[Ask]:
    """The extremes of a heat map, by row and column."""
    chart, values = speech.chart, speech.data.values
    cells = [(value, row, column) for row, line in enumerate(values) for column, value in enumerate(line)]
    asks = []
    pick: Callable
    for wordings, pick in ((words.CELL_MOST, max), (words.CELL_LEAST, min)):
        best = pick(value for value, _, _ in cells)
        found = [(row, column) for value, row, column in cells if value == best]
        if len(found) == 1:
            row, column = found[0]
            join = ", " if speech.english else "，"
            asks.append(
                Ask(
                    GRAPH, draw.phrase(wordings, **speech.fields()), f"{chart.series[row]}{join}{chart.labels[column]}"
                )
            )
    return asks


def _correlation(draw: Draw, chart: Chart) -> list[Ask]:
    """Which way points go, where that is clear."""
    import numpy as np

    points = np.array([point for group in chart.data.values for point in group], float)
    strength = float(np.corrcoef(points.T)[0, 1]) if np.ptp(points, axis=0).all() else 0.5
    english = chart.language == "en"
    across, name = (topic.name[0 if english else 1] for topic in (chart.data.across, chart.data.topic))
    asks = []
    if abs(strength) > 0.8 or abs(strength) < 0.15:
        if english:
            kind = "No correlation" if abs(strength) < 0.5 else "Positive" if strength > 0 else "Negative"
            course = {
                "Positive": f": the {name} rises with the {across}.",
                "Negative": f": the {name} falls as the {across} rises.",
            }
            answer = kind + course.get(kind, ".")
        else:
            course = f"{name}随{across}增大而{'增大' if strength > 0 else '减小'}。"
            answer = "没有明显的相关性。" if abs(strength) < 0.5 else f"{'正' if strength > 0 else '负'}相关：{course}"
        asks.append(Ask(GRAPH, draw.phrase(words.CORRELATION, quantity=name, across=across), answer, 4))
    return asks
