"""Screens of apps, objects in photographs, and what is said of their parts come in; questions about them go out.

Sets of the paper's table 1, "Table and chart", and of table 2, "Web code".

Places are told as `[left, top, right, bottom]` in thousandths of the picture's width and height, as no picture is opened here.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..json_values import JsonText
from .boxes import corners
from .cells import Folder, SchemaError, asked, cell, clean, entries, maybe, text
from .files import csv_records, find, opened, tables
from .json_text import mappings
from .source import Record, Source
from .tfrecords import tf_records
from .wordings import SUMMARIZE_SCREEN, wording


PRETRAIN = "1: Table and chart"
SOFTWARE = "commonsense-reasoning/function/software"
POINTING = "recognition/local-description/pointing"
POSITION = "recognition/local-description/position"
RICO = "screens of Rico, unique_uis.tar.gz of http://www.interactionmining.org/rico.html, unpacked"
RICO_CANVAS = (1440, 2560)  # pixels of the view hierarchies, whatever the size of the picture
UNANSWERED = ("", "<no answer>")
WHERE = (
    'Where in the picture is this: "{text}"?',
    'Find "{text}" in the picture.',
    'Give the place of "{text}".',
    'Which region shows "{text}"?',
)
WHAT_FOR = (
    "What is the element at {place} for?",
    "Describe the element at {place}.",
    "What does the element at {place} do?",
    "What is at {place} on this screen?",
)


def thousandths(bounds: Sequence[float], width: float, height: float) -> str:
    """Left, top, right and bottom as they are told."""
    left, top, right, bottom = bounds
    if not (width > 0 and height > 0):
        raise SchemaError(f"found a picture of {width} x {height}, expected a size")
    numbers = (left / width, top / height, right / width, bottom / height)
    return str([round(1000 * min(max(number, 0.0), 1.0)) for number in numbers])


def _screenqa(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    question, name = text(record, "question"), str(cell(record, "image_id", int, str))
    answers = [maybe(given, "full_answer") for given in entries(record, "ground_truth")]
    answer = next((given for given in answers if given not in UNANSWERED), None)
    if question and answer:
        yield asked(question, answer, [folder.picture(f"{name}.jpg")])


def _screen2words(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    name, summary = str(cell(record, "screenId", int, str)), text(record, "summary")
    if summary:
        yield asked(wording(SUMMARIZE_SCREEN, name + summary), summary, [folder.picture(f"{name}.jpg")])


def _open_screen2words(path: Path) -> Iterator[Record]:
    for file in find(path, "screen_summaries.csv"):
        yield from csv_records(file)


def _widgets(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    screen, node = str(cell(record, "screenId", int, str)), str(cell(record, "nodeId", int, float, str))
    caption = next((each for each in map(clean, text(record, "captions").split("|")) if each), None)
    if caption:
        place = thousandths(_bounds(folder, screen, node), *RICO_CANVAS)
        question = wording(WHAT_FOR, f"{screen}/{node}").format(place=place)
        yield asked(question, caption, [folder.picture(f"{screen}.jpg")], id=f"{screen}/{node}")


def _bounds(folder: Folder, screen: str, node: str) -> tuple[float, ...]:
    """Look a node up in Rico's view hierarchy of a screen; "0.2.1" is the second child of the third child of the root."""
    file = folder.path(f"{screen}.json")
    if not file.is_file():
        raise SchemaError(f"found no view hierarchy {file}, expected the {RICO}, .jpg and .json together")
    with opened(file) as stored:
        found = JsonText(stored, str(file)).value()
    try:
        found = found["activity"]["root"]
        for index in node.split(".")[1:]:
            found = found["children"][int(index)]
        left, top, right, bottom = found["bounds"]
        return (left, top, right, bottom)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise SchemaError(f"found no node {node!r} in {file}, expected one with bounds") from error


def _open_widgets(path: Path) -> Iterator[Record]:
    for file in find(path, "widget_captions.csv"):
        yield from csv_records(file)


