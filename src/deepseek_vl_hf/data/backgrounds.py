"""A seeded generator and a size come in, a background of a split goes out.

Some families and some colours exist in one split only, so that a score on `held_out` says what a model does on
backgrounds that no training picture can have. `SPLIT_FAMILIES` is the only way to a family and `draw_colour` the only
way to a colour, and both ask for the split.

Shapes: H, W picture height and width in pixels.
"""

import functools
import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw


# Teal, lilac, salmon, olive, steel blue, rose, mint, brown: colours far enough apart to leave room between them.
HELD_OUT_COLOURS = np.array(
    [
        (0, 150, 136),
        (186, 146, 220),
        (250, 128, 114),
        (128, 128, 20),
        (70, 120, 175),
        (214, 60, 120),
        (160, 235, 195),
        (120, 75, 45),
    ]
)
TRAIN_MARGIN = 48  # least distance in RGB of a training colour from every held-out colour
HELD_OUT_SPREAD = 9  # a held-out colour is at most this far from its centre in each channel


def check_split(split: str) -> None:
    """Raise unless `split` is one of the two splits."""
    if split not in ("train", "held_out"):
        raise ValueError(f"found split {split!r}, expected 'train' or 'held_out'")


def draw_colour(rng: np.random.Generator, split: str) -> np.ndarray:
    """Draw one RGB colour that belongs to `split`."""
    check_split(split)
    if split == "held_out":
        centre = HELD_OUT_COLOURS[rng.integers(len(HELD_OUT_COLOURS))]
        spread = rng.integers(-HELD_OUT_SPREAD, HELD_OUT_SPREAD + 1, 3)
        return np.clip(centre + spread, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:  # pages and screens are mostly white, black or grey
        return np.full(3, (255, 255, 250, 0, 240, 128)[rng.integers(6)], np.uint8)
    while True:
        colour = rng.integers(0, 256, 3)
        if ((HELD_OUT_COLOURS - colour) ** 2).sum(1).min() >= TRAIN_MARGIN**2:
            return colour.astype(np.uint8)


def draw_palette(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draw `count` training colours; most palettes are calm, their colours pulled towards the first."""
    colours = np.stack([draw_colour(rng, "train") for _ in range(count)]).astype(np.float32)
    strength = rng.uniform(0.15, 1.0)
    return (colours[0] + (colours - colours[0]) * strength).astype(np.uint8)  # (count, 3)


def paint_plain(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = draw_colour(rng, split)
    return canvas


def smooth(rng: np.random.Generator, width: int, height: int, rows: int, columns: int) -> np.ndarray:
    """Random colours on a coarse grid, enlarged smoothly."""
    grid = draw_palette(rng, 4)[rng.integers(0, 4, (rows, columns))]  # (rows, columns, 3)
    return np.array(Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC))


def paint_gradient(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    grid = draw_palette(rng, 4).reshape(2, 2, 3)
    if rng.random() < 0.6:  # one direction instead of four corners
        grid = grid[:, :1].repeat(2, 1) if rng.random() < 0.5 else grid[:1].repeat(2, 0)
    return np.array(Image.fromarray(np.ascontiguousarray(grid)).resize((width, height), Image.Resampling.BICUBIC))


def paint_blobs(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    return smooth(rng, width, height, *rng.integers(3, 8, 2))


def paint_clouds(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    coarse = smooth(rng, width, height, *rng.integers(3, 7, 2))
    fine = smooth(rng, width, height, *rng.integers(12, 40, 2))
    return np.array(Image.blend(Image.fromarray(coarse), Image.fromarray(fine), rng.uniform(0.15, 0.5)))


def paint_stripes(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    angle, period = rng.uniform(0, math.pi), rng.uniform(8, 60)
    across = np.arange(width, dtype=np.float32) * (math.cos(angle) / period)
    down = np.arange(height, dtype=np.float32) * (math.sin(angle) / period)
    band = np.floor(across[None] + down[:, None]).astype(np.int32) & 1  # (H, W)
    return draw_palette(rng, 2)[band]


def paint_checkers(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    side = rng.integers(8, 50)
    square = (np.arange(width) // side)[None] + (np.arange(height) // side)[:, None]
    return draw_palette(rng, 2)[square & 1]


def paint_dots(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    period = rng.integers(12, 50)
    radius = period * rng.uniform(0.15, 0.45)
    across, down = np.arange(width) % period - period / 2, np.arange(height) % period - period / 2
    inside = (across**2)[None] + (down**2)[:, None] < radius**2
    return draw_palette(rng, 2)[inside.view(np.uint8)]


def paint_scribble(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    """Rows of short zigzag strokes, like text seen from afar."""
    paper, ink = draw_palette(rng, 2)
    picture = Image.new("RGB", (width, height), tuple(paper.tolist()))
    draw = ImageDraw.Draw(picture)
    size = int(rng.integers(6, 22))
    step = int(size * 1.7)
    for top in range(int(rng.integers(0, size)), height, step):
        left = int(rng.integers(0, width // 4 + 1))
        count = max(4, (width - left) * 2 // size)
        across = left + np.arange(count) * (size / 2)
        down = top + rng.integers(0, size, count)
        start = 0
        for length in rng.integers(3, 12, 6).tolist():  # one stroke a word
            word = np.stack([across, down], 1)[start : start + length].ravel().tolist()
            if len(word) >= 4:
                draw.line(word, fill=tuple(ink.tolist()), width=max(1, size // 7))
            start += length + 1
    return np.array(picture)


def paint_shards(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    """Overlapping triangles and discs."""
    palette = draw_palette(rng, 6).tolist()
    picture = Image.new("RGB", (width, height), tuple(palette[0]))
    draw = ImageDraw.Draw(picture)
    for index in range(int(rng.integers(4, 24))):
        x, y, radius = rng.random() * width, rng.random() * height, rng.uniform(0.05, 0.4) * width
        fill = tuple(palette[index % 6])
        if rng.random() < 0.35:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
        else:
            corners = np.stack([x + rng.uniform(-1.5, 1.5, 3) * radius, y + rng.uniform(-1.5, 1.5, 3) * radius], 1)
            draw.polygon(corners.ravel().tolist(), fill=fill)
    return np.array(picture)


def paint_rings(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    across, down = np.arange(width) - rng.random() * width, np.arange(height) - rng.random() * height
    distance = np.sqrt((across**2)[None] + (down**2)[:, None])
    return draw_palette(rng, 2)[(distance / rng.uniform(8, 40)).astype(np.int32) & 1]


def paint_plaid(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    palette = draw_palette(rng, 3).astype(np.uint16)
    period = int(rng.integers(24, 70))
    weave = palette[rng.integers(0, 3, period // 4).repeat(4)]  # (period, 3)
    across = weave[np.arange(width) % len(weave)][None]
    down = weave[np.arange(height) % len(weave)][:, None]
    return ((across + down) // 2).astype(np.uint8)


@functools.cache
def read_photographs() -> list[Image.Image]:
    """The two photographs that scikit-learn ships (CC-BY 2.0)."""
    from sklearn.datasets import load_sample_images

    return [Image.fromarray(picture) for picture in load_sample_images().images]


def paint_photograph(rng: np.random.Generator, width: int, height: int, split: str) -> np.ndarray:
    photograph = read_photographs()[rng.integers(2)]
    scale = min(photograph.width / width, photograph.height / height) * rng.uniform(0.4, 1.0)
    left = rng.random() * (photograph.width - width * scale)
    top = rng.random() * (photograph.height - height * scale)
    box = (left, top, left + width * scale, top + height * scale)
    return np.array(photograph.resize((width, height), Image.Resampling.BILINEAR, box=box))


Painter = Callable[[np.random.Generator, int, int, str], np.ndarray]
SPLIT_FAMILIES: dict[str, dict[str, Painter]] = {
    "train": {
        "plain": paint_plain,
        "gradient": paint_gradient,
        "blobs": paint_blobs,
        "clouds": paint_clouds,
        "stripes": paint_stripes,
        "checkers": paint_checkers,
        "dots": paint_dots,
        "scribble": paint_scribble,
        "shards": paint_shards,
    },
    # "plain" is in both: its colours are what is held out.
    "held_out": {
        "plain": paint_plain,
        "rings": paint_rings,
        "plaid": paint_plaid,
        "photograph": paint_photograph,
    },
}


def draw_family(rng: np.random.Generator, split: str) -> str:
    """Draw the name of a background family of `split`; plain is the most common."""
    check_split(split)
    names = tuple(SPLIT_FAMILIES[split])
    return "plain" if rng.random() < 0.2 else names[rng.integers(len(names))]


def background(rng: np.random.Generator, width: int, height: int, split: str, family: str | None = None) -> np.ndarray:
    """Paint a background.

    Args:
        rng (`np.random.Generator`): Decides everything that is not an argument.
        width (`int`): Pixels.
        height (`int`): Pixels.
        split (`str`): "train" or "held_out".
        family (`str`, *optional*): A key of `SPLIT_FAMILIES[split]`; drawn when not given.

    Returns:
        `np.ndarray` of shape `(height, width, 3)`, uint8.
    """
    family = family or draw_family(rng, split)
    if family not in SPLIT_FAMILIES[split]:
        families = [*SPLIT_FAMILIES[split]]
        raise ValueError(f"background family {family!r} is not in split {split!r}; choose one of {families}")
    return SPLIT_FAMILIES[split][family](rng, width, height, split)
