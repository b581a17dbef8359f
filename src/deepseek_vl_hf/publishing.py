"""A folder, or a model in memory, comes in; a complete repository on the Hub with a true card goes out."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from huggingface_hub import CommitInfo

from . import adapters, hub
from .configuration_deepseek_vl_hf import DeepSeekVLHFConfig
from .licences import licence_of
from .loading import located
from .model_card import EVALUATION, RUN, Facts, is_stock, read_facts, write
from .modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .processing_deepseek_vl_hf import DeepSeekVLHFProcessor
from .provenance import base_on_hub, is_on_hub, licence_for, public
from .repository import count_parameters, repository, sample_chat


# What belongs to a model that was there before; any of it would be loaded instead of, or beside, the new one.
STALE = (
    *("*.safetensors", "*.safetensors.index.json", "*.bin", "*.bin.index.json", adapters.CONFIG, "config.json"),
    *("generation_config.json", RUN, EVALUATION),
)


def push(
    folder: str | os.PathLike,
    repo_id: str,
    *,
    adapter: bool = False,
    base_model: str | None = None,
    licence: str | None = None,
    tags: Sequence[str] = (),
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
        tags: Further tags of the card.
        private, revision, token: As for `hub.push`.
        message: Of the commit.

    Raises:
        ValueError: if the folder holds no whole model, the adapter's base is on no Hub, or the push cannot be done.
    """
    return _push(
        folder,
        repo_id,
        message or f"Push {'the adapter' if adapter else 'the model'} with processor, code and card",
        private=private,
        revision=revision,
        token=token,
        adapter=adapter,
        base_model=base_model,
        licence=licence,
        tags=tags,
    )


def _push(
    folder: str | os.PathLike,
    repo_id: str,
    message: str,
    *,
    private: bool | None = None,
    revision: str | None = None,
    create_pr: bool = False,
    token: str | None = None,
    **about: Any,
) -> hub.Pushed:
    """Push what `repository` gathers; `about` is its to know."""
    repo_id = hub.full_name(repo_id, token)
    with repository(folder, repo_id, token=token, **about) as (files, facts):
        files["README.md"] = write(facts, _existing_card(Path(located(folder)), repo_id, revision, token)).encode()
        return hub.push(
            files,
            repo_id,
            message=message,
            private=private,
            revision=revision,
            create_pr=create_pr,
            token=token,
            stale=STALE,
        )


def push_model(
    model: DeepSeekVLHFForConditionalGeneration,
    repo_id: str,
    *,
    commit_message: str | None = None,
    commit_description: str | None = None,
    private: bool | None = None,
    token: str | None = None,
    revision: str | None = None,
    create_pr: bool = False,
    max_shard_size: int | str | None = "5GB",
    tags: Sequence[str] | None = None,
) -> CommitInfo:
    """Push a model that is in memory; its processor has a `push_to_hub` of its own.

    Nobody knows what became of the model since it was loaded, so the card says of its making and its quality that nothing is recorded.

    Args:
        model: Saved to a temporary folder first.
        repo_id: Organisation and name.
        commit_description: Goes under the message.
        commit_message, private, token, revision, create_pr, max_shard_size, tags: As of transformers' `push_to_hub`.
    """
    origin = model.config._name_or_path or None
    message = commit_message or "Push the model with code and card"
    with TemporaryDirectory(prefix="deepseek_vl_hf_") as folder:
        model.save_pretrained(folder, max_shard_size=max_shard_size or "5GB")
        pushed = _push(
            folder,
            repo_id,
            message if commit_description is None else f"{message}\n\n{commit_description}",
            private=private,
            revision=revision,
            create_pr=create_pr,
            token=token if isinstance(token, str) else None,
            base_model=origin if is_on_hub(origin) else None,
            licence=licence_of(origin),
            tags=tags or (),
            needs_processor=False,
        )
    return pushed.commit


def write_card(
    folder: Path, config: DeepSeekVLHFConfig, processor: DeepSeekVLHFProcessor, name: str, run: dict[str, Any]
) -> None:
    """Write the card of a folder that a run has just saved, and the text of the licence beside it; a person's card keeps its text."""
    adapter = adapters.read_config(folder)
    base = base_on_hub(run, adapter, alone=adapter is not None)
    found = licence_for(folder, run, base, adapter)
    files = [folder / adapters.WEIGHTS] if adapter else sorted(folder.glob("*.safetensors"))
    facts = Facts(
        name=name,
        config=config,
        num_parameters=count_parameters(files),
        chat=sample_chat(processor),
        run=public(run),
        evaluation=public(read_facts(folder, EVALUATION)),
        adapter=adapter,
        base=base,
        licence=found,
    )
    path = folder / "README.md"
    path.write_text(write(facts, path.read_text(encoding="utf-8") if path.exists() else None), encoding="utf-8")
    if found is not None and found.text is not None:
        target = folder / (found.license_link or "LICENSE")
        if not target.exists() or not target.samefile(found.text):
            shutil.copyfile(found.text, target)


def _existing_card(folder: Path, repo_id: str, revision: str | None, token: str | None) -> str | None:
    """The card that a person wrote: in the folder, or else in the repository."""
    path = folder / "README.md"
    if path.is_file() and not is_stock(text := path.read_text(encoding="utf-8")):
        return text
    return hub.fetch_card(repo_id, revision=revision, token=token)
