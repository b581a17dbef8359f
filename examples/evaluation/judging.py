"""A renderer's question and answer come in; how answers to it are scored, and which are accepted, goes out.

Renderers answer in sentences. What a fair measure needs is the bare fact in them: the thing that is named, the number, the reply.
`judge` reads it from the node, the renderer and the form of the answer, and gives nothing where no measure would be fair: where the
answer is free prose, or a list whose order does not matter.
"""

import re
from dataclasses import dataclass

from deepseek_vl_hf.data.rendering import Ask
from deepseek_vl_hf.data.things import CATEGORIES, THINGS, Thing


MOST_TOKENS = 120  # of a transcription, roughly: what fits into a usual answer
MOST_OF_A_FACT = 48
CHART_NODES = ("graph-interpretation", "financial-chart")
DRAWN = ("things", "compositions", "differences")  # renderers whose answers name things
ABOUT_LOOKS = re.compile("colour|shape|circle or|颜色|形状|还是方形")
# Nodes whose questions are answered word for word.
WORD_FOR_WORD = ("ocr-and-transcription", "-to-code")
REPLY = re.compile(
    r"(Yes|No)([.,] ?.*)?$|(是的|不是|不对|对，|没有[。，]|有。|不能|能。|不会|会。|不?需要。|勾选了|没有勾选)|(是|否|有|没有)。?$"
)
# Chinese numbers may have a word to count with or a unit behind them, but none that multiplies.
NUMBER = re.compile(r"[$£€¥￥]?\s?-?\d[\d,]*(\.\d+)?\s?([%°]|[\u4e00-\u9fff]{1,4}|[a-z]+[²³]?( per [a-z]+)?|km/h)?$")
MULTIPLIED = re.compile("thousand|million|billion|[千万亿]")
YEAR = re.compile(r"(19|20)\d\d年?$")
WORKED_OUT = re.compile(r"[=≈] ([^=≈]+)$")
SOLVED = re.compile(r"\$?[a-z] = (-?[\d./]+)\$?$")
PICTURE = re.compile(r"The (first|second|third) picture$|(第[一二三])张图$")
DIGITS = {"first": "1", "second": "2", "third": "3", "第一": "1", "第二": "2", "第三": "3"}
PLACE = re.compile(
    r"(In|On|At|To) the |In row |(First|Second|Third|Fourth|Fifth) from |(Above|Below)$|在?(第.行第.列|最?[左右上下]|中间|正中间|从.数)|[左右顶底]"
)
SIDES = {"below": ("below", "under", "beneath", "underneath"), "above": ("above", "over")}
LIST = re.compile(r", |、| → |; |；")


@dataclass(frozen=True)
class Judged:
    """A question that can be scored.

    Args:
        ask: As the renderer put it.
        form: What kind of answer it has: "thing", "number", "reply", "picture", "place", "text", "written", "unknown"; or, where only a
            choice among others is fair, "category", "use", "feeling", "group", "translation", "prose", "line", "edge" and "either"; or
            "diagram", the code of which is not asked for.
        scoring: As `questions.Question` names it; empty where only a choice is fair.
        answers: Accepted, the one to show first.
        things: What a "thing" may be: more than one where things share a name.
    """

    ask: Ask
    form: str
    scoring: str
    answers: tuple[str, ...]
    things: tuple[Thing, ...] = ()


def judge(source: str, language: str, ask: Ask, is_false: bool = False) -> Judged | None:
    """Say how answers to a question are scored.

    Args:
        source: The renderer.
        language: "en" or "zh".
        ask: The question with its answer.
        is_false: Whether it asks about what is not there.

    Returns:
        None where no answer can be scored fairly.
    """
    bare = ask.answer.rstrip(".。") if "\n" not in ask.answer else ask.answer
    if is_false:
        return Judged(ask, "unknown", "unknown", (ask.answer,))
    if ask.task.endswith("flowchart-to-code"):
        return Judged(ask, "diagram", "", (ask.answer,))
    if any(part in ask.task for part in WORD_FOR_WORD) or source == "handwriting":
        return _written(source, language, ask, bare)
    if source == "texts":
        return _text(language, ask, bare)
    if ask.task.endswith("image-to-prompt"):
        found = [thing for thing in THINGS if re.search(edged(thing.phrase(language)), bare)]
        return _thing(ask, language, tuple(found)) if len(found) == 1 else None
    return _special(source, language, ask, bare) or _fact(source, language, ask, bare)


