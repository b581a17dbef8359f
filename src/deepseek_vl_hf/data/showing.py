"""Rows come in; one page to look at goes out: HTML with pictures and conversations, or a PNG of the pictures alone.

The HTML holds everything inside itself and asks nothing of a network. What rows say is text there, never markup.
"""

import base64
import math
from collections.abc import Callable, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from .checking import check
from .picture_files import PictureError, locate, open_picture
from .reading import Fault, Place, read_records
from .rows import PLACEHOLDER


LARGEST = 640  # pixels of a picture's longer side in HTML
CELL, GAP, COLUMNS = 300, 10, 4  # of a PNG sheet
KEPT = 12  # rows kept of each source and task to choose from
CountTokens = Callable[[str, int], int]
Found = list[tuple[Place, dict[str, Any]]]

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #f6f7f9; --card: #fff; --line: #d9dee4; --soft: #5a6572; --user: #eef3fb }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --paper: #14171b; --card: #1d2126; --line: #333a42; --soft: #9aa5b1;
  --user: #232c39 } }
* { box-sizing: border-box } body { margin: 0; padding: 2rem 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif } main { max-width: 1440px; margin: auto } h1 { font-size: 1.3rem; margin: 0 }
p.about { color: var(--soft); margin: .2rem 0 1.5rem } .rows { columns: 22rem; column-gap: 1rem }
article { break-inside: avoid; background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 0 0 1rem;
  overflow: hidden } article img { display: block; width: 100%; background: #8884; border-bottom: 1px solid var(--line) }
.turn { padding: .55rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere } .user, .system { background: var(--user) }
.turn b { display: block; font-size: .72rem; font-weight: 600; color: var(--soft); text-transform: uppercase; letter-spacing: .04em }
.turn div { max-height: 18rem; overflow: auto } footer { padding: .5rem .8rem; font-size: .78rem; color: var(--soft);
  border-top: 1px solid var(--line); overflow-wrap: anywhere } .bad { padding: .8rem; color: #c0392b }
"""


def choose_rows(path: str | Path, count: int, source: str | None = None) -> tuple[Found, int]:
    """Choose rows to show, in turns from every source and task.

    Returns:
        The rows with their places, and how many rows there are.

    Raises:
        ValueError: if there is no row.
    """
    if count < 1:
        raise ValueError(f"found --rows {count}, expected at least 1")
    kept: dict[tuple[str, str], Found] = {}
    total = 0
    for place, record in read_records(path):
        if isinstance(record, Fault) or (source is not None and record.get("source") != source):
            continue
        total += 1
        some = kept.setdefault((str(record.get("source")), str(record.get("task"))), [])
        if len(some) < max(KEPT, count // len(kept)):
            some.append((place, record))
    chosen = [rows[turn] for turn in range(max(KEPT, count)) for _, rows in sorted(kept.items()) if turn < len(rows)]
    if not chosen:
        raise ValueError(f"found no row{f' of source {source!r}' if source else ''} in {path}, expected some to show")
    return chosen[:count], total


def _pictures(place: Place, row: dict[str, Any]) -> list[Image.Image | str]:
    """The pictures of a row; for one that cannot be read, why."""
    found: list[Image.Image | str] = []
    for picture in row.get("images") or []:
        try:
            opened = open_picture(*locate(picture, place.file.parent))
            found.append(ImageOps.exif_transpose(opened).convert("RGB"))
        except (PictureError, OSError, ValueError) as error:
            found.append(str(error))
    return found


def _embedded(picture: Image.Image | str) -> str:
    if isinstance(picture, str):
        return f'<div class="bad">{escape(picture)}</div>'
    width, height = picture.size
    picture.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    file = BytesIO()
    picture.save(file, "JPEG", quality=85)
    data = base64.b64encode(file.getvalue()).decode()
    return (
        f'<img loading="lazy" alt="{width} x {height}" title="{width} x {height}" src="data:image/jpeg;base64,{data}">'
    )


def _turns(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Who says what; a picture's place is a small square."""
    if not row.get("messages"):
        return [("document", str(row.get("text") or "").replace(PLACEHOLDER, "▣"))]
    turns = []
    for message in row["messages"]:
        content = message.get("content") if isinstance(message, dict) else None
        parts = content if isinstance(content, list) else [content]
        parts = [part if isinstance(part, dict) else {"text": str(part)} for part in parts]
        said = "".join("▣ " if part.get("type") == "image" else str(part.get("text") or "") for part in parts)
        turns.append((str(message.get("role")) if isinstance(message, dict) else "?", said))
    return turns


def _article(place: Place, row: dict[str, Any], count_tokens: CountTokens) -> str:
    turns = _turns(row)
    tokens = count_tokens("\n".join(text for _, text in turns), len(row.get("images") or []))
    about = [str(row[name]) for name in ("source", "task", "language", "licence", "id") if row.get(name)]
    about += [f"{tokens} tokens", f"{place.file.name}, row {place.row}"]
    faults = check(place.file, records=iter([(place, row)])).findings
    parts = [_embedded(picture) for picture in _pictures(place, row)]
    parts += [
        f'<div class="turn {escape(role)}"><b>{escape(role)}</b><div>{escape(text)}</div></div>'
        for role, text in turns
    ]
    parts += [
        f'<div class="bad">{escape(reason)}: {escape(found.message)}</div>' for (_, reason), found in faults.items()
    ]
    return f"<article>{''.join(parts)}<footer>{escape(' · '.join(about))}</footer></article>"


def write_html(rows: Found, output: Path, name: str, total: int, count_tokens: CountTokens) -> None:
    """Write rows as one HTML page.

    Args:
        rows: With their places.
        output: The new file.
        name: Of what is shown.
        total: How many rows there are in all.
        count_tokens: Counts the tokens of a text with so many pictures.
    """
    articles = "\n".join(_article(place, row, count_tokens) for place, row in rows)
    sources = len({row.get("source") for _, row in rows})
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(name)}</title><style>{STYLE}</style></head><body><main><h1>{escape(name)}</h1>"
        f'<p class="about">{len(rows)} of {total} rows, {sources} sources. Tokens are counted without roles and separators.</p>'
        f'<div class="rows">{articles}</div></main></body></html>\n'
    )
    output.write_text(page, encoding="utf-8")


def write_png(rows: Found, output: Path) -> None:
    """Write the pictures of rows side by side.

    Raises:
        ValueError: if the rows have no picture that can be read.
    """
    pictures = [each for place, row in rows for each in _pictures(place, row) if isinstance(each, Image.Image)]
    if not pictures:
        raise ValueError("found no picture in these rows, expected some; write .html instead")
    _sheet(pictures).save(output, optimize=True)


def _sheet(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures in columns of one width, each put where there is most room; 256 colours keep the file small."""
    columns = min(COLUMNS, len(pictures))
    heights, placed = [GAP] * columns, []
    for picture in pictures:
        scale = min(CELL / picture.width, 1.5 * CELL / picture.height)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        column = heights.index(min(heights))
        left = GAP + column * (CELL + GAP) + (CELL - size[0]) // 2
        placed.append((picture.resize(size, Image.Resampling.LANCZOS), (left, heights[column])))
        heights[column] += size[1] + GAP
    sheet = Image.new("RGB", (GAP + columns * (CELL + GAP), math.ceil(max(heights))), (200, 204, 210))
    for picture, place in placed:
        sheet.paste(picture, place)
    return sheet.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
