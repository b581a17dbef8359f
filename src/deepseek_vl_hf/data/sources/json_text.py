"""A JSON file of any size comes in, what stands in one of its objects or lists goes out, one value in memory at a time."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ..reading import MAX_RECORD
from .files import PIECE, opened


SPACE = " \t\r\n"
NUMBER = "+-.0123456789Ee"


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


class JsonText:
    """JSON that is read value by value.

    Args:
        stored: The file.
        name: For messages.
    """

    def __init__(self, stored: IO[bytes], name: str):
        self.text = io.TextIOWrapper(stored, encoding="utf-8-sig")
        self.name, self.decoder = name, json.JSONDecoder()
        self.buffer, self.at, self.ended = "", 0, False

    def names(self) -> Iterator[str]:
        """The keys of the object that begins here; whoever asks reads the value of each before the next."""
        self._expect("{")
        first = True
        while self._peek() != "}":
            if not first:
                self._expect(",")
            first = False
            key = self.value()
            self._expect(":")
            yield key
        self._expect("}")

    def members(self) -> Iterator[tuple[str | int, Any]]:
        """Keys and values of the object that begins here, or positions and values of the list."""
        if self._peek() == "{":
            for key in self.names():
                yield key, self.value()
            return
        self._expect("[")
        position = 0
        while self._peek() != "]":
            if position:
                self._expect(",")
            yield position, self.value()
            position += 1
        self._expect("]")

    def skip(self) -> None:
        """Read past a value without keeping it whole."""
        if self._peek() in ("{", "["):
            for _ in self.members():
                pass
        else:
            self.value()

    def value(self) -> Any:
        """Read the value that begins here.

        Raises:
            ValueError: if there is none, or it is too long.
        """
        self._peek()
        wanted = PIECE
        while True:
            try:
                found, end = self.decoder.raw_decode(self.buffer, self.at)
                # A number may go on behind the end of what was read: 0 may be 0.5, or 1 be 1e-5.
                if self.ended or self.buffer[end : end + 4].strip(NUMBER):
                    self.at = end
                    return found
            except (ValueError, RecursionError) as error:
                if self.ended or isinstance(error, RecursionError):
                    raise self._fault(error) from error
            if len(self.buffer) - self.at > MAX_RECORD:
                raise self._fault(f"a value of more than {MAX_RECORD} characters")
            self._read(wanted)
            wanted *= 2

    def _read(self, wanted: int) -> None:
        piece = self.text.read(wanted)
        self.ended = len(piece) < wanted
        self.buffer, self.at = self.buffer[self.at :] + piece, 0

    def _peek(self) -> str:
        """The next character that is no space, "" at the end."""
        while True:
            while self.at < len(self.buffer) and self.buffer[self.at] in SPACE:
                self.at += 1
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if self.ended:
                return ""
            self._read(PIECE)

    def _expect(self, character: str) -> None:
        if self._peek() != character:
            raise self._fault(f"{self._peek()!r}, expected {character!r}")
        self.at += 1

    def _fault(self, found: object) -> ValueError:
        return ValueError(f"{self.name}: found {found}, expected JSON; fetch the file again")
