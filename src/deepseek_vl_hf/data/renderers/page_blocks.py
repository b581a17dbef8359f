"""The parts of a page come in: headings, paragraphs, lists, formulas, tables; typst, Markdown or plain text of them goes out.

Markdown is what a person would write who transcribes the page: headings with #, **bold**, lists, pipes, $LaTeX$, footnotes as
[^1] with their texts at the end. Of a figure only the caption is written. Running headers, footers and page numbers are not
blocks: they are left out of Markdown, and stand first and last in plain text.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from ..rendering import Ask
from .typesetting import inline, quote


@dataclass(frozen=True)
class Span:
    """A piece of a paragraph.

    Args:
        text: What is written; of a formula its LaTeX; of a note the text at the foot of the page.
        form: How it is set.
        typst: Of a formula, in typst's notation.
    """

    text: str
    form: Literal["plain", "bold", "formula", "note"] = "plain"
    typst: str = ""

    def to_typst(self) -> str:
        """Typst content."""
        if self.form == "formula":
            return f"${self.typst}$"
        if self.form == "note":
            return f"#footnote({quote(self.text)});"
        return f"#bold[{inline(self.text)}];" if self.form == "bold" else inline(self.text)


def spans(text: str) -> tuple[Span, ...]:
    """Cut a text at its **bold** parts."""
    pieces = re.split(r"\*\*", text)
    return tuple(Span(piece, "bold" if index % 2 else "plain") for index, piece in enumerate(pieces) if piece)


def bare(text: str) -> str:
    """A text without the marks of bold parts."""
    return text.replace("**", "")


@dataclass
class Block:
    """A part of a page.

    Args:
        asks: What may be asked as long as the part is on the page.
        is_kept: Whether it stays when the page is too full.
    """

    asks: list[Ask] = field(default_factory=list, kw_only=True)
    is_kept: bool = field(default=False, kw_only=True)

    def to_typst(self) -> str:
        """Typst source."""
        raise NotImplementedError

    def to_markdown(self) -> str:
        """What a person would transcribe."""
        raise NotImplementedError

    def to_plain(self) -> str:
        """The words alone."""
        raise NotImplementedError

    def notes(self) -> list[str]:
        """Texts of its footnotes."""
        return []


@dataclass
class Heading(Block):
    """A title or heading, of level 1 to 4; `scale` is its size beside the running text's."""

    level: int
    text: str
    scale: float = 1.2
    alignment: str = "left"
    is_coloured: bool = False

    def to_typst(self) -> str:
        colour = "fill: accent, " if self.is_coloured else ""
        above = 0.4 if self.level == 1 else 0.75
        return (
            f"#block(above: {above + 0.75}em, below: {1.3 if self.level == 1 else 0.95}em, width: 100%, sticky: true, align({self.alignment}, "
            f"par(first-line-indent: 0em, justify: false, text({colour}size: {self.scale}em, "
            f"hyphenate: false, bold({quote(self.text)})))))\n"
        )

    def to_markdown(self) -> str:
        return f"{'#' * self.level} {self.text}"

    def to_plain(self) -> str:
        return self.text


@dataclass
class Paragraph(Block):
    """Running text."""

    content: tuple[Span, ...]
    is_lead: bool = False  # that it only announces what follows

    def to_typst(self) -> str:
        return f"#par[{''.join(span.to_typst() for span in self.content)}]\n"

    def to_markdown(self, first_note: int = 1) -> str:
        written, number = "", first_note
        for span in self.content:
            if span.form == "note":
                written += f"[^{number}]"
                number += 1
            else:
                written += {"plain": "{}", "bold": "**{}**", "formula": "${}$"}[span.form].replace("{}", span.text)
        return written.strip()

    def to_plain(self) -> str:
        return "".join(
            f"${span.text}$" if span.form == "formula" else span.text for span in self.content if span.form != "note"
        )

    def notes(self) -> list[str]:
        return [span.text for span in self.content if span.form == "note"]


@dataclass
class Line(Block):
    """A line that stands alone, as authors, a date, a signature; several are set below one another."""

    texts: tuple[str, ...]
    alignment: str = "left"
    scale: float = 1.0
    indent: float = 0.0  # of the first line, of the size

    def to_typst(self) -> str:
        rows = "#linebreak();".join("".join(span.to_typst() for span in spans(text)) for text in self.texts)
        return (
            f"#block(width: 100%, above: 1em, below: 1em, align({self.alignment}, "
            f"par(first-line-indent: 0em, justify: false, text(size: {self.scale}em)[#h({self.indent}em){rows}])))\n"
        )

    def to_markdown(self) -> str:
        return "\n\n".join(self.texts)

    def to_plain(self) -> str:
        return "\n".join(map(bare, self.texts))


