"""Files go up to the Hub in one commit, or a repository comes down whole and as it was pushed; or one sentence says why not.

`huggingface_hub` does the work. What is here is what it leaves open: a push is one commit, so that a repository is never half of
one model and half of another; what belongs to an older model goes in the same commit; what was fetched is compared with the
repository's hashes, of which the client looks at sizes alone.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch, fnmatchcase
from pathlib import Path, PurePosixPath

from filelock import FileLock
from huggingface_hub import CommitInfo, CommitOperationAdd, CommitOperationDelete, HfApi, hf_hub_download
from huggingface_hub.errors import RemoteEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

from .patience import OUTDATED, explained, patiently


# Files that run code when they are opened.
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle", "*.npy", "*.joblib")


@dataclass(frozen=True)
class Pushed:
    """What `push` has done: the address of the repository, its commit, and what went with it."""

    url: str
    commit: CommitInfo
    num_files: int
    removed: tuple[str, ...]

    def __str__(self):
        lines = [f"{self.url}: {self.num_files} files in commit {self.commit.oid[:12]}"]
        return "\n".join(
            [*lines, *(f"removed, because it belonged to what was there before: {name}" for name in self.removed)]
        )


@dataclass(frozen=True)
class Pulled:
    """What `pull` has done: the folder, the commit it is of, and which files were left where they are."""

    folder: Path
    commit: str
    num_files: int
    left_out: tuple[str, ...]

    def __str__(self):
        lines = [f"{self.folder}: {self.num_files} files of commit {self.commit[:12]}, as their hashes say"]
        return "\n".join(
            [*lines, *(f"left out, because it would run code when opened: {name}" for name in self.left_out)]
        )


def push(
    files: Mapping[str, Path | bytes],
    repo_id: str,
    *,
    message: str,
    repo_type: str = "model",
    private: bool | None = None,
    revision: str | None = None,
    create_pr: bool = False,
    token: str | None = None,
    stale: Sequence[str] = (),
    space_sdk: str | None = None,
    space_hardware: str | None = None,
) -> Pushed:
    """Make a repository hold these files, in one commit.

    Args:
        files: By name in the repository: a file, or its content.
        repo_id: Organisation and name; it is made if it is not there.
        message: Of the commit.
        repo_type: "model", "dataset" or "space".
        private: Whether nobody else may see it. A repository that others see already is refused.
        revision: A branch, which is made if it is not there.
        create_pr: Whether to propose the commit instead of making it.
        token: Unset, the one that is stored or in the environment.
        stale: Patterns of names; files of the repository that match one and are not pushed now are removed. A pattern is for files of
            its own folder; one that ends in "/**" is for everything below.
        space_sdk: Of a Space, which must be of the same where it is there already.
        space_hardware: Of a Space that is made.

    Raises:
        ValueError: if it cannot be done; the message is for the user. The repository is then as it was.
    """
    api = HfApi(token=token)
    with explained(repo_id, "Nothing there is half changed; the same command sends only what is missing."):
        url = patiently(
            lambda: api.create_repo(
                repo_id,
                repo_type=repo_type,
                private=private,
                exist_ok=True,
                space_sdk=space_sdk,
                space_hardware=space_hardware,
            )
        )
        if private and not patiently(lambda: api.repo_info(url.repo_id, repo_type=repo_type)).private:
            raise ValueError(
                f"{url.repo_id} is there already and public, expected a private one; give another name, or leave --private out."
            )
        if revision is not None:
            patiently(lambda: api.create_branch(url.repo_id, branch=revision, repo_type=repo_type, exist_ok=True))

        def commit() -> Pushed:
            info = api.repo_info(url.repo_id, repo_type=repo_type, revision=revision)
            if space_sdk is not None and info.sdk != space_sdk:
                raise ValueError(
                    f"{url.repo_id} is there already, a Space of the SDK {info.sdk}, expected {space_sdk}; give another name, or remove it "
                    "on the Hub first."
                )
            there = [sibling.rfilename for sibling in info.siblings or ()]
            gone = [name for name in there if name not in files and any(_fits(name, pattern) for pattern in stale)]
            # Made anew at each try: they remember what was there, and what does not differ from that is not sent.
            added = [CommitOperationAdd(name, _open(found)) for name, found in files.items()]
            done = api.create_commit(
                url.repo_id,
                [*added, *(CommitOperationDelete(name) for name in gone)],
                commit_message=message,
                repo_type=repo_type,
                revision=revision,
                create_pr=create_pr,
                parent_commit=info.sha,
            )
            return Pushed(str(url), done, len(files), tuple(gone))

        return patiently(commit, also=(OUTDATED,))


def full_name(repo_id: str, token: str | None = None) -> str:
    """A repository's name with its owner: unless named, whoever the token is of."""
    if "/" in repo_id:
        return repo_id
    with explained(repo_id, "Nothing was pushed."):
        return f"{patiently(HfApi(token=token).whoami)['name']}/{repo_id}"


