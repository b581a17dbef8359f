"""Rows come back from tar shards as they went in.

python -m pytest tests/data/test_shards.py
"""

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.data.shards import read_tars, write_tar


def picture(seed):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (9, 7, 3), dtype=np.uint8))


ROWS = [
    chat_row(("What is it?", "Ein Käfer. 甲虫"), images=[picture(0)]),
    chat_row(("What is it?", "Nothing."), images=[]),
    {"text": "One <image_placeholder> two <image_placeholder>.", "images": [picture(1), picture(2)]},
]


def test_rows_of_any_number_of_pictures_come_back_in_order(tmp_path):
    assert write_tar(ROWS, tmp_path / "1.tar") == 3
    assert write_tar(ROWS[::-1], tmp_path / "2.tar") == 3
    stream = read_tars(list(tmp_path.glob("*.tar")))
    assert stream.num_shards == 2
    found = list(stream)
    assert len(found) == 6
    for row, expected in zip(found, [*ROWS, *ROWS[::-1]], strict=True):
        assert row["text"] == expected.get("text")
        if "messages" in expected:
            assert [message["role"] for message in row["messages"]] == ["user", "assistant"]
            assert row["messages"][1]["content"][0]["text"] == expected["messages"][1]["content"][0]["text"]
        assert [np.array(image).tolist() for image in row["images"]] == [
            np.array(image).tolist() for image in expected["images"]
        ]


def test_an_encoded_picture_stays_as_it_is(tmp_path):
    data = io.BytesIO()
    picture(0).save(data, "JPEG")
    row = {"text": "<image_placeholder>", "images": [{"bytes": data.getvalue(), "path": "a.jpg"}]}
    write_tar([row], tmp_path / "1.tar")
    with tarfile.open(tmp_path / "1.tar") as tar:
        assert tar.getnames() == ["000000000.json", "000000000.0.jpg"]
        assert tar.extractfile("000000000.0.jpg").read() == data.getvalue()


def test_a_tar_of_something_else_is_refused(tmp_path):
    with tarfile.open(tmp_path / "1.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("a.0.png"))
    with pytest.raises(ValueError, match=r"1\.tar: found no messages and no text for a, expected a\.json"):
        list(read_tars([tmp_path / "1.tar"]))
    with pytest.raises(ValueError, match="found no shard"):
        read_tars([])
