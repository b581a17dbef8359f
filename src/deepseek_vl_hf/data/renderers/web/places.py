"""An asker comes in; questions about where things are on its page go out: as numbers, in words, and beside what."""

import itertools

from ...rendering import Ask
from .asks import POINTING, POSITION, PRINTED, SPATIAL, Asker


# Roles that one may point at, and those that may be read from a box.
POINTED = ("button", "heading", "product", "menu", "story", "name", "question", "subject", "brand")
READ_INSIDE = (*POINTED, "paragraph", "reply", "message", "code")
_EN = "top left,top centre,top right,middle left,centre,middle right,bottom left,bottom centre,bottom right"
_ZH = "左上角,顶部中间,右上角,左侧中间,正中间,右侧中间,左下角,底部中间,右下角"
PLACES = {"en": tuple(_EN.split(",")), "zh": tuple(_ZH.split(","))}  # row by row
CLEAR = 0.05  # least distance of a middle from the line between two of nine places, as a share of the picture


def boxes(asker: Asker) -> list[Ask]:
    """Where something is, as numbers, and what is there."""
    asks = [asker.put("box", POINTING, part.thousandths, label=part.text) for part in asker.alone(*POINTED)]
    inside = [part for part in asker.of_role(*READ_INSIDE) if part.text]
    return asks + [asker.put("inside", PRINTED, part.text, box=part.thousandths) for part in inside]


def places(asker: Asker) -> list[Ask]:
    """Where something is, in words; only where nobody could say otherwise."""
    asks = []
    for part in asker.alone("button", "brand", "menu", "product", "heading"):
        left, top, right, bottom = part.box
        across, down = (left + right) / 2, (top + bottom) / 2
        near = min(abs(side - line) for side in (across, down) for line in (1 / 3, 2 / 3))
        if near < CLEAR or right - left > 0.4 or bottom - top > 0.3:
            continue
        place = PLACES[asker.draw.language][3 * int(3 * down) + int(3 * across)]
        asks.append(asker.put("place", POSITION, asker.end(f"In the {place}.", f"{place}。"), label=part.text))
    return asks


def neighbours(asker: Asker) -> list[Ask]:
    """Which entry of a menu comes next."""
    asks, links = [], asker.of_role("menu")
    for one, other in itertools.pairwise(links):
        beside = other.box[0] >= one.box[2] and abs(other.box[1] - one.box[1]) < 0.01
        under = other.box[1] >= one.box[3] - 0.001 and abs(other.box[0] - one.box[0]) < 0.01
        if beside or under:
            asks.append(asker.put("right" if beside else "below", SPATIAL, other.text, of=one.text))
    return asks
