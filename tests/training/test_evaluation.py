"""Held-out rows are scored while a model trains: losses by modality, bits per byte, multiple-choice perplexity.

python -m pytest tests/training/test_evaluation.py
"""

import copy
import math

import pytest
import torch
from datasets import Dataset
from tiny_rows import picture, row

from deepseek_vl_hf.training.evaluation import HeldOutRows


def question(seed=0, choices=("A", "B", "C"), answer="B", num_images=1):
    asked = row("Which? A cat, B dog, C bird.", "", num_images, seed)
    return {**asked, "messages": asked["messages"][:1], "choices": list(choices), "answer": answer}


def evaluate(trainer, rows, **kwargs):
    return trainer.evaluate(Dataset.from_list(rows) if isinstance(rows, list) else rows, **kwargs)


def own_loss(model, trainer, rows):
    """Sum of the model's own loss over targets, and how many there are."""
    total, count = 0.0, 0
    for each in rows:
        batch = trainer.data_collator([each])
        batch.pop("counts", None)
        targets = int((batch["labels"][:, 1:] != -100).sum())
        with torch.no_grad():
            total += model(**batch).loss.item() * targets
        count += targets
    return total, count


@pytest.mark.parametrize("batch_size", [1, 3])
def test_the_loss_is_that_of_all_targets_and_of_those_of_each_modality(
    tiny_model, make_trainer, mixed_rows, batch_size
):
    trainer = make_trainer(tiny_model, mixed_rows, 2, per_device_eval_batch_size=batch_size)
    found = evaluate(trainer, mixed_rows)
    tiny_model.eval()
    parts = {}
    for name, rows in (
        ("language", [each for each in mixed_rows if not each["images"]]),
        ("multimodal", [each for each in mixed_rows if each["images"]]),
    ):
        total, count = own_loss(tiny_model, trainer, rows)
        parts[name] = (total, count)
        assert found[f"eval_loss_{name}"] == pytest.approx(total / count, rel=1e-5)
    totals, counts = zip(*parts.values(), strict=True)
    assert found["eval_loss"] == pytest.approx(sum(totals) / sum(counts), rel=1e-5)


def test_bits_per_byte_are_those_of_the_text(tiny_model, make_trainer):
    texts = [{"text": "A cat sees a dog.", "images": []}, {"text": "Ein Käfer.", "images": []}]
    trainer = make_trainer(tiny_model, texts, 2)
    found = evaluate(trainer, texts)
    tiny_model.eval()
    nats, _ = own_loss(tiny_model, trainer, texts)
    tokenizer = trainer.processing_class.tokenizer
    ids = [tokenizer(text["text"], add_special_tokens=False)["input_ids"] for text in texts]
    num_bytes = sum(len(tokenizer.decode(each, skip_special_tokens=True).encode()) for each in ids)
    assert found["eval_bits_per_byte"] == pytest.approx(nats / math.log(2) / num_bytes, rel=1e-5)
    assert "eval_loss_multimodal" not in found


def test_pictures_alone_have_no_bits_per_byte(tiny_model, make_trainer, picture_rows):
    found = evaluate(make_trainer(tiny_model, picture_rows, 3), picture_rows)
    assert "eval_bits_per_byte" not in found
    assert found["eval_loss"] == found["eval_loss_multimodal"]


