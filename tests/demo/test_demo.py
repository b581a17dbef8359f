"""The page without a browser: histories, limits, checked pictures, sessions, both languages, and the endpoint for programs."""

import asyncio
import pickle
import re
import string
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PIL import Image


pytest.importorskip("gradio")

import gradio as gr
from gradio.helpers import special_args
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from deepseek_vl_hf import demo, nano
from deepseek_vl_hf.chat import Chat
from deepseek_vl_hf.demo import answering, conversation, examples, history, seen, uploads
from deepseek_vl_hf.demo.sessions import Sessions
from deepseek_vl_hf.demo.settings import RANGES, Settings
from deepseek_vl_hf.demo.words import LANGUAGES, LOCALES, WORDS, Refused, i18n, say
from deepseek_vl_hf.loading import load
from deepseek_vl_hf.turns import Turn


ELEPHANT, SIX = str(uploads.PICTURES / "elephant.png"), str(uploads.PICTURES / "digit_6.png")
FIELDS = ("", 32, 0.0, 1.0, 1.0, "")  # of the page, in the order of Settings
BROWSER = SimpleNamespace(session_hash="browser")


def asked(text, *pictures):
    return history.question(text, pictures)


def answered(text):
    return history.answer(text, history.Figures(0.5, 7))


def text_of(message):
    return message["content"]


@pytest.fixture(scope="module")
def nano_parts():
    return load(nano.FOLDER)


@pytest.fixture(scope="module")
def server(nano_parts, tmp_path_factory):
    page = demo.build(*nano_parts, "nano")
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **demo.launch_options())
    yield address
    page.close()


@pytest.fixture(scope="module")
def client(server):
    return Client(server, verbose=False)


def make_talk(parts):
    sessions = Sessions(lambda: Chat(*parts))
    return conversation.Conversation(answering.make_answering(*parts, sessions), sessions)


@pytest.fixture
def talk(nano_parts):
    return make_talk(nano_parts)


def wait_until(met, seconds=10):
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def writing_threads():
    return [thread for thread in threading.enumerate() if thread.name == "deepseek-vl-answer"]


# Histories


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


# Settings


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


# Pictures


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


# Words


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


# Conversations


def test_a_question_is_put_and_answered_and_its_figures_shown(talk):
    shown, composer = talk.put({"text": "What is this?", "files": [ELEPHANT]}, [], "en")
    assert composer.stop_btn
    *_, (shown, _, style) = talk.reply(shown, "en", BROWSER, *FIELDS)
    assert text_of(shown[-1]) == "It is an elephant."
    assert "tokens" in style


def test_an_answer_grows_while_it_is_written(talk):
    shown = asked("What is this?", ELEPHANT)
    lengths = [len(text_of(shown[-1])) for shown, _, _ in talk.reply(shown, "en", BROWSER, *FIELDS)]
    assert len(lengths) > 3
    assert lengths == sorted(lengths)


def test_a_later_question_knows_the_picture_of_an_earlier_one(talk):
    shown = [*asked("What is this?", ELEPHANT), answered("It is an elephant."), *asked("Is it an animal?")]
    *_, (shown, _, _) = talk.reply(shown, "en", BROWSER, *FIELDS)
    assert text_of(shown[-1]) == "Yes, it is an animal."


def test_retry_edit_and_undo_keep_the_pictures_of_a_question(talk):
    shown = [*asked("What is this?", SIX), answered("It is the digit 6."), *asked("Sure?"), answered("Yes.")]
    assert history.exchanges(talk.retry(shown, "en")[0])[-1] == history.Exchange("Sure?", (), "", 3)
    edited = [dict(message) for message in shown]
    edited[1]["content"] = [{"type": "text", "text": "Which digit?"}]
    data = gr.EditData(None, {"index": 1, "value": "Which digit?", "previous_value": "What is this?"})
    assert history.exchanges(next(talk.edit(edited, "en", data))[0]) == [
        history.Exchange("Which digit?", (SIX,), "", 0)
    ]
    left, message, _ = talk.undo(shown[:3], "en")
    assert (left, message) == ([], {"text": "What is this?", "files": [SIX]})


