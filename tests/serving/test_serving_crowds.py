"""Many clients at once: who is slow, vanishes, does not read or is refused keeps no place, no memory and no thread from the others.

python -m pytest tests/serving/test_serving_crowds.py
"""

import asyncio
import json
import socket
import threading
import time

import pytest
from asgi_client import RIGHT, TEXT, Behind, Client, ask_once, part, whole
from questions import ask, body, loaded

from deepseek_vl_hf.serving.app import App
from deepseek_vl_hf.serving.engine import Engine
from deepseek_vl_hf.serving.gate import Gate
from deepseek_vl_hf.serving.request import Limits


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


def test_who_is_told_to_come_back_takes_no_place():
    async def run():
        gate = Gate(Behind(seconds=0.2), Limits(max_requests=2))
        first = [asyncio.create_task(Client(whole(TEXT)).ask(gate)) for _ in range(2)]
        await asyncio.sleep(0.1)
        refused = [asyncio.create_task(Client(part(b"{"), part(b"}", after=1)).ask(gate)) for _ in range(5)]
        await asyncio.gather(*first)
        later = [await Client(whole(TEXT)).ask(gate) for _ in range(2)]
        return [client.status for client in later], [client.status for client in await asyncio.gather(*refused)]

    assert asyncio.run(run()) == ([200, 200], [503] * 5)


def test_bodies_that_do_not_arrive_take_no_place():
    async def run():
        gate = Gate(Behind(), Limits(max_requests=2, body_seconds=0.5))
        slow = [asyncio.create_task(Client(part(b"{"), part(b"}", after=5)).ask(gate)) for _ in range(10)]
        await asyncio.sleep(0.1)
        status = (await Client(whole(TEXT)).ask(gate)).status
        return status, [client.status for client in await asyncio.gather(*slow)]

    assert asyncio.run(run()) == (200, [408] * 10)


def test_bodies_that_arrive_together_hold_no_more_than_they_may():
    async def run():
        gate = Gate(Behind(), Limits(max_bytes_at_once=10_000))
        waiting = [Client(part(b" " * 4000), part(b"", after=0.3), {"type": "http.disconnect"}) for _ in range(2)]
        slow = [asyncio.create_task(client.ask(gate)) for client in waiting]
        await asyncio.sleep(0.1)
        refused = await Client(part(b" " * 4000), whole(b"")).ask(gate)
        await asyncio.gather(*slow)
        return refused, await Client(whole(TEXT)).ask(gate)

    refused, later = asyncio.run(run())
    assert (refused.status, later.status) == (503, 200)
    assert "memory" in refused.error["message"]


def test_the_pictures_of_a_client_that_has_gone_are_not_opened():
    opened, behind = [], Behind()

    def see(picture):
        opened.append(picture)
        time.sleep(0.3)

    async def run():
        gate = Gate(behind, Limits(max_opening=1), see)
        first = asyncio.create_task(Client(whole(RIGHT)).ask(gate))
        others = [Client(whole(RIGHT)) for _ in range(5)]
        tasks = [asyncio.create_task(client.ask(gate)) for client in others]
        await asyncio.sleep(0.1)
        for client in others:
            client.gone.set()
        await asyncio.gather(first, *tasks)

    asyncio.run(run())
    assert len(opened) == len(behind.requests) == 1


def test_a_question_without_pictures_does_not_wait_for_other_peoples():
    opening = threading.Event()

    async def run():
        gate = Gate(Behind(), Limits(max_opening=1), lambda picture: opening.wait(30))
        slow = [asyncio.create_task(Client(whole(RIGHT)).ask(gate)) for _ in range(3)]
        await asyncio.sleep(0.1)
        status = (await asyncio.wait_for(Client(whole(TEXT)).ask(gate), 5)).status
        still_opening = not any(task.done() for task in slow)
        opening.set()
        await asyncio.gather(*slow)
        return status, still_opening

    assert asyncio.run(run()) == (200, True)


def test_whoever_does_not_read_an_answer_does_not_keep_a_place():
    class Deaf(Client):
        async def send(self, message):
            await asyncio.sleep(60)

    async def run():
        gate = Gate(Behind(), Limits(max_requests=1, send_seconds=0.1))
        await asyncio.wait_for(Deaf(whole(TEXT)).ask(gate), 5)
        return (await Client(whole(TEXT)).ask(gate)).status

    assert asyncio.run(run()) == 200


def test_a_connection_that_says_nothing_is_closed():
    uvicorn = pytest.importorskip("uvicorn")
    from deepseek_vl_hf.serving.silence import closing_silent

    config = uvicorn.Config(Gate(Behind()), http=closing_silent(0.3), lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with socket.create_connection(listener.getsockname(), timeout=5) as silent:
                assert silent.recv(1) == b""
            with socket.create_connection(listener.getsockname(), timeout=5) as asking:
                asking.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                assert asking.recv(100).startswith(b"HTTP/1.1 200")
                time.sleep(0.5)
                asking.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                assert asking.recv(100)
        finally:
            server.should_exit = True
            thread.join()


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
