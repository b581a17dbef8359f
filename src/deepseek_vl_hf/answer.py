"""An answer while it is written: tokens come in from the generating thread, pieces of text go out to whoever iterates."""

import threading
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue

import torch
from transformers.generation import BaseStreamer, StoppingCriteria


# The model may go on and write the user's next turn; the released chat stops there.
STOP_TEXT = "User:"
# Tokens in which the whole stop text shows, however it is split: one per byte, and some that only share a byte with it.
STOP_WINDOW = 2 * len(STOP_TEXT)


class Answer(BaseStreamer):
    """One answer while it is written: iterate for pieces of text, whose sum is `text`.

    Writing starts with the first piece asked for, in a thread that has ended when iteration ends, whatever ends it.
    Pieces hold whole characters and no part of a stop text.

    Args:
        decode: Turns token ids into text.
        generate: Writes tokens into the `streamer` it is given until done, or until its `stopped` event is set.
        finish: Called once with this answer after the thread has ended.
        started_at: When the question was asked, by `time.perf_counter`.

    Attributes:
        text (`str`): The answer so far.
        token_ids (`list[int]`): Every generated token, the end token too.
        seconds_to_first_token (`float` or `None`): From the question, its pictures' encoding included.
    """

    def __init__(
        self,
        decode: Callable[[list[int]], str],
        generate: Callable[["Answer"], None],
        finish: Callable[["Answer"], None],
        started_at: float,
    ):
        self._decode, self._generate, self._finish = decode, generate, finish
        self._started_at = started_at
        self._tokens: SimpleQueue[tuple[int, float] | None] = SimpleQueue()
        self._pieces = self._write()
        self._prompt_seen = False
        self._last_token_at = started_at
        self.stopped = threading.Event()
        self.error: BaseException | None = None
        self.text = ""
        self.token_ids: list[int] = []
        self.seconds_to_first_token: float | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return next(self._pieces)

    def stop(self) -> None:
        """End the answer after the token at hand; from any thread. Iteration then ends as usual."""
        self.stopped.set()

    def close(self) -> None:
        """Stop and wait for the writing thread; an answer not read so far stays unwritten."""
        self.stop()
        self._pieces.close()

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
            self._tokens.put((int(value.flatten()[0]), time.perf_counter()))
        self._prompt_seen = True

    def end(self) -> None:
        """Nothing: `_run` ends the stream, because `generate` does not where it fails."""

    def _run(self) -> None:
        try:
            self._generate(self)
        except BaseException as error:
            self.error = error
        finally:
            self._tokens.put(None)

    def _write(self) -> Iterator[str]:
        thread = threading.Thread(target=self._run, name="deepseek-vl-answer", daemon=True)
        thread.start()
        try:
            while self._take():
                if piece := self._grow():
                    yield piece
            if piece := self._grow(final=True):
                yield piece
        finally:
            self.stop()
            thread.join()
            while not self._tokens.empty():
                self._take()
            self._grow(final=True)
            self._finish(self)
        if self.error is not None:
            raise self.error

    def _take(self) -> bool:
        entry = self._tokens.get()
        if entry is None:
            return False
        token, self._last_token_at = entry
        if not self.token_ids:
            self.seconds_to_first_token = self._last_token_at - self._started_at
        self.token_ids.append(token)
        return True

    def _grow(self, final: bool = False) -> str:
        text = self._decode(self.token_ids).split(STOP_TEXT)[0].lstrip()
        if not final:
            for length in range(len(STOP_TEXT) - 1, 0, -1):
                if text.endswith(STOP_TEXT[:length]):
                    text = text[:-length]
                    break
        while text and (
            text[-1].isspace() or text[-1] == "\ufffd"
        ):  # what a byte-level decoder makes of half a character
            text = text[:-1]
        piece = text[len(self.text) :]
        self.text += piece
        return piece


class StopAnswer(StoppingCriteria):
    """Ends `generate` when the answer is stopped or holds the stop text."""

    def __init__(self, answer: Answer, decode: Callable[[list[int]], str], prompt_length: int):
        self.answer, self.decode, self.prompt_length = answer, decode, prompt_length

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **kwargs) -> torch.Tensor:
        tail = self.decode(input_ids[0, self.prompt_length :][-STOP_WINDOW:].tolist())
        done = self.answer.stopped.is_set() or STOP_TEXT in tail
        return torch.full((input_ids.shape[0],), done, dtype=torch.bool, device=input_ids.device)
