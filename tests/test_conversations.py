"""A conversation in any order of questions, edits, retries and undos is answered as if it had been asked at once.

The last question of each is compared token by token, greedily and in fp32, with what `generate` makes of the whole conversation in
one prompt.
"""

import gc
import random

import pytest
import torch
from peft import LoraConfig, get_peft_model
from PIL import Image

from conversations import answer_from_scratch
from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, cli
from deepseek_vl_hf.chat import PICTURES_KEPT, Chat
from deepseek_vl_hf.loading import load
from deepseek_vl_hf.turns import Turn
from tiny import make_config, randomise


QUESTIONS = ["What is this?", "And now?", "Which is larger, the teapot or the lighthouse?", "图片里是什么？", "Why?"]
LONG = "The quick brown fox jumps over the lazy dog. " * 3


def picture(seed, size=(24, 18)):
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (size[1], size[0], 3), generator=generator, dtype=torch.uint8)
    return Image.fromarray(pixels.numpy())


def say(chat, answer):
    """Read an answer whole and check it."""
    "".join(answer)
    if chat.turns and chat.turns[-1].answer == answer.text:
        assert answer.token_ids == answer_from_scratch(chat, answer)
    return answer


@pytest.fixture
def chat(tiny_model, tiny_processor):
    return Chat(tiny_model, tiny_processor)


def live_bytes():
    gc.collect()
    return sum(thing.nbytes for thing in gc.get_objects() if type(thing) is torch.Tensor)


def converse_at_random(chat, seed, num_steps):
    """Take so many steps; return how often each was taken, and turns left out."""
    rng, pictures = random.Random(seed), [picture(index, (10 + 7 * index, 30)) for index in range(4)]
    taken = {"left out": 0}
    for _ in range(num_steps):
        text, images = rng.choice([*QUESTIONS, LONG]), rng.choices(pictures, k=rng.choice([0, 0, 1, 2]))
        options = {"max_new_tokens": rng.choice([3, 9, 20])}
        steps = ["ask", "ask", "ask", "ask", "stop", "restore"]
        steps += ["retry", "edit", "undo", "system"] if chat.turns else []
        step = rng.choice(steps)
        taken[step] = taken.get(step, 0) + 1
        if step == "undo":
            chat.undo()
        elif step == "system":
            chat.system = rng.choice([None, "", "Answer in one word."])
        elif step == "restore":
            chat.restore([Turn(turn.question, turn.images, turn.answer) for turn in chat.turns])
        elif step == "stop":
            answer = chat.ask(text, images, max_new_tokens=40)
            for _ in range(rng.randrange(5)):
                next(answer, None)
            answer.stop()
            say(chat, answer)
        else:
            if step == "ask":
                answer = chat.ask(text, images, **options)
            elif step == "retry":
                answer = chat.retry(**options)
            else:
                answer = chat.edit(
                    -rng.randint(1, min(3, len(chat.turns))), text, rng.choice([None, images]), **options
                )
            taken["left out"] += say(chat, answer).num_turns_left_out
    return taken


@pytest.mark.parametrize("seed", range(4))
def test_a_conversation_at_random_is_answered_as_in_one_prompt(chat, seed):
    chat.restore([Turn(LONG, (), "A fox.")] * 4)
    taken = converse_at_random(chat, seed, num_steps=25)
    assert len(taken) >= 7  # nearly every kind of step
    assert taken["left out"] > 0


@pytest.mark.parametrize("kind", ["low_res_only", "grouped", "long"])
def test_so_it_is_with_other_models(kind, tiny_processor, tiny_config):
    text = {**tiny_config.text_config.to_dict()}
    if kind == "grouped":
        text["num_key_value_heads"] = 2
    if kind == "long":
        text["max_position_embeddings"] = 4096
    config = make_config(low_res_only=kind == "low_res_only", text_config=text)
    model = randomise(DeepSeekVLHFForConditionalGeneration(config), seed=1)
    if kind == "low_res_only":
        tiny_processor.image_processor = type(tiny_processor.image_processor).from_config(config)
    converse_at_random(Chat(model, tiny_processor), 11, num_steps=12)


@pytest.mark.parametrize("layout", ["own", "native", "official"])
def test_so_it_is_with_every_layout(layout, tmp_path):
    assert cli.main(["export", "nano", "--layout", layout, "--output", str(tmp_path / layout)]) == 0
    model, processor = load(tmp_path / layout, "float32")
    chat = Chat(model.eval(), processor)
    elephant = Image.open("examples/pictures/elephant.png")
    assert say(chat, chat.ask("What is this?", [elephant], max_new_tokens=12)).text == "It is an elephant."
    assert say(chat, chat.ask("And this?", [picture(1)], max_new_tokens=12)).num_reused_tokens > 64
    assert say(chat, chat.edit(0, "What do you see?", max_new_tokens=12)).num_reused_tokens > 64


