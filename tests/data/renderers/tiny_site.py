"""Fonts, names and sentences to make web pages from, a page made or rendered, and an independent reading of its source."""

import html.parser
import json
import re
from pathlib import Path

import matplotlib
import pytest
from square_font import write_square_font

from deepseek_vl_hf.data.assets import Assets, Font
from deepseek_vl_hf.data.renderers.web import parts as web_parts
from deepseek_vl_hf.data.renderers.web import renderer as web
from deepseek_vl_hf.data.renderers.web.asks import CODE, read_wordings
from deepseek_vl_hf.data.renderers.web.browser import find_browser
from deepseek_vl_hf.data.renderers.web.renderer import WebPages, make_page
from deepseek_vl_hf.data.rendering import CannotRenderError, Draw


NAMES = {
    "en": {
        "month": [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        "weekday": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        "city": ["London", "Paris", "Lima", "Oslo", "Cairo", "Rome", "Tunis", "Quito"],
        "person": ["Anna", "John", "Maria", "Peter", "Lucy", "Tom", "Clara", "Henry", "Nora", "Paul"],
    },
    "zh": {
        "month": [f"{month}月" for month in range(1, 13)],
        "weekday": [f"星期{day}" for day in "一二三四五六日"],
        "city": ["伦敦", "巴黎", "利马", "奥斯陆", "开罗", "罗马", "突尼斯", "基多"],
        "person": ["王芳", "李伟", "张敏", "刘洋", "陈静", "杨帆", "赵磊", "黄丽", "周杰", "吴娟"],
    },
}
SENTENCES = {
    "en": [
        f"{one} {two} the {three} before the {four} came."
        for one in ("Nobody in town", "The old captain", "My neighbour across the road", "A small boy with a red hat")
        for two in ("looked at", "wrote about", "waited in front of")
        for three in ("harbour", "long stone bridge", "garden behind the house")
        for four in ("rain", "first heavy snow of the year", "summer guests")
    ],
    "zh": [
        f"{one}在{two}里{three}。"
        for one in ("老人", "孩子们", "一位来自远方的客人", "我的邻居和他的两个儿子")
        for two in ("花园", "山谷", "城市", "学校")
        for three in ("看见了一只小鸟", "写了很长的一封信", "等了整整一个下午也没有见到要找的朋友")
    ],
}


class TinyAssets(Assets):
    """The fonts of matplotlib, one of squares for Chinese, a few names and sentences."""

    def fonts(self, language, styles=None):
        folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        files = {"DejaVu Sans": "sans", "DejaVu Serif": "serif", "DejaVu Sans Mono": "mono"}
        fonts = [
            Font(name, folder / f"{name.replace(' ', '')}.ttf", ("en",), style, "Bitstream-Vera", name)
            for name, style in files.items()
        ]
        fonts.append(Font("Square", self.folder / "square.ttf", ("zh",), "sans", "CC0-1.0", "Square"))
        return tuple(font for font in fonts if language in font.languages and (styles is None or font.style in styles))

    def sentences(self, language, split):
        return tuple(SENTENCES[language])

    def names(self, subject, language):
        return tuple(NAMES[language][subject])


def write_font(folder):
    texts = json.dumps([web_parts.read_words(), NAMES, SENTENCES], ensure_ascii=False)
    write_square_font(folder / "square.ttf", [*re.sub(r"\s", "", texts + "©·年月日周分钟前°—")])


def web_pages(assets):
    """A renderer, or a test skipped where there is no browser."""
    pytest.importorskip("playwright", reason="pages are shown through it")
    try:
        find_browser()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    return WebPages(assets)


def made(assets, kind, index, language="en", split="train"):
    """The draw, the site and the body of a page, at the first attempt that works."""
    for attempt in range(50):
        draw = Draw(3, "web", split, index, language, attempt)
        try:
            return draw, *make_page(draw, assets, kind)
        except CannotRenderError:
            continue
    raise AssertionError(f"no page {kind} in 50 attempts")


def rendered(renderer, kind, index, language="en"):
    """What is rendered of a sort of page, and its picture before it was damaged."""
    kept, pages = [], web.PAGES
    original = web.save
    try:
        web.PAGES = {kind: pages[kind]}
        web.save = lambda draw, picture, *rest: kept.append(picture) or original(draw, picture, *rest)
        for attempt in range(50):
            try:
                return renderer.render(Draw(4, "web", "train", index, language, attempt)), kept[-1]
            except CannotRenderError:
                continue
    finally:
        web.PAGES, web.save = pages, original
    raise AssertionError(f"no page {kind} in 50 attempts")


class Source(html.parser.HTMLParser):
    """An independent reading of a source: elements with attributes and the text inside each."""

    def __init__(self, source):
        super().__init__()
        self.open, self.elements, self.faults = [], [], []
        self.feed(source)
        self.faults += self.open

    def handle_starttag(self, tag, attributes, closed=False):
        self.elements.append({"tag": tag, "attributes": dict(attributes), "text": ""})
        if tag not in ("meta", "input") and not closed:
            self.open.append((tag, self.elements[-1]))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes, closed=True)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop()[0] != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        for _, one in self.open:
            one["text"] += data

    def of(self, tag, name=None):
        found = [one for one in self.elements if one["tag"] == tag]
        return [one for one in found if name is None or name in (one["attributes"].get("class") or "").split()]


def source_of(result):
    return next(ask.answer for ask in result.asks if ask.task == CODE)


def answers(result, about, **fields):
    """Answers to the questions of one sort."""
    wordings = {text.format(**fields) for texts in read_wordings()[about].values() for text in texts}
    return {ask.answer for ask in result.asks if ask.question in wordings}
