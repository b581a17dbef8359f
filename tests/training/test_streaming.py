"""Streams follow the plan: every row once an epoch, the same on any number of ranks, and nothing decoded that is passed over.

python -m pytest tests/training/test_streaming.py
"""

import copy
from collections import Counter
from itertools import chain

import numpy as np
import pytest
from accelerate.data_loader import BatchSamplerShard
from datasets import Dataset, Image, List
from tiny_rows import row
from torch.utils.data import BatchSampler

from deepseek_vl_hf.data.shards import FEATURES, write_tar
from deepseek_vl_hf.training import ModalityPlan, ShareSchedule, load_rows
from deepseek_vl_hf.training.sampling import PlannedRows, PlanSampler
from deepseek_vl_hf.training.streaming import StreamedRows, modalities_of


PLANNED = {"train_sampling_strategy": "random", "language_warmup_steps": 4, "language_share": 0.5}


def numbered(count, num_images):
    """Rows whose text is their number."""
    rows = [row("What?", f"It is {i}.", num_images(i), seed=i) for i in range(count)]
    return Dataset.from_list([{"messages": each["messages"], "text": None, "images": each["images"]} for each in rows])


@pytest.fixture
def mixed_stream():
    """48 rows in eight shards, every third without a picture."""
    return numbered(48, lambda i: i % 3).cast_column("images", List(Image())).to_iterable_dataset(num_shards=8)


def said(fields):
    return fields["messages"][1]["content"][0]["text"]


