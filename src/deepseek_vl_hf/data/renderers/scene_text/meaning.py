"""What stands in a scene comes in; questions about what its notices mean, and what its prices come to, go out."""

import re

from ...rendering import Ask, Draw
from ..lines.questions import PRINTED
from .facts import Facts, flat
from .wordings import W
from .words import NOTICE_OF, Notice


MEANING = "conversion/image-to-text/text-interpretation"
COMPARING = "commonsense-reasoning/other/attribute-comparison"
ADDING = "logical-reasoning/mathematical/algebra-and-operation"
YES_NO = {"en": ("Yes", "No"), "zh": ("是", "否")}


def about_meaning(draw: Draw, facts: Facts) -> list[Ask]:
    """What the only notice means, and what it is in the other language."""
    notices = [notice_of(text) for text in facts.of_role("notice")]
    if len(notices) != 1 or notices[0] is None:
        return []
    notice, chinese = notices[0], draw.language == "zh"
    text = facts.of_role("notice")[0]
    asks = [Ask(MEANING, draw.phrase(W["translate"], text=text), notice.texts[not chinese], 1)]
    if notice.question:
        question = draw.phrase(W["meaning"], question=notice.question[chinese])
        asks.append(Ask(MEANING, question, YES_NO[draw.language][not notice.answer], 1.5))
    return asks


def notice_of(text: str) -> Notice | None:
    """The notice of a text, in whatever case it is written; none if it is no notice."""
    return next((notice for known, notice in NOTICE_OF.items() if known.casefold() == text.casefold()), None)


def amount_of(price: str) -> float:
    """The number in a price."""
    return float(re.search(r"[0-9][0-9,]*(?:\.[0-9]+)?", price).group().replace(",", ""))


def about_prices(draw: Draw, facts: Facts) -> list[Ask]:
    """Of several price tags: what each costs, which is cheapest, what two cost together."""
    tags = [
        (flat(shown.pieces[0].text), flat(shown.pieces[1].text)) for shown in facts.shown if shown.kind == "price tag"
    ]
    if len(tags) < 2 or len({product for product, _ in tags}) < len(tags):
        return []
    product, price = draw.pick(tags)
    asks = [Ask(PRINTED, draw.phrase(W["cost of"], product=product), price, 1.5)]
    amounts = [amount_of(price) for _, price in tags]
    signs = {price[0] for _, price in tags} if draw.language == "en" else {"¥"}
    if len(signs) > 1 or len(set(amounts)) < len(amounts):
        return asks
    for name, chosen in (("cheapest", min(amounts)), ("dearest", max(amounts))):
        asks.append(Ask(COMPARING, draw.phrase(W[name]), tags[amounts.index(chosen)][0], 0.6))
    if len(tags) == 2:
        both = round(sum(amounts), 2)
        answer = f"{signs.pop()}{both:,.2f}" if draw.language == "en" else f"{both:.2f}元"
        asks.append(Ask(ADDING, draw.phrase(W["together"]), answer, 0.5))
    return asks
