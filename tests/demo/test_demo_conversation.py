"""The page without a browser: questions, answers, failures, the second tab, and the examples."""

import pickle
import re
from pathlib import Path

import pytest
import torch


pytest.importorskip("gradio")

import gradio as gr
from browser import writing_threads
from gradio.helpers import special_args
from spoken import BROWSER, ELEPHANT, FIELDS, SIX, answered, asked, make_talk, text_of

from deepseek_vl_hf.chat import Chat
from deepseek_vl_hf.demo import answering, examples, history, seen, uploads
from deepseek_vl_hf.demo.sessions import Sessions
from deepseek_vl_hf.demo.settings import Settings
from deepseek_vl_hf.demo.words import LANGUAGES, WORDS, Refused
from deepseek_vl_hf.turns import Turn


@pytest.fixture
def talk(nano_parts):
    return make_talk(nano_parts)


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
