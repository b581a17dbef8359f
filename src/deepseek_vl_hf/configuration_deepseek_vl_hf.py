"""Sizes of the two vision towers, the aligner and the language model; any layout's `config.json` becomes one of these."""

from typing import Any, ClassVar

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig
from transformers.configuration_utils import PreTrainedConfig
from transformers.models.sam.configuration_sam import SamVisionConfig
from transformers.models.siglip.configuration_siglip import SiglipVisionConfig

from .layouts_deepseek_vl_hf import SAM_B, SIGLIP_L, translate_config


# The towers of "nano" are small enough to train on two CPU cores; the language models are as the
# released config.json state them (arXiv 2403.05525 section 3.1, 2401.02954 table 2).
PRESETS: dict[str, dict[str, Any]] = {
    "1.3b": {
        "text_config": {
            "model_type": "llama",
            "vocab_size": 102400,
            "hidden_size": 2048,
            "intermediate_size": 5632,
            "num_hidden_layers": 24,
            "num_attention_heads": 16,
            "num_key_value_heads": 16,
            "max_position_embeddings": 16384,
            "rms_norm_eps": 1e-6,
            "bos_token_id": 100000,
            "eos_token_id": 100001,
        },
        "vision_config": SIGLIP_L,
        "high_res_vision_config": None,
        "image_token_id": 100015,
    },
    "7b": {
        "text_config": {
            "model_type": "llama",
            "vocab_size": 102400,
            "hidden_size": 4096,
            "intermediate_size": 11008,
            "num_hidden_layers": 30,
            "num_attention_heads": 32,
            "num_key_value_heads": 32,
            "max_position_embeddings": 16384,
            "rms_norm_eps": 1e-6,
            "bos_token_id": 100000,
            "eos_token_id": 100001,
        },
        "vision_config": SIGLIP_L,
        "high_res_vision_config": SAM_B,
        "image_token_id": 100015,
    },
    "nano": {
        "text_config": {
            "model_type": "llama",
            "vocab_size": 1024,
            "hidden_size": 192,
            "intermediate_size": 512,
            "num_hidden_layers": 4,
            "num_attention_heads": 6,
            "num_key_value_heads": 6,
            "max_position_embeddings": 1024,
            "rms_norm_eps": 1e-6,
            "bos_token_id": 0,
            "eos_token_id": 1,
            "pad_token_id": 2,
        },
        "vision_config": {
            "model_type": "siglip_vision_model",
            "image_size": 96,
            "patch_size": 12,
            "hidden_size": 128,
            "intermediate_size": 512,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "hidden_act": "gelu",
        },
        "high_res_vision_config": {
            "image_size": 192,
            "patch_size": 12,
            "hidden_size": 96,
            "num_hidden_layers": 4,
            "num_attention_heads": 3,
            "window_size": 8,
            "global_attn_indexes": [1, 3],
            "output_channels": 64,
        },
        "image_token_id": 3,
    },
}

MOST_LAYERS = 1000


def _grid(config: PreTrainedConfig, part: str) -> int:
    """Patches along one side of a tower's square picture."""
    image_size, patch_size = config.image_size, config.patch_size
    if not isinstance(image_size, int) or not isinstance(patch_size, int):
        raise ValueError(
            f"{part}: found image_size={image_size} and patch_size={patch_size}; both towers read squares, so each "
            "must be one int (pixels along a side)."
        )
    if patch_size <= 0 or image_size <= 0 or image_size % patch_size:
        raise ValueError(
            f"{part}: image_size={image_size} is not a positive multiple of patch_size={patch_size}; the last "
            f"{image_size % patch_size if patch_size > 0 else image_size} pixels would be in no patch. Choose sizes "
            "that divide."
        )
    return image_size // patch_size


