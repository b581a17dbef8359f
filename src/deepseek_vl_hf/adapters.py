"""A LoRA adapter's folder or Hub id comes in; its base, the two merged, or the same adapter for another layout goes out.

PEFT is imported where it is needed: it comes with the `train` extra, which the model does without.
"""

import json
import os
import re
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers.utils.hub import cached_file

from . import nano
from .layouts_deepseek_vl_hf import native_conversions, renamed
from .modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration


CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PREFIX = "base_model.model."  # what PEFT puts before every name
# With a class of ours PEFT's `AutoPeftModel` would want to be told that this package may be imported; transformers it trusts.
AUTO_MAPPING = {"base_model_class": "AutoModelForImageTextToText", "parent_library": "transformers"}
# What narrows an adapter to modules in another way than by their names.
UNTRANSLATED = ("target_parameters", "trainable_token_indices", "layer_replication", "megatron_config")


def read_config(source: str | os.PathLike) -> dict[str, Any] | None:
    """Read the configuration of an adapter; `None` stands for a source that is none.

    Raises:
        ValueError: if it is damaged.
    """
    path = cached_file(source, CONFIG, _raise_exceptions_for_missing_entries=False)
    try:
        return None if path is None else json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged ({error}); save the adapter again.") from error


def base_of(config: dict[str, Any], source: str | os.PathLike) -> str:
    """Name the model that an adapter was trained on.

    Raises:
        ValueError: if the adapter does not say, or says a folder that is not here.
    """
    name = config.get("base_model_name_or_path")
    name = nano.resolve(name) if isinstance(name, str) else None
    if not name:
        raise ValueError(f"{source} is an adapter without a base; write base_model_name_or_path into its {CONFIG}.")
    if Path(name).is_absolute() and not Path(name).is_dir():
        raise ValueError(
            f"{source} is an adapter of {name}, and there is no such folder here; write its Hub id, or the folder where "
            f"it lies now, into base_model_name_or_path of {CONFIG}."
        )
    return name


def check_peft(source: str | os.PathLike) -> None:
    """Say what to install where PEFT is missing.

    Raises:
        ValueError: if it is.
    """
    if find_spec("peft") is None:
        raise ValueError(f"{source} is a LoRA adapter, which needs peft: pip install 'deepseek_vl_hf[train]'")


def fetch(source: str | os.PathLike) -> Path:
    """The folder with an adapter's configuration and weights, fetched if it is on the Hub.

    Raises:
        ValueError: if it has no weights in safetensors.
    """
    paths = [cached_file(source, name, _raise_exceptions_for_missing_entries=False) for name in (CONFIG, WEIGHTS)]
    if paths[1] is None:
        raise ValueError(
            f"{source} holds no {WEIGHTS}; weights are read from safetensors only, have PEFT save it again with safe_serialization=True."
        )
    return Path(paths[1]).parent


def merge(
    model: DeepSeekVLHFForConditionalGeneration, source: str | os.PathLike
) -> DeepSeekVLHFForConditionalGeneration:
    """Add an adapter, for our own classes or the native ones, to the weights of its base, in place.

    Raises:
        ValueError: if adapter and model do not fit.
    """
    from peft import PeftModel

    folder, hybrid = fetch(source), model.config.high_res_vision_config is not None
    with TemporaryDirectory() as own:
        renamings = native_conversions(hybrid)
        if any(renamed(_plain(key), renamings) != _plain(key) for key in _keys(folder)):
            translate(folder, Path(own), "own", hybrid, base_of(read_config(source), source))
            folder = Path(own)
        strays = {_module(key) for key in _keys(folder)} - {name for name, _ in model.named_modules()}
        if strays:
            raise ValueError(
                f"it has weights for {sorted(strays)[0]} and {len(strays) - 1} more modules that the model lacks; give it the base "
                f"that it was trained on, not {model.config._name_or_path}."
            )
        try:
            return PeftModel.from_pretrained(model, folder).merge_and_unload(safe_merge=True)
        except (RuntimeError, KeyError) as error:  # another size
            raise ValueError(
                f"it does not fit {model.config._name_or_path} ({str(error).strip().splitlines()[-1].strip()}); give it the base that it was trained on."
            ) from error


