"""What stands in a scene comes in; questions that it answers, and questions that it does not, go out."""

import json
from collections.abc import Sequence

from ...rendering import Ask, Draw
from ..inks import NAMED, NEAR, colour_word
from ..lines.questions import FORMAT, HANZI, LANGUAGE, PRINTED, READ, plain_words
from .facts import Facts, flat
from .meaning import ADDING, COMPARING, MEANING, about_meaning, about_prices
from .stage import Shown
from .wordings import COUNTED, FALSE, KINDS, PLACES, ROLES, W


POSITION = "recognition/local-description/position"
ATTRIBUTE = "recognition/local-description/object-attribute"
COUNTING = "recognition/local-description/counting"
FALSE_TASK = "safety/counterfactual-questioning"
TASKS = (PRINTED, LANGUAGE, FORMAT, POSITION, ATTRIBUTE, COUNTING, MEANING, COMPARING, ADDING, FALSE_TASK)
YES_NO = {"en": ("Yes", "No"), "zh": ("是", "否")}


def _text(shown: Shown) -> str:
    return "\n".join(piece.text for piece in shown.pieces)


def ask_scene(draw: Draw, facts: Facts, words: Sequence[str]) -> tuple[list[Ask], list[Ask]]:
    """All questions about a scene.

    Args:
        draw: Decides the wordings, and what is asked for.
        facts: Of the scene.
        words: Some of the row's language, to ask for what is not there.

    Returns:
        Questions that it answers, and questions that it does not, whose answers say so.
    """
    whole = "\n".join(map(_text, facts.shown))
    asks = [
        Ask(PRINTED, READ[draw.language][0], whole, 4),
        Ask(PRINTED, draw.phrase(W["read"]), whole, 4),
        *_about_roles(draw, facts),
        *_about_things(draw, facts),
        *_about_places(draw, facts),
        *_about_languages(draw, facts),
        *about_meaning(draw, facts),
        *about_prices(draw, facts),
        *_about_presence(draw, facts, words),
    ]
    if len(facts.pieces) > 1:
        listed = json.dumps([flat(piece.text) for piece in facts.pieces], ensure_ascii=False)
        asks.append(Ask(FORMAT, draw.phrase(W["json"]), listed, 0.6))
    return asks, _false_asks(draw, facts)


def _about_roles(draw: Draw, facts: Facts) -> list[Ask]:
    """The phone number, the title, the street: whatever there is one of."""
    asks = []
    for role, wordings in ROLES.items():
        texts = facts.of_role(role)
        fits = role != "name" or facts.scene in ("shop", "signs", "painted")
        if len(texts) == 1 and fits:
            answer = texts[0].split("：")[-1] if role == "phone" else texts[0]
            asks.append(Ask(PRINTED, draw.phrase(wordings), answer, 1.2))
    return asks


def _kind(shown: Shown, language: str) -> str:
    return KINDS[shown.kind][language == "zh"]


def _about_things(draw: Draw, facts: Facts) -> list[Ask]:
    """What a thing says, and its colours and number."""
    asks = []
    named = [shown for shown in facts.shown if shown.kind]
    for shown in named:
        alike = [other for other in named if other.kind == shown.kind]
        kind = _kind(shown, draw.language)
        others = {other.colour for other in alike if other is not shown}
        if facts.can_name(shown.colour) and not others & {"", shown.colour, *NEAR[shown.colour]}:
            colour = colour_word(shown.colour, draw.language)
            asks.append(Ask(PRINTED, draw.phrase(W["of colour"], colour=colour, kind=kind), _text(shown), 0.7))
        if len(alike) == 1:
            asks.append(Ask(PRINTED, draw.phrase(W["of kind"], kind=kind), _text(shown), 0.8))
            if facts.can_name(shown.colour):
                asks.append(
                    Ask(ATTRIBUTE, draw.phrase(W["colour"], kind=kind), colour_word(shown.colour, draw.language), 0.6)
                )
    inks = {piece.letters for piece in facts.pieces}
    if len(inks) == 1 and all(map(facts.can_name, inks)):
        asks.append(Ask(ATTRIBUTE, draw.phrase(W["letters"]), colour_word(inks.pop(), draw.language), 0.5))
    kinds = {shown.kind for shown in facts.shown}
    if len(kinds) == 1 and not kinds & {""}:
        kind = _kind(facts.shown[0], draw.language)
        asks.append(Ask(ATTRIBUTE, draw.phrase(W["written on"]), _article(kind, len(named), draw.language), 0.25))
        if kinds & set(COUNTED) and not facts.is_photograph and facts.scene != "shop":
            counted = COUNTED[facts.shown[0].kind][draw.language == "zh"]
            asks.append(Ask(COUNTING, draw.phrase(W["count"], kinds=counted), str(len(named)), 0.5))
    return asks


def _article(kind: str, count: int, language: str) -> str:
    if language == "zh":
        return kind
    return f"a {kind}" if count == 1 else f"{count} {kind}s"