def test_the_choice_of_lowest_perplexity_is_the_answer(tiny_model, make_trainer, mixed_rows):
    questions = [question(seed) for seed in range(5)] + [question(seed, num_images=0) for seed in range(3)]
    trainer = make_trainer(tiny_model, mixed_rows, 2, per_device_eval_batch_size=4)
    tiny_model.eval()
    processor = trainer.processing_class
    choices = []
    for each in questions:  # the last position of the prompt, in which the first token of each choice is scored
        losses = []
        for choice in each["choices"]:
            said = {"role": "assistant", "content": [{"type": "text", "text": choice}]}
            messages = [*each["messages"], said]
            batch = trainer.data_collator([{"messages": messages, "images": each["images"]}])
            batch.pop("counts", None)
            prompt = processor.apply_chat_template(each["messages"], add_generation_prompt=True)
            prompt = processor(text=prompt, images=each["images"] or None, return_tensors="pt")["input_ids"].shape[1]
            with torch.no_grad():
                logits = tiny_model(**{**batch, "labels": None}).logits[0].log_softmax(-1)
            ids = batch["input_ids"][0]
            places = range(prompt, len(ids) - 1)  # without the token that ends the answer
            losses.append(-sum(logits[place - 1, ids[place]].item() for place in places) / len(places))
        choices.append(each["choices"][losses.index(min(losses))])
    for wanted in "ABC":
        asked = [{**each, "answer": wanted} for each in questions]
        found = evaluate(trainer, asked)
        assert found["eval_accuracy"] == pytest.approx(sum(choice == wanted for choice in choices) / len(choices))
    assert found["eval_perplexity"] > 1


def test_a_model_that_learned_the_answer_chooses_it(tiny_model, make_trainer):
    asked = [question(seed, answer="C") for seed in range(4)]
    rows = [
        {
            "messages": [*each["messages"], {"role": "assistant", "content": [{"type": "text", "text": "C"}]}],
            "images": each["images"],
        }
        for each in asked
    ]
    trainer = make_trainer(
        tiny_model,
        rows,
        3,
        max_steps=10,
        num_train_epochs=10,
        learning_rate=1e-2,
        eval_dataset={"questions": Dataset.from_list(asked), "rows": Dataset.from_list(rows)},
        eval_strategy="steps",
        eval_steps=5,
    )
    trainer.train()
    found = [entry for entry in trainer.state.log_history if "eval_questions_accuracy" in entry]
    assert [entry["step"] for entry in found] == [5, 10]
    assert found[-1]["eval_questions_accuracy"] == 1.0
    assert found[-1]["eval_questions_perplexity"] < found[0]["eval_questions_perplexity"]
    assert [entry["step"] for entry in trainer.state.log_history if "eval_rows_loss" in entry] == [5, 10]


def test_evaluation_leaves_training_as_it_is(tiny_model, make_trainer, mixed_rows):
    twin = copy.deepcopy(tiny_model)
    found = []
    for model, extra in ((tiny_model, {}), (twin, {"eval_strategy": "steps", "eval_steps": 1})):
        trainer = make_trainer(model, mixed_rows, 3, eval_dataset=Dataset.from_list(mixed_rows), **extra)
        trainer.train()
        found.append([entry["loss"] for entry in trainer.state.log_history if "loss" in entry])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "wrong",
    [{"answer": "D"}, {"choices": ["B"]}, {"choices": ["B", "B"]}, {"choices": ["B", " "]}],
)
def test_a_question_without_a_right_answer_is_refused(tiny_model, make_trainer, mixed_rows, wrong):
    rows = Dataset.from_list([question(), question(**wrong)])
    with pytest.raises(ValueError, match=r"eval_dataset: found choices .* in row 1, expected at least two"):
        make_trainer(tiny_model, mixed_rows, 2, eval_dataset=rows)


@pytest.mark.parametrize("num_processes", [1, 2, 3])
def test_processes_have_batches_of_the_same_modalities_and_every_row_once(num_processes):
    rows = HeldOutRows(Dataset.from_list([{"text": str(i), "images": [picture(i)] * (i % 3 == 0)} for i in range(11)]))
    batches = [rows.batches(2, num_processes, process) for process in range(num_processes)]
    assert len({len(each) for each in batches}) == 1
    for together in zip(*batches, strict=True):
        numbers = [number for batch in together for number in batch]
        assert len({rows[number][1]["images"] == [] for number in numbers}) == 1
    real = sorted(number for each in batches for batch in each for number in batch if number >= 0)
    assert real == list(range(11))
