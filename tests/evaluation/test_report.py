"""The page of failures: python -m pytest tests/evaluation/test_report.py."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from PIL import Image

from deepseek_vl_hf.evaluation.answering import Reply
from deepseek_vl_hf.evaluation.questions import read_questions
from deepseek_vl_hf.evaluation.report import LARGEST, page
from deepseek_vl_hf.evaluation.results import score


ABOUT = {"weights": {}, "command": "", "versions": {}, "settings": {}}
EVIL = '</script><script>alert(1)</script><img src=x onerror=alert(2)> & "it\'s" <b>bold</b>'


class Read(HTMLParser):
    """Tags, texts of articles, and attributes of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.articles, self.attributes, self.stack = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag == "article":
            self.articles.append({**dict(attributes), "text": "", "pictures": []})
        if tag == "img" and self.articles:
            self.articles[-1]["pictures"].append(dict(attributes)["data-picture"])

    def handle_data(self, data):
        if self.articles:
            self.articles[-1]["text"] += data


def of(asked, *texts, model="nano"):
    replies = [
        Reply(text, losses=(1.0,) * len(each.choices)) for each, text in zip(asked.questions, texts, strict=True)
    ]
    return score(model, ABOUT, asked, replies)


@pytest.fixture
def asked(folder):
    return read_questions(folder).only([0, 1, 3, 9, 10])


def test_every_failure_stands_there_with_what_was_expected_and_no_success(asked):
    read = Read(page(of(asked, "It is an elephant.", "a cat", "这是猫。", "the first", "5 dollars")))
    assert len(read.articles) == 3
    for article, parts in zip(
        read.articles,
        (("made/01", "pineapple", "a cat"), ("made/03", "大象", "这是猫。"), ("made/10", "5 dollars")),
        strict=True,
    ):
        assert all(part in article["text"] for part in parts)
    assert read.articles[1]["data-language"] == "zh"
    assert read.articles[1]["data-task"] == "recognition/global-description/others"


def test_a_picture_is_inside_the_page_once_however_many_questions_show_it(asked):
    text = page(of(asked, "", "", "", "", ""))
    read = Read(text)
    assert [article["pictures"] for article in read.articles] == [["0"], ["1"], ["0"], ["0", "1"], ["0"]]
    pictures = json.loads(re.search(r'id="pictures">(.*?)</script>', text, re.DOTALL)[1])
    assert len(pictures) == 2
    assert all(picture.startswith("data:image/png;base64,") for picture in pictures)
    assert text.count("data:image/") == 2


def test_the_page_asks_nothing_of_a_network(asked):
    read = Read(page(of(asked, *["x"] * 5)))
    assert not {"link", "iframe", "object", "base"} & set(read.tags)
    assert not [value for _, name, value in read.attributes if name in ("src", "href", "action", "srcset")]
    assert any(name == "content" and "default-src 'none'" in value for _, name, value in read.attributes)


def test_what_is_said_is_text_and_never_markup(asked):
    evil = asked.only([0])
    evil = replace(
        evil, questions=(replace(evil.questions[0], question=EVIL, answers=("<i>other</i>",), source='"><script>'),)
    )
    plain, text = page(of(evil, "x")), page(of(evil, EVIL, model='<img src="x">'))
    assert Read(text).tags.count("script") == Read(plain).tags.count("script") == 2
    assert Read(text).tags.count("img") == 1
    assert Read(text).articles[0]["text"].count(EVIL) == 2
    assert not [name for _, name, _ in Read(text).attributes if name.startswith("on")]


def test_with_a_second_checkpoint_both_answers_stand_there(asked):
    first = of(asked, "elephant", "cat", "大象", "x", "It does not show a price.", model="one")
    second = of(asked, "dog", "pineapple", "大象", "y", "It does not show a price.", model="two")
    read = Read(page(first, second))
    assert [article["data-wrong"] for article in read.articles] == ["A", "B", "AB"]
    assert "Answer of A, score 100%elephant" in read.articles[1]["text"]
    assert "Answer of B, score 0%dog" in read.articles[1]["text"]
    assert "one and two" in page(first, second)


def test_a_large_picture_is_scaled_down(folder, asked):
    Image.effect_noise((2000, 1000), 90).save(folder / "pictures" / "elephant.png")
    text = page(of(asked.only([0]), "x"))
    assert "data:image/jpeg;base64," in text
    assert len(text) < 600_000
    assert LARGEST == 800


def test_six_hundred_failures_make_one_page(asked):
    many = asked.only([0, 1, 2] * 200)
    text = page(of(many, *["wrong"] * 600))
    assert len(Read(text).articles) == 600
    assert text.count("data:image/") == 2


def test_a_page_without_failures_says_so(asked):
    text = page(of(asked.only([0]), "elephant"))
    assert "0 of 1 questions not answered rightly" in text
    assert Read(text).articles == []
