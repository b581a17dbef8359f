"""The gate alone, before an application that only notes what reaches it.

python -m pytest tests/serving/test_serving_gate.py
"""

import asyncio
import subprocess
import sys

import pytest
from asgi_client import JSON, RIGHT, Behind, Client, ask_once, part, whole

from deepseek_vl_hf.serving.gate import CHAT, Gate
from deepseek_vl_hf.serving.refusals import RequestError
from deepseek_vl_hf.serving.request import Limits


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


def test_a_sender_of_too_long_a_body_is_answered_at_once_when_it_is_done():
    async def run():
        return await asyncio.wait_for(Client(whole(b" " * 2000)).ask(Gate(Behind(), Limits(max_body_bytes=1000))), 1)

    assert asyncio.run(run()).status == 413


def test_a_body_that_does_not_arrive_is_not_waited_for():
    client = ask_once(Gate(Behind(), Limits(body_seconds=0.1)), part(b"{", after=0), part(b"}", after=5))
    assert client.status == 408


def test_a_client_that_goes_away_while_it_sends_is_forgotten():
    behind = Behind()
    client = ask_once(Gate(behind), part(RIGHT[:50]), {"type": "http.disconnect"})
    assert (client.sent, behind.requests) == ([], [])


def test_what_is_refused_is_read_on_for_a_moment_only():
    async def run():
        gate = Gate(Behind(), Limits(drain_seconds=0.1))
        return await asyncio.wait_for(Client(part(b"{"), part(b"}", after=20), headers=[]).ask(gate), 5)

    assert asyncio.run(run()).status == 415


def test_what_the_engine_does_not_do_is_refused_before_any_picture_is_opened():
    def check(fields):
        raise RequestError("There is no such model.", "model", status=404)

    opened = []
    client = ask_once(Gate(Behind(), see=opened.append, check=check), whole(RIGHT))
    assert (client.status, opened) == (404, [])


@pytest.mark.parametrize(
    ("options", "status"),
    [({"headers": []}, 415), ({"path": "/v1/files"}, 404), ({"method": "PUT"}, 405)],
)
def test_whoever_asks_before_sending_is_told_without_sending(options, status):
    options = {**options, "headers": [*options.get("headers", JSON), (b"expect", b"100-continue")]}
    client = ask_once(Gate(Behind()), whole(RIGHT), **options)
    assert (client.status, client.num_received) == (status, 0)
    assert client.headers[b"connection"] == b"close"


def test_a_connection_on_which_a_body_may_follow_is_closed():
    late = ask_once(Gate(Behind(), Limits(body_seconds=0.1)), part(b"{"), part(b"}", after=5))
    long = ask_once(Gate(Behind(), Limits(max_body_bytes=10)), whole(RIGHT))
    wrong = ask_once(Gate(Behind()), whole(RIGHT), headers=[])
    full = ask_once(Gate(Behind(), Limits(max_requests=0)), whole(RIGHT))
    clients = (late, long, wrong, full)
    assert [client.status for client in clients] == [408, 413, 415, 503]
    assert all(client.headers[b"connection"] == b"close" for client in clients)
    assert b"connection" not in ask_once(Gate(Behind()), whole(b"{")).headers


@pytest.mark.parametrize(("method", "path", "allowed"), [("GET", CHAT, b"POST"), ("POST", "/v1/models", b"GET, HEAD")])
def test_another_method_is_told_which_ones_there_are(method, path, allowed):
    client = ask_once(Gate(Behind()), whole(b""), method=method, path=path)
    assert (client.status, client.headers[b"allow"]) == (405, allowed)


def test_head_reaches_the_engine_as_get():
    class Noting(Behind):
        async def __call__(self, scope, receive, send):
            self.methods = [scope["method"]]
            await super().__call__(scope, receive, send)

    behind = Noting()
    assert ask_once(Gate(behind), whole(b""), method="HEAD", path="/health").status == 200
    assert behind.methods == ["GET"]


def test_a_server_that_ends_says_so_to_whoever_still_sends():
    async def run():
        client = Client(part(b"{"), part(b"}", after=20))
        task = asyncio.create_task(Gate(Behind())(client.scope, client.receive, client.send))
        await asyncio.sleep(0.1)
        task.cancel()
        await task
        return client

    assert asyncio.run(run()).status == 503


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
