"""Rows become a batch whose labels are what a stage learns.

python -m pytest tests/training/test_collation.py
"""

import pytest
import torch
from tiny_rows import picture, row

from deepseek_vl_hf.training import DeepSeekVLHFCollator


N = 16  # image tokens of a picture in the tiny model
IMAGE_TOKEN = "<image_placeholder>"


def learned(processor, batch, index=0):
    ids, labels = batch["input_ids"][index], batch["labels"][index]
    assert torch.equal(ids[labels != -100], labels[labels != -100])
    return processor.tokenizer.decode(ids[labels != -100])


def as_chat(entry):
    images = iter(entry["images"])

    def fill(part):
        return {**part, "image": next(images)} if part["type"] == "image" else part

    return [{**turn, "content": [fill(part) for part in turn["content"]]} for turn in entry["messages"]]


def test_a_conversation_is_tokenized_as_the_processor_does(tiny_processor, mixed_rows):
    batch = DeepSeekVLHFCollator(tiny_processor)(mixed_rows)
    expected = tiny_processor.apply_chat_template(
        [as_chat(entry) for entry in mixed_rows],
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        return_assistant_tokens_mask=True,
        processor_kwargs={"padding": True, "padding_side": "right"},
    )
    targets = expected.pop("assistant_masks").bool()
    assert torch.equal(batch["labels"] != -100, targets)
    for name, value in expected.items():
        assert torch.equal(batch[name], value), name
    assert set(batch) == {*expected, "labels"}


def test_only_answers_and_the_token_that_ends_them_are_learned(tiny_processor):
    entry = row("What is it?", "A red bicycle.")
    entry["messages"] += row("And?", "A cat: é 中.", num_images=0)["messages"]
    batch = DeepSeekVLHFCollator(tiny_processor)([entry])
    end = tiny_processor.tokenizer.eos_token
    assert learned(tiny_processor, batch) == f" A red bicycle.{end} A cat: é 中.{end}"


def test_all_text_of_a_conversation_is_learned_on_request(tiny_processor):
    batch = DeepSeekVLHFCollator(tiny_processor, assistant_only_loss=False)([row("What is it?", "A cat.")])
    text = learned(tiny_processor, batch)
    assert text.startswith("You are a helpful")
    assert text.endswith(f"User: What is it?\n\nAssistant: A cat.{tiny_processor.tokenizer.eos_token}")


@pytest.mark.parametrize("assistant_only_loss", [True, False])
def test_image_tokens_and_padding_are_never_targets(tiny_processor, mixed_rows, assistant_only_loss):
    entries = [*mixed_rows, {"text": f"A {IMAGE_TOKEN} here.", "images": [picture(1)]}]
    batch = DeepSeekVLHFCollator(tiny_processor, assistant_only_loss=assistant_only_loss)(entries)
    is_image = batch["input_ids"] == tiny_processor.image_token_id
    assert is_image.sum() == N * len(batch["pixel_values"])
    assert (batch["labels"][is_image] == -100).all()
    assert (batch["labels"][batch["attention_mask"] == 0] == -100).all()
    assert (batch["labels"] != -100).any(1).all()


def test_the_end_is_learned_although_padding_has_the_same_id(tiny_processor, text_rows):
    assert tiny_processor.tokenizer.pad_token_id == tiny_processor.tokenizer.eos_token_id
    batch = DeepSeekVLHFCollator(tiny_processor)(text_rows)
    assert ((batch["labels"] == tiny_processor.tokenizer.eos_token_id).sum(1) == 1).all()


def test_a_text_begins_and_ends_once_and_learns_all_but_its_pictures(tiny_processor):
    entry = {"text": f"A cat {IMAGE_TOKEN} and a dog {IMAGE_TOKEN}.", "images": [picture(1), picture(2)]}
    batch = DeepSeekVLHFCollator(tiny_processor)([entry])
    tokenizer = tiny_processor.tokenizer
    assert learned(tiny_processor, batch) == f"A cat  and a dog .{tokenizer.eos_token}"
    ids = batch["input_ids"][0].tolist()
    assert ids.count(tokenizer.bos_token_id) == 1
    assert ids.count(tokenizer.eos_token_id) == 1
    assert (ids[0], ids[-1]) == (tokenizer.bos_token_id, tokenizer.eos_token_id)
    marked = {**entry, "text": f"{tokenizer.bos_token}{entry['text']}{tokenizer.eos_token}"}
    assert DeepSeekVLHFCollator(tiny_processor)([marked])["input_ids"][0].tolist() == ids


def test_texts_and_conversations_share_a_batch_as_columns_of_a_table(tiny_processor):
    entries = [
        {"messages": None, "text": "A lighthouse.", "images": []},
        {**row("What is it?", "A cat."), "text": None},
        {"messages": None, "text": "A teapot.", "images": None},
    ]
    batch = DeepSeekVLHFCollator(tiny_processor)(entries)
    end = tiny_processor.tokenizer.eos_token
    found = [learned(tiny_processor, batch, index) for index in range(3)]
    assert found == [f"A lighthouse.{end}", f" A cat.{end}", f"A teapot.{end}"]
    assert len(batch["pixel_values"]) == 1


def test_a_batch_of_text_alone_has_no_pixels(tiny_processor, text_rows):
    assert set(DeepSeekVLHFCollator(tiny_processor)(text_rows)) == {"input_ids", "attention_mask", "labels"}


def test_pictures_come_in_reading_order_over_the_rows(tiny_processor, mixed_rows):
    batch = DeepSeekVLHFCollator(tiny_processor)(mixed_rows)
    images = [image for entry in mixed_rows for image in entry["images"]]
    assert torch.equal(
        batch["pixel_values"], tiny_processor.image_processor(images, return_tensors="pt")["pixel_values"]
    )


