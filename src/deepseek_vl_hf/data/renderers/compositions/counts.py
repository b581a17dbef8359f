"""A picture of several things comes in; questions about how many there are, with their answers, go out."""

from ...rendering import Ask, Draw
from ...things import CATEGORIES, Thing
from . import wordings as words
from .view import View, listed, many_of


COUNTING = "recognition/local-description/counting"
COMPARISON = "commonsense-reasoning/other/attribute-comparison"
ALGEBRA = "logical-reasoning/mathematical/algebra-and-operation"


def number(language: str, count: int, measure: str) -> str:
    """The bare answer: "3", "3只"."""
    return str(count) if language == "en" else f"{count}{measure}"


def counting(draw: Draw, view: View) -> list[Ask]:
    """How many of a thing, of a category, of all."""
    language, asks = draw.language, []
    for thing, count in view.counts.items():
        if thing.countable:
            question = draw.phrase(words.HOW_MANY, many=thing.many, zh=thing.zh, measure=thing.measure)
            weight = 3 if count > 1 else 0.3
            asks.append(Ask(COUNTING, question, number(language, count, thing.measure), weight / len(view.counts)))
    for category in dict.fromkeys(thing.category for thing in view.things):
        _, many, zh, measure = CATEGORIES[category]
        same = [thing for thing in view.things if thing.category == category]
        if measure and len(same) > 1 and view.sure_category(category) and _all_countable(view):
            count = sum(view.counts[thing] for thing in same)
            question = draw.phrase(words.HOW_MANY, many=many, zh=zh, measure=measure)
            asks.append(Ask(COUNTING, question, number(language, count, measure), 1.5))
    if _all_countable(view):
        total = sum(view.counts.values())
        asks.append(Ask(COUNTING, draw.phrase(words.TOTAL), number(language, total, "个"), 0.7))
    if len(view.things) > 1:
        asks.append(Ask(COUNTING, draw.phrase(words.KINDS), number(language, len(view.things), "种"), 0.4))
    return asks


def comparing(draw: Draw, view: View) -> list[Ask]:
    """Of what there are more, and how many more; each number beside the other."""
    language = draw.language
    if len(view.counts) < 2 or max(view.counts.values()) < 2 or not _all_countable(view):
        return []
    told = listed([thing.counted(language, count) for thing, count in view.counts.items()], language)
    told = told[0].upper() + told[1:] + ("." if language == "en" else "。")
    asks = [Ask(COUNTING, draw.phrase(words.ALL_COUNTS), told, 1)]
    one, other = draw.sample(view.things, 2)
    asks += _pair(draw, view, one, other)
    by_count = sorted(view.counts.items(), key=lambda entry: entry[1])
    for wordings, (thing, count), (_, next_count) in (
        (words.MOST, by_count[-1], by_count[-2]),
        (words.LEAST, by_count[0], by_count[1]),
    ):
        if count != next_count and len(by_count) > 2:
            name = many_of(thing, language)
            asks.append(Ask(COMPARISON, draw.phrase(wordings), _ended(name, language), 0.6))
    return asks


def _pair(draw: Draw, view: View, one: Thing, other: Thing) -> list[Ask]:
    language, counts = draw.language, view.counts
    fields = {"one": one.many, "other": other.many, "zh_one": one.zh, "zh_other": other.zh}
    question = draw.phrase(words.MORE, **fields)
    question = question[0].upper() + question[1:]
    if counts[one] == counts[other]:
        return [Ask(COMPARISON, question, draw.phrase(words.AS_MANY), 0.8)]
    most, least = (one, other) if counts[one] > counts[other] else (other, one)
    fields = {"one": most.many, "other": least.many, "zh_one": most.zh, "zh_other": least.zh, "measure": most.measure}
    apart = counts[most] - counts[least]
    measure = most.measure if most.measure == least.measure else "个"
    fields["measure"] = measure
    return [
        Ask(COMPARISON, question, draw.phrase(words.MORE_ANSWER, **fields), 1),
        Ask(ALGEBRA, draw.phrase(words.DIFFERENCE, **fields), number(language, apart, measure), 1),
    ]


def _all_countable(view: View) -> bool:
    return all(thing.countable for thing in view.things)


def _ended(text: str, language: str) -> str:
    return text[0].upper() + text[1:] + ("." if language == "en" else "。")
