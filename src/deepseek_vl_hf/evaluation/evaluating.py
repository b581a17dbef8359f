"""A checkpoint comes in, its results go out, with all that is needed to ask it again: weights, versions, settings."""

import gc
import hashlib
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from .. import adapters
from ..loading import load, located
from ..versions import installed
from .answering import Answering
from .questions import QuestionSet
from .results import Results, score


PACKAGES = ("deepseek_vl_hf", "torch", "transformers", "tokenizers", "peft", "pillow", "numpy", "rapidfuzz")
HASHED = 2**32  # bytes of weights up to which they are hashed: some seconds


def evaluate(
    source: str,
    asked: QuestionSet,
    device: torch.device | str = "cpu",
    dtype: str = "auto",
    max_new_tokens: int = 128,
    batch_size: int = 16,
    command: str = "",
    progress: Callable[[int], Callable[[int], None]] = lambda total: lambda count: None,
) -> Results:
    """Ask a checkpoint questions, and score what it answers.

    Args:
        source: Folder or Hub id, of any layout or of an adapter.
        asked: The questions.
        device: To ask it on.
        dtype: Of its weights; "auto" keeps the stored one.
        max_new_tokens: Bound of an answer.
        batch_size: Questions answered at once; beyond rounding, answers do not depend on it.
        command: Kept with the results.
        progress: Told how many rows there are to be read; gives what is told how many more were.

    Raises:
        ValueError: if the checkpoint cannot be loaded, or a question cannot be asked.
    """
    name = located(source)
    model, processor = load(name, dtype)
    model = model.to(device).eval()
    answering = Answering(model, processor, asked, max_new_tokens, batch_size)
    replies = answering.run(progress(len(answering)))
    about = {
        "weights": weights(name, model),
        "command": command,
        "versions": versions(),
        "settings": {
            "decoding": "greedy",
            "max_new_tokens": max_new_tokens,
            "batch_size": batch_size,
            "device": str(device),
            "dtype": str(model.dtype).removeprefix("torch."),
        },
    }
    del model, answering  # another one may need the room
    gc.collect()
    if torch.accelerator.is_available():
        torch.accelerator.empty_cache()
    return score(source, about, asked, replies)


def weights(name: str, model) -> dict[str, Any]:
    """Which weights these are: the hash of each file of a folder, unless they are many; the commit of a repository."""
    adapter = adapters.read_config(name)
    found: dict[str, Any] = {}
    if adapter is not None:
        found["base"] = str(adapter.get("base_model_name_or_path"))
    if not Path(name).is_dir():
        commit = getattr(model.config, "_commit_hash", None)
        return found | ({"commit": commit} if commit and adapter is None else {})
    files = sorted(Path(name).glob("*.safetensors"))
    if sum(file.stat().st_size for file in files) <= HASHED:
        for file in files:
            with file.open("rb") as opened:
                found[file.name] = _sha256(opened)
    return found


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that an answer or its score depends on."""
    return {"python": platform.python_version(), **installed(PACKAGES)}


def _sha256(file) -> str:
    digest = hashlib.sha256()
    while block := file.read(2**20):
        digest.update(block)
    return digest.hexdigest()
