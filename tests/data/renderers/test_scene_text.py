"""Scenes with text from matplotlib's fonts and a font of squares: what the pen wrote is what is answered."""

import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib
import pytest
from PIL import Image, ImageDraw
from square_font import write_square_font

from deepseek_vl_hf.data import rendering
from deepseek_vl_hf.data.assets import Assets, Font
from deepseek_vl_hf.data.renderers import marks
from deepseek_vl_hf.data.renderers.inks import COLOUR_WORDS, LASTING, LEAST_CONTRAST, NAMED, brightness
from deepseek_vl_hf.data.renderers.scene_text import tables as scene_tables
from deepseek_vl_hf.data.renderers.scene_text import words as scene_words
from deepseek_vl_hf.data.renderers.scene_text.facts import flat
from deepseek_vl_hf.data.renderers.scene_text.kit import Kit
from deepseek_vl_hf.data.renderers.scene_text.meaning import amount_of
from deepseek_vl_hf.data.renderers.scene_text.questions import ask_scene
from deepseek_vl_hf.data.renderers.scene_text.renderer import SCENES, SceneText
from deepseek_vl_hf.data.renderers.scene_text.stage import LEAST_HEIGHT
from deepseek_vl_hf.data.renderers.scene_text.words import NOTICES
from deepseek_vl_hf.data.renderers.typefaces import has_small_letters
from deepseek_vl_hf.data.rendering import Draw, render_row
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.data.taxonomy import NODES


WORDS = {
    "en": ("apple", "bridge", "candle", "engine", "garden", "lion"),
    "zh": ("花园", "山谷", "学校", "老人", "火车"),
}
NAMES = {
    "en": {
        "person": ("Anna Berg", "John Stone"),
        "food": ("apple", "bread", "rice"),
        "city": ("London", "Paris", "Lima"),
    },
    "zh": {"person": ("王芳", "李伟"), "food": ("苹果", "面包", "米饭"), "city": ("伦敦", "巴黎", "利马")},
}


class TinyAssets(Assets):
    def fonts(self, language, styles=None):
        folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        files = {"DejaVu Sans": "DejaVuSans.ttf", "DejaVu Serif": "DejaVuSerif.ttf"}
        latin = [Font(name, folder / file, ("en",), "sans", "free", name) for name, file in files.items()]
        square = Font("Square", self.folder / "square.ttf", ("en", "zh"), "sans", "free", "Square")
        return (square,) if language == "zh" else tuple(latin)

    def words(self, language):
        return WORDS[language]

    def names(self, subject, language):
        return NAMES[language][subject]

    def photographs(self):
        return (self.folder / "photograph.jpg",)


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assets")
    sources = "".join(
        Path(module.__file__).read_text(encoding="utf-8") for module in (scene_tables, scene_words, marks)
    )
    characters = sources + json.dumps([WORDS, NAMES], ensure_ascii=False)
    write_square_font(folder / "square.ttf", re.sub(r"\s", "", characters))
    Image.linear_gradient("L").convert("RGB").resize((700, 500)).save(folder / "photograph.jpg")
    return TinyAssets(folder)


@pytest.fixture(scope="module")
def renderer(assets):
    return SceneText(assets, longest=400)


def rows(renderer, split, count):
    return [render_row(renderer, 0, split, index, language) for language in ("en", "zh") for index in range(count)]


@pytest.fixture(scope="module")
def scenes(renderer):
    """Facts, questions and what the pen wrote, of scenes of both languages."""
    for font in renderer.assets.fonts("en") + renderer.assets.fonts("zh"):
        has_small_letters(font.path)  # looks at glyphs at its first use, with the pen that is watched below
    found = []
    for language in ("en", "zh"):
        for index in range(70):
            for attempt in range(50):
                written = []
                write = ImageDraw.ImageDraw.text

                def record(pen, place, text, *given, written=written, write=write, **named):
                    written.append(text)
                    return write(pen, place, text, *given, **named)

                draw = Draw(5, "scene_text", "train", index, language, attempt)
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(ImageDraw.ImageDraw, "text", record)
                    try:
                        facts, picture = renderer.compose(draw)
                    except rendering.CannotRenderError:
                        continue
                found.append((draw, facts, picture, written, *ask_scene(draw, facts, WORDS[language])))
                break
    return found


