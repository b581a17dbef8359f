"""The body of a chat request comes in; a `ChatRequest` goes out, or a `RequestError` that says what was found and expected.

The format is that of OpenAI's chat completions, as far as a model that reads text and pictures can follow it. Knows no model and
imports none, so that it can stand before any engine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .fields import FIELDS
from .json_body import read_json
from .refusals import RequestError, show


@dataclass(frozen=True)
class Limits:
    """What a server takes from one request, and how many at once.

    Args:
        max_body_bytes: Of the JSON; a picture is a third longer in it than its file.
        max_pictures: In one conversation.
        max_side: Pixels along a picture's longer side; scaling one that is all length takes gigabytes.
        max_pixels: Of one picture.
        max_pixels_in_all: Of one conversation's pictures.
        max_opening: Requests whose pictures are opened at the same time.
        max_text_chars: In one conversation.
        max_other_chars: In one request, besides its pictures and its conversation.
        max_requests: Being answered or waiting; more are told to come back.
        max_bytes_at_once: Of all bodies that are arriving or being checked.
        body_seconds: In which a body must arrive.
        drain_seconds: For which the body of a refused request is read on, so that its sender sees the answer.
        send_seconds: In which a client must take a piece of its answer.
    """

    max_body_bytes: int = 2**25
    max_pictures: int = 32
    max_side: int = 2**16
    max_pixels: int = 2**25
    max_pixels_in_all: int = 2**27
    max_opening: int = 4
    max_text_chars: int = 2**20
    max_other_chars: int = 2**20
    max_requests: int = 256
    max_bytes_at_once: int = 2**28
    body_seconds: float = 20
    drain_seconds: float = 2
    send_seconds: float = 60


@dataclass(frozen=True)
class ChatRequest:
    """A request whose every known field is as it should be.

    Args:
        fields: The JSON without its messages and without what is null.
        messages: `{"role", "content"}`, the content parts of `{"type": "text", "text"}` and `{"type": "image"}`; turns alternate
            after at most one system message, and the last is the user's.
        urls: Place and URL of each picture that is yet to be opened, in reading order.
        pictures: What was made of each picture that was opened, in reading order.
    """

    fields: Mapping[str, Any]
    messages: list[dict[str, Any]]
    urls: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Any, ...] = ()

    @property
    def stop(self) -> tuple[str, ...]:
        """Texts before which the answer ends."""
        stop = self.fields.get("stop", ())
        return (stop,) if isinstance(stop, str) else tuple(stop)

    @property
    def max_tokens(self) -> int | None:
        """Bound of the answer, under either of its names."""
        return self.fields.get("max_completion_tokens", self.fields.get("max_tokens"))


def parse(body: bytes, limits: Limits, check: Callable[[Mapping[str, Any]], None] | None = None) -> ChatRequest:
    """Check a request; its pictures are left to be opened, which costs more than everything else.

    Args:
        body: As it came.
        limits: How much is too much.
        check: What else the engine expects of the fields.

    Raises:
        RequestError: if anything is not as it should be.
    """
    fields, num_chars = read_json(body)
    for name, (expected, fits) in FIELDS.items():
        if name in fields and not fits(fields[name]):
            raise RequestError(f"Found {show(fields[name])} for '{name}', expected {expected}.", name)
    if "stream_options" in fields and not fields.get("stream"):
        raise RequestError("Found 'stream_options' in a request that does not stream; leave it out.", "stream_options")
    if "messages" not in fields:
        raise RequestError("Found no 'messages', expected at least one, of role user.", "messages")
    given = fields.pop("messages")
    if check is not None:
        check(fields)
    messages, urls = _conversation(given, limits)
    if len(urls) > limits.max_pictures:
        raise RequestError(
            f"Found {len(urls)} pictures, more than the {limits.max_pictures} that fit; send fewer.", "messages"
        )
    room = limits.max_text_chars + limits.max_other_chars
    if num_chars - sum(len(url) for _, url in urls) > room:
        raise RequestError(f"The request holds more than {room} characters besides its pictures; send less.")
    return ChatRequest(fields, messages, tuple(urls))


def _conversation(messages: list[Any], limits: Limits) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Messages as a chat template takes them, and each picture's URL with the place it was found at."""
    taken, urls, num_chars, num_turns = [], [], 0, 0
    for index, message in enumerate(messages):
        where = f"messages[{index}]"
        if not isinstance(message, dict):
            raise RequestError(f'Found {show(message)}, expected {{"role": ..., "content": ...}}.', where)
        role = message.get("role")
        is_system = index == 0 and role in ("system", "developer")
        expected = "assistant" if num_turns % 2 else "user"
        if not is_system and role != expected:
            raise RequestError(
                f"Found role {show(role)} where {expected!r} was expected; after at most one message of role system, "
                "user and assistant take turns. Merge messages of the same role.",
                f"{where}.role",
            )
        num_turns += not is_system
        for name, value in message.items():
            if name not in ("role", "content", "name") and value:
                raise RequestError(f"Found {show(name)} in a message; DeepSeek-VL reads role and content.", where)
        parts, found = _parts(message.get("content"), role, f"{where}.content")
        num_chars += sum(len(part.get("text", "")) for part in parts)
        if num_chars > limits.max_text_chars:
            raise RequestError(f"The messages hold more than {limits.max_text_chars} characters; shorten them.", where)
        taken.append({"role": "system" if is_system else role, "content": parts})
        urls += found
    if num_turns % 2 == 0:
        raise RequestError("The last message must be of role 'user'; add the question to answer.", "messages")
    return taken, urls


def _parts(content: Any, role: str, where: str) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    if not isinstance(content, list):
        raise RequestError(f"Found {show(content)}, expected a string or a list of parts.", where)
    parts, urls = [], []
    for index, part in enumerate(content):
        place = f"{where}[{index}]"
        match part:
            case {"type": "text", "text": str(text)}:
                parts.append({"type": "text", "text": text})
            case {"type": "image_url", "image_url": {"url": str(url)}} if role == "user":
                parts.append({"type": "image"})
                urls.append((place, url))
            case {"type": "image_url", "image_url": {"url": str(_)}}:
                raise RequestError(f"Found a picture in a message of role {role!r}; only the user shows any.", place)
            case _:
                raise RequestError(
                    f'Found {show(part)}, expected {{"type": "text", "text": ...}} or '
                    '{"type": "image_url", "image_url": {"url": "data:image/png;base64,..."}}.',
                    place,
                )
    if role != "system" and not urls and not any(part["text"].strip() for part in parts):
        raise RequestError(f"The message of role {role!r} is empty; write at least one word.", where)
    return parts, urls
