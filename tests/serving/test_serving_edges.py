"""Requests at the edge of what a server takes, and just beyond.

python -m pytest tests/serving/test_serving_edges.py
"""

import urllib.request

import pytest
from questions import ELEPHANT, ask


openai = pytest.importorskip("openai")


def chat(client, messages, **fields):
    return client.chat.completions.create(model="nano", messages=messages, **fields)


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_bound_beyond_the_context_is_refused_and_one_beyond_the_room_is_not(client, name):
    with pytest.raises(openai.BadRequestError, match=r"Found 1025 for .* up to 1024, the model's context") as caught:
        chat(client, ask("What is this?", ELEPHANT), **{name: 1025})
    assert caught.value.param == name
    assert chat(client, ask("What is this?", ELEPHANT), **{name: 1024}).choices[0].finish_reason == "stop"


def test_text_that_no_context_holds_is_refused_before_it_is_split_into_tokens(client):
    with pytest.raises(openai.BadRequestError, match="more than 32768 characters"):
        chat(client, ask("😀" * 32769))


@pytest.mark.parametrize(
    "fields",
    [{"temperature": 5e-324}, {"temperature": 1, "repetition_penalty": 2}, {"seed": -(2**63), "temperature": 1}],
    ids=str,
)
def test_numbers_at_the_edge_are_answered(client, fields):
    assert chat(client, ask("Hello"), max_tokens=8, extra_body=fields).usage.completion_tokens


def test_head_is_get_without_its_body(server):
    request = urllib.request.Request(f"{server.url}/v1/models", method="HEAD")
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert (answer.status, answer.read()) == (200, b"")
        assert int(answer.headers["content-length"]) > 0
