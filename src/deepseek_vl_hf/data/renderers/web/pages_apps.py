"""A site comes in; a page of an app goes out: a dashboard, an inbox, a chat, a profile, the weather."""

import numpy as np

from .controls import side_bar, top_bar
from .html import Element, Mark, element
from .parts import Site


RAIN, SNOW = 2, 3  # places of the words


def _thousands(number: int) -> str:
    return f"{number:,}"


def dashboard(site: Site) -> Element:
    """Numbers on cards, above a table of orders or bars of a week."""
    draw, theme = site.draw, site.theme
    count = 2 if theme.mobile else draw.whole(3, 4)
    has_table = draw.chance(0.65)
    rows = draw.whole(3, 4)

    def make(rng: np.random.Generator) -> dict:
        return {
            "stats": rng.choice(len(site.words["stats"]), count, replace=False).tolist(),
            "values": [int(10 ** rng.uniform(1.2, 4.8)) for _ in range(count)],
            "amounts": rng.choice(np.arange(15, 990), rows, replace=False).tolist(),
            "states": rng.integers(0, len(site.words["states"]), rows).tolist(),
            "days": rng.choice(np.arange(10, 100), 5, replace=False).tolist(),
        }

    made = site.content("dashboard", make)
    site.grid(".stats", count)
    site.box(".stat", padding=14)
    site.sheet.rule(".stat b", font_size=22)
    cards = []
    for pick, value in zip(made["stats"], made["values"], strict=True):
        name = site.say(site.words["stats"][pick])
        parts = [site.muted("div", name, Mark("name")), element("b", _thousands(value), mark=Mark("stat", of=name))]
        cards.append(
            element("div", *(parts if draw.chance(0.8) else parts[::-1]), mark=Mark("stat card"), class_="stat")
        )
    below = _orders(site, made, rows) if has_table else _bars(site, made["days"])
    site.sheet.rule("button", margin="14px 8px 0 0")
    body = [element("div", *cards, class_="stats"), *below, site.button("export"), site.button("add", second=True)]
    if theme.mobile or draw.chance(0.4):
        return element("body", top_bar(site, "app"), site.main(*body, width=1000))
    site.title = site.say(draw.pick(site.words["titles"]["dashboard"]))
    return element("body", side_bar(site, "app", draw.whole(4, 6), site.main(site.heading(site.title), *body)))


def _orders(site: Site, made: dict, rows: int) -> list[Element]:
    """A table of orders, each of another customer."""
    theme, rule, draw = site.theme, site.sheet.rule, site.draw
    rule("table", width="100%", border_collapse="collapse", background=theme.surface)
    rule("th, td", padding="8px", text_align="left", border_bottom=f"1px solid {theme.line}")
    if draw.chance(0.4):
        rule("th", background=theme.ink, color=theme.background)
    money = "¥{}" if site.is_chinese else draw.pick(("${}", "€{}"))
    people = site.people(rows)
    columns = [site.label(name) for name in ("customer", "amount", "status")]
    lines = []
    for person, amount, state in zip(people, made["amounts"], made["states"], strict=False):
        cells = (
            element("td", person),
            element("td", money.format(amount), mark=Mark("cell amount", of=person)),
            element("td", site.say(site.words["states"][state]), mark=Mark("cell status", of=person)),
        )
        lines.append(element("tr", *cells, mark=Mark("order")))
    head = element("tr", *(element("th", column) for column in columns))
    title = site.heading(site.say(draw.pick(site.words["titles"]["latest"])), 2, Mark("name"))
    rule("h2", margin="20px 0 8px")
    return [title, element("table", element("thead", head), element("tbody", *lines), mark=Mark("table"))]


