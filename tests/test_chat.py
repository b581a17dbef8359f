"""A conversation: kept cache, pictures encoded once, streamed pieces, and an end that always comes."""

import os
import signal
import threading
import time

import pytest
import torch
from PIL import Image

from conversations import answer_from_scratch, with_pictures
from deepseek_vl_hf.answer import STOP_TEXT, Answer
from deepseek_vl_hf.chat import Chat
from deepseek_vl_hf.stopped_text import StoppedText
from deepseek_vl_hf.turns import Turn


TWO_PICTURES = Turn("Which is larger?", (Image.new("RGB", (40, 30), "red"), Image.new("RGB", (9, 64), "blue")))


def picture(color, size=(40, 30)):
    return Image.new("RGB", size, color)


@pytest.fixture
def chat(tiny_model, tiny_processor):
    return Chat(tiny_model, tiny_processor)


def test_every_turn_is_answered_as_the_whole_conversation_in_one_prompt(chat):
    images = [picture("red"), picture("blue", (9, 64)), picture("green")]
    answers = set()
    for question, new in (("What is this?", images[:1]), ("And now?", []), ("Which is larger?", images[1:])):
        answer = chat.ask(question, new, max_new_tokens=12)
        "".join(answer)
        assert len(answer.token_ids) == 12
        assert answer.token_ids == answer_from_scratch(chat, answer)
        answers.add(answer.text)
    assert len(answers) == 3


def test_a_later_turn_feeds_only_what_is_new(chat):
    fed = []
    chat.model.get_input_embeddings().register_forward_hook(lambda module, args, output: fed.append(args[0].shape[1]))
    "".join(chat.ask("What is this?", [picture("red")], max_new_tokens=3))
    first_prompt = fed[0]
    fed.clear()
    "".join(chat.ask("And now?", max_new_tokens=3))
    assert first_prompt > 16  # the picture's tokens, at least
    assert fed[0] < 40
    assert fed[1:] == [1, 1]


def test_a_picture_is_encoded_once(chat):
    encoded = []
    chat.model.model.vision_model.register_forward_hook(lambda module, args, output: encoded.append(len(args[0])))
    for question, images in (("What is this?", [picture("red")]), ("And now?", []), ("And?", [picture("blue")] * 2)):
        "".join(chat.ask(question, images, max_new_tokens=3))
    assert encoded == [1, 1]  # the last question has one twice


def test_ids_are_those_of_the_processor(chat):
    expected = chat.processor.apply_chat_template(
        with_pictures(chat, [TWO_PICTURES]), tokenize=True, return_dict=True, add_generation_prompt=True
    )["input_ids"]
    assert chat._tokenize([TWO_PICTURES]) == expected[0]


def test_an_image_token_in_the_question_marks_a_picture_s_place(chat):
    "".join(
        chat.ask("Is <image_placeholder> larger than <image_placeholder>?", [picture("red")] * 2, max_new_tokens=4)
    )
    assert [part["type"] for part in chat.messages[0]["content"]] == ["text", "image", "text", "image", "text"]


def test_image_tokens_and_pictures_must_be_as_many(chat):
    with pytest.raises(ValueError, match=r"Found 1 times <image_placeholder> .* and 2 pictures"):
        chat.ask("<image_placeholder>What?", [picture("red")] * 2)


def test_without_a_picture_an_image_token_is_plain_text(chat):
    answer = chat.ask("What does <image_placeholder> mean?", max_new_tokens=2)
    assert "".join(answer) == answer.text


def test_the_sum_of_the_pieces_is_the_answer(chat):
    answer = chat.ask("What is this?", [picture("red")], max_new_tokens=30)
    pieces = list(answer)
    assert "".join(pieces) == answer.text == answer.text.strip()
    assert answer.seconds_to_first_token > 0
    assert answer.tokens_per_second > 0


def stream(tokenizer, tokens):
    """An answer whose generating thread writes these tokens."""

    def generate(answer):
        answer.put(torch.tensor([[0]]))  # the prompt
        for token in tokens:
            answer.put(torch.tensor([token]))

    return Answer(StoppedText(tokenizer, (STOP_TEXT,)), generate, lambda answer: None, 0.0)


