"""Conversations that the demo keeps: for whom, how many, and how much of the memory."""

import pytest


pytest.importorskip("gradio")

from browser import writing_threads

from deepseek_vl_hf.chat import Chat
from deepseek_vl_hf.demo.sessions import Sessions


def test_a_session_keeps_its_conversation_until_others_crowd_it_out(nano_parts):
    sessions = Sessions(lambda: Chat(*nano_parts), capacity=2)
    first, second = sessions.get("first"), sessions.get("second")
    assert sessions.get("first") is first
    sessions.get("third")
    assert list(sessions._chats) == ["first", "third"]
    assert sessions.get("first") is first
    assert sessions.get("second") is not second


def test_a_session_can_be_closed_while_its_answer_is_written(nano_parts):
    sessions = Sessions(lambda: Chat(*nano_parts))
    answer = sessions.get("a").ask("What is this?")
    next(answer)
    sessions.drop("a")
    sessions.drop("never seen")
    assert not sessions._chats
    answer.close()
    assert not writing_threads()


def test_a_call_without_a_session_leaves_nothing_behind(nano_parts):
    sessions = Sessions(lambda: Chat(*nano_parts))
    assert sessions.get(None) is not sessions.get(None)
    assert not sessions._chats


@pytest.mark.parametrize("name", ["first", "second", "new", None])
def test_sessions_that_wait_are_bounded_in_what_their_caches_hold(nano_parts, name):
    sessions = Sessions(lambda: Chat(*nano_parts), max_other_tokens=70)
    for each in ("first", "second"):
        "".join(sessions.get(each).ask("What is this?", max_new_tokens=4))
    held = {each: chat.num_cached_tokens for each, chat in sessions._chats.items()}
    assert all(35 < tokens <= 70 for tokens in held.values())  # one has room and two do not
    sessions.get(name)
    assert sum(tokens for each, tokens in held.items() if each in sessions._chats and each != name) <= 70
    assert "second" in sessions._chats
