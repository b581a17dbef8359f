"""Source files, a draw and lengths come in; a few lines of a program that stand one below the other go out, with their indentation.

What is held out is the block that the lines are cut from, and the lines themselves, so that no piece of a block is in both splits.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from ...assets import Code
from ...rendering import CannotRenderError, Draw


TAB = 4  # spaces
LONGEST_BLOCK = 24  # lines
LEAST_LETTERS = 4  # letters and digits of a piece: one bracket is nothing to read
MARKS = frozenset("=(){}[];<>:")  # one of which stands in a piece of code, but seldom in a comment
TRIES = 200
CLOSERS = ("}", ")", "]", "*", '"""', "'''")  # with which a line begins that ends what is not shown
CHOICES = 4  # pieces of which the one with the most lines is taken, since short ones are many


@dataclass(frozen=True)
class Block:
    """Lines of a source file between two blank ones.

    Args:
        lines: As in the file, with spaces for tabs.
        licence: SPDX expression.
    """

    lines: tuple[str, ...]
    licence: str

    @property
    def key(self) -> str:
        """Names it by what it says."""
        return "\n".join(self.lines)


@functools.lru_cache(4)
def blocks(files: tuple[Code, ...]) -> tuple[Block, ...]:
    """All blocks of some files, longer ones cut, each once: many files begin with the same lines."""
    found: dict[str, Block] = {}
    for file in files:
        lines = [line.rstrip().expandtabs(TAB) for line in file.text.splitlines()]
        start = 0
        for end in range(len(lines) + 1):
            if end < len(lines) and lines[end] and end - start < LONGEST_BLOCK:
                continue
            block = Block(tuple(line for line in lines[start:end] if line), file.licence)
            start = end
            if block.lines:
                found.setdefault(block.key, block)
    return tuple(found.values())


def piece_of(lines: Sequence[str], start: int, most_lines: int, characters: tuple[int, int]) -> tuple[str, ...]:
    """Cut lines out of a block, from one on, as many as fit.

    Args:
        lines: Of the block.
        start: The first that is taken.
        most_lines: That are taken.
        characters: Fewest of the longest line, and most of any.

    Returns:
        The lines without the indentation of the first; none if nothing of that length begins there.
    """
    if lines[start].lstrip().startswith(CLOSERS):
        return ()
    indent = len(lines[start]) - len(lines[start].lstrip())
    found: tuple[str, ...] = ()
    for line in lines[start : start + most_lines]:
        if line[:indent].strip() or len(line) - indent > characters[1]:
            break
        found += (line[indent:],)
    if not found:
        return ()
    text = "".join(found)
    is_code = all(" " <= letter <= "~" for letter in text) and not MARKS.isdisjoint(text)
    if not is_code or sum(map(str.isalnum, text)) < LEAST_LETTERS or max(map(len, found)) < characters[0]:
        return ()
    return found


def make_program(
    draw: Draw, files: Sequence[Code], most_lines: int, characters: tuple[int, int]
) -> tuple[tuple[str, ...], str]:
    """Some lines of a program, one at least.

    Args:
        draw: Decides; the block and the lines are its items.
        files: As `Assets.code` gives them.
        most_lines: That are shown; fewer where a longer one follows.
        characters: Fewest of the longest line, and most of any.

    Returns:
        The lines, and their licence.

    Raises:
        CannotRenderError: if no line was short enough.
    """
    pool = blocks(tuple(files))

    def make(rng) -> tuple[Block, tuple[str, ...]]:
        found: list[tuple[Block, tuple[str, ...]]] = []
        for _ in range(TRIES):
            block = pool[int(rng.integers(len(pool)))]
            if lines := piece_of(block.lines, int(rng.integers(len(block.lines))), most_lines, characters):
                found.append((block, lines))
            if len(found) == CHOICES:
                break
        if not found:
            raise CannotRenderError(f"found no program of {characters} characters among {len(pool)} blocks")
        return max(found, key=lambda each: len(each[1]))

    block, lines = draw.made("text", make, key=lambda found: found[0].key)
    text = "\n".join(lines)
    if text != block.key:
        draw.made("text", lambda _: text, key=str)
    return lines, block.licence
