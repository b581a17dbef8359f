"""Web pages in a browser: what is answered is what the source says, read independently, and what the pixels show."""

import collections
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from tiny_site import Source, TinyAssets, answers, rendered, source_of, web_pages, write_font

from deepseek_vl_hf.data.renderers.web import asks as web_asks
from deepseek_vl_hf.data.renderers.web import renderer as web
from deepseek_vl_hf.data.renderers.web.asks import FALSE
from deepseek_vl_hf.data.renderers.web.renderer import PAGES
from deepseek_vl_hf.data.rendering import render_row
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.data.taxonomy import NODES


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assets")
    write_font(folder)
    return TinyAssets(folder)


@pytest.fixture(scope="module")
def renderer(assets):
    renderer = web_pages(assets)
    yield renderer
    renderer.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_rows_are_whole_and_serve_only_what_they_say(renderer, language):
    for index in range(14):
        row = render_row(renderer, 1, "train", index, language)
        picture = Image.open(io.BytesIO(row["images"][0]["bytes"]))
        assert 250 <= min(picture.size) <= max(picture.size) <= 1.31 * renderer.longest
        assert row["task"] in NODES


@pytest.mark.slow
def test_two_hundred_rows_of_both_languages_and_splits_come_out(renderer):
    for index in range(200):
        split = ("train", "test")[index % 4 == 3]
        row = render_row(renderer, 2, split, index, ("en", "zh")[index % 2])
        assert row["task"] in web.TASKS
        assert any(map(is_held_out, row["items"])) == (split == "test")


@pytest.mark.parametrize("kind", PAGES)
def test_the_text_read_out_is_the_text_of_the_source(renderer, kind):
    for language in ("en", "zh"):
        result, _ = rendered(renderer, kind, 0, language)
        assert {ask.task for ask in result.asks + result.false_asks} <= set(web.TASKS) <= set(NODES)
        source = Source(source_of(result))
        chosen = [one["text"] for one in source.of("option") if "selected" in one["attributes"]]
        texts = [source.of("body")[0]["text"]]
        texts += [
            one["attributes"].get("value") or one["attributes"].get("placeholder") or "" for one in source.of("input")
        ]
        texts += [one["attributes"]["placeholder"] for one in source.of("textarea")]
        expected = collections.Counter(re.sub(r"\s", "", "".join(texts)))
        for one in source.of("option"):
            expected -= collections.Counter(re.sub(r"\s", "", one["text"]))
        expected += collections.Counter(re.sub(r"\s", "", "".join(chosen)))
        main = "Read the text." if language == "en" else "读出文字。"
        read = [ask.answer for ask in result.asks if ask.question == main]
        assert collections.Counter(re.sub(r"\s", "", read[0])) == expected


def test_products_cost_what_the_source_says_and_the_cheapest_is_the_cheapest(renderer):
    for index in range(4):
        result, _ = rendered(renderer, "shop", index)
        source = Source(source_of(result))
        names = [one["text"] for one in source.of("h3")]
        prices = [one["text"] for one in source.of("div", "price")]
        for name, price in zip(names, prices, strict=True):
            assert answers(result, "price", of=name) == {price}
        values = [float(price[1:]) for price in prices]
        assert answers(result, "least price") == {names[int(np.argmin(values))]}
        assert answers(result, "most price") == {names[int(np.argmax(values))]}
        assert answers(result, "count card") == {str(len(names))}
        assert [json.loads(ask.answer) for ask in result.asks if ask.answer.startswith("{")] == [
            dict(zip(names, prices, strict=True))
        ]


def test_ticks_and_fields_are_in_the_state_of_the_source(renderer):
    ticked, typed = set(), 0
    for kind in ("settings", "signup", "login"):
        for index in range(3):
            result, _ = rendered(renderer, kind, index)
            text = source_of(result)
            for state, label in re.findall(r'<input type="checkbox"( checked)?><span>(.*?)</span>', text):
                assert answers(result, "tick", of=label) == {"Yes." if state else "No."}
                ticked.add(bool(state))
            for label, value in re.findall(r'<label>([^<]*)</label><input[^>]* value="([^"]*)">', text):
                assert answers(result, "value", of=label) == {value}
                typed += 1
    assert ticked == {True, False}
    assert typed


def test_the_current_entry_of_the_menu_is_the_one_that_the_source_marks(renderer):
    for index in range(4):
        result, _ = rendered(renderer, "news", index)
        marked = [one["text"] for one in Source(source_of(result)).of("a", "on")]
        assert answers(result, "menu") == set(marked)


def test_a_box_holds_the_button_that_it_is_the_box_of(renderer):
    seen = 0
    for index in range(8):
        result, picture = rendered(renderer, "contact", index)
        text = source_of(result)
        colour = re.search(r"button {[^}]*background: (#\w{6})", text)
        label = re.search(r"<button>(.*?)</button>", text)[1]
        boxes = answers(result, "box", label=label)
        if not colour or not boxes:
            continue
        wanted = np.array([int(colour[1][place : place + 2], 16) for place in (1, 3, 5)])
        pixels = np.asarray(picture, np.int16)
        same = np.abs(pixels - wanted).max(2) < 6
        scale = np.array([picture.width, picture.height, picture.width, picture.height]) / 1000
        left, top, right, bottom = (np.array(json.loads(boxes.pop())) * scale).round().astype(int)
        inside = same[top + 3 : bottom - 3, left + 8 : right - 8]
        assert inside.mean() > 0.5
        assert not same[top:bottom, left - 5 : left - 2].any()
        assert not same[bottom + 2 : bottom + 5, left:right].any()
        seen += 1
    assert seen


def test_the_box_of_a_heading_is_tight_around_its_letters(renderer):
    result, picture = rendered(renderer, "settings", 1)
    box = answers(result, "box", label="Settings").pop()
    left, top, right, bottom = (
        (np.array(json.loads(box)) * np.array([*picture.size, *picture.size]) / 1000).round().astype(int)
    )
    pixels = np.asarray(picture.convert("L"), np.int16)
    ink = np.abs(pixels - np.median(pixels[top:bottom, left:right])) > 60
    columns = np.flatnonzero(ink[top:bottom, left - 20 : right + 20].any(0))
    assert abs(columns.min() - 20) <= 5
    assert abs(columns.max() - 20 - (right - left)) <= 5


def test_places_in_words_agree_with_boxes(renderer):
    for kind in ("landing", "cart", "todo"):
        result, _ = rendered(renderer, kind, 2)
        for ask in result.asks:
            if ask.task != web_asks.POSITION or '"' not in ask.question:
                continue
            boxes = answers(result, "box", label=ask.question.split('"')[1])
            if boxes:
                left, top, right, bottom = json.loads(boxes.pop())
                place = ask.answer.removeprefix("In the ").rstrip(".")
                assert ("left" in place) == (left + right < 2000 / 3)
                assert ("right" in place) == (left + right > 4000 / 3)
                assert ("top" in place) == (top + bottom < 2000 / 3)
                assert ("bottom" in place) == (top + bottom > 4000 / 3)


def test_false_questions_are_about_what_the_page_does_not_show(renderer):
    for index, kind in enumerate(PAGES):
        language = ("en", "zh")[index % 2]
        result, _ = rendered(renderer, kind, 5, language)
        assert result.false_asks
        source = source_of(result).lower()
        for ask in result.false_asks:
            assert ask.task == FALSE
            name = re.search('[“"](.*?)[”"]', ask.answer)[1]
            assert name in ask.question
            assert not re.search(rf">[^<]*{re.escape(name.lower())}[^<]*<", source.split("<body")[1])
