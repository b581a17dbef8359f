"""A checked question comes in, its answer goes out while it is written.

On ZeroGPU each call runs in a process of its own that has a GPU for so long: what goes in and out is pickled, and the
conversations that a session has here are not there. So the whole history goes in each time. Of what is raised there, `gr.Error`
alone comes back whole; so errors become sentences for the user inside the call.
"""

import html
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import gradio as gr
import torch

from ..turns import TooLong, Turn
from .history import Figures
from .sessions import Sessions
from .settings import Settings
from .words import Refused, say


try:
    from spaces import GPU  # has to come before CUDA is used
except ImportError:

    def GPU(function: Callable | None = None, **kwargs: Any) -> Callable:
        """Run where one is: there is no ZeroGPU here."""
        return function or (lambda inner: inner)


logger = logging.getLogger(__name__)


@contextmanager
def explained(language: str) -> Iterator[None]:
    """Turn what is raised into one sentence for the user; what nobody expected goes to the log, whole."""
    try:
        yield
    except gr.Error:
        raise
    except Refused as error:
        raise gr.Error(say(language, error.key, **error.fields), print_exception=False) from error
    except TooLong as error:
        told = say(language, "too_long", found=error.found, limit=error.limit)
        raise gr.Error(told, print_exception=False) from error
    except ValueError as error:  # a sentence of the engine's
        raise gr.Error(html.escape(str(error)), print_exception=False) from error
    except Exception as error:
        logger.exception("A question was not answered")
        raise gr.Error(say(language, "failed"), print_exception=False) from error


@dataclass(frozen=True)
class Written:
    """An answer so far, and what it took."""

    text: str
    figures: Figures


def gpu_seconds(session: str | None, turns: Sequence[Turn], turn: Turn, settings: Settings, language: str) -> int:
    """How long a GPU is wanted for an answer."""
    num_pictures = sum(len(each.images) for each in (*turns, turn))
    return min(120, 15 + num_pictures + settings.max_new_tokens // 15)


def make_answering(model: Any, processor: Any, sessions: Sessions) -> Callable[..., Iterator[Written]]:
    """A function that answers.

    It takes the name of a session or `None`, the turns before, the question as a turn, `Settings`, and the language of errors,
    which are `gr.Error`; it yields the answer each time that it has grown. Closing it ends the writing. Where memory runs out,
    the other sessions give theirs back, and the answer is begun once more.
    """

    def written(session: str | None, turns: Sequence[Turn], turn: Turn, settings: Settings) -> Iterator[Written]:
        started_at = perf_counter()
        chat = sessions.get(session)
        chat.system = settings.system
        chat.restore(turns)
        with closing(chat.ask(turn.question, turn.images, **settings.sampling)) as answer:

            def so_far() -> Written:
                seconds, tokens = perf_counter() - started_at, len(answer.token_ids)
                return Written(answer.text, Figures(seconds, tokens, answer.num_turns_left_out, settings.system))

            for _ in answer:
                yield so_far()
            if answer.text:
                yield so_far()  # the last tokens add no text, but count

    @GPU(duration=gpu_seconds)
    def answering(
        session: str | None, turns: Sequence[Turn], turn: Turn, settings: Settings, language: str
    ) -> Iterator[Written]:
        with explained(language):
            try:
                yield from written(session, turns, turn, settings)
                return
            except torch.OutOfMemoryError:
                logger.warning("Memory ran out; the other sessions give theirs back")
            # Here the error, which holds on to memory, is gone.
            sessions.drop_others(session)
            yield from written(session, turns, turn, settings)

    return answering