def _written(source: str, language: str, ask: Ask, bare: str) -> Judged | None:
    """What is read, letter for letter; a question about it may still be answered with yes, a language or a number."""
    if REPLY.fullmatch(bare) and re.search(r"digit|\"|数字|“", ask.question):
        return Judged(ask, "reply", "yes_no", (ask.answer,))
    if bare in ("English", "Chinese", "英文", "中文", "Italian", "French", "German", "Spanish"):
        return Judged(ask, "text", "exact", (bare, *{"英文": ("英语",), "中文": ("汉语", "汉字")}.get(bare, ())))
    if source == "handwriting" and "handwritten" not in ask.task and "format" not in ask.task:
        if bare in ("Odd", "Even", "奇数", "偶数"):
            return Judged(ask, "text", "exact", (bare,))
        return Judged(ask, "number", "number", _numbers(bare)) if NUMBER.match(bare) else None
    if _tokens(ask.answer) > MOST_TOKENS:
        return None
    answers = [ask.answer]
    if fenced := re.fullmatch(r"```\w+\n(.*)\n```", ask.answer, re.DOTALL):
        answers.append(fenced[1])
    if "formula" in ask.task and "\n" not in ask.answer:
        answers += [f"${ask.answer}$", f"$${ask.answer}$$", f"$$ {ask.answer} $$"]
    return Judged(ask, "written", "characters", tuple(answers))


def _tokens(text: str) -> float:
    """About how many tokens a text has: tokenizers spell numbers out, digit by digit."""
    return sum(0.3 if letter.isascii() and letter.isalpha() else 0.7 for letter in text if letter != " ")


def _text(language: str, ask: Ask, bare: str) -> Judged | None:
    """A question without a picture."""
    if worked := re.fullmatch(r"[\d +×-]+ = (\d+)", bare):
        return Judged(ask, "number", "number", (worked[1], ask.answer))
    if bare.startswith(("I do not see", "我没有看到")):
        return Judged(ask, "unknown", "unknown", (ask.answer,))
    if bare.isdigit():
        return Judged(ask, "number", "number", (bare,)) if language == "en" else None
    if re.fullmatch(r"[\d, ]+", bare) or re.search(
        "last|尾|后一个|letters|spel|逐字|一个字|哪几个", ask.question, re.IGNORECASE
    ):
        return Judged(ask, "text", "exact", _respaced(bare))
    if re.search("Chinese|英", ask.question):
        names = [name for thing in THINGS if bare in thing.answers("en") for name in thing.answers("en")]
        return Judged(ask, "word", "name", tuple(dict.fromkeys([bare, *names])))
    return None


