"""A site comes in; a page where something is sold goes out: a shop, a product, a cart, a list of plans."""

import numpy as np

from .controls import foot, top_bar
from .html import Element, Mark, element
from .parts import Site


CURRENCIES = {"en": ("${}", "€{}", "£{}"), "zh": ("¥{}", "¥ {}", "{}元")}

SIZED = (0, 6)  # shops whose things have sizes: clothing, sports


def _price(rng: np.random.Generator) -> str:
    """A price as shops like it."""
    whole = int(rng.integers(3, 400))
    return f"{whole}.{('00', '50', '90', '95', '99')[rng.integers(5)]}"


def _prices(rng: np.random.Generator, count: int) -> list[str]:
    """Prices that are all different, so that one product is the cheapest."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[_price(rng)] = None
    return list(found)


def shop(site: Site) -> Element:
    """Cards of products with prices, some with a badge."""
    theme, draw, rule = site.theme, site.draw, site.sheet.rule
    columns = 2 if theme.mobile else 3 if theme.width < 1000 else draw.pick((3, 4))
    count = draw.pick((3, 4)) if columns == 4 or theme.mobile else draw.pick((3, 3, 6))
    made = site.content(
        "shop",
        lambda rng: {
            "shop": int(rng.integers(len(site.words["shops"]))),
            "prices": _prices(rng, count),
            "badges": [int(badge) for badge in rng.integers(0, 6, count)],
        },
    )
    money = draw.pick(CURRENCIES[draw.language])
    top = top_bar(site, "shop", search=draw.chance(0.3))
    site.box(".card", padding=12)
    site.grid(".grid", columns)
    rule(".price", margin="4px 0 8px", font_weight="bold", color=theme.strong)
    has_buttons, badges = draw.chance(0.7) and count < 6, draw.chance(0.5)
    height = draw.pick((90, 110, 130)) if count < 6 else 80
    button = site.button(draw.pick(("cart", "buy")), wide=draw.chance(0.5)) if has_buttons else None
    looks, cards = draw.pick(("gradient", "shape", None)), []
    for name, price, badge in zip(site.products(made["shop"], count), made["prices"], made["badges"], strict=True):
        label = site.label(("sale", "new", "sold")[badge]) if badges and badge < 3 else None
        if label:
            rule(".badge", padding="1px 8px", background=theme.ink, color=theme.background, font_size=14)
        cards.append(
            element(
                "div",
                site.picture(height, looks),
                site.heading(name, 3, Mark("product")),
                element("div", money.format(price), mark=Mark("price", of=name), class_="price"),
                element("span", label, mark=Mark("badge", of=name), class_="badge") if label else None,
                element("button", *button.children, class_=button.attributes.get("class")) if button else None,
                mark=Mark("card"),
                class_="card",
            )
        )
    title = site.heading(site.say(site.words["shops"][made["shop"]]["name"]))
    return element("body", top, site.main(title, element("div", *cards, class_="grid"), width=1100), foot(site))


def product(site: Site) -> Element:
    """One product, with a picture, what it costs and what one can do with it."""
    theme, draw, rule = site.theme, site.draw, site.sheet.rule
    made = site.content(
        "product",
        lambda rng: {
            "shop": int(rng.integers(len(site.words["shops"]))),
            "price": _price(rng),
            "stock": int(rng.integers(2, 90)),
        },
    )
    top = top_bar(site, "shop")
    name = site.products(made["shop"], 1)[0]
    rule(
        ".two",
        display="grid",
        gap=28,
        grid_template_columns="1fr" if theme.mobile else "1fr 1fr",
        align_items="center",
    )
    rule(".price", margin="8px 0", font_size=22, color=theme.strong)
    price = draw.pick(CURRENCIES[draw.language]).format(made["price"])
    stock = element("p", site.label("stock", number=made["stock"])) if draw.chance(0.6) else None
    sizes = _sizes(site, name) if made["shop"] in SIZED and draw.chance(0.8) else None
    rule("button", margin_right=8)
    info = element(
        "div",
        site.heading(name, 1, Mark("heading"), 24, middle=False),
        element("div", price, mark=Mark("price", of=name), class_="price"),
        element("p", site.sentence(30, 120), mark=Mark("paragraph")),
        sizes,
        stock,
        site.button("cart"),
        site.button(draw.pick(("buy", "save")), second=True),
    )
    picture = site.picture(draw.pick((220, 260, 300)))
    return element("body", top, site.main(element("div", picture, info, class_="two")), foot(site))


def _sizes(site: Site, name: str) -> Element:
    """Sizes of a product, one of them chosen."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    options = draw.pick((("S", "M", "L"), ("S", "M", "L", "XL"), ("36", "38", "40", "42")))
    chosen, parts = draw.whole(0, len(options) - 1), []
    rule(".sizes span", display="inline-block", padding="5px 12px", margin_right=6, border=f"1px solid {theme.line}")
    rule(".sizes .on", background=theme.ink, color=theme.background)
    for index, text in enumerate(options):
        mark = Mark("size", of=name, active=index == chosen)
        parts.append(element("span", text, mark=mark, class_="on" if mark.active else None))
    return element("p", *parts, class_="sizes")


