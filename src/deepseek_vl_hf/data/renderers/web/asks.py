"""The parts of a page as the browser shows them come in; questions about them, with their answers, go out."""

import functools
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...rendering import Ask, Draw
from .facts import Part
from .parts import read_words
from .theme import Theme


PRINTED = "recognition/ocr-and-transcription/printed-text"
FORMAT = "recognition/ocr-and-transcription/specified-format"
CODE = "conversion/image-to-code/ui-to-code"
ATTRIBUTE = "recognition/local-description/object-attribute"
POINTING = "recognition/local-description/pointing"
POSITION = "recognition/local-description/position"
COUNTING = "recognition/local-description/counting"
THEME = "recognition/global-description/theme"
STYLE = "recognition/global-description/style-recognition"
TABLE = "analysis/data-chart-analysis/table-interpretation"
GRAPH = "analysis/data-chart-analysis/graph-interpretation"
SOFTWARE = "commonsense-reasoning/function/software"
STATE = "commonsense-reasoning/other/state"
SPATIAL = "commonsense-reasoning/relationship/spatial"
COMPARISON = "commonsense-reasoning/other/attribute-comparison"
FALSE = "safety/counterfactual-questioning"
TASKS = (PRINTED, FORMAT, CODE, ATTRIBUTE, POINTING, POSITION, COUNTING, THEME, STYLE, TABLE, GRAPH)
TASKS += (SOFTWARE, STATE, SPATIAL, COMPARISON, FALSE)

# Roles whose text is an answer, with the task. A table's cells, a chart's bars and what a person is said to be are their own.
DETAILS = {
    **dict.fromkeys(
        ("heading", "brand", "badge", "date", "byline", "age", "reply", "feature", "code", "results"), PRINTED
    ),
    **dict.fromkeys(
        ("sender", "subject", "time", "partner", "clock", "contact", "job", "home", "state", "perk"), PRINTED
    ),
    **dict.fromkeys(("price", "plan", "total", "stat", "now", "sky now", "wind", "degrees", "sky"), ATTRIBUTE),
    **dict.fromkeys(("sum", "quantity", "cell amount", "cell status"), TABLE),
    "bar": GRAPH,
}
# Roles that may be counted: all of one page are of one sort, and nothing else there could be taken for them.
COUNTED = ("card", "line", "hit", "order", "letter", "message", "task", "tick", "offer", "question card", "stat card")
COMPARED = {"price": COMPARISON, "plan": COMPARISON, "bar": GRAPH, "degrees": COMPARISON}


@functools.cache
def read_wordings() -> dict[str, dict[str, list[str]]]:
    """The questions by what they are about, and by language."""
    return json.loads(Path(__file__).with_name("wordings.json").read_text(encoding="utf-8"))


def number(text: str) -> float:
    """The number in a text: 24.9 of "$24.90", -3 of "-3°"."""
    return float(re.search(r"-?\d[\d,]*(\.\d+)?", text)[0].replace(",", ""))


