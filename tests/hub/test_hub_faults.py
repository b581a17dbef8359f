"""Whatever breaks on the way to the Hub or back: it succeeds in the end, or one sentence says why not and nothing is harmed.

python -m pytest -v tests/hub/test_hub_faults.py ends with a table of the faults.
"""

import pytest
from hub_checks import OLD, check_cache, check_pushed
from hub_clients import digest, record

from hub_routes import READER, STRANGER
from hub_server import Fault


NOBODY = "http://127.0.0.1:9"  # a port that nobody listens to
ALWAYS = None
KINDS = {
    "500": {"action": "status", "value": 500},
    "503": {"action": "status", "value": 503},
    "429, asks for 7 s": {"action": "status", "value": 429, "retry_after": 7},
    "request cut": {"action": "cut_request", "value": 10},
    "answer cut": {"action": "cut_response", "value": 0},
}
LISTING = ("GET", r"/api/models/owner/[^/]+(/revision/[^/]+)?(\?.*)?$")
PUSH = {
    "create": ("POST", "/repos/create"),
    "card": ("GET|HEAD", "/resolve/.*README"),
    "listing": LISTING,
    "validate-yaml": ("POST", "/validate-yaml"),
    "preupload": ("POST", "/preupload/"),
    "batch": ("POST", "/objects/batch"),
    "upload": ("PUT", "/lfs/"),
    "commit": ("POST", "/commit/"),
}
PULL = {
    "listing": LISTING,
    "tree": ("GET", "/tree/"),
    "HEAD": ("HEAD", "/resolve/"),
    "small file": ("GET", "/resolve/.*/config.json"),
    "weights": ("GET", "/lfs/"),
}
WITHOUT_BODY = ("GET", "HEAD", "GET|HEAD")
WITHOUT_ANSWER = ("HEAD", "PUT")


def cases(routes):
    for route, (method, _) in routes.items():
        for kind, rule in KINDS.items():
            if rule["action"] == "cut_request" and method in WITHOUT_BODY:
                continue
            if rule["action"] == "cut_response" and method in WITHOUT_ANSWER:
                continue
            marks = pytest.mark.slow if kind == "500" else ()  # the same way as 503
            yield pytest.param(route, kind, id=f"{route}-{kind}", marks=marks)


def inject(server, route, kind, times):
    method, path = route
    fault = Fault(path=path, method=method, times=times, **KINDS[kind])
    server.faults.append(fault)
    return fault


@pytest.mark.parametrize(("route", "kind"), list(cases(PUSH)))
def test_a_push_succeeds_in_the_end_or_leaves_everything_as_it_was(client, server, home, folders, repo, route, kind):
    folder = folders / "own"
    local = digest(folder)
    if route != "create":
        server.add(repo, OLD)
    has_effect = kind == "answer cut" and route in ("create", "commit")  # what is done is not asked for again
    if not has_effect:
        fault, before = inject(server, PUSH[route], kind, ALWAYS), server.repositories.get(("models", repo))
        failed = client("push", folder, repo)
        assert fault.fired > 1
        assert repo in failed.error
        assert failed.out == ""
        assert server.repositories.get(("models", repo)) is before
        assert before is None or server.files(repo).items() >= OLD.items()
        record("push", f"{route}: {kind}, always", fault.fired, "one line, repository as before")
        server.faults.clear()
        server.blobs.clear()
    fault = inject(server, PUSH[route], kind, ALWAYS if has_effect else 1)
    again = client("push", folder, repo)
    assert again.code == 0, again.err
    assert fault.fired == 1
    if "7 s" in kind and route != "card":  # where the client has another way
        assert max(again.waits) >= 7
    check_pushed(server, repo, folder, by_hand=route != "create")
    check_cache(home, server, repo)
    assert digest(folder) == local
    assert len(server.commits(repo)) == 2 + (route != "create")
    record("push", f"{route}: {kind}, once", fault.fired, "done at the next try")


