"""What a folder says of itself comes in; what its weights were made from, and what of it everybody may see, goes out."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id

from . import nano
from .licences import DEEPSEEK, Licence, from_fields, licence_of
from .model_card import is_stock, runs_of


# Of a path that begins at the root, at home or at a folder with a dot: all but its last name.
PLACE = re.compile(r"""(^|[\s='"\[(,]|file://)(?:(?:~|\.{1,2})?/|[A-Za-z]:\\)(?:[^\s/\\'"]+[/\\])+""")
SECRET = re.compile(r"(--\w*token[= ])\S+|\bhf_\w+")


def is_on_hub(name: str | None) -> bool:
    """Whether a name is a Hub id with its owner, and no folder here."""
    try:
        validate_repo_id(name or "")
    except HFValidationError:
        return False
    return name.count("/") == 1 and not Path(name).exists()


def base_on_hub(run: Mapping[str, Any], adapter: Mapping[str, Any] | None, alone: bool) -> str | None:
    """The newest model on the Hub that this was made from, over however many runs.

    Args:
        run: What is in `run.json`.
        adapter: What is in `adapter_config.json`, for an adapter.
        alone: Whether the adapter stays alone. It fits the very model that its last run started from, and no older one.
    """
    runs = runs_of(run)
    for each in reversed(runs[-1:] if alone else runs):
        start = each["starts"][-1]
        if not start.get("model_is_local", True) and is_on_hub(start.get("model")):
            return start["model"]
    named = (adapter or {}).get("base_model_name_or_path")
    return named if not runs and isinstance(named, str) and is_on_hub(named) else None


def licence_for(
    folder: Path, run: Mapping[str, Any], base: str | None, adapter: Mapping[str, Any] | None, token: str | None = None
) -> Licence | None:
    """Find out under which licence the weights of a folder, or of a Hub id, are passed on.

    A person's card says it; else the runs that made the weights, the newest first; else the adapter's base, the base on the Hub, and
    last a card of ours. What was made from released weights stays under their licence, whatever a card says.
    """
    path, stated = folder / "README.md", licence_of(folder, token)
    is_persons = stated is not None and path.is_file() and not is_stock(path.read_text(encoding="utf-8"))
    found = [stated] if is_persons else []
    for each in reversed(runs_of(run)):
        start = each["starts"][-1]
        origin = Path(nano.resolve(start["model"])) if start.get("model") else folder
        found.append(from_fields(start.get("base_licence"), origin if origin.is_dir() else folder))
    if adapter is not None:
        found.append(licence_of(nano.resolve(str(adapter.get("base_model_name_or_path") or "")), token))
    found += [licence_of(base, token), stated]
    return DEEPSEEK if DEEPSEEK in found else next(filter(None, found), None)


def public(value: Any) -> Any:
    """What may be seen by everybody: of folders of this machine their last name, no tokens, and not how a run was called."""
    if isinstance(value, Mapping):
        kept = {name: found for name, found in value.items() if name not in ("argv", "recipes")}
        return {public(name): found if name == "prompt" else public(found) for name, found in kept.items()}
    if isinstance(value, list):
        return [public(found) for found in value]
    return SECRET.sub(r"\1***", PLACE.sub(r"\1", value)) if isinstance(value, str) else value
