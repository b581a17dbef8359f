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


ROOT = Path(__file__).parents[2]
LOSSES = """
import json, sys
from pathlib import Path
from deepseek_vl_hf.training import run
from deepseek_vl_hf.training.trainer import DeepSeekVLHFTrainer

def note(trainer, *args, **kwargs):
    result = original(trainer, *args, **kwargs)
    if trainer.is_world_process_zero():
        logged = [entry for entry in trainer.state.log_history if "loss" in entry]
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


def test_two_processes_take_the_steps_of_one(recipe):
    one = run_on(recipe, 1, per_device_train_batch_size=2, gradient_accumulation_steps=2)
    two = run_on(recipe, 2, per_device_train_batch_size=1, gradient_accumulation_steps=2)
    assert [set(entry) for entry in one] == [set(entry) for entry in two]
    assert {"loss_language", "loss_multimodal"} <= set().union(*one)
    for name in ("loss", "grad_norm"):
        assert [entry[name] for entry in two] == pytest.approx([entry[name] for entry in one], rel=2e-5)
