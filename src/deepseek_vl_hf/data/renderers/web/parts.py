"""A `Draw`, words and a look come in; the parts that websites are made of go out: menus, buttons, cards, fields, pictures.

Each part adds the styles that it needs to the sheet, and marks what a question may be about.
"""

import functools
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...assets import Assets
from ...rendering import CannotRenderError, Draw
from ...splits import Split
from .html import Element, Mark, Sheet, element
from .theme import SHAPES, TINTS, Theme


Pair = Sequence[str]  # English, Chinese


@functools.cache
def read_words() -> dict[str, Any]:
    """The vocabulary of websites; pairs are English and Chinese."""
    return json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=64)
def _sentences(assets: Assets, language: str, split: Split, least: int, most: int) -> tuple[str, ...]:
    """Whole sentences of a length, that can stand anywhere."""
    whole = re.compile(r"[A-Z].*[.!?]" if language == "en" else r"[^，。；、！？].*[。！？]")
    return tuple(
        text for text in assets.sentences(language, split) if least <= len(text) <= most and whole.fullmatch(text)
    )


class Site:
    """A page while it is being made.

    Args:
        draw: Decides.
        assets: Has sentences and names.
        theme: How it looks.
    """

    def __init__(self, draw: Draw, assets: Assets, theme: Theme):
        self.draw, self.assets, self.theme = draw, assets, theme
        self.words, self.sheet = read_words(), Sheet()
        self.is_chinese = draw.language == "zh"
        self.title = ""
        self.page_styles()

    # What is written.

    def say(self, pair: Pair, /, **fields: Any) -> str:
        """A pair in the language of the page, with its fields filled in."""
        return pair[self.is_chinese].format(**fields)

    def label(self, name: str, /, **fields: Any) -> str:
        """One of the labels that stand on all pages alike."""
        return self.say(self.words["labels"][name], **fields)

    def content(self, kind: str, make: Callable[[np.random.Generator], Any]) -> Any:
        """What is on the page: numbers and choices of words, made up as one item."""
        return self.draw.made("page", make, lambda made: f"{kind} {json.dumps(made, sort_keys=True)}")

    def brand(self) -> str:
        """A name of a site; it becomes the title of the page."""
        parts = self.words["brands"][self.draw.language]
        first, second = (len(part) for part in parts)
        made = self.draw.made(
            "brand", lambda rng: f"{parts[0][rng.integers(first)]}{parts[1][rng.integers(second)]}", str
        )
        self.title = made
        return made

    def products(self, shop: int, count: int) -> list[str]:
        """Names of different products of a shop."""
        kinds, things = (self.words["shops"][shop][part] for part in ("kinds", "things"))
        found: dict[str, str] = {}
        while len(found) < count:
            pair = self.draw.made(
                "product",
                lambda rng: (kinds[rng.integers(len(kinds))], things[rng.integers(len(things))]),
                lambda pair: f"{pair[0][0]} {pair[1][0]}",
            )
            space = "" if self.is_chinese else " "
            found[f"{pair[0][0]} {pair[1][0]}"] = space.join(part[self.is_chinese] for part in pair)
        return list(found.values())

    def headline(self, patterns: str = "patterns", longest: int = 60) -> str:
        """A headline: of a blog ("patterns"), of a newspaper ("reports") or of a product ("slogans")."""
        cities = self.assets.names("city", "en"), self.assets.names("city", self.draw.language)

        def make(rng: np.random.Generator) -> tuple[str, str]:
            pattern = self.words[patterns][rng.integers(len(self.words[patterns]))]
            city, number = int(rng.integers(len(cities[0]))), int(rng.integers(3, 60))
            picks = {
                name: self.words[name][rng.integers(len(self.words[name]))]
                for name in ("topics", "places", "qualities")
            }
            texts = []
            for side in (0, 1):
                fields = {
                    one: picks[many][side] for one, many in zip(("topic", "place", "quality"), picks, strict=True)
                }
                text = pattern[side].format(city=cities[side and self.is_chinese][city], number=number, **fields)
                texts.append(text[0].upper() + text[1:])
            return texts[0], texts[self.is_chinese]

        name = self.draw.made("headline", make, lambda made: made[0])[1]
        if len(name) > longest:
            raise CannotRenderError(f"found a headline of {len(name)} characters, expected at most {longest}")
        return name

    def sentence(self, least: int = 30, most: int = 100) -> str:
        """A sentence of running text, as an item; lengths are for English, Chinese has about a third."""
        if self.is_chinese:
            least, most = least // 4, most // 2
        self.assets.take_text(self.draw.language)
        pool = _sentences(self.assets, self.draw.language, self.draw.split, least, most)
        if not pool:
            raise CannotRenderError(f"found no sentences of {least} to {most} characters; add some to the assets")
        return self.draw.made("text", lambda rng: pool[rng.integers(len(pool))], str)

    def sentences(self, count: int, least: int = 30, most: int = 100) -> list[str]:
        """Different sentences."""
        found: dict[str, None] = {}
        for _ in range(count + 10):
            if len(found) < count:
                found[self.sentence(least, most)] = None
        return list(found)

    def people(self, count: int) -> list[str]:
        """Different people."""
        english, names = (self.assets.names("person", language) for language in ("en", self.draw.language))
        found: dict[str, None] = {}
        for _ in range(20 * count):
            if len(found) < count:
                found[names[self.draw.item("person", range(len(names)), lambda index: english[index])]] = None
        return list(found)

    # How it looks.

    def page_styles(self) -> None:
        """Styles of all pages."""
        theme, rule = self.theme, self.sheet.rule
        rule("*", box_sizing="border-box")
        rule(
            "body",
            margin=0,
            font_family="sans-serif",
            font_size=theme.size,
            line_height=self.draw.pick(("1.4", "1.5", "1.6")),
        )
        rule("body", color=theme.ink, background=theme.background)

    def box(self, selector: str, **properties: str | int | None) -> None:
        """Add a rule for a card."""
        theme, look = self.theme, {}
        if theme.card == "border":
            look = {"border": f"1px solid {theme.line}"}
        elif theme.card == "shadow":
            look = {"box_shadow": f"0 2px 8px rgba(0, 0, 0, {'0.5' if theme.dark else '0.12'})"}
        fill = {"background": theme.surface, "border_radius": theme.radius or None}
        self.sheet.rule(selector, **{**fill, **look, **properties})

    def grid(self, selector: str, columns: int, gap: int = 16) -> None:
        """Lay out what is inside in columns; a telephone has one or two."""
        self.sheet.rule(selector, display="grid", gap=gap, grid_template_columns=f"repeat({columns}, 1fr)")

    def main(self, *children: Element | str | None, width: int = 960, padding: int = 24) -> Element:
        """The middle of a page."""
        self.sheet.rule("main", max_width=width, margin="0 auto", padding=16 if self.theme.mobile else padding)
        return element("main", *children)

    def heading(
        self, text: str, level: int = 1, mark: Mark | None = None, size: int | None = None, middle: bool = True
    ) -> Element:
        """A heading; the main one may be in the middle, unless what is around it is not."""
        size = size or {1: 26, 2: 19, 3: 17}[level] + (
            0 if self.theme.mobile else self.draw.pick((0, 2, 4)) * (level == 1)
        )
        align = "center" if self.theme.centred and middle and level == 1 else None
        self.sheet.rule(f"h{level}", margin="0 0 8px", font_size=size, line_height="1.25", text_align=align)
        return element(f"h{level}", text, mark=mark or Mark("heading"))

    def muted(self, tag: str, text: str, mark: Mark | None = None) -> Element:
        """A less important line."""
        self.sheet.rule(".muted", margin=0, color=self.theme.muted, font_size=max(14, self.theme.size - 2))
        return element(tag, text, mark=mark, class_="muted")

    def button(self, group: str, second: bool = False, wide: bool = False, tag: str = "button") -> Element:
        """A button that says what it does.

        Args:
            group: Of the labels.
            second: Whether it is less important than its neighbours.
            wide: Whether it fills the line.
            tag: "button", or "a" for a link that looks like text.
        """
        found = self.draw.pick(self.words["buttons"][group])
        label, does = found[self.is_chinese], found[2 + self.is_chinese]
        theme = self.theme
        if tag == "a":
            self.sheet.rule("main a", color=theme.strong)
            return element("a", label, mark=Mark("button", does=does), href="#")
        corner = 999 if theme.button == "pill" else theme.radius
        hollow = {"background": "none", "color": theme.strong, "border": f"1px solid {theme.strong}"}
        full = {"background": theme.accent, "color": theme.on_accent, "border": f"1px solid {theme.accent}"}
        look = hollow if theme.button == "outline" else full
        self.sheet.rule("button", padding="9px 18px", font="inherit", border_radius=corner or None, **look)
        if second:
            self.sheet.rule(".alt", background="none", color=theme.ink, border_color=theme.muted)
        if wide:
            self.sheet.rule(".wide", width="100%", margin_top=12)
        names = " ".join(name for name, is_so in (("alt", second), ("wide", wide)) if is_so)
        coloured = not second and theme.button != "outline"
        return element("button", label, mark=Mark("button", does=does, active=coloured), class_=names or None)

    def picture(self, height: int, kind: str | None = None) -> Element:
        """A picture that needs no file: a gradient, or shapes."""
        draw = self.draw
        self.sheet.rule(".pic", display="block", width="100%", height=height, border_radius=self.theme.radius or None)
        one, two = draw.sample(TINTS, 2)
        kind = kind or draw.pick(("gradient", "shape", "hills"))
        if kind == "gradient":
            angle = draw.pick((45, 90, 135, 180))
            return element("div", class_="pic", style=f"background: linear-gradient({angle}deg, {one}, {two})")
        first, second, third = draw.pick(SHAPES)
        if kind == "hills":
            parts = [
                element("circle", cx=str(draw.whole(15, 75)), cy="14", r=str(draw.whole(5, 9)), fill=second),
                element(
                    "path",
                    d=f"M-200 60 L{draw.whole(10, 30)} {draw.whole(18, 28)} L{draw.whole(60, 90)} 60 H300 V90 H-200Z",
                    fill=third,
                ),
            ]
        else:
            shapes = (
                element("circle", cx="45", cy="30", r=str(draw.whole(14, 22)), fill=first),
                element("rect", x="27", y="12", width="36", height="36", rx=str(draw.pick((0, 4, 10))), fill=first),
                element("polygon", points="45,8 66,50 24,50", fill=first),
            )
            parts = [draw.pick(shapes)]
            if draw.chance(0.5):
                parts.append(element("circle", cx="58", cy="42", r="8", fill=second))
        return element("svg", *parts, class_="pic", viewbox="0 0 90 60", style=f"background: {one}")
