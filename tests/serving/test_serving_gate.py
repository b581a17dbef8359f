"""The gate alone, before an application that only notes what reaches it; and the app behind it, with clients that vanish.

python -m pytest tests/serving/test_serving_gate.py
"""

import asyncio
import json
import subprocess
import sys

import pytest
from questions import ELEPHANT, ask, body, loaded

from deepseek_vl_hf.serving.app import App
from deepseek_vl_hf.serving.engine import Engine
from deepseek_vl_hf.serving.gate import CHAT, Gate
from deepseek_vl_hf.serving.request import Limits


JSON = [(b"content-type", b"application/json; charset=utf-8")]
RIGHT = json.dumps(body(ask("What is this?", ELEPHANT))).encode()


class Behind:
    """An application that answers 200 and notes what it was given."""

    def __init__(self, seconds=0.0):
        self.seconds, self.requests, self.bodies = seconds, [], []

    async def __call__(self, scope, receive, send):
        self.requests.append(scope.get("chat_request"))
        if scope.get("chat_request"):
            self.bodies.append((await receive())["body"])
        await asyncio.sleep(self.seconds)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


class Client:
    """One request; `messages` are what the server receives, then the client waits until `gone`."""

    def __init__(self, *messages, method="POST", path=CHAT, headers=JSON):
        self.scope = {"type": "http", "method": method, "path": path, "headers": headers}
        self.due, self.gone, self.sent = list(messages), asyncio.Event(), []

    async def receive(self):
        if self.due:
            message = self.due.pop(0)
            await asyncio.sleep(message.get("after", 0))
            return message
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)

    async def ask(self, app):
        await asyncio.wait_for(app(self.scope, self.receive, self.send), 60)
        return self

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def error(self):
        return json.loads(b"".join(message.get("body", b"") for message in self.sent))["error"]


def whole(data):
    return {"type": "http.request", "body": data, "more_body": False}


def part(data, after=0.0):
    return {"type": "http.request", "body": data, "more_body": True, "after": after}


def ask_once(app, *messages, **options):
    async def run():
        return await Client(*messages, **options).ask(app)

    return asyncio.run(run())


def test_what_is_well_formed_reaches_the_engine_checked_and_whole():
    behind = Behind()
    client = ask_once(Gate(behind, see=lambda picture: picture.size), part(RIGHT[:100]), whole(RIGHT[100:]))
    assert client.status == 200
    assert behind.bodies == [RIGHT]
    assert behind.requests[0].fields["model"] == "nano"
    assert len(behind.requests[0].pictures) == 1


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"path": "/v1/completions"}, 404),
        ({"path": "/v1/responses"}, 404),
        ({"path": "/v1/load_lora_adapter"}, 404),
        ({"path": "/reset"}, 404),
        ({"method": "DELETE", "path": "/v1/models/nano"}, 404),
        ({"method": "GET"}, 405),
        ({"path": "/v1/models"}, 405),
        ({"headers": []}, 415),
        ({"headers": [(b"content-type", b"text/plain")]}, 415),
    ],
)
def test_what_is_not_checked_does_not_get_through(options, status):
    behind = Behind()
    client = ask_once(Gate(behind), whole(RIGHT), **options)
    assert (client.status, behind.requests) == (status, [])
    assert client.error["message"]


@pytest.mark.parametrize("path", ["/health", "/v1/models", "/v1/models/nano"])
def test_questions_about_the_server_get_through(path):
    assert ask_once(Gate(Behind()), whole(b""), method="GET", path=path).status == 200


def test_a_body_that_is_too_long_is_not_kept():
    behind = Behind()
    gate = Gate(behind, Limits(max_body_bytes=1000))
    client = ask_once(gate, *[part(b" " * 500)] * 5, whole(b""))
    assert (client.status, behind.requests) == (413, [])
    assert "more than 1000 bytes" in client.error["message"]
    assert ask_once(gate, *[part(b" " * 500)] * 100).status == 413  # and not read for ever