def test_two_hundred_rows_are_rendered(renderer):
    for row in rows(renderer, "train", 100):
        assert max(Image.open(io.BytesIO(row["images"][0]["bytes"])).size) <= 400


def test_another_process_with_another_hash_seed_makes_the_same_bytes(assets):
    code = (
        "import sys; from pathlib import Path; import test_scene_text; from hashlib import sha256\n"
        "renderer = test_scene_text.SceneText(test_scene_text.TinyAssets(Path(sys.argv[1])), longest=400)\n"
        "print(sha256(repr(test_scene_text.rows(renderer, 'train', 6)).encode()).hexdigest())"
    )
    prints = set()
    for seed in ("1", "2"):
        path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
        done = subprocess.run(
            [sys.executable, "-c", code, str(assets.folder)],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
        )
        assert done.returncode == 0, done.stderr
        prints.add(done.stdout)
    assert len(prints) == 1


def test_every_task_is_announced_and_in_the_taxonomy(renderer, scenes):
    asked = {ask.task for *_, asks, false_asks in scenes for ask in (*asks, *false_asks)}
    assert asked <= set(renderer.tasks) <= set(NODES)
    assert len(asked) >= 8


def test_the_text_that_is_read_is_what_the_pen_wrote_in_that_order(scenes):
    for _, _, _, written, asks, _ in scenes:
        answer = next(ask.answer for ask in asks if ask.question in ("Read the text.", "读出文字。"))
        assert answer.replace("\n", "") == "".join(written)


def test_texts_lie_in_the_picture_one_apart_from_the_other_and_large_enough(scenes):
    for _, facts, picture, *_ in scenes:
        assert picture.size == facts.size
        boxes = [piece.box for piece in facts.pieces]
        for piece in facts.pieces:
            left, top, right, bottom = piece.box
            assert 0 <= left < right <= facts.size[0]
            assert 0 <= top < bottom <= facts.size[1]
            assert piece.height >= min(LEAST_HEIGHT.values())
        for index, one in enumerate(boxes):
            for other in boxes[index + 1 :]:
                wide, deep = (min(one[side + 2], other[side + 2]) - max(one[side], other[side]) for side in (0, 1))
                assert wide <= 3 or deep <= 0.4 * min(one[3] - one[1], other[3] - other[1])


def test_letters_stand_out_from_what_is_behind_them(scenes):
    named = [piece for _, facts, *_ in scenes for piece in facts.pieces if piece.letters and piece.ground]
    assert len(named) > 50
    for piece in named:
        difference = abs(brightness(NAMED[piece.letters]) - brightness(NAMED[piece.ground]))
        assert difference >= LEAST_CONTRAST


def test_answers_about_one_thing_agree_with_what_stands_in_the_scene(scenes):
    words = {**{name: name for name in NAMED}, **{word: name for name, word in COLOUR_WORDS.items()}}
    for _, facts, _, _, asks, _ in scenes:
        texts = ["\n".join(piece.text for piece in shown.pieces) for shown in facts.shown]
        for ask in asks:
            if ask.task.endswith("counting"):
                assert ask.answer == str(len(facts.shown))
            if ask.answer in words and ("colour" in ask.question or "颜色" in ask.question):
                inks = {piece.letters for piece in facts.pieces} | {shown.colour for shown in facts.shown}
                assert words[ask.answer] in inks
            found = re.search(rf"the ({'|'.join(NAMED)}) ", ask.question)
            if found:
                assert texts[[shown.colour for shown in facts.shown].index(found[1])] == ask.answer
            if "JSON" in ask.question:
                assert json.loads(ask.answer) == [flat(piece.text) for piece in facts.pieces]