@pytest.mark.parametrize("previous", ["Sure?", [{"type": "text", "text": "Sure?"}]])
def test_a_question_that_is_edited_to_nothing_changes_nothing(talk, previous):
    shown = [*asked("What is this?", SIX), answered("It is the digit 6."), *asked("Sure?"), answered("Yes.")]
    edited = [dict(message) for message in shown]
    edited[3]["content"] = [{"type": "text", "text": " "}]
    steps = talk.edit(edited, "zh", gr.EditData(None, {"index": 3, "value": " ", "previous_value": previous}))
    assert history.exchanges(next(steps)[0]) == history.exchanges(shown)
    with pytest.raises(gr.Error) as caught:
        next(steps)
    assert caught.value.message == WORDS["no_question"]["zh"]


def test_undo_and_retry_of_nothing_do_nothing(talk):
    assert talk.retry([], "en")[0] == []
    assert talk.undo([], "en")[0] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("message", "key"),
    [
        ({"text": " ", "files": [ELEPHANT]}, "no_question"),
        ({"text": "x" * 8001, "files": []}, "question_too_long"),
        ({"text": "Hm?", "files": [ELEPHANT] * 9}, "too_many_pictures"),
        ({"text": "Hm?", "files": ["/etc/passwd"]}, "not_uploaded"),
    ],
)
def test_a_question_that_cannot_be_put_says_why_in_the_pages_language(talk, language, message, key):
    with pytest.raises(gr.Error) as caught:
        talk.put(message, [], language)
    assert caught.value.message.startswith(WORDS[key][language].split("{")[0])


def test_a_history_that_only_a_program_could_send_is_refused(talk):
    with pytest.raises(gr.Error, match="has 200001 characters"):
        talk.put({"text": "Hm?", "files": []}, [*asked("x" * 200_000), answered("y")], "en")


def test_what_the_engine_refuses_reaches_the_user_and_the_question_goes_back(talk):
    steps = talk.reply(asked("long " * 1500, ELEPHANT), "en", BROWSER, *FIELDS)
    shown, composer, _ = next(steps)
    assert (shown, composer.constructor_args["value"]["files"], composer.submit_btn, composer.stop_btn) == (
        [],
        [ELEPHANT],
        True,
        False,
    )
    with pytest.raises(gr.Error, match="the model reads 1024"):
        next(steps)


def test_what_the_gpu_process_raises_is_gradios_error_in_the_pages_language(nano_parts):
    call = answering.make_answering(*nano_parts, Sessions(lambda: Chat(*nano_parts)))
    with pytest.raises(gr.Error) as caught:
        next(call(None, (), Turn("long " * 1500), Settings(), "zh"))
    crossed = pickle.loads(pickle.dumps(caught.value))
    assert re.fullmatch(r"问题和.* 15\d\d 个 token.* 1024 个.*", crossed.message)
    assert not crossed.print_exception
    with pytest.raises(gr.Error, match="empty"):
        next(call(None, (), Turn(" "), Settings(), "en"))


