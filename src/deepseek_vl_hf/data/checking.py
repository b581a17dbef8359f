"""Files of rows come in; a report of every row that cannot be learned from goes out, counted by source and reason.

Errors are what training would stumble over or learn wrongly; remarks are what it gets along with. Nothing is changed, and nothing is
fetched unless asked for.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from . import picture_files
from .picture_files import PictureError, find, look_at
from .reading import Fault, Place, read_records
from .rows import RowError, texts_of, validate_row, validate_text
from .splits import SPLITS, split_of
from .taxonomy import check_task


MIN_SIDE = 8  # pixels below which a picture shows nothing
MAX_CHARACTERS = 400_000  # of a row; a thousand pages of them fill no context
TOO_SMALL = "picture is too small"
TEXT_TOO_LONG = "text is too long"
DUPLICATE = "row is a duplicate"
SAME_ID = "id occurs twice"
NO_NODE = "task is not in the taxonomy"
WRONG_SPLIT = "held-out item is in training, or none in a test"
REMARKS = ("record gives no row", picture_files.ANIMATED, picture_files.CMYK, picture_files.EXTENSION)


@dataclass
class Finding:
    """Rows of one source with one reason: how many, and the first."""

    count: int = 0
    place: Place | None = None
    message: str = ""


@dataclass
class Report:
    """What a check has found.

    Args:
        rows: Records read, by source.
        sound: Those without an error, by source.
        pictures: Looked at, in all.
        findings: By source and reason.
        seconds: That the check took.
        decoded: Whether pictures were read whole.
    """

    rows: Counter = field(default_factory=Counter)
    sound: Counter = field(default_factory=Counter)
    pictures: int = 0
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    seconds: float = 0.0
    decoded: bool = True

    @property
    def errors(self) -> int:
        """How many faults are errors."""
        return sum(found.count for (_, reason), found in self.findings.items() if reason not in REMARKS)

    def note(self, source: str, reason: str, place: Place, message: str) -> None:
        """Count a fault."""
        found = self.findings.setdefault((source, reason), Finding(0, place, message))
        found.count += 1

    def table(self) -> str:
        """The report as text: sources, then faults with the first row of each."""
        total, speed = sum(self.rows.values()), sum(self.rows.values()) / max(self.seconds, 1e-9)
        how = "read whole" if self.decoded else "by their headers"
        lines = ["| source | rows | sound |", "|---|---|---|"]
        lines += [f"| {source} | {count} | {self.sound[source]} |" for source, count in sorted(self.rows.items())]
        if self.findings:
            lines += ["", "| source | reason | | rows | first |", "|---|---|---|---|---|"]
        for (source, reason), found in sorted(self.findings.items()):
            kind = "remark" if reason in REMARKS else "error"
            lines.append(f"| {source} | {reason} | {kind} | {found.count} | {found.place}: {found.message} |")
        lines += ["", f"{total} rows, {self.pictures} pictures {how}: {self.errors} errors; {speed:.0f} rows/s"]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "rows": dict(self.rows),
            "sound": dict(self.sound),
            "pictures": self.pictures,
            "decoded": self.decoded,
            "seconds": self.seconds,
            "errors": self.errors,
            "findings": [
                {
                    "source": source,
                    "reason": reason,
                    "is_error": reason not in REMARKS,
                    "rows": found.count,
                    "first": str(found.place),
                    "message": found.message,
                }
                for (source, reason), found in sorted(self.findings.items())
            ],
        }


def check(
    path: str | Path,
    decode: bool = True,
    fetching: bool = False,
    records: Iterator[tuple[Place, dict | Fault]] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Check every row of a file or folder.

    Args:
        path: See `reading`.
        decode: Whether to read pictures whole; otherwise their headers are believed.
        fetching: Whether pictures that are URLs are fetched, over the network.
        records: Rows instead of those of `path`.
        progress: Is told how many rows have been checked.

    Raises:
        ValueError: if there is no such file.
    """
    report, seen = Report(decoded=decode), Seen()
    start = time.perf_counter()
    for count, (place, record) in enumerate(records or read_records(path)):
        source = (record.get("source") if isinstance(record, dict) else None) or place.file.name
        source = source if isinstance(source, str) else place.file.name
        report.rows[source] += 1
        errors = 0
        for reason, message in _faults(record, place, seen, report, decode, fetching):
            report.note(source, reason, place, message)
            errors += reason not in REMARKS
        report.sound[source] += errors == 0
        if progress is not None:
            progress(count + 1)
    report.seconds = time.perf_counter() - start
    return report


@dataclass
class Seen:
    """What rows had before: digests of whole rows, and ids."""

    rows: set[bytes] = field(default_factory=set)
    ids: set[bytes] = field(default_factory=set)


def _faults(
    record: dict | Fault, place: Place, seen: Seen, report: Report, decode: bool, fetching: bool
) -> Iterator[tuple[str, str]]:
    """Every fault of a record; a row without form is looked at no further."""
    if isinstance(record, Fault):
        yield record.reason, record.message
        return
    try:
        validate_row(record)
        validate_text(record)
    except RowError as error:
        yield error.reason, str(error)
        if error.reason == "row is malformed":
            return
    digest = blake2b(digest_size=16)
    for text in texts_of(record):
        digest.update(text.encode(errors="surrogatepass") + b"\0")
    if (length := sum(map(len, texts_of(record)))) > MAX_CHARACTERS:
        yield TEXT_TOO_LONG, f"found {length} characters, expected at most {MAX_CHARACTERS}; split the row"
    for picture in record["images"]:
        report.pictures += 1
        yield from _picture_faults(picture, place.file.parent, digest, decode, fetching)
    yield from _about_faults(record, place, seen)
    if digest.digest() in seen.rows:
        yield DUPLICATE, "found the same text and pictures before; leave it out"
    seen.rows.add(digest.digest())


def _picture_faults(picture, folder: Path, digest, decode: bool, fetching: bool) -> Iterator[tuple[str, str]]:
    try:
        source, name = find(picture, folder, fetching)
        digest.update(source if isinstance(source, bytes) else str(source).encode(errors="surrogatepass"))
        found = look_at(source, name, decode)
    except PictureError as error:
        yield error.reason, str(error)
        return
    if min(found.width, found.height) < MIN_SIDE:
        yield (
            TOO_SMALL,
            f"found {found.width}x{found.height} pixels, expected sides of at least {MIN_SIDE}; leave it out",
        )
    for remark in found.remarks:
        yield remark, name


def _about_faults(record: Mapping[str, Any], place: Place, seen: Seen) -> Iterator[tuple[str, str]]:
    """What is wrong with the columns that say what a row is."""
    if record.get("task") is not None:
        try:
            check_task(record["task"])
        except (ValueError, AttributeError) as error:
            yield NO_NODE, str(error)
    if record.get("id") is not None:
        name = blake2b(str(record["id"]).encode(errors="surrogatepass"), digest_size=16).digest()
        if name in seen.ids:
            yield SAME_ID, f"found id {record['id']!r} before; give each row its own"
        seen.ids.add(name)
    split = place.file.name.partition("-")[0]
    if record.get("items") and split in SPLITS and split_of(map(str, record["items"])) != split:
        yield WRONG_SPLIT, f"found items {record['items']} in a file of split {split!r}; build the data anew"
