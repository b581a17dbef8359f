"""`serve_with_vllm` speaks OpenAI's protocol and answers as `generate` and PEFT do.

VLLM_PYTHON=VENV/bin/python pytest -m vllm tests/serving/test_vllm_server.py
"""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from test_vllm_arguments import save_adapter
from vllm_runs import ELEPHANT, NEEDS_VLLM, NUM_TOKENS, generate, make_chats

from deepseek_vl_hf import nano
from deepseek_vl_hf.loading import load


sys.path.append(str(Path(__file__).parents[2] / "examples" / "benchmarks"))

from malformed_requests import malformed


pytestmark = NEEDS_VLLM

START = (
    "import json, sys; from deepseek_vl_hf.serving.with_vllm import serve_with_vllm; "
    "sys.exit(serve_with_vllm(**json.loads(sys.argv[1])))"
)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def serving(folder, **arguments):
    """A process that serves, and its address; it is stopped as Ctrl-C would."""
    port = free_port()
    job = {"port": port, "extra": ["--enforce-eager", "--max-num-seqs", "8"], **arguments}
    environment = {**os.environ, "TMPDIR": str(folder), "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_NO_USAGE_STATS": "1"}
    log = folder / f"{port}.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", START, json.dumps(job)], stdout=file, stderr=file, env=environment
        )
    try:
        deadline = time.monotonic() + 300
        while status_of(f"http://127.0.0.1:{port}/health") != 200:
            assert process.poll() is None, log.read_text()[-4000:]
            assert time.monotonic() < deadline, log.read_text()[-4000:]
            time.sleep(0.5)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except (urllib.error.URLError, ConnectionError):
        return None


def post(server, body):
    """Status and text of an answer; a body in bytes goes as it is."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{server}/v1/chat/completions", data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def as_url(data, kind="png"):
    return {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{base64.b64encode(data).decode()}"}}


def body_of(chat, **fields):
    """A chat of ours as clients send it."""
    messages = [
        {
            **message,
            "content": [
                as_url(Path(part["path"]).read_bytes()) if part["type"] == "image" else part
                for part in message["content"]
            ],
        }
        for message in chat
    ]
    return {"model": "nano", "messages": messages, "temperature": 0, "max_tokens": NUM_TOKENS, **fields}


def answer(server, chat, **fields):
    status, text = post(server, body_of(chat, **fields))
    assert status == 200, text
    return json.loads(text)


def text_of(reply):
    return reply["choices"][0]["message"]["content"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The nano beside an adapter of its language model, and what `generate` and PEFT answer."""
    folder = tmp_path_factory.mktemp("server")
    torch.manual_seed(1)
    adapter = save_adapter(folder / "adapter", "language")
    chats, (model, processor) = make_chats(folder), load("nano")
    expected = {"nano": generate(model, processor, chats)}
    expected["other"] = generate(PeftModel.from_pretrained(load("nano")[0], adapter), processor, chats)
    assert expected["other"] != expected["nano"]
    with serving(folder, model="nano", adapters={"other": str(adapter)}) as (_, url):
        yield url, chats, expected, processor


def text(processor, ids):
    return processor.tokenizer.decode(ids, skip_special_tokens=True)


@pytest.mark.parametrize("name", ["nano", "other"])
def test_mixed_requests_at_once_are_answered_as_by_generate_and_counted_right(world, name):
    server, chats, expected, processor = world
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda chat: answer(server, chat, model=name), chats * 2))
    for reply, chat, ids in zip(replies, chats * 2, expected[name] * 2, strict=True):
        assert text_of(reply) == text(processor, ids)
        prompt = processor.apply_chat_template(chat, add_generation_prompt=True, tokenize=True, return_dict=True)
        assert reply["usage"]["prompt_tokens"] == len(prompt["input_ids"][0])
        assert reply["usage"]["completion_tokens"] == len(ids)


