"""Tables: what is printed, what is answered, and what the numbers say are the same thing."""

import csv
import io
import os
import re
import subprocess
import sys
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from deepseek_vl_hf.data.renderers import typesetting
from deepseek_vl_hf.data.renderers.tables import renderer as tables
from deepseek_vl_hf.data.renderers.tables.asks import write_asks
from deepseek_vl_hf.data.renderers.tables.looks import LEAST_CAPITAL, SEEN, SIMPLE_SIZE, scale_of
from deepseek_vl_hf.data.renderers.tables.renderer import MAKERS, Tables
from deepseek_vl_hf.data.renderers.tables.simple import simple_sheet
from deepseek_vl_hf.data.renderers.typefaces import glyph_share
from deepseek_vl_hf.data.rendering import CannotRenderError, Draw, render_row
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.data.taxonomy import NODES


pytest.importorskip("typst")


@pytest.fixture(autouse=True)
def small_fonts(monkeypatch):
    """The Chinese font of the tests cannot write everything; what it lacks is no matter here."""
    monkeypatch.setattr(tables, "missing", lambda font, text: "")


def sheets(assets, count, kinds=tuple(MAKERS), languages=("en", "zh")):
    """Tables with their questions, without pictures."""
    for index in range(count):
        for language in languages:
            draw = Draw(index, "tables", "train", index, language)
            sheet = MAKERS[kinds[index % len(kinds)]](draw, assets)
            yield (sheet, *write_asks(draw, sheet))


def number(text):
    value = Decimal(re.sub(r"[^0-9.]", "", text))
    return -value if text.startswith(("-", "(")) else value


class Cells(HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows = []

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            spans = dict(attrs)
            self.rows[-1].append(["", int(spans.get("colspan", 1)), int(spans.get("rowspan", 1))])

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1][0] += data.strip("\n")


def test_markdown_csv_and_html_hold_the_same_cells(assets):
    for sheet, _, _ in sheets(assets, 30):
        rows = [list(sheet.header), *map(list, sheet.rows)]
        assert list(csv.reader(io.StringIO(sheet.to_csv()))) == rows
        lines = sheet.to_markdown().split("\n")
        assert [[cell.strip() for cell in line[1:-1].split("|")] for line in (lines[0], *lines[2:])] == rows
        parser = Cells()
        parser.feed(sheet.to_html())
        heads = 2 if sheet.groups else 1
        assert [[text for text, _, _ in row] for row in parser.rows[heads:]] == rows[1:]
        assert sum(across for _, across, _ in parser.rows[0]) == len(sheet.header)


def test_sums_and_differences_in_answers_are_right(assets):
    checked = 0
    for _, asks, _ in sheets(assets, 60):
        for ask in asks:
            if " = " in ask.answer and not ask.answer.startswith("<"):
                left, right = ask.answer.split(" = ")
                first, *rest = re.split(r" ([+-]) ", left)
                total = number(first.strip("()"))
                for sign, term in zip(rest[::2], rest[1::2], strict=True):
                    total += number(term.strip("()")) * (1 if sign == "+" else -1)
                assert total == number(right), ask
                checked += 1
    assert checked > 100


def test_what_is_looked_up_stands_in_the_cell(assets):
    for sheet, asks, _ in sheets(assets, 30):
        wordings = {
            wording.format(row=row[0], column=name): row[place]
            for wording in sheet.cell_questions["zh"] + sheet.cell_questions["en"]
            for row in sheet.rows
            for place, name in enumerate(sheet.names)
            if place
        }
        found = [ask for ask in asks if ask.question in wordings]
        assert found
        assert all(wordings[ask.question] == ask.answer for ask in found)


def test_totals_are_the_sums_of_the_rows_above_them(assets):
    checked = 0
    for sheet, _, _ in sheets(assets, 60, ("sales",)):
        for place, values in sheet.numbers.items() if sheet.totals else ():
            assert sum(values[:-1]) == values[-1] == number(sheet.rows[-1][place])
            checked += 1
    assert checked


