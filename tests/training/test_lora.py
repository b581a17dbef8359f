"""Names for what an adapter goes on hit what they say and nothing else, and TRL's flags mean what they mean in TRL.

python -m pytest tests/training/test_lora.py
"""

import re

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from trl import ModelConfig, TrlParser

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFModel
from deepseek_vl_hf.training import TARGETS, peft_config_for, quantization_for
from tiny import make_config


KINDS = pytest.mark.parametrize("hybrid", [True, False], ids=["hybrid", "low_res"])
HEADS = pytest.mark.parametrize("head", [True, False], ids=["with_head", "bare"])


def linear_layers(prefix, hybrid, target):
    """What a target is to hit, written out."""
    attention, mlp = [f"self_attn.{name}_proj" for name in "qkv"], ["mlp.fc1", "mlp.fc2"]
    tower, llama = f"{prefix}vision_model.", f"{prefix}language_model.layers."
    llama_layer = [*attention, "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]
    language = {f"{llama}{layer}.{name}" for layer in range(2) for name in llama_layer}
    siglip_layer = [*attention, "self_attn.out_proj", *mlp]
    towers = {f"{tower}low_res.encoder.layers.{layer}.{name}" for layer in range(2) for name in siglip_layer}
    if hybrid:
        sam_layer = ["attn.qkv", "attn.proj", "mlp.lin1", "mlp.lin2"]
        towers |= {f"{tower}high_res.layers.{layer}.{name}" for layer in range(4) for name in sam_layer}
    return {"towers": towers, "all": towers | language}.get(target, language)


def tiny(hybrid, head=True):
    kind = DeepSeekVLHFForConditionalGeneration if head else DeepSeekVLHFModel
    return kind(make_config(low_res_only=not hybrid))


def wrap(model, target):
    """The model with an adapter on a target."""
    targets = TARGETS[target]
    config = LoraConfig(r=2, target_modules=targets.modules, modules_to_save=list(targets.whole) or None)
    return get_peft_model(model, config)


def adapted(model):
    """Names of the modules that PEFT gave a pair of matrices, and of those that learn whole."""
    names = dict(model.get_base_model().named_modules())
    pairs = {name for name, module in names.items() if hasattr(module, "lora_A")}
    return pairs, {name for name, module in names.items() if hasattr(module, "modules_to_save")}


@KINDS
@HEADS
@pytest.mark.parametrize("target", TARGETS)
def test_a_target_hits_exactly_what_it_says(hybrid, head, target):
    model = tiny(hybrid, head)
    prefix = "model." if head else ""
    expected = linear_layers(prefix, hybrid, target)
    names = dict(model.named_modules())
    assert {name for name in names if re.fullmatch(TARGETS[target].modules, name)} == expected
    assert all(isinstance(names[name], nn.Linear) for name in expected)
    pairs, whole = adapted(wrap(model, target))
    assert pairs == expected
    assert whole == ({f"{prefix}aligner"} if target in ("language+aligner", "all") else set())


@KINDS
@pytest.mark.parametrize("target", TARGETS)
def test_learning_parameters_are_the_pairs_and_the_whole_aligner(hybrid, target):
    model = wrap(tiny(hybrid), target)
    learning = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert learning
    assert all(".lora_" in name or ".aligner.modules_to_save." in name for name in learning)
    assert any("vision_model" in name for name in learning) == (target in ("towers", "all"))
    assert any("high_res" in name for name in learning if ".lora_" in name) == (hybrid and target in ("towers", "all"))


def parse(*words):
    """Arguments as a script of TRL gets them."""
    (model_args,) = TrlParser((ModelConfig,)).parse_args_and_config(["--model_name_or_path", "model", *words])
    return model_args


def test_without_use_peft_there_is_no_adapter():
    assert peft_config_for(parse()) is None
    assert peft_config_for(parse("--lora_target_modules", "nonsense")) is None


def test_an_adapter_goes_on_the_language_model_unless_told_otherwise():
    config = peft_config_for(parse("--use_peft"))
    assert config.target_modules == TARGETS["language"].modules
    assert config.modules_to_save is None
    assert config.task_type is None
    assert (config.r, config.lora_alpha, config.lora_dropout) == (16, 32, 0.05)  # TRL's


def test_the_flags_of_trl_reach_the_adapter():
    words = "--use_peft --lora_r 8 --lora_alpha 4 --lora_dropout 0.25 --use_dora --use_rslora"
    config = peft_config_for(parse(*words.split(), "--lora_modules_to_save", "lm_head", "embed_tokens"))
    assert (config.r, config.lora_alpha, config.lora_dropout) == (8, 4, 0.25)
    assert (config.use_dora, config.use_rslora) == (True, True)
    assert config.modules_to_save == ["lm_head", "embed_tokens"]
    assert config.target_modules == TARGETS["language"].modules


@pytest.mark.parametrize(
    ("words", "expected", "whole"),
    [
        (["language+aligner"], "language", ["aligner"]),
        (["language", "towers"], "all", None),
        (["language+aligner", "towers"], "all", ["aligner"]),
        (["all", "language+aligner"], "all", ["aligner"]),
        (["all"], "all", ["aligner"]),
    ],
)
def test_targets_are_asked_for_by_name(words, expected, whole):
    config = peft_config_for(parse("--use_peft", "--lora_target_modules", *words))
    assert config.modules_to_save == whole
    model = get_peft_model(tiny(hybrid=True), config)
    assert adapted(model)[0] == linear_layers("model.", True, expected)


def test_what_learns_whole_adds_to_what_the_target_says():
    words = ["--lora_target_modules", "language+aligner", "--lora_modules_to_save", "lm_head", "aligner"]
    config = peft_config_for(parse("--use_peft", *words))
    assert config.modules_to_save == ["aligner", "lm_head"]
    assert adapted(get_peft_model(tiny(hybrid=True), config))[1] == {"model.aligner", "lm_head"}


def ends_with(*ends):
    return {name for name in linear_layers("model.", True, "all") if name.endswith(ends)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["q_proj", "v_proj"], ends_with("q_proj", "v_proj")),
        ([r".*high_res.*attn\.qkv"], ends_with("attn.qkv")),
        ([r"model\.language_model\..*\.o_proj"], ends_with("o_proj")),
    ],
)
def test_whatever_else_peft_reads_reaches_it(words, expected):
    config = peft_config_for(parse("--use_peft", "--lora_target_modules", *words))
    assert adapted(get_peft_model(tiny(hybrid=True), config))[0] == expected


