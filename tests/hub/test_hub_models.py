"""A model that was pushed is the same model for whoever loads it, with and without this package.

python -m pytest tests/hub/test_hub_models.py
"""

import subprocess
import sys

import pytest
from hub_clients import SOURCE, ask, digest, same

from deepseek_vl_hf import nano
from hub_routes import OWNER, READER, STRANGER


CODE = {path.name for path in (SOURCE / "deepseek_vl_hf").glob("*_deepseek_vl_hf.py")}
PROCESSOR = {"chat_template.jinja", "processor_config.json", "tokenizer.json", "tokenizer_config.json"}
COMPLETE = {".gitattributes", "README.md", "config.json", "generation_config.json", *CODE, *PROCESSOR}


@pytest.mark.parametrize("layout", ["own", "native", "official", "sharded"])
def test_any_layout_arrives_as_the_same_model(client, stranger, server, folders, repo, layout):
    before = digest(folders / layout)
    assert client("push", folders / layout, repo).code == 0
    assert digest(folders / layout) == before
    names = set(server.files(repo))
    shards = {name for name in before if name.startswith("model-")}
    assert names == COMPLETE | (shards | {"model.safetensors.index.json"} if shards else {"model.safetensors"})
    assert (len(shards) > 1) == (layout == "sharded")
    expected = ask(folders / "own")
    assert same(client(script=f"import deepseek_vl_hf; seen |= ask('{repo}')").seen, expected)
    alone = stranger(f"""
        seen["package"] = error(__import__, "deepseek_vl_hf")
        seen |= ask("{repo}", trust_remote_code=True)
        """).seen
    assert alone["package"] == ["ModuleNotFoundError", "No module named 'deepseek_vl_hf'"]
    assert same(alone, expected)


def test_the_nano_makes_the_round_trip_through_commands(client, server, home, repo, tmp_path):
    def run(*words, **more):
        command = [sys.executable, "-W", "ignore", "-m", "deepseek_vl_hf.cli", *words]
        environment = {**server.environment(home, OWNER), "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1", **more}
        return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)

    pushed = run("push", "nano", repo)
    assert pushed.returncode == 0, pushed.stderr
    assert pushed.stdout.startswith(f"{server.endpoint}/{repo}: {len(COMPLETE) + 1} files in commit")
    assert set(server.files(repo)) == COMPLETE | {"model.safetensors", "LICENSE.md"}
    assert server.files(repo)["model.safetensors"] == (nano.FOLDER / "model.safetensors").read_bytes()
    pulled, commit = client("pull", repo, "--output", "got"), server.commits(repo)[0].oid[:12]
    assert pulled.out == f"{tmp_path}/got: {len(COMPLETE) + 2} files of commit {commit}, as their hashes say\n"
    assert {name: (tmp_path / "got" / name).read_bytes() for name in server.files(repo)} == server.files(repo)
    picture = SOURCE.parent / "examples" / "pictures" / "elephant.png"
    question = ("chat", "--image", str(picture), "--prompt", "What is this?", "--model", repo)
    told = client(*question)
    server.log.clear()
    offline = run(*question, HF_HUB_OFFLINE="1")
    assert [told.out, offline.stdout] == ["It is an elephant.\n"] * 2, told.err + offline.stderr
    assert not server.log


def test_a_commit_or_branch_can_be_asked_for(client, stranger, server, folders, repo):
    client("push", folders / "own", repo)
    first = server.commits(repo)[0].oid
    assert client("push", folders / "small", repo).code == 0
    assert client("push", folders / "sharded", repo, "--revision", "try/1").code == 0
    assert len(server.commits(repo)) == 3
    seen = client(
        script=f"""
        import deepseek_vl_hf
        seen |= {{name: ask("{repo}", revision=name) for name in ("main", "{first}", "try/1")}}
        """
    ).seen
    alone = stranger(f"""
        seen |= ask("{repo}", revision="{first}", trust_remote_code=True)
        """).seen
    own, small = ask(folders / "own"), ask(folders / "small")
    assert same(seen["main"], small)
    assert same(seen[first], own)
    assert same(seen["try/1"], own)
    assert same(alone, own)
    assert client("pull", repo, "--output", "old", "--revision", first).code == 0
    assert client("pull", repo, "--output", "branch", "--revision", "try/1").code == 0