def test_colours_that_a_camera_may_change_are_named_only_where_it_does_not(scenes):
    doubtful = [word for name in NAMED if name not in LASTING for word in (name, COLOUR_WORDS[name])]
    thing = rf"the ({'|'.join(doubtful)}) (sign|street|license|price|poster|book|T-shirt)|({'|'.join(doubtful)})的?(牌子|路牌|车牌|价签|海报|书|T恤)"
    answered, asked = {True: 0, False: 0}, {True: 0, False: 0}
    for _, facts, _, _, asks, false_asks in scenes:
        for ask in (*asks, *false_asks):
            answered[facts.is_untouched] += ask.answer in doubtful
            asked[facts.is_untouched] += bool(re.search(thing, ask.question))
    assert min(answered[True], asked[True]) > 0
    assert answered[False] == asked[False] == 0


def test_the_cheapest_has_the_lowest_price_and_two_prices_are_added(assets):
    renderer = SceneText(assets, longest=400, shares={"market": 1})
    compared = 0
    for index in range(40):
        draw = Draw(1, "scene_text", "train", index)
        try:
            facts, _ = renderer.compose(draw)
        except rendering.CannotRenderError:
            continue
        prices = {flat(shown.pieces[0].text): shown.pieces[1].text for shown in facts.shown}
        for ask in ask_scene(draw, facts, WORDS["en"])[0]:
            if ask.task.endswith("attribute-comparison"):
                best = (min if "cheap" in ask.question or "low" in ask.question or "least" in ask.question else max)(
                    prices, key=lambda product: amount_of(prices[product])
                )
                assert ask.answer == best
                compared += 1
            if ask.task.endswith("algebra-and-operation"):
                total = sum(float(price[1:].replace(",", "")) for price in prices.values())
                assert float(ask.answer[1:].replace(",", "")) == pytest.approx(total)
                compared += 1
    assert compared > 3


def test_false_questions_are_about_what_is_absent(scenes):
    count = 0
    for _, facts, _, _, _, false_asks in scenes:
        whole = " ".join(flat(piece.text) for piece in facts.pieces)
        kinds, colours = {shown.kind for shown in facts.shown}, {shown.colour for shown in facts.shown}
        for ask in false_asks:
            count += 1
            if found := re.search(rf"no ({'|'.join(NAMED)}) ", ask.answer):
                assert found[1] not in colours
                assert not facts.is_photograph
            elif found := re.search(r"no (.+) in the picture", ask.answer):
                assert found[1] not in kinds
            if "price" in ask.answer or "价格" in ask.answer:
                assert not re.search(r"[$£€¥]|元", whole)
            if "web address" in ask.answer or "网址" in ask.answer:
                assert "www" not in whole
                assert "http" not in whole
    assert count > 50


def test_train_and_test_share_no_held_out_item(renderer):
    assert not any(map(is_held_out, (item for row in rows(renderer, "train", 40) for item in row["items"])))
    assert all(any(map(is_held_out, row["items"])) for row in rows(renderer, "test", 20))


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_can_be_made_in_both_languages(assets, name):
    renderer = SceneText(assets, longest=480, shares={name: 1})
    for row in rows(renderer, "train", 3):
        assert row["items"]


def test_no_notice_is_in_the_table_twice():
    for side in (0, 1):
        texts = [notice.texts[side].casefold() for notice in NOTICES]
        assert len(texts) == len(set(texts))


@pytest.mark.parametrize(
    "options", [{"longest": 100}, {"shares": {"moon": 1}}, {"shares": {"signs": 0}}, {"shares": {}}]
)
def test_an_option_that_makes_no_sense_is_refused(assets, options):
    with pytest.raises(ValueError, match="expected"):
        SceneText(assets, **options)


def test_only_plain_letters_are_made_bold(assets):
    def written(style, stroke):
        kit = Kit(Draw(5, "scene_text", "train", 0), assets)
        layer = kit.layer((200, 60))
        font = replace(assets.fonts("en")[0], style=style)
        kit.write(layer, (20, 20, 380, 100), "Bakery", "name", font, (0, 0, 0), stroke=stroke)
        return layer.tobytes()

    assert written("display", True) == written("display", False) == written("sans", False) != written("sans", True)
