"""A checkpoint and questions come in; what it answers, and how likely it finds each choice, goes out.

Answers are the likeliest token each time, several questions at once, and those that `Chat` gives: the chat template, an end
before the user's next turn, no more than the context has room for. Questions of like length share a batch, the longest first,
and a picture is read and encoded once in each batch; none is kept.

Choices are told apart by perplexity (paper section 4.2.4): each follows question and options in turn, and the one of the
lowest mean negative log-likelihood per token is what the model finds likeliest. A small model knows an option before it
can write it in the form that is asked for.

Letters: B rows of a batch, T tokens, K tokens of the longest choice, N visual tokens of a picture, D their size.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from transformers.generation import StoppingCriteria, StoppingCriteriaList
from transformers.modeling_outputs import BaseModelOutputWithPooling

from ..answer import STOP_TEXT, Sampling
from ..data.picture_files import open_picture
from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from ..processing_deepseek_vl_hf import DeepSeekVLHFProcessor
from ..stopped_text import StoppedText
from ..turns import Turn, as_messages
from .questions import Question, QuestionSet


@dataclass(frozen=True)
class Reply:
    """What a checkpoint answered.

    Args:
        text: The answer.
        is_cut: Whether it ended by its bound, or for want of room.
        is_too_long: Whether the question was longer than the context, and was not asked.
        losses: Of each choice: mean negative log-likelihood of its tokens, in nats; infinite where the context has no room for it.
    """

    text: str = ""
    is_cut: bool = False
    is_too_long: bool = False
    losses: tuple[float, ...] = ()


@dataclass(frozen=True)
class _Row:
    """A row of a batch: token ids, and how many at their end are of a choice, for whose loss it is."""

    question: int
    ids: list[int]
    pictures: tuple[str, ...]
    choice: int = 0
    num_targets: int = 0


class Answering:
    """Asks a checkpoint.

    Args:
        model: In evaluation mode, on the device to use.
        processor: The checkpoint's own.
        asked: The questions.
        max_new_tokens: Bound of an answer.
        batch_size: Questions answered at once; beyond rounding, answers do not depend on it.

    Raises:
        ValueError: if the image tokens and pictures of a question differ in number.
    """

    def __init__(
        self,
        model: DeepSeekVLHFForConditionalGeneration,
        processor: DeepSeekVLHFProcessor,
        asked: QuestionSet,
        max_new_tokens: int = 128,
        batch_size: int = 16,
    ):
        self.model, self.processor, self.asked = model, processor, asked
        self.max_new_tokens, self.batch_size = max_new_tokens, batch_size
        self.context = model.config.text_config.max_position_embeddings
        self._end = processor.tokenizer.eos_token_id
        self._prompts = [
            _Row(number, self._tokenize(question), question.pictures)
            for number, question in enumerate(asked.questions)
        ]

    def __len__(self) -> int:
        """Rows to be read: a question each, and each of its choices."""
        return len(self._prompts) + sum(len(question.choices) for question in self.asked.questions)

    @torch.no_grad()
    def run(self, after_rows: Callable[[int], None] = lambda count: None) -> list[Reply]:
        """Ask every question.

        Args:
            after_rows: Told after each batch how many more rows were read.

        Returns:
            A reply to each, in the order of the questions.
        """
        replies = [Reply(is_too_long=len(row.ids) >= self.context) for row in self._prompts]
        after_rows(sum(reply.is_too_long for reply in replies))
        for batch in self._batches([row for row in self._prompts if len(row.ids) < self.context]):
            for row, reply in zip(batch, _halving(self._generate, batch), strict=True):
                replies[row.question] = reply
            after_rows(len(batch))
        losses = [[math.inf] * len(question.choices) for question in self.asked.questions]
        rows = [row for prompt in self._prompts for row in self._with_choices(prompt)]
        after_rows(len(self) - len(self._prompts) - len(rows))
        for batch in self._batches(rows):
            for row, loss in zip(batch, _halving(self._score, batch), strict=True):
                losses[row.question][row.choice] = loss
            after_rows(len(batch))
        return [replace(reply, losses=tuple(found)) for reply, found in zip(replies, losses, strict=True)]

    def _tokenize(self, question: Question, answer: str = "") -> list[int]:
        """Token ids of a question, or of it with an answer and its end, without reading the pictures."""
        processor = self.processor
        turn = Turn(question.prompt, (None,) * len(question.pictures), answer)
        try:
            messages = as_messages([turn], None, processor.image_token)
        except ValueError as error:
            raise ValueError(f"{question.id}: {error}") from error
        prompt = processor.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=not answer, add_bos=True
        )
        prompt = prompt.replace(processor.image_token, processor.image_token * processor.num_image_tokens)
        return processor.tokenizer(prompt, add_special_tokens=False)["input_ids"]

    def _with_choices(self, prompt: _Row) -> Iterator[_Row]:
        """Rows of a question and each of its choices that the context has room for; the end is no part of the choice."""
        question = self.asked.questions[prompt.question]
        for number, choice in enumerate(question.choices):
            ids = self._tokenize(question, choice)[:-1]
            shared = sum(1 for _ in _same_start(prompt.ids, ids))
            if len(ids) <= self.context and shared < len(ids):
                yield replace(prompt, ids=ids, choice=number, num_targets=len(ids) - shared)

    def _batches(self, rows: Sequence[_Row]) -> Iterator[list[_Row]]:
        """The longest first: what memory cannot hold shows at once. Rows of one picture stand together where they can."""
        ordered = sorted(rows, key=lambda row: (-len(row.ids), row.pictures, row.question))
        for start in range(0, len(ordered), self.batch_size):
            yield ordered[start : start + self.batch_size]

    def _inputs(self, batch: Sequence[_Row]) -> dict:
        """What the model reads: ids and mask (B, T), padded on the left, and visual tokens of all pictures."""
        width, pad = max(len(row.ids) for row in batch), self.processor.tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (width - len(row.ids)) + row.ids for row in batch])
        mask = torch.tensor([[0] * (width - len(row.ids)) + [1] * len(row.ids) for row in batch])
        inputs = {"input_ids": ids.to(self.model.device), "attention_mask": mask.to(self.model.device)}
        names = [name for row in batch for name in row.pictures]
        if names:
            places = {name: place for place, name in enumerate(dict.fromkeys(names))}
            encoded = self._encode(list(places))
            visual_tokens = encoded[[places[name] for name in names]]
            inputs["mm_encoder_outputs"] = {"image": BaseModelOutputWithPooling(pooler_output=visual_tokens)}
        return inputs

    def _encode(self, names: Sequence[str]) -> torch.Tensor:
        """Visual tokens (pictures, N, D), no more pictures at once than rows in a batch."""
        encoded = []
        for start in range(0, len(names), self.batch_size):
            part = names[start : start + self.batch_size]
            images = [open_picture(self.asked.picture(name), name) for name in part]
            pixels = self.processor.image_processor(images, return_tensors="pt")
            pixels = {key: pixels[key].to(self.model.device, self.model.dtype) for key in pixels}
            encoded.append(self.model.get_image_features(**pixels).pooler_output)
        return torch.cat(encoded)

    def _generate(self, batch: Sequence[_Row]) -> list[Reply]:
        rooms = [min(self.max_new_tokens, self.context - len(row.ids)) for row in batch]
        writing = _Writing(self.processor.tokenizer, rooms, self._end)
        self.model.generate(
            **self._inputs(batch),
            **Sampling(max(rooms)).for_generate(self.context),
            eos_token_id=self._end,
            pad_token_id=self._end,
            stopping_criteria=StoppingCriteriaList([writing]),
        )
        return writing.replies()

    def _score(self, batch: Sequence[_Row]) -> list[float]:
        """Mean negative log-likelihood of each row's targets, which stand at its end."""
        inputs = self._inputs(batch)
        longest = max(row.num_targets for row in batch)
        positions = (inputs["attention_mask"].cumsum(-1) - 1).clamp(min=0)
        outputs = self.model(**inputs, position_ids=positions, use_cache=False, logits_to_keep=longest + 1)
        logits = outputs.logits[:, :-1]  # (B, K, V)
        targets = inputs["input_ids"][:, -longest:]
        found = logits.float().log_softmax(-1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        return [-float(found[place, -row.num_targets :].double().mean()) for place, row in enumerate(batch)]


class _Writing(StoppingCriteria):
    """Takes each row's tokens until its end, a stop text or its bound."""

    def __init__(self, tokenizer, rooms: Sequence[int], end: int):
        self.rooms, self.end, self.num_tokens = rooms, end, 0
        self.written = [StoppedText(tokenizer, (STOP_TEXT,)) for _ in rooms]
        self.texts = [""] * len(rooms)
        self.has_ended, self.is_cut = [False] * len(rooms), [False] * len(rooms)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **kwargs) -> torch.Tensor:
        self.num_tokens += 1
        for row, token in enumerate(input_ids[:, -1].tolist()):
            if self.has_ended[row]:
                continue
            self.texts[row] += self.written[row].add(token)
            is_done = token == self.end or self.written[row].stopped
            self.is_cut[row] = not is_done and self.num_tokens >= self.rooms[row]
            self.has_ended[row] = is_done or self.is_cut[row]
        return torch.tensor(self.has_ended, device=input_ids.device)

    def replies(self) -> list[Reply]:
        """What was written."""
        texts = [text + written.end() for text, written in zip(self.texts, self.written, strict=True)]
        return [Reply(text, is_cut) for text, is_cut in zip(texts, self.is_cut, strict=True)]


def _same_start(first: Sequence[int], second: Sequence[int]) -> Iterator[int]:
    for one, other in zip(first, second, strict=False):
        if one != other:
            return
        yield one


def _halving(work: Callable[[Sequence[_Row]], list], batch: Sequence[_Row]) -> list:
    """Work on a batch, or on its halves where memory cannot hold it."""
    try:
        return work(batch)
    except torch.OutOfMemoryError:
        if len(batch) == 1:
            raise
    if torch.accelerator.is_available():
        torch.accelerator.empty_cache()  # outside of `except`, whose traceback holds the activations
    middle = len(batch) // 2
    return [*_halving(work, batch[:middle]), *_halving(work, batch[middle:])]
