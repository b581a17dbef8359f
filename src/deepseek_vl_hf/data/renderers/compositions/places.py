"""A picture of several things comes in; questions about where they are and how large, with their answers, go out."""

from ...rendering import Ask, Draw
from ...things import BY_NAME
from ..things.asks import sentence, verbs, yes_no
from . import wordings as words
from .view import Placed, View, listed


POSITION = "recognition/local-description/position"
POINTING = "recognition/local-description/pointing"
SPATIAL = "commonsense-reasoning/relationship/spatial"
SIZE = "commonsense-reasoning/relationship/size"
ZH_ORDINALS = ("一", "二", "三", "四", "五", "六", "七")
CLEARLY_LARGER = 1.6  # ratio of sides from which a difference in size is beyond doubt, however things are turned
STEPS = {"left": (0, -1), "right": (0, 1), "above": (-1, 0), "below": (1, 0)}
REAL_SIZE = {BY_NAME[name]: rank for rank, names in enumerate(words.REAL_SIZES) for name in names}


def relations(draw: Draw, view: View) -> list[Ask]:
    """Where one thing is as seen from another."""
    language, asks = draw.language, []
    if len(view.single) < 2:
        return asks
    one, other = draw.sample(view.single, 2)
    names = {"one": one.thing.definite(language), "other": other.thing.definite(language)}
    for wordings, axis, sides in (
        (words.LEFT_OR_RIGHT, 0, (("To the left.", "左边。"), ("To the right.", "右边。"))),
        (words.ABOVE_OR_BELOW, 1, (("Above.", "上面。"), ("Below.", "下面。"))),
    ):
        side = _side(one, other, axis)
        if side is not None:
            question = draw.phrase(wordings, **names, **verbs(one.thing))
            question = question[0].upper() + question[1:]
            asks.append(Ask(SPATIAL, question, sides[side][0 if language == "en" else 1], 1.2))
    return asks + _neighbours(draw, view)


def _side(one: Placed, other: Placed, axis: int) -> int | None:
    """0 if the first is clearly further left or up, 1 if the other way round; None if neither is clear."""
    if one.box[axis] + one.box[2] <= other.box[axis]:
        return 0
    return 1 if other.box[axis] + other.box[2] <= one.box[axis] else None


def _neighbours(draw: Draw, view: View) -> list[Ask]:
    """What is next to a thing, and between two, where things stand in lines."""
    language, asks = draw.language, []
    if view.layout.kind in ("free", "corners"):
        return asks
    pairs = [
        (each, side, view.by_cell[row + down, column + across])
        for each in view.single
        for (row, column) in [each.cell]
        for side, (down, across) in STEPS.items()
        if (row + down, column + across) in view.by_cell
    ]
    if pairs:
        each, side, found = draw.pick(pairs)
        said, zh_side = words.SIDES[side]
        question = draw.phrase(words.NEXT, other=each.thing.definite(language), side=said, zh_side=zh_side)
        asks.append(Ask(SPATIAL, question, sentence(found.thing.phrase(language), language), 1.5))
    down, across = (1, 0) if view.layout.kind == "column" else (0, 1)
    triples = [
        (each, view.by_cell[row + down, column + across], view.by_cell[row + 2 * down, column + 2 * across])
        for each in view.single
        for (row, column) in [each.cell]
        if (row + 2 * down, column + 2 * across) in view.by_cell
    ]
    triples = [triple for triple in triples if triple[2] in view.single]
    if triples:
        first, middle, last = draw.pick(triples)
        names = {"one": first.thing.definite(language), "other": last.thing.definite(language)}
        answer = sentence(middle.thing.phrase(language), language)
        asks.append(Ask(SPATIAL, draw.phrase(words.BETWEEN, **names), answer, 1))
    return asks


