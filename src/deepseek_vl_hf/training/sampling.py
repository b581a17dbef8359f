"""Sets of rows come in; what a dataloader needs to hand them out as the modality plan says goes out.

Every set is split by modality: rows with a picture are multimodal, rows without one are language. An item is a row, or
with packing a list of rows of one set and modality.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow.compute as pc
from datasets import Dataset
from torch.utils.data import Dataset as TorchDataset
from torch.utils.data import Sampler
from transformers.utils import logging

from .collation import DeepSeekVLHFCollator
from .mixing import MODALITIES, Modality, ModalityPlan, Source, permuted
from .packing import pack


logger = logging.get_logger(__name__)


def count_images(rows: Dataset) -> np.ndarray:
    """Count the pictures of every row, without reading any."""
    counts = pc.fill_null(pc.list_value_length(rows.data.column("images")), 0).to_numpy()
    return counts if rows._indices is None else counts[rows._indices.column(0).to_numpy()]


class PlannedRows(TorchDataset):
    """The items of several sets laid end to end.

    Args:
        sets: Rows by name of their set, as `collation` describes them.
        weights: Of some or all sets; unset, a set's share of its modality is that of its items.
        collator: Measures rows and says how long a pack may be, if there is to be packing.
        seed: Decides which rows share a pack.
        lookahead: Rows that packing holds at a time.
        num_proc: Processes that measure rows.

    Raises:
        ValueError: if a weight names no set.
    """

    def __init__(
        self,
        sets: Mapping[str, Dataset],
        weights: Mapping[str, float] | None = None,
        collator: DeepSeekVLHFCollator | None = None,
        seed: int = 0,
        lookahead: int = 1024,
        num_proc: int | None = None,
    ):
        weights = weights or {}
        if set(weights) - set(sets):
            raise ValueError(f"found weights for {sorted(weights)}, expected some of the sets {sorted(sets)}")
        self.packing = collator is not None
        self.sources: list[Source] = []
        self.parts: list[tuple[str, Dataset, Sequence[Sequence[int]] | np.ndarray]] = []  # set, its rows, items
        for name, rows in sets.items():
            has_images = count_images(rows) > 0
            lengths = measure(rows, collator, num_proc) if self.packing else None
            for modality in MODALITIES:
                items = np.flatnonzero(has_images == (modality == "multimodal"))
                if not len(items):
                    continue
                if self.packing:
                    order = items[permuted(np.arange(len(items)), len(items), seed)].tolist()
                    items = list(pack(order, lengths.__getitem__, collator.max_length, lookahead))
                self._add(name, modality, rows, items, weights.get(name))
        self.ends = np.cumsum([source.num_rows for source in self.sources])

    def _add(self, name: str, modality: Modality, rows: Dataset, items, weight: float | None) -> None:
        self.sources.append(Source(f"{name}/{modality}", len(items), modality, weight))
        self.parts.append((name, rows, items))
        packs = f" in {len(items)} packs" if self.packing else ""
        logger.info(f"{name}: {sum(map(len, items)) if packs else len(items)} {modality} rows{packs}")

    def __len__(self) -> int:
        return int(self.ends[-1])

    def __getitem__(self, index: int) -> dict | list[dict]:
        part = int(np.searchsorted(self.ends, index, side="right"))
        item = self.parts[part][2][index - (self.ends[part - 1] if part else 0)]
        return [self._read(part, row) for row in item] if self.packing else self._read(part, int(item))

    def _read(self, part: int, row: int) -> dict:
        """Read a row, with its place; one whose picture cannot be read says so instead."""
        name, rows, _ = self.parts[part]
        place = {"set": name, "row": row, "is_multimodal": self.sources[part].modality == "multimodal"}
        try:
            return {**rows[row], **place}
        except Exception as error:  # readers of pictures raise errors of many kinds
            return {"unreadable": f"{type(error).__name__}: {error}", **place}

    def describe(self, sources: np.ndarray, items: np.ndarray) -> str:
        """Name the rows of drawn items, set by set."""
        names = {}
        for source, item in zip(sources.tolist(), items.tolist(), strict=True):
            rows = self.parts[source][2][item]
            names.setdefault(self.sources[source].name, []).extend(rows if self.packing else [int(rows)])
        return "; ".join(f"{name} {', '.join(map(str, sorted(rows)))}" for name, rows in names.items())


def measure(rows: Dataset, collator: DeepSeekVLHFCollator, num_proc: int | None = None) -> list[int]:
    """Count the tokens of every row; datasets keeps the result, so that it is done once."""
    columns = [name for name in ("messages", "text") if name in rows.column_names]

    def lengths(batch: dict[str, list]) -> dict[str, list[int]]:
        return {
            "length": collator.measure(
                [dict(zip(batch, row, strict=True)) for row in zip(*batch.values(), strict=True)]
            )
        }

    measured = rows.select_columns(columns).map(
        lengths, batched=True, remove_columns=columns, num_proc=num_proc, desc="Measuring rows"
    )
    return measured["length"][:]


class PlanSampler(Sampler[int]):
    """Hands a plan's items to a dataloader, as numbers into its sources laid end to end.

    Args:
        plan: What to draw.
        num_steps: How many optimizer steps to draw.
    """

    def __init__(self, plan: ModalityPlan, num_steps: int):
        self.plan, self.num_steps = plan, num_steps
        self.starts = np.concatenate([[0], np.cumsum(plan.sizes)[:-1]])

    def __len__(self) -> int:
        return self.num_steps * self.plan.batch_size

    def __iter__(self) -> Iterator[int]:
        for step in range(self.num_steps):
            source, row = self.plan.rows(step)
            yield from (self.starts[source] + row).tolist()
