"""A kind of ground and a size come in; an empty sheet, blackboard, whiteboard, slide or screen goes out, to draw on."""

import numpy as np
from PIL import Image

from ..damage import Medium
from ..rendering import Draw
from .surfaces import clouds, grain


Colour = tuple[int, int, int]
# Colours of ground and ink, and how such a picture reaches people.
GROUNDS: dict[str, tuple[tuple[tuple[Colour, Colour], ...], Medium]] = {
    "white": ((((255, 255, 255), (0, 0, 0)), ((255, 255, 255), (25, 30, 60)), ((252, 252, 250), (40, 40, 40))), "scan"),
    "paper": ((((250, 245, 230), (45, 35, 25)), ((244, 240, 228), (20, 40, 110)), ((248, 248, 240), (0, 0, 0))), "scan"),
    "notebook": ((((252, 252, 250), (25, 45, 140)), ((253, 250, 240), (30, 30, 30))), "photo"),
    "blackboard": ((((38, 66, 54), (240, 240, 232)), ((42, 46, 50), (238, 238, 238)), ((30, 72, 60), (250, 236, 170))), "photo"),
    "whiteboard": ((((240, 243, 244), (20, 60, 160)), ((236, 238, 240), (30, 30, 34)), ((243, 243, 240), (170, 30, 40))), "photo"),
    "screen": ((((30, 31, 38), (230, 230, 235)), ((18, 18, 18), (220, 220, 220)), ((246, 248, 250), (31, 35, 40))), "screen"),
    "slide": ((((255, 255, 255), (30, 60, 110)), ((22, 50, 92), (255, 255, 255)), ((245, 239, 226), (90, 40, 30))), "screen"),
}  # fmt: skip
RULES = (170, 195, 225)  # colour of the lines in a notebook


def lay_ground(draw: Draw, kind: str, size: tuple[int, int], colour: Colour) -> np.ndarray:
    """Make an empty ground.

    Args:
        draw: Decides on rules, dust and grain.
        kind: A key of `GROUNDS`.
        size: Width and height in pixels.
        colour: Of the ground.

    Returns:
        Pixels of shape (height, width, 3), float32, about 0 to 255.
    """
    pixels = np.empty((size[1], size[0], 3), np.float32)
    pixels[:] = colour
    if kind == "paper":
        pixels += (grain(draw, size, "paper") * draw.between(0, 3))[..., None]
    elif kind == "notebook":
        step = draw.whole(18, 34)
        ruled = np.arange(size[1])[:, None] % step == step - 1
        if draw.chance(0.5):
            ruled = ruled | (np.arange(size[0])[None] % step == step - 1)
        pixels = np.where(np.broadcast_to(ruled, size[::-1])[..., None], np.float32(RULES), pixels)
    elif kind == "blackboard":
        wiped = clouds(draw, size, 4, 3).clip(0, 1) * draw.between(0, 26)
        pixels += (wiped + grain(draw, size, "fine") * 2)[..., None]
    elif kind == "whiteboard":
        pixels += (clouds(draw, size, 3, 2) * draw.between(0, 6))[..., None]
    return pixels


def lay_ink(draw: Draw, kind: str, pixels: np.ndarray, ink: Image.Image) -> Image.Image:
    """Lay a drawing on a ground; chalk leaves out some grains.

    Args:
        draw: Decides on the grains.
        kind: Of the ground.
        pixels: As `lay_ground` gives them.
        ink: RGBA, of the same size.

    Returns:
        The picture, RGB.
    """
    drawn = np.asarray(ink, np.float32)
    cover = drawn[..., 3:] / 255
    if kind == "blackboard":
        cover = cover * (1 - 0.14 * np.abs(grain(draw, ink.size, "fine"))).clip(0.55, 1)[..., None]
    return Image.fromarray((pixels + (drawn[..., :3] - pixels) * cover).clip(0, 255).astype(np.uint8))
