"""A clean drawing comes in; the file of a picture as it reaches people goes out: scanned, photographed, shared, or untouched.

What is damaged, and how much, is drawn; what is written stays legible. Geometry is kept unless a medium turns the page, and then by
no more than `MOST_TURN` degrees.

Shapes: H, W picture height and width in pixels.
"""

import io
from typing import Literal

import numpy as np
from PIL import Image, ImageFilter

from .rendering import Draw


Medium = Literal["clean", "screen", "scan", "photo"]
MOST_TURN = 2.5  # degrees
CLEAN_SHARE = 0.35  # of the pictures of any medium that arrive untouched


def save(draw: Draw, picture: Image.Image, medium: Medium = "clean", longest: int | None = None) -> bytes:
    """Damage a picture as its medium does, and encode it.

    Args:
        draw: Decides.
        picture: Of any mode.
        medium: "clean" leaves the pixels alone; "screen" is a screenshot, scaled and compressed by those who shared it; "scan" a
            page from a scanner; "photo" a page or thing in front of a camera.
        longest: Pixels of the longer side, if it is to be scaled down to so many.

    Returns:
        A PNG or JPEG file.
    """
    picture = _fit(picture.convert("RGB"), longest)
    if medium == "clean" or draw.chance(CLEAN_SHARE):
        return encode(picture)
    return {"screen": _share, "scan": _scan, "photo": _photograph}[medium](draw, picture, longest)


def _fit(picture: Image.Image, longest: int | None) -> Image.Image:
    """The picture, scaled down if a side is longer than it may be."""
    if longest is None or max(picture.size) <= longest:
        return picture
    scale = longest / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def encode(picture: Image.Image, quality: int | None = None) -> bytes:
    """Write a picture as PNG, or as JPEG of a quality from 1 to 95."""
    file = io.BytesIO()
    if quality is None:
        picture.save(file, "PNG", compress_level=6)
    else:
        picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _share(draw: Draw, picture: Image.Image, longest: int | None) -> bytes:
    """A screenshot that was scaled by an app and compressed by a messenger."""
    if draw.chance(0.5):
        scale = draw.between(0.85, 1.2)  # small print must stay legible
        size = tuple(max(1, round(side * scale)) for side in picture.size)
        filters = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
        picture = _fit(picture.resize(size, draw.pick(filters)), longest)
    return encode(picture, draw.whole(45, 92)) if draw.chance(0.6) else encode(picture)


def _scan(draw: Draw, picture: Image.Image, longest: int | None) -> bytes:
    """Paper that is not quite white, lies not quite straight, with the noise of a scanner; often in grey."""
    pixels = np.asarray(picture, np.float32)  # (H, W, 3)
    white, black = draw.between(215, 255), draw.between(0, 60)
    pixels = black + pixels * ((white - black) / 255)
    if draw.chance(0.4):  # yellowed
        pixels = pixels * np.array([1.0, draw.between(0.96, 1), draw.between(0.86, 1)], np.float32)
    if draw.chance(0.5):
        pixels = pixels * _shade(draw, pixels.shape[:2], 0.12)[..., None]
    pixels += _noise(draw, pixels.shape, draw.between(1, 9), grey=True)
    picture = _to_picture(pixels)
    if draw.chance(0.6):
        fill = tuple(np.median(pixels.reshape(-1, 3), axis=0).clip(0, 255).astype(int).tolist())
        angle = draw.between(-MOST_TURN, MOST_TURN)
        # Enlarged, so that no word at the edge is cut off.
        picture = _fit(picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=fill), longest)
    if draw.chance(0.4):
        picture = picture.filter(ImageFilter.GaussianBlur(draw.between(0.2, 0.7)))
    if draw.chance(0.5):
        picture = picture.convert("L").convert("RGB")
    return encode(picture, draw.whole(40, 90))


def _photograph(draw: Draw, picture: Image.Image, longest: int | None) -> bytes:
    """Uneven light, a tint, noise, and a camera that was not quite in focus."""
    pixels = np.asarray(picture, np.float32)
    gains = np.array([draw.between(0.94, 1.06) for _ in range(3)], np.float32) * draw.between(0.8, 1.1)
    pixels = pixels * gains * _shade(draw, pixels.shape[:2], 0.3)[..., None]
    pixels += _noise(draw, pixels.shape, draw.between(1, 7), grey=False)
    picture = _to_picture(pixels)
    if draw.chance(0.5):
        picture = picture.filter(ImageFilter.GaussianBlur(draw.between(0.2, 0.9)))
    return encode(picture, draw.whole(45, 92))


def _shade(draw: Draw, size: tuple[int, int], depth: float) -> np.ndarray:
    """Light that falls off towards a side or corner, (H, W), at most 1."""
    height, width = size
    down, across = draw.between(-depth, depth), draw.between(-depth, depth)
    plane = np.linspace(-0.5, 0.5, height)[:, None] * down + np.linspace(-0.5, 0.5, width)[None] * across
    return (1 + plane - plane.max()).astype(np.float32)


def _noise(draw: Draw, shape: tuple[int, ...], spread: float, grey: bool) -> np.ndarray:
    """Normal noise in steps of 255, the same in all channels or not."""
    shape = (*shape[:2], 1) if grey else shape
    return draw.rng.standard_normal(shape, dtype=np.float32) * spread


def _to_picture(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
