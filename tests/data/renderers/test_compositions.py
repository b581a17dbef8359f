"""Pictures of several things: counts, places and sizes are measured in the picture and agree with the answers."""

import re

import pytest
from painted_things import PaintedAssets, check_asks, check_rows, digests, digests_elsewhere, plain, renderings, seen

from deepseek_vl_hf.data.renderers.compositions import renderer as compositions
from deepseek_vl_hf.data.renderers.compositions.renderer import Compositions
from deepseek_vl_hf.data.things import BY_NAME, CATEGORIES, THINGS, alike


@pytest.fixture
def assets(tmp_path):
    return PaintedAssets(tmp_path)


@pytest.fixture
def measured(assets, monkeypatch):
    """Questions with what is really in their pictures."""
    plain(monkeypatch, compositions)

    def measure(language, count=80):
        for _, rendered in renderings(Compositions(assets), count, language):
            yield seen(rendered.images[0]), rendered

    return measure


def named(text):
    """The thing that a phrase, or a definite name, means."""
    text = text.lower().rstrip(".")
    return next(
        thing for thing in THINGS if text in (thing.phrase("en").lower(), thing.definite("en").lower(), thing.many)
    )


def test_the_same_seed_gives_the_same_bytes_in_another_process(assets):
    assert digests("compositions", assets.folder) == digests_elsewhere("compositions", assets.folder)


def test_two_hundred_rows_render_and_training_has_nothing_held_out(assets):
    check_rows(Compositions(assets))


def test_every_task_is_a_node_and_is_asked_about(assets):
    check_asks(Compositions(assets), 150)


def test_things_and_categories_are_counted_right(measured):
    plurals = {many: name for name, (_, many, _, _) in CATEGORIES.items() if many}
    checked = {"thing": 0, "category": 0}
    for there, rendered in measured("en"):
        for ask in rendered.asks:
            if match := re.fullmatch(r"How many ([\w\s'-]+?) (?:are there|do you see in the picture)\?", ask.question):
                many = match[1]
                if many in plurals:
                    number = sum(len(boxes) for thing, boxes in there.items() if thing.category == plurals[many])
                    checked["category"] += 1
                elif any(thing.many == many for thing in there):
                    number = len(there[named(many)])
                    checked["thing"] += 1
                else:
                    continue
                assert ask.answer == str(number)
    assert min(checked.values()) > 5


def test_more_and_fewer_are_counted_right_in_chinese(measured):
    checked = 0
    for there, rendered in measured("zh"):
        numbers = {thing.zh: len(boxes) for thing, boxes in there.items()}
        for ask in rendered.asks:
            if match := re.fullmatch(r"(\w+)多还是(\w+)多？", ask.question):
                one, other = (numbers[name] for name in match.groups())
                expected = "一样多。" if one == other else f"{match[1 if one > other else 2]}更多。"
                assert ask.answer == expected
                checked += 1
    assert checked


def test_left_right_above_and_below_are_where_they_are(measured):
    checked = set()
    for there, rendered in measured("en", 120):
        for ask in rendered.asks:
            if match := re.fullmatch(
                r"(?:Is|Are) (the .+?) (?:to the left or to the right of|above or below) (the .+)\?", ask.question
            ):
                (one,), (other,) = (there[named(name)] for name in match.groups())
                axis = 0 if "left" in ask.question else 1
                less = one[axis] + one[axis + 2] < other[axis] + other[axis + 2]
                assert (
                    ask.answer == (("To the left.", "To the right.") if axis == 0 else ("Above.", "Below."))[not less]
                )
                checked.add(ask.answer)
    assert len(checked) == 4


def test_the_order_from_left_to_right_is_the_order_in_the_picture(measured):
    checked = 0
    for there, rendered in measured("en", 120):
        by_place = sorted((box[0], thing.phrase("en")) for thing, boxes in there.items() for box in boxes)
        phrases = [phrase for _, phrase in by_place]
        for ask in rendered.asks:
            if "from left to right" in ask.question:
                assert ask.answer.rstrip(".").lower() == (", ".join(phrases[:-1]) + " and " + phrases[-1]).lower()
                checked += 1
    assert checked > 2


def test_what_is_said_to_be_larger_is_much_larger(measured):
    checked = 0
    for there, rendered in measured("en", 120):
        for ask in rendered.asks:
            if match := re.fullmatch(r"Which is drawn larger: (the .+) or (the .+)\?", ask.question):
                sides = {name: there[named(name)][0][2] - there[named(name)][0][0] for name in match.groups()}
                larger = max(sides, key=sides.get)
                assert ask.answer.rstrip(".").lower() == larger
                assert max(sides.values()) > 1.4 * min(sides.values())
                checked += 1
    assert checked > 1


def test_an_answer_of_yes_is_there_and_one_of_no_is_not(measured):
    replies = set()
    for there, rendered in measured("zh"):
        for ask in rendered.asks:
            if match := re.fullmatch(r"(?:图里有|图片里有没有|这张图里有|画面中有没有)(\w+?)吗?？", ask.question):
                for asked in (thing for thing in THINGS if thing.zh == match[1]):
                    assert ask.answer == ("有。" if asked in there else "没有。")
                    assert asked in there or not any(alike(asked, thing) for thing in there)
                    replies.add(ask.answer)
    assert len(replies) == 2


def test_the_odd_one_out_is_the_only_one_of_its_category(measured):
    checked = 0
    for there, rendered in measured("en", 120):
        for ask in rendered.asks:
            if match := re.fullmatch(r"(.+); the others are .+\.", ask.answer):
                odd = named(match[1])
                assert all(thing.category != odd.category for thing in there if thing is not odd)
                checked += 1
    assert checked > 3


def test_what_is_asked_in_vain_is_not_there(measured):
    for there, rendered in measured("zh", 40):
        for ask in rendered.false_asks:
            name = re.fullmatch(r"图里没有(\w+)。", ask.answer)[1]
            assert not any(alike(thing, other) for thing in THINGS if thing.zh == name for other in there)


def test_no_drawing_touches_another_or_the_border(measured):
    for there, _ in measured("en", 40):
        boxes = [box for found in there.values() for box in found]
        for one in boxes:
            assert min(one[:2]) >= 0
            assert one[2] - one[0] >= 50
            assert 0.9 < (one[2] - one[0]) / (one[3] - one[1]) < 1.1, "a square is cut"
            for other in boxes:
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                assert one == other or apart


def test_real_sizes_name_things_of_the_table():
    from deepseek_vl_hf.data.renderers.compositions.wordings import REAL_SIZES

    names = [name for line in REAL_SIZES for name in line]
    assert len(set(names)) == len(names)
    assert set(names) <= set(BY_NAME)


def test_verbs_agree_with_names_that_are_plural(measured):
    asked = [ask.question for _, rendered in measured("en", 200) for ask in rendered.asks + rendered.false_asks]
    assert not [question for question in asked if re.search(r"(?i)\b(?:is|does) the scissors\b", question)]
    assert [question for question in asked if re.search(r"(?i)\b(?:are|do) the scissors\b", question)]
