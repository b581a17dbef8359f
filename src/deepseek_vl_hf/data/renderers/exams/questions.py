"""A `Draw` comes in; an exam question that can be computed goes out, with its worked answer: sums, equations, stories, gaps.

Every result is computed with exact fractions, and every question is written in the language of the row.
"""

from dataclasses import dataclass
from fractions import Fraction

from ...rendering import Draw
from ..page_blocks import Span


ALGEBRA = "logical-reasoning/mathematical/algebra-and-operation"
GEOMETRY = "logical-reasoning/mathematical/plane-geometry"
PUZZLE = "logical-reasoning/other/iq-questions"
BLANK = "______"


@dataclass(frozen=True)
class Question:
    """A question of an exam.

    Args:
        sort: "choice", "blank", "sum", "equation" or "story".
        task: Node of the taxonomy.
        content: What is printed.
        working: Short steps, "" if there are none.
        answer: The result, or the letter of the right option.
        options: Texts of the options, of choices.
    """

    sort: str
    task: str
    content: tuple[Span, ...]
    working: str
    answer: str
    options: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is printed beside the number, as Markdown."""
        return "".join(f"${span.text}$" if span.form == "formula" else span.text for span in self.content)

    @property
    def key(self) -> str:
        """Names the question, whatever the order of its options."""
        return " ".join([self.text, *sorted(self.options)])

    def solve(self, language: str) -> str:
        """The worked answer, which ends in the result."""
        if self.options:
            return f"{self.working}{self.answer}"
        return self.working or self.answer


def plain(number: Fraction | int) -> str:
    """A number as a decimal where that ends, else as a fraction."""
    number = Fraction(number)
    if number.denominator == 1:
        return str(number.numerator)
    for digits in range(1, 5):
        if (number * 10**digits).denominator == 1:
            return f"{float(number):.{digits}f}"
    return f"{number.numerator}/{number.denominator}"


def formula(latex: str, typst: str) -> Span:
    """A formula inside a question."""
    return Span(latex, "formula", f"display({typst})")


def sums(draw: Draw) -> Question:
    """Two or three numbers and the four operations, of whole numbers, decimals or fractions."""
    kind = draw.pick(("whole", "whole", "chain", "brackets", "decimal", "fraction", "division"))
    a, b, c = draw.whole(12, 989), draw.whole(11, 480), draw.whole(2, 12)
    if kind == "fraction":
        return _fractions(draw)
    if kind == "division":
        return _sum(f"{a * c} ÷ {c}", a, f"{a * c} ÷ {c} = {a}")
    if kind == "decimal":
        sign = draw.pick("+-")
        first, second = sorted((Fraction(draw.whole(11, 999), 10), Fraction(draw.whole(11, 9999), 100)), reverse=True)
        result = first + second if sign == "+" else first - second
        text = f"{plain(first)} {_sign(sign)} {plain(second)}"
        return _sum(text, result, f"{text} = {plain(result)}")
    if kind == "chain":
        text, middle, result = f"{a} + {b} × {c}", b * c, a + b * c
        return _sum(text, result, f"{text} = {a} + {middle} = {result}")
    if kind == "brackets":
        text, middle = f"({a} + {b}) × {c}", a + b
        return _sum(text, middle * c, f"{text} = {middle} × {c} = {middle * c}")
    sign = draw.pick("+-×")
    first, second = (max(a, b), min(a, b)) if sign != "×" else (draw.whole(12, 99), draw.whole(3, 49))
    result = {"+": first + second, "-": first - second, "×": first * second}[sign]
    text = f"{first} {_sign(sign)} {second}"
    return _sum(text, result, f"{text} = {result}")


def _sign(sign: str) -> str:
    return "−" if sign == "-" else sign


def _sum(text: str, result: Fraction | int, working: str) -> Question:
    return Question("sum", ALGEBRA, (Span(f"{text} ="),), working, plain(result))


def _fractions(draw: Draw) -> Question:
    below = draw.pick((3, 4, 5, 6, 8, 9, 10, 12))
    other = draw.pick((2, 3, 4, 5, 6, 8, 10))
    sign = draw.pick("+-×")
    first, second = Fraction(draw.whole(1, below - 1), below), Fraction(draw.whole(1, other - 1), other)
    if first < second:
        first, second = second, first
    result = {"+": first + second, "-": first - second, "×": first * second}[sign]
    latex = " ".join((_latex(first), r"\times" if sign == "×" else sign, _latex(second)))
    typst = f"{_typst(first)} {'times' if sign == '×' else sign} {_typst(second)} ="
    answer = str(result.numerator) if result.denominator == 1 else _latex(result)
    return Question("sum", ALGEBRA, (formula(f"{latex} =", typst),), f"${latex} = {answer}$", f"${answer}$")


def _latex(number: Fraction) -> str:
    return f"\\frac{{{number.numerator}}}{{{number.denominator}}}"


def _typst(number: Fraction) -> str:
    return f"frac({number.numerator}, {number.denominator})"


def equations(draw: Draw) -> Question:
    """A linear equation with one unknown, whose solution is a whole number."""
    name = draw.pick(("x", "x", "x", "y", "n"))
    x, a, b = draw.whole(-12, 20), draw.whole(2, 9), draw.whole(1, 30)
    kind = draw.pick(("simple", "minus", "brackets", "both", "share"))
    if kind == "simple":
        right = a * x + b
        left = f"{a}{name} + {b}"
        steps = [f"{a}{name} = {right} - {b} = {right - b}"]
    elif kind == "minus":
        right = a * x - b
        left = f"{a}{name} - {b}"
        steps = [f"{a}{name} = {right} + {b} = {right + b}"]
    elif kind == "brackets":
        right = a * (x + b)
        left = f"{a}({name} + {b})"
        steps = [f"{name} + {b} = {x + b}"]
    elif kind == "share":
        right = x + b
        latex = f"\\frac{{{name}}}{{{a}}} + {b} = {right}"
        return _equation(draw, latex, f"{name}/{a} + {b} = {right}", [f"\\frac{{{name}}}{{{a}}} = {x}"], name, a * x)
    else:
        more = a + draw.whole(1, 6)
        b = draw.whole(1, 30)
        constant = more * x + b - a * x  # more x + b = a x + constant
        left, right = f"{more}{name} + {b}", f"{a}{name} {'+' if constant >= 0 else '-'} {abs(constant)}"
        step = f"{more - a}{name}" if more - a > 1 else name
        steps = [f"{step} = {constant - b}"] if more - a > 1 else []
    equation = f"{left} = {right}"
    return _equation(draw, equation, equation, steps, name, x)


def _equation(draw: Draw, latex: str, typst: str, steps: list[str], name: str, result: int) -> Question:
    ask = draw.phrase(
        {
            "en": ("Solve: ", "Solve the equation: ", f"Find {name}: "),
            "zh": ("解方程：", f"求{name}的值：", "解下列方程："),
        }
    )
    joint = "，" if draw.language == "zh" else ", "
    working = joint.join(f"${step}$" for step in [*steps, f"{name} = {result}"])
    content = (Span(ask), formula(latex, typst))
    return Question("equation", ALGEBRA, content, working, f"${name} = {result}$")


def gaps(draw: Draw) -> Question:
    """A gap that one number fills: a sequence, a unit, a missing factor, rounding."""
    return draw.pick((_sequence, _sequence, _unit, _factor, _rounded))(draw)


def _sequence(draw: Draw) -> Question:
    zh, is_doubled = draw.language == "zh", draw.chance(0.25)
    start, step = draw.whole(1, 60), draw.whole(2, 15)
    terms = [start * 2**index if is_doubled else start + step * index for index in range(6)]
    place = draw.whole(3, 5)
    shown = ("，" if zh else ", ").join(BLANK if index == place else str(term) for index, term in enumerate(terms))
    rule = "× 2" if is_doubled else f"+ {step}"
    text = f"找规律填数：{shown}" if zh else f"Find the pattern and fill in: {shown}"
    why = f"后一个数等于前一个数 {rule}，所以 " if zh else f"Each number is the one before {rule}, so "
    working = f"{why}{terms[place - 1]} {rule} = {terms[place]}"
    return Question("blank", PUZZLE, (Span(text),), working, str(terms[place]))


def _unit(draw: Draw) -> Question:
    (big, small, times), count = draw.pick(UNITS[draw.language]), draw.whole(2, 48)
    if draw.chance(0.5):
        text, working, result = f"{count} {big} = {BLANK} {small}", f"{count} × {times}", count * times
    else:
        text, working, result = f"{count * times} {small} = {BLANK} {big}", f"{count * times} ÷ {times}", count
    return Question("blank", ALGEBRA, (Span(text),), f"{working} = {result}", str(result))


def _factor(draw: Draw) -> Question:
    a, b = draw.whole(3, 25), draw.whole(3, 19)
    return Question("blank", ALGEBRA, (Span(f"{a} × {BLANK} = {a * b}"),), f"{a * b} ÷ {a} = {b}", str(b))


def _rounded(draw: Draw) -> Question:
    number = draw.whole(10, 989) * 10 + draw.whole(1, 9)
    unit, en, zh = draw.pick(((10, "ten", "十位"), (100, "hundred", "百位")))
    result = (number + unit // 2) // unit * unit
    is_zh = draw.language == "zh"
    text = f"{number}四舍五入到{zh}是{BLANK}。" if is_zh else f"{number} rounded to the nearest {en} is {BLANK}."
    return Question("blank", ALGEBRA, (Span(text),), f"{number} ≈ {result}", str(result))


UNITS = {
    "en": (("km", "m", 1000), ("kg", "g", 1000), ("hours", "minutes", 60), ("m", "cm", 100), ("litres", "ml", 1000), ("weeks", "days", 7)),
    "zh": (("千米", "米", 1000), ("千克", "克", 1000), ("小时", "分", 60), ("米", "厘米", 100), ("升", "毫升", 1000), ("吨", "千克", 1000)),
}  # fmt: skip
