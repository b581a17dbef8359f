"""A folder that `deepseek-vl data build` wrote comes in; a data set on the Hub goes out, which `load_dataset` reads."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..hub import Pushed, fetch_card, full_name, push
from ..provenance import public
from .build_plan import RESULT
from .data_card import MARK
from .splits import SPLITS


def push_rows(
    folder: Path,
    repo_id: str,
    *,
    private: bool | None = None,
    revision: str | None = None,
    token: str | None = None,
) -> Pushed:
    """Push a built folder with its card, in one commit; shards of what was there before go.

    Args:
        folder: With `data`, `README.md` and `build.json`.
        repo_id: Organisation and name.
        private, revision, token: As for `hub.push`.

    Raises:
        ValueError: if the folder is not whole, or it cannot be pushed.
    """
    result = _read_result(folder)
    shards = [folder / "data" / name for name in result["files"]]
    _check_whole(shards, sum(result["splits"].values()))
    repo_id = full_name(repo_id, token)
    text = (folder / "README.md").read_text(encoding="utf-8")
    there = fetch_card(repo_id, "dataset", revision, token) if MARK in text else None
    text = text if there is None or MARK in there else there  # a person's card stays
    text = text.replace('load_dataset("FOLDER")', f'load_dataset("{repo_id}")')
    files = {f"data/{path.name}": path for path in shards}
    files |= {
        RESULT: (json.dumps(public(result), ensure_ascii=False, indent=1) + "\n").encode(),
        "README.md": text.encode(),
    }
    stale = [f"data/{split}-*" for split in SPLITS]
    return push(
        files,
        repo_id,
        message=f"Push {sum(result['splits'].values()):,} rows",
        repo_type="dataset",
        private=private,
        revision=revision,
        token=token,
        stale=stale,
    )


def _read_result(folder: Path) -> dict[str, Any]:
    """Read what a build has noted.

    Raises:
        ValueError: if it has not finished, or this is damaged or names files elsewhere.
    """
    path = folder / RESULT
    if not path.is_file():
        raise ValueError(
            f"{folder} holds no {RESULT}, expected a folder that `deepseek-vl data build` has finished; go on with the build, or push other "
            "folders with `hf upload`."
        )
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        if not result["files"] or any(Path(name).name != name for name in result["files"]):
            raise ValueError("its files are not the names of shards")
        sum(result["splits"].values())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is damaged ({type(error).__name__}: {error}); build the set again.") from error
    return result


def _check_whole(shards: list[Path], expected: int) -> None:
    """Make sure that all shards are there, and of Parquet that they have their rows.

    Raises:
        ValueError: if they are not.
    """
    missing = [path.name for path in shards if not path.is_file()]
    if missing:
        raise ValueError(f"{shards[0].parent} lacks {', '.join(missing[:5])}; build the set again.")
    try:
        counts = [pq.read_metadata(path).num_rows for path in shards if path.suffix == ".parquet"]
    except pa.ArrowInvalid as error:
        raise ValueError(f"A shard in {shards[0].parent} is damaged ({error}); build the set again.") from error
    if counts and sum(counts) != expected:
        raise ValueError(f"{shards[0].parent} has {sum(counts)} rows, expected {expected}; build the set again.")
