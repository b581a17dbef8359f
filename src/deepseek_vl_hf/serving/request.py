"""The body of a chat request comes in; a `ChatRequest` goes out, or a `RequestError` that says what was found and expected.

The format is that of OpenAI's chat completions, as far as a model that reads text and pictures can follow it. Knows no model and
imports none, so that it can stand before any engine.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from ..data import picture_files


@dataclass(frozen=True)
class Limits:
    """What a server takes from one request, and how many at once.

    Args:
        max_body_bytes: Of the JSON; a picture is a third longer in it than its file.
        max_pictures: In one conversation.
        max_side: Pixels along a picture's longer side; scaling one that is all length takes gigabytes.
        max_opening: Requests whose pictures are opened at the same time.
        max_text_chars: In one conversation.
        max_requests: Being answered or waiting; more are told to come back.
        body_seconds: In which a body must arrive.
    """

    max_body_bytes: int = 2**25
    max_pictures: int = 32
    max_side: int = 2**16
    max_opening: int = 4
    max_text_chars: int = 2**20
    max_requests: int = 256
    body_seconds: float = 60


class RequestError(Exception):
    """A request that cannot be answered.

    Args:
        message: For whoever wrote the client.
        param: The field it is about.
        status: Of HTTP.
        code: A word for programs.
        kind: OpenAI's `type`.
    """

    def __init__(
        self,
        message: str,
        param: str | None = None,
        status: int = 400,
        code: str | None = None,
        kind: str = "invalid_request_error",
    ):
        super().__init__(message)
        self.param, self.status, self.code, self.kind = param, status, code, kind

    @property
    def body(self) -> dict[str, Any]:
        """The error as OpenAI's clients read it."""
        return {"error": {"message": str(self), "type": self.kind, "param": self.param, "code": self.code}}


@dataclass(frozen=True)
class ChatRequest:
    """A request whose every known field is as it should be.

    Args:
        fields: The JSON without its messages and without what is null.
        messages: `{"role", "content"}`, the content parts of `{"type": "text", "text"}` and `{"type": "image"}`; turns alternate
            after at most one system message, and the last is the user's.
        pictures: What was made of each picture, in reading order.
    """

    fields: Mapping[str, Any]
    messages: list[dict[str, Any]]
    pictures: tuple[Any, ...]

    @property
    def stop(self) -> tuple[str, ...]:
        """Texts before which the answer ends."""
        stop = self.fields.get("stop", ())
        return (stop,) if isinstance(stop, str) else tuple(stop)

    @property
    def max_tokens(self) -> int | None:
        """Bound of the answer, under either of its names."""
        return self.fields.get("max_completion_tokens", self.fields.get("max_tokens"))


def _is_number(value: Any, low: float, high: float, whole: bool = False) -> bool:
    kinds = int if whole else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high


def _is_stop(value: Any) -> bool:
    texts = [value] if isinstance(value, str) else value
    return (
        isinstance(texts, list)
        and len(texts) <= 4
        and all(isinstance(text, str) and 0 < len(text) <= 256 and _is_unicode(text) for text in texts)
    )