@pytest.mark.parametrize(("route", "kind"), list(cases(PULL)))
def test_a_pull_succeeds_in_the_end_or_goes_on_later(client, server, home, repo, tmp_path, route, kind):
    files = {"config.json": b"{}" * 20, "model.safetensors": b"weights" * 5000, "README.md": b"# card\n"}
    server.add(repo, files)
    fault = inject(server, PULL[route], kind, 1)
    done = client("pull", repo, "--output", "once")
    assert done.code == 0, done.err
    assert fault.fired == 1
    if "7 s" in kind and route != "HEAD":  # where the client has another way
        assert max(done.waits) >= 7
    record("pull", f"{route}: {kind}, once", 1, "done at the next try")
    server.faults.clear()
    fault = inject(server, PULL[route], kind, ALWAYS)
    failed = client("pull", repo, "--output", "always")
    assert fault.fired > 1
    assert repo in failed.error
    assert not (tmp_path / "always").exists()
    record("pull", f"{route}: {kind}, always", fault.fired, "one line, no folder")
    server.faults.clear()
    assert client("pull", repo, "--output", "always").code == 0
    for name in ("once", "always"):
        assert {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} == server.files(repo)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["always", "once"]


def test_a_token_that_may_not_push_is_told_so(client, server, folders, repo):
    server.add(repo, OLD)
    before = server.files(repo)
    words = {
        "hf_unknown": "the token is not valid",
        READER: "may not do that",
        STRANGER: "may not do that",
        None: "not valid",
    }
    for token, reason in words.items():
        failed = client("push", folders / "own", repo, token=token)
        assert reason in failed.error
        assert failed.waits == []
        record("push", f"token {token}", 1, "one line, repository as before")
    assert server.files(repo) == before
    assert client("push", folders / "own", repo).code == 0


def test_what_is_not_there_is_told_so(client, server, repo, tmp_path):
    server.add(repo, {"config.json": b"{}"})
    assert "no such repository" in client("pull", "owner/nothing", "--output", "got").error
    assert "no such revision" in client("pull", repo, "--output", "got", "--revision", "nothing").error
    assert "no such repository" in client("data", "pull", repo, "--output", "got").error
    assert "not valid" in client("pull", repo, "--output", "got", token="hf_unknown").error
    assert list(tmp_path.iterdir()) == []
    for what in ("missing repository", "missing revision", "a model asked for as data", "token hf_unknown"):
        record("pull", what, 1, "one line, no folder")


def test_without_a_hub_nothing_is_tried_for_long(client, server, folders, repo):
    for constants, reason in (
        ({"HF_HUB_OFFLINE": True}, "HF_HUB_OFFLINE is set"),
        (
            {"ENDPOINT": NOBODY, "HUGGINGFACE_CO_URL_TEMPLATE": NOBODY + "/{repo_id}/resolve/{revision}/{filename}"},
            "cannot be reached",
        ),
    ):
        for words in (("push", folders / "own", repo), ("pull", repo, "--output", "got")):
            failed = client(*words, constants=constants)
            assert reason in failed.error
            assert sum(failed.waits) <= 60
            record(words[0], reason, 1, "one line")
    assert not server.log


@pytest.mark.parametrize("kind", ["503", "429, asks for 7 s", "answer cut"])
def test_a_model_that_could_not_be_fetched_loads_later(client, server, home, folders, repo, kind):
    client("push", folders / "own", repo)
    loads = f"from deepseek_vl_hf.loading import load\nseen['error'] = error(load, '{repo}')"
    for route, (method, path) in {"config": ("GET", "/config.json"), "weights": ("GET", "/lfs/")}.items():
        fault = inject(server, (method, path), kind, ALWAYS)
        name, message = client(script=loads).seen["error"]
        assert fault.fired
        assert (name, repo in message, "\n" in message) == ("ValueError", True, False)
        check_cache(home, server, repo)
        record("load", f"{route}: {kind}, always", fault.fired, "one line, cache whole")
        server.faults.clear()
    assert client(script=loads).seen["error"][0] == "nothing"
    check_cache(home, server, repo)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_changed_byte_is_noticed(client, server, repo, tmp_path, name):
    files = {"config.json": b"{}" * 20, "model.safetensors": b"weights" * 5000}
    server.add(repo, files)
    server.faults.append(Fault("tamper", rf"/{name}", 5, method="GET"))
    failed = client("pull", repo, "--output", "got")
    assert failed.error.startswith(f"{name} of {repo} came otherwise than the repository's hashes say")
    assert not (tmp_path / "got").exists()
    assert client("pull", repo, "--output", "got").code == 0
    assert (tmp_path / "got" / name).read_bytes() == files[name]
    record("pull", f"a changed byte in {name}", 1, "one line; whole at the next command")
