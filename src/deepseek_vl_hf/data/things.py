"""`things.json` comes in; what pictures show goes out: its names in English and Chinese, and what is always true of it.

Names and words that go with them were chosen with the help of emojibase-data (MIT). An attribute that depends on the drawing, or
that people may argue about, is None and is not asked about.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


# category -> noun phrase in English, its plural, and the noun and the word to count it with in Chinese; an empty word: not counted
CATEGORIES: dict[str, tuple[str, str, str, str]] = {
    "animal": ("an animal", "animals", "动物", "只"),
    "plant": ("a plant", "plants", "植物", "株"),
    "food": ("food", "pieces of food", "食物", "份"),
    "drink": ("a drink", "drinks", "饮料", "份"),
    "kitchen": ("something for the kitchen", "", "厨房用品", ""),
    "household": ("a household object", "", "家居用品", ""),
    "building": ("a building", "buildings", "建筑物", "座"),
    "nature": ("something in nature", "", "自然界的事物", ""),
    "vehicle": ("a vehicle", "vehicles", "交通工具", "个"),
    "street": ("something on the street", "", "街道设施", ""),
    "tool": ("a tool", "", "工具", ""),
    "medical": ("something for medicine or science", "", "医疗或科学用品", ""),
    "device": ("a device", "", "设备", ""),
    "desk": ("something for the desk", "", "文具或办公用品", ""),
    "money": ("something to do with money", "", "与钱有关的东西", ""),
    "party": ("something for a celebration", "", "节庆用品", ""),
    "prize": ("a prize or a piece of jewellery", "", "奖品或首饰", ""),
    "sport": ("something for sport", "", "体育用品", ""),
    "toy": ("something for play or fun", "", "玩乐用品", ""),
    "clothing": ("something to wear or carry", "", "穿戴用品", ""),
    "instrument": ("something for music", "", "与音乐有关的东西", ""),
    "amusement": ("something in a park for fun", "", "游乐设施", ""),
    "person": ("a person", "people", "人", "个"),
    "character": ("a character", "", "虚构的角色", ""),
    "face": ("a face", "faces", "脸", "张"),
    "body": ("a part of the body, or a gesture", "", "身体部位或手势", ""),
    "symbol": ("a symbol", "", "符号", ""),
    "other": ("", "", "", ""),
}
# Categories that nobody takes for each other. For each category that a thing may have: which of them it is surely not.
SURE = ("animal", "plant", "food", "drink", "building", "vehicle", "clothing", "instrument")
UNSURE: dict[str, tuple[str, ...]] = {
    "animal": ("food",),
    "plant": ("food",),
    "food": ("plant", "animal", "drink"),
    "drink": ("food", "plant"),
    "kitchen": ("food", "drink"),
    "household": ("building", "clothing", "instrument"),
    "building": (),
    "nature": ("plant", "animal", "building", "food", "drink"),
    "vehicle": ("clothing",),
    "street": ("building", "vehicle"),
    "tool": ("vehicle", "clothing", "instrument", "food", "animal"),
    "medical": ("food", "drink", "animal", "clothing"),
    "device": ("clothing", "instrument"),
    "desk": ("clothing",),
    "money": ("clothing",),
    "party": ("food", "plant", "instrument", "animal", "clothing"),
    "prize": ("clothing",),
    "sport": ("clothing", "building", "vehicle"),
    "toy": ("animal", "instrument", "clothing", "building", "plant"),
    "clothing": (),
    "instrument": (),
    "amusement": ("building", "vehicle", "animal"),
    "person": SURE,
    "character": SURE,
    "face": ("animal", "clothing", "food"),
    "body": ("animal", "food", "clothing"),
    "symbol": SURE,
    "other": SURE,
}
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ZH_NUMBERS = ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
PEOPLE = ("person", "face", "character")  # they have faces, wear and hold things
APART_FROM_PEOPLE = (
    "animal",
    "plant",
    "food",
    "drink",
    "vehicle",
    "building",
    "nature",
)  # what they do not have or hold
WITH_BODIES = ("animal", "person", "face", "character", "toy")


@dataclass(frozen=True)
class Thing:
    """A nameable thing.

    Args:
        name: In English, without article: "fire engine".
        icons: How icon sets call its drawings, without vendor.
        category: Key of `CATEGORIES`.
        zh: Its name in Chinese, without number: "消防车".
        measure: The word to count it with in Chinese; empty where it is not counted.
        article: "a", "an", "the", or empty.
        plural: Whether its English name is a plural: "scissors".
        many: What follows a number in English: "fire engines", "pairs of scissors"; empty where a drawing shows no definite number.
        synonyms: Further English names that count as right, also wider ones: "bird" for a dove.
        zh_synonyms: The same in Chinese.
        kin: Labels of what it may be confused with: two things that share a label never stand beside each other, nor is one of them
            said to be absent where the other is. A label that is a category means all things of it.
        group: A narrower kind: "mammal", "fruit", "string"; for vehicles where they move.
        legs: How many it has.
        wheels: How many it has.
        flies: Whether it can fly by itself.
        water: Whether it lives in water.
        electric: Whether it works with electricity.
        use: What it is for, as a verb phrase in English and in Chinese; or None.
        feeling: How a face feels, in English and in Chinese; or None.
        excluded: Drawings, as "vendor/icon", that show something else.
    """

    name: str
    icons: tuple[str, ...]
    category: str
    zh: str
    measure: str = ""
    article: str = "a"
    plural: bool = False
    many: str = ""
    synonyms: tuple[str, ...] = ()
    zh_synonyms: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()
    group: str = ""
    legs: int | None = None
    wheels: int | None = None
    flies: bool | None = None
    water: bool | None = None
    electric: bool | None = None
    use: tuple[str, str] | None = None
    feeling: tuple[str, str] | None = None
    excluded: tuple[str, ...] = ()

    def named(self, language: str) -> str:
        """The bare name: "fire engine", "消防车"."""
        return self.name if language == "en" else self.zh

    def phrase(self, language: str) -> str:
        """The name as people say it of one: "a fire engine", "一辆消防车"."""
        if language == "en":
            return f"{self.article} {self.name}".strip()
        return f"一{self.measure}{self.zh}" if self.measure else self.zh

    def definite(self, language: str) -> str:
        """The name of what was spoken of: "the fire engine", "消防车"; a proper name stands alone."""
        if language == "zh":
            return self.zh
        return self.name if self.name[0].isupper() and not self.article else f"the {self.name}"

    def counted(self, language: str, number: int) -> str:
        """So many of them: "three fire engines", "三辆消防车"; one as in `phrase`."""
        if number == 1:
            return self.phrase(language)
        if language == "en":
            return f"{NUMBERS[number]} {self.many}"
        return f"{ZH_NUMBERS[number]}{self.measure}{self.zh}"

    def answers(self, language: str) -> tuple[str, ...]:
        """Every name that counts as right, the usual one first."""
        return (self.name, *self.synonyms) if language == "en" else (self.zh, *self.zh_synonyms)

    @property
    def countable(self) -> bool:
        """Whether a drawing shows just one of it, so that drawings can be counted."""
        return bool(self.many and self.measure)

    @property
    def bare(self) -> bool:
        """Whether it is a mere shape, which cards and squared paper show as well."""
        return "shape" in self.kin

    @property
    def never(self) -> tuple[str, ...]:
        """Categories of `SURE` that it surely does not belong to."""
        return tuple(name for name in SURE if name != self.category and name not in UNSURE[self.category])


def alike(one: Thing, other: Thing) -> bool:
    """Whether somebody may call the one by the name of the other, or see it as a part of the other."""
    labels, others = {*one.kin}, {*other.kin}
    if one.name == other.name or labels & others or other.category in labels or one.category in others:
        return True
    if {*one.answers("en")} & {*other.answers("en")} or {*one.answers("zh")} & {*other.answers("zh")}:
        return True
    for this, that in ((one, other), (other, one)):
        if this.category in PEOPLE and that.category not in APART_FROM_PEOPLE:
            return True
        if this.category == "body" and that.category in WITH_BODIES:
            return True
    return False


def absent(shown: Iterable[Thing], things: Iterable[Thing]) -> list[Thing]:
    """Those of some things that are surely not in a picture of what is shown."""
    shown = tuple(shown)
    return [thing for thing in things if not any(alike(thing, other) for other in shown)]


def pluralised(name: str) -> str:
    """The plural of an English noun phrase that follows the rules."""
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return name + "es"
    if name.endswith("y") and name[-2] not in "aeiou":
        return name[:-1] + "ies"
    return name + "s"


def _thing(entry: dict[str, Any]) -> Thing:
    name = entry["name"]
    usual = {
        "many": "" if entry.get("plural") else pluralised(name),
        "article": "" if entry.get("plural") else "an" if name[0].lower() in "aeiou" else "a",
    }
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Thing(**{**usual, **given})


def read_things(path: Path) -> tuple[Thing, ...]:
    """Read a table of things."""
    return tuple(map(_thing, json.loads(path.read_text(encoding="utf-8"))))


THINGS = read_things(Path(__file__).parent / "things.json")
BY_NAME = {thing.name: thing for thing in THINGS}
