"""A `Draw` comes in; a screenshot of a web page goes out, with its source, its text, and questions about what is on it.

Pages are made up as clean HTML and shown by a real Chromium; what is true of them is then asked of that browser. Its version
decides how controls look, so the same bytes need the same one.
"""

from collections.abc import Callable
from pathlib import Path

from ...assets import Assets, Font
from ...damage import save
from ...rendering import Ask, CannotRenderError, Draw, Rendered, Renderer
from ..typefaces import choose_font, covers, has_small_letters
from . import pages_apps as web_pages_apps
from . import pages_forms as web_pages_forms
from . import pages_reading as web_pages_reading
from . import pages_shops as web_pages_shops
from .asks import CODE, PRINTED, TASKS, Asker, read_wordings, weighed
from .browser import Browser, Seen
from .facts import check_layout, marked_parts, reading_text
from .html import Element, write_page
from .parts import Site, read_words
from .places import boxes, neighbours, places
from .theme import Theme, draw_theme


Make = Callable[[Site], Element]
# Sort of page -> what makes it, how often, and how often it is the screen of a telephone.
PAGES: dict[str, tuple[Make, float, float]] = {
    "landing": (web_pages_reading.landing, 1.4, 0.3),
    "shop": (web_pages_shops.shop, 1.8, 0.3),
    "product": (web_pages_shops.product, 1.2, 0.3),
    "cart": (web_pages_shops.cart, 1, 0.3),
    "pricing": (web_pages_shops.pricing, 1, 0.2),
    "article": (web_pages_reading.article, 1.4, 0.3),
    "news": (web_pages_reading.news, 1.2, 0.3),
    "docs": (web_pages_reading.docs, 1, 0.1),
    "results": (web_pages_reading.results, 1, 0.3),
    "faq": (web_pages_reading.faq, 0.8, 0.3),
    "login": (web_pages_forms.login, 1, 0.4),
    "signup": (web_pages_forms.signup, 1, 0.4),
    "contact": (web_pages_forms.contact, 0.8, 0.2),
    "settings": (web_pages_forms.settings, 1, 0.4),
    "todo": (web_pages_forms.todo, 0.8, 0.5),
    "dashboard": (web_pages_apps.dashboard, 1.8, 0.2),
    "mail": (web_pages_apps.mail, 1, 0.3),
    "chat": (web_pages_apps.chat, 0.8, 0.5),
    "profile": (web_pages_apps.profile, 0.8, 0.5),
    "weather": (web_pages_apps.weather, 0.8, 0.6),
}
FAMILIES = {"sans": "sans-serif", "serif": "serif", "mono": "monospace", "hand": "cursive", "display": "fantasy"}
SHORTEST_SOURCE = 400  # characters
SMALLEST = 14  # CSS pixels of the smallest text on any page
LEGIBLE = 13  # pixels of that text in the picture, at least


