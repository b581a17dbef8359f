"""A trainer comes in; `run.json` goes out, which says exactly what was run.

It stands in the folder of the run from the first step on. A run that goes on adds how it did, so that a change of recipe,
data, versions or machines in between can be seen. Under `before` are the records of the runs that made the model it started
from, the oldest first, so that a model card can tell of every stage.
"""

import json
import os
import platform
import shlex
import sys
import time
from collections import Counter
from datetime import datetime, timezone
from glob import glob
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, IterableDataset
from transformers import TrainerCallback

from ..licences import licence_of
from ..model_card import EVALUATION
from ..model_card import RUN as FILE
from ..provenance import SECRET
from ..versions import installed


MOST = 20  # sources and licences that are named
PACKAGES = ("deepseek_vl_hf", "torch", "transformers", "trl", "accelerate", "datasets", "peft", "deepspeed", "pillow")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that are installed and matter."""
    return {"python": platform.python_version(), **installed(PACKAGES)}


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


def describe_rows(rows: Dataset | IterableDataset) -> dict[str, Any]:
    """Say how many rows there are and where they are from; of streams, that they are streams."""
    source = rows.info.dataset_name
    named = {"source": source, "is_local": source is not None and bool(glob(source.split("://")[-1]))}
    if not isinstance(rows, Dataset):
        return {"rows": "streamed", **named}
    counted = {
        f"{name}s": _most(Counter(map(str, rows[name])))
        for name in ("licence", "source", "language")
        if name in rows.column_names
    }
    return {"rows": len(rows), **named, "fingerprint": rows._fingerprint, **counted}


def _most(counts: Counter) -> dict[str, int]:
    """The most frequent values, and how many rows have others."""
    most = dict(counts.most_common(MOST))
    others = counts.total() - sum(most.values())
    return most | ({"others": others} if others else {})


def runs_before(model: str | None) -> list[dict[str, Any]]:
    """Records of the runs that made a model, the oldest first; none for a model that says nothing of them."""
    path = Path(model or "") / FILE
    if not model or not path.is_file():
        return []
    record = json.loads(path.read_text(encoding="utf-8"))
    return [*record.pop("before", []), record]


class RunRecord(TrainerCallback):
    """Writes `run.json`.

    Args:
        facts: What the record of a start says beside arguments, versions and hardware: model, learning parameters, data.
    """

    def __init__(self, facts: dict[str, Any]):
        self.facts = facts
        self.since = time.monotonic()

    def on_train_begin(self, args, state, control, **kwargs):
        """Add a start to the record of the folder."""
        if not state.is_world_process_zero:
            return
        path, model = Path(args.output_dir) / FILE, self.facts.get("model")
        found = self._read(path) if state.global_step and path.exists() else {}
        if not found:
            (path.parent / EVALUATION).unlink(missing_ok=True)  # of weights that were here before
        licence = licence_of(model)
        start = {
            "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "step": state.global_step,
            "argv": SECRET.sub(r"\1***", shlex.join(sys.argv)),
            "recipes": recipes(),
            "arguments": json.loads(args.to_json_string()),
            "base_licence": licence and licence.fields(),
            "model_is_local": model is None or "://" in model or Path(model).exists(),
            **self.facts,
            "versions": versions(),
            "hardware": hardware(args.world_size),
        }
        self.since = time.monotonic()
        before = found.get("before", []) if found else runs_before(model)
        self._write(path, {"before": before, "starts": [*found.get("starts", []), start], "end": None})

    def on_save(self, args, state, control, **kwargs):
        """Note how long this start has run, and how far."""
        if state.is_world_process_zero:
            path = Path(args.output_dir) / FILE
            record = self._read(path)
            record["starts"][-1] |= {
                "seconds": round(time.monotonic() - self.since, 1),
                "last_step": state.global_step,
            }
            self._write(path, record)

    def on_train_end(self, args, state, control, **kwargs):
        """Add where the run ended."""
        if not state.is_world_process_zero:
            return
        self.on_save(args, state, control)
        path = Path(args.output_dir) / FILE
        last = {name: value for entry in state.log_history for name, value in entry.items()}
        end = {
            "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "step": state.global_step,
            "last_loss": last.get("loss"),
            "num_tokens": last.get("num_tokens"),
            "evaluation": {name: value for name, value in last.items() if name.startswith("eval_")},
        }
        self._write(path, {**self._read(path), "end": end})

    @staticmethod
    def _read(path: Path) -> dict[str, Any]:
        return json.loads(path.read_text(encoding="utf-8"))

    @staticmethod
    def _write(path: Path, record: dict[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(record, indent=2, default=_plain) + "\n", encoding="utf-8")
        new.replace(path)


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set) else str(value)
