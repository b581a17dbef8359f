"""An atlas of stickers and a seeded generator come in; pictures of one thing, and pages of many, go out.

    picture  one sticker on a background             -> (H, W, 3) uint8
    page     1-9 stickers on a square background     -> (S, S, 3) uint8 and labels (G, G): what each cell shows

A `split` decides which backgrounds, background colours, sizes and handwriting may occur; the two splits share none.
Shapes: H, W picture sides, S page side, G grid cells a side.
"""

import io
import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from .backgrounds import background, check_split
from .digits import digit_sticker
from .kinds import BACKGROUND, DIGIT_KINDS, KINDS, THING_KINDS


# Size is the side of a sticker as a share of the picture's longer side: what a model sees after padding to a square.
SMALLEST, LARGEST = 0.25, 0.95
SMALLEST_ON_PAGE = 0.22
SMALLEST_DIGIT = 0.42  # an 8x8 drawing has no details that smaller ones could lose
HELD_OUT_SIZES = ((0.40, 0.46), (0.66, 0.74))
LEAST_COVER = 0.25  # share of a cell that a thing must visibly cover to be the cell's label
TURN, DIGIT_TURN = 7.0, 9.0  # degrees to either side
FAINT = 18  # mean colour difference (of 255) from the background below which a picture is drawn again


def draw_size(rng: np.random.Generator, split: str, low: float = SMALLEST, high: float = LARGEST) -> float:
    """Draw a size of `split` between `low` and `high`, every allowed size equally likely.

    Raises:
        ValueError: if `split` has no size in that range.
    """
    check_split(split)
    if split == "held_out":
        spans = [(max(low, start), min(high, end)) for start, end in HELD_OUT_SIZES]
    else:
        borders = [low, *(border for band in HELD_OUT_SIZES for border in band), high]
        spans = [(max(low, start), min(high, end)) for start, end in zip(borders[::2], borders[1::2], strict=True)]
    spans = [(start, end) for start, end in spans if end > start]
    if not spans:
        raise ValueError(f"split {split!r} has no size between {low} and {high}; held-out sizes are {HELD_OUT_SIZES}")
    place = rng.random() * sum(end - start for start, end in spans)
    for start, end in spans:
        if place < end - start:
            break
        place -= end - start
    return min(start + place, end - 1e-9)


