"""What tests of the page say to it without a browser."""

import time
from types import SimpleNamespace

from deepseek_vl_hf.chat import Chat
from deepseek_vl_hf.demo import answering, conversation, history, uploads
from deepseek_vl_hf.demo.sessions import Sessions


ELEPHANT, SIX = str(uploads.PICTURES / "elephant.png"), str(uploads.PICTURES / "digit_6.png")
FIELDS = ("", 32, 0.0, 1.0, 1.0, "")  # of the page, in the order of Settings
BROWSER = SimpleNamespace(session_hash="browser")


def asked(text, *pictures):
    return history.question(text, pictures)


def answered(text):
    return history.answer(text, history.Figures(0.5, 7))


def text_of(message):
    return message["content"]


def make_talk(parts):
    sessions = Sessions(lambda: Chat(*parts))
    return conversation.Conversation(answering.make_answering(*parts, sessions), sessions)


def wait_until(met, seconds=10):
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)
