"""A renderer, a seed and a number come in; a row with a picture, and questions whose answers are known, goes out.

A renderer makes pictures of one kind: documents, charts, scenes. It takes every decision from a `Draw`, so that the same seed,
split and index give the same row anywhere; and it asks the draw for whatever a test may ask about, so that nothing held out
gets into training (see `splits`).

    class Charts(Renderer):
        name = "charts"
        tasks = ("analysis/data-chart-analysis/graph-interpretation",)
        licence = "CC0-1.0"

        def render(self, draw):
            values = draw.made("chart", lambda rng: rng.integers(1, 100, 4).tolist())
            font = draw.item("font", self.assets.fonts(draw.language), key=lambda font: font.name)
            ...
            return Rendered([save(draw, picture, "screen")], [Ask(task, question, answer), ...])
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar
from zlib import crc32

import numpy as np

from .rows import chat_row
from .splits import SPLITS, Split, is_held_out, item, of_split
from .taxonomy import TEXT


Language = Literal["en", "zh"]
ALSO_HELD_OUT = 0.3  # in a test: how often a further item, beyond the first, is held out as well
TRIES = 50  # of making an item of the wanted split, or a row
FALSE_SHARE = 0.06  # of the questions: about what the picture does not show (taxonomy, safety)
MORE_TURNS = 0.35  # how often a picture is asked about once more
T = TypeVar("T")


class CannotRenderError(ValueError):
    """What was drawn does not fit together, as a word wider than its page; the row is drawn again."""


class Draw:
    """Every decision behind a row.

    Args:
        seed: Of the whole build.
        renderer: Name of who draws.
        split: "train" or "test".
        index: Of the row among those of this renderer and split.
        language: Of what is in the picture and of what is asked.
        attempt: How often this row has been drawn before.
    """

    def __init__(
        self, seed: int, renderer: str, split: Split, index: int, language: Language = "en", attempt: int = 0
    ):
        words = [seed, crc32(renderer.encode()), SPLITS.index(split), index, crc32(language.encode()), attempt]
        self.rng = np.random.default_rng(words)
        self.split, self.language = split, language
        self.items: list[str] = []

    @property
    def has_held_out(self) -> bool:
        """Whether an item drawn so far is held out."""
        return any(map(is_held_out, self.items))

    def chance(self, probability: float) -> bool:
        """True with a probability."""
        return bool(self.rng.random() < probability)

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        return int(self.rng.integers(low, high + 1))

    def between(self, low: float, high: float) -> float:
        """A number from `low` up to `high`."""
        return float(self.rng.uniform(low, high))

    def pick(self, options: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """One of the options."""
        if weights is None:
            return options[int(self.rng.integers(len(options)))]
        shares = np.cumsum(weights)
        return options[int(np.searchsorted(shares, self.rng.random() * shares[-1], side="right"))]

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """Several of the options, none twice."""
        return [options[index] for index in self.rng.choice(len(options), size=count, replace=False).tolist()]

    def item(self, kind: str, options: Sequence[T], key: Callable[[T], str] = str) -> T:
        """One of the options that this split may show: what can be held out is always drawn this way, or by `made`.

        Args:
            kind: What they are: "text", "font", "drawing".
            options: All there are.
            key: Names an option.

        Raises:
            CannotRenderError: if this split may show none of them.
        """
        want = self._wanted()
        for _ in range(TRIES):  # nearly always at once; looking through all of many options takes longer
            found = self.pick(options)
            name = item(kind, key(found))
            if is_held_out(name) == (want == "test"):
                break
        else:
            pool = of_split(options, kind, want, key)
            if not pool and self.split == "test":
                pool = options
            if not pool:
                raise CannotRenderError(
                    f"found {len(options)} of kind {kind!r}, all of them held out, expected others"
                )
            found = self.pick(pool)
            name = item(kind, key(found))
        self.items.append(name)
        return found

    def made(self, kind: str, make: Callable[[np.random.Generator], T], key: Callable[[T], str] = repr) -> T:
        """Something that is made up, made anew until this split may show it.

        Raises:
            CannotRenderError: if none of many was of this split.
        """
        want = self._wanted()
        for _ in range(10 * TRIES):
            found = make(self.rng)
            name = item(kind, key(found))
            if is_held_out(name) == (want == "test"):
                self.items.append(name)
                return found
        raise CannotRenderError(f"made {10 * TRIES} of kind {kind!r}, none for split {want!r}")

    def _wanted(self) -> Split:
        """In a test the first item is held out, and some of the others are."""
        if self.split == "train":
            return "train"
        return "test" if not self.has_held_out or self.chance(ALSO_HELD_OUT) else "train"

    def phrase(self, wordings: Mapping[str, Sequence[str]], **fields: Any) -> str:
        """One of the wordings in the language of the row, with its fields filled in.

        Args:
            wordings: By language: {"en": ("How many {things} are there?", ...), "zh": ("有几个{things}？", ...)}.
            fields: What stands in the braces.
        """
        return self.pick(wordings[self.language]).format(**fields)


@dataclass(frozen=True)
class Ask:
    """A question that a picture answers.

    Args:
        task: Node of the taxonomy.
        question: In the language of the row.
        answer: True by construction.
        weight: How often it is chosen, beside the others about the same picture.
    """

    task: str
    question: str
    answer: str
    weight: float = 1.0


@dataclass(frozen=True)
class Asking:
    """How it is chosen what is asked about a picture.

    Args:
        more_turns: How often a picture is asked about once more, and then again.
        false_share: Share of the questions that are about what the picture does not show, where a renderer has such.
        weights: Factors on the weights of questions, by node of the taxonomy or what it begins with.

    Raises:
        ValueError: if a share or a factor is out of range.
    """

    more_turns: float = MORE_TURNS
    false_share: float = FALSE_SHARE
    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self):
        if not 0 <= self.more_turns < 1 or not 0 <= self.false_share <= 1:
            raise ValueError(
                f"found more_turns={self.more_turns} and false_share={self.false_share}, expected the first from 0 to below 1, "
                "the second from 0 to 1"
            )
        if wrong := {task: factor for task, factor in self.weights.items() if not factor > 0}:
            raise ValueError(f"found weights {wrong}, expected factors above 0")

    def weight(self, ask: Ask) -> float:
        """The weight of a question."""
        factors = [factor for task, factor in self.weights.items() if f"{ask.task}/".startswith(f"{task}/")]
        return ask.weight * math.prod(factors)


@dataclass
class Rendered:
    """What a renderer makes: pictures and questions, or a text.

    Args:
        images: Encoded files, as `damage.save` gives them.
        asks: Questions that the pictures answer; some of them are put.
        false_asks: Questions about what the pictures do not show, whose answers say so.
        licence: SPDX expression where it differs from the renderer's, but for what `Assets.taken` notes; after `render`, of everything.
        text: A document instead of questions, with `rows.PLACEHOLDER` where each picture stands.
        in_order: Whether all questions are put, one after the other.
    """

    images: list[bytes] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    false_asks: list[Ask] = field(default_factory=list)
    licence: str | None = None
    text: str | None = None
    in_order: bool = False


class Renderer:
    """What makes pictures of one kind. Subclasses say what they are and override `render`.

    Args:
        assets: Where fonts, texts and drawings come from.
    """

    name: ClassVar[str]  # as recipes say it
    tasks: ClassVar[tuple[str, ...]]  # nodes of the taxonomy that its questions serve
    licence: ClassVar[str]  # SPDX, of the rows
    languages: ClassVar[tuple[Language, ...]] = ("en", "zh")
    packages: ClassVar[tuple[str, ...]] = ()  # that must be importable, beyond what the package itself needs

    def __init__(self, assets):
        self.assets = assets

    def render(self, draw: Draw) -> Rendered:
        """Make one picture, or several that belong together, and all questions about them.

        Raises:
            CannotRenderError: if what was drawn does not fit together; the row is then drawn again.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what is open, as a browser."""


def render(renderer: Renderer, draw: Draw) -> Rendered:
    """Make a picture and its questions, with the licence of all that they show: also of texts, words and photographs from assets.

    Raises:
        CannotRenderError: if what was drawn does not fit together.
    """
    taken: set[str] = getattr(renderer.assets, "taken", set())
    taken.clear()
    rendered = renderer.render(draw)
    rendered.licence = all_of([rendered.licence or renderer.licence, *taken])
    return rendered


def all_of(licences: Iterable[str]) -> str:
    """The SPDX expression of what is under several licences, each of them an expression without "OR"."""
    return " AND ".join(sorted({part for licence in licences for part in licence.split(" AND ")}))


def render_row(
    renderer: Renderer,
    seed: int,
    split: Split,
    index: int,
    language: Language = "en",
    asking: Asking = Asking(),
) -> dict[str, Any]:
    """Make the row of an index.

    Args:
        renderer: Who draws.
        seed: Of the whole build.
        split: "train" or "test".
        index: Of the row among those of this renderer and split.
        language: Of what is in the picture and of what is asked.
        asking: How it is chosen what is asked.

    Returns:
        A row as `rows` describes it, with encoded pictures.

    Raises:
        CannotRenderError: if the renderer failed at each of many attempts.
    """
    for attempt in range(TRIES):
        draw = Draw(seed, renderer.name, split, index, language, attempt)
        try:
            rendered = render(renderer, draw)
        except CannotRenderError as error:
            reason = error
            continue
        if draw.has_held_out != (split == "test"):
            reason = CannotRenderError(
                f"found items {draw.items}, expected one that is held out in split 'test' alone"
            )
            continue
        return _compose(renderer, draw, rendered, f"{renderer.name}/{split}/{index:08d}", asking)
    raise CannotRenderError(f"{renderer.name}: row {index} of {split} failed {TRIES} times, at last because: {reason}")


def _compose(renderer: Renderer, draw: Draw, rendered: Rendered, name: str, asking: Asking) -> dict[str, Any]:
    """Choose what is asked, and say what the row is."""
    pictures = [{"bytes": image, "path": None} for image in rendered.images]
    if rendered.text is not None:
        task, row = TEXT, {"text": rendered.text, "images": pictures}
    else:
        asks = _choose(draw, rendered, asking)
        task, row = asks[0].task, chat_row(*((ask.question, ask.answer) for ask in asks), images=pictures)
    return {
        **row,
        "source": renderer.name,
        "task": task,
        "licence": rendered.licence,
        "language": draw.language,
        "id": name,
        "items": sorted(set(draw.items)),
    }


def _choose(draw: Draw, rendered: Rendered, asking: Asking) -> list[Ask]:
    """Choose what is asked."""
    if rendered.in_order:
        return rendered.asks
    if rendered.false_asks and draw.chance(asking.false_share):
        asks = [draw.pick(rendered.false_asks)]
    else:
        asks = [draw.pick(rendered.asks, list(map(asking.weight, rendered.asks)))]
    while draw.chance(asking.more_turns):
        rest = [ask for ask in rendered.asks if all(ask.answer != other.answer for other in asks)]
        if not rest:
            break
        asks.append(draw.pick(rest, list(map(asking.weight, rest))))
    return asks
