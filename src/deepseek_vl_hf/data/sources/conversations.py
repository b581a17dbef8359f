"""Conversations about pictures (paper table 2) come in, rows go out; most are published in the form of LLaVA."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .cells import Folder, SchemaError, asked, cell, clean, strings, text
from .exercises import LETTERS
from .files import find, tables
from .json_text import mappings
from .source import Record, Source
from .talks import talk
from .wordings import DESCRIBE, wording


GENERAL = ("2: General multimodal",)
OTHERS = "recognition/global-description/others"
LLAVA = {"id": "text", "image": "path or paths", "conversations": "turns of from, value"}


def llava(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    """LLaVA's form: `conversations` with a tag for each picture of `image`, which texts alone do without."""
    images = record.get("image", record.get("images"))
    listed = images if isinstance(images, list | tuple) else [] if images is None else [images]
    row = talk(cell(record, "conversations", list) or [], [folder.picture(image) for image in listed], folder)
    if row is not None:
        yield row | {"id": record.get("id")}


def _laion(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    link, caption = cell(record, "link", str), text(record, "caption")
    if link and caption:
        yield asked(wording(DESCRIBE["en"], link), caption, [folder.picture(link)])


def _textocr_gpt4v(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    name, caption = cell(record, "filename", str), text(record, "caption_condensed")
    if name and caption:
        yield asked(wording(DESCRIBE["en"], name), caption, [folder.picture(name)], id=name)


def _iconqa(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    """Three kinds: a choice among pictures, a choice among texts, and a blank to fill in."""
    if record.get("split", "train") != "train":
        return
    kind, name, question = text(record, "ques_type"), text(record, "id"), text(record, "question")
    place = f"{record.get('split')}/{kind}/{name}"
    images, answer = [folder.picture(f"{place}/image.png")], str(cell(record, "answer", int, str) or 0)
    if kind != "fill_in_blank":
        choices = strings(record, "choices")
        if not answer.isdecimal() or not int(answer) < len(choices) <= len(LETTERS):
            raise SchemaError(
                f"found the answer {answer!r} among {len(choices)} choices, expected the position of one"
            )
        letter = LETTERS[int(answer)]
        if kind == "choose_img":
            images += [folder.picture(f"{place}/{choice}") for choice in choices]
            shown = ", ".join(LETTERS[: len(choices)])
            question, answer = f"{question}\nThe pictures after the first are the choices {shown}.", letter
        else:
            listed = [f"{mark}. {choice}" for mark, choice in zip(LETTERS, choices, strict=False)]
            question, answer = "\n".join([question, *listed]), listed[int(answer)]
    if question and clean(answer):
        yield asked(question, clean(answer), images, id=name)


def _open_iconqa(path: Path) -> Iterator[Record]:
    for file in find(path, "problems.json"):
        for name, problem in mappings(file):
            yield {**problem, "id": name}


SOURCES = (
    Source(
        name="sharegpt4v",
        title="ShareGPT4V",
        table=("2: General multimodal", "3.2: stage 1"),
        get="hub: Lin-Chen/ShareGPT4V, sharegpt4v_instruct_gpt4-vision_cap100k.json, and for stage 1 "
        "share-captioner_coco_lcs_sam_1246k_1107.json; pictures of COCO, LLaVA-Pretrain, SAM and others as its page says",
        licence="CC-BY-NC-4.0",
        language="en",
        task=OTHERS,
        available="hub",
        columns=LLAVA,
        convert=llava,
        open=tables("sharegpt4v_instruct_gpt4-vision_cap100k.json"),
        pictures=("data",),
        note="Of a folder the first file is read; give the second one itself as path.",
    ),
    Source(
        name="laion_gptv",
        title="LAION-GPTV",
        table=GENERAL,
        get="hub: laion/gpt4v-dataset",
        licence="unknown",
        language="en",
        task=OTHERS,
        available="hub",
        columns={"link": "URL", "caption": "text"},
        convert=_laion,
        note="Pictures are URLs. LAION has taken many of its sets off the Hub.",
    ),
    Source(
        name="lvis_instruct4v",
        title="LVIS-Instruct4V",
        table=GENERAL,
        get="hub: X2FD/LVIS-Instruct4V, lvis_instruct4v_220k.json; pictures of COCO 2017",
        licence="unknown",
        language="en",
        task="recognition/local-description/object-attribute",
        available="hub",
        columns=LLAVA,
        convert=llava,
        open=tables("lvis_instruct4v_220k.json"),
        pictures=("data",),
    ),
    Source(
        name="textocr_gpt4v",
        title="textOCR-GPT4V",
        table=GENERAL,
        get="hub: jimmycarter/textocr-gpt4v, train.jsonl; pictures of TextOCR, train_val_images.zip",
        licence="CC-BY-NC-4.0",
        language="en",
        task="recognition/ocr-and-transcription/printed-text",
        available="hub",
        columns={"filename": "path", "caption_condensed": "text"},
        convert=_textocr_gpt4v,
        open=tables("train.jsonl"),
        pictures=("train_images", "train_val_images/train_images"),
    ),
    Source(
        name="llava_gpt4v",
        title="LLaVA1.6-GPT4V",
        table=GENERAL,
        get="hub: lmms-lab/LLaVA-NeXT-Data",
        licence="Apache-2.0",
        language="en, zh, mul",
        task=OTHERS,
        available="hub",
        columns={"id": "text", "image": "picture or None", "conversations": "turns of from, value"},
        convert=llava,
        note="What LLaVA-NeXT was tuned on, published later without its users' 15K conversations; the paper may mean those alone.",
    ),
    Source(
        name="iconqa",
        title="IconQA",
        table=GENERAL,
        get="https://iconqa2021.s3.us-west-1.amazonaws.com/iconqa_data.zip, problems.json and iconqa/",
        licence="CC-BY-NC-SA-4.0",
        language="en",
        task="logical-reasoning/other/iq-questions",
        available="download",
        columns={
            "question": "text",
            "ques_type": "text: choose_img, choose_txt or fill_in_blank",
            "answer": "int or text",
            "choices": "texts, not where a blank is filled in",
            "split": "text",
            "id": "text",
        },
        convert=_iconqa,
        open=_open_iconqa,
        pictures=("iconqa",),
        note="The training part alone.",
    ),
    Source(
        name="taxonomy_sft",
        title="In-house SFT data",
        table=("2: In-house",),
        get="not published",
        licence="unknown",
        language="en, zh",
        task=OTHERS,
        available="in-house",
        replaced_by=(
            "documents",
            "exams",
            "tables",
            "charts",
            "formulas",
            "code",
            "diagrams",
            "geometry",
            "things",
            "handwriting",
            "compositions",
            "differences",
            "lines",
            "scene_text",
            "web",
        ),
        note="Built from the taxonomy of table 3, which the renderers follow.",
    ),
)
