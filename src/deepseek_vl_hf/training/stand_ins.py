"""Fake tensors on the CPU come in; the bytes go out that a GPU and bitsandbytes would hold for them.

A torch without CUDA cannot run fake tensors of a GPU backwards. So they are the CPU's, and where a GPU's kernels take other
memory than the CPU's, something here stands for them. bitsandbytes need not be installed.
"""

import math
from contextlib import ExitStack
from unittest import mock
from weakref import finalize

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary
from trl.kernels import chunked_logprob

from ..modeling_vision_deepseek_vl_hf import CHUNK_ELEMENTS


class LiveBytes(TorchDispatchMode):
    """Counts the bytes of storages from the operation that makes them to their end.

    torch's `MemTracker` does so too, but hangs hooks on frozen parameters, which torch refuses.
    """

    def __init__(self):
        super().__init__()
        self.now = self.peak = 0
        self.known = WeakIdKeyDictionary()

    def follow(self, tensor: torch.Tensor) -> None:
        """Count a tensor from now on."""
        storage = tensor.untyped_storage()
        if storage not in self.known:
            self.known[storage] = storage.nbytes()
            self._add(storage.nbytes())
            finalize(storage, self._add, -storage.nbytes()).atexit = False

    def _add(self, size: int) -> None:
        self.now += size
        self.peak = max(self.peak, self.now)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self.follow(leaf)
        return result


def materialise(model: nn.Module) -> None:
    """Put fake tensors on the CPU in the place of all on "meta"; torch's own ways refuse to."""
    made = {}
    for module in model.modules():
        for tensors in (module._parameters, module._buffers):
            for name, tensor in tensors.items():
                if tensor is not None and tensor not in made:
                    made[tensor] = torch.empty(tensor.shape, dtype=tensor.dtype)
                    if isinstance(tensor, nn.Parameter):
                        made[tensor] = nn.Parameter(made[tensor], requires_grad=tensor.requires_grad)
                tensors[name] = None if tensor is None else made[tensor]


class FewBits(nn.Linear):
    """A frozen linear layer that takes the memory of bitsandbytes' `Linear4bit` or `Linear8bitLt`.

    4 bits: the weight is made whole for each product, forwards and backwards, and dropped after it. (For fewer than about a thousand
    tokens some GPUs have a kernel without that copy.) 8 bits: inputs and sums are copied as int8 and int32, and inputs are kept
    out of sight of torch's checkpoints, which thus spare little.

    Args:
        layer: Stood for.
        bits: 4 or 8.
        nested: Whether the scales, one for 64 weights of 4 bits, have 8 bits rather than 32.
        dtype: Of whole weights, and of what they multiply.
    """

    def __init__(self, layer: nn.Linear, bits: int, nested: bool, dtype: torch.dtype):
        super().__init__(layer.in_features, layer.out_features, bias=False, device="meta")
        self.bits, self.dtype, self.bias = bits, dtype, layer.bias
        count = layer.weight.numel()
        blocks = math.ceil(count / 64)
        scales = 4 * layer.out_features if bits == 8 else blocks + blocks // 64 if nested else 4 * blocks
        size = count * bits // 8 + scales
        self.weight = nn.Parameter(torch.empty(size, dtype=torch.uint8, device="meta"), requires_grad=False)

    def whole(self, dtype: torch.dtype) -> torch.Tensor:
        """The weight again, of shape (out_features, in_features)."""
        return torch.empty(self.out_features, self.in_features, dtype=dtype, device=self.weight.device)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Multiply, of shape (..., in_features) to (..., out_features)."""
        if self.bits == 8:
            return _Product.apply(inputs, self)
        # PEFT clones what a 4-bit layer returns.
        return _Product.apply(inputs.to(self.dtype), self).to(inputs.dtype).clone()


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, inputs: torch.Tensor, layer: FewBits) -> torch.Tensor:
        ctx.layer = layer
        if layer.bits == 4:
            return F.linear(inputs, layer.whole(inputs.dtype), layer.bias)
        ctx.inputs = inputs
        kept = inputs.to(torch.float16).to(torch.int8)
        sums = torch.empty(*inputs.shape[:-1], layer.out_features, dtype=torch.int32, device=kept.device)
        return sums.to(torch.float16).to(inputs.dtype)

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        if ctx.layer.bits == 8:
            return gradient.to(ctx.inputs.dtype) @ ctx.layer.whole(ctx.inputs.dtype), None
        return gradient @ ctx.layer.whole(ctx.layer.dtype).to(gradient.dtype), None


def use_few_bits(model: nn.Module, bits: int, nested: bool, dtype: torch.dtype) -> None:
    """Have `FewBits` stand for all linear layers, in place."""
    for parent in list(model.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, nn.Linear):
                setattr(parent, name, FewBits(layer, bits, nested, dtype))


def use_gpu_kernels(stack: ExitStack) -> None:
    """Give tensors on the CPU what a GPU does otherwise, until the stack ends."""
    stack.enter_context(mock.patch.object(F, "scaled_dot_product_attention", _gpu_attention))
    stack.enter_context(mock.patch.object(F, "dropout", _gpu_dropout))
    stack.enter_context(mock.patch.dict(CHUNK_ELEMENTS, cpu=CHUNK_ELEMENTS["cuda"]))
    # Triton's kernels fold a tile of logits in place, and products are added up without fp32 copies.
    in_place = dict.fromkeys(("_forward_tile", "_backward_tile", "_addmm_fp32"), _nothing)
    stack.enter_context(mock.patch.multiple(chunked_logprob, **in_place))


def _nothing(*_, **__) -> None:
    """Stands for what works in place."""


def _gpu_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None):
    """Attend with the memory-efficient kernel, which like flash attention keeps a sum per query and head, no scores."""
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else query.dtype
    query, key, value = (tensor.to(dtype) for tensor in (query, key, value))
    if attn_mask is not None:
        # Each call makes a bias of the mask, and keeps it for the backward pass.
        attn_mask = attn_mask.to(dtype).expand(*query.shape[:3], key.shape[2])
    inputs = query, key, value, attn_mask, torch.is_grad_enabled(), dropout_p, is_causal
    return torch.ops.aten._scaled_dot_product_efficient_attention(*inputs, scale=scale)[0]


def _gpu_dropout(inputs, p=0.5, training=True, inplace=False):
    """Drop with the fused kernel, which keeps a byte per value; the CPU's keeps a factor."""
    return torch.native_dropout(inputs, p, training)[0] if training and p else inputs
