"""Checked requests come in from any thread; the tokens of their answers go out, several answers written at once.

One thread owns the model. Who waits while it is busy is answered next in one batch, padded on the left. Rows end, are cancelled and are
drawn each in its own way: company changes nothing in an answer but the last bits of its arithmetic. A long answer does not keep others
waiting: after a while its prompt and what there is of it are read again, in one batch with them.
"""

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from PIL import Image
from transformers.generation import (
    LogitsProcessor,
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    StoppingCriteria,
    StoppingCriteriaList,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
)

from ..answer import STOP_TEXT, Sampling
from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from ..processing_deepseek_vl_hf import DeepSeekVLHFProcessor
from ..stopped_text import StoppedText
from .request import ChatRequest, RequestError


logger = logging.getLogger(__name__)

DEFAULT_MAX_TOKENS = 1024
# Tokens that a batch writes before those who came meanwhile may join; each time everything is read again.
SHIFT = 64


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

    @property
    def has_ended(self) -> bool:
        """Whether there is nothing more to write."""
        return self.finish_reason is not None or self.cancelled.is_set()

    def take(self, token: int) -> None:
        """Add a token to the answer, and end it where it ends."""
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
        scores = TemperatureLogitsWarper(float(self.sampling.temperature))(ids, scores)
        scores = TopPLogitsWarper(float(self.sampling.top_p))(ids, scores)
        token = torch.multinomial(scores.softmax(-1), 1, generator=self._generator)
        return torch.full_like(scores, -torch.inf).scatter(1, token, 0.0)


class _Drawing(LogitsProcessor):
    """Draws each row in its own way; the others are left to `generate`, which takes the likeliest."""

    def __init__(self, batch: list[Job]):
        self.batch = batch

    def __call__(self, input_ids, scores):
        scores = scores.clone()
        for row, job in enumerate(self.batch):
            if not job.has_ended and (job.sampling.temperature > 0 or job.sampling.repetition_penalty != 1):
                seen = len(job.ids) + len(job.token_ids)
                scores[row : row + 1] = job.draw(input_ids[row : row + 1, -seen:], scores[row : row + 1])
        return scores


class _Writing(StoppingCriteria):
    """Hands each row's token to its job, and ends the rows whose job has ended, or all at the end of a shift."""

    def __init__(self, batch: list[Job], is_awaited: Callable[[], bool]):
        self.batch, self.is_awaited, self.num_tokens = batch, is_awaited, 0

    def __call__(self, input_ids, scores, **kwargs):
        for job, token in zip(self.batch, input_ids[:, -1].tolist(), strict=True):
            if not job.has_ended:
                job.take(token)
        self.num_tokens += 1
        pause = self.num_tokens >= SHIFT and self.is_awaited()
        return torch.tensor([pause or job.has_ended for job in self.batch], device=input_ids.device)


