"""Scene text: one row a picture, in reading order, without what nobody can read; and the files as they are published."""

import gzip
import json

import pytest
from published import RECORDS, png, rows_of, said

from deepseek_vl_hf.data.sources import SOURCES
from deepseek_vl_hf.data.sources.boxes import Box, in_rows, read_lines, read_words
from deepseek_vl_hf.data.sources.wordings import READ


def answer(row):
    return row["messages"][1]["content"][0]["text"]


@pytest.mark.parametrize(
    ("name", "expected", "language"),
    [
        ("art", "BOAT\n船", "zh"),
        ("mlt17", "bateau", "mul"),
        ("lsvt", "一站式购物", "zh"),
        ("ubertext", "MAIN ST", "en"),
        ("rctw17", "眼镜", "zh"),
        ("rects", "TEA", "en"),
        ("coco_text", "Old boats", "en"),
        ("textocr", "HELP", "en"),
        ("openvino_text", "Exit", "en"),
        ("hiertext", "Above all\n\nbelow", "en"),
    ],
)
def test_a_picture_is_read_out_in_one_row(name, expected, language):
    (row,) = rows_of(name)
    if name == "art":
        language = "en"  # one Chinese letter among four Latin ones
    assert answer(row) == expected
    assert row["language"] == language
    assert said(row).splitlines()[1] in READ["zh" if language == "zh" else "en"]
    assert row["task"] == "recognition/ocr-and-transcription/printed-text"


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("art", {"annotations": [{"transcription": "BOAT", "points": [[0, 0], [1, 1]], "illegibility": True}]}),
        ("lsvt", {"annotations": [{"transcription": "###", "points": [[0, 0], [1, 1]], "illegibility": False}]}),
        ("mlt17", {"lines": []}),
        ("rects", {"lines": [{"transcription": "TEA", "points": [0, 0, 1, 1], "ignore": 1}]}),
        ("textocr", {"anns": [{"utf8_string": ".", "bbox": [0, 0, 1, 1]}]}),
        ("coco_text", {"anns": [{"utf8_string": "a", "legibility": "illegible", "bbox": [0, 0, 1, 1]}]}),
        ("coco_text", {"set": "val"}),
        ("hiertext", {"paragraphs": []}),
    ],
)
def test_a_picture_in_which_nothing_can_be_read_gives_no_row(name, changes):
    assert rows_of(name, **changes) == []


def test_words_are_read_row_by_row_and_left_to_right():
    boxes = [
        Box("world", 60, 12, 100, 22),
        Box("below", 10, 40, 50, 52),
        Box("Hello", 10, 10, 50, 20),
        Box("there", 60, 43, 100, 51),
        Box("HUGE", 10, 70, 200, 140),
        Box("side", 210, 100, 230, 110),
    ]
    assert read_words(boxes) == "Hello world\nbelow there\nHUGE\nside"
    assert read_lines(boxes).splitlines() == ["Hello", "world", "below", "there", "HUGE", "side"]
    assert [[box.text for box in row] for row in in_rows(boxes[::-1])] == [
        [box.text for box in row] for row in in_rows(boxes)
    ]


def test_chinese_words_of_a_row_are_joined_without_spaces():
    assert read_words([Box("眼", 0, 0, 9, 9), Box("镜", 10, 0, 19, 9)]) == "眼镜"


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode())


def lines(*parts, separator=","):
    return "\ufeff" + "".join(separator.join(part) + "\n" for part in parts)


QUAD = ("0", "0", "9", "0", "9", "9", "0", "9")


