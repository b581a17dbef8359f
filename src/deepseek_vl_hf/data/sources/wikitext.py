"""A Wikipedia article's wikitext comes in, text with pictures in it goes out.

What is kept: paragraphs, headings (as `#`), lists, and photographs and drawings of the article with their captions. What goes:
templates, tables, references, categories, links to other languages and all other markup.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote


# Names of the space of files on the English and the Chinese Wikipedia.
FILE_SPACES = ("file", "image", "文件", "檔案", "档案", "图像", "圖像", "图片", "圖片")
OTHER_SPACES = (
    "category",
    "分类",
    "分類",
    "special",
    "template",
    "wikipedia",
    "wp",
    "user",
    "media",
    "help",
    "portal",
)
FILE_URL = "https://commons.wikimedia.org/wiki/Special:FilePath/"
PICTURES = (".jpg", ".jpeg", ".png", ".webp")  # others are drawings in SVG, sounds, films and books
INNERMOST = (re.compile(r"\{\{[^{}]*\}\}"), re.compile(r"\{\|(?:(?!\{\||\|\}).)*\|\}", re.DOTALL))
GONE = (
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"<ref[^>/]*/>", re.IGNORECASE),
    re.compile(r"<(ref|gallery|math|score|timeline|imagemap|table)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE),
    re.compile(r"__[A-Z]+__"),
)
# -{zh-hans:计算机; zh-hant:電腦}-: the first is for the mainland, or the only one for all.
VARIANTS = re.compile(r"-\{(?:[A-Z]\|)?(?:[^{}]*?\bzh-(?:hans|cn):)?([^{};]*)[^{}]*\}-")
LINK = re.compile(r"\[\[((?:[^\[\]]|\[\[[^\[\]]*\]\])*)\]\]")
OUTSIDE = re.compile(r"\[https?://\S+\s*([^\]]*)\]")
HEADING = re.compile(r"^(={1,6})\s*(.+?)\s*\1\s*$", re.MULTILINE)
# Options of a picture that are not its caption.
OPTION = re.compile(
    r"thumb(nail)?|frame(d|less)?|border|left|right|cent(er|re)|none|upright.*|\d*x?\d+px|(alt|link|lang|page|class)=.*|"
    r"baseline|middle|sub|super|top|bottom|缩略图|縮圖|左|右|居中|置中|无|無|有框|无框",
    re.IGNORECASE,
)
SPACES = re.compile(r"[ \t]+")
BLANK = re.compile(r"\s*\n\s*\n\s*")


def pieces(wikitext: str) -> Iterator[tuple[str, str]]:
    """Read an article.

    Args:
        wikitext: As dumps have it.

    Returns:
        ("text", words) and ("picture", URL), in the order of the article.
    """
    for pattern in GONE:
        wikitext = pattern.sub("", wikitext)
    for pattern in INNERMOST:  # from the inside out
        while (shorter := pattern.sub("", wikitext)) != wikitext:
            wikitext = shorter
    wikitext = VARIANTS.sub(lambda found: found[1].strip(), wikitext)
    end = 0
    for link in LINK.finditer(wikitext):
        space, _, rest = link[1].partition(":")
        if space.strip().lower() not in FILE_SPACES or not rest:
            continue
        yield "text", plain(wikitext[end : link.start()])
        end = link.end()
        name, *options = _split(rest)
        if name.strip().lower().endswith(PICTURES):
            yield "picture", FILE_URL + quote(name.strip().replace(" ", "_"))
            captions = [option for option in options if not OPTION.fullmatch(option.strip())]
            yield "text", plain(captions[-1]) if captions else ""
    yield "text", plain(wikitext[end:])


def plain(wikitext: str) -> str:
    """Wikitext without its markup."""
    words = LINK.sub(_shown, wikitext)
    words = OUTSIDE.sub(r"\1", words)
    words = re.sub(r"^[:;]+\s*", "", re.sub(r"^[*#]+[:;*#]*\s*", "- ", words, flags=re.MULTILINE), flags=re.MULTILINE)
    words = HEADING.sub(lambda found: f"\n\n{'#' * len(found[1])} {found[2]}\n\n", words)
    words = re.sub(r"<br\s*/?>", "\n", words, flags=re.IGNORECASE)
    words = re.sub(r"</?[a-zA-Z][^<>]*>", "", words).replace("'''", "").replace("''", "").replace("&nbsp;", " ")
    return BLANK.sub("\n\n", SPACES.sub(" ", words)).strip()


def _shown(link: re.Match) -> str:
    """What a reader sees of a link."""
    target, *shown = _split(link[1])
    space = target.partition(":")[0].strip().lower() if ":" in target else ""
    is_language = re.fullmatch(r"[a-z]{2,3}(-[a-z]+)?", space) is not None
    if space in OTHER_SPACES or space in FILE_SPACES or (is_language and not shown):
        return ""
    return (shown[-1] if shown else target.lstrip(":")).strip()


def _split(link: str) -> list[str]:
    """The parts between the bars of a link, not of links inside it."""
    parts, depth = [""], 0
    for piece in re.split(r"(\[\[|\]\]|\|)", link):
        depth += (piece == "[[") - (piece == "]]")
        if piece == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += piece
    return parts
