"""Pictures of one thing: what is answered is what is painted."""

import re

import pytest
from painted_things import (
    PaintedAssets,
    check_asks,
    check_rows,
    digests,
    digests_elsewhere,
    pixels,
    plain,
    renderings,
    seen,
)

from deepseek_vl_hf.data.renderers.inks import NAMED
from deepseek_vl_hf.data.renderers.things import renderer as things
from deepseek_vl_hf.data.renderers.things import wordings as things_wordings
from deepseek_vl_hf.data.renderers.things.renderer import Things
from deepseek_vl_hf.data.things import THINGS, alike


@pytest.fixture
def assets(tmp_path):
    return PaintedAssets(tmp_path)


def the_one(image):
    (thing,) = seen(image)
    return thing


def test_the_same_seed_gives_the_same_bytes_in_another_process(assets):
    assert digests("things", assets.folder) == digests_elsewhere("things", assets.folder)


def test_two_hundred_rows_render_and_training_has_nothing_held_out(assets):
    check_rows(Things(assets))


def test_every_task_is_a_node_and_is_asked_about(assets):
    check_asks(Things(assets), 150)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_answer_to_the_main_question_names_what_is_painted(assets, monkeypatch, language):
    plain(monkeypatch, things)
    main = things_wordings.MAIN[language][0]
    for _, rendered in renderings(Things(assets), 20, language):
        thing = the_one(rendered.images[0])
        answers = {ask.answer for ask in rendered.asks if ask.question == main}
        assert {answer.rstrip(".。").lower() for answer in answers} == {thing.phrase(language).lower()}


def test_guesses_are_confirmed_if_right_and_corrected_if_wrong(assets, monkeypatch):
    plain(monkeypatch, things)
    replies = set()
    for _, rendered in renderings(Things(assets), 30, "zh"):
        thing = the_one(rendered.images[0])
        for ask in rendered.asks:
            for other in THINGS:
                if ask.question == f"这是{other.phrase('zh')}吗？":
                    right = other.name == thing.name
                    assert ask.answer == (
                        f"是的，是{thing.phrase('zh')}。" if right else f"不是，这是{thing.phrase('zh')}。"
                    )
                    assert right or not alike(other, thing)
                    replies.add(right)
    assert replies == {True, False}


def test_a_place_is_only_named_where_the_thing_lies(assets, monkeypatch):
    plain(monkeypatch, things)
    monkeypatch.setattr(things, "CARD_SHARE", 0)
    named = {f"{english[0].upper()}{english[1:]}.": place for place, (english, _) in things_wordings.PLACES.items()}
    count = 0
    for _, rendered in renderings(Things(assets), 120, "en"):
        for ask in rendered.asks:
            if ask.answer in named:
                ((left, top, right, bottom),) = seen(rendered.images[0])[the_one(rendered.images[0])]
                height, width = pixels(rendered.images[0]).shape[:2]
                thirds = [3 * (left + right) / 2 / width, 3 * (top + bottom) / 2 / height]
                assert [int(third) for third in thirds] == list(named[ask.answer])
                count += 1
    assert count > 3


def test_what_is_asked_in_vain_is_not_there(assets):
    for draw, rendered in renderings(Things(assets), 30, "en"):
        shown = next(
            thing
            for thing in THINGS
            if thing.name == draw.items[0].partition("/")[2].rpartition("-")[0].removeprefix("red-")
        )
        for ask in rendered.false_asks:
            found = ask.answer.removeprefix("The picture does not show ").partition(";")[0]
            absent = next(thing for thing in THINGS if thing.phrase("en") == found)
            assert not alike(absent, shown)


def test_the_colour_of_a_card_is_the_colour_behind_the_thing(assets, monkeypatch):
    plain(monkeypatch, things)
    monkeypatch.setattr(things, "CARD_SHARE", 1)
    monkeypatch.setattr(things, "shade_of", lambda draw, name: NAMED[name])
    for _, rendered in renderings(Things(assets), 15, "en"):
        thing = the_one(rendered.images[0])
        left, top, _, bottom = seen(rendered.images[0])[thing][0]
        # Between the square in the middle and the border of its card.
        colour = tuple(pixels(rendered.images[0])[(top + bottom) // 2, left - 4].tolist())
        name = next(name for name, value in NAMED.items() if value == colour)
        answers = [
            ask.answer
            for ask in rendered.asks
            if ask.question.startswith(("What colour is the", "Which colour does the"))
        ]
        assert all(answer == f"{name.capitalize()}." for answer in answers)


def test_options_that_leave_no_room_are_refused(assets):
    with pytest.raises(ValueError, match="shortest=100"):
        Things(assets, shortest=100)


def test_verbs_agree_with_names_that_are_plural(assets):
    asked = [ask.question for _, rendered in renderings(Things(assets), 200, "en") for ask in rendered.asks]
    assert not [question for question in asked if re.search(r"(?i)\b(?:is|does) the scissors\b", question)]
    assert [question for question in asked if re.search(r"(?i)\b(?:are|do) the scissors\b", question)]
