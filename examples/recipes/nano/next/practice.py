"""A page and what is on it come in; a short conversation about some of its cells goes out: what the language model practises on.

A picture costs 144 visual tokens, most of which show nothing. So a row has those cells that what is asked about lies in, and mostly
few others, which makes it several times as short; in the rest of the rows it has all.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from labels import CODES, GRID, SLOTS, START, THING, THING_CODES

from deepseek_vl_hf.data.drawings import Drawing
from deepseek_vl_hf.data.renderers.compositions import wordings as places
from deepseek_vl_hf.data.renderers.handwriting.asks import READ as READ_BY_HAND
from deepseek_vl_hf.data.renderers.lines.questions import READ
from deepseek_vl_hf.data.renderers.lines.wordings import W
from deepseek_vl_hf.data.renderers.things.asks import Scene, category, naming, sentence, verbs
from deepseek_vl_hf.data.rendering import Draw
from deepseek_vl_hf.data.things import THINGS


ALL_CELLS = 0.35  # share of the rows that have every cell
LONGEST = 260  # characters of an answer
APART = 0.12  # of a page, between the middles of two things of which one is said to be left of the other
SIDES = {"en": (("Left.", "Right."), ("Above.", "Below.")), "zh": (("左边。", "右边。"), ("上面。", "下面。"))}


@dataclass(frozen=True)
class Exercise:
    """A conversation about some cells of a page.

    Args:
        cells: Their numbers, in reading order.
        turns: Questions with their answers.
    """

    cells: np.ndarray
    turns: tuple[tuple[str, str], ...]


def exercise(draw: Draw, labels: np.ndarray, contents: dict, drawings: dict[str, Drawing]) -> Exercise | None:
    """Make an exercise.

    Args:
        draw: Decides what is asked, in its language.
        labels: (G, G, 9), as `pages` has them.
        contents: As contents.jsonl has them.
        drawings: By key.

    Returns:
        None where the page shows nothing that can be asked about.
    """
    texts = [text for text, _, _ in contents["texts"]]
    things = [
        (drawings[key], x, y)
        for key, x, y, _ in contents["things"]
        if THING_CODES[drawings[key].thing.name] in labels[..., THING]
    ]
    if things and (not texts or draw.chance(0.5)):
        return _about_things(draw, labels, things)
    return _about_texts(draw, labels, texts) if texts else None


# Print and handwriting.


def _about_texts(draw: Draw, labels: np.ndarray, texts: list[str]) -> Exercise | None:
    """Read what is written; of many blocks, one. None where its cells do not have all of it, as of very small print."""
    text = draw.pick(texts)
    cells = follow(labels, text) if len(text) <= LONGEST else None
    if cells is None:
        return None
    return Exercise(_some(draw, cells, every=len(texts) == 1), ((_reading(draw, text), text),))


def follow(labels: np.ndarray, text: str) -> np.ndarray | None:
    """The cells (G, G) of a text, if its start is in one place alone and all of it is there."""
    found = np.zeros((GRID, GRID), bool)
    flat = labels.reshape(-1, labels.shape[-1])
    starts = np.flatnonzero((flat[:, 2] == CODES[START]) & (flat[:, SLOTS.start] == CODES.get(text[0], -1)))
    codes = [CODES.get(letter, -1) for letter in text]
    whole = []
    for start in starts.tolist():
        place, cells, read = start, [], 0
        while read < len(codes):
            slots = [code for code in flat[place, SLOTS].tolist() if code]
            if not slots or slots[: len(codes) - read] != codes[read : read + len(slots)]:
                break
            cells.append(place)
            read += len(slots)
            if read >= len(codes):
                break
            before = [codes[read - 1], codes[read - 2] if read > 1 else CODES[START]]
            nexts = np.flatnonzero((flat[:, 2:4] == before).all(1) & (flat[:, SLOTS.start] == codes[read])).tolist()
            nexts = [each for each in nexts if each not in cells]
            if not nexts:
                break
            place = min(
                nexts, key=lambda each: abs(each // GRID - place // GRID) * 3 + abs(each % GRID - place % GRID)
            )
        if read >= len(codes):
            whole.append(cells)
    if len(whole) != 1:
        return None
    found.reshape(-1)[whole[0]] = True
    return found


def _reading(draw: Draw, text: str) -> str:
    """A question for what is written."""
    if len(text) == 1 and text.isdigit() and draw.chance(0.6):
        return draw.phrase(READ_BY_HAND["digit"])
    return draw.phrase(READ if draw.chance(0.6) else W["read"])


# Things.


def _about_things(draw: Draw, labels: np.ndarray, things: list[tuple[Drawing, float, float]]) -> Exercise | None:
    """Name one of them, from its cells alone; count them; say where they are, or what is there."""
    drawing = draw.pick(things)[0]
    if len(things) == 1 or draw.chance(0.62):
        cells = labels[..., THING] == THING_CODES[drawing.thing.name]
        asks = naming(draw, Scene(drawing, None, None), THINGS)
        asks += category(draw, drawing.thing)
        first = asks[0] if draw.chance(0.6) else draw.pick(asks, [ask.weight for ask in asks])
        turns = [(first.question, first.answer)]
        if draw.chance(0.3):
            more = draw.pick(asks, [ask.weight for ask in asks])
            turns += [(more.question, more.answer)] if more.answer != first.answer else []
        return Exercise(_some(draw, cells, every=len(things) == 1), tuple(turns))
    drawn = labels[..., THING] > 0
    makers = [_counts, _sides, _list, _presence]
    turns = [turn for turn in (draw.pick(makers, (3, 4, 1, 1))(draw, things) for _ in range(draw.whole(1, 2))) if turn]
    return Exercise(_some(draw, drawn), tuple(dict.fromkeys(turns))) if turns else None


def _counts(draw: Draw, things) -> tuple[str, str] | None:
    """How many there are of one thing, or of all."""
    counts = Counter(drawing.thing for drawing, _, _ in things)
    countable = [thing for thing in counts if thing.countable]
    if not countable:
        return None
    thing = draw.pick(countable, [counts[each] ** 2 for each in countable])
    count = counts[thing]
    if draw.chance(0.15):
        total = len(things)
        return draw.phrase(places.TOTAL), str(total) if draw.language == "en" else f"{total}个"
    question = draw.phrase(places.HOW_MANY, many=thing.many, zh=thing.zh, measure=thing.measure)
    return question, str(count) if draw.language == "en" else f"{count}{thing.measure}"


def _sides(draw: Draw, things) -> tuple[str, str] | None:
    """On which side of another a thing is, both there once."""
    counts = Counter(drawing.thing for drawing, _, _ in things)
    single = [each for each in things if counts[each[0].thing] == 1]
    if len(single) < 2:
        return None
    one, other = draw.sample(single, 2)
    axis = draw.whole(0, 1)
    apart = one[1 + axis] - other[1 + axis]
    if abs(apart) < APART:
        return None
    wordings = (places.LEFT_OR_RIGHT, places.ABOVE_OR_BELOW)[axis]
    names = [each[0].thing.definite(draw.language) for each in (one, other)]
    question = draw.phrase(wordings, one=names[0], other=names[1], **verbs(one[0].thing))
    return question[0].upper() + question[1:], SIDES[draw.language][axis][int(apart > 0)]


def _list(draw: Draw, things) -> tuple[str, str] | None:
    """What is there, from left to right or from the top."""
    if len(things) > 3:
        return None
    axis = draw.whole(0, 1)
    ordered = sorted(things, key=lambda each: each[1 + axis])
    if any(two[1 + axis] - one[1 + axis] < APART for one, two in pairwise(ordered)):
        return None
    phrases = [drawing.thing.phrase(draw.language) for drawing, _, _ in ordered]
    if draw.language == "zh":
        return f"{('从左到右', '从上到下')[axis]}有什么？", sentence("、".join(phrases), "zh")
    way = ("left to right", "top to bottom")[axis]
    return f"What is there, from {way}?", sentence(", ".join(phrases), "en")


def _presence(draw: Draw, things) -> tuple[str, str] | None:
    """Whether a thing is there."""
    shown = {drawing.thing.name for drawing, _, _ in things}
    thing = draw.pick(things)[0].thing if draw.chance(0.5) else draw.pick(THINGS)
    question = draw.phrase(places.THERE, phrase=thing.phrase("en"), zh=thing.zh)
    if thing.plural and draw.language == "en":
        question = question.replace("Is there", "Are there")
    replies = (("No.", "Yes."), ("没有。", "有。"))[draw.language == "zh"]
    return question, replies[thing.name in shown]


def _some(draw: Draw, shown: np.ndarray, every: bool = True) -> np.ndarray:
    """Numbers of the cells that show something, and of all others or a few."""
    if every and draw.chance(ALL_CELLS):
        return np.arange(GRID * GRID)
    flat = shown.reshape(-1).copy()
    if every:
        rest = np.flatnonzero(~flat)
        flat[draw.rng.choice(rest, min(len(rest), draw.whole(0, 12)), replace=False)] = True
    return np.flatnonzero(flat)
