"""Rows come in, tar shards in webdataset's form go out; and back.

    000000017.json     the row without its pictures
    000000017.0.png    its first picture, as it was encoded
    000000017.1.jpg    its second one

Any number of pictures, none among them, so that text and pictures can share a shard. Reading goes through a shard from its
beginning and decodes nothing.
"""

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from datasets import Features, Image, IterableDataset, List, Value


# What the message column of a row can hold; see `rows`.
PARTS = List({"type": Value("string"), "text": Value("string")})
MESSAGES = List({"role": Value("string"), "content": PARTS})
FEATURES = Features({"messages": MESSAGES, "text": Value("string"), "images": List(Image())})


def write_tar(rows: Iterable[dict[str, Any]], path: str | Path) -> int:
    """Write rows into one shard.

    Args:
        rows: With `images` as pictures, or as `{"bytes": ..., "path": ...}` where they are to stay as they are encoded.
        path: Of the new file.

    Returns:
        How many rows were written.
    """
    number = -1
    with tarfile.open(path, "w") as tar:
        for number, row in enumerate(rows):
            fields = {name: value for name, value in row.items() if name != "images"}
            _add(tar, f"{number:09d}.json", json.dumps(fields, ensure_ascii=False).encode())
            for index, picture in enumerate(row.get("images") or []):
                encoded = Image().encode_example(picture)
                data = encoded["bytes"] or Path(encoded["path"]).read_bytes()
                suffix = Path(encoded["path"] or "").suffix or ".png"
                _add(tar, f"{number:09d}.{index}{suffix}", data)
    return number + 1


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
