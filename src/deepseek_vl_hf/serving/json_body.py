"""The bytes of a request come in; its JSON object goes out, of bounded depth and size and of whole characters."""

import json
from collections.abc import Iterator
from typing import Any

from .refusals import RequestError, show


MAX_DEPTH = 64
MAX_VALUES = 2**16


def read_json(body: bytes) -> tuple[dict[str, Any], int]:
    """Read a body.

    Returns:
        The object without what is null, and how many characters its strings hold.

    Raises:
        RequestError: if it is no such object.
    """
    try:
        fields = json.loads(body)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:  # no JSON, no text at all, or numbers of thousands of digits
        raise RequestError(f"The body is no JSON that can be read ({error}); send a chat request.") from error
    if not isinstance(fields, dict):
        raise RequestError(f'Found {show(fields)} for the body, expected an object like {{"messages": [...]}}.')
    num_chars = _walk(fields)
    return {name: value for name, value in fields.items() if value is not None}, num_chars


def _walk(fields: dict[str, Any]) -> int:
    """Characters of an object; not by recursion, which is what something nested deeply would exhaust."""
    due: list[tuple[str, Any, int]] = [("", fields, 1)]
    num_chars = num_values = 0
    while due:
        place, value, depth = due.pop()
        if isinstance(value, str):
            num_chars += len(value)
            _expect_whole_characters(value, place)
        elif isinstance(value, (dict, list)):
            num_values += len(value)
            if num_values > MAX_VALUES:
                raise RequestError(f"The body holds more than {MAX_VALUES} values; send less.")
            if depth > MAX_DEPTH:
                raise _too_deep()
            if isinstance(value, dict):
                num_chars += sum(map(len, value))
            due += ((name, child, depth + 1) for name, child in _children(place, value))
    return num_chars


def _children(place: str, value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for index, child in enumerate(value):
            yield f"{place}[{index}]", child
    else:
        for name, child in value.items():
            _expect_whole_characters(name, place)
            yield f"{place}.{name[:60]}" if place else name[:60], child


def _expect_whole_characters(text: str, place: str) -> None:
    """JSON can escape half a character."""
    try:
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError as error:
        raise RequestError(
            f"Found half a surrogate pair in {show(text)}; escape whole characters.", place[:200] or None
        ) from error


def _too_deep() -> RequestError:
    return RequestError(f"The body's JSON is nested deeper than {MAX_DEPTH} levels; send a chat request.")
