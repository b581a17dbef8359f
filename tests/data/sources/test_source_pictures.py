"""Captions, charts, screens, code and pages: what is asked, and what is left out."""

import json

import pytest
from PIL import Image
from published import PLOT, RECORDS, notebook, png, rows_of, said, shown

from deepseek_vl_hf.data.sources import SOURCES


def test_a_caption_of_pretraining_stands_behind_its_picture_alone():
    (row,) = rows_of("capsfusion")
    assert said(row) == "<image>\nA boat on a lake."
    assert rows_of("capsfusion", capsfusion=None) == []


def test_both_captions_of_a_chinese_picture_are_used(tmp_path):
    (tmp_path / "captions.json").write_text(
        json.dumps({"img1": {"w": "小船", "g": ""}, "img2": {"w": "湖", "g": "水"}}), encoding="utf-8"
    )
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "img2.png").write_bytes(png())
    rows = [row for record in SOURCES["taisu"].open(tmp_path) for row in SOURCES["taisu"].rows(record, tmp_path)]
    assert [said(row) for row in rows] == ["<image>\n小船", "<image>\n湖", "<image>\n水"]
    assert rows[1]["images"][0]["path"] == str(tmp_path / "images" / "img2.png")
    assert {row["language"] for row in rows} == {"zh"}


def test_a_chart_is_summarized_and_found_in_either_folder(tmp_path):
    for base in ("", "multiColumn/"):
        for folder, end, data in (("captions", "txt", b"Sales rise."), ("imgs", "png", png())):
            (tmp_path / base / folder).mkdir(parents=True)
            (tmp_path / base / folder / f"17.{end}").write_bytes(data)
    records = list(SOURCES["chart2text"].open(tmp_path))
    assert [record["image"] for record in records] == ["imgs/17.png", "multiColumn/imgs/17.png"]
    rows = [row for record in records for row in SOURCES["chart2text"].rows(record, tmp_path)]
    assert [row["messages"][1]["content"][0]["text"] for row in rows] == ["Sales rise."] * 2
    assert all(Image.open(row["images"][0]["path"]).size == (6, 4) for row in rows)


def test_the_turns_of_an_owl_are_joined_into_one_question():
    (row,) = rows_of("ureader")
    assert said(row) == "<image>\nWhat is the total?\n12"
    assert len(row["messages"]) == 2
    (row,) = rows_of("m_paper")
    assert row["task"] == "analysis/data-chart-analysis/table-interpretation"


@pytest.mark.parametrize(
    ("query", "asks"),
    [
        ("<chartqa> What is the peak? <s_answer>", "What is the peak?"),
        ("<opencqa> Why? <s_answer>", "Why?"),
        ("<summarize_chart> <s_answer>", None),
        ("<extract_data_table> <s_answer>", None),
    ],
)
def test_the_marks_of_a_charts_question_become_words(query, asks):
    (row,) = rows_of("unichart", query=query)
    question = row["messages"][0]["content"][1]["text"]
    assert "<" not in question
    assert question == asks or (asks is None and "chart" in question.lower())


def test_an_exercise_lists_its_choices_and_tells_why():
    (row,) = rows_of("scienceqa")
    assert said(row) == (
        "<image>\nLook at the picture.\nWhich is alive?\nA. a stone\nB. a fern\nB. a fern\nWhy?\nA fern grows."
    )


def test_an_exercise_without_a_picture_is_a_row_of_language():
    (row,) = rows_of("scienceqa", image=None)
    assert (row["images"], row["task"]) == ([], "text")


@pytest.mark.parametrize("name", ["scienceqa", "iconqa"])
@pytest.mark.parametrize("split", ["val", "test"])
def test_what_the_paper_evaluates_on_is_left_out(name, split):
    assert rows_of(name, split=split) == []


def test_the_files_of_scienceqa_are_read(tmp_path):
    problem = {**RECORDS["scienceqa"], "image": "image.png", "split": "train"}
    (tmp_path / "problems.json").write_text(json.dumps({"7": problem}), encoding="utf-8")
    (record,) = SOURCES["scienceqa"].open(tmp_path)
    (row,) = SOURCES["scienceqa"].rows(record, tmp_path)
    assert row["images"][0]["path"].endswith("train/7/image.png")
    assert row["id"] == "scienceqa/7"


