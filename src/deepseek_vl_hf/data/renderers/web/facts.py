"""What a browser saw comes in; whether all of it is legible, its text in reading order, and its marked parts go out."""

from dataclasses import dataclass

from ...rendering import CannotRenderError
from .browser import Seen
from .html import Element, Mark


FRAMED = (
    "button",
    "menu",
    "field",
    "choice",
    "tick",
    "card",
    "message",
    "table",
)  # seen with what is around their text
SLACK = 1.5  # CSS pixels by which boxes of texts may touch


@dataclass(frozen=True)
class Part:
    """A marked element as the browser shows it.

    Args:
        mark: What it is for.
        tag: Its name.
        box: Left, top, right, bottom as shares of the picture; of its text, or of its frame where it has one.
        text: Its visible text.
        value: What is in a field.
        placeholder: Hint of a field.
        checked: Whether a box is ticked.
        inside: Texts of its rows and cells, where it is a table.
    """

    mark: Mark
    tag: str
    box: tuple[float, float, float, float]
    text: str
    value: str
    placeholder: str
    checked: bool
    inside: tuple[tuple[str, ...], ...] = ()

    @property
    def thousandths(self) -> str:
        """The box as answers give it."""
        return "[" + ", ".join(str(min(1000, max(0, round(1000 * side)))) for side in self.box) + "]"


def check_layout(seen: Seen) -> None:
    """Raise unless every text is whole and apart from every other.

    Raises:
        CannotRenderError: saying what does not fit.
    """
    if seen.scrolls:
        raise CannotRenderError(f"found something wider than the window of {seen.width} pixels")
    lines = []
    for index, text in enumerate(seen.texts):
        if not text["fits"] or not text["lines"]:
            raise CannotRenderError(f"found the text {text['text']!r} larger than what it stands in")
        for left, top, right, bottom in text["lines"]:
            if left < 0 or top < 0 or right > seen.width + 1 or bottom > seen.height + 1:
                raise CannotRenderError(f"found the text {text['text']!r} outside of the page")
            lines.append((index, left, top, right, bottom))
    for position, (index, left, top, right, bottom) in enumerate(lines):
        for other, left2, top2, right2, bottom2 in lines[position + 1 :]:
            across, down = min(right, right2) - max(left, left2), min(bottom, bottom2) - max(top, top2)
            # Boxes of lines are higher than their letters, so those of tight lines overlap a little.
            if other != index and across > SLACK and down > 0.4 * min(bottom - top, bottom2 - top2):
                raise CannotRenderError("found two texts on top of each other")


def reading_text(seen: Seen) -> str:
    """All visible text in the order of the page: what stands on one line together, wrapped lines as one."""
    text = ""
    for piece in seen.texts:
        # A field's text is written as it is; that of an element between others may have had spaces at its ends.
        space = " " if piece["text"][:1].isspace() or text[-1:].isspace() or _gap(seen, piece) else ""
        text = text.rstrip() + ((space if piece["joins"] else "\n") if text else "") + piece["text"].lstrip(" ")
    return text.rstrip()


def _gap(seen: Seen, piece: dict) -> bool:
    """Whether there is room between a text and the one before it."""
    before = seen.texts[max(0, seen.texts.index(piece) - 1)]
    return piece["lines"][0][0] - before["lines"][-1][2] > SLACK


def marked_parts(body: Element, seen: Seen) -> list[Part]:
    """The marked elements, each with what the browser says of it.

    Raises:
        RuntimeError: if the browser has other elements than the source, as when a tag may not stand inside another.
    """
    elements = list(body.all())
    tags = [(one.tag, sum(isinstance(child, Element) for child in one.children)) for one in elements]
    found = [(one["tag"], one["inside"]) for one in seen.elements]
    if tags != found:
        raise RuntimeError(
            f"found elements {found} in the browser, expected {tags}; write a source that it takes as it is"
        )
    parts = []
    places = {id(one): index for index, one in enumerate(elements)}
    for one, info in zip(elements, seen.elements, strict=True):
        if one.mark is None:
            continue
        left, top, right, bottom = info["box" if one.mark.role in FRAMED else "content"]
        box = (left / seen.width, top / seen.height, right / seen.width, bottom / seen.height)
        rows = [row for row in one.all() if row.tag == "tr"] if one.tag == "table" else []
        inside = tuple(tuple(seen.elements[places[id(cell)]]["text"] for cell in row.children) for row in rows)
        state = info["value"], info["placeholder"], info["checked"]
        parts.append(Part(one.mark, one.tag, box, info["text"], *state, inside))
    return parts