@strict
class DeepSeekVLHFSamConfig(SamVisionConfig):
    """SAM's image encoder plus what DeepSeek-VL hangs on it: a down-sampling path to the low-resolution grid.

    Args:
        downsample_channels (`list[int]`, *optional*):
            Output channels of the stride-2 convolutions after the neck. Defaults to twice and four times
            `output_channels`, as released (256 -> 512 -> 1024).
        interpolated_grid (`int`, *optional*):
            Cells along a side to which the neck's output is interpolated before the convolutions (96 as released).
            Defaults to what the convolutions need to end on the low-resolution tower's grid.
        initializer_range (`float`, *optional*, defaults to 0.02):
            Stock SAM says 1e-10, which starts a tower dead that is trained from scratch.
    """

    model_type = "deepseek_vl_hf_sam"
    base_config_key = "high_res_vision_config"

    initializer_range: float = 0.02
    downsample_channels: list[int] | tuple[int, ...] | None = None
    interpolated_grid: int | None = None

    def __post_init__(self, **kwargs):
        if self.downsample_channels is None:
            self.downsample_channels = [2 * self.output_channels, 4 * self.output_channels]
        self.downsample_channels = list(self.downsample_channels)
        self.global_attn_indexes = list(self.global_attn_indexes)
        super().__post_init__(**kwargs)

    @property
    def grid_size(self) -> int:
        """Patches along one side."""
        return _grid(self, "high_res_vision_config")

    @property
    def first_global_layer(self) -> int:
        """Index of the layer whose output also goes through the second neck."""
        return min(self.global_attn_indexes)


