"""What the stand-in for the Hub answers: a request for a path comes in, JSON or a `Reply` goes out.

Each function takes the server, the request and the named parts of the path. The paths and fields are those that
huggingface_hub 2.4 sends and reads.
"""

import base64
import json
import re
import traceback
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from hub_repositories import HubError, Repository, blob_id, card_data, file_entry, is_lfs, sha256


OWNER, STRANGER, READER = "hf_owner", "hf_stranger", "hf_reader"
HARDWARE = ("cpu-basic", "cpu-upgrade", "zero-a10g", "t4-small", "a10g-small")
TOKENS = {OWNER: ("owner", "write"), STRANGER: ("stranger", "write"), READER: ("owner", "read")}  # (user, role)
API = r"/api/(?P<kind>models|datasets|spaces)/(?P<repo_id>[^/]+(?:/[^/]+)?)"
FILES = r"/(?:(?P<kind>datasets|spaces)/)?(?P<repo_id>[^/]+(?:/[^/]+)?)"  # outside /api, models have no prefix
REVISION = r"/(?P<revision>[^/]+)"
ROUTES = []


@dataclass
class Request:
    """What a client asks; `user` and `role` are None without a token."""

    method: str
    path: str
    headers: Any
    body: bytes = b""
    user: str | None = None
    role: str | None = None

    @property
    def query(self) -> dict[str, str]:
        return {key: values[-1] for key, values in parse_qs(urlsplit(self.path).query).items()}

    @property
    def json(self) -> dict:
        return json.loads(self.body or b"{}")


@dataclass
class Reply:
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


def json_reply(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})}, status)


def route(method: str, path: str):
    """Register the function that answers `method` on a path."""

    def register(function):
        ROUTES.append((method, re.compile(path), function))
        return function

    return register


def answer(hub, request: Request) -> Reply:
    """What the Hub says, refusals included."""
    path = urlsplit(request.path).path
    try:
        if not path.startswith("/lfs/"):
            sign_in(request)
        method = "GET" if request.method == "HEAD" else request.method
        for wanted, pattern, function in ROUTES:
            if method == wanted and (match := pattern.fullmatch(path)):
                parts = {key: value and unquote(value) for key, value in match.groupdict().items()}
                reply = function(hub, request, **parts)
                return reply if isinstance(reply, Reply) else json_reply(reply)
        raise HubError(404, f"this stand-in has no route for {request.method} {path}")
    except HubError as error:
        return refusal(error)
    except Exception:  # a mistake of this stand-in, shown to whoever reads the client's error
        return json_reply({"error": traceback.format_exc()}, 500)


def refusal(error: HubError) -> Reply:
    body = {"error": str(error), "errors": [{"message": str(error)}], **error.body}
    return json_reply(body, error.status, error.headers)


def sign_in(request: Request) -> None:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and token not in TOKENS:
        raise HubError(401, "Invalid credentials in Authorization header")
    request.user, request.role = TOKENS.get(token, (None, None))


def check_writer(request: Request, owner: str) -> None:
    if request.user is None:
        raise HubError(401, "Invalid username or password.")
    if request.user != owner or request.role != "write":
        raise HubError(403, f"You don't have the rights to write to a repository of {owner} with this token")


def find(hub, request: Request, kind: str | None, repo_id: str, write: bool = False) -> Repository:
    """The repository, where the user may read (or write) it."""
    found = hub.repositories.get((kind or "models", repo_id))
    if found is None or (found.private and request.user != found.owner):
        raise HubError(404 if request.user else 401, "Repository not found", "RepoNotFound")
    if write:
        check_writer(request, found.owner)
    return found


@route("GET", "/api/whoami-v2")
def whoami(hub, request):
    if request.user is None:
        raise HubError(401, "Invalid username or password.")
    auth = {"type": "access_token", "accessToken": {"displayName": "test", "role": request.role}}
    return {"type": "user", "name": request.user, "fullname": request.user, "orgs": [], "auth": auth}


@route("POST", "/api/validate-yaml")
def validate_yaml(hub, request):
    missing = not card_data(request.json["content"].encode())
    return {"errors": [], "warnings": [{"message": "empty or missing yaml metadata in repo card"}] if missing else []}


