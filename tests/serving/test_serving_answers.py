"""A server of the nano and OpenAI's client: answers are those of `generate`, and nobody gets another's.

python -m pytest tests/serving/test_serving_answers.py
"""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from questions import ELEPHANT, PICTURES, answers, ask, body, generated
from served import serving

from deepseek_vl_hf.exporting import export
from deepseek_vl_hf.serving import serve


openai = pytest.importorskip("openai")

sys.path.append(str(Path(__file__).parents[2] / "examples" / "benchmarks"))

from malformed_requests import WRONG_VALUES, malformed  # noqa: E402 - after its folder is known


def post(server, data: bytes | dict, timeout: float = 60) -> tuple[int, dict]:
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    request = urllib.request.Request(f"{server.url}/v1/chat/completions", data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def chat(client, messages, **fields):
    return client.chat.completions.create(model="nano", messages=messages, **fields)


def test_an_elephant_is_named(client):
    answer = chat(client, ask("What is this?", ELEPHANT))
    assert answer.choices[0].message.content == "It is an elephant."
    assert answer.choices[0].finish_reason == "stop"


@pytest.mark.parametrize(
    "question",
    [
        ("What is this?", ELEPHANT),
        ("What is in the two pictures?", PICTURES / "crown.png", PICTURES / "key.png"),
        ("Is a star an animal?",),
    ],
    ids=["picture", "two pictures", "text"],
)
def test_answer_and_counts_are_those_of_generate(client, question):
    text, tokens, length = generated(*question)
    answer = chat(client, ask(*question))
    assert answer.choices[0].message.content == text
    assert answer.usage.prompt_tokens == length
    assert answer.usage.completion_tokens == len(tokens)
    assert answer.usage.total_tokens == length + len(tokens)


def test_a_conversation_goes_on(client):
    messages = ask("What is this?", ELEPHANT)
    first = chat(client, messages).choices[0].message
    messages += [first.model_dump(), *ask("And this?", PICTURES / "camel.png")]
    assert "camel" in chat(client, messages).choices[0].message.content


def test_a_streamed_answer_adds_up_and_ends_with_its_counts(client):
    text, tokens, length = generated("What is this?", ELEPHANT)
    chunks = list(chat(client, ask("What is this?", ELEPHANT), stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1]) == text
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [None] * (len(chunks) - 2) + ["stop"]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len({chunk.id for chunk in chunks}) == 1
    assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == (length, len(tokens))


def test_a_streamed_answer_has_counts_only_if_they_are_asked_for(client):
    assert all(chunk.usage is None for chunk in chat(client, ask("Hello"), stream=True))


def test_an_answer_ends_before_a_stop(client):
    answer = chat(client, ask("What is this?", ELEPHANT), stop=[" ele"])
    assert answer.choices[0].message.content == "It is an"
    assert answer.choices[0].finish_reason == "stop"


def test_a_bounded_answer_says_so(client):
    answer = chat(client, ask("What is this?", ELEPHANT), max_tokens=1)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 1


def test_an_answer_that_ends_at_its_bound_ended_by_itself(client):
    num_tokens = len(generated("What is this?", ELEPHANT)[1])
    assert chat(client, ask("What is this?", ELEPHANT), max_tokens=num_tokens).choices[0].finish_reason == "stop"


def test_a_seed_draws_the_same_answer_again(client):
    drawn = [
        chat(client, ask("Tell me something."), temperature=2, top_p=1, seed=seed, max_tokens=40)
        .choices[0]
        .message.content
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_there_is_one_model(client):
    assert [model.id for model in client.models.list()] == ["nano"]
    assert client.models.retrieve("nano").id == "nano"
    with pytest.raises(openai.NotFoundError, match="nano"):
        client.models.retrieve("gpt-4")
    with pytest.raises(openai.NotFoundError, match="this server's is 'nano'") as caught:
        client.chat.completions.create(model="gpt-4", messages=ask("Hello"))
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


@pytest.mark.parametrize("name", ["n", "logprobs", "frequency_penalty", "tools", "response_format", "logit_bias"])
def test_what_is_not_done_is_refused_and_not_ignored(client, name):
    with pytest.raises(openai.BadRequestError) as caught:
        chat(client, ask("Hello"), **{name: WRONG_VALUES[name][0]})
    assert caught.value.param == name


def test_asking_for_nothing_special_is_no_error(client):
    chat(client, ask("Hello"), n=1, logprobs=False, frequency_penalty=0, response_format={"type": "text"}, user="me")


def test_pictures_are_not_fetched(client):
    with socket.create_server(("127.0.0.1", 0)) as inside:
        inside.settimeout(0.5)
        url = f"http://127.0.0.1:{inside.getsockname()[1]}/secret.png"
        content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is this?"}]
        with pytest.raises(openai.BadRequestError, match="not fetched"):
            chat(client, [{"role": "user", "content": content}])
        with pytest.raises(TimeoutError):
            inside.accept()


def test_curl_gets_an_answer(server, tmp_path):
    file = tmp_path / "request.json"
    file.write_text(json.dumps(body(ask("What is this?", ELEPHANT))))
    command = [
        "curl",
        "-s",
        "-H",
        "Content-Type: application/json",
        "-d",
        f"@{file}",
        f"{server.url}/v1/chat/completions",
    ]
    answer = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert answer["choices"][0]["message"]["content"] == "It is an elephant."
    command = ["curl", "-s", "-f", f"{server.url}/health"]
    assert json.loads(subprocess.run(command, capture_output=True, check=True).stdout) == {"status": "ok"}


def test_everyone_gets_the_answer_to_their_own_question(client):
    files = [*sorted(answers())[:12], None]
    questions = {file: ("What is this?", PICTURES / file) if file else ("Is a star an animal?",) for file in files}
    expected = {file: generated(*question)[0] for file, question in questions.items()}

    def one(number):
        file = files[number % len(files)]
        if number % 2:
            return file, chat(client, ask(*questions[file])).choices[0].message.content
        chunks = chat(client, ask(*questions[file]), stream=True)
        return file, "".join(chunk.choices[0].delta.content or "" for chunk in chunks)

    with ThreadPoolExecutor(24) as pool:
        for file, text in pool.map(one, range(72)):
            assert text == expected[file], file


def test_malformed_requests_are_refused_and_the_next_one_is_answered(server, client):
    refuse(server, 120, seed=11)
    assert chat(client, ask("What is this?", ELEPHANT)).choices[0].message.content == "It is an elephant."


@pytest.mark.slow
def test_a_thousand_malformed_requests_are_refused(server, client):
    refuse(server, 1000, seed=0)
    assert chat(client, ask("What is this?", ELEPHANT)).choices[0].message.content == "It is an elephant."


def refuse(server, number, seed):
    for data in malformed(number, seed):
        status, answer = post(server, data)
        assert 400 <= status < 500, (status, data[:300])
        assert answer["error"]["message"]


def open_stream(server, messages, **fields):
    """A socket that has sent a request for a stream, and was given the beginning."""
    data = json.dumps({"model": server.model, "messages": messages, "stream": True, **fields}).encode()
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=60)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    connection.sendall(head.encode() + data)
    connection.recv(10)
    return connection


def read_to_end(connection):
    received = b""
    with connection:
        while not received.endswith(b"0\r\n\r\n"):
            chunk = connection.recv(100)
            assert chunk, f"the connection ended after {received!r}"
            received += chunk
    return received


def timed(server, **fields):
    started_at = time.monotonic()
    status, answer = post(server, {"model": server.model, "messages": ask("Hello"), **fields})
    assert status == 200, answer
    return time.monotonic() - started_at


def test_clients_that_vanish_free_their_slots(endless):
    seconds = timed(endless, max_tokens=400)
    vanishing = [open_stream(endless, ask("Hello"), max_tokens=900) for _ in range(40)]  # more than one batch
    time.sleep(0.2)
    for connection in vanishing:
        connection.close()
    assert timed(endless, max_tokens=1) < seconds


def test_a_slow_reader_keeps_nobody_waiting(endless):
    slow = open_stream(endless, ask("Hello"), max_tokens=300)
    seconds = timed(endless, max_tokens=300)
    assert timed(endless, max_tokens=1) < seconds
    assert b"[DONE]" in read_to_end(slow)


def test_sigterm_lets_an_answer_end(endless_folder):
    with serving(endless_folder) as server:
        connection = open_stream(server, ask("Hello"), max_tokens=50)
        server.process.terminate()
        received = read_to_end(connection)
        assert server.process.wait(60) == 0
    assert b'"finish_reason": "length"' in received
    assert b"[DONE]" in received


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["native", "official"])
def test_a_checkpoint_of_another_layout_is_served_under_its_folders_name(tmp_path, layout):
    folder = tmp_path / f"nano-{layout}"
    export("nano", folder, layout)
    with serving(str(folder)) as server:
        status, answer = post(server, {**body(ask("What is this?", ELEPHANT)), "model": folder.name})
    assert (status, answer["model"]) == (200, folder.name)
    assert answer["choices"][0]["message"]["content"] == "It is an elephant."


def test_a_port_that_is_taken_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=f"Cannot listen at 127.0.0.1:{port} .*; choose another port"):
            serve("nano", port=port, engine="transformers")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"engine": "llama"}, "expected one of auto, vllm, transformers"),
        ({"adapters": {"flags": "flags"}}, "by vLLM alone"),
        ({"extra": ["--seed", "1"]}, "Found --seed 1, which is for vLLM"),
        ({"model": "./nowhere"}, "There is no folder ./nowhere"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(options, says):
    with pytest.raises(ValueError, match=says):
        serve(**{"port": 0, "engine": "transformers", **options})
