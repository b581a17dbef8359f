"""Pictures and pages from a tiny atlas that is drawn here: coloured discs, two drawings of each of four kinds."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from deepseek_vl_hf.data.backgrounds import (
    HELD_OUT_COLOURS,
    HELD_OUT_SPREAD,
    SPLIT_FAMILIES,
    TRAIN_MARGIN,
    background,
    draw_colour,
    draw_family,
)
from deepseek_vl_hf.data.kinds import BACKGROUND, DIGIT_KINDS, KINDS, THING_KINDS, is_named
from deepseek_vl_hf.data.stickers import HELD_OUT_SIZES, LARGEST, SMALLEST, Stickers, draw_size, names


pytest.importorskip("sklearn", reason="handwriting and photographs come with scikit-learn")
NUM_KINDS = 4


def disc(colour, size=160):
    picture = Image.new("RGBA", (size, size))
    ImageDraw.Draw(picture).ellipse((0, 0, size - 1, size - 1), fill=(*colour, 255))
    return np.asarray(picture)


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    path = tmp_path_factory.mktemp("atlas") / "atlas.npz"
    colours = [(250, 0, 0), (0, 0, 250), (250, 250, 0), (10, 10, 10)] * 2
    np.savez_compressed(
        path,
        pixels=np.stack([disc(colour) for colour in colours]),
        kind=[*range(NUM_KINDS)] * 2,
        vendor=[0] * NUM_KINDS + [1] * NUM_KINDS,
        vendors=["first", "second"],
    )
    return path


@pytest.fixture(scope="module")
def stickers(atlas):
    return Stickers.load(atlas)


@pytest.mark.parametrize("split", ["train", "held_out"])
@pytest.mark.parametrize("kind", [0, DIGIT_KINDS[7]])
def test_the_same_seed_gives_the_same_picture(stickers, split, kind):
    first, second, other = (stickers.picture(np.random.default_rng(seed), kind, split) for seed in (3, 3, 4))
    assert np.array_equal(first, second)
    assert first.shape != other.shape or not np.array_equal(first, other)


def test_the_same_seed_gives_the_same_page(stickers):
    pages = [stickers.page(np.random.default_rng(5)) for _ in range(2)]
    assert np.array_equal(pages[0][0], pages[1][0])
    assert np.array_equal(pages[0][1], pages[1][1])


def test_pictures_vary_in_size_and_shape(stickers):
    rng = np.random.default_rng(0)
    shapes = {stickers.picture(rng, 0).shape for _ in range(30)}
    assert len(shapes) > 25
    assert all(min(shape[:2]) >= 100 and max(shape[:2]) <= 400 and shape[2] == 3 for shape in shapes)


def test_train_and_held_out_share_no_background_family_but_plain():
    assert set(SPLIT_FAMILIES["train"]) & set(SPLIT_FAMILIES["held_out"]) == {"plain"}


@pytest.mark.parametrize("split", ["train", "held_out"])
def test_a_split_draws_its_own_families_only(split):
    rng = np.random.default_rng(0)
    assert {draw_family(rng, split) for _ in range(500)} == set(SPLIT_FAMILIES[split])


def test_a_held_out_family_is_refused_in_training():
    with pytest.raises(ValueError, match="'rings' is not in split 'train'; choose one of"):
        background(np.random.default_rng(0), 32, 32, "train", family="rings")


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="found split 'test', expected 'train' or 'held_out'"):
        draw_colour(np.random.default_rng(0), "test")


@pytest.mark.parametrize("split", ["train", "held_out"])
def test_every_family_paints_the_size_it_is_asked_for(split):
    for family in SPLIT_FAMILIES[split]:
        painted = background(np.random.default_rng(1), 70, 50, split, family)
        assert painted.shape == (50, 70, 3), family
        assert painted.dtype == np.uint8, family


def test_no_training_colour_comes_near_a_held_out_colour():
    rng = np.random.default_rng(0)
    train = np.stack([draw_colour(rng, "train") for _ in range(3000)]).astype(int)
    held_out = np.stack([draw_colour(rng, "held_out") for _ in range(300)]).astype(int)
    distance = np.sqrt(((train[:, None] - HELD_OUT_COLOURS) ** 2).sum(-1))
    assert distance.min() >= TRAIN_MARGIN > HELD_OUT_SPREAD * np.sqrt(3)
    assert (np.abs(held_out[:, None] - HELD_OUT_COLOURS).max(-1).min(1) <= HELD_OUT_SPREAD).all()


def test_white_and_black_are_training_colours():
    rng = np.random.default_rng(0)
    drawn = {tuple(draw_colour(rng, "train").tolist()) for _ in range(500)}
    assert {(255, 255, 255), (0, 0, 0)} <= drawn


def in_held_out_band(size):
    return any(start <= size < end for start, end in HELD_OUT_SIZES)


def test_sizes_of_the_splits_do_not_meet():
    rng = np.random.default_rng(0)
    train = [draw_size(rng, "train") for _ in range(3000)]
    assert not any(in_held_out_band(size) for size in train)
    assert all(in_held_out_band(draw_size(rng, "held_out")) for _ in range(3000))
    assert SMALLEST <= min(train) < 0.3
    assert 0.9 < max(train) <= LARGEST


def test_a_range_without_a_size_of_the_split_is_refused():
    with pytest.raises(ValueError, match=r"no size between 0\.1 and 0\.2"):
        draw_size(np.random.default_rng(0), "held_out", 0.1, 0.2)


def test_pages_keep_the_held_out_sizes_too(stickers, monkeypatch):
    sides = []
    paste = Stickers.paste
    monkeypatch.setattr(Stickers, "paste", lambda self, *args: sides.append(args[3][2]) or paste(self, *args))
    rng = np.random.default_rng(0)
    for _ in range(40):
        stickers.page(rng, "train")
    assert len(sides) > 60
    assert not any(in_held_out_band(side / 256) for side in sides)


def test_the_label_map_agrees_with_the_stickers(stickers, monkeypatch):
    monkeypatch.setattr(Stickers, "draw_kind", lambda self, rng, digit_share: int(rng.integers(2)))  # red or blue
    monkeypatch.setattr("deepseek_vl_hf.data.stickers.background", lambda *_: np.full((256, 256, 3), 255, np.uint8))
    rng = np.random.default_rng(0)
    seen, empty = set(), []
    for _ in range(30):
        page, labels = stickers.page(rng)
        cells = page.reshape(8, 32, 8, 32, 3).astype(int)
        red = (cells[..., 0] - cells[..., 2] > 120).mean((1, 3))
        blue = (cells[..., 2] - cells[..., 0] > 120).mean((1, 3))
        sure = (np.maximum(red, blue) > 0.5) & (np.abs(red - blue) > 0.25)
        assert (labels[sure] == np.where(red > blue, 0, 1)[sure]).all()
        empty += (labels[red + blue < 0.05] == BACKGROUND).tolist()
        seen |= set(labels.ravel().tolist())
    assert np.mean(empty) > 0.99  # silhouettes are coarse: a cell at an edge may count as covered
    assert seen == {0, 1, BACKGROUND}


def test_digits_of_the_splits_are_different_drawings():
    from deepseek_vl_hf.data.digits import read_handwriting

    train, held_out = (read_handwriting(split) for split in ("train", "held_out"))
    assert sum(map(len, train)) == 899
    assert sum(map(len, held_out)) == 898


def test_vendors_can_be_chosen(atlas):
    assert all(len(drawings) == 1 for drawings in Stickers.load(atlas, vendors=("second",)).by_kind.values())


def test_an_unknown_vendor_is_refused(atlas):
    with pytest.raises(ValueError, match=r"\['third'\] are not in the atlas, which has \['first', 'second'\]"):
        Stickers.load(atlas, vendors=("third",))


def test_every_class_index_has_one_name():
    assert len(set(names())) == len(names()) == BACKGROUND + 1
    assert len(THING_KINDS) >= 200
    assert len(DIGIT_KINDS) == 10
    assert max(DIGIT_KINDS) == BACKGROUND - 1


def test_no_kind_answers_to_the_name_of_another():
    usual = {kind.name: kind for kind in KINDS}
    assert not [name for kind in KINDS for name in kind.synonyms if usual.get(name, kind) is not kind]


@pytest.mark.parametrize(
    ("name", "phrase"),
    [("elephant", "an elephant"), ("unicorn", "a unicorn"), ("grapes", "grapes"), ("sun", "the sun")],
)
def test_a_phrase_has_the_article_that_english_wants(name, phrase):
    assert next(kind.phrase for kind in KINDS if kind.name == name) == phrase


@pytest.mark.parametrize(
    ("answer", "name", "right"),
    [
        ("It is a dog.", "dog", True),
        ("It is a puppy.", "dog", True),
        ("It is a hot dog.", "dog", False),
        ("It is a hot dog.", "hot dog", True),
        ("It is a fire engine.", "fire", False),
        ("It is the digit 7.", "digit 7", True),
        ("seven", "digit 7", True),
        ("It is an animal.", "dog", False),
        ("", "dog", False),
    ],
)
def test_an_answer_names_a_kind_by_its_longest_name(answer, name, right):
    assert is_named(answer, next(kind for kind in KINDS if kind.name == name)) is right


def test_handwriting_larger_than_the_picture_covers_all_of_it(stickers, monkeypatch):
    monkeypatch.setattr("deepseek_vl_hf.data.stickers.draw_size", lambda rng, split, low, high: high)
    monkeypatch.setattr("deepseek_vl_hf.data.digits.GREY_SHARE", 1.0)  # on paper of its own
    monkeypatch.setattr("deepseek_vl_hf.data.stickers.wear", lambda rng, picture: picture)
    monkeypatch.setattr(
        "deepseek_vl_hf.data.stickers.background", lambda rng, w, h, split: np.full((h, w, 3), (255, 0, 255), np.uint8)
    )
    for seed in range(5):
        shares = []
        for largest in (1.25, 0.9):
            picture = stickers.picture(np.random.default_rng(seed), DIGIT_KINDS[3], largest=largest).astype(int)
            shares.append((np.abs(picture - (255, 0, 255)).sum(2) == 0).mean())
        assert shares[0] == 0 < shares[1]