class WebPages(Renderer):
    """Screenshots of web pages and apps: their source, their text, and what is on them.

    Args:
        assets: Where fonts, sentences and names come from.
        longest: Pixels of the longer side of a picture.
        longest_source: Characters of the source of a page.
        longest_text: Characters of the text of a page, above which it is not read out as a whole.
        browser: Path of a Chromium; see `web_browser.find_browser`.
        patience: Seconds that the browser may take for a page.

    Raises:
        ValueError: if an option cannot be.
    """

    name = "web"
    tasks = TASKS
    licence = "CC0-1.0"
    packages = ("playwright", "fontTools")

    def __init__(
        self,
        assets: Assets,
        *,
        longest: int = 1440,
        longest_source: int = 2800,
        longest_text: int = 1500,
        browser: str | Path | None = None,
        patience: float = 30.0,
    ):
        super().__init__(assets)
        for name, value, least in (
            ("longest", longest, 640),
            ("longest_source", longest_source, 2000),
            ("longest_text", longest_text, 200),
            ("patience", patience, 1),
        ):
            if value < least:
                raise ValueError(f"found {name}={value}, expected at least {least}; raise it")
        self.longest, self.longest_source, self.longest_text = longest, longest_source, longest_text
        self.browser = Browser(None if browser is None else str(browser), patience)

    def render(self, draw: Draw) -> Rendered:
        """Make a page, show it, and ask the browser what is on it."""
        kind = draw.pick(list(PAGES), [weight for _, weight, _ in PAGES.values()])
        site, body = make_page(draw, self.assets, kind)
        fonts = choose_fonts(draw, self.assets, body)
        source = self.source_of(draw, site, body, fonts)
        theme = site.theme
        scale = draw.pick((1.5, 2.0)) if theme.mobile else draw.pick((1.0, 1.0, 1.25, 1.5))
        least = round(theme.width * (draw.between(1.4, 1.9) if theme.mobile else draw.between(0.4, 0.62)))
        seen = self.browser.show(with_fonts(source, fonts), theme.width, scale, least)
        check_layout(seen)
        reduced = min(1.0, self.longest / (scale * max(seen.width, seen.height)))
        if SMALLEST * scale * reduced < LEGIBLE or not 0.3 < seen.height / seen.width < 3:
            raise CannotRenderError(
                f"found a page of {seen.width}x{seen.height}, whose text would be too small in a picture"
            )
        image = save(draw, seen.picture, "screen", self.longest)
        return self._ask(draw, kind, theme, body, source, seen, image)

    def source_of(self, draw: Draw, site: Site, body: Element, fonts: tuple[Font, ...]) -> str:
        """The source of a page, of a length that can be an answer."""
        site.sheet.rule("body", font_family=FAMILIES.get(fonts[0].style, "sans-serif"))
        source = write_page(body, site.sheet, site.title, draw.language)
        if not SHORTEST_SOURCE <= len(source) <= self.longest_source:
            raise CannotRenderError(
                f"found a source of {len(source)} characters, expected {SHORTEST_SOURCE} to {self.longest_source}"
            )
        return source

    def _ask(
        self, draw: Draw, kind: str, theme: Theme, body: Element, source: str, seen: Seen, image: bytes
    ) -> Rendered:
        """All questions about a page; each sort has a weight of its own."""
        text, wordings = reading_text(seen), read_wordings()
        asker = Asker(draw, marked_parts(body, seen), text)
        asks = [
            *weighed((asker.put("html", CODE, source) for _ in range(2)), 2.2),
            *weighed(asker.details(), 1.4),
            *weighed(asker.states(), 0.8),
            *weighed(asker.functions(), 0.6),
            *weighed(boxes(asker), 1.0),
            *weighed(places(asker), 0.3),
            *weighed(neighbours(asker), 0.2),
            *weighed(asker.counts(), 0.4),
            *weighed(asker.comparisons(), 0.5),
            *weighed(asker.formats(), 0.6),
            *weighed(asker.colours(theme), 0.2),
            *weighed(asker.whole(read_words()["kinds"][kind], theme), 0.2),
        ]
        if len(text) <= self.longest_text:
            exact = "读出文字。" if draw.language == "zh" else "Read the text."
            asks += [Ask(PRINTED, exact, text, 0.8), Ask(PRINTED, draw.phrase(wordings["read"]), text, 0.8)]
        return Rendered([image], asks, asker.absent())

    def close(self) -> None:
        """End the browser; another page starts another one."""
        self.browser.close()


def make_page(draw: Draw, assets: Assets, kind: str) -> tuple[Site, Element]:
    """Make a page of a sort, without showing it."""
    make, _, mobile = PAGES[kind]
    site = Site(draw, assets, draw_theme(draw, draw.chance(mobile)))
    return site, make(site)


def choose_fonts(draw: Draw, assets: Assets, body: Element) -> tuple[Font, ...]:
    """A font that has every character of a page, and one for what is code, if there is any."""
    last = ("mono",) if draw.language == "en" else ("sans", "serif")
    styles = draw.pick((("sans",), ("serif",), last), (0.72, 0.23, 0.05))
    text = _characters(body)
    font = choose_font(draw, assets, text, styles)
    if font.style in ("hand", "display"):
        raise CannotRenderError(
            f"found {font.name} alone with all characters of the page, expected a font for reading"
        )
    if getattr(font, "bold", None) and not covers(font.bold, text):
        raise CannotRenderError(f"found a bold {font.name} that lacks characters of the page, expected all of them")
    if draw.language == "en" and not has_small_letters(font.path):
        raise CannotRenderError(f"found no small letters in {font.name}, expected them of a web page")
    code = "".join(child for one in body.all() if one.tag == "pre" for child in one.children)
    if not code:
        return (font,)
    able = [one for one in assets.fonts("en", ("mono",)) if covers(one.path, code)]
    return font, draw.item("font", able, key=lambda font: font.name) if able else font


def _characters(body: Element) -> str:
    """All that is written on a page."""
    texts = []
    for one in body.all():
        texts += [child for child in one.children if isinstance(child, str)]
        texts += [one.attributes[name] for name in ("placeholder", "value") if name in one.attributes]
    return "".join(texts)


def with_fonts(source: str, fonts: tuple[Font, ...]) -> str:
    """Have the browser use font files where a source only says "sans-serif", that pages look alike on every machine."""
    faces = "".join(_face(name, font) for name, font in (("face", fonts[0]), ("code", fonts[-1])))
    style = f"{faces} * {{ font-family: face !important }} pre {{ font-family: code !important }}"
    return source.replace("</head>", f"<style>{style}</style></head>", 1)


def _face(name: str, font: Font) -> str:
    """The files of a font, as CSS; a browser thickens letters itself where there is no bold file."""
    files = [(font.path, "normal"), (getattr(font, "bold", None), "bold")]
    rule = "@font-face {{ font-family: {}; font-weight: {}; src: url('{}') }} "
    return "".join(rule.format(name, weight, Path(path).resolve().as_uri()) for path, weight in files if path)