def cart(site: Site) -> Element:
    """What somebody is about to buy, as a table with a sum."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    count = draw.whole(2, 4)
    made = site.content(
        "cart",
        lambda rng: {
            "shop": int(rng.integers(len(site.words["shops"]))),
            "prices": [int(price) for price in rng.choice(np.arange(3, 120), count, replace=False)],
            "amounts": [int(amount) for amount in rng.integers(1, 5, count)],
        },
    )
    money = draw.pick(CURRENCIES[draw.language])
    top = top_bar(site, "shop")
    rule("table", width="100%", border_collapse="collapse", background=theme.surface)
    rule("th, td", padding="10px 8px", text_align="left", border_bottom=f"1px solid {theme.line}")
    names = site.products(made["shop"], count)
    head = element("tr", *(element("th", site.label(name)) for name in ("item", "quantity", "price")))
    rows, total = [], 0
    for name, price, amount in zip(names, made["prices"], made["amounts"], strict=True):
        total += price * amount
        cells = (
            element("td", name, mark=Mark("product")),
            element("td", str(amount), mark=Mark("quantity", of=name)),
            element("td", money.format(f"{price * amount}.00"), mark=Mark("sum", of=name)),
        )
        rows.append(element("tr", *cells, mark=Mark("line")))
    table = element("table", element("thead", head), element("tbody", *rows), mark=Mark("table"))
    rule(".total", text_align="right", font_size=19)
    end = element("b", money.format(f"{total}.00"), mark=Mark("total"))
    rule("button", margin="0 8px 8px 0")
    body = (
        site.heading(site.say(draw.pick(site.words["titles"]["cart"]))),
        table,
        element("p", site.label("total"), end, class_="total"),
        site.button("pay"),
        site.button(draw.pick(("shopping", "empty")), second=True),
    )
    return element("body", top, site.main(*body, width=draw.pick((700, 800))), foot(site))


def pricing(site: Site) -> Element:
    """Plans side by side, one of them the most popular."""
    draw, theme, rule = site.draw, site.theme, site.sheet.rule
    count = 2 if theme.mobile else 3
    perks = [
        site.words["perks"][index] for index in sorted(draw.sample(range(len(site.words["perks"])), draw.whole(1, 2)))
    ]

    def make(rng: np.random.Generator) -> dict[str, list]:
        prices = np.sort(rng.choice(np.arange(4, 90), count, replace=False)).tolist()
        names = np.sort(rng.choice(np.arange(1, 6), count, replace=False)).tolist()
        numbers = [np.sort(rng.choice(np.arange(2, 200), count, replace=False)).tolist() for _ in perks]
        return {"names": names, "prices": prices, "numbers": numbers}

    made = site.content("pricing", make)
    money = draw.pick(CURRENCIES[draw.language])
    top = top_bar(site, "site")
    site.box(".plan", padding=18, text_align=draw.pick(("center", None)))
    site.grid(".plans", 1 if theme.mobile else count, 18)
    rule(".price", margin="6px 0", font_size=26)
    rule(".best", border=f"2px solid {theme.accent}")
    rule(".tag", color=theme.strong, font_weight="bold")
    best, cards = draw.whole(0, count - 1), []
    for index in range(count):
        name = site.say(site.words["plans"][made["names"][index]])
        offers = [site.say(perk, number=numbers[index]) for perk, numbers in zip(perks, made["numbers"], strict=True)]
        price = element("b", money.format(made["prices"][index]), mark=Mark("plan", of=name))
        cards.append(
            element(
                "div",
                site.heading(name, 2, Mark("name")),
                element("div", price, class_="price"),
                site.muted("p", site.label("month")),
                *(element("p", offer, mark=Mark("perk", of=name)) for offer in offers),
                element("span", site.label("popular"), mark=Mark("popular", of=name), class_="tag")
                if index == best
                else None,
                mark=Mark("offer"),
                class_="plan best" if index == best else "plan",
            )
        )
    title = site.heading(site.say(draw.pick(site.words["titles"]["pricing"])))
    rule("button", margin="18px 8px 0 0")
    body = (title, element("div", *cards, class_="plans"), site.button("start"), site.button("more", second=True))
    return element("body", top, site.main(*body), foot(site))
