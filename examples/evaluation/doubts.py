"""A row that a renderer made comes in; whether people may read it in two ways, all of it or a question about it, goes out.

What is true by construction may still be in doubt for who looks: a digit that could be another one, a length that could be that of a
half. Of such the benchmark asks nothing.
"""

import re
from functools import cache

import numpy as np
from judging import Judged
from PIL import Image

from deepseek_vl_hf.data.digits import read_handwriting
from deepseek_vl_hf.data.renderers.handwriting.ink import Sign, signs
from deepseek_vl_hf.data.rendering import Rendered
from deepseek_vl_hf.data.things import BY_NAME


NEIGHBOUR = 5  # of the same value, whose distance is the measure of how differently a digit is written
CLEAR = 1.2  # times that distance: how far the nearest digit of another value must be
SIDE = 20  # of a digit when it is compared
# The drawings show Tokyo Tower: to some the Eiffel Tower, to some any tower, as a pagoda beside it is.
DOUBTFUL = frozenset({BY_NAME["tower"]})
# What stands below the goods of a receipt. Whether cash and change are totals, or rows that count, is anybody's guess.
PAID = re.compile(r"^\W*(?:Change|找零)\b", re.MULTILINE)
OVER_ROWS = re.compile(
    r"leaving out totals|not counting totals|不算合计|合计除外|\brows\b|[几多]少?行|\bAmount\b|金额"
)
# It is asked for where a diameter is shown, whose length stands beside the centre, as that of a half could.
RADIUS = re.compile("radius|半径")


def is_doubtful(source: str, rendered: Rendered, items: list[str]) -> bool:
    """Whether a whole row is in doubt.

    Args:
        source: The renderer.
        rendered: What it made.
        items: What the row is made of.
    """
    if source == "handwriting":
        return not all(name in clear_digits() for name in items if name.startswith("handwriting:"))
    return source == "geometry" and any(RADIUS.search(ask.question) for ask in rendered.asks)


def is_doubtful_ask(source: str, rendered: Rendered, judged: Judged) -> bool:
    """Whether a question is in doubt, though the row is not."""
    if judged.form == "thing" and DOUBTFUL & set(judged.things):
        return True
    if source != "tables" or not any(PAID.search(other.answer) for other in rendered.asks):
        return False
    question = judged.ask.question
    first_cells = {
        line.strip("| ").partition(" | ")[0]
        for ask in rendered.asks
        for line in ask.answer.splitlines()
        if "|" in line
    }
    return OVER_ROWS.search(question) is not None and not any(cell in question for cell in first_cells - {""})


@cache
def clear_digits() -> frozenset[str]:
    """The handwritten digits, as items, that are much nearer to others of their value than to any of another, as they are drawn."""
    every: list[Sign] = [sign for value in range(10) for sign in signs(value)]
    ink = np.stack(
        [_ink(sign) for sign in every]
    )  # (N, SIDE * SIDE), whole numbers: the same distances on every machine
    square = (ink**2).sum(1)
    apart = square[:, None] + square[None] - 2 * ink @ ink.T  # (N, N)
    values = np.array([value for _, value, _ in every])
    same = values[:, None] == values[None]
    near = np.sort(np.where(same, apart, apart.max()), axis=1)[:, NEIGHBOUR]  # itself comes first
    other = np.where(same, apart.max(), apart).min(1)
    clear = other > CLEAR**2 * near
    return frozenset(
        f"handwriting:{'/'.join(map(str, sign))}" for sign, keep in zip(every, clear.tolist(), strict=True) if keep
    )


def _ink(sign: Sign) -> np.ndarray:
    """Where the ink of a digit is, cut to what is inked, in a square."""
    half, value, place = sign
    drawn = read_handwriting(half)[value][place].resize((4 * SIDE, 4 * SIDE), Image.Resampling.BICUBIC)
    drawn = drawn.point(lambda part: 255 * (part > 127))
    drawn = drawn.crop(drawn.getbbox())
    scale = SIDE / max(drawn.size)
    drawn = drawn.resize([max(1, round(side * scale)) for side in drawn.size], Image.Resampling.BOX)
    square = Image.new("L", (SIDE, SIDE))
    square.paste(drawn, [(SIDE - side) // 2 for side in drawn.size])
    return np.asarray(square, np.int64).ravel()
