"""The trainer draws what the plan says: steps of one modality, packs, sets by weight, the same after a resume.

python -m pytest tests/training/test_sampling.py
"""

import copy
import math

import numpy as np
import pytest
import torch
from accelerate.data_loader import BatchSamplerShard
from datasets import Dataset
from tiny_rows import row
from torch.utils.data import BatchSampler

from deepseek_vl_hf.training import ModalityPlan, ShareSchedule, Source
from deepseek_vl_hf.training.sampling import PlannedRows, PlanSampler, count_images


PLANNED = {"train_sampling_strategy": "random", "language_warmup_steps": 4, "language_share": 0.5}


@pytest.fixture
def many_rows():
    """Twelve rows without pictures and twelve with one or two."""
    counts = (1, 0, 2, 0, 1, 0) * 4
    return Dataset.from_list(
        [row(f"What is {i % 10}?", "A cat" + " and a dog" * (i % 4), n, seed=3 * i) for i, n in enumerate(counts)]
    )


def seen_by(trainer):
    """Run a trainer and note the inputs of each micro-batch."""
    batches, training_step = [], trainer.training_step

    def note(model, inputs, *args):
        batches.append({name: value.clone() for name, value in inputs.items()})
        return training_step(model, inputs, *args)

    trainer.training_step = note
    trainer.train()
    return batches


def losses(trainer):
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def test_images_are_counted_without_reading_them_in_any_order_of_rows(many_rows):
    expected = [len(images) for images in many_rows["images"]]
    assert count_images(many_rows).tolist() == expected
    assert count_images(many_rows.select([5, 2, 2])).tolist() == [expected[5], expected[2], expected[2]]


def test_every_step_has_one_modality_in_all_its_micro_batches(tiny_model, make_trainer, many_rows):
    trainer = make_trainer(
        tiny_model, many_rows, 2, max_steps=8, per_device_train_batch_size=2, gradient_accumulation_steps=3, **PLANNED
    )
    batches = seen_by(trainer)
    with_pictures = ["pixel_values" in batch for batch in batches]
    planned = [trainer.plan.modality(step) == "multimodal" for step in range(8)]
    assert with_pictures == [value for value in planned for _ in range(3)]
    assert sum(planned) in (2, 3)
    logs = [entry for entry in trainer.state.log_history if "loss" in entry]
    for entry, multimodal in zip(logs, planned, strict=True):
        assert entry["loss_multimodal" if multimodal else "loss_language"] == pytest.approx(entry["loss"], abs=1e-3)
        assert ("loss_language" in entry) != multimodal
    assert [entry["language_share"] for entry in logs] == pytest.approx([1, 0.875, 0.75, 0.625, 0.5, 0.5, 0.5, 0.5])


