"""A map over the visual tokens of a picture comes in; the picture with the map over it goes out.

The model saw the picture in the middle of a square, so that some cells lie on padding.

Shapes: G cells along a side of the grid of visual tokens (24).
"""

import math

import numpy as np
from PIL import Image

from .pictures_deepseek_vl_hf import to_rgb


# From dark to bright, evenly spaced, lightness rising evenly: readable in grey and with any kind of colour vision.
_COLORS = np.array(
    [
        *((0, 0, 4), (32, 12, 74), (87, 16, 110), (136, 34, 106), (187, 55, 84)),
        *((227, 89, 51), (249, 142, 9), (249, 203, 53), (252, 255, 164)),
    ],
    dtype=np.float32,
)


def on_picture(image: Image.Image, map: np.ndarray) -> np.ndarray:
    """Cut off the cells of a map (G, G) that lie on the padding alone.

    Raises:
        ValueError: if the map is no square of finite numbers.
    """
    return _cut(image.size, map)[0]


def _cut(size: tuple[int, int], map: np.ndarray) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """Cells that lie on a picture in the middle of the square, and where in them it has its edges, in cells."""
    cells = np.asarray(map, dtype=np.float32)
    if cells.ndim != 2 or cells.shape[0] != cells.shape[1] or not cells.size or not np.isfinite(cells).all():
        raise ValueError(f"Found a map of shape {cells.shape}, expected (G, G) of finite numbers; pass a word's map.")
    middle = len(cells) / 2
    halves = [middle * length / max(size) for length in size]
    left, top = (middle - half for half in halves)
    right, bottom = (middle + half for half in halves)
    column, row = math.floor(left), math.floor(top)
    shown = cells[row : math.ceil(bottom), column : math.ceil(right)]
    return shown, (left - column, top - row, right - column, bottom - row)


def overlay(image: Image.Image, map: np.ndarray, alpha: float = 0.6, white: float | None = None) -> Image.Image:
    """Lay a map over the picture as the user gave it.

    The model saw the picture in the middle of a square. Cells that lie on the padding alone are cut off, the others
    are put where they belong and blended smoothly. Colours go from black (0) over red to pale yellow (`white`); the
    picture turns grey, so that all colour is the map's.

    Args:
        image: The picture, of any size, mode and proportions.
        map: One of a word's maps, `(G, G)`, of no negative values.
        alpha: How much of the picture the colours hide, from 0 to 1.
        white: Value that gets the brightest colour; give several overlays the same to make them comparable. `None`
            takes the largest value `on_picture`.

    Returns:
        RGB picture of the size of `image`, upright.

    Raises:
        ValueError: if the map is no square of finite numbers, or `alpha` is out of range.
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f"Found alpha={alpha}, expected 0 (the picture alone) to 1 (the map alone).")
    picture = to_rgb(image, (255, 255, 255)).convert("L")
    shown, box = _cut(picture.size, map)
    heat = np.asarray(Image.fromarray(shown).resize(picture.size, Image.Resampling.BILINEAR, box=box))  # (H, W)
    white = float(shown.max()) if white is None else white
    heat = (heat / white).clip(0, 1) if white > 0 else np.zeros_like(heat)
    places = heat * (len(_COLORS) - 1)
    lower = np.minimum(places.astype(int), len(_COLORS) - 2)
    share = (places - lower)[..., None]
    colors = _COLORS[lower] * (1 - share) + _COLORS[lower + 1] * share  # (H, W, 3)
    blended = np.asarray(picture, dtype=np.float32)[..., None] * (1 - alpha) + colors * alpha
    return Image.fromarray(np.rint(blended).astype(np.uint8))