def fetch_card(
    repo_id: str, repo_type: str = "model", revision: str | None = None, token: str | None = None
) -> str | None:
    """Fetch the card of a repository; `None` where there is none.

    Raises:
        ValueError: if the Hub cannot be asked.
    """
    try:
        with explained(repo_id, "Nothing was pushed."):
            path = patiently(
                lambda: hf_hub_download(repo_id, "README.md", repo_type=repo_type, revision=revision, token=token)
            )
    except ValueError as error:
        if isinstance(error.__cause__, (RepositoryNotFoundError, RevisionNotFoundError, RemoteEntryNotFoundError)):
            return None
        raise
    return Path(path).read_text(encoding="utf-8")


def _fits(name: str, pattern: str) -> bool:
    """Whether a name is as the pattern says, in the pattern's own folder or for "/**" below it."""
    if pattern.endswith("/**"):
        return name.startswith(pattern.removesuffix("**"))
    return PurePosixPath(name).parent == PurePosixPath(pattern).parent and fnmatchcase(name, pattern)


def _open(found: Path | bytes) -> str | bytes:
    return found if isinstance(found, bytes) else str(found)


def pull(
    repo_id: str,
    output: str | os.PathLike,
    *,
    repo_type: str = "model",
    revision: str | None = None,
    token: str | None = None,
) -> Pulled:
    """Fetch a repository to a folder and make sure that every byte is the repository's.

    Pickled files are left where they are. If something fails, what is there waits in a hidden folder beside `output`, and the next try goes on
    with it.

    Args:
        repo_id: Organisation and name.
        output: A folder that is empty or does not exist; it appears when everything is there.
        repo_type: "model" or "dataset".
        revision: A branch, a tag or a commit.
        token: Unset, the one that is stored or in the environment.

    Raises:
        ValueError: if it cannot be done; the message is for the user.
    """
    output = Path(output).expanduser().resolve()
    check_empty(output)
    api = HfApi(token=token)
    unfinished, lock = (output.with_name(f".{output.name}.{state}") for state in ("unfinished", "lock"))
    with explained(repo_id, "Nothing was fetched."):
        info = patiently(lambda: api.repo_info(repo_id, repo_type=repo_type, revision=revision))
    names = [sibling.rfilename for sibling in info.siblings or ()]
    for name in names:
        _check_name(repo_id, name)
    left_out = [name for name in names if any(fnmatch(name, pattern) for pattern in PICKLED)]
    state = f"What was fetched waits in {unfinished}; the same command goes on with it."
    output.parent.mkdir(parents=True, exist_ok=True)
    with explained(repo_id, state), FileLock(lock):
        try:
            check_empty(output)  # another process may have been faster
            unfinished.mkdir(exist_ok=True)
            patiently(
                lambda: api.snapshot_download(
                    repo_id,
                    repo_type=repo_type,
                    revision=info.sha,
                    local_dir=unfinished,
                    ignore_patterns=left_out or None,
                )
            )
            _verify(api, repo_id, repo_type, info.sha, unfinished, left_out)
            shutil.rmtree(unfinished / ".cache", ignore_errors=True)
            if output.exists():
                output.rmdir()
            unfinished.rename(output)
        finally:
            if not unfinished.exists():
                lock.unlink(missing_ok=True)
    return Pulled(output, info.sha, len(names) - len(left_out), tuple(left_out))


def check_empty(output: Path) -> None:
    """Refuse a place where something is.

    Raises:
        ValueError: if it is no empty folder and no free name.
    """
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ValueError(f"{output} is not empty; give a new folder or empty this one, nothing is overwritten.")


def _check_name(repo_id: str, name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or ":" in path.parts[0]:
        raise ValueError(
            f"{repo_id} names a file {name!r}, expected names within the repository. This is not how a sound repository looks: nothing "
            "was fetched; tell its owner, or the Hub's."
        )


def _verify(api: HfApi, repo_id: str, repo_type: str, commit: str, folder: Path, left_out: Sequence[str]) -> None:
    """Compare what was fetched with the hashes of the repository, and remove what differs."""
    found = patiently(
        lambda: api.verify_repo_checksums(repo_id, repo_type=repo_type, revision=commit, local_dir=folder)
    )
    for name in found.extra_paths:  # of an older commit that a pull before this one began with
        (folder / name).unlink(missing_ok=True)
    missing = sorted(set(found.missing_paths) - set(left_out))
    wrong = [mismatch["path"] for mismatch in found.mismatches]
    for name in wrong:
        (folder / name).unlink()
    if wrong or missing:
        raise ValueError(
            f"{', '.join([*wrong, *missing])} of {repo_id} came otherwise than the repository's hashes say, and was removed; run the same command "
            "again. If it happens again, something between you and the Hub alters files."
        )
