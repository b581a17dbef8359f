"""Source files come in; excerpts of them that make sense alone go out: whole functions, classes, rules, no two of which overlap.

An excerpt is cut out by its indentation, dedented, and has spaces where the file has tabs, since a picture shows no tabs.
"""

import ast
import functools
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from ...assets import Code


TAB = 4  # spaces
CLOSERS = re.compile(r"^\s*([})\]]+[;,)]*|end\b|fi\b|done\b|</\w+>)")  # a line that closes the block above it
MIDDLES = re.compile(r"[})\]]|(?:elif|else|except|finally|case|when)\b")  # starts what has no sense alone
DEFINITIONS = {
    "python": re.compile(r"^(?:async )?def (\w+)\(", re.MULTILINE),
    "javascript": re.compile(r"^(?:export )?(?:async )?function (\w+)\(", re.MULTILINE),
    "typescript": re.compile(r"^(?:export )?(?:async )?function (\w+)\(", re.MULTILINE),
    "go": re.compile(r"^func (\w+)\(", re.MULTILINE),
    "rust": re.compile(r"^(?:pub )?fn (\w+)[(<]", re.MULTILINE),
}


@dataclass(frozen=True)
class Excerpt:
    """A part of a source file.

    Args:
        file: Its name.
        language: As pygments calls it.
        text: Without a line end after the last line.
        licence: SPDX.
    """

    file: str
    language: str
    text: str
    licence: str

    @property
    def key(self) -> str:
        """What it says below its first line, without numbers: the same for all of a row of rules like .col-1, .col-2."""
        return re.sub(r"\d+", "", self.text.split("\n", 1)[-1])

    @property
    def defined(self) -> str | None:
        """Name of the function that it defines, if it defines exactly one at its outermost level."""
        pattern = DEFINITIONS.get(self.language)
        names = pattern.findall(self.text) if pattern else []
        return names[0] if len(names) == 1 and re.match(pattern.pattern, self.text) else None


@functools.lru_cache(8)
def excerpts(files: tuple[Code, ...], least: int = 4, most: int = 30, widest: int = 96) -> tuple[Excerpt, ...]:
    """Cut files into excerpts.

    Args:
        files: As `Assets.code` gives them.
        least: Lines of an excerpt.
        most: Lines of an excerpt.
        widest: Characters of its longest line.

    Returns:
        Excerpts, each `key` once.
    """
    found = {}
    for file in files:
        lines = [line.rstrip().expandtabs(TAB) for line in file.text.splitlines()]
        for start, end in _blocks(lines, 0, len(lines), most):
            text = textwrap.dedent("\n".join(lines[start:end])).strip("\n")
            if _is_good(text, least, most, widest) and _is_in(text, file.language):
                excerpt = Excerpt(file.name, file.language, text, file.licence)
                found.setdefault(excerpt.key, excerpt)
    return tuple(found.values())


def _is_good(text: str, least: int, most: int, widest: int) -> bool:
    lines = text.split("\n")
    if (
        MIDDLES.match(text)
        or not least <= len(lines) <= most
        or not all(" " <= letter <= "~" for letter in text if letter != "\n")
    ):
        return False
    marks = sum(letter in "=(){}:;[]<>." for letter in text)
    return max(map(len, lines)) <= widest and marks >= len(lines) and "```" not in text


def _is_in(text: str, language: str) -> bool:
    """Whether a text is surely in a language: not a piece of a comment, nor of another language inside it."""
    if language in ("html", "xml"):
        return text.startswith("<")
    if language == "python":
        try:
            ast.parse(text)
        except SyntaxError:
            return False
    return not text.startswith(("*", "#", "//", "/*"))


def _blocks(lines: list[str], start: int, end: int, most: int) -> Iterator[tuple[int, int]]:
    """Spans of blocks: a line with all deeper ones below it, and the one that closes it; what is longer is split up."""
    place = start
    while place < end:
        if not lines[place]:
            place += 1
            continue
        stop = _block_end(lines, place, end)
        if stop - place <= most and stop - place > 1:
            yield place, stop
        elif stop - place > most:
            yield from _blocks(lines, place + 1, stop, most)
        place = stop


def _block_end(lines: list[str], start: int, end: int) -> int:
    """The line after a block; a decorator belongs to what follows it."""
    depth = _indent(lines[start])
    stop = start + 1
    while lines[stop - 1].lstrip().startswith("@") and stop < end and lines[stop]:
        stop += 1
    while stop < end and (not lines[stop] or _indent(lines[stop]) > depth):
        stop += 1
    if stop < end and _indent(lines[stop]) == depth and CLOSERS.match(lines[stop]) and stop > start + 1:
        stop += 1
        if re.search(r"[{(\[]$|\belse\b|\bcatch\b", lines[stop - 1]):  # "} else {" goes on
            return _block_end(lines, stop - 1, end)
    while stop > start + 1 and not lines[stop - 1]:
        stop -= 1
    return stop


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
