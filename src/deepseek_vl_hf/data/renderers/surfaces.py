"""A draw and a size come in; a wall, a board, the sky or paper goes out.

Shapes: H, W picture height and width in pixels.
"""

import functools
import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from ..rendering import Draw


Size = tuple[int, int]  # width, height
TILE = 512  # side of the cached grains
BRICKS = ((156, 74, 56), (132, 60, 48), (176, 108, 80), (196, 178, 160), (110, 84, 76))
WOODS = ((150, 104, 62), (112, 72, 44), (190, 148, 100), (86, 58, 40), (205, 180, 145))
METALS = ((168, 172, 178), (120, 124, 130), (190, 186, 178), (84, 88, 96))
PAINTS = (
    (226, 220, 206),
    (206, 214, 216),
    (232, 214, 190),
    (170, 190, 180),
    (120, 140, 156),
    (190, 150, 136),
    (236, 236, 232),
)
SKIES = (
    ((70, 130, 200), (190, 215, 235)),
    ((120, 160, 205), (225, 230, 232)),
    ((96, 104, 120), (186, 186, 190)),
    ((60, 70, 120), (240, 170, 120)),
)


def clouds(draw: Draw, size: Size, across: int, down: int) -> np.ndarray:
    """Smooth noise of about the given number of bumps, (H, W), mostly from -1 to 1."""
    grid = draw.rng.uniform(-1, 1, (max(2, down), max(2, across))).astype(np.float32)
    return np.asarray(Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC))


