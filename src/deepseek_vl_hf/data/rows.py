"""The format of a training row, and its check.

A row is a conversation with its pictures, and where it comes from:

    {
        "messages": [
            {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is this?"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "It is an elephant."}]},
        ],
        "images": [<PIL image>],
        "source": "things",                                     the set or renderer that it is from
        "task": "recognition/global-description/others",        a node of `taxonomy`, or "text"
        "licence": "CC-BY-4.0",                                 SPDX, or the set's own words
        "language": "en",
        "id": "things/train/00000017",
        "items": ["drawing:noto/elephant"],                     what must not be in training and test, see `splits`
    }

The n-th image part of a conversation stands for the n-th entry of `images`; a text-only row has `images: []`. An
optional system turn comes first, then user and assistant take turns, and the assistant, which is who learns, speaks
last. Columns of an Arrow table share one shape, so an image part read from disk also has `"text": None`.

An interleaved document has `text` instead of `messages`, with `<image_placeholder>` where each picture stands. Training needs
`messages` or `text`, and `images`; the other columns say what a row is.
"""

from collections.abc import Iterator, Mapping


ROLES = ("system", "user", "assistant")
IMAGE = {"type": "image"}
PLACEHOLDER = "<image_placeholder>"  # of a picture, in `text`
ABOUT = ("source", "task", "licence", "language", "id", "items")  # columns that say what a row is
COLUMNS = ("messages", "text", "images", *ABOUT)

MALFORMED = "row is malformed"
ROLE_ORDER = "roles do not take turns"
COUNTS_DIFFER = "placeholders and pictures differ"
NO_TEXT = "text is empty"
BAD_TEXT = "text is not valid"


class RowError(ValueError):
    """A row that is not as this module says.

    Args:
        reason: One of this module's.
        message: The fault, what was expected and the remedy.
    """

    def __init__(self, reason: str, message: str):
        super().__init__(message)
        self.reason = reason


class PictureCountError(RowError):
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


def texts_of(row: Mapping) -> Iterator[str]:
    """Every piece of text in a row; what has no form holds none."""
    if isinstance(row.get("text"), str):
        yield row["text"]
    for message in row.get("messages") or []:
        content = message.get("content")
        for part in content if isinstance(content, list) else []:
            if isinstance(part, Mapping) and isinstance(part.get("text"), str):
                yield part["text"]


def validate_row(row: Mapping) -> None:
    """Raise unless `row` has the format of this module.

    Raises:
        RowError: a ValueError that names the fault, what was expected and the remedy.
    """
    if not isinstance(row, Mapping):
        raise RowError(
            MALFORMED, f"found a row of type {type(row).__name__}, expected a mapping with 'messages' and 'images'"
        )
    is_document = row.get("messages") is None and isinstance(row.get("text"), str)
    missing = [column for column in ("messages", "images") if row.get(column) is None]
    if missing and not (is_document and missing == ["messages"]):
        raise RowError(
            MALFORMED,
            f"found a row without {' and '.join(map(repr, missing))}, expected 'messages' (or 'text') and 'images'; "
            "a text-only row has 'images': []",
        )
    if not isinstance(row["images"], list | tuple):
        raise RowError(MALFORMED, f"found images of type {type(row['images']).__name__}, expected a list; write one")
    num_parts = row["text"].count(PLACEHOLDER) if is_document else _validate_messages(row["messages"])
    if num_parts != len(row["images"]):
        places = (
            f"{num_parts} {PLACEHOLDER} in the text" if is_document else f"{num_parts} image parts in the messages"
        )
        raise PictureCountError(
            COUNTS_DIFFER,
            f"found {places} and {len(row['images'])} images, expected one for one; "
            'add {"type": "image"} where each picture belongs, or drop the pictures that no part stands for',
        )


def validate_text(row: Mapping) -> None:
    """Raise unless what a row says is text that can be learned.

    Raises:
        RowError: if an answer or document is blank, or a text holds characters that no text has, or a picture's placeholder
            where it stands for none.
    """
    for text in texts_of(row):
        if wrong := {character for character in text if character < " " and character not in "\n\t\r\f"}:
            raise RowError(
                BAD_TEXT, f"found control characters {sorted(wrong)} in {text[:40]!r}, expected none; remove them"
            )
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise RowError(
                BAD_TEXT, f"found half a character in {text[:40]!a}, expected whole ones; read the file as UTF-8"
            ) from error
    if row.get("messages") is None:
        if not row["text"].replace(PLACEHOLDER, "").strip():
            raise RowError(NO_TEXT, "found a text without a word, expected some to learn; leave the row out")
        return
    for position, message in enumerate(row["messages"]):
        said = "".join(part.get("text") or "" for part in message["content"])
        if PLACEHOLDER in said:
            raise RowError(
                BAD_TEXT,
                f'message {position}: found {PLACEHOLDER} inside text, expected {{"type": "image"}}; split the text there',
            )
        has_picture = any(part["type"] == "image" for part in message["content"])
        if not said.strip() and not (message["role"] == "user" and has_picture):
            raise RowError(
                NO_TEXT, f"message {position} ({message['role']}): found no words, expected some; leave it out"
            )


def _validate_messages(messages) -> int:
    """Check turns and parts; return how many parts stand for images."""
    if not isinstance(messages, list | tuple) or not all(isinstance(message, Mapping) for message in messages):
        raise RowError(MALFORMED, f"found messages {str(messages)[:80]!r}, expected a list of turns; write one")
    _validate_roles([message.get("role") for message in messages])
    return sum(_count_image_parts(message, position) for position, message in enumerate(messages))


def _validate_roles(roles: list) -> None:
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    expected = [("user", "assistant")[index % 2] for index in range(len(spoken))]
    if not spoken:
        raise RowError(ROLE_ORDER, f"found roles {roles}, expected at least one user and one assistant turn; add them")
    if spoken != expected:
        raise RowError(
            ROLE_ORDER,
            f"found roles {roles}, expected user and assistant in turns after at most one system turn; "
            "join neighbouring turns of one role, and name the roles 'system', 'user' and 'assistant'",
        )
    if spoken[-1] != "assistant":
        raise RowError(ROLE_ORDER, f"found roles {roles}, expected the assistant to speak last; add its answer")


def _count_image_parts(message: Mapping, position: int) -> int:
    """Check the parts of one turn; return how many stand for images."""
    where, content = f"message {position} ({message['role']})", message.get("content")
    if not isinstance(content, list) or not content:
        raise RowError(
            MALFORMED,
            f"{where}: found content {content!r}, expected a list of parts; "
            'write plain text as [{"type": "text", "text": ...}]',
        )
    count = 0
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind == "text" and not isinstance(part.get("text"), str):
            fault = f"found a text part {part!r}, expected a string under 'text'; add it"
        elif kind == "image" and message["role"] != "user":
            fault = "found an image part, expected images in user turns only; move it there"
        elif kind not in ("text", "image"):
            fault = (
                f"found a part {part!r}, expected a mapping whose 'type' is 'text' or 'image'; "
                "move other data out of the content"
            )
        else:
            count += kind == "image"
            continue
        raise RowError(MALFORMED, f"{where}: {fault}")
    return count
