"""Several visitors at once: nobody's picture or history reaches another, and whoever leaves makes room.

pytest -m browser tests/demo
"""

import time
from pathlib import Path

import pytest


pytest.importorskip("gradio")

from browser import ELEPHANT, SIX, writing_threads


pytestmark = pytest.mark.browser


def wait(met, seconds=15):
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_two_visitors_who_ask_at_once_get_each_their_own_answer(visit, app):
    first, second = visit(), visit()
    for visitor, picture in ((first, ELEPHANT), (second, SIX)):
        visitor.attach(picture)
    questions = ["What is this?", "Is it an animal?", "What kind of thing is it?", "Is it a digit?"]
    for number, question in enumerate(questions, start=1):
        with app.pace.slowed(0.05):
            for visitor in (first, second) if number < 3 else (second, first):
                visitor.put(question)
            for visitor in (first, second):
                visitor.until_count("#chat .bot-row", number)
                visitor.until_idle()
    assert first.answers[0] == "It is an elephant."
    assert second.answers[0] == "It is the digit 6."
    for visitor, picture in ((first, ELEPHANT), (second, SIX)):
        assert visitor.answers == app.would_say(*questions, pictures=[picture])
        assert visitor.pictures == [Path(picture).name]
        assert visitor.questions == questions


def test_a_visitor_who_leaves_in_the_middle_frees_the_model_for_the_next(visit, app):
    leaving, staying = visit(), visit()
    staying.attach(SIX)
    with app.pace.slowed(1):
        leaving.put("What is this?", ELEPHANT)
        leaving.until_writing()
        staying.put("What is this?")
        assert app.sessions._chats
        (writing,) = writing_threads()
        leaving.page.close()
        wait(lambda: not writing.is_alive())
        app.pace.hurry()
        staying.until_count("#chat .bot-row", 1)
        staying.until_idle()
    assert staying.answers == ["It is the digit 6."]
    staying.page.close()
    wait(lambda: not app.sessions._chats)
    assert not writing_threads()


def test_a_visitor_who_goes_to_another_page_in_the_middle_frees_the_model(visit, app):
    visitor = visit()
    with app.pace.slowed(1):
        visitor.put("What is this?", ELEPHANT)
        visitor.until_writing()
        visitor.page.goto("about:blank")
        wait(lambda: not writing_threads())
    visitor.forgive("AbortError", "errored out")  # Gradio's own, of the stream that ended with the page


def test_a_question_that_waits_for_its_turn_can_be_withdrawn(visit, app):
    ahead, behind = visit(), visit()
    behind.attach(SIX)
    with app.pace.slowed():
        ahead.put("What is this?", ELEPHANT)
        ahead.until_writing()
        passes = app.pace.passes
        behind.put("Which digit is this?")
        behind.page.wait_for_selector("#composer .stop-button")
        assert behind.answers == []
        behind.click("#composer .stop-button")
        behind.until_idle()
        assert ahead.count("#composer .stop-button") == 1
        app.pace.hurry()
        ahead.until_idle()
    assert ahead.answers == ["It is an elephant."]
    assert app.pace.passes - passes < 10
    assert behind.answers == []
    assert behind.ask("What is this?", ELEPHANT) == "It is an elephant."
    assert len(behind.answers) == 1
