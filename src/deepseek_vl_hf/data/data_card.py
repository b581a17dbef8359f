"""What was built comes in; the card of the data set goes out: what is in it, from where, under which licences, and what was left out.

The card's head declares the columns of tar shards, which cannot say it themselves, so that `load_dataset(folder)` reads them.
"""

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from .reading import read_records
from .shards import tar_features
from .splits import SPLITS
from .taxonomy import NODES


ABOUT = ("source", "task", "licence", "language")
MARK = "<!-- Written by deepseek_vl_hf; a push writes it anew unless this line is gone. -->"
TEXT_OF_CARD = """{mark}
# {title}
{rows} rows of the format of `deepseek_vl_hf.data.rows`: conversations and documents with their pictures. `test` is made of what is
held out of `train`: texts, drawings, numbers and fonts that no row of `train` shows.

```python
from datasets import load_dataset

rows = load_dataset({loading})
```

## Where the rows are from
{sources}

## Licences
Each row says its own under `licence`.

{licences}

## What is asked
{tasks}

{covered} of {nodes} nodes of the taxonomy of DeepSeek-VL (arXiv 2403.05525, table 3) have rows.

## What was left out
{removed}

## How it was made
    deepseek-vl data build RECIPE.yaml --output DIR --rows {asked}

with seed {seed} and {versions}. The recipe is in `build.json`.
"""


def count_rows(folder: Path, suffix: str) -> Counter:
    """Count the rows of a built folder by split and what they say of themselves."""
    counts: Counter = Counter()
    for split in SPLITS:
        for path in sorted((folder / "data").glob(f"{split}-*.{suffix}")):
            if suffix == "parquet":
                rows = pq.read_table(path, columns=list(ABOUT)).to_pylist()
            else:
                rows = (row for _, row in read_records(path))
            counts.update((split, *(row.get(name) for name in ABOUT)) for row in rows)
    return counts


def _table(heads: tuple[str, ...], rows: list[tuple]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _by(counts: Counter, column: str) -> list[tuple]:
    """Rows of a table: a value, and how many rows of each split have it."""
    place = ABOUT.index(column) + 1
    values = sorted({str(key[place]) for key in counts})
    found: Counter = Counter()
    for key, number in counts.items():
        found[str(key[place]), key[0]] += number
    return [(value, *(found[value, split] for split in SPLITS)) for value in values]


def _digest(folder: Path, result: dict[str, Any]) -> str:
    """What tells one build from another: how it was made, and how large its files are."""
    sizes = {path.name: path.stat().st_size for path in sorted((folder / "data").iterdir())}
    made = {name: value for name, value in result.items() if name != "seconds"}
    return sha256(json.dumps([made, sizes], sort_keys=True).encode()).hexdigest()[:16]


def card(folder: Path, result: dict[str, Any]) -> str:
    """Write the card.

    Args:
        folder: With the data in `data`.
        result: What `build.json` says.
    """
    is_tar = result["format"] == "webdataset"
    counts = count_rows(folder, "tar" if is_tar else "parquet")
    splits = [split for split in SPLITS if result["splits"].get(split)]
    files = [{"split": split, "path": f"data/{split}-*"} for split in splits]
    # `load_dataset(folder)` gives again what it once read, there or in another folder of that name, where the head is the same.
    head: dict[str, Any] = {
        "configs": [
            {"config_name": "default", "description": f"Build {_digest(folder, result)}", "data_files": files}
        ],
        "language": [row[0] for row in _by(counts, "language")],
        "license": "other",
        "license_name": "by-row",
        "task_categories": ["image-text-to-text"],
        "tags": ["deepseek_vl_hf"],
    }
    if is_tar:
        sizes = [{"name": split, "num_examples": result["splits"][split]} for split in splits]
        head["dataset_info"] = {"features": tar_features(folder / "data")._to_yaml_list(), "splits": sizes}
    covered = {key[2] for key in counts} & set(NODES)
    removed = [(label, reason, n) for label, found in result["removed"].items() for reason, n in sorted(found.items())]
    body = TEXT_OF_CARD.format(
        mark=MARK,
        title=folder.resolve().name,
        rows=sum(result["splits"].values()),
        loading='"FOLDER"',
        sources=_table(("source", *SPLITS), _by(counts, "source")),
        licences=_table(("licence", *SPLITS), _by(counts, "licence")),
        tasks=_table(("task", *SPLITS), _by(counts, "task")),
        covered=len(covered),
        nodes=len(NODES),
        removed=_table(("source", "reason", "rows"), removed) if removed else "Nothing.",
        asked=result["rows"],
        seed=result["recipe"]["seed"],
        versions=", ".join(f"{name} {found}" for name, found in result["versions"].items()),
    )
    return f"---\n{yaml.safe_dump(head, allow_unicode=True, sort_keys=False)}---\n{body}"
