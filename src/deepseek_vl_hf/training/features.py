"""Pictures and frozen towers come in; what the towers make of them comes out of a folder on disk the second time.

    FOLDER/<what the towers are>/<first two digits>/<what the picture is>.safetensors      "low_res" (N, C), "high_res" (2, H, W, D)

What is kept is what no stage but the third changes: SigLIP's features, and SAM's states before its necks, which learn. The
towers' name is a hash of their weights, their configuration, the preprocessing and the precision; a picture's name is a
hash of its pixels. So whatever changes is computed anew. Several processes and runs can share a folder.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from datasets import Dataset, IterableDataset
from filelock import FileLock
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from transformers import ProcessorMixin

from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .stages import HIGH_RES_BRIDGE


ORIENTATION = 0x0112  # EXIF's number for which side is up


def towers_name(model: DeepSeekVLHFForConditionalGeneration, processor: ProcessorMixin, precision: str) -> str:
    """Hash everything beside the picture that decides a feature."""
    config = model.config
    told = [
        config.vision_config.to_dict(),
        config.high_res_vision_config and config.high_res_vision_config.to_dict(),
        processor.image_processor.to_dict(),
        precision,
    ]
    found = hashlib.blake2b(json.dumps(told, sort_keys=True, default=str).encode(), digest_size=16)
    bridge = tuple(name.removeprefix("model.vision_model.") for name in HIGH_RES_BRIDGE)
    for name, value in sorted(model.model.vision_model.state_dict().items()):
        if not name.startswith(bridge):
            found.update(name.encode())
            found.update(value.detach().cpu().contiguous().view(torch.uint8).numpy().data)
    return found.hexdigest()


def picture_name(picture: Image.Image) -> str:
    """Hash a picture's pixels, and what says how to read them."""
    found = hashlib.blake2b(digest_size=16)
    palette = picture.getpalette() or []
    told = (picture.mode, picture.size, palette, picture.info.get("transparency"), picture.getexif().get(ORIENTATION))
    found.update(repr(told).encode())
    found.update(picture.tobytes())
    return found.hexdigest()


class FeatureCache:
    """Features of pictures on disk, up to a number of bytes; what finds no room is computed each time.

    Nothing is ever put out: with rows that come once an epoch, what was put out is what would be needed next.

    Args:
        folder: Shared by all towers.
        towers: As `towers_name` gives it.
        max_bytes: That all files under `folder` may have together.
    """

    def __init__(self, folder: str | Path, towers: str, max_bytes: int):
        self.root, self.max_bytes = Path(folder), max_bytes
        self.folder = self.root / towers
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock():  # what crashed runs have reserved and not written is given back
            self._write_size(sum(path.stat().st_size for path in self.root.rglob("*.safetensors")))

    def _lock(self) -> FileLock:
        return FileLock(self.root / "size.lock")

    def _write_size(self, size: int) -> None:
        (self.root / "size").write_text(str(size))

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / f"{name}.safetensors"

    def get(self, name: str) -> dict[str, torch.Tensor] | None:
        """Read the features of a picture, if they are there and whole."""
        path = self._path(name)
        try:
            return load_file(path)
        except (OSError, SafetensorError):
            return None

    def put(self, name: str, features: Mapping[str, torch.Tensor]) -> bool:
        """Keep the features of a picture.

        Returns:
            Whether there was room.
        """
        path = self._path(name)
        if path.exists():
            return True
        data = save({key: value.detach().cpu().contiguous() for key, value in features.items()})
        with self._lock():
            size = int((self.root / "size").read_text()) + len(data)
            if size > self.max_bytes:
                return False
            self._write_size(size)
        path.parent.mkdir(exist_ok=True)
        # Written beside and moved, so that no one reads a part of it.
        handle, new = tempfile.mkstemp(dir=path.parent, suffix=".new")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(new, path)
        except BaseException:
            os.unlink(new)
            raise
        return True


def open_cache(
    args: Any,
    model: DeepSeekVLHFForConditionalGeneration,
    processor: ProcessorMixin,
    sets: Iterable[Dataset | IterableDataset],
    sharded: bool,
    precision: str,
) -> FeatureCache:
    """Open the cache that the arguments name, unless something would change features or keep processes waiting.

    Args:
        args: With `feature_cache` and `feature_cache_gb`.
        model: Whose towers are run.
        processor: Prepares pictures for them.
        sets: Rows that will be seen.
        sharded: Whether towers are divided over processes, so that none can run them alone.
        precision: Of autocast.

    Raises:
        ValueError: if there is such a thing.
    """
    config = model.config
    towers = [config.vision_config, *filter(None, [config.high_res_vision_config])]
    formats = [getattr(rows, "format", {}).get("type") for rows in sets if isinstance(rows, Dataset)]
    reasons = {
        "dropout in a tower": any(tower.attention_dropout for tower in towers),
        "a transform that set_transform put on the rows": "custom" in formats,
        "towers that are sharded over processes": sharded,
    }
    for reason, found in reasons.items():
        if found:
            raise ValueError(
                f"found feature_cache={args.feature_cache!r} with {reason}, expected the same features each time, at hand on "
                "every process; leave feature_cache out"
            )
    with PartialState().main_process_first():
        name = towers_name(model, processor, precision)
        return FeatureCache(args.feature_cache, name, int(args.feature_cache_gb * 1e9))


def cached_states(
    cache: FeatureCache, pictures: Sequence[Image.Image]
) -> tuple[list[str], torch.Tensor, dict[str, torch.Tensor]]:
    """Look pictures up.

    Returns:
        Names of those that are not there, a mask (I,) of those that are, and their features, stacked.
    """
    names = [picture_name(picture) for picture in pictures]
    found = [cache.get(name) for name in names]
    hits = [features for features in found if features is not None]
    stacked = {key: torch.stack([features[key] for features in hits]) for key in (hits[0] if hits else ())}
    missing = [name for name, features in zip(names, found, strict=True) if features is None]
    return missing, torch.tensor([features is not None for features in found]), stacked


@torch.no_grad()
def complete(
    model: DeepSeekVLHFForConditionalGeneration, cache: FeatureCache, inputs: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Compute the features that are missing, keep them, and put them beside those that were there.

    Args:
        model: Its towers are run under the autocast of the caller.
        cache: Where they are kept.
        inputs: A batch of the collator: names of `missing_pictures` and their pixels, `is_cached` (I,) and `body_states` of
            the others.

    Returns:
        The batch with `body_states` of all pictures instead, in reading order.
    """
    inputs = dict(inputs)
    missing, is_cached = inputs.pop("missing_pictures"), inputs.pop("is_cached")
    states = inputs.pop("body_states", {})
    if missing:
        pixels = {name: inputs.pop(name) for name in ("pixel_values", "high_res_pixel_values") if name in inputs}
        computed = model.model.vision_model.bodies(**pixels)
        for index, name in enumerate(missing):
            cache.put(name, {key: value[index] for key, value in computed.items()})
        merged = {}
        for key, value in computed.items():
            merged[key] = value.new_empty(len(is_cached), *value.shape[1:])
            merged[key][~is_cached] = value
            if key in states:
                merged[key][is_cached] = states[key].to(value.dtype)
        states = merged
    return {**inputs, "body_states": states}
