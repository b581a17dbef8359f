"""JSON of any size comes in, its values go out one by one, with one of them in memory at a time."""

import io
import json
from collections.abc import Iterator
from typing import IO, Any


MAX_RECORD = 2**24  # characters of a value
PIECE = 2**20  # characters read at a time
SPACE = " \t\r\n"
NUMBER = "+-.0123456789Ee"


class TooLongError(ValueError):
    """A value that would fill the memory."""


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
        while self.peek() != "}":
            if not first:
                self._expect(",")
            first = False
            key = self.value()
            self._expect(":")
            yield key
        self._expect("}")

    def members(self) -> Iterator[tuple[str | int, Any]]:
        """Keys and values of the object that begins here, or positions and values of the list."""
        if self.peek() == "{":
            for key in self.names():
                yield key, self.value()
            return
        self._expect("[")
        position = 0
        while self.peek() != "]":
            if position:
                self._expect(",")
            yield position, self.value()
            position += 1
        self._expect("]")

    def records(self) -> Iterator[Any]:
        """What stands in the list that begins here, or the values that stand one after another."""
        if self.peek() == "[":
            yield from (value for _, value in self.members())
            return
        while self.peek():
            yield self.value()

    def skip(self) -> None:
        """Read past a value without keeping it whole."""
        if self.peek() in ("{", "["):
            for _ in self.members():
                pass
        else:
            self.value()

    def value(self) -> Any:
        """Read the value that begins here.

        Raises:
            ValueError: if there is none, or it is too long.
        """
        self.peek()
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
                raise TooLongError(
                    f"{self.name}: found a value of more than {MAX_RECORD} characters; write one a line"
                )
            self._read(wanted)
            wanted *= 2

    def _read(self, wanted: int) -> None:
        piece = self.text.read(wanted)
        self.ended = len(piece) < wanted
        self.buffer, self.at = self.buffer[self.at :] + piece, 0

    def peek(self) -> str:
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
        if self.peek() != character:
            raise self._fault(f"{self.peek()!r}, expected {character!r}")
        self.at += 1

    def _fault(self, found: object) -> ValueError:
        return ValueError(f"{self.name}: found {found}, expected JSON; fetch the file again")