class Stickers:
    """The stickers of an atlas, and ways to compose them.

    Args:
        pixels (`np.ndarray` of shape `(num_stickers, size, size, 4)`): RGBA, straight alpha, uint8.
        kind (`np.ndarray` of shape `(num_stickers,)`): Index into `KINDS`.
    """

    def __init__(self, pixels: np.ndarray, kind: np.ndarray):
        self.by_kind: dict[int, list[list[Image.Image]]] = {}
        for drawing, index in zip(pixels, kind.tolist(), strict=True):
            levels = [Image.fromarray(drawing)]
            while levels[-1].width > 40:  # smaller copies make small stickers fast and free of aliasing
                levels.append(levels[-1].reduce(2))
            self.by_kind.setdefault(index, []).append(levels)
        self.things = [index for index in THING_KINDS if index in self.by_kind]

    @classmethod
    def load(cls, path: str | Path, vendors: tuple[str, ...] | None = None) -> "Stickers":
        """Read an atlas that `icons.build_atlas` wrote, all of it or the drawings of some vendors."""
        with np.load(path) as atlas:
            names = atlas["vendors"].tolist()
            unknown = set(vendors or ()) - set(names)
            if unknown:
                raise ValueError(f"vendors {sorted(unknown)} are not in the atlas, which has {names}")
            pixels, kind, vendor = atlas["pixels"], atlas["kind"], atlas["vendor"]
        if vendors is not None:
            chosen = np.isin(vendor, [names.index(name) for name in vendors])
            pixels, kind = pixels[chosen], kind[chosen]
        return cls(pixels, kind)

    def draw_kind(self, rng: np.random.Generator, digit_share: float) -> int:
        """Draw a kind: a digit with probability `digit_share`, else a thing."""
        pool = DIGIT_KINDS if rng.random() < digit_share else self.things
        return pool[rng.integers(len(pool))]

    def paste(
        self, rng: np.random.Generator, canvas: Image.Image, kind: int, box: tuple[float, float, float], split: str
    ) -> tuple[Image.Image, tuple[int, int]]:
        """Turn and tint a sticker of `kind` and paste it into `canvas`.

        Args:
            rng (`np.random.Generator`): Decides which drawing, and how it is turned and tinted.
            canvas (`Image.Image`): RGB, changed in place.
            kind (`int`): Index into `KINDS`.
            box (`tuple[float, float, float]`): Left, top and side in pixels.
            split (`str`): Whose handwriting to use.

        Returns:
            The RGBA patch as pasted, and its left and top.
        """
        left, top, side = box
        if kind in DIGIT_KINDS:
            area = canvas.crop((int(left), int(top), int(left + side), int(top + side))).resize((8, 8)).convert("L")
            sticker = digit_sticker(rng, DIGIT_KINDS.index(kind), split, np.asarray(area))
            angle = rng.uniform(-DIGIT_TURN, DIGIT_TURN)
        else:
            drawings = self.by_kind[kind]
            levels = drawings[rng.integers(len(drawings))]
            sticker = next((level for level in reversed(levels) if level.width >= side), levels[0])
            angle = rng.uniform(-TURN, TURN)
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        reach = math.ceil(side * (abs(cos) + abs(sin)))
        # PIL's affine maps places of the patch to places of the sticker.
        scale, half, middle = sticker.width / side, reach / 2, sticker.width / 2
        a, b, d, e = cos * scale, sin * scale, -sin * scale, cos * scale
        affine = (a, b, middle - a * half - b * half, d, e, middle - d * half - e * half)
        patch = sticker.transform((reach, reach), Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
        if kind not in DIGIT_KINDS and rng.random() < 0.7:
            gains, offset = rng.uniform(0.94, 1.06, 3), rng.uniform(-10, 10)
            ramp = np.clip(np.arange(256) * gains[:, None] + offset, 0, 255).astype(np.uint8)
            patch = patch.point([*ramp.ravel().tolist(), *range(256)])
        place = (round(left + side / 2 - half), round(top + side / 2 - half))
        canvas.paste(patch, place, patch)
        return patch, place

    def picture(
        self, rng: np.random.Generator, kind: int, split: str = "train", largest: float = LARGEST
    ) -> np.ndarray:
        """Compose a picture of one thing.

        Args:
            rng (`np.random.Generator`): Decides everything else; the same state gives the same picture.
            kind (`int`): Index into `KINDS`.
            split (`str`): "train" or "held_out".
            largest (`float`): Largest size; a sticker larger than the picture lies in its middle and loses its border.

        Returns:
            `np.ndarray` of shape `(height, width, 3)`, uint8, sides of 160 to 400 pixels where the thing allows.
        """
        size = draw_size(rng, split, SMALLEST_DIGIT if kind in DIGIT_KINDS else SMALLEST, largest)
        longer = int(rng.integers(200, 401))
        shorter = round(longer * max(min(size + 0.03, 1), rng.uniform(0.6, 1.0)))
        width, height = (longer, shorter) if rng.random() < 0.5 else (shorter, longer)
        side = size * longer
        left, top = (room * (rng.random() if room > 0 else 0.5) for room in (width - side, height - side))
        for _ in range(5):
            empty = background(rng, width, height, split)
            canvas = Image.fromarray(empty)
            patch, _ = self.paste(rng, canvas, kind, (left, top, side), split)
            if visibility(empty, np.asarray(canvas), patch) >= FAINT:
                break
        return np.asarray(wear(rng, canvas))

    def page(
        self,
        rng: np.random.Generator,
        split: str = "train",
        size: int = 256,
        grid: int = 8,
        digit_share: float = 0.15,
        most: int = 9,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Compose a page of 1 to `most` things and say what each cell of a grid shows.

        Args:
            rng (`np.random.Generator`): Decides everything else.
            split (`str`): "train" or "held_out".
            size (`int`): Side in pixels, a multiple of `grid`.
            grid (`int`): Cells a side of the label map.
            digit_share (`float`): Share of the things that are digits.
            most (`int`): Largest number of things.

        Returns:
            The page, `np.ndarray` of shape `(size, size, 3)`, uint8; and the label map, `np.ndarray` of shape
            `(grid, grid)`, int64: index into `KINDS` of the thing that visibly covers most of the cell, or
            `BACKGROUND` when none covers a quarter of it.
        """
        canvas = Image.fromarray(background(rng, size, size, split))
        count = int(rng.integers(1, most + 1))
        largest = min(LARGEST, 1.25 / math.sqrt(count))
        smallest = SMALLEST_ON_PAGE if split == "train" else HELD_OUT_SIZES[0][0]
        owner = Image.new("L", (size, size))  # which thing is on top at each pixel, counted from 1; 0 is none
        kinds, taken = [], []
        for _ in range(count):
            kind = self.draw_kind(rng, digit_share)
            least = max(smallest, SMALLEST_DIGIT) if kind in DIGIT_KINDS else smallest
            for _ in range(8):  # tries to find a place that hides little of the others
                side = draw_size(rng, split, least, max(largest, least + 0.1)) * size
                left, top = rng.random(2) * (size - side)
                middle = (left + side / 2, top + side / 2)
                if all(math.dist(middle, spot) > 0.42 * (side + width) for spot, width in taken):
                    break
            else:
                continue
            patch, place = self.paste(rng, canvas, kind, (left, top, side), split)
            kinds.append(kind)
            owner.paste(len(kinds), place, silhouette(patch))
            taken.append((middle, side))
        return np.asarray(wear(rng, canvas, share=0.1)), label_cells(np.asarray(owner), kinds, grid)


def silhouette(patch: Image.Image) -> Image.Image:
    """The area that a sticker takes, holes and gaps filled: what a bicycle covers includes its wheels."""
    alpha = patch.getchannel("A").resize((16, 16), Image.Resampling.BOX)
    coarse = np.pad(np.asarray(alpha) > 60, 3)  # without a margin the corners would be filled as well
    closed = Image.fromarray(coarse.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(5))
    return closed.filter(ImageFilter.MinFilter(5)).resize(patch.size, Image.Resampling.NEAREST, box=(3, 3, 19, 19))


def label_cells(owner: np.ndarray, kinds: list[int], grid: int) -> np.ndarray:
    """Turn a map of which thing is on top, (S, S) counted from 1, into the kind of each cell, (G, G)."""
    step = max(1, owner.shape[0] // grid // 8)  # 8 x 8 samples a cell are plenty
    samples = owner[step // 2 :: step, step // 2 :: step]
    on_top = samples == np.arange(1, len(kinds) + 1, dtype=np.uint8)[:, None, None]  # (things, S / step, S / step)
    cell = samples.shape[0] // grid
    cover = on_top.reshape(len(kinds), grid, cell, grid, cell).mean((2, 4))  # (things, G, G)
    return np.where(cover.max(0) >= LEAST_COVER, np.array(kinds)[cover.argmax(0)], BACKGROUND)


def visibility(empty: np.ndarray, filled: np.ndarray, patch: Image.Image) -> float:
    """How much a sticker changed the picture, in steps of 255 for each pixel that it covers."""
    covered = np.asarray(patch.getchannel("A"), np.float32).sum() / 255
    return float(np.abs(filled.astype(np.int16) - empty).sum() / (3 * max(covered, 1)))


def wear(rng: np.random.Generator, picture: Image.Image, share: float = 0.35) -> Image.Image:
    """Blur some pictures a little, and pass some through JPEG, as pictures that travelled."""
    if rng.random() < share * 0.4:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.1)))
    if rng.random() < share:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(rng.integers(35, 90)))
        picture = Image.open(file).convert("RGB")
    return picture


def names() -> list[str]:
    """The name of every class index: kinds, then "background"."""
    return [*(kind.name for kind in KINDS), "background"]