def test_a_body_that_does_not_arrive_is_not_waited_for():
    client = ask_once(Gate(Behind(), Limits(body_seconds=0.1)), part(b"{", after=0), part(b"}", after=5))
    assert client.status == 408


def test_a_client_that_goes_away_while_it_sends_is_forgotten():
    behind = Behind()
    client = ask_once(Gate(behind), part(RIGHT[:50]), {"type": "http.disconnect"})
    assert (client.sent, behind.requests) == ([], [])


def test_more_requests_than_wait_are_told_to_come_back():
    async def run():
        gate = Gate(Behind(seconds=0.2), Limits(max_requests=3))
        clients = [Client(whole(RIGHT)) for _ in range(5)]
        await asyncio.gather(*(client.ask(gate) for client in clients))
        later = await Client(whole(RIGHT)).ask(gate)
        return clients, later

    clients, later = asyncio.run(run())
    assert sorted(client.status for client in clients) == [200, 200, 200, 503, 503]
    refused = next(client for client in clients if client.status == 503)
    assert (b"retry-after", b"1") in refused.sent[0]["headers"]
    assert refused.error["code"] == "overloaded"
    assert later.status == 200


def test_a_websocket_is_closed_and_the_lifespan_is_the_applications():
    class Other(Behind):
        async def __call__(self, scope, receive, send):
            self.requests.append(scope["type"])

    async def run():
        gate, client = Gate(Other()), Client()
        await gate({"type": "websocket", "path": CHAT}, client.receive, client.send)
        await gate({"type": "lifespan"}, client.receive, client.send)
        return client.sent, gate.app.requests

    assert asyncio.run(run()) == ([{"type": "websocket.close", "code": 1008}], ["lifespan"])


def test_the_gate_imports_nothing_heavy():
    code = "import sys, deepseek_vl_hf.serving.gate; sys.exit(bool({'torch', 'transformers', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.fixture
def endless():
    """An engine for which no token ends an answer, and the jobs it was given."""
    engine = Engine(*loaded(), max_batch=1)
    engine._end_ids = frozenset([-1])
    jobs = []
    engine.submit = lambda job, submit=engine.submit: (jobs.append(job), submit(job))
    yield engine, jobs
    engine.close()


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_vanishes_takes_its_answer_along(endless, stream):
    engine, jobs = endless
    app = Gate(App(engine, "nano"), see=engine.see)
    data = json.dumps(body(ask("Hello"), stream=stream)).encode()

    async def run():
        writing, waiting = Client(whole(data)), Client(whole(data))
        tasks = [asyncio.create_task(client.ask(app)) for client in (writing, waiting)]
        while len(jobs) < 2 or not any(job.token_ids for job in jobs):
            await asyncio.sleep(0.01)
        waiting.gone.set()
        writing.gone.set()
        await asyncio.gather(*tasks)
        last = await Client(whole(json.dumps(body(ask("Hello"), max_tokens=1)).encode())).ask(app)
        return last.status

    assert asyncio.run(run()) == 200
    first, second, last = sorted(jobs, key=lambda job: not job.token_ids)[0], None, jobs[2]
    second = next(job for job in jobs[:2] if job is not first)
    assert 0 < len(first.token_ids) < 200 < first.sampling.max_new_tokens
    assert second.token_ids == []
    assert len(last.token_ids) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_fails_is_an_error_that_clients_can_read(endless, stream, caplog):
    engine, _ = endless

    def fail(batch):
        raise RuntimeError('a "quoted" fault')

    engine._generate = fail
    app = Gate(App(engine, "nano"), see=engine.see)
    client = ask_once(app, whole(json.dumps(body(ask("Hello"), stream=stream)).encode()))
    if stream:
        lines = b"".join(message.get("body", b"") for message in client.sent).decode().split("\n\n")
        error = json.loads(lines[1].removeprefix("data: "))["error"]
    else:
        error = client.error
        assert client.status == 500
    assert error["type"] == "server_error"
    assert "quoted" in caplog.text