def _special(source: str, language: str, ask: Ask, bare: str) -> Judged | None:
    """Answers that a renderer words in its own way."""
    if source == "scene_text" and re.search("Chinese|英", ask.question):
        return Judged(ask, "translation", "", (bare,))
    if source == "things":
        if ask.task.endswith("object-attribute") and _is_category(bare):
            return Judged(ask, "category", "", (bare,))
        for node, form in (
            ("hardware", "use"),
            ("emotion-mood", "feeling"),
            ("species", "group"),
            ("art-and-culture", "group"),
        ):
            if ask.task.endswith(node) and not REPLY.match(ask.answer):
                return Judged(ask, form, "", (bare,))
        if ask.task.endswith("transportation") and re.search("travel|vehicle|交通|行进", ask.question):
            return Judged(ask, "group", "", (bare,))
    if ask.task.endswith(("global-description/theme", "text-summary")):
        if shared := re.fullmatch("They are all (.+)|它们都是(.+)", bare):
            kind = shared[1] or shared[2]
            return Judged(ask, "kind", "name", tuple(dict.fromkeys([kind, kind.removesuffix("s")])))
        return Judged(ask, "prose", "", (bare,))
    if source == "differences" and (
        shared := re.fullmatch(
            "All pictures show (.+)|每张图里都有(.+)|The second picture also shows (.+)|第二张图里(?:还|多)(?:有|了)(.+)",
            bare,
        )
    ):
        things = things_called(next(filter(None, shared.groups())), language)
        return _thing(ask, language, things) if things else None
    if ask.task.endswith("image-sequencing"):
        order = "".join(DIGITS[part] for part in re.findall("first|second|third|第[一二三]", bare.lower()))
        said = [bare.lower().replace("the ", ""), bare.replace("张图", ""), ", ".join(order), "、".join(order)]
        return Judged(ask, "order", "exact", tuple(dict.fromkeys([ask.answer, *said])))
    if more := re.fullmatch("There are more (.+)|(.+)更多", bare):
        things = things_called(more[1] or more[2], language)
        return _thing(ask, language, things) if things else None
    if calculated := source == "tables" and WORKED_OUT.search(bare):
        return Judged(ask, "number", "number", _numbers(calculated[1])) if NUMBER.match(calculated[1]) else None
    return None


def _fact(source: str, language: str, ask: Ask, bare: str) -> Judged | None:
    """Answers whose form says what they are."""
    if source == "scene_text" and ask.task.endswith("position") and not PLACE.match(bare):
        return _written(source, language, ask, bare)
    if REPLY.match(ask.answer):
        return Judged(ask, "reply", "yes_no", (ask.answer,))
    if which := PICTURE.fullmatch(bare):
        return Judged(ask, "picture", "exact", _pictures(ask, (which[1] or which[2])))
    if source in DRAWN and not ABOUT_LOOKS.search(ask.question):
        if things := things_called(re.split("; the|；其", bare)[0], language):
            return _thing(ask, language, things)
        if "attribute" not in ask.task and not ask.task.endswith(
            ("transportation", "position", "spatial", "counting", "operation", "biology")
        ):
            return None  # descriptions and lists of things
    if "\n" in ask.answer or len(bare) > MOST_OF_A_FACT:
        return None
    if PLACE.match(bare) and ask.task.endswith(("position", "spatial")):
        if (
            side := re.search("left|right|above|below|[左右上下](?=边|面)", bare.lower())
            if ask.task.endswith("spatial")
            else None
        ):
            return Judged(ask, "side", "name", (bare, *SIDES.get(side[0], (side[0],))))
        return Judged(ask, "place", "exact", _places(ask.answer, bare))
    if NUMBER.fullmatch(bare) and not MULTIPLIED.search(bare) and not (YEAR.fullmatch(bare) and source != "geometry"):
        is_read_off = source == "charts" and ask.task.endswith(CHART_NODES)
        return Judged(ask, "number", "relaxed" if is_read_off else "number", _numbers(bare))
    if _is_prose(source, language, ask, bare):
        return None
    return Judged(ask, "text", "exact", _facts(language, bare))


def _is_prose(source: str, language: str, ask: Ask, bare: str) -> bool:
    if source in ("diagrams", "web", "differences", "tables", "things", "compositions") and LIST.search(bare):
        return True
    if source == "scene_text" and re.match(r"\d+ ", bare):
        return True
    if WORKED_OUT.search(bare) and source not in ("diagrams", "formulas") and not SOLVED.match(bare):
        return True
    if re.search(
        " of the | against | so the answer|，所以|图，显示| (an? )?(increase|decrease|net) |^An? (increase|decrease|net)|^[减增盈亏]",
        bare,
    ):
        return True
    return MULTIPLIED.search(bare) is not None and NUMBER.fullmatch(bare) is not None


