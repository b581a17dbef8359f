"""What a folder says of itself comes in; what its weights were made from, and under which licence they are passed on, goes out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import nano
from .licences import Licence, from_fields, licence_of
from .model_card import is_stock


def runs_of(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Runs that made a model, the oldest first, of what is in `run.json`."""
    return [*record.get("before", []), record] if record.get("starts") else []


def base_on_hub(run: Mapping[str, Any], adapter: Mapping[str, Any] | None) -> str | None:
    """The newest model on the Hub that this was made from, over however many runs."""
    runs = runs_of(run)
    for each in reversed(runs):
        start = each["starts"][-1]
        if start.get("model") and not start.get("model_is_local", True):
            return start["model"]
    named = (adapter or {}).get("base_model_name_or_path")
    return named if named and not runs and named.count("/") == 1 and not Path(named).exists() else None


def licence_for(
    folder: Path, run: Mapping[str, Any], base: str | None, adapter: Mapping[str, Any] | None
) -> Licence | None:
    """The licence that a person's card states, else that of what the weights were made from, else what is in our own card."""
    path = folder / "README.md"
    stated = licence_of(folder)
    found = stated if stated and not is_stock(path.read_text(encoding="utf-8")) else None
    for each in reversed(runs_of(run)):
        start = each["starts"][-1]
        origin = Path(nano.resolve(start.get("model") or ""))
        found = found or from_fields(start.get("base_licence"), origin if origin.is_dir() else folder)
    if found is None and adapter is not None:
        found = licence_of(nano.resolve(adapter.get("base_model_name_or_path") or ""))
    return found or licence_of(base) or stated