@strict
class DeepSeekVLHFConfig(PreTrainedConfig):
    """Configuration of a DeepSeek-VL model, hybrid (7B kind) or SigLIP only (1.3B kind).

    `from_dict` and `from_pretrained` also read the official layout (`model_type` "multi_modality") and the
    transformers-native ones ("deepseek_vl", "deepseek_vl_hybrid").

    Args:
        text_config (`LlamaConfig` or `dict`, *optional*):
            The language model. Defaults to stock `LlamaConfig`.
        vision_config (`SiglipVisionConfig` or `dict`, *optional*):
            The low-resolution tower. Defaults to SigLIP-L at 384 pixels.
        high_res_vision_config (`DeepSeekVLHFSamConfig`, `SamVisionConfig` or `dict`, *optional*):
            The high-resolution tower; `None` is the 1.3B kind, which has none.
        image_token_id (`int`, defaults to 100015):
            Id of the placeholder that visual tokens replace, one id per visual token.

    Raises:
        ValueError: if a tower's picture is not a whole number of patches, or the two towers end on different grids.

    Example:
        >>> config = DeepSeekVLHFConfig.from_preset("7b")
        >>> config.num_visual_tokens
        576
    """

    model_type = "deepseek_vl_hf"
    _auto_class: ClassVar = "AutoConfig"  # `save_pretrained` lets the code travel with the configuration
    # Not through `SubConfigSpec`: the transformers that vLLM pins lacks it, and loads this file from beside the weights.
    sub_configs: ClassVar = {
        "text_config": AutoConfig,
        "vision_config": SiglipVisionConfig,
        "high_res_vision_config": DeepSeekVLHFSamConfig,
    }
    # Which side of a linear layer tensor parallelism cuts is the language model's own knowledge.
    base_model_tp_plan: ClassVar = None

    text_config: dict | PreTrainedConfig | None = None
    vision_config: dict | PreTrainedConfig | None = None
    high_res_vision_config: dict | PreTrainedConfig | None = None
    image_token_id: int = 100015
    tie_word_embeddings: bool = False

    def __post_init__(self, **kwargs):
        high_res = self.high_res_vision_config
        if isinstance(high_res, PreTrainedConfig) and not isinstance(high_res, DeepSeekVLHFSamConfig):
            if not isinstance(high_res, SamVisionConfig):
                raise ValueError(
                    f"high_res_vision_config: found {type(high_res).__name__}, expected a SamVisionConfig, a "
                    "DeepSeekVLHFSamConfig, a dict of their fields, or None for the SigLIP-only kind."
                )
            self.high_res_vision_config = high_res.to_dict()
        if isinstance(self.high_res_vision_config, dict):
            fields = {k: v for k, v in self.high_res_vision_config.items() if k != "model_type"}
            self.high_res_vision_config = DeepSeekVLHFSamConfig(**fields)
        if not isinstance(self.vision_config, PreTrainedConfig):
            self.vision_config = SiglipVisionConfig(**(SIGLIP_L if self.vision_config is None else self.vision_config))
        if not isinstance(self.text_config, PreTrainedConfig):
            self.text_config = AutoConfig.for_model(**{"model_type": "llama", **(self.text_config or {})})
        super().__post_init__(**kwargs)
        # The attention-pooling head of SigLIP takes no part in any DeepSeek-VL computation (`ignore_head`).
        self.vision_config.vision_use_head = False
        self.check_grids()
        self._check_depths()

    def _check_depths(self):
        """Layers are made one by one, so a number made up would keep the machine busy until its memory is full."""
        for name in ("text_config", "vision_config", "high_res_vision_config"):
            depth = getattr(getattr(self, name), "num_hidden_layers", 0)
            if depth > MOST_LAYERS:
                raise ValueError(
                    f"{name}: found {depth} layers, expected at most {MOST_LAYERS}; this is no config.json of a DeepSeek-VL."
                )

    def check_grids(self):
        """Refuse towers that do not meet on one grid; run when a config is made and when a model is built from it."""
        low_res = self.grid_size
        high_res = self.high_res_vision_config
        if high_res is None:
            return
        start = self.interpolated_grid
        end = start
        for _ in high_res.downsample_channels:
            end = (end + 1) // 2  # a 3x3 convolution of stride 2 and padding 1
        if end != low_res:
            raise ValueError(
                f"The towers do not meet on one grid: vision_config ends on {low_res}x{low_res} "
                f"({self.vision_config.image_size} / {self.vision_config.patch_size} pixels) and high_res_vision_config "
                f"on {end}x{end} ({high_res.grid_size}x{high_res.grid_size} patches, interpolated to {start}x{start}, "
                f"{len(high_res.downsample_channels)} stride-2 convolutions). Change the sizes, or leave "
                "high_res_vision_config.interpolated_grid unset so that it follows."
            )

    @property
    def grid_size(self) -> int:
        """Visual tokens along one side of a picture."""
        return _grid(self.vision_config, "vision_config")

    @property
    def num_visual_tokens(self) -> int:
        """Visual tokens, and so image tokens, per picture (576 as released)."""
        return self.grid_size**2

    @property
    def interpolated_grid(self) -> int:
        """Side of the grid between SAM's neck and the down-sampling convolutions (96 as released)."""
        high_res = self.high_res_vision_config
        _ = high_res.grid_size  # a picture that is no whole number of patches is refused here
        return high_res.interpolated_grid or self.grid_size * 2 ** len(high_res.downsample_channels)

    @classmethod
    def default_config_fields(cls) -> dict[str, Any]:
        """Say that sub-configs are there anyway, so that `save_pretrained` writes only what is special in them."""
        return {**super().default_config_fields(), **{key: {} for key in cls.sub_configs}}

    @classmethod
    def from_preset(cls, name: str, **kwargs) -> "DeepSeekVLHFConfig":
        """The configuration of a released size ("1.3b", "7b") or of the embedded default ("nano").

        Args:
            name (`str`): One of the presets.
            **kwargs: Fields to change, as in `from_dict`; a dict changes single fields of a sub-config.

        Raises:
            ValueError: if there is no such preset.
        """
        if name not in PRESETS:
            raise ValueError(f"Unknown preset {name!r}; expected one of {', '.join(map(repr, PRESETS))}.")
        return DeepSeekVLHFConfig.from_dict(PRESETS[name], **kwargs)

    @classmethod
    def get_config_dict(cls, pretrained_model_name_or_path, **kwargs) -> tuple[dict[str, Any], dict[str, Any]]:
        """Find and read a checkpoint's `config.json`, translated to our fields."""
        config_dict, unused = super().get_config_dict(pretrained_model_name_or_path, **kwargs)
        return translate_config(config_dict), unused

    @classmethod
    def from_dict(cls, config_dict: dict[str, Any], **kwargs):
        """Read a configuration of any layout; keyword arguments change fields before the sizes are checked.

        Raises:
            ValueError: if the dict belongs to Janus, which shares DeepSeek-VL's official `model_type`, or names
                towers of unknown size.
        """
        config_dict = translate_config(config_dict)
        for key in ("text_config", "vision_config", "high_res_vision_config"):
            value, current = kwargs.get(key), config_dict.get(key)
            if isinstance(value, dict):
                config_dict[key] = {**(current or {}), **kwargs.pop(key)}
            elif key in kwargs:
                config_dict[key] = kwargs.pop(key)
        if "image_token_id" in kwargs:
            config_dict["image_token_id"] = kwargs.pop("image_token_id")
        return super(DeepSeekVLHFConfig, DeepSeekVLHFConfig).from_dict(config_dict, **kwargs)


class DeepSeekVLHFOfficialConfig(DeepSeekVLHFConfig):
    """What `AutoConfig` finds under the official `model_type`; reading one gives a `DeepSeekVLHFConfig`."""

    model_type = "multi_modality"


__all__ = ["DeepSeekVLHFConfig", "DeepSeekVLHFOfficialConfig", "DeepSeekVLHFSamConfig"]
