"""A checkpoint and a suite come in; each benchmark is run by its harness, and its score stands beside the published ones.

    OUTPUT/BENCHMARK/log.txt        what the harness said
    OUTPUT/BENCHMARK/harness/       what it wrote
    OUTPUT/BENCHMARK/result.json    what was asked, how, and the score
    OUTPUT/results.json             all of them

A benchmark whose `result.json` holds the same question is not run again, so a run that was stopped goes on.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from ..loading import located
from . import harnesses, results
from .harnesses import HARNESSES, PYTHON, Harness, Settings
from .outcomes import FAILED, KEPT, LEFT_OUT, RUN, Outcome, said
from .suite import Benchmark, Suite, read_suite


SOME_FAILED = 1
NO_SANDBOX = (
    "it runs the programs that the model writes, with all that you may do on this machine. In a container without network, "
    "say --confirm-run-generated-code"
)


def run_suite(
    model: str,
    suite: str | Path | Suite = "paper",
    output: str | Path = "suite",
    only: Sequence[str] = (),
    settings: Settings | None = None,
    runs_code: bool = False,
    notice: Callable[[str], object] = print,
) -> tuple[list[Outcome], int]:
    """Run the benchmarks of a suite, one after the other; one that fails does not keep others from running.

    Args:
        model: Folder or Hub id, of any layout or of an adapter; "nano" is the embedded one.
        suite: Name of one that comes with the package, path of one, or one that was read.
        output: Folder for what is written; with what an earlier run left there, that run goes on.
        only: Names of benchmarks or groups.
        settings: How they are asked.
        runs_code: Whether benchmarks that run what the model writes may.
        notice: Told a line about each.

    Returns:
        What became of each benchmark, in the suite's order, and an exit code: 0, or `SOME_FAILED`.

    Raises:
        ValueError: if there is no such checkpoint, suite or benchmark, or the folder cannot be written.
    """
    settings = settings or Settings()
    source = located(model)
    asked = (suite if isinstance(suite, Suite) else read_suite(suite)).only(only)
    source = str(Path(source).resolve()) if Path(source).is_dir() else source
    output = Path(output).expanduser().resolve()
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"Cannot write to {output} ({error.strerror}); give another folder.") from error
    python = os.environ.get(PYTHON, sys.executable)
    versions = {name: HARNESSES[name].version_in(python) for name in {each.harness for each in asked.benchmarks}}
    outcomes = []
    with TemporaryDirectory(prefix="deepseek-vl-evaluate-") as room:
        for benchmark in asked.benchmarks:
            run = _Run(
                source, benchmark, settings, output / _slug(benchmark.name), asked.include_path, python, Path(room)
            )
            why = _hindrance(benchmark, versions[benchmark.harness], runs_code, python)
            found = run.kept() or why or run.start(HARNESSES[benchmark.harness], versions[benchmark.harness], notice)
            outcomes.append(found)
            notice(said(found))
            _write(output / "results.json", _summary(model, asked, settings, versions, outcomes))
    return outcomes, SOME_FAILED if any(each.state == FAILED for each in outcomes) else 0


def _hindrance(benchmark: Benchmark, version: str | None, runs_code: bool, python: str) -> Outcome | None:
    """Why a benchmark cannot be run here."""
    if benchmark.runs_code and not runs_code:
        return Outcome(benchmark, LEFT_OUT, f"{NO_SANDBOX}.")
    if benchmark.needs_key and not os.environ.get(benchmark.needs_key):
        return Outcome(
            benchmark, LEFT_OUT, f"{benchmark.judge or 'it has a judge'}, and {benchmark.needs_key} is not set."
        )
    if version is None:
        return Outcome(
            benchmark,
            FAILED,
            f"{python} has no {benchmark.harness}; install it there, or name another Python in {PYTHON} (docs/evaluation.md).",
        )
    return None


@dataclass(frozen=True)
class _Run:
    """A benchmark, and where and how it is run."""

    model: str
    benchmark: Benchmark
    settings: Settings
    folder: Path
    tasks: Path | None
    python: str
    room: Path

    def question(self) -> dict[str, Any]:
        """What decides the score; a result of the same question is kept."""
        read = ("harness", "task", "metric", "scale", "shots", "chat", "generation")
        asked = {name: getattr(self.benchmark, name) for name in read}
        how = asdict(replace(self.settings, batch_size=1, device=None))  # which change no answer
        return {"model": self.model, "weights": _fingerprint(self.model), **asked, "settings": how}

    def kept(self) -> Outcome | None:
        """What an earlier run found."""
        try:
            found = json.loads((self.folder / "result.json").read_text("utf-8"))
            if found["question"] != self.question():
                return None
            return Outcome(
                self.benchmark, KEPT, **{name: found[name] for name in ("score", "error", "questions", "seconds")}
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def start(self, harness: Harness, version: str, notice: Callable[[str], object]) -> Outcome:
        """Run the harness, and wait for it."""
        started = time.perf_counter()
        # A folder for each try: an earlier one may have ended in the middle.
        (self.folder / "harness").mkdir(parents=True, exist_ok=True)
        written = Path(mkdtemp(prefix=time.strftime("%Y%m%dT%H%M%S-"), dir=self.folder / "harness"))
        try:
            words = harnesses.command(
                harness, self.python, self.model, self.benchmark, self.settings, written, self.tasks
            )
            notice(f"{self.benchmark.name}: {self.benchmark.harness} runs {self.benchmark.task}")
            with (self.folder / "log.txt").open("w", encoding="utf-8") as log:
                log.write(f"{json.dumps(words)}\n")
                log.flush()
                variables = harnesses.environment(self.python, self.room, self.benchmark.runs_code)
                code = subprocess.run(words, env=variables, cwd=written, stdout=log, stderr=log).returncode
            if code:
                raise ValueError(f"{self.benchmark.harness} ended with code {code}")
            found = harnesses.score(written, self.benchmark)  # lmms-eval ends with code 0 where it fails
        except (ValueError, OSError, KeyError) as error:
            return Outcome(self.benchmark, FAILED, f"{error}; see {self.folder / 'log.txt'}{_complaint(self.folder)}.")
        found["seconds"] = time.perf_counter() - started
        _write(
            self.folder / "result.json",
            {"question": self.question(), **found, "version": version, "command": words},
        )
        return Outcome(self.benchmark, RUN, **found)


def _fingerprint(model: str) -> str:
    """Changes with the files of a folder; a Hub id is its own."""
    folder = Path(model)
    if not folder.is_dir():
        return model
    files = sorted(path for path in folder.iterdir() if path.suffix in (".json", ".safetensors", ".model"))
    seen = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()


def _write(path: Path, content: Any) -> None:
    results.write(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def _complaint(folder: Path) -> str:
    """The line of a log that says what went wrong: the first exception, from which others follow."""
    try:
        lines = (folder / "log.txt").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in lines]  # without colours
    telling = [line for line in plain if re.match(r"[\w.]*(Error|Exception)\b", line)]
    telling = telling or [line for line in plain if re.search(r"[Ee]rror\b", line)][-1:]
    return f": {telling[0][:200]}" if telling else ""


def _summary(
    model: str, suite: Suite, settings: Settings, versions: dict, outcomes: Sequence[Outcome]
) -> dict[str, Any]:
    return {
        "model": model,
        "suite": suite.name,
        "settings": asdict(settings),
        "harnesses": versions,
        "results": [asdict(each) for each in outcomes],
    }
