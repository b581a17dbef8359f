"""Lines of print from matplotlib's fonts and a font of squares: what is drawn is what is answered."""

import io
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import matplotlib
import pytest
from PIL import Image, ImageDraw
from square_font import write_square_font
from tiny_texts import CODE

from deepseek_vl_hf.data import rendering
from deepseek_vl_hf.data.assets import Assets, Code, Font
from deepseek_vl_hf.data.renderers import marks
from deepseek_vl_hf.data.renderers.lines import content as lines_content
from deepseek_vl_hf.data.renderers.lines import renderer as lines_renderer
from deepseek_vl_hf.data.renderers.lines.content import wrap
from deepseek_vl_hf.data.renderers.lines.renderer import Lines
from deepseek_vl_hf.data.renderers.typefaces import as_drawn, covers, has_small_letters
from deepseek_vl_hf.data.rendering import Draw, render_row
from deepseek_vl_hf.data.splits import is_held_out
from deepseek_vl_hf.data.taxonomy import NODES


EN = [f"The {one} went down to the {two} and saw nothing of the kind." for one in ("captain", "baker", "old miller")
      for two in ("harbour", "river", "village", "market", "long wooden bridge", "garden")]  # fmt: skip
ZH = [
    f"{one}在{two}里看见了一只小鸟。"
    for one in ("老人", "孩子", "渔夫", "先生")
    for two in ("花园", "山谷", "城市", "学校")
]
WORDS = {"en": ["apple", "bridge", "candle", "dragon", "engine", "forest", "garden", "hammer", "island", "jacket", "kettle"],
         "zh": ["花园", "山谷", "城市", "学校", "老人", "孩子", "飞机", "火车", "苹果", "桌子", "电话", "朋友"]}  # fmt: skip


class TinyAssets(Assets):
    def fonts(self, language, styles=None):
        folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        files = {
            "DejaVu Sans": "DejaVuSans.ttf",
            "DejaVu Serif": "DejaVuSerif.ttf",
            "DejaVu Sans Mono": "DejaVuSansMono.ttf",
        }
        latin = [Font(name, folder / file, ("en",), "sans", "free", name) for name, file in files.items()]
        square = Font("Square", self.folder / "square.ttf", ("en", "zh"), "sans", "free", "Square")
        return (square,) if language == "zh" else (*latin, square)

    def sentences(self, language, split):
        return tuple({"en": EN, "zh": ZH}[language])

    def words(self, language):
        return tuple(WORDS[language])

    def code(self):
        return tuple(Code(name, language, text, "MIT") for name, language, text in CODE)


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assets")
    tables = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in (lines_content, marks))
    write_square_font(folder / "square.ttf", [*re.sub(r"[\s ]", "", tables + "".join([*ZH, *WORDS["zh"]]))])
    return TinyAssets(folder)


@pytest.fixture(scope="module")
def renderer(assets):
    return Lines(assets, longest=256)


def rows(renderer, split, count, seed=0):
    return [render_row(renderer, seed, split, index, language) for language in ("en", "zh") for index in range(count)]


def answer_of(asks, question):
    return next(ask.answer for ask in asks if ask.question == question)


@pytest.fixture(scope="module")
def drawn(renderer):
    """Pictures of both languages, what was put on them, and their questions."""
    for font in renderer.assets.fonts("en"):
        has_small_letters(font.path)  # looks at glyphs at its first use, with the pen that is watched below
    found = []
    for language in ("en", "zh"):
        for index in range(150):
            texts = []
            write = ImageDraw.ImageDraw.text

            def record(pen, place, text, *given, texts=texts, write=write, **named):
                texts.append(text)
                return write(pen, place, text, *given, **named)

            for attempt in range(50):
                texts.clear()
                draw = Draw(3, "lines", "train", index, language, attempt)
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(ImageDraw.ImageDraw, "text", record)
                    try:
                        found.append((draw, list(texts), renderer.render(draw), texts))
                        break
                    except rendering.CannotRenderError:
                        continue
    return found


