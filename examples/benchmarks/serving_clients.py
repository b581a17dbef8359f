"""Clients of a server of OpenAI's chat completions, each of which knows what it should be told; used by serving.py.

Some behave: they ask, read and compare. Others vanish, read slowly, or send what no server should answer.
"""

import base64
import http.client
import io
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from malformed_requests import malformed
from PIL import Image, ImageOps


CHAT = "/v1/chat/completions"
PICTURES = Path(__file__).parents[2] / "tests" / "nano" / "pictures"
TEXTS = ("star", "tiger", "guitar", "hammer", "banana", "violin", "rocket", "spider")
BROKEN = (OSError, http.client.HTTPException)  # a connection that ended before its answer


@dataclass(frozen=True)
class Question:
    """What a client asks, and what it should be told."""

    kind: str
    messages: list[dict]
    answer: str


@dataclass
class Tally:
    """What all clients saw; times in seconds."""

    times: dict[str, list[float]] = field(default_factory=lambda: {"picture": [], "text": []})
    first_tokens: list[float] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, seconds: float, first: float | None) -> None:
        with self.lock:
            self.times[kind].append(seconds)
            if first is not None:
                self.first_tokens.append(first)

    def count(self, what: str, fault: str | None = None) -> None:
        with self.lock:
            self.counts[what] += 1
            if fault is not None:
                self.faults.append(f"{what}: {fault}")


def make_questions(model: str, number: int) -> list[tuple[Question, Question]]:
    """A question with a picture of its own and one without, for each client, with the answers of `generate` alone."""
    from deepseek_vl_hf.loading import load

    network, processor = load(model)
    files = sorted(PICTURES.glob("*.png"))
    asked = []
    for index in range(number):
        picture = Image.open(files[index % len(files)]).convert("RGB")
        for _ in range(index // len(files)):
            picture = ImageOps.posterize(ImageOps.mirror(picture), 6)
        pair = []
        for kind, text, pictures in (
            ("picture", "What is this?", [picture]),
            ("text", f"Is a {TEXTS[index % len(TEXTS)]} an animal?", []),
        ):
            parts = [{"type": "image", "image": picture} for picture in pictures]
            inputs = processor.apply_chat_template(
                [{"role": "user", "content": [*parts, {"type": "text", "text": text}]}],
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
            )
            tokens = network.generate(**inputs, max_new_tokens=64, do_sample=False)[0, inputs["input_ids"].shape[1] :]
            content = [*map(as_part, pictures), {"type": "text", "text": text}]
            answer = processor.decode(tokens, skip_special_tokens=True).strip()
            pair.append(Question(kind, [{"role": "user", "content": content}], answer))
        asked.append(tuple(pair))
    return asked


def as_part(picture: Image.Image) -> dict:
    """A picture as a part of a message."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


class Connection:
    """One connection to the server, opened when needed."""

    def __init__(self, url: str):
        self.address = urlsplit(url).netloc
        self.http: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self.http is not None:
            self.http.close()
        self.http = None

    def post(self, body: bytes) -> http.client.HTTPResponse:
        """Send a request, and return when its answer begins."""
        if self.http is None:
            self.http = http.client.HTTPConnection(self.address, timeout=120)
        self.http.request("POST", CHAT, body, {"Content-Type": "application/json"})
        return self.http.getresponse()


def pieces(answer: http.client.HTTPResponse) -> Iterator[str]:
    """Pieces of a streamed answer, to its end, which it must say; not every server sends OpenAI's last line besides."""
    reason = None
    for line in answer:
        data = line.decode().strip().removeprefix("data: ")
        if data and data != "[DONE]":
            for choice in json.loads(data)["choices"]:
                reason = choice.get("finish_reason")
                yield choice["delta"].get("content") or ""
    if reason is None:
        raise http.client.IncompleteRead(b"")


def ask(connection: Connection, question: Question, model: str, stream: bool) -> tuple[int, str, float, float | None]:
    """Status, answer, seconds, and seconds to the first token of a streamed one."""
    body = {"model": model, "messages": question.messages, "max_tokens": 64, "temperature": 0, "stream": stream}
    started_at = time.perf_counter()
    answer = connection.post(json.dumps(body).encode())
    if answer.status != 200 or not stream:
        content = json.loads(answer.read())
        text = content["choices"][0]["message"]["content"] if answer.status == 200 else str(content)
        return answer.status, text, time.perf_counter() - started_at, None
    text, first = "", None
    for piece in pieces(answer):
        if piece and first is None:
            first = time.perf_counter() - started_at
        text += piece
    return 200, text, time.perf_counter() - started_at, first


def be_client(
    url: str, model: str, questions: tuple[Question, ...], tally: Tally, end: float, forgiving: bool
) -> None:
    """Ask again and again; one that loses its connection asks once more."""
    connection, number = Connection(url), 0
    while time.monotonic() < end:
        question, stream = questions[number % len(questions)], number % 4 < 2
        try:
            status, text, seconds, first = ask(connection, question, model, stream)
        except BROKEN as error:
            connection.close()
            tally.count(*(("asked again",) if forgiving else ("lost", repr(error))))
            time.sleep(0.5)
            continue
        number += 1
        if status != 200:
            tally.count(f"refused with {status}", text)
        elif text.strip() != question.answer:
            tally.count("not the asker's", f"{text!r} and not {question.answer!r}")
        else:
            tally.add(question.kind, seconds, first)
    connection.close()


def be_vanishing(url: str, model: str, question: Question, tally: Tally, end: float, seed: int) -> None:
    """Ask and go away, before the answer or in the middle of it."""
    random_, connection = random.Random(seed), Connection(url)
    while time.monotonic() < end:
        try:
            connection.http = http.client.HTTPConnection(connection.address, timeout=120)
            body = {"model": model, "messages": question.messages, "stream": True}
            connection.http.request("POST", CHAT, json.dumps(body).encode(), {"Content-Type": "application/json"})
            if random_.random() < 0.5:
                next(pieces(connection.http.getresponse()), None)
            tally.count("vanished")
        except BROKEN:
            pass
        connection.close()
        time.sleep(random_.uniform(0.2, 1))


def be_slow(url: str, model: str, question: Question, tally: Tally, end: float) -> None:
    """Read a streamed answer piece by piece, with pauses."""
    connection = Connection(url)
    while time.monotonic() < end:
        body = {"model": model, "messages": question.messages, "stream": True, "temperature": 0}
        try:
            text = ""
            for piece in pieces(connection.post(json.dumps(body).encode())):
                text += piece
                time.sleep(0.5)
            tally.count(*(("read slowly",) if text.strip() == question.answer else ("not the asker's", text)))
        except BROKEN:
            connection.close()
            time.sleep(0.5)


def be_malformed(url: str, model: str, tally: Tally, end: float) -> None:
    """Send a thousand requests that must be refused, all of them, if that takes longer than the rest."""
    connection = Connection(url)
    for body in malformed(1000, 0, model):
        while time.monotonic() < end + 120:
            try:
                answer = connection.post(body)
                says = json.loads(answer.read())
                good = 400 <= answer.status < 500 and says["error"]["message"]
                tally.count(
                    *(
                        ("malformed and refused",)
                        if good
                        else ("malformed and not refused", f"{answer.status}: {body[:200]}")
                    )
                )
                break
            except BROKEN:
                connection.close()
                time.sleep(0.5)
