"""A text comes in, the numbers in it go out, and which of them it states.

"The total is 1,234.5 kg." -> 1234.5      "15 %" -> 15 per cent      "二十一个" -> 21      "3万" -> 30000      "twenty-one" -> 21
"one hundred and five" -> 105    "a dozen" -> 12            "1.5e3" -> 1500
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise


_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_DIGITS = "一二三四五六七八九"


def _english() -> Iterator[tuple[str, int]]:
    yield from (("zero", 0), ("none", 0))
    yield from ((word, value) for value, word in enumerate([*_UNITS, *_TEENS], 1))
    for ten, word in enumerate(_TENS, 2):
        yield word, ten * 10
        yield from ((f"{word}-{unit}", ten * 10 + value) for value, unit in enumerate(_UNITS, 1))


def _chinese() -> Iterator[tuple[str, int]]:
    yield from (("零", 0), ("〇", 0), ("两", 2))
    yield from ((digit, value) for value, digit in enumerate(_DIGITS, 1))
    for ten in range(1, 10):
        before = "" if ten == 1 else _DIGITS[ten - 1]
        yield f"{before}十", ten * 10
        yield from ((f"{before}十{digit}", ten * 10 + value) for value, digit in enumerate(_DIGITS, 1))


WORDS = dict((*_english(), *_chinese()))  # 0 to 99
MULTIPLIERS = {
    "dozen": 12, "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8,
}  # fmt: skip
# Full-width digits and signs; not the comma, which in Chinese stands between clauses.
_WIDTH = {0xFF10 + digit: 0x30 + digit for digit in range(10)} | {ord("％"): "%", ord("．"): ".", ord("－"): "-"}
_FRACTION = re.compile(r"\\[dt]?frac\s*\{(\d+)\}\s*\{(\d+)\}")  # of LaTeX
_SEPARATORS = r"[.,'’\u00a0\u202f]"
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_UNITS)}))?|{'|'.join([*_TEENS, *_UNITS])})"  # 1 to 99
_LARGE = r"(?:hundred|thousand|million|billion)"
# "a dozen"; "one hundred and five", "two thousand three hundred", "a hundred thousand"
_COMPOUND = (
    rf"(?:half\sa|a)\sdozen|(?:{_SMALL}|a)\s{_LARGE}(?:\s{_LARGE})*(?:,?\s(?:and\s)?{_SMALL}(?![-\w])(?:\s{_LARGE})*)*"
)
_NUMBER = re.compile(
    r"(?P<sign>(?<![\w)\]])[-−–]\s?|\bminus\s+|负)?"
    r"[$€£¥￥]?\s?"
    r"(?:(?P<fraction>(?<![\w./])\d+/\d+(?![\d/]))"
    rf"|(?P<digits>(?<![A-Za-z_.])(?:\d+(?:{_SEPARATORS}\d+)*|\.\d+)(?:e[-+]?\d{{1,2}}(?!\w))?)"
    r"|(?P<chinese>(?<![统唯万])[零〇一二两三四五六七八九十百千万亿]+(?![些样起般直定旦切边面分]))"
    rf"|\b(?P<compound>{_COMPOUND})\b|\b(?P<english>{_SMALL}|zero|none)\b)"
    rf"(?:\s?(?P<times>{'|'.join(MULTIPLIERS)}))?"
    r"(?P<percent>\s?(?:%|per\s?cent))?",
    re.IGNORECASE,
)
# After which a number is what the text states, if nothing else comes between.
_STATES = re.compile(
    r"(?:[=≈:：是为有共于]|所以|因此|\b(?:is|are|was|were|equals?|gives|makes|has|have|shows?|totals?|reads|says|sees?|counts?|so|thus|hence)\b)"
    r"(?:\s|[*_`\"“(]|a total of|equal to|about|around|approximately|roughly|nearly|exactly|only|大约|约|只|总|一共)*$",
    re.IGNORECASE,
)


# Why an answer is what it is.
REASONS = re.compile(r"(?<=\w)[\s,，]*(?:\bbecause\b|\bsince\b|因为).*", re.IGNORECASE | re.DOTALL)
# An answer that says which it is, whatever follows.
_IS_SAID = re.compile(
    r"\b(?:answer|result)\b[\s*_]*(?:is|:|=)[\s*_$`(]*(?:\\boxed\{)?$|(?:答案|结果)\s*[为是：:]+[\s*_$`(]*(?:\\boxed\{)?$|\\boxed\{\s*$",
    re.IGNORECASE,
)
_IN_ALL = re.compile(r"\s?(?:in (?:total|all)|altogether|overall)\b", re.IGNORECASE)
_DENIED = re.compile(r"(?:\bnot|n't|不是|没有|并非)\s*(?:(?:exactly|just|only)\s*)?$", re.IGNORECASE)
_OR = re.compile(r"\s?[\u4e00-\u9fff]?\s*(?:\bor\b|或者?|还是)\s?", re.IGNORECASE)


@dataclass(frozen=True)
class Number:
    """A number as it is written: 15 and whether "%" follows."""

    value: Fraction
    is_percent: bool = False

    def forms(self) -> set[Fraction]:
        """What it may be equal to: of 15 %, both 15 and 0.15."""
        return {self.value, self.value / 100} if self.is_percent else {self.value}


def stated_number(text: str) -> Number | None:
    """The number that a text states.

    The one that follows "the answer is"; else the one that is the whole first line; else that of "in total"; else the last that
    directly follows "=", "is", "are", 是, 有 or the like; else the one that the text begins with; else its last. Reasons after
    "because", and numbers after "not", state nothing; nor does "3 or 4".
    """
    text = _plain(text)
    if said := [number for start, _, number in _numbers(text) if _IS_SAID.search(text[:start])]:
        return said[-1]
    first = text.strip().split("\n")[0].strip(" *_`$.。")
    if first != text.strip() and (match := _NUMBER.fullmatch(first)):
        return _read(match, first)
    text = REASONS.sub("", text)
    found = [each for each in _numbers(text) if not _DENIED.search(text[: each[0]])]
    if any(_OR.fullmatch(text[one[1] : other[0]]) for one, other in pairwise(found)):
        return None
    for holds in (lambda start, end: _IN_ALL.match(text[end:]), lambda start, end: _STATES.search(text[:start])):
        if stated := [number for start, end, number in found if holds(start, end)]:
            return stated[-1]
    if found and not text[: found[0][0]].strip(" \t\n*_`\"“'(["):
        return found[0][2]
    return found[-1][2] if found else None


def bare_number(text: str) -> Number | None:
    """The number that is the whole of a text, but for a currency sign or "%"; none if there is more, as a unit or a month."""
    text = _plain(text).strip().rstrip(".")
    match = _NUMBER.fullmatch(text)
    return _read(match, text) if match else None


def same(first: Number, second: Number) -> bool:
    """Whether two numbers are equal. "%" may be left out as any unit may, and 15 % is 0.15."""
    return first.value == second.value or bool(first.forms() & second.forms())


def _plain(text: str) -> str:
    return _FRACTION.sub(r"\1/\2", text.translate(_WIDTH))


def _numbers(text: str) -> Iterator[tuple[int, int, Number]]:
    """Where each number begins and ends, and the number."""
    for match in _NUMBER.finditer(text):
        if (number := _read(match, text)) is not None:
            yield match.start(), match.end(), number


def _read(match: re.Match, text: str) -> Number | None:
    if match["digits"]:
        value = _of_digits(match["digits"])
    elif match["fraction"]:
        over, under = map(int, match["fraction"].split("/"))
        value = Fraction(over, under) if under else None
    elif match["compound"]:
        value = _of_compound(match["compound"].lower())
    else:
        value = _of_word(match["chinese"] or re.sub(r"\s", "-", match["english"].lower()))
    if value is None:
        return None
    value *= MULTIPLIERS[match["times"].lower()] if match["times"] else 1
    percent = bool(match["percent"]) or text[: match.start()].endswith("百分之")
    return Number(-value if match["sign"] else value, percent)


def _of_digits(text: str) -> Fraction | None:
    """1,234.5 and 1.234,5 and 1'234 and 12,5; none if separators fit no number, as in a date."""
    text, _, exponent = re.sub(r"['’\u00a0\u202f]", "", text.lower()).partition("e")
    if exponent:
        mantissa = _of_digits(text)
        return None if mantissa is None else mantissa * Fraction(10) ** int(exponent)
    if "," in text and "." in text:
        decimal = max(",.", key=text.rfind)
        text = text.replace("," if decimal == "." else ".", "")
        whole, *parts = text.split(decimal)
        return Fraction(f"{whole}.{parts[0]}") if len(parts) == 1 else None
    separator = "," if "," in text else "."
    whole, *parts = text.split(separator)
    in_thousands = all(len(part) == 3 for part in parts) and 1 <= len(whole) <= 3 and whole != "0"
    if parts and in_thousands and (separator == "," or len(parts) > 1):
        return Fraction(whole + "".join(parts))
    if len(parts) > 1:
        return None
    return Fraction(".".join([whole or "0", *parts]))


def _of_compound(text: str) -> Fraction:
    """Words with hundreds or more: what stands before a thousand is counted in thousands, and so on."""
    total = part = 0
    for word in re.findall(_SMALL + r"|\w+", text):
        if word == "half":
            return Fraction(6)
        if word in ("hundred", "dozen"):
            part *= MULTIPLIERS[word]
        elif word in MULTIPLIERS:
            total, part = total + part * MULTIPLIERS[word], 0
        elif word != "and":
            part += 1 if word == "a" else WORDS[word.replace(" ", "-")]
    return Fraction(total + part)


def _of_word(word: str) -> Fraction | None:
    if word in WORDS:
        return Fraction(WORDS[word])
    for times in "亿万千百":
        before, found, after = word.partition(times)
        if found:
            parts = (_of_word(before), _of_word(after.lstrip("零〇")) if after else Fraction(0))
            return None if None in parts else parts[0] * MULTIPLIERS[times] + parts[1]
    return None
