"""A recipe and a number of rows come in; a folder of Parquet files, or tar shards, with that many rows goes out.

    1. blocks    every source's rows in blocks of their own, each a function of recipe, seed and number alone, made by any number of
                 processes or machines (see `blocks`)
    2. choose    through all blocks in one order: which rows are kept, each source up to its share. What is left out as a duplicate
                 is made up for by further blocks of the same source
    3. write     rows as the shares order them, so that any window of the result has the shares

A build that is killed goes on from the blocks that are there. The result is the same, byte for byte, whatever was interrupted and
however many processes there were.
"""

import json
import math
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from .blocks import Block
from .build_plan import RESULT, Plan, begin, hold
from .choosing import Choice, check_enough, choose, first_blocks, further_blocks
from .data_card import card
from .rows import COLUMNS
from .shards import write_parquet, write_tar
from .splits import SPLITS


SHARD_ROWS = 1000
WRITERS = {"parquet": (write_parquet, "parquet"), "webdataset": (write_tar, "tar")}
Progress = Callable[[int, int], None]
MakeBlocks = Callable[[Plan, list[Block]], Iterator[Block]]


def write(plan: Plan, choice: Choice) -> dict[str, int]:
    """Write the rows that were chosen, in the order of the shares; return how many there are by split."""
    writer, suffix = WRITERS[plan.format]
    counts = {}
    data = plan.work / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    for split in SPLITS:
        entries, numbers = plan.order(split)
        # A test may lack rows of a set that has few.
        there = [len(rows) for rows in choice.rows[split]]
        kept = [index for index, (e, n) in enumerate(zip(entries, numbers, strict=True)) if n < there[e]]
        readers = [Kept(plan.work, rows) for rows in choice.rows[split]]
        shards = math.ceil(len(kept) / SHARD_ROWS)
        for shard in range(shards):
            part = kept[shard * SHARD_ROWS : (shard + 1) * SHARD_ROWS]
            rows = (readers[entries[index]].read(int(numbers[index])) for index in part)
            writer(rows, data / f"{split}-{shard:05d}-of-{shards:05d}.{suffix}")
        counts[split] = len(kept)
    return counts


class Kept:
    """Rows of one source that are kept; one block of them is in memory."""

    def __init__(self, folder: Path, rows: list[tuple[Block, int]]):
        self.folder, self.rows = folder, rows
        self.block: Block | None = None
        self.table = None

    def read(self, number: int) -> dict[str, Any]:
        """Read a row by its number among those kept."""
        block, row = self.rows[number]
        if block != self.block:
            self.block, self.table = block, pq.read_table(self.folder / block.name, columns=list(COLUMNS))
        return self.table.slice(row, 1).to_pylist()[0]


def build(plan: Plan, make_blocks: MakeBlocks, progress: Progress | None = None) -> dict[str, Any]:
    """Build a data set.

    Args:
        plan: What to make.
        make_blocks: Makes blocks and tells of each that is there: `Workers`, or an engine of many machines.
        progress: Is told how many rows have been made, and how many are planned by now.

    Returns:
        What `build.json` says.

    Raises:
        ValueError: if the folder cannot be used, or a set has too few rows.
    """
    if begin(plan):
        return json.loads((plan.folder / RESULT).read_text(encoding="utf-8"))
    with hold(plan):
        return _build(plan, make_blocks, progress)


def _build(plan: Plan, make_blocks: MakeBlocks, progress: Progress | None) -> dict[str, Any]:
    start = time.time()
    stored = {number for number, entry in enumerate(plan.recipe.entries) if entry.source}
    blocks: list[Block] = []
    try:
        # What has an end comes first, so that a set with too few rows is known before anything is rendered.
        for entries in filter(None, (stored, set(range(len(plan.recipe.entries))))):
            choice = _complete(plan, entries, blocks, make_blocks, progress)
            check_enough(plan, choice, entries)
    except ValueError:
        shutil.rmtree(plan.work)  # the folder is free for another number of rows
        raise
    counts = write(plan, choice)
    return finish(plan, choice, counts, time.time() - start)


def _complete(
    plan: Plan, entries: set[int], blocks: list[Block], make_blocks: MakeBlocks, progress: Progress | None
) -> Choice:
    """Make blocks of some entries, beside those there are, until each has its rows or no more of them."""
    missing = [block for block in first_blocks(plan) if block.entry in entries and block not in blocks]
    while True:
        blocks += missing
        there = sum((plan.work / block.name).exists() for block in blocks)
        for _ in make_blocks(plan, [block for block in missing if not (plan.work / block.name).exists()]):
            there += 1
            if progress is not None:
                progress(min(there * plan.block, plan.rows), plan.rows)
        choice = choose(plan, blocks)
        missing = [block for block in further_blocks(plan, blocks, choice) if block.entry in entries]
        if not missing:
            return choice


def finish(plan: Plan, choice: Choice, counts: dict[str, int], seconds: float) -> dict[str, Any]:
    """Say what was built, in `build.json` and the card, and clear the blocks away."""
    labels = [entry.label for entry in plan.recipe.entries]
    result = {
        **plan.facts(),
        "splits": counts,
        "files": sorted(path.name for path in (plan.work / "data").iterdir()),
        "short": {label: n for label, n in zip(labels, choice.missing["test"], strict=True) if n},
        "kept": {s: {label: len(rows) for label, rows in zip(labels, choice.rows[s], strict=True)} for s in SPLITS},
        "removed": {labels[entry]: dict(found) for entry, found in choice.removed.items() if found},
        "seconds": round(seconds, 1),
    }
    target = plan.folder / "data"
    shutil.rmtree(target, ignore_errors=True)  # of a build that was killed between the next two lines
    (plan.work / "data").replace(target)
    (plan.folder / "README.md").write_text(card(plan.folder, result), encoding="utf-8")
    half = plan.work / RESULT
    half.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    half.replace(plan.folder / RESULT)
    shutil.rmtree(plan.work)
    return result
