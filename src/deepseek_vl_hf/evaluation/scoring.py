"""An answer and its question come in, a score from 0 to 1 goes out.

    characters   how much of a text was transcribed          number    the number that is stated
    name         whether a thing is named                    relaxed   a number read off a chart, within 5 %
    exact        the very value                              yes_no    yes or no
    unknown      that the picture does not show it           choice    the option that is named
    answered     anything but that

Each function takes the answer as the model wrote it. What an answer says beyond what is asked for costs nothing but where it
contradicts; no judge is asked, so that a score is the same everywhere and at any time.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Sequence

from .naming import LATIN, WIDTH, fold, says
from .questions import Question
from .stated_numbers import REASONS, bare_number, same, stated_number
from .unknown import WORDINGS


RELAXED = 0.05  # of ChartQA: share by which a number may be off
_STATES = re.compile(
    r"[:：=]|\b(?:is|are|was|were|says|reads|called)\b|\b(?i:it|that|this)'s\b|(?<![不还])是|为|写着|叫做|叫"
)
_MATHEMATICS = re.compile(r"\$|\\[()\[\]]|\\[,;!]")  # where a formula begins and ends, and narrow spaces in it
_PI = re.compile(r"\s*(?:\\cdot|\\times|[*×·])?\s*(?:\\pi\b|π|(?<=\d)\s?pi\b)")
_LARGE = re.compile(r"(?<=\d)(?:\{,\}|,)(?=\d{3}(?!\d))")  # what separates thousands
# The longer first: 不是 is no yes. Chinese words that hold one of these say neither: 对于, 机会, 无论.
_YES_NO = re.compile(
    r"(?P<no>\b(?:no|nope|not|none|nothing|cannot|false|incorrect)\b|^\W*wrong\b|n't\b|不(?!错)|没(?!错)|否|无(?!论|人机)|(?<![没不])错|非(?!常))"
    r"|(?P<yes>\b(?:yes|yeah|yep|true|correct|sure)\b|(?:^\W*|\byou(?:'re| are) )right\b|没错|不错|是(?!不是)|对(?![于面比应称])|有|正确|(?<!可)能"
    r"|(?<!机)会|可以|需要|勾选了)"
)
# What only repeats the question, or does not decide.
_UNDECIDED = re.compile(
    r"\byes\s*(?:/|or)\s*no\b|是或否|\bnot (?:sure|certain)\b|(?:n't|\bnot|cannot) (?:know|tell|say)\b|([^不没])[不没]\1|是否|有无|不太?(?:确定|清楚)|无法\w{0,2}"
)
# What asks says neither, but where a reply comes first: "Yes, isn't it?"
_ASKS = re.compile(r"[^.。!！?？\n]*[?？]")
_REPLIES = re.compile(r"\s*(?:yes|no|是的|不是|不对|对|没有|有)[,，.!]")
_QUOTED = re.compile(r"\"[^\"\n]*\"|“[^”\n]*”|「[^」\n]*」")  # what a picture says is no refusal
_UNKNOWN = re.compile("|".join(f"(?:{wording})" for wording in WORDINGS), re.IGNORECASE)


def characters(answer: str, question: Question) -> float:
    """Share of characters transcribed: 1 - character error rate, as of OCR, at least 0; of the accepted text that fits best.

    The error rate is the edit distance (Levenshtein) over the characters expected. Runs of white space count as one space, those
    with a line break as one break; a fence of Markdown around the whole is no part of the text.
    """
    from rapidfuzz.distance import Levenshtein

    found = _transcribed(answer)
    expected = [_transcribed(accepted) for accepted in question.answers]
    return max(max(0.0, 1 - Levenshtein.distance(found, text) / max(1, len(text))) for text in expected)


def name(answer: str, question: Question) -> float:
    """Whether an accepted name stands in the answer, as whole words or, if Chinese, anywhere; and no accepted one is denied.

    The usual "the answer contains the label" of picture naming, beside which "It is not a cat." names no cat.
    """
    said = [says(answer, accepted, question.answers) for accepted in question.answers]
    return float(True in said and False not in said)


def exact(answer: str, question: Question) -> float:
    """Whether the answer is the accepted text, folded; or ends by saying that it is ("The answer is 12.", 答案是红色。).

    Exact match as of SQuAD and VQA, made for models that answer in sentences. Where a bare number is accepted, the number that
    the answer states counts.
    """
    said = _values(answer)
    for accepted in question.answers:
        expected = fold(accepted) or accepted.strip()
        if answer.strip() == accepted.strip() or expected in said:
            return 1.0
        number, stated = bare_number(accepted), stated_number(answer)
        is_code = re.match(r"0\d", accepted.strip()) is not None  # 007 is not 7
        if number is not None and stated is not None and not is_code and same(number, stated):
            return 1.0
    return 0.0


def number(answer: str, question: Question) -> float:
    """Whether the number that the answer states equals the accepted one; units are not compared. See `stated_numbers`."""
    stated = stated_number(answer)
    expected = [found for found in map(stated_number, question.answers) if found is not None]
    return float(stated is not None and any(same(stated, each) for each in expected))


def relaxed(answer: str, question: Question) -> float:
    """Relaxed accuracy of ChartQA (Masry et al., 2022): a number may be 5 % off the expected one; what is no number is `exact`."""
    stated = stated_number(answer)
    for accepted in map(bare_number, question.answers):
        if accepted is None or stated is None:
            continue
        for expected in accepted.forms():
            if any(abs(found - expected) <= RELAXED * abs(expected) for found in stated.forms()):
                return 1.0
    return exact(answer, question)


def yes_no(answer: str, question: Question) -> float:
    """Whether the first yes or no of the answer, in English or Chinese, is the accepted one; an answer without is wrong.

    The accuracy of POPE, which takes an answer without either for a yes.
    """
    said = _first_yes_no(answer)
    return float(said is not None and said == _first_yes_no(question.answers[0]))


def unknown(answer: str, question: Question) -> float:
    """Whether the answer says that the picture does not show what is asked, in any of the table's wordings, or as accepted."""
    folded = fold(answer)
    is_accepted = any(fold(accepted) == folded for accepted in question.answers)
    return float(is_accepted or _refuses(answer))


