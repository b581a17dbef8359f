"""Questions and answers about kinds."""

import numpy as np

from deepseek_vl_hf.data.kinds import KINDS
from deepseek_vl_hf.data.sentences import NAMING, caption, category_turn, naming_turn, text_turn, yes_no_turn
from deepseek_vl_hf.data.texts import split_lines, to_ascii


def test_a_naming_answer_holds_the_name_of_every_kind():
    rng = np.random.default_rng(0)
    for kind in KINDS:
        assert kind.name in naming_turn(rng, kind)[1]
        assert kind.name in caption(rng, kind)


def test_yes_and_no_are_true():
    rng = np.random.default_rng(0)
    replies = {"Yes": 0, "No": 0}
    for index in rng.integers(len(KINDS), size=500):
        kind = KINDS[index]
        question, answer = yes_no_turn(rng, kind)
        asked = question.lower().rstrip("?").removeprefix("do you see ").removeprefix("is ").split(" ", 1)
        asked = question.lower().rstrip("?").removeprefix("do you see ") if "do you" in question.lower() else asked[1]
        reply = answer.split(",")[0]
        replies[reply] += 1
        assert (reply == "Yes") == (asked in (kind.phrase, kind.category_phrase)), (question, answer)
    assert min(replies.values()) > 150


def test_a_question_about_the_category_gets_the_category():
    elephant = next(kind for kind in KINDS if kind.name == "elephant")
    assert category_turn(np.random.default_rng(0), elephant)[1] == "It is an animal."


def test_text_turns_speak_of_the_thing_or_of_the_missing_picture():
    rng = np.random.default_rng(0)
    grapes = next(kind for kind in KINDS if kind.name == "grapes")
    answers = {text_turn(rng, grapes, {"grapes": ["fruit", "vine"]})[1] for _ in range(300)}
    assert {"Grapes are food.", "Fruit, vine.", "I do not see a picture. Please show me one."} <= answers


def test_there_are_many_ways_to_ask_for_a_name():
    assert len(set(NAMING)) == len(NAMING) >= 30


def test_lines_of_prose_are_short_and_lose_no_word():
    text = to_ascii("“Call me Ishmael.” Some years ago—never mind… " * 20 + "word " * 90)
    lines = split_lines(text, longest=120)
    assert text.isascii()
    assert max(map(len, lines)) <= 120
    assert " ".join(lines).split() == text.split()
