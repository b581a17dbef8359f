"""The fixture `assets` of this folder has all that a renderer may ask for, and can write it."""

import pytest
from PIL import Image

from deepseek_vl_hf.data.names import SUBJECTS
from deepseek_vl_hf.data.splits import of_split


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_font_can_write_every_text(assets, language):
    texts = [*assets.sentences(language, "train"), *assets.words(language)]
    texts += [name for subject in SUBJECTS for name in assets.names(subject, language)]
    for font in assets.fonts(language):
        assert all(map(font.can_write, texts)), font.name


def test_names_are_parallel(assets):
    for subject in SUBJECTS:
        assert len(assets.names(subject, "en")) == len(assets.names(subject, "zh")) >= 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_splits_have_texts(assets, language):
    for kind in (assets.sentences, assets.paragraphs):
        assert of_split(kind(language, "train"), "text", "train")
        assert of_split(kind(language, "test"), "text", "test")


def test_paragraphs_are_as_long_as_real_ones(assets):
    for language in ("en", "zh"):
        assert all(60 <= len(text) <= 1200 for text in assets.paragraphs(language, "train"))


def test_photographs_open(assets):
    for path in assets.photographs():
        with Image.open(path) as picture:
            assert picture.size == (800, 600)
