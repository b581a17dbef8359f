"""The three ways a DeepSeek-VL checkpoint is laid out, as data: official, transformers-native, and our own.

    layout     config.json `model_type`            written by
    official   multi_modality                      deepseek-ai's release; towers are named, not sized
    native     deepseek_vl, deepseek_vl_hybrid     transformers' port (the deepseek-community conversions)
    own        deepseek_vl_hf                      `save_pretrained` of this package, always

`translate_config` turns any of the three `config.json` into the fields of our configuration, `config_for` writes them
back, and `weight_conversions` gives the key tables in the form that transformers reads (and reverses).
"""

from collections.abc import Iterable
from typing import Any

import torch
from transformers.core_model_loading import Chunk, ConversionOps, WeightConverter, WeightRenaming, WeightTransform
from transformers.utils import logging


logger = logging.get_logger(__name__)

# What the two tower names of the official config mean (deepseek_vl/models/siglip_vit.py and sam.py at 681bffb).
SIGLIP_L: dict[str, Any] = {
    "model_type": "siglip_vision_model",
    "image_size": 384,
    "patch_size": 16,
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-6,
    "vision_use_head": False,
}
SAM_B: dict[str, Any] = {
    "image_size": 1024,
    "patch_size": 16,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "mlp_ratio": 4.0,
    "window_size": 14,
    "global_attn_indexes": [2, 5, 8, 11],
    "output_channels": 256,
    "downsample_channels": [512, 1024],
}
_SIGLIP_NAME, _SAM_NAME = "siglip_large_patch16_384", "sam_b_downsample"