def place_name(view: View, cell: tuple[int, int], language: str, far: bool) -> str:
    """A place in a layout: "second from the left", "in row 2, column 3", "in the upper left corner"."""
    english, (row, column), layout = language == "en", cell, view.layout
    if layout.kind == "corners":
        return words.CORNERS[cell][0 if english else 1]
    if layout.kind in ("grid", "shelf"):
        return (
            f"in row {row + 1}, column {column + 1}" if english else f"第{ZH_ORDINALS[row]}行第{ZH_ORDINALS[column]}列"
        )
    upright = layout.kind == "column"
    place, last = (row, layout.rows - 1) if upright else (column, layout.columns - 1)
    if far and place in (0, last):
        ends = (("at the very top", "最上面"), ("at the very bottom", "最下面"))
        ends = ends if upright else (("on the far left", "最左边"), ("on the far right", "最右边"))
        return ends[place == last][0 if english else 1]
    start = ("the top", "上") if upright else ("the left", "左")
    return f"{words.ORDINALS[place]} from {start[0]}" if english else f"从{start[1]}数第{ZH_ORDINALS[place]}个位置"


def places(draw: Draw, view: View) -> list[Ask]:
    """What is at a place, where a thing is, and what the order is."""
    language, asks = draw.language, []
    if not view.by_cell:
        return asks
    each = draw.pick(view.placed)
    place = place_name(view, each.cell, language, draw.chance(0.5))
    answer = sentence(each.thing.phrase(language), language)
    asks.append(Ask(POINTING, draw.phrase(words.AT, place=place), answer, 1.5))
    if view.single:
        each = draw.pick(view.single)
        place = place_name(view, each.cell, language, True)
        answer = sentence(place if language == "en" else f"在{place}", language)
        asks.append(
            Ask(
                POSITION,
                draw.phrase(words.WHERE, definite=each.thing.definite(language), **verbs(each.thing)),
                answer,
                1.5,
            )
        )
    if view.layout.kind in ("row", "column"):
        way = "down" if view.layout.kind == "column" else draw.pick(("right", "right", "left"))
        row = view.placed[::-1] if way == "left" else view.placed
        answer = sentence(listed([each.thing.phrase(language) for each in row], language), language)
        asks.append(
            Ask(POSITION, draw.phrase(words.ORDER, way=words.WAYS[way][0 if language == "en" else 1]), answer, 2)
        )
    return asks


def sizes(draw: Draw, view: View) -> list[Ask]:
    """How large things are drawn, and how large they really are."""
    language, asks = draw.language, []
    if len(view.single) < 2:
        return asks
    one, other = draw.sample(view.single, 2)
    names = {"one": one.thing.definite(language), "other": other.thing.definite(language)}
    larger, smaller = sorted((one, other), key=lambda each: -each.box[2])
    if larger.box[2] > CLEARLY_LARGER * smaller.box[2]:
        answer = sentence(larger.thing.definite(language), language)
        asks.append(Ask(SIZE, draw.phrase(words.LARGER, **names), answer, 1.5))
    by_size = sorted(view.placed, key=lambda each: each.box[2])
    for wordings, found, near in ((words.LARGEST, by_size[-1], by_size[-2]), (words.SMALLEST, by_size[0], by_size[1])):
        larger, smaller = max(found.box[2], near.box[2]), min(found.box[2], near.box[2])
        if larger > CLEARLY_LARGER * smaller and found in view.single:
            asks.append(Ask(SIZE, draw.phrase(wordings), sentence(found.thing.phrase(language), language), 1.5))
    each = draw.pick(view.single)
    if each.height > 0.62 or each.height < 0.38:
        question = draw.phrase(words.HALF, definite=each.thing.definite(language), **verbs(each.thing))
        question = question[0].upper() + question[1:]
        asks.append(Ask(SIZE, question, yes_no(language, each.height > 0.5, "half"), 0.2))
    known = [each.thing for each in view.single if each.thing in REAL_SIZE]
    pairs = [(one, other) for one in known for other in known if REAL_SIZE[one] < REAL_SIZE[other]]
    if pairs:
        small, large = draw.pick(pairs)
        one, other = draw.sample(
            [
                small.phrase(language) if language == "en" else small.zh,
                large.phrase(language) if language == "en" else large.zh,
            ],
            2,
        )
        answer = sentence(large.definite(language), language)
        asks.append(Ask(SIZE, draw.phrase(words.REALLY, one=one, other=other), answer, 2))
    return asks
