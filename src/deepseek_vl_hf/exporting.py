"""A checkpoint of any layout comes in, from a folder or the Hub; the same model goes out as a folder of another layout.

own        what this package and `AutoModelForImageTextToText` after `import deepseek_vl_hf` read
native     what transformers' own DeepSeek-VL classes read, without this package
official   what deepseek-ai's code reads

An adapter is merged into its base first, or with `export_adapter` keeps to itself.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import ModelCardData, save_torch_state_dict
from transformers import PreTrainedConfig
from transformers.core_model_loading import revert_weight_conversion

from . import adapters
from .hub import check_empty
from .layouts_deepseek_vl_hf import (
    LAYOUTS,
    UNUSED_OFFICIAL_KEYS,
    config_for,
    layout_of,
    native_conversions,
    official_conversions,
    translate_config,
)
from .loading import has_tokenizer, load, located
from .model_card import EVALUATION, MARK, RUN, read_facts
from .modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .processing_deepseek_vl_hf import DeepSeekVLHFProcessor
from .processor_files import save_processor_files
from .provenance import licence_for


@dataclass(frozen=True)
class Export:
    """What `export` has written.

    Args:
        folder: Where.
        layout: In which layout.
        num_tensors: How many tensors.
        left_out: Patterns of keys that a checkpoint of this layout may hold and this one does not, because no
            computation reads them.
        has_processor: Whether the source came with a processor, whose files are then written too.
    """

    folder: Path
    layout: str
    num_tensors: int
    left_out: tuple[str, ...]
    has_processor: bool


def export(
    source: str | os.PathLike,
    output: str | os.PathLike,
    layout: str,
    max_shard_size: int | str = "5GB",
    dtype: str | torch.dtype = "auto",
) -> Export:
    """Write a checkpoint of any layout as another.

    Args:
        source: A folder or a Hub id; an adapter's is merged into its base.
        output: A folder that is empty or does not exist; it appears when everything is written.
        layout: "own", "native" or "official".
        max_shard_size: Largest weight file.
        dtype: Type of the weights written; "auto" keeps the stored one.

    Raises:
        ValueError: as in `load` and `write_checkpoint`.
    """
    _check_target(Path(output), layout)
    run = read_facts(Path(located(source)), RUN)
    model, processor = load(source, dtype, needs_processor=False)
    report = write_checkpoint(model, processor, output, layout, max_shard_size)
    _carry_provenance(located(source), run, report.folder)
    return report


def write_checkpoint(
    model: DeepSeekVLHFForConditionalGeneration,
    processor: DeepSeekVLHFProcessor | None,
    output: str | os.PathLike,
    layout: str,
    max_shard_size: int | str = "5GB",
) -> Export:
    """Write a model, and its processor if there is one, in any layout; see `export`.

    Raises:
        ValueError: if there is no such layout, it cannot express the model, or the folder is not empty.
    """
    output = Path(output).expanduser().resolve()
    _check_target(output, layout)
    with _whole(output) as unfinished:
        if layout == "own":
            model.save_pretrained(unfinished, max_shard_size=max_shard_size)
            num_tensors = len(model.state_dict()) - model.config.tie_word_embeddings
        else:
            num_tensors = _write_model(model, unfinished, layout, max_shard_size)
        if processor is not None:
            save_processor_files(processor, unfinished, layout)
    left_out = UNUSED_OFFICIAL_KEYS if layout == "official" else ()
    return Export(output, layout, num_tensors, left_out, processor is not None)


def export_adapter(
    source: str | os.PathLike, output: str | os.PathLike, layout: str, base: str | None = None
) -> Export:
    """Write an adapter for the classes of another layout, without its base.

    Args:
        source: A folder or a Hub id of an adapter, for our own classes or the native ones.
        output: As for `export`.
        layout: "own" or "native".
        base: The base in that layout, a folder or a Hub id; unset, the adapter's own, if it is in that layout.

    Raises:
        ValueError: if this is no LoRA adapter, or its base is in another layout and none was given.
    """
    output = Path(output).expanduser().resolve()
    _check_target(output, layout)
    config = adapters.read_config(source)
    if config is None:
        raise ValueError(f"{source} holds no {adapters.CONFIG}, and --adapter is for adapters; leave it out.")
    name = base or adapters.base_of(config, source)
    fields, _ = PreTrainedConfig.get_config_dict(name)
    if layout_of(fields) != layout:
        raise ValueError(
            f"The base {name} is in the {layout_of(fields)} layout, expected {layout}; export it first, and name that folder or its "
            "Hub id with --base-model."
        )
    hybrid = translate_config(fields).get("high_res_vision_config") is not None
    folder = adapters.fetch(source)
    with _whole(output) as unfinished:
        num_tensors = adapters.translate(folder, unfinished, layout, hybrid, name)
        has_processor = has_tokenizer(source)
        if has_processor:
            save_processor_files(DeepSeekVLHFProcessor.from_pretrained(source), unfinished, layout)
    return Export(output, layout, num_tensors, (), has_processor)


def _carry_provenance(source: str, run: dict[str, Any], folder: Path) -> None:
    """Have the licence of weights, and what is recorded of their making, go where the weights go."""
    origin, adapter = Path(source), adapters.read_config(source)
    for name in (RUN, EVALUATION):
        if (origin / name).is_file():
            shutil.copyfile(origin / name, folder / name)
    licence = licence_for(origin, run, None, adapter)
    if licence is not None:
        (folder / "README.md").write_text(
            f"---\n{ModelCardData(**licence.fields()).to_yaml()}\n---\n{MARK}\n", encoding="utf-8"
        )
        if licence.text is not None:
            shutil.copyfile(licence.text, folder / (licence.license_link or "LICENSE"))


@contextmanager
def _whole(output: Path) -> Iterator[Path]:
    """A folder to write to that takes its place when everything is written, and is gone if something fails."""
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(f".{output.name}.{os.getpid()}.unfinished")
    unfinished.mkdir()
    try:
        yield unfinished
        if output.exists():
            output.rmdir()
        unfinished.rename(output)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _check_target(output: Path, layout: str) -> None:
    if layout not in LAYOUTS:
        raise ValueError(f"Unknown layout {layout!r}; expected one of {', '.join(LAYOUTS)}.")
    check_empty(output)


def _is_hybrid(model: DeepSeekVLHFForConditionalGeneration) -> bool:
    return model.config.high_res_vision_config is not None


def _write_model(
    model: DeepSeekVLHFForConditionalGeneration, folder: Path, layout: str, max_shard_size: int | str
) -> int:
    fields = json.loads(model.config.to_json_string(use_diff=False))
    for part in ("text_config", "vision_config", "high_res_vision_config"):
        if fields.get(part):
            fields[part] = _without_generic_defaults(fields[part])
    fields["text_config"]["tie_word_embeddings"] = model.config.tie_word_embeddings
    config = config_for(layout, fields)
    (folder / "config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    model.generation_config.save_pretrained(folder)
    state = model.state_dict()
    if model.config.tie_word_embeddings:
        if layout == "native":
            del state["lm_head.weight"]
        else:  # the official code has no tying of its own to rely on, and safetensors no shared memory
            state["lm_head.weight"] = state["lm_head.weight"].clone()
    make = official_conversions if layout == "official" else native_conversions
    state = {key: _alone(tensor) for key, tensor in _converted_back(model, state, make(_is_hybrid(model))).items()}
    save_torch_state_dict(state, folder, max_shard_size=max_shard_size)
    return len(state)


def _alone(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor with memory of its own: loading fused weights leaves views, which safetensors does not save."""
    return tensor if tensor.untyped_storage().nbytes() == tensor.nbytes else tensor.clone()


def _without_generic_defaults(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what every transformers config says of itself when nobody has set it."""
    generic = json.loads(PreTrainedConfig().to_json_string(use_diff=False))
    return {key: value for key, value in fields.items() if key == "model_type" or generic.get(key, ...) != value}


def _converted_back(
    model: DeepSeekVLHFForConditionalGeneration, state: dict[str, torch.Tensor], conversions: Iterable
) -> dict[str, torch.Tensor]:
    # `revert_weight_conversion` takes the table from the model, where loading leaves the one that it used.
    used_at_load = vars(model).get("_weight_conversions")
    model._weight_conversions = list(conversions)
    try:
        return revert_weight_conversion(model, state)
    finally:
        model._weight_conversions = used_at_load
