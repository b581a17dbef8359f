"""What each field of a chat request must be, in words and as a check; fields that are not here are the engine's business."""

from collections.abc import Callable
from typing import Any


def _is_number(value: Any, low: float, high: float, whole: bool = False) -> bool:
    kinds = int if whole else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high


def _is_stop(value: Any) -> bool:
    texts = [value] if isinstance(value, str) else value
    return (
        isinstance(texts, list)
        and len(texts) <= 4
        and all(isinstance(text, str) and 0 < len(text) <= 256 for text in texts)
    )


def _is_metadata(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= 16
        and all(isinstance(text, str) and len(text) <= 512 for pair in value.items() for text in pair)
    )


_BOOL = ("true or false", lambda value: isinstance(value, bool))
_TEXT = ("a string", lambda value: isinstance(value, str))
_OBJECT = ("an object", lambda value: isinstance(value, dict))
_LIST = ("a list", lambda value: isinstance(value, list))
_LENGTH = ("an integer from 1 to 2147483647", lambda value: _is_number(value, 1, 2**31 - 1, whole=True))
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
    # Scores are multiplied by it, and 32 bits must hold the product.
    "repetition_penalty": ("a number from 0.01 to 10", lambda value: _is_number(value, 0.01, 10)),
    "presence_penalty": _PENALTY,
    "frequency_penalty": _PENALTY,
    "seed": ("an integer of 64 bits", lambda value: _is_number(value, -(2**63), 2**63 - 1, whole=True)),
    "stop": ("a string or up to 4 strings, each of 1 to 256 characters", _is_stop),
    "n": ("an integer from 1 to 8", lambda value: _is_number(value, 1, 8, whole=True)),
    "logprobs": _BOOL,
    "top_logprobs": ("an integer from 0 to 20", lambda value: _is_number(value, 0, 20, whole=True)),
    "logit_bias": _OBJECT,
    "response_format": _OBJECT,
    "tools": _LIST,
    "metadata": ("an object of up to 16 strings, names and values of up to 512 characters", _is_metadata),
    "user": _TEXT,
}