def drawn(plan, rows, steps, ranks=1, micro_steps=1):
    """What each rank reads at each step, as answers, through accelerate's sharding."""
    found = [[[] for _ in range(ranks)] for _ in range(steps)]
    for rank in range(ranks):
        own = copy.deepcopy(rows)
        size = plan.batch_size // ranks // micro_steps
        sampler = BatchSampler(PlanSampler(plan, steps, ranks, micro_steps), size, drop_last=False)
        for index, batch in enumerate(BatchSamplerShard(sampler, ranks, rank)):
            found[index // micro_steps][rank] += [said(own[place]) for place in batch]
    return found


def planned(stream, lanes, batch_size=8, share=1 / 3, **kwargs):
    rows = PlannedRows({"s": stream}, modalities={"s": modalities_of(stream)}, lanes=lanes, **kwargs)
    return ModalityPlan(rows.sources, batch_size, ShareSchedule(((0, share),)), lanes=lanes), rows


def test_every_row_comes_once_in_an_epoch_and_steps_have_one_modality(mixed_stream):
    plan, rows = planned(mixed_stream, lanes=4)
    steps = drawn(plan, rows, 6)
    assert [plan.modality(step) for step in range(6)].count("language") == 2
    assert Counter(text for step in steps for text in step[0]) == Counter(f"It is {i}." for i in range(48))
    again = drawn(plan, rows, 12)
    assert Counter(text for step in again for text in step[0]) == Counter([f"It is {i}." for i in range(48)] * 2)


@pytest.mark.parametrize(("ranks", "micro_steps"), [(2, 1), (2, 2), (4, 1), (4, 2), (1, 4)])
def test_any_number_of_ranks_draws_the_same_rows_and_each_keeps_to_its_lanes(mixed_stream, ranks, micro_steps):
    plan, rows = planned(mixed_stream, lanes=4)
    expected = drawn(plan, rows, 12)
    found = drawn(plan, rows, 12, ranks, micro_steps)
    for step, one in zip(found, expected, strict=True):
        assert sorted(chain.from_iterable(step)) == sorted(one[0])
    # Eight shards of six rows, two shards a lane.
    lanes = [{int(text[6:-1]) // 12 for step in found for text in step[rank]} for rank in range(ranks)]
    assert [len(lane) for lane in lanes] == [4 // ranks] * ranks
    assert len(set.union(*lanes)) == 4


def test_lanes_that_cannot_be_dealt_are_refused(mixed_stream):
    plan, _ = planned(mixed_stream, lanes=4)
    with pytest.raises(ValueError, match="found stream_lanes=4 and 3 processes"):
        PlanSampler(plan, 1, num_ranks=3)
    with pytest.raises(ValueError, match="found batch_size=8 rows per step and lanes=3"):
        planned(mixed_stream, lanes=3)


def test_a_stream_with_fewer_shards_than_lanes_is_dealt_row_by_row():
    stream = numbered(16, lambda i: 1).to_iterable_dataset(num_shards=2)
    plan, rows = planned(stream, lanes=4, batch_size=4, share=0.0)
    assert Counter(chain.from_iterable(step[0] for step in drawn(plan, rows, 4))) == Counter(
        f"It is {i}." for i in range(16)
    )


def test_a_shuffled_stream_has_another_order_each_epoch_and_the_same_one_again(mixed_stream):
    plan, rows = planned(mixed_stream, lanes=1, shuffle_buffer=16)
    once = [step[0] for step in drawn(plan, rows, 12)]
    assert once == [step[0] for step in drawn(plan, rows, 12)]
    assert sorted(chain.from_iterable(once[:6])) == sorted(chain.from_iterable(once[6:]))
    assert once[:6] != once[6:]


def test_what_is_passed_over_is_not_decoded(mixed_stream, monkeypatch):
    decoded = []
    decode = Image.decode_example
    monkeypatch.setattr(Image, "decode_example", lambda *args, **kw: decoded.append(1) or decode(*args, **kw))
    rows = StreamedRows("s", mixed_stream, "multimodal", is_mixed=True)
    ((place, fields),) = rows.read(25)
    assert said(fields) == "It is 38."
    assert place == "38 of lane 0"
    assert len(decoded) == len(fields["images"]) == 2


def test_packs_of_a_stream_hold_every_row_once_and_can_be_asked_for_again(tiny_model, make_trainer, mixed_stream):
    args = {"packing": True, "max_length": 400, "max_steps": 6, "per_device_train_batch_size": 2, "stream_lanes": 2}
    trainer = make_trainer(tiny_model, mixed_stream, 2, **args, **PLANNED)
    (part,) = [part for modality, part in trainer.train_dataset.parts if modality == "language"]
    packs = [part.read(number) for number in range(20)]
    first_epoch = [said(fields) for pack in packs[::2] for _, fields in pack]
    assert Counter(first_epoch).most_common(1)[0][1] > 1  # the lane of eight rows has begun anew
    assert first_epoch[:8] == sorted(set(first_epoch), key=first_epoch.index)
    assert any(len(pack) > 1 for pack in packs)
    fresh = copy.deepcopy(part)
    assert [said(fields) for _, fields in fresh.read(13)] == [said(fields) for _, fields in packs[13]]


def losses(trainer):
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


@pytest.mark.parametrize("packing", [False, True])
def test_a_resumed_run_on_tar_shards_repeats_the_losses_of_an_unbroken_one(
    tiny_model, make_trainer, mixed_stream, tmp_path, packing
):
    rows = list(mixed_stream)
    for shard in range(2):
        write_tar(rows[shard::2], tmp_path / f"{shard}.tar")
    stream = load_rows("train", str(tmp_path / "*.tar"))
    assert stream.features == FEATURES
    settings = {
        **PLANNED,
        "max_steps": 6,
        "learning_rate": 1e-2,
        "packing": packing,
        "max_length": 400,
        "per_device_train_batch_size": 2,
        "dataloader_num_workers": 0 if packing else 2,
        "save_strategy": "steps",
        "save_steps": 3,
    }
    twin = copy.deepcopy(tiny_model)
    unbroken = make_trainer(tiny_model, stream, 2, **settings)
    unbroken.train()
    resumed = make_trainer(twin, stream, 2, **settings)
    resumed.train(resume_from_checkpoint=str(tmp_path / "out" / "checkpoint-3"))
    assert losses(resumed) == losses(unbroken)
    assert len(losses(unbroken)) == 6


def test_a_row_of_the_other_modality_in_a_stream_of_one_is_bad(tiny_model, make_trainer, monkeypatch):
    from deepseek_vl_hf.training import streaming

    monkeypatch.setattr(streaming, "PEEKED", 4)
    stream = numbered(8, lambda i: int(i < 7)).to_iterable_dataset()
    trainer = make_trainer(
        tiny_model,
        stream,
        3,
        max_steps=1,
        per_device_train_batch_size=8,
        train_sampling_strategy="random",
        max_bad_share=0.5,
    )
    trainer.train()
    assert trainer.data_collator.bad_rows.table().splitlines()[2:] == ["| train_dataset | modality differs | 1 |"]


def test_streams_need_a_number_of_steps_and_shares(tiny_model, make_trainer, mixed_stream):
    with pytest.raises(ValueError, match=r"found streamed sets .'b'. and max_steps=-1"):
        make_trainer(tiny_model, {"a": numbered(4, lambda i: 1), "b": mixed_stream}, 2, max_steps=-1, **PLANNED)
    with pytest.raises(ValueError, match=r"found streams .* of both modalities and no share of language"):
        make_trainer(tiny_model, mixed_stream, 3, train_sampling_strategy="random")
    sets = {"a": mixed_stream, "b": mixed_stream}
    with pytest.raises(ValueError, match="found the stream a/language without a weight"):
        make_trainer(tiny_model, sets, 2, **PLANNED)
    trainer = make_trainer(tiny_model, sets, 2, set_shares={"a": 0.25}, **PLANNED)
    sources = np.concatenate([trainer.plan.rows(step)[0] for step in range(100)])
    assert (np.bincount(sources, minlength=4) / len(sources)).tolist() == pytest.approx(
        [0.125, 0.125, 0.375, 0.375], abs=0.03
    )


def test_an_empty_stream_is_refused(tiny_model, make_trainer, tmp_path):
    write_tar([], tmp_path / "0.tar")
    with pytest.raises(ValueError, match="found a stream without rows"):
        make_trainer(tiny_model, load_rows("train", str(tmp_path / "0.tar")), 2, **PLANNED)
