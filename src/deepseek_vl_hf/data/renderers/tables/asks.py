"""A table comes in; questions that its cells answer, and questions about rows and columns that it has not, go out."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from ...rendering import Ask, Draw
from .sheet import Sheet
from .wordings import WORDINGS


READ, FORMAT = "recognition/ocr-and-transcription/printed-text", "recognition/ocr-and-transcription/specified-format"
TABLE = "analysis/data-chart-analysis/table-interpretation"
FINANCE = "analysis/professional-chart-analysis/financial-chart"
COUNTING = "recognition/local-description/counting"
COUNTERFACTUAL = "safety/counterfactual-questioning"
TASKS = (READ, FORMAT, TABLE, FINANCE, COUNTING, COUNTERFACTUAL)
STATEMENTS = ("income", "balance")
MIXED = (*STATEMENTS, "nutrition")  # kinds whose rows are of different sorts, so that comparing them means nothing
UNSUMMED = ("weather", "staff", "trains", "prices", "survey")  # kinds whose columns have no meaningful sum
LONGEST_SUM = 7  # numbers
RARE = 0.25  # weight of whatever is no single cell, in simple tables


def task_of(sheet: Sheet) -> str:
    """Where questions about the numbers of a table belong."""
    return FINANCE if sheet.kind in STATEMENTS else TABLE


def write_asks(draw: Draw, sheet: Sheet, simple: bool = False) -> tuple[list[Ask], list[Ask]]:
    """All questions about a table, and those about what it has not.

    Args:
        draw: Decides.
        sheet: The table.
        simple: Whether mostly single cells are asked for.
    """
    if simple:
        return _simple_asks(draw, sheet), _absent(draw, sheet)
    asks = [
        *_transcriptions(draw, sheet),
        *_cells(draw, sheet),
        *_counts(draw, sheet),
        *(_statements(draw, sheet) if sheet.kind in STATEMENTS else ()),
    ]
    if sheet.kind not in MIXED:
        asks += _columns(draw, sheet)
    if sheet.is_comparable:
        asks += _rows(draw, sheet)
    return asks, _absent(draw, sheet)


def _say(draw: Draw, name: str, **fields) -> str:
    return draw.phrase(WORDINGS[name], **fields)


def _transcriptions(draw: Draw, sheet: Sheet) -> list[Ask]:
    asks = [
        Ask(FORMAT, _say(draw, "html"), sheet.to_html(), 3 if sheet.groups else 1.2),
        Ask(READ, _say(draw, "title"), sheet.title, 0.4),
    ]
    row = draw.pick(sheet.rows)
    if all(row) and [other[0] for other in sheet.rows].count(row[0]) == 1:
        asks.append(Ask(READ, _say(draw, "row", row=row[0]), " | ".join(row), 0.4))
    if not sheet.groups:  # neither can say that a cell spans columns
        asks += [
            Ask(READ, _say(draw, "header"), " | ".join(sheet.header), 0.3),
            Ask(FORMAT, _say(draw, "markdown"), sheet.to_markdown(), 3),
            Ask(FORMAT, _say(draw, "csv"), sheet.to_csv(), 0.8),
        ]
    if sheet.note:
        asks.append(Ask(READ, _say(draw, "note"), sheet.note, 0.4))
    return asks


def _simple_asks(draw: Draw, sheet: Sheet) -> list[Ask]:
    """Single cells, and now and then a row, the whole, the best of a column or its sum."""
    row = draw.pick(sheet.rows)
    asks = [
        Ask(READ, _say(draw, "row", row=row[0]), " | ".join(row), 1),
        Ask(READ, _say(draw, "header"), " | ".join(sheet.header), 1),
        Ask(FORMAT, _say(draw, "markdown"), sheet.to_markdown(), 1.5),
        *_counts(draw, sheet),
    ]
    if sheet.title:
        asks.append(Ask(READ, _say(draw, "title"), sheet.title, 1))
    for column in sorted(sheet.numbers):
        asks += _extremes(draw, sheet, column, "")
    return _cells(draw, sheet) + [replace(ask, weight=RARE * ask.weight) for ask in asks]


def _cells(draw: Draw, sheet: Sheet) -> list[Ask]:
    """Three cells, and one looked up the other way round."""
    asks = []
    places = [(row, column) for row in range(len(sheet.rows)) for column in range(1, len(sheet.header))]
    places = [place for place in places if sheet.rows[place[0]][place[1]]]
    for row, column in draw.sample(places, min(3, len(places))):
        question = draw.phrase(sheet.cell_questions, row=sheet.rows[row][0], column=sheet.names[column])
        asks.append(Ask(task_of(sheet), question, sheet.rows[row][column], 1.2))
    row, column = draw.pick(places)
    text = sheet.rows[row][column]
    owners = [other[0] for other in sheet.rows if other[column] == text]
    if len(owners) == 1:
        question = _say(draw, "owner", column=sheet.names[column], text=text)
        asks.append(Ask(task_of(sheet), question, owners[0], 0.8))
    return asks


def _counts(draw: Draw, sheet: Sheet) -> list[Ask]:
    asks = [Ask(COUNTING, _say(draw, "num_rows"), str(len(sheet.rows)), 0.3)]
    if not sheet.groups:
        asks.append(Ask(COUNTING, _say(draw, "num_columns"), str(len(sheet.header)), 0.3))
    if sheet.kind == "timetable":
        text = draw.pick(draw.pick(sheet.rows)[1:])
        count = sum(cell == text for row in sheet.rows for cell in row[1:])
        asks.append(Ask(TABLE, _say(draw, "num_lessons", text=text), str(count), 1.2))
    return asks


def _columns(draw: Draw, sheet: Sheet) -> list[Ask]:
    """Largest, smallest, sum, difference and count over the rows of a column of numbers."""
    asks, aside = [], _say(draw, "aside") if sheet.totals else ""
    for column in draw.sample(sorted(sheet.numbers), min(2, len(sheet.numbers))):
        asks += _extremes(draw, sheet, column, aside)
        numbers = [sheet.numbers[column][row] for row in sheet.body]
        labels, name, form = [sheet.rows[row][0] for row in sheet.body], sheet.names[column], sheet.formats[column]
        first, second = draw.sample(range(len(numbers)), 2)
        if numbers[first] > numbers[second]:
            amount = numbers[first] - numbers[second]
            gap = form(amount)
            if form.suffix == "%":  # a difference of shares is none itself
                gap = _say(draw, "point" if amount == 1 else "points", gap=gap.removesuffix("%"))
            working = _say(draw, "minus", first=form(numbers[first]), second=_term(form(numbers[second])), gap=gap)
            question = _say(draw, "difference", column=name, first=labels[first], second=labels[second])
            asks.append(Ask(TABLE, question, working, 1))
        limit = draw.pick(numbers)
        count = sum(number > limit for number in numbers)
        asks.append(Ask(TABLE, _say(draw, "num_above", column=name, limit=form(limit), aside=aside), str(count), 0.8))
    return asks


def _extremes(draw: Draw, sheet: Sheet, column: int, aside: str) -> list[Ask]:
    """Largest, smallest and sum of a column of numbers."""
    numbers = [sheet.numbers[column][row] for row in sheet.body]
    labels, name, form = [sheet.rows[row][0] for row in sheet.body], sheet.names[column], sheet.formats[column]
    asks = []
    for wording, best in (("largest", max(numbers)), ("smallest", min(numbers))):
        if numbers.count(best) == 1:
            asks.append(Ask(TABLE, _say(draw, wording, column=name), labels[numbers.index(best)], 1))
    asks.append(Ask(TABLE, _say(draw, "extreme", column=name, aside=aside), form(max(numbers)), 0.5))
    if sheet.kind not in UNSUMMED and 1 < len(numbers) <= LONGEST_SUM:
        printed = [form(number) for number in numbers]
        asks.append(_sum(draw, "column_sum", printed, form(sum(numbers)), column=name, aside=aside))
    return asks


def _rows(draw: Draw, sheet: Sheet) -> list[Ask]:
    """Largest and sum over the columns of a row."""
    row = draw.pick(list(sheet.body))
    columns = sorted(sheet.numbers)
    numbers = [sheet.numbers[column][row] for column in columns]
    asks, label, form = [], sheet.rows[row][0], sheet.formats[columns[0]]
    for wording, best in (("row_largest", max(numbers)), ("row_smallest", min(numbers))):
        if numbers.count(best) == 1:
            answer = sheet.names[columns[numbers.index(best)]]
            asks.append(Ask(TABLE, _say(draw, wording, row=label), answer, 0.8))
    if sheet.kind != "survey" and 1 < len(numbers) <= LONGEST_SUM:
        asks.append(_sum(draw, "row_sum", [form(number) for number in numbers], form(sum(numbers)), row=label))
    return asks


def _sum(draw: Draw, wording: str, terms: list[str], total: str, **fields) -> Ask:
    return Ask(TABLE, _say(draw, wording, **fields), f"{' + '.join(map(_term, terms))} = {total}", 0.8)


def _term(text: str) -> str:
    """A number inside a calculation."""
    return f"({text})" if text.startswith("-") else text


def _statements(draw: Draw, sheet: Sheet) -> list[Ask]:
    """What an accountant asks of two years."""
    asks = []
    years = sheet.header[1:]
    for row in draw.sample(range(len(sheet.rows)), 3):
        new, old = sheet.numbers[1][row], sheet.numbers[2][row]
        way = "rose" if new > old else "fell" if new < old else "same"
        change = _say(draw, way, change=sheet.formats[1](abs(new - old)))
        question = _say(draw, "change", row=sheet.rows[row][0], old=years[1], new=years[0])
        asks.append(Ask(FINANCE, question, change, 1.2))
        numbers = [sheet.numbers[column][row] for column in sorted(sheet.numbers)]
        if numbers.count(max(numbers)) == 1:
            best = years[numbers.index(max(numbers))]
            asks.append(Ask(FINANCE, _say(draw, "best_year", row=sheet.rows[row][0]), best, 0.6))
    column = draw.pick(sorted(sheet.numbers))
    values, year = sheet.numbers[column], sheet.header[column]
    part, whole = (2, 0) if sheet.kind == "income" else (7, 4)
    percent = (values[part] / values[whole] * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    printed = [sheet.rows[place][column] for place in (part, whole)]
    names = {"part_name": sheet.rows[part][0], "whole_name": sheet.rows[whole][0]}
    asks.append(
        Ask(FINANCE, _say(draw, "share", year=year, **names), f"{printed[0]} / {printed[1]} ≈ {percent}%", 1.2)
    )
    if sheet.kind == "income":
        result = values[-1]
        way = "profit" if result > 0 else "loss" if result < 0 else "neither"
        asks.append(
            Ask(FINANCE, _say(draw, "result", year=year), _say(draw, way, amount=sheet.formats[1](abs(result))), 1)
        )
    return asks


def _absent(draw: Draw, sheet: Sheet) -> list[Ask]:
    asks = []
    printed = sheet.text
    rows = [label for label in sheet.others if label not in printed]
    columns = [label for label in sheet.other_columns if label not in printed]
    if rows:
        label = draw.pick(rows)
        question = draw.phrase(
            sheet.cell_questions, row=label, column=sheet.names[draw.whole(1, len(sheet.header) - 1)]
        )
        asks.append(Ask(COUNTERFACTUAL, question, _say(draw, "no_row", row=label)))
    if columns:
        label = draw.pick(columns)
        row = draw.pick(sheet.rows)[0]
        question = draw.phrase(sheet.cell_questions, row=row, column=label)
        asks.append(Ask(COUNTERFACTUAL, question, _say(draw, "no_column", column=label)))
    return asks
