"""Events of the chat come in, what the page shows next goes out.

A question is first put at the end of the history, at once, and then answered, when its turn comes. Handlers give back the history,
the composer, and those that change answers also the style sheet with their figures.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from ..turns import Turn
from . import history as messages
from .answering import Written, explained
from .history import Exchange
from .sessions import Sessions
from .settings import Settings
from .uploads import check_count, read
from .words import Refused


MAX_QUESTION, MAX_HISTORY = 8000, 200_000  # characters


def checked(text: str, pictures: list[str], before: list[Exchange]) -> tuple[tuple[Turn, ...], Turn]:
    """A question and the turns before it, as the model takes them.

    Raises:
        Refused: if it is empty, it or what was said before too long, or a picture cannot be used.
    """
    if not text.strip():
        raise Refused("no_question")
    if len(text) > MAX_QUESTION:
        raise Refused("question_too_long", found=len(text), limit=MAX_QUESTION)
    if (length := sum(len(each.question) + len(each.answer) for each in before)) > MAX_HISTORY:
        raise Refused("history_too_long", found=length, limit=MAX_HISTORY)
    check_count(len(pictures), sum(len(each.pictures) for each in before))
    return messages.turns(before), Turn(text, read(pictures))


def composer(busy: bool, **changes: Any) -> gr.MultimodalTextbox:
    """The composer with one of its two buttons: to stop the answer that is being written, or to send a question."""
    return gr.MultimodalTextbox(submit_btn=not busy, stop_btn=busy, **changes)


class Conversation:
    """Handlers of the chat's events.

    Args:
        answering: See `answering.make_answering`.
        sessions: What it keeps conversations in.
    """

    def __init__(self, answering: Callable[..., Iterator[Written]], sessions: Sessions):
        self.answering, self.sessions = answering, sessions

    def put(self, message: dict, history: list[dict], language: str):
        """Put what is in the composer at the end of the history; `reply` answers it."""
        text, pictures = message.get("text") or "", list(message.get("files") or [])
        with explained(language):
            checked(text, pictures, messages.exchanges(history))
        return [*history, *messages.question(text, pictures)], composer(busy=True, value=None)

    def start(self, history: list[dict], language: str, data: gr.SelectData):
        """Ask an example's question."""
        files = [file["path"] if isinstance(file, dict) else file for file in data.value.get("files") or []]
        return self.put({"text": data.value["text"], "files": files}, history, language)

    def retry(self, history: list[dict], language: str):
        """Ask the last question again."""
        with explained(language):
            last = messages.exchanges(history)[-1:]
        for each in last:
            history = [*history[: each.start], *messages.question(each.question, each.pictures)]
        return history, composer(busy=True)

    def edit(self, history: list[dict], language: str, data: gr.EditData):
        """Ask a question that was put differently; what came after it goes, unless nothing is left of the question."""
        index = data.index[0] if isinstance(data.index, list | tuple) else data.index
        with explained(language):
            edited = history[index]
            if not any(messages.parts(edited["content"])):
                # The page shows the blank already.
                yield [*history[:index], {**edited, "content": data.previous_value}, *history[index + 1 :]], gr.skip()
                raise Refused("no_question")
        yield self.retry(history[: index + 1], language)

    def reply(self, history: list[dict], language: str, request: gr.Request, *values):
        """Answer the question at the end of the history; where that fails, it goes back into the composer."""
        with explained(language):
            found = messages.exchanges(history)
        if not found or found[-1].answer:
            return
        *before, last = found
        try:
            with explained(language):
                turns, turn = checked(last.question, list(last.pictures), before)
                settings = Settings.of_page(values)
                with closing(self.answering(request.session_hash, turns, turn, settings, language)) as pieces:
                    for written in pieces:
                        shown = [*history, messages.answer(written.text, written.figures)]
                        yield shown, gr.skip(), messages.figures_style(shown, language)
        except gr.Error:
            left, message = self._taken_back(history, last)
            # Gradio runs no event after one that failed in the middle, so the button to send comes back here.
            yield left, composer(busy=False, value=message), messages.figures_style(left, language)
            raise

    def undo(self, history: list[dict], language: str):
        """Take the last question back into the composer."""
        with explained(language):
            last = messages.exchanges(history)[-1:]
        if not last:
            return history, gr.skip(), gr.skip()
        history, message = self._taken_back(history, last[0])
        return history, message, messages.figures_style(history, language)

    def clear(self, request: gr.Request):
        """Start anew."""
        self.sessions.drop(request.session_hash)
        return [], None, messages.figures_style([], "en")

    def leave(self, request: gr.Request):
        """Forget a session whose page was closed."""
        self.sessions.drop(request.session_hash)

    def _taken_back(self, history: list[dict], last: Exchange) -> tuple[list[dict], dict]:
        return history[: last.start], {"text": last.question, "files": list(last.pictures)}
