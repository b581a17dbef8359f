"""Data of one's own in common forms comes in, rows go out.

pictures    a folder of pictures, with captions in metadata.jsonl (.jsonl, .csv), or in a .txt beside each picture
llava       JSON of LLaVA: id, image, conversations of from and value, with <image> for each picture
sharegpt    conversations or messages of from and value, or role and content; a system text; images
coco        captions in COCO's JSON: images and annotations
hub         any set of the Hub, with its columns named in the recipe
rows        rows that are already in the format of `rows`
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..reading import NOT_UTF8, Fault
from ..rows import ABOUT, validate_row
from ..taxonomy import TEXT, check_task
from .cells import Folder, SchemaError, asked, cell, clean, language_of, maybe, strings, text
from .conversations import LLAVA, llava
from .files import csv_records, find, json_lines
from .json_text import mappings
from .source import Record, Source
from .talks import talk
from .wordings import DESCRIBE, wording


OTHERS = "recognition/global-description/others"
LICENCE = "unknown"  # of data of one's own, unless the recipe tells it
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
TABLES = ("metadata.jsonl", "metadata.csv", "*.jsonl", "*.csv")
FILE_COLUMNS = ("file_name", "image", "file", "path")
CAPTION_COLUMNS = ("text", "caption", "answer")
HUB_COLUMNS = ("image", "images", "question", "answer", "text", "conversations", "id")


def _captioned(record: Record, folder: Folder, question: str | None = None) -> Iterator[dict[str, Any]]:
    """A picture and its caption; with `question` from the recipe, or the record's own, an answer."""
    name, caption = (_one_of(record, columns) for columns in (FILE_COLUMNS, CAPTION_COLUMNS))
    asks = maybe(record, "question") or question or ""
    if caption:
        yield asked(asks, caption, [folder.picture(name)], id=record.get("id") or name)


def _one_of(record: Record, columns: tuple[str, ...]) -> Any:
    """The value of the first of some columns that there is."""
    for column in columns:
        if column in record:
            return text(record, column)
    raise SchemaError(f"found the columns {sorted(map(str, record))}, expected one of {', '.join(columns)}")


def _open_pictures(path: Path) -> Iterator[Record | Fault]:
    """Read the table of a folder, or the .txt beside each picture where there is no table."""
    tables = [path] if path.is_file() else next((found for name in TABLES if (found := sorted(path.glob(name)))), [])
    for table in tables:
        yield from csv_records(table) if table.suffix == ".csv" else json_lines(table)
    if not tables:
        yield from _beside(path)


def _beside(path: Path) -> Iterator[Record | Fault]:
    """A picture and the text in the .txt of its name, whatever the case of the endings."""
    files = [file for file in find(path, "*") if file.is_file()]
    texts = {file.with_suffix(""): file for file in files if file.suffix.lower() == ".txt"}
    pictures = [file for file in files if file.suffix.lower() in PICTURES]
    for picture in pictures:
        name, told = picture.relative_to(path).as_posix(), texts.pop(picture.with_suffix(""), None)
        if told is None:
            yield Fault(
                "picture has no text", f"found {name} without a .txt of its name; add one, or take the picture away"
            )
            continue
        try:
            yield {"file_name": name, "text": told.read_text(encoding="utf-8-sig")}
        except UnicodeDecodeError as error:
            yield Fault(NOT_UTF8, f"{told}: found {error}; save the file as UTF-8")
    for told in texts.values():
        yield Fault("text has no picture", f"found {told.relative_to(path)} without a picture of its name; add one")