@dataclass
class Items(Block):
    """A list, with bullets or numbers."""

    texts: tuple[str, ...]
    is_numbered: bool = False
    mark: str = "•"

    def to_typst(self) -> str:
        items = "".join(f"[{''.join(span.to_typst() for span in spans(text))}], " for text in self.texts)
        kind = 'enum(numbering: "1.", ' if self.is_numbered else f"list(marker: [{inline(self.mark)}], "
        return f"#block(width: 100%, above: 1em, below: 1.1em)[#set par(first-line-indent: 0em)\n#{kind}indent: 0.8em, spacing: 0.8em, {items})]\n"

    def to_markdown(self) -> str:
        marks = [f"{number}." if self.is_numbered else "-" for number in range(1, len(self.texts) + 1)]
        return "\n".join(f"{mark} {text}" for mark, text in zip(marks, self.texts, strict=True))

    def to_plain(self) -> str:
        marks = [f"{number}." if self.is_numbered else self.mark for number in range(1, len(self.texts) + 1)]
        return "\n".join(f"{mark} {bare(text)}" for mark, text in zip(marks, self.texts, strict=True))


@dataclass
class Formula(Block):
    """A formula on a line of its own, numbered or not."""

    latex: str
    typst: str
    number: int | None = None

    def to_typst(self) -> str:
        numbering = f'numbering: _ => "({self.number})", ' if self.number else ""
        return f"#block(width: 100%, above: 1.1em, below: 1.1em)[#math.equation(block: true, {numbering}$ {self.typst} $)]\n"

    def to_markdown(self) -> str:
        tag = f" \\tag{{{self.number}}}" if self.number else ""
        return f"$$ {self.latex}{tag} $$"

    def to_plain(self) -> str:
        return f"$$ {self.latex} $$"


@dataclass
class Grid(Block):
    """A small table with a caption above it."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    has_rules: bool = True

    def to_typst(self) -> str:
        cells = "".join(f"bold({quote(text)}), " for text in self.header)
        cells += "".join(f"{quote(text)}, " for row in self.rows for text in row)
        stroke = "0.6pt + ink" if self.has_rules else "none"
        rules = (
            "" if self.has_rules else "table.hline(y: 0, stroke: 1pt + ink), table.hline(y: 1, stroke: 0.5pt + ink), "
        )
        end = "" if self.has_rules else f"table.hline(y: {len(self.rows) + 1}, stroke: 1pt + ink), "
        caption = f"par(first-line-indent: 0em, {quote(self.caption)}), " if self.caption else ""
        return (
            f"#block(width: 100%, breakable: false, above: 1.3em, below: 1.3em, align(center, stack(spacing: 0.9em, {caption}"
            f"table(columns: {len(self.header)}, stroke: {stroke}, inset: (x: 0.6em, y: 0.4em), align: center + horizon, "
            f"{rules}{end}{cells}))))\n"
        )

    def to_markdown(self) -> str:
        caption = f"{self.caption}\n\n" if self.caption else ""
        return caption + pipes([self.header, *self.rows])

    def to_plain(self) -> str:
        return "\n".join([self.caption] * bool(self.caption) + [" ".join(row) for row in (self.header, *self.rows)])


@dataclass
class Figure(Block):
    """A small drawing without words, and a caption below it."""

    caption: str
    drawing: str

    def to_typst(self) -> str:
        caption = f"par(first-line-indent: 0em, {quote(self.caption)})"
        return (
            "#block(width: 100%, breakable: false, above: 1.3em, below: 1.3em, align(center, "
            f"stack(spacing: 1em, {self.drawing}, {caption})))\n"
        )

    def to_markdown(self) -> str:
        return self.caption

    def to_plain(self) -> str:
        return self.caption


def pipes(rows: list[tuple[str, ...]]) -> str:
    """Rows of texts, the first of them the header, as a Markdown table."""
    lines = ["| " + " | ".join(text.replace("|", "\\|") for text in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def to_markdown(blocks: list[Block]) -> str:
    """A whole page as Markdown, the texts of footnotes last."""
    written, notes = [], []
    for block in blocks:
        is_text = isinstance(block, Paragraph)
        written.append(block.to_markdown(len(notes) + 1) if is_text else block.to_markdown())
        notes += block.notes()
    return "\n\n".join([*written, *(f"[^{number}]: {note}" for number, note in enumerate(notes, 1))])
