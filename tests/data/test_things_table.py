"""The table of things: names are distinct in both languages, and what is always true is consistent."""

import re
from collections import Counter

import pytest

from deepseek_vl_hf.data.things import (
    BY_NAME,
    CATEGORIES,
    SURE,
    THINGS,
    UNSURE,
    absent,
    alike,
    pluralised,
)


def test_there_are_enough_things_with_names_of_their_own():
    assert len(THINGS) >= 420
    for names in ([thing.name.lower() for thing in THINGS], [thing.zh for thing in THINGS]):
        assert [name for name, count in Counter(names).items() if count > 1] == []


def test_every_drawing_shows_one_thing():
    icons = Counter(icon for thing in THINGS for icon in thing.icons)
    assert max(icons.values()) == 1


def test_names_are_in_their_language():
    for thing in THINGS:
        assert re.fullmatch(r"[A-Za-z' -]+", thing.name), thing
        assert re.fullmatch(r"[A-Z]*[\u4e00-\u9fff]*", thing.zh), thing
        assert re.fullmatch(r"[\u4e00-\u9fff]?", thing.measure), thing


def test_articles_fit_the_sound_of_the_name():
    sounds_otherwise = ("unicorn", "hourglass", "herb")
    for thing in THINGS:
        if thing.article in ("a", "an") and thing.name not in sounds_otherwise and not thing.name[:2].isupper():
            spoken = thing.name[0].lower() in "aeiou" or thing.name == "X-ray"
            assert thing.article == ("an" if spoken else "a"), thing


def test_categories_are_known_and_surely_excluded_ones_are_sound():
    assert set(CATEGORIES) == set(UNSURE)
    for thing in THINGS:
        assert thing.category in CATEGORIES
        assert thing.category not in thing.never
        assert set(thing.never) <= set(SURE)


@pytest.mark.parametrize(("group", "legs"), [("bird", 2), ("insect", 6), ("arachnid", 8), ("fish", 0)])
def test_animals_of_a_class_have_its_number_of_legs(group, legs):
    found = {thing.legs for thing in THINGS if thing.category == "animal" and thing.group == group}
    assert found == {legs}


def test_uses_and_feelings_are_said_in_both_languages():
    for thing in THINGS:
        for said in (thing.use, thing.feeling):
            if said:
                english, chinese = said
                assert re.fullmatch(r"[a-z ]+", english), thing
                assert re.search(r"[\u4e00-\u9fff]", chinese), thing


def test_things_that_share_a_name_are_alike_and_others_are_not():
    assert alike(BY_NAME["dove"], BY_NAME["bird"])
    assert alike(BY_NAME["mouse"], BY_NAME["computer mouse"])
    assert alike(BY_NAME["wheel"], BY_NAME["car"])
    assert alike(BY_NAME["eye"], BY_NAME["cat"])
    assert alike(BY_NAME["hat"], BY_NAME["cook"])
    assert not alike(BY_NAME["cat"], BY_NAME["dog"])
    assert all(alike(one, other) == alike(other, one) for one in THINGS[::37] for other in THINGS[::11])


def test_nothing_that_is_shown_is_absent():
    shown = [BY_NAME["duck"], BY_NAME["house"]]
    names = {thing.name for thing in absent(shown, THINGS)}
    assert not names & {"duck", "bird", "owl", "house", "hut", "door"}
    assert {"cat", "car", "pizza"} <= names


def test_numbers_and_phrases_read_well():
    assert BY_NAME["cat"].counted("en", 3) == "three cats"
    assert BY_NAME["cat"].counted("zh", 2) == "两只猫"
    assert BY_NAME["scissors"].counted("en", 2) == "two pairs of scissors"
    assert BY_NAME["grapes"].phrase("en") == "grapes"
    assert BY_NAME["car"].phrase("zh") == "一辆汽车"
    assert BY_NAME["Santa Claus"].definite("en") == "Santa Claus"
    assert BY_NAME["sun"].phrase("en") == "the sun"
    assert [pluralised(name) for name in ("bus", "cherry", "key", "torch")] == ["buses", "cherries", "keys", "torches"]
