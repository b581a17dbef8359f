"""A folder with a model or an adapter comes in, whatever made it; the complete repository that goes to the Hub goes out.

Complete is: weights in safetensors, the configuration with the model's own code for `trust_remote_code`, processor, tokenizer, chat
template, generation configuration, the text of the licence, what is known of how it was made (`run.json`, `evaluation.json`), and a
card. The folder itself is only read.
"""

import json
import math
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from huggingface_hub import CommitInfo, hf_hub_download
from huggingface_hub.errors import RemoteEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError
from safetensors import SafetensorError, safe_open
from transformers import GenerationConfig

from . import adapters, hub, nano
from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from .exporting import write_checkpoint
from .layouts_deepseek_vl_hf import layout_of
from .licences import Licence, from_fields, licence_of
from .loading import has_tokenizer, load, located
from .model_card import EVALUATION, RUN, Facts, is_stock, read_facts, write
from .modeling_deepseek_vl_hf import AUTO_MAP, DeepSeekVLHFForConditionalGeneration
from .processing_deepseek_vl_hf import DeepSeekVLHFProcessor


WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
# What belongs to a model that was there before; any of it would be loaded instead of, or beside, the new one.
STALE = (
    *("*.safetensors", "*.safetensors.index.json", "*.bin", "*.bin.index.json", adapters.CONFIG, "config.json"),
    *("generation_config.json", RUN, EVALUATION),
)
SAMPLE = ("What is in the picture?", "A bicycle.")


def push(
    folder: str | os.PathLike,
    repo_id: str,
    *,
    adapter: bool = False,
    base_model: str | None = None,
    licence: str | None = None,
    private: bool | None = None,
    revision: str | None = None,
    token: str | None = None,
    message: str | None = None,
) -> hub.Pushed:
    """Push a folder to the Hub as a complete repository, in one commit.

    Args:
        folder: With a model in any layout, or an adapter, which is merged into its base unless `adapter`.
        repo_id: Organisation and name.
        adapter: Push the adapter alone; whoever loads it fetches its base.
        base_model: Hub id of what this was made from; unset, what the folder says.
        licence: Identifier of the weights' licence; unset, that of the folder's card or of what they were made from.
        private, revision, token: As for `hub.push`.
        message: Of the commit.

    Raises:
        ValueError: if the folder holds no whole model, the adapter's base is on no Hub, or the push cannot be done.
    """
    gathered = repository(
        folder, repo_id, adapter=adapter, base_model=base_model, licence=licence, revision=revision, token=token
    )
    with gathered as files:
        return hub.push(
            files,
            repo_id,
            message=message or f"Push {'the adapter' if adapter else 'the model'} with processor, code and card",
            private=private,
            revision=revision,
            token=token,
            stale=STALE,
        )


