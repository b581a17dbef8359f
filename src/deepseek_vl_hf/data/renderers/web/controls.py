"""A site comes in; what people press, tick and fill in goes out: menus, tabs, fields, boxes to tick, lists to choose from.

Each control is marked, so that the browser can be asked what state it is in.
"""

from .html import Element, Mark, element
from .parts import Site


# What visitors may have typed, by field; "{}" is a number that nobody else has.
TYPED = {
    "email": (
        "anna{}@example.com",
        "info{}@example.org",
        "wang{}@example.com",
        "office{}@example.net",
        "li{}@example.org",
    ),
    "phone": ("555-01{}", "138-0013-{}", "030-55{}", "020-79{}"),
    "user": ("anna{}", "reader{}", "panda{}", "northwind{}", "tea_{}"),
}
FILLED = ("name", "email", "phone", "city", "user")  # fields that may have something in them


def top_bar(site: Site, group: str, most: int = 5, search: bool = False) -> Element:
    """The bar on top: the name of the site and a menu, where one entry is the current page."""
    theme, rule, draw = site.theme, site.sheet.rule, site.draw
    look = {
        "surface": {"background": theme.surface, "border_bottom": f"1px solid {theme.line}"},
        "accent": {"background": theme.accent, "color": theme.on_accent},
        "ink": {"background": "#1f2430", "color": "#ffffff"},
        "plain": {},
    }[theme.bar]
    spread = draw.pick(("space-between", None))
    rule("header", display="flex", flex_wrap="wrap", gap="8px 24px", align_items="center", justify_content=spread)
    rule("header", padding="12px 16px" if theme.mobile else "14px 24px", **look)
    brand = element("b", site.brand(), mark=Mark("brand"))
    if theme.mobile and draw.chance(0.5):
        return element("header", brand)
    links = menu(site, group, draw.whole(3, 3 if theme.mobile else most), "nav")
    rule("nav", display="flex", gap=draw.pick((14, 18, 22)))
    field = None
    if search and not theme.mobile:
        rule(
            "input",
            padding="6px 10px",
            font="inherit",
            border=f"1px solid {theme.line}",
            border_radius=theme.radius or None,
        )
        hint = site.label("searchhere")
        field = element("input", mark=Mark("field", of=site.label("search")), type="search", placeholder=hint)
    return element("header", brand, links, field)


def menu(site: Site, group: str, count: int, tag: str = "nav", beside: str = "") -> Element:
    """Links to other pages, of which one is the current page.

    Args:
        site: Where.
        group: Of the words.
        count: How many.
        tag: Element around them, also in the styles.
        beside: Selector in the styles, if not the tag.
    """
    theme, rule, selector = site.theme, site.sheet.rule, beside or tag
    chosen = site.draw.whole(0, count - 1)
    rule(f"{selector} a", color="inherit", text_decoration="none", padding="4px 6px")
    filled = {"background": theme.accent, "color": theme.on_accent, "border_radius": theme.radius or None}
    looks = {
        "line": {"font_weight": "bold", "border_bottom": "2px solid"},
        "pill": filled,
        "accent": {"font_weight": "bold", "text_decoration": "underline"},
    }
    # On a bar of the accent's own colour, a pill would not be seen.
    look = "line" if theme.chosen == "pill" and theme.bar == "accent" and selector == "nav" else theme.chosen
    rule(f"{selector} .on", **looks[look])
    links = []
    for index, pair in enumerate(site.draw.sample(site.words["nav"][group], count)):
        mark = Mark("menu", active=index == chosen)
        links.append(element("a", site.say(pair), mark=mark, href="#", class_="on" if index == chosen else None))
    return element(tag, *links)


def side_bar(site: Site, group: str, count: int, inside: Element) -> Element:
    """A menu at the side of what is inside; above it on a telephone."""
    rule, theme = site.sheet.rule, site.theme
    links = menu(site, group, min(count, 3) if theme.mobile else count, "aside")
    if theme.mobile:
        rule("aside", display="flex", gap=10, padding="10px 16px", border_bottom=f"1px solid {theme.line}")
        return element("div", links, inside)
    rule(".side", display="grid", min_height="100vh", grid_template_columns=f"{site.draw.pick((150, 170, 190))}px 1fr")
    rule("aside", padding=16, background=theme.surface, border_right=f"1px solid {theme.line}")
    rule("aside a", display="block", margin_bottom=6)
    return element("div", links, inside, class_="side")


def typed(site: Site, kind: str) -> str:
    """What somebody has typed into a field, as an item."""
    if kind == "name":
        return site.people(1)[0]
    cities = site.assets.names("city", site.draw.language)
    texts = TYPED.get(kind, cities)
    return site.draw.made("typed", lambda rng: texts[rng.integers(len(texts))].format(rng.integers(10, 100)), str)


def text_field(site: Site, kind: str, filled: bool) -> Element:
    """A field with its label above it, and a hint or what somebody typed inside it."""
    theme, rule, draw = site.theme, site.sheet.rule, site.draw
    *labels, hint = site.words["fields"][kind]
    label = site.say(draw.pick(labels))
    value = typed(site, kind) if filled and kind in FILLED else ""
    tag = "textarea" if kind == "message" else "input"
    box = {
        "border": f"1px solid {theme.line}",
        "background": "#ffffff" if not theme.dark else theme.background,
        "color": theme.ink,
    }
    rule("label", display="block", margin="10px 0 4px")
    rule(f"form {tag}", width="100%", padding="9px 12px", font="inherit", border_radius=theme.radius or None, **box)
    types = {"email": "email", "password": "password", "phone": "tel"}
    mark = Mark("field", of=label)
    if tag == "textarea":
        field = element(tag, mark=mark, rows="3", placeholder=site.say(hint))
    else:
        field = element(tag, mark=mark, type=types.get(kind, "text"), placeholder=site.say(hint), value=value or None)
    return element("div", element("label", label), field)


def tick(site: Site, label: str, ticked: bool) -> Element:
    """A box to tick, with its label behind it."""
    rule = site.sheet.rule
    rule(".tick", display="flex", gap=8, align_items="center", margin="10px 0")
    rule(".tick input", width=17, height=17, margin=0, accent_color=site.theme.accent)
    box = element("input", mark=Mark("tick", of=label), type="checkbox", checked=ticked)
    return element("label", box, element("span", label), class_="tick")


def chooser(site: Site, which: int, chosen: int) -> Element:
    """A list to choose one of, shown closed, with its label."""
    label, options = site.words["choices"][which]
    theme = site.theme
    site.sheet.rule(".row", display="flex", justify_content="space-between", align_items="center", margin="10px 0")
    site.sheet.rule(
        "select",
        padding="6px 8px",
        font="inherit",
        border_radius=theme.radius or None,
        border=f"1px solid {theme.line}",
    )
    site.sheet.rule("select", background=theme.surface, color=theme.ink)
    entries = [element("option", site.say(pair), selected=index == chosen) for index, pair in enumerate(options)]
    list_ = element("select", *entries, mark=Mark("choice", of=site.say(label)))
    return element("div", element("span", site.say(label)), list_, class_="row")


def foot(site: Site) -> Element | None:
    """The line at the bottom that some sites have."""
    if not site.draw.chance(0.4):
        return None
    site.sheet.rule("footer", padding=16, text_align="center", color=site.theme.muted, font_size=14)
    year = site.draw.whole(2015, 2026)
    rights = site.label("rights")
    return element(
        "footer", f"© {year} {site.title} {rights}" if site.is_chinese else f"© {year} {site.title}. {rights}."
    )
