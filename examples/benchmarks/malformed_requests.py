"""Chat requests that no server should answer: each is a right one with one thing wrong.

A seed comes in, bodies go out; the same seed gives the same bodies. Made for a model of 1024 tokens and 64 a picture: what is too long
for it may not be for another.
"""

import base64
import copy
import io
import json
import random
import string
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import Image


def malformed(number: int, seed: int = 0, model: str = "nano") -> Iterator[bytes]:
    """Bodies of requests, each wrong in its own way.

    Args:
        number: Of bodies.
        seed: Of what is wrong with them.
        model: What the server calls its model.
    """
    random_ = random.Random(seed)
    for _ in range(number):
        yield random_.choice(BREAKERS)(random_, _right(random_, model))


def _right(random_: random.Random, model: str) -> dict[str, Any]:
    messages = [_user(random_)]
    for _ in range(random_.randrange(2)):
        messages += [{"role": "assistant", "content": "It is a tiger."}, _user(random_)]
    fields = {"model": model, "messages": messages, "max_tokens": 8, "stream": random_.random() < 0.3}
    for name, value in (("temperature", 0.5), ("top_p", 0.9), ("seed", 1), ("stop", ["\n"])):
        if random_.random() < 0.3:
            fields[name] = value
    return fields


def _user(random_: random.Random) -> dict[str, Any]:
    if random_.random() < 0.5:
        return {"role": "user", "content": "What is this?"}
    return {"role": "user", "content": [{"type": "text", "text": "What is this?"}, _picture(_png())]}


def _picture(data: bytes, head: str = "data:image/png;base64,") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": head + base64.b64encode(data).decode()}}


def _png(width: int = 8, height: int = 8) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "PNG")
    return file.getvalue()


def _huge_png(width: int, height: int) -> bytes:
    """A few bytes that claim any size."""
    data = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + data + struct.pack(">I", zlib.crc32(data))


def _noise(random_: random.Random, size: int) -> bytes:
    return bytes(random_.randrange(256) for _ in range(size))


WRONG_VALUES = {
    "model": ["gpt-4", "", 7, ["nano"], {}, "nano\ud800"],
    "messages": ["What is this?", {}, 3, [], [[]], [None], True],
    "stream": ["yes", 1, [], {}],
    "stream_options": ["usage", [], 1, {"include_usage": "yes"}],
    "max_tokens": [0, -1, 1.5, "8", [], True, 1e400, 10**30],
    "max_completion_tokens": [0, -5, "many", {}],
    "temperature": [-0.1, 2.1, "hot", [], float("nan"), float("inf"), True],
    "top_p": [0, -1, 1.01, "all", {}, float("nan")],
    "repetition_penalty": [0, -1, "much", [], 1e9, 1e-40],
    "seed": [1.5, "random", 2**64, -(2**65), [], True],
    "stop": [5, {}, [""], ["a"] * 5, [None], "", "x" * 257, ["\ud800"]],
    "n": [0, 2, -1, "two", 1.5, 3000],
    "logprobs": [True, 5, "yes"],
    "top_logprobs": [3, -1, 21, "x"],
    "presence_penalty": [1, -3, "x"],
    "frequency_penalty": [1, 2.5, []],
    "logit_bias": [{"5": 10}, [], "x"],
    "response_format": [{"type": "json_object"}, {"type": "xml"}, "json", []],
    "tools": [[{"type": "function", "function": {"name": "f"}}], "f", {}],
    "tool_choice": ["required", {"type": "function"}, 3],
    "user": [5, []],
    "metadata": ["x", 5, {"a": 5}, {"a": "x" * 513}, {str(number): "" for number in range(17)}],
}
WRONG_CONTENTS = [
    None,
    5,
    True,
    {},
    [],
    "",
    " \n ",
    [[]],
    ["What?"],
    [{}],
    [{"type": "text"}],
    [{"type": "text", "text": None}],
]
WRONG_PARTS = [
    {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}},
    {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}},
    {"type": "image_url"},
    {"type": "image_url", "image_url": None},
    {"type": "image_url", "image_url": "data:image/png;base64,AAAA"},
    {"type": "image_url", "image_url": {"url": 5}},
    {"type": "image_url", "image_url": {}},
    {"type": "image", "path": "/etc/passwd"},
    {"type": "image_url", "image_url": {"url": "http://127.0.0.1:1/a.png"}},
    {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    {"type": "image_url", "image_url": {"url": "file:///etc/passwd"}},
    {"type": "image_url", "image_url": {"url": "/etc/passwd"}},
    {"type": "image_url", "image_url": {"url": ""}},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,%%%"}},
    {"type": "image_url", "image_url": {"url": "data:image/png,rawbytes"}},
    {"type": "image_url", "image_url": {"url": "data:;base64,A"}},
    {"type": 5, "text": "x"},
    {"text": "x"},
    {"type": "text", "text": ["x"]},
    {"type": "text", "text": "\udfff"},
]
WRONG_TURNS = [
    ["assistant"],
    ["user", "user"],
    ["user", "assistant"],
    ["user", "system"],
    ["system"],
    ["tool"],
    ["User"],
    ["system", "system"],
]


