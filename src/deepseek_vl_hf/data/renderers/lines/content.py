"""A draw, a language and lengths come in; a passage of one or a few lines goes out, whose texts are items of the draw.

Kinds of passages: "words" that stand side by side, "sentences" or pieces of them, "numbers" with what they count or date,
"codes": what is typed into machines or stamped on things, and "programs": lines of real source code, indented as they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...assets import Assets
from ...rendering import CannotRenderError, Draw, Language
from ..marks import MAKERS
from .programs import make_program


KINDS = ("words", "sentences", "numbers", "codes", "programs")
MOST_PROGRAM_LINES = 6
NO_START = "。，；？！、：”’）》』」】…—,.;:?!)]}%"  # a Chinese line does not begin with these
TRIES = 30
PIECE = re.compile(r"[\u4e00-\u9fff]|[A-Za-z0-9.]+|[^\S\n]+|.")
Span = tuple[int, int]


@dataclass(frozen=True)
class Passage:
    """What is to be written.

    Args:
        lines: As they stand, one below the other.
        kind: Of `KINDS`, or "both" for a line in each language.
        subject: What a single line is, as "price" or "email"; empty where it is running text.
        language: Of words and sentences; not always the one in which they are asked about.
        licence: SPDX expression of a text that is somebody's work; empty for those of renderers.
    """

    lines: tuple[str, ...]
    kind: str
    subject: str = ""
    language: Language = "en"
    licence: str = ""


def make_passage(draw: Draw, assets: Assets, language: Language, kind: str, count: int, characters: Span) -> Passage:
    """Make a passage.

    Args:
        draw: Decides; each text is one of its items.
        assets: Has words and sentences.
        language: Of the passage; programs have none.
        kind: Of `KINDS`.
        count: Of lines; a sentence may have fewer. Programs have any number up to `MOST_PROGRAM_LINES`.
        characters: Fewest and most of a line.

    Raises:
        CannotRenderError: if nothing of such a length was found.
    """
    if kind == "programs":
        program, licence = make_program(draw, assets.code(), draw.whole(1, MOST_PROGRAM_LINES), characters)
        return Passage(program, kind, licence=licence)
    if kind == "sentences":
        sentence = _sentence_lines(draw, assets.sentences(language, draw.split), language, count, characters)
        return Passage(sentence, kind, language=language)
    if kind == "words":
        words = assets.words(language)
        lines = [_made(draw, lambda rng: _words(rng, words, language, characters)) for _ in range(count)]
        return Passage(tuple(lines), kind, language=language)
    makers = MAKERS[language][kind]
    words = assets.words("en")
    chosen = [draw.pick(tuple(makers)) for _ in range(count)]
    lines = [_made(draw, lambda rng, name=name: _fitting(rng, makers[name], words, characters)) for name in chosen]
    return Passage(tuple(lines), kind, chosen[0] if count == 1 else "", language)


def _made(draw: Draw, make) -> str:
    return draw.made("text", make, key=str)


def whole_key(lines: Sequence[str], language: Language) -> str:
    """The text of some lines as if it were on one."""
    return ("" if language == "zh" else " ").join(lines)


def _sentence_lines(
    draw: Draw, sentences: Sequence[str], language: Language, count: int, characters: Span
) -> tuple[str, ...]:
    """A sentence of which no other piece is in the other split, and a piece of it in lines."""
    sentence = _made(draw, lambda rng: sentences[int(rng.integers(len(sentences)))])
    low, high = characters
    for _ in range(TRIES):
        most = min(high, max(low, len(sentence) // count + 3))
        width = draw.whole(min(max(low, most // 2), most), most)
        lines = wrap(sentence, width, language)
        start = draw.whole(0, max(0, len(lines) - count)) if draw.chance(0.6) else 0
        lines = lines[start : start + count]
        if lines and all(len(line) <= high for line in lines) and len(lines[0]) >= low:
            break
    else:
        raise CannotRenderError(f"found no piece of {low} to {high} characters in {sentence!r}")
    whole = whole_key(lines, language)
    return draw.made("text", lambda rng: tuple(lines), key=lambda _: whole) if whole != sentence else tuple(lines)


def wrap(text: str, width: int, language: Language) -> list[str]:
    """Break a text into lines of at most `width` characters, but no word."""
    pieces = text.split() if language == "en" else PIECE.findall(text)
    lines: list[str] = [""]
    for piece in pieces:
        gap = " " if language == "en" and lines[-1] else ""
        fits = len(lines[-1]) + len(gap) + len(piece) <= width
        if fits or not lines[-1] or (language == "zh" and piece in NO_START):
            lines[-1] += gap + piece
        else:
            lines.append(piece)
    return [line.strip() for line in lines if line.strip()]


def _words(rng: np.random.Generator, words: Sequence[str], language: Language, characters: Span) -> str:
    """One word or some, written small, large or mixed."""
    low, high = characters
    goal = int(rng.integers(low, high + 1)) if rng.random() < 0.7 else low
    gap = " " if language == "en" or rng.random() < 0.4 else "、"
    line = ""
    for _ in range(TRIES):
        word = words[int(rng.integers(len(words)))]
        longer = f"{line}{gap}{word}" if line else word
        if len(longer) <= high:
            line = longer
        if len(line) >= goal:
            break
    if language == "en":
        style = int(rng.choice(4, p=(0.4, 0.25, 0.2, 0.15)))
        line = (line, line.title(), line.upper(), line[:1].upper() + line[1:])[style]
    if not low <= len(line) <= high:
        raise CannotRenderError(f"found no words of {low} to {high} characters in {len(words)} words")
    return line


def _fitting(rng: np.random.Generator, make, words: Sequence[str], characters: Span) -> str:
    for _ in range(TRIES):
        line = make(rng, words)
        if characters[0] <= len(line) <= characters[1]:
            return line
    raise CannotRenderError(f"made nothing of {characters[0]} to {characters[1]} characters with {make.__name__}")