def test_a_piece_never_holds_part_of_a_character(tiny_tokenizer):
    text = "Zoë zählt 你好, 世界 🐘🐘 naïve"
    pieces = list(stream(tiny_tokenizer, tiny_tokenizer(text, add_special_tokens=False)["input_ids"]))
    assert "".join(pieces) == text
    assert "\ufffd" not in "".join(pieces)
    assert len(pieces) > 10


def test_a_character_cut_by_the_token_limit_is_left_out(tiny_tokenizer):
    tokens = tiny_tokenizer("good 🐘", add_special_tokens=False)["input_ids"]
    assert "".join(stream(tiny_tokenizer, tokens[:-1])) == "good"
    assert "".join(stream(tiny_tokenizer, tokens)) == "good 🐘"


def test_an_answer_ends_before_the_next_user_turn(tiny_tokenizer):
    tokens = tiny_tokenizer(" A teapot; Used daily.\nUser: And?", add_special_tokens=False)["input_ids"]
    assert "".join(stream(tiny_tokenizer, tokens)) == "A teapot; Used daily."


def test_generation_stops_at_the_stop_text(chat, monkeypatch):
    script = chat.processor.tokenizer(" A fox.\nUser: And then?", add_special_tokens=False)["input_ids"]
    forward = chat.model.lm_head.forward
    steps = iter(script)

    def scripted(states):
        logits = torch.zeros_like(forward(states))
        logits[..., next(steps)] = 1.0
        return logits

    monkeypatch.setattr(chat.model.lm_head, "forward", scripted)
    answer = chat.ask("What is this?", [picture("red")], max_new_tokens=len(script))
    assert "".join(answer) == "A fox."
    assert len(answer.token_ids) < len(script)


def test_stop_ends_the_answer_and_the_thread(chat):
    answer = chat.ask("What is this?", [picture("red")], max_new_tokens=300)
    next(answer)
    answer.stop()
    "".join(answer)
    assert 0 < len(answer.token_ids) < 300
    assert not [thread for thread in threading.enumerate() if thread.name == "deepseek-vl-answer"]
    assert chat.messages[-1]["content"][0]["text"] == answer.text
    follow_up = chat.ask("And now?", max_new_tokens=8)
    "".join(follow_up)
    assert follow_up.token_ids == answer_from_scratch(chat, follow_up)


def test_an_answer_can_be_closed_while_another_thread_reads_it(chat):
    answer, pieces = chat.ask("What is this?", [picture("red")], max_new_tokens=400), []
    reader = threading.Thread(target=lambda: pieces.extend(answer))
    reader.start()
    while not pieces:
        pass
    chat.reset()
    assert len(answer.token_ids) < 400
    reader.join(5)
    assert not reader.is_alive()
    assert not [thread for thread in threading.enumerate() if thread.name == "deepseek-vl-answer"]
    assert chat.turns == ()


def test_interrupts_while_an_answer_stops_leave_the_cache_as_it_was_read(chat, monkeypatch):
    def interrupt_twice():
        generated.wait()
        for _ in range(2):
            time.sleep(0.1)
            os.kill(os.getpid(), signal.SIGINT)

    def generate_and_wait(*args, **kwargs):
        generate(*args, **kwargs)
        generated.set()
        time.sleep(1)

    generated, generate = threading.Event(), chat.model.generate
    "".join(chat.ask("What is this?", [picture("red")], max_new_tokens=8))
    "".join(chat.ask("And now?", max_new_tokens=8))
    monkeypatch.setattr(chat.model, "generate", generate_and_wait)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Thread(target=interrupt_twice).start()
        with pytest.raises(KeyboardInterrupt):
            "".join(chat.edit(1, "Which is larger?", max_new_tokens=8))
    finally:
        signal.signal(signal.SIGINT, before)
    assert not [thread for thread in threading.enumerate() if thread.name == "deepseek-vl-answer"]
    monkeypatch.setattr(chat.model, "generate", generate)
    answer = chat.edit(1, "And now?", max_new_tokens=8)
    "".join(answer)
    assert answer.token_ids == answer_from_scratch(chat, answer)


