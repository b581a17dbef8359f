"""What the training benchmark compares starts alike and learns alike; the memory benchmark trains what it estimates.

python -m pytest tests/test_benchmarks.py
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch


sys.path.append(str(Path(__file__).parents[1] / "examples" / "benchmarks"))

import contenders
import memory

import training
from deepseek_vl_hf import DeepSeekVLHFConfig


KINDS = ["ours", "ours, mixed steps", "TRL, batches of 2 rows", "TRL, batches of 1 row"]
SIZE = contenders.SIZES["tiny"]
SMALLEST = DeepSeekVLHFConfig.from_preset("nano")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Folder of the models, and rows."""
    folder = tmp_path_factory.mktemp("benchmark")
    contenders.make_models(SIZE, folder)
    return folder, contenders.make_rows(SIZE, folder)


@pytest.fixture(scope="module")
def trainers(made):
    """Our trainer and TRL's."""
    return [contenders.make_trainer(kind, SIZE, *made, "cpu") for kind in (KINDS[0], KINDS[2])]


def test_both_start_from_the_same_loss(made, trainers):
    _, rows = made
    mixed = [row for row in rows if row["images"]][:2] + [row for row in rows if not row["images"]][:2]
    batch = trainers[0].data_collator(mixed)
    with torch.no_grad():
        ours, stock = (trainer.model.eval()(**batch).loss.item() for trainer in trainers)
    assert ours == pytest.approx(stock, abs=1e-4)
    assert ours > 6


def test_both_read_the_same_tokens_and_learn_the_same(made, trainers):
    _, rows = made
    rows = list(rows)
    ours, stock = (trainer.data_collator(rows) for trainer in trainers)
    assert ours["input_ids"].tolist() == stock["input_ids"].tolist()
    assert ours["labels"][:, 1:].tolist() == stock["labels"][:, 1:].tolist()
    packed = trainers[0].data_collator([rows])  # in a pack, no row predicts the next one's first token
    assert (packed["labels"][:, 1:] != -100).sum() == (stock["labels"][:, 1:] != -100).sum() > 0


def test_both_train_the_same_parameters(trainers):
    ours, stock = (sum(p.numel() for p in trainer.model.parameters() if p.requires_grad) for trainer in trainers)
    assert ours == stock > 0


def test_the_benchmark_runs_and_its_losses_are_by_learning_tokens_seen(made, capsys):
    folder, rows = made
    found = training.take_turns(KINDS[:3], 1, SIZE, folder, rows, "cpu")
    for (result,) in found.values():
        assert len(result["losses"]) == len(result["targets_by_step"]) > 1
        assert result["speed"] > 0
        assert sum(result["targets_by_step"]) == result["targets"]
        whole = training.course(result, [0, result["targets"]])
        weighted = sum(n * loss for n, loss in zip(result["targets_by_step"], result["losses"], strict=True))
        assert whole == pytest.approx(weighted / result["targets"])
    training.print_speed(found)
    training.print_losses(found)
    assert capsys.readouterr().out.count("\n| ours") == 2


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_adapters_are_estimated_as_they_are_trained(dtype, monkeypatch):
    monkeypatch.setattr(memory, "SMALL", {})
    case = {"stage": 3, "images": 2, "checkpointing": False, "adapter": "all", "dtype": dtype}
    model = memory.make_adapter(memory.small_config(), "all", dtype, None, checkpointing=False)
    expected = memory.estimate_of(case)
    assert expected.weights == sum(parameter.nbytes for parameter in model.parameters())
    assert expected.gradients == sum(parameter.nbytes for parameter in model.parameters() if parameter.requires_grad)
    assert memory.name_of(case) == f"adapter of all beside {dtype}, 2 pictures, recomputed: nothing"


@pytest.mark.skipif(find_spec("bitsandbytes") is None, reason="bitsandbytes is not installed")
def test_bitsandbytes_takes_as_many_bytes_for_4_bits_as_estimated(monkeypatch):
    monkeypatch.setattr(memory, "SMALL", {})
    case = {"stage": 3, "images": 2, "checkpointing": False, "adapter": "language", "dtype": "bfloat16", "bits": 4}
    model = memory.make_adapter(memory.small_config(), "language", "bfloat16", 4, checkpointing=False)
    scales = sum(
        module.weight.quant_state.absmax.nbytes for module in model.modules() if hasattr(module, "quant_state")
    )
    assert scales > 0
    assert memory.estimate_of(case).weights == scales + sum(parameter.nbytes for parameter in model.parameters())


def test_the_table_of_adapters_has_a_row_for_each_way(monkeypatch, capsys):
    monkeypatch.setattr(memory, "batch_of", lambda *_: {"rows": 1, "tokens": 64, "images": 0})
    monkeypatch.setattr(memory.DeepSeekVLHFConfig, "from_preset", lambda *_: SMALLEST)
    memory.print_adapters(["7b"])
    rows = capsys.readouterr().out.splitlines()[2:]
    assert len(rows) == 1 + len(memory.BASES) * len(memory.ADAPTERS)
    totals = [float(row.split("|")[-2]) for row in rows]
    assert totals[0] == max(totals)
    assert "| 7b, adapter of language+aligner beside 4 bits and bfloat16 |" in rows[-1]
