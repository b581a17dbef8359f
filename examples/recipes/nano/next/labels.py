"""Where characters and things lie on a page comes in; what each visual token and each of SAM's patches shows goes out.

    THING      number of the thing in `THINGS` that covers most of the cell, plus 1
    MIDDLE     1 where the middle of a thing is
    BEFORE     the two characters that are read just before those of the cell, the last one first (2 columns)
    SLOTS      the characters whose middle is in the cell, in order (5 columns)

0 is nothing everywhere. Characters are counted by `CHARACTERS`. A text runs on over its line ends, each of which belongs to the cell of
the character before it, and ends with `END`; so whoever follows it from character to character reads it in order.
Shapes: S side of a page, G cells a side, P patches a side.
"""

import functools
import math

import numpy as np
from PIL import Image

from deepseek_vl_hf.data.drawings import Drawing, Drawings
from deepseek_vl_hf.data.stickers import silhouette
from deepseek_vl_hf.data.things import THINGS


SIDE, GRID, PATCHES = 256, 12, 32
THING, MIDDLE, BEFORE, SLOTS = 0, 1, slice(2, 4), slice(4, 9)
COLUMNS, NUM_SLOTS, NUM_BEFORE = 9, 5, 2
START, END, OTHER = "\x02", "\x03", "\x1a"
CHARACTERS = "\0" + START + END + OTHER + "\n" + "".join(map(chr, range(32, 127))) + "£€¥°·–—‘’“”…×÷é"
CODES = {character: code for code, character in enumerate(CHARACTERS)}
FINE = 8  # samples of a cell, down and across, that decide what covers it
LEAST_COVER = 0.25  # share of a cell that a thing must cover
THING_CODES = {thing.name: code for code, thing in enumerate(THINGS, 1)}


def label_text(labels: np.ndarray, text: str, points: np.ndarray) -> None:
    """Put a text into the cells of its characters; where another text is in a cell already, the first one stays.

    A second line of the same text in a cell follows the first.
    """
    cells = np.clip((points * GRID / SIDE).astype(int), 0, GRID - 1)
    taken = labels[..., SLOTS].any(-1)
    filled: dict[tuple[int, int], int] = {}
    before = [START, START]  # the last one first
    for character, (column, row) in zip(text, cells.tolist(), strict=True):
        cell = (row, column)
        if not taken[cell]:
            if cell not in filled:
                filled[cell] = 0
                labels[cell][BEFORE] = [code_of(each) for each in before]
            if filled[cell] < NUM_SLOTS:
                labels[cell][SLOTS.start + filled[cell]] = code_of(character)
                filled[cell] += 1
        before = [character, before[0]]


def label_patches(patches: np.ndarray, text: str, points: np.ndarray) -> None:
    """Put the characters of a text into the patches that they cover."""
    step = SIDE / PATCHES
    for character, (x, y, wide, high) in zip(text, points.tolist(), strict=True):
        if character.isspace() or character == END:
            continue
        left, right = math.ceil((x - wide / 2) / step - 0.5), math.floor((x + wide / 2) / step - 0.5)
        top, bottom = math.ceil((y - high / 2) / step - 0.5), math.floor((y + high / 2) / step - 0.5)
        if right < left:
            left = right = int(x / step)
        if bottom < top:
            top = bottom = int(y / step)
        patches[max(0, top) : bottom + 1, max(0, left) : right + 1] = code_of(character)


def code_of(character: str) -> int:
    """The number of a character."""
    return CODES.get(character, CODES[OTHER])


def label_things(labels: np.ndarray, things, drawings: Drawings) -> None:
    """Say which thing covers each cell, and where their middles are."""
    fine = GRID * FINE
    owner = Image.new("I;16", (fine, fine))
    codes = [0]
    for drawing, x, y, side in things:
        codes.append(THING_CODES[drawing.thing.name])
        width = max(2, round(side * fine))
        place = (round((x - side / 2) * fine), round((y - side / 2) * fine))
        mask = _shape(drawings, drawing).resize((width, width), Image.Resampling.NEAREST)
        owner.paste(len(codes) - 1, (*place, place[0] + width, place[1] + width), mask)
        labels[min(GRID - 1, int(y * GRID)), min(GRID - 1, int(x * GRID)), MIDDLE] = 1
    if len(codes) == 1:
        return
    shown = np.asarray(owner).reshape(GRID, FINE, GRID, FINE)
    cover = np.stack([(shown == number).mean((1, 3)) for number in range(1, len(codes))])  # (things, G, G)
    covered = np.where(cover.max(0) >= LEAST_COVER, cover.argmax(0) + 1, 0)
    labels[..., THING] = np.array(codes)[covered]


@functools.lru_cache(8_000)
def _shape(drawings: Drawings, drawing: Drawing) -> Image.Image:
    """What a drawing covers, small."""
    return silhouette(drawings.sticker(drawing)).resize((24, 24))
