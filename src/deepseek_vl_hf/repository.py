"""A folder with a model or an adapter comes in, whatever made it; the files of a complete repository go out.

Complete is: weights in safetensors, the configuration with the model's own code for `trust_remote_code`, processor, tokenizer, chat
template, generation configuration, the text of the licence, what is known of how it was made (`run.json`, `evaluation.json`), and what
the card is written from. The folder itself is only read.
"""

import json
import math
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from transformers import GenerationConfig, PreTrainedConfig

from . import adapters
from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from .exporting import write_checkpoint
from .layouts_deepseek_vl_hf import layout_of
from .licences import DEEPSEEK, Licence
from .loading import has_tokenizer, load, located
from .model_card import EVALUATION, RUN, Facts, read_facts
from .modeling_deepseek_vl_hf import AUTO_MAP, DeepSeekVLHFForConditionalGeneration
from .patience import FULL
from .processing_deepseek_vl_hf import DeepSeekVLHFProcessor
from .provenance import base_on_hub, is_on_hub, licence_for, public


WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
SAMPLE = ("What is in the picture?", "A bicycle.")


@contextmanager
def repository(
    folder: str | os.PathLike,
    name: str,
    *,
    adapter: bool = False,
    base_model: str | None = None,
    licence: str | Licence | None = None,
    tags: Sequence[str] = (),
    needs_processor: bool = True,
    token: str | None = None,
) -> Iterator[tuple[dict[str, Path | bytes], Facts]]:
    """Gather the files of a complete repository: what lies in the folder where it lies, the rest written anew.

    Args:
        folder: With a model in any layout, or an adapter, which is merged into its base unless `adapter`.
        name: Of the repository.
        adapter: Gather the adapter alone.
        base_model: Hub id of what this was made from; unset, what the folder says.
        licence: Of the weights; unset, that of the folder's card or of what they were made from.
        tags: Further tags of the card.
        needs_processor: Whether a folder without processor is an error.
        token: For a base in a private repository.

    Yields:
        `tuple[dict[str, Path | bytes], Facts]`: Files by name, which are there as long as the context, and what a card is
        written from.

    Raises:
        ValueError: if the folder holds no whole model, the adapter's base is on no Hub, or another licence than DeepSeek's is
            stated for what was made from released weights.
    """
    source = Path(located(folder))
    if not source.is_dir():
        raise ValueError(f"There is no folder {folder}; only what lies in a folder can be pushed.")
    config, run, evaluation = adapters.read_config(source), read_facts(source, RUN), read_facts(source, EVALUATION)
    if base_model is not None and not is_on_hub(base_model):
        raise ValueError(
            f"found {base_model!r} as the base, expected a Hub id (organisation/name) that everybody finds."
        )
    base = base_model or base_on_hub(run, config, alone=adapter)
    if adapter:
        _check_adapter(source, config, base)
    stated = _licence(licence, licence_for(source, run, base, config, token))
    with TemporaryDirectory(prefix="deepseek_vl_hf_") as work:
        with _room(work):
            made, weights, is_foreign = Path(work, "made"), source, False
            made.mkdir()
            if adapter:
                model_config, is_foreign = _write_adapter(source, config, base, made)
                tensors = {adapters.WEIGHTS: adapters.fetch(source) / adapters.WEIGHTS}
            else:
                weights = _in_own_layout(source, config, Path(work, "own"), needs_processor)
                model_config, tensors = _write_config(weights, made), _weights(weights)
                _check_whole(weights, model_config, tensors)
            chat = _write_processor(weights if has_tokenizer(weights) else source, made, needs_processor)
        facts = Facts(
            name=name,
            config=model_config,
            num_parameters=count_parameters(path for path in tensors.values() if path.suffix == ".safetensors"),
            chat=chat,
            run=public(run),
            evaluation=public(evaluation),
            adapter=config if adapter else None,
            base=base,
            licence=stated,
            needs_package=is_foreign,
            tags=tags,
        )
        files: dict[str, Path | bytes] = {path.name: path for path in sorted(made.iterdir())} | tensors
        for file, content in ((RUN, facts.run), (EVALUATION, facts.evaluation)):
            if content:
                files[file] = (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
        if stated is not None and stated.text is not None:
            files[stated.license_link or "LICENSE"] = stated.text
        yield files, facts


def _licence(wanted: str | Licence | None, origin: Licence | None) -> Licence | None:
    """The licence that is asked for, as far as what the weights were made from leaves the choice."""
    if wanted is None or origin == DEEPSEEK:
        if isinstance(wanted, str):
            raise ValueError(
                f"found license {wanted!r} for weights made from released ones, expected the DeepSeek Model License, which binds what is "
                "made from them (clause 4); leave --license out."
            )
        return origin
    return Licence(wanted) if isinstance(wanted, str) else wanted


def _check_adapter(source: Path, config: dict[str, Any] | None, base: str | None) -> None:
    if config is None:
        raise ValueError(f"{source} holds no {adapters.CONFIG}, and --adapter is for adapters; leave it out.")
    if base is None:
        raise ValueError(
            f"{source} is an adapter of {config.get('base_model_name_or_path')}, which is on no Hub, expected a base that everybody "
            "finds; push the base first and name it with --base-model, or leave --adapter out to push the merged model."
        )


def _in_own_layout(source: Path, adapter: dict[str, Any] | None, output: Path, needs_processor: bool) -> Path:
    """The folder itself, or one with the model that it stands for in our own layout."""
    if adapter is None and layout_of(read_facts(source, "config.json")) == "own":
        return source
    return write_checkpoint(*load(source, needs_processor=needs_processor), output, "own").folder


@contextmanager
def _room(folder: str) -> Iterator[None]:
    """Tell that the disk is full, of which what is written in Rust says nothing but a text.

    Raises:
        ValueError: if it is.
    """
    try:
        yield
    except Exception as error:  # tokenizers raises nothing narrower
        if (isinstance(error, OSError) and error.errno in FULL) or re.search(r"\(os error (27|28|122)\)", str(error)):
            raise ValueError(
                f"The disk is full ({error}). Nothing was pushed; make room for a copy of the model in {Path(folder).parent}, or set TMPDIR."
            ) from error
        raise


def sample_chat(processor: DeepSeekVLHFProcessor) -> str:
    """A question and its answer as the chat template writes them."""
    question, answer = ({"type": "text", "text": text} for text in SAMPLE)
    messages = [
        {"role": "user", "content": [{"type": "image"}, question]},
        {"role": "assistant", "content": [answer]},
    ]
    return processor.apply_chat_template(messages, tokenize=False)


def shapes(files: Iterable[Path]) -> dict[str, tuple[int, ...]]:
    """Read the names and shapes of tensors, and no tensor.

    Raises:
        ValueError: if a file is damaged or cut short.
    """
    found = {}
    for path in files:
        try:
            with safe_open(path, "pt") as file:
                found |= {key: tuple(file.get_slice(key).get_shape()) for key in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise ValueError(f"{path} is damaged or cut short ({error}); save the model again.") from error
    return found


def count_parameters(files: Iterable[Path]) -> int:
    """Count the numbers in files of tensors."""
    return sum(math.prod(shape) for shape in shapes(files).values())


def _write_config(weights: Path, made: Path) -> DeepSeekVLHFConfig:
    """Write the configuration, how to generate, and the model's own code."""
    config = DeepSeekVLHFConfig.from_pretrained(weights)
    config.auto_map = dict(AUTO_MAP)
    config.save_pretrained(made)
    stated = (weights / "generation_config.json").is_file()
    generation = GenerationConfig.from_pretrained(weights) if stated else GenerationConfig.from_model_config(config)
    generation.save_pretrained(made)
    for path in Path(__file__).parent.glob("*_deepseek_vl_hf.py"):
        shutil.copyfile(path, made / path.name)
    return config


def _write_adapter(source: Path, config: dict[str, Any], base: str, made: Path) -> tuple[DeepSeekVLHFConfig, bool]:
    """Write the adapter's configuration with a base that everybody finds; return the base's, and whether it is of another layout."""
    trained_on = adapters.base_of(config, source)
    model_config = DeepSeekVLHFConfig.from_pretrained(trained_on)
    is_foreign = layout_of(PreTrainedConfig.get_config_dict(trained_on)[0]) != "own"
    adapters.write_config(made, {**config, "base_model_name_or_path": base})
    return model_config, is_foreign


def _write_processor(source: Path, made: Path, is_needed: bool) -> str:
    """Write processor, tokenizer and chat template with their code; a sample of a chat is returned."""
    if not has_tokenizer(source):
        if is_needed:
            raise ValueError(
                f"{source} holds no processor and tokenizer, without which nobody can ask the model; save them there too."
            )
        return ""
    processor = DeepSeekVLHFProcessor.from_pretrained(source)
    processor.save_pretrained(made)
    return sample_chat(processor)


def _weights(folder: Path) -> dict[str, Path]:
    """Files with weights, by name.

    Raises:
        ValueError: if one is missing.
    """
    names = [WEIGHTS]
    if not (folder / WEIGHTS).is_file() and (folder / INDEX).is_file():
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        names = [INDEX, *sorted(set(index["weight_map"].values()))]
    strays = [name for name in names[1:] if Path(name).name != name or not name.endswith(".safetensors")]
    if strays:
        raise ValueError(
            f"{INDEX} of {folder} names {strays[0]}, expected files beside it, in safetensors; save the model again."
        )
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise ValueError(f"{folder} lacks {', '.join(missing)}; give a folder with all weights, in safetensors.")
    return {name: folder / name for name in names}


def _check_whole(folder: Path, config: DeepSeekVLHFConfig, files: Mapping[str, Path]) -> None:
    """Make sure that the weights are those that the configuration asks for.

    Raises:
        ValueError: if they are not.
    """
    with torch.device("meta"):
        model = DeepSeekVLHFForConditionalGeneration(config)
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    if config.tie_word_embeddings:
        expected.pop("lm_head.weight")
    found = shapes(path for name, path in files.items() if name != INDEX)
    found.pop("lm_head.weight" if config.tie_word_embeddings else "", None)
    wrong = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    if wrong:
        name = wrong[0]
        raise ValueError(
            f"The weights of {folder} are not those of its config.json: found {name} of shape {found.get(name)}, expected {expected.get(name)}, and "
            f"{len(wrong) - 1} more such; give a whole checkpoint whose config.json is its own."
        )
