"""The messages between a server and an application: answers in JSON, clients that go away, clients that do not read."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any


Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def respond(send: Send, status: int, content: dict[str, Any], headers=()) -> None:
    """Answer with JSON."""
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    start = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


class NotTaken(OSError):
    """A client that does not read its answer; ASGI has `send` raise an `OSError` for one that has gone."""


def timely(send: Send, seconds: float) -> Send:
    """A `send` that raises `NotTaken` when a client takes nothing of its answer for so long."""

    async def send_in_time(message):
        try:
            await asyncio.wait_for(send(message), seconds)
        except asyncio.TimeoutError as error:  # before Python 3.11 not the built-in one
            raise NotTaken(f"the client took nothing for {seconds} s") from error

    return send_in_time


class Departure:
    """Notices when the client of a request whose body was read goes away.

    Attributes:
        gone (`threading.Event`): Whether it has.
    """

    def __init__(self, receive: Receive):
        self.gone = threading.Event()
        self._watching = asyncio.ensure_future(self._watch(receive))

    def __enter__(self) -> "Departure":
        return self

    def __exit__(self, *_) -> None:
        self._watching.cancel()

    def receive_after(self, body: bytes) -> Receive:
        """A `receive` that gives the body first, then the client's departure."""
        due = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again():
            if due:
                return due.pop()
            await asyncio.shield(self._watching)  # whoever gives up asking leaves it to others
            return {"type": "http.disconnect"}

        return receive_again

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.gone.set()
