"""A `Draw` and names come in; letters, notices, reports, manuals and minutes go out, whose facts are known.

`forms.json` holds what such papers say, with slots: {date}, {money}, {person}. A form is filled in as a whole, and the
whole is what may be held out; each paragraph brings the questions about the slots in it.
"""

import functools
import json
import re
from pathlib import Path
from typing import Any

from ...rendering import Ask, Draw
from ..page_blocks import Block, Heading, Items, Line, Paragraph, spans
from ..tables.kinds import words
from ..typesetting import draw_font
from .page import Document, draw_page, running
from .words import JOBS, OCCASIONS, ROOMS, VENUES


READ = "recognition/ocr-and-transcription/printed-text"
FACT = "conversion/image-to-text/text-interpretation"
SIGNED = {
    "en": (("Dear {},", "Yours sincerely,"), ("Dear {},", "Kind regards,"), ("Dear {}:", "Sincerely,")),
    "zh": (("尊敬的{}：", "此致"), ("{}：", "此致"), ("{}，您好：", "此致")),
}
WORDINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "from": {
        "en": ("Who signed the letter?", "Who wrote this letter?", "Who is the sender of the letter?", "Which name is at the end of the letter?"),
        "zh": ("这封信是谁写的？", "信的落款人是谁？", "写信人是谁？", "信末署名是谁？"),
    },
    "to": {
        "en": ("To whom is the letter addressed?", "Who is the letter for?", "Who is the recipient?", "Whom does the writer address?"),
        "zh": ("这封信是写给谁的？", "收信人是谁？", "信的开头称呼的是谁？", "信写给什么人？"),
    },
    "dated": {
        "en": ("What date does the page itself carry?", "On what date was this written?", "Which date stands on its own line?", "How is the page dated?"),
        "zh": ("这份文件本身标注的日期是哪天？", "这份文件写于哪一天？", "文件的签发日期是什么？", "单独成行的日期是哪天？"),
    },
    "by": {
        "en": ("Which organisation issued this?", "Which company is named at the top or the end?", "What is the name of the company?",
               "Who published this?"),
        "zh": ("文件上署名的公司是哪家？", "发文单位是哪家？", "单独成行的公司名称是什么？", "这是哪个单位发出的？"),
    },
}  # fmt: skip


@functools.cache
def _forms(language: str) -> list[dict[str, Any]]:
    table = json.loads(Path(__file__).with_name("forms.json").read_text(encoding="utf-8"))
    return table[language]


def _dates(draw: Draw, assets, is_past: bool) -> dict[str, str]:
    """Of what is told, of a further step, and of the page itself; the page is written before what is to come, after what has been."""
    year, style, zh = draw.whole(1996, 2034), draw.whole(0, 1), draw.language == "zh"
    months = sorted(draw.sample(range(12), 3))
    found = []
    for month in months:
        day, name = draw.whole(1, 28), assets.names("month", "en")[month]
        english = f"{day} {name} {year}" if style else f"{name} {day}, {year}"
        found.append(f"{year}年{month + 1}月{day}日" if zh else english)
    return dict(zip(("date", "dated", "date2") if is_past else ("dated", "date2", "date"), found, strict=True))


def _slots(draw: Draw, assets, is_past: bool) -> dict[str, str]:
    """A value for every slot."""
    language = draw.language
    people = draw.sample(assets.names("person", language), 4)
    start = draw.whole(7, 14)
    zh = language == "zh"
    return {
        "person": people[0], "person2": people[1], "sender": people[2],
        **_dates(draw, assets, is_past),
        "time": f"{start}:{draw.pick(('00', '15', '30'))}", "time2": f"{start + draw.whole(2, 6)}:{draw.pick(('00', '30', '45'))}",
        "place": draw.pick(VENUES[language]), "room": draw.pick(ROOMS[language]).format(draw.whole(101, 589)),
        "city": draw.pick(assets.names("city", language)), "event": draw.pick(OCCASIONS[language]), "job": draw.pick(JOBS[language]),
        "product": draw.pick(words("product", language)), "company": draw.pick(words("company", language)),
        "org": draw.pick(words("department", language)),
        "count": str(draw.whole(3, 40) * draw.pick((1, 2, 5))), "count2": str(draw.whole(5, 90)), "few": str(draw.whole(4, 28)),
        "fee": f"{draw.whole(3, 90)}元" if zh else f"{draw.pick('$€£')}{draw.whole(3, 90)}", "percent": f"{draw.whole(2, 35)}%",
        "money": f"{draw.whole(2, 900) * 50:,}元" if zh else f"{draw.pick('$€£')}{draw.whole(2, 900) * 50:,}",
        "order": f"{draw.pick('ABCDEFGHJKLMNPRSTUVWXYZ')}{draw.pick('ABCDEFGHJKLMNPRSTUVWXYZ')}-{draw.whole(10000, 99999)}",
        "phone": f"{draw.pick(('010', '021', '0571', '028'))}-{draw.whole(20000000, 89999999)}" if zh
        else f"{draw.whole(200, 989)}-555-{draw.whole(100, 199):04d}",
    }  # fmt: skip


