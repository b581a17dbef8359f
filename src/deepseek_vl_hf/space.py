"""The name of a model comes in; a Space on the Hub goes out, in which anybody can talk with it.

The folder `spaces` of this repository is pushed as it is, and this package beside it, so that the Space installs nothing but public
packages. The nano goes inside the package; any other model stays where it is on the Hub, and the Space fetches it.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, ModelInfo, SpaceCard, SpaceCardData, hf_hub_download

from . import adapters, hub, nano
from .layouts_deepseek_vl_hf import layout_of
from .model_card import is_stock
from .patience import explained, patiently
from .provenance import is_on_hub


PACKAGE = Path(__file__).parent
# In the wheel they lie in the package, in the repository two folders above it.
PLACES = (PACKAGE / "spaces", PACKAGE.parents[1] / "spaces")
# Of the package, what no Space runs.
LEFT_OUT = ("spaces", "training", "serving", "data/renderers", "data/sources")
SDK, NANO, LARGE, GPU = "gradio", "nano", 1_000_000_000, "a10g-small"
# What the head of a person's card cannot say otherwise than the code beside it.
RUNS = ("sdk", "sdk_version", "python_version", "app_file")
HUBS_OWN = "spaces-config-reference"  # stands in the card that the Hub writes for a new Space


def push_space(
    repo_id: str,
    *,
    model: str = NANO,
    private: bool | None = None,
    hardware: str | None = None,
    token: str | None = None,
) -> hub.Pushed:
    """Push a Space that serves a model, in one commit.

    Args:
        repo_id: Organisation and name; it is made if it is not there. Of a Space that is there, what an older version of this package
            pushed goes, and other files stay.
        model: Hub id of a DeepSeek-VL in any layout or of an adapter of one, or "nano".
        private: Whether nobody else may see it.
        hardware: As the Hub calls it: "cpu-basic", "zero-a10g", "t4-small", "a10g-small", ...; unset, what the Hub or the Space has.
        token: Unset, the one that is stored or in the environment.

    Raises:
        ValueError: if there is no such model, or the push cannot be done; the message is for the user.
    """
    _check_name(model)
    folder = _folder()
    repo_id = hub.full_name(repo_id, token)
    served = [] if model == NANO else _served(model, token)
    files = _package() | {path.name: path for path in folder.iterdir() if path.is_file()}
    files["model.txt"] = f"{model}\n".encode()
    existing = hub.fetch_card(repo_id, "space", token=token)
    files["README.md"] = _card((folder / "README.md").read_text(encoding="utf-8"), served, existing).encode()
    pushed = hub.push(
        files,
        repo_id,
        message=f"Push a Space that serves {model}",
        repo_type="space",
        private=private,
        token=token,
        stale=(f"{PACKAGE.name}/**",),
        space_sdk=SDK,
        space_hardware=hardware,
    )
    if hardware is not None:
        _request(repo_id, hardware, token)
    return pushed


def _check_name(model: str) -> None:
    """Refuse what is no name of a model on the Hub.

    Raises:
        ValueError: if it is none, with what to do about a folder.
    """
    if model == NANO or is_on_hub(model):
        return
    if Path(model).expanduser().is_dir():
        raise ValueError(
            f"found the folder {model} as the model, expected one on the Hub, from where the Space fetches it; push it first with "
            f"`deepseek-vl push {model} ORG/NAME`, and name that."
        )
    raise ValueError(f"found {model!r} as the model, expected `nano` or a Hub id (organisation/name).")


def _folder() -> Path:
    """The folder that is pushed.

    Raises:
        ValueError: if this installation lacks it.
    """
    for place in PLACES:
        if (place / "app.py").is_file():
            return place
    raise ValueError(
        f"{PACKAGE} was installed without the Space's files; install deepseek_vl_hf from its wheel or its repository."
    )


def _package() -> dict[str, Path]:
    """The files of this package that a Space needs, by their names in it."""
    found = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*")) if path.is_file()}
    return {
        f"{PACKAGE.name}/{name}": path
        for name, path in found.items()
        if "__pycache__" not in path.parts and not any(name.startswith(f"{folder}/") for folder in LEFT_OUT)
    }


def _served(model: str, token: str | None, above: Sequence[str] = ()) -> list[ModelInfo]:
    """What the Hub says of a model, and for an adapter of its base; `above` are the adapters of this one.

    Raises:
        ValueError: if it is not there, or no DeepSeek-VL.
    """
    with explained(model, "Nothing was pushed."):
        info = patiently(lambda: HfApi(token=token).model_info(model, files_metadata=True))
    names = [sibling.rfilename for sibling in info.siblings or ()]
    name = next((name for name in (adapters.CONFIG, "config.json") if name in names), None)
    if name is None:
        raise ValueError(
            f"{model} holds neither config.json nor {adapters.CONFIG}, expected a DeepSeek-VL; name another model."
        )
    config = _read_json(model, name, info.sha, token)
    if not any(name.endswith(".safetensors") for name in names):
        raise ValueError(
            f"{model} holds no weights in safetensors, and no others are read; convert them, and push them again."
        )
    if name == adapters.CONFIG:
        base = adapters.base_of(config, model)
        if base == str(nano.FOLDER):  # the Space has it, too
            return [info]
        if not is_on_hub(base):
            raise ValueError(f"{model} is an adapter of {base}, which is on no Hub; push the merged model instead.")
        if base in (model, *above):
            raise ValueError(f"{model} is an adapter of itself, as {adapters.CONFIG} says; name another model.")
        return [info, *_served(base, token, (model, *above))]
    try:
        layout_of({"model_type": "", **config})
    except ValueError as error:
        raise ValueError(f"{model} is no DeepSeek-VL. {error}") from error
    return [info]


def _read_json(model: str, name: str, revision: str | None, token: str | None) -> dict[str, Any]:
    with explained(model, "Nothing was pushed."):
        path = patiently(lambda: hf_hub_download(model, name, revision=revision, token=token))
    try:
        return dict(json.loads(Path(path).read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name} of {model} is damaged ({error}); push the model again.") from error


def _card(text: str, served: Sequence[ModelInfo], existing: str | None) -> str:
    """Write the card of a Space.

    Args:
        text: The card of a Space that serves the nano.
        served: Models on the Hub, if any are served.
        existing: The card that is there. One that a person wrote keeps its text and what its head says, but for what is served and how it is run.
    """
    serves: dict[str, Any] = {"models": [info.id for info in served] or None}
    serves["preload_from_hub"] = [info.id for info in served if not info.private and not info.gated] or None
    sizes = (
        sibling.size or 0
        for info in served
        for sibling in info.siblings or ()
        if sibling.rfilename.endswith(".safetensors")
    )
    stated = SpaceCard(text)
    fields = stated.data.to_dict()
    if sum(sizes) > LARGE:
        serves["suggested_hardware"] = GPU
    if not (existing is None or is_stock(existing) or HUBS_OWN in existing):
        stated = SpaceCard(existing, ignore_metadata_errors=True)
        fields = {**fields, **stated.data.to_dict(), **{name: fields[name] for name in RUNS}}
    elif not served:
        return text
    data = SpaceCardData(**{**fields, **serves})
    return f"---\n{data.to_yaml()}\n---\n{stated.text}"


def _request(repo_id: str, hardware: str, token: str | None) -> None:
    """Ask for hardware where the Space has other, as one that was there before may have.

    Raises:
        ValueError: if the Hub refuses.
    """
    api = HfApi(token=token)
    with explained(repo_id, "The files are there; only the hardware is as it was."):
        runtime = patiently(lambda: api.get_space_runtime(repo_id))
        if hardware not in (runtime.hardware, runtime.requested_hardware):
            patiently(lambda: api.request_space_hardware(repo_id, hardware))