def test_ranks_divide_a_step_and_its_rows_do_not_depend_on_their_number():
    sources = (Source("a", 500, "language"), Source("b", 300, "multimodal"))
    plan = ModalityPlan(sources, 24, ShareSchedule.warmup(0.5, 3), seed=1)

    def rows_of_steps(world, micro_steps):
        sampler = BatchSampler(PlanSampler(plan, 10), 24 // world // micro_steps, drop_last=False)
        shards = [list(BatchSamplerShard(sampler, world, rank)) for rank in range(world)]
        return [
            {index for shard in shards for batch in shard[step * micro_steps :][:micro_steps] for index in batch}
            for step in range(10)
        ]

    alone = rows_of_steps(1, 1)
    assert all(len(rows) == 24 for rows in alone)
    assert alone == rows_of_steps(4, 1) == rows_of_steps(4, 3) == rows_of_steps(2, 6)


def test_resuming_repeats_rows_and_losses_of_an_unbroken_run(tiny_model, make_trainer, many_rows, tmp_path):
    arguments = {"max_steps": 6, "save_strategy": "steps", "save_steps": 2, "learning_rate": 1e-2, **PLANNED}
    start = copy.deepcopy(tiny_model.state_dict())
    unbroken = make_trainer(tiny_model, many_rows, 2, **arguments)
    unbroken.train()
    tiny_model.load_state_dict(start)
    resumed = make_trainer(tiny_model, many_rows, 2, **arguments)
    resumed.train(resume_from_checkpoint=str(tmp_path / "out" / "checkpoint-4"))
    assert losses(resumed) == losses(unbroken)
    assert len(set(losses(unbroken))) > 4


def test_packs_hold_every_row_once_and_hardly_any_padding(tiny_model, make_trainer, many_rows):
    trainer = make_trainer(
        tiny_model, many_rows, 2, packing=True, max_length=400, max_steps=4, per_device_train_batch_size=1, **PLANNED
    )
    rows = trainer.train_dataset
    assert isinstance(rows, PlannedRows)
    for source, packs in ((source, part.items) for source, (_, part) in zip(rows.sources, rows.parts, strict=True)):
        flat = sorted(index for pack in packs for index in pack)
        assert flat == [
            i for i, n in enumerate(count_images(many_rows)) if (n > 0) == (source.modality == "multimodal")
        ]
        assert source.num_rows == len(packs) < len(flat)
    batches = seen_by(trainer)
    assert all(batch["position_ids"].shape[1] <= 400 and "attention_mask" not in batch for batch in batches)
    assert all((batch["position_ids"] == 0).sum() > 1 for batch in batches)
    assert all(math.isfinite(loss) for loss in losses(trainer))


def test_packed_and_unpacked_steps_learn_the_same(tiny_model, make_trainer, many_rows):
    rows = many_rows.select(range(6))
    start = copy.deepcopy(tiny_model.state_dict())
    arguments = {"train_sampling_strategy": "random", "language_share": 0.0, "max_steps": 2, "learning_rate": 1e-2}
    results = []
    for packing in (True, False):
        tiny_model.load_state_dict(start)
        trainer = make_trainer(
            tiny_model,
            rows,
            2,
            packing=packing,
            max_length=600,
            per_device_train_batch_size=1 if packing else 3,
            **arguments,
        )
        trainer.train()
        results.append(losses(trainer))
    # One pack holds the three rows with pictures.
    assert results[0] == pytest.approx(results[1], abs=1e-4)


def test_sets_are_drawn_by_share_and_named(tiny_model, make_trainer, many_rows, text_rows):
    sets = {"one": many_rows, "two": Dataset.from_list(text_rows)}
    trainer = make_trainer(tiny_model, sets, 2, max_steps=200, set_shares={"two": 0.75}, **PLANNED)
    assert [source.name for source in trainer.plan.sources] == ["one/language", "one/multimodal", "two/language"]
    drawn = np.concatenate([trainer.plan.rows(step)[0] for step in range(200)])
    assert (drawn == 2).sum() / (drawn == 0).sum() == pytest.approx(3, rel=0.05)
    assert (drawn == 1).mean() == pytest.approx(0.5, abs=0.02)


def test_a_share_for_no_set_is_refused(tiny_model, make_trainer, many_rows):
    with pytest.raises(ValueError, match=r"found shares for .'two'., expected some of the sets"):
        make_trainer(tiny_model, many_rows, 2, set_shares={"two": 1}, **PLANNED)


def test_rows_in_an_order_of_their_own_are_not_packed(tiny_model, make_trainer, many_rows):
    with pytest.raises(ValueError, match=r"found packing=True .*'sequential'"):
        make_trainer(tiny_model, many_rows, 2, packing=True, train_sampling_strategy="sequential")


def test_the_rate_drops_where_the_recipe_says(tiny_model, make_trainer, many_rows):
    trainer = make_trainer(
        tiny_model,
        many_rows,
        2,
        max_steps=20,
        warmup_steps=4,
        learning_rate=1e-3,
        lr_drops={0.5: 0.3, 0.8: 0.1},
        **PLANNED,
    )
    trainer.train()
    rates = [entry["learning_rate"] for entry in trainer.state.log_history if "learning_rate" in entry]
    assert rates == pytest.approx([0, 2.5e-4, 5e-4, 7.5e-4] + [1e-3] * 6 + [3e-4] * 6 + [1e-4] * 4)


def test_epochs_without_steps_cover_the_rows(tiny_model, make_trainer, many_rows):
    trainer = make_trainer(
        tiny_model, many_rows, 3, max_steps=-1, num_train_epochs=2, train_sampling_strategy="random"
    )
    assert trainer.args.max_steps == 12
    drawn = [
        tuple(pair)
        for step in range(12)
        for pair in zip(*map(np.ndarray.tolist, trainer.plan.rows(step)), strict=True)
    ]
    assert sorted(drawn) == sorted([(source, index) for source in (0, 1) for index in range(12)] * 2)


def test_text_first_then_pictures_leaves_the_aligner_alone_until_then(tiny_model, make_trainer, many_rows):
    before = copy.deepcopy(tiny_model.model.aligner.state_dict())
    schedule = {"0": 1.0, "3": 1.0, "4": 0.0}
    trainer = make_trainer(
        tiny_model,
        many_rows,
        2,
        max_steps=3,
        language_share_schedule=schedule,
        train_sampling_strategy="random",
        learning_rate=1e-2,
    )
    trainer.train()
    assert all(torch.equal(value, before[name]) for name, value in tiny_model.model.aligner.state_dict().items())
