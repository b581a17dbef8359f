"""Files in a set's own layout come in, records go out one at a time; what a line has wrong comes out as a fault in its place.

Which files of a folder are a set's is told by patterns, so that its tests, or a copy in another form, are not read too.
"""

import bz2
import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ..reading import MAX_RECORD, NOT_JSON, NOT_UTF8, READERS, TOO_LONG, Fault, read_file


PIECE = 2**20  # characters read at a time
# How a packed file begins; endings do not always tell.
OPENERS: dict[bytes, Callable[..., IO[bytes]]] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open}
ZIP = b"PK"


def find(path: Path, *patterns: str) -> list[Path]:
    """The files of a set.

    Args:
        path: A file, or a folder.
        patterns: Of names in the folder; the first that any file has is taken, so that a copy in another form is not read too.

    Returns:
        The file itself, or those in the folder that match, by name.

    Raises:
        ValueError: if there are none.
    """
    if path.is_file():
        return [path]
    for pattern in patterns:
        if found := sorted(file for file in path.rglob(pattern) if file.is_file()):
            return found
    wanted = " or ".join(patterns)
    raise ValueError(f"found no file {wanted} at {path}, expected the set as it is published; check the path")


@contextmanager
def opened(file: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacked where it is packed; of a .zip the only member."""
    with open(file, "rb") as stored:
        start = stored.read(2)
    if start == ZIP:
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            if len(names) != 1:
                raise ValueError(f"{file}: found {len(names)} members, expected one; unpack it")
            with archive.open(names[0]) as stored:
                yield stored
        return
    with OPENERS.get(start, open)(file, "rb") as stored:
        yield stored


def tables(*patterns: str) -> Callable[[Path], Iterator[Any]]:
    """Make an `open` for tables or JSON among other files, whose pictures lie beside or above the tables' own folder.

    Args:
        patterns: Of names, see `find`.
    """

    def read(path: Path) -> Iterator[Any]:
        for file in find(path, *patterns):
            if file.suffix not in READERS:
                raise ValueError(f"found {file}, expected a file that ends in {', '.join(READERS)}; check the path")
            yield from (record for _, record in read_file(file))

    return read


def json_lines(file: Path) -> Iterator[Any]:
    """Read a value a line."""
    with opened(file) as stored:
        number = 0
        while line := stored.readline(MAX_RECORD + 1):
            number += 1
            if len(line) > MAX_RECORD:
                while line and not line.endswith(b"\n"):
                    line = stored.readline(PIECE)
                yield Fault(TOO_LONG, f"{file}, line {number}: found more than {MAX_RECORD} bytes; shorten it")
            elif line.strip():
                yield _parsed(line, f"{file}, line {number}")


def _parsed(line: bytes, where: str) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Fault(NOT_UTF8, f"{where}: found {error}; save the file as UTF-8")
    except (ValueError, RecursionError) as error:
        return Fault(NOT_JSON, f"{where}: found {error}; write one JSON value a line")


def csv_records(file: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """Read the rows of a table, by the names in its first line."""
    with opened(file) as stored:
        lines = io.TextIOWrapper(stored, encoding="utf-8-sig", errors="replace", newline="")
        yield from csv.DictReader(lines, delimiter=delimiter)


def noted(path: Path, pattern: str, parse: Callable[[str], dict[str, Any] | None]) -> Iterator[dict[str, Any]]:
    """Read sets that have a file of notes for each picture, a line for each text in it.

    Args:
        path: Of the notes.
        pattern: Of their names.
        parse: Reads a line; None where there is nothing to read.

    Returns:
        Records of `file` (name without ending, relative to the path) and `lines`.
    """
    for file in find(path, pattern):
        notes = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        name = file.relative_to(path if path.is_dir() else path.parent).with_suffix("")
        yield {"file": name.as_posix(), "lines": [line for each in notes if each.strip() and (line := parse(each))]}
