"""What the nano shall be able to do: for each goal, pictures of which renderer are asked about, what, and how often.

Where the picture holds words in Chinese, which the nano is too small to read, questions are in English alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deepseek_vl_hf.data.recipe import read_recipe
from deepseek_vl_hf.data.renderers.charts.wordings import LOOKUP
from deepseek_vl_hf.data.renderers.compositions.wordings import ABOVE_OR_BELOW, HOW_MANY, LEFT_OR_RIGHT
from deepseek_vl_hf.data.renderers.handwriting.asks import READ as READ_BY_HAND
from deepseek_vl_hf.data.renderers.lines.questions import READ
from deepseek_vl_hf.data.renderers.tables.kinds import CELL
from deepseek_vl_hf.data.renderers.things.wordings import MAIN


RECIPE = Path(__file__).resolve().parents[1] / "data" / "nano.yaml"
NAMED = 4 / 3  # of the questions of a goal: how many things are named in each language, 400 beside 300
DEJAVU = ("DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono")
# In questions about charts that are worded as those about a value, but ask for more than to read one.
WORKED_OUT = ("difference", "sum", "total", "number of bars", "smallest", "largest", "lowest", "highest")
FALSE, TRUE = "what is not there", "what is there"
LINE = {"longest": 256, "characters": [4, 24], "lines": [1, 1], "height": [13, 40], "latin": 1.0, "both": 0.0}


@dataclass(frozen=True)
class Goal:
    """Questions that belong together.

    Args:
        name: Their source; several goals may share one.
        renderer: Of the pictures.
        language: Of the questions.
        options: Of the renderer.
        asked: What a question must match, or `FALSE`, or `TRUE` for any that has an answer.
        answered: What its answer must match.
        share: Of the questions of a goal.
        fonts: "held out", "trained", "others" for those of the trained that are not `DEJAVU`, or the name of one; any by default.
        drawing: Which is shown: "trained", "held out" of known vendors, or "vendor" for the one that is held out; else any.
        equal: How many answers shall be equally frequent.
        scoring: Where it is not the usual one.
    """

    name: str
    renderer: str
    language: str
    options: dict[str, Any] = field(default_factory=dict)
    asked: str = ""
    answered: str = ""
    share: float = 1.0
    fonts: str = ""
    drawing: str = ""
    equal: int = 1
    scoring: str = ""


def any_of(*wordings: dict[str, Sequence[str]], language: str) -> str:
    """A pattern of all wordings, whatever stands in their braces."""
    texts = (text for each in wordings for text in each[language])
    return "|".join(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) for text in texts)


def goals() -> Iterator[Goal]:
    """All goals."""
    for each in ("en", "zh"):
        read = any_of(READ, language=each)
        for fonts in (*DEJAVU, "others"):
            yield Goal(f"1 a line, trained fonts, {each}", "lines", each, LINE, read, share=0.25, fonts=fonts)
        yield Goal(f"2 a line, held-out fonts, {each}", "lines", each, LINE, read, fonts="held out")
    paragraph = {**LINE, "lines": [3, 3], "shares": {"sentences": 1}}
    small = {"longest": 256, "simple": True}
    bars = {**small, "shapes": ["bar", "barh"], "sign": 11}
    for each in ("en", "zh"):
        read, named = (any_of(wordings, language=each) for wordings in (READ, MAIN))
        shown = {"longest": 256, "shortest": 144}
        yield Goal("3 three lines", "lines", each, paragraph, read, r"[^\n]+(\n[^\n]+){2}", 0.5, "trained")
        number = {"en": "4 naming, English", "zh": "5 naming, Chinese"}[each]
        yield Goal(number, "things", each, shown, named, share=NAMED, drawing="trained")
        yield Goal("6 naming held-out drawings", "things", each, shown, named, share=0.5, drawing="held out")
        yield Goal("7 naming drawings of another vendor", "things", each, shown, named, share=0.5, drawing="vendor")
        digit = any_of(READ_BY_HAND["digit"], language=each)
        yield Goal("8 a handwritten digit", "handwriting", each, {"longest": 256}, digit, r"\d", 0.5, scoring="number")
    value = rf"(?!.*\b({'|'.join(WORKED_OUT)})\b)({any_of(LOOKUP, language='en')})"
    yield Goal("9 a value of a chart", "charts", "en", bars, value, r"-?[\d.]+[^\d]*")
    yield Goal("10 a cell of a table", "tables", "en", small, any_of(CELL, language="en"), r"[$£]?[\d.]+")
    several = {"longest": 384}
    for each in ("en", "zh"):
        count, side = any_of(HOW_MANY, language=each), any_of(LEFT_OR_RIGHT, ABOVE_OR_BELOW, language=each)
        yield Goal("11 counting to five", "compositions", each, several, count, r"[1-5]\D?", 0.5, equal=5)
        yield Goal("12 left, right, above, below", "compositions", each, several, side, share=0.5, equal=4)
    code = {**LINE, "lines": [1, 3], "shares": {"programs": 2, "codes": 1}}
    yield Goal("13 code", "lines", "en", code, any_of(READ, language="en"))
    entries = [entry for entry in read_recipe(RECIPE).entries if entry.renderer not in (None, "texts")]
    for asked, name, scoring in ((FALSE, "14 what is not there", ""), (TRUE, "15 not refused in vain", "answered")):
        for entry in entries:
            for each in ("en", "zh"):
                share = 0.5 / len(entries)
                yield Goal(name, entry.renderer, each, entry.options, asked, share=share, scoring=scoring)
