"""The second tab without a browser: what of a long conversation it looks at, and how bright its heat is."""

import numpy as np
import pytest
from PIL import Image


pytest.importorskip("gradio")

import gradio as gr

from deepseek_vl_hf import nano
from deepseek_vl_hf.demo import history, seen, uploads
from deepseek_vl_hf.heat_maps import overlay
from deepseek_vl_hf.loading import load


ELEPHANT, SIX = str(uploads.PICTURES / "elephant.png"), str(uploads.PICTURES / "digit_6.png")


def exchange(question, picture, answer, turns_left_out=0):
    return [*history.question(question, [picture]), history.answer(answer, history.Figures(0.5, 7, turns_left_out))]


def test_a_conversation_that_is_longer_than_the_context_is_shown_as_the_last_answer_read_it():
    long = [
        *exchange("long " * 1200, SIX, "It is the digit 6."),
        *exchange("What is this?", ELEPHANT, "It is an elephant.", turns_left_out=1),
    ]
    turns, pictures, _ = seen.shown_turns(long)
    assert [turn.question for turn in turns] == ["What is this?"]
    assert len(pictures) == 1
    handlers = seen.Seen(*load(nano.FOLDER))
    _, _, words, maps, heat, _ = handlers.open(long, "en")
    assert len(words["choices"]) == len(maps) == 4
    assert heat.count("<img") == 1
    assert handlers.choose(long, "en", maps, 0).count("<img") == 1


def test_a_question_that_waits_for_its_answer_hides_nothing_of_the_last_one():
    told = [*exchange("What is this?", SIX, "It is the digit 6."), *exchange("And this?", ELEPHANT, "It is.", 1)]
    turns, *_ = seen.shown_turns([*told, *history.question("Hm?", [])])
    assert [turn.question for turn in turns] == ["And this?"]


@pytest.mark.parametrize("log", ["7 -1", "7", "x y", None])
def test_figures_that_a_program_made_up_leave_nothing_out(log):
    told = exchange("What is this?", ELEPHANT, "It is.")
    told[-1]["metadata"] = {"duration": 1, "log": log}
    assert len(seen.shown_turns(told)[0]) == 1


@pytest.mark.parametrize("system", [None, "Be brief.", "Two\nlines  and spaces"])
def test_the_second_tab_reads_the_system_prompt_that_the_answer_had(monkeypatch, system):
    read = []
    monkeypatch.setattr(seen, "attention", lambda model, processor, turns, system: read.append(system) or [])
    told = [*history.question("Hm?", [ELEPHANT]), history.answer("It is.", history.Figures(0.5, 7, 0, system))]
    chatbot = gr.Chatbot()
    told = chatbot.preprocess(chatbot.postprocess(told))
    with pytest.raises(gr.Error):  # of an answer without words
        seen.Seen(*load(nano.FOLDER)).open(told, "en")
    assert read == [system]


def test_what_cannot_be_shown_is_told_inside_the_call_that_has_the_gpu(monkeypatch):
    monkeypatch.setattr(seen, "attention", lambda *args: (_ for _ in ()).throw(ValueError("too <long>")))
    with pytest.raises(gr.Error) as caught:
        seen.Seen(*load(nano.FOLDER)).look((), None, "en")
    assert caught.value.message == "too &lt;long&gt;"


def test_padding_does_not_dim_the_heat_on_the_picture(monkeypatch):
    whites = []
    monkeypatch.setattr(
        seen, "overlay", lambda picture, map, white: whites.append(white) or overlay(picture, map, white=white)
    )
    wide = Image.new("RGB", (80, 20))  # rows 3 to 4 of 8
    map = np.zeros((8, 8), np.float32)
    map[0, 0], map[4, 4] = 0.9, 0.2
    seen.heat([wide], [[map]], 0)
    assert whites == [pytest.approx(0.2)]
