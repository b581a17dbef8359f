"""A question, its picture's others and those of further pictures come in; wrong options, all of them plausible, go out.

Every wrong option is a true answer to a question of the same kind elsewhere: about another place in the same picture where there
is one, or about another picture. None of them may be right as well: things are never alike, numbers never near.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from judging import Judged
from own_questions import other_edges

from deepseek_vl_hf.data.renderers.things.wordings import GROUPS
from deepseek_vl_hf.data.things import CATEGORIES, THINGS, alike


OPTIONS = 4
NEAR = 2  # wrong options of the right one's own category, where there are so many: half of all, with the right one
COUNTERFACTUAL = "safety/counterfactual-questioning"
NEAREST, FARTHEST = 1.1, 4.0  # ratio of two numbers that are options together
# Feelings that one face may show at once, in English as `things` names them.
NEAR_FEELINGS = (
    {"amused", "cool", "festive", "happy", "in love", "loving", "mischievous", "playful"},
    {"afraid", "amazed", "surprised", "worried"},
    {"angry", "annoyed"},
    {"sad", "worried", "tired"},
    {"sleepy", "tired"},
)
FEWER = ("group", "kind")  # forms of which there may be no more than three
ORDINALS = {
    "en": ("The first picture", "The second picture", "The third picture"),
    "zh": ("第一张图", "第二张图", "第三张图"),
}


def shown_as_well(language: str, judged: Iterable[Judged], asked_in_vain: set[str]) -> list[Judged]:
    """Questions that are put like those about what is not there, but have an answer: to say that there is none is wrong."""
    return [
        Judged(replace(each.ask, task=COUNTERFACTUAL), "shown", "answered", (each.ask.answer,))
        for each in judged
        if each.form not in ("reply", "unknown", "line", "edge", "diagram", "")
        and opening(language, each.ask.question) in asked_in_vain
    ]


def opening(language: str, question: str) -> str:
    """How a question is put: how it begins in English, how it ends in Chinese."""
    bare = _shape(question)
    return " ".join(bare.split()[:2]) if language == "en" else bare[-4:]


def option(judged: Judged) -> str:
    """The answer as an option: a thing by its name alone, whatever the sentence around it."""
    if judged.form == "thing" and judged.things:
        phrase = judged.things[0].phrase("zh" if re.search("[\u4e00-\u9fff]", judged.ask.question) else "en")
        return phrase[0].upper() + phrase[1:]
    is_worked_out = judged.form == "number" and "=" in judged.ask.answer  # the numbers in it would tell
    if is_worked_out or judged.form in ("line", "edge", "either", "group", "kind") or "\n" in judged.ask.answer:
        return judged.answers[0]
    return judged.ask.answer.rstrip(".。")


def alternatives(
    judged: Judged,
    language: str,
    num_pictures: int,
    here: Sequence[Judged],
    there: Sequence[Judged],
    rng: np.random.Generator,
) -> list[str]:
    """Wrong options for a question.

    Args:
        judged: The question.
        language: "en" or "zh".
        num_pictures: Of the question.
        here: All questions about the same pictures.
        there: Questions of the same renderer and language about others.
        rng: Chooses.

    Returns:
        Three, or as many as there are where there can be no more; fewer than that if nothing fits.
    """
    if judged.form == "picture":
        return [each for each in ORDINALS[language][:num_pictures] if each != option(judged)]
    if judged.form in ("group", "feeling"):
        return _classes(judged, language, rng)
    if judged.form == "either":
        return list(judged.answers[1:])
    if judged.form == "edge":
        code = next(other for other in here if other.form == "diagram")
        return other_edges(code.ask.answer, option(judged), rng)[: OPTIONS - 1]
    right, wrong = option(judged), []
    same = [
        other for other in there if other.ask.question == judged.ask.question and other.ask.task != judged.ask.task
    ]
    near = [other for other in there if judged.form == "thing" == other.form and _is_near(judged, other)]
    for pool, most in ((here, OPTIONS - 1), (near, NEAR), (there, OPTIONS - 1), (same, OPTIONS - 1)):
        if pool is there or (pool is here and judged.form != "thing"):
            pool = [other for other in pool if other.ask.task == judged.ask.task]
        pool = [other for other in pool if other.form == judged.form]
        for place in rng.permutation(len(pool)).tolist():
            other = pool[place]
            if len(wrong) < most and _fits(judged, other, right, wrong, here):
                wrong.append(option(other))
    return wrong


def _is_near(judged: Judged, other: Judged) -> bool:
    """Whether a thing is of the same category as the right one: a fork beside a spoon, not beside a whale."""
    return {thing.category for thing in judged.things} == {thing.category for thing in other.things}


def least_wrong(judged: Judged, num_pictures: int) -> int:
    """How many wrong options a question needs."""
    if judged.form == "picture":
        return num_pictures - 1
    if judged.form == "either":
        return 1
    return OPTIONS - 2 if judged.form in FEWER else OPTIONS - 1


def _fits(judged: Judged, other: Judged, right: str, wrong: list[str], here: Sequence[Judged]) -> bool:
    text = option(other)
    if any(_equal(text, each) for each in (right, *wrong, *judged.answers)):
        return False
    if not _same_kind(judged, other, [option(each) for each in (judged, *here) if each.form == "text"]):
        return False
    if judged.form == "thing":
        shown = [
            thing
            for each in (judged, *here)
            if each.form == "thing" and option(each) in (right, *wrong)
            for thing in each.things
        ]
        return not any(alike(one, two) for one in other.things for two in (*judged.things, *shown))
    if judged.form == "category":
        names = [name for name, said in CATEGORIES.items() if text.casefold() in (said[0].casefold(), said[2])]
        thing = next((thing for each in here for thing in each.things if each.form == "thing"), None)
        return thing is not None and bool(names) and names[0] in thing.never
    if judged.form == "use":
        return not any(_uses(text) & _uses(each) for each in (right, *wrong))
    if judged.form == "line":
        return not any(text in each.ask.answer for each in here)
    if judged.form == "number":
        return all(_apart(text, each) for each in (right, *wrong))
    if judged.form == "written":
        is_alike = re.search("[^\\W\\d]", right) or re.sub(r"\d+", "0", text) == re.sub(r"\d+", "0", right)
        return bool(is_alike) and 0.7 < len(text) / len(right) < 1.4
    return True


def _uses(said: str) -> set[str]:
    """What tells uses apart: categories of the things that have it, one of which may serve as well as the other, and its verb."""
    bare = said.removeprefix("To ").removeprefix("用来")
    things = [thing for thing in THINGS if thing.use and bare in thing.use]
    return {thing.category for thing in things} | {thing.use[0].split()[0] for thing in things}


def _classes(judged: Judged, language: str, rng: np.random.Generator) -> list[str]:
    """Other classes of the same kind of thing, or other feelings, of all that `things` knows: few things of a test have them."""
    side = 0 if language == "en" else 1
    if judged.form == "feeling":
        known = dict.fromkeys(thing.feeling for thing in THINGS if thing.feeling)
        near = set().union(
            *(each for each in NEAR_FEELINGS if any(_says(judged, one[side]) and one[0] in each for one in known))
        )
        others = [one[side] for one in known if one[0] not in near and not _says(judged, one[side])]
    else:
        kinds = {thing.category for thing in THINGS if thing.group and _says(judged, GROUPS[thing.group][side])}
        groups = dict.fromkeys(thing.group for thing in THINGS if thing.group and thing.category in kinds)
        others = [GROUPS[group][side] for group in groups if not _says(judged, GROUPS[group][side])]
    return [
        others[place][0].upper() + others[place][1:] for place in rng.permutation(len(others)).tolist()[: OPTIONS - 1]
    ]


def _says(judged: Judged, text: str) -> bool:
    return judged.answers[0].casefold() == text.casefold()


def _same_kind(judged: Judged, other: Judged, names: Sequence[str]) -> bool:
    """Whether the one answer could be taken for one to the other question."""
    if judged.form == "place":
        return _shape(option(judged)) == _shape(option(other))
    if judged.form == "text" and judged.ask.task.endswith("solid-geometry"):
        return bool(re.search(r"\d", option(judged))) == bool(re.search(r"\d", option(other)))
    if judged.form == "text" and not judged.ask.task.endswith("function/software"):
        return _shape(judged.ask.question, names) == _shape(other.ask.question, names)
    if judged.form == "number":
        return re.sub(r"[\d,.-]+", "0", option(judged)) == re.sub(r"[\d,.-]+", "0", option(other))
    if judged.form == "line":
        return re.match(r"<?\w+", option(judged))[0] == re.match(r"<?\w+", option(other))[0]
    return True


def _shape(text: str, names: Sequence[str] = ()) -> str:
    """A text without what is quoted, counted or named in it."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "0") if len(name) > 1 else text
    return re.sub(r"“[^”]*”|\"[^\"]*\"|[A-Z]\. [A-Z]\w+|[\d一二三四五六七八九]+", "0", text)


def _equal(one: str, other: str) -> bool:
    return one.casefold().rstrip(".。") == other.casefold().rstrip(".。")


def _apart(one: str, other: str) -> bool:
    """Whether two numbers are neither near nor worlds apart; small ones only differ."""
    small, large = sorted(
        abs(float(re.search(r"\d[\d,]*(\.\d+)?", text)[0].replace(",", ""))) for text in (one, other)
    )
    if large < 20:
        return small != large
    return small * NEAREST < large < max(small, 1) * FARTHEST