def _fill(draw: Draw, assets) -> dict[str, Any]:
    """A form with all its slots filled in."""
    form = draw.pick(_forms(draw.language))
    slots = _slots(draw, assets, form.get("past", False))
    variants = [draw.pick(paragraph) for paragraph in form["body"]]
    items = form.get("items")
    count = draw.whole(3, min(6, len(items["pool"]))) if items else 0
    chosen = draw.sample(items["pool"], count) if items else []
    return {
        "form": form, "slots": slots, "subject": form["subject"].format(**slots), "summary": form["summary"].format(**slots),
        "body": [text.format(**slots) for text in variants], "used": [re.findall(r"{(\w+)}", text) for text in variants],
        "intro": draw.pick(items["intro"]) if items else "", "items": chosen,
    }  # fmt: skip


def forms(draw: Draw, assets, longest: int) -> Document:
    """A letter, notice, report, manual or minutes."""
    filled = draw.made("form", lambda rng: _fill(draw, assets), key=lambda filled: " ".join(filled["body"]))
    styles = ("serif", "sans", "hand") if filled["form"]["kind"] == "letter" else ("serif", "sans")
    font = draw_font(draw, assets, styles)
    slots, kind = filled["slots"], filled["form"]["kind"]
    blocks = _body(draw, filled)
    asks: list[Ask] = []
    if kind == "letter":
        blocks = _letter(draw, filled, blocks, asks)
    elif kind == "notice":
        blocks = [
            Heading(1, filled["subject"], draw.between(1.3, 1.7), "center", draw.chance(0.3), is_kept=True),
            *blocks,
        ]
        blocks.append(Line((slots["company"], slots["dated"]), "right", is_kept=True))
        asks += [_ask(draw, "by", slots["company"]), _ask(draw, "dated", slots["dated"])]
    else:
        side = draw.pick(("center", "left"))
        blocks = [Heading(1, filled["subject"], draw.between(1.4, 1.9), side, draw.chance(0.4), is_kept=True), *blocks]
        if draw.chance(0.5):
            blocks.insert(1, Line((slots["company"], slots["dated"]), side, is_kept=True))
            asks += [_ask(draw, "by", slots["company"]), _ask(draw, "dated", slots["dated"])]
    foot = draw.pick(("", "", str(draw.whole(1, 30)), f"- {draw.whole(1, 30)} -"))
    page = draw_page(draw, longest, footer=running(foot))
    if page.height is None:
        page, foot = draw_page(draw, longest, is_cut=True), ""
    title = "" if kind == "letter" else filled["subject"]
    return Document(kind, draw.language, title, filled["summary"], blocks, font, page, foot=foot, asks=asks)


def _ask(draw: Draw, name: str, answer: str) -> Ask:
    return Ask(FACT, draw.phrase(WORDINGS[name]), answer, 0.5)


def _body(draw: Draw, filled: dict[str, Any]) -> list[Block]:
    """Paragraphs under their headings, with a list; the list stands after one of the paragraphs."""
    form, slots, blocks = filled["form"], filled["slots"], []
    facts, sections = form["facts"], form.get("sections", [])
    after = draw.whole(len(filled["body"]) - 2, len(filled["body"]) - 1)
    mark = draw.pick(("•", "•", "–", "·"))
    is_coloured = draw.chance(0.3)
    for index, (text, used) in enumerate(zip(filled["body"], filled["used"], strict=True)):
        if index < len(sections):
            blocks.append(Heading(2, sections[index], 1.15, "left", is_coloured))
        asks = [Ask(FACT, draw.pick(facts[slot]), slots[slot], 0.6) for slot in used if slot in facts]
        blocks.append(Paragraph(spans(text), asks=asks, is_kept=index == 0))
        if filled["items"] and index == after:
            blocks.append(Paragraph(spans(filled["intro"]), is_lead=True))
            blocks.append(Items(tuple(filled["items"]), form["items"].get("numbered", False), mark))
    return blocks


def _letter(draw: Draw, filled: dict[str, Any], body: list[Block], asks: list[Ask]) -> list[Block]:
    """Letterhead, date, salutation and signature around the body."""
    slots, zh = filled["slots"], draw.language == "zh"
    hello, bye = draw.pick(SIGNED[draw.language])
    is_to_parents = filled["form"].get("recipient") == "parents"
    recipient = ("各位家长" if zh else "parents") if is_to_parents else slots["person"]
    asks += [_ask(draw, "from", slots["sender"]), _ask(draw, "to", recipient), _ask(draw, "dated", slots["dated"])]
    if zh:
        top = [Heading(1, filled["subject"], 1.4, "center", is_kept=True)] if draw.chance(0.6) else []
        top.append(Line((hello.format(recipient),), is_kept=True))
        end = [Line(("此致",), indent=2.0, is_kept=True), Line(("敬礼！",), is_kept=True)]
        names = (slots["sender"],) if is_to_parents else (slots["company"], slots["sender"])
        return [*top, *body, *end, Line((*names, slots["dated"]), "right", is_kept=True)]
    top = (
        []
        if is_to_parents
        else [Line((f"**{slots['company']}**",), draw.pick(("left", "center", "right")), 1.2, is_kept=True)]
    )
    top.append(Line((slots["dated"],), draw.pick(("left", "right")), is_kept=True))
    subject = [Line((f"**{filled['subject']}**",), is_kept=True)] if draw.chance(0.7) else []
    hello_line = Line((hello.format(recipient),), is_kept=True)
    middle = [*subject, hello_line] if draw.chance(0.5) else [hello_line, *subject]
    return [*top, *middle, *body, Line((bye, slots["sender"]), is_kept=True)]
