"""Requests that passed the gate come in; answers go out as OpenAI's clients read them, whole or streamed.

An ASGI application. A client that goes away, while it waits or in the middle of its answer, takes its job along.
"""

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .asgi import Receive, Scope, Send, respond
from .engine import Engine
from .gate import CHAT
from .job import Job
from .refusals import RequestError, show
from .request import ChatRequest


# What the engine does not do, with the values that ask for nothing.
NOT_DONE: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "response_format": ({"type": "text"},),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "modalities": (["text"],),
}
# What is done, and what can be left undone without any answer being another.
KNOWN = {
    *(
        "model",
        "stream",
        "stream_options",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "seed",
        "stop",
    ),
    *("repetition_penalty", "user", "metadata", "store", "service_tier", "parallel_tool_calls"),
    *("safety_identifier", "prompt_cache_key"),
}


class App:
    """Serves one model.

    Args:
        engine: What answers.
        name: What clients call the model.
    """

    def __init__(self, engine: Engine, name: str):
        self.engine, self.name = engine, name
        self._tokenizers = ThreadPoolExecutor(2, "deepseek-vl-tokenize")
        self._model = {"id": name, "object": "model", "created": int(time.time()), "owned_by": "deepseek_vl_hf"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == CHAT:
            await self._chat(scope["chat_request"], receive, send)
        elif path == "/v1/models":
            await respond(send, 200, {"object": "list", "data": [self._model]})
        elif path == f"/v1/models/{self.name}":
            await respond(send, 200, self._model)
        elif path == "/health":
            alive = self.engine.is_alive
            await respond(send, 200 if alive else 503, {"status": "ok" if alive else "the engine has ended"})
        else:
            raise RequestError(f"There is no {path[:80]} here; the model is {self.name!r}.", status=404)

    async def _chat(self, request: ChatRequest, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        job = await loop.run_in_executor(self._tokenizers, self.engine.prepare, request)
        # Without bound: a client that reads slowly must not keep the engine, and an answer is no longer than the context.
        pieces: asyncio.Queue[str | None] = asyncio.Queue()

        def emit(piece: str | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed when the server has been told to hurry
                loop.call_soon_threadsafe(pieces.put_nowait, piece)

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            job.cancelled.set()
            pieces.put_nowait(None)

        job.emit = emit
        watching = asyncio.ensure_future(watch())
        try:
            self.engine.submit(job)
            write = self._stream if request.fields.get("stream") else self._whole
            await write(request, job, _until_end(pieces), send)
        finally:
            watching.cancel()
            job.cancelled.set()

    def check(self, fields: Mapping[str, Any]) -> None:
        """Refuse what this server does not do; for the gate, which asks before it opens pictures.

        Raises:
            RequestError: if a field asks for it.
        """
        for name in fields.keys() - KNOWN:
            if name not in NOT_DONE:
                raise RequestError(f"Found the field {show(name)}, which is not known here; leave it out.")
            if fields[name] not in NOT_DONE[name]:
                raise RequestError(
                    f"Found {show(fields[name])} for '{name}', which is not done here; leave it out.", name
                )
        if "model" not in fields:
            raise RequestError(f"Found no 'model'; this server's is {self.name!r}.", "model")
        if fields["model"] != self.name:
            raise RequestError(
                f"There is no model {show(fields['model'])} here; this server's is {self.name!r}.",
                "model",
                status=404,
                code="model_not_found",
            )
        for name in ("max_tokens", "max_completion_tokens"):
            if fields.get(name, 0) > self.engine.context:
                raise RequestError(
                    f"Found {show(fields[name])} for '{name}', expected up to {self.engine.context}, the model's "
                    "context; ask for less.",
                    name,
                )

    async def _whole(self, request: ChatRequest, job: Job, pieces: AsyncIterator[str], send: Send) -> None:
        text = "".join([piece async for piece in pieces])
        if job.finish_reason == "error":
            await respond(send, 500, _failure().body)
        elif job.finish_reason is not None:
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": job.finish_reason}
            head = self._head("chat.completion")
            await respond(send, 200, {**head, "choices": [choice], "usage": _usage(job)})

    async def _stream(self, request: ChatRequest, job: Job, pieces: AsyncIterator[str], send: Send) -> None:
        head = self._head("chat.completion.chunk")
        counts = request.fields.get("stream_options", {}).get("include_usage", False)
        unknown = {"usage": None} if counts else {}  # OpenAI's clients are told so in each chunk but the last

        async def write(content: dict[str, Any] | str, more: bool = True) -> None:
            line = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            await send({"type": "http.response.body", "body": f"data: {line}\n\n".encode(), "more_body": more})

        def chunk(delta: dict[str, str], reason: str | None = None) -> dict[str, Any]:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
            return {**head, "choices": [choice], **unknown}

        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await write(chunk({"role": "assistant", "content": ""}))
        async for piece in pieces:
            await write(chunk({"content": piece}))
        if job.finish_reason == "error":
            await write(_failure().body)
        elif job.finish_reason is not None:
            await write(chunk({}, job.finish_reason))
            if counts:
                await write({**head, "choices": [], "usage": _usage(job)})
        await write("[DONE]", more=False)

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "object": kind,
            "created": int(time.time()),
            "model": self.name,
        }


async def _until_end(pieces: "asyncio.Queue[str | None]") -> AsyncIterator[str]:
    while (piece := await pieces.get()) is not None:
        yield piece


def _usage(job: Job) -> dict[str, int]:
    prompt, answer = len(job.ids), len(job.token_ids)
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}


def _failure() -> RequestError:
    return RequestError(
        "The model failed on this request; the server's log says why.", status=500, kind="server_error"
    )