def test_pairs_of_questions_and_answers_are_turns():
    (row,) = rows_of("scigraphqa")
    assert said(row) == "<image>\nWhat falls?\nThe loss.\nWhy?\nIt learns."


def test_a_question_that_no_one_answered_is_left_out():
    assert rows_of("screenqa", ground_truth=[{"full_answer": "<no answer>"}]) == []
    (row,) = rows_of("screenqa")
    assert row["messages"][1]["content"][0]["text"] == "It is 9:30."


def test_a_widget_is_asked_for_by_its_place_in_the_view_hierarchy(tmp_path):
    (tmp_path / "combined").mkdir()
    tree = {"activity": {"root": {"bounds": [0, 0, 1440, 2560], "children": [{}, {"bounds": [0, 640, 720, 1280]}]}}}
    (tmp_path / "combined" / "17.json").write_text(json.dumps(tree), encoding="utf-8")
    (tmp_path / "widget_captions.csv").write_text(
        "screenId,nodeId,captions\n17,0.1,|play the song|start\n", encoding="utf-8"
    )
    (record,) = SOURCES["widget_captioning"].open(tmp_path)
    (row,) = SOURCES["widget_captioning"].rows(record, tmp_path)
    assert "[0, 250, 500, 500]" in said(row)
    assert said(row).endswith("play the song")


def test_an_object_is_found_by_what_is_said_of_it(tmp_path):
    found = {
        "images": {"1": {"image_id": 1, "file_name": "COCO_train2014_1.jpg", "width": 100, "height": 80}},
        "annotations": {"5": {"annotation_id": 5, "image_id": 1, "bbox": [10, 20, 30, 20], "refexp_ids": [9]}},
        "refexps": {"9": {"refexp_id": 9, "raw": "the red boat", "tokens": []}},
    }
    file = tmp_path / "google_refexp_train_201511_coco_aligned.json"
    file.write_text(json.dumps(found), encoding="utf-8")
    (record,) = SOURCES["refexp"].open(tmp_path)
    (row,) = SOURCES["refexp"].rows(record, tmp_path)
    assert "the red boat" in said(row)
    assert said(row).endswith("[100, 250, 400, 500]")


def test_a_page_is_asked_for_its_code():
    (row,) = rows_of("websight")
    assert row["messages"][1]["content"][0]["text"] == "<html><body>Hi</body></html>"
    assert row["task"] == "conversion/image-to-code/ui-to-code"


def test_of_a_notebook_only_cells_with_one_picture_and_five_lines_are_kept():
    cells = [
        (PLOT, shown()),
        ("\n".join(PLOT.splitlines()[:4]), shown()),
        (PLOT + "\n# two", shown(2)),
        (PLOT + "\n# none", [{"output_type": "stream", "text": ["3"]}]),
        ("a\n\n\n\n\n\nb", shown()),
        ([line + "\n" for line in PLOT.splitlines()], shown()),
    ]
    rows = rows_of("notebook_plots", content=notebook(*cells))
    assert [row["id"] for row in rows] == ["notebook_plots/abc-1", "notebook_plots/abc-6"]
    assert rows[0]["messages"][1]["content"][0]["text"] == f"```python\n{PLOT}\n```"
    assert rows[0]["images"] == [{"bytes": png(), "path": None}]
    assert rows[0]["licence"] == "MIT OR Apache-2.0"


def test_notebooks_are_read_as_files_too(tmp_path):
    (tmp_path / "a.ipynb").write_text(RECORDS["notebook_plots"]["content"], encoding="utf-8")
    (record,) = SOURCES["notebook_plots"].open(tmp_path)
    (row,) = SOURCES["notebook_plots"].rows(record)
    assert row["licence"] == "of each notebook"


@pytest.mark.parametrize("name", ["notebook_plots", "scienceqa"])
def test_tables_of_the_hub_are_read_too(name, tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([RECORDS[name]]), tmp_path / "data-0.parquet")
    for path in (tmp_path, tmp_path / "data-0.parquet"):
        (record,) = SOURCES[name].open(path)
        assert len(list(SOURCES[name].rows(record))) == 1


