"""What a `config.json` of another layout says, and what is refused.

python -m pytest tests/test_layouts.py
"""

import pytest

from deepseek_vl_hf import DeepSeekVLHFConfig
from deepseek_vl_hf.layouts_deepseek_vl_hf import config_for, layout_of, pixel_statistics, translate_config


def official(name="7b", **changes):
    return {**config_for("official", DeepSeekVLHFConfig.from_preset(name).to_dict()), **changes}


@pytest.mark.parametrize("name", ["1.3b", "7b"])
@pytest.mark.parametrize("layout", ["official", "native"])
def test_another_layout_and_back_changes_no_size(name, layout):
    config = DeepSeekVLHFConfig.from_preset(name)
    assert DeepSeekVLHFConfig.from_dict(config_for(layout, config.to_dict())).to_dict() == config.to_dict()


def test_the_released_official_config_of_the_7b_is_complete_with_llamas_defaults():
    # deepseek-ai/deepseek-vl-7b-chat states these three sizes alone.
    language = {"model_type": "llama", "num_hidden_layers": 30, "vocab_size": 102400, "max_position_embeddings": 16384}
    config = DeepSeekVLHFConfig.from_dict(official(language_config=language))
    assert config.to_dict() == DeepSeekVLHFConfig.from_preset("7b").to_dict()


def test_each_layout_is_recognised():
    fields = DeepSeekVLHFConfig.from_preset("7b").to_dict()
    assert layout_of(fields) == "own"
    assert layout_of(config_for("native", fields)) == "native"
    assert layout_of(config_for("official", fields)) == "official"


def test_janus_is_refused_by_name():
    with pytest.raises(ValueError, match=r"Janus.*gen_vision_config"):
        translate_config(official(gen_vision_config={}))


def test_another_kind_of_model_is_refused():
    with pytest.raises(ValueError, match="llava"):
        DeepSeekVLHFConfig.from_dict({"model_type": "llava"})


def test_a_tower_or_aligner_of_unknown_size_is_refused():
    config = official()
    config["vision_config"]["params"]["low_res_cfg"]["model_name"] = "siglip_so400m_patch14_384"
    with pytest.raises(ValueError, match="so400m"):
        translate_config(config)
    config = official()
    config["aligner_config"]["params"]["projector_type"] = "linear"
    with pytest.raises(ValueError, match="linear"):
        translate_config(config)
    config = official()
    config["vision_config"]["params"]["low_res_cfg"]["select_layer"] = -2
    with pytest.raises(ValueError, match="-2"):
        translate_config(config)


def test_pixel_statistics_are_the_configs_own():
    config = official()
    config["vision_config"]["params"]["high_res_cfg"]["pixel_mean"] = [0.1, 0.2, 0.3]
    statistics = pixel_statistics(config)
    assert statistics["high_res"]["mean"] == [0.1, 0.2, 0.3]
    assert statistics["low_res"] == {"mean": [0.5] * 3, "std": [0.5] * 3}
    assert pixel_statistics(official("1.3b"))["high_res"] is None


def test_widths_that_the_native_layout_cannot_state_are_refused():
    fields = DeepSeekVLHFConfig.from_preset("7b", high_res_vision_config={"downsample_channels": [24, 32]}).to_dict()
    with pytest.raises(ValueError, match=r"256.*\[24, 32\]"):
        config_for("native", fields)
