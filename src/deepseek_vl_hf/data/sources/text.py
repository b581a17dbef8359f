"""Texts and conversations without pictures come in, rows of language go out.

DeepSeek LLM's corpus and its instructions were never published; what stands in for them here are public sets that are made of similar
things: English and Chinese web pages, code, mathematics; and instructions in both languages.
"""

from collections.abc import Callable, Iterator
from typing import Any

from .cells import Folder, asked, cell, text
from .source import Record, Source
from .talks import talk


CORPUS, INSTRUCTIONS = "deepseek_text", "deepseek_text_sft"


def _plain(column: str, name: str | None = None) -> Callable[..., Iterator[dict[str, Any]]]:
    """Rows of a column of texts."""

    def convert(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
        words = text(record, column)
        if words:
            yield {"text": words, "images": [], "id": record.get(name) if name else None}

    return convert


def _talks(column: str, name: str | None = None) -> Callable[..., Iterator[dict[str, Any]]]:
    """Rows of a column of conversations."""

    def convert(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
        row = talk(cell(record, column, list) or [], [])
        if row is not None:
            yield row | {"id": record.get(name) if name else None}

    return convert


def _alpaca(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    """Instruction, an input that it speaks of, and the output."""
    question = "\n".join(filter(None, (text(record, "instruction"), text(record, "input"))))
    answer = text(record, "output")
    if question and answer:
        yield asked(question, answer, [])


def _text(name: str, title: str, get: str, licence: str, language: str, convert, columns, note: str = "") -> Source:
    about = {"task": "text", "available": "hub", "note": " ".join(filter(None, ("Not in the paper.", note)))}
    return Source(
        name=name,
        title=title,
        table=(),
        get=f"hub: {get}",
        licence=licence,
        language=language,
        convert=convert,
        columns=columns,
        **about,
    )


def _in_house(name: str, title: str, table: str, replaced_by: tuple[str, ...]) -> Source:
    return Source(
        name=name,
        title=title,
        table=(table,),
        get="not published",
        licence="unknown",
        language="en, zh",
        task="text",
        available="in-house",
        replaced_by=replaced_by,
    )


MESSAGES = {"messages": "turns of role, content"}
SOURCES = (
    _in_house(
        CORPUS,
        "DeepSeek-LLM 2T corpus",
        "1: Text-only",
        ("fineweb_edu", "skypile", "chinese_fineweb_edu", "open_web_math", "github_code"),
    ),
    _text(
        "fineweb_edu",
        "FineWeb-Edu",
        "HuggingFaceFW/fineweb-edu",
        "ODC-By",
        "en",
        _plain("text", "id"),
        {"text": "text", "id": "text"},
        "Schema as remembered, not confirmed.",
    ),
    _text(
        "skypile",
        "SkyPile-150B",
        "Skywork/SkyPile-150B",
        "Skywork Community License",
        "zh",
        _plain("text"),
        {"text": "text"},
        "Schema as remembered, not confirmed.",
    ),
    _text(
        "chinese_fineweb_edu",
        "Chinese FineWeb Edu",
        "opencsg/chinese-fineweb-edu",
        "Apache-2.0 and the OpenCSG community licence",
        "zh",
        _plain("text"),
        {"text": "text"},
        "Schema as remembered, not confirmed.",
    ),
    _text(
        "open_web_math",
        "OpenWebMath",
        "open-web-math/open-web-math",
        "ODC-By",
        "en",
        _plain("text", "url"),
        {"text": "text", "url": "text"},
    ),
    _text(
        "github_code",
        "StarCoder data",
        "bigcode/starcoderdata",
        "of each file",
        "en",
        _plain("content", "id"),
        {"content": "text", "id": "text"},
        "Behind terms of use. Schema as a copy of a part of it has it.",
    ),
    _in_house(
        INSTRUCTIONS,
        "DeepSeek-LLM SFT data",
        "2: Text-only SFT",
        ("tulu3", "smoltalk", "infinity_instruct", "coig_cqia", "belle"),
    ),
    _text(
        "tulu3",
        "Tulu 3 SFT mixture",
        "allenai/tulu-3-sft-mixture",
        "ODC-By",
        "en",
        _talks("messages", "id"),
        {"id": "text", **MESSAGES},
        "Parts of it forbid commercial use.",
    ),
    _text(
        "smoltalk",
        "SmolTalk",
        "HuggingFaceTB/smoltalk",
        "Apache-2.0",
        "en",
        _talks("messages"),
        MESSAGES,
        "Schema as its smaller version has it.",
    ),
    _text(
        "infinity_instruct",
        "Infinity-Instruct",
        "BAAI/Infinity-Instruct",
        "CC-BY-SA-4.0",
        "en, zh, mul",
        _talks("conversations"),
        {"conversations": "turns of from, value"},
        "Schema as remembered, not confirmed. Licence not confirmed.",
    ),
    _text(
        "coig_cqia",
        "COIG-CQIA",
        "m-a-p/COIG-CQIA",
        "unknown",
        "zh",
        _alpaca,
        {"instruction": "text", "input": "text", "output": "text"},
        "Schema as remembered, not confirmed.",
    ),
    _text(
        "belle",
        "BELLE 1M",
        "BelleGroup/train_1M_CN",
        "GPL-3.0-only",
        "zh",
        _alpaca,
        {"instruction": "text", "input": "text", "output": "text"},
        "Research only, says its group. Schema as remembered, not confirmed.",
    ),
)