class Engine:
    """Answers requests with a model, in a thread that it starts.

    Args:
        model: In evaluation mode, on the device to use.
        processor: The checkpoint's own.
        max_batch: Answers written at once.
        max_batch_tokens: Of prompts and answers of a batch, padding included; bounds the memory of keys and values.
    """

    def __init__(
        self,
        model: DeepSeekVLHFForConditionalGeneration,
        processor: DeepSeekVLHFProcessor,
        max_batch: int = 32,
        max_batch_tokens: int = 2**14,
    ):
        self.model, self.processor = model, processor
        self.max_batch, self.max_batch_tokens = max_batch, max_batch_tokens
        self.context = model.config.text_config.max_position_embeddings
        end_ids = model.generation_config.eos_token_id or processor.tokenizer.eos_token_id
        self._end_ids = frozenset(end_ids if isinstance(end_ids, list) else [end_ids])
        self._waiting: deque[Job] = deque()
        self._writing: list[Job] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="deepseek-vl-engine", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether requests are still answered."""
        return self._thread.is_alive()

    def see(self, picture: Image.Image) -> dict[str, torch.Tensor]:
        """Squares of one picture: `pixel_values` (1, 3, L, L), for the hybrid `high_res_pixel_values` (1, 3, H, H)."""
        return dict(self.processor.image_processor(picture, return_tensors="pt"))

    def prepare(self, request: ChatRequest) -> Job:
        """Tokenize a request.

        What it leaves open is as the model's `generation_config` says: greedy, unless that draws.

        Raises:
            RequestError: if the context has no room for it.
        """
        processor, asked, own = self.processor, request.fields, self.model.generation_config
        prompt = processor.apply_chat_template(
            request.messages, tokenize=False, add_generation_prompt=True, add_bos=True
        )
        prompt = prompt.replace(processor.image_token, processor.image_token * processor.num_image_tokens)
        ids = processor.tokenizer(prompt, add_special_tokens=False)["input_ids"]
        if len(ids) >= self.context:
            raise RequestError(
                f"The conversation has {len(ids)} tokens, {processor.num_image_tokens} for each of its "
                f"{len(request.pictures)} pictures, and the model reads {self.context}; send less of it.",
                "messages",
                code="context_length_exceeded",
            )
        sampling = Sampling(
            max_new_tokens=min(
                request.max_tokens or own.max_new_tokens or DEFAULT_MAX_TOKENS, self.context - len(ids)
            ),
            temperature=asked.get("temperature", (own.temperature or 1.0) if own.do_sample else 0.0),
            top_p=asked.get("top_p", own.top_p or 1.0),
            repetition_penalty=asked.get("repetition_penalty", own.repetition_penalty or 1.0),
            seed=asked.get("seed"),
        )
        text = StoppedText(processor.tokenizer, (STOP_TEXT, *request.stop))
        return Job(ids, request.pictures, sampling, text, self._end_ids)

    def submit(self, job: Job) -> None:
        """Let a job be answered; it may be cancelled at any time through its event."""
        with self._changed:
            self._waiting.append(job)
            self._changed.notify()

    def close(self) -> None:
        """Drop what waits, end what is being written, and wait for the thread."""
        with self._changed:
            self._closed = True
            for job in (*self._waiting, *self._writing):
                job.cancelled.set()
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (batch := self._next_batch()) is not None:
            self._answer(batch)

    def _next_batch(self) -> list[Job] | None:
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return None
                batch, longest = [], 0
                while self._waiting and len(batch) < self.max_batch:
                    job = self._waiting[0]
                    longest = max(longest, len(job.ids) + job.sampling.max_new_tokens)
                    if batch and longest * (len(batch) + 1) > self.max_batch_tokens:
                        break
                    self._waiting.popleft()
                    if not job.has_ended:
                        batch.append(job)
                if batch:
                    self._writing = batch
                    return batch

    def _answer(self, batch: list[Job]) -> None:
        try:
            self._generate(batch)
        except Exception as error:
            traceback.clear_frames(error.__traceback__)  # what they hold is as large as the model's activations
            logger.exception("answering %d requests failed", len(batch))
            for job in batch:
                if job.has_ended:
                    continue
                if len(batch) > 1:
                    self._answer([job])  # one that cannot be answered, or too large a batch, is not the others' fault
                else:
                    job.end("error")
        else:
            with self._changed:
                self._waiting.extend(job for job in batch if not job.has_ended)

    def _generate(self, batch: list[Job]) -> None:
        prompts = [job.ids + job.token_ids for job in batch]
        width = max(map(len, prompts))
        pad = self.processor.tokenizer.pad_token_id
        device, dtype = self.model.device, self.model.dtype
        ids = torch.tensor([[pad] * (width - len(prompt)) + prompt for prompt in prompts], device=device)
        mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device)
        num_tokens = max(job.sampling.max_new_tokens - len(job.token_ids) for job in batch)
        pictures = [picture for job in batch for picture in job.pictures]
        names = pictures[0] if pictures else ()
        self.model.generate(
            input_ids=ids,
            attention_mask=mask,
            **{name: torch.cat([picture[name] for picture in pictures]).to(device, dtype) for name in names},
            **Sampling(num_tokens).for_generate(self.context),
            eos_token_id=sorted(self._end_ids),
            pad_token_id=pad,
            logits_processor=LogitsProcessorList([_Drawing(batch)]),
            stopping_criteria=StoppingCriteriaList([_Writing(batch, lambda: bool(self._waiting))]),
        )
