"""Questions come in, the tables that VLMEvalKit reads as data sets of its own go out; with answers, its tables of predictions.

    $LMUData/NAME_MCQ.tsv            choices beside pictures         index, category, l2-category, split, question, answer (a letter), A, B, ...,
    $LMUData/NAME_VQA.tsv            answered freely                 image, image_path
    $LMUData/NAME_TextMCQ.tsv        choices without pictures
    MODEL_NAME_MCQ.tsv, ...         predictions: the same without image, with prediction; read where PRED_FORMAT=tsv

VLMEvalKit tells the kind of a data set from its columns, so each kind is a table of its own; it has none for questions with
neither picture nor choice, and scores choices alone: for answers given freely it only keeps predictions.
"""

import base64
import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from PIL import Image

from ..data.picture_files import open_picture
from ..processing_deepseek_vl_hf import IMAGE_TOKEN
from .questions import Question, QuestionSet
from .results import Results


LETTERS = "ABCDEFGH"
COLUMNS = ("index", "category", "l2-category", "split", "question", "answer", *LETTERS)
PICTURES = ("image", "image_path")
PREDICTION = "prediction"
# What pandas, with which VLMEvalKit reads tables, takes for an empty cell: a choice "None" would be none.
EMPTY = {
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA"),
    *("NULL", "NaN", "None", "n/a", "nan", "null"),
}
AS_THEY_ARE = ("RGB", "L")  # modes of which VLMEvalKit can write a JPEG


def kind_of(question: Question) -> str | None:
    """Which of VLMEvalKit's kinds a question is; `None` is for those that it cannot ask."""
    if not question.pictures:
        return "TextMCQ" if question.choices else None
    return "MCQ" if question.choices else "VQA"


def data_sets(asked: QuestionSet) -> dict[str, str]:
    """The questions as data sets.

    Returns:
        Text of a table by kind, for files `NAME_KIND.tsv`; questions without picture and choice are in none.

    Raises:
        ValueError: if a picture cannot be read.
    """
    found = {}
    for kind, questions in _by_kind(asked.questions).items():
        rows = [{**_row(each), **_pictures(each, asked)} for each in questions]
        found[kind] = _table(rows, PICTURES if questions[0].pictures else ())
    return found


def predictions(results: Results) -> dict[str, str]:
    """What a checkpoint answered, as tables of predictions.

    Returns:
        Text of a table by kind, for files `MODEL_NAME_KIND.tsv` beside data sets `NAME_KIND`.
    """
    answers = {each.question.id: each.reply.text for each in results.scored}
    questions = _by_kind(each.question for each in results.scored)
    return {kind: _predicted(rows, answers) for kind, rows in questions.items()}


def as_tsv(results: Results) -> str:
    """All answers in one table of the same columns, whatever their kind; VLMEvalKit itself wants kinds apart."""
    answers = {each.question.id: each.reply.text for each in results.scored}
    return _predicted([each.question for each in results.scored], answers)


def write(tables: Mapping[str, str], folder: str | Path, name: str) -> list[Path]:
    """Write tables as `NAME_KIND.tsv` into a folder, which is made if it is not there."""
    folder = Path(folder).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}_{kind}.tsv" for kind in tables]
    for path, table in zip(paths, tables.values(), strict=True):
        path.write_bytes(table.encode())
    return paths


def _by_kind(questions: Iterable[Question]) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = {}
    for question in questions:
        if (kind := kind_of(question)) is not None:
            found.setdefault(kind, []).append(question)
    return found


def _predicted(questions: Iterable[Question], answers: Mapping[str, str]) -> str:
    rows = [
        {**_row(each), "image_path": _names(each.pictures), PREDICTION: _cell(answers[each.id])} for each in questions
    ]
    return _table(rows, ("image_path", PREDICTION))


def _row(question: Question) -> dict[str, str]:
    letters = dict(zip(LETTERS, question.choices, strict=False))
    answer = question.answers[0]
    told = next((letter for letter, choice in letters.items() if choice == answer), answer)
    digest = hashlib.sha256(question.id.encode()).hexdigest()
    return {
        "index": str(int(digest[:12], 16)),  # of the id, so that part of the questions has the numbers of all of them
        "category": question.task,
        "l2-category": question.task.split("/")[0],
        "split": question.language,
        "question": _cell(_numbered(question.question)),
        "answer": _cell(told),
        **{letter: _cell(choice) for letter, choice in letters.items()},
    }


def _numbered(text: str) -> str:
    """Places of pictures as MMMU marks them; VLMEvalKit shows the pictures first."""
    first, *others = text.split(IMAGE_TOKEN)
    return first + "".join(f"<image {number}>{part}" for number, part in enumerate(others, 1))


def _pictures(question: Question, asked: QuestionSet) -> dict[str, str]:
    """The cells `image` and `image_path`: a text for one picture, a list in Python's notation for several."""
    encoded = [_encode(asked.picture(name), name) for name in question.pictures]
    image = encoded[0] if len(encoded) == 1 else json.dumps(encoded)
    return {"image": image, "image_path": _names(question.pictures)} if encoded else {}


def _names(pictures: tuple[str, ...]) -> str:
    flat = [name.replace("/", "__") for name in pictures]  # VLMEvalKit makes files of them, and no folders
    return "" if not flat else flat[0] if len(flat) == 1 else json.dumps(flat, ensure_ascii=False)


def _encode(path: Path, name: str) -> str:
    picture = open_picture(path, name)
    data = path.read_bytes()
    if picture.mode not in AS_THEY_ARE:
        file = io.BytesIO()
        white = Image.new("RGBA", picture.size, "white")
        Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB").save(file, "PNG")
        data = file.getvalue()
    return base64.b64encode(data).decode()


def _cell(text: str) -> str:
    """A text that stays one: a space keeps pandas from taking it for an empty cell."""
    return f"{text} " if text in EMPTY else text


def _table(rows: list[dict[str, str]], more: Iterable[str]) -> str:
    columns = [name for name in COLUMNS if any(name in row for row in rows)] + list(more)
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, restval="", dialect="excel-tab", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
