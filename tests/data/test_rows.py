"""The row format and what its check says."""

import copy

import pytest

from deepseek_vl_hf.data.rows import chat_row, text_part, turn, validate_row


PICTURE = object()
GOOD = chat_row(("What is this?", "It is an elephant."), ("Is it an animal?", "Yes."), images=[PICTURE])


def broken(**changes):
    return {**copy.deepcopy({"messages": GOOD["messages"]}), "images": [PICTURE], **changes}


def test_a_chat_about_a_picture_passes():
    validate_row(GOOD)


def test_a_text_only_row_has_no_images():
    validate_row(chat_row(("Hello", "Hello!"), images=[]))


def test_a_caption_row_asks_with_the_picture_alone():
    row = chat_row(("", "an elephant"), images=[PICTURE])
    validate_row(row)
    assert row["messages"][0] == {"role": "user", "content": [{"type": "image"}]}


def test_a_system_turn_may_come_first():
    validate_row({"messages": [turn("system", "Be brief."), *GOOD["messages"]], "images": [PICTURE]})


def test_an_image_part_as_arrow_reads_it_passes():
    row = broken()
    row["messages"][0]["content"][0]["text"] = None
    validate_row(row)


def test_pictures_open_the_first_question_only():
    kinds = [[part["type"] for part in message["content"]] for message in GOOD["messages"]]
    assert kinds == [["image", "text"], ["text"], ["text"], ["text"]]


@pytest.mark.parametrize(
    ("row", "fault", "remedy"),
    [
        ([], "type list", "expected a mapping"),
        ({"messages": GOOD["messages"]}, "without 'images'", "'images': \\[\\]"),
        (broken(images=[]), "1 image parts in the messages and 0 images", "drop the pictures|add"),
        (broken(images=[PICTURE] * 2), "1 image parts in the messages and 2 images", "add"),
        (broken(messages=[], images=[]), "roles \\[\\]", "at least one user"),
        (broken(messages=[turn("assistant", "Hi")], images=[]), "\\['assistant'\\]", "in turns"),
        (broken(messages=[turn("user", "Hi"), turn("user", "Hi")], images=[]), "'user', 'user'", "join"),
        (broken(messages=[turn("User", "Hi"), turn("assistant", "Hi")], images=[]), "'User'", "name the roles"),
        (broken(messages=[turn("user", "Hi")], images=[]), "\\['user'\\]", "add its answer"),
        (
            broken(messages=[{"role": "user", "content": "Hi"}, turn("assistant", "Hi")], images=[]),
            "message 0 \\(user\\): found content 'Hi'",
            'write plain text as \\[\\{"type": "text"',
        ),
        (
            broken(messages=[turn("user", {"type": "audio"}), turn("assistant", "Hi")], images=[]),
            "'audio'",
            "'text' or 'image'",
        ),
        (
            broken(messages=[turn("user", {"type": "text"}), turn("assistant", "Hi")], images=[]),
            "text part",
            "a string under 'text'",
        ),
        (
            broken(messages=[turn("user", "Draw"), turn("assistant", {"type": "image"})]),
            "message 1 \\(assistant\\): found an image part",
            "move it",
        ),
    ],
)
def test_an_error_names_the_fault_and_the_remedy(row, fault, remedy):
    with pytest.raises(ValueError, match=fault) as caught:
        validate_row(row)
    assert caught.match(remedy)


def test_plain_strings_become_text_parts():
    assert turn("user", "Hi") == {"role": "user", "content": [text_part("Hi")]}