@pytest.mark.parametrize("text", ["Caf\udce9?", "\ud83d"])
def test_what_is_no_text_is_refused(chat, text):
    with pytest.raises(ValueError, match="write it in UTF-8"):
        chat.ask(text)
    chat.system = text
    with pytest.raises(ValueError, match="write it in UTF-8"):
        chat.ask("What is this?")


def test_an_answer_says_whether_it_was_cut(chat, monkeypatch):
    answer = chat.ask("What is this?", max_new_tokens=5)
    "".join(answer)
    assert answer.is_cut
    eos = chat.processor.tokenizer.eos_token_id
    forward = chat.model.lm_head.forward

    def ends(states):
        logits = torch.zeros_like(forward(states))
        logits[..., eos] = 1.0
        return logits

    monkeypatch.setattr(chat.model.lm_head, "forward", ends)
    answer = chat.ask("What is this?", max_new_tokens=5)
    "".join(answer)
    assert not answer.is_cut


def test_beams_of_the_checkpoint_s_configuration_do_not_keep_it_from_streaming(chat):
    chat.model.generation_config.num_beams = 2
    "".join(chat.ask("What is this?", max_new_tokens=5))
    assert len(chat.turns) == 1


def test_a_new_question_stops_the_answer_before(chat):
    first = chat.ask("What is this?", [picture("red")], max_new_tokens=300)
    next(first)
    second = chat.ask("And now?", max_new_tokens=8)
    "".join(second)
    assert len(first.token_ids) < 300
    assert [turn["role"] for turn in chat.messages] == ["user", "assistant"] * 2
    assert second.token_ids == answer_from_scratch(chat, second)


def test_an_error_while_writing_reaches_the_reader_and_the_question_is_withdrawn(chat, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(chat.model.lm_head, "forward", lambda states: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            "".join(chat.ask("What is this?", [picture("red")]))
    assert chat.messages == []
    answer = chat.ask("What is this?", [picture("blue")], max_new_tokens=8)
    "".join(answer)
    assert answer.token_ids == answer_from_scratch(chat, answer)


def test_pictures_of_a_withdrawn_question_leave_nothing_in_the_cache(chat, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(StoppedText, "add", lambda self, token: "")
        assert "".join(chat.ask("What is this?", [picture("red")], max_new_tokens=4)) == ""
    assert chat.messages == []
    answer = chat.ask("What is this?", [picture("blue")], max_new_tokens=8)
    "".join(answer)
    assert answer.token_ids == answer_from_scratch(chat, answer)


def test_reset_forgets_turns_and_keeps_the_system_instruction(tiny_model, tiny_processor):
    chat = Chat(tiny_model, tiny_processor, system="Answer in one word.")
    "".join(chat.ask("What is this?", [picture("red")], max_new_tokens=4))
    chat.reset()
    assert [turn["role"] for turn in chat.messages] == ["system"]
    assert chat.processor.tokenizer.decode(chat._tokenize([TWO_PICTURES])).count("Answer in one word.") == 1


def test_a_temperature_draws_and_zero_does_not(chat):
    def ask(temperature):
        chat.reset()
        answer = chat.ask("What is this?", max_new_tokens=12, temperature=temperature)
        "".join(answer)
        return answer.token_ids

    torch.manual_seed(0)
    assert ask(0.0) == ask(0.0)
    assert ask(5.0) != ask(5.0)


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": -1},
        {"temperature": float("nan")},
        {"top_p": 0},
        {"top_p": 1.5},
        {"repetition_penalty": 0},
        {"max_new_tokens": 0},
        {"seed": -1},
        {"seed": 2**63},
    ],
)
def test_an_option_out_of_range_is_refused(chat, options):
    with pytest.raises(ValueError, match="expected a temperature of 0 or more"):
        chat.ask("What is this?", **options)


def test_an_empty_question_is_refused(chat):
    with pytest.raises(ValueError, match="question is empty"):
        chat.ask("  \n")


def test_a_question_longer_than_the_context_is_refused(chat):
    with pytest.raises(ValueError, match=r"have \d+ tokens and the model reads 512"):
        chat.ask("What is this? " * 200)


def test_an_answer_ends_with_the_context(chat):
    answer = chat.ask("fox " * 90, max_new_tokens=10_000)
    "".join(answer)
    assert len(answer.token_ids) + answer.num_prompt_tokens <= 512
