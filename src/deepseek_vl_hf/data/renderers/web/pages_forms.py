"""A site comes in; a page that is filled in goes out: signing in, signing up, writing to somebody, settings, tasks."""

import numpy as np

from .controls import chooser, side_bar, text_field, tick, top_bar
from .html import Element, Mark, element
from .parts import Site


def _chances(rng: np.random.Generator, count: int) -> list[int]:
    return rng.integers(0, 2, count).tolist()


def _middle(site: Site, *parts: Element | None) -> Element:
    """A card in the middle of the page, its form inside."""
    draw, theme = site.draw, site.theme
    width = theme.width - 48 if theme.mobile else draw.pick((340, 380, 420))
    site.box("form", width=width, margin=f"{draw.pick((24, 40, 56))}px auto", padding=24)
    return element("form", *parts)


def login(site: Site) -> Element:
    """A form to sign in with."""
    draw = site.draw
    made = site.content(
        "login",
        lambda rng: {"fill": _chances(rng, 2), "tick": _chances(rng, 1), "words": rng.integers(0, 30, 2).tolist()},
    )
    titles, ticks = site.words["titles"]["login"], site.words["ticks"]["login"]
    top = top_bar(site, "site") if draw.chance(0.4) else None
    name = None if top else element("b", site.brand(), mark=Mark("brand"))
    site.sheet.rule("main a", display="block", margin_top=12)
    form = _middle(
        site,
        name,
        site.heading(site.say(titles[made["words"][0] % len(titles)]), size=24, middle=False),
        text_field(site, draw.pick(("email", "user")), bool(made["fill"][0])),
        text_field(site, "password", False),
        tick(site, site.say(ticks[made["words"][1] % len(ticks)]), bool(made["tick"][0])),
        site.button("login", wide=True),
        site.button("forgot", tag="a"),
        site.button(draw.pick(("signup", "guest")), second=True, wide=True) if draw.chance(0.6) else None,
    )
    return element("body", top, element("main", form))


def signup(site: Site) -> Element:
    """A form to make an account with."""
    draw = site.draw
    count = draw.whole(2, 3)
    made = site.content(
        "signup", lambda rng: {"fill": _chances(rng, 4), "ticks": _chances(rng, count), "word": int(rng.integers(30))}
    )
    titles, ticks = site.words["titles"]["signup"], site.words["ticks"]["signup"]
    top = top_bar(site, "site") if draw.chance(0.5) else None
    name = None if top else element("b", site.brand(), mark=Mark("brand"))
    kinds = [*draw.sample(("name", "email", "phone", "city", "company"), draw.whole(2, 3)), "password"]
    fields = [text_field(site, kind, bool(fill)) for kind, fill in zip(kinds, made["fill"], strict=False)]
    boxes = [
        tick(site, site.say(pair), bool(on)) for pair, on in zip(draw.sample(ticks, count), made["ticks"], strict=True)
    ]
    title = site.heading(site.say(titles[made["word"] % len(titles)]), size=24, middle=False)
    back = site.button("cancel", second=True) if draw.chance(0.5) else None
    site.sheet.rule("button", margin_right=8)
    form = _middle(site, name, title, *fields, *boxes, site.button("signup", wide=not back), back)
    return element("body", top, element("main", form))


