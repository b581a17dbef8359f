"""A document as it was set comes in; the questions that any page answers, and those about what it has not, go out."""

from ...rendering import Ask, Draw
from ..page_blocks import Figure, Formula, Grid, Heading, Items, Line, Paragraph, bare
from .page import Document
from .wordings import KINDS, ORDINALS, WORDINGS


READ, FORMAT = "recognition/ocr-and-transcription/printed-text", "recognition/ocr-and-transcription/specified-format"
SUMMARY, FACT = "conversion/image-to-text/text-summary", "conversion/image-to-text/text-interpretation"
THEME, COUNTING = "recognition/global-description/theme", "recognition/local-description/counting"
LATEX, TABLE = "conversion/image-to-code/formula-to-code", "analysis/data-chart-analysis/table-interpretation"
COUNTERFACTUAL = "safety/counterfactual-questioning"
TASKS = (READ, FORMAT, SUMMARY, FACT, THEME, COUNTING, LATEX, TABLE, COUNTERFACTUAL)
LONGEST_READ = 900  # characters of one paragraph


def write_asks(draw: Draw, document: Document) -> tuple[list[Ask], list[Ask]]:
    """All questions about a page, and those about what it has not."""
    blocks = document.blocks
    asks = [
        Ask(FORMAT, _say(draw, "markdown"), document.to_markdown(), 4),
        Ask(SUMMARY, _say(draw, "summary"), document.summary, 0.8),
        Ask(THEME, _say(draw, "kind"), KINDS[document.kind][document.language], 0.4),
        *document.asks,
        *(ask for block in blocks for ask in block.asks),
        *_parts(draw, document),
        *_counts(draw, document),
    ]
    if not any(isinstance(block, Formula | Grid | Figure) or block.notes() for block in blocks) and not _has_formula(
        blocks
    ):
        text = document.to_plain()
        question = "读出文字。" if document.language == "zh" else "Read the text."
        asks += [Ask(READ, question, text, 3), Ask(READ, _say(draw, "read"), text, 1.2)]
    return asks, _absent(draw, document)


def _say(draw: Draw, name: str, **fields) -> str:
    return draw.phrase(WORDINGS[name], **fields)


def _has_formula(blocks) -> bool:
    return any(span.form == "formula" for block in blocks if isinstance(block, Paragraph) for span in block.content)


def _is_reference(block) -> bool:
    return isinstance(block, Line) and block.texts[0].startswith("[1]")


def paragraphs(document: Document) -> list[Paragraph]:
    """Paragraphs of running text."""
    return [block for block in document.blocks if isinstance(block, Paragraph)]


def _parts(draw: Draw, document: Document) -> list[Ask]:
    """Single parts to read."""
    asks, language = [], document.language
    if document.title:
        asks.append(Ask(READ, _say(draw, "title"), document.title, 1))
    found = paragraphs(document)
    if not any(isinstance(block, Items | Grid | Formula) for block in document.blocks) and document.kind in (
        "book",
        "letter",
    ):
        place = draw.whole(0, len(found) - 1)
        if place < len(ORDINALS[language]) and len(found[place].to_plain()) <= LONGEST_READ:
            asks.append(Ask(READ, _say(draw, "paragraph", n=ORDINALS[language][place]), found[place].to_plain(), 1.5))
        asks.append(Ask(READ, _say(draw, "last"), found[-1].to_plain(), 0.6))
    for place, block in enumerate(document.blocks):
        after = document.blocks[place + 1] if place + 1 < len(document.blocks) else None
        if (
            isinstance(block, Heading)
            and block.level == 2
            and isinstance(after, Paragraph)
            and not after.notes()
            and not _has_formula([after])
        ):
            asks.append(Ask(READ, _say(draw, "under", heading=block.text), after.to_plain(), 0.5))
        if isinstance(block, Items):
            asks.append(Ask(FORMAT, _say(draw, "items"), block.to_markdown(), 0.8))
            if block.is_numbered:
                number = draw.whole(1, len(block.texts))
                asks.append(Ask(READ, _say(draw, "item", n=number), bare(block.texts[number - 1]), 0.6))
        if isinstance(block, Formula):
            name = "formula" if block.number else "only_formula"
            asks.append(Ask(LATEX, _say(draw, name, n=block.number), block.latex, 1))
        if isinstance(block, Figure):
            asks.append(Ask(READ, _say(draw, "figure"), block.caption, 0.5))
        if isinstance(block, Grid):
            asks += _cells(draw, block)
    notes = [note for block in document.blocks for note in block.notes()]
    if notes:
        asks.append(Ask(READ, _say(draw, "note"), notes[0], 0.8))
    return asks


def _cells(draw: Draw, grid: Grid) -> list[Ask]:
    row, column = draw.pick(grid.rows), draw.whole(1, len(grid.header) - 1)
    asks = [Ask(TABLE, _say(draw, "cell", row=row[0], column=grid.header[column]), row[column], 0.8)]
    return [*asks, Ask(FORMAT, _say(draw, "table"), grid.to_markdown().removeprefix(f"{grid.caption}\n\n"), 0.8)]


def _counts(draw: Draw, document: Document) -> list[Ask]:
    asks = (
        [Ask(COUNTING, _say(draw, "columns"), str(document.page.columns), 0.4)]
        if document.kind in ("paper", "book")
        else []
    )
    sections = [block for block in document.blocks if isinstance(block, Heading) and block.level == 2]
    if sections:
        asks.append(Ask(COUNTING, _say(draw, "sections"), str(len(sections)), 0.5))
        listed = "\n".join(f"- {section.text}" for section in sections)
        asks.append(Ask(FORMAT, _say(draw, "headings"), listed, 0.5))
    items = [block for block in document.blocks if isinstance(block, Items)]
    if items:
        asks.append(Ask(COUNTING, _say(draw, "num_items"), str(len(items[0].texts)), 0.4))
    if document.kind == "book":
        asks.append(Ask(COUNTING, _say(draw, "paragraphs"), str(len(paragraphs(document))), 0.4))
    return asks


def _absent(draw: Draw, document: Document) -> list[Ask]:
    """Parts that the page has not."""
    blocks, missing = document.blocks, []
    if not any(block.notes() for block in blocks):
        missing.append(("note", "no_note"))
    if not any(isinstance(block, Grid) for block in blocks):
        missing.append(("table", "no_table"))
    if not any(isinstance(block, Figure) for block in blocks):
        missing.append(("figure", "no_figure"))
    if not any(isinstance(block, Formula) for block in blocks) and not _has_formula(blocks):
        missing.append(("only_formula", "no_formula"))
    if not any(isinstance(block, Items) or _is_reference(block) for block in blocks):
        missing.append(("items", "no_items"))
    if document.kind != "letter" and not any(isinstance(block, Line) for block in blocks):
        missing.append(("signed", "no_signed"))
    asks = [Ask(COUNTERFACTUAL, _say(draw, ask), _say(draw, answer)) for ask, answer in missing]
    found = len(paragraphs(document))
    if document.kind == "book" and found + 1 < len(ORDINALS[document.language]):
        place = draw.whole(found, len(ORDINALS[document.language]) - 1)
        question = _say(draw, "paragraph", n=ORDINALS[document.language][place])
        asks.append(Ask(COUNTERFACTUAL, question, _say(draw, "few" if found > 1 else "one", n=found)))
    return asks + document.false_asks
