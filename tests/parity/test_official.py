"""Checkpoints in the official layout, against numbers that the official code computed for them (see tests/reference)."""

import ast
import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, AutoModelForImageTextToText, AutoModelForMultimodalLM

from deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFModel
from deepseek_vl_hf.layouts_deepseek_vl_hf import SAM_STATISTICS


REFERENCE = Path(__file__).parents[1] / "reference"
TOLERANCE = 1e-4  # fp32, as stated beside the reference data; about 1e-6 is what comes out
# The official config.json names its towers and cannot say how small these are.
LOW_RES = {
    "image_size": 96,
    "patch_size": 4,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 128,
}
HIGH_RES = {
    "image_size": 192,
    "patch_size": 8,
    "hidden_size": 32,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "global_attn_indexes": [1, 3],
    "output_channels": 16,
    "downsample_channels": [24, 32],
}
SIZES = {
    "hybrid": {"vision_config": LOW_RES, "high_res_vision_config": HIGH_RES, "image_token_id": 319},
    "lowres": {"vision_config": LOW_RES, "image_token_id": 319},
}
KINDS = tuple(SIZES)
NOTHING_AMISS = {"missing_keys": set(), "unexpected_keys": set(), "mismatched_keys": set(), "error_msgs": []}


def load(kind, auto=AutoModelForImageTextToText, **kwargs):
    folder = REFERENCE / f"official_tiny_{kind}"
    config = DeepSeekVLHFConfig.from_pretrained(folder, **SIZES[kind])
    return auto.from_pretrained(folder, config=config, **kwargs)


def expected_and_pixels(kind):
    expected = load_file(REFERENCE / f"official_tiny_{kind}" / "expected.safetensors")
    images = expected["images"]
    if kind == "lowres":
        return expected, {"pixel_values": (images - 0.5) / 0.5}
    small = F.interpolate(images, size=(96, 96), mode="bilinear", antialias=True)
    mean, std = (torch.tensor(SAM_STATISTICS[name])[:, None, None] for name in ("mean", "std"))
    return expected, {"pixel_values": (small - 0.5) / 0.5, "high_res_pixel_values": (images - mean) / std}


def largest_difference(ours, theirs):
    return (ours - theirs).abs().max().item()


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_features_and_logits_are_those_of_the_official_code(kind, attention):
    expected, pixels = expected_and_pixels(kind)
    model = load(kind, attn_implementation=attention)
    features = model.get_image_features(**pixels)
    assert largest_difference(features.pooler_output, expected["image_features"]) < TOLERANCE
    if kind == "hybrid":
        assert largest_difference(features.last_hidden_state, expected["low_res_features"]) < TOLERANCE
        assert largest_difference(features.high_res_last_hidden_state, expected["high_res_features"]) < TOLERANCE
    logits = model(
        input_ids=expected["input_ids"], attention_mask=expected["attention_mask"], **pixels, logits_to_keep=16
    ).logits
    assert largest_difference(logits, expected["logits_last_16"]) < TOLERANCE


@pytest.mark.parametrize("auto", [AutoModelForImageTextToText, AutoModelForMultimodalLM])
@pytest.mark.parametrize("kind", KINDS)
def test_auto_classes_give_ours_with_every_key_in_its_place(kind, auto):
    assert type(AutoConfig.from_pretrained(REFERENCE / f"official_tiny_{kind}")) is DeepSeekVLHFConfig
    model, report = load(kind, auto, output_loading_info=True)
    assert type(model) is DeepSeekVLHFForConditionalGeneration
    assert report == NOTHING_AMISS


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_the_base_model_loads_too(kind):
    expected, pixels = expected_and_pixels(kind)
    model, report = load(kind, AutoModel, output_loading_info=True)
    assert type(model) is DeepSeekVLHFModel
    assert report == {**NOTHING_AMISS, "unexpected_keys": {"lm_head.weight"}}
    assert largest_difference(model.get_image_features(**pixels).pooler_output, expected["image_features"]) < TOLERANCE


def test_a_key_that_is_missing_or_unknown_is_reported_by_name(tmp_path):
    state = load_file(REFERENCE / "official_tiny_hybrid" / "model.safetensors")
    del state["vision_model.vision_tower_high.vision_tower.blocks.0.attn.qkv.bias"]
    state["vision_model.vision_tower_high.vision_tower.surprise"] = torch.zeros(1)
    save_file(state, tmp_path / "model.safetensors", {"format": "pt"})
    config = DeepSeekVLHFConfig.from_pretrained(REFERENCE / "official_tiny_hybrid", **SIZES["hybrid"])
    config.save_pretrained(tmp_path)
    _, report = DeepSeekVLHFForConditionalGeneration.from_pretrained(tmp_path, output_loading_info=True)
    assert report["missing_keys"] == {"model.vision_model.high_res.layers.0.attn.qkv.bias"}
    assert report["unexpected_keys"] == {"vision_model.vision_tower_high.vision_tower.surprise"}


@pytest.mark.parametrize("kind", KINDS)
def test_saving_gives_our_layout_and_the_same_numbers(kind, tmp_path):
    model = load(kind)
    model.save_pretrained(tmp_path)
    saved = load_file(tmp_path / "model.safetensors")
    assert saved.keys() == model.state_dict().keys()
    assert AutoConfig.from_pretrained(tmp_path).to_dict()["model_type"] == "deepseek_vl_hf"
    again = AutoModelForImageTextToText.from_pretrained(tmp_path)
    assert all(torch.equal(value, again.state_dict()[key]) for key, value in model.state_dict().items())


def write_at_released_size(kind, folder):
    """Write a checkpoint with every key of a released one at its true size, but a small language model."""
    generator, state = torch.Generator().manual_seed(0), {}
    for line in (REFERENCE / f"{kind}_keys.txt").read_text().splitlines():
        name, shape = line.split(" ", 1)
        state[name] = torch.randn(ast.literal_eval(shape), generator=generator) * 0.02
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    config = json.loads((REFERENCE / f"official_tiny_{kind}" / "config.json").read_text())
    vision = config["vision_config"]["params"]
    for params, size in ((vision.get("low_res_cfg", vision), 384), (vision.get("high_res_cfg", {}), 1024)):
        params["image_size"] = size
    config["language_config"] |= {
        "vocab_size": 512,
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "intermediate_size": state["language_model.model.layers.0.mlp.up_proj.weight"].shape[0],
    }
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_every_key_of_the_released_sizes_loads_and_runs(kind, tmp_path):
    write_at_released_size(kind, tmp_path)
    model, report = AutoModelForImageTextToText.from_pretrained(tmp_path, image_token_id=511, output_loading_info=True)
    assert report == NOTHING_AMISS
    pixels = {"pixel_values": torch.randn(1, 3, 384, 384)}
    if kind == "hybrid":
        pixels["high_res_pixel_values"] = torch.randn(1, 3, 1024, 1024)
    logits = model(input_ids=torch.full((1, 576), 511), **pixels).logits
    assert logits.shape == (1, 576, 512)
    assert logits.isfinite().all()
