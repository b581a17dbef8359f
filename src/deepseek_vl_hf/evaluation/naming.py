"""An answer and a name come in; whether the answer says it, denies it or neither goes out."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from ..data.things import THINGS, Thing, alike


DENIAL_REACH = 5  # words before a name that a denial reaches over
WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_CHINESE = re.compile(r"[\u3400-\u9fff]")
LATIN = r"0-9A-Za-zÀ-ÖØ-öø-ɏ"
_CLAUSE_ENDS = re.compile(r"[.,;:!?，。；：！？\n]|\bbut\b|\bhowever\b|而是|只有|只是|(?<![不像])是|但")
_DENIES = re.compile(
    r"\b(?:not|no|never|neither|nor|without|cannot|other than|rather than|instead of)\b(?! only| just| doubt)|n't\b"
)
_DENIES_AFTER = re.compile(
    r"\s(?:is|are|was|were)(?: not|n't) (?:\w+ )?(?:there|here|shown|visible|present|seen|in|on)\b"
)
_DENIES_ZH = re.compile(
    r"(?:不是|不像|没有|没看到|没见|看不到|看不见|并非|不存在|不包含|不含|而非)[^，。；！？,.]{0,8}$"
)
_DENIES_AFTER_ZH = re.compile(r"(?:并?不在|并?没有出现|并?不存在)")

_OR_BEFORE = re.compile(r"[大小多少高低]?[,，]?\s*(?:\bor\s+(?:(?:to|on|in)\s+)?|(?:还是|或者?)\s*在?(?:一.)?)$")
_OR_AFTER = re.compile(r"[边面侧方大小多少高低]?[,，]?\s*(?:\bor\s+(?:(?:to|on|in)\s+)?|(?:还是|或者?)\s*在?(?:一.)?)")
# Between the parts of a list; and what a part may begin with.
_LISTS = re.compile(r"\s*(?:[,，、/&;；+\n]\s*(?:and\b|和)?|\band\b|和|与|以及)\s*")
_LINES = re.compile(r"\s*\n\W*(?:\d+[.)]\s*)?")  # the parts of a list may stand in lines of their own
_COUNTS = re.compile(r"(?:(?:one|two|three|four|five|some|\d+)\s+)?(?:[一两三四五]\S)?")
_SENTENCE_ENDS = re.compile(r"[.!?。！？]")
_OF_A_SIDE = re.compile("[边面侧方]+$")
MOST_OF_A_NAME = {"words": 4, "hanzi": 8}
_OPPOSITES = tuple(
    frozenset(pair.split()) for pair in ("left right", "above below", "above under", "top bottom", "左 右", "上 下")
)


def fold(text: str) -> str:
    """Fold what is no difference between two short answers: case, width, white space, punctuation at the ends, articles."""
    text = unicodedata.normalize("NFC", text).translate(WIDTH).replace("’", "'").casefold()
    text = " ".join(text.split())
    while text and (unicodedata.category(text[0]) in ("Pc", "Ps", "Pi", "Pf", "Po", "Zs") or text[0] == "`"):
        text = text[1:]
    while text and text[-1] != "#" and (unicodedata.category(text[-1])[0] in "PZ" or text[-1] == "`"):
        text = text[:-1]
    return re.sub(r"\b(?:an?|the)\s+(?=\w)", "", text)


def says(answer: str, accepted: str, same: Sequence[str] = ()) -> bool | None:
    """Whether an answer says a name or denies it; neither is `None`.

    A name within that of another thing is not said: no 猫 is in 熊猫, and no dog in a hot dog. Nor is one of two with an "or"
    between them, or one in a list, but for other names of the `same`: "a bed or a desk" and "a bed, a desk, a house" say none,
    "a couch or sofa" both.
    """
    text, wanted = _plain(_LINES.sub(", ", answer.strip())), _plain(accepted)
    text = _without(text, _wider_names(wanted))
    found = list(re.finditer(_edged(wanted), text)) if wanted else []
    if any(_is_denied(text[: match.start()], text[match.end() :]) for match in found):
        return False
    others = [_plain(name) for name in same]
    is_said = any(
        not _is_either(text[: match.start()], text[match.end() :], others)
        and not _is_listed(text[: match.start()], text[match.end() :], wanted, others)
        for match in found
    )
    return True if is_said else None


def _is_denied(before: str, after: str) -> bool:
    clause = _CLAUSE_ENDS.split(before)[-1]
    near = " ".join(clause.split(" ")[-DENIAL_REACH - 1 :])
    return bool(
        _DENIES.search(near)
        or _DENIES_ZH.search(clause)
        or _DENIES_AFTER.match(after)
        or _DENIES_AFTER_ZH.match(after)
    )


def _is_either(before: str, after: str, same: Sequence[str]) -> bool:
    """Whether a name is one of two that are left open."""
    next_to = _OR_BEFORE.search(before), _OR_AFTER.match(after)
    first, second = next_to[0] and before[: next_to[0].start()], next_to[1] and after[next_to[1].end() :]
    is_same = any((first and first.endswith(name)) or (second and second.startswith(name)) for name in same if name)
    return any(next_to) and not is_same


def _is_listed(before: str, after: str, wanted: str, same: Sequence[str]) -> bool:
    """Whether a name stands in one list with that of something else."""
    *earlier, near = _LISTS.split(_SENTENCE_ENDS.split(before)[-1])
    far, *later = _LISTS.split(_SENTENCE_ENDS.split(after)[0])
    listed = []
    if not _COUNTS.sub("", near, count=1).strip():
        listed += [_name_at(part, at_end=True) for part in reversed(earlier)]
    if not far.strip(" 边面侧方"):
        listed += [_name_at(_COUNTS.sub("", part, count=1), at_end=False) for part in later]
    return any(name and name not in same and _is_other(wanted, name) for name in listed)


def _name_at(part: str, at_end: bool) -> str:
    """The longest known name with which a part of a list ends or begins, perhaps after an adjective; or none."""
    pieces, most = (part.split(), "words") if part.isascii() else (list(part.strip()), "hanzi")
    gap = " " if most == "words" else ""
    for skipped in (0,) if at_end or not gap or pieces[:1] == ["not"] else (0, 1):
        for length in range(MOST_OF_A_NAME[most], 0, -1):
            some = pieces[-length:] if at_end else pieces[skipped : skipped + length]
            if (name := _OF_A_SIDE.sub("", gap.join(some))) in _by_name() or any(name in pair for pair in _OPPOSITES):
                return name
    return ""


def _is_other(wanted: str, name: str) -> bool:
    """Whether nothing is called by both names."""
    if frozenset((_OF_A_SIDE.sub("", wanted), name)) in _OPPOSITES:
        return True
    meant, found = _by_name().get(wanted, ()), _by_name().get(name, ())
    return bool(meant and found) and not any(alike(one, other) for one in meant for other in found)


def _plain(text: str) -> str:
    return re.sub(r"(?<=\w)-(?=\w)", " ", fold(text))


def _edged(name: str) -> str:
    """The pattern of a name: Chinese stands anywhere, other words are whole."""
    return re.escape(name) if _CHINESE.search(name) else rf"(?<![{LATIN}]){re.escape(name)}(?![{LATIN}])"


def _without(text: str, names: Sequence[str]) -> str:
    """A text in which a sign stands for each of the names."""
    return re.sub("|".join(map(_edged, names)), "\N{REPLACEMENT CHARACTER}", text) if names else text


@cache
def _wider_names(wanted: str) -> tuple[str, ...]:
    """Names of things that nobody would call by the one that is wanted, although they hold it; the longest first."""
    called = _by_name()
    meant = called.get(wanted, ())
    if not meant:
        return ()
    wider = [
        name
        for name, things in called.items()
        if re.search(_edged(wanted), name)
        and name != wanted
        and not any(alike(one, other) for one in meant for other in things)
    ]
    return tuple(sorted(wider, key=len, reverse=True))


@cache
def _by_name() -> dict[str, tuple[Thing, ...]]:
    found: dict[str, tuple[Thing, ...]] = {}
    for thing in THINGS:
        for name in {*thing.answers("en"), *thing.answers("zh"), thing.many} - {""}:
            found[_plain(name)] = (*found.get(_plain(name), ()), thing)
    return found
