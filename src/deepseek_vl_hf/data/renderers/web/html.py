"""Elements come in; the source of a page goes out, as a person would write it: indented, with its styles in the head.

An element may carry a `Mark`, which says what it is for. Marks are not part of the source: the place of an element among the others
finds it in the browser.
"""

import html
from collections.abc import Iterator
from dataclasses import dataclass, field


SHAPES = ("circle", "rect", "path", "polygon")  # inside <svg>, where a tag must be closed
VOID = ("input", "img", "br", "hr", "meta", *SHAPES)
KEPT = ("pre", "textarea")  # what is inside is written as it is, line by line
WIDEST = 110  # characters of a line of source that holds a whole element


@dataclass(frozen=True)
class Mark:
    """What an element is on its page.

    Args:
        role: As `asks` knows it: "button", "tick", "field", "price", ...
        of: What it belongs to, as it is written on the page: the price of which product.
        does: What pressing it does, as its label says: "put the product in the cart".
        active: Whether it is the chosen one of several, as the current page of a menu.
    """

    role: str
    of: str = ""
    does: str = ""
    active: bool = False


@dataclass
class Element:
    """A tag with what is inside it."""

    tag: str
    children: list["Element | str"] = field(default_factory=list)
    attributes: dict[str, str | bool] = field(default_factory=dict)
    mark: Mark | None = None

    def all(self) -> Iterator["Element"]:
        """This element and those inside it, in the order of `querySelectorAll("*")`."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.all()


def element(tag: str, *children: Element | str | None, mark: Mark | None = None, **attributes) -> Element:
    """Make an element.

    Args:
        tag: Its name.
        children: What is inside; None is left out.
        mark: What it is on its page.
        attributes: As HTML has them, with `_` for what Python does not allow: `class_`, `stroke_width`. False and None are left out.
    """
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    names = {("viewBox" if name == "viewbox" else name): value for name, value in names.items()}
    kept = {name: value for name, value in names.items() if value not in (None, False)}
    return Element(tag, [child for child in children if child is not None], kept, mark)


class Sheet:
    """The styles of a page; a rule is written once, however often it is asked for."""

    def __init__(self):
        self.rules: dict[str, dict[str, str]] = {}

    def rule(self, selector: str, **properties: str | int | None) -> None:
        """Add a rule, or add to it; whole numbers are pixels, `_` stands for `-`, None is left out."""
        found = self.rules.setdefault(selector, {})
        for name, value in properties.items():
            if value is not None:
                found[name.rstrip("_").replace("_", "-")] = (
                    f"{value}px" if isinstance(value, int) and value else str(value)
                )

    def lines(self) -> list[str]:
        """One line of CSS a rule."""
        return [
            f"{selector} {{ {'; '.join(f'{name}: {value}' for name, value in rule.items())} }}"
            for selector, rule in self.rules.items()
            if rule
        ]


def write_page(body: Element, sheet: Sheet, title: str, language: str) -> str:
    """Write the source of a whole page."""
    head = [
        "<!DOCTYPE html>",
        f'<html lang="{"zh-CN" if language == "zh" else "en"}">',
        "<head>",
        '  <meta charset="utf-8">',
        f"  <title>{html.escape(title, quote=False)}</title>",
        "  <style>",
        *(f"    {line}" for line in sheet.lines()),
        "  </style>",
        "</head>",
    ]
    return "\n".join([*head, *_lines(body), "</html>"]) + "\n"


def _lines(one: Element) -> list[str]:
    """An element on one line where it is short, else what is inside it on lines of its own."""
    opening, closing = _opening(one), "" if one.tag in VOID else f"</{one.tag}>"
    flat = opening + "".join(_flat(child) for child in one.children) + closing
    plain = all(isinstance(child, str) for child in one.children)
    small = len(one.children) <= 3 and len(flat) <= WIDEST and one.tag != "body" and all(map(_is_leaf, one.children))
    if one.tag in KEPT or plain or small:  # what is inside <pre> has line breaks of its own, which stay as they are
        return [flat]
    lines = [opening]
    for child in one.children:
        inside = [html.escape(child.strip(), quote=False)] if isinstance(child, str) else _lines(child)
        lines += [f"  {line}" for line in inside]
    return [*lines, closing]


def _is_leaf(one: Element | str) -> bool:
    return isinstance(one, str) or all(isinstance(child, str) for child in one.children)


def _opening(one: Element) -> str:
    parts = [one.tag]
    for name, value in one.attributes.items():
        parts.append(name if value is True else f'{name}="{html.escape(str(value))}"')
    return f"<{' '.join(parts)}{' /' if one.tag in SHAPES else ''}>"


def _flat(child: Element | str) -> str:
    if isinstance(child, str):
        return html.escape(child, quote=False)
    closing = "" if child.tag in VOID else f"</{child.tag}>"
    return _opening(child) + "".join(map(_flat, child.children)) + closing
