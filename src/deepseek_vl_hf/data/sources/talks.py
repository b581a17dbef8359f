"""Turns of published conversations come in, the messages of a row go out.

Both habits are read: `{"from": "human", "value": "<image> What is this?"}` and `{"role": "user", "content": ...}` with content as a text or as
a list of parts. A tag `<image>` stands for the next picture; where there is no tag, pictures open the first question.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..rows import IMAGE, turn
from .cells import Folder, SchemaError, clean


TAG = "<image>"
ROLES = {
    "system": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "assistant": "assistant",
}


def talk(turns: Sequence[Any], images: Sequence[Any], folder: Folder | None = None) -> dict[str, Any] | None:
    """Make a row of a conversation.

    What cannot be learned is left out: answers before the first question, and questions after the last answer. Neighbouring turns
    of one speaker are joined.

    Args:
        turns: As they are published.
        images: Pictures of the row, in the order of their tags.
        folder: Of pictures that stand in the parts themselves, where `images` is empty.

    Returns:
        The row, or None if nobody answers anything.

    Raises:
        SchemaError: if a turn is of no known form, or tags and pictures differ in number.
    """
    pictures = list(images)
    spoken = [_spoken(each, pictures, bool(images), folder) for each in turns]
    system = [parts for role, parts in spoken[:1] if role == "system" and parts]
    joined: list[tuple[str, list[Any]]] = []
    for role, parts in spoken[bool(spoken) and spoken[0][0] == "system" :]:
        if role == "system":
            raise SchemaError("found a system turn in the middle of a conversation, expected it first alone")
        if not parts or (not joined and role == "assistant"):
            continue
        if joined and joined[-1][0] == role:
            joined[-1][1].extend(parts)
        else:
            joined.append((role, list(parts)))
    if joined and joined[-1][0] == "user":
        joined.pop()
    if not joined:
        return None
    num_tags = sum(part is IMAGE for _, parts in joined for part in parts)
    if pictures and not num_tags:
        joined[0][1][:0] = [IMAGE] * len(pictures)
    elif num_tags != len(pictures):
        raise SchemaError(f"found {num_tags} tags {TAG} and {len(pictures)} pictures, expected one for one")
    messages = [turn("system", *parts) for parts in system] + [turn(role, *_merged(parts)) for role, parts in joined]
    return {"messages": messages, "images": pictures}


def _spoken(each: Any, pictures: list[Any], has_images: bool, folder: Folder | None) -> tuple[str, list[Any]]:
    """Who speaks, and the parts of what is said; pictures inside parts are added to `pictures`."""
    keys = ("from", "value") if isinstance(each, Mapping) and "from" in each else ("role", "content")
    if not isinstance(each, Mapping) or not set(keys) <= set(each):
        raise SchemaError(f"found the turn {str(each)[:80]!r}, expected 'from' and 'value', or 'role' and 'content'")
    role = ROLES.get(str(each[keys[0]]).lower())
    if role is None:
        raise SchemaError(f"found the speaker {each[keys[0]]!r}, expected one of {', '.join(ROLES)}")
    said = each[keys[1]]
    if isinstance(said, str) or said is None:
        # An answer may write about a tag, as code does; a question may too, where there are no pictures.
        splits = role == "user" and has_images
        return role, _parts((said or "").split(TAG) if splits else [said or ""])
    if not isinstance(said, list | tuple):
        raise SchemaError(f"found what is said as {type(said).__name__}, expected a text or a list of parts")
    parts: list[Any] = []
    for part in said:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind == "text":
            parts += _parts([part.get("text") or ""])
        elif kind in ("image", "image_url") and role == "user":
            parts.append(IMAGE)
            inside = part.get("image") or part.get("image_url")
            if not has_images:
                inside = inside.get("url") if isinstance(inside, Mapping) and "url" in inside else inside
                pictures.append((folder or Folder(root=".")).picture(inside))
        else:
            raise SchemaError(f"found the part {str(part)[:80]!r} of a {role} turn, expected a text or a user's image")
    return role, parts


def _parts(pieces: Sequence[str]) -> list[Any]:
    """Texts with a picture between each two."""
    parts: list[Any] = []
    for number, piece in enumerate(pieces):
        parts += [IMAGE] if number else []
        parts += [clean(piece)] if clean(piece) else []
    return parts


def _merged(parts: Sequence[Any]) -> list[Any]:
    """Join texts that follow each other."""
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += "\n" + part
        else:
            merged.append(part)
    return merged
