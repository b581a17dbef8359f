"""The rows that the nano's recipe writes, from a tiny atlas and without any download."""

import importlib.util
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepseek_vl_hf.data.kinds import KINDS
from deepseek_vl_hf.data.rows import validate_row
from deepseek_vl_hf.data.stickers import Stickers


pytest.importorskip("datasets", reason="the recipe writes datasets folders")
pytest.importorskip("sklearn", reason="handwriting comes with scikit-learn")
RECIPE = Path(__file__).parents[2] / "examples" / "recipes" / "nano" / "build_data.py"
TAGS = {"monkey-face": ["animal", "banana"]}


@pytest.fixture(scope="module")
def build_data():
    spec = importlib.util.spec_from_file_location("build_data", RECIPE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def stickers():
    pixels = np.zeros((3, 160, 160, 4), np.uint8)
    pixels[:, 20:140, 20:140] = (250, 60, 0, 255)
    return Stickers(pixels, np.arange(3))


@pytest.fixture
def texts(build_data, stickers, monkeypatch):
    """Rows of stages 1 and 2, with a line of prose that needs no download."""
    monkeypatch.setattr(build_data, "read_prose", lambda work: ["Call me Ishmael, some years ago."])
    return [
        *build_data.stage1_rows(np.random.default_rng(0), stickers, 10),
        *build_data.stage2_rows(np.random.default_rng(0), stickers, Path(), TAGS, pictures=10, lines=10),
    ]


def test_every_chat_is_valid_and_every_picture_opens(build_data, stickers):
    rows = list(build_data.stage3_rows(np.random.default_rng(0), stickers, TAGS, 40, text_share=0.3))
    for row in rows:
        validate_row(row)
        for image in row["images"]:
            assert Image.open(io.BytesIO(image["bytes"])).mode == "RGB"
    assert 0 < sum(not row["images"] for row in rows) < 30


def test_every_text_has_a_placeholder_per_picture(build_data, texts):
    assert {row["text"].count(build_data.IMAGE_TOKEN) - len(row["images"]) for row in texts} == {0}
    assert sum(not row["images"] for row in texts) == 10


def test_stage_1_names_what_it_shows(build_data, stickers):
    phrases = {kind.phrase for kind in KINDS}
    for row in build_data.stage1_rows(np.random.default_rng(1), stickers, 10):
        assert row["text"].removeprefix(build_data.IMAGE_TOKEN) in phrases


def test_the_same_seed_gives_the_same_rows(build_data, stickers):
    first, second = (
        list(build_data.stage3_rows(np.random.default_rng(2), stickers, TAGS, 20, text_share=0.3)) for _ in range(2)
    )
    assert first == second


def test_rows_survive_the_way_to_disk_and_back(build_data, stickers, tmp_path):
    from datasets import load_from_disk

    rows = build_data.stage3_rows(np.random.default_rng(3), stickers, TAGS, 8, 0.3)
    build_data.save(rows, build_data.CHATS, tmp_path / "stage3")
    for row in load_from_disk(tmp_path / "stage3"):
        validate_row(row)


def test_held_out_pictures_come_with_their_answers(build_data, stickers, tmp_path):
    pictures = build_data.held_out_pictures(np.random.default_rng(4), stickers, per_kind=2, digits=10)
    build_data.write_held_out(tmp_path, pictures)
    entries = json.loads((tmp_path / "answers.json").read_text())
    assert len(entries) == 16
    for entry in entries:
        assert entry["answers"][0] == KINDS[entry["kind"]].name
        assert Image.open(tmp_path / "pictures" / entry["file"]).format == "PNG"
