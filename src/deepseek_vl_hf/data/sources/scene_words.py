"""Photographs and the words in them (paper table 1, "Scene text OCR") come in, rows that read them out go out.

A row a picture: words in reading order, a line of the picture a line of text, those that cannot be read left out. Only training
parts are read.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .boxes import Box, box, corners, in_rows, legible, read_lines, read_words
from .cells import Folder, cell, clean, entries, maybe, text
from .files import find
from .json_text import mappings
from .scene_text import PRINTED, TABLE, read_out
from .source import Record, Source


def _words(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    """TextOCR and COCO-Text."""
    if record.get("set", "train") != "train":
        return
    found = []
    for note in entries(record, "anns"):
        if note.get("legibility", "legible") == "legible" and legible(maybe(note, "utf8_string")):
            found.append(box(text(note, "utf8_string"), corners(cell(note, "bbox", list))))
    yield from read_out(text(record, "file_name"), read_words(found), folder)


def _open_words(*patterns: str):
    """Words of all pictures stand in one object, in any order: what is needed of them is kept in memory."""

    def read(path: Path) -> Iterator[Record]:
        for file in find(path, *patterns):
            of_picture: dict[str, list[dict[str, Any]]] = {}
            for _, note in mappings(file, "anns"):
                kept = {key: note[key] for key in ("utf8_string", "bbox", "legibility") if key in note}
                of_picture.setdefault(str(cell(note, "image_id")), []).append(kept)
            for key, picture in mappings(file, "imgs"):
                yield {**picture, "anns": of_picture.pop(str(key), [])}

    return read


def _openvino(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    found = []
    for note in entries(record, "annotations"):
        told = cell(note, "attributes", dict) or {}
        if cell(told, "legible") and legible(cell(told, "transcription", str) or ""):
            found.append(box(text(told, "transcription"), corners(cell(note, "bbox", list))))
    yield from read_out(text(record, "file_name"), read_words(found), folder)


def _open_openvino(path: Path) -> Iterator[Record]:
    for file in find(path, "text_spotting_openimages_v5_train_*.json"):
        of_picture: dict[str, list[dict[str, Any]]] = {}
        for _, note in mappings(file, "annotations"):
            kept = {key: note[key] for key in ("bbox", "attributes") if key in note}
            of_picture.setdefault(str(cell(note, "image_id")), []).append(kept)
        for _, picture in mappings(file, "images"):
            yield {**picture, "annotations": of_picture.pop(str(cell(picture, "id")), [])}


def _hiertext(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    paragraphs = []
    for paragraph in entries(record, "paragraphs"):
        lines = []
        for line in entries(paragraph, "lines"):
            words = [text(word, "text") for word in entries(line, "words") if cell(word, "legible")]
            if said := " ".join(filter(None, words)):
                lines.append(box(said, cell(line, "vertices", list)))
        if lines:
            paragraphs.append(_around(read_lines(lines), lines))
    said = "\n\n".join(each.text for row in in_rows(paragraphs) for each in row)
    yield from read_out(text(record, "image_id"), said, folder)


def _around(said: str, lines: Sequence[Box]) -> Box:
    """A box around others."""
    bounds = ([each.left for each in lines], [each.top for each in lines])
    ends = ([each.right for each in lines], [each.bottom for each in lines])
    return Box(clean(said), min(bounds[0]), min(bounds[1]), max(ends[0]), max(ends[1]))


def _open_hiertext(path: Path) -> Iterator[Record]:
    for file in find(path, "train.jsonl", "train.jsonl.gz"):  # in spite of its name one JSON object
        for _, picture in mappings(file, "annotations"):
            yield picture


SOURCES = (
    Source(
        name="coco_text",
        title="COCO-Text",
        table=TABLE,
        get="https://github.com/bgshih/cocotext/releases, cocotext.v2.json; COCO train2014",
        licence="CC-BY-4.0",
        language="en, mul",
        task=PRINTED,
        available="download",
        columns={"file_name": "path", "set": "text", "anns": "mappings: utf8_string, legibility, bbox"},
        convert=_words,
        open=_open_words("cocotext*.json"),
        pictures=("train2014", "imgs"),
        note="Licence of the notes not confirmed.",
    ),
    Source(
        name="textocr",
        title="TextOCR",
        table=TABLE,
        get="https://textvqa.org/textocr/dataset, TextOCR_0.1_train.json and train_val_images.zip",
        licence="CC-BY-4.0",
        language="en, mul",
        task=PRINTED,
        available="download",
        columns={"file_name": "path", "set": "text", "anns": "mappings: utf8_string, bbox"},
        convert=lambda record, folder: _words({**record, "file_name": Path(text(record, "file_name")).name}, folder),
        open=_open_words("TextOCR_*train.json"),
        pictures=("train_images", "train_val_images/train_images", "train"),
    ),
    Source(
        name="openvino_text",
        title="OpenVINO (Open Images text)",
        table=TABLE,
        get="https://storage.openvinotoolkit.org/repositories/openvino_training_extensions/datasets/open_images_v5_text, "
        "text_spotting_openimages_v5_train_*.json; Open Images v5",
        licence="CC-BY-4.0",
        language="en, mul",
        task=PRINTED,
        available="download",
        columns={"file_name": "path", "annotations": "mappings: bbox, attributes (transcription, legible, language)"},
        convert=_openvino,
        open=_open_openvino,
        note="Licence of the notes not confirmed.",
    ),
    Source(
        name="hiertext",
        title="HierText",
        table=TABLE,
        get="https://github.com/google-research-datasets/hiertext, gt/train.jsonl.gz; pictures as it says",
        licence="CC-BY-SA-4.0",
        language="en, zh, mul",
        task=PRINTED,
        available="download",
        columns={"image_id": "text", "paragraphs": "mappings: lines (vertices, words (text, legible))"},
        convert=_hiertext,
        open=_open_hiertext,
        pictures=("train",),
    ),
)
