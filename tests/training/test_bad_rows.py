"""Bad rows are left out, counted by set and reason, named, and stop training when they are too many.

python -m pytest tests/training/test_bad_rows.py
"""

import io
import math

import pytest
from datasets import Dataset, Features, Image, List, Value
from tiny_rows import picture, row

from deepseek_vl_hf.training import DeepSeekVLHFCollator
from deepseek_vl_hf.training.bad_rows import BadRows, too_many
from deepseek_vl_hf.training.collation import IGNORED


PARTS = List({"type": Value("string"), "text": Value("string")})
FEATURES = Features(
    {"messages": List({"role": Value("string"), "content": PARTS}), "text": Value("string"), "images": List(Image())}
)


def as_bytes(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def rows_of():
    """A saved set of sound rows with pictures and bad ones of three kinds."""

    def make(sound, bad):
        cut = as_bytes(picture(1))[:60]
        faults = (
            {**row("What?", "A cat."), "images": [{"bytes": cut, "path": None}]},
            {
                **row("What?", "A cat."),
                "messages": row("What?", "A cat.")["messages"][:1] * 2,
                "images": [picture(1)] * 2,
            },
            {"text": "no placeholder", "images": [picture(1)]},
        )
        rows = [row(f"What is {i % 10}?", "A cat.", seed=i) for i in range(sound)] + [
            faults[i % 3] for i in range(bad)
        ]
        rows = [{"messages": None, "text": None, **entry} for entry in rows]
        return Dataset.from_list(rows, features=FEATURES)

    return make


ALL = {"train_sampling_strategy": "random", "language_share": 0.0, "per_device_train_batch_size": 5, "max_steps": 4}


@pytest.mark.parametrize("workers", [0, 1])
def test_bad_rows_are_left_out_and_counted_by_reason(tiny_model, make_trainer, rows_of, workers):
    trainer = make_trainer(tiny_model, rows_of(17, 3), 2, max_bad_share=0.2, dataloader_num_workers=workers, **ALL)
    trainer.train()
    logs = [entry for entry in trainer.state.log_history if "loss" in entry]
    assert all(math.isfinite(entry["loss"]) for entry in logs)
    assert logs[-1]["rows_bad"] == 3
    table = trainer.data_collator.bad_rows.table()
    for reason in ("picture cannot be read", "row is malformed", "placeholders and pictures differ"):
        assert f"| train_dataset | {reason} | 1 |" in table


def test_more_bad_rows_than_may_be_stop_training_with_a_table(tiny_model, make_trainer, rows_of):
    trainer = make_trainer(tiny_model, rows_of(14, 6), 2, max_bad_share=0.2, **ALL)
    with pytest.raises(ValueError, match=r"bad rows among .*expected at most a share of 0.2") as error:
        trainer.train()
    assert "| set | reason | rows |" in str(error.value)


def test_packs_hold_bad_rows_too(tiny_model, make_trainer, rows_of):
    trainer = make_trainer(tiny_model, rows_of(17, 3), 2, max_bad_share=0.5, packing=True, max_length=600, **ALL)
    trainer.train()
    assert trainer.data_collator.bad_rows.counts.sum() >= 3


def test_the_place_of_a_bad_row_is_named_where_none_may_be(tiny_model, make_trainer, rows_of):
    trainer = make_trainer(tiny_model, rows_of(4, 1), 2, max_bad_share=0.0, **ALL)
    with pytest.raises(ValueError, match=r"row 4 of train_dataset .*found a picture that cannot be read .*OSError"):
        trainer.train()


def test_a_batch_of_bad_rows_keeps_its_modality_and_learns_nothing(tiny_model, tiny_processor):
    collator = DeepSeekVLHFCollator(tiny_processor, bad_rows=BadRows(["set"]))
    place = {"set": "set", "unreadable": "OSError: cut"}
    for is_multimodal in (True, False):
        batch = collator([{**place, "row": index, "is_multimodal": is_multimodal} for index in range(2)])
        assert ("pixel_values" in batch) == is_multimodal
        assert (batch["labels"] == IGNORED).all()
        assert tiny_model(**{**batch, "labels": None}).logits.isfinite().all()
    assert collator.bad_rows.counts.sum() == 4


def test_the_first_of_a_kind_are_named_in_the_log(tiny_processor, monkeypatch):
    messages = []
    monkeypatch.setattr("deepseek_vl_hf.training.bad_rows.logger.warning", messages.append)
    collator = DeepSeekVLHFCollator(tiny_processor, bad_rows=BadRows(["a", "b"]))
    collator([{"set": "b", "row": index, "unreadable": "cut"} for index in range(5)])
    assert len(messages) == 3
    assert messages[0].startswith("Left out: row 0 of b")


@pytest.mark.parametrize(
    ("bad", "seen", "total", "expected"),
    [(0, 0, 96, False), (1, 8, 96, True), (1, 8, 10**6, False), (10, 20, 10**6, False), (11, 20, 10**6, True)],
)
def test_a_share_counts_once_enough_rows_were_seen(bad, seen, total, expected):
    assert too_many(bad, seen, total, 0.01) == expected