@route("POST", "/api/repos/create")
def create(hub, request):
    wanted = request.json
    kind, owner = f"{wanted.get('type') or 'model'}s", wanted.get("organization") or request.user
    check_writer(request, owner)
    repo_id = f"{owner}/{wanted['name']}"
    url = f"{hub.endpoint}/{'' if kind == 'models' else kind + '/'}{repo_id}"
    if (kind, repo_id) in hub.repositories:
        raise HubError(409, "You already created this repository", body={"url": url})
    if kind == "spaces" and not wanted.get("sdk"):
        raise HubError(400, "sdk is required for a Space")
    private, hardware = wanted.get("visibility") == "private", wanted.get("hardware") or "cpu-basic"
    check_hardware(hardware)
    hub.repositories[kind, repo_id] = Repository(kind, repo_id, private, wanted.get("sdk"), hardware)
    return {"url": url, "name": repo_id}


def check_hardware(wanted: str) -> None:
    if wanted not in HARDWARE:
        raise HubError(400, f"hardware: found {wanted!r}, expected one of {', '.join(HARDWARE)}")


@route("GET", "/api/spaces/(?P<repo_id>[^/]+/[^/]+)/runtime")
def runtime(hub, request, repo_id):
    hardware = find(hub, request, "spaces", repo_id).hardware
    return {"stage": "RUNNING", "hardware": {"current": hardware, "requested": hardware}}


@route("POST", "/api/spaces/(?P<repo_id>[^/]+/[^/]+)/hardware")
def change_hardware(hub, request, repo_id):
    check_hardware(request.json["flavor"])
    find(hub, request, "spaces", repo_id, write=True).hardware = request.json["flavor"]
    return runtime(hub, request, repo_id)


@route("GET", API + rf"(?:/revision{REVISION})?")
def info(hub, request, kind, repo_id, revision):
    found = find(hub, request, kind, repo_id).info(revision or "main", "blobs" in request.query)
    found["siblings"] += [{"rfilename": name} for name in hub.made_up(request)]
    return found


@route("GET", API + rf"/tree{REVISION}(?:/(?P<folder>.+))?")
def tree(hub, request, kind, repo_id, revision, folder):
    recursive = request.query.get("recursive", "").lower() == "true"
    entries = find(hub, request, kind, repo_id).tree(revision, folder or "", recursive)
    return entries + [file_entry(name, content) for name, content in hub.made_up(request).items()]


@route("POST", API + rf"/paths-info{REVISION}")
def paths_info(hub, request, kind, repo_id, revision):
    repository, wanted = find(hub, request, kind, repo_id), parse_qs(request.body.decode()).get("paths", [])
    return [entry for entry in repository.tree(revision, recursive=True) if entry["path"] in wanted]


@route("GET", API + "/refs")
def refs(hub, request, kind, repo_id):
    branches = find(hub, request, kind, repo_id).branches
    named = [{"name": name, "ref": f"refs/heads/{name}", "targetCommit": branches[name]} for name in branches]
    return {"branches": named, "tags": [], "converts": []}


@route("GET", API + rf"/commits{REVISION}")
def commits(hub, request, kind, repo_id, revision):
    fields = [
        {"id": commit.oid, "title": commit.title, "message": commit.description, "date": commit.date, "authors": []}
        for commit in find(hub, request, kind, repo_id).history(revision)
    ]
    return fields if request.query.get("p", "0") == "0" else []


@route("POST", API + "/branch/(?P<name>[^/]+)")
def create_branch(hub, request, kind, repo_id, name):
    repository = find(hub, request, kind, repo_id, write=True)
    if name in repository.branches:
        raise HubError(409, f"Reference already exists: {name}")
    repository.branches[name] = repository.resolve(request.json.get("startingPoint") or "main").oid
    return {}


@route("POST", API + rf"/preupload{REVISION}")
def preupload(hub, request, kind, repo_id, revision):
    present = find(hub, request, kind, repo_id, write=True).resolve(revision).files
    files = []
    for wanted in request.json["files"]:
        path, lfs = wanted["path"], is_lfs(wanted["path"], wanted["size"])
        oid = (sha256 if lfs else blob_id)(present[path]) if path in present else None
        files.append({"path": path, "uploadMode": "lfs" if lfs else "regular", "shouldIgnore": False, "oid": oid})
    return {"files": files}