def _refexp(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    said, name = text(record, "raw"), text(record, "file_name")
    around = corners(cell(record, "bbox", list, tuple))
    sizes = [float(cell(record, side, int, float) or 0) for side in ("width", "height")]
    if said:
        place = thousandths(around, *sizes)
        yield asked(wording(WHERE, name + said).format(text=said), place, [folder.picture(name)])


def _open_refexp(path: Path) -> Iterator[Record]:
    """Boxes, pictures and expressions stand apart; the first two are kept in memory."""
    for file in find(path, "google_refexp_train_*coco_aligned*.json"):
        images = {str(key): image for key, image in mappings(file, "images")}
        of_refexp: dict[str, tuple[str, Any]] = {}
        for _, note in mappings(file, "annotations"):
            for refexp in cell(note, "refexp_ids", list) or []:
                of_refexp[str(refexp)] = (str(cell(note, "image_id")), note.get("bbox"))
        for key, refexp in mappings(file, "refexps"):
            image, bbox = of_refexp.get(str(key), (None, None))
            if image in images:
                yield {**images[image], "raw": refexp.get("raw"), "bbox": bbox}


def _refexp_screens(record: Record, folder: Folder) -> Iterator[dict[str, Any]]:
    said, name = (_told(record, column) for column in ("image/ref_exp/text", "image/id"))
    label = cell(record, "image/ref_exp/label", list) or [-1]
    sides = [cell(record, f"image/object/bbox/{side}", list) or [] for side in ("xmin", "ymin", "xmax", "ymax")]
    try:
        bounds = [float(side[range(len(side))[label[0]]]) for side in sides if label[0] >= 0]
    except (IndexError, TypeError, ValueError) as error:
        raise SchemaError(f"found the element {label} of {min(map(len, sides))}, expected one of them") from error
    if len(bounds) != 4:
        raise SchemaError(f"found the element {label}, expected the number of one")
    if said and name:
        place = thousandths(bounds, 1, 1)
        yield asked(wording(WHERE, name + said).format(text=said), place, [folder.picture(f"{name}.jpg")])


def _told(record: Record, column: str) -> str:
    values = cell(record, column, list) or [b""]
    return clean(values[0].decode("utf-8", "replace") if isinstance(values[0], bytes) else str(values[0]))


def _open_refexp_screens(path: Path) -> Iterator[Record]:
    for file in find(path, "train.tfrecord"):
        yield from tf_records(file)


SOURCES = (
    Source(
        name="screenqa",
        title="ScreenQA",
        table=(PRETRAIN, "2: Web code"),
        get=f"https://github.com/google-research-datasets/screen_qa, answers_and_bboxes/train.json; {RICO}",
        licence="CC-BY-4.0",
        language="en",
        task=SOFTWARE,
        available="download",
        columns={"image_id": "int or text", "question": "text", "ground_truth": "mappings: full_answer"},
        convert=_screenqa,
        open=tables("train.json"),
        pictures=("combined",),
        note="Questions that the screen does not answer are left out.",
    ),
    Source(
        name="screen2words",
        title="Screen2Words",
        table=(PRETRAIN,),
        get=f"https://github.com/google-research-datasets/screen2words, screen_summaries.csv; {RICO}",
        licence="CC-BY-4.0",
        language="en",
        task=SOFTWARE,
        available="download",
        columns={"screenId": "int or text", "summary": "text"},
        convert=_screen2words,
        open=_open_screen2words,
        pictures=("combined",),
    ),
    Source(
        name="widget_captioning",
        title="Widget Captioning",
        table=(PRETRAIN,),
        get=f"https://github.com/google-research-datasets/widget-caption, widget_captions.csv; {RICO}",
        licence="CC-BY-4.0",
        language="en",
        task=POINTING,
        available="download",
        columns={
            "screenId": "int or text",
            "nodeId": "text: path in the view hierarchy",
            "captions": "texts, | between",
        },
        convert=_widgets,
        open=_open_widgets,
        pictures=("combined",),
        note="The place of a widget is read from Rico's view hierarchy beside the picture.",
    ),
    Source(
        name="refexp",
        title="RefExp",
        table=(PRETRAIN,),
        get="https://github.com/mjhucla/Google_Refexp_toolbox, google_refexp_train_201511_coco_aligned.json; COCO train2014",
        licence="CC-BY-4.0",
        language="en",
        task=POSITION,
        available="download",
        columns={"raw": "text", "bbox": "x, y, width, height", "file_name": "path", "width": "int", "height": "int"},
        convert=_refexp,
        open=_open_refexp,
        pictures=("train2014", "coco_train2014"),
        note="What the paper cites (Mao et al., 2016). The toolbox aligns boxes with COCO. Licence not confirmed.",
    ),
    Source(
        name="refexp_screens",
        title="RefExp of UIBert",
        table=(),
        get=f"https://github.com/google-research-datasets/uibert, ref_exp/train.tfrecord; {RICO}",
        licence="CC-BY-4.0",
        language="en",
        task=POSITION,
        available="download",
        columns={
            "image/id": "text",
            "image/ref_exp/text": "text",
            "image/ref_exp/label": "int",
            "image/object/bbox/xmin": "floats from 0 to 1, and ymin, xmax, ymax",
        },
        convert=_refexp_screens,
        open=_open_refexp_screens,
        pictures=("combined",),
        note="The paper lists RefExp beside sets of screens, so that this one may be meant.",
    ),
)
