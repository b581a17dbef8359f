"""Pictures and their captions (paper table 1, "Image caption") come in, rows of a picture and what it shows go out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .cells import Folder, SchemaError, asked, cell, maybe, text
from .files import find, tables
from .json_text import members
from .source import Record, Source
from .talks import talk


TABLE = ("1: Image caption",)
OTHERS = "recognition/global-description/others"
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def _capsfusion(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    url, caption = cell(record, "image_url", str), text(record, "capsfusion")
    if url and caption:
        yield asked("", caption, [folder.picture(url)])


def _taisu(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    name = text(record, "id")
    for kind in ("w", "g"):  # found on the web, and generated
        caption = maybe(record, kind)
        if caption:
            yield asked("", caption, [folder.picture(name, *SUFFIXES)], id=f"{name}-{kind}")


def _open_taisu(path: Path) -> Iterator[Record]:
    for file in find(path, "*.json"):
        for name, captions in members(file):
            yield {"id": name, **captions} if isinstance(captions, dict) else {"id": name, "w": captions}


def _detailed(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    picture = folder.picture(cell(record, "image"))
    if "conversations" in record:
        row = talk(cell(record, "conversations", list) or [], [picture])
    elif "caption" in record:
        caption = text(record, "caption")
        row = asked("", caption, [picture]) if caption else None
    else:
        raise SchemaError(f"found the columns {sorted(record)}, expected 'caption' or 'conversations' beside 'image'")
    if row is not None:
        yield row


SOURCES = (
    Source(
        name="capsfusion",
        title="CapsFusion",
        table=TABLE,
        get="hub: BAAI/CapsFusion-120M, capsfusion_*.parquet",
        licence="unknown",
        language="en",
        task=OTHERS,
        available="hub",
        columns={"image_url": "URL", "capsfusion": "text"},
        convert=_capsfusion,
        note="Pictures are URLs of LAION, many of them dead.",
    ),
    Source(
        name="taisu",
        title="TaiSu",
        table=TABLE,
        get="https://github.com/ksOAn6g5/TaiSu, one .json of captions and 30 archives of pictures, unpacked",
        licence="CC-BY-NC-SA-4.0",
        language="zh",
        task=OTHERS,
        available="download",
        columns={"id": "text", "w": "text: caption found on the web", "g": "text: generated caption"},
        convert=_taisu,
        open=_open_taisu,
        pictures=("images",),
        note="Endings of the picture files are not confirmed; .jpg, .jpeg, .png and .webp are tried.",
    ),
    Source(
        name="detailed_caption",
        title="Detailed Caption",
        table=TABLE,
        get="hub: echo840/Detailed_Caption",
        licence="MIT",
        language="en",
        task=OTHERS,
        available="hub",
        columns={"image": "picture or path", "caption": "text", "conversations": "turns, instead of caption"},
        convert=_detailed,
        open=tables("*.parquet", "*.jsonl", "*.json"),
        pictures=("images",),
        note="Schema not confirmed: a caption, or a conversation as LLaVA has it, beside a picture.",
    ),
)
