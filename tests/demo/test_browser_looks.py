"""How the demo's page looks: its two languages, its two themes, and a phone.

pytest -m browser tests/demo
"""

import pytest


pytest.importorskip("gradio")

import itertools

from appearance import latin
from browser import ELEPHANT, SIX

from deepseek_vl_hf.demo.words import WORDS


pytestmark = pytest.mark.browser
QUESTION = "这是什么？"


def states(visitor):
    """Lead a visitor through the page; yields the name of each state that it is in."""
    yield "empty"
    visitor.attach(ELEPHANT, SIX)
    visitor.page.fill("#composer textarea", f"{QUESTION} {'9' * 300}")
    yield "a question in the composer"
    visitor.page.press("#composer textarea", "Enter")
    visitor.until_count("#chat .bot-row", 1)
    visitor.until_idle()
    visitor.ask(QUESTION)
    yield "a conversation"
    visitor.page.locator("#chat [aria-label=Edit], #chat [aria-label=编辑]").last.click()
    visitor.page.wait_for_selector("#chat textarea")
    yield "editing"
    visitor.page.locator("#chat [aria-label=Cancel], #chat [aria-label=取消]").last.click()
    visitor.until_count("#chat textarea", 0)
    visitor.page.locator("#chat .image-container > button").first.click()
    visitor.page.wait_for_selector("dialog.enlarged[open]")
    yield "a picture enlarged"
    visitor.page.keyboard.press("Escape")
    visitor.until_count("dialog.enlarged", 0)
    visitor.page.fill("#composer textarea", " ")
    visitor.page.press("#composer textarea", "Enter")
    visitor.page.wait_for_selector(".toast-body")
    visitor.settle()
    yield "a message"
    visitor.toast()
    visitor.click("#tab-seen-button")
    visitor.page.wait_for_selector("#seen-words label.selected")
    visitor.page.wait_for_selector("#seen-squares img")
    visitor.settle()
    yield "the second tab"
    visitor.click("#side .toggle-button")
    visitor.page.wait_for_selector("#side.open")
    visitor.settle()
    yield "settings"


def test_every_string_of_the_chinese_page_is_chinese(visit):
    visitor = visit("zh")
    english = ["What is this?", "Which digit is this?", "What kind of thing is this?", "Is this a sailboat?"]
    found = {}
    for state in states(visitor):
        said = [*english, *visitor.answers, *visitor.texts("#seen-words label")]  # the nano speaks English only
        if left := latin(visitor.strings(), said):
            found[state] = left
    assert found == {}


def test_a_chinese_question_reaches_the_model_and_comes_back_whole(visit, app):
    visitor = visit("zh")
    answer = visitor.ask(QUESTION, ELEPHANT)
    assert visitor.questions == [QUESTION]
    assert [answer] == app.would_say(QUESTION, pictures=[ELEPHANT])
    assert "秒" in visitor.figures[0]


def test_the_language_is_toggled_in_the_middle_of_a_conversation_and_remembered(visit, app):
    visitor = visit(None)
    visitor.ask("What is this?", ELEPHANT)
    assert visitor.texts("#new-chat") == ["New chat"]
    visitor.page.locator("#language label").nth(1).click()
    visitor.until_text("#tab-seen-button", WORDS["tab_seen"]["zh"])
    assert visitor.answers == ["It is an elephant."]
    assert visitor.page.get_attribute("#composer textarea", "placeholder") == WORDS["composer_hint"]["zh"]
    assert visitor.texts("#new-chat") == [WORDS["new_chat"]["zh"]]
    assert visitor.count("#chat [title=复制]") == 2
    visitor.put(" ")
    assert WORDS["no_question"]["zh"] in visitor.toast()
    visitor.page.reload()
    visitor.until_text("#tab-seen-button", WORDS["tab_seen"]["zh"])


def test_the_address_chooses_the_language(visit):
    assert visit("zh").texts("#new-chat") == [WORDS["new_chat"]["zh"]]
    assert visit("en").texts("#new-chat") == [WORDS["new_chat"]["en"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_stands_out_from_what_lies_behind_it(visit, theme):
    visitor = visit("en", theme)
    assert {state: faint for state in states(visitor) if (faint := visitor.faint())} == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_phone_need_not_scroll_sideways(visit, language):
    visitor = visit(language, width=390, height=844, is_mobile=True, has_touch=True)
    assert {state: wide for state in states(visitor) if (wide := visitor.overflow()) > 0} == {}


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_nothing_of_the_header_lies_over_anything_else(visit, width):
    visitor = visit(width=width, height=844)
    names = ["#title h1", "#new-chat", "#language", "#side .toggle-button"]
    boxes = [visitor.page.locator(name).bounding_box() for name in names]
    for left, right in itertools.pairwise(boxes):
        assert left["x"] + left["width"] <= right["x"] + 1
    assert boxes[-1]["x"] + boxes[-1]["width"] <= width
