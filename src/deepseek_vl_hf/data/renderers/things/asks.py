"""A thing, and how it lies in its picture, come in; questions with true answers go out."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...drawings import Drawing
from ...rendering import Ask, Draw
from ...things import CATEGORIES, Thing
from ..guesses import not_shown
from ..inks import colour_word
from . import wordings as words


DESCRIPTION = "recognition/global-description/others"
FOOD = "recognition/global-description/food-recognition"
PERSON = "recognition/local-description/person-recognition"
MOOD = "recognition/global-description/emotion-mood"
ATTRIBUTE = "recognition/local-description/object-attribute"
POSITION = "recognition/local-description/position"
NATURE = "analysis/encyclopedia-knowledge-analysis/natural-environment"
DAILY_LIFE = "analysis/encyclopedia-knowledge-analysis/food-clothing-housing-transportation"
ART = "analysis/encyclopedia-knowledge-analysis/art-and-culture"
SPECIES = "commonsense-reasoning/relationship/species"
FUNCTION = "commonsense-reasoning/function/hardware"
BIOLOGY = "logical-reasoning/other/biology"
PROMPT = "conversion/image-to-text/image-to-prompt"
COUNTERFACTUAL = "safety/counterfactual-questioning"
TASKS = (
    DESCRIPTION, FOOD, PERSON, MOOD, ATTRIBUTE, POSITION, NATURE, DAILY_LIFE, ART, SPECIES, FUNCTION, BIOLOGY, PROMPT, COUNTERFACTUAL
)  # fmt: skip
NAMING_TASKS = {"food": FOOD, "drink": FOOD, "person": PERSON}
GROUP_QUESTIONS = {
    "animal": (SPECIES, words.ANIMAL_GROUP),
    "food": (DAILY_LIFE, words.FOOD_GROUP),
    "vehicle": (DAILY_LIFE, words.VEHICLE_GROUP),
    "instrument": (ART, words.MUSIC_GROUP),
}
NOT_ALIVE = (
    "kitchen",
    "household",
    "building",
    "vehicle",
    "street",
    "tool",
    "device",
    "desk",
    "money",
    "instrument",
    "clothing",
)
NOT_EATEN = ("vehicle", "building", "tool", "device", "clothing", "instrument", "street", "desk", "money", "household")
NOT_FLYING = ("building", "instrument", "kitchen", "food")
EXTINCT = ("dinosaur", "mammoth", "dodo")
LIVING_PLANTS = ("tree", "cactus")  # kin; a cut flower or a leaf may be called dead


@dataclass(frozen=True)
class Scene:
    """What is known about a picture of one thing.

    Args:
        drawing: What it shows.
        card: Name of the colour of the card behind it, and its shape as a key of `things_wordings.SHAPES`; or None.
        place: Column and row in thirds of the picture, where that is clear; or None.
    """

    drawing: Drawing
    card: tuple[str, str] | None
    place: tuple[int, int] | None


def sentence(text: str, language: str) -> str:
    """With a capital and a full stop."""
    return text[0].upper() + text[1:] + ("." if language == "en" else "。")


def verbs(thing: Thing) -> dict[str, str]:
    """How English verbs agree with it, as wordings need them."""
    return {"is_are": "are", "does_do": "do"} if thing.plural else {"is_are": "is", "does_do": "does"}


def yes_no(language: str, holds: bool, fact: str = "") -> str:
    """The bare reply; in Chinese it says the verb of the question again."""
    return ("No.", "Yes.")[holds] if language == "en" else words.ZH_REPLIES.get(fact, ("不是。", "是的。"))[holds]


def naming(draw: Draw, scene: Scene, things: Sequence[Thing]) -> list[Ask]:
    """What it is, in open questions and in guesses."""
    thing, language = scene.drawing.thing, draw.language
    phrase = thing.phrase(language)
    task = NAMING_TASKS.get(thing.category, DESCRIPTION)
    answer = sentence(phrase, language)
    other = not_shown(draw, [thing], things).phrase(language)
    one, two = draw.sample((phrase, other), 2)
    choice = draw.phrase(words.CHOICE, one=one, other=two)
    asks = [
        Ask(task, draw.phrase(words.MAIN), answer, 3),
        Ask(task, draw.phrase(words.NAMING), answer, 3),
        Ask(task, choice[0].upper() + choice[1:], answer, 0.8),
        Ask(task, _guess(draw, thing, thing), draw.phrase(words.YES, phrase=f"{_it_is(thing)} {phrase}" if language == "en" else phrase), 0.8),
    ]  # fmt: skip
    wrong = not_shown(draw, [thing], things)
    no = draw.phrase(words.NO, it_is=_it_is(thing), phrase=phrase)
    return [*asks, Ask(task, _guess(draw, wrong, thing), no, 0.8)]


def _it_is(thing: Thing) -> str:
    return "they are" if thing.plural else "it is"


def _guess(draw: Draw, guess: Thing, thing: Thing) -> str:
    wordings = words.GUESS_PLURAL if guess.plural else words.GUESS
    return draw.phrase(wordings, guess=guess.phrase(draw.language))


def category(draw: Draw, thing: Thing) -> list[Ask]:
    """Which category it belongs to, openly and in guesses."""
    language = draw.language
    if thing.category in ("other", "person"):
        return []

    def said(name: str) -> str:
        return CATEGORIES[name][0 if language == "en" else 2]

    own = said(thing.category)
    asks = [Ask(ATTRIBUTE, draw.phrase(words.CATEGORY), sentence(own, language), 0.8)]
    if thing.never and not thing.plural:
        no = draw.phrase(words.NO, it_is="it is", phrase=thing.phrase(language))
        asks.append(Ask(ATTRIBUTE, draw.phrase(words.IS_CATEGORY, category=said(draw.pick(thing.never))), no, 0.5))
        yes = draw.phrase(words.YES, phrase=f"it is {own}" if language == "en" else own)
        asks.append(Ask(ATTRIBUTE, draw.phrase(words.IS_CATEGORY, category=own), yes, 0.5))
    return asks


def knowledge(draw: Draw, thing: Thing) -> list[Ask]:
    """What is always true of such a thing."""
    language, asks = draw.language, []
    for wordings, task, number, measure in (
        (words.LEGS, BIOLOGY, thing.legs, "条"),
        (words.WHEELS, DAILY_LIFE, thing.wheels, "个"),
    ):
        if number is not None:
            said = f"{number}." if language == "en" else f"{number}{measure}。"
            if not number and language == "zh":
                said = "没有腿。"
            asks.append(Ask(task, draw.phrase(wordings), said, 2))
    for fact, wordings, task, holds in _facts(thing):
        if holds is not None and not thing.plural:
            asks.append(Ask(task, draw.phrase(wordings), yes_no(language, holds, fact), 0.6))
    if thing.group and thing.category in GROUP_QUESTIONS:
        task, wordings = GROUP_QUESTIONS[thing.category]
        said = words.GROUPS[thing.group][0 if language == "en" else 1]
        asks.append(Ask(task, draw.phrase(wordings), sentence(said, language), 2))
    if thing.use:
        use = f"to {thing.use[0]}" if language == "en" else f"用来{thing.use[1]}"
        asks.append(Ask(FUNCTION, draw.phrase(words.USE), sentence(use, language), 2))
    if thing.feeling:
        feeling = thing.feeling[0 if language == "en" else 1]
        asks.append(Ask(MOOD, draw.phrase(words.FEELING), sentence(feeling, language), 4))
    return asks


def _facts(thing: Thing):
    alive = eaten = flies = electric = None
    if thing.category in NOT_ALIVE:
        alive = False
    elif thing.name not in EXTINCT:
        grows = any(label in LIVING_PLANTS for label in thing.kin)
        alive = thing.category == "animal" or (thing.category == "plant" and grows) or None
    if thing.category == "food" or thing.category in NOT_EATEN:
        eaten = thing.category == "food"
    if thing.flies is not None or thing.category in NOT_FLYING:
        flies = bool(thing.flies)
    if thing.electric is not None or thing.category == "kitchen":
        electric = bool(thing.electric)
    yield "alive", words.ALIVE, NATURE, alive
    yield "eaten", words.EATEN, DAILY_LIFE, eaten
    yield "flies", words.FLIES, NATURE if thing.category == "animal" else DAILY_LIFE, flies
    yield "water", words.WATER, NATURE, thing.water
    yield "electric", words.ELECTRIC, FUNCTION, electric


def looks(draw: Draw, scene: Scene) -> list[Ask]:
    """Colour, card and place."""
    thing, language = scene.drawing.thing, draw.language
    definite, asks = thing.definite(language), []
    if scene.drawing.colour:
        colour = sentence(colour_word(scene.drawing.colour, language), language)
        asks.append(Ask(ATTRIBUTE, draw.phrase(words.COLOUR, definite=definite, **verbs(thing)), colour, 2))
    if scene.card:
        colour, shape = scene.card
        said = words.SHAPES[shape][0 if language == "en" else 1]
        colour = sentence(colour_word(colour, language), language)
        asks.append(
            Ask(ATTRIBUTE, draw.phrase(words.CARD, definite=definite, shape=said, **verbs(thing)), colour, 1.5)
        )
        answer = sentence(f"a {said}" if language == "en" else said, language)
        asks.append(Ask(ATTRIBUTE, draw.phrase(words.SHAPE, definite=definite, **verbs(thing)), answer, 0.7))
    if scene.place:
        said = words.PLACES[scene.place]
        answer = sentence(said[0] if language == "en" else f"在{said[1]}", language)
        asks.append(Ask(POSITION, draw.phrase(words.PLACE, definite=definite, **verbs(thing)), answer, 1.5))
    return asks


def captions(draw: Draw, scene: Scene) -> list[Ask]:
    """A true sentence about the whole picture, and a prompt to draw it from."""
    thing, language = scene.drawing.thing, draw.language
    phrase = thing.phrase(language)
    place = words.PLACES[scene.place][0 if language == "en" else 1] if scene.place else ""
    card = ""
    if scene.card:
        colour, shape = colour_word(scene.card[0], language), words.SHAPES[scene.card[1]][0 if language == "en" else 1]
        article = "an" if colour[0] in "aeiou" else "a"
        card = f" on {article} {colour} {shape}" if language == "en" else f"，后面是一个{colour}的{shape}"
    if language == "en":
        told = f"The picture shows {phrase}{card}{f', {place}' if place else ''}."
        prompt = f"A simple drawing of {phrase}{card}{f', placed {place}' if place else ''}."
    else:
        shown = f"{phrase}{f'，位于{place}' if place else ''}{card}"
        told, prompt = f"图片里是{shown}。", f"一幅简单的图画：{shown}。"
    return [
        Ask(DESCRIPTION, draw.phrase(words.DESCRIBE), told, 1.2),
        Ask(PROMPT, draw.phrase(words.PROMPT), prompt, 0.4),
    ]


def in_vain(draw: Draw, scene: Scene, things: Sequence[Thing]) -> list[Ask]:
    """Questions about what is not there."""
    thing, language = scene.drawing.thing, draw.language
    absent = not_shown(draw, [thing], things)
    question = draw.phrase(
        words.ABSENT,
        absent=absent.zh,
        absent_definite=absent.definite("en"),
        **verbs(absent),
    )
    answer = draw.phrase(
        words.NOT_THERE,
        absent=absent.phrase("en") if language == "en" else absent.zh,
        phrase=thing.phrase(language),
    )
    return [Ask(COUNTERFACTUAL, question, answer)]