def published(name, folder):
    """Write a set's files with one or two pictures; return what must be read of each, and where the pictures lie."""
    record = RECORDS[name]
    if name in ("art", "lsvt"):
        file = {"art": "train_labels.json", "lsvt": "train_full_labels.json"}[name]
        write(folder / file, {"gt_1": record["annotations"], "gt_2": record["annotations"]})
        place = {"art": "train_images", "lsvt": "train_full_images_1"}[name]
        write(folder / place / "gt_2.jpg", png())
        return ["BOAT\n船"] * 2 if name == "art" else ["一站式购物"] * 2, f"{place}/gt_2.jpg"
    if name == "mlt17":
        text = lines((*QUAD, "Latin", "a, b"), (*QUAD, "Latin", "###"))
        write(folder / "gt" / "gt_img_9.txt", text.encode())
        write(folder / "ch8_training_images_2" / "img_9.png", png())
        return ["a, b"], "ch8_training_images_2/img_9.png"
    if name == "rctw17":
        text = lines((*QUAD, "0", '"眼镜, 店"'), (*QUAD, "1", '"难"'))
        write(folder / "train_gts" / "image_0.txt", text.encode())
        write(folder / "train_images" / "image_0.jpg", png())
        return ["眼镜, 店"], "train_images/image_0.jpg"
    if name == "ubertext":
        text = lines((" ".join(QUAD), "MAIN ST", "StreetName"), (" ".join(QUAD), "*", "None"), separator="\t")
        write(folder / "train" / "truth_img_1.txt", text.encode())
        write(folder / "img_1.jpg", png())
        return ["MAIN ST"], "img_1.jpg"
    if name == "rects":
        write(folder / "gt" / "train_1.json", {"chars": [], "lines": record["lines"]})
        write(folder / "img" / "train_1.jpg", png())
        return ["TEA"], "img/train_1.jpg"
    if name in ("coco_text", "textocr"):
        notes = {str(number): {**note, "image_id": "5", "id": number} for number, note in enumerate(record["anns"])}
        images = {"5": {"id": "5", "file_name": record["file_name"], "set": "train", "width": 9, "height": 9}}
        file = {"coco_text": "cocotext.v2.json", "textocr": "TextOCR_0.1_train.json"}[name]
        write(folder / file, {"cats": {}, "imgs": images, "anns": notes, "imgToAnns": {"5": [0]}, "info": {}})
        place = {"coco_text": "train2014/COCO_train2014_2.jpg", "textocr": "train_images/6.jpg"}[name]
        write(folder / place, png())
        return ["Old boats" if name == "coco_text" else "HELP"], place
    if name == "openvino_text":
        notes = [{**note, "image_id": 3, "id": number} for number, note in enumerate(record["annotations"])]
        made = {"images": [{"id": 3, "file_name": "train_1/7.jpg"}], "annotations": notes, "categories": []}
        write(folder / "text_spotting_openimages_v5_train_1.json", made)
        write(folder / "train_1/7.jpg", png())
        return ["Exit"], "train_1/7.jpg"
    assert name == "hiertext"
    made = {"info": {"date": "x"}, "annotations": [record, {**record, "image_id": "9"}]}
    write(folder / "gt" / "train.jsonl.gz", gzip.compress(json.dumps(made).encode()))
    write(folder / "train" / "9.jpg", png())
    return ["Above all\n\nbelow"] * 2, "train/9.jpg"


@pytest.mark.parametrize(
    "name",
    ["art", "lsvt", "mlt17", "rctw17", "ubertext", "rects", "coco_text", "textocr", "openvino_text", "hiertext"],
)
def test_the_files_of_a_set_are_read_as_they_are_published(name, tmp_path):
    expected, place = published(name, tmp_path)
    source = SOURCES[name]
    rows = [row for record in source.open(tmp_path) for row in source.rows(record, tmp_path)]
    assert [answer(row) for row in rows] == expected
    assert str(tmp_path / place) in [row["images"][0]["path"] for row in rows]


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if source.open is not None])
def test_a_folder_without_a_sets_files_says_which_were_expected(name, tmp_path):
    with pytest.raises(ValueError, match=r"found no file .*expected the set as it is published; check the path"):
        list(SOURCES[name].open(tmp_path))
