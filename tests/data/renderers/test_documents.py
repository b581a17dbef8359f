"""Documents: the Markdown is what is on the page, and what is asked about it is there, or is not, as the answer says."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from deepseek_vl_hf.data.renderers.documents import page as document_page
from deepseek_vl_hf.data.renderers.documents.asks import FACT, write_asks
from deepseek_vl_hf.data.renderers.documents.forms import _forms
from deepseek_vl_hf.data.renderers.documents.page import fit
from deepseek_vl_hf.data.renderers.documents.papers import _formulas, _Paper
from deepseek_vl_hf.data.renderers.documents.renderer import MAKERS, Documents
from deepseek_vl_hf.data.renderers.page_blocks import Formula, Grid, Heading, Items, Paragraph
from deepseek_vl_hf.data.renderers.typesetting import Page, fits, preamble, typeset
from deepseek_vl_hf.data.rendering import CannotRenderError, Draw, render_row
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.data.taxonomy import NODES


pytest.importorskip("typst")


@pytest.fixture(autouse=True)
def small_fonts(monkeypatch):
    """The Chinese font of the tests cannot write everything; what it lacks is no matter here."""
    monkeypatch.setattr(document_page, "missing", lambda font, text: "")


@pytest.fixture(scope="module")
def documents(assets):
    """Pages of every kind as they were set, with their questions."""
    found = []
    patch = pytest.MonkeyPatch()
    patch.setattr(document_page, "missing", lambda font, text: "")
    for index in range(25):
        for language in ("en", "zh"):
            for make in MAKERS.values():
                draw = Draw(index, "documents", "train", index, language)
                try:
                    document = make(draw, assets, 1024)
                    picture = fit(document, 1024)
                except CannotRenderError:
                    continue
                found.append((document, picture, *write_asks(draw, document)))
    patch.undo()
    return found


def test_most_pages_fit_and_none_is_too_large(documents):
    assert len(documents) > 120
    assert all(max(picture.size) <= 1024 for _, picture, _, _ in documents)


def test_markdown_has_every_block_in_order_and_no_header_or_footer(documents):
    for document, _, asks, _ in documents:
        markdown = document.to_markdown()
        place = 0
        for block in document.blocks:
            if isinstance(block, Heading | Items | Formula | Grid):
                place = markdown.index(block.to_markdown(), place)
        assert any(ask.answer == markdown for ask in asks)
        if document.foot:
            assert document.foot not in markdown.split("\n")


def test_the_text_has_header_first_and_footer_last(documents):
    for document, _, asks, _ in documents:
        read = [ask.answer for ask in asks if ask.question in ("Read the text.", "读出文字。")]
        for text in read:
            assert text.startswith(document.head)
            assert text.endswith(document.foot)
            assert "**" not in text


def test_facts_stand_on_the_page(documents):
    checked = 0
    for document, _, asks, _ in documents:
        words = document.to_plain()
        for ask in asks:
            if ask.task == FACT:
                assert ask.answer in words, (ask, words)
                checked += 1
    assert checked > 300


def test_a_form_uses_each_slot_that_it_asks_about():
    for language in ("en", "zh"):
        for form in _forms(language):
            for variants in form["body"]:
                slots = [set(re.findall(r"{(\w+)}", text)) for text in variants]
                assert all(found == slots[0] for found in slots), form["subject"]
            used = set(re.findall(r"{(\w+)}", repr(form["body"])))
            assert set(form["facts"]) <= used
            first = set(re.findall(r"{(\w+)}", form["body"][0][0]))
            always = {"sender", "company", "person", "recipient", "org", "product", "place", "order", "event"}
            assert set(re.findall(r"{(\w+)}", form["summary"])) <= first | always


def test_false_questions_are_about_what_is_absent(documents):
    seen = set()
    for document, _, _, false_asks in documents:
        blocks = document.blocks
        for ask in false_asks:
            if re.search("footnote|脚注", ask.answer):
                assert not any(block.notes() for block in blocks)
            elif re.search("table|表格", ask.answer):
                assert not any(isinstance(block, Grid) for block in blocks)
            elif re.search("list|列表", ask.answer):
                assert not any(isinstance(block, Items) for block in blocks)
            elif re.search("paragraph|段", ask.answer):
                count = sum(isinstance(block, Paragraph) for block in blocks)
                assert re.search(rf"\b{count}\b|one|{count}段|一段", ask.answer)
            seen.add(ask.answer)
    assert len(seen) > 10


def test_a_page_with_references_is_not_said_to_have_no_list(documents):
    checked = 0
    for document, _, _, false_asks in documents:
        if re.search(r"^\[1\] ", document.to_plain(), re.MULTILINE):
            checked += 1
            assert not any(re.search("no list|没有列表", ask.answer) for ask in false_asks)
    assert checked > 3


def test_the_table_of_a_paper_agrees_with_its_text(assets):
    checked = 0
    for index in range(40):
        paper = _Paper(Draw(index, "documents", "train", index, "en"), assets)
        accuracy, gain = (float(re.match(r"[\d.]+", paper.slots[name]).group()) for name in ("percent", "gain"))
        shares = {name: float(share.removesuffix("%")) for name, share, _ in paper._rows()}
        assert shares[paper.names["method"]] == accuracy
        if paper.names["other"] in shares:
            assert shares[paper.names["other"]] == pytest.approx(accuracy - gain)
            checked += 1
    assert checked


def test_footnotes_are_marked_and_written_at_the_end(documents):
    seen = 0
    for document, _, asks, _ in documents:
        notes = [note for block in document.blocks for note in block.notes()]
        for number, note in enumerate(notes, 1):
            markdown = document.to_markdown()
            assert markdown.index(f"[^{number}]") < markdown.index(f"[^{number}]: {note}")
            assert any(ask.answer == note for ask in asks)
            seen += 1
    assert seen


def test_nothing_announces_what_is_not_on_the_page(documents):
    for document, _, _, _ in documents:
        for block, follows in zip(document.blocks, [*document.blocks[1:], None], strict=True):
            if isinstance(block, Paragraph) and block.is_lead:
                assert isinstance(follows, Items | Formula)
            if isinstance(block, Heading) and not block.is_kept:
                assert follows is not None
                assert not isinstance(follows, Heading)


def test_every_formula_compiles(assets):
    font = assets.fonts("en", ("serif",))[0]
    source = preamble(Page(500, None, 10, 10, 14), font, "en")
    for latex, typst in _formulas():
        assert fits(f"{source}$ {typst} $", font, 4000), latex
    assert len({latex for latex, _ in _formulas()}) >= 60


def test_a_page_is_as_wide_as_it_says(assets):
    font = assets.fonts("en", ("serif",))[0]
    picture = typeset(preamble(Page(432, 321, 10, 10, 14), font, "en") + "#lorem(5)", font)[0]
    assert picture.size == (432, 321)


def test_every_task_is_declared_and_in_the_taxonomy(documents):
    tasks = {ask.task for _, _, asks, false_asks in documents for ask in (*asks, *false_asks)}
    assert tasks == set(Documents.tasks)
    assert tasks <= set(NODES)


def test_rows_render_in_both_languages_and_share_no_held_out_item(assets):
    renderer = Documents(assets)
    for language in ("en", "zh"):
        for index in range(20):
            split = "test" if index % 3 == 0 else "train"
            row = render_row(renderer, 1, split, index, language)
            assert any(map(is_held_out, row["items"])) == (split == "test")
            assert max(Image.open(io.BytesIO(row["images"][0]["bytes"])).size) <= 1024


def test_the_same_seed_gives_the_same_bytes_in_another_process(assets):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from conftest import TinyAssets; from hashlib import sha256\n"
        "from deepseek_vl_hf.data.rendering import render_row\n"
        "from deepseek_vl_hf.data.renderers.documents import page as document_page\n"
        "from deepseek_vl_hf.data.renderers.documents import renderer as documents\n"
        "document_page.missing = lambda font, text: ''\n"
        "renderer = documents.Documents(TinyAssets(sys.argv[2]))\n"
        "rows = [render_row(renderer, 4, 'train', index, language) for index in range(4) for language in ('en', 'zh')]\n"
        "print(sha256(repr(rows).encode()).hexdigest())"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(assets.folder)]
    digests = [
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert digests[0] == digests[1] != ""


def test_options_out_of_range_are_refused(assets):
    with pytest.raises(ValueError, match="expected a whole number of pixels"):
        Documents(assets, longest=100)
    with pytest.raises(ValueError, match="expected some of"):
        Documents(assets, kinds=("novel",))
