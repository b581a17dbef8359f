"""A checked question comes in, its answer goes out while it is written.

On ZeroGPU each call runs in a process of its own that has a GPU for so long: what goes in and out is pickled, and the
conversations that a session has here are not there. So the whole history goes in each time.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from ..chat import Chat
from ..turns import Turn
from .history import Figures
from .sessions import Sessions
from .settings import Settings


try:
    from spaces import GPU  # has to come before CUDA is used
except ImportError:

    def GPU(function: Callable | None = None, **kwargs: Any) -> Callable:
        """Run where one is: there is no ZeroGPU here."""
        return function or (lambda inner: inner)


@dataclass(frozen=True)
class Written:
    """An answer so far, and what it took."""

    text: str
    figures: Figures


def gpu_seconds(session: str | None, turns: Sequence[Turn], turn: Turn, settings: Settings) -> int:
    """How long a GPU is wanted for an answer."""
    num_pictures = sum(len(each.images) for each in (*turns, turn))
    return min(120, 15 + num_pictures + settings.max_new_tokens // 15)


def make_answering(model: Any, processor: Any, sessions: Sessions) -> Callable[..., Iterator[Written]]:
    """A function that answers.

    It takes the name of a session or `None`, the turns before, the question as a turn, and `Settings`; it yields the answer
    each time that it has grown. Closing it ends the writing.
    """

    @GPU(duration=gpu_seconds)
    def answering(session: str | None, turns: Sequence[Turn], turn: Turn, settings: Settings) -> Iterator[Written]:
        started_at = perf_counter()
        chat: Chat = sessions.get(session)
        chat.system = settings.system
        chat.restore(turns)
        with closing(chat.ask(turn.question, turn.images, **settings.sampling)) as answer:

            def so_far() -> Written:
                seconds = perf_counter() - started_at
                return Written(answer.text, Figures(seconds, len(answer.token_ids), answer.num_turns_left_out))

            for _ in answer:
                yield so_far()
            if answer.text:
                yield so_far()  # the last tokens add no text, but count

    return answering
