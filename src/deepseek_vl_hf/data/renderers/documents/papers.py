"""A `Draw` and names come in; the first page of a research paper goes out: in one column or two, with formulas, notes and tables."""

import functools
import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

from ...rendering import Ask, Draw
from ..page_blocks import Block, Figure, Formula, Grid, Heading, Items, Line, Paragraph, Span, bare, spans
from ..typesetting import Page, draw_few, draw_font
from .figures import draw_figure
from .page import Document, draw_page, running
from .wordings import WORDINGS
from .words import INSTITUTES, JOURNALS, METHODS, PAPER_SECTIONS, PAPER_TITLES, TOPICS


READ = "recognition/ocr-and-transcription/printed-text"
FACT, COUNTING = "conversion/image-to-text/text-interpretation", "recognition/local-description/counting"
PAPER_SHAPES = (0.707, 0.707, 0.773, 0.75)
PROPER = ("Markov", "Gaussian", "Kalman")
NARROWEST = 250  # pixels of a column, so that formulas and tables fit into it
SLOT_ASKS = {"count": "samples", "percent": "accuracy", "city": "place"}


@functools.cache
def _sentences(language: str) -> dict[str, Any]:
    table = json.loads(Path(__file__).with_name("sentences.json").read_text(encoding="utf-8"))
    return table[language]


@functools.cache
def _formulas() -> list[tuple[str, str]]:
    """LaTeX and typst of the same formulas."""
    path = Path(__file__).with_name("formulas.json")
    return [tuple(pair) for pair in json.loads(path.read_text(encoding="utf-8"))]


def papers(draw: Draw, assets, longest: int) -> Document:
    """The first page of a paper."""
    return _Paper(draw, assets).compose(longest)


def _small(title: str) -> str:
    """Words of a title as they stand in a sentence."""
    return " ".join(word if word in PROPER else word.lower() for word in title.split())


