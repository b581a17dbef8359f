"""A configuration, a stage and a batch come in; the bytes that training needs on each device go out.

No weight is allocated and no GPU is needed. Weights, gradients and optimizer are counts of parameters; the rest is found by
running the model, forward and backward, on torch's fake tensors (shapes and lifetimes without data), as
`DeepSeekVLHFTrainer` runs it. `examples/benchmarks/memory.py --check` holds this against measured steps.

Assumed:

- AdamW in one kernel (`adamw_torch_fused`), which needs its two moments and nothing else.
- Strategies as in `examples/accelerate`. DDP and FSDP2 keep fp32 weights; DeepSpeed's are of the compute dtype, with an
  fp32 copy in the optimizer. Gradients add up in fp32, under FSDP2 with `sync_each_batch`.
- Gradients of an earlier forward pass are there, as in accumulation. DDP holds them twice, in `.grad` and in its buckets,
  as accelerate leaves `gradient_as_bucket_view` off.
- Rows differ in length, or are packed and isolated, so that attention gets a mask of (rows, 1, tokens, tokens).

Missing: CUDA's context and libraries (about a gigabyte), work space inside kernels, fragments of torch's allocator, buffers
of collectives, units that FSDP2 fetches ahead, ZeRO's buckets (some gigabytes, if their sizes are left as they are).
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import ClassVar
from unittest import mock
from weakref import finalize

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary
from transformers.initialization import no_init_weights
from trl.kernels import chunked_logprob
from trl.trainer.utils import add_fused_lm_head

from ..configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from ..modeling_vision_deepseek_vl_hf import CHUNK_ELEMENTS
from .stages import freeze_for, recompute_only, stage_of


# What a strategy divides among the devices.
STRATEGIES: dict[str, tuple[str, ...]] = {
    "ddp": (),
    "zero2": ("gradients", "optimizer"),
    "zero3": ("weights", "gradients", "optimizer"),
    "fsdp2": ("weights", "gradients", "optimizer"),
}


@dataclass(frozen=True)
class Memory:
    """Bytes on each device.

    Args:
        weights: Parameters, frozen ones too.
        gradients: Of the parameters that learn.
        optimizer: AdamW's two moments of them, and DeepSpeed's fp32 copy.
        activations: The most that is alive at once beyond these: with the batch, low-precision copies, gathered units.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int

    HEADER: ClassVar[str] = (
        "| GiB | weights | gradients | optimizer | activations | total |\n|---|---|---|---|---|---|"
    )

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.gradients + self.optimizer + self.activations

    def row(self, name: str) -> str:
        """A row of the table that `HEADER` begins, in GiB."""
        return f"| {name} | {' | '.join(f'{size / 2**30:.3g}' for size in (*asdict(self).values(), self.total))} |"


