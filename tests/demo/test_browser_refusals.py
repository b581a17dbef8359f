"""What is refused leaves the page as it was, and says why in its language; and the second tab keeps to the answer.

pytest -m browser tests/demo
"""

import pytest


pytest.importorskip("gradio")

from browser import ELEPHANT

from deepseek_vl_hf.demo import seen
from deepseek_vl_hf.demo.words import WORDS
from deepseek_vl_hf.seeing import attention


pytestmark = pytest.mark.browser


def test_a_question_that_is_edited_to_nothing_stays_with_all_that_came_after(visit, app):
    visitor = visit()
    answers = [visitor.ask("What is this?", ELEPHANT), visitor.ask("Is it an animal?"), visitor.ask("What is this?")]
    passes = app.pace.passes
    visitor.edit(1, " ")
    assert WORDS["no_question"]["en"] in visitor.toast()
    visitor.until_idle()
    assert visitor.answers == answers
    assert visitor.questions == ["What is this?", "Is it an animal?", "What is this?"]
    assert app.pace.passes == passes


def test_what_the_engine_refuses_is_told_in_chinese_on_the_chinese_page(visit):
    visitor = visit("zh")
    visitor.put("long " * 1500)
    assert "模型最多读取 1024 个" in visitor.toast()
    visitor.until_idle()
    assert visitor.waiting.startswith("long long")
    assert visitor.ask("What is this?", ELEPHANT) == "It is an elephant."


def test_the_second_tab_shows_the_answer_under_the_system_prompt_that_it_had(visit, app, monkeypatch):
    read = []
    monkeypatch.setattr(seen, "attention", lambda *args: read.append(args[3]) or attention(*args))
    visitor = visit()
    visitor.click("#side .toggle-button")
    visitor.page.fill("#system textarea", "Be brief.")
    visitor.ask("What is this?", ELEPHANT)
    visitor.page.fill("#system textarea", "Be long.")
    visitor.click("#tab-seen-button")
    visitor.until_count("#seen-heat img", 1)
    assert read == ["Be brief."]
