"""A picture's file or bytes come in; what it is, or the decoded picture, goes out, and never more than a bounded amount of work.

    locate      the cell of a row -> bytes, or a path inside the row's folder
    look_at     bytes or path -> format, size, remarks
    open_picture                 -> the picture

What is wrong is one of a few reasons, so that it can be counted; the message says what was found and what helps. Nothing is
fetched from the network unless `fetch` is called.
"""

import base64
import binascii
import urllib.request
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image


# Photographs and drawings; others of Pillow's readers start programs or read documents.
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
MAX_PIXELS = 2**26  # 8192 x 8192; a small file can claim any size
MAX_BYTES = 2**26  # of a picture's file
EXTENSIONS = {
    "BMP": (".bmp", ".dib"),
    "GIF": (".gif",),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png", ".apng"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
CAN_MOVE = ("GIF", "PNG", "WEBP")

EMPTY = "picture file is empty"
NO_PICTURE = "file is no picture"
DAMAGED = "picture is damaged"
TOO_LARGE = "picture is too large"
MISSING = "picture is missing"
IS_URL = "picture is a URL, which is not fetched"
NOT_FETCHED = "picture cannot be fetched"
OUTSIDE = "path leads out of its folder"
# What is said of a picture that can be used all the same.
ANIMATED = "picture moves: only its first frame is seen"
CMYK = "picture is CMYK: colours are converted roughly"
EXTENSION = "extension differs from what the file is"


class PictureError(ValueError):
    """A picture that cannot be used.

    Args:
        reason: One of this module's.
        message: What was found, and what helps.
    """

    def __init__(self, reason: str, message: str):
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class PictureFile:
    """What the file of a picture says of itself: format, pixels, and remarks on it."""

    format: str
    width: int
    height: int
    remarks: tuple[str, ...] = ()


def locate(picture: Any, folder: Path) -> tuple[bytes | Path, str]:
    """Find the file of a picture, as a row names it.

    Args:
        picture: `{"bytes": ..., "path": ...}` as `datasets` stores it, a path, or a `data:` URL.
        folder: Of the file that the row is in; paths are relative to it and stay inside.

    Returns:
        Bytes or path, and a name for messages.

    Raises:
        PictureError: if it is nothing of these, is a URL, or leads out of the folder.
    """
    data, path = (picture.get("bytes"), picture.get("path")) if isinstance(picture, Mapping) else (None, picture)
    if isinstance(data, bytes):
        return data, str(path or "picture")
    if not isinstance(path, str) or not path or "\0" in path:
        shown = type(picture).__name__ if path is not None else "nothing"
        raise PictureError(MISSING, f"found {shown} for a picture, expected its bytes or a path; add it")
    shown = path if len(path) <= 80 else f"{path[:77]}..."
    if path.startswith("data:"):
        try:
            return base64.b64decode(path.partition(",")[2], validate=True), "picture"
        except (binascii.Error, ValueError) as error:
            raise PictureError(DAMAGED, f"{shown} is not base64 data ({error}); encode it again.") from error
    if "://" in path:
        raise PictureError(IS_URL, f"{shown} is a URL; ask for it to be fetched, or fetch the pictures first.")
    whole = folder / path
    # By its name: a link inside the folder was put there by whoever has the folder.
    if ".." in Path(path).parts or not whole.is_relative_to(folder):
        raise PictureError(OUTSIDE, f"{shown} leads out of {folder}; put the rows beside or above their pictures.")
    return whole, path


def find(picture: Any, folder: Path, fetching: bool = False) -> tuple[bytes | Path, str]:
    """Find the file of a picture as `locate` does, and fetch it where it is a URL, if that is asked for.

    Raises:
        PictureError: see `locate` and `fetch`.
    """
    try:
        return locate(picture, folder)
    except PictureError as error:
        if error.reason != IS_URL or not fetching:
            raise
    return fetch(picture["path"] if isinstance(picture, Mapping) else picture), "picture"


def fetch(url: str, seconds: float = 20) -> bytes:
    """Fetch a picture over http or https, up to `MAX_BYTES`.

    Raises:
        PictureError: if it cannot be had.
    """
    if not url.startswith(("http://", "https://")):
        raise PictureError(NOT_FETCHED, f"{url[:80]} is neither http nor https; fetch it by other means.")
    try:
        with urllib.request.urlopen(urllib.request.Request(url), timeout=seconds) as answer:
            data = answer.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise PictureError(
            NOT_FETCHED, f"{url[:80]} gives no picture ({error}); try again or leave it out."
        ) from error
    if len(data) > MAX_BYTES:
        raise PictureError(TOO_LARGE, f"{url[:80]} has more than {MAX_BYTES} bytes; scale it down first.")
    return data


def look_at(source: bytes | Path, name: str, decode: bool = True) -> PictureFile:
    """Look at a picture.

    Args:
        source: Its file, or what stands in it.
        name: For messages; its ending is compared with what the file is.
        decode: Whether to read it whole; otherwise its header is believed.

    Raises:
        PictureError: if it cannot be used.
    """
    picture, moves = _open(source, name, decode)
    remarks = [ANIMATED] if moves else []
    if picture.mode == "CMYK":
        remarks.append(CMYK)
    suffix = Path(name).suffix.lower()
    if suffix and any(suffix in known for known in EXTENSIONS.values()) and suffix not in EXTENSIONS[picture.format]:
        remarks.append(EXTENSION)
    return PictureFile(picture.format, picture.width, picture.height, tuple(remarks))


def open_picture(source: bytes | Path, name: str) -> Image.Image:
    """Read a picture whole, not turned upright yet.

    Raises:
        PictureError: if it is missing, no picture of a common format, damaged, or larger than `MAX_PIXELS`.
    """
    return _open(source, name, decode=True)[0]


def _open(source: bytes | Path, name: str, decode: bool) -> tuple[Image.Image, bool]:
    """A picture, and whether it moves, which only an open file can tell."""
    if isinstance(source, Path):
        if source.is_dir():
            raise PictureError(MISSING, f"{name} is a folder; give a picture file.")
        if not source.exists():
            raise PictureError(MISSING, f"There is no file {name}; check the path.")
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size == 0:
        raise PictureError(EMPTY, f"{name} is empty; save or fetch it again.")
    if size > MAX_BYTES:
        raise PictureError(TOO_LARGE, f"{name} has {size} bytes, more than {MAX_BYTES}; scale it down first.")
    file = BytesIO(source) if isinstance(source, bytes) else source
    too_large = f"{name} has more than {MAX_PIXELS} pixels; scale it down first."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise PictureError(TOO_LARGE, too_large)
                moves = picture.format in CAN_MOVE and bool(getattr(picture, "is_animated", False))
                if decode:
                    picture.getexif()  # says which side is up; some formats read it from the file only now
                    picture.load()
                return picture, moves
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise PictureError(TOO_LARGE, too_large) from error
    except Image.UnidentifiedImageError as error:
        formats = ", ".join(FORMATS)
        raise PictureError(
            NO_PICTURE, f"{name} is no picture that can be read ({formats}); convert it, e.g. to PNG."
        ) from error
    except PictureError:
        raise
    except Exception as error:  # a damaged file raises OSError, SyntaxError, struct.error and others
        raise PictureError(
            DAMAGED, f"{name} cannot be read ({' '.join(str(error).split())}); save or fetch it again."
        ) from error
