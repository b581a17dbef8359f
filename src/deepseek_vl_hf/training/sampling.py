"""Sets of rows come in; what a dataloader needs to hand them out as the modality plan says goes out.

Every set is split by modality: rows with a picture are multimodal, rows without one are language. An item is a row, or
with packing a list of rows of one set and modality.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow.compute as pc
from datasets import Dataset, IterableDataset
from torch.utils.data import Dataset as TorchDataset
from torch.utils.data import Sampler
from transformers.utils import logging

from ..data.shares import permuted
from .collation import DeepSeekVLHFCollator
from .mixing import MODALITIES, Modality, ModalityPlan, Source, deal
from .packing import pack
from .streaming import StreamedRows


logger = logging.get_logger(__name__)


def count_images(rows: Dataset) -> np.ndarray:
    """Count the pictures of every row, without reading any."""
    counts = pc.fill_null(pc.list_value_length(rows.data.column("images")), 0).to_numpy()
    return counts if rows._indices is None else counts[rows._indices.column(0).to_numpy()]


class StoredRows:
    """The items of one modality of a set that can be asked for any row.

    Args:
        name: Of the set.
        rows: All of the set's.
        items: Numbers of the rows of each item.
    """

    def __init__(self, name: str, rows: Dataset, items: Sequence[Sequence[int]] | np.ndarray):
        self.name, self.rows, self.items = name, rows, items

    def __len__(self) -> int:
        return len(self.items)

    def places(self, number: int) -> list[int]:
        """The rows of an item."""
        item = self.items[number]
        return [int(item)] if np.ndim(item) == 0 else list(item)

    def read(self, number: int) -> list[tuple[int, dict]]:
        """Read the rows of an item, each with its place; one whose picture cannot be read says so instead."""
        return [(row, self._read(row)) for row in self.places(number)]

    def _read(self, row: int) -> dict:
        try:
            return self.rows[row]
        except Exception as error:  # readers of pictures raise errors of many kinds
            return {"unreadable": f"{type(error).__name__}: {error}"}


class PlannedRows(TorchDataset):
    """The items of several sets, which a plan asks for by source and number.

    Args:
        sets: Rows by name of their set, as `collation` describes them.
        shares: Share of some or all sets among the rows of their modality; the others share what is left by their size.
        collator: Measures rows and says how long a pack may be, if there is to be packing.
        seed: Decides which rows share a pack.
        lookahead: Rows that packing holds at a time.
        num_proc: Processes that measure rows.
        modalities: Those of each streamed set.
        lanes: Into how many lanes streams are dealt.
        shuffle_buffer: Rows of a lane that are shuffled at a time.

    Raises:
        ValueError: if a share names no set, or leaves nothing for the sets that have none.
    """

    def __init__(
        self,
        sets: Mapping[str, Dataset | IterableDataset],
        shares: Mapping[str, float] | None = None,
        collator: DeepSeekVLHFCollator | None = None,
        seed: int = 0,
        lookahead: int = 1024,
        num_proc: int | None = None,
        modalities: Mapping[str, tuple[Modality, ...]] | None = None,
        lanes: int = 1,
        shuffle_buffer: int = 0,
    ):
        shares = shares or {}
        if set(shares) - set(sets):
            raise ValueError(f"found shares for {sorted(shares)}, expected some of the sets {sorted(sets)}")
        self.packing = collator is not None
        self.parts: list[tuple[Modality, StoredRows | StreamedRows]] = []
        for name, rows in sets.items():
            if isinstance(rows, Dataset):
                self._store(name, rows, collator, seed, lookahead, num_proc)
                continue
            for modality in modalities[name]:
                is_mixed = len(modalities[name]) > 1
                part = StreamedRows(name, rows, modality, is_mixed, lanes, collator, lookahead, seed, shuffle_buffer)
                self.parts.append((modality, part))
                logger.info(f"{name}: {modality} rows, streamed")
        weights = self._weights(shares)
        self.parts = [part for part, weight in zip(self.parts, weights, strict=True) if weight != 0]
        self.sources = [
            Source(f"{part.name}/{modality}", None if isinstance(part, StreamedRows) else len(part), modality, weight)
            for (modality, part), weight in zip(self.parts, [weight for weight in weights if weight != 0], strict=True)
        ]

    def _store(self, name: str, rows: Dataset, collator, seed: int, lookahead: int, num_proc: int | None) -> None:
        has_images = count_images(rows) > 0
        lengths = measure(rows, collator, num_proc) if self.packing else None
        for modality in MODALITIES:
            items = np.flatnonzero(has_images == (modality == "multimodal"))
            if not len(items):
                continue
            count = len(items)
            if self.packing:
                order = items[permuted(np.arange(count), count, seed)].tolist()
                items = list(pack(order, lengths.__getitem__, collator.max_length, lookahead))
            self.parts.append((modality, StoredRows(name, rows, items)))
            logger.info(f"{name}: {count} {modality} rows{f' in {len(items)} packs' if self.packing else ''}")

    def _weights(self, shares: Mapping[str, float]) -> list[float | None]:
        """Weight of each part in its modality: its share, or by its size a part of what the shares leave."""
        weights: list[float | None] = [None] * len(self.parts)
        for modality in MODALITIES:
            members = {index: part for index, (found, part) in enumerate(self.parts) if found == modality}
            given = {index: shares[part.name] for index, part in members.items() if part.name in shares}
            rest = [index for index in members if index not in given]
            left = 1 - sum(given.values())
            if given and rest and left <= 0:
                raise ValueError(
                    f"found set_shares={dict(shares)}, expected them to leave something for "
                    f"{', '.join(members[index].name for index in rest)}; lower them, or give each set its share"
                )
            sizes = [None if isinstance(members[index], StreamedRows) else len(members[index]) for index in rest]
            for index, size in zip(rest, sizes, strict=True):
                # Among several, a stream has no size to go by, which `Source` refuses.
                given[index] = left if len(rest) == 1 else None if None in sizes else left * size / sum(sizes)
            for index, weight in given.items():
                weights[index] = weight
        return weights

    def __len__(self) -> int:
        return sum(len(part) for _, part in self.parts)

    def __getitem__(self, place: tuple[int, int]) -> dict | list[dict]:
        source, number = place
        modality, part = self.parts[source]
        found = [
            {**fields, "set": part.name, "row": row, "is_multimodal": modality == "multimodal"}
            for row, fields in part.read(number)
        ]
        return found if self.packing else found[0]

    def describe(self, sources: np.ndarray, items: np.ndarray) -> str:
        """Name the rows of drawn items, set by set."""
        names = {}
        for source, item in zip(sources.tolist(), items.tolist(), strict=True):
            names.setdefault(self.sources[source].name, []).extend(self.parts[source][1].places(item))
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


class PlanSampler(Sampler[tuple[int, int]]):
    """Hands a plan's items to a dataloader, each as its source and its number there.

    Args:
        plan: What to draw.
        num_steps: How many optimizer steps to draw.
        num_ranks: Over how many ranks a step is spread; streams are dealt to them by lane.
        num_micro_steps: Over how many forward passes of each.
    """

    def __init__(self, plan: ModalityPlan, num_steps: int, num_ranks: int = 1, num_micro_steps: int = 1):
        self.plan, self.num_steps = plan, num_steps
        self.order = deal(plan.batch_size, plan.lanes, num_ranks, num_micro_steps) if plan.is_stream.any() else None

    def __len__(self) -> int:
        return self.num_steps * self.plan.batch_size

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for step in range(self.num_steps):
            source, row = self.plan.rows(step)
            if self.order is not None:
                source, row = source[self.order], row[self.order]
            yield from zip(source.tolist(), row.tolist(), strict=True)