def _thing(ask: Ask, language: str, things: tuple[Thing, ...]) -> Judged:
    names = [
        name for thing in things for name in (*thing.answers(language), *((thing.many,) if language == "en" else ()))
    ]
    return Judged(ask, "thing", "name", tuple(dict.fromkeys(filter(None, names))), things)


def things_called(phrase: str, language: str) -> tuple[Thing, ...]:
    """Things that a phrase names: "A taxi", "the taxi", "three taxis", "一辆出租车"."""
    said = phrase.strip().rstrip(".。").casefold()
    return tuple(
        thing
        for thing in THINGS
        if said
        in {
            form.casefold()
            for form in (
                thing.phrase(language),
                thing.named(language),
                thing.definite(language),
                *((thing.many,) if language == "en" else ()),
            )
        }
    )


def edged(phrase: str) -> str:
    """The pattern of a phrase: in English as whole words."""
    return rf"(?<!\w){re.escape(phrase)}(?!\w)" if phrase.isascii() else re.escape(phrase)


def _is_category(bare: str) -> bool:
    return any(bare.casefold() in (each[0].casefold(), each[2]) for each in CATEGORIES.values())


def _numbers(bare: str) -> tuple[str, ...]:
    """The number with its unit, and alone."""
    return tuple(dict.fromkeys([bare, re.search(r"-?\d[\d,]*(\.\d+)?", bare)[0]]))


def _respaced(bare: str) -> tuple[str, ...]:
    """A fact with and without the spaces in it, and with other commas."""
    said = [bare, bare.replace(" ", ""), bare.replace("、", ""), bare.replace(", ", "，"), bare.replace(",", "")]
    return tuple(dict.fromkeys(said))


def _facts(language: str, bare: str) -> tuple[str, ...]:
    """A fact as the renderer says it, and without what a sentence adds to it."""
    said = [bare]
    if fraction := re.fullmatch(r"\$(-?)\\frac\{(\d+)\}\{(\d+)\}\$", bare):
        said.append(f"{fraction[1]}{fraction[2]}/{fraction[3]}")
    if solved := SOLVED.match(bare):
        said += [bare.strip("$"), solved[1]]
    if measured := re.fullmatch(r"([\d/()π +-]*π[\d/()]*) ?[a-z]+[²³]?", bare):
        said.append(measured[1])
    if told := re.fullmatch("It (rose|fell)", bare):
        said.append(told[1])
    if len(bare) > 3 and re.search(r"[=,{]", bare):
        said += _respaced(bare)[1:2]
    if bare == "正方形":
        said.append("方形")
    return tuple(dict.fromkeys(said))


def _pictures(ask: Ask, which: str) -> tuple[str, ...]:
    number = DIGITS[which]  # never bare: "the second one" states a 1
    if which in ("first", "second", "third"):
        short = f"{number}{which[-2:]}"  # 2nd
        names = [f"{order}{noun}" for order in (which, short) for noun in ("", " image", " one", " picture")]
        return (ask.answer, *names, f"picture {number}", f"image {number}")
    return (
        ask.answer,
        which,
        f"{which}张",
        f"{which}幅图",
        f"{which}幅",
        f"第{number}张",
        f"第{number}张图",
        f"图{number}",
    )


def _places(answer: str, bare: str) -> tuple[str, ...]:
    """A place as the renderer says it, and without the words around it."""
    said = [answer, bare]
    short = re.sub("^(In|On|At|To) (the (very |far )?)?|^在", "", bare)
    said += [short, short.lower()]
    for one, other in (
        ("upper", "top"),
        ("lower", "bottom"),
        ("centre", "center"),
        ("middle", "center"),
        ("middle", "centre"),
    ):
        said += [text.replace(one, other) for text in tuple(said)] + [text.replace(other, one) for text in tuple(said)]
    said += [re.sub("^从|个位置$|的位置$", "", text) for text in tuple(said)]
    said += [text.removesuffix(" corner") for text in tuple(said)]
    said += [re.sub("[边方面侧]$", end, text) for text in tuple(said) for end in ("边", "方", "面", "侧")]
    return tuple(dict.fromkeys(filter(None, said)))
