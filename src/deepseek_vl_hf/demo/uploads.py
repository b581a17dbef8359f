"""Paths that a browser or an API call names come in, checked pictures go out.

A path is read only where Gradio stores uploads, or where our own examples lie; a format is what the file is, not what it is
called; a picture is bounded before it is decoded. No address is ever fetched.
"""

import html
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder
from gradio_client.utils import is_http_url_like
from PIL import Image

from ..data.picture_files import NO_PICTURE, TOO_LARGE, PictureError, look_at, open_picture
from .words import Refused, say


PICTURES = Path(__file__).parent / "pictures"
EXTENSIONS = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"]
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MAX_BYTES = 15 * 2**20  # of an upload
MAX_MEGAPIXELS = 40
LONGEST_SIDE = 2048  # pixels that are kept; the larger tower takes 1024
MAX_PER_TURN, MAX_PER_CHAT = 8, 16


def read(paths: Iterable[str]) -> tuple[Image.Image, ...]:
    """Read pictures.

    Raises:
        Refused: if one was not uploaded here, is no picture, damaged, or too large.
    """
    return tuple(_read(path) for path in paths)


def check_count(new: int, before: int) -> None:
    """Hold a question to the number of pictures that one may have, and its conversation.

    Raises:
        Refused: if there are too many.
    """
    if new > MAX_PER_TURN:
        raise Refused("too_many_pictures", found=new, limit=MAX_PER_TURN)
    if new + before > MAX_PER_CHAT:
        raise Refused("too_many_in_chat", found=new + before, limit=MAX_PER_CHAT)


def refuse_addresses(component: Any) -> Any:
    """Keep Gradio from fetching what an API call names in place of an upload; returns the component."""
    move = component.async_move_resource_to_block_cache

    async def move_files_only(path: str | Path | None) -> str | None:
        if path is not None and is_http_url_like(str(path)):
            raise gr.Error(say("en", "not_uploaded"), print_exception=False)
        return await move(path)

    component.async_move_resource_to_block_cache = move_files_only
    return component


def _read(path: str) -> Image.Image:
    try:
        file = Path(path).resolve()
    except (TypeError, ValueError, OSError) as error:
        raise Refused("not_uploaded") from error
    if not any(file.is_relative_to(folder) for folder in (Path(get_upload_folder()).resolve(), PICTURES)):
        raise Refused("not_uploaded")
    name = html.escape(file.name if len(file.name) <= 40 else f"{file.name[:37]}...")
    try:
        header = look_at(file, file.name, decode=False)
        if header.format not in FORMATS:
            raise Refused("not_a_picture", name=name)
        if header.width * header.height > MAX_MEGAPIXELS * 10**6:
            raise Refused("too_large", name=name, limit=MAX_MEGAPIXELS)
        picture = open_picture(file, file.name)
    except PictureError as error:
        if error.reason == TOO_LARGE:
            raise Refused("too_large", name=name, limit=MAX_MEGAPIXELS) from error
        raise Refused("not_a_picture" if error.reason == NO_PICTURE else "damaged", name=name) from error
    if max(picture.size) > LONGEST_SIDE:
        exif = picture.getexif()  # says which side is up, which the processor heeds
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        picture.getexif().update(exif)
    return picture