def test_all_linear_is_pefts_own():
    config = peft_config_for(parse("--use_peft", "--lora_target_modules", "all-linear"))
    model = tiny(hybrid=True)
    # PEFT leaves the head alone where it knows it.
    expected = {name for name, module in model.named_modules() if isinstance(module, nn.Linear)} - {"lm_head"}
    assert adapted(get_peft_model(model, config))[0] == expected


@pytest.mark.parametrize("words", [["langauge"], ["language+alinger"], ["language", "q_proj"], ["q_proj"]])
def test_a_misspelt_target_is_refused_with_the_names_that_there_are(words):
    with pytest.raises(
        ValueError, match=r"found lora_target_modules=.*expected some of language, language\+aligner, t"
    ):
        peft_config_for(parse("--use_peft", "--lora_target_modules", *words))


def test_few_bits_without_an_adapter_are_refused():
    with pytest.raises(ValueError, match=r"found load_in_4bit or load_in_8bit without use_peft.*add --use_peft"):
        quantization_for(parse("--load_in_4bit"))
    assert quantization_for(parse("--use_peft")) == {}
    assert quantization_for(parse()) == {}


def test_the_flags_of_quantisation_reach_bitsandbytes():
    pytest.importorskip("bitsandbytes")
    words = "--use_peft --load_in_4bit --bnb_4bit_quant_type fp4 --use_bnb_nested_quant --dtype float32"
    arguments = quantization_for(parse(*words.split()))
    config = arguments["quantization_config"]
    assert (config.load_in_4bit, config.bnb_4bit_quant_type, config.bnb_4bit_use_double_quant) == (True, "fp4", True)
    assert arguments["device_map"].keys() == {""}  # the whole model on the device of this process
    assert quantization_for(parse("--use_peft", "--load_in_8bit"))["quantization_config"].load_in_8bit
    assert isinstance(arguments["device_map"][""], torch.device)