def write_config(folder: Path, fields: dict[str, Any]) -> None:
    """Write the configuration of an adapter that `AutoPeftModel.from_pretrained` loads as it is."""
    fields = {**fields, "auto_mapping": AUTO_MAPPING}
    (folder / CONFIG).write_text(json.dumps(fields, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def translate(folder: Path, output: Path, layout: str, hybrid: bool, base: str) -> int:
    """Write an adapter for the classes of another layout, under their names of modules.

    Args:
        folder: With an adapter for our own classes or the native ones.
        output: A folder that exists.
        layout: "own" or "native": whose classes are to load it.
        hybrid: Whether the base has a high-resolution tower.
        base: Name of the base for these classes.

    Returns:
        Number of tensors.

    Raises:
        ValueError: if it is no LoRA, says in another way than by names what it goes on, or the layout has no such adapters.
    """
    if layout == "official":
        raise ValueError("deepseek-ai's code knows no adapters; leave --adapter out, and the merged model is written.")
    fields = read_config(folder)
    others = [name for name in UNTRANSLATED if fields.get(name)]
    if fields["peft_type"] != "LORA" or others:
        raise ValueError(
            f"{folder} is an adapter of type {fields['peft_type']} with {', '.join(others) or 'no special fields'}, expected LoRA on "
            "named modules; leave --adapter out, and the merged model is written."
        )
    renamings = native_conversions(hybrid)
    if layout == "native":
        renamings = [renaming.reverse_transform() for renaming in reversed(renamings)]
    tensors = load_file(folder / WEIGHTS)
    names = {key: renamed(_plain(key), renamings) for key in tensors}
    pairs = (".lora_A.", ".lora_embedding_A")
    modules = {_module(key): _module(name) for key, name in names.items() if any(pair in key for pair in pairs)}
    fields |= {
        "base_model_name_or_path": base,
        "target_modules": sorted(modules.values()),
        "modules_to_save": _whole(fields["modules_to_save"], names),
        "rank_pattern": _by_module(fields["rank_pattern"], modules),
        "alpha_pattern": _by_module(fields["alpha_pattern"], modules),
        **dict.fromkeys(("exclude_modules", "layers_to_transform", "layers_pattern")),
    }
    write_config(output, fields)
    save_file({PREFIX + names[key]: tensor for key, tensor in tensors.items()}, output / WEIGHTS, {"format": "pt"})
    return len(tensors)


def _keys(folder: Path) -> list[str]:
    with safe_open(folder / WEIGHTS, "pt") as file:
        return list(file.keys())


def _plain(key: str) -> str:
    return key.removeprefix(PREFIX)


def _module(key: str) -> str:
    """The module that a tensor of an adapter belongs to, by its name before PEFT wrapped it."""
    name = re.sub(r"\.(base_layer|original_module|modules_to_save\.\w+)(?=\.)", "", _plain(key))
    return re.sub(r"\.(lora_\w+(\.weight|\.bias)?|weight|bias)$", "", name)


def _by_module(pattern: dict[str, int], modules: dict[str, str]) -> dict[str, int]:
    """A pattern of PEFT, regular expressions of the ends of names, as one whole name for each module."""
    found = {}
    for name, translated in modules.items():
        keys = [key for key in pattern if re.match(rf"(.*\.)?({key})$", name)]
        if keys:
            found["^" + re.escape(translated)] = pattern[keys[0]]
    return found


def _whole(wanted: list[str] | None, names: dict[str, str]) -> list[str] | None:
    """Modules that learn whole, for PEFT ends of names, as the whole names of what they consist of."""
    found = set()
    for key, name in names.items():
        is_wanted = any(f"{end}." in _plain(key) for end in wanted or ())
        if is_wanted and ".lora_" not in key and ".base_layer." not in key:
            found.add(name.rpartition(".")[0])
    return sorted(name for name in found if not any(name.startswith(f"{other}.") for other in found)) or None