def test_so_it_is_with_an_adapter_on_the_model_and_after_switching_it(tiny_model, tiny_processor):
    torch.manual_seed(0)
    targets = r".*(q_proj|v_proj|fc1)"
    config = LoraConfig(r=4, lora_alpha=64, init_lora_weights=False, target_modules=targets)
    model = get_peft_model(tiny_model, config, adapter_name="first").eval()
    model.add_adapter("second", config)
    chat, answers = Chat(model, tiny_processor), []
    for name in ("first", "second"):
        model.set_adapter(name)
        chat.forget()
        answers.append(say(chat, chat.ask("What is this?", [picture(1)], max_new_tokens=9)).text)
        say(chat, chat.ask("And now?", max_new_tokens=9))
        chat.reset()
    with model.disable_adapter():
        answers.append(say(chat, chat.ask("What is this?", [picture(1)], max_new_tokens=9)).text)
    assert len(set(answers)) == 3


def test_another_answer_reads_nothing_again(chat):
    first = say(chat, chat.ask("What is this?", [picture(1)], max_new_tokens=9))
    second = say(chat, chat.retry(max_new_tokens=9))
    assert second.num_reused_tokens == second.num_prompt_tokens - 1
    assert second.token_ids == first.token_ids
    assert len(chat.turns) == 1


def test_a_seed_draws_the_same_answer_and_another_seed_another(chat):
    options = {"max_new_tokens": 20, "temperature": 2.0}
    texts = []
    for seed in (1, 2, 1):
        chat.reset()
        texts.append("".join(chat.ask("What is this?", [picture(1)], seed=seed, **options)))
    assert texts[0] == texts[2] != texts[1]


def test_a_repetition_penalty_reaches_the_model(chat):
    plain = say(chat, chat.ask("What is this?", max_new_tokens=20)).token_ids
    answer = chat.retry(max_new_tokens=20, repetition_penalty=5.0)
    "".join(answer)
    assert answer.token_ids != plain


def test_an_edit_keeps_the_pictures_and_drops_the_turns_after_it(chat):
    for question in QUESTIONS[:3]:
        say(chat, chat.ask(question, [picture(1)], max_new_tokens=5))
    encoded = []
    chat.model.model.vision_model.register_forward_hook(lambda *_: encoded.append(1))
    answer = chat.edit(1, "Why?", max_new_tokens=5)
    "".join(answer)
    assert [turn.question for turn in chat.turns] == [QUESTIONS[0], "Why?"]
    assert chat.turns[1].images[0].tobytes() == picture(1).tobytes()
    assert answer.num_reused_tokens > 16
    assert not encoded
    assert answer.token_ids == answer_from_scratch(chat, answer)


