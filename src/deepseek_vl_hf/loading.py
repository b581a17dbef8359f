"""A checkpoint's folder or Hub id comes in, a whole model and its processor go out, or one sentence on what is wrong.

The folder or id of a LoRA adapter gives its base with the adapter merged into it.
"""

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers.utils.hub import cached_file

from . import adapters, nano
from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from .modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .processing_deepseek_vl_hf import DeepSeekVLHFProcessor


TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "tokenizer.model")


def load(
    source: str | os.PathLike,
    dtype: str | torch.dtype = "auto",
    needs_processor: bool = True,
    revision: str | None = None,
) -> tuple[DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFProcessor | None]:
    """Load a model whose every weight is in the checkpoint, and its processor.

    Args:
        source: A folder or a Hub id, in any layout; or of an adapter.
        dtype: Type of the weights; "auto" keeps the stored one.
        needs_processor: Whether a source without processor or tokenizer is an error; else `None` stands for it.
        revision: Of a repository on the Hub that is a model.

    Raises:
        ValueError: if there is no such checkpoint, it belongs to another kind of model, cannot be read or is pickled, or
            its weights and its config do not fit; the message is for the user.
    """
    source = located(source)
    with _explained(f"Cannot read {source}"):
        adapter = adapters.read_config(source)
    if adapter is not None:
        return _load_adapted(source, adapter, dtype, needs_processor)
    with _explained(f"Cannot read config.json of {source}"):
        config = DeepSeekVLHFConfig.from_pretrained(source, revision=revision)
    with _explained(f"Cannot read the weights of {source}"):
        model, info = DeepSeekVLHFForConditionalGeneration.from_pretrained(
            source,
            config=config,
            revision=revision,
            dtype=dtype,
            use_safetensors=True,
            ignore_mismatched_sizes=True,  # reported below, by name
            output_loading_info=True,
        )
    _check_complete(source, info)
    with _explained(f"Cannot read processor and tokenizer of {source}"):
        if not needs_processor and not has_tokenizer(source):
            return model, None
        return model, DeepSeekVLHFProcessor.from_pretrained(source, revision=revision)


def _load_adapted(
    source: str, adapter: dict[str, Any], dtype: str | torch.dtype, needs_processor: bool
) -> tuple[DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFProcessor | None]:
    adapters.check_peft(source)
    has_own = has_tokenizer(source)
    base = adapters.base_of(adapter, source)
    model, processor = load(base, dtype, needs_processor and not has_own, adapter.get("revision"))
    with _explained(f"Cannot read the adapter {source}"):
        model = adapters.merge(model, source)
    if has_own:
        with _explained(f"Cannot read processor and tokenizer of {source}"):
            processor = DeepSeekVLHFProcessor.from_pretrained(source)
    return model, processor


def has_tokenizer(source: str | os.PathLike) -> bool:
    """Whether a folder or Hub id has a tokenizer."""
    found = (cached_file(source, name, _raise_exceptions_for_missing_entries=False) for name in TOKENIZER_FILES)
    return any(path is not None for path in found)


def located(source: str | os.PathLike) -> str:
    """Tell folders from Hub ids, so that a misspelt path is not looked up on the Hub; `nano` is the embedded model.

    Raises:
        ValueError: if it is neither a checkpoint's folder nor like a Hub id.
    """
    name = nano.resolve(os.fspath(source))
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if folder.exists():
            raise ValueError(f"{name} is a file; give the folder that holds config.json and model.safetensors.")
        if folder.is_absolute() or name.startswith((".", "~")) or name.count("/") != 1:
            raise ValueError(f"There is no folder {name}; give a checkpoint's folder or a Hub id (organisation/name).")
        return name
    if not any((folder / file).is_file() for file in ("config.json", adapters.CONFIG)):
        raise ValueError(
            f"{name} holds neither config.json nor {adapters.CONFIG}; give the folder that a checkpoint was saved to."
        )
    return str(folder)


@contextmanager
def _explained(what: str):
    """Turn what libraries raise about broken, missing and unreachable files into one sentence for the user."""
    try:
        yield
    except (OSError, RuntimeError, SafetensorError, KeyError, TypeError, ValueError) as error:
        lines = str(error).strip().splitlines()
        hint = "" if isinstance(error, ValueError) else " Check the name and the connection, or download it again."
        raise ValueError(f"{what}: {lines[0] if lines else type(error).__name__}{hint}") from error


def _check_complete(source: str, info: dict[str, Any]) -> None:
    mismatched = [key if isinstance(key, str) else key[0] for key in info["mismatched_keys"]]
    for kind, keys in (
        ("lack", info["missing_keys"]),
        ("have besides what the model knows", info["unexpected_keys"]),
        ("have in another shape than config.json says", mismatched),
    ):
        if keys:
            shown = ", ".join(sorted(keys)[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
            raise ValueError(
                f"The weights of {source} {kind}: {shown}. Give a whole checkpoint whose config.json is its own."
            )
