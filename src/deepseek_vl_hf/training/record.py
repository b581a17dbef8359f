"""A trainer comes in; `run.json` goes out, which says exactly what was run.

It stands in the folder of the run from the first step on. A run that goes on adds how it did, so that a change of recipe,
data, versions or machines in between can be seen.
"""

import json
import os
import platform
import sys
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback


FILE = "run.json"
PACKAGES = ("deepseek_vl_hf", "torch", "transformers", "trl", "accelerate", "datasets", "peft", "deepspeed", "pillow")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that are installed and matter."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def hardware(num_processes: int) -> dict[str, Any]:
    """What it runs on."""
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    name = torch.cuda.get_device_name() if accelerator is not None and accelerator.type == "cuda" else None
    return {
        "processes": num_processes,
        "accelerator": name or (str(accelerator) if accelerator else None),
        "cpu": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
    }


def recipes() -> dict[str, str]:
    """Text of the YAML files that the command names."""
    named = [Path(word) for word in sys.argv[1:] if word.endswith((".yaml", ".yml"))]
    return {str(path): path.read_text(encoding="utf-8") for path in named if path.is_file()}


class RunRecord(TrainerCallback):
    """Writes `run.json`.

    Args:
        facts: What is the same however often the run goes on: stage, learning parameters, sources, plan.
    """

    def __init__(self, facts: dict[str, Any]):
        self.facts = facts

    def on_train_begin(self, args, state, control, **kwargs):
        """Add a start to the record of the folder."""
        if not state.is_world_process_zero:
            return
        path = Path(args.output_dir) / FILE
        starts = json.loads(path.read_text(encoding="utf-8"))["starts"] if state.global_step and path.exists() else []
        start = {
            "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "step": state.global_step,
            "command": sys.argv,
            "recipes": recipes(),
            "arguments": json.loads(args.to_json_string()),
            **self.facts,
            "versions": versions(),
            "hardware": hardware(args.world_size),
        }
        self._write(path, {"starts": [*starts, start], "end": None})

    def on_train_end(self, args, state, control, **kwargs):
        """Add where the run ended."""
        if state.is_world_process_zero:
            path = Path(args.output_dir) / FILE
            record = json.loads(path.read_text(encoding="utf-8"))
            losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
            record["end"] = {
                "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
                "step": state.global_step,
                "last_loss": losses[-1] if losses else None,
            }
            self._write(path, record)

    @staticmethod
    def _write(path: Path, record: dict[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(record, indent=2, default=str) + "\n", encoding="utf-8")
        new.replace(path)
