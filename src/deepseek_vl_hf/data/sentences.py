"""A kind of thing and a seeded generator come in; captions, questions and true answers in English go out.

Questions are worded in many ways, answers in one way each, so that a small model spends its weights on what it sees
and a test can look for the name in the answer.
"""

import numpy as np

from .kinds import CATEGORY_PHRASES, DIGIT_KINDS, KINDS, Kind


NAMING = (
    "What is this?",
    "What is it?",
    "What's this?",
    "What do you see?",
    "What can you see here?",
    "What is in the picture?",
    "What is in this image?",
    "What's in the picture?",
    "What does the picture show?",
    "What is shown in the image?",
    "What is depicted here?",
    "What object is this?",
    "What thing is in the picture?",
    "What am I looking at?",
    "What is the thing in this picture?",
    "Which object do you see?",
    "Can you name this?",
    "Can you tell me what this is?",
    "Do you know what this is?",
    "Could you say what is in the picture?",
    "Name the object.",
    "Name this thing.",
    "Name what you see.",
    "Please name the object in the picture.",
    "Tell me what this is.",
    "Tell me what you see.",
    "Say what is in the image.",
    "Identify the object.",
    "Identify the object in this image.",
    "Describe the picture.",
    "Describe the image.",
    "Describe this picture in a few words.",
    "Please describe what you see.",
    "Give me the name of this object.",
)
NAMING_DIGITS = (
    "Which digit is this?",
    "What digit is this?",
    "What number is this?",
    "Which number do you see?",
    "Which digit is written here?",
    "Read the digit.",
    "Read the number.",
    "What does it say?",
)
CATEGORISING = (
    "What kind of thing is it?",
    "What kind of thing is this?",
    "What sort of thing is it?",
    "What type of object is this?",
    "Which category does it belong to?",
)
CAPTIONS = (
    "{phrase}",
    "a picture of {phrase}",
    "this is a picture of {phrase}",
    "{phrase}, {category}",
    "a picture of {phrase}, {category}",
    "here you see {phrase}",
    "the picture shows {phrase}",
    "an image of {phrase}",
)
NO_PICTURE = "I do not see a picture. Please show me one."
SMALL_TALK = {
    "Hello! Show me a picture and I will name what I see.": ("Hello!", "Hello", "Hi", "Hi!", "Hey there", "Good day."),
    "I am a very small vision-language model. I can name things in pictures.": (
        "Who are you?",
        "What are you?",
        "What can you do?",
        "Tell me about yourself.",
    ),
    "You are welcome.": ("Thank you.", "Thanks!", "Thank you very much."),
    "Goodbye!": ("Bye", "Goodbye!", "See you later."),
    "I am well, thank you.": ("How are you?", "How do you do?"),
}


def pick(rng: np.random.Generator, options: tuple):
    """One of the options, all equally likely."""
    return options[rng.integers(len(options))]


def typed(rng: np.random.Generator, question: str) -> str:
    """The question as people type it: now and then in small letters or without its last mark."""
    style = rng.random()
    if style < 0.12:
        question = question.lower()
    if 0.06 < style < 0.18:
        question = question.rstrip("?.")
    return question


def capital(sentence: str) -> str:
    """The sentence with its first letter as a capital."""
    return sentence[0].upper() + sentence[1:]


def caption(rng: np.random.Generator, kind: Kind) -> str:
    """A caption, worded in one of several ways."""
    return pick(rng, CAPTIONS).format(phrase=kind.phrase, category=kind.category_phrase)


def name_answer(kind: Kind) -> str:
    """The one way to name a thing: "It is an elephant."."""
    return f"{kind.pronoun_is} {kind.phrase}."


def naming_turn(rng: np.random.Generator, kind: Kind) -> tuple[str, str]:
    """A question for the name and its answer."""
    is_digit = kind.category == "digit" and rng.random() < 0.5
    return typed(rng, pick(rng, NAMING_DIGITS if is_digit else NAMING)), name_answer(kind)


def category_turn(rng: np.random.Generator, kind: Kind) -> tuple[str, str]:
    """A question for the category and its answer."""
    return typed(rng, pick(rng, CATEGORISING)), f"It is {kind.category_phrase}."


def yes_no_turn(rng: np.random.Generator, kind: Kind) -> tuple[str, str]:
    """A guess at name or category, right half of the time, and the true reply."""
    right = rng.random() < 0.5
    if rng.random() < 0.7:
        others = DIGIT_KINDS if kind.category == "digit" else range(len(KINDS))
        guess = kind if right else KINDS[others[rng.integers(len(others))]]
        asked, truth, right = guess.phrase, kind.phrase, guess is kind
        pronoun = kind.pronoun_is.lower()
    else:
        guess = kind.category if right else pick(rng, tuple(CATEGORY_PHRASES))
        asked, truth, right = CATEGORY_PHRASES[guess], kind.category_phrase, guess == kind.category
        pronoun = "it is"
    question = pick(rng, ("Is this {}?", "Is it {}?", "Is that {}?", "Do you see {}?")).format(asked)
    return typed(rng, question), f"{'Yes' if right else 'No'}, {pronoun} {truth}."


def text_turn(rng: np.random.Generator, kind: Kind, tags: dict[str, list[str]]) -> tuple[str, str]:
    """A question that needs no picture, and its answer.

    Args:
        rng (`np.random.Generator`): Decides which question.
        kind (`Kind`): What it may be about.
        tags (`dict[str, list[str]]`): Words that go with an icon, by icon name.
    """
    verb, style = ("are" if kind.plural else "is"), rng.random()
    if style < 0.45:
        question = pick(rng, (f"What {verb} {kind.phrase}?", f"Tell me what {kind.phrase} {verb}."))
        return typed(rng, question), f"{capital(kind.phrase)} {verb} {kind.category_phrase}."
    if style < 0.6:
        category = kind.category if rng.random() < 0.5 else pick(rng, tuple(CATEGORY_PHRASES))
        reply = "Yes" if category == kind.category else "No"
        question = f"{capital(verb)} {kind.phrase} {CATEGORY_PHRASES[category]}?"
        return typed(rng, question), f"{reply}, {kind.phrase} {verb} {kind.category_phrase}."
    if style < 0.75 and kind.icon in tags:
        return typed(rng, f"Which words go with {kind.phrase}?"), capital(", ".join(tags[kind.icon])) + "."
    if style < 0.88:
        return typed(rng, pick(rng, NAMING)), NO_PICTURE
    answer = pick(rng, tuple(SMALL_TALK))
    return typed(rng, pick(rng, SMALL_TALK[answer])), answer
