"""Rows are shown on one page that needs nothing else, and what they say stays text.

python -m pytest tests/data/test_showing.py
"""

import io
import re

import numpy as np
import pytest
from PIL import Image

from deepseek_vl_hf.cli import main
from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.data.shards import write_parquet


EVIL = '<script>alert("x")</script>'


def picture(seed, size=(900, 500)):
    pixels = np.random.default_rng(seed).integers(0, 255, (5, 9, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize(size).save(file, "PNG")
    return {"bytes": file.getvalue(), "path": None}


@pytest.fixture
def rows(tmp_path):
    rows = [
        {**chat_row((f"Question {n}? {EVIL}", f"Answer {n}."), images=[picture(n)]), "source": f"source {n % 3}"}
        for n in range(30)
    ]
    rows.append({"text": "One <image_placeholder> two.", "images": [picture(99)], "source": EVIL})
    rows.append({**chat_row(("Broken?", "Yes."), images=[{"bytes": b"no", "path": None}]), "source": "broken"})
    write_parquet(rows, tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


def show(rows, name, capsys, *options):
    output = rows.parent / name
    assert main(["data", "show", str(rows), "--output", str(output), *options]) == 0
    return output, capsys.readouterr().out


def test_the_page_holds_pictures_conversations_and_counts_and_asks_for_nothing(rows, capsys):
    output, said = show(rows, "rows.html", capsys)
    assert "rows.html: 32 of 32 rows" in said
    page = output.read_text(encoding="utf-8")
    assert len(re.findall(r"data:image/jpeg;base64,", page)) == 31
    assert "900 x 500" in page
    assert "Answer 7." in page
    assert "file is no picture" in page
    assert re.search(r"\d+ tokens", page)
    assert not re.findall(r"https?://|<link|src=\"(?!data:)|url\(", page)
    assert str(rows.parent) not in page


def test_what_rows_say_is_never_markup(rows, capsys):
    page = show(rows, "rows.html", capsys)[0].read_text(encoding="utf-8")
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 30


def test_tokens_are_those_of_the_model_with_its_visual_tokens(rows, capsys):
    from transformers import AutoProcessor

    from deepseek_vl_hf.nano import FOLDER

    page = show(rows, "rows.html", capsys)[0].read_text(encoding="utf-8")
    processor = AutoProcessor.from_pretrained(FOLDER)
    text = f"▣ Question 0? {EVIL}\nAnswer 0."
    count = len(processor.tokenizer(text, add_special_tokens=False)["input_ids"]) + processor.num_image_tokens
    assert f"{count} tokens" in page


def test_every_source_is_shown_before_any_is_shown_twice(rows, capsys):
    page = show(rows, "rows.html", capsys, "--rows", "5")[0].read_text(encoding="utf-8")
    for source in ("source 0", "source 1", "source 2", "broken"):
        assert f"<footer>{source}" in page


def test_a_sheet_of_pictures_is_a_small_png(rows, capsys):
    output, said = show(rows, "rows.png", capsys, "--source", "source 1", "--rows", "6")
    assert "6 of 10 rows" in said
    sheet = Image.open(output)
    assert sheet.format == "PNG"
    assert sheet.width == 4 * 310 + 10
    assert output.stat().st_size < 1_000_000


def test_what_cannot_be_shown_is_said(rows, capsys, tmp_path):
    for options, message in (
        (("--rows", "0"), "found --rows 0"),
        (("--source", "none"), "found no row of source 'none'"),
        (("--output", "a.pdf"), "ends in .html or .png"),
    ):
        assert main(["data", "show", str(rows), "--output", str(tmp_path / "a.html"), *options]) == 2
        assert message in capsys.readouterr().err
