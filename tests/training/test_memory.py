"""Memory that training needs: counts of parameters, and a run without data that measured steps confirm.

python -m pytest tests/training/test_memory.py
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from peft import get_peft_model
from torch.nn import functional as F
from trl import ModelConfig

from deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFForConditionalGeneration
from deepseek_vl_hf.training import freeze_for, memory, peft_config_for
from deepseek_vl_hf.training.lora import keep_precision
from deepseek_vl_hf.training.memory import STRATEGIES, Memory, estimate


ROOT = Path(__file__).parents[2]
BATCH = {"rows": 2, "tokens": 320, "images": 4}
# As the benchmark does, but with the nano's widths and fewer rows.
MEASURE = """
import json, sys
import memory
memory.SMALL = {"text_config": {"vocab_size": 32768}}
memory.ROWS, memory.TOKENS, memory.IMAGES = 1, 256, 2
print(memory.measure(json.loads(sys.argv[1])))
"""


def nano(**text_config):
    return DeepSeekVLHFConfig.from_preset("nano", text_config=text_config)


def static(found):
    return found.weights + found.gradients + found.optimizer


def adapter(*names, **changes):
    return peft_config_for(ModelConfig(use_peft=True, lora_target_modules=list(names), **changes))


def measured(case):
    """Bytes that a step took in a process of its own."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "examples" / "benchmarks")]),
        "OMP_NUM_THREADS": "1",
        "MALLOC_MMAP_THRESHOLD_": "65536",
        "MALLOC_TRIM_THRESHOLD_": "65536",
    }
    command = [sys.executable, "-c", MEASURE, json.dumps(case)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


def resident(name):
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_what_stays_is_counted_in_parameters(tiny_config, tiny_model, stage):
    freeze_for(tiny_model, stage)
    every = sum(parameter.numel() for parameter in tiny_model.parameters())
    learn = sum(parameter.numel() for parameter in tiny_model.parameters() if parameter.requires_grad)
    expected = {  # bytes per parameter, per learning parameter twice, and what is divided among 4 devices
        ("ddp", 1): (4, 4, 8),
        ("ddp", 4): (4, 8, 8),  # gradients and buckets
        ("zero2", 4): (2, 4 / 4, 12 / 4),  # a bf16 model, and its fp32 copy in the optimizer
        ("zero3", 4): (2 / 4, 4 / 4, 12 / 4),
        ("fsdp2", 4): (4 / 4, 4 / 4, 8 / 4),
    }
    for (strategy, num_devices), (weights, gradients, optimizer) in expected.items():
        found = estimate(
            tiny_config, stage, rows=1, tokens=32, images=int(stage == 1), strategy=strategy, num_devices=num_devices
        )
        assert abs(found.weights - weights * every) < 1
        assert abs(found.gradients - gradients * learn) < 1
        assert abs(found.optimizer - optimizer * learn) < 1
        assert found.activations > 0
        assert found.total == static(found) + found.activations
    assert {strategy for strategy, _ in expected} == set(STRATEGIES)


def test_eight_devices_hold_an_eighth_each_under_fsdp2():
    batch = {"rows": 1, "tokens": 32, "images": 0}
    alone, shared = (estimate(nano(), 3, **batch, strategy="fsdp2", num_devices=number) for number in (1, 8))
    assert 7.9 < static(alone) / static(shared) <= 8
    assert alone.activations == shared.activations


def test_recomputed_layers_keep_less():
    config = nano(num_hidden_layers=6)
    found = [
        estimate(config, 3, **BATCH, gradient_checkpointing=parts).activations
        for parts in (False, ["vision"], ["vision", "language_model"])
    ]
    assert found[0] > found[1] > 1.4 * found[2]


def test_frozen_towers_keep_nothing_unless_all_layers_are_recomputed():
    parts, everything = (
        estimate(nano(), 2, rows=4, tokens=128, images=8, gradient_checkpointing=how).activations
        for how in (["language_model"], True)
    )
    assert parts < everything


def test_autocast_keeps_a_copy_of_the_weights_that_learn():
    wide = {"rows": 1, "tokens": 64, "images": 0}
    config = nano(hidden_size=768, intermediate_size=3072)
    low, high = (estimate(config, 2, **wide, compute_dtype=dtype) for dtype in (torch.bfloat16, torch.float32))
    layers = 4 * (4 * 768**2 + 3 * 768 * 3072)
    assert low.activations - high.activations > 0.8 * 2 * layers


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the kernel of Linux measures")
@pytest.mark.parametrize("adapted", [None, "language+aligner"])
def test_a_measured_step_takes_what_was_estimated(adapted):
    case = {"stage": 3, "images": 2, "checkpointing": False}
    found = measured(case if adapted is None else {**case, "adapter": adapted})
    expected = estimate(
        nano(vocab_size=32768),
        3,
        rows=1,
        tokens=256,
        images=2,
        peft_config=None if adapted is None else adapter(adapted),
        gradient_checkpointing=False,
        compute_dtype=torch.float32,
        device="cpu",
    )
    assert static(expected) > (0.2 if adapted is None else 0.1) * expected.total
    assert 0.85 < found / expected.total < 1.15


def test_beside_an_adapter_frozen_weights_have_neither_gradients_nor_moments(tiny_config, tiny_model):
    batch = {"rows": 1, "tokens": 32, "images": 1}
    model = get_peft_model(tiny_model.to(torch.bfloat16), adapter("language+aligner"))
    keep_precision(model, autocast=True, fresh=True)
    every = {parameter: parameter.nbytes for parameter in model.parameters()}
    learn = sum(size for parameter, size in every.items() if parameter.requires_grad)
    found = estimate(tiny_config, 3, **batch, peft_config=adapter("language+aligner"), dtype=torch.bfloat16)
    assert (found.weights, found.gradients, found.optimizer) == (sum(every.values()), learn, 2 * learn)
    whole = estimate(tiny_config, 3, **batch, peft_config=adapter("language+aligner"))
    frozen = sum(parameter.numel() for parameter in every if not parameter.requires_grad)
    assert whole.weights - found.weights == 2 * frozen  # what learns is fp32 in both
    copied = sum(weight.numel() for name, weight in model.named_parameters() if "modules_to_save" in name)
    assert copied == sum(weight.numel() for weight in tiny_model.model.aligner.original_module.parameters()) > 0


def test_shared_adapters_are_counted_by_their_strategy(tiny_config):
    batch = {"rows": 1, "tokens": 32, "images": 1, "peft_config": adapter("language"), "dtype": torch.bfloat16}
    one = estimate(tiny_config, 3, **batch)
    learn = one.gradients // 4
    frozen = (one.weights - 4 * learn) // 2
    expected = {
        "ddp": (2 * frozen + 4 * learn, 8 * learn, 8 * learn),
        "zero2": (2 * (frozen + learn), learn, 3 * learn),
        "zero3": ((frozen + learn) / 2, learn, 3 * learn),
        "fsdp2": ((2 * frozen + 4 * learn) / 4, learn, 2 * learn),
    }
    for strategy, sizes in expected.items():
        found = estimate(tiny_config, 3, **batch, strategy=strategy, num_devices=4)
        assert (found.weights, found.gradients, found.optimizer) == pytest.approx(sizes, abs=1)
    assert set(expected) == set(STRATEGIES)


def test_weights_of_few_bits_take_a_byte_or_a_half_and_their_scales():
    config = nano(num_hidden_layers=6)
    batch = {**BATCH, "peft_config": adapter("language"), "dtype": torch.bfloat16}
    with torch.device("meta"):
        layers = DeepSeekVLHFForConditionalGeneration(config).model.language_model.layers
    linear = [module for module in layers.modules() if isinstance(module, torch.nn.Linear)]
    count = sum(module.weight.numel() for module in linear)
    whole = estimate(config, 3, **batch)
    saved = {
        (4, False): count * (2 - 1 / 2 - 4 / 64),
        (4, True): count * (2 - 1 / 2 - (1 + 4 / 256) / 64),
        (8, False): count * (2 - 1) - 4 * sum(module.out_features for module in linear),
    }
    for (bits, nested), expected in saved.items():
        found = estimate(config, 3, **batch, bits=bits, nested=nested)
        adapters = whole.gradients - found.gradients  # TRL makes bf16 of them
        assert adapters == whole.gradients // 2
        assert whole.weights - found.weights - adapters == pytest.approx(expected, rel=0.01)


def test_8_bits_keep_inputs_that_recomputation_would_have_spared():
    batch = {"rows": 4, "tokens": 320, "images": 0, "peft_config": adapter("language"), "dtype": torch.bfloat16}
    four, eight = (estimate(nano(num_hidden_layers=12), 2, **batch, bits=bits).activations for bits in (4, 8))
    assert eight - four > 10 * 4 * 320 * 3 * 96 * 2  # what goes into attention, its end, and the MLP of 10 layers


@pytest.mark.parametrize("images", [1, 4])
def test_frozen_towers_beside_an_adapter_keep_nothing(images, monkeypatch):
    batch = {"rows": 1, "tokens": 320, "images": images, "peft_config": adapter("language"), "dtype": torch.bfloat16}
    found = []
    for free in (memory.free_inputs, lambda model: None):
        monkeypatch.setattr(memory, "free_inputs", free)
        memory._run.cache_clear()
        parts = ["vision", "language_model"]
        found.append(estimate(nano(), 3, **batch, gradient_checkpointing=parts).activations)
    memory._run.cache_clear()
    config = nano()
    tokens = (config.vision_config.image_size // config.vision_config.patch_size) ** 2
    kept = images * tokens * config.vision_config.hidden_size * config.vision_config.num_hidden_layers * 2
    assert found[1] - found[0] > kept  # at least what goes into each of SigLIP's layers, in bf16


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the kernel of Linux measures")
def test_the_7b_is_estimated_without_its_weights():
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    before = resident("VmRSS")
    found = estimate(
        DeepSeekVLHFConfig.from_preset("7b"),
        2,
        rows=1,
        tokens=4096,
        images=7,
        gradient_checkpointing=["language_model"],
        strategy="fsdp2",
        num_devices=8,
    )
    assert resident("VmHWM") - before < 500 * 2**20
    assert 30 * 4096 * 4096 * 2 < found.activations < 8 * 2**30  # more than each layer's input in bf16


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_attention_keeps_no_scores(device):
    few, many = (
        estimate(
            nano(num_attention_heads=heads, num_key_value_heads=heads),
            2,
            rows=1,
            tokens=512,
            images=0,
            gradient_checkpointing=False,
            device=device,
        ).activations
        for heads in (3, 12)
    )
    assert abs(many - few) < (12 - 3) * 512**2 * 2  # of one layer


def test_an_estimate_leaves_torch_as_it_was():
    before = F.scaled_dot_product_attention
    estimate(nano(), 2, rows=1, tokens=16, images=0)
    assert F.scaled_dot_product_attention is before
    assert torch.zeros(2).sum().item() == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strategy": "fsdp1"}, "found strategy='fsdp1'"),
        ({"num_devices": 0}, "num_devices=0"),
        ({"images": 0}, "expected at least 1 where nothing in the language model learns, as in stage 1"),
        ({"images": 3, "tokens": 64}, "found 3 pictures in 2 x 64 tokens"),
        ({"images": -1}, "found -1 pictures"),
        ({"bits": 4}, "found bits=4, strategy='ddp' and no adapter"),
        ({"bits": 3, "peft_config": adapter("language")}, "found bits=3"),
        ({"bits": 4, "peft_config": adapter("language"), "strategy": "fsdp2"}, "found bits=4, strategy='fsdp2'"),
        (
            {"images": 0, "peft_config": adapter("towers")},
            "expected at least 1 where nothing in the language model learns",
        ),
        ({"peft_config": adapter("foo_proj", "bar_proj")}, "not found in the base model"),
        ({"gradient_checkpointing": ["towers"]}, "found unknown parts"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        estimate(nano(), 1, **{**BATCH, **change})


def test_a_row_has_a_cell_for_each_part():
    row = Memory(2**30, 2**30, 2**31, 2**29).row("7b")
    assert row == "| 7b | 1 | 1 | 2 | 0.5 | 4.5 |"
    assert row.count("|") == Memory.HEADER.splitlines()[0].count("|")
