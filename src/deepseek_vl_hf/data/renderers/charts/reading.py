"""A chart and a draw come in; questions about what it is, what it says in words, and how it is written as a table or as code, go out.

So do questions about what it does not have, whose answers say so.
"""

import json

from ...rendering import Ask, Draw
from . import wordings as words
from .data import Names
from .looks import Chart
from .questions import FINANCE, GRAPH
from .speech import MARKS, Speech
from .titles import capital
from .topics import KINDS, TOPICS, Kind, say


PRINTED = "recognition/ocr-and-transcription/printed-text"
FORMAT = "recognition/ocr-and-transcription/specified-format"
COUNTING = "recognition/local-description/counting"
CODE = "conversion/image-to-code/chart-to-code"
FALSE = "safety/counterfactual-questioning"
MOST_CODE = 3200  # letters of a program that a question may ask for
MOST_CELLS = 30  # of a table
MOST_MARKS = 24  # that are counted


def reading_asks(draw: Draw, chart: Chart, code: str, program: str) -> list[Ask]:
    """Questions about words, kind, table and code.

    Args:
        draw: Decides.
        chart: Of which is asked.
        code: What has drawn it.
        program: "matplotlib" or "vega".
    """
    asks = [*_printed(draw, chart), *_counts(draw, chart), *_kind(draw, chart)]
    if chart.data.exact:
        asks += _tables(draw, chart)
        if len(code) <= MOST_CODE:
            asks.append(Ask(CODE, draw.phrase(words.CODE[program]), code.strip(), 3))
    return asks


def _printed(draw: Draw, chart: Chart) -> list[Ask]:
    comma = ", " if chart.language == "en" else "、"
    asks = []
    for text, wordings, weight in (
        (chart.title, words.TITLE, 2),
        (chart.x_title, words.X_TITLE, 0.7),
        (chart.y_title, words.Y_TITLE, 0.7),
        (chart.source, words.SOURCE, 1),
        (comma.join(chart.series) if chart.has_legend and chart.series else "", words.LEGEND, 1),
    ):
        if text:
            asks.append(Ask(PRINTED, draw.phrase(wordings), text, weight))
    if chart.labels and chart.data.shape not in ("histogram", "candlestick"):
        fields = Speech(chart).fields()
        asks.append(Ask(PRINTED, draw.phrase(words.LIST_LABELS, **fields), comma.join(chart.labels), 0.7))
    return asks


def _counts(draw: Draw, chart: Chart) -> list[Ask]:
    data = chart.data
    asks = []
    if chart.labels and data.shape != "histogram":
        asks.append(Ask(COUNTING, draw.phrase(words.COUNT_LABELS, **Speech(chart).fields()), str(len(chart.labels))))
    number = {
        "line": len(data.values),
        "grouped": sum(map(len, data.values)),
        "scatter": sum(map(len, data.values)),
        "heatmap": sum(map(len, data.values)),
    }.get(data.shape, len(data.labels))
    if data.shape in MARKS and number <= MOST_MARKS and (data.shape != "scatter" or data.exact):
        marks = say(MARKS[data.shape], chart.language)
        asks.append(Ask(COUNTING, draw.phrase(words.COUNT_MARKS, marks=marks), str(number)))
    return asks


def _kind(draw: Draw, chart: Chart) -> list[Ask]:
    speech, data = Speech(chart), chart.data
    task = FINANCE if data.shape == "candlestick" else GRAPH
    name = speech.shape()
    asks = [Ask(task, draw.phrase(words.SHAPE), capital(name), 1)]
    if not speech.named:
        return asks
    topic = say(data.topic.name, chart.language)
    if data.across is not None:
        across = say(data.across.name, chart.language)
        if data.shape == "scatter":
            text = (
                f"{capital(name)} of the {topic} against the {across}."
                if speech.english
                else f"{name}，显示{across}与{topic}的关系。"
            )
        else:
            text = f"{capital(name)} of the {across}." if speech.english else f"{name}，显示{across}的分布。"
    elif data.shape == "candlestick":
        text = f"{capital(name)} of the {topic}." if speech.english else f"{name}，显示{topic}。"
    else:
        each = data.kind.each(chart.language)
        text = f"{capital(name)} of the {topic} by {each}" if speech.english else f"{name}，显示{each}{topic}"
        if data.series_kind:
            more = say(data.series_kind.noun, chart.language)
            text += f" and {more}" if speech.english else f"，按{more}区分"
        text += "." if speech.english else "。"
    return [*asks, Ask(task, draw.phrase(words.ABOUT), text, 1)]


