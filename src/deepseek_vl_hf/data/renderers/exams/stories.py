"""A `Draw` and names come in; exam questions told as stories, and questions with four options, go out, with worked answers."""

from fractions import Fraction

from ...rendering import CannotRenderError, Draw
from ..page_blocks import Span
from .questions import ALGEBRA, GEOMETRY, PUZZLE, Question, plain


LETTERS = "ABCD"
# Text, steps and result in both languages; every story makes its numbers in `_numbers`.
STORIES: dict[str, dict[str, tuple[str, str]]] = {
    "shopping": {
        "en": ("{p} buys {a} notebooks at {b} dollars each and pays with {paid} dollars. How much change does {p} get?", "{a} × {b} = {ab}, {paid} − {ab} = {r}. {p} gets {r} dollars."),
        "zh": ("{p}买了{a}本练习本，每本{b}元，付了{paid}元，应找回多少元？", "{a} × {b} = {ab}（元），{paid} − {ab} = {r}（元）。应找回{r}元。"),
    },
    "speed": {
        "en": ("A bus travels at {a} km per hour. How far does it go in {b} hours?", "{a} × {b} = {ab}. It goes {r} km."),
        "zh": ("一辆客车每小时行驶{a}千米，{b}小时行驶多少千米？", "{a} × {b} = {ab}（千米）。行驶{r}千米。"),
    },
    "sharing": {
        "en": ("{p} has {ab} sweets and shares them equally among {b} children. How many does each child get?", "{ab} ÷ {b} = {r}. Each child gets {r} sweets."),
        "zh": ("{p}有{ab}颗糖，平均分给{b}个小朋友，每人分到几颗？", "{ab} ÷ {b} = {r}（颗）。每人分到{r}颗。"),
    },
    "left": {
        "en": ("A library has {big} books. On Monday {small} are borrowed and {c} are brought back. How many books are there now?", "{big} − {small} + {c} = {r}. There are {r} books."),
        "zh": ("图书馆原有{big}本书，星期一借出{small}本，又还回{c}本，现在有多少本书？", "{big} − {small} + {c} = {r}（本）。现在有{r}本书。"),
    },
    "age": {
        "en": ("{p} is {small} years old. {p}'s father is {c} times as old. How old is the father?", "{small} × {c} = {r}. The father is {r} years old."),
        "zh": ("{p}今年{small}岁，爸爸的年龄是{p}的{c}倍，爸爸今年多少岁？", "{small} × {c} = {r}（岁）。爸爸今年{r}岁。"),
    },
    "discount": {
        "en": ("A coat costs {big} dollars. In the sale it is {c}% cheaper. What is the sale price?", "{big} × {rest}% = {r}. The sale price is {r} dollars."),
        "zh": ("一件外套原价{big}元，打{fold}折出售，现价多少元？", "{big} × {rest}% = {r}（元）。现价{r}元。"),
    },
    "area": {
        "en": ("A rectangular garden is {a} m long and {b} m wide. What is its area?", "{a} × {b} = {r}. The area is {r} square metres."),
        "zh": ("一块长方形菜地长{a}米，宽{b}米，面积是多少平方米？", "{a} × {b} = {r}（平方米）。面积是{r}平方米。"),
    },
    "perimeter": {
        "en": ("A rectangular field is {a} m long and {b} m wide. What is its perimeter?", "2 × ({a} + {b}) = {r}. The perimeter is {r} m."),
        "zh": ("一个长方形操场长{a}米，宽{b}米，周长是多少米？", "({a} + {b}) × 2 = {r}（米）。周长是{r}米。"),
    },
    "rows": {
        "en": ("A hall has {a} rows of {b} seats. {small} seats are taken. How many seats are free?", "{a} × {b} = {ab}, {ab} − {small} = {r}. {r} seats are free."),
        "zh": ("礼堂有{a}排座位，每排{b}个，已坐{small}人，还空多少个座位？", "{a} × {b} = {ab}（个），{ab} − {small} = {r}（个）。还空{r}个座位。"),
    },
    "together": {
        "en": ("{p} and {q} have {big} stamps together. {p} has {small} more than {q}. How many stamps does {q} have?", "({big} − {small}) ÷ 2 = {r}. {q} has {r} stamps."),
        "zh": ("{p}和{q}共有{big}张邮票，{p}比{q}多{small}张，{q}有多少张邮票？", "({big} − {small}) ÷ 2 = {r}（张）。{q}有{r}张邮票。"),
    },
}  # fmt: skip