def test_an_edit_that_fails_leaves_the_conversation(chat, monkeypatch):
    for question in QUESTIONS[:2]:
        say(chat, chat.ask(question, max_new_tokens=5))
    turns = chat.turns
    with monkeypatch.context() as patch:
        patch.setattr(chat.model.lm_head, "forward", lambda states: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            "".join(chat.edit(0, "Why?"))
    assert chat.turns == turns
    with pytest.raises(ValueError, match="Found turn 2 to edit; there are 2"):
        chat.edit(2, "Why?")
    with pytest.raises(ValueError, match="question is empty"):
        chat.edit(0, " ")
    assert chat.turns == turns
    say(chat, chat.ask("And now?", max_new_tokens=5))


def test_a_withdrawn_question_can_be_asked_again(chat, monkeypatch):
    say(chat, chat.ask("Why?", max_new_tokens=5))
    with monkeypatch.context() as patch:
        patch.setattr(chat.model.lm_head, "forward", lambda states: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            "".join(chat.ask("What is this?", [picture(1)]))
    say(chat, chat.retry(max_new_tokens=5))
    assert [turn.question for turn in chat.turns] == ["Why?", "What is this?"]


def test_undo_takes_turn_after_turn_back(chat):
    with pytest.raises(ValueError, match="no turn to take back"):
        chat.undo()
    with pytest.raises(ValueError, match="no question yet"):
        chat.retry()
    for question in QUESTIONS[:2]:
        say(chat, chat.ask(question, max_new_tokens=5))
    assert chat.undo().question == QUESTIONS[1]
    assert say(chat, chat.ask("Why?", max_new_tokens=5)).num_reused_tokens > 30
    assert [turn.question for turn in chat.turns] == [QUESTIONS[0], "Why?"]


def test_a_question_without_an_answer_is_not_restored(chat):
    chat.restore([Turn("What is this?", (picture(1),), ""), Turn("And now?", (), "A fox.")])
    assert [turn.question for turn in chat.turns] == ["And now?"]
    say(chat, chat.ask("Why?", max_new_tokens=5))


def test_pictures_of_any_kind_are_one_picture_where_their_pixels_are_equal(chat, tmp_path):
    image = picture(1)
    image.save(tmp_path / "1.png")
    encoded = []
    chat.model.model.vision_model.register_forward_hook(lambda *_: encoded.append(1))
    pixels = torch.tensor(list(image.tobytes()), dtype=torch.uint8).view(18, 24, 3)
    for each in (image, str(tmp_path / "1.png"), pixels.numpy()):
        "".join(chat.ask("What is this?", [each], max_new_tokens=3))
    assert len(encoded) == 1
    "".join(chat.ask("What is this?", [picture(1, (18, 24))], max_new_tokens=3))  # the same bytes in another shape
    assert len(encoded) == 2


def test_the_oldest_turns_are_left_out_whole_and_said_so(chat):
    left_out, reused = [], []
    for index in range(24):
        answer = say(chat, chat.ask(f"{index}? " + "fox " * 6, max_new_tokens=12))
        left_out.append(answer.num_turns_left_out)
        reused.append(answer.num_reused_tokens)
        assert answer.num_prompt_tokens + 12 <= 512
    assert len(chat.turns) == 24
    assert left_out == sorted(left_out)
    assert left_out[0] == 0
    assert left_out[-1] > 5
    moves = [at for at in range(1, 24) if left_out[at] != left_out[at - 1]]
    assert 1 < len(moves) <= 10  # room is made for several turns at once
    assert all(reused[at] > 100 for at in range(4, 24) if at not in moves)


def test_what_is_left_out_follows_from_the_turns_alone(chat):
    for index in range(14):
        say(chat, chat.ask(f"{index}? " + "fox " * 6, max_new_tokens=12))
    fresh = Chat(chat.model, chat.processor)
    fresh.restore(chat.turns)
    answers = [each.ask("And now?", max_new_tokens=12) for each in (chat, fresh)]
    texts = ["".join(answer) for answer in answers]
    assert texts[0] == texts[1]
    assert answers[0].num_turns_left_out == answers[1].num_turns_left_out > 0
    assert answers[0].num_reused_tokens > 100 > answers[1].num_reused_tokens


def test_stopping_and_failing_give_memory_back(chat, monkeypatch):
    for index in range(PICTURES_KEPT + 2):  # as many as are ever kept
        "".join(chat.ask("What is this?", [picture(index)], max_new_tokens=1))
    chat.reset()
    start = live_bytes()
    for _ in range(3):
        answer = chat.ask("What is this?", [picture(1, (200, 200))], max_new_tokens=300)
        next(answer)
        answer.close()
        assert len(answer.token_ids) < 300
    chat.reset()
    assert live_bytes() <= start + 4096
    errors = []
    with monkeypatch.context() as patch:
        patch.setattr(chat.model.lm_head, "forward", lambda states: (states.repeat(1, 1, 4000), 1 / 0))
        for _ in range(3):
            with pytest.raises(ZeroDivisionError) as caught:
                "".join(chat.ask("What is this?", [picture(2)]))
            errors.append(caught.value)  # whoever keeps the error keeps no tensor
    chat.reset()
    assert live_bytes() <= start + 4096


def test_pictures_that_nobody_shows_any_more_are_let_go(chat):
    for index in range(PICTURES_KEPT + 8):
        "".join(chat.ask("What is this?", [picture(index)], max_new_tokens=1))
        chat.restore(())
    assert len(chat._visual_tokens) == PICTURES_KEPT


def test_stop_while_pictures_are_encoded_encodes_no_more(chat):
    answer = chat.ask("What?", [picture(index) for index in range(6)], max_new_tokens=5)
    encoded = []

    def stop(*_):
        encoded.append(1)
        answer.stop()

    chat.model.model.vision_model.register_forward_hook(stop)
    assert "".join(answer) == ""
    assert len(encoded) == 1
    assert chat.turns == ()