class _Paper:
    """A paper in the making: what its sentences agree on, and the blocks so far."""

    def __init__(self, draw: Draw, assets):
        self.draw, self.assets, self.zh = draw, assets, draw.language == "zh"
        self.texts = _sentences(draw.language)
        method, other = draw.sample(METHODS[draw.language], 2)
        topic = draw.pick(TOPICS[draw.language])
        percent, gain = draw.whole(610, 989) / 10, draw.whole(2, 19)
        self.names = {"topic": topic, "method": method, "other": other}
        self.slots = {
            **(self.names if self.zh else {name: _small(text) for name, text in self.names.items()}),
            "city": draw.pick(assets.names("city", draw.language)), "count": str(draw.whole(120, 9800)), "percent": f"{percent}%",
            "gain": f"{gain}个百分点" if self.zh else f"{gain} points", "year": str(draw.whole(1999, 2030)),
        }  # fmt: skip
        self.baseline = f"{percent - gain:.1f}%"
        self.number = 0  # of the last formula

    def compose(self, longest: int) -> Document:
        """Draw everything; the abstract comes first, as what a test holds out."""
        draw, zh = self.draw, self.zh
        abstract = self._paragraph("abstract", 2, 5)
        font = draw_font(draw, self.assets)
        title = draw_few(draw, "text", [wording.format(**self.names) for wording in PAPER_TITLES[draw.language]])
        people = draw.sample(self.assets.names("person", draw.language), draw.whole(1, 3))
        authors = ("，" if zh else ", ").join(people)
        asks = [
            Ask(READ, draw.phrase(WORDINGS["authors"]), authors, 0.5),
            Ask(READ, draw.phrase(WORDINGS["abstract"]), abstract.to_plain(), 1),
        ]
        top = self._top(title, authors, abstract, asks)
        body = self._body(asks)
        head = draw.pick(JOURNALS[draw.language]) if draw.chance(0.5) else ""
        head = f"{head}, {draw.whole(1998, 2031)}" if head and not zh else head
        foot = str(draw.whole(1, 400)) if draw.chance(0.7) else ""
        page = self._page(longest, head, foot)
        # Across both columns stand nothing, the title and authors, or all above the first section.
        wide = draw.pick((0, 2, 2, len(top))) if page.columns == 2 else 0
        names = "、".join(people) if zh else " and ".join(filter(None, (", ".join(people[:-1]), people[-1])))
        summary = (
            f"一篇题为《{title}》的论文，作者为{names}。"
            if zh
            else f"A research paper by {names} with the title “{title}”."
        )
        return Document("paper", draw.language, title, summary, [*top, *body], font, page, head, foot, wide, asks=asks)

    def _page(self, longest: int, head: str, foot: str) -> Page:
        """A page of two columns, of one, or, with neither header nor footer, of one that ends with the text."""
        draw = self.draw
        looks = {"header": running(head, has_line=draw.chance(0.5)), "footer": running(foot)}
        if draw.chance(0.35):
            return draw_page(draw, longest, PAPER_SHAPES, is_cut=not head + foot, **looks)
        page = draw_page(draw, longest, PAPER_SHAPES, is_cut=False, columns=2, size=15.0 if self.zh else 14.0, **looks)
        is_narrow = page.width / 2 - page.across < NARROWEST
        return replace(page, columns=1) if is_narrow else page

    def _paragraph(self, section: str, least: int, most: int, half: int | None = None) -> Paragraph:
        """Some sentences in their order, of one half or all, with the questions about their facts."""
        draw, pool = self.draw, self.texts[section]
        if half is not None:
            pool = pool[half * len(pool) // 2 : (half + 1) * len(pool) // 2]

        joint = "" if self.zh else " "

        def key(places) -> str:
            return bare(joint.join(self._fill(pool[place]) for place in places))

        if len(pool) <= 5:  # too few to be made up until one is held out
            counts = range(min(least, len(pool)), len(pool) + 1)
            options = [places for count in counts for places in combinations(range(len(pool)), count)]
            chosen = draw_few(draw, "text", options, key)
        else:
            chosen = draw.made(
                "text",
                lambda rng: sorted(draw.sample(range(len(pool)), min(draw.whole(least, most), len(pool)))),
                key=key,
            )
        used = " ".join(pool[place] for place in chosen)
        asks = [
            Ask(FACT, draw.phrase(WORDINGS[name]), self.slots[slot], 0.6)
            for slot, name in SLOT_ASKS.items()
            if f"{{{slot}}}" in used
        ]
        return Paragraph(spans(joint.join(self._fill(pool[place]) for place in chosen)), asks=asks)

    def _fill(self, text: str) -> str:
        filled = text.format(**self.slots)
        return filled[0].upper() + filled[1:]

    def _top(self, title: str, authors: str, abstract: Paragraph, asks: list[Ask]) -> list[Block]:
        draw, words = self.draw, self.texts["words"]
        side = draw.pick(("center", "center", "left"))
        blocks: list[Block] = [Heading(1, title, draw.between(1.35, 1.8), side, draw.chance(0.15), is_kept=True)]
        lines = [authors] + ([draw.pick(INSTITUTES[draw.language])] if draw.chance(0.7) else [])
        blocks.append(Line(tuple(lines), side, is_kept=True))
        abstract.is_kept = True
        if draw.chance(0.5):
            blocks += [Heading(2, words["abstract"], 1.1, side, is_kept=True), abstract]
        else:
            mark = f"{words['abstract']}：" if self.zh else f"{words['abstract']}."
            blocks.append(
                Paragraph(
                    (Span(mark, "bold"), *((Span(" "),) if not self.zh else ()), *abstract.content),
                    asks=abstract.asks,
                    is_kept=True,
                )
            )
        if draw.chance(0.5):
            keywords = ("；" if self.zh else "; ").join(self.slots[name] for name in ("topic", "method"))
            blocks.append(Paragraph(spans(words["keywords"].format(keywords)), is_kept=True))
            asks.append(Ask(READ, draw.phrase(WORDINGS["keywords"]), keywords, 0.4))
        return blocks

    def _body(self, asks: list[Ask]) -> list[Block]:
        """Sections of one to three paragraphs, and what stands between them."""
        draw, names = self.draw, PAPER_SECTIONS[self.draw.language]
        style, is_coloured = draw.pick(("{n} {}", "{n}. {}", "{}")), draw.chance(0.2)
        blocks: list[Block] = []
        note_at = draw.whole(0, 2) if draw.chance(0.4) else -1
        extras = draw.sample(("formula", "formula", "table", "figure", "items"), draw.whole(1, 4))
        chosen = [name for name in names if name in (names[0], names[2]) or draw.chance(0.75)]
        for place, name in enumerate(chosen):
            blocks.append(Heading(2, style.format(name, n=place + 1), 1.15, is_coloured=is_coloured))
            is_split = len(self.texts[name]) >= 8 and draw.chance(0.7)
            halves = (0, 1) if is_split else (None,)
            for part, half in enumerate(halves):
                paragraph = self._paragraph(name, 2, 6, half)
                if place == note_at and part == 0:
                    note = draw_few(draw, "text", [self._fill(text) for text in self.texts["notes"]])
                    paragraph.content = (*paragraph.content, Span(note, "note"))
                blocks.append(paragraph)
            if extras and place < 4:
                blocks += self._extra(extras.pop())
        if draw.chance(0.4):
            blocks += self._references(asks)
        return blocks

    def _extra(self, kind: str) -> list[Block]:
        draw, words = self.draw, self.texts["words"]
        if kind == "formula":
            latex, typst = draw.item("formula", _formulas(), key=lambda pair: pair[0])
            self.number += 1
            inline, source = draw.item(
                "formula",
                [pair for pair in _formulas() if "frac" not in pair[0] and pair[0] != latex],
                key=lambda pair: pair[0],
            )
            lead = f"{words['by_formula']} " if not self.zh else words["by_formula"]
            return [
                Paragraph(spans(lead.rstrip()), is_lead=True), Formula(latex, typst, self.number),
                Paragraph((Span("其中 " if self.zh else "Here "), Span(inline, "formula", source), Span(" 成立。" if self.zh else " holds as well."))),
            ]  # fmt: skip
        if kind == "items":
            chosen = [
                self.texts["items"][place].format(**self.slots)
                for place in sorted(draw.sample(range(5), draw.whole(2, 5)))
            ]
            return [Paragraph(spans(words["contributions"]), is_lead=True), Items(tuple(chosen), draw.chance(0.3))]
        if kind == "figure":
            caption = draw_few(draw, "text", [words["figure"].format(text) for text in self.texts["figures"]])
            return [Figure(caption, draw_figure(draw))]
        rows = draw.made("table", lambda rng: self._rows(), key=repr)
        return [Grid(words["table"], tuple(words["header"]), rows, draw.chance(0.4))]

    def _rows(self) -> tuple[tuple[str, ...], ...]:
        names = [
            self.names["method"],
            *self.draw.sample([name for name in METHODS[self.draw.language] if name != self.names["method"]], 2),
        ]
        shares = [
            self.slots["percent"],
            *(
                self.baseline if name == self.names["other"] else f"{self.draw.whole(510, 990) / 10}%"
                for name in names[1:]
            ),
        ]  # as the text says
        return tuple(
            (name, share, f"{self.draw.whole(10, 400) / 1000:.3f}") for name, share in zip(names, shares, strict=True)
        )

    def _references(self, asks: list[Ask]) -> list[Block]:
        """Made-up works, one a paragraph."""
        draw, blocks = self.draw, []
        blocks.append(Heading(2, self.texts["words"]["references"], 1.15, is_kept=True))
        for number in range(1, 4):
            author, journal, year = (
                draw.pick(self.assets.names("person", draw.language)),
                draw.pick(JOURNALS[draw.language]),
                draw.whole(1960, 2022),
            )
            topic, method = draw.pick(TOPICS[draw.language]), draw.pick(METHODS[draw.language])
            title = draw.pick(PAPER_TITLES[draw.language][:2]).format(topic=topic, method=method)
            text = (
                f"[{number}] {author}. {title}[J]. {journal}, {year}."
                if self.zh
                else f"[{number}] {author}. {title}. {journal}, {year}."
            )
            asks.append(Ask(READ, draw.phrase(WORDINGS["reference"], n=number), text, 0.3))
            blocks.append(Line((text,), is_kept=True))
        asks.append(Ask(COUNTING, draw.phrase(WORDINGS["references"]), "3", 0.3))
        return blocks
