"""Documents with pictures between paragraphs (paper table 1, "Interleaved image-text") come in, texts with places for them go out.

A picture of MMC4 stands before the sentence that it matches best, as its authors have it; elsewhere it stands where the document has it.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..reading import Fault
from ..rows import PLACEHOLDER
from .cells import Folder, SchemaError, cell, clean, entries, maybe, strings, text
from .files import find, json_lines
from .source import Record, Source


TABLE = ("1: Interleaved image-text",)
THEME = "recognition/global-description/theme"
EVENT = "recognition/global-description/event-behavior"
MARKS = ".!?;:,。！？；：，"


def document(parts: Iterable[str | tuple[Any]], separator: str = "\n\n", **about: Any) -> Iterator[dict[str, Any]]:
    """Make a row of a document.

    Args:
        parts: Texts, and pictures in tuples of one.
        separator: Between parts.
        about: Further columns.

    Returns:
        The row, or nothing if there are no words.
    """
    written, images = [], []
    for part in parts:
        if isinstance(part, tuple):
            images.append(part[0])
            written.append(PLACEHOLDER)
        elif clean(part):
            written.append(clean(part))
    if len(written) > len(images):
        yield {"text": separator.join(written), "images": images, **about}


def _mmc4(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    sentences = strings(record, "text_list")
    before: dict[int, list[Any]] = {}
    for info in entries(record, "image_info"):
        index = cell(info, "matched_text_index", int)
        if index is None or not 0 <= index < len(sentences):
            raise SchemaError(f"found a picture at sentence {index} of {len(sentences)}, expected it at one of them")
        before.setdefault(index, []).append(_stored(info, maybe(record, "shard"), folder))
    parts = [
        part for index, words in enumerate(sentences) for part in (*((each,) for each in before.get(index, ())), words)
    ]
    yield from document(parts, separator=" ", id=record.get("url"))


def _stored(info: Record, shard: str, folder: Folder) -> Any:
    """The picture where the set's own script has put it, else its URL."""
    name = cell(info, "image_name", str)
    for place in (f"{shard}_images/{name}", name) if shard and name else (name,):
        if name and folder.path(place).is_file():
            return folder.picture(place)
    return folder.picture(cell(info, "raw_url", str))


def _open_mmc4(path: Path) -> Iterator[Record | Fault]:
    for file in find(path, "*.jsonl", "*.jsonl.zip", "*.jsonl.gz"):
        shard = file.name.partition(".jsonl")[0]
        for record in json_lines(file):
            yield record if isinstance(record, Fault) else {**record, "shard": shard}


def _wikihow(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    parts: list[Any] = [f"# {text(record, 'goal')}", text(record, "goal_description")]
    for method in entries(record, "methods"):
        parts.append(f"## {text(method, 'name')}" if text(method, "name") else "")
        for number, step in enumerate(entries(method, "steps"), 1):
            name, url = text(step, "step_id"), maybe(step, "img")
            place = folder.path(f"{name}.png") if name else None
            if place is not None and place.is_file():
                parts.append((folder.picture(f"{name}.png"),))
            elif url:
                parts.append((folder.picture(url),))
            headline = text(step, "headline").rstrip(MARKS)
            parts.append(f"{number}. {headline}. {text(step, 'description')}")
    yield from document(parts, id=text(record, "file_id"))


def _open_wikihow(path: Path) -> Iterator[Record | Fault]:
    for file in find(path, "WikihowText_data.json"):
        yield from json_lines(file)


def _obelics(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    images, texts = cell(record, "images", list) or [], cell(record, "texts", list) or []
    if any(not isinstance(words, str) and words is not None for words in texts):
        raise SchemaError(f"found {str(texts)[:60]!r} in 'texts', expected texts or None")
    if len(images) != len(texts):
        raise SchemaError(
            f"found {len(images)} images and {len(texts)} texts, expected one or the other at each place"
        )
    parts = [words if image is None else (folder.picture(image),) for image, words in zip(images, texts, strict=True)]
    yield from document([re.sub(r"\n{3,}", "\n\n", part) if isinstance(part, str) else part for part in parts if part])


SOURCES = (
    Source(
        name="mmc4",
        title="MMC4",
        table=TABLE,
        get="hub: jmhessel/mmc4-ff or jmhessel/mmc4-core-ff, docs_no_face_shard_*.jsonl; pictures by the set's own script",
        licence="ODC-By",
        language="en",
        task=THEME,
        available="hub",
        columns={
            "text_list": "texts",
            "image_info": "mappings: image_name, raw_url, matched_text_index",
            "url": "text",
        },
        convert=_mmc4,
        open=_open_mmc4,
        note="The first copies were deleted in February 2025; these are rescued ones. Pictures have terms of their own.",
    ),
    Source(
        name="wikihow",
        title="WikiHow",
        table=TABLE,
        get="https://github.com/YueYANG1996/wikiHow-VGSI, WikihowText_data.json and wiki_images.zip",
        licence="CC-BY-NC-SA-3.0",
        language="en",
        task=EVENT,
        available="download",
        columns={
            "file_id": "text",
            "goal": "text",
            "goal_description": "text",
            "methods": "mappings: name, steps (headline, description, img, step_id)",
        },
        convert=_wikihow,
        open=_open_wikihow,
        pictures=("wiki_images",),
    ),
    Source(
        name="books",
        title="In-house PDF and Epub textbooks",
        table=TABLE,
        get="not published",
        licence="unknown",
        language="en, zh",
        task=THEME,
        available="in-house",
        replaced_by=("documents", "exams", "obelics"),
    ),
    Source(
        name="obelics",
        title="OBELICS",
        table=(),
        get="hub: HuggingFaceM4/OBELICS",
        licence="CC-BY-4.0",
        language="en",
        task=THEME,
        available="hub",
        columns={"images": "URLs or None", "texts": "texts or None"},
        convert=_obelics,
        note="Not in the paper. Exactly one of image and text stands at each place; pictures are URLs.",
    ),
)