@route("POST", FILES + r"\.git/info/lfs/objects/batch")
def lfs_batch(hub, request, kind, repo_id):
    find(hub, request, kind, repo_id, write=True)
    verify = {"href": hub.endpoint + request.path.removesuffix("batch") + "verify"}
    objects = [{"oid": wanted["oid"], "size": wanted["size"]} for wanted in request.json["objects"]]
    for item in objects:
        if item["oid"] not in hub.blobs:
            item["actions"] = {"upload": {"href": f"{hub.storage}/{item['oid']}"}, "verify": verify}
    return {"transfer": "basic", "objects": objects}


@route("POST", FILES + r"\.git/info/lfs/objects/verify")
def lfs_verify(hub, request, kind, repo_id):
    find(hub, request, kind, repo_id, write=True)
    if len(hub.blobs.get(request.json["oid"], b"")) != request.json["size"]:
        raise HubError(404, f"no object {request.json['oid']} of {request.json['size']} bytes")
    return {}


@route("PUT", "/lfs/(?P<oid>[0-9a-f]{64})")
def lfs_upload(hub, request, oid):
    if sha256(request.body) != oid:
        raise HubError(400, f"the body's sha256 is {sha256(request.body)}, expected {oid}")
    hub.blobs[oid] = request.body
    return Reply()


@route("GET", "/lfs/(?P<oid>[0-9a-f]{64})/.*")
def lfs_download(hub, request, oid):
    if oid not in hub.blobs:
        raise HubError(404, f"no object {oid}")
    return Reply(hub.blobs[oid], {"ETag": f'"{oid}"', "Accept-Ranges": "bytes"})


@route("GET", FILES + rf"/resolve{REVISION}/(?P<path>.+)")
def resolve(hub, request, kind, repo_id, revision, path):
    commit = find(hub, request, kind, repo_id).resolve(revision)
    content = commit.files.get(path, hub.shown.get(path))
    headers = {"X-Repo-Commit": commit.oid, "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
    if content is None:
        raise HubError(404, f"{path} does not exist on {revision}", "EntryNotFound", {"X-Repo-Commit": commit.oid})
    if not is_lfs(path, len(content)):
        return Reply(content, {**headers, "ETag": f'"{blob_id(content)}"'})
    oid = sha256(content)
    hub.blobs.setdefault(oid, content)
    place = {"Location": f"{hub.storage}/{oid}/{quote(path)}"}
    return Reply(b"", {**headers, **place, "X-Linked-Etag": f'"{oid}"', "X-Linked-Size": str(len(content))}, 302)


@route("POST", API + rf"/commit{REVISION}")
def commit(hub, request, kind, repo_id, revision):
    repository = find(hub, request, kind, repo_id, write=True)
    if revision not in repository.branches:
        raise HubError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
    operations = [json.loads(line) for line in request.body.splitlines() if line.strip()]
    header = next(item["value"] for item in operations if item["key"] == "header")
    head = repository.resolve(revision)
    if header.get("parentCommit", head.oid) != head.oid:
        raise HubError(412, "A commit has happened since. Please refresh and try again.")
    files = dict(head.files)
    for operation in operations:
        apply(hub, files, operation["key"], operation["value"])
    card_data(files.get("README.md", b""))
    made = repository.commit(revision, header["summary"], files, header.get("description", ""), request.user)
    url = f"{hub.endpoint}/{'' if kind == 'models' else kind + '/'}{repo_id}/commit/{made.oid}"
    return {"success": True, "commitOid": made.oid, "commitUrl": url}


def apply(hub, files: dict[str, bytes], key: str, value: dict) -> None:
    """Change `files` by one line of a commit."""
    path = value.get("path", "")
    if {"..", ".", ""} & set(path.rstrip("/").split("/")) and key != "header":
        raise HubError(400, f"not a path inside the repository: {path}")
    if key == "file":
        files[path] = base64.b64decode(value["content"])
    elif key == "lfsFile":
        if value["oid"] not in hub.blobs:
            raise HubError(400, f"{path} points to LFS object {value['oid']}, which was not uploaded")
        files[path] = hub.blobs[value["oid"]]
    elif key == "deletedFile":
        if files.pop(path, None) is None:
            raise HubError(404, f"{path} does not exist", "EntryNotFound")
    elif key == "deletedFolder":
        for name in [name for name in files if name.startswith(path.rstrip("/") + "/")]:
            del files[name]
