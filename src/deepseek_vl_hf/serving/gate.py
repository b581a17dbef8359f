"""What stands before an engine: HTTP requests come in, those that are well formed go on to it, the others are answered here.

An ASGI middleware for any server of OpenAI's chat completions (vLLM: `--middleware deepseek_vl_hf.serving.gate.Gate`). The engine finds
the checked request in `scope["chat_request"]` and its body once more in `receive`. Only what is checked gets through: other paths
do not exist.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .request import Limits, RequestError, parse


Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CHAT = "/v1/chat/completions"
# Questions about the server that carry no body.
READ_ONLY = ("/health", "/metrics", "/ping", "/version", "/v1/models")


class Gate:
    """Lets through what an engine can answer.

    Args:
        app: The engine, an ASGI application.
        limits: What one request may hold.
        see: Makes of each picture what the engine needs, in a thread of its own.
    """

    def __init__(self, app, limits: Limits | None = None, see: Callable | None = None):
        self.app, self.limits, self.see = app, limits or Limits(), see
        self._num_requests = 0
        self._openers = ThreadPoolExecutor(self.limits.max_opening, "deepseek-vl-gate")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            try:
                await self._let_through(scope, receive, send)
            except RequestError as error:
                await respond(send, error.status, error.body, _HEADERS.get(error.status, ()))

    async def _let_through(self, scope: Scope, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        if (method, path) == ("POST", CHAT):
            await self._chat(scope, receive, send)
        elif method == "GET" and (path in READ_ONLY or path.startswith("/v1/models/")):
            await self.app(scope, receive, send)
        else:
            await self._drain(receive)
            raise _no_such_place(method, path)

    async def _chat(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._num_requests += 1
        try:
            await self._check_head(scope, receive)
            body = await self._read(receive, self.limits.max_body_bytes)
            if body is not None:
                scope["chat_request"] = await asyncio.get_running_loop().run_in_executor(
                    self._openers, parse, body, self.limits, self.see
                )
                again = _again(body, receive)
                del body  # an engine that does not read it need not have it in memory
                await self.app(scope, again, send)
        finally:
            self._num_requests -= 1

    async def _check_head(self, scope: Scope, receive: Receive) -> None:
        if self._num_requests > self.limits.max_requests:
            await self._drain(receive)
            raise RequestError(
                f"{self.limits.max_requests} requests are being answered or waiting; try again in a moment.",
                status=503,
                code="overloaded",
                kind="server_error",
            )
        found = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
        if found.partition(";")[0].strip().lower() != "application/json":  # which no web page can send unasked
            await self._drain(receive)
            raise RequestError(
                f"Found a body of type {found or 'unknown'!r}; send the header Content-Type: application/json.",
                status=415,
            )

    async def _read(self, receive: Receive, limit: int) -> bytes | None:
        """The body; `None` if the client went away. One that is too long is read on for a while, or its sender sees no answer."""
        chunks, size = [], 0

        async def read() -> bool:
            nonlocal size
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return False
                chunk = message.get("body", b"")
                size += len(chunk)
                if size <= limit:
                    chunks.append(chunk)
                if not message.get("more_body") or size > 4 * max(limit, self.limits.max_body_bytes):
                    return True

        try:
            if not await asyncio.wait_for(read(), self.limits.body_seconds):
                return None
        except asyncio.TimeoutError as error:  # before Python 3.11 not the built-in one
            raise RequestError(f"The body took longer than {self.limits.body_seconds} s.", status=408) from error
        if size > limit:
            raise RequestError(f"The body has more than {limit} bytes; scale the pictures down.", status=413)
        return b"".join(chunks)

    async def _drain(self, receive: Receive) -> None:
        with contextlib.suppress(RequestError):
            await self._read(receive, 0)


_HEADERS = {405: [(b"allow", b"GET, POST")], 503: [(b"retry-after", b"1")]}


def _no_such_place(method: str, path: str) -> RequestError:
    if path == CHAT or path in READ_ONLY:
        expected = "POST" if path == CHAT else "GET"
        return RequestError(f"Found {method} {path}, expected {expected}.", status=405, code="method_not_allowed")
    return RequestError(
        f"There is no {method} {path[:80]} here; there are POST {CHAT}, GET /v1/models and GET /health.",
        status=404,
        code="unknown_url",
    )


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body first."""
    due = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again():
        return due.pop() if due else await receive()

    return receive_again


async def respond(send: Send, status: int, content: dict[str, Any], headers=()) -> None:
    """Answer with JSON."""
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    start = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
