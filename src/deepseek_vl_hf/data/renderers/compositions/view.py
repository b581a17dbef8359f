"""What stands where in a picture of several things, as questions need it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ...drawings import Drawing
from ...things import CATEGORIES, Thing
from ..staging import Box
from .layouts import Layout


@dataclass(frozen=True)
class Placed:
    """A drawing in a picture.

    Args:
        drawing: What it is.
        box: Where, in pixels.
        cell: Row and column; or None.
        card: Name of the colour of the card behind it; or empty.
        height: Of what is visible, as a share of the picture's height.
    """

    drawing: Drawing
    box: Box
    cell: tuple[int, int] | None
    card: str
    height: float

    @property
    def thing(self) -> Thing:
        """What the drawing shows."""
        return self.drawing.thing


@dataclass(frozen=True)
class View:
    """A picture of several things.

    Args:
        layout: How they lie.
        placed: Every drawing, row by row where there are rows.
    """

    layout: Layout
    placed: tuple[Placed, ...]

    @cached_property
    def counts(self) -> dict[Thing, int]:
        """How many there are of each thing, in the order of the picture."""
        return dict(Counter(each.thing for each in self.placed))

    @property
    def things(self) -> list[Thing]:
        """Every thing once."""
        return list(self.counts)

    @cached_property
    def single(self) -> list[Placed]:
        """What is there just once, so that one may speak of *the* cat."""
        return [each for each in self.placed if self.counts[each.thing] == 1]

    @cached_property
    def by_cell(self) -> dict[tuple[int, int], Placed]:
        """What stands at a row and column."""
        return {each.cell: each for each in self.placed if each.cell is not None}

    @property
    def cards(self) -> bool:
        """Whether there are cards behind the things."""
        return bool(self.placed[0].card)

    def sure_category(self, category: str) -> bool:
        """Whether each thing surely belongs to a category, or surely does not."""
        return all(thing.category == category or category in thing.never for thing in self.things)


def listed(parts: Sequence[str], language: str) -> str:
    """Several phrases as one: "a cat, a dog and a bird", "一只猫、一只狗和一只鸟"."""
    comma, last = (", ", " and ") if language == "en" else ("、", "和")
    return last.join(part for part in (comma.join(parts[:-1]), parts[-1]) if part)


def many_of(thing: Thing, language: str) -> str:
    """The plural where English has one."""
    return thing.many if language == "en" else thing.zh


def category_name(category: str, language: str, plural: bool = False) -> str:
    """A category in words: "animals", "动物"."""
    one, many, zh, _ = CATEGORIES[category]
    if language == "zh":
        return zh
    return many if plural and one.startswith(("a ", "an ")) else one