def test_two_hundred_rows_of_each_language_are_rendered(renderer):
    for row in rows(renderer, "train", 200):
        picture = Image.open(io.BytesIO(row["images"][0]["bytes"]))
        assert max(picture.size) <= 256 * 1.3 + 1  # a shared screenshot may have been scaled up
        assert all(part["text"] for turn in row["messages"] for part in turn["content"] if part["type"] == "text")


def test_another_process_with_another_hash_seed_makes_the_same_bytes(renderer, assets):
    code = (
        "import sys; from pathlib import Path; import test_lines; from hashlib import sha256\n"
        "renderer = test_lines.Lines(test_lines.TinyAssets(Path(sys.argv[1])), longest=256)\n"
        "print(sha256(repr(test_lines.rows(renderer, 'train', 6)).encode()).hexdigest())"
    )
    prints = set()
    for seed in ("1", "2"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
        }
        done = subprocess.run(
            [sys.executable, "-c", code, str(assets.folder)], capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stderr
        prints.add(done.stdout)
    assert len(prints) == 1


def test_every_task_is_announced_and_in_the_taxonomy(renderer, drawn):
    asked = {ask.task for _, _, rendered, _ in drawn for ask in (*rendered.asks, *rendered.false_asks)}
    assert asked == set(renderer.tasks) <= set(NODES)


def test_the_text_that_is_read_is_what_the_pen_wrote(drawn):
    for draw, _, rendered, texts in drawn:
        question = {"en": "Read the text.", "zh": "读出文字。"}[draw.language]
        assert answer_of(rendered.asks, question).split("\n") == texts


def test_counts_and_words_agree_with_the_text(drawn):
    ordinals = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
    for _, _, rendered, _ in drawn:
        whole = rendered.asks[0].answer
        lines = whole.split("\n")
        for ask in rendered.asks:
            if ("lines" in ask.question and "many" in ask.question) or "有几行" in ask.question:
                assert ask.answer == str(len(lines))
            if "last line" in ask.question or "最后一行" in ask.question:
                assert ask.answer == lines[-1]
            if found := re.search(rf"({'|'.join(ordinals)}) word(\?| say)", ask.question):
                assert ask.answer == re.findall(r"[A-Za-z]+", whole)[ordinals.index(found[1])]
            if "How many words" in ask.question:
                assert ask.answer == str(len(re.findall(r"[A-Za-z]+", whole)))
            if "几个汉字" in ask.question:
                assert ask.answer == str(len(re.findall(r"[\u4e00-\u9fff]", whole)))
            if "JSON" in ask.question:
                assert json.loads(ask.answer) == lines
            if "Spell" in ask.question:
                assert whole.startswith(ask.answer.replace("-", "")) or not whole[0].isalpha()


def test_a_word_is_said_to_be_there_exactly_if_it_is(drawn):
    answers = set()
    for draw, _, rendered, _ in drawn:
        whole = rendered.asks[0].answer.casefold()
        for ask in rendered.asks:
            found = re.search(r'"(.+?)"|“(.+?)”', ask.question)
            if found and ask.answer in ("Yes", "No", "有", "没有"):
                word = (found[1] or found[2]).casefold()
                there = word in (re.findall(r"[a-z]+", whole) if draw.language == "en" else whole)
                assert there == (ask.answer in ("Yes", "有"))
                answers.add(ask.answer)
    assert answers == {"Yes", "No", "有", "没有"}


def test_false_questions_are_about_what_is_absent(drawn):
    absent = {"phone": r"\d", "电话": r"\d", "e-mail": "@", "邮箱": "@", "Chinese": r"[\u4e00-\u9fff]", "English": "[A-Za-z]",
              "价格": r"\d", "price": r"\d", "year": r"\d{4}", "英文": "[A-Za-z]", "汉字": r"[\u4e00-\u9fff]"}  # fmt: skip
    count = 0
    for _, _, rendered, _ in drawn:
        whole = rendered.asks[0].answer
        for ask in rendered.false_asks:
            for word, pattern in absent.items():
                if word in ask.answer:
                    assert not re.search(pattern, whole), (ask, whole)
                    count += 1
            if found := re.search(r"no (\w+) line", ask.answer):
                assert ("second", "third", "fourth", "fifth", "sixth").index(found[1]) + 1 == len(whole.split("\n"))
    assert count > 20


def test_train_and_test_share_no_held_out_item(renderer):
    training = {item for row in rows(renderer, "train", 100) for item in row["items"]}
    tests = rows(renderer, "test", 40)
    assert not any(map(is_held_out, training))
    assert all(any(map(is_held_out, row["items"])) for row in tests)
    assert any(item.startswith("text:") for item in training)


def test_a_font_is_not_used_for_what_it_lacks(assets):
    latin, square = assets.fonts("en")[0].path, assets.fonts("zh")[0].path
    assert covers(latin, "Plain words, 12 €")
    assert not covers(latin, "花园")
    assert covers(square, "花园 a")
    assert not covers(square, "花园☂")


def test_a_font_without_small_letters_shows_capitals(assets, tmp_path):
    write_square_font(tmp_path / "caps.ttf", "A", small_letters=False)
    caps = Font("Caps", tmp_path / "caps.ttf", ("en",), "display", "free", "Caps")
    assert as_drawn(caps, "Words") == "WORDS"
    assert all(has_small_letters(font.path) and as_drawn(font, "Words") == "Words" for font in assets.fonts("en"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_wrapped_lines_have_all_of_the_text(language):
    text = {"en": EN, "zh": ZH}[language][0]
    lines = wrap(text, 9, language)
    assert len(lines) > 1
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line.startswith(("。", "，")) for line in lines)


@pytest.mark.parametrize(
    "options",
    [
        {"characters": (5, 2)},
        {"longest": 20},
        {"shares": {"poems": 1}},
        {"shares": {"words": 0}},
        {"lines": (1, 40)},
        {"latin": 1.1},
        {"both": -0.1},
        {"reading": 1.0},
    ],
)
def test_an_option_that_makes_no_sense_is_refused(assets, options):
    with pytest.raises(ValueError, match="expected"):
        Lines(assets, **options)


def test_shares_of_nothing_else_give_nothing_else(assets):
    renderer = Lines(assets, longest=256, shares={"numbers": 1}, lines=(1, 1))
    for index in range(30):
        draw = Draw(0, "lines", "train", index)
        assert re.search(r"\d", renderer.compose(draw)[0].lines[0])


def composed(renderer, count, language="en"):
    """Draws with what was rendered, and the passage of each."""
    found, index = [], 0
    while len(found) < count:
        index += 1
        assert index < 20 * count, "most rows fail"
        try:
            draw = Draw(7, "lines", "train", index, language)
            passage = renderer.compose(draw)[0]
            draw = Draw(7, "lines", "train", index, language)
            found.append((passage, renderer.render(draw)))
        except rendering.CannotRenderError:
            continue
    return found


@pytest.fixture(scope="module")
def programs(assets):
    return Lines(assets, longest=320, characters=(3, 32), shares={"programs": 1}, both=0.0)


def test_a_program_is_some_lines_of_a_file_with_its_indentation(programs):
    files = [[line.rstrip().expandtabs(4) for line in text.splitlines()] for _, _, text in CODE]
    pieces = {
        textwrap.dedent("\n".join(lines[start : start + count]))
        for lines in files
        for start in range(len(lines))
        for count in range(1, 7)
    }
    passages = [passage for passage, _ in composed(programs, 60)]
    for passage in passages:
        assert "\n".join(passage.lines) in pieces
        assert max(map(len, passage.lines)) <= 32
        assert len(passage.lines) <= 6
        assert passage.lines[0] == passage.lines[0].lstrip()
    assert any(line.startswith("  ") for passage in passages for line in passage.lines)
    assert max(len(passage.lines) for passage in passages) > 3


def test_a_program_keeps_its_licence_and_is_read_with_its_indentation(programs):
    questions = set()
    for passage, rendered in composed(programs, 60):
        assert rendered.licence == "MIT"
        assert answer_of(rendered.asks, "Read the text.") == "\n".join(passage.lines)
        questions |= {ask.question for ask in rendered.asks if ask.answer == "\n".join(passage.lines)}
    assert {"Read the code.", "Transcribe the code."} <= questions
    assert composed(Lines(programs.assets, longest=320), 1)[0][1].licence is None  # others are the renderer's


def test_the_indentation_of_a_program_is_seen(programs):
    font, lines = programs.assets.fonts("en")[2], ("if x:", "    return")
    face = lines_renderer.at_size(font.path, 20)
    boxes = lines_renderer.line_boxes(font, 20, 1.5, lines, 0.0)
    picture = Image.new("L", (200, 80))
    lines_renderer.draw_lines(ImageDraw.Draw(picture), (0, 5), boxes, lines, face, 255)
    first, second = (picture.crop((0, top + 5, 200, bottom + 5)).getbbox()[0] for _, top, _, bottom in boxes)
    assert abs(second - first - face.getlength("    ")) < 3


def test_pieces_of_one_block_are_in_one_split(programs):
    blocks = {}
    for split in ("train", "test"):
        for row in [render_row(programs, 1, split, index) for index in range(40)]:
            assert any(map(is_held_out, row["items"])) == (split == "test")
            blocks.setdefault(split, set()).update(name for name in row["items"] if is_held_out(name))
    assert not blocks["train"]
    assert blocks["test"]


@pytest.fixture(scope="module")
def latin(assets):
    return composed(Lines(assets, longest=256, latin=1.0, both=0.0), 150, "zh")


def test_latin_texts_are_asked_about_in_chinese(latin):
    for passage, rendered in latin:
        text = "".join(passage.lines)
        assert text.isascii() or not re.search(r"[\u4e00-\u9fff]", text)
        for ask in (*rendered.asks, *rendered.false_asks):
            assert re.search(r"[\u4e00-\u9fff]", ask.question), ask
        assert answer_of(rendered.asks, "读出文字。") == "\n".join(passage.lines)


def test_chinese_questions_about_latin_texts_are_answered_rightly(latin):
    ordinals = ("第一", "第二", "第三", "第四", "第五", "第六", "第七", "第八")
    seen = set()
    for passage, rendered in latin:
        whole = "\n".join(passage.lines)
        words = re.findall(r"[A-Za-z]+", whole)
        for ask in rendered.asks:
            if "什么语言" in ask.question or "哪种语言" in ask.question:
                assert ask.answer == "英文"
            elif re.search("几个单词|几个单词组成", ask.question):
                assert ask.answer == str(len(words))
            elif found := re.search(rf"({'|'.join(ordinals)})个单词(是|写)", ask.question):
                assert ask.answer == words[ordinals.index(found[1])]
            elif found := re.search(rf"({'|'.join(ordinals)})行", ask.question):
                assert ask.answer == passage.lines[ordinals.index(found[1])]
            elif found := re.search("“(.+?)”", ask.question):
                assert (found[1].casefold() in map(str.casefold, words)) == (ask.answer == "有")
            elif "阿拉伯数字" in ask.question:
                assert (ask.answer == "有") == bool(re.search(r"\d", whole))
            elif "大写" in ask.question:
                assert ask.answer == whole.upper()
            else:
                assert not re.search("汉字", ask.question), ask
                continue
            seen.add(ask.question[:3])
        for ask in rendered.false_asks:
            if "汉字" in ask.answer:
                assert not re.search(r"[\u4e00-\u9fff]", whole)
            assert "没有英文" not in ask.answer or not re.search("[A-Za-z]", whole)
    assert len(seen) > 10


def test_a_share_of_the_chinese_rows_is_latin(assets):
    passages = [passage for passage, _ in composed(Lines(assets, longest=256, latin=0.5, both=0.0), 100, "zh")]
    assert 30 < sum(passage.language == "en" for passage in passages) < 70
    english = composed(Lines(assets, longest=256, latin=0.5, both=0.0), 30, "en")
    assert all(passage.language == "en" for passage, _ in english)


def test_plain_reading_is_as_common_as_it_is_asked_to_be(assets):
    for _, rendered in composed(Lines(assets, longest=256, reading=0.6), 20):
        assert rendered.asks[0].question == "Read the text."
        assert rendered.asks[0].weight / sum(ask.weight for ask in rendered.asks) == pytest.approx(0.6)
