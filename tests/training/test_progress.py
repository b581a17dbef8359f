"""The log, the bar and the record say what was trained on.

python -m pytest tests/training/test_progress.py
"""

import copy
import json
import re
import sys

import pytest
from datasets import Dataset
from tiny_rows import row

from deepseek_vl_hf.training.record import FILE


PLANNED = {"train_sampling_strategy": "random", "language_share": 0.5, "language_warmup_steps": 0, "max_steps": 6}


@pytest.fixture
def many_rows():
    return [row(f"What is {i}?", "A cat" + " and a dog" * (i % 4), i % 2, seed=i) for i in range(16)]


def logged(trainer):
    return [entry for entry in trainer.state.log_history if "loss" in entry]


def noted(trainer):
    """Run a trainer, and note the inputs of each micro-batch."""
    batches, step = [], trainer.training_step

    def note(model, inputs, *args):
        batches.append(dict(inputs))
        return step(model, inputs, *args)

    trainer.training_step = note
    trainer.train()
    return batches


def test_tokens_targets_and_padding_of_batches_are_in_the_log(tiny_model, make_trainer, many_rows):
    trainer = make_trainer(tiny_model, many_rows, 3, gradient_accumulation_steps=2, logging_steps=2, **PLANNED)
    batches = noted(trainer)
    entries = logged(trainer)
    assert [entry["num_tokens"] for entry in entries] == [
        sum(int(batch["attention_mask"].sum()) for batch in batches[: 4 * index]) for index in (1, 2, 3)
    ]
    for index, entry in enumerate(entries):
        window = batches[4 * index : 4 * index + 4]
        tokens = sum(int(batch["attention_mask"].sum()) for batch in window)
        targets = sum(int((batch["labels"] != -100).sum()) for batch in window)
        slots = sum(batch["labels"].numel() for batch in window)
        assert entry["learning_share"] == pytest.approx(targets / tokens)
        assert entry["padding_share"] == pytest.approx(1 - tokens / slots)
        assert entry["tokens_per_second"] > 0


def test_tokens_of_packs_are_those_of_their_rows(tiny_model, make_trainer, many_rows):
    packing = {"packing": True, "max_length": 400, "per_device_train_batch_size": 1}
    trainer = make_trainer(tiny_model, many_rows, 2, **packing, **PLANNED)
    rows, count = [], trainer.data_collator.pad

    def pad(packs, isolate=False):
        rows.extend(each.length for pack in packs for each in pack)
        return count(packs, isolate)

    trainer.data_collator.pad = pad
    trainer.train()
    entry = logged(trainer)[-1]
    assert entry["num_tokens"] == sum(rows)
    assert entry["rows/train_dataset/language"] + entry["rows/train_dataset/multimodal"] == len(rows)


def test_rows_are_counted_by_source(tiny_model, make_trainer, many_rows, text_rows):
    sets = {"one": Dataset.from_list(many_rows), "two": Dataset.from_list(text_rows)}
    trainer = make_trainer(tiny_model, sets, 3, set_shares={"two": 0.25}, **PLANNED)
    trainer.train()
    entry = logged(trainer)[-1]
    assert [entry[f"rows/{name}"] for name in ("one/language", "one/multimodal", "two/language")] == [9, 12, 3]


def test_instructions_have_their_own_share(tiny_model, make_trainer, many_rows, picture_rows):
    sets = {"train": Dataset.from_list(many_rows), "instructions": Dataset.from_list(picture_rows)}
    trainer = make_trainer(tiny_model, sets, 2, **{**PLANNED, "max_steps": 2000})
    assert trainer.args.instruction_share == 0.01
    trainer.data_collator = None
    drawn = [trainer.plan.rows(step)[0] for step in range(2000)]
    of_instructions = sum(int((sources == 2).sum()) for sources in drawn)
    multimodal = sum(len(sources) for step, sources in enumerate(drawn) if trainer.plan.modality(step) == "multimodal")
    assert of_instructions / multimodal == pytest.approx(0.01, rel=0.02)


def test_totals_go_on_after_a_resume(tiny_model, make_trainer, many_rows, tmp_path):
    twin = copy.deepcopy(tiny_model)
    settings = {**PLANNED, "save_strategy": "steps", "save_steps": 3}
    unbroken = make_trainer(tiny_model, many_rows, 3, **settings)
    unbroken.train()
    resumed = make_trainer(twin, many_rows, 3, **settings)
    resumed.train(resume_from_checkpoint=str(tmp_path / "out" / "checkpoint-3"))
    names = ["num_tokens", *(name for name in logged(unbroken)[-1] if name.startswith("rows/"))]
    assert len(names) == 3
    for one, two in zip(logged(unbroken), logged(resumed), strict=True):
        assert [one[name] for name in names] == [two[name] for name in names]


def test_the_bar_has_stage_share_speed_and_learned_tokens(tiny_model, make_trainer, many_rows, capfd):
    make_trainer(tiny_model, many_rows, 2, disable_tqdm=False, **PLANNED).train()
    written, shown = capfd.readouterr()
    assert re.search(r"Stage 2 learns [\d,]+ of [\d,]+ parameters: aligner [\d,]+, language_model [\d,]+", written)
    assert "stage 2:" in shown
    assert "language 0.50" in shown
    assert "tokens/s" in shown
    assert "% learned" in shown


def test_the_record_says_what_was_run_and_how_it_went_on(tiny_model, make_trainer, many_rows, tmp_path, monkeypatch):
    (tmp_path / "recipe.yaml").write_text("stage: 2\n")
    monkeypatch.setattr(sys, "argv", ["deepseek-vl", "train", str(tmp_path / "recipe.yaml")])
    twin = copy.deepcopy(tiny_model)
    settings = {**PLANNED, "save_strategy": "steps", "save_steps": 3}
    first = make_trainer(tiny_model, many_rows, 2, **settings)
    first.train()
    record = json.loads((tmp_path / "out" / FILE).read_text())
    (start,) = record["starts"]
    assert start["step"] == 0
    assert start["recipes"] == {str(tmp_path / "recipe.yaml"): "stage: 2\n"}
    assert start["arguments"]["learning_rate"] == 3e-5
    assert start["learning_parameters"]["vision"] == 0
    assert start["data"]["train_dataset"]["rows"] == 16
    assert {source["name"]: source["num_rows"] for source in start["sources"]} == {
        "train_dataset/language": 8,
        "train_dataset/multimodal": 8,
    }
    assert {"python", "torch", "transformers", "trl"} <= set(start["versions"])
    assert record["end"]["step"] == 6
    resumed = make_trainer(twin, [*many_rows, many_rows[0]], 2, **settings)
    resumed.train(resume_from_checkpoint=str(tmp_path / "out" / "checkpoint-3"))
    record = json.loads((tmp_path / "out" / FILE).read_text())
    assert [start["step"] for start in record["starts"]] == [0, 3]
    fingerprints = [start["data"]["train_dataset"]["fingerprint"] for start in record["starts"]]
    assert len(set(fingerprints)) == 2
