"""A conversation comes in; the squares that the towers got of its pictures, and where the last answer looked, go out."""

import base64
import html
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from ..heat_maps import on_picture, overlay
from ..seeing import attention, squares
from ..turns import Turn
from . import history as messages
from .answering import GPU, explained
from .words import say


Maps = list[np.ndarray]  # of one word, one for each picture


class Seen:
    """Handlers of the second tab's events.

    Args:
        model: Whose attention is looked at.
        processor: Makes the squares.
    """

    def __init__(self, model: Any, processor: Any):
        self.processor = processor

        @GPU
        def look(turns: Sequence[Turn], system: str | None, language: str) -> list[tuple[str, Maps]]:
            with explained(language):
                return [(word.text, list(word.maps)) for word in attention(model, processor, turns, system)]

        self.look: Callable[..., list[tuple[str, Maps]]] = look

    def open(self, history: list[dict], language: str):
        """What the tab shows of the last answer: a hint or all else, its words and their maps, heat of one word, squares."""
        with explained(language):
            turns, pictures, system = shown_turns(history)
            if not pictures:
                return gr.update(visible=True), gr.update(visible=False), gr.update(choices=[], value=None), [], "", ""
            words = self.look(turns, system, language)
            maps = [each for _, each in words]
            best = max(range(len(maps)), key=lambda index: sum(float(each.sum()) for each in maps[index]))
            chips = gr.update(
                choices=[(text.strip() or text, index) for index, (text, _) in enumerate(words)], value=best
            )
            captioned = [
                (square, say(language, "pixels", tower=label.partition(",")[0], size=square.width))
                for picture in pictures
                for label, square in squares(self.processor, picture)
            ]
            return (
                gr.update(visible=False),
                gr.update(visible=True),
                chips,
                maps,
                heat(pictures, maps, best),
                figure(captioned),
            )

    def choose(self, history: list[dict], language: str, maps: list[Maps], index: int | None):
        """Where another word looked."""
        with explained(language):
            return heat(shown_turns(history)[1], maps, index)


def shown_turns(history: list[dict]) -> tuple[tuple[Turn, ...], list[Image.Image], str | None]:
    """What the last answer had in its context: answered questions of a history, all their pictures, its system prompt."""
    turns = messages.turns(messages.exchanges(history))
    last = next((each for each in reversed(history or []) if each["role"] == "assistant"), {})
    took = messages.figures(last)
    if took is not None:
        turns = turns[max(0, took.turns_left_out) :]
    return turns, [image for turn in turns for image in turn.images], took.system if took is not None else None


def heat(pictures: Sequence[Image.Image], maps: list[Maps], index: int | None) -> str:
    """The pictures with a word's maps over them, comparable among each other; nothing where the conversation went on."""
    if index is None or not 0 <= index < len(maps) or len(maps[index]) != len(pictures):
        return ""
    white = max(float(on_picture(picture, each).max()) for picture, each in zip(pictures, maps[index], strict=True))
    return figure(
        (overlay(picture, each, white=white), "") for picture, each in zip(pictures, maps[index], strict=True)
    )


def figure(captioned: Iterable[tuple[Image.Image, str]]) -> str:
    """Pictures side by side, each to be enlarged."""
    shown = []
    for picture, caption in captioned:
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=90)
        source = base64.b64encode(file.getvalue()).decode()
        shown.append(
            f'<figure><button type="button"><img src="data:image/webp;base64,{source}" alt="{html.escape(caption)}"></button>'
            f"<figcaption>{html.escape(caption)}</figcaption></figure>"
        )
    return f'<div class="pictures">{"".join(shown)}</div>'
