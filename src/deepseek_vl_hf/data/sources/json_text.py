"""A JSON file of any size comes in, what stands in one of its objects or lists goes out, one value in memory at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..json_values import JsonText
from .files import opened


def members(file: Path, *inside: str) -> Iterator[tuple[str | int, Any]]:
    """Read what stands in an object or list, with one of them in memory at a time.

    Args:
        file: JSON.
        inside: Keys that lead to the object or list from the outermost one.

    Returns:
        Keys or positions, and values.

    Raises:
        ValueError: if there is no such key, or no JSON.
    """
    with opened(file) as stored:
        json_text = JsonText(stored, str(file))
        for wanted in inside:
            seen = []
            for key in json_text.names():
                if key == wanted:
                    break
                seen.append(key)
                json_text.skip()
            else:
                raise ValueError(
                    f"{file}: found the keys {seen}, expected {wanted!r}; check that this is the set's file"
                )
        yield from json_text.members()


def mappings(file: Path, *inside: str) -> Iterator[tuple[str | int, dict[str, Any]]]:
    """Read what stands in an object or list, all of it mappings; see `members`.

    Raises:
        ValueError: if there is no such key, no JSON, or something else than a mapping.
    """
    for key, value in members(file, *inside):
        if not isinstance(value, dict):
            raise ValueError(f"{file}: found {str(value)[:60]!r} at {key!r}, expected a mapping; check the file")
        yield key, value
