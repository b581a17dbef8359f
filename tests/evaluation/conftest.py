"""A small folder of questions about the demo's pictures, and two checkpoints to ask: the shipped nano, and one that is worse."""

import shutil
from pathlib import Path

import pytest
import torch

from deepseek_vl_hf import nano
from deepseek_vl_hf.evaluation.questions import Question, write_questions
from deepseek_vl_hf.loading import load


PICTURES = Path(nano.FOLDER).parent / "demo" / "pictures"
THINGS, DIGITS, TEXT = (
    "recognition/global-description/others",
    "recognition/ocr-and-transcription/handwritten-text",
    "recognition/ocr-and-transcription/printed-text",
)
NAMES = ("elephant", "pineapple", "sailboat", "digit_6", "timetable")


def made_questions() -> list[Question]:
    """Questions of every length and sort, some of which the nano can answer."""

    def ask(number, task, picture, question, answers, scoring, choices=(), language="en"):
        pictures = tuple(f"{name}.png" for name in picture.split("+") if name)
        return Question(f"made/{number:02}", task, "made", language, pictures, question, answers, scoring, choices)

    return [
        ask(0, THINGS, "elephant", "What is this?", ("elephant",), "name"),
        ask(1, THINGS, "pineapple", "What is this?", ("pineapple",), "name"),
        ask(2, THINGS, "sailboat", "Is this a sailboat?", ("Yes.",), "yes_no"),
        ask(3, THINGS, "elephant", "这是什么？", ("大象", "elephant"), "name", language="zh"),
        ask(4, THINGS, "pineapple", "What is this?", ("cat",), "choice", ("elephant", "cat", "dog", "a very tall house")),
        ask(5, THINGS, "pineapple", "What is this?", ("pineapple",), "choice", ("elephant", "pineapple")),
        ask(6, DIGITS, "digit_6", "Which digit is this?", ("6",), "number"),
        ask(7, TEXT, "timetable", "Read the text in this picture, line by line, and leave out nothing.", ("x\ny",), "characters"),
        ask(8, "logical-reasoning/mathematical/algebra-and-operation", "", "What is 2 + 3?", ("5",), "number"),
        ask(9, "multi-graph/multi-graph-comparison/attribute-comparison", "elephant+pineapple", "Which is larger?", ("the first",), "exact"),
        ask(10, "safety/counterfactual-questioning", "elephant", "What is the <b>price</b>?", ("There is none.",), "unknown"),
        ask(11, "text", "", "Say hello.", ("Hello",), "exact"),
    ]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """A folder of questions, with its hashes."""
    made = tmp_path / "questions"
    (made / "pictures").mkdir(parents=True)
    for name in NAMES:
        shutil.copy(PICTURES / f"{name}.png", made / "pictures")
    write_questions(made, made_questions())
    return made


@pytest.fixture(scope="session")
def the_nano():
    """The shipped model and its processor."""
    model, processor = load("nano")
    return model.eval(), processor


@pytest.fixture(scope="session")
def worse(tmp_path_factory):
    """A folder with the nano after noise on its language model."""
    model, processor = load("nano")
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.model.language_model.layers.parameters():
            parameter += parameter.std() * torch.randn(parameter.shape, generator=generator)
    where = tmp_path_factory.mktemp("worse")
    model.save_pretrained(where)
    processor.save_pretrained(where)
    return str(where)
