"""A configuration, a stage or an adapter, and a batch come in; the bytes that training needs on each device go out.

No weight is allocated and no GPU is needed. Weights, gradients and optimizer are counts of parameters; the rest is found by
running the model, forward and backward, on torch's fake tensors (shapes and lifetimes without data), as
`DeepSeekVLHFTrainer` runs it. `examples/benchmarks/memory.py --check` holds this against measured steps.

Assumed:

- AdamW in one kernel (`adamw_torch_fused`), which needs its two moments and nothing else.
- Strategies as in `examples/accelerate`. DDP and FSDP2 keep weights as loaded (fp32 by default), and
  FSDP2 makes fp32 of what learns; DeepSpeed's are of the compute dtype, with an
  fp32 copy in the optimizer. Gradients add up in fp32, under FSDP2 with `sync_each_batch`.
- Gradients of an earlier forward pass are there, as in accumulation. DDP holds them twice, in `.grad` and in its buckets,
  as accelerate leaves `gradient_as_bucket_view` off.
- Rows differ in length, or are packed and isolated, so that attention gets a mask of (rows, 1, tokens, tokens).
- Adapters as TRL and PEFT make them: of fp32, or of bf16 beside weights of few bits; a module that learns whole is there twice, and its
  copy that learns has the dtype of the model. What is frozen keeps the dtype that it was loaded in; only linear layers of the
  language model have few bits (`stand_ins.FewBits` says how).
- ZeRO-3 with an adapter recomputes in torch's older way, as TRL has it: frozen towers run backwards too.

Missing: CUDA's context and libraries (about a gigabyte), work space inside kernels, fragments of torch's allocator, buffers
of collectives, units that FSDP2 fetches ahead, ZeRO's buckets (some gigabytes, if their sizes are left as they are).
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import ClassVar

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers.initialization import no_init_weights
from trl.trainer.utils import add_fused_lm_head

from ..configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .lora import keep_precision
from .stages import base_of, count_learning, free_inputs, freeze_for, recompute_only, stage_of
from .stand_ins import LiveBytes, materialise, use_few_bits, use_gpu_kernels


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


@dataclass(frozen=True)
class _Case:
    """What decides a run on fake tensors. Configurations are JSON, to be hashed."""

    config: str
    stage: int
    shape: tuple[int, int, int]  # rows, tokens, images
    parts: (
        bool | tuple[str, ...]
    )  # whose layers are recomputed; `True` leaves the hooks that make frozen towers run backwards
    autocast: torch.dtype
    dtype: torch.dtype
    device: str
    adapter: str | None
    bits: int | None
    nested: bool
    is_shared: bool  # by a strategy that runs all in the compute dtype
    is_reentrant: bool


def estimate(
    config: DeepSeekVLHFConfig,
    stage: int,
    *,
    rows: int,
    tokens: int,
    images: int,
    peft_config: LoraConfig | None = None,
    bits: int | None = None,
    nested: bool = False,
    dtype: torch.dtype = torch.float32,
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
        peft_config: The adapter that learns instead of the stage's parts.
        bits: 4 or 8, of the language model's linear layers beside an adapter.
        nested: Whether scales of 4-bit weights have few bits too (TRL's `use_bnb_nested_quant`).
        dtype: That the model was loaded in (TRL's `dtype`); also that of products with 4-bit weights, as TRL sets it.
        gradient_checkpointing: Whether all layers are recomputed, as TRL would by itself; or parts whose layers are, as
            `DeepSeekVLHFTrainer` has it (`recompute_only`, `free_inputs`).
        compute_dtype: Autocast's; fp32 stands for no autocast.
        strategy: "ddp", "zero2", "zero3" or "fsdp2".
        num_devices: Devices that share the work.
        device: Whose kernels, "cuda" or "cpu".

    Raises:
        ValueError: if an argument is out of range, pictures and tokens do not fit together, text alone is to teach what sees pictures
            alone, or the adapter finds no place.
    """
    found = f"strategy={strategy!r}, num_devices={num_devices}, device={device!r}"
    if strategy not in STRATEGIES or num_devices < 1 or device not in ("cuda", "cpu"):
        raise ValueError(f"found {found}, expected one of {', '.join(STRATEGIES)}, at least 1, and cuda or cpu")
    if bits is not None and (bits not in (4, 8) or peft_config is None or strategy != "ddp"):
        raise ValueError(
            f"found bits={bits}, strategy={strategy!r} and {'no' if peft_config is None else 'an'} adapter, expected 4 or 8, an adapter "
            "that learns beside them, and ddp, which leaves weights whole; leave bits out, or change the others"
        )
    if bits is not None and peft_config.use_dora:
        raise ValueError(f"found use_dora and bits={bits}, expected plain LoRA beside few bits; leave one of them out")
    if not 0 <= images * config.num_visual_tokens <= rows * tokens:
        raise ValueError(
            f"found {images} pictures in {rows} x {tokens} tokens, expected room for {config.num_visual_tokens} image tokens "
            "each; change images, or raise tokens"
        )
    parts = gradient_checkpointing if isinstance(gradient_checkpointing, bool) else tuple(gradient_checkpointing)
    case = _Case(
        config.to_json_string(use_diff=False),
        stage,
        (rows, tokens, images),
        parts,
        compute_dtype,
        # DeepSpeed's weights, and the units that FSDP2 gathers, are of the compute dtype: autocast has nothing to copy.
        dtype if strategy == "ddp" else compute_dtype,
        device,
        None if peft_config is None else json.dumps(peft_config.to_dict(), default=list),
        bits,
        nested,
        is_shared=strategy != "ddp",
        is_reentrant=strategy == "zero3" and peft_config is not None,
    )
    counts, live = _run(case)
    sizes = _static(counts, strategy, num_devices, dtype, compute_dtype)
    sizes |= {name: -(-sizes[name] // num_devices) for name in STRATEGIES[strategy]}
    gathered = counts["gathered"] * compute_dtype.itemsize if "weights" in STRATEGIES[strategy] else 0
    return Memory(**sizes, activations=live + gathered)


def _static(
    counts: dict[str, int], strategy: str, num_devices: int, dtype: torch.dtype, compute_dtype: torch.dtype
) -> dict[str, int]:
    """Bytes of weights, gradients and optimizer on all devices together."""
    learn, frozen = counts["learn"], counts["all"] - counts["learn"]
    if strategy == "ddp":
        gradients = counts["learning bytes"] * (2 if num_devices > 1 else 1)
        return {"weights": counts["bytes"], "gradients": gradients, "optimizer": 2 * counts["learning bytes"]}
    if strategy == "fsdp2":  # accelerate makes fp32 of what learns
        return {"weights": frozen * dtype.itemsize + learn * 4, "gradients": learn * 4, "optimizer": learn * 8}
    copy = 0 if compute_dtype == torch.float32 else 4
    weights = counts["all"] * compute_dtype.itemsize
    return {"weights": weights, "gradients": learn * 4, "optimizer": learn * (8 + copy)}


@lru_cache(maxsize=64)  # strategies share most runs
def _run(case: _Case) -> tuple[dict[str, int], int]:
    """Count parameters, run forward and backward, and count the most bytes alive beyond weights and gradients."""
    config = DeepSeekVLHFConfig.from_dict(json.loads(case.config))
    with torch.device("meta"), no_init_weights():
        model = _make_model(config, case)
    if not case.shape[2] and not count_learning(model)["language_model"]:
        raise ValueError(
            f"found no pictures, expected at least 1 where nothing in the language model learns, as in stage {case.stage}; change images"
        )
    with FakeTensorMode(), ExitStack() as stack:
        materialise(model)
        base = base_of(model)
        add_fused_lm_head(base, outputs=("log_probs", "entropy", "is_top1"))  # as SFTTrainer does
        # These two ask for values, which fake tensors lack.
        base.model._check_pixels = lambda *_: None
        base.model.get_placeholder_mask = lambda ids, *_, **__: (ids == config.image_token_id).unsqueeze(-1)
        live = LiveBytes()
        for parameter in model.parameters():
            live.follow(parameter)
            if parameter.requires_grad:
                parameter.grad = torch.zeros_like(parameter)
                live.follow(parameter.grad)
        static, batch = live.now, _make_batch(config, case.stage, *case.shape)
        for tensor in (*model.buffers(), *batch.values()):
            live.follow(tensor)
        if case.device == "cuda":
            use_gpu_kernels(stack)
        stack.enter_context(live)
        with torch.autocast("cpu", case.autocast, enabled=case.autocast != torch.float32):
            loss = model(**batch, fused_lm_head=True).loss
        loss.backward()
        return _count(model), live.peak - static


def _make_model(config: DeepSeekVLHFConfig, case: _Case) -> DeepSeekVLHFForConditionalGeneration | PeftModel:
    """Make what the trainer trains."""
    model = DeepSeekVLHFForConditionalGeneration._from_config(config, dtype=case.dtype)
    if case.bits is not None:
        use_few_bits(model.model.language_model, case.bits, case.nested, case.dtype)
    if case.parts:
        model.activation_checkpointing_enable({"use_reentrant": case.is_reentrant})
    if case.adapter is None:
        freeze_for(model, case.stage)
    else:
        peft_config = LoraConfig.from_peft_type(**json.loads(case.adapter))
        model = get_peft_model(model, peft_config, autocast_adapter_dtype=not case.is_shared)
        if case.parts:
            model.enable_input_require_grads()
        for name, parameter in model.named_parameters():
            if case.bits is not None and parameter.requires_grad and "lora_magnitude_vector" not in name:
                parameter.data = parameter.data.to(torch.bfloat16)
        keep_precision(model, autocast=case.autocast != torch.float32, fresh=False)
        for module in model.modules():
            # On a GPU, PEFT leaves what goes into adapters of few bits to autocast.
            if case.bits is not None and case.device == "cuda" and case.autocast != torch.float32:
                module.cast_input_dtype_enabled = False
    if case.parts is not True:
        recompute_only(model, case.parts or ())
        if not (case.parts and case.is_reentrant):
            free_inputs(model)
    return model.train()


def _make_batch(config: DeepSeekVLHFConfig, stage: int, rows: int, tokens: int, images: int) -> dict:
    mask = "position_ids" if stage_of(stage).packing else "attention_mask"
    batch = {name: torch.zeros(rows, tokens, dtype=torch.long) for name in ("input_ids", "labels", mask)}
    towers = {"pixel_values": config.vision_config, "high_res_pixel_values": config.high_res_vision_config}
    sizes = {name: tower.image_size for name, tower in towers.items() if images and tower is not None}
    return batch | {name: torch.zeros(images, 3, size, size) for name, size in sizes.items()}


def _count(model: DeepSeekVLHFForConditionalGeneration | PeftModel) -> dict[str, int]:
    """Count parameters and their bytes, and those gathered at once with their gradients: FSDP2's largest unit, and what is in none.

    Units are accelerate's (`fsdp2_prepare_model`): layers, embedding, head. The rest stays gathered to the end.
    """
    names = base_of(model)._no_split_modules
    modules = [module for module in model.modules() if type(module).__name__ in names]
    modules += [model.get_input_embeddings(), model.get_output_embeddings()]
    units, every = [set(module.parameters()) for module in modules], set(model.parameters())

    def count(parameters: Iterable[torch.Tensor], learn: bool = False) -> int:
        return sum(parameter.numel() for parameter in parameters if parameter.requires_grad or not learn)

    largest, rest = max(units, key=count), every.difference(*units)
    gathered = count(largest | rest) + count(largest | rest, learn=True)
    sizes = {parameter: parameter.nbytes for parameter in every}
    return {
        "all": count(every),
        "learn": count(every, learn=True),
        "bytes": sum(sizes.values()),
        "learning bytes": sum(size for parameter, size in sizes.items() if parameter.requires_grad),
        "gathered": gathered,
    }