def answered(answer: str, question: Question) -> float:
    """Whether the answer gives something, right or wrong, where the picture shows what is asked: 1 - rate of refusals in vain.

    To repeat the question gives nothing.

    The counterpart of `unknown`, without which a model that never says anything would be the best.
    """
    return float(fold(answer) not in ("", fold(question.question)) and not _refuses(answer))


def choice(answer: str, question: Question) -> float:
    """Whether the answer names the right option, by its letter or its text: multiple-choice accuracy by generation."""
    named = named_choice(answer, question)
    return float(named is not None and question.choices[named] == question.answers[0])


def choice_by_perplexity(losses: Sequence[float], question: Question) -> float:
    """Whether the right option has the lowest loss: multiple-choice perplexity (paper section 4.2.4).

    Args:
        losses: Mean negative log-likelihood of each choice's tokens.
        question: With the choices.

    Returns:
        1 or 0; where several share the lowest, the share that guessing among them would get; 0 where none was read.
    """
    lowest = min(filter(math.isfinite, losses), default=None)
    if lowest is None:
        return 0.0
    tied = [choice for choice, loss in zip(question.choices, losses, strict=True) if loss == lowest]
    return (question.answers[0] in tied) / len(tied)


SCORINGS: dict[str, Callable[[str, Question], float]] = {
    each.__name__: each for each in (characters, name, exact, number, relaxed, yes_no, unknown, answered, choice)
}


def named_choice(answer: str, question: Question) -> int | None:
    """Place of the option that an answer names: all of it is the text of one; else a letter; else the one text in it."""
    letters, texts = "ABCDEFGH"[: len(question.choices)], list(map(fold, question.choices))
    said = answer.translate(WIDTH).strip()
    if fold(said) in texts:
        return texts.index(fold(said))
    is_one = rf"([{letters}])(?![{LATIN}])(?!\s+(?:is|are)\s+(?:not|wrong|incorrect))"
    patterns = [
        rf"(?i:answer|option|choice|答案|选项?|选择)(?:\s*(?i:is|为|是|:))*\s*[*_`$(\"“]*(?:\\boxed\{{)?{is_one}",
        rf"\\boxed\{{(?:\\text\{{)?([{letters}])\}}",
        rf"\(([{letters}])\)",
    ]
    # An answer that lists the options chooses none of them.
    lists_them = len(set(re.findall(rf"^\W*([{letters}])[.):]", said, re.MULTILINE))) > 1
    if not lists_them:
        patterns = [
            rf"^\W*([{letters}{letters.lower()}])\W*$",
            rf"^\W*([{letters}])(?:[.):。项]|[,、](?!\s*[{letters}](?![{LATIN}]))|\s*\n|\s+because\b)",  # not "A cat"
            *patterns,
        ]
    for pattern in patterns:
        if match := re.search(pattern, said):
            return letters.index(match[1].upper())
    if lists_them:
        return None
    named = [place for place, text in enumerate(question.choices) if says(answer, text)]
    # "polar bear" also holds "bear".
    widest = [at for at in named if not any(at != other and texts[at] in texts[other] for other in named)]
    return widest[0] if len(widest) == 1 else None


def _transcribed(text: str) -> str:
    text = unicodedata.normalize("NFC", text).strip()
    if fenced := re.fullmatch(r"```[^\n`]*\n(.*?)\n?```", text, re.DOTALL):
        text = fenced[1].strip()
    return re.sub(r"\s+", lambda run: "\n" if "\n" in run[0] else " ", text)


def _values(answer: str) -> set[str]:
    """What an answer may state as its value, folded: all of it, its last sentence, and what follows each "is" there; reasons apart."""
    found = {fold(answer)}
    for text in {answer, REASONS.sub("", answer), _formula(answer)}:
        sentences = [
            part
            for part in re.split(r"(?<=[.!?])(?<!\b[A-Z]\.)\s+|[。！？\n]", text.replace("’", "'"))
            if part.strip()
        ]
        last = sentences[-1] if sentences else ""
        found |= set(map(fold, (text, last, *(last[match.end() :] for match in _STATES.finditer(last)))))
    return {value for each in found for value in (each, each.removesuffix("的"))} - {""}


def _refuses(answer: str) -> bool:
    return _UNKNOWN.search(_QUOTED.sub("“”", answer.replace("’", "'"))) is not None


def _formula(text: str) -> str:
    r"""A formula as plain text: 18{,}432 \cdot \pi is 18432π."""
    text = _PI.sub("π", _MATHEMATICS.sub("", text))
    return _LARGE.sub("", text) if "π" in text else text


def _first_yes_no(text: str) -> str | None:
    text = _UNDECIDED.sub(" ", text.casefold().replace("’", "'"))
    match = _YES_NO.search(_ASKS.sub(lambda asked: asked[0] if _REPLIES.match(asked[0]) else " ", text))
    return match.lastgroup if match else None
