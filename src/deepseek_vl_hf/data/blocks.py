"""One source of a recipe and a number come in; a block of its rows goes out, as a file, the same on any machine.

    a renderer      block k of a split has its rows k * B to (k + 1) * B - 1
    a stored set    block k has what becomes of its records k * B to (k + 1) * B - 1, and each row is of the split that its
                    pictures belong to, or a row without pictures its text

What a recipe leaves out of each row by itself is left out here, and counted by reason; duplicates are found later, among all rows.

Letters: B rows or records of a block.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .assets import Assets
from .checking import MIN_SIDE, TOO_SMALL
from .hygiene import Filters
from .picture_files import PictureError, find, look_at
from .reading import Fault, Place, read_records
from .recipe import MISSING_PATH, Entry, Recipe
from .renderers import make_renderer
from .rendering import CannotRenderError, render_row
from .rows import COLUMNS, RowError, texts_of, validate_row, validate_text
from .shards import FEATURES, ROW_GROUP
from .shares import SourceMixture
from .signatures import sign, words_of
from .sources import SOURCES, Source
from .splits import Split, item, split_of


CANNOT_RENDER = "row cannot be rendered"
NO_ROW = "record gives no row"
WRONG_RECORD = "record is not of the set's schema"
SIGNED = pa.schema(
    [
        *FEATURES.arrow_schema,
        pa.field("split", pa.string()),
        pa.field("exact", pa.binary()),
        pa.field("words", pa.binary()),
        pa.field("pieces", pa.binary()),
        pa.field("pictures", pa.list_(pa.uint64())),
    ]
)


@dataclass(frozen=True, order=True)
class Block:
    """A block: number of its entry in the recipe, its split (a stored set's has both), its own number."""

    entry: int
    split: str
    number: int

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.entry:03d}-{self.split}-{self.number:07d}.parquet"


class BlockMaker:
    """Makes the blocks of a recipe; renderers stay open between them.

    Args:
        recipe: What is mixed.
        folder: Where blocks are written.
        assets: What renderers draw with.
        size: B.
    """

    def __init__(self, recipe: Recipe, folder: Path, assets: Assets, size: int):
        self.recipe, self.folder, self.assets, self.size = recipe, folder, assets, size
        self.renderers: dict[int, Any] = {}
        self.records: dict[int, tuple[int, Iterator]] = {}  # open sets: next record, and the records from there
        self.filters: Filters | None = None

    def check(self) -> None:
        """Raise unless every source of the recipe can be used, before any row is made.

        Raises:
            ValueError: naming the source, what was found and what was expected.
        """
        for entry in self.recipe.entries:
            if entry.renderer:
                make_renderer(entry.renderer, self.assets, entry.options).close()
            else:
                SOURCES[entry.source].using(**entry.options)
                check_path(entry)
        Filters(self.recipe.hygiene, self.recipe.folder)

    def close(self) -> None:
        """Close what renderers hold open."""
        for renderer in self.renderers.values():
            renderer.close()
        self.renderers.clear()

    def make(self, block: Block) -> None:
        """Write a block, unless it is there."""
        path = self.folder / block.name
        if path.exists():
            return
        if self.filters is None:
            self.filters = Filters(self.recipe.hygiene, self.recipe.folder)
        entry, removed, kept = self.recipe.entries[block.entry], Counter(), []
        first: dict[str, str] = {}  # what was said of the first row of a reason
        near = self.recipe.hygiene.duplicates == "near"
        found, is_last = (self._rendered(block, entry), False) if entry.renderer else self._stored(block, entry)
        for row in found:
            if isinstance(row, Fault):
                removed[row.reason] += 1
                first.setdefault(row.reason, row.message)
                continue
            signature = sign(row, near)
            reason = self.filters.reason(row, signature)
            if reason is None:
                own = row["id"].removeprefix(f"{entry.source or row['source']}/")
                name = f"{entry.label}/{own}"
                kept.append({**row, "id": name, **vars(signature)})
            else:
                removed[reason] += 1
        self._write(path, kept, {"removed": dict(removed), "first": first, "is_last": is_last})

    def _write(self, path: Path, rows: list[dict[str, Any]], facts: dict[str, Any]) -> None:
        schema = SIGNED.with_metadata({**(SIGNED.metadata or {}), b"facts": json.dumps(facts).encode()})
        half = path.with_name(f".{path.name}.{os.getpid()}.half")
        with pq.ParquetWriter(half, schema) as writer:
            for start in range(0, len(rows), ROW_GROUP):
                writer.write_table(pa.Table.from_pylist(rows[start : start + ROW_GROUP], schema=schema))
        half.replace(path)

    def _rendered(self, block: Block, entry: Entry) -> Iterator[dict[str, Any] | Fault]:
        if block.entry not in self.renderers:
            self.renderers[block.entry] = make_renderer(entry.renderer, self.assets, entry.options)
        renderer = self.renderers[block.entry]
        numbers = np.arange(block.number * self.size, (block.number + 1) * self.size)
        languages = [language for language in entry.languages if language in renderer.languages]
        which, _ = SourceMixture([entry.languages[language] for language in languages]).locate(numbers)
        for number, language in zip(numbers.tolist(), which.tolist(), strict=True):
            # Entries of one renderer must not draw the same rows.
            seed = self.recipe.seed * 1000 + block.entry
            try:
                row = render_row(renderer, seed, block.split, number, languages[language], entry.asking)
            except CannotRenderError as error:
                yield Fault(CANNOT_RENDER, str(error))
                continue
            yield {**dict.fromkeys(COLUMNS), **row, "split": block.split}

    def _stored(self, block: Block, entry: Entry) -> tuple[list[dict[str, Any] | Fault], bool]:
        """What becomes of a block's records, and whether they are the set's last."""
        source = SOURCES[entry.source].using(**entry.options)
        start, records = self.records.pop(block.entry, (0, None))
        if records is None or start > block.number * self.size:
            start, records = 0, open_records(entry, self.recipe.folder)
        for _ in islice(records, block.number * self.size - start):
            pass
        mine = list(islice(records, self.size))
        self.records[block.entry] = ((block.number + 1) * self.size, records)
        found: list[dict[str, Any] | Fault] = []
        for place, record in mine:
            if isinstance(record, Fault):
                found.append(record)
                continue
            folder = place.file if place.file.is_dir() else place.file.parent
            try:
                rows = list(source.rows(record, folder))
            except ValueError as error:
                found.append(Fault(WRONG_RECORD, f"{place}: {error}"))
                continue
            found += [finish(row, folder, entry.fetch, self.recipe.test_share > 0) for row in rows]
            found += [] if rows else [Fault(NO_ROW, f"{place}: found nothing that anybody answers or reads")]
        return found, len(mine) < self.size


