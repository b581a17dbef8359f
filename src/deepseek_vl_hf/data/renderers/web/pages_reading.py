"""A site comes in; a page that is read goes out: an article, news, documentation, results of a search, answers, a start page."""

import numpy as np

from .controls import foot, side_bar, top_bar
from .html import Element, Mark, element
from .parts import Site


TOOLS = (
    "mapkit",
    "tinydb",
    "rowan",
    "paperjet",
    "gridlab",
    "fastnote",
    "weft",
    "lumen",
    "quill",
    "tidepool",
    "hexa",
    "brick",
)


def _date(site: Site, day: int) -> str:
    """A day between 2015 and 2026 as the language writes it."""
    year, month, of_month = 2015 + day % 12, day // 12 % 12, 1 + day // 144 % 28
    name = site.assets.names("month", site.draw.language)[month]
    return f"{year}年{month + 1}月{of_month}日" if site.is_chinese else f"{of_month} {name} {year}"


def _day(rng: np.random.Generator) -> int:
    return int(rng.integers(12 * 12 * 28))


def article(site: Site) -> Element:
    """An article of a blog: headline, author, a picture, paragraphs."""
    draw, rule = site.draw, site.sheet.rule
    made = site.content("article", lambda rng: {"day": _day(rng), "minutes": int(rng.integers(2, 30))})
    top = top_bar(site, "site")
    author = site.people(1)[0]
    rule("p", margin="0 0 12px")
    meta = element(
        "p",
        element("span", site.label("by", name=author), mark=Mark("byline", of=author)),
        " · " if draw.chance(0.5) else " | ",
        element("span", _date(site, made["day"]), mark=Mark("date")),
        class_="muted",
    )
    site.muted("p", "")
    rule(".muted", margin="0 0 12px")
    length = element("p", site.label("minutes", number=made["minutes"]), class_="muted") if draw.chance(0.4) else None
    paragraphs = [element("p", text, mark=Mark("paragraph")) for text in site.sentences(draw.whole(2, 4), 60, 190)]
    picture = site.picture(draw.pick((140, 180, 220))) if draw.chance(0.7) else None
    headline = site.heading(site.headline(), size=draw.pick((26, 30, 34)) if not site.theme.mobile else 24)
    parts = [headline, meta, length, picture] if draw.chance(0.6) else [picture, headline, meta, length]
    if picture:
        rule(".pic", margin="12px 0")
    ends = [site.button("subscribe"), site.button("share", second=True)] if draw.chance(0.5) else []
    rule("button", margin_right=8 if ends else None)
    text = element("article", *parts, *paragraphs, *ends)
    return element("body", top, site.main(text, width=draw.pick((640, 720, 800))), foot(site))


def news(site: Site) -> Element:
    """The front page of a newspaper: one large story and several small ones."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    count = draw.whole(2, 3)
    made = site.content("news", lambda rng: {"days": [_day(rng), *rng.integers(1, 60, count).tolist()]})
    top = top_bar(site, "news", 6)
    first, *others = [site.headline("reports", 70) for _ in range(count + 1)]
    site.grid(".more", 1 if theme.mobile else count)
    site.box(".story", padding=12)
    has_lead, has_small = draw.pick(((True, False), (False, False), (False, True)))
    stories, height = [], draw.pick((70, 90))
    for text, minutes in zip(others, made["days"][1:], strict=True):
        age = f"{minutes}分钟前" if site.is_chinese else f"{minutes} min ago"
        age = site.muted("p", age, Mark("age", of=text))
        picture = site.picture(height) if has_small else None
        title = site.heading(text, 3, Mark("story"))
        stories.append(element("div", picture, title, age, mark=Mark("brief"), class_="story"))
    rule("p", margin="0 0 10px")
    lead = (
        site.picture(draw.pick((150, 190))) if has_lead else None,
        site.heading(first),
        site.muted("p", _date(site, made["days"][0]), Mark("date")),
        element("p", site.sentence(60, 160), mark=Mark("paragraph")),
        site.button("read"),
    )
    rule("section", margin_bottom=20)
    main = site.main(element("section", *lead), element("div", *stories, class_="more"), width=1000)
    return element("body", top, main, foot(site))


def docs(site: Site) -> Element:
    """A page of documentation: chapters at the side, text, a command."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    commands = site.words["commands"]

    def make(rng: np.random.Generator) -> dict:
        port, version = int(rng.integers(3000, 9999)), rng.integers(0, 12, 2).tolist()
        picks = rng.choice(len(commands), 2, replace=False).tolist()
        return {"tool": int(rng.integers(len(TOOLS))), "port": port, "version": version, "commands": picks}

    made = site.content("docs", make)
    tool = site.title = TOOLS[made["tool"]]
    paragraphs = site.sentences(2, 40, 130)
    dark = draw.chance(0.5)
    rule(
        "pre", margin="0 0 14px", padding=12, font_family="monospace", background="#1e1e2e" if dark else theme.surface
    )
    rule("pre", color="#e6e9f5" if dark else theme.ink, border=None if dark else f"1px solid {theme.line}")
    parts: list[Element] = [site.heading(f"{tool} {made['version'][0]}.{made['version'][1]}")]
    for index, paragraph in zip(made["commands"], paragraphs, strict=True):
        name, command = commands[index]
        command = command.format(tool=tool, port=made["port"])
        title = site.heading(f"{tool} {name}", 2, Mark("name"))
        code = element("pre", f"$ {command}" if dark else command, mark=Mark("code", of=f"{tool} {name}"))
        parts += [title, element("p", paragraph, mark=Mark("paragraph")), code]
    rule("p", margin="0 0 10px")
    inside = site.main(*parts, width=760)
    page = side_bar(site, "docs", draw.whole(3, 6), inside)
    return element("body", page, foot(site))


