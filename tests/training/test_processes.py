"""Two processes on one machine: the same steps and losses as one, and no rank waits for another's pictures.

python -m pytest tests/training/test_processes.py
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from datasets import Dataset
from tiny_rows import row

from deepseek_vl_hf.data.shards import write_tar
from deepseek_vl_hf.training import load_rows


ROOT = Path(__file__).parents[2]
LOSSES = """
import json, sys
from pathlib import Path
from deepseek_vl_hf.training import run
from deepseek_vl_hf.training.trainer import DeepSeekVLHFTrainer

def note(trainer, *args, **kwargs):
    result = original(trainer, *args, **kwargs)
    if trainer.is_world_process_zero():
        logged = [entry for entry in trainer.state.log_history if {"loss", "eval_q_accuracy", "eval_rows_loss"} & set(entry)]
        Path(sys.argv[1]).write_text(json.dumps([trainer.args.world_size, logged]))
    return result

original, DeepSeekVLHFTrainer.train = DeepSeekVLHFTrainer.train, note
run.train_from_recipe(sys.argv[2], sys.argv[3:])
"""


@pytest.fixture
def recipe(tmp_path, tiny_model, tiny_processor):
    """A recipe of stage 2 with packs of rows with and without pictures."""
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    counts = (1, 0, 2, 0) * 12
    rows = [row(f"What is {i % 10}?", "A cat" + " and a dog" * (i % 4), n, seed=3 * i) for i, n in enumerate(counts)]
    Dataset.from_list(rows).save_to_disk(tmp_path / "rows")
    fields = {
        "stage": 2,
        "model_name_or_path": str(tmp_path / "model"),
        "dataset_name": str(tmp_path / "rows"),
        "max_steps": 5,
        "max_length": 300,
        "packing": True,
        "language_warmup_steps": 2,
        "warmup_steps": 0,
        "learning_rate": 0.01,
        "language_share": 0.5,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "use_cpu": True,
        "ddp_backend": "gloo",
        "disable_tqdm": True,
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(fields))
    (tmp_path / "losses.py").write_text(LOSSES)
    return tmp_path


def run_on(folder, processes, **arguments):
    """Losses of a run on so many processes."""
    out = folder / f"{processes}.json"
    launch = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    words = [
        str(folder / "losses.py"),
        str(out),
        str(folder / "recipe.yaml"),
        "--output_dir",
        str(folder / str(processes)),
    ]
    words += [word for name, value in arguments.items() for word in (f"--{name}", str(value))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, *launch, *words], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    world, logged = json.loads(out.read_text())
    assert world == processes
    return logged


@pytest.mark.parametrize("streamed", [False, True])
def test_two_processes_take_the_steps_of_one(recipe, streamed):
    arguments = {
        "eval_strategy": "steps",
        "eval_steps": 5,
        "per_device_eval_batch_size": 2,
        "eval_sets": json.dumps({"q": "made://questions?rows=5", "rows": str(recipe / "rows")}),
    }
    if streamed:
        rows = list(load_rows("train", str(recipe / "rows")))
        for shard in range(4):
            write_tar(rows[shard::4], recipe / f"{shard}.tar")
        arguments |= {"dataset_name": str(recipe / "*.tar"), "stream_lanes": 2}
    one = run_on(recipe, 1, per_device_train_batch_size=2, gradient_accumulation_steps=2, **arguments)
    two = run_on(recipe, 2, per_device_train_batch_size=1, gradient_accumulation_steps=2, **arguments)
    assert [set(entry) for entry in one] == [set(entry) for entry in two]
    assert {"loss_language", "loss_multimodal", "eval_q_accuracy", "eval_rows_bits_per_byte"} <= set().union(*one)
    timed = (
        "padding_share",
        "tokens_per_second",
        "runtime",
        "samples_per_second",
        "steps_per_second",
        "epoch",
        "rows_cut",
        "rows_bad",
    )
    for left, right in zip(one, two, strict=True):
        names = [name for name in left if not name.endswith(timed)]  # and padding is that of each micro-batch
        assert [right[name] for name in names] == pytest.approx([left[name] for name in names], rel=5e-5, abs=1e-6), (
            names
        )


def test_an_adapter_takes_the_same_steps_on_two_processes(recipe):
    arguments = {
        "use_peft": "true",
        "lora_target_modules": "language+aligner",
        "lora_dropout": 0,
        "save_strategy": "steps",
    }
    one = run_on(recipe, 1, per_device_train_batch_size=2, save_steps=5, **arguments)
    two = run_on(recipe, 2, per_device_train_batch_size=1, save_steps=5, **arguments)
    losses = [[entry["loss"] for entry in run if "loss" in entry] for run in (one, two)]
    assert len(losses[0]) == 5
    assert losses[1] == pytest.approx(losses[0], abs=1e-4)
    saved = {path.name for path in (recipe / "2" / "checkpoint-5").iterdir()}
    assert {"adapter_model.safetensors", "README.md", "run.json"} <= saved
