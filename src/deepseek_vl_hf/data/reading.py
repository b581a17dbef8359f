"""Files of any kind come in; records go out one by one, each with its place, and in the place of a bad one a fault.

    .parquet            Arrow tables, a few rows at a time
    .arrow              what `save_to_disk` writes
    .jsonl .ndjson      a record a line
    .json               a list of records, or records one after another; read in pieces
    .tar                webdataset shards: the json of a key with its pictures in `images`
    a folder            all such files in it, by name

Nothing is unpacked, fetched or executed, pictures are not decoded, and memory is bounded by `MAX_RECORD` and a few rows. A damaged
file gives the records before its damage, then a fault.
"""

import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from .json_values import MAX_RECORD, PIECE, JsonText, TooLongError


MAX_PICTURES = 2**28  # bytes of a record's pictures in a tar shard
BATCH = 32  # rows of a table held at a time
TAR_END = 1024  # zero bytes that end an archive

FILE_EMPTY = "file is empty"
FILE_DAMAGED = "file is damaged"
NOT_UTF8 = "text is not UTF-8"
NOT_JSON = "record is not JSON"
TOO_LONG = "record is too long"
NO_MAPPING = "record is no mapping"
LEADS_OUT = "archive member leads out of the archive"


@dataclass(frozen=True)
class Place:
    """Where a record stands: its file, and its number or key in it; `None` for the file as a whole."""

    file: Path
    row: int | str | None = None

    def __str__(self) -> str:
        return f"{self.file}" if self.row is None else f"{self.file}, row {self.row}"


@dataclass(frozen=True)
class Fault:
    """Why there is no record: a reason that can be counted, and what was found."""

    reason: str
    message: str


Record = dict[str, Any]
Found = Iterator[tuple[Place, Record | Fault]]


def find_files(path: Path) -> list[Path]:
    """The data files of a path, by name.

    Raises:
        ValueError: if there are none.
    """
    if not path.exists():
        raise ValueError(f"There is no {path}; give a file or a folder with rows.")
    if path.is_file():
        if path.suffix not in READERS:
            raise ValueError(f"found {path}, expected a file that ends in {', '.join(READERS)}; convert it")
        return [path]
    files = sorted(
        file
        for file in path.rglob("*")
        if file.suffix in READERS
        and file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    # Beside tables, .json files say something about them.
    files = [file for file in files if file.suffix != ".json"] or files
    if not files:
        raise ValueError(f"found no file in {path} that ends in {', '.join(READERS)}, expected at least one")
    return files


def read_records(path: str | Path) -> Found:
    """Read all records of a file or folder.

    Raises:
        ValueError: if there is no such file.
    """
    for file in find_files(Path(path)):
        yield from read_file(file)


def read_file(file: Path) -> Found:
    """Read the records of one file."""
    if file.stat().st_size == 0:
        yield Place(file), Fault(FILE_EMPTY, "found no byte; write it again")
        return
    try:
        for place, record in READERS[file.suffix](file):
            if isinstance(record, dict | Fault):
                yield place, record
            else:
                kind = type(record).__name__
                yield (
                    place,
                    Fault(NO_MAPPING, f"found a record of type {kind}, expected a mapping; see the row format"),
                )
    except Exception as error:  # pyarrow and tarfile raise many kinds, OSError and MemoryError among them
        message = " ".join(str(error).split())[:200]
        yield Place(file), Fault(FILE_DAMAGED, f"{type(error).__name__}: {message}; write or fetch it again")


def _read_parquet(file: Path) -> Found:
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as table:
        row = 0
        for batch in table.iter_batches(batch_size=BATCH):
            batch.validate(full=True)  # damaged offsets would be followed out of memory
            for record in batch.to_pylist():
                yield Place(file, row), record
                row += 1


def _read_arrow(file: Path) -> Found:
    import pyarrow as pa

    row = 0
    with pa.memory_map(str(file)) as stored, pa.ipc.open_stream(stored) as batches:
        for batch in batches:
            batch.validate(full=True)
            for start in range(0, batch.num_rows, BATCH):
                for record in batch.slice(start, BATCH).to_pylist():
                    yield Place(file, row), record
                    row += 1


def _read_lines(file: Path) -> Found:
    with open(file, "rb") as stored:
        for row, (_, record) in enumerate(json_lines(stored)):
            yield Place(file, row), record


def json_lines(stored: IO[bytes]) -> Iterator[tuple[int, Any]]:
    """Read a value a line from an open file, each with the number of its line; in the place of a bad one comes a fault."""
    number = 0
    while line := stored.readline(MAX_RECORD + 1):
        number += 1
        if len(line) > MAX_RECORD:
            while line and not line.endswith(b"\n"):
                line = stored.readline(PIECE)
            yield number, Fault(TOO_LONG, f"found a line of more than {MAX_RECORD} bytes; shorten it")
        elif line.strip():
            yield number, _parse(line)


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Fault(NOT_UTF8, f"found {error}; save the file as UTF-8")
    except (ValueError, RecursionError) as error:
        return Fault(NOT_JSON, f"found {error}; write one JSON object")


def _read_json(file: Path) -> Found:
    row = 0
    with open(file, "rb") as stored:
        try:
            for record in JsonText(stored, file.name).records():
                yield Place(file, row), record
                row += 1
        except UnicodeDecodeError as error:
            yield Place(file, row), Fault(NOT_UTF8, f"found {error}; save the file as UTF-8")
        except TooLongError as error:
            yield Place(file, row), Fault(TOO_LONG, str(error))
        except ValueError as error:
            yield Place(file, row), Fault(NOT_JSON, str(error))


def _read_tar(file: Path) -> Found:
    record: Record = {}
    key, fault, size = None, None, 0
    with tarfile.open(file, "r:") as tar:
        for member in tar:
            name = PurePosixPath(member.name)
            if name.is_absolute() or ".." in name.parts or not (member.isfile() or member.isdir()):
                yield Place(file, member.name), Fault(LEADS_OUT, "found a link, device or path out; leave it out")
                continue
            if member.isdir():
                continue
            stem, _, suffix = name.name.partition(".")
            found = str(name.parent / stem)
            if found != key:
                if key is not None:
                    yield Place(file, key), fault or record
                record, key, fault, size = {"images": []}, found, None, 0
            size += member.size
            if member.size > MAX_RECORD and suffix == "json":
                fault = Fault(
                    TOO_LONG, f"found {member.size} bytes of JSON, expected at most {MAX_RECORD}; shorten it"
                )
            elif size > MAX_PICTURES:
                fault = Fault(
                    TOO_LONG, f"found {size} bytes, expected at most {MAX_PICTURES}; scale the pictures down"
                )
            if fault is None:
                data = tar.extractfile(member).read()
                if suffix == "json":
                    fields = _parse(data)
                    fault = fields if isinstance(fields, Fault) else None
                    record |= fields if isinstance(fields, dict) else {}
                else:
                    record["images"].append({"bytes": data, "path": name.name})
    if key is not None:
        yield Place(file, key), fault or record
    with open(file, "rb") as stored:  # tarfile takes a cut for the end
        stored.seek(-min(TAR_END, file.stat().st_size), 2)
        if any(stored.read()):
            yield Place(file), Fault(FILE_DAMAGED, "found no mark at the end of the archive; write or fetch it again")


READERS: dict[str, Callable[[Path], Found]] = {
    ".parquet": _read_parquet,
    ".arrow": _read_arrow,
    ".jsonl": _read_lines,
    ".ndjson": _read_lines,
    ".json": _read_json,
    ".tar": _read_tar,
}
