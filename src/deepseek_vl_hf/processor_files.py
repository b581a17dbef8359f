"""A processor comes in, the files go out from which the classes of another layout build theirs."""

import json
from pathlib import Path
from typing import Any

from .layouts_deepseek_vl_hf import SAM_STATISTICS, SIGLIP_STATISTICS
from .processing_deepseek_vl_hf import DeepSeekVLHFProcessor


# Pillow's number, as preprocessor_config.json writes it.
BILINEAR = 2


def save_processor_files(processor: DeepSeekVLHFProcessor, folder: Path, layout: str) -> None:
    """Write image processor, tokenizer and conversation format.

    Args:
        processor: Ours.
        folder: Where to; it exists.
        layout: "own", "native" or "official".

    Raises:
        ValueError: if the official layout, where the towers normalise, cannot express the processor's mean and std.
    """
    if layout == "own":
        processor.save_pretrained(folder)
        return
    native = layout == "native"
    hybrid = processor.image_processor.high_res_size is not None
    name = ("DeepseekVLHybrid" if hybrid else "DeepseekVL") if native else ""
    image_fields = _native_image_fields(processor, hybrid) if native else _official_image_fields(processor, hybrid)
    processor_fields = {"num_image_tokens": processor.num_image_tokens}
    if not native:
        processor_fields |= {
            "image_tag": processor.image_token,
            "add_special_token": False,
            "sft_format": "deepseek",
            "mask_prompt": True,
            "ignore_id": -100,
        }
    types = {
        "processor_class": f"{name}Processor" if native else "VLChatProcessor",
        "image_processor_type": f"{name}ImageProcessor" if native else "VLMImageProcessor",
    }
    _write(folder / "preprocessor_config.json", image_fields | types)
    _write(folder / "processor_config.json", processor_fields | {"processor_class": types["processor_class"]})
    _save_tokenizer(processor, folder, native, types["processor_class"])


def _native_image_fields(processor: DeepSeekVLHFProcessor, hybrid: bool) -> dict[str, Any]:
    ours = processor.image_processor.to_dict()
    names = [
        "size",
        "image_mean",
        "image_std",
        "min_size",
        "rescale_factor",
        "do_resize",
        "do_pad",
        "do_rescale",
        "do_normalize",
    ]
    fields = {name: ours[name] for name in names}
    if not hybrid:
        return fields | {"resample": ours["resample"]}
    names = ("high_res_size", "high_res_image_mean", "high_res_image_std")
    # The port shrinks its large square with `resample`; bilinear is what the official encoder does there.
    return (
        fields | {name: ours[name] for name in names} | {"resample": BILINEAR, "high_res_resample": ours["resample"]}
    )


def _official_image_fields(processor: DeepSeekVLHFProcessor, hybrid: bool) -> dict[str, Any]:
    ours = processor.image_processor
    expected = [(ours.image_mean, SIGLIP_STATISTICS["mean"]), (ours.image_std, SIGLIP_STATISTICS["std"])]
    if hybrid:
        expected += [
            (ours.high_res_image_mean, SAM_STATISTICS["mean"]),
            (ours.high_res_image_std, SAM_STATISTICS["std"]),
        ]
    for found, value in expected:
        if list(found) != list(value):
            raise ValueError(
                f"The processor normalises with {list(found)}, and the official layout states {list(value)} for its towers. "
                "Save this checkpoint in our own layout."
            )
    return {
        "image_size": (ours.high_res_size if hybrid else ours.size)["height"],
        "min_size": ours.min_size,
        "image_mean": list(ours.high_res_image_mean if hybrid else ours.image_mean),  # only the padding is made of it
        "image_std": list(ours.high_res_image_std if hybrid else ours.image_std),
        "rescale_factor": ours.rescale_factor,
        "do_normalize": False,
        "background_color": list(ours.background_color),
    }


def _save_tokenizer(processor: DeepSeekVLHFProcessor, folder: Path, native: bool, processor_class: str) -> None:
    processor.tokenizer.save_pretrained(folder)
    path = folder / "tokenizer_config.json"
    fields = json.loads(path.read_text(encoding="utf-8"))
    # The names that older transformers know too; theirs are called otherwise from version 5 on.
    fields["tokenizer_class"] = "PreTrainedTokenizerFast" if native else "LlamaTokenizerFast"
    if isinstance(fields.get("extra_special_tokens"), list):
        fields["additional_special_tokens"] = fields.pop("extra_special_tokens")
    for key in ("backend", "auto_map", "is_local", "local_files_only"):  # where this copy came from
        fields.pop(key, None)
    fields["processor_class"] = processor_class
    if native:
        fields["image_token"] = processor.image_token  # the port's processor asks its tokenizer for it
    else:
        fields |= {"add_bos_token": True, "add_eos_token": False}
    _write(path, fields)


def _write(path: Path, fields: dict[str, Any]) -> None:
    path.write_text(json.dumps(fields, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
