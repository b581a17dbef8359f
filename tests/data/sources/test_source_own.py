"""Data of one's own: each common form becomes rows, and what is wrong with it is said."""

import base64
import json

import pytest
from PIL import Image
from published import RECORDS, png, rows_of, said, stored

from deepseek_vl_hf.data.reading import Fault
from deepseek_vl_hf.data.sources import SOURCES


def read(name, path, **options):
    source = SOURCES[name].using(**options)
    records = [record for record in source.open(path) if not isinstance(record, Fault)]
    return [row for record in records for row in source.rows(record, path)]


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.png").write_bytes(png())
    return tmp_path


def test_a_folder_with_a_table_of_captions_is_read(folder):
    lines = [{"file_name": "a.png", "text": "a boat"}, {"file_name": "b.png", "text": ""}]
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n{", encoding="utf-8")
    first, second, bad = SOURCES["pictures"].open(folder)
    assert isinstance(bad, Fault)
    (row,) = [row for record in (first, second) for row in SOURCES["pictures"].rows(record, folder)]
    assert said(row) == "<image>\na boat"
    assert row["images"] == [{"bytes": None, "path": str(folder / "a.png")}]
    assert row["id"] == "pictures/a.png"


@pytest.mark.parametrize("head", ["file_name,text", "image,caption", "path,answer"])
def test_a_table_of_captions_may_be_csv(folder, head):
    (folder / "captions.csv").write_text(f'\ufeff{head}\na.png,"a boat, red"\n', encoding="utf-8")
    assert [said(row) for row in read("pictures", folder)] == ["<image>\na boat, red"]


def test_a_caption_may_stand_in_a_text_beside_its_picture(folder):
    (folder / "a.txt").write_text("小船\n", encoding="utf-8")
    (row,) = read("pictures", folder, question="这是什么？")
    assert said(row) == "<image>\n这是什么？\n小船"
    assert row["language"] == "zh"


def test_a_picture_without_text_and_a_text_without_picture_are_faults(folder):
    picture = next(path for path in folder.iterdir() if path.suffix == ".png").read_bytes()
    (folder / "U.PNG").write_bytes(picture)
    (folder / "U.TXT").write_text("Upper case.")
    (folder / "alone.png").write_bytes(picture)
    (folder / "readme.txt").write_text("not a caption")
    (folder / "latin.png").write_bytes(picture)
    (folder / "latin.txt").write_bytes("caf\u00e9".encode("latin-1"))
    found = list(SOURCES["pictures"].open(folder))
    assert {"file_name": "U.PNG", "text": "Upper case."} in found
    reasons = sorted(each.reason for each in found if isinstance(each, Fault))
    assert set(reasons) == {"picture has no text", "text has no picture", "text is not UTF-8"}
    assert reasons.count("text has no picture") == 1


def test_pictures_may_lie_in_a_folder_of_their_own(folder):
    (folder / "images").mkdir()
    (folder / "images" / "c.png").write_bytes(png())
    (row,) = rows_of("pictures", folder, file_name="c.png")
    assert row["images"][0]["path"] == str(folder / "images" / "c.png")


def test_llavas_form_takes_one_picture_several_or_none():
    turns = [{"from": "human", "value": "Compare <image> and <image>."}, {"from": "gpt", "value": "Both red."}]
    (row,) = rows_of("llava", image=["a.png", "b.png"], conversations=turns)
    assert said(row) == "Compare\n<image>\nand\n<image>\n.\nBoth red."
    (row,) = rows_of(
        "llava", record={"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hi!"}]}
    )
    assert (row["images"], row["task"]) == ([], "text")
    (row,) = rows_of(
        "llava",
        record={
            "image": "a.png",
            "conversations": turns[1:]
            and [{"from": "human", "value": "What is it?"}, {"from": "gpt", "value": "A boat."}],
        },
    )
    assert said(row) == "<image>\nWhat is it?\nA boat."


def test_tags_and_pictures_must_be_as_many():
    with pytest.raises(ValueError, match=r"llava: found 1 tags <image> and 2 pictures, expected one for one"):
        rows_of("llava", image=["a.png", "b.png"])


def test_a_conversation_begins_with_a_question_and_ends_with_an_answer():
    turns = [
        {"from": "gpt", "value": "Welcome."},
        {"from": "human", "value": "One?"},
        {"from": "human", "value": "Two?"},
        {"from": "gpt", "value": "Yes."},
        {"from": "gpt", "value": ""},
        {"from": "human", "value": "Three?"},
    ]
    (row,) = rows_of("sharegpt", conversations=turns)
    assert [message["role"] for message in row["messages"]] == ["system", "user", "assistant"]
    assert said(row) == "Be brief.\nOne?\nTwo?\nYes."
    assert rows_of("sharegpt", conversations=turns[:3]) == []


def test_parts_of_turns_may_hold_pictures():
    url = "data:image/png;base64," + base64.b64encode(png()).decode()
    turns = [
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": url}},
                {"type": "text", "text": "What is it?"},
                {"type": "image", "image": "b.png"},
            ],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "A boat."}]},
    ]
    (row,) = rows_of("sharegpt", record={"messages": turns})
    assert said(row) == "<image>\nWhat is it?\n<image>\nA boat."
    assert row["images"][0] == {"bytes": png(), "path": None}
    assert row["images"][1]["path"].endswith("/b.png")


