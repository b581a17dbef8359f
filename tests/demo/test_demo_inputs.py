"""What comes from a browser or a program becomes turns, settings and pictures; and what the page says, in both languages."""

import re
import string
from pathlib import Path

import pytest
from PIL import Image


pytest.importorskip("gradio")

import gradio as gr
from spoken import ELEPHANT, FIELDS, SIX, answered, asked

from deepseek_vl_hf import demo
from deepseek_vl_hf.chat import Chat
from deepseek_vl_hf.demo import history, uploads
from deepseek_vl_hf.demo.settings import RANGES, Settings
from deepseek_vl_hf.demo.words import LANGUAGES, LOCALES, WORDS, Refused, i18n, say


def test_a_history_becomes_the_turns_that_were_answered():
    shown = [*asked("What is this?", ELEPHANT, SIX), answered("An elephant."), *asked("Hm?", SIX), *asked("Sure?")]
    found = history.exchanges(shown)
    assert [(each.question, len(each.pictures), each.answer, each.start) for each in found] == [
        ("What is this?", 2, "An elephant.", 0),
        ("Hm?", 1, "", 4),
        ("Sure?", 0, "", 6),
    ]
    turns = history.turns(found)
    assert [turn.question for turn in turns] == ["What is this?"]
    assert [image.size for image in turns[0].images] == [Image.open(ELEPHANT).size, Image.open(SIX).size]


def test_a_history_is_understood_as_gradio_hands_it_back():
    chatbot = gr.Chatbot()
    shown = [*asked("What is this?", ELEPHANT), answered("An elephant.")]
    returned = chatbot.preprocess(chatbot.postprocess(shown))
    assert history.exchanges(returned) == history.exchanges(shown)


def test_what_an_answer_took_is_in_the_style_sheet_and_neither_in_its_text_nor_in_the_turns():
    chatbot = gr.Chatbot()
    shown = chatbot.preprocess(
        chatbot.postprocess([*asked("Hm?"), answered("It is."), *asked("So?"), answered("No.")])
    )
    style = history.figures_style(shown, "en")
    assert style.count("0.5 s · 7 tokens") == 2
    assert ":nth-child(2 of .bot-row)" in style
    assert "0.5 秒" in history.figures_style(shown, "zh")
    assert [turn.answer for turn in history.turns(history.exchanges(shown))] == ["It is.", "No."]


def test_nothing_that_a_browser_puts_into_figures_reaches_the_style_sheet():
    broken = [{"role": "assistant", "content": "x", "metadata": {"duration": 1, "log": '7 0"} </style><script>'}}]
    assert history.figures_style(broken, "en") == "<style></style>"


@pytest.mark.parametrize("broken", ["text", [1], [{"role": "user"}], [{"role": "user", "content": 3}], 5])
def test_what_is_no_history_is_refused_with_a_sentence(broken):
    with pytest.raises(Refused, match="list of messages"):
        history.exchanges(broken)


@pytest.mark.parametrize(
    "misread",
    [
        [{"role": "system", "content": "Be brief."}, *asked("Hm?")],
        [{"role": "tool", "content": "Hm?"}],
        [{"role": "user", "content": {"path": ELEPHANT}}, answered("An elephant.")],
        [*asked("Hm?"), answered("What?"), {"role": "user", "content": {"path": ELEPHANT}}],
        [{"role": "user", "content": [{"text": None}]}],
        [{"role": "user", "content": [{"type": "text", "text": 3}]}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org"}}, "Hm?"]}],
    ],
)
def test_no_part_of_a_history_is_left_out_in_silence(misread):
    with pytest.raises(Refused, match="list of messages"):
        history.exchanges(misread)


def test_values_out_of_range_are_moved_into_range():
    assert Settings.clamped(
        max_new_tokens=10**9, temperature=-1, top_p=0, repetition_penalty=100, seed=-5, system="s" * 9999
    ) == Settings("s" * 2000, 1024, 0.0, 0.01, 2.0, 0)


@pytest.mark.parametrize("value", [None, "many", float("nan"), [], {}, "1" * 400 + "x"])
def test_what_is_no_number_becomes_the_default(value):
    assert Settings.clamped(**dict.fromkeys(RANGES, value)) == Settings()


def test_every_clamped_setting_is_one_that_the_model_takes(nano_parts):
    for value in (-1e300, 0, 1e300, float("inf"), float("-inf")):
        settings = Settings.clamped(**dict.fromkeys(RANGES, value))
        Chat(*nano_parts).ask("Hm?", **settings.sampling).close()


def test_an_empty_system_prompt_on_the_page_is_the_models_own():
    assert Settings.of_page(FIELDS).system is None
    assert Settings.of_page(("Be brief.", *FIELDS[1:])).system == "Be brief."


@pytest.fixture
def upload(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))

    def write(name, content):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content.save(path)
        return str(path)

    return write


