"""What stands before an engine: HTTP requests come in, those that are well formed go on to it, the others are answered here.

An ASGI middleware for any server of OpenAI's chat completions (vLLM: `--middleware deepseek_vl_hf.serving.gate.Gate`). The engine finds
the checked request in `scope["chat_request"]` and its body once more in `receive`. Only what is checked gets through: other paths
do not exist.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .asgi import Departure, NotTaken, Receive, Scope, Send, respond, timely
from .bodies import Bodies, asks_first, overloaded
from .refusals import RequestError
from .request import ChatRequest, Limits, parse
from .shown_pictures import open_pictures


CHAT = "/v1/chat/completions"
# Questions about the server that carry no body.
READ_ONLY = ("/health", "/metrics", "/ping", "/version", "/v1/models")
READING = ("GET", "HEAD")
# After these a body may still be on its way, which nobody will read.
CLOSING = (408, 413, 415, 503)


class Gate:
    """Lets through what an engine can answer.

    Args:
        app: The engine, an ASGI application.
        limits: What one request may hold.
        see: Makes of each picture what the engine needs, in a thread of its own.
        check: What else the engine expects of a request's fields; raises `RequestError` before any picture is opened.
    """

    def __init__(
        self,
        app,
        limits: Limits | None = None,
        see: Callable | None = None,
        check: Callable[[Mapping[str, Any]], None] | None = None,
    ):
        self.app, self.limits, self.see, self.check = app, limits or Limits(), see, check
        self._num_requests = 0
        self._bodies = Bodies(self.limits)
        # Apart, so that a question without pictures does not wait for other people's.
        self._readers = ThreadPoolExecutor(2, "deepseek-vl-read")
        self._openers = ThreadPoolExecutor(self.limits.max_opening, "deepseek-vl-open")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            send = timely(send, self.limits.send_seconds)
            try:
                with contextlib.suppress(NotTaken):  # the server closes what was not answered to the end
                    await self._let_through(scope, receive, send)
            except RequestError as error:
                await respond(send, error.status, error.body, _headers(scope, error.status))

    async def _let_through(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        if method in READING and (path in READ_ONLY or path.startswith("/v1/models/")):
            await self.app({**scope, "method": "GET"}, receive, send)  # the server leaves out the body of HEAD
            return
        try:
            _expect_chat(scope)
            self._expect_room()
        except RequestError:
            await self._bodies.drain(receive, scope)
            raise
        body = await self._bodies.read(receive)
        if body is not None:
            self._expect_room()
            await self._chat(scope, body, receive, send)

    async def _chat(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        # Only now: whoever sends slowly, or nothing, takes nobody's place.
        self._num_requests += 1
        try:
            with Departure(receive) as departure:
                request = await self._check(body, departure)
                if request is not None:
                    scope["chat_request"] = request
                    again = departure.receive_after(body)
                    del body  # an engine that does not read it need not have it in memory
                    await self.app(scope, again, send)
        finally:
            self._num_requests -= 1

    async def _check(self, body: bytes, departure: Departure) -> ChatRequest | None:
        """The request in a body; `None` if its client went away meanwhile."""
        run = asyncio.get_running_loop().run_in_executor
        with self._bodies.counted(len(body)):
            request = await run(self._readers, parse, body, self.limits, self.check)
            if request.urls:
                return await run(self._openers, open_pictures, request, self.limits, self.see, departure.gone)
        return None if departure.gone.is_set() else request

    def _expect_room(self) -> None:
        if self._num_requests >= self.limits.max_requests:
            raise overloaded(f"{self.limits.max_requests} requests are being answered or waiting")


def _expect_chat(scope: Scope) -> None:
    """Refuse other places, and bodies of other types, which web pages can send unasked."""
    method, path = scope["method"], scope["path"]
    if path in READ_ONLY or (path == CHAT and method != "POST"):
        expected = "POST" if path == CHAT else "GET"
        raise RequestError(f"Found {method} {path}, expected {expected}.", status=405, code="method_not_allowed")
    if path != CHAT:
        raise RequestError(
            f"There is no {method} {path[:80]} here; there are POST {CHAT}, GET /v1/models and GET /health.",
            status=404,
            code="unknown_url",
        )
    found = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
    if found.partition(";")[0].strip().lower() != "application/json":
        raise RequestError(
            f"Found a body of type {found or 'unknown'!r}; send the header Content-Type: application/json.",
            status=415,
        )


def _headers(scope: Scope, status: int) -> list[tuple[bytes, bytes]]:
    headers = []
    if status == 405:
        headers.append((b"allow", b"POST" if scope["path"] == CHAT else b"GET, HEAD"))
    if status == 503:
        headers.append((b"retry-after", b"1"))
    if status in CLOSING or asks_first(scope):
        headers.append((b"connection", b"close"))
    return headers
