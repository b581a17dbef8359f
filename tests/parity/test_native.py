"""Checkpoints of transformers' own port, in both directions: its classes and ours must be one model."""

import json
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForImageTextToText,
    DeepseekVLConfig,
    DeepseekVLForConditionalGeneration,
    DeepseekVLHybridConfig,
    DeepseekVLHybridForConditionalGeneration,
)

from deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFModel
from deepseek_vl_hf.exporting import export
from tiny import make_config, make_inputs, randomise


TOLERANCE = 1e-4
NOTHING_AMISS = {"missing_keys": set(), "unexpected_keys": set(), "mismatched_keys": set(), "error_msgs": []}
KINDS = ("hybrid", "low_res_only")
STOCK = {"hybrid": DeepseekVLHybridForConditionalGeneration, "low_res_only": DeepseekVLForConditionalGeneration}


def stock_model(kind, tied=False):
    ours = make_config(low_res_only=kind == "low_res_only")
    parts = {
        "text_config": ours.text_config.to_dict(),
        "vision_config": ours.vision_config.to_dict(),
        "image_token_id": ours.image_token_id,
        "tie_word_embeddings": tied,
    }
    if kind == "low_res_only":
        config = DeepseekVLConfig(**parts)
    else:
        high_res = ours.high_res_vision_config.to_dict()
        high_res = {key: high_res[key] for key in high_res if key not in ("downsample_channels", "model_type")}
        config = DeepseekVLHybridConfig(high_res_vision_config=high_res, **parts)
    return randomise(STOCK[kind](config), std=0.2)


def assert_same_model(ours, theirs):
    inputs = make_inputs(ours.config, num_images=(1, 0, 2))
    has_head = hasattr(ours, "lm_head")
    with torch.no_grad():
        one, other = (model(**inputs)[0 if has_head else "last_hidden_state"] for model in (ours, theirs))
        kept = inputs["attention_mask"].bool()  # what padding sees is no one's business
        assert (one - other)[kept].abs().max() < TOLERANCE
        if not has_head:
            return
        one, other = (model.generate(**inputs, max_new_tokens=8, do_sample=False) for model in (ours, theirs))
        assert one.tolist() == other.tolist()


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("kind", KINDS)
def test_their_checkpoint_is_the_same_model_here(kind, tied, tmp_path):
    theirs = stock_model(kind, tied)
    theirs.save_pretrained(tmp_path)
    ours, report = DeepSeekVLHFForConditionalGeneration.from_pretrained(tmp_path, output_loading_info=True)
    assert report == NOTHING_AMISS
    assert type(ours.config) is DeepSeekVLHFConfig
    assert (ours.lm_head.weight is ours.get_input_embeddings().weight) == tied
    assert_same_model(ours, theirs)


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
@pytest.mark.parametrize("kind", KINDS)
def test_our_checkpoint_is_the_same_model_there(kind, tied, tmp_path):
    config = make_config(low_res_only=kind == "low_res_only", tie_word_embeddings=tied)
    ours = randomise(DeepSeekVLHFForConditionalGeneration(config), std=0.2)
    ours.save_pretrained(tmp_path / "own")
    export(tmp_path / "own", tmp_path / "native", "native")
    theirs, report = AutoModelForImageTextToText.from_pretrained(tmp_path / "native", output_loading_info=True)
    assert type(theirs) is STOCK[kind]
    assert not report["missing_keys"]
    assert not report["mismatched_keys"]
    assert_same_model(ours, theirs)


@pytest.mark.parametrize("kind", KINDS)
def test_auto_classes_leave_their_checkpoint_to_them(kind, tmp_path):
    stock_model(kind).save_pretrained(tmp_path)
    assert type(AutoConfig.from_pretrained(tmp_path)).__module__.startswith("transformers.")
    assert type(AutoModelForImageTextToText.from_pretrained(tmp_path)) is STOCK[kind]


