"""What a data set is, as data; a record of its own schema comes in, rows of `rows` go out.

    source = SOURCES["websight"]
    for row in source.rows({"image": {"bytes": ..., "path": None}, "text": "<html>..."}, "path/to/websight"):
        ...

A set is read in two steps. `open`, where there is one, reads the published layout of files into records, one picture at a time;
without it the set consists of tables, JSON or JSON lines, which `reading` reads. Then `rows` turns one record into zero or more
rows. No file of a picture is opened and nothing is fetched: a path goes out joined to the folder, a URL as it is.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..reading import Fault
from ..rows import validate_row
from ..taxonomy import check_task
from .cells import Folder, SchemaError, language_of


Record = Mapping[str, Any]
Available = Literal["hub", "download", "in-house", "withdrawn"]
AVAILABLE: tuple[Available, ...] = ("hub", "download", "in-house", "withdrawn")
LANGUAGES = ("en", "zh", "mul")  # ISO 639: "mul" is several, or another one


@dataclass(frozen=True)
class Source:
    """A data set, or a form that data of one's own may have.

    Args:
        name: As recipes say it.
        title: As the paper says it.
        table: Where it stands there: "1: Web code" is table 1, row "Web code"; empty for what the paper does not name.
        get: Hub id or URL where it is published, and which files.
        licence: SPDX expression, or the set's own words; "unknown" where it states none.
        language: Of its rows: "en", "zh", "mul", or several such, separated by commas, of which each row tells its own.
        task: Node of the taxonomy that its rows serve unless they say otherwise, or "text".
        available: "hub", "download" (elsewhere, some after registration), "in-house" (never published) or "withdrawn".
        columns: The schema of a record: column -> type in a word.
        convert: Turns a record and the folder of its pictures into rows with at least `messages` or `text`, and `images`.
        open: Reads the published layout of files, where it is more than tables, JSON or JSON lines. A bad record comes out as a
            `reading.Fault` in its place.
        pictures: Folders below the files' own in which pictures may lie.
        replaced_by: Renderers and sets that stand in for it.
        note: What else to know, above all what of the schema is not confirmed.
        takes: Names of options that a recipe may set.
        options: Their values, see `using`.
    """

    name: str
    title: str
    table: tuple[str, ...]
    get: str
    licence: str
    language: str
    task: str
    available: Available
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    convert: Callable[..., Iterator[dict[str, Any]]] | None = None
    open: Callable[[Path], Iterator[Record | Fault]] | None = None
    pictures: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] = ()
    note: str = ""
    takes: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self):
        check_task(self.task)
        if self.available not in AVAILABLE:
            raise ValueError(f"{self.name}: found available={self.available!r}, expected one of {AVAILABLE}")
        if unknown := set(self.language.split(", ")) - set(LANGUAGES):
            raise ValueError(f"{self.name}: found language {sorted(unknown)}, expected some of {LANGUAGES}")

    def using(self, **options: Any) -> "Source":
        """The same source with options of a recipe.

        Args:
            options: "task", "language" or "licence" of its rows, or what `takes` names.

        Raises:
            ValueError: if it takes no such option.
        """
        about = {name: options.pop(name) for name in ("task", "language", "licence") if name in options}
        if unknown := set(options) - set(self.takes):
            known = ", ".join(("task", "language", "licence", *self.takes))
            raise ValueError(
                f"{self.name}: found options {sorted(unknown)}, expected some of {known}; correct the recipe"
            )
        return replace(self, **about, options={**self.options, **options})

    def rows(self, record: Record, folder: str | Path = ".") -> Iterator[dict[str, Any]]:
        """Turn one record into rows.

        Args:
            record: As the set is published, see `columns`. Pictures may be PIL images, `{"bytes": ..., "path": ...}`, paths
                relative to the folder, or URLs.
            folder: Where the set's files lie.

        Raises:
            ValueError: if the record is not of this schema, or the set was never published.
        """
        if self.convert is None:
            stand_ins = ", ".join(self.replaced_by)
            raise ValueError(
                f"{self.name}: found no published records of {self.title}, expected a set that can be had; put what stands in "
                f"for it into the recipe: {stand_ins}"
            )
        try:
            if not isinstance(record, Mapping):
                raise SchemaError(f"found a record of type {type(record).__name__}, expected a mapping")
            for number, made in enumerate(self.convert(record, Folder(Path(folder), self.pictures), **self.options)):
                yield self._complete(made, number)
        except SchemaError as error:
            raise ValueError(
                f"{self.name}: {error}; read {self.title} as it is published ({self.get}), or map the columns of your copy "
                "with the source 'hub'"
            ) from error

    def _complete(self, made: dict[str, Any], number: int) -> dict[str, Any]:
        """Add what a row says of itself."""
        validate_row(made)
        task = made.pop("task", None) or (self.task if made["images"] else "text")
        check_task(task)
        name = made.pop("id", None)
        name = name if isinstance(name, str | int) and not isinstance(name, bool) else None
        if "source" in made:  # a finished row has its name already
            name = name or f"{made['source']}/{_digest(made)}"
        else:
            name = f"{self.name}/{_digest(made) + (f'-{number}' if number else '') if name is None else name}"
        language = made.pop("language", None) or (self.language if self.language in LANGUAGES else language_of(made))
        licence = made.pop("licence", None) or self.licence
        return {"source": self.name, **made, "task": task, "licence": licence, "language": language, "id": name}


def _digest(made: Mapping[str, Any]) -> str:
    """Name a row by what it says and where its pictures are from."""
    found = hashlib.blake2b(repr(made.get("messages") or made.get("text")).encode("utf-8", "replace"), digest_size=8)
    for picture in made["images"]:
        if isinstance(picture, Mapping):
            found.update(picture.get("bytes") or str(picture.get("path")).encode("utf-8", "replace"))
    return found.hexdigest()
