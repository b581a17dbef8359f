"""What two or three pictures show comes in; questions that compare them, with their answers, go out."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...rendering import Ask, Draw
from ...things import Thing
from ..compositions.counts import number
from ..compositions.view import listed
from ..guesses import not_shown
from ..things.asks import COUNTERFACTUAL, sentence, yes_no
from . import wordings as words


COMPARISON = "multi-graph/multi-graph-comparison/"
SPOTTING = COMPARISON + "spotting-differences"
DISCRIMINATION = COMPARISON + "image-discrimination"
MATCHING = COMPARISON + "image-text-matching"
ASSOCIATIONS = COMPARISON + "finding-associations"
ATTRIBUTES = COMPARISON + "attribute-comparison"
SEQUENCING = "multi-graph/temporal-sequence-understanding/image-sequencing"
SIMILARITY = "evaluation/similarity"
TASKS = (SPOTTING, DISCRIMINATION, MATCHING, ASSOCIATIONS, ATTRIBUTES, SEQUENCING, SIMILARITY, COUNTERFACTUAL)
ZH_ORDINALS = ("第一", "第二", "第三", "第四", "第五")
ORDINALS = ("first", "second", "third", "fourth", "fifth")
SETS = list[dict[Thing, int]]  # for each picture how many there are of each thing


@dataclass(frozen=True)
class Change:
    """What differs between two pictures.

    Args:
        kind: Key of `differences_wordings.CHANGES`; or "none".
        thing: What it is about.
        other: What has taken its place.
        colours: In words, before and after.
    """

    kind: str
    thing: Thing
    other: Thing | None = None
    colours: tuple[str, str] = ("", "")


def ordinal(language: str, index: int) -> str:
    """How a picture is spoken of: "first", "第一"."""
    return ORDINALS[index] if language == "en" else ZH_ORDINALS[index]


def picture(language: str, index: int) -> str:
    """As an answer: "The first picture.", "第一张图。"."""
    return f"The {ORDINALS[index]} picture." if language == "en" else f"{ZH_ORDINALS[index]}张图。"


def told(shown: dict[Thing, int], language: str) -> str:
    """What a picture shows, as a list."""
    return listed([thing.counted(language, count) for thing, count in shown.items()], language)


def spotting(draw: Draw, change: Change) -> list[Ask]:
    """What differs between two pictures, if anything."""
    language = draw.language
    same = change.kind == "none"
    asks = [Ask(SIMILARITY, draw.phrase(words.SAME), yes_no(language, same), 1.5)]
    if same:
        return [*asks, Ask(SPOTTING, draw.phrase(words.SPOT), draw.phrase(words.NO_CHANGE), 2)]
    thing = change.thing
    the = thing.definite("en")
    answer = draw.phrase(
        words.CHANGES[change.kind],
        the=the,
        The=the[0].upper() + the[1:],
        is_are="are" if thing.plural else "is",
        zh=thing.zh,
        phrase=thing.phrase(language),
        other=change.other.phrase(language) if change.other else "",
        one=change.colours[0],
        two=change.colours[1],
    )
    asks.append(Ask(SPOTTING, draw.phrase(words.SPOT), answer, 5))
    if change.kind != "replaced":
        asks.append(Ask(SPOTTING, draw.phrase(words.CHANGED), sentence(thing.definite(language), language), 1))
    return asks


def sets(draw: Draw, shown: SETS, things: Sequence[Thing]) -> list[Ask]:
    """Which picture shows what, what they share, and which one a sentence fits."""
    language, asks = draw.language, []
    every = list(dict.fromkeys(thing for one in shown for thing in one))
    alone = [thing for thing in every if sum(thing in one for one in shown) == 1]
    if alone:
        thing = draw.pick(alone)
        where = next(index for index, one in enumerate(shown) if thing in one)
        question = draw.phrase(words.WHICH, phrase=thing.phrase("en"), zh=thing.zh)
        asks.append(Ask(DISCRIMINATION, question, picture(language, where), 3))
    for thing in (draw.pick(every), not_shown(draw, every, things)):
        asks.append(_does(draw, shown, thing))
    shared = [thing for thing in every if all(thing in one for one in shown)]
    if shared:
        phrases = listed(
            [thing.phrase(language) if _once(thing, shown) else _plain(thing, language) for thing in shared], language
        )
        asks.append(Ask(ASSOCIATIONS, draw.phrase(words.SHARED), draw.phrase(words.SHARED_ANSWER, phrases=phrases), 3))
    one, two = draw.sample(range(len(shown)), 2)
    only = [thing for thing in shown[one] if thing not in shown[two]]
    if only:
        fields = {"one": ordinal(language, one), "two": ordinal(language, two)}
        answer = told({thing: shown[one][thing] for thing in only}, language)
        asks.append(Ask(SPOTTING, draw.phrase(words.ONLY, **fields), sentence(answer, language), 2))
    totals = [sum(one.values()) for one in shown]
    if totals.count(max(totals)) == 1:
        answer = picture(language, totals.index(max(totals)))
        asks.append(Ask(ATTRIBUTES, draw.phrase(words.MOST_THINGS), answer, 1))
    return asks + matching(draw, shown)


def _once(thing: Thing, shown: SETS) -> bool:
    return all(one.get(thing, 1) == 1 for one in shown)


def _plain(thing: Thing, language: str) -> str:
    return thing.many if language == "en" else thing.zh


def _does(draw: Draw, shown: SETS, thing: Thing) -> Ask:
    """Whether a picture shows a thing."""
    language = draw.language
    where = draw.whole(0, len(shown) - 1)
    question = draw.phrase(words.DOES, which=ordinal(language, where), phrase=thing.phrase("en"), zh=thing.zh)
    if thing.plural:
        question = question.replace("Is there", "Are there")
    return Ask(DISCRIMINATION, question, yes_no(language, thing in shown[where], "there"), 0.7)


def matching(draw: Draw, shown: SETS) -> list[Ask]:
    """Which picture a sentence fits, and what each shows."""
    language, count = draw.language, len(shown)
    texts = [sentence(told(one, language), language) for one in shown]
    asks = []
    right, other = draw.sample(range(count), 2)
    if not any(_within(shown[right], shown[index]) for index in range(count) if index != right):
        match = draw.phrase(words.MATCH, text=texts[right]).replace('."?', '"?').replace("。”", "”")
        asked = right if draw.chance(0.5) else other
        fits = draw.phrase(words.FITS, text=texts[right].rstrip(".。"), which=ordinal(language, asked))
        asks += [
            Ask(MATCHING, match, picture(language, right), 3),
            Ask(MATCHING, fits, yes_no(language, asked == right), 1),
        ]
    if language == "en":
        parts = [f"the {ORDINALS[index]} picture shows {told(one, language)}" for index, one in enumerate(shown)]
        each = sentence("; ".join(parts), language)
    else:
        each = (
            "；".join(f"{ZH_ORDINALS[index]}张图里是{told(one, language)}" for index, one in enumerate(shown)) + "。"
        )
    return [*asks, Ask(DISCRIMINATION, draw.phrase(words.EACH), each, 2)]


def _within(one: dict[Thing, int], other: dict[Thing, int]) -> bool:
    """Whether the other picture shows all that the first does, so that the same sentence would be true of it."""
    return all(other.get(thing, 0) >= count for thing, count in one.items())


def counts(draw: Draw, thing: Thing, numbers: list[int]) -> list[Ask]:
    """Where there are more of one thing, in which order, and how many altogether."""
    language = draw.language
    fields = {"many": thing.many, "zh": thing.zh, "measure": thing.measure}
    asks = [Ask(ATTRIBUTES, draw.phrase(words.TOGETHER, **fields), number(language, sum(numbers), thing.measure), 1.5)]
    where = draw.whole(0, len(numbers) - 1)
    question = draw.phrase(words.IN_ONE, which=ordinal(language, where), **fields)
    asks.append(Ask(ATTRIBUTES, question, number(language, numbers[where], thing.measure), 1.5))
    for wordings, most in ((words.MOST_OF, max(numbers)), (words.FEWEST_OF, min(numbers))):
        if numbers.count(most) == 1:
            answer = picture(language, numbers.index(most))
            asks.append(Ask(ATTRIBUTES, draw.phrase(wordings, **fields), answer, 1.5))
    if len(set(numbers)) == len(numbers):
        order = sorted(range(len(numbers)), key=lambda index: numbers[index])
        names = [f"the {ORDINALS[index]}" if language == "en" else f"{ZH_ORDINALS[index]}张图" for index in order]
        answer = sentence(", ".join(names) if language == "en" else "、".join(names), language)
        asks.append(Ask(SEQUENCING, draw.phrase(words.SEQUENCE, **fields), answer, 3))
    return asks


def sameness(draw: Draw, shown: list[Thing]) -> list[Ask]:
    """Whether pictures of one thing each show the same kind, and which one does not."""
    language = draw.language
    same = all(thing is shown[0] for thing in shown)
    asks = [Ask(SIMILARITY, draw.phrase(words.SAME_KIND), yes_no(language, same), 2)]
    odd = [index for index, thing in enumerate(shown) if sum(thing is other for other in shown) == 1]
    if len(shown) == 3 and len(odd) == 1:
        asks.append(Ask(DISCRIMINATION, draw.phrase(words.ODD), picture(language, odd[0]), 3))
    if same:
        phrases = shown[0].phrase(language)
        answer = draw.phrase(words.SHARED_ANSWER, phrases=phrases)
        asks.append(Ask(ASSOCIATIONS, draw.phrase(words.SHARED), answer, 2))
    return asks


def in_vain(draw: Draw, shown: Sequence[Thing], count: int, things: Sequence[Thing]) -> list[Ask]:
    """Ask for a picture that is not there, and for a thing that none shows."""
    language = draw.language
    which = ordinal(language, draw.whole(count, len(ORDINALS) - 1))
    said = {"en": ("two", "three"), "zh": ("两", "三")}[language][count - 2]
    thing = not_shown(draw, shown, things)
    nowhere = draw.phrase(words.NOWHERE, phrase=thing.phrase("en"), zh=thing.zh)
    question = draw.phrase(words.WHICH, phrase=thing.phrase("en"), zh=thing.zh)
    return [
        Ask(COUNTERFACTUAL, draw.phrase(words.TOO_MANY, which=which), draw.phrase(words.ONLY_SO_MANY, count=said)),
        Ask(COUNTERFACTUAL, question, nowhere),
    ]