def _sharegpt(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    column = "conversations" if record.get("conversations") is not None else "messages"
    turns = list(cell(record, column, list) or [])
    system = maybe(record, "system")
    images = record.get("images", record.get("image"))
    listed = images if isinstance(images, list | tuple) else [] if images is None else [images]
    turns = [{"role": "system", "content": system}, *turns] if system else turns
    row = talk(turns, [folder.picture(image) for image in listed], folder)
    if row is not None:
        yield row | {"id": record.get("id")}


def _coco(record: Record, folder: Folder, question: str | None = None) -> Iterator[dict[str, Any]]:
    name = text(record, "file_name")
    for caption in cell(record, "captions", list) or []:
        if isinstance(caption, str) and clean(caption):
            asks = question if question is not None else wording(DESCRIBE[_told(caption)], name + caption)
            yield asked(asks, clean(caption), [folder.picture(name)])


def _told(words: str) -> str:
    return "zh" if language_of(words) == "zh" else "en"


def _open_coco(path: Path) -> Iterator[Record]:
    """Captions of all pictures stand in one list, in any order, and are kept in memory."""
    for file in find(path, "captions_*.json", "*.json"):
        of_picture: dict[str, list[str]] = {}
        for _, note in mappings(file, "annotations"):
            of_picture.setdefault(str(cell(note, "image_id")), []).append(note.get("caption"))
        for _, picture in mappings(file, "images"):
            yield {**picture, "captions": of_picture.get(str(cell(picture, "id")), [])}


def _hub(
    record: Record, folder: Folder, columns: Mapping[str, str] | None = None, question: str | None = None
) -> Iterator[dict[str, Any]]:
    """Rows of any table: `columns` says which column holds what, as {image: ..., question: ..., answer: ...} or {image, text}."""
    named = dict(columns or {})
    if not {"answer", "text", "conversations"} & set(named) or set(named) - set(HUB_COLUMNS):
        raise SchemaError(
            f"found the mapping {named}, expected columns for image (or images), question and answer, for image and text, or for "
            "conversations; and, if you like, id"
        )
    pictures = [cell(record, named["image"])] if "image" in named else []
    pictures += (cell(record, named["images"], list, tuple) or []) if "images" in named else []
    images = [folder.picture(picture) for picture in pictures if picture is not None]
    about = {"id": record.get(named["id"]) if "id" in named else None}
    if "conversations" in named:
        row = talk(cell(record, named["conversations"], list) or [], images, folder)
        if row is not None:
            yield row | about
        return
    answer = text(record, named.get("answer", named.get("text", "")))
    asks = text(record, named["question"]) if "question" in named else question or ""
    if not answer:
        return
    if not images and not asks:
        yield {"text": answer, "images": [], **about}
    else:
        yield asked(asks, answer, images, **about)


def _rows(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    images = [folder.picture(image) for image in cell(record, "images", list, tuple) or []]
    said = {name: record[name] for name in ("messages", "text") if record.get(name) is not None}
    if len(said) != 1:
        raise SchemaError(f"found {sorted(said)} in a row, expected exactly one of 'messages' and 'text'")
    about: dict[str, Any] = {name: found for name in ABOUT if name != "items" and (found := maybe(record, name))}
    about |= {"items": strings(record, "items")} if record.get("items") is not None else {}
    made = {**said, "images": images, **about}
    try:
        validate_row(made)
        check_task(about.get("task", TEXT))
    except ValueError as error:
        raise SchemaError(str(error)) from error
    yield made


def _form(name: str, title: str, get: str, convert, columns: Mapping[str, str], **about: Any) -> Source:
    return Source(
        name=name,
        title=title,
        table=(),
        get=get,
        licence=LICENCE,
        language="en, zh, mul",
        task=about.pop("task", OTHERS),
        available=about.pop("available", "download"),
        columns=columns,
        convert=convert,
        **about,
    )


SOURCES = (
    _form(
        "pictures",
        "Your own pictures and captions",
        "a folder of pictures with metadata.jsonl, .jsonl, .csv, or a .txt beside each",
        _captioned,
        {
            "file_name": "path, also image, file or path",
            "text": "text, also caption or answer",
            "question": "text, optional",
        },
        open=_open_pictures,
        pictures=("images",),
        takes=("question",),
    ),
    _form(
        "llava",
        "Your own data in LLaVA's form",
        "a .json or .jsonl beside its pictures",
        llava,
        LLAVA,
        pictures=("images",),
    ),
    _form(
        "sharegpt",
        "Your own data in ShareGPT's form",
        "a .json or .jsonl beside its pictures",
        _sharegpt,
        {
            "conversations": "turns of from, value; or messages, of role, content",
            "system": "text, optional",
            "images": "paths, optional",
        },
        pictures=("images",),
    ),
    _form(
        "coco",
        "Your own captions in COCO's form",
        "a .json with images and annotations, beside its pictures",
        _coco,
        {"file_name": "path", "captions": "texts"},
        open=_open_coco,
        pictures=("images", "train2014", "train2017"),
        takes=("question",),
    ),
    _form(
        "hub",
        "Any set of the Hub",
        "hub: the id that the recipe gives as path, or a copy of its files",
        _hub,
        {"...": "as the recipe's columns name them"},
        available="hub",
        pictures=("images",),
        takes=("columns", "question"),
    ),
    _form(
        "rows",
        "Rows of this package",
        "a folder of .jsonl, .parquet, .arrow or .tar",
        _rows,
        {"messages": "turns, or text with placeholders", "images": "pictures"},
    ),
)
