"""A checked request comes in; it goes out with its pictures opened, one after the other, as long as its client is there."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from ..data import picture_files
from .refusals import RequestError, show
from .request import ChatRequest, Limits


ASCII_WHITE_SPACE = re.compile("[ \t\n\f\r]+")


def open_pictures(
    request: ChatRequest,
    limits: Limits,
    see: Callable[[Image.Image], Any] | None = None,
    gone: threading.Event | None = None,
) -> ChatRequest | None:
    """Open the pictures of a request; takes as long as these are large.

    Args:
        request: With the URLs of its pictures.
        limits: How much is too much.
        see: Makes of each picture what the engine needs, so that no more than one is in memory whole.
        gone: Set when the client has gone away.

    Returns:
        The request with what was made of its pictures; `None` if there is nobody left to answer.

    Raises:
        RequestError: if a picture cannot be used.
    """
    pictures, room = [], limits.max_pixels_in_all
    for where, url in request.urls:
        if gone is not None and gone.is_set():
            return None
        try:
            data, name = picture_files.locate(_inline(url, where), Path())
            room -= _pixels(data, name, limits)
            if room < 0:
                raise ValueError(
                    f"The pictures have more than {limits.max_pixels_in_all} pixels together; scale them down."
                )
            picture = picture_files.open_picture(data, name)
            pictures.append(see(picture) if see else None)
        except ValueError as error:
            raise RequestError(str(error), where, code="invalid_image") from error
    return replace(request, urls=(), pictures=tuple(pictures))


def _inline(url: str, where: str) -> str:
    """The URL as it is usually written. Nothing is fetched: a server that does can be sent to places only it can reach."""
    head, _, data = url.partition(",")
    head = head.strip().lower()
    if not (head.startswith("data:") and head.endswith(";base64")):
        raise RequestError(
            f"Found {show(url)} for a picture, expected a URL like data:image/png;base64,...; pictures are not fetched, "
            "send their bytes.",
            where,
            code="invalid_image_url",
        )
    return f"{head},{ASCII_WHITE_SPACE.sub('', data)}"


def _pixels(data: bytes, name: str, limits: Limits) -> int:
    """How many a picture says it has, before any is decoded."""
    file = picture_files.look_at(data, name, decode=False)
    size = f"Found a picture of {file.width} x {file.height}"
    if max(file.width, file.height) > limits.max_side:
        raise ValueError(f"{size}, expected sides of up to {limits.max_side}; cut it.")
    if file.width * file.height > limits.max_pixels:
        raise ValueError(f"{size}, expected up to {limits.max_pixels} pixels; scale it down.")
    return file.width * file.height
