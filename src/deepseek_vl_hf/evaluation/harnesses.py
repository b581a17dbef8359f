"""A benchmark comes in; the command line by which lm-eval or lmms-eval runs it goes out, and afterwards what it scored.

Both bring a hundred packages, so they may live in an environment of their own, whose Python `EVALUATE_PYTHON` names. This
package is linked into their path: nothing is installed there but the harness, torch and transformers.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .suite import Benchmark


PYTHON = "EVALUATE_PYTHON"
PACKAGE = Path(__file__).parents[1]
NAME = "deepseek-vl"


@dataclass(frozen=True)
class Harness:
    """A harness that runs benchmarks.

    Args:
        name: As suites call it.
        package: What is imported.
        module: Run as a program, its command line with our model known to it.
        version: With which the tasks' names were compared.
    """

    name: str
    package: str
    module: str
    version: str

    def version_in(self, python: str) -> str | None:
        """The version that an environment has; `None` where it has none.

        Raises:
            ValueError: if there is no such Python.
        """
        words = f"import importlib.metadata as found; print(found.version({self.name!r}))"
        try:
            told = subprocess.run([python, "-c", words], capture_output=True, text=True)
        except OSError as error:
            raise ValueError(
                f"{PYTHON} names {python}, which cannot be run ({error.strerror}); give a Python."
            ) from error
        return told.stdout.strip() or None


HARNESSES = {
    "lm-eval": Harness("lm-eval", "lm_eval", f"{__package__}.lm_eval_model", "0.4.13"),
    "lmms-eval": Harness("lmms-eval", "lmms_eval", f"{__package__}.lmms_model", "0.7.3"),
}


@dataclass(frozen=True)
class Settings:
    """How all benchmarks of a run are asked.

    Args:
        batch_size: Questions at once.
        device: Unset, a GPU if there is one.
        dtype: Of the weights.
        limit: Questions of each task, to try it; figures of parts are no results.
    """

    batch_size: int = 1
    device: str | None = None
    dtype: str = "auto"
    limit: int | None = None


def command(
    harness: Harness,
    python: str,
    model: str,
    benchmark: Benchmark,
    settings: Settings,
    output: Path,
    tasks: Path | None,
) -> list[str]:
    """The command line for one benchmark.

    Raises:
        ValueError: if lmms-eval could not read the model's name.
    """
    arguments = {"pretrained": model, "dtype": settings.dtype}
    if harness.name == "lm-eval":
        told = json.dumps(arguments)
    elif set(model) & set(",\"'[]{}"):
        raise ValueError(
            f"Found {model}, which lmms-eval would split at a comma, quote or bracket; make a link to it without these."
        )
    else:
        told = ",".join(f"{name}={value}" for name, value in arguments.items())
    words = [python, "-m", harness.module, "--model", NAME, "--model_args", told, "--tasks", benchmark.task]
    words += ["--output_path", str(output), "--log_samples", "--batch_size", str(settings.batch_size)]
    options = {
        "--num_fewshot": benchmark.shots,
        "--gen_kwargs": benchmark.generation or None,
        "--device": settings.device,
        "--limit": settings.limit,
        "--include_path": tasks,
    }
    for name, value in options.items():
        words += [] if value is None else [name, str(value)]
    if harness.name == "lm-eval":
        words += ["--apply_chat_template"] if benchmark.chat else []
        words += ["--confirm_run_unsafe_code"] if benchmark.runs_code else []
    return words


def environment(python: str, room: Path, runs_code: bool) -> dict[str, str]:
    """Variables for a command line: this package is on the path, and code is run only where that was allowed.

    Args:
        python: Whose environment.
        room: An empty folder, or one that was given here before.
        runs_code: Whether code that the model writes may run.
    """
    link_package(room)
    path = [str(room)]
    if python == sys.executable and "PYTHONPATH" in os.environ:
        path.append(os.environ["PYTHONPATH"])
    told = {name: value for name, value in os.environ.items() if name != "HF_ALLOW_CODE_EVAL"}
    return {**told, "PYTHONPATH": os.pathsep.join(path), **({"HF_ALLOW_CODE_EVAL": "1"} if runs_code else {})}


def link_package(room: Path) -> None:
    """Put this package, and nothing that lies beside it, into a folder."""
    link = room / PACKAGE.name
    if not link.is_symlink():
        link.symlink_to(PACKAGE, target_is_directory=True)


def score(output: Path, benchmark: Benchmark) -> dict[str, Any]:
    """What a harness wrote about a benchmark.

    Returns:
        `score` on the scale of the published figures, its `error` (a standard error) or `None`, and `questions`, their number.

    Raises:
        ValueError: if it wrote nothing, or nothing by this measure.
    """
    written = sorted(output.rglob("*results*.json"), key=lambda path: path.stat().st_mtime)
    if not written:
        raise ValueError(f"the harness wrote no results below {output}")
    content = json.loads(written[-1].read_text("utf-8"))
    found = content["results"].get(benchmark.task, {})
    value = found.get(benchmark.metric)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        measures = ", ".join(name for name, each in found.items() if isinstance(each, (int, float)))
        raise ValueError(
            f"found no number {benchmark.metric} for {benchmark.task} but {measures or 'none'}; name another measure"
        )
    name, _, kept = benchmark.metric.partition(",")
    error = found.get(f"{name}_stderr,{kept}")
    counted = content.get("n-samples", {})
    numbers = [counted[task] for task in (_leaves(content, benchmark.task)) if task in counted]
    return {
        "score": value * benchmark.scale,
        "error": error * benchmark.scale if isinstance(error, (int, float)) else None,
        "questions": sum(each.get("effective", 0) for each in numbers) or None,
    }


def _leaves(content: dict[str, Any], task: str) -> list[str]:
    """The tasks of a group, and of its groups; a task is its own."""
    below = content.get("group_subtasks", {}).get(task)
    return [leaf for each in below for leaf in _leaves(content, each)] if below else [task]


def lmms_manifest():
    """What lmms-eval's entry point `lmms_eval.models` asks for: where the model's class lies."""
    from lmms_eval.models.registry_v2 import ModelManifest

    return ModelManifest(model_id=NAME, chat_class_path=f"{__package__}.lmms_model.DeepSeekVLForLMMsEval")