def _is_unicode(text: str) -> bool:
    """JSON can escape half a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# What a field must be, in words and as a check; fields that are not here are the engine's business.
_BOOL = ("true or false", lambda value: isinstance(value, bool))
_TEXT = ("a string", lambda value: isinstance(value, str))
_OBJECT = ("an object", lambda value: isinstance(value, dict))
_LIST = ("a list", lambda value: isinstance(value, list))
_LENGTH = ("an integer of at least 1", lambda value: _is_number(value, 1, math.inf, whole=True))
_PENALTY = ("a number from -2 to 2", lambda value: _is_number(value, -2, 2))
FIELDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "model": _TEXT,
    "messages": _LIST,
    "stream": _BOOL,
    "stream_options": (
        'an object {"include_usage": true or false}, in a request with "stream": true',
        lambda value: isinstance(value, dict) and isinstance(value.get("include_usage", False), bool),
    ),
    "max_tokens": _LENGTH,
    "max_completion_tokens": _LENGTH,
    "temperature": ("a number from 0 to 2", lambda value: _is_number(value, 0, 2)),
    "top_p": ("a number above 0 and up to 1", lambda value: _is_number(value, 0, 1) and value > 0),
    "repetition_penalty": ("a number above 0 and up to 10", lambda value: _is_number(value, 0, 10) and value > 0),
    "presence_penalty": _PENALTY,
    "frequency_penalty": _PENALTY,
    "seed": ("an integer of 64 bits", lambda value: _is_number(value, -(2**63), 2**63 - 1, whole=True)),
    "stop": ("a string or up to 4 strings, each of 1 to 256 characters", _is_stop),
    "n": _LENGTH,
    "logprobs": _BOOL,
    "top_logprobs": ("an integer from 0 to 20", lambda value: _is_number(value, 0, 20, whole=True)),
    "logit_bias": _OBJECT,
    "response_format": _OBJECT,
    "tools": _LIST,
    "metadata": _OBJECT,
    "user": _TEXT,
}


def parse(body: bytes, limits: Limits, see: Callable[[Image.Image], Any] | None = None) -> ChatRequest:
    """Check a request and open its pictures; takes as long as these are large.

    Args:
        body: As it came.
        limits: How much is too much.
        see: Makes of each picture what the engine needs, so that no more than one is in memory whole.

    Raises:
        RequestError: if anything is not as it should be.
    """
    fields = _read_json(body)
    for name, (expected, fits) in FIELDS.items():
        if name in fields and not fits(fields[name]):
            raise RequestError(f"Found {show(fields[name])} for '{name}', expected {expected}.", name)
    if "stream_options" in fields and not fields.get("stream"):
        raise RequestError("Found 'stream_options' in a request that does not stream; leave it out.", "stream_options")
    if "messages" not in fields:
        raise RequestError("Found no 'messages', expected at least one, of role user.", "messages")
    messages, urls = _conversation(fields.pop("messages"), limits)
    if len(urls) > limits.max_pictures:
        raise RequestError(
            f"Found {len(urls)} pictures, more than the {limits.max_pictures} that fit; send fewer.", "messages"
        )
    pictures = tuple(_open(url, where, limits, see) for where, url in urls)
    return ChatRequest(fields, messages, pictures)


def show(value: Any) -> str:
    """A value in a message: as JSON, not long, and in characters that any log can hold."""
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except RecursionError as error:
        raise RequestError("The body's JSON is nested too deeply; send a chat request.") from error
    except ValueError as error:  # no JSON, no text at all, or numbers of thousands of digits
        raise RequestError(f"The body is no JSON that can be read ({error}); send a chat request.") from error
    if not isinstance(fields, dict):
        raise RequestError(f'Found {show(fields)} for the body, expected an object like {{"messages": [...]}}.')
    return {name: value for name, value in fields.items() if value is not None}


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
                if not _is_unicode(text):
                    raise RequestError("Found half a surrogate pair in a text; escape whole characters.", place)
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


def _open(url: str, where: str, limits: Limits, see: Callable[[Image.Image], Any] | None) -> Any:
    """Open one picture. Nothing is fetched: a server that does can be sent to places only it can reach."""
    head = url.partition(",")[0]
    if not (_is_unicode(url) and head.startswith("data:") and head.endswith(";base64")):
        raise RequestError(
            f"Found {show(url)} for a picture, expected a URL like data:image/png;base64,...; pictures are not fetched, "
            "send their bytes.",
            where,
            code="invalid_image_url",
        )
    try:
        data, name = picture_files.locate(url, Path())
        picture = picture_files.open_picture(data, name)
        if max(picture.size) > limits.max_side:
            width, height = picture.size
            raise ValueError(
                f"Found a picture of {width} x {height}, expected sides of up to {limits.max_side}; cut it."
            )
        return see(picture) if see else None
    except ValueError as error:
        raise RequestError(str(error), where, code="invalid_image") from error
