"""Checkpoints of every layout, and adapters, come in; lm-eval's `deepseek-vl` model goes out.

    python -m deepseek_vl_hf.evaluation.lm_eval_model --model deepseek-vl --model_args pretrained=FOLDER --tasks hellaswag

is lm-eval's own command, which knows the model once this module has registered it: lm-eval finds models of other packages in no
other way. The class adds to lm-eval's `hf-multimodal` what that lacks: choices scored beside pictures, tasks with and
without pictures in one run, a space between "Assistant:" and a scored answer, as the model learned it, and texts that begin once.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch
from lm_eval.api.registry import model_registry, register_model
from lm_eval.models.hf_vlms import DEFAULT_IMAGE_PLACEHOLDER, HFMultimodalLM
from lm_eval.models.utils import replace_placeholders
from tqdm import tqdm

from ..loading import load


NAME = "deepseek-vl"
# What lm-eval would do while loading and `load` does otherwise or not at all.
NOT_TAKEN = ("peft", "delta", "autogptq", "gptqmodel", "gguf_file", "subfolder", "parallelize", "tp_plan", "tokenizer")
ANSWER = "Assistant:"


class DeepSeekVLForLMEval(HFMultimodalLM):
    """A checkpoint that lm-eval asks.

    Args:
        pretrained: Folder or Hub id, of any layout or of an adapter; "nano" is the embedded one.
        dtype: Of the weights; "auto" keeps the stored one.
        revision: Of a repository on the Hub.
        device: To put the model on; default is a GPU if there is one. lm-eval's command has `--device` for it.
        **kwargs: Further arguments of `hf-multimodal`, such as `batch_size` and `max_length`.

    Raises:
        ValueError: if the checkpoint cannot be loaded, or an argument is about loading in another way.
    """

    def __init__(
        self,
        pretrained: str = "nano",
        dtype: str | torch.dtype = "auto",
        revision: str | None = None,
        device: str | None = None,
        **kwargs,
    ):
        if given := [name for name in NOT_TAKEN if kwargs.get(name)]:
            raise ValueError(
                f"Found {', '.join(given)} in the model's arguments, which {NAME} does not take; "
                "give a folder that holds all of it as `pretrained`, an adapter's too."
            )
        self._loaded = load(pretrained, dtype, revision=revision)
        # Else it would bound an answer before the task's own bound does.
        self._loaded[0].generation_config.max_new_tokens = None
        if device is None:
            device = str(torch.accelerator.current_accelerator(check_available=True) or "cpu")
        super().__init__(str(pretrained), dtype=dtype, device=device, **kwargs)

    def _get_config(self, pretrained: str, **kwargs) -> None:
        self._config = self._loaded[0].config

    def _create_tokenizer(self, pretrained, tokenizer, **kwargs) -> None:
        self.processor = self._loaded[1]
        self.tokenizer = self.processor.tokenizer

    def _create_model(self, pretrained: str, **kwargs) -> None:
        self._model = self._loaded[0].to(self.device)

    def tok_batch_multimodal_encode(
        self, strings: list[str], images: list[list], padding_side="left", left_truncate_len=None, truncation=False
    ):
        """Encode prompts with their pictures; none is cut, because that would part pictures from their tokens.

        Raises:
            ValueError: if a prompt and its answer do not fit, or has another number of `<image>` than pictures.
        """
        for string, pictures in zip(strings, images, strict=True):
            self._check_places(string, pictures)
        encoded = super().tok_batch_multimodal_encode(strings, images, padding_side)
        self._check_length(encoded["input_ids"].shape[1], left_truncate_len or self.max_length)
        return encoded

    def loglikelihood(self, requests: list, disable_tqdm: bool = False) -> list[tuple[float, bool]]:
        """Score continuations, of tasks with pictures and without in any order.

        Returns:
            For each request the log-likelihood in nats and whether the continuation is the likeliest.
        """
        return _each_its_way(
            requests,
            lambda rows: super(DeepSeekVLForLMEval, self).loglikelihood(rows, disable_tqdm=disable_tqdm),
            lambda rows: self._likelihoods_beside_pictures(rows, disable_tqdm),
        )

    def generate_until(self, requests: list, disable_tqdm: bool = False) -> list[str]:
        """Answer, in tasks with pictures and without in any order."""
        ask = super().generate_until
        answers = _each_its_way(requests, *[lambda rows: ask(rows, disable_tqdm=disable_tqdm)] * 2)
        # The space of the format is no part of an answer, but what follows a beginning that the task gives is.
        return [
            answer.lstrip() if self.chat_applied and request.args[0].endswith(ANSWER) else answer
            for request, answer in zip(requests, answers, strict=True)
        ]

    def loglikelihood_rolling(self, requests: list, disable_tqdm: bool = False) -> list[float]:
        """Score whole texts, in nats. lm-eval puts the first token of a sequence before each; the tokenizer must not do so too."""
        before, self.add_bos_token = self.add_bos_token, False
        try:
            return super().loglikelihood_rolling(requests)
        finally:
            self.add_bos_token = before

    def _encode_pair(self, context: str, continuation: str) -> tuple[list[int], list[int]]:
        return super()._encode_pair(context, self._as_said(context, continuation))

    def _as_said(self, context: str, continuation: str) -> str:
        """Put the space of the format before an answer; lm-eval leaves it out where a chat template is applied."""
        bare = self.chat_applied and context.endswith(ANSWER) and not continuation[:1].isspace()
        return f" {continuation}" if bare else continuation

    @torch.no_grad()
    def _likelihoods_beside_pictures(self, requests: list, disable_tqdm: bool) -> list[tuple[float, bool]]:
        def size(place: int) -> tuple[int, int]:
            context, continuation, media = requests[place].args
            return -len(media["visual"]), -len(context) - len(continuation)

        found: list[Any] = [None] * len(requests)
        bar = tqdm(total=len(requests), disable=disable_tqdm or self.rank != 0, desc="Scoring choices beside pictures")
        order = sorted(range(len(requests)), key=size)
        for start in range(0, len(order), self.batch_size):
            places = order[start : start + self.batch_size]
            scores = self._score(*zip(*(requests[place].args for place in places), strict=True))
            for place, score in zip(places, scores, strict=True):
                found[place] = score  # not kept by --use_cache, whose keys leave pictures out
            bar.update(len(places))
        bar.close()
        return found

    def _score(
        self, contexts: Sequence[str], continuations: Sequence[str], media: Sequence[dict]
    ) -> list[tuple[float, bool]]:
        pictures = [each["visual"][: self.max_images] for each in media]
        for context, shown in zip(contexts, pictures, strict=True):
            self._check_places(context, shown)
        starts = [self._placed(context).rstrip() for context in contexts]
        texts = [
            self._placed(context) + self._as_said(context, said)
            for context, said in zip(contexts, continuations, strict=True)
        ]
        inputs = self.processor(
            images=pictures, text=texts, padding=True, padding_side="right", return_tensors="pt"
        ).to(self.device, self.model.dtype)
        self._check_length(inputs["input_ids"].shape[1], self.max_length)
        logits = self.model(**inputs).logits
        scores = []
        for row, (start, text) in enumerate(zip(starts, texts, strict=True)):
            num_said = len(self.tok_encode(text)) - len(self.tok_encode(start))
            end = int(inputs["attention_mask"][row].sum())
            said = inputs["input_ids"][row, end - num_said : end]  # (num_said,)
            log_probs = logits[row, end - num_said - 1 : end - 1].float().log_softmax(-1)  # (num_said, vocabulary)
            likely = log_probs.gather(-1, said[:, None]).sum()
            scores.append((float(likely), bool((log_probs.argmax(-1) == said).all())))
        return scores

    def _placed(self, text: str) -> str:
        """A prompt with the model's image tokens; the chat template has put them there already."""
        if self.chat_applied:
            return text
        return replace_placeholders(text, DEFAULT_IMAGE_PLACEHOLDER, self.image_token, self.max_images)

    def _check_places(self, text: str, pictures: Sequence) -> None:
        token = self.image_token if self.chat_applied else DEFAULT_IMAGE_PLACEHOLDER
        found, expected = min(text.count(token), self.max_images), min(len(pictures), self.max_images)
        if found != expected:
            raise ValueError(
                f"Found {found} {DEFAULT_IMAGE_PLACEHOLDER} and {expected} pictures in a prompt ({text[-60:]!r}); write one in the "
                "task's doc_to_text where each picture belongs."
            )

    def _check_length(self, length: int, room: int) -> None:
        if length > room:
            raise ValueError(
                f"Found a prompt of {length} tokens where {room} fit beside the answer in a context of {self.max_length}; ask for "
                "fewer shots or a shorter answer (--gen_kwargs max_gen_toks=...), or leave the question out."
            )


def _each_its_way(requests: list, of_text: Callable[[list], list], of_pictures: Callable[[list], list]) -> list:
    """Deal requests of all tasks by whether there are pictures beside them, and put the answers in order again."""
    kinds = [len(request.args) > 2 for request in requests]
    answers = {}
    for kind, ask in ((False, of_text), (True, of_pictures)):
        rows = [request for request, found in zip(requests, kinds, strict=True) if found is kind]
        answers[kind] = iter(ask(rows) if rows else ())
    return [next(answers[kind]) for kind in kinds]


def register() -> None:
    """Let lm-eval know the model in this process, for `lm_eval.simple_evaluate(model="deepseek-vl", ...)`."""
    if NAME not in model_registry:
        register_model(NAME)(DeepSeekVLForLMEval)


def main() -> None:
    """Run lm-eval's command with the model known to it."""
    from lm_eval.__main__ import cli_evaluate

    register()
    sys.argv[0] = "lm-eval"
    cli_evaluate()


if __name__ == "__main__":
    main()
