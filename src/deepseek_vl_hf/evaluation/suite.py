"""A suite's file comes in: benchmarks by harness, task, prompt and measure, with published figures; the checked list goes out.

`suites/paper.yaml` is the paper's own list; a file of yours has the same fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml


FOLDER = Path(__file__).with_name("suites")
HARNESSES = ("lm-eval", "lmms-eval")
GROUPS = ("vision", "language")


@dataclass(frozen=True)
class Benchmark:
    """One benchmark, and how a harness is asked for it.

    Args:
        name: For the table.
        group: "vision" or "language".
        harness: Who runs it, one of `HARNESSES`.
        task: Its name there.
        metric: Key of the measure in the harness's results.
        split, prompt, measure, judge: For the reader: which part, how it is asked, what is counted and who decides.
        scale: What the harness's number is multiplied with, to be on the scale of the published figures.
        shots: Examples in the prompt; unset leaves the task's own.
        chat: Whether lm-eval puts the questions into the chat format. lmms-eval always does.
        generation: Arguments of generation that replace the task's.
        needs_key: Environment variable of a judge's key; the benchmark is left out where it is not set.
        runs_code: Whether code that the model writes is run.
        table: Where the figures were published.
        figures: Published figures, by what they are of.
        differs: How the harness's way is known to differ from that of the figures.
    """

    name: str
    group: str
    harness: str
    task: str
    metric: str
    split: str = ""
    prompt: str = ""
    measure: str = ""
    judge: str = ""
    scale: float = 1
    shots: int | None = None
    chat: bool = False
    generation: str = ""
    needs_key: str = ""
    runs_code: bool = False
    table: str = ""
    figures: tuple[tuple[str, float], ...] = ()
    differs: str = ""


@dataclass(frozen=True)
class Suite:
    """Benchmarks of one file, in its order.

    Args:
        name: Of the file, without its ending.
        benchmarks: What is asked.
        include_path: Folder of further tasks, for both harnesses.
    """

    name: str
    benchmarks: tuple[Benchmark, ...]
    include_path: Path | None = None

    def only(self, names: Sequence[str]) -> "Suite":
        """The benchmarks of these names and groups; no name is all.

        Raises:
            ValueError: if there is no such benchmark and no such group.
        """
        known = {name.lower() for each in self.benchmarks for name in (each.name, each.group)}
        if unknown := [name for name in names if name.lower() not in known]:
            raise ValueError(
                f"Found {', '.join(unknown)} in the choice of benchmarks, expected {', '.join(GROUPS)} or some of "
                f"{', '.join(each.name for each in self.benchmarks)}."
            )
        wanted = {name.lower() for name in names}
        chosen = (each for each in self.benchmarks if not wanted or wanted & {each.name.lower(), each.group})
        return Suite(self.name, tuple(chosen), self.include_path)


def read_suite(source: str | Path) -> Suite:
    """Read a suite that comes with the package, by its name, or one of your own, by its path.

    Raises:
        ValueError: if there is none, or a field is missing, unknown or of another kind than it should be.
    """
    path = FOLDER / f"{source}.yaml"
    if not path.is_file():
        path = Path(source).expanduser()
    if not path.is_file():
        shipped = ", ".join(sorted(each.stem for each in FOLDER.glob("*.yaml")))
        raise ValueError(f"There is no suite {source}; give {shipped}, or the path of a YAML file.")
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is no YAML ({error}); mend it.") from error
    if not isinstance(content, dict) or not isinstance(content.get("benchmarks"), list) or not content["benchmarks"]:
        raise ValueError(f"{path} holds no list `benchmarks`; write one, as in {FOLDER / 'paper.yaml'}.")
    benchmarks = tuple(
        _benchmark(values, f"{path}, benchmark {at}") for at, values in enumerate(content["benchmarks"], 1)
    )
    names = [each.name.lower() for each in benchmarks]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise ValueError(f"{path}: found the name {twice[0]} twice; rename one.")
    folder = content.get("include_path")
    return Suite(path.stem, benchmarks, (path.parent / folder).resolve() if folder else None)


def _benchmark(values: Any, where: str) -> Benchmark:
    kinds = {field.name: field.type for field in fields(Benchmark)}
    needed = ("name", "group", "harness", "task", "metric")
    if not isinstance(values, dict) or not set(needed) <= set(values) <= set(kinds):
        found = ", ".join(map(str, values)) if isinstance(values, dict) else type(values).__name__
        raise ValueError(
            f"{where}: found {found}, expected {', '.join(needed)} and perhaps others of {', '.join(kinds)}."
        )
    values = dict(values)
    figures = values.pop("figures", {})
    if not isinstance(figures, dict) or not all(isinstance(each, (int, float)) for each in figures.values()):
        raise ValueError(f"{where}: found figures {figures!r}, expected numbers by what they are of: {{7B: 36.6}}.")
    for name, value in values.items():
        expected = {"scale": (int, float), "shots": (int, type(None)), "chat": bool, "runs_code": bool}.get(name, str)
        if not isinstance(value, expected) or (name == "shots" and isinstance(value, bool)):
            raise ValueError(f"{where}: found {name} {value!r}, expected {kinds[name]}.")
    for name, allowed in (("group", GROUPS), ("harness", HARNESSES)):
        if values[name] not in allowed:
            raise ValueError(f"{where}: found {name} {values[name]!r}, expected one of {', '.join(allowed)}.")
    return Benchmark(**values, figures=tuple((str(name), value) for name, value in figures.items()))
