"""Checked requests come in from any thread; the tokens of their answers go out, several answers written at once.

One thread owns the model. Who waits while it is busy is answered next in one batch, padded on the left. Rows end, are cancelled and are
drawn each in its own way: company changes nothing in an answer but the last bits of its arithmetic. A long answer does not keep others
waiting: after a while its prompt and what there is of it are read again, in one batch with them.
"""

import logging
import threading
import traceback
from collections import deque

import torch
from PIL import Image
from transformers.generation import LogitsProcessorList, StoppingCriteriaList

from ..answer import STOP_TEXT, Sampling
from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from ..processing_deepseek_vl_hf import DeepSeekVLHFProcessor
from ..stopped_text import StoppedText
from .job import Drawing, Job, Writing
from .refusals import RequestError
from .request import ChatRequest


logger = logging.getLogger(__name__)

DEFAULT_MAX_TOKENS = 1024
# Tokens that a batch writes before those who came meanwhile may join; each time everything is read again.
SHIFT = 64
# Below, the likeliest token is as good as certain, and scores divided by it are more than 32 bits hold.
MIN_TEMPERATURE = 1e-5


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
        temperature = asked.get("temperature", (own.temperature or 1.0) if own.do_sample else 0.0)
        seed = asked.get("seed")
        sampling = Sampling(
            max_new_tokens=min(
                request.max_tokens or own.max_new_tokens or DEFAULT_MAX_TOKENS, self.context - len(ids)
            ),
            temperature=float(temperature) if temperature >= MIN_TEMPERATURE else 0.0,
            top_p=float(asked.get("top_p", own.top_p or 1.0)),
            repetition_penalty=float(asked.get("repetition_penalty", own.repetition_penalty or 1.0)),
            seed=None if seed is None else seed % 2**63,  # OpenAI's may be negative
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
            if len(batch) == 1 and not batch[0].has_ended:
                batch[0].end("error")
                return
            # One that cannot be answered, or too large a batch, is not the others' fault.
            left = [job for job in batch if not job.has_ended]
            for job in left:
                job.rewind()
            half = (len(left) + 1) // 2
            for part in filter(None, (left[:half], left[half:])):
                self._answer(part)
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
            logits_processor=LogitsProcessorList([Drawing(batch)]),
            stopping_criteria=StoppingCriteriaList([Writing(batch, SHIFT, lambda: bool(self._waiting))]),
        )
