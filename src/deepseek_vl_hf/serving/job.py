"""One answer to be written: scores of its next token come in, pieces of its text go out.

`Drawing` and `Writing` do for a batch of them what `generate` asks of its plugins; a fault in one row is no other's.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from transformers.generation import (
    LogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    StoppingCriteria,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
)

from ..answer import Sampling
from ..stopped_text import StoppedText


logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Job:
    """One answer to be written.

    Args:
        ids: Of the prompt, image tokens included.
        pictures: Squares of pixels, one entry per picture.
        sampling: How to draw; its `max_new_tokens` is what the context has room for, at most.
        text: What the tokens become.
        end_ids: Tokens that end an answer.

    Attributes:
        emit: Takes each piece of the answer, and `None` when it has ended; called from the engine's thread.
        finish_reason: "stop", "length" or "error", once it has ended.
    """

    ids: list[int]
    pictures: tuple[dict[str, torch.Tensor], ...]
    sampling: Sampling
    text: StoppedText
    end_ids: frozenset[int]
    emit: Callable[[str | None], None] = lambda piece: None
    token_ids: list[int] = field(default_factory=list)
    finish_reason: str | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    _generator: torch.Generator | None = None
    _state: torch.Tensor | None = None  # of the generator, before a draw whose token was not taken yet

    @property
    def has_ended(self) -> bool:
        """Whether there is nothing more to write."""
        return self.finish_reason is not None or self.cancelled.is_set()

    def take(self, token: int) -> None:
        """Add a token to the answer, and end it where it ends."""
        self._state = None
        self.token_ids.append(token)
        if piece := self.text.add(token):
            self.emit(piece)
        if token in self.end_ids or self.text.stopped:
            self.end("stop")
        elif len(self.token_ids) >= self.sampling.max_new_tokens:
            self.end("length")

    def end(self, reason: str) -> None:
        """Give out what was held back, and say that this was all."""
        if piece := self.text.end():
            self.emit(piece)
        self.finish_reason = reason
        self.emit(None)

    def draw(self, ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores (1, V) after which the likeliest token is the one to take; `ids` (1, T) are those before it."""
        scores = RepetitionPenaltyLogitsProcessor(self.sampling.repetition_penalty)(ids, scores)
        if self.sampling.temperature == 0:
            return scores
        if self._generator is None:
            self._generator = torch.Generator(scores.device)
            if self.sampling.seed is None:
                self._generator.seed()
            else:
                self._generator.manual_seed(self.sampling.seed)
        self._state = self._generator.get_state()
        scores = TemperatureLogitsWarper(self.sampling.temperature)(ids, scores)
        scores = TopPLogitsWarper(self.sampling.top_p)(ids, scores)
        token = torch.multinomial(scores.softmax(-1), 1, generator=self._generator)
        return torch.full_like(scores, -torch.inf).scatter(1, token, 0.0)

    def rewind(self) -> None:
        """Undo a draw whose token was not taken, so that it is drawn again."""
        if self._state is not None:
            self._generator.set_state(self._state)
            self._state = None


class Drawing(LogitsProcessor):
    """Draws each row in its own way; the others are left to `generate`, which takes the likeliest."""

    def __init__(self, batch: list[Job]):
        self.batch = batch

    def __call__(self, input_ids, scores):
        scores = scores.clone()
        for row, job in enumerate(self.batch):
            if not job.has_ended and (job.sampling.temperature > 0 or job.sampling.repetition_penalty != 1):
                seen = len(job.ids) + len(job.token_ids)
                with _own_fault(job):
                    scores[row : row + 1] = job.draw(input_ids[row : row + 1, -seen:], scores[row : row + 1])
        return scores


class Writing(StoppingCriteria):
    """Hands each row's token to its job, and ends the rows whose job has ended.

    Args:
        batch: A job for each row.
        shift: Tokens after which all rows end, if somebody waits.
        is_awaited: Whether somebody does.
    """

    def __init__(self, batch: list[Job], shift: int, is_awaited: Callable[[], bool]):
        self.batch, self.shift, self.is_awaited, self.num_tokens = batch, shift, is_awaited, 0

    def __call__(self, input_ids, scores, **kwargs):
        for job, token in zip(self.batch, input_ids[:, -1].tolist(), strict=True):
            if not job.has_ended:
                with _own_fault(job):
                    job.take(token)
        self.num_tokens += 1
        pause = self.num_tokens >= self.shift and self.is_awaited()
        return torch.tensor([pause or job.has_ended for job in self.batch], device=input_ids.device)


@contextmanager
def _own_fault(job: Job) -> Iterator[None]:
    """What fails in one row ends that row alone."""
    try:
        yield
    except Exception:
        logger.exception("answering a request failed")
        job.end("error")
