"""Web pages without a browser: their source is whole and clean, their words and questions are in both languages."""

import collections
import re

import pytest
from tiny_site import Source, TinyAssets, made, write_font

from deepseek_vl_hf.data.renderers.web import parts as web_parts
from deepseek_vl_hf.data.renderers.web.asks import COUNTED, DETAILS, number, read_wordings
from deepseek_vl_hf.data.renderers.web.html import write_page
from deepseek_vl_hf.data.renderers.web.renderer import PAGES, WebPages
from deepseek_vl_hf.data.splits import is_held_out


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assets")
    write_font(folder)
    return TinyAssets(folder)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", PAGES)
def test_the_source_of_every_sort_of_page_is_balanced_and_needs_nothing_outside_itself(assets, kind, language):
    lengths = []
    for index in range(6):
        draw, site, body = made(assets, kind, index, language)
        text = write_page(body, site.sheet, site.title, language)
        source = Source(text)
        assert not source.faults
        assert not re.search(r"https?:|url\(|<script|<link|<img|None", text)
        assert len(source.of("title")) == 1
        assert source.of("title")[0]["text"].strip()
        assert not any(line != line.rstrip() for line in text.splitlines())
        lengths.append(len(text))
        assert draw.items[0].startswith("page:")
    assert 400 <= sorted(lengths)[2] <= 2800


def test_no_held_out_thing_is_on_a_page_for_training_and_each_test_page_has_one(assets):
    shown = collections.defaultdict(set)
    for split in ("train", "test"):
        for index in range(160):
            draw, _, _ = made(assets, [*PAGES][index % len(PAGES)], index, ("en", "zh")[index // 20 % 2], split)
            assert any(map(is_held_out, draw.items)) == (split == "test")
            shown[split] |= {item for item in draw.items if is_held_out(item)}
    assert not shown["train"]
    assert len(shown["test"]) > 100


def test_one_product_is_one_item_in_both_languages(assets):
    named = {
        language: {
            item
            for index in range(40)
            for item in made(assets, "shop", index, language)[0].items
            if item.startswith("product:")
        }
        for language in ("en", "zh")
    }
    assert named["en"] & named["zh"]
    assert all(item.isascii() for item in named["zh"])


def test_every_question_has_four_wordings_in_both_languages_with_the_same_fields():
    wordings = read_wordings()
    assert {*DETAILS, *(f"count {role}" for role in COUNTED)} <= set(wordings)
    for about, texts in wordings.items():
        assert set(texts) == {"en", "zh"}
        fields = [set(re.findall(r"{\w+}", text)) for language in texts for text in texts[language]]
        assert all(
            len(set(texts[language])) == len(texts[language]) >= (2 if about == "no" else 4) for language in texts
        )
        # "popular" and "state" may leave out a field, never add one.
        assert all(field <= set.union(*fields) for field in fields)
        assert all(re.search("[一-鿿]", text) for text in texts["zh"])


def test_every_word_is_in_both_languages():
    def pairs(value):
        if isinstance(value, list) and len(value) in (2, 4) and all(isinstance(part, str) for part in value):
            yield value
        elif isinstance(value, list | dict):
            for part in value.values() if isinstance(value, dict) else value:
                yield from pairs(part)

    words = {name: value for name, value in web_parts.read_words().items() if name not in ("brands", "commands")}
    found = list(pairs(words))
    assert len(found) > 400
    for pair in found:
        for english, chinese in filter(None, (pair[:2], pair[2:])):
            assert chinese == english or re.search("[一-鿿]", chinese)
        assert not any(re.search("[一-鿿]", english) for english in (pair[0], *pair[2:3]))


def test_numbers_are_read_from_prices_and_degrees():
    assert [number(text) for text in ("$24.90", "1,541", "-3°", "199.00元")] == [24.9, 1541, -3, 199]


def test_options_that_cannot_be_are_refused(assets):
    with pytest.raises(ValueError, match="longest=100, expected at least 640"):
        WebPages(assets, longest=100)
    with pytest.raises(ValueError, match="patience=0"):
        WebPages(assets, patience=0)
