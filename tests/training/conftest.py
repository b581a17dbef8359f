"""Rows and trainers for the tests of training."""

import pytest
from datasets import Dataset
from tiny_rows import row

from deepseek_vl_hf.training import DeepSeekVLHFTrainer, DeepSeekVLHFTrainingConfig


@pytest.fixture
def picture_rows():
    """Eight rows with one picture each."""
    return [row("What is it?", f"A bicycle{' of red' * index}.", seed=index) for index in range(8)]


@pytest.fixture
def mixed_rows():
    """Eight rows with no, one and two pictures, and answers of different length."""
    counts = (1, 0, 2, 0, 1, 1, 0, 2)
    return [row(f"What is {i}?", "A cat" + " and a cat" * i, n, seed=10 * i) for i, n in enumerate(counts)]


@pytest.fixture
def text_rows():
    """Eight rows without a picture."""
    return [row(f"What is {index}?", f"It is {index}.", num_images=0) for index in range(8)]


@pytest.fixture
def make_trainer(tiny_processor, tmp_path):
    """A trainer of few steps on a CPU, in the order of the rows unless told otherwise."""

    def make(model, rows, stage, **kwargs):
        arguments = {
            "output_dir": str(tmp_path / "out"),
            "max_steps": 2,
            "per_device_train_batch_size": 4,
            "warmup_steps": 0,
            "logging_steps": 1,
            "save_strategy": "no",
            "report_to": "none",
            "disable_tqdm": True,
            "use_cpu": True,
            "train_sampling_strategy": "sequential",
            "packing": False,
        }
        given = {name: kwargs.pop(name, None) for name in ("eval_dataset", "peft_config")}
        args = DeepSeekVLHFTrainingConfig(stage=stage, **{**arguments, **kwargs})
        rows = Dataset.from_list(rows) if isinstance(rows, list) else rows  # or sets by name
        return DeepSeekVLHFTrainer(model, args, rows, processing_class=tiny_processor, **given)

    return make


@pytest.fixture
def adapt(make_trainer):
    """A trainer of few steps of an adapter, of the model itself if `config` is `None`."""

    def make(model, rows, config, stage=3, **kwargs):
        return make_trainer(model, rows, stage, **{"learning_rate": 1e-2, "peft_config": config, **kwargs})

    return make
