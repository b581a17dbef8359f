"""The name of a package in a registry comes in; its archive, and the members of it that are wanted, go out.

Archives come through the registries' own clients, `npm` and `pip`, so that mirrors and proxies that these are set up for work
here too. No archive is trusted: members are read one by one, links and paths that lead outside are refused.
"""

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath


# Kept of every package, beside what is wanted of it: its licence, and what it says of itself.
ALWAYS_KEPT = (
    *(
        f"{place}{name}*"
        for place in ("", "*.dist-info/", "*.dist-info/licenses/")
        for name in ("LICEN[SC]E", "NOTICE")
    ),
    *("licen[sc]e*", "COPYING*", "package.json", "PKG-INFO", "*.dist-info/METADATA"),
)
# One wheel for every machine: only data files are read of it, and they are the same in the wheels of all platforms.
ONE_WHEEL = ("--only-binary=:all:", "--python-version=3.12", "--platform=manylinux_2_28_x86_64", "--platform=any")


def download_from_npm(spec: str, folder: Path) -> Path:
    """Download the archive of "name@version" into an empty folder.

    Raises:
        RuntimeError: if npm is missing, or does not get it.
    """
    _run(["npm", "pack", spec, "--silent"], folder, spec, "install Node.js, which brings npm")
    return next(folder.glob("*.tgz"))


def download_from_pypi(name: str, version: str, folder: Path, source: bool) -> Path:
    """Download a wheel, or the source archive, into an empty folder.

    Args:
        name: Of the package.
        version: Exactly this one.
        folder: Where the archive goes.
        source: Whether the source archive is wanted.

    Raises:
        RuntimeError: if pip is missing, or does not get it.
    """
    form = (f"--no-binary={name}",) if source else ONE_WHEEL
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--disable-pip-version-check", *form]
    spec = f"{name}=={version}"
    _run([*command, "--dest=.", spec], folder, spec, "install pip: python -m ensurepip")
    return next(path for path in sorted(folder.iterdir()) if path.name.endswith((".whl", ".tar.gz", ".zip")))


def unpack(archive: Path, folder: Path, keep: tuple[str, ...]) -> int:
    """Write the members of an archive that are wanted.

    Args:
        archive: A `.whl`, `.zip`, `.tgz` or `.tar.gz`. All but wheels hold everything below one folder, which is left out.
        folder: Where they go.
        keep: Patterns of their paths, as "data/*.json"; `*` also matches slashes.

    Returns:
        How many of them were wanted, not counting licences.

    Raises:
        ValueError: if a member's path leads outside the folder.
    """
    wanted = 0
    for name, data in _members(archive, (*keep, *ALWAYS_KEPT)):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        wanted += _matches(name, keep)
    return wanted


def _members(archive: Path, keep: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield (path, content) of the regular files that match."""
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as file:
            for info in file.infolist():
                name = _inside(info.filename, archive, below=archive.suffix == ".zip")
                is_link = info.external_attr >> 28 == 0o12
                if not info.is_dir() and not is_link and _matches(name, keep):
                    yield name, file.read(info)
        return
    with tarfile.open(archive) as file:
        for member in file:
            name = _inside(member.name, archive, below=True)
            if member.isfile() and _matches(name, keep):
                yield name, file.extractfile(member).read()


def _inside(name: str, archive: Path, below: bool) -> str:
    """The path of a member, without the outermost folder if there is one."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or any(":" in part for part in path.parts[:1]):
        raise ValueError(
            f"{archive.name} holds {name!r}, expected paths below its own folder; "
            "the archive is broken or hostile: do not use this package"
        )
    return "/".join(path.parts[1:] if below else path.parts)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return bool(name) and any(fnmatchcase(name, pattern) for pattern in patterns)


def _run(command: list[str], folder: Path, spec: str, remedy: str) -> None:
    """Run a registry's client, and say what to do when it fails."""
    environment = {**os.environ, "NO_UPDATE_NOTIFIER": "1"}
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    except FileNotFoundError as error:
        raise RuntimeError(f"found no command {command[0]}, expected one to fetch {spec}; {remedy}") from error
    if "No module named pip" in done.stderr:
        raise RuntimeError(f"found no pip in {sys.executable}, expected one to fetch {spec}; {remedy}")
    if done.returncode:
        said = " | ".join(line.strip() for line in done.stderr.splitlines()[-4:])
        raise RuntimeError(
            f"{command[0] if command[0] == 'npm' else 'pip'} could not fetch {spec}: {said or 'it said nothing'}; "
            "expected a registry that can be reached and has this version: check the network, or build on another "
            "machine and copy its assets folder here"
        )
