"""Data and a draw come in; the title of a chart and of its axes go out."""

from collections.abc import Sequence

from ...rendering import Draw
from .data import Data, Names
from .topics import KINDS, Topic, say


# {quantity} has its capital in English; {noun} is what the labels are.
TITLES = {
    "en": (
        "{quantity} by {noun}",
        "{quantity} by {noun}",
        "{quantity} compared by {noun}",
        "{quantity}: an overview",
    ),
    "zh": ("{each}{quantity}", "{quantity}统计", "{each}{quantity}对比", "{quantity}统计图", "{quantity}概览"),
}
DATED = {
    "en": ("{quantity} by {noun}, {year}", "{quantity} by {noun} in {year}", "{year}: {plain} by {noun}"),
    "zh": ("{year}年{each}{quantity}", "{year}年{quantity}统计"),
}
PLACED = {
    "en": ("{quantity} in {place}, {year}", "{place}: {plain} by {noun}", "{quantity} by {noun} in {place}"),
    "zh": ("{place}{each}{quantity}", "{year}年{place}{quantity}", "{place}{year}年{each}{quantity}"),
}
OVER_TIME = {
    "en": ("{quantity}, {first} to {last}", "{quantity} from {first} to {last}", "{quantity} since {first}"),
    "zh": ("{first}年至{last}年{quantity}", "{first}—{last}年{quantity}变化", "{first}年以来的{quantity}"),
}
AGAINST = {
    "en": ("{quantity} against {across}", "{quantity} and {across}", "{quantity} versus {across}"),
    "zh": ("{across}与{quantity}", "{quantity}与{across}的关系", "{across}和{quantity}散点图"),
}
SPREAD = {
    "en": ("Distribution of the {across}", "Histogram of the {across}", "How the {across} is distributed"),
    "zh": ("{across}分布", "{across}直方图", "{across}的频数分布"),
}
PRICED = {
    "en": ("{quantity}", "{quantity}, {year}", "Daily {quantity}", "{quantity} in {year}"),
    "zh": ("{quantity}", "{year}年{quantity}", "{quantity}日K线", "{quantity}走势"),
}


def capital(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def draw_title(draw: Draw, data: Data, names: Names) -> str:
    """Make the title of a chart, which is an item."""

    def make(rng) -> str:
        def pick(options: Sequence):
            return options[int(rng.integers(len(options)))]

        fields = {
            "quantity": capital(say(data.topic.name, draw.language)),
            "plain": say(data.topic.name, draw.language),
            "noun": say(data.kind.noun, draw.language),
            "each": data.kind.each(draw.language),
            "year": 1990 + int(rng.integers(36)),
            "place": say(pick(names("city")), draw.language),
        }
        kinds = (data.kind, data.series_kind)
        if data.shape in ("scatter", "histogram"):
            fields["across"] = say(data.across.name, draw.language)
            table = AGAINST if data.shape == "scatter" else SPREAD
        elif data.shape == "candlestick":
            table = PRICED
        elif data.kind is KINDS["year"]:
            fields |= {"first": data.labels[0][0], "last": data.labels[-1][0]}
            table = pick((OVER_TIME, TITLES))
        elif KINDS["year"] in kinds:
            table = TITLES
        else:
            placed = KINDS["city"] not in kinds and KINDS["country"] not in kinds
            table = pick((TITLES, DATED, PLACED) if placed else (TITLES, DATED))
        title = pick(table[draw.language]).format(**fields)
        if rng.random() < 0.12:
            title = (
                f"Figure {rng.integers(1, 30)}. {title}"
                if draw.language == "en"
                else f"图{rng.integers(1, 30)} {title}"
            )
        return title

    return draw.made("text", make, key=str)


def draw_axis_titles(draw: Draw, data: Data, has_title: bool, simple: bool) -> tuple[str, str]:
    """What stands beside the axes; where the title does not say what is measured, the axis always does."""

    def named(topic: Topic) -> str:
        name, unit = capital(say(topic.name, draw.language)), say(topic.unit, draw.language)
        bracket = "{} ({})" if draw.language == "en" else "{}（{}）"
        return bracket.format(name, unit) if unit else name

    if data.shape in ("pie", "donut"):
        return "", ""
    if data.shape == "heatmap":
        shown = draw.chance(0.5)
        return (
            (capital(say(data.kind.noun, draw.language)), capital(say(data.series_kind.noun, draw.language)))
            if shown
            else ("", "")
        )
    values = (
        named(data.topic) if not simple and (not has_title or say(data.topic.unit, "en") or draw.chance(0.7)) else ""
    )
    if data.across is not None:
        return named(data.across), values or named(data.topic)
    labels = "" if simple or draw.chance(0.45) else capital(say(data.kind.noun, draw.language))
    return (values, labels) if data.shape == "barh" else (labels, values)
