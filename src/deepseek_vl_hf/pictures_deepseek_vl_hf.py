"""Whatever a user calls a picture becomes an upright 8-bit RGB one, or an error that says what was wrong with it.

path, URL, base64 data        -> open_picture -> Pillow image of any mode, upright
numpy or torch array          -> from_array   -> Pillow image, L, RGB or RGBA
Pillow image of any mode      -> to_rgb       -> Pillow image, RGB
"""

import base64
import os
from io import BytesIO

import numpy as np
import torch
from PIL import Image, ImageOps
from transformers.image_utils import ChannelDimension, load_image


_CHANNELS = (1, 3, 4)  # grey, RGB, RGBA


def _upright(image: Image.Image) -> Image.Image:
    image.load()  # a truncated file fails here
    return ImageOps.exif_transpose(image)


def open_picture(source: str | os.PathLike) -> Image.Image:
    """Open a path, a URL, or base64 data with or without `data:image/...;base64,` before it.

    A URL is loaded by transformers, which drops transparency; the other two keep it.

    Raises:
        ValueError: if it leads to no readable picture, or to one larger than Pillow's limit for decompression bombs.
    """
    source = os.fspath(source)
    try:
        if source.startswith(("http://", "https://")):
            return load_image(source)
        if os.path.isfile(source):
            return _upright(Image.open(source))
        data = source.partition(",")[2] if source.startswith("data:") else source
        return _upright(Image.open(BytesIO(base64.b64decode(data, validate=True))))
    except Exception as error:  # Pillow raises OSError, SyntaxError, struct.error, DecompressionBombError and others
        shown = source
        if len(source) > 80:  # of a file's path the end says most
            shown = f"...{source[-77:]}" if os.path.isfile(source) else f"{source[:77]}..."
        raise ValueError(
            f"Cannot read the picture {shown!r} ({type(error).__name__}: {error}). Expected the path, http(s) URL or "
            "base64 data of a whole picture file in a format that Pillow reads."
        ) from error


def from_array(array: np.ndarray | torch.Tensor, input_data_format: str | None = None) -> Image.Image:
    """Turn an array into a Pillow image.

    Args:
        array (`np.ndarray` or `torch.Tensor` of shape `(H, W)`, `(H, W, C)` or `(C, H, W)`):
            uint8 in 0-255 or floating point in 0-1; C is 1 (grey), 3 (RGB) or 4 (RGBA). Where both ends could be
            channels, numpy's are taken to be last and torch's first.
        input_data_format (`str`, *optional*):
            "channels_first" or "channels_last", to settle the order.

    Raises:
        ValueError: if shape, type or range is another, or a value is not finite.
    """
    channels_first = isinstance(array, torch.Tensor)
    if isinstance(array, torch.Tensor):
        array = array.detach().cpu()
        array = (array.float() if array.is_floating_point() else array).numpy()
    found = f"a picture array of shape {array.shape} and type {array.dtype}"
    if array.ndim == 2:
        array = array[..., None]
    elif array.ndim == 3:
        if input_data_format is not None:
            channels_first = ChannelDimension(input_data_format) == ChannelDimension.FIRST
        elif array.shape[0] not in _CHANNELS or array.shape[-1] not in _CHANNELS:
            channels_first = array.shape[0] in _CHANNELS
        if channels_first:
            array = np.moveaxis(array, 0, -1)  # (H, W, C)
    if array.ndim != 3 or array.shape[-1] not in _CHANNELS or 0 in array.shape:
        raise ValueError(
            f"Found {found}; expected (H, W), (H, W, C) or (C, H, W) with 1, 3 or 4 channels and at least one pixel. "
            'Reorder the axes, or pass input_data_format="channels_first" or "channels_last".'
        )
    if np.issubdtype(array.dtype, np.floating):
        low, high = float(array.min()), float(array.max())  # NaN if any value is
        if not (low >= 0.0 and high <= 1.0):
            raise ValueError(
                f"Found {found} with values from {low:g} to {high:g}; expected floating point from 0 to 1, finite. "
                "Divide by 255 or undo the normalisation, or convert to uint8."
            )
        array = np.rint(array.astype(np.float32) * 255).astype(np.uint8)
    elif array.dtype != np.uint8:
        raise ValueError(f"Found {found}; expected uint8 (0-255) or floating point (0-1). Convert it, e.g. to uint8.")
    return Image.fromarray(np.ascontiguousarray(array[..., 0] if array.shape[-1] == 1 else array))


def _to_8_bit(image: Image.Image) -> Image.Image:
    """Scale a picture of one wide channel to mode L; Pillow's own conversion clips at 255 instead.

    Modes I and F do not say how bright white is: the smallest of 1 (F only), 255 and 65535 that no value exceeds.
    """
    with np.errstate(invalid="ignore"):  # a NaN is reported below
        values = np.asarray(image, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    whites = (65535,) if image.mode.startswith("I;16") else (1, 255, 65535) if image.mode == "F" else (255, 65535)
    white = next((white for white in whites if high <= white), None)
    if white is None or not low >= 0:
        raise ValueError(
            f"Found a Pillow image of mode {image.mode} with values from {low:g} to {high:g}; expected finite "
            "values from 0 to 65535. Scale it, or convert it to mode L or RGB."
        )
    return Image.fromarray(np.rint(values * (255 / white)).astype(np.uint8))


def to_rgb(image: Image.Image, background: tuple[int, int, int]) -> Image.Image:
    """Turn a Pillow image of any mode upright and into RGB; transparency shows `background`, the padding's colour.

    Raises:
        ValueError: if it has no pixels, a mode that does not convert to RGB, values out of range, or a broken file.
    """
    found = f"{getattr(image, 'filename', '') or 'a Pillow image'} of mode {image.mode}"
    if 0 in image.size:
        raise ValueError(f"Found {found} and {image.width}x{image.height} pixels; expected at least 1x1.")
    try:
        image = _upright(image)
        if image.mode == "F" or image.mode.startswith("I"):
            image = _to_8_bit(image)
        if image.has_transparency_data:
            image = image.convert("LA") if image.mode == "La" else image  # Pillow has no direct way from La
            canvas = Image.new("RGBA", image.size, (*background, 255))
            image = Image.alpha_composite(canvas, image.convert("RGBA"))
        return image.convert("RGB")
    except ValueError as error:
        raise ValueError(f"Cannot convert {found} to RGB: {error}") from error
    except Exception as error:  # a file that is opened lazily fails only here; see `open_picture`
        raise ValueError(
            f"Cannot read {found} ({type(error).__name__}: {error}). Expected a whole picture file; save it again."
        ) from error
