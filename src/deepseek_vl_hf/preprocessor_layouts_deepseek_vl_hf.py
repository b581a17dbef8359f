"""The image processor's file of any layout becomes the fields of ours; `config.json` beside it says what it lacks.

layout     preprocessor_config.json states                         the rest
official   the larger square, its padding and its lower bound      `config.json`: the towers' sizes and statistics
native     everything, in fields named as ours                     -
own        everything (inside processor_config.json)               -
none       -                                                       `config.json`
"""

import os
from collections.abc import Iterable
from typing import Any

from transformers.utils import safe_load_json_file
from transformers.utils.hub import cached_file

from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from .layouts_deepseek_vl_hf import SAM_STATISTICS, SIGLIP_STATISTICS, layout_of, pixel_statistics


HUB_KWARGS = ("cache_dir", "force_download", "proxies", "token", "revision", "local_files_only", "subfolder")
OWN_TYPE = "DeepSeekVLHFImageProcessor"
OFFICIAL_TYPE = "VLMImageProcessor"
# The port's names, and whether the model is the hybrid; two of the suffixes are older.
NATIVE_TYPES = {
    f"{stem}{suffix}": hybrid
    for stem, hybrid in (("DeepseekVLImageProcessor", False), ("DeepseekVLHybridImageProcessor", True))
    for suffix in ("", "Fast", "Pil")
}
_RELEASED_STATISTICS = {"low_res": SIGLIP_STATISTICS, "high_res": SAM_STATISTICS}
_RELEASED_LOW_RES_SIZE, _RELEASED_HIGH_RES_SIZE = 384, 1024  # pixels


def config_beside(pretrained_model_name_or_path: str | os.PathLike, **kwargs) -> dict[str, Any]:
    """Read the `config.json` of a folder or Hub repository, `{}` if it has none.

    Raises:
        ValueError: if it belongs to Janus, whose processor files bear the same names, or to another kind of model.
    """
    if os.path.isfile(pretrained_model_name_or_path):
        return {}
    hub_kwargs = {key: kwargs[key] for key in HUB_KWARGS if kwargs.get(key) is not None}
    path = cached_file(
        pretrained_model_name_or_path, "config.json", _raise_exceptions_for_missing_entries=False, **hub_kwargs
    )
    config_dict = safe_load_json_file(path) if path is not None else {}
    layout_of(config_dict)
    return config_dict


def preprocessor_fields(
    low_res_size: int, high_res_size: int | None, statistics: dict[str, Any] = _RELEASED_STATISTICS
) -> dict[str, Any]:
    """Fields for towers that read squares of these sizes (pixels), with the mean and std that each expects."""
    fields = {
        "size": {"height": low_res_size, "width": low_res_size},
        "image_mean": statistics["low_res"]["mean"],
        "image_std": statistics["low_res"]["std"],
    }
    if high_res_size is not None:
        fields["high_res_size"] = {"height": high_res_size, "width": high_res_size}
        fields["high_res_image_mean"] = statistics["high_res"]["mean"]
        fields["high_res_image_std"] = statistics["high_res"]["std"]
    return fields


def translate_preprocessor(
    fields: dict[str, Any], config_dict: dict[str, Any], known: Iterable[str]
) -> dict[str, Any]:
    """Turn the fields of an image processor of any layout into those of ours.

    Args:
        fields (`dict`): What its file says, `{}` without a file.
        config_dict (`dict`): The `config.json` beside it, `{}` without one.
        known (`Iterable[str]`): The fields that ours has.

    Raises:
        ValueError: if the file belongs to another model's image processor.
    """
    kind = fields.get("image_processor_type")
    if kind in NATIVE_TYPES:
        return _from_native({key: fields[key] for key in known if key in fields}, fields, NATIVE_TYPES[kind])
    if "image_size" in fields or (config_dict and kind in (None, OFFICIAL_TYPE)):
        return _from_official(fields, config_dict)
    if kind != OWN_TYPE:
        raise ValueError(
            f"Found image_processor_type {kind!r}, expected {OWN_TYPE} (ours), {OFFICIAL_TYPE} with its image_size "
            f"(official) or one of {', '.join(NATIVE_TYPES)}. Use AutoImageProcessor for other models."
        )
    return fields


def _from_official(fields: dict[str, Any], config_dict: dict[str, Any]) -> dict[str, Any]:
    if config_dict:
        config = DeepSeekVLHFConfig.from_dict(config_dict)
        high = config.high_res_vision_config
        translated = preprocessor_fields(
            config.vision_config.image_size, high.image_size if high else None, pixel_statistics(config_dict)
        )
    elif fields["image_size"] == _RELEASED_HIGH_RES_SIZE:  # of the released kinds only the hybrid reads it
        translated = preprocessor_fields(_RELEASED_LOW_RES_SIZE, fields["image_size"])
    else:
        translated = preprocessor_fields(fields["image_size"], None)
    if "image_mean" in fields:  # it only pads: the towers normalise, and None is grey
        translated["background_color"] = [int(value * 255) for value in fields["image_mean"] or (0.5, 0.5, 0.5)]
    return translated | {key: fields[key] for key in ("min_size", "rescale_factor") if key in fields}


def _from_native(translated: dict[str, Any], fields: dict[str, Any], hybrid: bool) -> dict[str, Any]:
    if hybrid:
        # The port pads its large square in this colour. Its `resample` shrinks that, bicubic; ours is as official.
        translated["background_color"] = fields.get("high_res_background_color")
        translated["resample"] = fields.get("high_res_resample")
        translated.setdefault("high_res_size", {"height": _RELEASED_HIGH_RES_SIZE, "width": _RELEASED_HIGH_RES_SIZE})
    return translated
