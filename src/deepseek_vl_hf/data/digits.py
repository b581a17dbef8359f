"""The handwritten digits that scikit-learn ships (8x8) come in, RGBA stickers of handwriting go out.

Even rows of the data set are for training, odd rows are held out: other drawings, though not always other hands.
Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI (CC-BY 4.0).
"""

import functools

import numpy as np
from PIL import Image

from .backgrounds import draw_colour


STICKER_SIZE = 96
FILTERS = (Image.Resampling.BICUBIC, Image.Resampling.BILINEAR, Image.Resampling.NEAREST)
LEAST_CONTRAST = 90  # of 255, between the luminance of ink and of what lies behind it
GREY_SHARE = 0.85  # of the digits, as handwriting mostly is; colours of all kinds hide the shape from a learner
BUSY = 25  # standard deviation of luminance above which handwriting brings its own paper


@functools.cache
def read_handwriting(split: str) -> tuple[tuple[Image.Image, ...], ...]:
    """Return, for each value 0-9, the drawings of `split` as 10x10 ink masks (a blank border of one pixel)."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    rows = slice(0, None, 2) if split == "train" else slice(1, None, 2)
    ink = np.pad(digits.images[rows], ((0, 0), (1, 1), (1, 1))) * (255 / 16)  # (R, 10, 10), the data set counts to 16
    values = digits.target[rows]
    return tuple(
        tuple(Image.fromarray(drawing) for drawing in ink[values == value].astype(np.uint8)) for value in range(10)
    )


def luminance(colour: np.ndarray) -> float:
    """Brightness of an RGB colour as an eye sees it, 0-255 (ITU-R BT.601)."""
    return float(colour @ np.array([0.299, 0.587, 0.114]))


def draw_contrasting_colour(rng: np.random.Generator, behind: float) -> np.ndarray:
    """Draw a colour whose luminance is far from `behind`."""
    for _ in range(20):
        colour = draw_colour(rng, "train")
        if abs(luminance(colour) - behind) >= LEAST_CONTRAST:
            return colour
    return np.full(3, 0 if behind > 127 else 255, np.uint8)


def digit_sticker(rng: np.random.Generator, value: int, split: str, behind: np.ndarray) -> Image.Image:
    """Write a digit by hand.

    Args:
        rng (`np.random.Generator`): Decides colours, filter, paper and which drawing.
        value (`int`): 0-9.
        split (`str`): "train" or "held_out"; whose drawings to use.
        behind (`np.ndarray` of shape `(rows, columns)`): Luminance of the place where it will lie, coarse.

    Returns:
        `Image.Image`: square, RGBA.
    """
    drawings = read_handwriting(split)[value]
    mask = drawings[rng.integers(len(drawings))]
    mask = mask.resize((STICKER_SIZE, STICKER_SIZE), FILTERS[rng.integers(len(FILTERS))])
    if rng.random() < GREY_SHARE:
        dark, light = rng.integers(0, 71), rng.integers(185, 256)
        ink, paper = (dark, light) if rng.random() < 0.5 else (light, dark)
        sticker = Image.new("RGBA", mask.size, (int(paper),) * 3 + (255,))
        sticker.paste((int(ink),) * 3 + (255,), (0, 0, *mask.size), mask)
    elif behind.std() > BUSY or rng.random() < 0.4:
        paper = draw_colour(rng, "train")
        sticker = Image.new("RGBA", mask.size, (*paper.tolist(), 255))
        ink = draw_contrasting_colour(rng, luminance(paper))
        sticker.paste((*ink.tolist(), 255), (0, 0, *mask.size), mask)
    else:
        ink = draw_contrasting_colour(rng, float(behind.mean()))
        sticker = Image.new("RGBA", mask.size, (*ink.tolist(), 255))
        sticker.putalpha(mask)
    return sticker
