"""Texts alone: every answer is true, and small talk comes beside something else.

python -m pytest tests/data/renderers/test_texts.py
"""

import re

import pytest

from deepseek_vl_hf.data.renderers.texts import ABOUT_PICTURE, KINDS, NO_PICTURE, TALK, Texts
from deepseek_vl_hf.data.rendering import render_row
from deepseek_vl_hf.data.rows import validate_row, validate_text
from deepseek_vl_hf.data.splits import is_held_out


def rows(assets, count, split="train", **options):
    renderer = Texts(assets, **options)
    return [render_row(renderer, 0, split, index, ("en", "zh")[index % 2]) for index in range(count)]


def turns(row):
    said = [message["content"][0]["text"] for message in row["messages"]]
    return list(zip(said[::2], said[1::2], strict=True))


@pytest.mark.parametrize("split", ["train", "test"])
def test_rows_are_valid_and_have_no_picture(assets, split):
    for row in rows(assets, 200, split):
        validate_row(row)
        validate_text(row)
        assert row["images"] == []
        assert row["task"] == "text"
        assert any(map(is_held_out, row["items"])) == (split == "test")


def test_sums_and_orders_are_right(assets):
    found = [turn for row in rows(assets, 200, kinds={"sums": 1, "words": 1}) for turn in turns(row)]
    sums = [answer for _, answer in found if "=" in answer]
    assert len(sums) > 40
    for answer in sums:
        one, sign, other, value = re.fullmatch(r"(\d+) ([+×-]) (\d+) = (-?\d+)", answer).groups()
        assert eval(f"{one} {sign.replace('×', '*')} {other}") == int(value)
    orders = [(question, answer) for question, answer in found if re.fullmatch(r"\d+(, \d+)+", answer)]
    assert orders
    for question, answer in orders:
        assert sorted(map(int, re.findall(r"\d+", question))) == [int(number) for number in answer.split(", ")]


def test_words_are_spelt_counted_and_found(assets):
    found = [turn for row in rows(assets, 300, kinds={"words": 1}) for turn in turns(row)]
    spelt = [(question, answer) for question, answer in found if re.fullmatch(r"\w(-\w)+|\w(、\w)+", answer)]
    assert spelt
    assert all(answer.replace("-", "").replace("、", "") in question for question, answer in spelt)
    counted = [
        (question, answer) for question, answer in found if re.search('["“](\\w+)["”]', question) and answer.isdigit()
    ]
    assert counted
    for question, answer in counted:
        assert len(re.search('["“](\\w+)["”]', question).group(1)) == int(answer)


def test_translations_are_those_of_the_names(assets):
    found = [turn for row in rows(assets, 100, kinds={"translations": 1}) for turn in turns(row)]
    subjects = ("country", "language", "animal", "food", "month", "weekday", "city")
    pairs = {pair for s in subjects for pair in zip(assets.names(s, "en"), assets.names(s, "zh"), strict=True)}
    for question, answer in found:
        word = re.search('["“]([^"”]+)["”]', question).group(1)
        assert (word, answer) in pairs or (answer, word) in pairs


def test_who_asks_about_a_picture_that_is_not_there_is_told_so_and_small_talk_is_never_alone(assets):
    few = {answer for answers in TALK.values() for answer in answers} | set(NO_PICTURE.values())
    for row in rows(assets, 300):
        if row.get("messages") is None:
            continue
        answers = [answer for _, answer in turns(row)]
        assert len(answers) == 2 or not set(answers) & few
        for question, answer in turns(row):
            assert (question in (*ABOUT_PICTURE["en"], *ABOUT_PICTURE["zh"])) == (answer in NO_PICTURE.values())


def test_kinds_that_are_none_are_refused(assets):
    with pytest.raises(ValueError, match=r"found kinds {'verse': 1}, expected shares of some of prose"):
        Texts(assets, kinds={"verse": 1})
    assert sum(KINDS.values()) == pytest.approx(1)
