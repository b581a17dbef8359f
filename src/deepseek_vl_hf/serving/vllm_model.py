"""vLLM's Transformers backend around our model, with weights of any layout coming in.

Of the table that translates keys, the backend knows renamings. The official SigLIP also has query, key and value in one
tensor and one axis more in its positions; both are undone here.
"""

from collections.abc import Iterable, Iterator

import torch
from transformers.core_model_loading import WeightRenaming
from vllm.model_executor.models import transformers as backend

from ..layouts_deepseek_vl_hf import renamed, weight_conversions


class TransformersMultiModalForCausalLM(backend.TransformersMultiModalForCausalLM):
    """The backend's class under the backend's name, by which vLLM asks whether a model is served through it."""

    def load_weights(self, weights: Iterable[tuple[str, torch.Tensor]]) -> set[str]:
        """Load a checkpoint of any layout and return the names of the parameters that it filled."""
        return super().load_weights(to_own(weights))


def to_own(weights: Iterable[tuple[str, torch.Tensor]]) -> Iterator[tuple[str, torch.Tensor]]:
    """Give tensors of any layout the names and shapes that our model has."""
    renamings = [conversion for conversion in weight_conversions() if isinstance(conversion, WeightRenaming)]
    for name, tensor in weights:
        name = renamed(name, renamings)
        if ".self_attn.qkv." in name:
            for part, chunk in zip("qkv", tensor.chunk(3), strict=True):
                yield name.replace(".qkv.", f".{part}_proj."), chunk
        elif name.endswith(".position_embedding.weight"):
            yield name, tensor.reshape(tensor.shape[-2:])
        else:
            yield name, tensor
