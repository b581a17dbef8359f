"""What a checkpoint is asked and answers: python -m pytest tests/evaluation/test_answering.py."""

import math
from dataclasses import replace

import pytest
import torch
from PIL import Image

from deepseek_vl_hf import DeepSeekVLHFImageProcessor
from deepseek_vl_hf.chat import Chat
from deepseek_vl_hf.evaluation import answering
from deepseek_vl_hf.evaluation.answering import Answering
from deepseek_vl_hf.evaluation.questions import Question, QuestionSet, read_questions


def of(folder, *questions):
    return QuestionSet(folder, questions, tuple("0" for _ in questions))


def test_answers_are_those_of_a_conversation(folder, the_nano):
    asked = read_questions(folder)
    replies = Answering(*the_nano, asked, max_new_tokens=24, batch_size=5).run()
    for question, reply in zip(asked.questions, replies, strict=True):
        answer = Chat(*the_nano).ask(
            question.prompt, [Image.open(asked.picture(name)) for name in question.pictures], max_new_tokens=24
        )
        assert reply.text == "".join(answer), question.id
        assert reply.is_cut == answer.is_cut


def test_answers_and_losses_do_not_depend_on_the_batch(folder, the_nano):
    asked = read_questions(folder)
    alone, together = (Answering(*the_nano, asked, 24, batch_size=size).run() for size in (1, 12))
    assert [reply.text for reply in alone] == [reply.text for reply in together]
    for one, other in zip(alone, together, strict=True):
        assert one.losses == pytest.approx(other.losses, rel=1e-4)


def test_the_loss_of_a_choice_is_that_of_its_tokens_after_question_and_options(folder, the_nano):
    model, processor = the_nano
    question = read_questions(folder).questions[4]
    losses = Answering(model, processor, of(folder, question)).run()[0].losses
    picture = {"type": "image", "image": Image.open(folder / "pictures" / "pineapple.png")}
    asked = {"role": "user", "content": [picture, {"type": "text", "text": question.prompt}]}
    for choice, loss in zip(question.choices, losses, strict=True):
        inputs = processor.apply_chat_template(
            [asked, {"role": "assistant", "content": choice}], tokenize=True, return_dict=True, return_tensors="pt"
        )
        num_targets = len(processor.tokenizer(f" {choice}", add_special_tokens=False)["input_ids"])
        with torch.no_grad():
            logits = model(**inputs).logits[0, -num_targets - 2 : -2]  # without the end
        targets = inputs["input_ids"][0, -num_targets - 1 : -1]
        assert loss == pytest.approx(torch.nn.functional.cross_entropy(logits, targets).item(), rel=1e-4)


def test_every_picture_is_encoded_once_in_a_batch_and_opened_no_earlier(folder, the_nano, monkeypatch):
    opened = []
    open_picture = answering.open_picture
    monkeypatch.setattr(answering, "open_picture", lambda path, name: opened.append(name) or open_picture(path, name))
    asked = read_questions(folder)
    run = Answering(*the_nano, asked.only([0, 1, 2, 3]), 2, batch_size=16)
    assert opened == []
    run.run()
    assert sorted(opened) == ["elephant.png", "pineapple.png", "sailboat.png"]


def test_a_question_longer_than_the_context_is_not_asked_and_the_others_are(folder, the_nano):
    question = read_questions(folder).questions[0]
    long = replace(question, id="long", question="What is this? " * 400)
    picked = replace(long, id="choice", scoring="choice", choices=("elephant", "cat"))
    told = []
    replies = Answering(*the_nano, of(folder, long, question, picked), 24).run(told.append)
    assert [reply.is_too_long for reply in replies] == [True, False, True]
    assert replies[0].text == ""
    assert "elephant" in replies[1].text
    assert replies[2].losses == (math.inf, math.inf)
    assert sum(told) == 5


def test_a_row_ends_where_its_own_context_does(folder, the_nano):
    question, words = read_questions(folder).questions[0], 900
    replies = [None, None]
    while replies[0] is None or replies[0].is_too_long:
        words -= 1
        long = replace(question, question="What is it? " + "a " * words)
        replies = Answering(*the_nano, of(folder, long, replace(question, id="short"))).run()
    answer = Chat(*the_nano).ask(long.question, [Image.open(folder / "pictures/elephant.png")])
    assert replies[0].text == "".join(answer)
    assert replies[0].is_cut
    assert len(answer.token_ids) < 12
    assert replies[1].text == "It is an elephant."


def test_a_model_without_a_high_resolution_tower_answers(folder, tiny_low_res_model, tiny_processor):
    tiny_processor.image_processor = DeepSeekVLHFImageProcessor.from_config(tiny_low_res_model.config)
    replies = Answering(tiny_low_res_model, tiny_processor, read_questions(folder), 4).run()
    assert len(replies) == 12
    assert len(replies[4].losses) == 4


def test_a_batch_that_memory_cannot_hold_is_halved(folder, the_nano, monkeypatch):
    asked = read_questions(folder)
    expected = Answering(*the_nano, asked, 8, batch_size=8).run()
    run = Answering(*the_nano, asked, 8, batch_size=8)
    generate, sizes = run._generate, []

    def small(batch):
        sizes.append(len(batch))
        if len(batch) > 2:
            raise torch.OutOfMemoryError("too much")
        return generate(batch)

    monkeypatch.setattr(run, "_generate", small)
    assert [reply.text for reply in run.run()] == [reply.text for reply in expected]
    assert sizes[:3] == [8, 4, 2]


def test_image_tokens_that_are_not_as_many_as_pictures_are_refused_by_name(folder, the_nano):
    question = Question(
        "two",
        "text",
        "made",
        "en",
        ("elephant.png",),
        "<image_placeholder> <image_placeholder> same?",
        ("yes",),
        "yes_no",
    )
    with pytest.raises(ValueError, match="two: Found 2 times"):
        Answering(*the_nano, of(folder, question))