@contextmanager
def repository(
    folder: str | os.PathLike,
    repo_id: str,
    *,
    adapter: bool = False,
    base_model: str | None = None,
    licence: str | Licence | None = None,
    tags: Sequence[str] = (),
    revision: str | None = None,
    token: str | None = None,
    needs_processor: bool = True,
) -> Iterator[dict[str, Path | bytes]]:
    """Gather the files of a complete repository: what lies in the folder where it lies, the rest written anew.

    Args:
        needs_processor: Whether a folder without processor is an error.

    Raises:
        ValueError: as `push`.
    """
    source = Path(located(folder))
    if not source.is_dir():
        raise ValueError(f"There is no folder {folder}; only what lies in a folder can be pushed.")
    config, run, evaluation = adapters.read_config(source), read_facts(source, RUN), read_facts(source, EVALUATION)
    base = base_model or _base_on_hub(run, config)
    if adapter and config is None:
        raise ValueError(f"{source} holds no {adapters.CONFIG}, and --adapter is for adapters; leave it out.")
    if adapter and base is None:
        raise ValueError(
            f"{source} is an adapter of {config.get('base_model_name_or_path')}, which is on no Hub, expected a base that everybody finds; push "
            "the base first and name it with --base-model, or leave --adapter out to push the merged model."
        )
    with TemporaryDirectory(prefix="deepseek_vl_hf_") as work:
        weights, made = source, Path(work, "made")
        made.mkdir()
        if not adapter and (config is not None or layout_of(read_facts(source, "config.json")) != "own"):
            weights = Path(work, "own")
            write_checkpoint(*load(source, needs_processor=needs_processor), weights, "own")
        if adapter:
            model_config = _write_adapter(source, config, base, made)
            tensors = {adapters.WEIGHTS: adapters.fetch(source) / adapters.WEIGHTS}
            num_parameters = sum(math.prod(shape) for shape in shapes(tensors.values()).values())
        else:
            model_config, tensors = _write_config(weights, made), _weights(weights)
            num_parameters = _check_whole(weights, model_config, tensors)
        chat = _write_processor(weights if has_tokenizer(weights) else source, made, needs_processor)
        stated = Licence(licence) if isinstance(licence, str) else licence
        stated = stated or _licence(source, run, base, config)
        facts = Facts(
            repo_id,
            model_config,
            num_parameters,
            chat,
            hub.public(run),
            hub.public(evaluation),
            config if adapter else None,
            base,
            stated,
            tags,
        )
        files: dict[str, Path | bytes] = {path.name: path for path in sorted(made.iterdir())} | tensors
        for name, content in ((RUN, facts.run), (EVALUATION, facts.evaluation)):
            if content:
                files[name] = (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
        if stated is not None and stated.text is not None:
            files[stated.license_link or "LICENSE"] = stated.text
        files["README.md"] = write(facts, _existing_card(source, repo_id, revision, token)).encode()
        yield files


def push_model(model: DeepSeekVLHFForConditionalGeneration, repo_id: str, **kwargs: Any) -> CommitInfo:
    """Push a model that is in memory; its processor has a `push_to_hub` of its own.

    Nobody knows what became of the model since it was loaded, so the card says of its making and its quality that nothing is recorded.

    Args:
        model: Saved to a temporary folder first.
        repo_id: Organisation and name.
        kwargs: As of transformers' `push_to_hub`.
    """
    origin = model.config._name_or_path or None
    chosen = {name: kwargs[name] for name in ("private", "revision", "token", "create_pr") if kwargs.get(name)}
    with TemporaryDirectory(prefix="deepseek_vl_hf_") as folder:
        model.save_pretrained(folder, max_shard_size=kwargs.get("max_shard_size") or "5GB")
        gathered = repository(
            folder,
            repo_id,
            base_model=None if origin is None or Path(origin).exists() else origin,
            licence=licence_of(origin),
            tags=kwargs.get("tags") or (),
            needs_processor=False,
            token=kwargs.get("token"),
            revision=kwargs.get("revision"),
        )
        with gathered as files:
            message = kwargs.get("commit_message") or "Push the model with code and card"
            return hub.push(files, repo_id, message=message, stale=STALE, **chosen).commit


def write_card(
    folder: Path, config: DeepSeekVLHFConfig, processor: DeepSeekVLHFProcessor, name: str, run: dict[str, Any]
) -> None:
    """Write the card of a folder that a run has just saved, and the text of the licence beside it; a person's card keeps its text."""
    adapter = adapters.read_config(folder)
    base = _base_on_hub(run, adapter)
    found = _licence(folder, run, base, adapter)
    files = [folder / adapters.WEIGHTS] if adapter else sorted(folder.glob("*.safetensors"))
    num_parameters = sum(math.prod(shape) for shape in shapes(files).values())
    facts = Facts(name, config, num_parameters, sample_chat(processor), hub.public(run), {}, adapter, base, found)
    path = folder / "README.md"
    path.write_text(write(facts, path.read_text(encoding="utf-8") if path.exists() else None), encoding="utf-8")
    if found is not None and found.text is not None:
        target = folder / (found.license_link or "LICENSE")
        if not target.exists() or not target.samefile(found.text):
            shutil.copyfile(found.text, target)


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


def _write_adapter(source: Path, config: dict[str, Any], base: str, made: Path) -> DeepSeekVLHFConfig:
    """Write the adapter's configuration with a base that everybody finds, and read that of the base."""
    model_config = DeepSeekVLHFConfig.from_pretrained(adapters.base_of(config, source))
    fields = {**config, "base_model_name_or_path": base, "auto_mapping": adapters.AUTO_MAPPING}
    (made / adapters.CONFIG).write_text(json.dumps(fields, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return model_config


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
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise ValueError(f"{folder} lacks {', '.join(missing)}; give a folder with all weights, in safetensors.")
    return {name: folder / name for name in names}


def _check_whole(folder: Path, config: DeepSeekVLHFConfig, files: Mapping[str, Path]) -> int:
    """Make sure that the weights are those that the configuration asks for, and count them.

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
    return sum(math.prod(shape) for shape in found.values())


def _base_on_hub(run: Mapping[str, Any], adapter: Mapping[str, Any] | None) -> str | None:
    """The newest model on the Hub that this was made from, over however many runs."""
    runs = [*run.get("before", []), run] if run.get("starts") else []
    for each in reversed(runs):
        start = each["starts"][-1]
        if start.get("model") and not start.get("model_is_local", True):
            return start["model"]
    named = (adapter or {}).get("base_model_name_or_path")
    return named if named and not runs and named.count("/") == 1 and not Path(named).exists() else None


def _licence(
    folder: Path, run: Mapping[str, Any], base: str | None, adapter: Mapping[str, Any] | None
) -> Licence | None:
    """The licence that a person's card states, else that of what the weights were made from, else what is in our own card."""
    path = folder / "README.md"
    stated = licence_of(folder)
    found = stated if stated and not is_stock(path.read_text(encoding="utf-8")) else None
    for each in reversed([*run.get("before", []), run] if run.get("starts") else []):
        start = each["starts"][-1]
        origin = Path(nano.resolve(start.get("model") or ""))
        found = found or from_fields(start.get("base_licence"), origin if origin.is_dir() else folder)
    if found is None and adapter is not None:
        found = licence_of(nano.resolve(adapter.get("base_model_name_or_path") or ""))
    return found or licence_of(base) or stated


def _existing_card(folder: Path, repo_id: str, revision: str | None, token: str | None) -> str | None:
    """The card that a person wrote: in the folder, or else in the repository."""
    path = folder / "README.md"
    if path.is_file() and not is_stock(text := path.read_text(encoding="utf-8")):
        return text
    try:
        with hub.explained(repo_id, "Nothing was pushed."):
            found = hub.patiently(lambda: hf_hub_download(repo_id, "README.md", revision=revision, token=token))
    except ValueError as error:
        if isinstance(error.__cause__, (RepositoryNotFoundError, RevisionNotFoundError, RemoteEntryNotFoundError)):
            return None
        raise
    return Path(found).read_text(encoding="utf-8")
