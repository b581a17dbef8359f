"""The folder of a run comes in; the newest checkpoint that is whole goes out. And: a run that is told to end saves first.

A process can die at any moment of writing. What it leaves is told from a whole checkpoint by reading it: transformers
writes `trainer_state.json` last, weights say how long they are, and torch's files end with a table of contents.
"""

import json
import re
import shutil
import signal
import zipfile
from pathlib import Path

import torch
from accelerate.utils import reduce
from transformers import TrainerCallback
from transformers.utils import logging


logger = logging.get_logger(__name__)

INCOMPLETE = "checkpoint-is-incomplete.txt"  # transformers' own mark, written by its just-in-time checkpoints


def find_fault(checkpoint: Path) -> str | None:
    """Say what is wrong with a checkpoint of the trainer.

    Args:
        checkpoint (`Path`): A folder `checkpoint-N`. It says itself how many processes wrote it, each its own random state.

    Returns:
        `str` or `None`: the first fault found, `None` for a whole checkpoint.
    """
    if (checkpoint / INCOMPLETE).exists():
        return f"{INCOMPLETE} is there"
    try:
        state = json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "trainer_state.json is missing or cut short"
    weights = sorted(checkpoint.glob("*.safetensors"))
    index = checkpoint / "model.safetensors.index.json"
    named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()) if index.exists() else set()
    sharded = any(checkpoint.glob("pytorch_model_fsdp*")) or any(checkpoint.glob("global_step*"))  # FSDP, DeepSpeed
    if not weights and not sharded:
        return "there are no weights"
    missing = named - {path.name for path in weights}
    if missing:
        return f"{sorted(missing)[0]} is missing"
    num_processes = state.get("stateful_callbacks", {}).get("Meter", {}).get("args", {}).get("num_processes", 1)
    states = ["rng_state.pth"] if num_processes == 1 else [f"rng_state_{rank}.pth" for rank in range(num_processes)]
    states += ["scheduler.pt"] + ([] if sharded else ["optimizer.pt"])
    states += [path.name for path in checkpoint.glob("*.bin")]  # FSDP's whole model and optimizer
    parts = [path for path in checkpoint.glob("*_0") if path.is_dir() and not (path / ".metadata").exists()]
    if parts:  # FSDP writes it once all parts are there
        return f"{parts[0].name} is cut short"
    for name in states:
        if not zipfile.is_zipfile(checkpoint / name):
            return f"{name} is missing or cut short"
    return next((f"{path.name} is cut short" for path in weights if not _has_its_length(path)), None)


def _has_its_length(path: Path) -> bool:
    """Whether a safetensors file is as long as its header says."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if size > path.stat().st_size:  # no header at all, or its beginning
            return False
        try:
            header = json.loads(file.read(size))
        except ValueError:
            return False
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    return path.stat().st_size == 8 + size + max(ends, default=0)


def find_last_checkpoint(folder: str | Path) -> Path | None:
    """Find the newest whole checkpoint of a run, and warn of newer ones that are not.

    Args:
        folder (`str` or `Path`): `output_dir` of the run.

    Returns:
        `Path` or `None`: `None` where there is none to go on from.
    """
    found = [path for path in Path(folder).glob("checkpoint-*") if re.fullmatch(r"checkpoint-\d+", path.name)]
    for checkpoint in sorted(found, key=lambda path: int(path.name.split("-")[1]), reverse=True):
        fault = find_fault(checkpoint)
        if fault is None:
            return checkpoint
        logger.warning(f"{checkpoint} is not whole ({fault}); looking for an older one")
    return None


def checkpoint_to_resume(wanted: str | bool | None, folder: str | Path) -> str | None:
    """The checkpoint that a run goes on from.

    Args:
        wanted (`str`, `bool` or `None`): A checkpoint, or "true" for the newest whole one, so that one command both starts a run and
            goes on with it.
        folder (`str` or `Path`): `output_dir` of the run.

    Returns:
        `str` or `None`: `None` where training is to start anew.
    """
    if str(wanted).lower() not in ("true", "false"):
        return wanted
    found = find_last_checkpoint(folder) if str(wanted).lower() == "true" else None
    if found is None and str(wanted).lower() == "true":
        logger.warning(f"No checkpoint in {folder} to go on from; starting anew")
    return None if found is None else str(found)


def clear_error(error: Exception, checkpoint: Path) -> OSError:
    """Say what it means that a checkpoint could not be written, and remove what there is of it.

    Args:
        error (`Exception`): What was raised: an `OSError`, or what torch and safetensors make of one.
        checkpoint (`Path`): The folder that was being written.
    """
    shutil.rmtree(checkpoint, ignore_errors=True)
    free = shutil.disk_usage(checkpoint.parent).free / 2**30
    last = find_last_checkpoint(checkpoint.parent)
    return OSError(
        f"found that {checkpoint} cannot be written ({error}), expected room for it; {free:.2f} GiB are free there. "
        f"{f'{last} is whole' if last else 'There is no older checkpoint'}. Free space or lower save_total_limit, then go on with "
        "--resume_from_checkpoint true"
    )


class SaveBeforeTheEnd(TrainerCallback):
    """On SIGTERM, as schedulers send before they take a machine away, finish the step, save, and end.

    Transformers' `enable_jit_checkpoint` does so per process; here the processes agree first, so that none waits in vain.
    """

    def __init__(self):
        self.told = False
        self.before = None

    def on_train_begin(self, args, state, control, **kwargs):
        """Listen."""
        self.told = False
        try:
            self.before = signal.signal(signal.SIGTERM, self._hear)
        except ValueError:  # not the main thread, whose signals are someone else's
            self.before = None

    def _hear(self, number, frame):
        self.told = True

    def on_step_end(self, args, state, control, **kwargs):
        """Save and end if any process was told to."""
        told = self.told
        if args.world_size > 1:
            told = bool(reduce(torch.tensor(float(told), device=args.device), "sum") > 0)
        if told:
            logger.warning(f"Told to end: saving step {state.global_step}. Go on with --resume_from_checkpoint true.")
            control.should_save, control.should_training_stop = True, True
        return control

    def on_train_end(self, args, state, control, **kwargs):
        """Leave signals as they were."""
        if self.before is not None:
            signal.signal(signal.SIGTERM, self.before)
