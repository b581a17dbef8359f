"""Blocks and looks come in; one page that holds as many of the blocks as fit goes out."""

from dataclasses import dataclass, field, replace

from PIL import Image

from ...assets import Font
from ...rendering import Ask, CannotRenderError, Draw
from ..page_blocks import Block, Formula, Heading, Items, Paragraph, to_markdown
from ..typesetting import ACCENTS, INKS, PAPERS, SHAPES, TINTS, Page, fits, missing, preamble, quote, typeset


@dataclass
class Document:
    """A page to be set.

    Args:
        kind: "book", "paper", "letter", ...
        language: Of its words.
        title: What it is called, "" if it has no title.
        summary: What it is, in a sentence that is true by construction.
        blocks: In reading order; those that do not fit are dropped from the end, unless they are kept.
        font: To set it in.
        page: Its looks.
        head: Text of the running header, "".
        foot: Text of the footer, mostly the page number, "".
        num_spanning: Of the first blocks, how many are set across all columns.
        asks: About what is always on the page.
        false_asks: About what never is.
    """

    kind: str
    language: str
    title: str
    summary: str
    blocks: list[Block]
    font: Font
    page: Page
    head: str = ""
    foot: str = ""
    num_spanning: int = 0
    asks: list[Ask] = field(default_factory=list)
    false_asks: list[Ask] = field(default_factory=list)

    def to_markdown(self) -> str:
        """The page without header and footer."""
        return to_markdown(self.blocks)

    def to_plain(self) -> str:
        """Every word on the page, header first and footer last."""
        return "\n".join(text for text in (self.head, *(block.to_plain() for block in self.blocks), self.foot) if text)


def draw_page(
    draw: Draw, longest: int, shapes: tuple[float, ...] = SHAPES, is_cut: bool | None = None, **looks
) -> Page:
    """Draw the looks of a page.

    Args:
        draw: Decides.
        longest: Pixels of the longer side, at most.
        shapes: Ratios of width to height.
        is_cut: Whether the page ends below its last line; drawn when not given.
        looks: What is settled already.
    """
    shape = draw.pick(shapes)
    longer = draw.between(0.68, 1.0) * longest
    width, height = round(min(longer, longer * shape)), round(min(longer, longer / shape))
    is_cut = draw.chance(0.35) if is_cut is None else is_cut
    place = draw.whole(0, len(ACCENTS) - 1)
    least, most = (15, 21) if draw.language == "zh" else (14, 20)
    size = draw.between(least, max(least + 1, min(most, width / 34)))
    drawn = {
        "across": round(width * draw.between(0.06, 0.14)), "down": round(height * draw.between(0.06, 0.11)), "size": round(size, 1),
        "paper": draw.pick(PAPERS), "ink": draw.pick(INKS), "accent": ACCENTS[place], "tint": TINTS[place],
        "leading": draw.between(0.55, 0.95), "spacing": draw.between(0.9, 1.5), "is_justified": draw.chance(0.65),
        "indent": 2.0 if draw.language == "zh" else draw.pick((0, 0, 1.5)),
    }  # fmt: skip
    return Page(width, None if is_cut else height, **{**drawn, **looks})


def running(text: str, alignment: str = "center", size: float = 12.5, has_line: bool = False) -> str:
    """Typst content of a header or footer."""
    line = "#v(-0.25em)#line(length: 100%, stroke: 0.6pt + ink)" if has_line else ""
    return f"#set text(size: {size}pt)\n#align({alignment}, {quote(text)}){line}" if text else ""


def fit(document: Document, longest: int) -> Image.Image:
    """Set a document, dropping blocks from the end until it is one page.

    Returns:
        The picture; `document.blocks` are those that are on it.

    Raises:
        CannotRenderError: if what must stay does not fit, or the font lacks a character.
    """
    words = document.to_plain() + "".join(note for block in document.blocks for note in block.notes())
    if lacking := missing(document.font, words):
        raise CannotRenderError(f"font {document.font.name!r} lacks {lacking!r}")
    while any(isinstance(block, Paragraph) for block in document.blocks):
        if fits(source := _write(document, document.page), document.font, longest):
            if document.page.columns > 1:
                source = _balance(document, source, longest)
            picture = typeset(source, document.font)[0]
            if max(picture.size) <= longest:
                return picture
        _drop(document.blocks)
    raise CannotRenderError(
        f"found no room for a paragraph on a page of {document.page.width} x {document.page.height}"
    )


def _write(document: Document, page: Page) -> str:
    sources = [block.to_typst() for block in document.blocks]
    wide, rest = "".join(sources[: document.num_spanning]), "".join(sources[document.num_spanning :])
    if wide and page.columns > 1:
        wide = f'#place(top, scope: "parent", float: true, clearance: 1.4em, block(width: 100%)[{wide}])\n'
    return preamble(page, document.font, document.language) + wide + rest


def _balance(document: Document, source: str, longest: int) -> str:
    """Columns are filled one after the other; on a lower page they end at about the same height."""
    for share in (0.85, 0.72, 0.61):
        lower = _write(document, replace(document.page, height=round(document.page.height * share)))
        if not fits(lower, document.font, longest):
            break
        source = lower
    return source


def _drop(blocks: list[Block]) -> None:
    """Take away the last block that may go, and what then has nothing below it that it announces."""
    loose = [place for place, block in enumerate(blocks) if not block.is_kept]
    if not loose:
        raise CannotRenderError("found a page that is too full, expected less that must stay on it")
    del blocks[loose[-1]]
    for place in range(len(blocks) - 1, 0, -1):
        block, follows = blocks[place], blocks[place + 1] if place + 1 < len(blocks) else None
        if block.is_kept:
            continue
        leads = isinstance(block, Paragraph) and block.is_lead and not isinstance(follows, Items | Formula)
        heads = isinstance(block, Heading) and (follows is None or isinstance(follows, Heading) or follows.is_kept)
        if leads or heads:
            del blocks[place]