def _tables(draw: Draw, chart: Chart) -> list[Ask]:
    """The values as a table, in three formats."""
    data = chart.data
    header, rows = _table(chart)
    if len(rows) * (len(header) - 1) > MOST_CELLS:
        return []
    lines = {
        "markdown": [f"| {' | '.join(line)} |" for line in (header, ["---"] * len(header), *rows)],
        "csv": [",".join(line) for line in (header, *rows)],
    }
    texts = {name: "\n".join(each) for name, each in lines.items()}
    if data.shape != "scatter":
        columns = [
            [json.loads(number) for number in column] for column in zip(*(row[1:] for row in rows), strict=True)
        ]
        names = [row[0] for row in rows]
        flat = [dict(zip(names, column, strict=True)) for column in columns]
        whole = flat[0] if len(header) == 2 else dict(zip(header[1:], flat, strict=True))
        texts["json"] = json.dumps(whole, ensure_ascii=False)
    return [Ask(FORMAT, draw.phrase(words.TABLES[name]), text) for name, text in texts.items()]


def _table(chart: Chart) -> tuple[list[str], list[list[str]]]:
    """Header and rows, as printed."""
    data, language = chart.data, chart.language
    if data.shape == "scatter":
        header = [capital(say(topic.name, language)) for topic in (data.across, data.topic)]
        return header, [[chart.shown(number) for number in point] for point in data.values[0]]
    first = capital(say((data.across or data.topic).name if data.shape == "histogram" else data.kind.noun, language))
    if len(data.values) == 1:
        names = [capital(Speech(chart).quantity())]
    else:
        names = [capital(say(pair, language)) for pair in data.series]
    columns = zip(*data.values, strict=True)
    return [first, *names], [
        [label, *map(chart.shown, column)] for label, column in zip(chart.labels, columns, strict=True)
    ]


def false_asks(draw: Draw, chart: Chart, names: Names) -> list[Ask]:
    """Questions about labels, series, words and marks that the chart does not have."""
    speech, data = Speech(chart), chart.data
    asks = [*_no_words(draw, chart), *_no_shape(draw, speech)]
    for kind, held in ((data.kind, data.labels), (data.series_kind, data.series)):
        name = _absent(draw, chart, kind, held, names) if kind else ""
        if not name or data.shape in ("scatter", "histogram", "box", "candlestick"):
            continue
        place = speech.placed(kind, name)
        what = f"{speech.quantity()} {place}" if speech.english else f"{place}的{speech.quantity()}"
        answer = f"The chart does not show {name}." if speech.english else f"图中没有{place}。"
        asks.append(Ask(FALSE, draw.phrase(words.LOOKUP, what=what), answer, 2))
    if speech.named and data.across is None and data.shape not in ("candlestick", "pie", "donut", "box"):
        other = draw.pick(TOPICS).name
        mine, told = say(data.topic.name, chart.language), say(other, chart.language)
        if told not in mine and mine not in told and told.lower() not in chart.words.lower():
            column = draw.whole(0, len(chart.labels) - 1)
            what = f"{told} {speech.at(column)}" if speech.english else f"{speech.at(column)}的{told}"
            answer = (
                f"The chart shows the {mine}, not the {told}."
                if speech.english
                else f"图中显示的是{mine}，没有{told}。"
            )
            asks.append(Ask(FALSE, draw.phrase(words.LOOKUP, what=what), answer))
    return asks


def _absent(draw: Draw, chart: Chart, kind: Kind, held, names: Names) -> str:
    """A name of some kind that stands nowhere in the picture; empty if none was found."""
    key = next((key for key, each in KINDS.items() if each is kind), "")
    pool = [(str(year),) * 2 for year in range(1985, 2031)] if key == "year" else names(key) if key else ()
    pool = [pair for pair in pool if pair not in held]
    if not pool:
        return ""
    name = say(draw.pick(pool), chart.language)
    return "" if name.lower() in chart.words.lower() else name


def _no_words(draw: Draw, chart: Chart) -> list[Ask]:
    missing = (
        (chart.title, words.TITLE, "The chart has no title.", "这张图没有标题。"),
        (chart.source, words.SOURCE, "The chart names no source.", "图中没有注明数据来源。"),
        (
            chart.has_legend or chart.data.shape in ("pie", "donut", "heatmap"),
            words.LEGEND,
            "The chart has no legend.",
            "这张图没有图例。",
        ),
    )
    english = chart.language == "en"
    return [
        Ask(FALSE, draw.phrase(wordings), en if english else zh) for there, wordings, en, zh in missing if not there
    ]


def _no_shape(draw: Draw, speech: Speech) -> list[Ask]:
    options = words.NO_SHAPE[speech.chart.language]
    question = draw.pick(options[1:] if speech.data.shape in ("pie", "donut") else options)
    name = speech.shape()
    answer = f"There is none: this is {name}." if speech.english else f"图中没有，这是一张{name}。"
    return [Ask(FALSE, question, answer)]
