"""A `Draw` and running text come in; pages of books go out: a chapter's opening or a page from its middle."""

from dataclasses import replace

from ...rendering import Ask, Draw
from ..page_blocks import Block, Heading, Paragraph, Span
from ..typesetting import draw_font, draw_text
from .page import Document, draw_page, running
from .words import BOOK_TITLES, BOOK_WORDS


READ = "recognition/ocr-and-transcription/printed-text"
BOOK_SHAPES = (0.62, 0.65, 0.667, 0.7, 0.707, 0.75)
DIGITS = "零一二三四五六七八九"
WORDINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "page": {
        "en": ("What is the page number?", "Which page is this?", "Read the page number.", "What number does the page carry?"),
        "zh": ("页码是多少？", "这是第几页？", "读出页码。", "这一页的页码是什么？"),
    },
    "head": {
        "en": ("Read the running header.", "What is written in the header?", "What does the line at the very top say?", "What is in the page header?"),
        "zh": ("读出页眉。", "页眉写的是什么？", "最上面一行写了什么？", "页眉的内容是什么？"),
    },
    "chapter": {
        "en": ("Which chapter begins on this page?", "What is the heading of the chapter?", "Read the chapter heading.", "What is the chapter called?"),
        "zh": ("这一页是哪一章的开头？", "这一章的标题是什么？", "读出章节标题。", "本章叫什么？"),
    },
}  # fmt: skip


def name_book(draw: Draw) -> str:
    """A made-up title."""
    a, b = draw.sample(BOOK_WORDS[draw.language], 2)
    return draw.pick(BOOK_TITLES[draw.language]).format(a=a, b=b)


def _hanzi(number: int) -> str:
    """A number below 100 in Chinese."""
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def _chapter(draw: Draw, name: str) -> str:
    number = draw.whole(1, 40)
    if draw.language == "zh":
        return draw.pick(
            (f"第{_hanzi(number)}章　{name}", f"第{_hanzi(number)}回　{name}", f"{_hanzi(number)}　{name}", name)
        ).replace("　", " ")
    return draw.pick((f"Chapter {number}: {name}", f"{number}. {name}", f"Chapter {number}", name, name.upper()))


def books(draw: Draw, assets, longest: int) -> Document:
    """A page of a book."""
    texts, zh = assets.paragraphs(draw.language, draw.split), draw.language == "zh"
    least, most = (30, 360) if zh else (80, 900)
    count = draw.pick((1, 2, 3, 4, 6, 7, 8, 9))
    found: list[str] = []
    for _ in range(count):
        text = draw_text(draw, texts, least, most)
        if text not in found:
            found.append(text)
    font = draw_font(draw, assets)
    blocks: list[Block] = [Paragraph((Span(text),)) for text in found]
    blocks[0].is_kept = True  # what was drawn first is what a test holds out
    title = draw.made("text", lambda rng: name_book(draw), key=str)
    asks: list[Ask] = []
    chapter = ""
    if draw.chance(0.55):
        chapter = draw.made("text", lambda rng: _chapter(draw, name_book(draw)), key=str)
        side = draw.pick(("center", "center", "left", "right"))
        blocks.insert(0, Heading(1, chapter, draw.between(1.4, 2.1), side, draw.chance(0.2), is_kept=True))
        asks.append(Ask(READ, draw.phrase(WORDINGS["chapter"]), chapter, 0.6))
    has_head = draw.chance(0.5)
    number = draw.whole(2, 640)
    foot = draw.pick((str(number), str(number), f"- {number} -", f"· {number} ·", ""))
    looks = {
        "header": running(title, draw.pick(("center", "left", "right")), has_line=draw.chance(0.4)) if has_head else "",
        "footer": running(foot, draw.pick(("center", "left", "right"))),
        "indent": 2.0 if zh else draw.pick((1.5, 1.5, 2.0, 0)), "is_justified": draw.chance(0.85),
    }  # fmt: skip
    page = draw_page(
        draw, longest, BOOK_SHAPES, is_cut=not (has_head or foot) and (count < 4 or draw.chance(0.5)), **looks
    )
    if looks["indent"]:
        page = replace(page, spacing=page.leading)  # paragraphs of books are as far apart as lines
    if foot:
        asks.append(Ask(READ, draw.phrase(WORDINGS["page"]), str(number), 0.4))
    if has_head:
        asks.append(Ask(READ, draw.phrase(WORDINGS["head"]), title, 0.4))
    summary = _summarise(zh, chapter, title if has_head else "")
    return Document(
        "book", draw.language, chapter, summary, blocks, font, page, title if has_head else "", foot, asks=asks
    )


def _summarise(zh: bool, chapter: str, title: str) -> str:
    if zh:
        part = f"“{chapter}”的开头" if chapter else "正文中的一页"
        return f"一本书的书页{f'，书名为《{title}》' if title else ''}，是{part}。"
    part = f"the beginning of the chapter “{chapter}”" if chapter else "a page of running text"
    return f"A page of a book{f' with the running header “{title}”' if title else ''}: {part}."
