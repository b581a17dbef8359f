"""One conversation: questions with pictures come in, answers go out piece by piece.

A picture is encoded once, however often it is asked about. Keys and values of everything read so far are kept: a new turn, another
answer to the last question, or an earlier question put differently feeds only the tokens from where it parts from what was read, so
that an answer is the one that the whole conversation would get in a single prompt.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import torch
from PIL import Image
from transformers.generation import StoppingCriteriaList
from transformers.modeling_outputs import BaseModelOutputWithPooling

from .answer import STOP_TEXT, Answer, Sampling, StopAnswer
from .modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .prefix import Prefix
from .processing_deepseek_vl_hf import DeepSeekVLHFProcessor
from .stopped_text import StoppedText
from .turns import Turn, as_messages, fit


# Encoded pictures that outlive the turns they were shown in, for whoever takes a question back and asks it again.
PICTURES_KEPT = 16


class Chat:
    """A conversation with a model: `ask` a question, iterate over its answer, ask the next.

    Args:
        model: In evaluation mode, on the device to use; an adapter may be on it.
        processor: The checkpoint's own.
        system: Instruction before the first turn; `None` leaves it to the chat template, an empty one leaves it out.

    Attributes:
        turns (`tuple[Turn, ...]`): What was said so far. A question whose answer failed or stayed empty is withdrawn.
    """

    def __init__(
        self,
        model: DeepSeekVLHFForConditionalGeneration,
        processor: DeepSeekVLHFProcessor,
        system: str | None = None,
    ):
        self.model, self.processor, self.system = model, processor, system
        self.turns: tuple[Turn, ...] = ()
        self._answer: Answer | None = None
        self._asked: tuple[tuple[Turn, ...], Turn] | None = None
        self._prefix = Prefix()
        self._visual_tokens: OrderedDict[str, torch.Tensor] = OrderedDict()

    def ask(self, text: str, images: Iterable = (), **sampling) -> Answer:
        """Ask a question; an answer still being written is stopped first.

        Args:
            text: The question. An image token in it marks the place of a picture; without any, pictures come first.
            images: Pictures that belong to the question, in the order of the image tokens; what the image processor takes.
            **sampling: How to draw the answer, see `Sampling`.

        Raises:
            ValueError: if the question is empty, an option is out of range, a picture cannot be read, image tokens and pictures
                differ in number, or the question alone is longer than the context.
        """
        self.stop()
        return self._reply(self.turns, Turn(text, self._read(images)), Sampling(**sampling))

    def retry(self, **sampling) -> Answer:
        """Ask the last question again, also one that was withdrawn; its new answer replaces the old one.

        Raises:
            ValueError: if nothing was asked yet.
        """
        self.stop()
        if self._asked is None and not self.turns:
            raise ValueError("There is no question yet to ask again; ask one.")
        before, turn = self._asked or (self.turns[:-1], self.turns[-1])
        return self._reply(before, turn, Sampling(**sampling))

    def edit(self, index: int, text: str, images: Iterable | None = None, **sampling) -> Answer:
        """Put an earlier question differently; turns after it go as soon as it is answered.

        Args:
            index: Of the turn, from 0; negative from the end.
            text: The question, as in `ask`.
            images: Its pictures; `None` leaves those it has.

        Raises:
            ValueError: if there is no such turn; see also `ask`.
        """
        self.stop()
        if not -len(self.turns) <= index < len(self.turns):
            raise ValueError(f"Found turn {index} to edit; there are {len(self.turns)}, the first of them 0.")
        index %= len(self.turns)
        pictures = self.turns[index].images if images is None else self._read(images)
        return self._reply(self.turns[:index], Turn(text, pictures), Sampling(**sampling))

    def undo(self) -> Turn:
        """Take the last turn back.

        Raises:
            ValueError: if there is none.
        """
        self.stop()
        if not self.turns:
            raise ValueError("There is no turn to take back.")
        turn = self.turns[-1]
        self.restore(self.turns[:-1])
        return turn

    def restore(self, turns: Iterable[Turn]) -> None:
        """Go on from these turns, wherever they come from; what they share with the present ones need not be read again.

        Turns without an answer are left out, as are questions that stay without one here.
        """
        self.stop()
        self.turns = tuple(
            Turn(turn.question, self._read(turn.images), turn.answer) for turn in turns if turn.answer.strip()
        )
        self._asked = None

    def reset(self) -> None:
        """Forget all turns and pictures, but not the system instruction."""
        self.restore(())
        self.forget()

    def forget(self) -> None:
        """Give the memory of cache and pictures back, and keep the turns; needed when the weights change, as by another adapter."""
        self.stop()
        self._prefix.forget()
        self._visual_tokens.clear()

    def stop(self) -> None:
        """Stop an answer that is being written; what there is of it stays."""
        answer = self._answer  # which another thread may end meanwhile
        if answer is not None:
            answer.close()

    @property
    def messages(self) -> list[dict]:
        """The conversation as `apply_chat_template` takes it; pictures stand as `{"type": "image"}`."""
        return as_messages(self.turns, self.system, self.processor.image_token)

    @property
    def withdrawn(self) -> Turn | None:
        """The last question, where it stayed without an answer."""
        return self._asked[1] if self._asked else None

    @property
    def num_cached_tokens(self) -> int:
        """Tokens whose keys and values are kept; what memory the conversation takes, beside its pictures' visual tokens."""
        return self._prefix.cache.get_seq_length()

    @property
    def _context(self) -> int:
        return self.model.config.text_config.max_position_embeddings

    def _read(self, images: Iterable) -> tuple[Image.Image, ...]:
        """Pictures of any kind as the image processor would see them before it scales them."""
        processor = self.processor.image_processor
        return tuple(
            processor.process_image(image, background_color=processor.background_color)
            for image in processor.fetch_images(list(images))
        )

    def _tokenize(self, turns: Sequence[Turn]) -> list[int]:
        """Token ids as the processor would make them, without reading the pictures."""
        processor = self.processor
        messages = as_messages(turns, self.system, processor.image_token)
        prompt = processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, add_bos=True)
        prompt = prompt.replace(processor.image_token, processor.image_token * processor.num_image_tokens)
        return processor.tokenizer(prompt, add_special_tokens=False)["input_ids"]

    def _reply(self, before: tuple[Turn, ...], turn: Turn, sampling: Sampling) -> Answer:
        started_at = time.perf_counter()
        turn = Turn(turn.question, turn.images)  # one that is asked again may have an answer
        turns = (*before, turn)
        kept, ids = fit(turns, self._tokenize, self._context, sampling.max_new_tokens)
        pictures = {name: image for each in kept for name, image in zip(each.names, each.images, strict=True)}
        behind = iter([name for each in kept for name in each.names for _ in range(self.processor.num_image_tokens)])
        keys = [next(behind) if token == self.processor.image_token_id else token for token in ids]
        self._asked = before, turn

        def finish(answer: Answer) -> None:
            self._answer = None
            if answer.error is not None:
                self._prefix.forget()
                return
            self._prefix.grow(keys + answer.token_ids)
            answer.is_cut &= answer.token_ids[-1:] != [self.processor.tokenizer.eos_token_id]
            if answer.text:
                self.turns, self._asked = (*before, Turn(turn.question, turn.images, answer.text)), None

        written = StoppedText(self.processor.tokenizer, (STOP_TEXT,))
        self._answer = Answer(
            written, lambda answer: self._generate(answer, ids, keys, pictures, sampling), finish, started_at
        )
        self._answer.num_prompt_tokens, self._answer.num_turns_left_out = len(ids), len(turns) - len(kept)
        return self._answer

    @torch.no_grad()
    def encode(self, name: str, image: Image.Image) -> torch.Tensor:
        """Visual tokens (N, D) of one picture of a turn, under its name there; from memory where it was seen before."""
        if name not in self._visual_tokens:
            pixels = self.processor.image_processor(image, return_tensors="pt")
            pixels = {key: pixels[key].to(self.model.device, self.model.dtype) for key in pixels}
            self._visual_tokens[name] = self.model.get_image_features(**pixels).pooler_output[0]
        self._visual_tokens.move_to_end(name)
        return self._visual_tokens[name]

    def _generate(
        self,
        answer: Answer,
        ids: list[int],
        keys: list[int | str],
        pictures: dict[str, Image.Image],
        sampling: Sampling,
    ) -> None:
        shared = answer.num_reused_tokens = self._prefix.reuse(keys)
        # A prompt can part from the cache before or after a picture, never inside: its tokens have one name.
        unread = [key for key in keys[shared:] if isinstance(key, str)][:: self.processor.num_image_tokens]
        visual_tokens = []
        for name in unread:
            if answer.stopped.is_set():
                return
            visual_tokens.append(self.encode(name, pictures[name]))
        while len(self._visual_tokens) > max(PICTURES_KEPT, len(pictures)):
            self._visual_tokens.popitem(last=False)
        vision = None
        if visual_tokens:
            vision = {"image": BaseModelOutputWithPooling(pooler_output=torch.stack(visual_tokens))}
        tokenizer = self.processor.tokenizer
        input_ids = torch.tensor([ids], device=self.model.device)
        self.model.generate(
            input_ids=input_ids,
            attention_mask=torch.ones_like(input_ids),
            past_key_values=self._prefix.cache,
            mm_encoder_outputs=vision,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.eos_token_id,
            stopping_criteria=StoppingCriteriaList([StopAnswer(answer)]),
            streamer=answer,
            **sampling.for_generate(self._context - len(ids)),
        )
