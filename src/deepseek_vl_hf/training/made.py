"""Models and rows that are made on the spot, to try a recipe without any file: names that begin with `made://`.

    model_name_or_path: made://nano            a hybrid of the nano's sizes with random weights, and its processor
    dataset_name: made://shapes?rows=96        pictures of a coloured shape and what it is, and texts of as many kinds
    eval_sets: {q: made://questions?rows=24}   such pictures, and which of four letters stands for what it is

The same name makes the same model and rows. They show that everything runs and that losses fall, and nothing else.
"""

from urllib.parse import parse_qsl, urlsplit

import numpy as np
import torch
from datasets import Dataset, Features, Image, List, Value
from PIL import Image as PILImage
from PIL import ImageDraw
from transformers import AutoTokenizer

from .. import nano
from ..configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from ..data.rows import chat_row
from ..data.shards import MESSAGES
from ..image_processing_deepseek_vl_hf import DeepSeekVLHFImageProcessor
from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from ..processing_deepseek_vl_hf import DeepSeekVLHFProcessor


SCHEME = "made://"
OPTIONS = {
    "rows": 96,
    "language": 0.5,
    "seed": 0,
}  # of made://shapes; `language` is the share of rows without pictures
COLOURS = {"red": (210, 40, 40), "green": (40, 150, 60), "blue": (40, 80, 200), "yellow": (230, 200, 40)}
SHAPES = ("circle", "square", "triangle")
LETTERS = ("A", "B", "C", "D")
FEATURES = Features({"messages": MESSAGES, "images": List(Image())})

QUESTIONS = Features({**FEATURES, "choices": List(Value("string")), "answer": Value("string")})


def make_model(name: str) -> tuple[DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFProcessor]:
    """Make the random model of a name, and its processor.

    Raises:
        ValueError: if there is no such model.
    """
    if name != f"{SCHEME}nano":
        raise ValueError(f"found model {name!r}, expected {SCHEME}nano, which is all that is made on the spot")
    tokenizer = AutoTokenizer.from_pretrained(nano.FOLDER)
    config = DeepSeekVLHFConfig.from_preset("nano")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = DeepSeekVLHFForConditionalGeneration(config)
    processor = DeepSeekVLHFProcessor(
        DeepSeekVLHFImageProcessor.from_config(config), tokenizer, num_image_tokens=config.num_visual_tokens
    )
    return model, processor


def make_rows(name: str, split: str = "train") -> Dataset:
    """Make the rows of a name; every split has its own.

    Raises:
        ValueError: if there are no such rows, or an option is unknown or out of range.
    """
    parts = urlsplit(name)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    try:
        options = {**OPTIONS, **{key: type(OPTIONS[key])(value) for key, value in given.items()}}
    except (KeyError, ValueError):
        options = {}
    known = parts.netloc in ("shapes", "questions") and bool(options)
    if not known or options["rows"] < 1 or not 0 <= options["language"] <= 1:
        raise ValueError(
            f"found rows {name!r}, expected {SCHEME}shapes or {SCHEME}questions with options such as "
            f"?{'&'.join(f'{key}={value}' for key, value in OPTIONS.items())}"
        )
    rng = np.random.default_rng([options["seed"], *split.encode()])
    if parts.netloc == "questions":
        return Dataset.from_list([_make_question(rng) for _ in range(options["rows"])], features=QUESTIONS)
    num_texts = round(options["rows"] * options["language"])
    rows = [_make_text(rng) if index < num_texts else _make_picture(rng) for index in range(options["rows"])]
    return Dataset.from_list([rows[index] for index in rng.permutation(len(rows))], features=FEATURES)


def _make_question(rng: np.random.Generator) -> dict:
    row = _make_picture(rng)
    answer = row["messages"][1]["content"][0]["text"]
    others = [text for text in (f"A {colour} {shape}." for colour in COLOURS for shape in SHAPES) if text != answer]
    options = [answer, *(others[index] for index in rng.permutation(len(others))[: len(LETTERS) - 1])]
    order = rng.permutation(len(LETTERS))
    told = " ".join(f"{letter}: {options[place]}" for letter, place in zip(LETTERS, order, strict=True))
    row["messages"] = row["messages"][:1]
    row["messages"][0]["content"][-1]["text"] = f"What is in the picture? {told}"
    return {**row, "choices": list(LETTERS), "answer": LETTERS[int(np.flatnonzero(order == 0)[0])]}


def _make_picture(rng: np.random.Generator) -> dict:
    colour, shape = list(COLOURS)[rng.integers(len(COLOURS))], SHAPES[rng.integers(len(SHAPES))]
    picture = PILImage.new("RGB", (64, 64), tuple(int(value) for value in rng.integers(225, 256, 3)))
    side = int(rng.integers(24, 44))
    left, top = (int(value) for value in rng.integers(4, 60 - side, 2))
    box, draw = (left, top, left + side, top + side), ImageDraw.Draw(picture)
    if shape == "circle":
        draw.ellipse(box, COLOURS[colour])
    elif shape == "square":
        draw.rectangle(box, COLOURS[colour])
    else:
        draw.polygon([(left, top + side), (left + side, top + side), (left + side // 2, top)], COLOURS[colour])
    return chat_row(("What is in the picture?", f"A {colour} {shape}."), images=[picture])


def _make_text(rng: np.random.Generator) -> dict:
    one, two = (int(value) for value in rng.integers(0, 10, 2))
    return chat_row((f"What is {one} + {two}?", f"It is {one + two}."), images=[])
