"""Streams of rows come in, dealt to lanes; the n-th row of a lane goes out, as if it had been looked up.

A stream gives rows in its own order and none twice before all have come. A lane is a part of it: whole shards where there are
as many shards as lanes, else every L-th row. Lanes are read from their beginnings, and what is passed over is not decoded: so
the number of a row says what it is, and a run that goes on needs to know nothing else.

    read(number) -> row number // L of lane number % L, a pack of rows where rows are packed

Letters: L lanes.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from datasets import Image, IterableDataset
from transformers.utils import logging

from .collation import DeepSeekVLHFCollator
from .mixing import MODALITIES, Modality
from .packing import pack


logger = logging.get_logger(__name__)

PEEKED = 256  # rows that are looked at to learn which modalities a stream has


def modalities_of(stream: IterableDataset) -> tuple[Modality, ...]:
    """Learn from its first rows which modalities a stream has.

    Raises:
        ValueError: if there are no rows.
    """
    found = {_modality(row) for row in islice(_undecoded(stream), PEEKED)}
    if not found:
        raise ValueError("found a stream without rows, expected at least one; check its files")
    return tuple(modality for modality in MODALITIES if modality in found)


class StreamedRows:
    """The items of one modality of a streamed set.

    Args:
        name: Of the set.
        stream: Its rows.
        modality: Which of them are wanted.
        is_mixed: Whether the stream has rows of both modalities, so that the others are passed over. If not, such a row is a
            bad one, because its step is not of its modality.
        lanes: L.
        collator: Measures rows and says how long a pack may be, if there is to be packing.
        lookahead: Rows of a lane that packing holds at a time.
        seed: Of shuffling.
        shuffle_buffer: Rows of a lane that are shuffled at a time; 0 leaves rows and shards in their order.
    """

    def __init__(
        self,
        name: str,
        stream: IterableDataset,
        modality: Modality,
        is_mixed: bool,
        lanes: int = 1,
        collator: DeepSeekVLHFCollator | None = None,
        lookahead: int = 1024,
        seed: int = 0,
        shuffle_buffer: int = 0,
    ):
        self.name, self.stream, self.modality, self.is_mixed = name, stream, modality, is_mixed
        self.lanes, self.collator, self.lookahead = lanes, collator, lookahead
        self.seed, self.shuffle_buffer = seed, shuffle_buffer
        self._open: dict[
            int, tuple[Iterator[list[tuple[int, dict]]], int]
        ] = {}  # lane -> its items, how many were read

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": {}}  # a dataloader's worker reads lanes of its own

    def read(self, number: int) -> list[tuple[str, dict]]:
        """Read the rows of an item, each with its place; what cannot be decoded says so."""
        lane, place = number % self.lanes, number // self.lanes
        items, past = self._open.get(lane, (None, place + 1))
        if past > place:
            items, past = self._items(lane), 0
        item = next(islice(items, place - past, None))
        self._open[lane] = (items, place + 1)
        return [(f"{row} of lane {lane}", self._decoded(fields)) for row, fields in item]

    def places(self, number: int) -> list[str]:
        """Name the rows of an item by lane and place, without reading them."""
        return [f"{number // self.lanes} of lane {number % self.lanes}"]

    def _items(self, lane: int) -> Iterator[list[tuple[int, dict]]]:
        """Items of a lane, epoch after epoch."""
        epoch = 0
        while True:
            rows = self._rows(lane, epoch)
            if self.collator is None:
                items = ([row] for row in rows)
            else:
                items = pack(rows, self._length, self.collator.max_length, self.lookahead)
            item = None
            for item in items:
                yield item
            if item is None:
                raise ValueError(
                    f"{self.name}: found no {self.modality} row in lane {lane} of {self.lanes}, expected at least one; write "
                    "more or evener shards, or lower stream_lanes"
                )
            epoch += 1
            logger.info(f"{self.name}: lane {lane} begins anew with epoch {epoch}")

    def _rows(self, lane: int, epoch: int) -> Iterator[tuple[int, dict]]:
        stream = self.stream
        if self.shuffle_buffer:
            stream = stream.shuffle(seed=self.seed + epoch, buffer_size=self.shuffle_buffer)
        if stream.num_shards >= self.lanes:
            rows = _undecoded(stream.shard(self.lanes, lane))
        else:
            rows = islice(_undecoded(stream), lane, None, self.lanes)
        for index, row in enumerate(rows):
            if not self.is_mixed or _modality(row) == self.modality:
                yield index, row

    def _length(self, row: tuple[int, dict]) -> int:
        return self.collator.measure([row[1]])[0]

    def _decoded(self, row: dict) -> dict:
        picture = getattr((self.stream.features or {}).get("images"), "feature", None)
        if not isinstance(picture, Image):
            return row
        try:  # one by one: datasets would decode the first of a list twice
            return {**row, "images": [picture.decode_example(value) for value in row["images"] or []]}
        except Exception as error:  # readers of pictures raise errors of many kinds
            return {"unreadable": f"{type(error).__name__}: {error}"}


def _modality(row: dict) -> Modality:
    return "multimodal" if row.get("images") else "language"


def _undecoded(stream: IterableDataset) -> Iterator[dict]:
    """Rows whose pictures are still files or bytes."""
    stream = stream if stream.features is None else stream.decode(False)
    # Batches, because `iter(stream)` would deal shards to the workers of a dataloader once more.
    for batch in stream.iter(batch_size=16):
        for values in zip(*batch.values(), strict=True):
            yield dict(zip(batch, values, strict=True))
