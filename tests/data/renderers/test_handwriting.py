"""Handwritten digits: the drawings that are used stand for what is answered."""

import pytest
from painted_things import PaintedAssets, check_asks, check_rows, digests, digests_elsewhere, renderings

from deepseek_vl_hf.data.renderers.handwriting.ink import signs, write
from deepseek_vl_hf.data.renderers.handwriting.renderer import Handwriting
from deepseek_vl_hf.data.rendering import Draw


pytest.importorskip("sklearn")


@pytest.fixture
def assets(tmp_path):
    return PaintedAssets(tmp_path)


def written(draw):
    """The digits whose drawings were used, in order."""
    return "".join(item.split("/")[1] for item in draw.items if item.startswith("handwriting:"))


def test_the_same_seed_gives_the_same_bytes_in_another_process(assets):
    assert digests("handwriting", assets.folder) == digests_elsewhere("handwriting", assets.folder)


def test_two_hundred_rows_render_and_training_has_nothing_held_out(assets):
    check_rows(Handwriting(assets))


def test_every_task_is_a_node_and_is_asked_about(assets):
    check_asks(Handwriting(assets), 60)


@pytest.mark.parametrize(("language", "main"), [("en", "Read the text."), ("zh", "读出文字。")])
def test_the_text_that_is_read_is_what_was_drawn(assets, language, main):
    for draw, rendered in renderings(Handwriting(assets), 40, language):
        (answer,) = {ask.answer for ask in rendered.asks if ask.question == main}
        assert "".join(filter(str.isdigit, answer)) == written(draw)


def test_sums_are_worked_out_right(assets):
    checked = 0
    for _, rendered in renderings(Handwriting(assets), 80, "en"):
        text = next(ask.answer for ask in rendered.asks if ask.question == "Read the text.")
        if " " in text:
            one, sign, other = text.removesuffix(" =").split()
            result = {"+": int(one) + int(other), "-": int(one) - int(other), "×": int(one) * int(other)}[sign]
            assert str(result) in [ask.answer for ask in rendered.asks]
            checked += 1
    assert checked > 3


def test_dates_are_spelt_out_right(assets):
    checked = 0
    for _, rendered in renderings(Handwriting(assets), 80, "zh"):
        for ask in rendered.asks:
            if "年" in ask.answer:
                year, month, day = (int(part) for part in ask.answer.rstrip("日").replace("年", "月").split("月"))
                digits = f"{year}{month:02}{day:02}"
                text = next(other.answer for other in rendered.asks if other.question == "读出文字。")
                assert "".join(filter(str.isdigit, text)) == digits
                checked += 1
    assert checked > 2


def test_there_are_enough_drawings_of_every_digit():
    assert all(len(signs(value)) > 80 for value in range(10))


def test_nothing_of_a_line_is_cut():
    line, used = write(Draw(0, "handwriting", "train", 0), "12 + 7 = 19:0/5.-×", 40, False)
    assert len(used) == 7
    border = [line.crop((0, 0, line.width, 1)), line.crop((0, line.height - 1, line.width, line.height))]
    assert all(part.getextrema()[1] < 128 for part in border)


def test_even_and_odd_are_named_as_they_are_asked(assets):
    for _, rendered in renderings(Handwriting(assets), 40, "zh"):
        for ask in rendered.asks:
            if ask.answer in ("偶数。", "奇数。"):
                assert ask.answer.strip("。") in ask.question or "奇偶性" in ask.question