def _field(random_, fields):
    name = random_.choice(sorted(WRONG_VALUES))
    fields[name] = random_.choice(WRONG_VALUES[name])
    return _dump(fields)


def _missing(random_, fields):
    del fields[random_.choice(["model", "messages"])]
    return _dump(fields)


def _unknown_field(random_, fields):
    fields["".join(random_.choices(string.ascii_letters, k=12))] = random_.choice([1, "x", [], {}, False])
    return _dump(fields)


def _content(random_, fields):
    random_.choice(fields["messages"])["content"] = copy.deepcopy(random_.choice(WRONG_CONTENTS))
    return _dump(fields)


def _part(random_, fields):
    fields["messages"][-1]["content"] = [{"type": "text", "text": "What?"}, random_.choice(WRONG_PARTS)]
    return _dump(fields)


def _bad_picture(random_, fields):
    png = _png()
    data = random_.choice(
        [
            png[: random_.randrange(1, 40)],
            _noise(random_, random_.randrange(1, 300)),
            _huge_png(random_.randrange(9000, 2**31 - 1), random_.randrange(9000, 2**31 - 1)),
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"%PDF-1.4",
            b"GIF89a" + _noise(random_, 20),
        ]
    )
    fields["messages"][-1]["content"] = [{"type": "text", "text": "What?"}, _picture(data)]
    return _dump(fields)


def _turns(random_, fields):
    fields["messages"] = [{"role": role, "content": "What is this?"} for role in random_.choice(WRONG_TURNS)]
    return _dump(fields)


def _role(random_, fields):
    random_.choice(fields["messages"])["role"] = random_.choice([None, 5, "bot", "", [], {"role": "user"}, "USER"])
    return _dump(fields)


def _too_much(random_, fields):
    if random_.random() < 0.5:
        fields["messages"][-1]["content"] = "What is this? " * random_.randrange(1000, 5000)
    else:
        fields["messages"][-1]["content"] = [_picture(_png())] * random_.randrange(16, 60)
    return _dump(fields)


def _cut(random_, fields):
    body = _dump(fields)
    return body[: random_.randrange(len(body) - 1)]


def _no_object(random_, fields):
    return random_.choice(
        [b"[]", b"5", b'"x"', b"null", b"true", _dump([fields]), b"[" * 5000, b"[" * 980 + b"]" * 980, b'{"a":' * 5000]
    )


def _no_json(random_, fields):
    return b"\xff" + _noise(random_, random_.randrange(200))


def _dump(fields: Any) -> bytes:
    return json.dumps(fields).encode()


BREAKERS = [
    *(
        _field,
        _missing,
        _unknown_field,
        _content,
        _part,
        _bad_picture,
        _turns,
        _role,
        _too_much,
        _cut,
        _no_object,
        _no_json,
    )
]
