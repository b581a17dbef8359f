"""Talking to the demo's page in Chromium: asking, watching, stopping, changing one's mind.

pytest -m browser tests/demo
"""

import time

import pytest


pytest.importorskip("gradio")

import itertools
import re

from browser import ELEPHANT, SIX, writing_threads

from deepseek_vl_hf.chat import Chat
from deepseek_vl_hf.demo import uploads


pytestmark = pytest.mark.browser


def test_a_picture_is_uploaded_and_asked_about_and_asked_about_again(visit):
    visitor = visit()
    assert visitor.ask("What is this?", ELEPHANT) == "It is an elephant."
    assert visitor.waiting == ""
    assert visitor.count("#composer .thumbnail-item") == 0
    assert visitor.ask("Is it an animal?") == "Yes, it is an animal."
    assert visitor.questions == ["What is this?", "Is it an animal?"]
    assert visitor.pictures == ["elephant.png"]


def test_an_answer_grows_on_the_page_while_it_is_written(visit, app):
    visitor = visit()
    visitor.page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => {
                const text = document.querySelector("#chat .bot-row")?.innerText.trim();
                if (text && text !== window.seen.at(-1)) window.seen.push(text);
            }).observe(document.querySelector("#chat"), { subtree: true, childList: true, characterData: true });
        }"""
    )
    with app.pace.slowed(0.15):
        visitor.ask("What is this?", ELEPHANT)
    seen = visitor.page.evaluate("window.seen")
    assert len(seen) >= 4
    assert seen[-1] == "It is an elephant."
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(seen))


def test_an_answer_that_is_stopped_stays_as_far_as_it_got_and_the_next_is_whole(visit, app):
    visitor = visit()
    with app.pace.slowed():
        visitor.put("What is this?", ELEPHANT)
        visitor.until_writing()
        visitor.click("#composer .stop-button")
        visitor.until_idle()
        deadline = time.monotonic() + 5
        while writing_threads():
            assert time.monotonic() < deadline
            time.sleep(0.05)
    (partial,) = visitor.answers
    assert "It is an elephant.".startswith(partial)
    assert partial != "It is an elephant."
    assert visitor.ask("Is it an animal?") == "Yes, it is an animal."
    assert len(visitor.answers) == 2


def test_what_is_typed_while_an_answer_is_written_waits_in_the_composer(visit, app):
    visitor = visit()
    with app.pace.slowed():
        visitor.put("What is this?", ELEPHANT)
        visitor.until_writing()
        visitor.put("Is it an animal?")
        assert visitor.waiting == "Is it an animal?"
        app.pace.hurry()
        visitor.until_idle()
    assert visitor.waiting == "Is it an animal?"
    assert visitor.answers == ["It is an elephant."]


def test_retry_answers_the_last_question_anew(visit, app):
    visitor = visit()
    visitor.ask("What is this?", ELEPHANT)
    visitor.ask("Is it an animal?")
    passes = app.pace.passes
    with app.pace.slowed(0.2):
        visitor.do("Retry")
        visitor.page.wait_for_selector("#composer .stop-button")
    visitor.until_idle()
    assert visitor.answers == ["It is an elephant.", "Yes, it is an animal."]
    assert visitor.questions == ["What is this?", "Is it an animal?"]
    assert app.pace.passes > passes


def test_undo_puts_the_last_question_back_into_the_composer_with_its_picture(visit):
    visitor = visit()
    visitor.ask("What is this?", ELEPHANT)
    visitor.ask("Which digit is this?", SIX)
    visitor.do("Undo")
    visitor.until_count("#composer .thumbnail-item", 1)
    assert visitor.waiting == "Which digit is this?"
    assert visitor.questions == ["What is this?"]
    assert visitor.answers == ["It is an elephant."]
    assert len(visitor.figures) == 1
    visitor.page.press("#composer textarea", "Enter")
    visitor.until_count("#chat .bot-row", 2)
    visitor.until_idle()
    assert visitor.answers == ["It is an elephant.", "It is the digit 6."]


def test_an_earlier_question_is_edited_and_keeps_its_picture(visit):
    visitor = visit()
    visitor.ask("What is this?", ELEPHANT)
    visitor.ask("Is it food?")
    visitor.edit(0, "Is it an animal?")
    visitor.until("() => document.querySelector('#chat .bot-row')?.innerText.includes('Yes')")
    visitor.until_idle()
    assert visitor.questions == ["Is it an animal?"]
    assert visitor.answers == ["Yes, it is an animal."]
    assert visitor.pictures == ["elephant.png"]


def test_a_picture_that_was_taken_out_can_be_chosen_again(visit):
    visitor = visit()
    visitor.attach(ELEPHANT)
    visitor.empty()
    visitor.attach(ELEPHANT)
    assert visitor.ask("What is this?") == "It is an elephant."


def test_two_pictures_are_shown_to_the_model_in_one_turn(visit, app):
    visitor = visit()
    answer = visitor.ask("What is this?", ELEPHANT, SIX)
    assert visitor.pictures == ["elephant.png", "digit_6.png"]
    (expected,) = app.would_say("What is this?", pictures=[ELEPHANT, SIX])
    assert answer == expected
    assert app.would_say("What is this?", pictures=[SIX, ELEPHANT]) != [expected]


def test_an_example_is_asked_by_a_click(visit, app):
    visitor = visit()
    visitor.page.locator("#chat .examples button").nth(1).click()
    visitor.until_count("#chat .bot-row", 1)
    visitor.until_idle()
    assert visitor.questions == ["Which digit is this?"]
    assert visitor.pictures == ["digit_6.png"]
    assert visitor.answers == ["It is the digit 6."]


def test_a_new_chat_forgets_what_was_said_and_shows_the_examples_again(visit):
    visitor = visit()
    visitor.ask("What is this?", ELEPHANT)
    visitor.click("#new-chat")
    visitor.page.wait_for_selector("#chat .examples button")
    assert visitor.answers == visitor.questions == []
    assert "picture" in visitor.ask("What is this?")


def test_a_picture_is_enlarged_by_a_click_and_put_away_by_escape(visit):
    visitor = visit()
    visitor.ask("What is this?", ELEPHANT)
    small = visitor.page.locator("#chat .image-frame img").bounding_box()
    visitor.click("#chat .image-container > button")
    large = visitor.page.locator("dialog.enlarged[open] img").bounding_box()
    assert large["height"] > 2 * small["height"]
    visitor.page.keyboard.press("Escape")
    visitor.until_count("dialog.enlarged", 0)


def test_time_and_tokens_stand_below_each_answer_and_not_in_what_is_copied(visit, app):
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    visitor.ask("What is this?", ELEPHANT)
    visitor.ask("Is it an animal?")
    chat, written = Chat(app.model, app.processor), []
    for question, images in (("What is this?", uploads.read([ELEPHANT])), ("Is it an animal?", ())):
        answer = chat.ask(question, images)
        assert "".join(answer) in visitor.answers
        written.append(len(answer.token_ids))
    told = [re.fullmatch(r"\d+\.\d s · (\d+) tokens", figures) for figures in visitor.figures]
    assert [int(each[1]) for each in told] == written
    visitor.page.locator("#chat .bot-row + .message-buttons [aria-label='Copy message']").first.click()
    visitor.until("async () => (await navigator.clipboard.readText()).trim() === 'It is an elephant.'")


def test_the_second_tab_shows_what_each_tower_got_and_where_each_word_looked(visit):
    visitor = visit()
    visitor.click("#tab-seen-button")
    visitor.page.wait_for_selector("#seen-empty")
    visitor.click("#tab-chat-button")
    visitor.ask("What is this?", ELEPHANT)
    visitor.click("#tab-seen-button")
    visitor.until_count("#seen-words label", 4)
    assert visitor.texts("#seen-words label") == ["It", "is", "an", "elephant."]
    visitor.until("() => [...document.querySelectorAll('#seen-squares img')].every((img) => img.complete)")
    sizes = visitor.page.locator("#seen-squares img").evaluate_all(
        "(all) => all.map((i) => [i.naturalWidth, i.naturalHeight])"
    )
    assert sizes == [[96, 96], [192, 192]]
    assert visitor.texts("#seen-squares figcaption") == ["SigLIP, 96 × 96 pixels", "SAM, 192 × 192 pixels"]
    shown = set()
    for word in range(4):
        before = visitor.page.get_attribute("#seen-heat img", "src")
        shown.add(before)
        if visitor.page.locator("#seen-words label").nth(word).get_attribute("class").endswith("selected"):
            continue
        visitor.page.locator("#seen-words label").nth(word).click()
        visitor.until("(old) => document.querySelector('#seen-heat img').src !== old", before)
        shown.add(visitor.page.get_attribute("#seen-heat img", "src"))
    assert len(shown) == 4


def test_the_page_is_used_without_a_mouse(visit):
    visitor = visit()
    visitor.page.evaluate("document.activeElement.blur()")

    def tab_to(selector):
        for _ in range(40):
            visitor.page.keyboard.press("Tab")
            if visitor.page.evaluate("(name) => document.activeElement.matches(name)", selector):
                return
        pytest.fail(f"Tab never reaches {selector}")

    tab_to("#composer textarea")
    visitor.page.keyboard.type("What is this?")
    visitor.page.keyboard.press("Enter")
    visitor.until_count("#chat .bot-row", 1)
    visitor.until_idle()
    assert "picture" in visitor.answers[0]
    visitor.page.evaluate("document.activeElement.blur()")
    tab_to("#side .toggle-button")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_selector("#side.open")
    tab_to("#chat [aria-label=Undo]")
    visitor.page.keyboard.press("Enter")
    visitor.until_count("#chat .bot-row", 0)
    assert visitor.waiting == "What is this?"