def _about_places(draw: Draw, facts: Facts) -> list[Ask]:
    """What is written at the top or bottom, and where something stands."""
    asks = []
    pieces = facts.pieces
    for name, lower in (("top", False), ("bottom", True)):
        if len(pieces) > 1:
            first = pieces[-1] if lower else pieces[0]
            rest = pieces[:-1] if lower else pieces[1:]
            apart = min(first.box[1] - max(other.box[3] for other in rest), 0) if lower else 0
            apart = apart if lower else min(min(other.box[1] for other in rest) - first.box[3], 0)
            if apart == 0:
                asks.append(Ask(POSITION, draw.phrase(W[name]), first.text, 0.5))
    if len(facts.shown) == 2:
        left, right = sorted(facts.shown, key=lambda shown: shown.box[0])
        if left.box[2] <= right.box[0]:
            asks.append(Ask(POSITION, draw.phrase(W["left"]), _text(left), 0.5))
            asks.append(Ask(POSITION, draw.phrase(W["right"]), _text(right), 0.5))
    if len(facts.shown) > 1:
        shown = draw.pick(facts.shown)
        place = place_of(shown, facts.size)
        text = flat(shown.pieces[0].text)
        if place and facts.of_role(shown.pieces[0].role).count(text) == 1:
            asks.append(Ask(POSITION, draw.phrase(W["where"], text=text), PLACES[place][draw.language == "zh"], 0.6))
    return asks


def place_of(shown: Shown, size: tuple[int, int]) -> str:
    """Where something is: "top left", "top", "middle", ...; empty if it is between two of these places."""
    left, top, right, bottom = shown.box
    names = []
    for middle, words in (
        ((top + bottom) / 2 / size[1], ("top", "bottom")),
        ((left + right) / 2 / size[0], ("left", "right")),
    ):
        if 0.4 < middle < 0.6:
            names.append("")
        elif middle < 0.34 or middle > 0.66:
            names.append(words[middle > 0.5])
        else:
            return ""
    return " ".join(name for name in names if name) or "middle"


def _about_languages(draw: Draw, facts: Facts) -> list[Ask]:
    asks = []
    other = {"en": ("chinese", "Chinese"), "zh": ("english", "英文")}[draw.language]
    for piece in facts.pieces:
        if piece.role == other[0]:
            asks.append(Ask(LANGUAGE, draw.phrase(W["read language"], language=other[1]), piece.text, 4))
        if piece.role.startswith("foreign "):
            fields = {"text": flat(piece.text)}
            asks.append(Ask(LANGUAGE, draw.phrase(W["language"], **fields), piece.role.removeprefix("foreign "), 3))
    return asks


def _about_presence(draw: Draw, facts: Facts, words: Sequence[str]) -> list[Ask]:
    """Whether a word is there: as often yes as no."""
    texts = [flat(piece.text) for piece in facts.pieces]
    whole = "\n".join(texts)
    yes, no = {"en": ("Yes", "No"), "zh": ("有", "没有")}[draw.language]
    if draw.language == "zh":
        there = sorted(set(HANZI.findall(whole)))
        asked = draw.pick(there) if there and draw.chance(0.5) else draw.pick(words)[0]
        return [Ask(PRINTED, draw.phrase(W["has"], word=asked), yes if asked in whole else no, 0.5)]
    there = sorted({word for text in texts for word in plain_words([text]) if len(word) > 2})
    asked = draw.pick(there) if there and draw.chance(0.5) else draw.pick(words)
    known = asked.casefold() in map(str.casefold, there)
    if not known and asked.casefold() in whole.casefold():
        return []
    return [Ask(PRINTED, draw.phrase(W["has"], word=asked), yes if known else no, 0.5)]


def _false_asks(draw: Draw, facts: Facts) -> list[Ask]:
    """Questions about what is not there."""
    roles = {piece.role for piece in facts.pieces}
    choices: list[tuple[str, dict[str, str]]] = [
        (name, {}) for name in ("phone", "price", "website", "date") if name not in roles
    ]
    if not facts.is_photograph:
        kinds = {shown.kind for shown in facts.shown}
        absent = [kind for kind in ("book", "T-shirt", "license plate", "poster") if kind not in kinds]
        choices.append(("kind", {"kind": KINDS[draw.pick(absent)][draw.language == "zh"]}))
        kind = facts.shown[0].kind
        colours = {shown.colour for shown in facts.shown}
        if len(kinds) == 1 and kind and all(map(facts.can_name, colours)):
            near = colours.union(*(NEAR[colour] for colour in colours))
            other = draw.pick([name for name in NAMED if name not in near and facts.can_name(name)] or [""])
            fields = {
                "colour": other and colour_word(other, draw.language),
                "kind": KINDS[kind][draw.language == "zh"],
            }
            choices += [("colour", fields)] if other else []
    if not choices:
        return []
    name, fields = draw.pick(choices)
    question, answer = (draw.phrase(side, **fields) for side in FALSE[name])
    return [Ask(FALSE_TASK, question, answer)]
