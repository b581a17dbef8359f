"""A client without a network, and an application that stands behind the gate."""

import asyncio
import json

from questions import ELEPHANT, ask, body

from deepseek_vl_hf.serving.gate import CHAT


JSON = [(b"content-type", b"application/json; charset=utf-8")]
RIGHT = json.dumps(body(ask("What is this?", ELEPHANT))).encode()
TEXT = json.dumps(body(ask("Is a star an animal?"))).encode()


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
        self.due, self.gone, self.sent, self.num_received = list(messages), asyncio.Event(), [], 0

    async def receive(self):
        self.num_received += 1
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
    def headers(self):
        return dict(self.sent[0]["headers"])

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