def estimate(
    config: DeepSeekVLHFConfig,
    stage: int,
    *,
    rows: int,
    tokens: int,
    images: int,
    gradient_checkpointing: bool | Sequence[str] = True,
    compute_dtype: torch.dtype = torch.bfloat16,
    strategy: str = "ddp",
    num_devices: int = 1,
    device: str = "cuda",
) -> Memory:
    """Estimate what training needs on each device.

    Args:
        config: Sizes of the model.
        stage: 1, 2 or 3.
        rows: Sequences per forward pass on a device.
        tokens: Tokens of each, image tokens among them.
        images: Pictures of all rows together.
        gradient_checkpointing: Whether all layers are recomputed, or parts whose layers are (`recompute_only`).
        compute_dtype: Autocast's, over fp32 weights; fp32 stands for no autocast.
        strategy: "ddp", "zero2", "zero3" or "fsdp2".
        num_devices: Devices that share the work.
        device: Whose kernels, "cuda" or "cpu".

    Raises:
        ValueError: if an argument is out of range, or pictures and tokens do not fit together.
    """
    found = f"strategy={strategy!r}, num_devices={num_devices}, device={device!r}"
    if strategy not in STRATEGIES or num_devices < 1 or device not in ("cuda", "cpu"):
        raise ValueError(f"found {found}, expected one of {', '.join(STRATEGIES)}, at least 1, and cuda or cpu")
    fewest = int(stage_of(stage).needs_images)
    if not fewest * config.num_visual_tokens <= images * config.num_visual_tokens <= rows * tokens:
        raise ValueError(
            f"found {images} pictures in {rows} x {tokens} tokens, expected at least {fewest} in stage {stage}, and room "
            f"for {config.num_visual_tokens} image tokens each; change images, or raise tokens"
        )
    parts = gradient_checkpointing if isinstance(gradient_checkpointing, bool) else tuple(gradient_checkpointing)
    # DeepSpeed's weights, and the units that FSDP2 gathers, are of the compute dtype: autocast has nothing to copy.
    dtype = torch.float32 if strategy == "ddp" else compute_dtype
    shape = (rows, tokens, images)
    counts, live = _run(config.to_json_string(use_diff=False), stage, shape, parts, compute_dtype, dtype, device)
    is_copied = strategy in ("zero2", "zero3") and dtype != torch.float32
    sizes = {
        "weights": counts["all"] * (dtype.itemsize if is_copied else 4),
        "gradients": counts["learn"] * (8 if strategy == "ddp" and num_devices > 1 else 4),
        "optimizer": counts["learn"] * (12 if is_copied else 8),
    }
    sizes |= {name: -(-sizes[name] // num_devices) for name in STRATEGIES[strategy]}
    gathered = counts["gathered"] * dtype.itemsize if "weights" in STRATEGIES[strategy] else 0
    return Memory(**sizes, activations=live + gathered)


@lru_cache(maxsize=64)  # strategies share most runs
def _run(
    config: str, stage: int, shape: tuple, parts: bool | tuple, autocast: torch.dtype, dtype: torch.dtype, device: str
) -> tuple[dict[str, int], int]:
    """Count parameters, run forward and backward, and count the most bytes alive beyond weights and gradients."""
    config = DeepSeekVLHFConfig.from_dict(json.loads(config))
    with FakeTensorMode(), no_init_weights(), ExitStack() as stack:
        model = DeepSeekVLHFForConditionalGeneration._from_config(config, dtype=dtype)
        freeze_for(model.train(), stage)
        if parts:
            model.activation_checkpointing_enable()
            if parts is not True:
                recompute_only(model, parts)
        add_fused_lm_head(model, outputs=("log_probs", "entropy", "is_top1"))  # as SFTTrainer does
        # These two ask for values, which fake tensors lack.
        model.model._check_pixels = lambda *_: None
        model.model.get_placeholder_mask = lambda ids, *_, **__: (ids == config.image_token_id).unsqueeze(-1)
        live = _LiveBytes()
        for parameter in model.parameters():
            live.follow(parameter)
            if parameter.requires_grad:
                parameter.grad = torch.zeros_like(parameter)
                live.follow(parameter.grad)
        static, batch = live.now, _make_batch(config, stage, *shape)
        for tensor in (*model.buffers(), *batch.values()):
            live.follow(tensor)
        if device == "cuda":
            _use_gpu_kernels(stack)
        stack.enter_context(live)
        with torch.autocast("cpu", autocast, enabled=autocast != torch.float32):
            loss = model(**batch, fused_lm_head=True).loss
        loss.backward()
        return _count(model), live.peak - static


def _make_batch(config: DeepSeekVLHFConfig, stage: int, rows: int, tokens: int, images: int) -> dict:
    mask = "position_ids" if stage_of(stage).packing else "attention_mask"
    batch = {name: torch.zeros(rows, tokens, dtype=torch.long) for name in ("input_ids", "labels", mask)}
    towers = {"pixel_values": config.vision_config, "high_res_pixel_values": config.high_res_vision_config}
    sizes = {name: tower.image_size for name, tower in towers.items() if images and tower is not None}
    return batch | {name: torch.zeros(images, 3, size, size) for name, size in sizes.items()}


def _count(model: DeepSeekVLHFForConditionalGeneration) -> dict[str, int]:
    """Count parameters, and those gathered at once with their gradients: FSDP2's largest unit, and what is in none.

    Units are accelerate's (`fsdp2_prepare_model`): layers, embedding, head. The rest stays gathered to the end.
    """
    modules = [module for module in model.modules() if type(module).__name__ in model._no_split_modules]
    modules += [model.get_input_embeddings(), model.get_output_embeddings()]
    units, every = [set(module.parameters()) for module in modules], set(model.parameters())

    def count(parameters: Iterable[torch.Tensor], learn: bool = False) -> int:
        return sum(parameter.numel() for parameter in parameters if parameter.requires_grad or not learn)

    largest, rest = max(units, key=count), every.difference(*units)
    gathered = count(largest | rest) + count(largest | rest, learn=True)
    return {"all": count(every), "learn": count(every, learn=True), "gathered": gathered}


class _LiveBytes(TorchDispatchMode):
    """Counts the bytes of storages from the operation that makes them to their end.

    torch's `MemTracker` does so too, but hangs hooks on frozen parameters, which torch refuses.
    """

    def __init__(self):
        super().__init__()
        self.now = self.peak = 0
        self.known = WeakIdKeyDictionary()

    def follow(self, tensor: torch.Tensor) -> None:
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


def _use_gpu_kernels(stack: ExitStack) -> None:
    """Give tensors on the CPU what a GPU does otherwise: a torch without CUDA cannot run fake ones of a GPU backwards."""
    stack.enter_context(mock.patch.object(F, "scaled_dot_product_attention", _gpu_attention))
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
