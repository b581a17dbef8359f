"""What renderers ask comes in; questions of our own, whose answers follow from theirs, go out: all of them multiple-choice.

`code_lines` asks which line belongs to the code of a chart or a page; `edges`, which line joins two boxes of a diagram, boxes written
by their text, as names in Mermaid code are free; `eithers`, which of the two things that a question itself names.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations

import numpy as np
from judging import Judged, edged

from deepseek_vl_hf.data.rendering import Ask
from deepseek_vl_hf.data.things import THINGS, Thing, alike


CODE = {
    "en": "Which of these lines is part of the code that makes this picture?",
    "zh": "下面哪一行是画出这张图的代码的一部分？",
}
PAGE = {"en": "Which of these lines is part of this page's HTML?", "zh": "下面哪一行属于这个网页的HTML代码？"}
DIAGRAM = {
    "en": "Which line would be part of this diagram's Mermaid code, if each box were called by its text?",
    "zh": "如果用方框里的文字称呼各个方框，下面哪一行属于这张图的Mermaid代码？",
}
VALUES = re.compile(r"^(?:values|counts|y|sizes|highs|closes) = \[[\d., ]{9,70}\]$", re.MULTILINE)
ELEMENTS = re.compile(r"<(h1|b|button|span|label|p|strong)>[^<>]{3,40}</\1>")
BOX = re.compile(r"^ +(\w+)[\[({/\"]+([^\"]+?)[\])}/\"]+$", re.MULTILINE)
EDGE = re.compile(r"^ +(\w+) (-->|---)(\|[^|]*\|)? (\w+)$", re.MULTILINE)
# What stands on either side of an "or".
OR = {
    "en": re.compile(r"(?:an? )?\b(\w+) or (?:an? )?(\w+)\b"),
    "zh": re.compile(r"([\u4e00-\u9fff]{2})[的主题]*还是([\u4e00-\u9fff]{2})"),
}
MOST_APART = {"en": 12, "zh": 4}  # characters between two things that a question sets side by side


def code_lines(language: str, asks: Iterable[Ask]) -> list[Judged]:
    """Questions about long code: which line is part of it."""
    found = []
    for ask in asks:
        is_page = ask.task.endswith("ui-to-code")
        if is_page or ask.task.endswith("chart-to-code"):
            lines = [line[0] for line in (ELEMENTS if is_page else VALUES).finditer(ask.answer)]
            question = (PAGE if is_page else CODE)[language]
            found += [Judged(Ask(ask.task, question, line), "line", "", (line,)) for line in dict.fromkeys(lines)]
    return found


def edges(language: str, asks: Iterable[Ask]) -> list[Judged]:
    """Questions about diagrams: which line is part of the code."""
    code = next((ask for ask in asks if ask.task.endswith("flowchart-to-code")), None)
    if code is None:
        return []
    lines = [_edge(*each) for each in _joined(code.answer)]
    return [Judged(Ask(code.task, DIAGRAM[language], line), "edge", "", (line,)) for line in dict.fromkeys(lines)]


def other_edges(code: str, right: str, rng: np.random.Generator) -> list[str]:
    """Lines that join boxes of a diagram that are not joined so, half of them ones that begin or end where the right one does."""
    joined = _joined(code)
    texts = list(dict.fromkeys(_boxes(code).values()))
    labels = list(dict.fromkeys(label for *_, label, _ in joined)) or [""]
    arrow = joined[0][1]
    pairs = {(start, end) for start, _, _, end in joined}
    pairs |= {(end, start) for start, end in pairs} if arrow == "---" else set()
    free = [pair for pair in permutations(texts, 2) if pair not in pairs]
    mine = next((start, end) for start, _, label, end in joined if _edge(start, arrow, label, end) == right)
    free = [free[place] for place in rng.permutation(len(free)).tolist()]
    near = [pair for pair in free if pair[0] == mine[0] or pair[1] == mine[1]]
    order = dict.fromkeys((*near[:2], *free))
    return [_edge(start, arrow, labels[int(rng.integers(len(labels)))], end) for start, end in order]


def _boxes(code: str) -> dict[str, str]:
    return {key: text.replace("<br>", " ") for key, text in BOX.findall(code)}


def _joined(code: str) -> list[tuple[str, str, str, str]]:
    """Start, arrow, label and end of each line between two boxes."""
    boxes = _boxes(code)
    if len(set(boxes.values())) < len(boxes):
        return []  # boxes of the same text cannot be told apart by it
    return [(boxes[start], arrow, label, boxes[end]) for start, arrow, label, end in EDGE.findall(code)]


def _edge(start: str, arrow: str, label: str, end: str) -> str:
    return f"[{start}] {arrow}{label} [{end}]"


def eithers(language: str, judged: Iterable[Judged]) -> list[Judged]:
    """Questions that name two things, one of which is the answer: as a choice between these."""
    found = []
    for each in judged:
        pair = _named_things(language, each) if each.form == "thing" else _named_words(language, each)
        if pair:
            found.append(replace(each, form="either", scoring="", answers=pair))
    return found


def _named_words(language: str, judged: Judged) -> tuple[str, str] | None:
    """The two words around an "or", the right one first."""
    found = OR[language].search(judged.ask.question) if judged.form == "text" else None
    if found is None or found[1] == found[2]:
        return None
    said = [re.sub("^(an?|the) ", "", judged.answers[0].casefold()) == word.casefold() for word in found.groups()]
    if said == [True, False]:
        return _as_options(found[1], found[2])
    return _as_options(found[2], found[1]) if said == [False, True] else None


def _named_things(language: str, judged: Judged) -> tuple[str, str] | None:
    """The two things that a question sets side by side, as it calls them, the right one first."""
    named: dict[str, Thing] = {}
    for thing in sorted(THINGS, key=lambda thing: -len(thing.named(language))):
        for said in (thing.phrase(language), thing.definite(language), thing.many):
            is_there = said in judged.ask.question and re.search(edged(said), judged.ask.question)
            if said and is_there and not any(said in longer for longer in named):
                named[said] = thing
    right = [said for said, thing in named.items() if thing in judged.things]
    wrong = [said for said, thing in named.items() if thing not in judged.things]
    if len(right) != 1 or len(wrong) != 1 or alike(named[right[0]], named[wrong[0]]):
        return None
    between = abs(judged.ask.question.find(right[0]) - judged.ask.question.find(wrong[0]))
    shorter = min((right[0], wrong[0]), key=judged.ask.question.find)
    return _as_options(right[0], wrong[0]) if between - len(shorter) <= MOST_APART[language] else None


def _as_options(*said: str) -> tuple[str, ...]:
    return tuple(text[0].upper() + text[1:] for text in (re.sub("^the ", "", each) for each in said))
