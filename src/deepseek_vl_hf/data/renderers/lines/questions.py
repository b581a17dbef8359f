"""A passage comes in; questions that it answers, and questions that it does not, go out."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from ...rendering import Ask, Draw
from ..typefaces import is_chinese
from .content import Passage
from .wordings import FALSE, ORDINALS, SUBJECTS, W


PRINTED = "recognition/ocr-and-transcription/printed-text"
LANGUAGE = "recognition/ocr-and-transcription/specified-language"
FORMAT = "recognition/ocr-and-transcription/specified-format"
COUNTING = "recognition/local-description/counting"
FALSE_TASK = "safety/counterfactual-questioning"
TASKS = (PRINTED, LANGUAGE, FORMAT, COUNTING, FALSE_TASK)
MOST_COUNTED = 12
HANZI = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")
DIGIT = re.compile(r"[0-9]")
# Words for money and years, in a text without digits.
COUNTED = re.compile(
    "[一二三四五六七八九十百千零〇元年钱]|dollar|cent|pound|penn|shilling|guinea|hundred|thousand|year|[$£€¥]",
    re.IGNORECASE,
)
EDGES = re.compile(r"^[^\w]+|[^\w]+$")
LINE_COUNTS = (
    "no lines",
    "one line",
    "two lines",
    "three lines",
    "four lines",
    "five lines",
    "six lines",
    "seven lines",
)
READ = {"en": ("Read the text.",), "zh": ("读出文字。",)}


def ask_passage(
    draw: Draw, passage: Passage, words: Sequence[str], reading: float | None = None
) -> tuple[list[Ask], list[Ask]]:
    """All questions about a passage.

    Args:
        draw: Decides the wordings, and which words are asked for.
        passage: As drawn.
        words: Some of the passage's language, to ask for what is not there.
        reading: Share of first questions that are `READ`, below 1; as the weights have it when not given.

    Returns:
        Questions that it answers, and questions that it does not, whose answers say so.
    """
    text = "\n".join(passage.lines)
    asks = [
        Ask(PRINTED, READ[draw.language][0], text, 3),
        Ask(PRINTED, draw.phrase(W["read code" if passage.kind == "programs" else "read"]), text, 3),
        *_about_lines(draw, passage.lines),
        *_about_languages(draw, passage),
        *_about_presence(draw, passage, words),
        *_in_formats(draw, passage),
    ]
    if passage.subject in SUBJECTS:
        answer = text.split("：")[-1] if passage.subject in ("phone",) else text
        answer = text.split(" = ")[-1] if passage.subject == "sum" else answer
        asks.append(Ask(PRINTED, draw.phrase(SUBJECTS[passage.subject]), answer, 1.5))
    if passage.kind in ("words", "sentences"):
        asks += (_about_words if passage.language == "en" else _about_characters)(draw, passage.lines)
    if reading is not None:
        others = sum(ask.weight for ask in asks[1:])
        asks[0] = replace(asks[0], weight=others * reading / (1 - reading))
    return asks, _false_asks(draw, passage)


def _about_lines(draw: Draw, lines: tuple[str, ...]) -> list[Ask]:
    asks = [Ask(COUNTING, draw.phrase(W["count lines"]), str(len(lines)), 0.3)]
    if len(lines) > 1:
        index = draw.whole(0, len(lines) - 1)
        name = ORDINALS[draw.language][index]
        asks.append(Ask(PRINTED, draw.phrase(W["line"], nth=name), lines[index].strip(), 1.2))
        asks.append(Ask(PRINTED, draw.phrase(W["last line"]), lines[-1].strip(), 0.6))
        asks.append(Ask(PRINTED, draw.phrase(W["first line"]), lines[0], 0.6))
    return asks


def _about_languages(draw: Draw, passage: Passage) -> list[Ask]:
    names = {"en": ("English", "Chinese"), "zh": ("英文", "中文")}[draw.language]
    if passage.kind == "both":
        index = draw.whole(0, 1)
        line = passage.lines[index]
        name = names[is_chinese(line)]
        nth = ORDINALS[draw.language][index]
        return [
            Ask(LANGUAGE, draw.phrase(W["read language"], language=name), line, 4),
            Ask(LANGUAGE, draw.phrase(W["language of line"], nth=nth), name, 1),
        ]
    if passage.kind in ("words", "sentences"):
        return [Ask(LANGUAGE, draw.phrase(W["language"]), names[passage.language == "zh"], 0.2)]
    return []


def _about_presence(draw: Draw, passage: Passage, words: Sequence[str]) -> list[Ask]:
    """Whether a word, or a digit, is there: as often yes as no."""
    text = "".join(passage.lines)
    yes, no = {"en": ("Yes", "No"), "zh": ("有", "没有")}[draw.language]
    asks = [Ask(PRINTED, draw.phrase(W["digits"]), yes if DIGIT.search(text) else no, 0.25)]
    if draw.language == "zh" and not _is_latin(passage):
        there = sorted(set(HANZI.findall(text)))
        asked = draw.pick(there) if there and draw.chance(0.5) else draw.pick(words)[0]
        asks.append(Ask(PRINTED, draw.phrase(W["has"], word=asked), yes if asked in text else no, 0.6))
        return asks
    there = [word for word in plain_words(passage.lines) if len(word) > 2]
    if there:
        asked = draw.pick(there) if draw.chance(0.5) else draw.pick(words)
        known = asked.casefold() in map(str.casefold, there)
        if known or asked.casefold() not in text.casefold():
            asks.append(Ask(PRINTED, draw.phrase(W["has word"], word=asked), yes if known else no, 0.6))
    return asks


def _is_latin(passage: Passage) -> bool:
    """Whether a passage is English, or a program, whatever it is asked in."""
    return passage.kind != "both" and passage.language == "en"


def _in_formats(draw: Draw, passage: Passage) -> list[Ask]:
    asks = []
    if len(passage.lines) > 1:
        asks.append(Ask(FORMAT, draw.phrase(W["json"]), json.dumps(passage.lines, ensure_ascii=False), 0.5))
    text = "\n".join(passage.lines)
    if passage.language == "en" and passage.kind in ("words", "sentences"):
        asks.append(Ask(FORMAT, draw.phrase(W["capitals"]), text.upper(), 0.3))
    if passage.language == "zh" and passage.kind == "sentences" and len(passage.lines) == 1:
        asks.append(Ask(FORMAT, draw.phrase(W["spaced"]), " ".join(HANZI.findall(text)), 0.3))
    return asks


def plain_words(lines: Sequence[str]) -> list[str]:
    """The words of some lines without the marks around them; none if one of them is no plain word."""
    words = [EDGES.sub("", word) for line in lines for word in line.split()]
    return words if all(word.isascii() and word.isalpha() for word in words) else []


def _about_words(draw: Draw, lines: tuple[str, ...]) -> list[Ask]:
    words = plain_words(lines)
    first = plain_words(lines[:1])
    asks = []
    if words and len(words) <= MOST_COUNTED:
        asks.append(Ask(COUNTING, draw.phrase(W["count words"]), str(len(words)), 0.4))
    if len(first) > 1 and len(lines) == 1:
        index = draw.whole(0, min(len(first), len(ORDINALS["en"])) - 1)
        asks.append(Ask(PRINTED, draw.phrase(W["word"], nth=ORDINALS[draw.language][index]), first[index], 0.8))
        asks.append(Ask(PRINTED, draw.phrase(W["last word"]), first[-1], 0.4))
    if first and len(first[0]) > 2:
        asks.append(Ask(FORMAT, draw.phrase(W["spell"]), "-".join(first[0]), 0.5))
        asks.append(Ask(COUNTING, draw.phrase(W["count letters"]), str(len(first[0])), 0.2))
    return asks


def _about_characters(draw: Draw, lines: tuple[str, ...]) -> list[Ask]:
    """Chinese has no words to count, but characters."""
    asks = []
    head = re.match(r"[\u4e00-\u9fff]+", lines[0])
    run = head.group() if head else ""
    if len(run) > 2:
        index = draw.whole(0, min(len(run), len(ORDINALS["zh"])) - 1)
        asks.append(Ask(PRINTED, draw.phrase(W["character"], nth=ORDINALS["zh"][index]), run[index], 0.8))
    count = len(HANZI.findall("".join(lines)))
    if 0 < count <= MOST_COUNTED:
        asks.append(Ask(COUNTING, draw.phrase(W["count characters"]), str(count), 0.4))
    return asks


def _false_asks(draw: Draw, passage: Passage) -> list[Ask]:
    text = "".join(passage.lines)
    count = len(passage.lines)
    nth = ORDINALS[draw.language][count]
    fields = {"nth": nth, "count": count if draw.language == "zh" else LINE_COUNTS[count]}
    names = ["line", "below"]
    if not DIGIT.search(text):
        names.append("phone")
        if not COUNTED.search(text):
            names += ["price", "date"]
    if "@" not in text:
        names.append("email")
    if not is_chinese(text):
        names.append("chinese")
    if not LATIN.search(text):
        names.append("english")
    name = draw.pick(names)
    question, answer = (draw.phrase(side, **fields) for side in FALSE[name])
    return [Ask(FALSE_TASK, question, answer)]