def test_a_streamed_answer_is_the_same_and_counted(world):
    server, chats, expected, processor = world
    status, lines = post(server, body_of(chats[0], stream=True, stream_options={"include_usage": True}))
    assert status == 200
    events = [line.removeprefix("data: ") for line in lines.splitlines() if line]
    assert events.pop() == "[DONE]"
    pieces = [json.loads(event) for event in events]
    usage = pieces.pop()["usage"]
    told = [piece["choices"][0]["delta"].get("content") or "" for piece in pieces]
    assert len(told) > 2
    assert "".join(told) == text(processor, expected["nano"][0])
    assert usage["completion_tokens"] == len(expected["nano"][0])


def test_a_second_turn_is_answered_as_by_generate_and_reuses_the_first(world):
    server, chats, expected, processor = world
    first = text(processor, expected["nano"][2]).strip()
    turns = [
        *chats[2],
        {"role": "assistant", "content": [{"type": "text", "text": first}]},
        {"role": "user", "content": [{"type": "text", "text": "What is this?"}]},
    ]
    answer(server, chats[2])
    reply = answer(server, turns)
    assert text_of(reply) == text(processor, generate(load("nano")[0], processor, [turns])[0])
    assert reply["usage"]["prompt_tokens_details"]["cached_tokens"] > 64


def test_a_stop_text_ends_the_answer(world):
    server, chats, expected, processor = world
    whole = text(processor, expected["nano"][0])
    word = whole.split()[-1]
    assert text_of(answer(server, chats[0], stop=word)) == whole[: whole.index(word)]


QUESTION = {"type": "text", "text": "What is this?"}
PICTURE = as_url(ELEPHANT.read_bytes())


def one(*parts):
    return {"model": "nano", "messages": [{"role": "user", "content": [*parts, QUESTION]}], "max_tokens": 4}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (one({"type": "image_url", "image_url": {"url": "data:image/png;base64,@@@"}}), 400),
        (one(as_url(ELEPHANT.read_bytes()[:2000])), 400),
        (one(as_url(b"no picture at all")), 400),
        (one(*[PICTURE] * 17), 400),
        (one(*[PICTURE] * 50), 400),
        (one({"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}), 400),
        (one({"type": "image_url", "image_url": {"url": "http://127.0.0.1:9/a.png"}}), 400),
        ({**one(), "model": "unknown"}, 404),
        ({**one(), "max_tokens": 10**6}, 400),
        ({"model": "nano", "messages": []}, 400),
        (b"{no json", 400),
    ],
    ids=[
        *("base64", "truncated", "no_picture", "too_many", "far_too_many", "file", "http", "model", "length"),
        *("no_messages", "no_json"),
    ],
)
def test_what_cannot_be_answered_is_the_clients_fault_and_the_server_goes_on(world, body, status):
    server, *_ = world
    found, text = post(server, body)
    assert found == status, text
    assert json.loads(text)["error"]["message"]
    assert post(server, one())[0] == 200


def test_requests_broken_at_random_are_never_the_servers_fault(world):
    server, *_ = world
    for data in malformed(200, seed=21):  # some of them vLLM can answer
        status, text = post(server, data)
        assert status < 500, (status, text[:300], data[:300])
    assert post(server, one())[0] == 200


def test_as_many_stop_texts_as_a_request_may_have_are_taken(world):
    server, *_ = world
    status, text = post(server, {**one(), "stop": ["a1", "b2", "c3", "d4"]})
    assert status == 200, text


def test_an_adapter_of_everything_is_merged_and_the_server_ends_in_order(tmp_path):
    torch.manual_seed(2)
    adapter = save_adapter(tmp_path / "everything", "all")
    chats, (_, processor) = make_chats(tmp_path), load(nano.FOLDER)
    expected = generate(PeftModel.from_pretrained(load("nano")[0], adapter), processor, chats)
    with serving(tmp_path, model=str(adapter)) as (process, url):
        found = [text_of(answer(url, chat, model="everything")) for chat in chats]
        assert found == [text(processor, ids) for ids in expected]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert not list(tmp_path.glob("deepseek-vl-vllm-*"))
