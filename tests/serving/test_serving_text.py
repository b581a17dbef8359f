"""Text that grows by tokens: whole characters, nothing of a stop text, no white space around.

python -m pytest tests/serving/test_serving_text.py
"""

import pytest
from questions import loaded

from deepseek_vl_hf.stopped_text import StoppedText


def pieces(text, *stops):
    tokenizer = loaded()[1].tokenizer
    grown = StoppedText(tokenizer, stops)
    given = []
    for token in tokenizer(text, add_special_tokens=False)["input_ids"]:
        given.append(grown.add(token))
        if grown.stopped:
            break
    return [*given, grown.end()], grown.stopped


@pytest.mark.parametrize("text", ["It is an elephant.", "大象 🐘 é", "a\n\nb  c", "User", "Us", "User is a word"])
def test_pieces_add_up_to_the_text(text):
    given, stopped = pieces(f" {text}\n", "User:")
    assert "".join(given) == text
    assert not stopped


def test_no_piece_holds_part_of_a_character():
    given, _ = pieces("大象🐘", "User:")
    assert sorted(filter(None, given)) == sorted("大象🐘")


@pytest.mark.parametrize(
    ("text", "stops", "left"),
    [
        ("It is. \n\nUser: What?", ["User:"], "It is."),
        ("It is an elephant.", ["an"], "It is"),
        ("It is an elephant.", ["elephant", "is"], "It"),
        ("It is an elephant.", ["t."], "It is an elephan"),
        ("11112", ["1112"], "1"),
        ("UseUser:", ["User:"], "Use"),
        ("ab\ncd", ["\n"], "ab"),
        ("User:", ["User:"], ""),
        ("\n\nIt is.", ["\n"], ""),
        (" \n\nIt is.", ["\n\n"], ""),
        ("\n It is.\n\n", ["\n\n"], "It is."),
    ],
)
def test_the_text_ends_before_the_first_stop(text, stops, left):
    given, stopped = pieces(text, *stops)
    assert "".join(given) == left
    assert stopped


def test_what_may_begin_a_stop_is_held_back_until_it_does_not():
    given, _ = pieces("an elephant is", "elephants")
    assert "".join(given[:2]) in ("an", "a")
    assert "".join(given) == "an elephant is"
