"""The repositories of a stand-in for the Hub, in memory: bytes and commits come in, commits and listings go out.

A repository is commits, and branches that name some of them. A commit is a whole tree, path to bytes,
so that every revision stays readable. Refusals are `HubError`s with the status and the `X-Error-Code` of the real Hub.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone

import yaml


LFS_SUFFIXES = (".arrow", ".bin", ".gguf", ".npy", ".npz", ".parquet", ".pt", ".pth", ".safetensors", ".tar", ".zip")
LFS_SIZE = 10_000_000  # bytes; a larger file goes through LFS whatever it is called
ATTRIBUTES = "".join(f"*{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in LFS_SUFFIXES).encode()
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


class HubError(Exception):
    """A refusal: the HTTP status, what is wrong, and the code by which the client chooses its exception."""

    def __init__(self, status: int, message: str, code: str | None = None, headers=None, body=None):
        super().__init__(message)
        self.status, self.body = status, body or {}
        line = message.encode("ascii", "replace").decode()
        self.headers = {"X-Error-Message": line, **({"X-Error-Code": code} if code else {}), **(headers or {})}


def is_lfs(path: str, size: int) -> bool:
    return size > 0 and (path.endswith(LFS_SUFFIXES) or size > LFS_SIZE)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def pointer(content: bytes) -> bytes:
    return POINTER.format(sha256(content), len(content)).encode()


def file_entry(path: str, content: bytes) -> dict:
    """What a tree listing says about a file."""
    entry = {"type": "file", "path": path, "size": len(content), "oid": blob_id(content)}
    if is_lfs(path, len(content)):
        lfs = {"oid": sha256(content), "size": len(content), "pointerSize": len(pointer(content))}
        entry |= {"oid": blob_id(pointer(content)), "lfs": lfs}
    return entry


def card_data(readme: bytes) -> dict | None:
    """The YAML in front of a model card, None without one.

    Raises:
        HubError: 400, where it is not YAML or not a mapping.
    """
    front = re.match(r"(?ms)---[ \t]*\r?\n(.*?)^---[ \t]*$", readme.decode("utf-8-sig", "replace"))
    if not front:
        return None
    try:
        data = yaml.safe_load(front[1])
    except yaml.YAMLError as error:
        raise HubError(400, "YAML front matter cannot be read: " + " ".join(str(error).split())) from error
    if data is not None and not isinstance(data, dict):
        raise HubError(400, f"YAML front matter is a {type(data).__name__}, expected a mapping")
    return data


@dataclass(frozen=True)
class Commit:
    """One state of a repository: every file, and the sha of the state before."""

    oid: str
    parent: str | None
    title: str
    files: dict[str, bytes]
    description: str = ""
    author: str = ""
    date: str = field(default_factory=lambda: datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z"))


class Repository:
    """One repository, born with `.gitattributes` in a first commit, as on the Hub."""

    def __init__(
        self, kind: str, repo_id: str, private: bool = False, sdk: str | None = None, hardware: str = "cpu-basic"
    ):
        self.kind, self.repo_id, self.private, self.sdk, self.hardware = kind, repo_id, private, sdk, hardware
        self.log: dict[str, Commit] = {}
        self.branches: dict[str, str] = {}
        self.commit("main", "initial commit", {".gitattributes": ATTRIBUTES})

    @property
    def owner(self) -> str:
        return self.repo_id.split("/")[0]

    def resolve(self, revision: str) -> Commit:
        """The commit of a branch or sha."""
        oid = self.branches.get(revision, revision)
        if oid not in self.log:
            raise HubError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return self.log[oid]

    def history(self, revision: str) -> list[Commit]:
        """A commit and those before it, the latest first."""
        commits = [self.resolve(revision)]
        while commits[-1].parent:
            commits.append(self.log[commits[-1].parent])
        return commits

    def commit(self, branch: str, title: str, files: dict[str, bytes], description="", author="") -> Commit:
        """Make `files` the state of `branch`."""
        parent = self.branches.get(branch)
        parts = (self.kind, self.repo_id, branch, parent, len(self.log), title, sorted(files))
        oid = hashlib.sha1(repr(parts).encode()).hexdigest()
        self.log[oid] = Commit(oid, parent, title, files, description, author)
        self.branches[branch] = oid
        return self.log[oid]

    def tree(self, revision: str, folder: str = "", recursive: bool = False) -> list[dict]:
        """What is in a folder, folders included."""
        commit = self.resolve(revision)
        prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
        inside = {path: content for path, content in commit.files.items() if path.startswith(prefix)}
        if prefix and not inside:
            raise HubError(
                404, f"{folder} does not exist on {revision}", "EntryNotFound", {"X-Repo-Commit": commit.oid}
            )
        folders, files = set(), []
        for path, content in inside.items():
            parts = path[len(prefix) :].split("/")
            folders |= {prefix + "/".join(parts[:depth]) for depth in range(1, len(parts))}
            if recursive or len(parts) == 1:
                files.append(file_entry(path, content))
        shown = sorted(name for name in folders if recursive or "/" not in name[len(prefix) :])
        directories = [{"type": "directory", "path": name, "size": 0, "oid": blob_id(name.encode())} for name in shown]
        return directories + sorted(files, key=lambda entry: entry["path"])

    def info(self, revision: str, sizes: bool = False) -> dict:
        """The answer to `model_info`, `dataset_info` and `space_info`; with `sizes`, of each file as well."""
        commit = self.resolve(revision)
        card = card_data(commit.files.get("README.md", b"")) or {}
        return {
            "_id": commit.oid[:24],
            "id": self.repo_id,
            "author": self.owner,
            "sha": commit.oid,
            "lastModified": commit.date,
            "private": self.private,
            "gated": False,
            "disabled": False,
            "tags": card.get("tags") or [],
            "cardData": card,
            **{key: card[key] for key in ("library_name", "pipeline_tag") if key in card},
            **({"sdk": self.sdk} if self.sdk else {}),
            "siblings": [
                {"rfilename": path, **({"size": len(content)} if sizes else {})}
                for path, content in sorted(commit.files.items())
            ],
        }