# The official encoder normalises inside each tower; these are the statistics that its released configs carry.
SIGLIP_STATISTICS = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
SAM_STATISTICS = {"mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711]}

# The image tag is the first id after DeepSeek's vocabulary of 100,015 entries; the official config does not state it.
BOS_TOKEN_ID, EOS_TOKEN_ID, IMAGE_TOKEN_ID = 100000, 100001, 100015

# Official weights that no forward pass reads: SigLIP's pooling head and two norms of the hybrid tower.
UNUSED_OFFICIAL_KEYS = (r"\.attn_pool\.", r"\.(high|low)_layer_norm\.")
# The native port builds SigLIP's pooling head too.
UNUSED_NATIVE_KEYS = (r"vision_model\.head\.",)
UNUSED_KEYS = UNUSED_OFFICIAL_KEYS + UNUSED_NATIVE_KEYS

LAYOUTS = ("own", "native", "official")


def layout_of(config_dict: dict[str, Any]) -> str:
    """Name the layout of a `config.json`: "own", "native" or "official".

    Raises:
        ValueError: if it belongs to none of the three, or to Janus.
    """
    model_type = config_dict.get("model_type")
    generation_keys = sorted(key for key in config_dict if key.startswith("gen_"))
    if generation_keys:
        raise ValueError(
            f"This is a Janus checkpoint: its config.json has {', '.join(generation_keys)}, which DeepSeek-VL lacks, "
            'although both say model_type "multi_modality". Load Janus with transformers\' JanusForConditionalGeneration.'
        )
    if model_type == "multi_modality" or "language_config" in config_dict:
        return "official"
    if model_type in ("deepseek_vl", "deepseek_vl_hybrid"):
        return "native"
    if model_type in ("deepseek_vl_hf", None):
        return "own"
    raise ValueError(
        f'Found model_type {model_type!r}, expected "deepseek_vl_hf" (ours), "multi_modality" (official), "deepseek_vl" '
        'or "deepseek_vl_hybrid" (transformers). Use AutoModel for other kinds of model.'
    )


def translate_config(config_dict: dict[str, Any]) -> dict[str, Any]:
    """Turn a `config.json` of any layout into the fields of `DeepSeekVLHFConfig`.

    Raises:
        ValueError: if the layout is unknown, or an official config names a tower or an aligner whose sizes are unknown.
    """
    layout = layout_of(config_dict)
    if layout == "official":
        return _from_official(config_dict)
    fields = dict(config_dict)
    if layout == "native":
        if fields.pop("model_type") == "deepseek_vl":
            fields["high_res_vision_config"] = None
        else:
            fields.setdefault("high_res_vision_config", {})
        fields.setdefault("vision_config", {})
        fields.setdefault("tie_word_embeddings", True)  # the port's default; ours is False
        for key in ("architectures", "auto_map"):
            fields.pop(key, None)
    return fields


def _tower(params: dict[str, Any], name: str, sizes: dict[str, Any]) -> dict[str, Any]:
    if params.get("model_name") != name:
        raise ValueError(
            f"The official config names the vision tower {params.get('model_name')!r}; its sizes are known for {name!r} "
            "only. Write a config.json in our own layout, which states every size."
        )
    select_layer = params.get("select_layer", -1)
    if select_layer != -1 or params.get("select_feature", "same") != "same":
        raise ValueError(
            f"The official config of {name!r} says select_layer={select_layer}, "
            f"select_feature={params.get('select_feature')!r}; released checkpoints use -1 and 'same', and only these load."
        )
    return {**sizes, **params.get("sizes", {}), "image_size": params.get("image_size", sizes["image_size"])}


def _from_official(config_dict: dict[str, Any]) -> dict[str, Any]:
    vision, aligner = config_dict["vision_config"], config_dict["aligner_config"]["params"]
    text = {"model_type": "llama", **config_dict["language_config"]}
    if text.get("vocab_size", 32000) > EOS_TOKEN_ID:  # the official config leaves both to the tokenizer
        text = {"bos_token_id": BOS_TOKEN_ID, "eos_token_id": EOS_TOKEN_ID, **text}
    hybrid = vision["cls"] == "HybridVisionTower"
    params = vision["params"]
    expected = "low_high_hybrid_split_mlp_gelu" if hybrid else "mlp_gelu"
    if aligner.get("projector_type") != expected or aligner.get("depth", 2) != 2:
        raise ValueError(
            f"The official config's aligner is {aligner.get('projector_type')!r} of depth {aligner.get('depth')}; a "
            f"{vision['cls']} is released with {expected!r} of depth 2, and only that loads."
        )
    fields = {
        "text_config": text,
        "vision_config": _tower(params["low_res_cfg"] if hybrid else params, _SIGLIP_NAME, SIGLIP_L),
        "high_res_vision_config": _tower(params["high_res_cfg"], _SAM_NAME, SAM_B) if hybrid else None,
        "image_token_id": config_dict.get("image_token_id", IMAGE_TOKEN_ID),
        "tie_word_embeddings": text.get("tie_word_embeddings", False),
    }
    for key in ("torch_dtype", "dtype", "_name_or_path"):
        if key in config_dict:
            fields[key] = config_dict[key]
    return fields


def pixel_statistics(config_dict: dict[str, Any]) -> dict[str, dict[str, list[float]] | None]:
    """Mean and std that each tower of a `config.json` expects: `{"low_res": {...}, "high_res": {...} or None}`."""
    low, high = SIGLIP_STATISTICS, SAM_STATISTICS
    if layout_of(config_dict) != "official":
        has_high = config_dict.get("high_res_vision_config") or config_dict.get("model_type") == "deepseek_vl_hybrid"
        return {"low_res": low, "high_res": high if has_high else None}
    params = config_dict["vision_config"]["params"]
    low_params, high_params = params.get("low_res_cfg", params), params.get("high_res_cfg")

    def read(tower: dict[str, Any], default: dict[str, list[float]]) -> dict[str, list[float]]:
        return {
            "mean": list(tower.get("pixel_mean") or default["mean"]),
            "std": list(tower.get("pixel_std") or default["std"]),
        }

    return {"low_res": read(low_params, low), "high_res": read(high_params, high) if high_params else None}


def config_for(layout: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Write the fields of our configuration (its `to_dict()`) as a `config.json` of another layout.

    The official layout names its towers instead of sizing them. Other sizes than the released ones travel in a `sizes`
    entry beside the name: this package reads it, the official code does not know it, and a warning says so.

    Raises:
        ValueError: if there is no such layout, or the native one cannot express the down-sampling widths, which it fixes
            to twice and four times the neck's.
    """
    text, low = dict(fields["text_config"]), dict(fields["vision_config"])
    high = dict(fields["high_res_vision_config"]) if fields.get("high_res_vision_config") else None
    dtype = {"torch_dtype": fields["dtype"]} if fields.get("dtype") else {}
    if layout == "native":
        return _to_native(fields, text, low, high)
    if layout != "official":
        raise ValueError(f"Unknown layout {layout!r}; expected one of {', '.join(LAYOUTS)}.")

    def tower(name: str, named: dict, sizes: dict, width: int, statistics: dict[str, list[float]]) -> dict[str, Any]:
        other = {k: sizes[k] for k, v in named.items() if sizes[k] != v and k not in ("model_type", "image_size")}
        if other or sizes["image_size"] != named["image_size"]:
            logger.warning(
                f"The official code knows {name!r} by its released sizes only and will not load this tower: "
                f"image_size={sizes['image_size']}, {other}. Our own reader does."
            )
        stated = {"model_name": name, "select_feature": "same", "image_size": sizes["image_size"], "select_layer": -1}
        pixels = {"pixel_mean": statistics["mean"], "pixel_std": statistics["std"]}
        return {**stated, **pixels, "ckpt_path": "", "output_dim": width, **({"sizes": other} if other else {})}

    low_params = tower(_SIGLIP_NAME, SIGLIP_L, low, low["hidden_size"], SIGLIP_STATISTICS)
    params, cls, projector = low_params, "CLIPVisionTower", "mlp_gelu"
    if high:
        high_params = tower(_SAM_NAME, SAM_B, high, high["downsample_channels"][-1], SAM_STATISTICS)
        params = {"concat_type": "tuple", "freeze_high": True, "freeze_low": True}
        params |= {"high_res_cfg": high_params, "low_res_cfg": low_params}
        cls, projector = "HybridVisionTower", "low_high_hybrid_split_mlp_gelu"
    aligner = {
        "depth": 2,
        "input_dim": low["hidden_size"],
        "n_embed": text["hidden_size"],
        "projector_type": projector,
    }
    return {
        "architectures": ["MultiModalityCausalLM"],
        "model_type": "multi_modality",
        "aligner_config": {"cls": "MlpProjector", "model_type": "aligner", "params": aligner},
        "vision_config": {"cls": cls, "model_type": "vision", "params": params},
        # The official code reads Llama's RoPE as it was in transformers 4.
        "language_config": {**text, "rope_theta": text.get("rope_parameters", {}).get("rope_theta", 10000.0)},
        **({} if fields["image_token_id"] == IMAGE_TOKEN_ID else {"image_token_id": fields["image_token_id"]}),
        **dtype,
    }


def _to_native(fields: dict, text: dict, low: dict, high: dict | None) -> dict[str, Any]:
    config = {
        "architectures": [
            "DeepseekVLHybridForConditionalGeneration" if high else "DeepseekVLForConditionalGeneration"
        ],
        "model_type": "deepseek_vl_hybrid" if high else "deepseek_vl",
        "text_config": text,
        "vision_config": {**low, "vision_use_head": False},
        "image_token_id": fields["image_token_id"],
        "tie_word_embeddings": fields.get("tie_word_embeddings", False),
    }
    if high:
        widths, neck = high.pop("downsample_channels"), high["output_channels"]
        if list(widths) != [2 * neck, 4 * neck] or high.pop("interpolated_grid", None):
            raise ValueError(
                f"The native layout fixes the down-sampling widths to twice and four times the neck's {neck}, found "
                f"{list(widths)} (interpolated_grid must be unset). Such a model can be saved in our own layout only."
            )
        config["high_res_vision_config"] = {**high, "model_type": "sam_vision_model"}
    if fields.get("dtype"):
        config["dtype"] = fields["dtype"]
    return config


# Keys. `#` is a layer number; left is theirs below the tower's prefix, right is ours.
_OFFICIAL_SAM = (
    ("pos_embed", "pos_embed"),
    ("patch_embed.proj", "patch_embed"),
    ("blocks.#.norm1", "layers.#.layer_norm1"),
    ("blocks.#.attn", "layers.#.attn"),
    ("blocks.#.norm2", "layers.#.layer_norm2"),
    ("blocks.#.mlp", "layers.#.mlp"),
    ("neck.0", "neck.conv1"),
    ("neck.1", "neck.layer_norm1"),
    ("neck.2", "neck.conv2"),
    ("neck.3", "neck.layer_norm2"),
    ("neck_hd.0", "global_neck.conv1"),
    ("neck_hd.1", "global_neck.layer_norm1"),
    ("neck_hd.2", "global_neck.conv2"),
    ("neck_hd.3", "global_neck.layer_norm2"),
    ("downsamples", "downsample"),
    ("hd_alpha_downsamples", "alpha"),
)
_OFFICIAL_SIGLIP = (
    ("pos_embed", "embeddings.position_embedding.weight"),
    ("patch_embed.proj", "embeddings.patch_embedding"),
    ("blocks.#.norm1", "encoder.layers.#.layer_norm1"),
    ("blocks.#.attn.qkv", "encoder.layers.#.self_attn.qkv"),
    ("blocks.#.attn.proj", "encoder.layers.#.self_attn.out_proj"),
    ("blocks.#.norm2", "encoder.layers.#.layer_norm2"),
    ("blocks.#.mlp", "encoder.layers.#.mlp"),
    ("norm", "post_layernorm"),
)
_NATIVE_SAM = (
    ("high_res_vision_model.vision_encoder.patch_embed.projection", "patch_embed"),
    ("high_res_vision_model.vision_encoder.pos_embed", "pos_embed"),
    ("high_res_vision_model.vision_encoder.layers", "layers"),
    ("high_res_vision_model.vision_encoder.neck", "neck"),
    ("high_res_vision_neck", "global_neck"),
    ("high_res_vision_proj.conv1", "downsample.0"),
    ("high_res_vision_proj.conv2", "downsample.1"),
    ("high_res_vision_alpha", "alpha"),
)
_NATIVE_SIGLIP = (
    ("vision_model.embeddings", "embeddings"),
    ("vision_model.encoder", "encoder"),
    ("vision_model.post_layernorm", "post_layernorm"),
)
# Before transformers 5 the tower's own prefix stood twice.
_OLDER_NATIVE_SIGLIP = tuple((f"vision_model.{their_key}", our_key) for their_key, our_key in _NATIVE_SIGLIP)
_LOW, _HIGH, _ALIGNER = "model.vision_model.low_res", "model.vision_model.high_res", "model.aligner"


class PositionRows(ConversionOps):
    """Drop or add the leading axis of SigLIP's positions: official (1, N, D), ours (N, D)."""

    def __init__(self, add: bool = False):
        self.add = add

    @torch.no_grad()
    def convert(self, input_dict, source_patterns, target_patterns, **kwargs):
        """Return `{target: tensor}` for the one tensor that came in."""
        tensor = next(iter(input_dict.values()))
        tensor = tensor[0] if isinstance(tensor, list) else tensor
        return {target_patterns[0]: tensor[None] if self.add else tensor.reshape(tensor.shape[-2:])}

    @property
    def reverse_op(self) -> ConversionOps:
        """The same step backwards."""
        return PositionRows(add=not self.add)


def _rename(theirs: str, ours: str) -> WeightRenaming:
    pattern = "^" + theirs.replace(".", r"\.").replace("#", r"(\d+)")
    return WeightRenaming(source_patterns=pattern, target_patterns=ours.replace("#", r"\1"))


def _below(prefix: str, ours: str, table: tuple[tuple[str, str], ...]) -> list[WeightTransform]:
    return [_rename(f"{prefix}{their_key}", f"{ours}.{our_key}") for their_key, our_key in table]


def _only_low_res(transform: WeightTransform) -> WeightTransform:
    """Keep a transform away from the language model, whose attention has keys of the same name."""
    transform.scope_prefix, transform.base_model_prefix = "vision_model.low_res", "model"
    return transform


def official_conversions(hybrid: bool) -> list[WeightTransform]:
    """Official keys to ours, for the hybrid or the SigLIP-only kind."""
    low = "vision_model.vision_tower_low.vision_tower." if hybrid else "vision_model.vision_tower."
    transforms = _below(low, _LOW, _OFFICIAL_SIGLIP)
    if hybrid:
        transforms += _below("vision_model.vision_tower_high.vision_tower.", _HIGH, _OFFICIAL_SAM)
        names = (("high_up_proj", "high_res_proj"), ("low_up_proj", "low_res_proj"), ("layers.1", "proj"))
    else:
        names = (("layers.0", "low_res_proj"), ("layers.2", "proj"))
    transforms += _below("aligner.", _ALIGNER, names)
    transforms += [
        _rename("language_model.model", "model.language_model"),
        _rename("language_model.lm_head", "lm_head"),
    ]
    for kind in ("weight", "bias"):
        targets = [f"self_attn.{part}_proj.{kind}" for part in "qkv"]
        transforms.append(
            _only_low_res(WeightConverter([f"self_attn.qkv.{kind}"], targets, operations=[Chunk(dim=0)]))
        )
    position = "embeddings.position_embedding.weight"
    transforms.append(_only_low_res(WeightConverter([position], [position], operations=[PositionRows()])))
    return transforms


def renamed(key: str, renamings: Iterable[WeightRenaming]) -> str:
    """A tensor's name after renamings, one after another."""
    for renaming in renamings:
        key, _ = renaming.rename_source_key(key)
    return key


def native_conversions(hybrid: bool, prefix: str = "model.") -> list[WeightTransform]:
    """Native keys to ours; `prefix` is empty for weights that the bare native model (no head) saved."""
    transforms = _below(prefix, _LOW, _NATIVE_SIGLIP)
    if hybrid:
        transforms += _below(prefix, _HIGH, _NATIVE_SAM)
        names = (("high_res_vision_proj", "high_res_proj"), ("vision_proj", "low_res_proj"))
    else:
        names = (("linear1", "low_res_proj"), ("linear2", "proj"))
    return transforms + _below(f"{prefix}aligner.", _ALIGNER, names)


def weight_conversions() -> list[WeightTransform]:
    """Every known key to ours, for loading: both other layouts, both kinds, with and without a head.

    The tables do not overlap, and our own keys match none of them.
    """
    older_native = [transform for prefix in ("model.", "") for transform in _below(prefix, _LOW, _OLDER_NATIVE_SIGLIP)]
    natives = [
        transform
        for prefix in ("model.", "")
        for hybrid in (True, False)
        for transform in native_conversions(hybrid, prefix)
    ]
    return [*older_native, *official_conversions(True), *official_conversions(False), *natives]