@pytest.mark.parametrize("saved", ["with a head", "without a head"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_base_model_loads_what_they_saved(kind, saved, tmp_path):
    theirs = stock_model(kind)
    (theirs if saved == "with a head" else theirs.model).save_pretrained(tmp_path)
    ours, report = DeepSeekVLHFModel.from_pretrained(tmp_path, output_loading_info=True)
    assert report == NOTHING_AMISS | ({"unexpected_keys": {"lm_head.weight"}} if saved == "with a head" else {})
    assert_same_model(ours, theirs.model)


@pytest.mark.parametrize("kind", KINDS)
def test_a_head_on_their_headless_weights_is_the_only_thing_missing(kind, tmp_path):
    theirs = stock_model(kind)
    theirs.model.save_pretrained(tmp_path)
    ours, report = DeepSeekVLHFForConditionalGeneration.from_pretrained(tmp_path, output_loading_info=True)
    assert report == {**NOTHING_AMISS, "missing_keys": {"lm_head.weight"}}
    assert_same_model(ours.model, theirs.model)


@pytest.mark.parametrize("kind", KINDS)
def test_their_older_keys_load(kind, tmp_path):
    theirs = stock_model(kind)
    theirs.save_pretrained(tmp_path)
    state = load_file(tmp_path / "model.safetensors")
    low_res, older = "model.vision_model.", "model.vision_model.vision_model."
    state = {older + key.removeprefix(low_res) if key.startswith(low_res) else key: state[key] for key in state}
    assert any(key.startswith(older) for key in state)
    save_file(state, tmp_path / "model.safetensors", {"format": "pt"})
    ours, report = DeepSeekVLHFForConditionalGeneration.from_pretrained(tmp_path, output_loading_info=True)
    assert report == NOTHING_AMISS
    assert_same_model(ours, theirs)


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_from_them_is_saved_as_ours(kind, tmp_path):
    stock_model(kind).save_pretrained(tmp_path / "theirs")
    ours = DeepSeekVLHFForConditionalGeneration.from_pretrained(tmp_path / "theirs")
    ours.save_pretrained(tmp_path / "ours")
    assert load_file(tmp_path / "ours" / "model.safetensors").keys() == ours.state_dict().keys()
    again, report = AutoModelForImageTextToText.from_pretrained(tmp_path / "ours", output_loading_info=True)
    assert type(again) is DeepSeekVLHFForConditionalGeneration
    assert report == NOTHING_AMISS
    assert again.config.to_dict()["model_type"] == "deepseek_vl_hf"
    assert all(torch.equal(value, again.state_dict()[key]) for key, value in ours.state_dict().items())


@pytest.mark.parametrize("auto", [AutoModel, AutoModelForImageTextToText])
def test_our_checkpoint_loads_bit_for_bit(auto, tiny_model, tmp_path):
    tiny_model.save_pretrained(tmp_path)
    again = auto.from_pretrained(tmp_path)
    expected = (tiny_model.model if auto is AutoModel else tiny_model).state_dict()
    assert again.state_dict().keys() == expected.keys()
    assert all(torch.equal(value, expected[key]) for key, value in again.state_dict().items())


def test_a_base_model_saved_alone_comes_back_with_and_without_a_head(tiny_model, tmp_path):
    tiny_model.model.save_pretrained(tmp_path)
    _, report = AutoModel.from_pretrained(tmp_path, output_loading_info=True)
    assert report == NOTHING_AMISS
    _, report = DeepSeekVLHFForConditionalGeneration.from_pretrained(tmp_path, output_loading_info=True)
    assert report == {**NOTHING_AMISS, "missing_keys": {"lm_head.weight"}}


def test_pickled_weights_are_refused(tiny_model, tmp_path):
    tiny_model.config.save_pretrained(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(pickle.dumps({}))
    with pytest.raises(ValueError, match=r"only pytorch_model\.bin .* expected model\.safetensors"):
        AutoModelForImageTextToText.from_pretrained(tmp_path)
    with pytest.raises(ValueError, match="use_safetensors=False"):
        AutoModelForImageTextToText.from_pretrained(tmp_path, use_safetensors=False)


def test_janus_is_refused(tmp_path):
    config = {"model_type": "multi_modality", "gen_vision_config": {}, "language_config": {}, "vision_config": {}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    for load in (AutoConfig, AutoModelForImageTextToText, DeepSeekVLHFForConditionalGeneration):
        with pytest.raises(ValueError, match="Janus"):
            load.from_pretrained(tmp_path)
