"""FSDP2 learns what DDP learns.

python -m pytest -m slow tests/test_fsdp2.py
"""

import json
import os
import subprocess
import sys

import pytest
import torch
from datasets import Dataset
from PIL import Image

from deepseek_vl_hf.data.rows import chat_row
from launches import ROOT, launched


LEARN = """
import json, os, sys
import torch
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType
from deepseek_vl_hf.training import run
from deepseek_vl_hf.training.trainer import DeepSeekVLHFTrainer

if os.environ.get("ACCELERATE_USE_FSDP"):
    original = AcceleratorState.__init__

    def init(self, *args, **kwargs):
        # accelerate has FSDP for accelerators alone; PyTorch has it for CPUs too.
        PartialState(cpu=True)
        if PartialState._shared_state["distributed_type"] != DistributedType.FSDP:
            PartialState._shared_state["distributed_type"] = DistributedType.MULTI_GPU
        original(self, *args, **{**kwargs, "cpu": False})

    AcceleratorState.__init__ = init

def note(trainer, *args, **kwargs):
    result = train(trainer, *args, **kwargs)
    values = {}
    for name, value in trainer.accelerator.unwrap_model(trainer.model).state_dict().items():
        values[name] = value.full_tensor() if hasattr(value, "full_tensor") else value
    if trainer.is_world_process_zero():
        torch.save(values, sys.argv[1])
    sys.stdout.flush()
    torch.distributed.barrier()
    os._exit(0)

train, DeepSeekVLHFTrainer.train = DeepSeekVLHFTrainer.train, note
run.train_from_recipe(sys.argv[2], sys.argv[3:])
"""


@pytest.mark.slow
def test_fsdp2_learns_what_ddp_learns(monkeypatch, tmp_path, tiny_model, tiny_processor):
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    pictures = [Image.new("RGB", (40, 40), (50 * n, 99, 0)) for n in range(4)]
    rows = [chat_row((f"What is {n}?", "A cat" + " and a dog" * (n % 5)), images=pictures[: n % 3]) for n in range(32)]
    Dataset.from_list(rows).save_to_disk(tmp_path / "rows")
    (tmp_path / "learn.py").write_text(LEARN)
    recipe = {
        "stage": 2,
        "model_name_or_path": str(tmp_path / "model"),
        "dataset_name": str(tmp_path / "rows"),
        "output_dir": str(tmp_path / "out"),
        "max_steps": 4,
        "max_length": 300,
        "language_share": 0.5,
        "language_warmup_steps": 0,
        "eval_strategy": "steps",
        "eval_steps": 2,
        "eval_sets": {"rows": str(tmp_path / "rows")},
        "warmup_steps": 0,
        "per_device_train_batch_size": 2,
        "save_strategy": "no",
        "report_to": "none",
        "use_cpu": True,
        "ddp_backend": "gloo",
        # SGD shows the size of a gradient, which AdamW hides.
        "optim": "sgd",
        "max_grad_norm": 0,
        "learning_rate": 0.1,
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
    learned = {}
    for name in ("ddp", "fsdp2"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
        if name == "fsdp2":
            launched(monkeypatch, name)
            environment |= {key: value for key, value in os.environ.items() if "FSDP" in key}
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
        command += [str(tmp_path / "learn.py"), str(tmp_path / name), str(tmp_path / "recipe.yaml")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            pytest.fail(done.stderr[-3000:])
        learned[name] = torch.load(tmp_path / name)
    found, expected = learned["fsdp2"], learned["ddp"]
    before = tiny_model.state_dict()
    assert not expected["lm_head.weight"].equal(before["lm_head.weight"])
    assert [name for name in expected if not torch.allclose(found[name], expected[name], rtol=1e-5, atol=1e-6)] == []
