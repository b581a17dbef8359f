"""A recipe and a number of rows come in; how many rows each source gives, in which order, and the folder they go to, go out."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from ..versions import installed
from .recipe import Recipe, to_dict
from .shares import SourceMixture
from .splits import SPLITS


WORK = ".building"  # folder inside the output where blocks lie until the build is done
NOTE = "plan.json"
RESULT = "build.json"
FORMATS = ("parquet", "webdataset")
# Packages whose version may decide how a row looks.
DECIDES = ("deepseek_vl_hf", "pillow", "numpy", "typst", "matplotlib", "vl-convert-python", "resvg-py")


@dataclass
class Plan:
    """What a build is to make.

    Args:
        recipe: What is mixed.
        rows: In all, over both splits.
        folder: Where to.
        format: "parquet" or "webdataset".
    """

    recipe: Recipe
    rows: int
    folder: Path
    format: str = "parquet"
    quotas: dict[str, list[int]] = field(init=False)  # by split, rows of each entry

    def __post_init__(self):
        if self.rows < 1:
            raise ValueError(f"found --rows {self.rows}, expected at least 1")
        if self.format not in FORMATS:
            raise ValueError(f"found format {self.format!r}, expected one of {', '.join(FORMATS)}")
        self.quotas = {split: self._quotas(split) for split in SPLITS}

    @property
    def block(self) -> int:
        """Rows of a block: few enough that small builds make little more than they need, many enough that files stay few."""
        return min(1024, max(16, self.rows // 250))

    @property
    def work(self) -> Path:
        """Folder of the blocks."""
        return self.folder / WORK

    def size(self, split: str) -> int:
        """Rows of a split."""
        held_out = round(self.rows * self.recipe.test_share)
        return held_out if split == "test" else self.rows - held_out

    def order(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """The entry of each row of a split, and which of that entry's rows it is."""
        mixture = SourceMixture([entry.share for entry in self.recipe.entries], self.recipe.seed)
        return mixture.locate(np.arange(self.size(split)))

    def _quotas(self, split: str) -> list[int]:
        return np.bincount(self.order(split)[0], minlength=len(self.recipe.entries)).tolist()

    def facts(self) -> dict[str, Any]:
        """What must be the same when a build goes on."""
        return {
            "recipe": to_dict(self.recipe),
            "rows": self.rows,
            "block": self.block,
            "format": self.format,
            "versions": installed(DECIDES),
        }


def begin(plan: Plan) -> bool:
    """Make the folder of a build, or find one that goes on; return whether the build is done already.

    Raises:
        ValueError: if the folder has something else in it, or another build.
    """
    note, facts = plan.work / NOTE, json.loads(json.dumps(plan.facts()))
    if (plan.folder / RESULT).exists():
        done = json.loads((plan.folder / RESULT).read_text(encoding="utf-8"))
        lost = [name for name in done.get("files", ()) if not (plan.folder / "data" / name).exists()]
        if lost:
            raise ValueError(
                f"found {plan.folder} without {', '.join(lost)}, expected all files of its build; delete the folder"
            )
        if {name: done.get(name) for name in facts} == facts:
            shutil.rmtree(plan.work, ignore_errors=True)
            return True
        raise ValueError(f"found another data set in {plan.folder}, expected a new folder; choose another --output")
    facts["folder"] = str(plan.recipe.folder.resolve())
    if note.exists():
        begun = json.loads(note.read_text(encoding="utf-8"))
        if differ := [name for name, value in facts.items() if begun.get(name) != value]:
            raise ValueError(
                f"found a build in {plan.folder} that was begun with other {', '.join(differ)}, expected the same; give the same "
                "recipe and rows, or another --output"
            )
    elif plan.folder.exists() and any(path.name != WORK for path in plan.folder.iterdir()):
        raise ValueError(f"found files in {plan.folder}, expected a new or empty folder; choose another --output")
    plan.work.mkdir(parents=True, exist_ok=True)
    for path in plan.work.glob("*.parquet"):
        try:
            pq.read_schema(path)
        except (OSError, pa.ArrowInvalid):  # a machine that lost its power may leave such
            path.unlink()
    half = note.with_suffix(".half")
    half.write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    half.replace(note)
    return False


@contextmanager
def hold(plan: Plan) -> Iterator[None]:
    """Keep the folder of a build to one process; the hold ends with the process, however that ends.

    Raises:
        ValueError: if another process has it.
    """
    try:
        with FileLock(plan.work / "lock", timeout=0):
            yield
    except Timeout as error:
        raise ValueError(
            f"found another build at work in {plan.folder}; wait for it, or choose another --output"
        ) from error