def test_a_receipt_adds_up_and_a_balance_sheet_balances(assets):
    for sheet, _, _ in sheets(assets, 10, ("receipt",)):
        *amounts, total, paid, change = sheet.numbers[3]
        assert sum(amounts) == total == paid - change
        assert all(number(row[1]) * number(row[2]) == number(row[3]) for row in sheet.rows[:-3])
    for sheet, _, _ in sheets(assets, 10, ("balance",)):
        for values in sheet.numbers.values():
            assert sum(values[:4]) == values[4] == values[7] + values[10]


def test_totals_are_set_aside_only_where_there_are_totals(assets):
    seen = set()
    for sheet, asks, _ in sheets(assets, 60):
        aside = any(re.search("totals|不算合计|合计除外", ask.question) for ask in asks)
        assert not aside or sheet.totals
        seen.add(aside)
    assert seen == {True, False}


def test_a_serving_is_rounded_half_up(assets):
    for sheet, _, _ in sheets(assets, 20, ("nutrition",)):
        portion = Decimal(re.search(r"\d+", sheet.header[2]).group())
        for hundred, serving in zip(sheet.numbers[1], sheet.numbers[2], strict=True):
            assert serving == (hundred * portion / 100).quantize(Decimal("0.1"), "ROUND_HALF_UP")


def test_changes_between_years_go_the_right_way(assets):
    words = {"increase": 1, "增加": 1, "decrease": -1, "减少": -1}
    checked = 0
    for sheet, asks, _ in sheets(assets, 20, ("income", "balance")):
        for ask in asks:
            for word, sign in words.items():
                row = max(
                    (row for row in sheet.rows if row[0] in ask.question), key=lambda row: len(row[0]), default=None
                )
                if word in ask.answer and row:
                    size = number(re.sub(r"[^0-9,.]", "", ask.answer).strip("."))
                    assert number(row[1]) - number(row[2]) == sign * size, (ask, row)
                    checked += 1
    assert checked > 20


def test_false_questions_are_about_what_the_table_has_not(assets):
    seen = 0
    for sheet, _, false_asks in sheets(assets, 60):
        for ask in false_asks:
            absent = [label for label in (*sheet.others, *sheet.other_columns) if label in ask.answer]
            assert absent
            assert not any(max(absent, key=len) == cell for row in (sheet.header, *sheet.rows) for cell in row)
            seen += 1
    assert seen > 50


def test_every_task_is_declared_and_in_the_taxonomy(assets):
    tasks = {ask.task for _, asks, false_asks in sheets(assets, 60) for ask in (*asks, *false_asks)}
    assert tasks == set(Tables.tasks)
    assert tasks <= set(NODES)


def test_rows_render_in_both_languages_and_share_no_held_out_item(assets):
    renderer = Tables(assets)
    for language in ("en", "zh"):
        for index in range(50):
            split = "test" if index % 3 == 0 else "train"
            row = render_row(renderer, 1, split, index, language)
            assert any(map(is_held_out, row["items"])) == (split == "test")
            assert (
                max(Image.open(io.BytesIO(row["images"][0]["bytes"])).size) <= 1024 * 1.3
            )  # shared pictures are scaled


