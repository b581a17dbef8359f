"""What the training benchmark compares starts from the same loss and learns the same tokens.

python -m pytest tests/test_benchmarks.py
"""

import sys
from pathlib import Path

import pytest
import torch


sys.path.append(str(Path(__file__).parents[1] / "examples" / "benchmarks"))

import contenders

import training


KINDS = ["ours", "ours, mixed steps", "TRL, batches of 2 rows", "TRL, batches of 1 row"]
SIZE = contenders.SIZES["tiny"]


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
