"""Packs: full, whole, deterministic, and without a view from one row into another.

python -m pytest tests/training/test_packing.py
"""

import numpy as np
import pytest
import torch
from tiny_rows import row

from deepseek_vl_hf.training import DeepSeekVLHFCollator, pack
from deepseek_vl_hf.training.collation import IGNORED


def lengths(seed, count=2000, most=900):
    return np.clip(np.random.default_rng(seed).lognormal(5, 0.9, count), 1, most).astype(int).tolist()


@pytest.mark.parametrize("lookahead", [1, 7, 256])
@pytest.mark.parametrize("seed", range(5))
def test_every_row_is_in_one_pack_and_no_pack_is_too_long(seed, lookahead):
    sizes = lengths(seed)
    packs = list(pack(range(len(sizes)), sizes.__getitem__, 1000, lookahead))
    assert sorted(index for members in packs for index in members) == list(range(len(sizes)))
    assert max(sum(sizes[index] for index in members) for members in packs) <= 1000
    assert all(members == sorted(members) for members in packs)


def test_no_row_waits_longer_than_the_look_ahead():
    sizes = lengths(1)
    emitted = 0
    for members in pack(range(len(sizes)), sizes.__getitem__, 1000, 64):
        emitted += len(members)
        assert max(members) < emitted + 64


def test_packs_depend_on_what_came_before_alone():
    sizes = lengths(2)
    whole = list(pack(range(len(sizes)), sizes.__getitem__, 1000, 64))
    start = list(pack(range(500), sizes.__getitem__, 1000, 64))
    settled = [members for members in start if max(members) < 500 - 2 * 64]
    assert len(settled) > 50
    assert whole[: len(settled)] == settled


def test_a_look_ahead_fills_packs():
    sizes = lengths(3)
    filled = [
        sum(sizes) / (1000 * len(list(pack(range(len(sizes)), sizes.__getitem__, 1000, lookahead))))
        for lookahead in (1, 16, 256)
    ]
    assert filled[0] < filled[1] < filled[2]
    assert filled[2] > 0.97


def test_a_row_longer_than_a_pack_is_refused():
    with pytest.raises(ValueError, match="found row 1 of 11 tokens, expected at most the 10"):
        list(pack([3, 11], int, 10))


ANSWERS = ("A cat", "A cat and a dog", "A cat and a dog and a dog", "A cat")


@pytest.fixture
def documents():
    """Rows of different length, with no, one and two pictures."""
    return [row(f"What is {i}?", ANSWERS[i], n, seed=10 * i) for i, n in enumerate((1, 0, 2, 1))]


@pytest.fixture(params=["sdpa", "eager", pytest.param("flex_attention", marks=pytest.mark.slow)])
def model(request, tiny_model):
    """The tiny model with a kind of attention in its language model."""
    tiny_model.set_attn_implementation({"text_config": request.param})
    return tiny_model


def row_losses(model, batch, num_rows):
    """Sum of the loss of each row, told apart by the restart of positions."""
    inputs = {name: value for name, value in batch.items() if name != "labels"}
    with torch.no_grad():
        logits = model(**inputs, use_cache=False).logits[:, :-1]
    labels = batch["labels"][:, 1:]
    loss = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="none"
    ).view_as(labels)
    if "position_ids" not in batch:
        return loss.sum(1)
    document = (batch["position_ids"][:, 1:] == 0).cumsum(1)
    return torch.stack([(loss * (document == index)).sum() for index in range(num_rows)])


def test_a_packed_row_has_the_loss_that_it_has_alone(model, tiny_processor, documents):
    collator = DeepSeekVLHFCollator(tiny_processor)
    packed = row_losses(model, collator([documents]), len(documents))
    alone = torch.cat([row_losses(model, collator([document]), 1) for document in documents])
    assert alone.min() > 1
    assert (packed - alone).abs().max() < 1e-5 * alone.max()


def test_what_one_row_shows_and_says_moves_no_other(model, tiny_processor, documents):
    collator = DeepSeekVLHFCollator(tiny_processor)
    before = collator([documents])
    for changed in (0, 2, 3):
        others = list(documents)
        # Another picture, another digit: as many tokens as before.
        others[changed] = row(f"What is {changed + 5}?", ANSWERS[changed], len(documents[changed]["images"]), seed=99)
        after = collator([others])
        with torch.no_grad():
            one, two = (
                model(**{k: v for k, v in batch.items() if k != "labels"}, use_cache=False).logits
                for batch in (before, after)
            )
        document = (before["position_ids"] == 0).cumsum(1) - 1
        kept = document != changed
        assert torch.equal(before["position_ids"], after["position_ids"])
        assert torch.equal(one[kept], two[kept])
        assert not torch.equal(one[~kept], two[~kept])


def test_packs_left_open_see_what_came_before(tiny_model, tiny_processor, documents):
    collator = DeepSeekVLHFCollator(tiny_processor, isolate_rows=False)
    assert "position_ids" not in collator([documents])
    others = [row("What is 9?", "A cat", 1, seed=99), *documents[1:]]
    one, two = (tiny_model(**collator([rows])).logits for rows in (documents, others))
    last = slice(-documents[-1]["images"].__len__() - 5, None)
    assert not torch.equal(one[:, last], two[:, last])


def test_no_row_learns_from_the_last_word_of_another(tiny_processor, documents):
    batch = DeepSeekVLHFCollator(tiny_processor, assistant_only_loss=False)([documents])
    starts = batch["position_ids"] == 0
    assert starts.sum() == len(documents)
    assert (batch["labels"][starts] == IGNORED).all()
    assert (batch["labels"] != IGNORED).sum() > 50


def test_packs_of_different_length_share_a_batch(tiny_model, tiny_processor, documents):
    collator = DeepSeekVLHFCollator(tiny_processor)
    batch = collator([documents[:1], documents[1:]])
    alone = sum(row_losses(tiny_model, collator([document]), 1) for document in documents)
    num_targets = (batch["labels"] != IGNORED).sum()
    loss = tiny_model(**batch).loss  # labels turn the cache off, which would hide the packs
    assert loss.item() == pytest.approx(alone.item() / num_targets.item(), rel=1e-5)


def test_measured_lengths_are_those_of_the_batch(tiny_processor, documents):
    for max_length in (None, 60):
        collator = DeepSeekVLHFCollator(tiny_processor, max_length=max_length)
        measured = collator.measure([{key: document[key] for key in ("messages",)} for document in documents])
        assert measured == [collator([document])["input_ids"].shape[1] for document in documents]
