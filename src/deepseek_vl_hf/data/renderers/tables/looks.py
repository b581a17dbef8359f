"""A table and a `Draw` come in; typst source that sets it in one of many looks goes out."""

from ...assets import Font
from ...rendering import CannotRenderError, Draw
from ..typefaces import glyph_share
from ..typesetting import ACCENTS, INKS, PAPERS, TINTS, Page, preamble, quote
from .sheet import Sheet


# Strokes and fills as typst writes them; y counts rows from the top, `heads` is the number of header rows.
LOOKS: dict[str, tuple[str, str]] = {
    "grid": ("0.7pt + line", "none"),
    "heavy grid": ("1.4pt + ink", "none"),
    "filled header": ("0.6pt + line", "(_, y) => if y < heads { tint }"),
    "dark header": ("0.6pt + line", "(_, y) => if y < heads { accent }"),
    "lines": ("(x: none, y: 0.6pt + line)", "none"),
    "booktabs": ("none", "none"),
    "zebra": ("none", "(_, y) => if y < heads { accent } else if calc.odd(y) { tint }"),
    "pale zebra": ("(x: none, y: 0.4pt + line)", "(_, y) => if calc.even(y) { tint }"),
    "columns": ("(x: 0.6pt + line, y: none)", "(_, y) => if y < heads { tint }"),
    "first column": ("0.5pt + line", "(x, y) => if x == 0 or y < heads { tint }"),
    "open": ("none", "none"),
}
WHITE_HEADER = ("dark header", "zebra")
SIMPLE_SIZE = 24  # pixels of the font of simple tables, which are then scaled
LEAST_CAPITAL, SEEN = 11, 256  # pixels of a capital letter of theirs, once the longer side of the picture has so many


def _cells(draw: Draw, sheet: Sheet, look: str) -> str:
    """Header and body cells in typst's order."""
    is_white = look in WHITE_HEADER

    def head(text: str) -> str:
        body = f"bold({quote(text)})"
        return f"text(fill: white, {body})" if is_white else body

    tall = sum(not label for label, _ in sheet.groups)
    cells = [f"table.cell(rowspan: 2, {head(name)})" for name in sheet.header[:tall]]
    cells += [f"table.cell(colspan: {count}, {head(label)})" for label, count in sheet.groups if label]
    cells += [head(name) for name in sheet.header[tall:]]
    is_label_bold = draw.chance(0.25)
    for place, row in enumerate(sheet.rows):
        is_total = place >= len(sheet.rows) - sheet.totals
        for column, text in enumerate(row):
            written = quote(text)
            cells.append(f"bold({written})" if is_total or (is_label_bold and column == 0) else written)
    return ", ".join(cells)


def _lines(sheet: Sheet, look: str) -> str:
    """Lines that only some rows have."""
    heads, end = (2 if sheet.groups else 1), len(sheet.rows)
    marks = []
    if look == "booktabs":
        marks = [(0, 1.4), (heads, 0.8), (heads + end, 1.4)]
    elif look == "open":
        marks = [(heads, 0.8)]
    if sheet.totals and look in ("booktabs", "open", "zebra"):
        marks.append((heads + end - sheet.totals, 0.8))
    return "".join(f"table.hline(y: {place}, stroke: {thick}pt + ink), " for place, thick in sorted(marks))


def draw_look(draw: Draw, sheet: Sheet, font: Font, simple: bool = False) -> str:
    """Typst source of a page that holds the table, its title and its note, and nothing else; in a simple one it lies close to the edge."""
    look = draw.pick(tuple(LOOKS))
    place = draw.whole(0, len(ACCENTS) - 1)
    is_dark = draw.chance(0.08) and look in ("grid", "lines", "booktabs", "open")
    size = SIMPLE_SIZE if simple else draw.whole(15, 24)
    across, down = ((4, 40), (4, 80)) if simple else ((12, 90), (12, 70))
    page = Page(
        None, None, draw.whole(*across), draw.whole(*down), size,
        paper=draw.pick(("#1b1e24", "#22262e", "#10151c")) if is_dark else draw.pick(PAPERS),
        ink="#e8e8e8" if is_dark else draw.pick(INKS), accent=ACCENTS[place], tint=TINTS[place],
    )  # fmt: skip
    return (
        preamble(page, font, draw.language)
        + _table(draw, sheet, look, (0.25, 0.6) if simple else (0.4, 1.1))
        + _arrange(draw, sheet)
    )


