"""Things with text come in; they are put before a wall, the sky or a photograph, seen at an angle, with light and shadow."""

import functools
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from ...rendering import CannotRenderError
from ..lettering import Box, Piece
from ..surfaces import clouds, surface
from ..warping import homography, project, rectangle, seen_at
from .kit import FINE, Kit, Thing


LEAST_HEIGHT = {False: 11, True: 15}  # pixels of a capital letter, of a Chinese character, in the finished picture
OUT_OF_FOCUS = 0.007  # of the longer side: how far a photograph behind is blurred, that nothing in it can be read
LARGEST_PHOTOGRAPH = 1280  # pixels; they are shown out of focus


@dataclass(frozen=True)
class Shown:
    """What stands in a scene.

    Args:
        kind: "sign", "book", ...; "" for letters on the wall itself.
        colour: Its name, where people agree.
        box: Where it is.
        pieces: Its texts as they are read.
    """

    kind: str
    colour: str
    box: Box
    pieces: tuple[Piece, ...]


class Stage:
    """A scene that is being made.

    Args:
        kit: Decides.
        size: Width and height in pixels.
        surfaces: What may stand behind; "photograph" stands for one of those of the assets.
    """

    def __init__(self, kit: Kit, size: tuple[int, int], surfaces: tuple[str, ...]):
        self.kit, self.size = kit, size
        self.shown: list[Shown] = []
        photographs = kit.assets.photographs() if "photograph" in surfaces else ()
        names = tuple(name for name in surfaces if name != "photograph" or photographs)
        name = kit.draw.pick(names)
        self.is_photograph = name == "photograph"
        self.picture = self._photograph(photographs) if self.is_photograph else surface(kit.draw, size, (name,))

    def _photograph(self, paths: tuple[Path, ...]) -> Image.Image:
        """A cut of a photograph, out of focus."""
        draw, path = self.kit.draw, self.kit.draw.pick(paths)
        self.kit.assets.take_photograph(path)
        picture = _read(path)
        scale = min(picture.width / self.size[0], picture.height / self.size[1]) * draw.between(0.5, 1)
        wide, deep = (side * scale for side in self.size)
        left, top = draw.between(0, picture.width - wide), draw.between(0, picture.height - deep)
        cut = picture.resize(self.size, Image.Resampling.BICUBIC, box=(left, top, left + wide, top + deep))
        return cut.filter(ImageFilter.GaussianBlur(max(self.size) * OUT_OF_FOCUS * draw.between(1, 2)))

    def put(self, thing: Thing, place: tuple[float, float], tilt: float = 0.08, lean: bool = True) -> None:
        """Put a thing so that its unturned picture begins at a place.

        Args:
            thing: As its maker drew it.
            place: Left and top in pixels.
            tilt: How far its corners may move, as a share of its shorter side.
            lean: Whether it throws a shadow.
        """
        draw = self.kit.draw
        flat = thing.picture.resize(tuple(side // FINE for side in thing.picture.size), Image.Resampling.BOX)
        flat = _lit(self.kit, flat)
        reach = min(flat.size) * tilt * draw.between(0, 1) if draw.chance(0.75) else 0
        corners = rectangle(*flat.size) + draw.rng.uniform(-reach, reach, (4, 2)) + np.array(place)
        low = np.maximum(np.floor(corners.min(0)) - 1, 0)
        high = np.minimum(np.ceil(corners.max(0)) + 1, self.size)
        if (corners.min(0) < 2).any() or (corners.max(0) > np.array(self.size) - 2).any():
            raise CannotRenderError(f"a {thing.kind} does not fit into {self.size}")
        seen = seen_at(flat, corners - low, tuple((high - low).astype(int).tolist()))
        at = tuple(low.astype(int).tolist())
        if lean:
            self._shadow(seen, at)
        self.picture.paste(seen, at, seen)
        matrix = homography(rectangle(*flat.size), corners)
        area = abs(_area(corners)) / (flat.width * flat.height)
        pieces = []
        for piece in thing.pieces:
            small = piece.moved(0, 0, 1 / FINE)
            pieces.append(replace(small, box=project(small.box, matrix), height=small.height * area**0.5))
        self.add(Shown(thing.kind, thing.colour, (*corners.min(0).tolist(), *corners.max(0).tolist()), tuple(pieces)))

    def add(self, shown: Shown) -> None:
        """Record what stands in the scene.

        Raises:
            CannotRenderError: if something of it is too small to be read.
        """
        for piece in shown.pieces:
            chinese = any("\u4e00" <= character <= "\u9fff" for character in piece.text)
            if piece.height < LEAST_HEIGHT[chinese]:
                raise CannotRenderError(
                    f"{piece.text!r} is {piece.height:.0f} pixels high, expected {LEAST_HEIGHT[chinese]}"
                )
        self.shown.append(shown)

    def _shadow(self, seen: Image.Image, at: tuple[int, int]) -> None:
        draw = self.kit.draw
        depth = max(2, min(seen.size) // draw.whole(14, 50))
        alpha = Image.new("L", (seen.width + 4 * depth, seen.height + 4 * depth))
        alpha.paste(seen.getchannel("A"), (2 * depth, 2 * depth))
        alpha = alpha.filter(ImageFilter.BoxBlur(depth)).point([level * 5 // 10 for level in range(256)])
        side = draw.pick((-1, 0, 1))
        self.picture.paste((8, 8, 12), (at[0] - 2 * depth + side * depth, at[1] - 2 * depth + depth), alpha)


@functools.lru_cache(maxsize=24)
def _read(path: Path) -> Image.Image:
    """A photograph, no larger than it is needed."""
    with Image.open(path) as file:
        picture = file.convert("RGB")
    picture.thumbnail((LARGEST_PHOTOGRAPH, LARGEST_PHOTOGRAPH), Image.Resampling.BICUBIC)
    return picture


def _area(corners: np.ndarray) -> float:
    x, y = corners[:, 0], corners[:, 1]
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


def _lit(kit: Kit, flat: Image.Image) -> Image.Image:
    """Light that falls unevenly on a thing, dust, and sometimes a reflection across a part of it."""
    draw = kit.draw
    pixels = np.asarray(flat, np.float32).copy()
    gain = 1 + clouds(draw, flat.size, 3, 2) * draw.between(0, 0.07)
    if draw.chance(0.3):
        place = np.linspace(0, 1, flat.width)[None] + np.linspace(0, 0.5, flat.height)[:, None]
        middle, wide = draw.between(0.2, 1.2), draw.between(0.05, 0.2)
        shine = (1 - np.abs(place - middle) / wide).clip(0, 1) * draw.between(8, 26)
        pixels[..., :3] += shine[..., None]
    pixels[..., :3] *= gain[..., None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
