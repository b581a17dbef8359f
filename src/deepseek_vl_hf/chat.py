"""One conversation: questions with pictures come in, answers go out piece by piece.

A picture is encoded once, when its question is asked. Keys and values of everything read so far are kept: a new turn
feeds only the tokens that differ from what the cache has seen, so an answer is the one that the whole conversation
would get in a single prompt.
"""

import time
from collections.abc import Iterable

import torch
from transformers import DynamicCache
from transformers.generation import StoppingCriteriaList
from transformers.modeling_outputs import BaseModelOutputWithPooling

from .answer import Answer, StopAnswer
from .modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .processing_deepseek_vl_hf import DeepSeekVLHFProcessor


class Chat:
    """A conversation with a model: `ask` a question, iterate over its answer, ask the next.

    Args:
        model: In evaluation mode, on the device to use.
        processor: The checkpoint's own.
        system: Instruction before the first turn; `None` leaves it to the chat template.

    Attributes:
        messages (`list[dict]`): The turns so far, as `apply_chat_template` takes them; pictures stand as
            `{"type": "image"}`. A question whose answer failed or stayed empty is withdrawn.
    """

    def __init__(
        self,
        model: DeepSeekVLHFForConditionalGeneration,
        processor: DeepSeekVLHFProcessor,
        system: str | None = None,
    ):
        self.model, self.processor, self.system = model, processor, system
        self._answer: Answer | None = None
        self._num_pictures_seen = 0
        self.reset()

    def reset(self) -> None:
        """Forget all turns and pictures, but not the system instruction."""
        if self._answer is not None:
            self._answer.close()
        self.messages: list[dict] = []
        if self.system is not None:
            self.messages.append({"role": "system", "content": [{"type": "text", "text": self.system}]})
        self._pictures: dict[int, torch.Tensor] = {}
        self._forget_cache()

    def ask(
        self,
        text: str,
        images: Iterable = (),
        max_new_tokens: int = 512,
        temperature: float = 0.0,
        top_p: float = 1.0,
    ) -> Answer:
        """Ask a question; an answer still being written is stopped first.

        Args:
            text: The question. An image token in it marks the place of a picture; without any, pictures come first.
            images: Pictures that belong to the question, in the order of the image tokens.
            max_new_tokens: Bound of the answer; less where the context ends before.
            temperature: 0 takes the likeliest token each time; above, tokens are drawn.
            top_p: Draw from the likeliest tokens that together hold this probability.

        Raises:
            ValueError: if the question is empty, an option is out of range, image tokens and pictures differ in number,
                or the conversation has outgrown the context.
        """
        if temperature < 0 or not 0 < top_p <= 1 or max_new_tokens < 1:
            raise ValueError(
                f"Found temperature={temperature}, top_p={top_p}, max_new_tokens={max_new_tokens}; expected a temperature "
                "of 0 or more, a top_p above 0 and up to 1, and at least 1 new token."
            )
        if self._answer is not None:
            self._answer.close()
        started_at = time.perf_counter()
        images = list(images)
        turns = [*self.messages, {"role": "user", "content": self._content(text, len(images))}]
        ids = self._tokenize(turns)
        context = self.model.config.text_config.max_position_embeddings
        if len(ids) >= context:
            raise ValueError(
                f"The conversation has {len(ids)} tokens and the model reads {context}; start anew, or ask with fewer "
                "words or pictures."
            )
        pictures = {**self._pictures, **self._encode(images)}
        keys = self._keys(ids, list(pictures))
        sampling = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
        if temperature > 0:
            sampling = {"do_sample": True, "temperature": temperature, "top_p": top_p, "top_k": 0}
        sampling["max_new_tokens"] = min(max_new_tokens, context - len(ids))

        def finish(answer: Answer) -> None:
            self._answer = None
            if answer.error is not None:
                self._forget_cache()
                return
            self._cached_keys = keys + answer.token_ids  # one more than the cache holds: the last token was not fed
            if answer.text:
                reply = {"role": "assistant", "content": [{"type": "text", "text": answer.text}]}
                self.messages, self._pictures = [*turns, reply], pictures

        self._answer = Answer(
            self._decode, lambda answer: self._generate(answer, ids, keys, pictures, sampling), finish, started_at
        )
        return self._answer

    def _content(self, text: str, num_images: int) -> list[dict]:
        token = self.processor.image_token
        if not text.replace(token, "").strip():
            raise ValueError("The question is empty; ask in at least one word.")
        parts = text.split(token)
        if num_images == 0 or len(parts) == 1:
            return [{"type": "image"}] * num_images + [{"type": "text", "text": text}]
        if len(parts) - 1 != num_images:
            raise ValueError(
                f"Found {len(parts) - 1} times {token} in the question and {num_images} pictures, expected as many of each. "
                "Leave the image tokens out to put all pictures first."
            )
        content = [{"type": "text", "text": parts[0]}]
        for part in parts[1:]:
            content += [{"type": "image"}, {"type": "text", "text": part}]
        return content

    def _tokenize(self, messages: list[dict]) -> list[int]:
        """Token ids as the processor would make them, without reading the earlier pictures again."""
        processor = self.processor
        prompt = processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, add_bos=True)
        prompt = prompt.replace(processor.image_token, processor.image_token * processor.num_image_tokens)
        return processor.tokenizer(prompt, add_special_tokens=False)["input_ids"]

    def _decode(self, ids: list[int]) -> str:
        return self.processor.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    @torch.no_grad()
    def _encode(self, images: list) -> dict[int, torch.Tensor]:
        """Visual tokens of new pictures, each under a number that no other picture of this conversation ever has."""
        if not images:
            return {}
        pixels = self.processor.image_processor(images, return_tensors="pt")
        pixels = {name: pixels[name].to(self.model.device, self.model.dtype) for name in pixels}
        features = self.model.get_image_features(**pixels).pooler_output  # (I, N, D)
        first = self._num_pictures_seen
        self._num_pictures_seen += len(images)
        return {first + index: tokens for index, tokens in enumerate(features)}

    def _keys(self, ids: list[int], numbers: list[int]) -> list[int]:
        """What the cache depends on: the ids, but for an image token the picture behind it, as a negative number."""
        behind = iter([-1 - number for number in numbers for _ in range(self.processor.num_image_tokens)])
        return [next(behind) if token == self.processor.image_token_id else token for token in ids]

    def _forget_cache(self) -> None:
        self._cache, self._cached_keys = DynamicCache(), []

    def _reuse(self, keys: list[int]) -> int:
        """Cut the cache back to what it shares with a new prompt; return how many tokens that is."""
        length = self._cache.get_seq_length()
        cached = self._cached_keys[:length]
        # The last token of a prompt is always fed: its scores are the first of the answer.
        limit = min(len(cached), len(keys) - 1)
        shared = next((index for index in range(limit) if cached[index] != keys[index]), limit)
        if shared < length:
            self._cache.crop(shared - length)
        return shared

    def _generate(
        self, answer: Answer, ids: list[int], keys: list[int], pictures: dict[int, torch.Tensor], sampling: dict
    ) -> None:
        shared = self._reuse(keys)
        # A prompt can part from the cache before or after a picture, never inside: its tokens have one number.
        unread = sorted({-1 - key for key in keys[shared:] if key < 0})
        vision = None
        if unread:
            features = torch.stack([pictures[number] for number in unread])
            vision = {"image": BaseModelOutputWithPooling(pooler_output=features)}
        tokenizer = self.processor.tokenizer
        input_ids = torch.tensor([ids], device=self.model.device)
        self.model.generate(
            input_ids=input_ids,
            attention_mask=torch.ones_like(input_ids),
            past_key_values=self._cache,
            mm_encoder_outputs=vision,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.eos_token_id,
            stopping_criteria=StoppingCriteriaList([StopAnswer(answer, self._decode, len(ids))]),
            streamer=answer,
            **sampling,
        )
