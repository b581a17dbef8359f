"""The format of a training row, and its check.

A row is a conversation with its pictures:

    {
        "messages": [
            {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is this?"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "It is an elephant."}]},
        ],
        "images": [<PIL image>],
    }

The n-th image part of a conversation stands for the n-th entry of `images`; a text-only row has `images: []`. An
optional system turn comes first, then user and assistant take turns, and the assistant, which is who learns, speaks
last. Columns of an Arrow table share one shape, so an image part read from disk also has `"text": None`.
"""

from collections.abc import Mapping


ROLES = ("system", "user", "assistant")
IMAGE = {"type": "image"}


class PictureCountError(ValueError):
    """A row has more pictures than places for them, or fewer."""


def text_part(text: str) -> dict:
    """A piece of text inside a turn."""
    return {"type": "text", "text": text}


def turn(role: str, *parts: dict | str) -> dict:
    """One turn of a conversation; plain strings become text parts."""
    return {"role": role, "content": [text_part(part) if isinstance(part, str) else dict(part) for part in parts]}


def chat_row(*turns: tuple[str, str], images: list) -> dict:
    """A conversation of (question, answer) pairs; the pictures open the first question.

    An empty question leaves a turn of pictures alone, as captions are.
    """
    messages = []
    for index, (question, answer) in enumerate(turns):
        pictures = [IMAGE] * len(images) if index == 0 else []
        messages += [turn("user", *pictures, *([question] if question else [])), turn("assistant", answer)]
    return {"messages": messages, "images": images}


def validate_row(row: Mapping) -> None:
    """Raise unless `row` has the format of this module.

    Raises:
        ValueError: naming the fault, what was expected and the remedy.
    """
    if not isinstance(row, Mapping):
        raise ValueError(f"found a row of type {type(row).__name__}, expected a mapping with 'messages' and 'images'")
    missing = [column for column in ("messages", "images") if row.get(column) is None]
    if missing:
        raise ValueError(
            f"found a row without {' and '.join(map(repr, missing))}, expected 'messages' and 'images'; "
            "a text-only row has 'images': []"
        )
    _validate_roles([message.get("role") for message in row["messages"]])
    num_parts = 0
    for position, message in enumerate(row["messages"]):
        num_parts += _count_image_parts(message, position)
    if num_parts != len(row["images"]):
        raise PictureCountError(
            f"found {num_parts} image parts in the messages and {len(row['images'])} images, expected one for one; "
            'add {"type": "image"} where each picture belongs, or drop the pictures that no part stands for'
        )


def _validate_roles(roles: list) -> None:
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    expected = [("user", "assistant")[index % 2] for index in range(len(spoken))]
    if not spoken:
        raise ValueError(f"found roles {roles}, expected at least one user and one assistant turn; add them")
    if spoken != expected:
        raise ValueError(
            f"found roles {roles}, expected user and assistant in turns after at most one system turn; "
            "join neighbouring turns of one role, and name the roles 'system', 'user' and 'assistant'"
        )
    if spoken[-1] != "assistant":
        raise ValueError(f"found roles {roles}, expected the assistant to speak last; add its answer")


def _count_image_parts(message: Mapping, position: int) -> int:
    """Check the parts of one turn; return how many stand for images."""
    where, content = f"message {position} ({message['role']})", message.get("content")
    if not isinstance(content, list) or not content:
        raise ValueError(
            f"{where}: found content {content!r}, expected a list of parts; "
            'write plain text as [{"type": "text", "text": ...}]'
        )
    count = 0
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind == "text" and not isinstance(part.get("text"), str):
            raise ValueError(f"{where}: found a text part {part!r}, expected a string under 'text'; add it")
        if kind == "image" and message["role"] != "user":
            raise ValueError(f"{where}: found an image part, expected images in user turns only; move it there")
        if kind not in ("text", "image"):
            raise ValueError(
                f"{where}: found a part {part!r}, expected a mapping whose 'type' is 'text' or 'image'; "
                "move other data out of the content"
            )
        count += kind == "image"
    return count
