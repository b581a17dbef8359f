"""What is written comes in; questions about it with true answers go out."""

from dataclasses import dataclass
from typing import Any

from ...rendering import Ask, Draw


HAND = "recognition/ocr-and-transcription/handwritten-text"
FORMAT = "recognition/ocr-and-transcription/specified-format"
COUNTING = "recognition/local-description/counting"
ALGEBRA = "logical-reasoning/mathematical/algebra-and-operation"
COUNTERFACTUAL = "safety/counterfactual-questioning"
TASKS = (HAND, FORMAT, COUNTING, ALGEBRA, COUNTERFACTUAL)
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
ORDINALS = {"en": ("first", "second", "third", "fourth"), "zh": ("一", "二", "三", "四")}
MAIN = {"en": ("Read the text.",), "zh": ("读出文字。",)}
READ = {
    "number": {
        "en": ("Which number is written here?", "What number do you see?", "Read the number.", "What is the handwritten number?", "Transcribe the digits."),
        "zh": ("这里写的是什么数？", "图中手写的数字是多少？", "请读出这个数。", "请把手写的数字抄下来。", "上面写着什么数字？"),
    },
    "digit": {
        "en": ("Which digit is this?", "What digit has been written here?", "Read the digit.", "Which digit did somebody write?"),
        "zh": ("这是数字几？", "这里写的是几？", "请认出这个手写数字。", "图里手写的数字是几？"),
    },
    "sum": {
        "en": ("What has been written here?", "Transcribe the handwriting.", "Which calculation is written here?", "Write down the calculation that you see."),
        "zh": ("这里写了什么？", "请抄写手写的内容。", "图中写的是什么算式？", "请写出你看到的算式。"),
    },
    "date": {
        "en": ("Which date is written here?", "What is the handwritten date?", "Transcribe the date.", "Read the date as it is written."),
        "zh": ("这里写的是什么日期？", "手写的日期是什么？", "请照抄这个日期。", "请读出图中的日期。"),
    },
    "time": {
        "en": ("Which time is written here?", "What time has been noted down?", "Transcribe the time.", "Read the handwritten time."),
        "zh": ("这里写的是几点几分？", "图中记的是什么时间？", "请照抄这个时间。", "请读出手写的时间。"),
    },
    "column": {
        "en": ("Transcribe all numbers, one a line.", "Which numbers are written here?", "Copy the handwritten numbers line by line.", "What are the numbers, from top to bottom?"),
        "zh": ("请逐行抄写所有的数。", "这里写了哪些数？", "请从上到下写出这些数，每行一个。", "图中手写的数分别是什么？"),
    },
}  # fmt: skip
RESULT = {
    "en": ("What is the result?", "Work it out.", "How much is that?", "Solve the calculation."),
    "zh": ("结果是多少？", "请算出得数。", "这道题等于多少？", "请计算这个算式。"),
}
LONG_DATE = {
    "en": (
        "Write the date with the name of the month.",
        "Which date is it? Spell out the month.",
        "Give the date in the form 'March 5, 2001'.",
        "Read the date and write its month as a word.",
    ),
    "zh": (
        "请用“年月日”的形式写出日期。",
        "这是哪年哪月哪日？",
        "请把日期写成“2001年3月5日”的形式。",
        "请读出日期，写出年、月、日。",
    ),
}
HOW_MANY = {
    "en": (
        "How many digits are written here?",
        "How many digits does it have?",
        "Count the digits.",
        "How many digits is it made of?",
    ),
    "zh": ("它有几位数字？", "图中的数是几位数？", "这个数一共有几位？", "请数一数这个数有几位。"),
}
EVEN = {
    "en": (
        "Is the number even or odd?",
        "Is it an even or an odd number?",
        "Even or odd: which is it?",
        "Would you call this number even or odd?",
    ),
    "zh": ("这个数是奇数还是偶数？", "它是奇数还是偶数？", "请判断这个数的奇偶性。", "图中的数是偶数还是奇数？"),
}
AT = {
    "en": (
        "What is the {which} number?",
        "Which number stands in line {place}?",
        "Read the {which} line.",
        "Read the {which} number from the top.",
    ),
    "zh": ("第{which}个数是多少？", "第{which}行写的是什么？", "请读出第{which}行。", "从上往下第{which}个数是多少？"),
}
LARGEST = {
    "en": (
        "Which of the numbers is the largest?",
        "What is the largest number?",
        "Which number is greater than all others?",
        "Find the largest number.",
    ),
    "zh": ("哪个数最大？", "其中最大的数是多少？", "请找出最大的数。", "这些数里最大的是哪一个？"),
}
TOTAL = {
    "en": (
        "What do the numbers add up to?",
        "What is the sum of the numbers?",
        "Add up all the numbers.",
        "How much are the numbers together?",
    ),
    "zh": ("这些数加起来是多少？", "这几个数的和是多少？", "请把所有的数加起来。", "这些数一共是多少？"),
}
LETTERS = {
    "en": (
        "Which words are written beside the digits?",
        "What name has been written here?",
        "Read the signature.",
        "Who signed this?",
    ),
    "zh": ("数字旁边写了什么字？", "这里写的是谁的名字？", "请读出签名。", "是谁签的名？"),
}
NO_LETTERS = {
    "en": ("There are no words in the picture, only {text}.",),
    "zh": ("图里没有文字，只写着{text}。",),
}


@dataclass(frozen=True)
class Note:
    """What is written.

    Args:
        kind: Key of `READ`.
        lines: As they are written.
        value: The result of a sum; year, month and day; hour and minute.
    """

    kind: str
    lines: tuple[str, ...]
    value: Any = None

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)


def asks_of(draw: Draw, note: Note) -> list[Ask]:
    """Everything to ask about a note."""
    asks = [Ask(HAND, draw.phrase(MAIN), note.text, 4), Ask(HAND, draw.phrase(READ[note.kind]), note.text, 3)]
    english = draw.language == "en"
    if note.kind == "sum":
        asks.append(Ask(ALGEBRA, draw.phrase(RESULT), str(note.value), 3))
    if note.kind == "date":
        year, month, day = note.value
        said = f"{MONTHS[month - 1]} {day}, {year}" if english else f"{year}年{month}月{day}日"
        asks.append(Ask(FORMAT, draw.phrase(LONG_DATE), said, 2))
    if note.kind == "number":
        count = len(note.lines[0])
        asks.append(Ask(COUNTING, draw.phrase(HOW_MANY), f"{count}" if english else f"{count}位", 1))
        odd = int(note.lines[0]) % 2
        parity = ("Even", "Odd")[odd] if english else ("偶数", "奇数")[odd]
        asks.append(Ask(ALGEBRA, draw.phrase(EVEN), parity + ("." if english else "。"), 0.8))
    if note.kind == "column":
        place = draw.whole(1, len(note.lines))
        which = ORDINALS[draw.language][place - 1]
        numbers = list(map(int, note.lines))
        asks += [
            Ask(HAND, draw.phrase(AT, which=which, place=place), note.lines[place - 1], 2),
            Ask(ALGEBRA, draw.phrase(LARGEST), str(max(numbers)), 1),
            Ask(ALGEBRA, draw.phrase(TOTAL), str(sum(numbers)), 1),
        ]
    return asks


def in_vain(draw: Draw, note: Note) -> list[Ask]:
    """Ask for words where only digits are."""
    answer = draw.phrase(NO_LETTERS, text=(", " if draw.language == "en" else "、").join(note.lines))
    return [Ask(COUNTERFACTUAL, draw.phrase(LETTERS), answer)]
