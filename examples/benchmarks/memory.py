"""How much memory each stage needs on a GPU, by the recipes' batches and ways of sharing, and whether such numbers hold.

The table is computed from configurations alone (`deepseek_vl_hf.training.memory`); no weight and no GPU is needed. Rows are
as long as the recipe allows and hold as many pictures as fit; in stage 1 each has one. A second table sets adapters of rank 16, over
weights of 32, 16 and 4 bits, beside stage 3 on one GPU.

    python examples/benchmarks/memory.py [--presets 1.3b 7b]

With `--check` a hybrid of 87 million parameters is trained on the CPU in fp32, adapters over bf16 with bf16 autocast too, and over
4 bits where bitsandbytes is installed. Each case has a process of its own, and the
most memory that it took is set beside the estimate. The kernel counts: `VmHWM`, the highest resident set, less what was
resident after all libraries had done a small step. glibc is told to give back what is freed (`MALLOC_MMAP_THRESHOLD_`),
so that the resident set follows what is alive. Gradients of an earlier forward pass and the optimizer's moments are there, as
they are where gradients are accumulated.

    python examples/benchmarks/memory.py --check
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
import yaml
from peft import LoraConfig, get_peft_model
from transformers import BitsAndBytesConfig
from trl import ModelConfig
from trl.trainer.utils import add_fused_lm_head

from deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFForConditionalGeneration
from deepseek_vl_hf.training.lora import keep_precision, peft_config_for
from deepseek_vl_hf.training.memory import Memory, estimate
from deepseek_vl_hf.training.stages import STAGES, base_of, free_inputs, freeze_for, recompute_only


RECIPES = Path(__file__).parents[1] / "recipes"
WAYS = [("ddp", 1), ("ddp", 8), ("zero2", 8), ("zero3", 8), ("fsdp2", 8)]
# Parts whose layers are recomputed where a recipe says `gradient_checkpointing: true`.
RECOMPUTED = {number: stage.keeps_activations for number, stage in STAGES.items()}
SMALL = {
    "text_config": {
        "vocab_size": 32768,  # one tile of the fused head, which reserves a whole one for a smaller vocabulary too
        "hidden_size": 512,
        "intermediate_size": 1408,
        "num_hidden_layers": 8,
        "num_attention_heads": 8,
        "num_key_value_heads": 8,
    },
    "vision_config": {
        "image_size": 192,
        "patch_size": 16,
        "hidden_size": 384,
        "intermediate_size": 1536,
        "num_hidden_layers": 8,
        "num_attention_heads": 6,
    },
    "high_res_vision_config": {
        "image_size": 384,
        "patch_size": 16,
        "hidden_size": 384,
        "num_hidden_layers": 6,
        "num_attention_heads": 6,
        "window_size": 10,
        "global_attn_indexes": [2, 5],
        "output_channels": 128,
    },
}
ROWS, TOKENS, IMAGES = 2, 320, 4
CASES = [
    {"stage": stage, "images": images, "checkpointing": checkpointing}
    for stage, parts in RECOMPUTED.items()
    for images in (IMAGES, 0)
    for checkpointing in (False, True, parts)
    if images or stage != 1
]
ADAPTERS = ("language", "language+aligner")
# What weights an adapter is trained beside: as TRL loads them unless told otherwise, as is usual, and as QLoRA does.
BASES = [{"dtype": "float32"}, {"dtype": "bfloat16"}, {"dtype": "bfloat16", "bits": 4}]
CASES += [
    {"stage": 3, "images": images, "checkpointing": checkpointing, "adapter": adapter, **weights}
    for weights in BASES
    for adapter, images, checkpointing in (
        ("language", IMAGES, False),
        ("language", IMAGES, True),
        ("language", IMAGES, RECOMPUTED[3]),
        ("language+aligner", IMAGES, RECOMPUTED[3]),
        ("all", IMAGES, RECOMPUTED[3]),
        ("language", 0, RECOMPUTED[3]),
    )
]


def batch_of(preset: str, stage: int, config: DeepSeekVLHFConfig) -> dict[str, int]:
    """The recipe's largest batch on one device."""
    recipe = yaml.safe_load((RECIPES / preset / f"stage{stage}.yaml").read_text(encoding="utf-8"))
    rows, tokens = recipe["per_device_train_batch_size"], recipe["max_length"]
    if not recipe["count_image_tokens"]:  # max_length is the text's alone, beside one picture
        return {"rows": rows, "tokens": tokens + config.num_visual_tokens, "images": rows}
    return {"rows": rows, "tokens": tokens, "images": rows * (tokens // config.num_visual_tokens)}


def print_table(presets: list[str]) -> None:
    """Print what each preset, stage and way of sharing needs."""
    print(Memory.HEADER)
    for preset in presets:
        config = DeepSeekVLHFConfig.from_preset(preset)
        for stage, parts in RECOMPUTED.items():
            batch = batch_of(preset, stage, config)
            shape = f"{batch['rows']} x {batch['tokens']} tokens, {batch['images']} pictures"
            for strategy, num_devices in WAYS:
                way = {"strategy": strategy, "num_devices": num_devices}
                memory = estimate(config, stage, **batch, gradient_checkpointing=parts, **way)
                print(memory.row(f"{preset}, stage {stage}, {shape}: {num_devices} x {strategy}"), flush=True)


def adapter_of(names: str) -> LoraConfig:
    """An adapter of rank 16, as the training scripts make it."""
    return peft_config_for(ModelConfig(use_peft=True, lora_r=16, lora_target_modules=[names]))


def print_adapters(presets: list[str]) -> None:
    """Print what adapters need on one GPU beside all that stage 3 trains."""
    print(Memory.HEADER)
    for preset in presets:
        config = DeepSeekVLHFConfig.from_preset(preset)
        batch = {"gradient_checkpointing": RECOMPUTED[3], **batch_of(preset, 3, config)}
        print(estimate(config, 3, **batch).row(f"{preset}, stage 3 whole, fp32"), flush=True)
        for weights in BASES:
            dtype, bits = getattr(torch, weights["dtype"]), weights.get("bits")
            for names in ADAPTERS:
                memory = estimate(config, 3, **batch, peft_config=adapter_of(names), dtype=dtype, bits=bits)
                print(memory.row(f"{preset}, adapter of {names} beside {weights_of(weights)}"), flush=True)


def make_batch(config: DeepSeekVLHFConfig, stage: int, images: int) -> dict[str, torch.Tensor]:
    """Random rows: two to a pack in stage 2, else the last one is padded."""
    input_ids = torch.randint(1, config.text_config.vocab_size, (ROWS, TOKENS))
    input_ids[input_ids == config.image_token_id] = 0
    for row in input_ids:
        row[: images // ROWS * config.num_visual_tokens] = config.image_token_id
    labels = input_ids.masked_fill(input_ids == config.image_token_id, -100)
    batch = {"input_ids": input_ids, "labels": labels}
    if stage == 2:
        batch["position_ids"] = torch.arange(TOKENS).remainder(TOKENS // 2).expand(ROWS, TOKENS).clone()
    else:
        batch["attention_mask"] = torch.ones_like(input_ids)
        batch["attention_mask"][-1, -TOKENS // 8 :] = 0
    if images:
        for name, tower in zip(
            ("pixel_values", "high_res_pixel_values"),
            (config.vision_config, config.high_res_vision_config),
            strict=True,
        ):
            batch[name] = torch.randn(images, 3, tower.image_size, tower.image_size)
    return batch


def make_adapter(config: DeepSeekVLHFConfig, adapter: str, dtype: str, bits: int | None, checkpointing: bool):
    """Make what TRL's `SFTTrainer` makes of a model and an adapter."""
    model = DeepSeekVLHFForConditionalGeneration._from_config(config, dtype=getattr(torch, dtype))
    if bits is not None:
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            few = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype)
            model = DeepSeekVLHFForConditionalGeneration.from_pretrained(
                folder, dtype=getattr(torch, dtype), quantization_config=few, device_map={"": "cpu"}
            )
        # Whole weights lie in the mapped file, all of which the kernel counts while one of them lives.
        for parameter in model.parameters():
            parameter.data = parameter.data.clone()
    if checkpointing:
        model.activation_checkpointing_enable()
    model = get_peft_model(model, adapter_of(adapter))
    if checkpointing:
        model.enable_input_require_grads()
    for parameter in model.parameters():
        if bits is not None and parameter.requires_grad:
            parameter.data = parameter.data.to(torch.bfloat16)
    keep_precision(model, autocast=dtype == "bfloat16", fresh=False)
    return model


def train(
    config: DeepSeekVLHFConfig,
    stage: int,
    images: int,
    checkpointing: bool | list[str],
    adapter: str | None = None,
    dtype: str = "float32",
    bits: int | None = None,
) -> None:
    """Take a step with pictures and one of the case; `VmHWM` sees the latter, which finds moments and gradients."""
    if adapter is None:
        model = DeepSeekVLHFForConditionalGeneration(config)
        freeze_for(model, stage)
        if checkpointing:
            model.activation_checkpointing_enable()
    else:
        model = make_adapter(config, adapter, dtype, bits, bool(checkpointing))
    if checkpointing is not True:
        recompute_only(model, checkpointing or ())
        free_inputs(model)
    add_fused_lm_head(base_of(model.train()), outputs=("log_probs", "entropy", "is_top1"))
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=1e-4, fused=True)
    gc.collect()
    for num_images in (IMAGES, images):
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # VmHWM begins anew
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == "bfloat16"):
            loss = model(**make_batch(config, stage, num_images), fused_lm_head=True).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()


def status(name: str) -> int:
    """Bytes that the kernel states of this process."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def measure(case: dict[str, Any]) -> int:
    """Most bytes that training took; to be called in a fresh process."""
    torch.manual_seed(0)
    train(DeepSeekVLHFConfig.from_preset("nano"), **case)
    gc.collect()
    before = status("VmRSS")
    train(small_config(), **case)
    return status("VmHWM") - before


def small_config() -> DeepSeekVLHFConfig:
    """The hybrid that is trained for `--check`."""
    return DeepSeekVLHFConfig.from_preset("nano", **SMALL)


def estimate_of(case: dict[str, Any]) -> Memory:
    """What should be measured."""
    dtype = getattr(torch, case.get("dtype", "float32"))
    return estimate(
        small_config(),
        case["stage"],
        rows=ROWS,
        tokens=TOKENS,
        images=case["images"],
        peft_config=adapter_of(case["adapter"]) if "adapter" in case else None,
        bits=case.get("bits"),
        dtype=dtype,
        gradient_checkpointing=case["checkpointing"],
        compute_dtype=dtype,
        device="cpu",
    )


def weights_of(case: dict[str, Any]) -> str:
    """What the weights beside an adapter are called."""
    return f"{case['bits']} bits and {case['dtype']}" if "bits" in case else case["dtype"]


def name_of(case: dict[str, Any]) -> str:
    """What a case is called."""
    kept = case["checkpointing"]
    how = {True: "all", False: "nothing"}[kept] if isinstance(kept, bool) else " and ".join(kept)
    what = f"stage {case['stage']}"
    if "adapter" in case:
        what = f"adapter of {case['adapter']} beside {weights_of(case)}"
    return f"{what}, {case['images']} pictures, recomputed: {how}"


def check() -> bool:
    """Measure each case beside its estimate; whether all are within 15%."""
    print("| case | estimate, MiB: static + activations | measured, MiB | measured / estimate |")
    print("|---|---|---|---|")
    ratios = []
    for case in CASES:
        if "bits" in case and find_spec("bitsandbytes") is None:
            print(f"| {name_of(case)} | | skipped: bitsandbytes is not installed | |")
            continue
        environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
        command = [sys.executable, __file__, "--measure", json.dumps(case)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        memory, measured = estimate_of(case), int(done.stdout.split()[-1])
        ratios.append(measured / memory.total)
        static = memory.total - memory.activations
        print(
            f"| {name_of(case)} | {static / 2**20:.0f} + {memory.activations / 2**20:.0f} | {measured / 2**20:.0f} | "
            f"{ratios[-1]:.3f} |",
            flush=True,
        )
    return all(0.85 <= ratio <= 1.15 for ratio in ratios)


def main() -> None:
    """Print one of the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--presets", nargs="+", default=["1.3b", "7b"])
    parser.add_argument("--check", action="store_true", help="train a small model beside its estimate")
    parser.add_argument("--measure", type=json.loads, help=argparse.SUPPRESS)
    args = parser.parse_args()
    start = time.perf_counter()
    if args.measure is not None:
        print(measure(args.measure))
    elif args.check:
        sys.exit(not check())
    else:
        print_table(args.presets)
        print()
        print_adapters(args.presets)
        print(f"\nin {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