def _table(draw: Draw, sheet: Sheet, look: str, across: tuple[float, float]) -> str:
    """The table itself, under the name `sheet`; `across` is the least and the most space beside the text of a cell, in ems."""
    stroke, fill = LOOKS[look]
    side = draw.pick(("center", "right"))
    sides = [
        side if column in sheet.numbers else draw.pick(("left", "center")) for column in range(1, len(sheet.header))
    ]
    body = f"({', '.join(['left' if draw.chance(0.7) else 'center', *sides])}).at(x)"
    head = draw.pick(("center", "center", body))
    inset = f"(x: {draw.between(*across):.2f}em, y: {draw.between(0.28, 0.7):.2f}em)"
    return (
        f"#let heads = {2 if sheet.groups else 1}\n#let line = {draw.pick(('ink', 'ink', 'accent', 'luma(150)'))}\n"
        f"#let sheet = table(columns: {len(sheet.header)}, stroke: {stroke}, fill: {fill}, inset: {inset}, "
        f"align: (x, y) => (if y < heads {{ {head} }} else {{ {body} }}) + horizon, "
        f"{_lines(sheet, look)}{_cells(draw, sheet, look)})\n"
    )


def _arrange(draw: Draw, sheet: Sheet) -> str:
    """The title above or beside the table, the unit and a note where they usually stand."""
    side = draw.pick(("center", "center", "left"))
    title = f"text(size: {draw.between(1.05, 1.5):.2f}em, bold({quote(sheet.title)}))"
    parts = [f"align({side}, {title})"] if sheet.title else []
    if sheet.note:
        parts.append(f"align({draw.pick(('right', 'left', 'center'))}, text(size: 0.9em, {quote(sheet.note)}))")
    parts.append(f"align({draw.pick((side, 'center'))}, sheet)")
    return f"#stack(dir: ttb, spacing: {draw.between(0.6, 1.1):.2f}em, {', '.join(parts)})\n"


def draw_receipt(draw: Draw, sheet: Sheet, font: Font) -> str:
    """Typst source of a till receipt: narrow, ruled by dots, the totals apart."""
    page = Page(
        None,
        None,
        draw.whole(14, 40),
        draw.whole(16, 50),
        draw.whole(15, 20),
        paper=draw.pick(PAPERS),
        ink=draw.pick(INKS),
    )
    cells = ", ".join(f"{quote(name)}" for name in sheet.header)
    for place, row in enumerate(sheet.rows):
        is_total = place >= len(sheet.rows) - sheet.totals
        cells += "".join(f", {'bold' if is_total else 'text'}({quote(text)})" for text in row)
    rule = draw.pick(('(thickness: 1pt, dash: "dashed")', '(thickness: 1pt, dash: "dotted")', "0.8pt"))
    marks = "".join(f"table.hline(y: {y}, stroke: {rule}), " for y in (1, len(sheet.rows) + 1 - sheet.totals))
    table = f"#table(columns: 4, stroke: none, inset: (x: 0.5em, y: 0.35em), align: (left, center, right, right), {marks}{cells})\n"
    title = f"#align(center, text(size: {draw.between(1.1, 1.6):.2f}em, bold({quote(sheet.title)})))\n"
    return preamble(page, font, draw.language) + title + table


def scale_of(draw: Draw, size: tuple[int, int], font: Font, longest: int) -> float:
    """How much a simple table is scaled: its picture has any size up to the longest.

    Args:
        draw: Decides.
        size: Of the table as it is set, in pixels.
        font: Of its words.
        longest: Pixels of the picture's longer side, at most.

    Raises:
        CannotRenderError: if its letters are small beside it.
    """
    capital = SIMPLE_SIZE * glyph_share(font.path, False) * SEEN / max(size)
    if capital < LEAST_CAPITAL:
        raise CannotRenderError(f"found capitals of {capital:.1f} pixels in {SEEN}, expected {LEAST_CAPITAL}")
    return draw.between(0.75, 1) * longest / max(size)


def check_fit(size: tuple[int, int], longest: int) -> None:
    """Raise if a picture is too large.

    Raises:
        CannotRenderError: naming both sizes.
    """
    if max(size) > longest:
        raise CannotRenderError(f"found a table of {size[0]} x {size[1]} pixels, expected at most {longest} a side")