def results(site: Site) -> Element:
    """What was found by a search."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    made = site.content(
        "results",
        lambda rng: {"topic": int(rng.integers(len(site.words["topics"]))), "number": int(rng.integers(12, 9000))},
    )
    query = site.say(site.words["topics"][made["topic"]])
    brand = site.brand()
    rule("form", display="flex", gap=8, margin="12px 0")
    edge = f"1px solid {theme.line}"
    rule(
        "input",
        flex="1",
        min_width="0",
        padding="9px 12px",
        font="inherit",
        border=edge,
        border_radius=theme.radius or None,
    )
    field = element("input", mark=Mark("field", of=site.label("search")), type="search", value=query)
    form = element("form", field, site.button("search"))
    count = site.muted("p", site.label("results", number=made["number"], query=query), Mark("results"))
    rule(".hit", margin_top=16)
    rule("p", margin=0)
    rule("h3", color=theme.strong)
    hits = []
    for text in site.sentences(draw.whole(2, 4), 40, 130):
        title = site.heading(site.headline(), 3, Mark("story"))
        hits.append(element("div", title, element("p", text, mark=Mark("paragraph")), mark=Mark("hit"), class_="hit"))
    body = site.main(element("b", brand, mark=Mark("brand")), form, count, *hits, width=760)
    return element("body", body, foot(site))


def faq(site: Site) -> Element:
    """Questions and their answers."""
    draw, rule = site.draw, site.sheet.rule
    count = draw.whole(2, 4)
    size = len(site.words["questions"])

    def make(rng: np.random.Generator) -> list[list[int]]:
        picks = rng.choice(size, count, replace=False).tolist()
        return [[pick, int(rng.integers(2, 9)), int(rng.integers(10, 60))] for pick in picks]

    made = site.content("faq", make)
    top = top_bar(site, "site", search=draw.chance(0.4))
    site.box(".card", padding="12px 16px", margin_bottom=12)
    rule("p", margin=0)
    cards = []
    for pick, number, more in made:
        question, answer = site.words["questions"][pick]
        text = element("p", site.say(answer, number=number, more=more), mark=Mark("reply", of=site.say(question)))
        cards.append(
            element(
                "div",
                site.heading(site.say(question), 3, Mark("question")),
                text,
                mark=Mark("question card"),
                class_="card",
            )
        )
    title = site.heading(site.say(draw.pick(site.words["titles"]["faq"])))
    return element("body", top, site.main(title, *cards, width=draw.pick((700, 820))), foot(site))


def landing(site: Site) -> Element:
    """The start page of a product: a slogan, two buttons, some features."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    count = 2 if theme.mobile else draw.whole(2, 3)
    made = site.content(
        "landing", lambda rng: {"features": rng.choice(len(site.words["features"]), count, replace=False).tolist()}
    )
    top = top_bar(site, "site")
    rule("button", margin="8px 8px 0 0")
    look = draw.pick(("plain", "gradient", "surface"))
    fill = {"plain": None, "surface": theme.surface}.get(
        look, f"linear-gradient(135deg, {theme.surface}, {theme.line})"
    )
    rule(".hero", padding="40px 24px", background=fill, text_align="center" if theme.centred else None)
    words = [site.heading(site.headline("slogans"), size=30 if theme.mobile else draw.pick((34, 38, 42)))]
    words += [
        element("p", site.sentence(40, 110), mark=Mark("paragraph")),
        site.button("start"),
        site.button("more", second=True),
    ]
    hero = element("section", *words, class_="hero")
    if not theme.mobile and draw.chance(0.4):
        rule(".hero", display="grid", grid_template_columns="3fr 2fr", gap=32, align_items="center")
        hero = element("section", element("div", *words), site.picture(draw.pick((180, 220))), class_="hero")
    site.grid(".grid", 1 if theme.mobile else count)
    site.box(".card", padding=16)
    rule("p", margin=0)
    cards = []
    for index in made["features"]:
        title, line = site.words["features"][index]
        text = element("p", site.say(line), mark=Mark("feature", of=site.say(title)))
        cards.append(
            element(
                "div", site.heading(site.say(title), 3, Mark("name")), text, mark=Mark("feature card"), class_="card"
            )
        )
    return element("body", top, hero, site.main(element("div", *cards, class_="grid"), width=1000), foot(site))