class Asker:
    """Asks about the parts of one page.

    Args:
        draw: Decides the wordings.
        parts: Of the page.
        text: All of its text.
    """

    def __init__(self, draw: Draw, parts: Sequence[Part], text: str):
        self.draw, self.parts, self.text = draw, parts, text
        self.is_chinese = draw.language == "zh"

    def put(self, about: str, task: str, answer: str, **fields: str) -> Ask:
        """A question in one of its wordings."""
        return Ask(task, self.draw.phrase(read_wordings()[about], **fields), answer)

    def end(self, english: str, chinese: str) -> str:
        """An answer in the language of the page."""
        return chinese if self.is_chinese else english

    def of_role(self, *roles: str) -> list[Part]:
        """Parts of some roles, in the order of the page."""
        return [part for part in self.parts if part.mark.role in roles]

    def alone(self, *roles: str) -> list[Part]:
        """Parts of some roles whose text stands nowhere else on the page."""
        return [part for part in self.of_role(*roles) if part.text and self.text.count(part.text) == 1]

    def whole(self, kind: Sequence[str], theme: Theme) -> list[Ask]:
        """About the page as a whole."""
        kind_text = kind[self.is_chinese]
        answer = self.end(f"{kind_text[0].upper()}{kind_text[1:]}.", f"{kind_text}。")
        shade = self.end("Dark.", "深色。") if theme.dark else self.end("Light.", "浅色。")
        return [self.put("kind", THEME, answer), self.put("dark", STYLE, shade)]

    def details(self) -> list[Ask]:
        """What stands where: prices, names, numbers."""
        found: dict[tuple[str, str], list[Part]] = {}
        for part in self.of_role(*DETAILS):
            found.setdefault((part.mark.role, part.mark.of), []).append(part)
        asks = []
        for (role, of), parts in found.items():
            if len(parts) > 1 and role != "perk":  # two of one name: the question would not say which
                continue
            # Who wrote it is a name; that it says "By" before is a matter of style.
            answer = of if role == "byline" else self.end(", ", "，").join(part.text for part in parts)
            asks.append(self.put(role, DETAILS[role], answer, of=of))
        asks += [self.put("popular", ATTRIBUTE, part.mark.of, text=part.text) for part in self.of_role("popular")]
        if bubbles := self.of_role("message"):
            asks.append(self.put("last", PRINTED, bubbles[-1].text))
        for part in self.alone("message"):
            side = self.end("On the right.", "右边。") if part.mark.active else self.end("On the left.", "左边。")
            asks.append(self.put("side", POSITION, side, text=part.text))
        return asks

    def states(self) -> list[Ask]:
        """What is ticked, chosen, typed; what is the current page."""
        asks = [
            self.put(part.mark.role, STATE, part.text) for part in self.of_role("menu", "size") if part.mark.active
        ]
        boxes = self.of_role("tick")
        for part in boxes:
            answer = self.end("Yes.", "勾选了。") if part.checked else self.end("No.", "没有勾选。")
            asks.append(self.put("tick", STATE, answer, of=part.mark.of))
        if len(boxes) > 1:
            asks.append(self.put("ticked", COUNTING, str(sum(part.checked for part in boxes))))
        for part in self.of_role("choice"):
            asks.append(self.put("choice", STATE, part.text, of=part.mark.of))
        for part in self.of_role("field"):
            if part.value:
                asks.append(self.put("value", PRINTED, part.value, of=part.mark.of))
            elif part.placeholder:
                asks.append(self.put("hint", PRINTED, part.placeholder, of=part.mark.of))
        return asks

    def functions(self) -> list[Ask]:
        """Which control does something, as its label says."""
        labels: dict[str, set[str]] = {}
        for part in self.of_role("button"):
            labels.setdefault(part.mark.does, set()).add(part.text)
        alone = {does: texts.pop() for does, texts in labels.items() if len(texts) == 1}
        return [self.put("does", SOFTWARE, label, does=does) for does, label in alone.items()]

    def colours(self, theme: Theme) -> list[Ask]:
        """Colours of the buttons that are filled with a colour that has a name."""
        if theme.accent_name is None:
            return []
        name = theme.accent_name[self.is_chinese]
        answer = self.end(f"{name[0].upper()}{name[1:]}.", f"{name}。")
        filled = [part for part in self.alone("button") if part.mark.active]
        return [self.put("colour", ATTRIBUTE, answer, label=part.text) for part in filled]

    def counts(self) -> list[Ask]:
        """How many there are."""
        counted = ((role, len(self.of_role(role))) for role in COUNTED)
        return [self.put(f"count {role}", COUNTING, str(count)) for role, count in counted if count > 1]

    def comparisons(self) -> list[Ask]:
        """Which is the most and which the least, where no two are alike."""
        asks = []
        for role, task in COMPARED.items():
            values = [(number(part.text), part.mark.of) for part in self.of_role(role)]
            if len(values) > 1 and len({value for value, _ in values}) == len(values):
                asks.append(self.put(f"least {role}", task, min(values)[1]))
                asks.append(self.put(f"most {role}", task, max(values)[1]))
        return asks

    def formats(self) -> list[Ask]:
        """The same in another form: JSON of prices, Markdown of a table."""
        asks = []
        prices = {part.mark.of: part.text for part in self.of_role("price")}
        if len(prices) > 1:
            asks.append(self.put("json", FORMAT, json.dumps(prices, ensure_ascii=False)))
        for part in self.of_role("table"):
            lines = ["| " + " | ".join(row) + " |" for row in part.inside]
            lines.insert(1, "|" + " --- |" * len(part.inside[0]))
            asks.append(self.put("table", FORMAT, "\n".join(lines)))
        return asks

    def absent(self) -> list[Ask]:
        """Questions about what the page does not have; the answers say so."""
        words, side = read_words(), self.is_chinese
        buttons = [pair[side] for pairs in words["buttons"].values() for pair in pairs]
        shop = self.draw.pick(words["shops"])
        products = [
            self.end(f"{kind[0]} {thing[0]}", f"{kind[1]}{thing[1]}")
            for kind in shop["kinds"]
            for thing in shop["things"]
        ]
        candidates = [("colour", buttons, "label"), ("box", buttons, "label"), ("place", buttons, "label")]
        if self.of_role("price"):
            candidates += [("price", products, "of")]
        if self.of_role("tick"):
            candidates += [("tick", [pair[side] for pairs in words["ticks"].values() for pair in pairs], "of")]
        if self.of_role("stat"):
            candidates += [("stat", [pair[side] for pair in words["stats"] + words["profile"]], "of")]
        if self.of_role("subject"):
            candidates += [("sender", [pair[side] for pair in words["subjects"]], "of")]
        asks = []
        for about, names, field in candidates:
            missing = list(dict.fromkeys(name for name in names if name.lower() not in self.text.lower()))
            if missing:
                name = self.draw.pick(missing)
                answer = self.draw.phrase(read_wordings()["no"], name=name)
                asks.append(self.put(about, FALSE, answer, **{field: name}))
        return asks


def weighed(asks: Iterable[Ask], weight: float) -> list[Ask]:
    """Share a weight among questions of one sort, that a page with many parts does not ask of nothing else."""
    asks = list(asks)
    return [Ask(ask.task, ask.question, ask.answer, weight / len(asks)) for ask in asks]
