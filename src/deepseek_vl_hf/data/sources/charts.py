"""Charts, tables and figures (paper tables 1 and 2, "Table and chart") come in, questions about them go out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .cells import Folder, SchemaError, asked, cell, clean, entries, strings, text
from .files import find, tables
from .source import Record, Source
from .talks import talk
from .wordings import CHART_TO_TABLE, EXPLAIN_FIGURE, SUMMARIZE_CHART, wording


PRETRAIN = "1: Table and chart"
BOTH = (PRETRAIN, "2: Table and chart")
GRAPH = "analysis/data-chart-analysis/graph-interpretation"
TRANSCRIBED = "recognition/ocr-and-transcription/specified-format"
TABLES = "analysis/data-chart-analysis/table-interpretation"
OTHER_CHARTS = "analysis/professional-chart-analysis/others"
# What UniChart writes before a question: <chartqa> What is ...? <s_answer>
MARK = re.compile(r"^\s*<([a-z_]+)>|<s_answer>\s*$")


def _chart2text(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    image, caption = cell(record, "image"), text(record, "caption")
    if caption:
        question = wording(SUMMARIZE_CHART, image)
        yield asked(question, caption, [folder.picture(image)], id=str(image))


def _open_chart2text(path: Path) -> Iterator[Record]:
    """Captions lie in captions/, also below multiColumn/; the picture of captions/17.txt is imgs/17.png."""
    root = path if path.is_dir() else path.parent
    for file in find(path, "captions/*.txt"):
        base = file.parents[1]
        image = (base / "imgs" / f"{file.stem}.png").relative_to(root).as_posix()
        yield {"image": image, "caption": file.read_text(encoding="utf-8", errors="replace")}


def _owl(record: Record, folder: Folder, tasks: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The conversations of mPLUG-Owl: pictures are tags in turns of their own."""
    images = cell(record, "image", list, str) or []
    turns = [
        {**turn, "value": clean(str(turn.get("value", "")).replace("<|context|>:", ""))}
        for turn in entries(record, "conversations")
    ]
    row = talk(turns, [folder.picture(image) for image in ([images] if isinstance(images, str) else images)])
    if row is not None:
        kind = str(record.get("task_type") or "")
        yield row | {"task": next((task for part, task in tasks.items() if part in kind), None)}


def _ureader(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    yield from _owl(record, folder, {})


def _m_paper(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    yield from _owl(record, folder, {"table": TABLES})


def _unichart(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    image, query, label = cell(record, "imgname", str), text(record, "query"), text(record, "label")
    kind = MARK.match(query)
    question = MARK.sub("", query).strip()
    if kind and kind[1] in ("extract_data_table", "summarize_chart"):
        is_table = kind[1] == "extract_data_table"
        question = wording(CHART_TO_TABLE if is_table else SUMMARIZE_CHART, image)
    if image and question and label:
        task = TRANSCRIBED if kind and kind[1] == "extract_data_table" else GRAPH
        yield asked(question, label, [folder.picture(image)], task=task)


def _scigraphqa(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    pairs = cell(record, "q_a_pairs", list) or []
    if any(not isinstance(pair, list | tuple) or len(pair) != 2 for pair in pairs):
        raise SchemaError(f"found the pairs {str(pairs)[:60]!r}, expected questions with their answers")
    spoken = [
        {"role": role, "content": said} for pair in pairs for role, said in zip(("user", "gpt"), pair, strict=True)
    ]
    row = talk(spoken, [folder.picture(cell(record, "image_file", str))])
    if row is not None:
        yield row | {"id": record.get("id")}


def _paper2figure(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    name, captions = text(record, "figure_id"), strings(record, "captions")
    if captions and clean(captions[0]):  # the others are paragraphs that mention the figure
        yield asked(wording(EXPLAIN_FIGURE, name), clean(captions[0]), [folder.picture(f"{name}.png")], id=name)


TURNS = "turns of from, value"
SOURCES = (
    Source(
        name="chart2text",
        title="Chart2text",
        table=(PRETRAIN,),
        get="https://github.com/vis-nlp/Chart-to-text, statista_dataset/dataset and pew_dataset/dataset",
        licence="GPL-3.0-only",
        language="en",
        task=GRAPH,
        available="download",
        columns={"image": "path, imgs/17.png", "caption": "text, captions/17.txt"},
        convert=_chart2text,
        open=_open_chart2text,
    ),
    Source(
        name="ureader",
        title="UReader",
        table=BOTH,
        get="hub: Mizukiluke/ureader-instruction-1.0, ureader_json.zip and the archives of pictures, unpacked",
        licence="unknown",
        language="en",
        task="recognition/ocr-and-transcription/printed-text",
        available="hub",
        columns={"image": "paths", "conversations": "turns of from (user, assistant), value", "task_type": "text"},
        convert=_ureader,
        open=tables("*train*.jsonl"),
        pictures=("ureader_images",),
        note="Ten sets in one, of documents, tables, charts and scenes; its train files alone are for training.",
    ),
    Source(
        name="unichart",
        title="UniChart",
        table=(PRETRAIN,),
        get="hub: ahmed-masry/unichart-pretrain-data; pictures in ahmed-masry/UniChart-pretrain-images, unpacked",
        licence="MIT",
        language="en",
        task=GRAPH,
        available="hub",
        columns={"imgname": "path", "query": "text: <chartqa> question <s_answer>", "label": "text"},
        convert=_unichart,
        open=tables("*.parquet", "*.json"),
        pictures=("images", "UniChart Images"),
        note="Tables stay as the set writes them, with | between cells and & between rows.",
    ),
    Source(
        name="m_paper",
        title="M-Paper",
        table=(PRETRAIN,),
        get="hub: mPLUG/M-Paper, sft/3tasks_train.jsonl and partial-imgs.*, joined and unpacked",
        licence="Apache-2.0",
        language="en",
        task=OTHER_CHARTS,
        available="hub",
        columns={"image": "paths", "conversations": "turns of from (user, assistant), value", "task_type": "text"},
        convert=_m_paper,
        open=tables("3tasks_train.jsonl"),
    ),
    Source(
        name="scigraphqa",
        title="SciGraphQA-295K",
        table=(PRETRAIN,),
        get="hub: alexshengzhili/SciGraphQA-295K-train; pictures in its img.zip, unpacked",
        licence="research only",
        language="en",
        task=GRAPH,
        available="hub",
        columns={"image_file": "path", "id": "text", "q_a_pairs": "pairs of texts"},
        convert=_scigraphqa,
        open=tables("*.parquet", "*.json"),
        pictures=("img", "images"),
        note="Schema confirmed for the published test part; the training part is taken to be the same.",
    ),
    Source(
        name="paper2figure",
        title="Paper2Figure100k",
        table=(PRETRAIN,),
        get="https://zenodo.org/records/7299423, paper2fig_train.json and figures",
        licence="CC-BY-4.0",
        language="en",
        task="analysis/professional-chart-analysis/flowchart",
        available="download",
        columns={"figure_id": "text", "captions": "texts: the caption, then paragraphs"},
        convert=_paper2figure,
        open=tables("paper2fig_train.json"),
        pictures=("figures",),
        note="Schema as the scripts of the set write it.",
    ),
)
