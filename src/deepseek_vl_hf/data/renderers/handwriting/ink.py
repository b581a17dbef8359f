"""Digits that people wrote, of 8x8 pixels, come in; lines of them in ink go out.

Shapes: N drawings.
"""

import functools
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ...digits import read_handwriting
from ...rendering import Draw


Sign = tuple[str, int, int]  # half of the data set, value, place among its drawings
HALVES = ("train", "held_out")  # as `read_handwriting` calls them; here the hash of a drawing decides, not its half
NEIGHBOURS = 9  # that must agree on the value of a drawing
SIDE = 80  # of a mask before it is scaled
# Strokes of other signs in a square of side 1, by hand: lists of corners.
STROKES = {
    "+": (((0.2, 0.5), (0.8, 0.5)), ((0.5, 0.22), (0.5, 0.8))),
    "-": (((0.2, 0.52), (0.8, 0.5)),),
    "×": (((0.25, 0.27), (0.75, 0.77)), ((0.75, 0.25), (0.25, 0.75))),
    "=": (((0.2, 0.4), (0.8, 0.4)), ((0.2, 0.62), (0.8, 0.62))),
    "/": (((0.72, 0.08), (0.28, 0.94)),),
    ":": (((0.5, 0.34), (0.51, 0.36)), ((0.5, 0.68), (0.51, 0.7))),
    ".": (((0.5, 0.84), (0.51, 0.86)),),
}
WIDTHS = {"/": 0.6, ":": 0.4, ".": 0.4, "-": 0.8}


@functools.cache
def signs(value: int) -> tuple[Sign, ...]:
    """Every drawing of a digit that nobody takes for another one."""
    return tuple(sign for sign in _legible() if sign[1] == value)


@functools.cache
def _legible() -> tuple[Sign, ...]:
    """Drawings whose nearest neighbours are all of the same value; some in the data set could be an 8 as well as a 1."""
    every = [
        (half, value, place)
        for half in HALVES
        for value in range(10)
        for place in range(len(read_handwriting(half)[value]))
    ]
    ink = np.stack([np.asarray(read_handwriting(half)[value][place]) for half, value, place in every])
    ink = ink.reshape(len(every), -1).astype(np.int64)  # (N, 100), whole numbers: the same neighbours on every machine
    square = (ink**2).sum(1)
    apart = square[:, None] + square[None] - 2 * ink @ ink.T  # (N, N)
    nearest = np.argsort(apart, axis=1, kind="stable")[:, : NEIGHBOURS + 1]
    values = np.array([value for _, value, _ in every])
    clear = (values[nearest] == values[:, None]).all(1)
    return tuple(sign for sign, keep in zip(every, clear.tolist(), strict=True) if keep)


@functools.lru_cache(2048)
def _mask(sign: Sign) -> Image.Image:
    """The ink of a digit, enlarged with crisp borders, cut to what is inked."""
    half, value, place = sign
    ink = read_handwriting(half)[value][place].resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    crisp = 255 / (1 + np.exp(-(np.asarray(ink, np.float32) - 128) / 14))
    mask = Image.fromarray(crisp.astype(np.uint8))
    left, top, right, bottom = mask.point(lambda part: 255 * (part > 60)).getbbox() or (0, 0, SIDE, SIDE)
    return mask.crop((left, top, right, bottom))


def write(draw: Draw, text: str, height: int, bold: bool) -> tuple[Image.Image, list[Sign]]:
    """Write a line of digits and signs.

    Args:
        draw: Decides which drawings are used, and how each is turned; each is an item.
        text: Digits, spaces, and signs of `STROKES`.
        height: Of a digit in pixels.
        bold: Whether strokes are thickened.

    Returns:
        A mask of the ink, as large as the line, and the drawings of the digits.
    """
    patches, used = [], []
    for letter in text:
        if letter.isdigit():
            sign = draw.item("handwriting", signs(int(letter)), key=lambda sign: "/".join(map(str, sign)))
            used.append(sign)
            mask = _mask(sign)
            size = round(height * draw.between(0.92, 1.08))
            patch = mask.resize((max(6, round(mask.width * size / mask.height)), size), Image.Resampling.BICUBIC)
        elif letter == " ":
            patch = Image.new("L", (round(height * 0.35), height))
        else:
            patch = _stroke(draw, letter, height)
        patch = patch.rotate(draw.between(-6, 6), Image.Resampling.BICUBIC, expand=True)
        patches.append(patch)
    gap = round(height * draw.between(0.1, 0.28))
    wander = max(1, round(height * 0.06))
    line = Image.new(
        "L", (sum(patch.width + gap for patch in patches), max(patch.height for patch in patches) + 2 * wander)
    )
    left = 0
    for patch in patches:
        line.paste(patch, (left, (line.height - patch.height) // 2 + draw.whole(-wander, wander)))
        left += patch.width + gap
    if bold:
        line = line.filter(ImageFilter.MaxFilter(3))
    return line, used


def _stroke(draw: Draw, letter: str, height: int) -> Image.Image:
    width = round(height * WIDTHS.get(letter, 0.9))
    mask = Image.new("L", (2 * width, 2 * height))  # at twice the size, for smooth borders
    pen, thick = ImageDraw.Draw(mask), max(4, round(height * 0.22))
    for line in STROKES[letter]:
        places = [
            (2 * width * (x + draw.between(-0.03, 0.03)), 2 * height * (y + draw.between(-0.03, 0.03)))
            for x, y in line
        ]
        pen.line(places, fill=255, width=thick)
        for x, y in places:
            pen.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=255)
    return mask.resize((width, height), Image.Resampling.LANCZOS)


def slanted(mask: Image.Image, degrees: float) -> Image.Image:
    """A line of ink, slanted to the right."""
    lean = math.tan(math.radians(degrees))
    width = mask.width + math.ceil(abs(lean) * mask.height)
    start = -lean * mask.height if lean > 0 else 0
    return mask.transform(
        (width, mask.height), Image.Transform.AFFINE, (1, lean, start, 0, 1, 0), Image.Resampling.BICUBIC
    )
