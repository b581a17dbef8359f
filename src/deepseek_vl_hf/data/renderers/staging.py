"""A draw, a size and drawings of things come in; a ground with the drawings laid on it, whole and visible, goes out.

Shapes: H, W picture height and width in pixels.
"""

import functools
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..backgrounds import background, paint_gradient
from ..rendering import Draw
from .inks import Colour, any_ground, brightness
from .surfaces import surface


Box = tuple[float, float, float]  # left, top and side in pixels
FAINT = 36  # mean colour difference (of 255) from what is behind below which a drawing gets a rim
SURFACES = ("wood", "metal", "plaster", "cloth")
GROUNDS = {"paper": 6, "plain": 5, "gradient": 2, "pattern": 3, "surface": 3, "table": 2, "squares": 1, "blurred": 1}
CALM = {name: weight for name, weight in GROUNDS.items() if name not in ("pattern", "blurred")}


@dataclass(frozen=True)
class Style:
    """How all drawings of one picture lie on it.

    Args:
        turn: Degrees to either side that each is turned by at most.
        rim: Whether each has a rim, as a sticker that was cut out.
        shadow: Whether each throws a soft shadow.
    """

    turn: float = 0.0
    rim: bool = False
    shadow: bool = False


def draw_style(draw: Draw) -> Style:
    """A style, mostly plain."""
    return Style(draw.pick((0.0, 6.0, 12.0), (0.5, 0.35, 0.15)), draw.chance(0.12), draw.chance(0.2))


def ground(draw: Draw, assets, size: tuple[int, int], kinds: dict[str, int] = GROUNDS) -> Image.Image:
    """Paint what drawings lie on.

    Args:
        draw: Decides.
        assets: Whose photographs may be behind, too blurred to show anything.
        size: Width and height in pixels.
        kinds: Which grounds, and how often: `GROUNDS` or `CALM`.
    """
    kind = draw.pick(tuple(kinds), tuple(kinds.values()))
    width, height = size
    if kind == "paper":
        return Image.new("RGB", size, draw.pick(((255, 255, 255), (250, 248, 240), (244, 246, 250), (238, 238, 238))))
    if kind == "plain":
        return Image.new("RGB", size, any_ground(draw))
    if kind == "gradient":
        return Image.fromarray(paint_gradient(draw.rng, width, height, "train"))
    if kind == "pattern":
        return _softened(draw, background(draw.rng, width, height, "train"))
    if kind == "surface":
        return surface(draw, size, SURFACES)
    if kind == "blurred":
        return _blurred(draw, assets, size)
    return _table(draw, size) if kind == "table" else _squares(draw, size)


def _softened(draw: Draw, pattern: np.ndarray) -> Image.Image:
    """A pattern, (H, W, 3), pulled towards its mean colour, so that it does not drown what lies on it."""
    mean = pattern.reshape(-1, 3).mean(0)
    strength = draw.between(0.2, 0.9)
    return Image.fromarray((mean + (pattern - mean) * strength).astype(np.uint8))


@functools.cache
def _read_small(path: Path) -> Image.Image:
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((256, 256))
    return picture.filter(ImageFilter.GaussianBlur(12))


def _blurred(draw: Draw, assets, size: tuple[int, int]) -> Image.Image:
    photographs = assets.photographs()
    if not photographs:
        return Image.new("RGB", size, any_ground(draw))
    path = draw.pick(photographs)
    assets.take_photograph(path)
    picture = _read_small(path)
    scale = min(picture.width / size[0], picture.height / size[1]) * draw.between(0.5, 1)
    left, top = (draw.between(0, room - side * scale) for room, side in zip(picture.size, size, strict=True))
    box = (left, top, left + size[0] * scale, top + size[1] * scale)
    return picture.resize(size, Image.Resampling.BICUBIC, box=box)


def _table(draw: Draw, size: tuple[int, int]) -> Image.Image:
    """A wall above, a table or floor below."""
    edge = round(size[1] * draw.between(0.45, 0.75))
    wall = Image.new("RGB", size, any_ground(draw))
    below = (size[0], size[1] - edge)
    floor = surface(draw, below, ("wood", "cloth")) if draw.chance(0.5) else Image.new("RGB", below, any_ground(draw))
    wall.paste(floor, (0, edge))
    return wall


