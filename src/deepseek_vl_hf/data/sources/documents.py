"""Pages and their text (paper table 1, "Document OCR") come in, rows that read them out as Markdown go out."""

from collections.abc import Iterator
from typing import Any

from .cells import Folder, asked, cell, text
from .files import tables
from .source import Record, Source
from .wordings import PAGE_TO_MARKDOWN, wording


def _nougat(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    image, markdown = cell(record, "image"), text(record, "markdown")
    if markdown and image is not None:
        name = image if isinstance(image, str) else None
        yield asked(wording(PAGE_TO_MARKDOWN, name or markdown), markdown, [folder.picture(image)], id=name)


SOURCES = (
    Source(
        name="arxiv",
        title="arXiv rendered to markdown",
        table=("1: Document OCR",),
        get="not published; made of arXiv's sources (https://info.arxiv.org/help/bulk_data.html) with Nougat's pipeline "
        "(https://github.com/facebookresearch/nougat, create_index), which writes an index of .jsonl",
        licence="of each article",
        language="en",
        task="recognition/ocr-and-transcription/specified-format",
        available="in-house",
        columns={"image": "path", "markdown": "text", "meta": "not used"},
        convert=_nougat,
        open=tables("train.jsonl", "*.jsonl"),
        replaced_by=("documents", "formulas", "tables"),
        note="An index that you make with Nougat is read.",
    ),
)