def test_a_picture_is_what_its_file_is_and_not_what_it_is_called(upload):
    assert uploads.read([upload("a.jpg", Path(ELEPHANT).read_bytes())])[0].format == "PNG"
    with pytest.raises(Refused, match="no picture"):
        uploads.read([upload("b.png", b"plain text")])
    with pytest.raises(Refused, match="no picture"):
        uploads.read([upload("c.tiff", Image.new("RGB", (4, 4)))])
    with pytest.raises(Refused, match="no picture"):
        uploads.read([upload("d.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>")])


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(upload):
    bomb = upload("bomb.png", Image.new("1", (20_000, 20_000)))
    assert Path(bomb).stat().st_size < 100_000
    with pytest.raises(Refused, match="more than 40 million pixels"):
        uploads.read([bomb])


def test_a_damaged_picture_is_refused(upload):
    whole = Path(ELEPHANT).read_bytes()
    with pytest.raises(Refused, match="damaged"):
        uploads.read([upload("half.png", whole[: len(whole) // 2])])
    with pytest.raises(Refused, match="damaged"):
        uploads.read([upload("empty.png", b"")])


def test_a_large_picture_is_kept_small_and_upright(upload):
    photo = Image.new("RGB", (4000, 1000))
    exif = photo.getexif()
    exif[0x0112] = 6
    path = Path(upload("photo.jpg", b""))
    photo.save(path, exif=exif)
    (read,) = uploads.read([str(path)])
    assert read.size == (2048, 512)
    assert read.getexif()[0x0112] == 6


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "http://169.254.169.254/latest", "https://example.org/a.png", "relative.png", "", None, 3]
)
def test_only_what_was_uploaded_is_read(path):
    with pytest.raises(Refused, match="not uploaded"):
        uploads.read([path])


def test_a_path_that_leads_out_of_the_uploads_is_refused(upload, tmp_path):
    link = tmp_path / "link.png"
    link.symlink_to("/etc/passwd")
    for path in (str(link), f"{tmp_path}/../../etc/passwd"):
        with pytest.raises(Refused, match="not uploaded"):
            uploads.read([path])


def test_the_name_of_a_file_cannot_carry_markup(upload):
    with pytest.raises(Refused) as caught:
        uploads.read([upload("<img src=x onerror=alert(1)>.png", b"x")])
    assert "<" not in str(caught.value)


def test_pictures_are_counted_by_question_and_by_conversation():
    uploads.check_count(8, 8)
    with pytest.raises(Refused, match="9 pictures for one question, expected at most 8"):
        uploads.check_count(9, 0)
    with pytest.raises(Refused, match="17 pictures, expected at most 16"):
        uploads.check_count(1, 16)


def test_every_sentence_is_there_in_both_languages_with_the_same_gaps():
    for key, words in WORDS.items():
        assert set(words) == set(LANGUAGES), key
        gaps = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in words.values()]
        assert gaps[0] == gaps[1], key
        assert all(text.strip() for text in words.values()), key


def test_every_sentence_is_used_and_every_one_used_is_there():
    package = Path(demo.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in package.glob("*.py") if path.name != "words.py")
    unused = {key for key in WORDS if not re.search(rf'"{key.removesuffix("_info")}"', source)}
    assert not unused
    for key in re.findall(r'i18n\("(\w+)"\)', source):
        assert key in WORDS


def test_every_locale_of_the_page_gets_a_language():
    assert set(i18n.translations) == set(LOCALES)
    assert i18n.translations["zh-CN"]["settings"] == WORDS["settings"]["zh"]


def test_an_unknown_language_is_taken_for_english():
    assert say("../..", "no_question") == WORDS["no_question"]["en"]
