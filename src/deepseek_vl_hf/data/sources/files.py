"""Files in a set's own layout come in, records go out one at a time; what a line has wrong comes out as a fault in its place.

Which files of a folder are a set's is told by patterns, so that its tests, or a copy in another form, are not read too.
"""

import bz2
import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from .. import reading
from ..reading import READERS, Fault, read_file


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
    """Read a value a line, of a file that may be packed; a fault says which line it is."""
    with opened(file) as stored:
        for number, found in reading.json_lines(stored):
            is_fault = isinstance(found, Fault)
            yield Fault(found.reason, f"{file}, line {number}: {found.message}") if is_fault else found


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
