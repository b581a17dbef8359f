"""A chat request on its way to vLLM goes on with one more stop text: the one at which the released chat ends an answer.

vLLM takes stop texts from requests alone, not from a checkpoint's files or its own arguments.
"""

import json

from ..answer import STOP_TEXT


MOST = 4  # stop texts of one request


class StopAtNextTurn:
    """An ASGI middleware of vLLM, inside the gate, which hands a body over in one piece."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        """Pass everything on, chat requests with the stop text."""

        async def receive_with_stop():
            message = await receive()
            if message.get("body"):
                message = {**message, "body": add_stop(message["body"])}
            return message

        await self.app(scope, receive_with_stop if "chat_request" in scope else receive, send)


def add_stop(body: bytes) -> bytes:
    """The same request with the stop text after its own, unless it has as many as vLLM takes."""
    fields = json.loads(body)
    own = fields.get("stop") or []
    own = [own] if isinstance(own, str) else own
    if len(own) >= MOST:
        return body
    fields["stop"] = [*own, STOP_TEXT]
    return json.dumps(fields).encode()
