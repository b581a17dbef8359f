"""Renderers and sets, a recipe, or rows come in; which nodes of the taxonomy they serve goes out, and which have nothing."""

from collections import Counter
from pathlib import Path

from .reading import Fault, read_records
from .recipe import read_recipe
from .renderers import RENDERERS, renderer_class
from .sources import SOURCES
from .taxonomy import NODES, TEXT


# Node, or `TEXT` -> what serves it: names without a number, or counted rows of each source.
Coverage = dict[str, dict[str, int | None]]


def _serving(renderers, sources) -> Coverage:
    found: Coverage = {}
    for name in renderers:
        for task in renderer_class(name).tasks:
            found.setdefault(task, {})[name] = None
    for name in sources:
        found.setdefault(SOURCES[name].task, {})[name] = None
    return found


def of_everything() -> Coverage:
    """What all renderers and sets that can be had serve."""
    return _serving(sorted(RENDERERS), [name for name, source in SOURCES.items() if source.convert is not None])


def of_recipe(path: str | Path) -> Coverage:
    """What the sources of a recipe serve."""
    entries = read_recipe(path).entries
    return _serving([e.renderer for e in entries if e.renderer], [e.source for e in entries if e.source])


def of_rows(path: str | Path) -> Coverage:
    """How many rows of each source serve each node."""
    counts: Counter = Counter()
    for _, record in read_records(path):
        if not isinstance(record, Fault):
            counts[str(record.get("task")), str(record.get("source"))] += 1
    found: Coverage = {}
    for (task, source), count in sorted(counts.items()):
        found.setdefault(task, {})[source] = count
    return found


def table(found: Coverage) -> str:
    """All nodes with what serves them, then those that nothing serves."""
    lines = ["| node | served by |", "|---|---|"]
    for task in (*NODES, TEXT, *sorted(set(found) - set(NODES) - {TEXT})):
        if task in found:
            names = [name if count is None else f"{name} {count}" for name, count in found[task].items()]
            lines.append(f"| {task} | {', '.join(names)} |")
    empty = [task for task in NODES if task not in found]
    lines += ["", f"{len(NODES) - len(empty)} of {len(NODES)} nodes are served; nothing serves:"]
    return "\n".join([*lines, *(f"  {task}" for task in empty)])
