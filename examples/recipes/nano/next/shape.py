"""The sizes of the nano: what differs from the preset of that name."""

from deepseek_vl_hf import DeepSeekVLHFConfig


SHAPE = {
    "vision_config": {
        "image_size": 192,
        "patch_size": 16,
        "hidden_size": 160,
        "intermediate_size": 640,
        "num_hidden_layers": 4,
        "num_attention_heads": 5,
    },
    "high_res_vision_config": {
        "image_size": 256,
        "patch_size": 8,
        "hidden_size": 128,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "window_size": 8,
        "global_attn_indexes": [2],
        "output_channels": 64,
    },
    "text_config": {
        "hidden_size": 256,
        "intermediate_size": 704,
        "num_hidden_layers": 5,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "max_position_embeddings": 2048,
    },
}


def make_config(**changes) -> DeepSeekVLHFConfig:
    """The configuration, with fields of the language model changed."""
    shape = {**SHAPE, "text_config": {**SHAPE["text_config"], **changes}}
    return DeepSeekVLHFConfig.from_preset("nano", **shape)
