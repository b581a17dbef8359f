"""Sizes: presets, any tower that fits, and clear words for towers that do not.

python -m pytest tests/test_configuration.py
"""

import pytest
import torch
from transformers import AutoConfig, LlamaConfig, SamVisionConfig, SiglipVisionConfig

from deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFModel, DeepSeekVLHFSamConfig
from tiny import make_config, make_inputs, randomise


@pytest.mark.parametrize(("name", "tokens", "hybrid"), [("1.3b", 576, False), ("7b", 576, True), ("nano", 64, True)])
def test_a_preset_is_what_its_name_says(name, tokens, hybrid):
    config = DeepSeekVLHFConfig.from_preset(name)
    assert config.num_visual_tokens == tokens
    assert (config.high_res_vision_config is not None) == hybrid


# The published totals without SigLIP's pooling head and the two norms, which no forward pass reads.
@pytest.mark.parametrize(("name", "billions"), [("1.3b", 1.962), ("7b", 7.332)])
def test_a_released_size_has_as_many_parameters_as_released(name, billions):
    with torch.device("meta"):
        model = DeepSeekVLHFModel(DeepSeekVLHFConfig.from_preset(name))
    head = model.config.text_config.vocab_size * model.config.text_config.hidden_size
    assert (sum(parameter.numel() for parameter in model.parameters()) + head) / 1e9 == pytest.approx(
        billions, abs=1e-3
    )


def test_an_unknown_preset_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'13b'.*'1\.3b', '7b', 'nano'"):
        DeepSeekVLHFConfig.from_preset("13b")


def test_a_keyword_changes_one_field_of_a_part():
    config = DeepSeekVLHFConfig.from_preset("7b", text_config={"num_hidden_layers": 2}, image_token_id=7)
    assert (config.text_config.num_hidden_layers, config.text_config.hidden_size) == (2, 4096)
    assert config.image_token_id == 7
    assert DeepSeekVLHFConfig.from_preset("7b").text_config.num_hidden_layers == 30


@pytest.mark.parametrize("low_res_only", [False, True])
def test_saving_and_loading_changes_nothing(tmp_path, low_res_only):
    config = make_config(low_res_only)
    config.save_pretrained(tmp_path)
    loaded = AutoConfig.from_pretrained(tmp_path)
    assert isinstance(loaded, DeepSeekVLHFConfig)
    assert {**loaded.to_dict(), "_name_or_path": ""} == {**config.to_dict(), "_name_or_path": ""}
    assert DeepSeekVLHFConfig.from_dict(config.to_dict()).to_dict() == config.to_dict()


def test_stock_configurations_of_the_parts_are_taken():
    config = DeepSeekVLHFConfig(
        text_config=LlamaConfig(hidden_size=64, num_attention_heads=4),
        vision_config=SiglipVisionConfig(image_size=96, patch_size=8),
        high_res_vision_config=SamVisionConfig(image_size=256),
    )
    assert isinstance(config.high_res_vision_config, DeepSeekVLHFSamConfig)
    assert config.high_res_vision_config.downsample_channels == [512, 1024]
    assert config.num_visual_tokens == 144


@pytest.mark.parametrize("part", ["vision_config", "high_res_vision_config"])
def test_a_picture_that_is_no_whole_number_of_patches_is_refused_with_both_numbers(part):
    with pytest.raises(ValueError, match=rf"{part}.*100.*16"):
        DeepSeekVLHFConfig.from_preset("7b", **{part: {"image_size": 100}})


def test_towers_that_end_on_different_grids_are_refused_with_both_numbers():
    with pytest.raises(ValueError, match=r"24x24.*16x16"):
        DeepSeekVLHFConfig.from_preset("7b", high_res_vision_config={"interpolated_grid": 64})
    config = make_config()
    config.high_res_vision_config.interpolated_grid = 6  # changed after it was checked
    with pytest.raises(ValueError, match=r"4x4.*2x2"):
        DeepSeekVLHFModel(config)


def test_an_image_token_outside_the_vocabulary_is_refused():
    with pytest.raises(ValueError, match=r"100015.*320"):
        DeepSeekVLHFModel(make_config(image_token_id=100015))


@pytest.mark.parametrize(
    ("low_res", "high_res"),
    [
        ({"image_size": 21, "patch_size": 7}, {"image_size": 40, "patch_size": 8, "window_size": 2}),
        ({"image_size": 40, "patch_size": 8}, {"image_size": 48, "patch_size": 16, "downsample_channels": [8, 8, 12]}),
        ({"image_size": 16, "patch_size": 16}, {"image_size": 32, "patch_size": 4, "downsample_channels": [20]}),
    ],
)
def test_any_tower_size_works(low_res, high_res):
    parts = make_config().to_dict()
    config = DeepSeekVLHFConfig(
        text_config=parts["text_config"],
        vision_config={**parts["vision_config"], **low_res},
        high_res_vision_config={**parts["high_res_vision_config"], "downsample_channels": None, **high_res},
        image_token_id=2,
    )
    model = randomise(DeepSeekVLHFModel(config))
    with torch.no_grad():
        output = model(**make_inputs(config, num_images=(2, 1)))
    assert output.image_hidden_states.shape == (3, (low_res["image_size"] // low_res["patch_size"]) ** 2, 32)
    assert output.last_hidden_state.isfinite().all()