def test_code_about_pictures_is_no_picture():
    turns = [
        {"role": "user", "content": "What is <image> in SVG?"},
        {"role": "assistant", "content": "A tag: <image>"},
    ]
    (row,) = rows_of("sharegpt", record={"messages": turns})
    assert row["images"] == []
    assert "<image>" in row["messages"][0]["content"][0]["text"]


@pytest.mark.parametrize(
    ("turns", "fault"),
    [
        ([{"who": "me"}], "expected 'from' and 'value', or 'role' and 'content'"),
        ([{"from": "narrator", "value": "x"}], "found the speaker 'narrator'"),
        ([{"role": "assistant", "content": [{"type": "image"}]}], "expected a text or a user's image"),
        ([{"from": "human", "value": "x"}, {"from": "system", "value": "y"}], "in the middle of a conversation"),
        ([{"from": "human", "value": 3}], "expected a text or a list of parts"),
    ],
)
def test_a_turn_of_another_form_says_what_was_expected(turns, fault):
    with pytest.raises(ValueError, match=fault):
        rows_of("sharegpt", record={"conversations": turns})


def test_captions_of_coco_are_gathered_by_picture(folder):
    made = {
        "info": {},
        "images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}],
        "annotations": [
            {"image_id": 2, "id": 1, "caption": "a lake"},
            {"image_id": 1, "id": 2, "caption": "a boat"},
            {"image_id": 1, "id": 3, "caption": "a red boat"},
        ],
    }
    (folder / "captions_train2017.json").write_text(json.dumps(made), encoding="utf-8")
    rows = read("coco", folder, question="")
    assert [said(row) for row in rows] == ["<image>\na boat", "<image>\na red boat", "<image>\na lake"]


@pytest.mark.parametrize(
    ("columns", "record", "expected"),
    [
        (
            {"image": "p", "question": "q", "answer": "a"},
            {"p": stored(), "q": "What?", "a": "A boat."},
            "<image>\nWhat?\nA boat.",
        ),
        ({"image": "p", "text": "t"}, {"p": stored(), "t": "a boat"}, "<image>\na boat"),
        ({"images": "p", "text": "t"}, {"p": [stored()] * 2, "t": "two"}, "<image>\n<image>\ntwo"),
        ({"text": "t"}, {"t": "words"}, "words"),
        ({"question": "q", "answer": "a"}, {"q": "1+1?", "a": "2"}, "1+1?\n2"),
        (
            {"image": "p", "conversations": "c"},
            {"p": stored(), "c": [{"role": "user", "content": "What?"}, {"role": "assistant", "content": "A boat."}]},
            "<image>\nWhat?\nA boat.",
        ),
    ],
)
def test_any_table_is_read_by_the_names_of_its_columns(columns, record, expected):
    (row,) = SOURCES["hub"].using(columns=columns, licence="MIT").rows(record)
    assert said(row) == expected
    assert row["licence"] == "MIT"


@pytest.mark.parametrize("columns", [None, {}, {"image": "p"}, {"image": "p", "text": "t", "colour": "c"}])
def test_a_mapping_that_names_no_answer_is_refused(columns):
    with pytest.raises(ValueError, match=r"hub: found the mapping .*expected columns for"):
        list(SOURCES["hub"].using(columns=columns).rows({"p": stored(), "t": "x"}))


def test_a_finished_row_stays_as_it_is():
    (row,) = rows_of("rows")
    assert row == RECORDS["rows"]
    (row,) = rows_of("rows", record={"text": "words", "images": []})
    assert (row["source"], row["task"], row["language"]) == ("rows", "text", "en")


def test_a_finished_row_that_is_wrong_says_how():
    with pytest.raises(ValueError, match="rows: found 1 image parts in the messages and 0 images"):
        rows_of("rows", images=[])
    with pytest.raises(ValueError, match="exactly one of 'messages' and 'text'"):
        rows_of("rows", record={"images": []})


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../a.png",
        "b/../../a.png",
        "C:\\a.png",
        "..\\a.png",
        "file:///a.png",
        "s3://x/a.png",
        "a\0b",
        "",
    ],
)
def test_a_path_out_of_the_folder_is_refused(path, tmp_path):
    with pytest.raises(ValueError, match="pictures: found the picture"):
        rows_of("pictures", tmp_path, file_name=path)


def test_pictures_may_be_decoded_bytes_paths_or_urls():
    picture = Image.new("RGB", (2, 2))
    for value, expected in (
        (picture, picture),
        (png(), {"bytes": png(), "path": None}),
        ({"bytes": png(), "path": "x.png"}, {"bytes": png(), "path": "x.png"}),
        ("https://a.org/1.jpg", {"bytes": None, "path": "https://a.org/1.jpg"}),
        ({"bytes": None, "path": "https://a.org/1.jpg"}, {"bytes": None, "path": "https://a.org/1.jpg"}),
    ):
        (row,) = rows_of("websight", image=value)
        assert row["images"] == [expected]


def test_a_relative_path_is_joined_to_the_folder_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (row,) = rows_of("llava", "data")
    assert row["images"][0]["path"] == str(tmp_path / "data" / "a.png")