def check_path(entry: Entry) -> None:
    """Raise unless a stored set says where it lies.

    Raises:
        ValueError: naming where it is to be had.
    """
    source = SOURCES[entry.source]
    if entry.path is None or entry.path == MISSING_PATH:
        raise ValueError(
            f"{entry.label}: found path {entry.path!r}, expected where {source.title} lies, or its Hub id; it is to be had from: "
            f"{source.get}"
        )


def open_records(entry: Entry, folder: Path) -> Iterator[tuple[Place, dict | Fault]]:
    """Open the records of a stored set: files and folders on this machine, else a data set of the Hub.

    Raises:
        ValueError: if nothing is there.
    """
    source = SOURCES[entry.source]
    if entry.path is None:
        raise ValueError(
            f"{entry.label}: found no path, expected where {source.title} lies, or its Hub id; add 'path'"
        )
    path = folder / entry.path
    if path.exists():
        if source.open is None:
            return read_records(path)
        return _opened(source, path)
    return _open_hub(entry)


def _opened(source: Source, path: Path) -> Iterator[tuple[Place, dict | Fault]]:
    """Records of a set's own layout; where the layout itself breaks, a fault ends them."""
    try:
        for number, record in enumerate(source.open(path)):
            yield Place(path, number), record if isinstance(record, Fault) else dict(record)
    except ValueError as error:
        yield Place(path), Fault(WRONG_RECORD, f"{path}: {error}")


def _open_hub(entry: Entry) -> Iterator[tuple[Place, dict]]:
    from datasets import load_dataset

    try:
        rows = load_dataset(entry.path, entry.config, split=entry.split, streaming=True)
    except Exception as error:  # of the Hub's client, of the network and of the set's own files
        raise ValueError(
            f"{entry.label}: found neither a file {entry.path} nor a data set of that name ({' '.join(str(error).split())}); "
            "correct 'path'"
        ) from error
    rows = rows if rows.features is None else rows.decode(False)
    for number, record in enumerate(rows):
        yield Place(Path(entry.path), number), record


def finish(
    row: dict[str, Any], folder: Path, fetching: bool = False, holds_out: bool = True
) -> dict[str, Any] | Fault:
    """Take a stored row's pictures in, check it, and give it its items and split.

    A row that says its items, as one that was built before does, keeps them; without a test, other rows need none.
    """
    try:
        validate_row(row)
        validate_text(row)
        pictures, items = [], []
        for picture in row["images"]:
            source, name = find(picture, folder, fetching)
            data = source if isinstance(source, bytes) else _read(source, name)
            found = look_at(data, name)
            if min(found.width, found.height) < MIN_SIDE:
                return Fault(TOO_SMALL, f"found {found.width}x{found.height} pixels")
            pictures.append({"bytes": data, "path": Path(name).name if name != "picture" else None})
            items.append(item("picture", blake2b(data, digest_size=12).hexdigest()))
    except (RowError, PictureError) as error:
        return Fault(error.reason, str(error))
    items = items or [item("text", " ".join(words_of(" ".join(texts_of(row)))))]
    items = row.get("items") or (items if holds_out else [])
    split: Split = split_of(items)
    return {**dict.fromkeys(COLUMNS), **row, "images": pictures, "items": sorted(set(items)), "split": split}


def _read(path: Path, name: str) -> bytes:
    look_at(path, name, decode=False)  # missing, empty and huge files are not read
    return path.read_bytes()