def grain(draw: Draw, size: Size, name: str) -> np.ndarray:
    """A cut of a cached grain, (H, W), of standard deviation 1: "fine", "paper", "weave" or "streaks"."""
    width, height = size
    tile = _grains()[name]
    tile = np.tile(tile, (-(-height // TILE) + 1, -(-width // TILE) + 1)) if max(size) > TILE // 2 else tile
    top, left = (draw.whole(0, min(TILE, room)) for room in (tile.shape[0] - height, tile.shape[1] - width))
    return tile[top : top + height, left : left + width]


@functools.cache
def _grains() -> dict[str, np.ndarray]:
    """Grains that repeat without a seam, the same in every build."""
    rng = np.random.default_rng(0)
    white = rng.standard_normal((TILE, TILE)).astype(np.float32)
    frequency = np.hypot(np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None])
    spectrum = np.fft.rfft2(white)
    soft = np.fft.irfft2(spectrum / (0.02 + frequency), (TILE, TILE))
    long = np.fft.irfft2(spectrum * np.exp(-((np.fft.rfftfreq(TILE)[None] * 60) ** 2)), (TILE, TILE))
    phase = np.arange(TILE) * (2 * math.pi / 4)
    weave = np.sin(phase)[None] * np.sin(phase + 1)[:, None] * 2 + 0.4 * white
    grains = {"fine": white, "paper": soft, "weave": weave, "streaks": long}
    return {name: ((tile - tile.mean()) / tile.std()).astype(np.float32) for name, tile in grains.items()}


def soft(draw: Draw, size: Size, colour: tuple[int, int, int], strength: float) -> Image.Image:
    """A nearly plain ground: paper, cloth, brushed metal or an even gradient.

    Args:
        draw: Decides.
        size: Width and height in pixels.
        colour: Mean colour.
        strength: Standard deviation of the grain, of 255; at 0 the ground is plain.
    """
    if strength <= 0:
        return Image.new("RGB", size, colour)
    name = draw.pick(("paper", "fine", "weave", "streaks", "gradient"))
    if name == "gradient":
        angle = draw.between(0, 2 * math.pi)
        across, down = np.linspace(-1, 1, size[0])[None], np.linspace(-1, 1, size[1])[:, None]
        pattern = (across * math.cos(angle) + down * math.sin(angle)) * 1.5
    else:
        pattern = grain(draw, size, name)
    return _tinted(colour, pattern * strength)


def _tinted(colour, relief: np.ndarray) -> Image.Image:
    """A colour, lighter and darker by a relief (H, W) or (H, W, 3)."""
    relief = relief[..., None] if relief.ndim == 2 else relief
    return Image.fromarray((np.asarray(colour, np.float32) + relief).clip(0, 255).astype(np.uint8))


def brick(draw: Draw, size: Size) -> Image.Image:
    """A wall of bricks in running bond."""
    width, height = size
    row = max(10, round(height / draw.whole(9, 22)))
    long, joint = round(row * draw.between(2.2, 3.2)), max(1, row // 9)
    down = np.arange(height)[:, None]
    across = np.arange(width)[None] + (down // row % 2) * (long // 2)
    mortar = (down % row < joint) | (across % long < joint)
    rows, columns = down // row, across // long
    tints = draw.rng.uniform(-22, 22, (height // row + 2, width // long + 3, 1)) + draw.rng.uniform(
        -6, 6, (height // row + 2, width // long + 3, 3)
    )
    relief = tints[rows, columns] + grain(draw, size, "paper")[..., None] * 7
    edge = (down % row == joint) | (across % long == joint)  # light from the upper left
    relief += edge[..., None] * 12
    base = np.asarray(draw.pick(BRICKS), np.float32)
    stone = np.asarray(draw.pick(((190, 184, 176), (120, 114, 108), (214, 208, 200))), np.float32)
    pixels = np.where(mortar[..., None], stone + grain(draw, size, "fine")[..., None] * 6, base + relief)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def wood(draw: Draw, size: Size) -> Image.Image:
    """Boards with their grain along them."""
    turned = draw.chance(0.4)
    width, height = size[::-1] if turned else size
    plank = max(24, round(height / draw.whole(3, 8)))
    down = np.arange(height)[:, None]
    number = down // plank
    shift = draw.rng.uniform(0, 40, (height // plank + 1, 1))[number[:, 0]]
    bend = clouds(draw, (width, height), draw.whole(2, 4), height // plank * 2 + 2)
    rings = np.sin((down % plank) * draw.between(0.25, 0.6) + shift + bend * draw.between(3, 7))
    relief = rings * draw.between(5, 12) + grain(draw, (width, height), "streaks") * 7
    relief = relief + draw.rng.uniform(-16, 16, (height // plank + 1, 1))[number[:, 0]]
    relief = np.where(down % plank < max(1, plank // 40), -60, relief)
    picture = _tinted(draw.pick(WOODS), relief)
    return picture.transpose(Image.Transpose.ROTATE_90) if turned else picture


def metal(draw: Draw, size: Size) -> Image.Image:
    """A brushed sheet with a reflection across it, sometimes ribbed."""
    width, height = size
    place = np.arange(width)[None] / width + np.arange(height)[:, None] / height * draw.between(-0.6, 0.6)
    gloss = np.cos((place - draw.between(0, 1)) * draw.between(3, 7)) * draw.between(10, 26)
    relief = gloss + grain(draw, size, "streaks") * draw.between(2, 6)
    if draw.chance(0.3):
        relief = relief + 14 * np.sin(np.arange(width)[None] * (2 * math.pi / draw.whole(14, 40)))
    return _tinted(draw.pick(METALS), relief)


def plaster(draw: Draw, size: Size) -> Image.Image:
    """A painted wall, or bare concrete."""
    relief = grain(draw, size, "paper") * draw.between(3, 8) + clouds(draw, size, 4, 3) * draw.between(2, 12)
    return _tinted(draw.pick(PAINTS), relief + grain(draw, size, "fine") * draw.between(0, 4))


def sky(draw: Draw, size: Size) -> Image.Image:
    """The sky, with clouds or without."""
    high, low = (np.asarray(colour, np.float32) for colour in draw.pick(SKIES))
    share = np.linspace(0, 1, size[1], dtype=np.float32)[:, None, None]
    pixels = np.broadcast_to(high * (1 - share) + low * share, (size[1], size[0], 3)).copy()
    if draw.chance(0.7):
        fog = sum(clouds(draw, size, 3 * 2**octave, 2 * 2**octave) / 1.7**octave for octave in range(4))
        cover = (fog - draw.between(0.0, 0.7)).clip(0, 1)[..., None] * draw.between(0.5, 0.9)
        pixels += (np.float32([246, 246, 248]) - pixels) * cover
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def paving(draw: Draw, size: Size) -> Image.Image:
    """Slabs or glazed tiles with joints between them."""
    width, height = size
    long, high = (max(18, round(side / draw.whole(3, 9))) for side in size)
    joint = max(1, min(long, high) // 26)
    down = np.arange(height)[:, None]
    across = np.arange(width)[None] + (down // high % 2) * (long // 2 if draw.chance(0.5) else 0)
    tints = draw.rng.uniform(-13, 13, (height // high + 2, width // long + 3))[down // high, across // long]
    relief = tints + grain(draw, size, "paper") * draw.between(2, 7) + grain(draw, size, "fine") * draw.between(0, 4)
    joints = (down % high < joint) | (across % long < joint)
    light = ((down % high) / high - 0.5) * draw.between(-16, 0)
    return _tinted(draw.pick((*PAINTS, (140, 136, 130), (100, 98, 96))), np.where(joints, -46, relief + light))


def asphalt(draw: Draw, size: Size) -> Image.Image:
    """A road from near."""
    grey = draw.whole(62, 120)
    return _tinted(
        (grey, grey, grey + 4), grain(draw, size, "fine") * draw.between(8, 16) + clouds(draw, size, 4, 4) * 8
    )


def cloth(draw: Draw, size: Size) -> Image.Image:
    """Woven cloth that falls in soft folds."""
    colour = tuple(draw.whole(40, 220) for _ in range(3))
    folds = clouds(draw, size, draw.whole(3, 7), draw.whole(2, 4)) * draw.between(4, 18)
    return _tinted(colour, grain(draw, size, "weave") * draw.between(2, 5) + folds)


Painter = Callable[[Draw, Size], Image.Image]
SURFACES: dict[str, Painter] = {
    "brick": brick,
    "wood": wood,
    "metal": metal,
    "plaster": plaster,
    "sky": sky,
    "paving": paving,
    "asphalt": asphalt,
    "cloth": cloth,
}


def surface(draw: Draw, size: Size, names: tuple[str, ...] = tuple(SURFACES)) -> Image.Image:
    """Paint one of some surfaces.

    Args:
        draw: Decides.
        size: Width and height in pixels.
        names: Keys of `SURFACES`.
    """
    return SURFACES[draw.pick(names)](draw, size)