@pytest.mark.parametrize("new", ["small", "adapter"])
def test_nothing_is_left_of_the_model_before(client, stranger, server, folders, adapter, repo, new):
    base = f"{repo}-base"
    client("push", folders / "own", base)
    client("push", folders / "sharded", repo)
    words = ("--adapter", "--base-model", base) if new == "adapter" else ()
    pushed = client("push", folders / new, repo, *words)
    assert "removed, because it belonged to what was there before: model-00001-of-" in pushed.out
    weights = {name for name in server.files(repo) if "safetensors" in name or name.endswith("config.json")}
    kept = {"processor_config.json", "tokenizer_config.json"}
    own = {"adapter_model.safetensors", "adapter_config.json"}
    assert weights == kept | (
        own if new == "adapter" else {"model.safetensors", "config.json", "generation_config.json"}
    )
    if new == "small":
        assert same(stranger(f"seen |= ask('{repo}', trust_remote_code=True)").seen, ask(folders / "small"))
    assert client("push", folders / "sharded", repo).code == 0  # and back
    assert not {"adapter_model.safetensors", "model.safetensors", "adapter_config.json"} & set(server.files(repo))
    assert same(stranger(f"seen |= ask('{repo}', trust_remote_code=True)").seen, ask(folders / "own"))


def test_a_private_repository_is_for_its_owner(client, stranger, server, folders, repo):
    client("push", folders / "own", repo, "--private")
    assert server.repositories["models", repo].private
    loads = f"import deepseek_vl_hf\nfrom deepseek_vl_hf.loading import load\nseen['error'] = error(load, '{repo}')"
    for token in (STRANGER, None, "hf_unknown"):
        found = client("pull", repo, "--output", f"got {token}", token=token)
        assert (
            "the token is not valid" if token == "hf_unknown" else "no such repository, or this token may not see it"
        ) in found.error
        kind, message = client(script=loads, token=token).seen["error"]
        assert kind == "ValueError"
        assert repo in message
    assert (
        stranger(f"seen['e'] = error(ask, '{repo}', trust_remote_code=True)", token=STRANGER).seen["e"][0] == "OSError"
    )
    assert same(stranger(f"seen |= ask('{repo}', trust_remote_code=True)", token=READER).seen, ask(folders / "own"))
    assert client("push", folders / "small", repo, "--private").code == 0
    assert client("push", folders / "small", repo).code == 0
    assert server.repositories["models", repo].private


def test_a_public_repository_is_not_taken_for_a_private_one(client, server, folders, repo):
    client("push", folders / "own", repo)
    server.log.clear()
    before = server.files(repo)
    assert (
        "is there already and public, expected a private one"
        in client("push", folders / "small", repo, "--private").error
    )
    assert server.files(repo) == before
    assert not [path for method, path, _ in server.log if "preupload" in path or "/commit/" in path or method == "PUT"]


def test_a_pulled_folder_and_a_snapshot_load_as_the_repository_does(client, stranger, server, folders, repo):
    client("push", folders / "own", repo)
    client("pull", repo, "--output", "got")
    seen = stranger(f"""
        from huggingface_hub import snapshot_download
        seen["pulled"] = ask("got", trust_remote_code=True)
        seen["snapshot"] = ask(snapshot_download("{repo}"), trust_remote_code=True)
        """).seen
    assert all(same(found, ask(folders / "own")) for found in seen.values())
    assert client("push", "got", f"{repo}-again").code == 0
    again, first = server.files(f"{repo}-again"), server.files(repo)
    assert again.keys() == first.keys()
    assert {name for name in first if again[name] != first[name]} <= {"README.md"}
