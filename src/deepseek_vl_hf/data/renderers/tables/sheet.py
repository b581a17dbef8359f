"""Labels and exact numbers come in; the cells of a table as they are printed, and the table as Markdown, HTML or CSV, go out."""

import csv
import html
import io
from dataclasses import dataclass, field
from decimal import Decimal

from ..page_blocks import pipes


@dataclass(frozen=True)
class Format:
    """How a number is printed.

    Args:
        decimals: After the point.
        prefix: Before it, as "$".
        suffix: Behind it, as "%".
        has_commas: Whether thousands are set apart.
        has_brackets: Whether a negative number stands in brackets, as accountants write it.
    """

    decimals: int = 0
    prefix: str = ""
    suffix: str = ""
    has_commas: bool = False
    has_brackets: bool = False

    def __call__(self, number: Decimal | int) -> str:
        """The number as it is printed."""
        digits = f"{abs(Decimal(number)):{',' if self.has_commas else ''}.{self.decimals}f}"
        text = f"{self.prefix}{digits}{self.suffix}"
        if number >= 0:
            return text
        return f"({text})" if self.has_brackets else f"-{text}"


@dataclass
class Sheet:
    """A table.

    Args:
        kind: "sales", "timetable", ...
        title: Above it.
        header: Labels of the columns, the first of which names the rows.
        rows: Texts of the cells as printed, the label of the row first.
        numbers: Values of the columns that hold numbers, by the column's place.
        formats: How those are printed.
        others: Labels that rows could have, but none has.
        other_columns: Labels that columns could have, but none has.
        groups: Labels above the header's, each with the number of columns that it spans; ("", 1) where there is none.
        totals: How many rows at the end sum up those above.
        is_comparable: Whether the number columns of a row may be added and compared.
        cell_questions: Wordings that ask for a cell, with {row} and {column}.
        note: Below the table, or "".
    """

    kind: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: dict[int, tuple[Decimal, ...]] = field(default_factory=dict)
    formats: dict[int, Format] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    other_columns: tuple[str, ...] = ()
    groups: tuple[tuple[str, int], ...] = ()
    totals: int = 0
    is_comparable: bool = False
    cell_questions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""

    @property
    def key(self) -> str:
        """Names the table by what its cells say."""
        return "|".join("/".join(row) for row in (self.header, *self.rows))

    @property
    def names(self) -> list[str]:
        """Label of each column, with that of its group."""
        above = [label for label, count in self.groups for _ in range(count)] or [""] * len(self.header)
        pairs = zip(above, self.header, strict=True)
        return [f"{group}{name}" if group.endswith("年") else f"{name} {group}".strip() for group, name in pairs]

    @property
    def body(self) -> range:
        """Places of the rows that are no totals."""
        return range(len(self.rows) - self.totals)

    @property
    def text(self) -> str:
        """Everything that is printed."""
        groups = (label for label, _ in self.groups)
        return " ".join([self.title, self.note, *groups, *self.header, *(text for row in self.rows for text in row)])

    def to_markdown(self) -> str:
        """As pipes."""
        return pipes([self.header, *self.rows])

    def to_csv(self) -> str:
        """As comma-separated values."""
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows([self.header, *self.rows])
        return file.getvalue().rstrip("\n")

    def to_html(self) -> str:
        """As an HTML table, with the spans of merged cells."""
        lines = []
        if self.groups:
            tall = [name for name, (label, _) in zip(self.header, self.groups, strict=False) if not label]
            cells = [f'<th rowspan="2">{html.escape(name)}</th>' for name in tall]
            cells += [f'<th colspan="{count}">{html.escape(label)}</th>' for label, count in self.groups if label]
            lines.append("".join(cells))
            lines.append("".join(f"<th>{html.escape(name)}</th>" for name in self.header[len(tall) :]))
        else:
            lines.append("".join(f"<th>{html.escape(name)}</th>" for name in self.header))
        lines += ["".join(f"<td>{html.escape(text)}</td>" for text in row) for row in self.rows]
        return "\n".join(["<table>", *(f"<tr>{line}</tr>" for line in lines), "</table>"])


def numeric(
    labels: list[str],
    columns: dict[int, tuple[list[Decimal | int], Format]],
    others: dict[int, list[str]] | None = None,
) -> tuple[tuple[tuple[str, ...], ...], dict[int, tuple[Decimal, ...]], dict[int, Format]]:
    """Print columns of numbers and texts beside the labels of the rows.

    Args:
        labels: Of the rows.
        columns: Numbers and their format, by the column's place (the labels are at 0).
        others: Texts, by the column's place.

    Returns:
        Rows, numbers and formats, as `Sheet` takes them.
    """
    printed = {place: [form(number) for number in numbers] for place, (numbers, form) in columns.items()}
    printed.update(others or {})
    rows = tuple((label, *(printed[place][index] for place in sorted(printed))) for index, label in enumerate(labels))
    numbers = {place: tuple(map(Decimal, values)) for place, (values, _) in columns.items()}
    return rows, numbers, {place: form for place, (_, form) in columns.items()}