def test_a_choice_among_pictures_shows_them_all(tmp_path):
    changes = {"ques_type": "choose_img", "choices": ["choice_0.png", "choice_1.png"], "answer": 0}
    (row,) = rows_of("iconqa", tmp_path, **changes)
    assert [image["path"].split("iconqa/")[-1].rpartition("/")[2] for image in row["images"]] == [
        "image.png",
        "choice_0.png",
        "choice_1.png",
    ]
    assert said(row).endswith("the choices A, B.\nA")
    (row,) = rows_of("iconqa", ques_type="fill_in_blank", answer="17")
    assert said(row).endswith("17")


def test_a_conversation_of_llava_keeps_its_turns():
    (row,) = rows_of("lvis_instruct4v")
    assert said(row) == "<image>\nWhat is this?\nA boat.\nWhere?\nOn a lake."
    assert row["images"][0]["path"].endswith("coco/train2017/1.jpg")


def test_a_page_of_an_article_is_read_as_markdown():
    (row,) = rows_of("arxiv")
    assert "Markdown" in said(row)
    assert said(row).endswith("# A title\n\n\\(x^2\\)")


@pytest.mark.parametrize(
    ("name", "file", "picture", "others"),
    [
        ("geo170k", "qa_tuning.json", "images/geo3k/1.png", ["test_question.jsonl"]),
        (
            "ureader",
            "ureader_json/train_ChartQA.jsonl",
            "ureader_images/ChartQA/1.png",
            ["ureader_json/test_ChartQA.jsonl"],
        ),
        ("m_paper", "sft/3tasks_train.jsonl", "imgs/1.png", ["sft/cap_train.jsonl", "meta/cap_train.jsonl"]),
        ("screenqa", "answers_and_bboxes/train.json", "combined/17.jpg", ["answers_and_bboxes/test.json"]),
        ("paper2figure", "paper2fig_train.json", "figures/f1.png", ["paper2fig_test.json"]),
        ("arxiv", "train.jsonl", "out/2401.1/01.png", ["test.jsonl"]),
        (
            "sharegpt4v",
            "sharegpt4v_instruct_gpt4-vision_cap100k.json",
            "data/coco/train2017/1.jpg",
            ["sharegpt4v_mix665k.json"],
        ),
        ("lvis_instruct4v", "lvis_instruct4v_220k.json", "data/coco/train2017/1.jpg", ["lvis_instruct4v_mix.json"]),
        ("textocr_gpt4v", "train.jsonl", "train_images/6.jpg", ["README.json"]),
        ("detailed_caption", "a.jsonl", "images/1.png", ["b.json"]),
    ],
)
def test_only_the_training_files_of_a_set_are_read_and_its_pictures_are_found(name, file, picture, others, tmp_path):
    record = RECORDS[name] if name != "detailed_caption" else {"image": "1.png", "caption": "a boat"}
    for each in (file, *others):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record) + "\n" if each.endswith("l") else json.dumps([record])
        (tmp_path / each).write_text(text if each == file or not each.endswith("l") else text * 3, encoding="utf-8")
    if name == "geo170k":
        (tmp_path / "alignment.json").write_text(json.dumps([record]), encoding="utf-8")
    (tmp_path / picture).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / picture).write_bytes(png())
    rows = [row for each in SOURCES[name].open(tmp_path) for row in SOURCES[name].rows(each, tmp_path)]
    assert len(rows) == (2 if name == "geo170k" else 1)
    assert {row["images"][0]["path"] for row in rows} == {str(tmp_path / picture)}
    (alone,) = SOURCES[name].open(tmp_path / file)
    assert alone == record


@pytest.mark.parametrize(("name", "place"), [("unichart", "images/1.png"), ("scigraphqa", "img/1.png")])
def test_pictures_beside_the_folder_of_tables_are_found(name, place, tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    for folder in ("data", place.partition("/")[0]):
        (tmp_path / folder).mkdir()
    pq.write_table(pa.Table.from_pylist([RECORDS[name]]), tmp_path / "data" / "train-0.parquet")
    (tmp_path / place).write_bytes(png())
    (row,) = [row for each in SOURCES[name].open(tmp_path) for row in SOURCES[name].rows(each, tmp_path)]
    assert row["images"][0]["path"] == str(tmp_path / place)