def test_a_long_answer_loses_its_end_and_is_counted(tiny_processor):
    entries = [row("What?", "cat " * 50), row("What?", "cat")]
    whole = DeepSeekVLHFCollator(tiny_processor)(entries)
    collator = DeepSeekVLHFCollator(tiny_processor, max_length=200)
    batch = collator(entries)
    assert batch["input_ids"].shape[1] == 200
    assert torch.equal(batch["input_ids"], whole["input_ids"][:, :200])
    assert torch.equal(batch["labels"], whole["labels"][:, :200])
    assert collator.counts == {"rows": 2, "cut": 1, "without_targets": 0}


def test_no_length_cuts_through_a_picture(tiny_processor, tiny_model):
    entry = {"text": f"A {IMAGE_TOKEN} and {IMAGE_TOKEN} there.", "images": [picture(1), picture(2)]}
    pictures_left = set()
    for max_length in range(N + 1, 60):
        batch = DeepSeekVLHFCollator(tiny_processor, max_length=max_length)([entry])
        num_image_tokens = int((batch["input_ids"] == tiny_processor.image_token_id).sum())
        assert batch["input_ids"].shape[1] <= max_length
        assert num_image_tokens % N == 0
        assert num_image_tokens // N == len(batch.get("pixel_values", []))
        assert tiny_model(**batch).loss.isfinite()
        pictures_left.add(num_image_tokens // N)
    assert pictures_left == {0, 1, 2}


def test_a_length_that_counts_text_alone_leaves_every_picture(tiny_processor):
    entry = {"text": f"{IMAGE_TOKEN}{IMAGE_TOKEN}" + "cat " * 30, "images": [picture(1), picture(2)]}
    batch = DeepSeekVLHFCollator(tiny_processor, max_length=10, count_image_tokens=False)([entry])
    assert batch["input_ids"].shape[1] == 10 + 2 * N
    assert len(batch["pixel_values"]) == 2


def test_a_row_whose_answer_is_cut_off_is_kept_without_targets_and_counted(tiny_processor):
    collator = DeepSeekVLHFCollator(tiny_processor, max_length=20, count_image_tokens=False)
    batch = collator([row("What is it? " * 20, "A cat.")])
    assert (batch["labels"] == -100).all()
    assert collator.counts == {"rows": 1, "cut": 1, "without_targets": 1}


def test_cut_rows_are_reported_at_powers_of_ten(tiny_processor, monkeypatch):
    messages = []
    monkeypatch.setattr("deepseek_vl_hf.training.collation.logger.warning", messages.append)
    collator = DeepSeekVLHFCollator(tiny_processor, max_length=200)
    for _ in range(12):
        collator([row("What?", "cat " * 50)])
    assert len(messages) == 2
    assert "so far 10 of 10 rows were cut" in messages[1]


def test_counts_survive_the_way_to_a_worker(tiny_processor):
    collator = DeepSeekVLHFCollator(tiny_processor, max_length=5, count_image_tokens=False)
    loader = torch.utils.data.DataLoader([row("What?", "cat", 0)] * 4, 2, collate_fn=collator, num_workers=1)
    assert len(list(loader)) == 2
    assert collator.counts["cut"] == 4


def test_a_batch_is_padded_to_a_multiple(tiny_processor, mixed_rows):
    assert DeepSeekVLHFCollator(tiny_processor, pad_to_multiple_of=64)(mixed_rows)["labels"].shape[1] % 64 == 0


def test_a_row_without_a_picture_is_named_where_one_is_needed(tiny_processor):
    collator = DeepSeekVLHFCollator(tiny_processor, needs_images=True)
    with pytest.raises(ValueError, match=r"row 1 of the batch \(.*Who is it.*found no image"):
        collator([row("What?", "cat"), row("Who is it?", "cat", 0)])


def test_a_picture_that_can_never_fit_is_an_error(tiny_processor):
    with pytest.raises(ValueError, match="picture of 16 image tokens that does not fit into max_length=16"):
        DeepSeekVLHFCollator(tiny_processor, max_length=16)([row("What?", "cat")])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"images": []}, "found neither of 'messages' and 'text'"),
        ({**row("a", "b"), "text": "c"}, "found both of 'messages' and 'text'"),
        ({"text": f"{IMAGE_TOKEN} {IMAGE_TOKEN}", "images": [picture(0)]}, "found 2 <image_placeholder> for 1 images"),
        ({"text": "none", "images": [picture(0)]}, "found 0 <image_placeholder> for 1 images"),
        ({**row("a", "b"), "images": []}, "found 1 image parts in the messages and 0 images"),
    ],
)
def test_a_malformed_row_is_named(tiny_processor, entry, message):
    with pytest.raises(ValueError, match=f"row 1 of the batch.*{message}"):
        DeepSeekVLHFCollator(tiny_processor)([row("What?", "cat"), entry])


def test_an_image_token_typed_in_a_conversation_is_text(tiny_processor):
    batch = DeepSeekVLHFCollator(tiny_processor)([row(f"What is {IMAGE_TOKEN}?", "A placeholder.")])
    assert (batch["input_ids"] == tiny_processor.image_token_id).sum() == N


def test_a_template_without_marks_is_refused(tiny_processor):
    tiny_processor.chat_template = "{{ messages }}"
    with pytest.raises(ValueError, match=r"without \{% generation %\}"):
        DeepSeekVLHFCollator(tiny_processor)