def test_a_failure_while_writing_says_one_sentence_and_no_more(talk, nano_parts, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("secret /path/to/weights")

    monkeypatch.setattr(nano_parts[0], "generate", fail)
    steps = talk.reply(asked("What is this?", ELEPHANT), "zh", BROWSER, *FIELDS)
    shown, composer, _ = next(steps)
    assert (shown, composer.constructor_args["value"]) == ([], {"text": "What is this?", "files": [ELEPHANT]})
    with pytest.raises(gr.Error) as caught:
        next(steps)
    assert caught.value.message == WORDS["failed"]["zh"]
    assert not writing_threads()


def test_where_memory_runs_out_the_other_sessions_give_theirs_and_the_answer_is_begun_anew(
    talk, nano_parts, monkeypatch
):
    generate, failures = nano_parts[0].generate, [torch.OutOfMemoryError("no room")]

    def fail_once(*args, **kwargs):
        if failures:
            raise failures.pop()
        return generate(*args, **kwargs)

    talk.sessions.get("other")
    monkeypatch.setattr(nano_parts[0], "generate", fail_once)
    *_, (shown, _, _) = talk.reply(asked("What is this?", ELEPHANT), "en", BROWSER, *FIELDS)
    assert text_of(shown[-1]) == "It is an elephant."
    assert list(talk.sessions._chats) == ["browser"]


def test_memory_that_runs_out_twice_is_a_failure(talk, nano_parts, monkeypatch):
    tried = []

    def fail(*args, **kwargs):
        tried.append(1)
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(nano_parts[0], "generate", fail)
    with pytest.raises(gr.Error, match="failed to answer"):
        list(talk.reply(asked("What is this?", ELEPHANT), "en", BROWSER, *FIELDS))
    assert len(tried) == 2


def test_closing_an_answer_ends_the_writing(talk):
    steps = talk.reply(asked("What is this?", ELEPHANT), "en", BROWSER, *FIELDS)
    next(steps)
    assert writing_threads()
    steps.close()
    assert not writing_threads()


def test_a_session_goes_by_the_name_that_gradio_gives_it(talk):
    given, *_ = special_args(
        talk.reply, [asked("What is this?", ELEPHANT), "en", *FIELDS], gr.Request(session_hash="a")
    )
    assert len(list(talk.reply(*given))) > 3
    assert "a" in talk.sessions._chats
    given, *_ = special_args(talk.leave, [], gr.Request(session_hash="a"))
    talk.leave(*given)
    assert "a" not in talk.sessions._chats


def test_an_empty_store_changes_no_answer(talk, nano_parts):
    *_, (shown, _, _) = talk.reply(asked("What is this?", ELEPHANT), "en", BROWSER, *FIELDS)
    shown = [*shown, *asked("What kind of thing is it?")]
    kept, anew = (
        [text_of(shown[-1]) for shown, _, _ in each.reply(shown, "en", BROWSER, *FIELDS)]
        for each in (talk, make_talk(nano_parts))
    )
    assert kept == anew
    assert len(kept) > 3


def test_what_crosses_to_another_process_can_be_pickled():
    crossing = (
        history.turns(history.exchanges([*asked("What is this?", ELEPHANT), answered("An elephant.")])),
        Turn("Hm?"),
        Settings(seed=3),
        answering.Written("An", history.Figures(0.1, 1)),
    )
    assert pickle.loads(pickle.dumps(crossing))[1:] == crossing[1:]
    refused = pickle.loads(pickle.dumps(Refused("too_large", name="a.png", limit=40)))
    assert (refused.key, refused.fields) == ("too_large", {"name": "a.png", "limit": 40})


def test_a_gpu_is_asked_for_as_long_as_the_settings_may_need():
    short = answering.gpu_seconds(None, (), Turn("Hm?"), Settings(max_new_tokens=16), "en")
    long = answering.gpu_seconds(None, (), Turn("Hm?"), Settings(max_new_tokens=1024), "en")
    assert 0 < short < long <= 120


# What the model sees


def test_the_second_tab_shows_squares_and_heat_for_each_word(nano_parts):
    handlers = seen.Seen(*nano_parts)
    shown = [*asked("What is this?", ELEPHANT), answered("It is an elephant.")]
    hint, body, words, maps, heat, squares = handlers.open(shown, "en")
    assert (hint["visible"], body["visible"]) == (False, True)
    assert [text for text, _ in words["choices"]] == ["It", "is", "an", "elephant."]
    assert len(maps) == 4
    assert heat.count("<img") == 1
    assert "SigLIP, 96 × 96 pixels" in squares
    assert "SAM, 192 × 192 pixels" in squares
    assert handlers.choose(shown, "en", maps, 0) != handlers.choose(shown, "en", maps, 3)
    assert handlers.choose(shown, "en", maps, 9) == ""


def test_the_second_tab_says_what_to_do_where_there_is_no_picture(nano_parts):
    hint, body, *_ = seen.Seen(*nano_parts).open([*asked("Hm?"), answered("I do not see a picture.")], "en")
    assert (hint["visible"], body["visible"]) == (True, False)


# Examples and launching


def test_the_nano_is_right_about_its_examples(nano_parts):
    right = {"elephant.png": "elephant", "digit_6.png": "6", "pineapple.png": "food", "sailboat.png": "Yes"}
    for example in examples.examples_for(nano_parts[0]):
        (picture,) = example["files"]
        answer = Chat(*nano_parts).ask(example["text"], uploads.read([picture]))
        assert right[Path(picture).name] in "".join(answer)


def test_every_picture_of_the_examples_is_there_and_its_source_is_told():
    told = (uploads.PICTURES / "README.md").read_text(encoding="utf-8")
    for _, names in (*examples.NANO, *examples.RELEASED):
        for name in names:
            assert (uploads.PICTURES / name).is_file()
            assert f"`{name}`" in told


# The endpoint


def test_the_page_shows_programs_one_endpoint(client):
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/ask"]
    assert not client.view_api(return_format="dict")["unnamed_endpoints"]


def test_a_program_asks_about_a_picture(client):
    assert client.predict("What is this?", [handle_file(ELEPHANT)], api_name="/ask") == "It is an elephant."
    job = client.submit("Which digit is this?", [handle_file(SIX)], api_name="/ask")
    assert job.result() == "It is the digit 6."
    assert len(job.outputs()) > 3


def test_a_program_need_not_put_a_list_around_one_picture(client):
    assert client.predict("What is this?", handle_file(ELEPHANT), api_name="/ask") == "It is an elephant."
    elsewhere = {"path": "https://example.org/a", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(AppError, match="not uploaded"):
        client.predict("What is this?", elsewhere, api_name="/ask")


def test_a_program_goes_on_from_a_history_and_calls_know_nothing_of_each_other(client):
    before = [
        {
            "role": "user",
            "content": [{"type": "file", "file": handle_file(ELEPHANT)}, {"type": "text", "text": "What is this?"}],
        },
        {"role": "assistant", "content": "It is an elephant."},
    ]
    assert client.predict("Is it an animal?", None, before, api_name="/ask") == "Yes, it is an animal."
    assert "picture" in client.predict("What is this?", api_name="/ask")


def test_a_programs_values_are_moved_into_range(client):
    given = {"max_new_tokens": -3, "temperature": -9, "top_p": 77, "repetition_penalty": 1e9, "seed": 2**70}
    assert len(client.predict("What is this?", [handle_file(ELEPHANT)], **given, api_name="/ask")) < 12


def test_a_program_that_cancels_its_call_ends_the_writing(client, nano_parts, monkeypatch):
    model, forward = nano_parts[0], nano_parts[0].forward

    def slow(*args, **kwargs):
        time.sleep(0.2)
        return forward(*args, **kwargs)

    monkeypatch.setattr(model, "forward", slow)
    job = client.submit("What is this?", [handle_file(ELEPHANT)], api_name="/ask")
    wait_until(job.outputs)
    assert writing_threads()
    job.cancel()
    wait_until(lambda: not writing_threads())
    assert len(job.outputs()) < 6


def test_a_seed_repeats_a_drawn_answer(client):
    drawn = {
        client.predict("What is this?", temperature=2, seed=5, max_new_tokens=24, api_name="/ask") for _ in range(3)
    }
    assert len(drawn) == 1


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "http://127.0.0.1:1/a.png", "http://169.254.169.254/latest/meta-data", "https://example.org/a"],
)
@pytest.mark.parametrize("place", ["pictures", "history"])
def test_a_program_cannot_have_files_or_addresses_read(client, path, place):
    file = {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}}
    bare = {"path": path, "url": path}
    for each in (file, bare):
        told = [{"role": "user", "content": [each, "What is this?"]}, {"role": "assistant", "content": "It is."}]
        given = {"pictures": [each]} if place == "pictures" else {"history": told}
        with pytest.raises((AppError, ValueError)) as caught:
            client.predict("What is this?", **given, api_name="/ask")
        assert "root:" not in str(caught.value)


@pytest.mark.parametrize("address", ["https://example.org/a.png", "http://127.0.0.1:1/a.png"])
def test_gradio_fetches_no_address_for_any_field_of_the_page(nano_parts, address):
    page = demo.build(*nano_parts, "nano")
    fields = {field for function in page.fns.values() for field in function.inputs}
    takes_files = [each for each in fields if isinstance(each, gr.Chatbot | gr.MultimodalTextbox | gr.File | gr.JSON)]
    assert len(takes_files) == 4
    for field in takes_files:
        with pytest.raises(gr.Error, match="not uploaded"):
            asyncio.run(field.async_move_resource_to_block_cache(address))


def test_a_program_is_told_what_is_wrong(client, tmp_path):
    fake = tmp_path / "fake.png"
    fake.write_text("plain text")
    with pytest.raises(AppError, match="no picture"):
        client.predict("What is this?", [handle_file(str(fake))], api_name="/ask")
    with pytest.raises(AppError, match="at least one word"):
        client.predict(" ", api_name="/ask")
    with pytest.raises(AppError, match="list of messages"):
        client.predict("Hm?", history={"no": "list"}, api_name="/ask")