def _squares(draw: Draw, size: tuple[int, int]) -> Image.Image:
    """Squared or dotted paper."""
    picture = Image.new("RGB", size, draw.pick(((255, 255, 255), (253, 251, 242))))
    pen, step = ImageDraw.Draw(picture), draw.whole(14, 34)
    ink = draw.pick(((200, 214, 232), (214, 214, 214), (206, 226, 206)))
    dotted = draw.chance(0.3)
    for left in range(step // 2, size[0], step):
        if dotted:
            for top in range(step // 2, size[1], step):
                pen.rectangle((left, top, left + 1, top + 1), fill=ink)
        else:
            pen.line((left, 0, left, size[1]), fill=ink)
    if not dotted:
        for top in range(step // 2, size[1], step):
            pen.line((0, top, size[0], top), fill=ink)
    return picture


def card(canvas: Image.Image, box: Box, colour: Colour, shape: str) -> None:
    """Paint a plain card that fills a box.

    Args:
        canvas: Changed in place.
        box: Where.
        colour: Of the card.
        shape: "square", "rounded" or "circle".
    """
    left, top, side = box
    place = (left, top, left + side, top + side)
    pen = ImageDraw.Draw(canvas)
    edge = tuple(max(0, part - 40) if brightness(colour) > 127 else min(255, part + 40) for part in colour)
    if shape == "circle":
        pen.ellipse(place, fill=colour, outline=edge)
    else:
        pen.rounded_rectangle(place, side * 0.14 if shape == "rounded" else 0, fill=colour, outline=edge)


def lay(draw: Draw, canvas: Image.Image, sticker: Image.Image, box: Box, style: Style = Style()) -> None:
    """Lay a drawing into a box, turned but whole; one that would hardly be seen gets a rim.

    Args:
        draw: Decides how it is turned.
        canvas: RGB, changed in place.
        sticker: Square, RGBA.
        box: Where; the drawing is as large as it fits.
        style: Of all drawings of the picture.
    """
    left, top, side = box
    angle = draw.between(-style.turn, style.turn) if style.turn else 0.0
    radians = math.radians(angle)
    rim = max(2, round(side * 0.025))
    inner = max(8, round((side - 2 * rim) / (abs(math.cos(radians)) + abs(math.sin(radians)))))
    patch = sticker.resize((inner, inner), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if angle:
        patch = patch.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    framed = Image.new("RGBA", (patch.width + 2 * rim, patch.height + 2 * rim))
    framed.paste(patch, (rim, rim))
    place = (round(left + side / 2 - framed.width / 2), round(top + side / 2 - framed.height / 2))
    behind = canvas.crop((*place, place[0] + framed.width, place[1] + framed.height))
    if style.rim or _difference(framed, behind) < FAINT:
        framed = _rimmed(framed, behind, rim)
    if style.shadow:
        dark = framed.getchannel("A").filter(ImageFilter.GaussianBlur(rim)).point(lambda part: part * 2 // 5)
        canvas.paste((20, 20, 20), (place[0] + rim // 2, place[1] + rim), dark)
    canvas.paste(framed, place, framed)


def _difference(patch: Image.Image, behind: Image.Image) -> float:
    """How far the colours of a patch are from what is behind, where it covers it."""
    pixels = np.asarray(patch, np.int16)  # (H, W, 4)
    covered = pixels[..., 3] > 128
    apart = np.abs(pixels[..., :3] - np.asarray(behind, np.int16)).mean(-1)
    return float(apart[covered].mean()) if covered.any() else 0.0


def _rimmed(patch: Image.Image, behind: Image.Image, rim: int) -> Image.Image:
    """A patch with a rim that stands out from what is behind: white, or dark grey."""
    bright = brightness(np.asarray(behind).reshape(-1, 3).mean(0))
    # The shape is widened at half its size: the same rim for a quarter of the work.
    half = patch.getchannel("A").resize((max(1, patch.width // 2), max(1, patch.height // 2)))
    wide = half.filter(ImageFilter.MaxFilter(2 * max(1, rim // 2) + 1)).resize(patch.size)
    rimmed = Image.new("RGBA", patch.size, (255, 255, 255, 255) if bright < 190 else (70, 74, 82, 255))
    rimmed.putalpha(wide)
    rimmed.alpha_composite(patch)
    return rimmed
