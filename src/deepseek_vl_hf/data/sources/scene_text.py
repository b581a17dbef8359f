"""Photographs and the lines of text in them (paper table 1, "Scene text OCR") come in, rows that read them out go out.

A row a picture: lines in reading order, those that cannot be read left out. Only training parts are read. Sets whose words are
known are in `scene_words`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..json_values import JsonText
from .boxes import box, legible, read_lines
from .cells import Folder, asked, cell, entries, language_of, text
from .files import find, noted, opened
from .json_text import members
from .source import Record, Source
from .wordings import READ, wording


TABLE = ("1: Scene text OCR",)
PRINTED = "recognition/ocr-and-transcription/printed-text"
SUFFIXES = (".jpg", ".jpeg", ".png", ".gif")
CHALLENGE = "https://rrc.cvc.uab.es"


def read_out(name: str, said: str, folder: Folder, language: str | None = None) -> Iterator[dict[str, Any]]:
    """Make a row, unless nothing can be read.

    Args:
        name: Of the picture.
        said: What is written in it.
        folder: Of pictures.
        language: Of what is written, where it is not to be guessed.
    """
    if said:
        language = language or language_of(said)
        question = wording(READ["zh" if language == "zh" else "en"], name)
        picture = folder.picture(name, *(SUFFIXES if not Path(name).suffix else ()))
        yield asked(question, said, [picture], id=name, language=language)


def _polygons(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    """ArT and LSVT."""
    lines = [
        box(text(note, "transcription"), cell(note, "points", list))
        for note in entries(record, "annotations")
        if not cell(note, "illegibility") and legible(text(note, "transcription"))
    ]
    yield from read_out(text(record, "image"), read_lines(lines), folder)


def _open_polygons(*patterns: str):
    def read(path: Path) -> Iterator[Record]:
        for file in find(path, *patterns):
            for name, annotations in members(file):
                yield {"image": name, "annotations": annotations}

    return read


def _mlt17(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    found = [
        box(text(note, "text"), cell(note, "points", list))
        for note in entries(record, "lines")
        if legible(text(note, "text"))
    ]
    said = read_lines(found)
    language = "zh" if language_of(said) == "zh" else "mul"  # Latin letters may be English, French, German or Italian
    yield from read_out(text(record, "file").rpartition("gt_")[2], said, folder, language=language)


def _parse_mlt17(line: str) -> dict[str, Any] | None:
    parts = line.split(",", 9)
    return {"points": parts[:8], "script": parts[8], "text": parts[9]} if len(parts) == 10 else None


def _rctw17(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    found = [
        box(text(note, "text"), cell(note, "points", list))
        for note in entries(record, "lines")
        if text(note, "difficult") == "0" and legible(text(note, "text"))
    ]
    yield from read_out(Path(text(record, "file")).name, read_lines(found), folder)


def _parse_rctw17(line: str) -> dict[str, Any] | None:
    parts = line.split(",", 9)
    return (
        {"points": parts[:8], "difficult": parts[8], "text": parts[9].strip().strip('"')} if len(parts) == 10 else None
    )


def _rects(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    found = [
        box(text(note, "transcription"), cell(note, "points", list))
        for note in entries(record, "lines")
        if not cell(note, "ignore") and legible(text(note, "transcription"))
    ]
    yield from read_out(text(record, "image"), read_lines(found), folder)


def _open_rects(path: Path) -> Iterator[Record]:
    for file in find(path, "*.json"):
        with opened(file) as stored:
            yield {**JsonText(stored, str(file)).value(), "image": file.stem}


def _ubertext(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    found = [
        box(text(note, "text"), cell(note, "points", list))
        for note in entries(record, "lines")
        if legible(text(note, "text"))
    ]
    yield from read_out(text(record, "file").rpartition("truth_")[2], read_lines(found), folder)


def _parse_ubertext(line: str) -> dict[str, Any] | None:
    parts = line.split("\t")
    return {"points": parts[0].split(), "text": parts[1], "class": parts[2].strip()} if len(parts) == 3 else None


NOTES = "mappings: transcription, points, illegibility"
SOURCES = (
    Source(
        name="art",
        title="ArT",
        table=TABLE,
        get=f"{CHALLENGE}/?ch=14, train_images.tar.gz and train_labels.json, after registration",
        licence="unknown",
        language="en, zh, mul",
        task=PRINTED,
        available="download",
        columns={"image": "name without ending", "annotations": NOTES},
        convert=_polygons,
        open=_open_polygons("train_labels.json"),
        pictures=("train_images", "imgs"),
        note="The challenge states terms at registration.",
    ),
    Source(
        name="mlt17",
        title="MLT-17",
        table=TABLE,
        get=f"{CHALLENGE}/?ch=8, training images and localisation with transcription, after registration",
        licence="unknown",
        language="zh, mul",
        task=PRINTED,
        available="download",
        columns={"file": "name of the notes, gt_img_17", "lines": "mappings: points, script, text"},
        convert=_mlt17,
        open=lambda path: noted(path, "gt_*.txt", _parse_mlt17),
        pictures=("images", "imgs", *(f"ch8_training_images_{part}" for part in range(1, 9))),
        note="Nine languages. Schema as remembered, not confirmed. The challenge states terms at registration.",
    ),
    Source(
        name="lsvt",
        title="LSVT",
        table=TABLE,
        get=f"{CHALLENGE}/?ch=16, train_full_images_0/1.tar.gz and train_full_labels.json, after registration",
        licence="unknown",
        language="en, zh, mul",
        task=PRINTED,
        available="download",
        columns={"image": "name without ending", "annotations": NOTES},
        convert=_polygons,
        open=_open_polygons("train_full_labels.json"),
        pictures=("train_full_images_0", "train_full_images_1", "imgs"),
        note="The fully annotated part. The challenge states terms at registration.",
    ),
    Source(
        name="ubertext",
        title="UberText",
        table=TABLE,
        get="https://s3-us-west-2.amazonaws.com/uber-common-public/ubertext/index.html, train/1Kx1K and train/4Kx4K",
        licence="CC-BY-SA-4.0",
        language="en",
        task=PRINTED,
        available="download",
        columns={"file": "name of the notes, truth_img_17", "lines": "mappings: points, text, class"},
        convert=_ubertext,
        open=lambda path: noted(path, "truth_*.txt", _parse_ubertext),
        note="Polygon, text and class are confirmed; the files' layout (tabs between, truth_ before the name) is not.",
    ),
    Source(
        name="rctw17",
        title="RCTW-17",
        table=TABLE,
        get=f"{CHALLENGE}/?ch=12, training images and notes, after registration",
        licence="unknown",
        language="en, zh, mul",
        task=PRINTED,
        available="download",
        columns={"file": "name of the notes, image_17", "lines": "mappings: points, difficult, text"},
        convert=_rctw17,
        open=lambda path: noted(path, "*.txt", _parse_rctw17),
        pictures=("train_images", "imgs"),
        note="The challenge states terms at registration.",
    ),
    Source(
        name="rects",
        title="ReCTS",
        table=TABLE,
        get=f"{CHALLENGE}/?ch=15, ReCTS.zip with img and gt, after registration",
        licence="unknown",
        language="en, zh, mul",
        task=PRINTED,
        available="download",
        columns={
            "image": "name without ending",
            "lines": "mappings: transcription, points, ignore",
            "chars": "not used",
        },
        convert=_rects,
        open=_open_rects,
        pictures=("img", "imgs"),
        note="The challenge states terms at registration.",
    ),
)
