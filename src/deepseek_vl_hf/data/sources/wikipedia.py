"""Articles of Wikipedia (paper table 1, "Interleaved image-text") come in, texts with places for their pictures go out.

The table names Wikipedia's dumps, the text WikiWeb2M; both are read. Pictures are URLs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .cells import Folder, SchemaError, cell, text
from .files import find, opened
from .interleaved import TABLE, THEME, document
from .source import Record, Source
from .tfrecords import tf_records
from .wikitext import pieces


def _wikiweb2m(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    columns = ("section_title", "section_text", "section_depth", "section_image_url", "section_image_clean_ref_desc")
    titles, texts, depths, urls, captions = (cell(record, column, list) or [] for column in columns)
    parts: list[Any] = [f"# {_told([record['page_title']] if 'page_title' in record else [], 0)}"]
    for number in range(len(texts)):
        depth = next(iter(_of(depths, number)), 1)
        marks = "#" * min(depth + 1, 6) if isinstance(depth, int) and depth > 0 else "##"
        title = _told(titles, number)
        parts.append(f"{marks} {title}" if number and title else "")
        shown = _of(captions, number)
        for place, url in enumerate(_of(urls, number)):
            parts += [(folder.picture(_text(url)),), _text(shown[place]) if place < len(shown) else ""]
        parts.append(_told(texts, number))
    yield from document(parts, id=_told([cell(record, "page_url")], 0))


def _of(feature: list[Any], number: int) -> list[Any]:
    """The values of a section."""
    found = feature[number] if number < len(feature) else []
    return found if isinstance(found, list) else [found]


def _told(feature: list[Any], number: int) -> str:
    """The one text of a section."""
    return _text(next(iter(_of(feature, number)), ""))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value is not None and not isinstance(value, str):
        raise SchemaError(f"found {str(value)[:60]!r} of type {type(value).__name__}, expected a text")
    return value or ""


def _open_wikiweb2m(path: Path) -> Iterator[Record]:
    for file in find(path, "*.tfrecord*"):
        yield from tf_records(file)


def _wikipedia(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    title, language = text(record, "title"), text(record, "language")
    parts: list[Any] = [f"# {title}"]
    parts += [(folder.picture(value),) if kind == "picture" else value for kind, value in pieces(text(record, "text"))]
    yield from document(parts, id=f"{language}/{title}", language=language if language in ("en", "zh") else "mul")


def _open_wikipedia(path: Path) -> Iterator[Record]:
    """Read articles of a dump: pages of the first name space that are no redirects."""
    from xml.etree.ElementTree import iterparse

    for file in find(path, "*pages-articles*.xml*"):
        with opened(file) as stored:
            language, page, root = "", {}, None
            for event, element in iterparse(stored, ("start", "end")):
                tag = element.tag.rpartition("}")[2]
                if event == "start":
                    if root is None:
                        root = element
                        language = element.get("{http://www.w3.org/XML/1998/namespace}lang", "")
                    continue
                if tag in ("title", "ns", "text", "redirect"):
                    page[tag] = element.text or ""
                elif tag == "page":
                    if page.get("ns", "0") == "0" and "redirect" not in page:
                        yield {"title": page.get("title", ""), "text": page.get("text", ""), "language": language}
                    page = {}
                    root.clear()  # or the tree would grow with the dump


SOURCES = (
    Source(
        name="wikiweb2m",
        title="Wikipedia EN (WikiWeb2M)",
        table=TABLE,
        get="https://github.com/google-research-datasets/wit/blob/main/wikiweb2m.md, wikiweb2m-train.tfrecord.gz-*",
        licence="CC-BY-SA-3.0",
        language="en",
        task=THEME,
        available="download",
        columns={
            "page_title": "text",
            "page_url": "text",
            "section_title": "texts",
            "section_text": "texts",
            "section_depth": "ints",
            "section_image_url": "texts by section",
            "section_image_clean_ref_desc": "texts by section",
        },
        convert=_wikiweb2m,
        open=_open_wikiweb2m,
        note="What the paper's text cites for Wikipedia (Burns et al., 2023). Pictures are URLs. Licence not confirmed.",
    ),
    Source(
        name="wikipedia",
        title="Wikipedia EN & CN",
        table=TABLE,
        get="https://dumps.wikimedia.org, enwiki or zhwiki, *-pages-articles*.xml.bz2",
        licence="CC-BY-SA-4.0",
        language="en, zh, mul",
        task=THEME,
        available="download",
        columns={"title": "text", "text": "wikitext", "language": "code, from the dump's head"},
        convert=_wikipedia,
        open=_open_wikipedia,
        note="Pictures are URLs of Wikimedia Commons, each with a licence of its own.",
    ),
)
