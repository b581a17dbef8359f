"""A picture of several things comes in; questions about what they are, their cards and what they share go out."""

from collections import Counter
from collections.abc import Sequence

from ...rendering import Ask, Draw
from ...things import CATEGORIES, Thing
from ..guesses import not_shown
from ..inks import colour_word
from ..things.asks import ATTRIBUTE, COUNTERFACTUAL, DESCRIPTION, sentence, verbs
from . import wordings as words
from .view import Placed, View, category_name, listed


THEME = "recognition/global-description/theme"
PUZZLE = "logical-reasoning/other/iq-questions"
COUNTING = "recognition/local-description/counting"
ROWS = (
    ("In the first row", "第一行"),
    ("In the second row", "第二行"),
    ("In the third row", "第三行"),
    ("In the fourth row", "第四行"),
    ("In the fifth row", "第五行"),
    ("In the sixth row", "第六行"),
)


def presence(draw: Draw, view: View, things: Sequence[Thing]) -> list[Ask]:
    """Whether something is there: as often yes as no."""
    language, asks = draw.language, []
    for thing, reply in (
        (draw.pick(view.things), ("Yes.", "有。")),
        (not_shown(draw, view.things, things), ("No.", "没有。")),
    ):
        question = draw.phrase(words.THERE, phrase=thing.phrase("en"), zh=thing.zh)
        if thing.plural and language == "en":
            question = question.replace("Is there", "Are there")
        asks.append(Ask(DESCRIPTION, question, reply[0 if language == "en" else 1], 0.5))
    return asks


def cards(draw: Draw, view: View) -> list[Ask]:
    """Which colour is behind what."""
    language, asks = draw.language, []
    if not view.cards:
        return asks
    each = draw.pick(view.single) if view.single else None
    if each:
        answer = sentence(colour_word(each.card, language), language)
        question = draw.phrase(words.CARD, definite=each.thing.definite(language), **verbs(each.thing))
        asks.append(Ask(ATTRIBUTE, question, answer, 2.5))
    counts = Counter(placed.card for placed in view.placed)
    alone = [placed for placed in view.placed if counts[placed.card] == 1]
    if alone:
        found = draw.pick(alone)
        question = draw.phrase(words.ON_CARD, colour=colour_word(found.card, language))
        asks.append(Ask(ATTRIBUTE, question, sentence(found.thing.phrase(language), language), 1.5))
    if len(counts) > 1:
        colour = draw.pick(list(counts))
        answer = str(counts[colour]) if language == "en" else f"{counts[colour]}张"
        asks.append(Ask(COUNTING, draw.phrase(words.CARD_COUNT, colour=colour_word(colour, language)), answer, 0.8))
    return asks


def belonging(draw: Draw, view: View) -> list[Ask]:
    """What all things share, and what does not fit."""
    language, asks = draw.language, []
    categories = Counter(each.thing.category for each in view.placed)
    names = [name for name, count in categories.most_common() if CATEGORIES[name][1]]
    if len(categories) == 1 and names and len(view.things) > 1:
        said = category_name(names[0], language, plural=True)
        asks.append(Ask(THEME, draw.phrase(words.COMMON), draw.phrase(words.COMMON_ANSWER, category=said), 2))
    odd = [each for each in view.placed if categories[each.thing.category] == 1]
    if len(categories) == 2 and len(odd) == 1 and len(view.placed) > 3 and names:
        usual = next(each.thing.category for each in view.placed if each not in odd)
        if usual in names and view.sure_category(usual):
            thing = odd[0].thing
            phrase = thing.phrase(language)
            rest = category_name(usual, language, plural=True)
            answer = draw.phrase(words.ODD_ANSWER, phrase=phrase[0].upper() + phrase[1:], rest=rest)
            asks.append(Ask(PUZZLE, draw.phrase(words.ODD), answer, 5))
            question = draw.phrase(words.NOT_A, category=category_name(usual, language))
            asks.append(Ask(PUZZLE, question, sentence(phrase, language), 3))
    return asks


def description(draw: Draw, view: View) -> list[Ask]:
    """A true sentence about the whole picture."""
    language, kind = draw.language, view.layout.kind
    english = language == "en"
    if max(view.counts.values()) > 1 and not view.cards:
        if any(count > 1 and not thing.countable for thing, count in view.counts.items()):
            return []
        told = listed([thing.counted(language, count) for thing, count in view.counts.items()], language)
        told = f"The picture shows {told}." if english else f"图里有{told}。"
    elif kind in ("row", "column"):
        told = listed([_said(each, language) for each in view.placed], language)
        way = words.WAYS["down" if kind == "column" else "right"]
        told = f"{way[0][0].upper()}{way[0][1:]}, the picture shows {told}." if english else f"{way[1]}依次是{told}。"
    elif kind in ("grid", "shelf"):
        rows = [[each for each in view.placed if each.cell[0] == row] for row in range(view.layout.rows)]
        rows = [listed([_said(each, language) for each in row], language) for row in rows]
        parts = [
            f"{ROWS[number][0 if english else 1]}{' you see ' if english else '是'}{row}"
            for number, row in enumerate(rows)
        ]
        told = (
            "; ".join([parts[0], *(part[0].lower() + part[1:] for part in parts[1:])]) + "."
            if english
            else "；".join(parts) + "。"
        )
    elif kind == "corners":
        parts = [(words.CORNERS[each.cell], _said(each, language)) for each in view.placed]
        told = "，".join(f"{place[1]}是{said}" for place, said in parts) + "。"
        if english:
            told = "The picture shows " + listed([f"{said} {place[0]}" for place, said in parts], language) + "."
    else:
        told = listed([_said(each, language) for each in view.placed], language)
        told = f"The picture shows {told}." if english else f"图里有{told}。"
    return [Ask(DESCRIPTION, draw.phrase(words.DESCRIBE), told, 2)]


def _said(each: Placed, language: str) -> str:
    """A thing with its card."""
    phrase = each.thing.phrase(language)
    if not each.card:
        return phrase
    colour = colour_word(each.card, language)
    article = "an" if colour[0] in "aeiou" else "a"
    return f"{phrase} on {article} {colour} card" if language == "en" else f"{colour}卡片上的{phrase}"


def in_vain(draw: Draw, view: View, things: Sequence[Thing]) -> list[Ask]:
    """Questions about a thing that is not there."""
    thing = not_shown(draw, view.things, things)
    fields = {"definite": thing.definite("en"), "zh": thing.zh, **verbs(thing)}
    wordings = words.NOT_THERE_PLURAL if thing.plural else words.NOT_THERE
    asks = [
        Ask(COUNTERFACTUAL, draw.phrase(words.ABSENT, **fields), draw.phrase(wordings, name=thing.name, zh=thing.zh))
    ]
    if thing.countable:
        question = draw.phrase(words.HOW_MANY, many=thing.many, zh=thing.zh, measure=thing.measure)
        answer = draw.phrase(words.NOT_THERE_PLURAL, name=thing.many, zh=thing.zh)
        asks.append(Ask(COUNTERFACTUAL, question, answer))
    return asks
