"""Checkpoints of every layout, and adapters, come in; lmms-eval's `deepseek-vl` model goes out.

    lmms-eval --model deepseek-vl --model_args pretrained=FOLDER --tasks mmmu_val

finds it through the entry point `lmms_eval.models` where this package is installed; `python -m deepseek_vl_hf.evaluation.lmms_model` is the
same command where it only lies on the path. lmms-eval asks chat models for answers alone, never for likelihoods.
"""

import json
from collections.abc import Sequence
from typing import Any

import torch
from accelerate import Accelerator
from lmms_eval.api.instance import GenerationResult, Instance, TokenCounts
from lmms_eval.api.model import lmms
from lmms_eval.protocol import ChatMessages
from tqdm import tqdm

from ..answer import STOP_TEXT, Sampling
from ..loading import load


# Of an answer, where a task does not say.
MAX_NEW_TOKENS = 512


class DeepSeekVLForLMMsEval(lmms):
    """A checkpoint that lmms-eval asks.

    Args:
        pretrained: Folder or Hub id, of any layout or of an adapter; "nano" is the embedded one.
        dtype: Of the weights; "auto" keeps the stored one.
        revision: Of a repository on the Hub.
        device: To put the model on; default is a GPU if there is one.
        batch_size: Questions answered at once; the answers are the same whatever it is.
        **unknown: None is taken, but for lmms-eval's own `max_batch_size`, which is for batches of size "auto".

    Raises:
        ValueError: if the checkpoint cannot be loaded, or an argument is not known.
    """

    is_simple = False

    def __init__(
        self,
        pretrained: str = "nano",
        dtype: str = "auto",
        revision: str | None = None,
        device: str | None = None,
        batch_size: int | str = 1,
        **unknown,
    ):
        super().__init__()
        unknown.pop("max_batch_size", None)
        if unknown or not str(batch_size).isdigit():
            found = ", ".join(unknown) or f"batch_size={batch_size}"
            raise ValueError(
                f"Found {found} in the model's arguments, expected pretrained, dtype, revision, device and a batch_size in digits."
            )
        self.accelerator = Accelerator()
        self._rank, self._world_size = self.accelerator.process_index, self.accelerator.num_processes
        if self.world_size > 1:
            device = self.accelerator.device
        elif device is None:
            device = torch.accelerator.current_accelerator(check_available=True) or "cpu"
        self.batch_size = int(batch_size)
        model, self.processor = load(pretrained, dtype, revision=revision)
        self.model = model.to(device).eval()
        self.context = model.config.text_config.max_position_embeddings

    def generate_until(self, requests: list[Instance]) -> list[GenerationResult]:
        """Answer what is asked, several at once.

        Raises:
            ValueError: if a message holds a video or sound, or a prompt fills the context.
        """
        # Pictures are opened batch by batch: a task's would not fit into memory. Texts of like length waste little padding.
        order = sorted(
            range(len(requests)), key=lambda place: (_settings(requests[place]), -len(requests[place].args[0]))
        )
        answers: list[Any] = [None] * len(requests)
        bar = tqdm(total=len(requests), disable=self.rank != 0, desc="Answering")
        while order:
            same = [
                place
                for place in order[: self.batch_size]
                if _settings(requests[place]) == _settings(requests[order[0]])
            ]
            order = order[len(same) :]
            batch = [requests[place] for place in same]
            for place, request, answer in zip(same, batch, self._answer(batch), strict=True):
                answers[place] = answer
                self.cache_hook.add_partial("generate_until", (request.args[0], request.args[2]), answer.text)
            bar.update(len(same))
        bar.close()
        return answers

    def loglikelihood(self, requests: list[Instance]):
        """Not of chat models; lmms-eval does not ask for it."""
        raise NotImplementedError(
            "lmms-eval asks chat models for answers alone; lm-eval scores choices beside pictures."
        )

    def generate_until_multi_round(self, requests: list[Instance]):
        """Not there: a task that goes on with what was answered is its own dialogue with the model."""
        raise NotImplementedError("Tasks of several rounds are not answered; leave the task out.")

    @torch.no_grad()
    def _answer(self, requests: Sequence[Instance]) -> list[GenerationResult]:
        inputs = self.processor.apply_chat_template(
            [self._messages(request) for request in requests],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            processor_kwargs={"return_tensors": "pt", "padding": True},
        ).to(self.model.device, self.model.dtype)
        length = inputs["input_ids"].shape[1]
        if length >= self.context:
            names = ", ".join(f"{request.args[4]} {request.args[3]}" for request in requests)
            raise ValueError(
                f"Found a prompt of {length} tokens among questions {names}, and the context holds {self.context}; leave it out."
            )
        output = self.model.generate(
            **inputs,
            **_sampling(requests[0].args[2], self.context - length),
            pad_token_id=self.processor.tokenizer.pad_token_id,
        )[:, length:]
        texts = self.processor.batch_decode(output, skip_special_tokens=True)
        eos = self.processor.tokenizer.eos_token_id
        counts = [len(ids) - int((ids == eos).cumsum(0).clamp(max=1).sum()) for ids in output]
        return [
            # `until` is not heeded, as in lmms-eval's own chat models: it is an empty line where a task does not say.
            GenerationResult(text=text.split(STOP_TEXT)[0].strip(), token_counts=TokenCounts(output_tokens=count))
            for text, count in zip(texts, counts, strict=True)
        ]

    def _messages(self, request: Instance) -> list[dict[str, Any]]:
        _, doc_to_messages, _, doc_id, task, split = request.args
        messages = ChatMessages(messages=doc_to_messages(self.task_dict[task][split][doc_id])).to_hf_messages()
        for message in messages:
            for part in message["content"]:
                if part["type"] not in ("text", "image"):
                    raise ValueError(
                        f"Found {part['type']} in question {doc_id} of {task}; DeepSeek-VL reads text and pictures. Leave the task out."
                    )
        return messages


def _settings(request: Instance) -> str:
    """By which requests may share a batch."""
    return json.dumps(request.args[2], sort_keys=True, default=str)


def _sampling(asked: dict[str, Any], room: int) -> dict[str, Any]:
    """What a task says about drawing tokens, as `generate` takes it; what is for other models is left out."""
    temperature = asked.get("temperature") if asked.get("do_sample", True) else 0
    sampling = Sampling(
        max_new_tokens=int(asked.get("max_new_tokens") or MAX_NEW_TOKENS),
        temperature=float(temperature or 0),
        top_p=float(asked.get("top_p") or 1),
    )
    return {**sampling.for_generate(room), "num_beams": int(asked.get("num_beams") or 1)}


def main() -> None:
    """Run lmms-eval's command with the model known to it."""
    from lmms_eval.cli.dispatch import main as dispatch
    from lmms_eval.models import MODEL_REGISTRY_V2

    from .harnesses import lmms_manifest

    MODEL_REGISTRY_V2.register_manifest(lmms_manifest(), overwrite=True)
    dispatch()


if __name__ == "__main__":
    main()
