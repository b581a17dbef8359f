"""Blocks of rows come in; which rows are kept, and which blocks are wanted beside, goes out.

All blocks are gone through in one order, the rows of tests first, so that of two rows that are the same the one in the test stays.
"""

import json
import math
from collections import Counter
from dataclasses import dataclass

import pyarrow.parquet as pq

from .blocks import Block
from .build_plan import Plan
from .hygiene import Duplicates, PictureIndex
from .signatures import Signature
from .splits import SPLITS


SPARE = 1.05  # further blocks beyond what seems to be missing
HELD_OUT = "picture is held out"
HELD_OUT_BITS = 8  # of 64, by which copies of a picture differ at most; rather a row too few than one too many
TOO_OFTEN = 20  # rows of a renderer that are looked at for one that is wanted, before it is said to have no more


@dataclass
class Choice:
    """Which rows are kept, and how many were not.

    Args:
        rows: By split and entry: block and row of each row that is kept.
        missing: By split and entry: rows that further blocks must give.
        removed: By entry and reason.
        first: By entry and reason: what was said of the first such row.
        tried: By split and entry: rows that were looked at, those that a filter left out among them.
        ended: Entries whose sets have no more records.
    """

    rows: dict[str, list[list[tuple[Block, int]]]]
    missing: dict[str, list[int]]
    removed: dict[int, Counter]
    first: dict[int, dict[str, str]]
    tried: dict[str, list[int]]
    ended: set[int]


def first_blocks(plan: Plan) -> list[Block]:
    """The blocks that every build of a plan begins with."""
    blocks = []
    for number, entry in enumerate(plan.recipe.entries):
        if entry.renderer:
            blocks += [
                Block(number, split, k)
                for split in SPLITS
                for k in range(math.ceil(plan.quotas[split][number] / plan.block))
            ]
        else:
            blocks += [
                Block(number, "both", k) for k in range(math.ceil(plan.quotas["train"][number] / plan.block) or 1)
            ]
    return blocks


def further_blocks(plan: Plan, blocks: list[Block], choice: Choice) -> list[Block]:
    """Blocks that make up for what was left out; none once every source has its rows."""
    counts = Counter((block.entry, block.split) for block in blocks)
    wanted: dict[tuple[int, str], int] = {}
    for split in SPLITS:
        for entry, missing in enumerate(choice.missing[split]):
            kept, tried = len(choice.rows[split][entry]), choice.tried[split][entry]
            if not missing or entry in choice.ended or tried > TOO_OFTEN * (kept + missing + plan.block):
                continue
            rate = max(kept / tried if tried else 1.0, 0.01)
            if plan.recipe.entries[entry].renderer:
                key, more = (entry, split), missing / rate
            else:  # records are looked through until there are enough of a split
                key = (entry, "both")
                rows_per_block = kept / counts[key] if kept else 1.0
                more = missing / rows_per_block * plan.block
            wanted[key] = max(wanted.get(key, 0), math.ceil(more * SPARE / plan.block))
    return [
        Block(entry, split, counts[entry, split] + k)
        for (entry, split), more in sorted(wanted.items())
        for k in range(min(more, max(4, counts[entry, split])))
    ]


def choose(plan: Plan, blocks: list[Block]) -> Choice:
    """Go through all blocks in one order, tests first, and choose the rows that are kept."""
    num = len(plan.recipe.entries)
    choice = Choice(
        rows={split: [[] for _ in range(num)] for split in SPLITS},
        missing={split: list(plan.quotas[split]) for split in SPLITS},
        removed={entry: Counter() for entry in range(num)},
        first={entry: {} for entry in range(num)},
        tried={split: [0] * num for split in SPLITS},
        ended=set(),
    )
    duplicates, held_out = Duplicates(plan.recipe.hygiene), PictureIndex(HELD_OUT_BITS)
    for block in sorted(set(blocks)):
        facts = json.loads(pq.read_schema(plan.work / block.name).metadata[b"facts"])
        choice.removed[block.entry].update(facts["removed"])
        choice.first[block.entry] = {**facts["first"], **choice.first[block.entry]}
        if block.split in SPLITS:
            choice.tried[block.split][block.entry] += sum(facts["removed"].values())
        if facts["is_last"]:
            choice.ended.add(block.entry)
    for split in reversed(SPLITS):
        for block in sorted(set(blocks)):
            if block.split in (split, "both") and choice.missing[split][block.entry]:
                _choose_in(plan, block, split, choice, duplicates, held_out)
    return choice


def _choose_in(
    plan: Plan, block: Block, split: str, choice: Choice, duplicates: Duplicates, held_out: PictureIndex
) -> None:
    # Stored pictures are held out by their files; a copy of one in another form must not be in training either.
    is_stored = plan.recipe.entries[block.entry].source is not None
    columns = ["split", "exact", "words", "pieces", "pictures"]
    for row, found in enumerate(pq.read_table(plan.work / block.name, columns=columns).to_pylist()):
        if found["split"] != split or not choice.missing[split][block.entry]:
            continue
        choice.tried[split][block.entry] += 1
        reason = None
        if is_stored and split == "train" and any(held_out.near(value) for value in found["pictures"]):
            reason = HELD_OUT
        reason = reason or duplicates.reason(Signature.from_columns(found))
        if reason is None:
            for value in found["pictures"] if is_stored and split == "test" else ():
                held_out.add(value)
            choice.rows[split][block.entry].append((block, row))
            choice.missing[split][block.entry] -= 1
        else:
            choice.removed[block.entry][reason] += 1


def check_enough(plan: Plan, choice: Choice, entries: set[int]) -> None:
    """Raise if one of some entries has fewer rows than its share asks for.

    Raises:
        ValueError: naming how many rows there are, and what helps.
    """
    for number, entry in enumerate(plan.recipe.entries):
        if number in entries and (missing := choice.missing["train"][number]):
            found, asked = len(choice.rows["train"][number]), plan.quotas["train"][number]
            most = int(plan.rows * (asked - missing) / asked)
            why = ", ".join(
                f"{count} {reason}{f' ({said})' if (said := choice.first[number].get(reason)) else ''}"
                for reason, count in choice.removed[number].most_common(3)
            )
            raise ValueError(
                f"{entry.label}: found {found} rows for training{f' (left out: {why})' if why else ''}, expected {asked} for a "
                f"share of {entry.share:g}%; lower its share, or --rows to {most} or less"
            )