def _bars(site: Site, values: list[int]) -> list[Element]:
    """Bars of five days, each with its number above and its day below."""
    theme, rule = site.theme, site.sheet.rule
    title = site.heading(site.label("bars"), 2, Mark("name"))
    rule("h2", margin="20px 0 8px")
    rule(".bars", display="flex", gap=16, align_items="flex-end")
    rule(".bars div", flex="1", text_align="center", font_size=14)
    rule(".bars i", display="block", background=theme.accent)
    days = site.assets.names("weekday", site.draw.language)
    bars = []
    for value, day in zip(values, days, strict=False):
        text = day[-1:] if site.is_chinese else day[:3]
        name = f"周{text}" if site.is_chinese else text
        number = element("span", str(value), mark=Mark("bar", of=name))
        bars.append(
            element("div", number, element("i", style=f"height: {round(1.4 * value)}px"), element("span", name))
        )
    return [title, element("div", *bars, class_="bars")]


def mail(site: Site) -> Element:
    """An inbox: who wrote about what, and when; what is unread is bold."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    count = draw.whole(3, 5)

    def make(rng: np.random.Generator) -> dict:
        return {
            "subjects": rng.choice(len(site.words["subjects"]), count, replace=False).tolist(),
            "times": sorted(rng.choice(np.arange(24 * 60), count, replace=False).tolist(), reverse=True),
        }

    made = site.content("mail", make)
    rule(".mail", display="grid", grid_template_columns="110px 1fr auto" if theme.mobile else "150px 1fr auto", gap=12)
    rule(".mail", padding="11px 8px", border_bottom=f"1px solid {theme.line}")
    rows = []
    for person, pick, time in zip(site.people(count), made["subjects"], made["times"], strict=False):
        subject = site.say(site.words["subjects"][pick])
        parts = (
            element("b", person, mark=Mark("sender", of=subject)),
            element("span", subject, mark=Mark("subject", of=person)),
            site.muted("span", f"{time // 60:02d}:{time % 60:02d}", Mark("time", of=subject)),
        )
        rows.append(element("div", *parts, mark=Mark("letter"), class_="mail"))
    rule("button", margin="0 8px 12px 0")
    site.title = site.say(site.words["nav"]["mail"][0])
    inside = site.main(site.button("compose"), site.button("refresh", second=True), *rows, width=900)
    return element("body", side_bar(site, "mail", draw.whole(3, 6), inside))


def chat(site: Site) -> Element:
    """Two people writing to each other."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    count = draw.whole(3, 6)
    texts = site.words["messages"]

    def make(rng: np.random.Generator) -> dict:
        sides = [int(side) for side in rng.integers(0, 2, count)]
        return {
            "messages": rng.choice(len(texts), count, replace=False).tolist(),
            "sides": sides,
            "minute": int(rng.integers(24 * 60)),
        }

    made = site.content("chat", make)
    person = site.title = site.people(1)[0]
    bar = {"background": theme.accent, "color": theme.on_accent} if draw.chance(0.5) else {"background": theme.surface}
    rule("header", padding="12px 18px", border_bottom=f"1px solid {theme.line}", **bar)
    rule("p", width="fit-content", max_width="75%", margin="0 0 10px", padding="8px 14px", background=theme.surface)
    rule("p", border_radius=draw.pick((6, 12, 18)), border=f"1px solid {theme.line}")
    rule(".me", margin_left="auto", background=theme.accent, color=theme.on_accent)
    bubbles = []
    for pick, mine in zip(made["messages"], made["sides"], strict=True):
        mark = Mark("message", of=person, active=bool(mine))
        bubbles.append(element("p", site.say(texts[pick]), mark=mark, class_="me" if mine else None))
    rule("form", display="flex", gap=8)
    rule(
        "input",
        flex="1",
        min_width="0",
        padding="9px 12px",
        font="inherit",
        border=f"1px solid {theme.line}",
        border_radius=theme.radius or None,
    )
    hint = site.label("write")
    form = element("form", element("input", placeholder=hint), site.button("send"))
    state = draw.pick(("online", "away"))
    head = element(
        "header",
        element("b", person, mark=Mark("partner")),
        element("div", site.label(state), mark=Mark("state", of=person)),
    )
    clock = site.muted("div", f"{made['minute'] // 60:02d}:{made['minute'] % 60:02d}", Mark("clock"))
    rule(".muted", margin_bottom=10, text_align="center")
    return element("body", head, site.main(clock, *bubbles, form, width=700))


