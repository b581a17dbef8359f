"""Two or three pictures: what is said to differ is what differs between the pixels."""

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

from deepseek_vl_hf.data.damage import encode
from deepseek_vl_hf.data.renderers.differences import renderer as differences
from deepseek_vl_hf.data.renderers.differences.asks import ORDINALS
from deepseek_vl_hf.data.renderers.differences.renderer import Differences
from deepseek_vl_hf.data.renderers.differences.wordings import SAME
from deepseek_vl_hf.data.things import THINGS


@pytest.fixture
def assets(tmp_path):
    return PaintedAssets(tmp_path)


@pytest.fixture
def only(assets, monkeypatch):
    """Rows of one scene, plainly painted."""
    plain(monkeypatch, differences)
    monkeypatch.setattr(differences, "encode", lambda picture, quality: encode(picture))

    def render(scene, language="en", count=40):
        monkeypatch.setattr(differences, "SCENES", {scene: 1})
        return [rendered for _, rendered in renderings(Differences(assets), count, language)]

    return render


def named(text):
    text = text.lower()
    return next(
        thing for thing in THINGS if text in (thing.phrase("en").lower(), thing.definite("en").lower(), thing.many)
    )


def test_the_same_seed_gives_the_same_bytes_in_another_process(assets):
    assert digests("differences", assets.folder) == digests_elsewhere("differences", assets.folder)


def test_two_hundred_rows_render_and_training_has_nothing_held_out(assets):
    check_rows(Differences(assets))


def test_every_task_is_a_node_and_is_asked_about(assets):
    check_asks(Differences(assets), 100)


def test_pictures_are_called_the_same_only_if_all_pixels_are(only):
    replies = set()
    for rendered in only("spot"):
        one, two = map(pixels, rendered.images)
        for ask in rendered.asks:
            if ask.question in SAME["en"]:
                assert ask.answer == ("Yes." if (one == two).all() else "No.")
                replies.add(ask.answer)
    assert len(replies) == 2


def test_the_difference_is_the_one_that_can_be_seen(only):
    patterns = {
        r"(The .+) (?:is|are) missing in the second picture\.": lambda one, two, thing: thing in one and thing not in two,
        r"The second picture also shows (.+)\.": lambda one, two, thing: thing in two and thing not in one,
        r"(The .+) (?:is|are) in another place in the second picture\.": lambda one, two, thing: _far(one, two, thing),
        r"(The .+) (?:is|are) larger in the second picture\.": lambda one, two, thing: _grown(one, two, thing),
        r"(The .+) (?:is|are) smaller in the second picture\.": lambda one, two, thing: _grown(two, one, thing),
        r"The second picture shows .+ instead of (the .+)\.": lambda one, two, thing: thing in one and thing not in two,
    }  # fmt: skip
    found = set()
    for rendered in only("spot", count=100):
        one, two = map(seen, rendered.images)
        for ask in rendered.asks:
            for pattern, holds in patterns.items():
                if match := re.fullmatch(pattern, ask.answer):
                    thing = named(match[1])
                    assert holds(one, two, thing), ask.answer
                    found.add(pattern)
                    rest = [each for each in one if each is not thing and each in two]
                    assert all(one[each] == two[each] for each in rest)
    assert len(found) == len(patterns)


def _far(one, two, thing):
    (before,), (after,) = one[thing], two[thing]
    return max(abs(before[0] - after[0]), abs(before[1] - after[1])) > 30


def _grown(one, two, thing):
    return two[thing][0][2] - two[thing][0][0] > 1.4 * (one[thing][0][2] - one[thing][0][0])


def test_the_picture_that_shows_a_thing_is_the_only_one(only):
    checked = 0
    for rendered in only("sets"):
        shown = [seen(image) for image in rendered.images]
        for ask in rendered.asks:
            if match := re.fullmatch(r"Which picture shows (?!the most)(.+)\?", ask.question):
                where = [place for place, there in enumerate(shown) if named(match[1]) in there]
                assert ask.answer == f"The {ORDINALS[where[0]]} picture."
                assert len(where) == 1
                checked += 1
    assert checked > 2


def test_what_all_pictures_share_is_in_all_of_them(only):
    checked = 0
    for rendered in only("sets", "zh"):
        shown = [seen(image) for image in rendered.images]
        shared = {thing for thing in shown[0] if all(thing in there for there in shown)}
        for ask in rendered.asks:
            if match := re.fullmatch(r"每张图里都有(.+)。", ask.answer):
                assert all(thing.zh in match[1] for thing in shared)
                assert len(re.split("、|和", match[1])) == len(shared)
                checked += 1
    assert checked > 5


def test_a_caption_fits_just_the_picture_it_is_said_to_fit(only):
    checked = 0
    for rendered in only("sets"):
        shown = [seen(image) for image in rendered.images]
        for ask in rendered.asks:
            if match := re.search(r"caption \"(.+?)\" belong", ask.question):
                where = ORDINALS.index(ask.answer.split()[1])
                assert all(thing.named("en") in match[1].lower() or thing.many in match[1] for thing in shown[where])
                others = [there for place, there in enumerate(shown) if place != where]
                assert not any(
                    all(len(there.get(thing, ())) >= len(boxes) for thing, boxes in shown[where].items())
                    for there in others
                )
                checked += 1
    assert checked > 2


def test_pictures_are_ordered_by_the_number_of_things(only):
    checked = 0
    for rendered in only("counts"):
        numbers = [sum(map(len, seen(image).values())) for image in rendered.images]
        for ask in rendered.asks:
            if re.fullmatch(r"The (first|second|third)(, the (first|second|third))+\.", ask.answer):
                order = [ORDINALS.index(word) for word in re.findall("first|second|third", ask.answer.lower())]
                assert [numbers[place] for place in order] == sorted(numbers)
                checked += 1
            elif ask.question.startswith(("How many", "Count the")) and "together" in ask.question:
                assert ask.answer == str(sum(numbers))
    assert checked > 10


def test_questions_in_vain_are_about_pictures_or_things_that_are_not_there(only):
    for rendered in only("sets", count=20):
        shown = [seen(image) for image in rendered.images]
        for ask in rendered.false_asks:
            if match := re.fullmatch(r"None of the pictures shows (.+)\.", ask.answer):
                assert not any(named(match[1]) in there for there in shown)
            else:
                which = next(place for place, word in enumerate(ORDINALS) if word in ask.question)
                assert which >= len(rendered.images)
                assert ask.answer == f"There are only {('two', 'three')[len(rendered.images) - 2]} pictures."
