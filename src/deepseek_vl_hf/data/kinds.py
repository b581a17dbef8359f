"""The things a nano can name: `kinds.json` comes in, a tuple of `Kind` with English phrases goes out.

A kind's position in `KINDS` is its class index everywhere. The ten digits follow the things; the background is the
index after the last digit.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path


CATEGORY_PHRASES = {
    "animal": "an animal",
    "plant": "a plant",
    "food": "food",
    "drink": "a drink",
    "household": "a household object",
    "building": "a building",
    "nature": "something in nature",
    "vehicle": "a vehicle",
    "street": "something on the street",
    "shape": "a shape",
    "party": "something for a party",
    "prize": "a prize",
    "jewellery": "jewellery",
    "sport": "something for sport",
    "toy": "a toy",
    "clothing": "something to wear",
    "instrument": "a musical instrument",
    "device": "a device",
    "tool": "a tool",
    "desk": "something for the desk",
    "money": "money",
    "character": "a character",
    "face": "a face",
    "body": "a part of the body",
    "digit": "a digit",
}


@dataclass(frozen=True)
class Kind:
    """A nameable thing.

    Args:
        name (`str`):
            Plain English, without article: "fire engine".
        icon (`str`):
            Icon name that every vendor uses for it; empty for a digit.
        category (`str`):
            Key of `CATEGORY_PHRASES`.
        article (`str`):
            "a", "an", "the", or empty for plurals and for what is not counted.
        plural (`bool`):
            Whether English says "they are" of it.
        synonyms (`tuple[str, ...]`):
            Further names that count as right.
    """

    name: str
    icon: str
    category: str
    article: str
    plural: bool = False
    synonyms: tuple[str, ...] = ()

    @property
    def phrase(self) -> str:
        """The name as a noun phrase: "an elephant", "grapes", "the sun"."""
        return f"{self.article} {self.name}".strip()

    @property
    def category_phrase(self) -> str:
        """The category as a noun phrase: "an animal", "food"."""
        return CATEGORY_PHRASES[self.category]

    @property
    def pronoun_is(self) -> str:
        """How a sentence about it starts: "It is" or "They are"."""
        return "They are" if self.plural else "It is"

    @property
    def answers(self) -> tuple[str, ...]:
        """Every name that counts as right, the usual one first."""
        return (self.name, *self.synonyms)


def read_kinds(path: Path) -> tuple[Kind, ...]:
    """Read a table of things and append the ten digits."""
    things = []
    for entry in json.loads(path.read_text(encoding="utf-8")):
        default_article = "an" if entry["name"][0] in "aeiou" else "a"
        things.append(
            Kind(
                name=entry["name"],
                icon=entry["icon"],
                category=entry["category"],
                article=entry.get("article", default_article),
                plural=entry.get("plural", False),
                synonyms=tuple(entry.get("synonyms", ())),
            )
        )
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    digits = [
        Kind(name=f"digit {value}", icon="", category="digit", article="the", synonyms=(str(value), word))
        for value, word in enumerate(words)
    ]
    return (*things, *digits)


KINDS = read_kinds(Path(__file__).parent / "kinds.json")
DIGIT_KINDS = tuple(index for index, kind in enumerate(KINDS) if kind.category == "digit")
THING_KINDS = tuple(index for index, kind in enumerate(KINDS) if kind.category != "digit")
BACKGROUND = len(KINDS)


def is_named(answer: str, kind: Kind) -> bool:
    """Whether an answer names `kind`.

    The longest name of any kind that stands in the answer as whole words decides: "a hot dog" names no dog.
    """
    found = [
        (len(name), other.name)
        for other in KINDS
        for name in other.answers
        if re.search(rf"\b{re.escape(name)}\b", answer, re.IGNORECASE)
    ]
    longest = max(found, default=(0, ""))[0]
    return (longest, kind.name) in found