def contact(site: Site) -> Element:
    """A form to write to a company with, beside a few words."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    made = site.content(
        "contact",
        lambda rng: {"fill": _chances(rng, 2), "word": int(rng.integers(30)), "number": int(rng.integers(100, 1000))},
    )
    titles = site.words["titles"]["contact"]
    top = top_bar(site, "site")
    kinds = draw.sample(("name", "email", "phone", "company"), 2)
    fields = [text_field(site, kind, bool(fill)) for kind, fill in zip(kinds, made["fill"], strict=True)]
    rule("button", margin="12px 8px 0 0")
    site.box("form", padding=20)
    form = element(
        "form", *fields, text_field(site, "message", False), site.button("send"), site.button("clear", second=True)
    )
    lines = [
        site.heading(site.say(titles[made["word"] % len(titles)]), middle=False),
        element("p", site.sentence(40, 130), mark=Mark("paragraph")),
    ]
    if draw.chance(0.6):
        phone, mail = f"555-0{made['number']}", f"hello{made['number']}@example.com"
        lines.append(element("p", draw.pick((phone, mail)), mark=Mark("contact")))
    rule(".two", display="grid", gap=28, grid_template_columns="1fr" if theme.mobile else "1fr 1fr")
    return element("body", top, site.main(element("div", element("div", *lines), form, class_="two")))


def settings(site: Site) -> Element:
    """Boxes to tick and lists to choose from."""
    draw = site.draw
    count, lists = draw.whole(3, 6), draw.whole(0, 2)
    ticks, choices = site.words["ticks"]["settings"], site.words["choices"]

    def make(rng: np.random.Generator) -> dict:
        picks = rng.choice(len(ticks), count, replace=False).tolist()
        which = rng.choice(len(choices), lists, replace=False).tolist()
        return {
            "ticks": picks,
            "on": _chances(rng, count),
            "lists": [[one, int(rng.integers(len(choices[one][1])))] for one in which],
        }

    made = site.content("settings", make)
    site.box(".card", padding="8px 18px", margin_bottom=16)
    boxes = [tick(site, site.say(ticks[pick]), bool(on)) for pick, on in zip(made["ticks"], made["on"], strict=True)]
    cards = [element("div", *boxes, class_="card")]
    if lists:
        cards.append(element("div", *(chooser(site, *one) for one in made["lists"]), class_="card"))
    site.sheet.rule("button", margin_right=8)
    group = draw.pick(("cancel", "delete"))
    site.title = site.say(("Settings", "设置"))
    body = (site.heading(site.title), *cards, site.button("keep"), site.button(group, second=True))
    if draw.chance(0.5):
        return element("body", side_bar(site, "settings", draw.whole(3, 5), site.main(*body, width=640)))
    return element("body", top_bar(site, "settings", 4), site.main(*body, width=640))


def _new_task(site: Site) -> Element:
    """A field for another task; its hint is its only name, so that it is not asked about."""
    theme, edge = site.theme, f"1px solid {site.theme.line}"
    site.sheet.rule(".new", width="100%", margin_bottom=12, padding="10px 12px", font="inherit", border=edge)
    site.sheet.rule(".new", border_radius=theme.radius or None)
    return element("input", class_="new", placeholder=site.label("newtask"))


def todo(site: Site) -> Element:
    """A list of tasks, some of them done."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    count = draw.whole(3, 6)

    def make(rng: np.random.Generator) -> dict:
        return {
            "tasks": rng.choice(len(site.words["tasks"]), count, replace=False).tolist(),
            "done": _chances(rng, count),
        }

    made = site.content("todo", make)
    titles = site.words["titles"]["todo"]
    site.box(".card", padding="6px 16px")
    boxes = []
    for pick, done in zip(made["tasks"], made["done"], strict=True):
        box = tick(site, site.say(site.words["tasks"][pick]), bool(done))
        box.mark = Mark("task")
        boxes.append(box)
    rule(".tick", padding_bottom=6, border_bottom=f"1px solid {theme.line}")
    left = site.muted("p", site.label("left", number=count - sum(made["done"]))) if draw.chance(0.5) else None
    rule(".muted", margin="12px 0")
    field = _new_task(site) if draw.chance(0.5) else None
    rule("button", margin="14px 8px 0 0")
    body = (
        site.heading(site.say(draw.pick(titles))),
        field,
        element("div", *boxes, class_="card"),
        left,
        site.button("task"),
    )
    top = top_bar(site, "mobile", 4)
    return element("body", top, site.main(*body, site.button("done", second=True), width=draw.pick((480, 560, 640))))
