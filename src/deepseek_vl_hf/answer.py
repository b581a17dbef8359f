"""An answer while it is written: tokens come in from the generating thread, pieces of text go out to whoever iterates."""

import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import torch
from transformers.generation import BaseStreamer, StoppingCriteria

from .stopped_text import StoppedText


# The model may go on and write the user's next turn; the released chat stops there.
STOP_TEXT = "User:"


@dataclass(frozen=True)
class Sampling:
    """How an answer is drawn.

    Args:
        max_new_tokens: Bound of the answer; less where the context ends before.
        temperature: 0 takes the likeliest token each time; above, tokens are drawn.
        top_p: Draw from the likeliest tokens that together hold this probability.
        repetition_penalty: Above 1, tokens that were there before are less likely.
        seed: Unset, each answer is drawn anew. Set, torch's generator starts from it, in the whole process.

    Raises:
        ValueError: if one is out of range.
    """

    max_new_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int | None = None

    def __post_init__(self):
        # Written so that NaN is refused as well.
        if not (
            self.max_new_tokens >= 1
            and 0 <= self.temperature < float("inf")
            and 0 < self.top_p <= 1
            and 0 < self.repetition_penalty < float("inf")
            and (self.seed is None or 0 <= self.seed < 2**63)
        ):
            raise ValueError(
                f"Found temperature={self.temperature}, top_p={self.top_p}, repetition_penalty={self.repetition_penalty}, "
                f"max_new_tokens={self.max_new_tokens}, seed={self.seed}; expected a temperature of 0 or more, a top_p above 0 and up "
                "to 1, a repetition_penalty above 0, at least 1 new token, and a seed from 0 to 2**63 - 1 or none."
            )

    def for_generate(self, room: int) -> dict[str, Any]:
        """Arguments of `generate`, with so many tokens left in the context; starts the generator where there is a seed."""
        if self.seed is not None:
            torch.manual_seed(self.seed)
        drawn = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
        if self.temperature > 0:
            drawn = {"do_sample": True, "temperature": self.temperature, "top_p": self.top_p, "top_k": 0}
        return {
            **drawn,
            "num_beams": 1,  # an answer is streamed, whatever else the checkpoint's generation_config says
            "repetition_penalty": float(self.repetition_penalty),
            "max_new_tokens": min(self.max_new_tokens, room),
        }


class Answer(BaseStreamer):
    """One answer while it is written: iterate for pieces of text, whose sum is `text`.

    Writing starts with the first piece asked for, in a thread that has ended when iteration ends, whatever ends it.
    Pieces hold whole characters and no part of a stop text.

    Args:
        written: What the tokens become.
        generate: Writes tokens into the `streamer` it is given until done, or until its `stopped` event is set.
        finish: Called once with this answer after the thread has ended.
        started_at: When the question was asked, by `time.perf_counter`.

    Attributes:
        text (`str`): The answer so far.
        token_ids (`list[int]`): Every generated token, the end token too.
        seconds_to_first_token (`float` or `None`): From the question, its pictures' encoding included.
        num_prompt_tokens (`int`): Of the conversation up to here, image tokens included.
        num_reused_tokens (`int`): How many of them had been read before.
        num_turns_left_out (`int`): The oldest, for which the context has no room.
        is_cut (`bool`): Whether it ended for want of room or by its bound, once it has ended.
    """

    def __init__(
        self,
        written: StoppedText,
        generate: Callable[["Answer"], None],
        finish: Callable[["Answer"], None],
        started_at: float,
    ):
        self._written, self._generate, self._finish = written, generate, finish
        self._started_at = self._last_token_at = started_at
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._pieces = self._read()
        self._prompt_seen = False
        self._reader: int | None = None
        self._has_written, self._ended = threading.Event(), threading.Event()
        self.stopped = threading.Event()
        self.error: BaseException | None = None
        self.text = ""
        self.token_ids: list[int] = []
        self.seconds_to_first_token: float | None = None
        self.num_prompt_tokens = self.num_reused_tokens = self.num_turns_left_out = 0
        self.is_cut = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return next(self._pieces)

    def stop(self) -> None:
        """End the answer after the token at hand; from any thread. Iteration then ends as usual."""
        self.stopped.set()

    def close(self) -> None:
        """Stop and wait for the writing thread, from any thread; an answer not read so far stays unwritten."""
        self.stop()
        try:
            self._pieces.close()
        except ValueError:  # it is being read; whoever reads it ends there what this thread would
            if self._reader != threading.get_ident():  # not a signal's handler in the middle of reading
                self._ended.wait()

    @property
    def tokens_per_second(self) -> float | None:
        """Speed after the first token; `None` where there were fewer than two."""
        if len(self.token_ids) < 2:
            return None
        seconds = self._last_token_at - self._started_at - self.seconds_to_first_token
        return (len(self.token_ids) - 1) / seconds

    def put(self, value: torch.Tensor) -> None:
        """Take tokens from `generate`, which hands the prompt over first."""
        if self._prompt_seen:
            self._last_token_at = time.perf_counter()
            if not self.token_ids:
                self.seconds_to_first_token = self._last_token_at - self._started_at
            token = int(value.flatten()[0])
            self.token_ids.append(token)
            self._queue.put(self._written.add(token))
            if self._written.stopped:
                self.stop()
        self._prompt_seen = True

    def end(self) -> None:
        """Nothing: `_write` ends the stream, because `generate` does not where it fails."""

    def _write(self) -> None:
        try:
            self._generate(self)
            self.is_cut = bool(self.token_ids) and not self.stopped.is_set()
        except BaseException as error:
            traceback.clear_frames(error.__traceback__)  # what they hold is as large as the model's activations
            self.error = error
        finally:
            self._queue.put(self._written.end())
            self._queue.put(None)
            self._has_written.set()

    def _read(self) -> Iterator[str]:
        thread = threading.Thread(target=self._write, name="deepseek-vl-answer", daemon=True)
        self._reader = threading.get_ident()
        try:
            thread.start()
            while (piece := self._queue.get()) is not None:
                self.text += piece
                if piece:
                    yield piece
        finally:
            self._end(thread)
        if self.error is not None:
            raise self.error

    def _end(self, thread: threading.Thread) -> None:
        """Wait for the writing thread, through any number of Ctrl-C: what it writes to is used again."""
        interrupt = None
        self.stop()
        # Not `join`, which takes a thread for ended when it is interrupted itself.
        while thread.ident is not None and not self._has_written.is_set():
            try:
                self._has_written.wait()
            except KeyboardInterrupt as error:
                interrupt = error
        if thread.ident is not None:
            thread.join()
        while not self._queue.empty():
            self.text += self._queue.get() or ""
        try:
            self._finish(self)
        finally:
            self._ended.set()
        if interrupt is not None:
            raise interrupt


class StopAnswer(StoppingCriteria):
    """Ends `generate` when the answer is stopped, as it is by a stop text."""

    def __init__(self, answer: Answer):
        self.answer = answer

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **kwargs) -> torch.Tensor:
        done = self.answer.stopped.is_set()
        return torch.full((input_ids.shape[0],), done, dtype=torch.bool, device=input_ids.device)