def _numbers(draw: Draw, name: str) -> dict[str, int | str | Fraction]:
    """Numbers that make sense in a story, and its result under "r"."""
    a, b = draw.whole(12, 60), draw.whole(3, 11)
    found: dict[str, int | str | Fraction] = {"a": a, "b": b, "ab": a * b}
    if name == "shopping":
        paid = ((a * b + 1) // 50 + 1) * 50  # never "1 dollars" of change
        return {**found, "paid": paid, "r": paid - a * b}
    if name in ("speed", "area"):
        return {**found, "r": a * b}
    if name == "sharing":
        return {**found, "r": a}
    if name == "perimeter":
        return {**found, "r": 2 * (a + b)}
    if name == "rows":
        small = draw.whole(5, a * b - 5)
        return {**found, "small": small, "r": a * b - small}
    if name == "age":
        small, times = draw.pick(
            ((6, 6), (7, 5), (8, 5), (9, 4), (10, 4), (11, 3), (12, 3), (13, 3), (14, 3), (9, 5), (8, 4))
        )
        return {"small": small, "c": times, "r": small * times}
    if name == "discount":
        percent, big = draw.pick((10, 20, 30, 40, 50)), draw.whole(3, 95) * 10
        fold = "九八七六五"[percent // 10 - 1]
        return {"big": big, "c": percent, "rest": 100 - percent, "fold": fold, "r": big * (100 - percent) // 100}
    if name == "together":
        small, each = draw.whole(2, 40), draw.whole(8, 90)
        return {"big": 2 * each + small, "small": small, "r": each}
    big, small = draw.whole(300, 2000), draw.whole(20, 280)
    back = draw.whole(5, small - 1)
    return {"big": big, "small": small, "c": back, "r": big - small + back}


def stories(draw: Draw, assets) -> Question:
    """A problem told in words."""
    name = draw.pick(tuple(STORIES))
    text, steps = STORIES[name][draw.language]
    people = draw.sample(assets.names("person", draw.language), 2)
    fields = {**_numbers(draw, name), "p": people[0], "q": people[1]}
    task = GEOMETRY if name in ("area", "perimeter") else ALGEBRA
    return Question("story", task, (Span(text.format(**fields)),), steps.format(**fields), str(fields["r"]))


def choices(draw: Draw, assets) -> Question:
    """A question with four options, one of them right."""
    return draw.pick((_computed, _largest, _belongs, _belongs, _next_name))(draw, assets)


def _choice(draw: Draw, task: str, text: str, right: str, wrong: list[str], working: str = "") -> Question:
    options = draw.sample([right, *wrong], 4)
    return Question("choice", task, (Span(text),), working, LETTERS[options.index(right)], tuple(options))


def _computed(draw: Draw, assets) -> Question:
    a, b = draw.whole(12, 99), draw.whole(3, 29)
    result = a * b
    wrong = draw.sample(sorted({result + 10, result - 10, result + a, result - b, result + 1, result + 100}), 3)
    text = {"en": "What is {} × {}?", "zh": "{} × {} 的积是"}[draw.language].format(a, b) + _bracket(draw)
    working = f"{a} × {b} = {result}" + ("，选" if draw.language == "zh" else ": ")
    return _choice(draw, ALGEBRA, text, str(result), [str(number) for number in wrong], working)


def _bracket(draw: Draw) -> str:
    """Chinese papers leave room for the letter."""
    return "（    ）" if draw.language == "zh" else ""


def _largest(draw: Draw, assets) -> Question:
    numbers = sorted(Fraction(number, 100) for number in draw.sample(range(101, 990), 4))
    is_largest = draw.chance(0.5)
    right = numbers[-1] if is_largest else numbers[0]
    texts = {
        "en": ("Which number is the smallest?", "Which number is the largest?"),
        "zh": ("下列各数中，最小的是", "下列各数中，最大的是"),
    }
    text = texts[draw.language][is_largest] + _bracket(draw)
    return _choice(draw, ALGEBRA, text, plain(right), [plain(number) for number in numbers if number != right])


SUBJECTS = {
    "country": ("Which of these is a country?", "下列哪一个是国家"),
    "animal": ("Which of these is an animal?", "下列哪一个是动物"),
    "month": ("Which of these is a month?", "下列哪一个是月份"),
    "weekday": ("Which of these is a day of the week?", "下列哪一个表示星期"),
    "language": ("Which of these is a language?", "下列哪一个是语言"),
    "currency": ("Which of these is a currency?", "下列哪一个是货币"),
}
# What no thing can be two of; English names of animals, food and people also name countries, and are left out below.
APART = ("country", "animal", "month", "weekday", "currency")


def _belongs(draw: Draw, assets) -> Question:
    """Which option is of a kind, or which is not."""
    zh = draw.language == "zh"
    subject, other = draw.sample(APART, 2)
    names, others = assets.names(subject, draw.language), assets.names(other, draw.language)
    shared = {name.casefold() for name in names} & {name.casefold() for name in others}
    names, others = ([name for name in pool if name.casefold() not in shared] for pool in (names, others))
    if len(names) < 3 or len(others) < 3:
        raise CannotRenderError(f"found {len(names)} of {subject} and {len(others)} of {other}, expected 3 of each")
    right = draw.pick(names)
    if draw.chance(0.5):
        text = SUBJECTS[subject][zh] + _bracket(draw)
        return _choice(draw, PUZZLE, text, right, draw.sample(others, 3))
    text = ("下列词语中，与其他三个不同类的是" if zh else "Which one does not belong with the others?") + _bracket(
        draw
    )
    return _choice(draw, PUZZLE, text, right, draw.sample(others, 3))


def _next_name(draw: Draw, assets) -> Question:
    """The month or day before or after another."""
    zh = draw.language == "zh"
    subject = draw.pick(("month", "weekday"))
    names = assets.names(subject, draw.language)
    place, step = draw.whole(0, len(names) - 1), draw.pick((1, -1))
    right = names[(place + step) % len(names)]
    wrong = [name for name in names if name not in (right, names[place])]
    if zh:
        text = f"{names[place]}的{'前' if step < 0 else '后'}一{'个月' if subject == 'month' else '天'}是（    ）"
    else:
        text = f"Which {'month' if subject == 'month' else 'day'} comes right {'before' if step < 0 else 'after'} {names[place]}?"
    return _choice(draw, PUZZLE, text, right, draw.sample(wrong, 3))
