"""Rows with everything that may be asked about their pictures come in; the questions that a group wants go out, balanced."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from alternatives import alternatives, least_wrong, option
from judging import Judged
from plan import Group, Want

from deepseek_vl_hf.evaluation.questions import Question
from deepseek_vl_hf.evaluation.scoring import SCORINGS


MOST_OF_AN_ECHO = 0.4  # score of a transcription


@dataclass
class Row:
    """Pictures of one row, and what may be asked about them.

    Args:
        index: Of the row, as renderers count.
        language: "en" or "zh".
        images: Files as the renderer made them.
        items: What it is made of, as `splits.item` names it.
        licence: SPDX expression.
        judged: Questions that can be scored.
        chosen: Those that were chosen, each with its wrong options.
    """

    index: int
    language: str
    images: list[bytes]
    items: list[str]
    licence: str
    judged: list[Judged]
    chosen: list[tuple[Judged, list[str] | None]] = field(default_factory=list)


def choose(group: Group, language: str, rows: Sequence[Row], rng: np.random.Generator) -> list[str]:
    """Choose what is asked of the rows, the rarest kinds first.

    Args:
        group: What is wanted.
        language: Of the rows.
        rows: All that were drawn; what is chosen is noted in them.
        rng: Decides.

    Returns:
        What could not be had, a line for each kind.
    """
    candidates = {
        want: [(row, each) for row in rows for each in row.judged if _matches(want, each)] for want in group.wants
    }
    missing = []
    for want in sorted(group.wants, key=lambda want: len(candidates[want]) / (1 + _number(want, language))):
        number = _number(want, language)
        taken = _take(group, want, number, candidates[want], rows, rng)
        if taken < number:
            missing.append(f"{group.name or group.renderer}/{language} {want.node} {want.form}: {taken} of {number}")
    return missing


def _number(want: Want, language: str) -> int:
    return want.en if language == "en" else want.zh


def _matches(want: Want, each: Judged) -> bool:
    return (
        each.ask.task.endswith(want.node)
        and (not want.form or each.form in want.form.split("|"))
        and re.search(want.asked, each.ask.question) is not None
        and re.search(want.answer, each.ask.answer) is not None
        and (want.choice or is_fair(each))
    )


def is_fair(each: Judged) -> bool:
    """Whether what the renderer itself answers, and every accepted answer, is scored as right; and repeating the question as wrong.

    A transcription that repeats the question may have some letters in common with what is written.
    """
    if not each.scoring:
        return False
    question = Question("-", "text", "-", "en", (), each.ask.question, each.answers, each.scoring)
    echo = SCORINGS[each.scoring](each.ask.question, question)
    if echo > (MOST_OF_AN_ECHO if each.scoring == "characters" else 0):
        return False
    return all(SCORINGS[each.scoring](answer, question) == 1 for answer in (each.ask.answer, *each.answers))


def _take(group: Group, want: Want, number: int, candidates, rows, rng) -> int:
    """Take so many of the candidates: first about pictures that are shown anyway, then about others."""
    answers: Counter = Counter()
    most = max(1, math.ceil(number * want.most))
    taken = 0
    order = rng.permutation(len(candidates)).tolist()
    while taken < number:
        # Pictures that carry other questions come first, those that carry none of this kind before those that do.
        usable = [place for place in order if _is_free(group, want, *candidates[place])]
        usable = [place for place in usable if answers[_key(want, candidates[place][1])] < most]
        usable.sort(
            key=lambda place: (
                len(_same_kind(want, candidates[place][0])),
                not candidates[place][0].chosen,
                answers[_key(want, candidates[place][1])],
            )
        )
        for place in usable:
            row, each = candidates[place]
            wrong = None
            if want.choice:
                there = [other for one in rows if one is not row for other in one.judged]
                wrong = alternatives(each, row.language, len(row.images), row.judged, there, rng)
                if len(wrong) < least_wrong(each, len(row.images)):
                    order.remove(place)
                    continue
            row.chosen.append((each, wrong))
            answers[_key(want, each)] += 1
            taken += 1
            break
        else:
            return taken
    return taken


def _is_free(group: Group, want: Want, row: Row, each: Judged) -> bool:
    """Whether a row has room for a question, and none with the same words or the same answer."""
    if len(row.chosen) >= group.shared:
        return False
    asked = {other.ask.question for other, _ in row.chosen}
    told = {_bare(other) for other, _ in row.chosen if other.form not in ("reply", "number", "picture")}
    return each.ask.question not in asked and _bare(each) not in told


def _bare(each: Judged) -> str:
    return each.answers[0].casefold().rstrip(".。")


def _same_kind(want: Want, row: Row) -> list[Judged]:
    return [each for each, _ in row.chosen if _matches(want, each)]


def _key(want: Want, each: Judged) -> str:
    """What two answers have in common that are the same to somebody who guesses."""
    if each.form == "reply":
        return str(bool(re.match("yes|是|对|有|能|会|勾", each.ask.answer.casefold())))
    return option(each).casefold()
