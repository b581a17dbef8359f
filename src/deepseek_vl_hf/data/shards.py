"""Rows come in, Parquet files or tar shards go out; and back.

Parquet has the pictures inside, as they were encoded, and the columns of `FEATURES`, which `load_dataset` finds in the file.
Tar shards have webdataset's form:

    000000017.json     the row without its pictures
    000000017.0.png    its first picture, as it was encoded
    000000017.1.jpg    its second one

Any number of pictures, none among them, so that text and pictures can share a shard. Reading goes through a shard from its
beginning and decodes nothing.
"""

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Features, Image, IterableDataset, List, Value

from .rows import COLUMNS


# What the message column of a row can hold; see `rows`.
PARTS = List({"type": Value("string"), "text": Value("string")})
MESSAGES = List({"role": Value("string"), "content": PARTS})
FEATURES = Features(
    {
        "messages": MESSAGES,
        "text": Value("string"),
        "images": List(Image()),
        **dict.fromkeys(("source", "task", "licence", "language", "id"), Value("string")),
        "items": List(Value("string")),
    }
)
# What the files of pictures begin with.
STARTS = {
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"RIFF": ".webp",
    b"BM": ".bmp",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
}
ROW_GROUP = 64  # rows that a reader of Parquet holds at a time


def encode_pictures(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with every column, and its pictures as files that it carries."""
    pictures = []
    for picture in row.get("images") or []:
        encoded = Image().encode_example(picture)
        data = Path(encoded["path"]).read_bytes() if encoded["bytes"] is None else encoded["bytes"]
        pictures.append({"bytes": data, "path": encoded["path"] and Path(encoded["path"]).name})
    return {**dict.fromkeys(COLUMNS), **{name: row[name] for name in COLUMNS if name in row}, "images": pictures}


def write_parquet(rows: Iterable[Mapping[str, Any]], path: str | Path) -> int:
    """Write rows into one Parquet file; the same rows give the same bytes.

    Args:
        rows: With `images` as pictures, or as `{"bytes": ..., "path": ...}` where they are to stay as they are encoded.
        path: Of the new file, which is there only once it is whole.

    Returns:
        How many rows were written.
    """
    path, rows, count = Path(path), iter(rows), 0
    schema = FEATURES.arrow_schema
    half = path.with_name(f".{path.name}.half")
    with pq.ParquetWriter(half, schema) as writer:
        while group := [encode_pictures(row) for row in islice(rows, ROW_GROUP)]:
            writer.write_table(pa.Table.from_pylist(group, schema=schema))
            count += len(group)
    half.replace(path)
    return count


def write_tar(rows: Iterable[Mapping[str, Any]], path: str | Path) -> int:
    """Write rows into one tar shard; the same rows give the same bytes.

    Args:
        rows: As for `write_parquet`.
        path: Of the new file, which is there only once it is whole.

    Returns:
        How many rows were written.
    """
    path, number = Path(path), -1
    half = path.with_name(f".{path.name}.half")
    with tarfile.open(half, "w") as tar:
        for number, row in enumerate(rows):
            row = encode_pictures(row)
            pictures = row.pop("images")
            fields = {name: value for name, value in row.items() if value is not None}
            _add(tar, f"{number:09d}.json", json.dumps(fields, ensure_ascii=False).encode())
            for index, picture in enumerate(pictures):
                _add(tar, f"{number:09d}.{index}{_suffix(picture)}", picture["bytes"])
    half.replace(path)
    return number + 1


def _suffix(picture: Mapping[str, Any]) -> str:
    """The ending of a picture's file name; for bytes alone, by what they begin with."""
    known = (suffix for start, suffix in STARTS.items() if picture["bytes"].startswith(start))
    return Path(picture["path"] or "").suffix or next(known, ".png")


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def read_tars(paths: Sequence[str | Path]) -> IterableDataset:
    """Read shards as a stream; each file is a shard of it.

    Raises:
        ValueError: if there is no file.
    """
    if not paths:
        raise ValueError("found no shard, expected at least one .tar file; check the pattern")
    return IterableDataset.from_generator(
        _read, features=FEATURES, gen_kwargs={"paths": [str(path) for path in sorted(paths)]}
    )


def _read(paths: Sequence[str]) -> Iterator[dict[str, Any]]:
    for path in paths:
        row: dict[str, Any] = {}
        key = None
        with tarfile.open(path) as tar:
            for member in tar:
                if not member.isfile():
                    continue
                name, _, suffix = Path(member.name).name.partition(".")
                if name != key:
                    if key is not None:
                        yield _complete(row, path, key)
                    row, key = {"images": []}, name
                data = tar.extractfile(member).read()
                if suffix == "json":
                    row |= json.loads(data)
                else:
                    row["images"].append({"bytes": data, "path": member.name})
        if key is not None:
            yield _complete(row, path, key)


def _complete(row: dict[str, Any], path: str, key: str) -> dict[str, Any]:
    if not {"messages", "text"} & set(row):
        raise ValueError(
            f"{path}: found no messages and no text for {key}, expected {key}.json with one of them; write shards as "
            "deepseek_vl_hf.data.shards.write_tar does"
        )
    return {name: row.get(name) for name in FEATURES}


def tar_features(folder: Path) -> Features:
    """The columns that `load_dataset("webdataset", ...)` finds in the shards of a folder: what the shards hold, all of it.

    Without them it believes the first five rows of a shard, which need not have as many pictures as the others.
    """
    about = {name: feature for name, feature in FEATURES.items() if name != "images"}
    pictures: set[str] = set()
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            pictures.update(name.partition(".")[2] for name in tar.getnames())
    return Features({"json": about, **dict.fromkeys(sorted(pictures - {"json"}), Image())})