def test_the_same_seed_gives_the_same_bytes_in_another_process(assets):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from conftest import TinyAssets; from hashlib import sha256\n"
        "from deepseek_vl_hf.data.rendering import render_row\n"
        "from deepseek_vl_hf.data.renderers.tables import renderer as tables\n"
        "tables.missing = lambda font, text: ''\n"
        "renderer = tables.Tables(TinyAssets(sys.argv[2]))\n"
        "rows = [render_row(renderer, 4, 'train', index, language) for index in range(3) for language in ('en', 'zh')]\n"
        "print(sha256(repr(rows).encode()).hexdigest())"
    )
    folders = [str(Path(__file__).parent), str(assets.folder)]
    digests = [
        subprocess.run(
            [sys.executable, "-c", code, *folders],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert digests[0] == digests[1] != ""


def test_options_out_of_range_are_refused(assets):
    with pytest.raises(ValueError, match="expected a whole number of pixels"):
        Tables(assets, longest=10)
    with pytest.raises(ValueError, match="expected some of"):
        Tables(assets, kinds=("spreadsheet",))


def simple_sheets(assets, count):
    for index in range(count):
        for language in ("en", "zh"):
            draw = Draw(index, "tables", "train", index, language)
            try:
                sheet = simple_sheet(draw, assets)
            except CannotRenderError:
                continue
            yield (sheet, *write_asks(draw, sheet, simple=True))


def test_simple_tables_are_small_and_asked_mostly_about_single_cells(assets):
    found = list(simple_sheets(assets, 40))
    assert len(found) > 60
    for sheet, asks, false_asks in found:
        assert 2 <= len(sheet.rows) <= 4
        assert 2 <= len(sheet.header) <= 3
        assert all(len(cell) <= 9 for row in (sheet.header, *sheet.rows) for cell in row)
        cells = {
            wording.format(row=row[0], column=name): row[place]
            for wording in sheet.cell_questions["zh"] + sheet.cell_questions["en"]
            for row in sheet.rows
            for place, name in enumerate(sheet.header)
            if place
        }
        asked = [ask for ask in asks if ask.question in cells]
        assert all(cells[ask.question] == ask.answer for ask in asked)
        assert sum(ask.weight for ask in asked) > 0.4 * sum(ask.weight for ask in asks)
        assert not any("HTML" in ask.question or "CSV" in ask.question for ask in asks)
        printed = sheet.text.split()
        for ask in false_asks:
            absent = [label for label in (*sheet.others, *sheet.other_columns) if label in ask.answer]
            assert absent
            assert max(absent, key=len) not in printed


def test_the_best_and_the_sum_of_a_simple_column_are_right(assets):
    sums = 0
    for sheet, asks, _ in simple_sheets(assets, 40):
        for ask in asks:
            column = next((place for place in sheet.numbers if sheet.header[place] in ask.question), None)
            if column and re.search(r"^Which row has the (highest|lowest)|Where is", ask.question):
                pick = max if re.search("highest", ask.question) else min
                best = sheet.numbers[column].index(pick(sheet.numbers[column]))
                assert ask.answer == sheet.rows[best][0]
            if " = " in ask.answer:
                left, right = ask.answer.split(" = ")
                assert sum(map(number, left.split(" + "))) == number(right)
                sums += 1
    assert sums > 10


def test_letters_of_a_simple_table_are_large_in_a_small_picture(assets):
    font, draw = assets.fonts("en", ("sans",))[0], Draw(0, "tables", "train", 0)
    capital = SIMPLE_SIZE * glyph_share(font.path, False)
    widest = int(capital * SEEN / LEAST_CAPITAL)
    assert 0.75 * 192 <= widest * scale_of(draw, (widest, 80), font, 192) <= 192
    with pytest.raises(CannotRenderError, match="found capitals"):
        scale_of(draw, (widest + 10, 80), font, 192)


def test_simple_tables_fit_pictures_of_192_pixels(assets):
    renderer = Tables(assets, longest=192, simple=True)
    for language in ("en", "zh"):
        for index in range(8):
            row = render_row(renderer, 1, "test" if index % 3 == 0 else "train", index, language)
            assert max(Image.open(io.BytesIO(row["images"][0]["bytes"])).size) <= 192
    with pytest.raises(ValueError, match="from 192"):
        Tables(assets, longest=191, simple=True)
    with pytest.raises(ValueError, match="leave out one"):
        Tables(assets, simple=True, kinds=("sales",))


def test_no_character_of_a_text_means_anything_to_typst(assets):
    text = '#let x = "1" \\ $a_b$ *bold* `code` // end ~ @ref <label> [x] {y} --- ...'
    font = assets.fonts("en", ("sans",))[0]
    page = typesetting.Page(None, None, 10, 10, 16)
    rules = typesetting.preamble(page, font, "en")
    plain = typesetting.typeset(f"{rules}#text({typesetting.quote(text)})", font)[0]
    letters = "".join(f"#text({typesetting.quote(char)})" if char != " " else '#text(" ")' for char in text)
    single = typesetting.typeset(f"{rules}#set text(kerning: false, ligatures: false)\n{letters}", font)[0]
    assert abs(plain.width - single.width) < 12
    assert plain.height == single.height
