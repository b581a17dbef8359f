"""Values of a record come in, checked texts and pictures go out.

A column that is missing, or holds another type than the published one, is a `SchemaError`. A value that is merely empty is not: its
record gives no row.
"""

import base64
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from PIL import Image

from ..rows import PLACEHOLDER, chat_row, texts_of


URL = re.compile(r"https?://", re.IGNORECASE)
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
HAN = re.compile(r"[㐀-鿿豈-﫿]")
# Letters of neither Latin nor Chinese: Greek to Thai and on, kana, hangul.
OTHER_LETTERS = re.compile(r"[Ͱ-῿぀-ヿ가-힯]")
LATIN = re.compile(r"[A-Za-z]")


class SchemaError(ValueError):
    """A record that is not of the published schema."""


def cell(record: Mapping[str, Any], column: str, *kinds: type) -> Any:
    """The value of a column, which may be None.

    Raises:
        SchemaError: if there is no such column, or its value is of another type.
    """
    if not isinstance(record, Mapping):
        raise SchemaError(f"found {str(record)[:60]!r}, expected a mapping with {column!r}")
    if column not in record:
        raise SchemaError(f"found the columns {sorted(map(str, record))}, expected {column!r} among them")
    value = record[column]
    if (
        value is not None
        and kinds
        and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds))
    ):
        names = " or ".join(kind.__name__ for kind in kinds)
        raise SchemaError(f"found {str(value)[:60]!r} of type {type(value).__name__} in {column!r}, expected {names}")
    return value


def text(record: Mapping[str, Any], column: str) -> str:
    """The text of a column, "" where there is none. What looks like a picture's placeholder is taken out."""
    return clean(cell(record, column, str) or "")


def maybe(record: Mapping[str, Any], column: str) -> str:
    """The text of a column that not every record has."""
    return text(record, column) if column in record else ""


def clean(words: str) -> str:
    """Text as a row may hold it: without placeholders, and without space around it."""
    return words.replace(PLACEHOLDER, "").strip()


def entries(record: Mapping[str, Any], column: str) -> list[Mapping[str, Any]]:
    """The mappings in the list of a column."""
    found = list(cell(record, column, list, tuple) or ())
    for value in found:
        if not isinstance(value, Mapping):
            raise SchemaError(f"found {str(value)[:60]!r} in the list {column!r}, expected mappings")
    return found


def strings(record: Mapping[str, Any], column: str) -> list[str]:
    """The texts in the list of a column."""
    found = list(cell(record, column, list, tuple) or ())
    for value in found:
        if not isinstance(value, str):
            raise SchemaError(f"found {str(value)[:60]!r} in the list {column!r}, expected texts")
    return found


def asked(question: str, answer: str, images: Sequence[Any], **about: Any) -> dict[str, Any]:
    """A row of one question and its answer."""
    return {**chat_row((question, answer), images=list(images)), **about}


@dataclass(frozen=True)
class Folder:
    """Where the pictures of a set lie.

    Args:
        root: Folder of the set's files.
        below: Folders in it that may have them; where none has, the root is meant.
    """

    root: Path
    below: tuple[str, ...] = ()

    def path(self, name: str, *suffixes: str) -> Path:
        """Join a relative path.

        Args:
            name: As the set says it.
            suffixes: Endings that the file may have where the set says none.

        Raises:
            SchemaError: if it is absolute or leads out of the folder.
        """
        windows = PureWindowsPath(name)
        if not name or "\0" in name or SCHEME.match(name) or PurePosixPath(name).is_absolute() or windows.anchor:
            raise SchemaError(
                f"found the picture {name[:80]!r}, expected a path relative to the set's files, or a URL"
            )
        if ".." in windows.parts or ".." in PurePosixPath(name).parts:
            raise SchemaError(f"found the picture {name[:80]!r}, expected a path that stays in its folder")
        root = Path(os.path.abspath(self.root))
        names = [name + suffix for suffix in suffixes or ("",)]
        places = [root / folder / each for folder in (*self.below, "") for each in names]
        # Only where there is a choice is the disk asked.
        return next((place for place in places if len(places) == 1 or place.is_file()), root / names[0])

    def picture(self, value: Any, *suffixes: str) -> Any:
        """A picture as a row holds it.

        Args:
            value: A PIL image, bytes, `{"bytes": ..., "path": ...}`, a relative path or a URL.
            suffixes: Endings that a path may have where the set says none.

        Raises:
            SchemaError: if it is nothing of these.
        """
        if isinstance(value, Image.Image):
            return value
        if isinstance(value, bytes):
            return {"bytes": value, "path": None}
        if isinstance(value, Mapping):
            if isinstance(value.get("bytes"), bytes):
                return {"bytes": value["bytes"], "path": value.get("path")}
            value = value.get("path")
        if not isinstance(value, str):
            shown = f"{type(value).__name__} for a picture"
            raise SchemaError(f"found {shown}, expected a picture, its bytes, a relative path or a URL")
        if URL.match(value):
            return {"bytes": None, "path": value}
        if value.startswith("data:"):
            return {"bytes": _decoded(value), "path": None}
        return {"bytes": None, "path": str(self.path(value, *suffixes))}


def _decoded(url: str) -> bytes:
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except ValueError as error:
        raise SchemaError(f"found {url[:40]!r} that is not base64 ({error}), expected a picture's bytes") from error


def language_of(row: Mapping[str, Any] | str) -> str:
    """Guess what a row or a text is written in: "zh", "en", or "mul" where letters of other scripts prevail."""
    words = row if isinstance(row, str) else " ".join(texts_of(row))
    han, other, latin = (len(kind.findall(words)) for kind in (HAN, OTHER_LETTERS, LATIN))
    if other > 0.2 * (han + other + latin):
        return "mul"
    return "zh" if han > 0.2 * (han + latin) else "en"
