"""A record of every set in its published schema, made up, with tiny pictures."""

import io
import json

from PIL import Image


def png(colour=(200, 30, 30)):
    file = io.BytesIO()
    Image.new("RGB", (6, 4), colour).save(file, "PNG")
    return file.getvalue()


def stored(name=None):
    return {"bytes": png(), "path": name}


LLAVA = [
    {"from": "human", "value": "<image>\nWhat is this?"},
    {"from": "gpt", "value": "A boat."},
    {"from": "human", "value": "Where?"},
    {"from": "gpt", "value": "On a lake."},
]
OWL = [
    {"from": "user", "value": "<image>"},
    {"from": "user", "value": "What is the total?"},
    {"from": "assistant", "value": "12"},
]
PLOT = "import matplotlib.pyplot as plt\nx = [1, 2]\ny = [3, 4]\nplt.plot(x, y)\nplt.title('t')\nplt.show()"


def notebook(*cells):
    made = [{"cell_type": "code", "source": source, "outputs": outputs} for source, outputs in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": ["# A plot"]}, *made]})


def shown(count=1):
    import base64

    data = base64.encodebytes(png()).decode()
    return [{"output_type": "display_data", "data": {"image/png": data, "text/plain": ["<Figure>"]}}] * count


QUAD = [[10, 10], [50, 10], [50, 20], [10, 20]]
LOWER = [[10, 40], [50, 40], [50, 50], [10, 50]]

RECORDS = {
    "mmc4": {
        "url": "https://a.org/page",
        "text_list": ["A boat.", "It sails on a lake."],
        "image_info": [
            {"image_name": "b.png", "raw_url": "https://a.org/b.png", "matched_text_index": 1, "matched_sim": 0.3},
        ],
        "similarity_matrix": [[0.1, 0.3]],
    },
    "wikihow": {
        "file_id": "100",
        "goal": "How to Fold a Boat",
        "goal_description": "A paper boat floats.",
        "category_hierarchy": ["Hobbies"],
        "methods": [
            {
                "name": "Folding",
                "steps": [
                    {
                        "headline": "Fold the sheet.",
                        "description": "Fold it in half.",
                        "img": "https://w.org/1.jpg",
                        "step_id": "100_0_0",
                    },
                    {"headline": "Open it", "description": "Pull the ends.", "img": None, "step_id": "100_0_1"},
                ],
            }
        ],
    },
    "obelics": {"images": [None, "https://a.org/1.jpg"], "texts": ["A boat.", None], "metadata": "[]"},
    "wikiweb2m": {
        "page_title": [b"Boat"],
        "page_url": [b"https://en.wikipedia.org/wiki/Boat"],
        "section_title": [[b"Boat"], [b"History"]],
        "section_text": [[b"A boat floats."], [b"Boats are old."]],
        "section_depth": [[1], [1]],
        "section_image_url": [[], [b"https://w.org/old.jpg"]],
        "section_image_clean_ref_desc": [[], [b"An old boat"]],
    },
    "wikipedia": {
        "title": "Boat",
        "language": "en",
        "text": "{{Infobox|a={{b}}}}'''Boats''' [[Buoyancy|float]].<ref>x</ref>\n\n"
        "[[File:Old boat.jpg|thumb|200px|An [[old]] boat]]\n\n== History ==\nThey are old.\n[[Category:Boats]]",
    },
    "capsfusion": {"image_url": "https://a.org/1.jpg", "capsfusion": "A boat on a lake."},
    "taisu": {"id": "img1baidu17", "w": "湖上的小船", "g": "一条船在水面上"},
    "detailed_caption": {"image": stored(), "caption": "A red boat on a calm lake."},
    "chart2text": {"image": "imgs/17.png", "caption": "Sales rise."},
    "geo170k": {"image": "geo3k/1.png", "conversations": LLAVA},
    "ureader": {"image": ["ChartQA/1.png"], "conversations": OWL, "task_type": "qa_sft"},
    "unichart": {"imgname": "1.png", "query": "<chartqa> What is the peak? <s_answer>", "label": "12"},
    "m_paper": {"image": ["./imgs/1.png"], "conversations": OWL, "task_type": "table_cap"},
    "scienceqa": {
        "image": stored(),
        "question": "Which is alive?",
        "choices": ["a stone", "a fern"],
        "answer": 1,
        "hint": "Look at the picture.",
        "solution": "A fern grows.",
    },
    "scigraphqa": {
        "image_file": "1.png",
        "id": "a1",
        "q_a_pairs": [["What falls?", "The loss."], ["Why?", "It learns."]],
    },
    "paper2figure": {"figure_id": "f1", "captions": ["Overview of the model.", "Fig. 1 shows it."], "aspect": 1.5},
    "screenqa": {
        "image_id": 17,
        "question": "What time is it?",
        "ground_truth": [{"full_answer": "", "ui_elements": []}, {"full_answer": "It is 9:30.", "ui_elements": []}],
    },
    "screen2words": {"screenId": "17", "summary": "page of a music player"},
    "widget_captioning": {"screenId": "17", "nodeId": "0.1", "captions": "|play the song|start"},
    "refexp": {
        "raw": "the red boat",
        "bbox": [10, 20, 30, 20],
        "file_name": "COCO_train2014_1.jpg",
        "width": 100,
        "height": 80,
    },
    "refexp_screens": {
        "image/id": [b"17"],
        "image/ref_exp/text": [b"red button"],
        "image/ref_exp/label": [1],
        "image/object/bbox/xmin": [0.0, 0.5],
        "image/object/bbox/ymin": [0.0, 0.25],
        "image/object/bbox/xmax": [1.0, 0.75],
        "image/object/bbox/ymax": [1.0, 0.5],
    },
    "websight": {"image": stored(), "text": "<html><body>Hi</body></html>", "llm_generated_idea": "a page"},
    "notebook_plots": {
        "content": notebook((PLOT, shown())),
        "max_stars_repo_licenses": ["MIT", "Apache-2.0"],
        "hexsha": "abc",
    },
    "screen_to_code": {"image": "1.png", "text": "<html></html>"},
    "art": {
        "image": "gt_1",
        "annotations": [
            {"transcription": "船", "points": LOWER, "language": "Chinese", "illegibility": False},
            {"transcription": "BOAT", "points": QUAD, "language": "Latin", "illegibility": False},
            {"transcription": "###", "points": QUAD, "language": "Latin", "illegibility": True},
        ],
    },
    "mlt17": {
        "file": "gt_img_17",
        "lines": [
            {"points": [str(n) for p in QUAD for n in p], "script": "Latin", "text": "bateau"},
            {"points": [str(n) for p in LOWER for n in p], "script": "None", "text": "###"},
        ],
    },
    "lsvt": {
        "image": "gt_2",
        "annotations": [{"transcription": "一站式购物", "points": QUAD, "illegibility": False}],
    },
    "ubertext": {
        "file": "truth_img_3",
        "lines": [
            {"points": ["10", "10", "50", "10", "50", "20", "10", "20"], "text": "MAIN ST", "class": "StreetName"}
        ],
    },
    "rctw17": {
        "file": "image_4",
        "lines": [
            {"points": ["0", "0", "9", "0", "9", "9", "0", "9"], "difficult": "0", "text": "眼镜"},
            {"points": ["0", "20", "9", "20", "9", "29", "0", "29"], "difficult": "1", "text": "难"},
        ],
    },
    "rects": {
        "image": "train_5",
        "lines": [
            {"transcription": "TEA", "points": [0, 0, 9, 0, 9, 9, 0, 9], "ignore": 0},
            {"transcription": "###", "points": [0, 20, 9, 20, 9, 29, 0, 29], "ignore": 1},
        ],
        "chars": [],
    },
    "coco_text": {
        "file_name": "COCO_train2014_2.jpg",
        "set": "train",
        "anns": [
            {"utf8_string": "boats", "legibility": "legible", "bbox": [40, 11, 20, 10]},
            {"utf8_string": "Old", "legibility": "legible", "bbox": [10, 10, 20, 10]},
            {"utf8_string": "", "legibility": "illegible", "bbox": [10, 60, 20, 10]},
        ],
    },
    "textocr": {
        "file_name": "train/6.jpg",
        "set": "train",
        "anns": [{"utf8_string": "HELP", "bbox": [0, 0, 9, 9]}, {"utf8_string": ".", "bbox": [20, 0, 9, 9]}],
    },
    "openvino_text": {
        "file_name": "train_1/7.jpg",
        "annotations": [
            {"bbox": [0, 0, 9, 9], "attributes": {"transcription": "Exit", "legible": True, "language": "english"}},
            {"bbox": [20, 0, 9, 9], "attributes": {"transcription": "", "legible": False, "language": "other"}},
        ],
    },
    "hiertext": {
        "image_id": "8",
        "image_width": 100,
        "image_height": 100,
        "paragraphs": [
            {
                "vertices": LOWER,
                "lines": [{"vertices": LOWER, "words": [{"text": "below", "legible": True, "vertices": LOWER}]}],
            },
            {
                "vertices": QUAD,
                "lines": [
                    {
                        "vertices": QUAD,
                        "words": [
                            {"text": "Above", "legible": True, "vertices": QUAD},
                            {"text": "", "legible": False, "vertices": QUAD},
                            {"text": "all", "legible": True, "vertices": QUAD},
                        ],
                    }
                ],
            },
        ],
    },
    "arxiv": {"image": "out/2401.1/01.png", "markdown": "# A title\n\n\\(x^2\\)", "meta": []},
    "fineweb_edu": {"text": "Boats float.", "id": "<urn:1>"},
    "skypile": {"text": "小船浮在水上。"},
    "chinese_fineweb_edu": {"text": "小船浮在水上。", "score": 4.1},
    "open_web_math": {"text": "$x^2$ grows.", "url": "https://m.org", "date": "2023"},
    "github_code": {"content": "print(1)", "id": 17},
    "tulu3": {
        "id": "t1",
        "messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello!"}],
        "source": "x",
    },
    "smoltalk": {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello!"}]},
    "infinity_instruct": {"conversations": [{"from": "human", "value": "你好"}, {"from": "gpt", "value": "你好！"}]},
    "coig_cqia": {"instruction": "写一句话", "input": "", "output": "小船浮在水上。"},
    "belle": {"instruction": "翻译：", "input": "boat", "output": "船"},
    "sharegpt4v": {"id": "1", "image": "coco/train2017/1.jpg", "conversations": LLAVA},
    "laion_gptv": {"link": "https://a.org/1.jpg", "caption": "A boat."},
    "lvis_instruct4v": {"id": "1", "image": "coco/train2017/1.jpg", "conversations": LLAVA},
    "textocr_gpt4v": {"filename": "6.jpg", "caption": "DESCRIPTION ...", "caption_condensed": "A sign says HELP."},
    "llava_gpt4v": {"id": "1", "image": stored(), "conversations": LLAVA},
    "iconqa": {
        "id": "9",
        "question": "How many boats are there?",
        "ques_type": "choose_txt",
        "choices": ["2", "3"],
        "answer": 1,
        "split": "train",
    },
    "pictures": {"file_name": "a.png", "text": "a boat"},
    "llava": {"id": "1", "image": ["a.png"], "conversations": LLAVA},
    "sharegpt": {
        "system": "Be brief.",
        "conversations": [{"from": "human", "value": "Hello"}, {"from": "gpt", "value": "Hello!"}],
    },
    "coco": {"id": 1, "file_name": "1.jpg", "captions": ["a boat", "a red boat"]},
    "hub": {"picture": stored(), "q": "What is it?", "a": "A boat."},
    "rows": {
        "messages": [
            {"role": "user", "content": [{"type": "image"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "a boat"}]},
        ],
        "images": [stored()],
        "source": "things",
        "task": "recognition/global-description/others",
        "licence": "CC0-1.0",
        "language": "en",
        "id": "things/train/1",
        "items": ["drawing:boat"],
    },
}
OPTIONS = {"hub": {"columns": {"image": "picture", "question": "q", "answer": "a"}}}


def rows_of(name, folder=".", record=None, **changes):
    from deepseek_vl_hf.data.sources import SOURCES

    source = SOURCES[name].using(**OPTIONS.get(name, {}))
    return list(source.rows({**(RECORDS[name] if record is None else record), **changes}, folder))


def said(row):
    """Everything in a row, as one text."""
    if row.get("text") is not None:
        return row["text"]
    parts = [part for message in row["messages"] for part in message["content"]]
    return "\n".join("<image>" if part["type"] == "image" else part["text"] for part in parts)
