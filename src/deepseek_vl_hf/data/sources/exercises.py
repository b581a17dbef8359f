"""Exercises of schools (paper tables 1 and 2, "Table and chart") come in, questions with their choices and reasons go out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..reading import Fault, read_records
from .cells import Folder, SchemaError, asked, cell, maybe, strings, text
from .charts import BOTH, TURNS
from .files import find, tables
from .json_text import mappings
from .source import Record, Source
from .talks import talk


GEOMETRY = "logical-reasoning/mathematical/plane-geometry"
BIOLOGY = "logical-reasoning/other/biology"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _geo170k(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    row = talk(cell(record, "conversations", list) or [], [folder.picture(cell(record, "image"))])
    if row is not None:
        yield row


def _open_geo170k(path: Path) -> Iterator[Record | Fault]:
    """Descriptions for alignment, then questions; a single file alone."""
    for pattern in ("alignment.json", "qa_tuning.json") if path.is_dir() else ("",):
        yield from tables(pattern)(path)


def _scienceqa(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    if record.get("split", "train") != "train":  # the paper evaluates on the others
        return
    choices, answer = strings(record, "choices"), cell(record, "answer", int)
    if answer is None or not 0 <= answer < len(choices) <= len(LETTERS):
        raise SchemaError(f"found the answer {answer} among {len(choices)} choices, expected the position of one")
    listed = [f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=False)]
    question = "\n".join(filter(None, [maybe(record, "hint"), text(record, "question"), *listed]))
    pid, image = record.get("id"), cell(record, "image")
    if isinstance(image, str) and pid is not None:
        image = f"{record.get('split')}/{pid}/{image}"
    row = asked(question, listed[answer], [folder.picture(image)] if image is not None else [], id=pid)
    solution = maybe(record, "solution")
    if solution:
        row["messages"] += asked("Why?", solution, [])["messages"]
    yield row


def _open_scienceqa(path: Path) -> Iterator[Record | Fault]:
    """Read tables as on the Hub, or problems.json."""
    if path.suffix == ".parquet" or any(path.rglob("*.parquet")):
        yield from (record for _, record in read_records(path))
        return
    for file in find(path, "problems.json"):
        for name, problem in mappings(file):
            yield {**problem, "id": name}


SOURCES = (
    Source(
        name="geo170k",
        title="Geo170K",
        table=BOTH,
        get="hub: Luckyjhg/Geo170K, alignment.json, qa_tuning.json and images.zip, unpacked",
        licence="unknown",
        language="en",
        task=GEOMETRY,
        available="hub",
        columns={"image": "path", "conversations": TURNS},
        convert=_geo170k,
        open=_open_geo170k,
        pictures=("images",),
    ),
    Source(
        name="scienceqa",
        title="ScienceQA",
        table=BOTH,
        get="hub: derek-thomas/ScienceQA; or https://github.com/lupantech/ScienceQA, problems.json and pictures",
        licence="CC-BY-NC-SA-4.0",
        language="en",
        task=BIOLOGY,
        available="hub",
        columns={
            "image": "picture or None",
            "question": "text",
            "choices": "texts",
            "answer": "int",
            "hint": "text",
            "solution": "text",
        },
        convert=_scienceqa,
        open=_open_scienceqa,
        pictures=("images",),
        note="Of problems.json only the training part is read; of the Hub's tables read train-*. Half of it has no picture. "
        "The Hub's copy says CC-BY-SA-4.0.",
    ),
)
