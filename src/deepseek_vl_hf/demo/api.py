"""One question by `gradio_client` comes in, its answer goes out; nothing is kept between calls.

from gradio_client import Client, handle_file
Client(URL).predict("What is this?", [handle_file("elephant.png")], api_name="/ask")
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import gradio as gr
from gradio.data_classes import ListFiles
from pydantic import model_validator

from . import history as messages
from .answering import Written, explained
from .conversation import checked
from .settings import Settings
from .uploads import EXTENSIONS, refuse_addresses


DESCRIPTION = (
    "Answer a question about pictures, of which one may come without a list around it. Nothing is kept between calls; "
    "`history` goes on from earlier messages, in the form "
    '[{"role": "user", "content": [{"type": "file", "file": handle_file("a.png")}, {"type": "text", "text": "..."}]}, '
    '{"role": "assistant", "content": "..."}]. Values out of range are moved into range.'
)


class Files(ListFiles):
    """Uploads; one may come alone."""

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        return [given] if isinstance(given, dict) else given


def make_ask(answering: Callable[..., Iterator[Written]]) -> Callable[..., Iterator[str]]:
    """The function behind the endpoint."""

    def ask(
        question: str,
        pictures: list[str] | None = None,
        history: Any = None,
        system: str | None = None,
        max_new_tokens: float = 256,
        temperature: float = 0.0,
        top_p: float = 1.0,
        repetition_penalty: float = 1.0,
        seed: float | None = None,
    ) -> Iterator[str]:
        """Answer a question; yields the answer so far."""
        settings = Settings.clamped(
            system=system,
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            top_p=top_p,
            repetition_penalty=repetition_penalty,
            seed=seed,
        )
        with explained("en"):
            turns, turn = checked(question or "", list(pictures or []), messages.exchanges(history))
            text = ""
            with closing(answering(None, turns, turn, settings, "en")) as pieces:
                for written in pieces:
                    text = written.text
                    yield text
            if not text:
                yield text

    return ask


def add_endpoint(answering: Callable[..., Iterator[Written]], **event: Any) -> None:
    """Add the one endpoint that programs see to the page at hand; its fields are not shown.

    Args:
        answering: See `answering.make_answering`.
        **event: How Gradio is to run it.
    """
    default = Settings()
    with gr.Column(visible=False):
        fields = [
            gr.Textbox(label="question"),
            gr.File(label="pictures", file_count="multiple", file_types=EXTENSIONS),
            gr.JSON(label="history"),
            gr.Textbox(None, label="system"),
            gr.Number(default.max_new_tokens, label="max_new_tokens"),
            gr.Number(default.temperature, label="temperature"),
            gr.Number(default.top_p, label="top_p"),
            gr.Number(default.repetition_penalty, label="repetition_penalty"),
            gr.Number(None, label="seed"),
        ]
        fields[1].data_model = Files
        for field in fields:
            refuse_addresses(field)
        answer = gr.Textbox(label="answer")
        gr.Button().click(make_ask(answering), fields, answer, api_name="ask", api_description=DESCRIPTION, **event)
