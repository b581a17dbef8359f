"""Questions and answers come back from the tables as VLMEvalKit reads them.

python -m pytest tests/evaluation/test_plugins_vlmevalkit.py
"""

import ast
import base64
import io

import pandas
import pytest
from PIL import Image

from deepseek_vl_hf.evaluation.answering import Reply
from deepseek_vl_hf.evaluation.questions import Question, read_questions, write_questions
from deepseek_vl_hf.evaluation.results import score
from deepseek_vl_hf.evaluation.vlmevalkit import as_tsv, data_sets, kind_of, predictions, write


ALL = "recognition/global-description/food-recognition"


def question(name, pictures=(), choices=(), text="What is it?", answers=("soup",), scoring=None):
    kind = scoring or ("choice" if choices else "exact")
    return Question(name, ALL, "test", "en", tuple(pictures), text, tuple(answers), kind, tuple(choices))


ASKED = [
    question("choice", ["a.png"], ["bread", "soup", "None"]),
    question("none", ["a.png"], ["NA", "null"], answers=["null"], text='A "quoted"\ttext\nin lines'),
    question(
        "two", ["a.png", "in/b.png"], ["yes", "no"], "In <image_placeholder> and <image_placeholder>: more?", ["no"]
    ),
    question("free", ["clear.png"], text="这是什么？", answers=["None"]),
    question("grey", ["grey.png"]),
    question("text", (), ["one", "two", "three", "four"], answers=["four"]),
    question("nothing", answers=["7"]),
]


@pytest.fixture
def asked(tmp_path):
    pictures = tmp_path / "questions" / "pictures"
    (pictures / "in").mkdir(parents=True)
    Image.new("RGB", (8, 6), (200, 10, 10)).save(pictures / "a.png")
    Image.new("RGB", (5, 5), (1, 2, 3)).save(pictures / "in" / "b.png")
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(pictures / "clear.png")
    Image.new("LA", (4, 4), (90, 255)).save(pictures / "grey.png")
    write_questions(tmp_path / "questions", ASKED)
    return read_questions(tmp_path / "questions")


def read(text):
    """As VLMEvalKit reads a table, rows by their question."""
    return {row["question"]: row for _, row in pandas.read_csv(io.StringIO(text), sep="\t").iterrows()}


def as_list(cell):
    return ast.literal_eval(cell) if cell[0] == "[" and cell[-1] == "]" else [cell]


def options(row):
    return {letter: row[letter] for letter in "ABCDEFGH" if letter in row and not pandas.isna(row[letter])}


def opened(cell):
    return Image.open(io.BytesIO(base64.b64decode(cell)))


def results_of(asked, replies=None):
    said = replies or [f"answer to {each.id}" for each in asked.questions]
    return score(
        "nano",
        {},
        asked,
        [Reply(text, losses=(1.0,) * len(each.choices)) for text, each in zip(said, asked.questions, strict=True)],
    )


def test_each_kind_is_a_data_set_that_is_told_from_its_columns(asked):
    found = data_sets(asked)
    assert list(found) == ["MCQ", "VQA", "TextMCQ"]
    columns = {kind: list(pandas.read_csv(io.StringIO(text), sep="\t").columns) for kind, text in found.items()}
    assert {"index", "image", "image_path", "A", "B", "answer", "category"} <= set(columns["MCQ"])
    assert not {"A", "B"} & set(columns["VQA"])
    assert not {"image", "image_path"} & set(columns["TextMCQ"])
    assert kind_of(ASKED[-1]) is None
    assert all("nothing" not in text for text in found.values())


def test_choices_come_back_whole_and_in_order_with_the_letter_of_the_answer(asked):
    rows = read(data_sets(asked)["MCQ"])
    assert options(rows["What is it?"]) == {"A": "bread", "B": "soup", "C": "None "}
    assert rows["What is it?"]["answer"] == "B"
    quoted = rows['A "quoted"\ttext\nin lines']
    assert options(quoted) == {"A": "NA ", "B": "null "}
    assert quoted["answer"] == "B"
    text = read(data_sets(asked)["TextMCQ"])["What is it?"]
    assert (options(text)["D"], text["answer"]) == ("four", "D")


def test_one_picture_is_a_text_and_several_are_a_list_with_names_of_their_own(asked):
    rows = read(data_sets(asked)["MCQ"])
    single = rows["What is it?"]
    assert len(single["image"]) > 64  # shorter ones VLMEvalKit takes for the number of another row
    assert opened(single["image"]).size == (8, 6)
    two = rows["In <image 1> and <image 2>: more?"]
    assert [opened(cell).size for cell in as_list(two["image"])] == [(8, 6), (5, 5)]
    assert as_list(two["image_path"]) == ["a.png", "in__b.png"]


def test_pictures_can_be_written_as_jpeg_as_vlmevalkit_does(asked):
    for row in [*read(data_sets(asked)["VQA"]).values(), *read(data_sets(asked)["MCQ"]).values()]:
        for cell in as_list(row["image"]):
            picture = opened(cell)
            picture.save(io.BytesIO(), "JPEG")
    clear = opened(read(data_sets(asked)["VQA"])["这是什么？"]["image"])
    assert clear.getpixel((0, 0)) == (255, 255, 255)


def test_a_free_answer_that_pandas_would_take_for_none_stays(asked):
    assert read(data_sets(asked)["VQA"])["这是什么？"]["answer"] == "None "


def test_predictions_stand_beside_the_questions_of_the_data_set(asked):
    found, sets = predictions(results_of(asked)), data_sets(asked)
    assert list(found) == list(sets)
    for kind, text in found.items():
        rows, known = read(text), read(sets[kind])
        assert {name: row["index"] for name, row in rows.items()} == {
            name: row["index"] for name, row in known.items()
        }
        assert "image" not in pandas.read_csv(io.StringIO(text), sep="\t").columns
    assert read(found["VQA"])["这是什么？"]["prediction"] == "answer to free"


def test_an_empty_answer_is_an_answer(asked):
    found = read(predictions(results_of(asked, [""] * len(ASKED)))["MCQ"])
    assert found["What is it?"]["prediction"] == " "


def test_numbers_of_questions_do_not_depend_on_which_are_asked(asked):
    whole, part = read(data_sets(asked)["MCQ"]), read(data_sets(asked.only([2, 0]))["MCQ"])
    assert len(part) == 2
    assert all(whole[name]["index"] == row["index"] for name, row in part.items())
    assert len({row["index"] for row in whole.values()}) == len(whole)


def test_one_table_holds_every_answer(asked):
    table = pandas.read_csv(io.StringIO(as_tsv(results_of(asked))), sep="\t")
    assert list(table["prediction"]) == [f"answer to {each.id}" for each in ASKED]


def test_files_are_named_after_their_kind(asked, tmp_path):
    paths = write(data_sets(asked), tmp_path / "LMUData", "ours")
    assert [path.name for path in paths] == ["ours_MCQ.tsv", "ours_VQA.tsv", "ours_TextMCQ.tsv"]
    assert paths[0].read_text("utf-8") == data_sets(asked)["MCQ"]