def profile(site: Site) -> Element:
    """Who somebody is, with a few numbers."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    cities = site.assets.names("city", draw.language)

    def make(rng: np.random.Generator) -> dict:
        picks = rng.choice(4, 3, replace=False).tolist()
        job, city = int(rng.integers(len(site.words["jobs"]))), int(rng.integers(len(cities)))
        return {"numbers": [[pick, int(10 ** rng.uniform(1, 4))] for pick in picks], "job": job, "city": city}

    made = site.content("profile", make)
    top = top_bar(site, "mobile") if draw.chance(0.7) else None
    person = site.people(1)[0]
    site.title = site.title or person
    rule(
        ".face",
        width=88,
        height=88,
        border_radius="50%",
        background=draw.pick(
            ("linear-gradient(135deg, #fbbf24, #f472b6)", "linear-gradient(45deg, #60a5fa, #34d399)", theme.accent)
        ),
    )
    rule(".face", margin="0 auto 12px" if theme.centred else "0 0 12px")
    site.box(".card", padding=24, text_align="center" if theme.centred else None)
    rule(".numbers", display="flex", gap=28, margin="16px 0", justify_content="center" if theme.centred else None)
    numbers = []
    for pick, value in made["numbers"]:
        name = site.say(site.words["profile"][pick])
        numbers.append(
            element("div", element("b", _thousands(value), mark=Mark("stat", of=name)), element("div", name))
        )
    rule("button", margin_right=8)
    card = element(
        "div",
        element("div", class_="face"),
        site.heading(person),
        site.muted("p", site.say(site.words["jobs"][made["job"]]), Mark("job", of=person)),
        site.muted("p", cities[made["city"]], Mark("home", of=person)),
        element("div", *numbers, class_="numbers"),
        element("p", site.sentence(30, 110), mark=Mark("paragraph")),
        site.button("follow"),
        site.button("message", second=True),
        class_="card",
    )
    return element("body", top, site.main(card, width=draw.pick((480, 560, 680))))


def weather(site: Site) -> Element:
    """Today's weather of a city, and that of the next days."""
    draw, rule = site.draw, site.sheet.rule
    cities, kinds = site.assets.names("city", draw.language), site.words["weather"]

    def make(rng: np.random.Generator) -> dict:
        degrees = (rng.integers(-10, 32) + rng.integers(-4, 5, 5)).tolist()
        # It snows when it is cold, and then it does not rain.
        able = [[index for index in range(len(kinds)) if index != (SNOW if warm > 2 else RAIN)] for warm in degrees]
        sky = [indices[rng.integers(len(indices))] for indices in able]
        return {
            "city": int(rng.integers(len(cities))),
            "degrees": degrees,
            "sky": sky,
            "wind": int(rng.integers(2, 60)),
            "day": int(rng.integers(7)),
        }

    made = site.content("weather", make)
    city = site.title = cities[made["city"]]
    rule("main", text_align="center")
    rule(".now", margin="8px 0", font_size=draw.pick((52, 60, 72)), line_height="1.1")
    site.box(".day", padding="10px 6px")
    site.grid(".days", 4, 10)
    days, cards = site.assets.names("weekday", draw.language), []
    for index in range(1, 5):
        name = days[(made["day"] + index) % 7]
        name = name if site.is_chinese else name[:3]
        degrees = element("b", f"{made['degrees'][index]}°", mark=Mark("degrees", of=name))
        sky = element("div", site.say(kinds[made["sky"][index]]), mark=Mark("sky", of=name))
        cards.append(element("div", element("div", name), degrees, sky, class_="day"))
    wind = site.label("unit", value=made["wind"])
    rule("p", margin="0 0 16px")
    parts = (
        site.heading(city),
        element("div", f"{made['degrees'][0]}°", mark=Mark("now"), class_="now"),
        element("p", site.say(kinds[made["sky"][0]]), mark=Mark("sky now")),
        element("p", site.label("wind"), element("span", wind, mark=Mark("wind"))),
        element("div", *cards, class_="days"),
    )
    return element("body", site.main(*parts, width=560))
