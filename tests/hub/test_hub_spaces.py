"""A Space that was pushed is complete, and whoever opens it can talk with the model.

python -m pytest tests/hub/test_hub_spaces.py
"""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from hub_clients import SOURCE
from huggingface_hub import SpaceCard

from hub_routes import OWNER, READER, STRANGER
from hub_server import Fault


FOLDER = SOURCE.parent / "spaces"
OWN = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.is_file()}
WORDS = b"---\ntitle: Mine\nemoji: \xf0\x9f\xa6\x86\nsdk: gradio\nsdk_version: 5.0.0\nmodels: [a/b]\n---\n# Words by a person\n"


@pytest.fixture
def push_space(client):
    """Push a Space; what came of it, or the sentence that says why not."""

    def push(repo, prelude="", token=OWNER, constants=None, **options):
        script = f"""
            from deepseek_vl_hf import space
            {prelude}
            try:
                seen["done"] = str(space.push_space({repo!r}, **{options!r}))
            except ValueError as problem:
                seen["error"] = str(problem)
            """
        return client(script=script, token=token, constants=constants or {}).seen

    return push


@contextmanager
def running(folder, **more):
    """Run the app of a Space's folder as the Hub does, until it answers; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"HF_HUB_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "0", "OMP_NUM_THREADS": "1"}
    place = {
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(port),
        "HF_HOME": str(folder.parent / "home"),
    }
    foreign = ("PYTHONPATH", "DEEPSEEK_VL_MODEL", "HF_ENDPOINT")
    environment = {name: value for name, value in os.environ.items() if name not in foreign} | quiet | place | more
    log, address = folder.parent / "log", f"http://127.0.0.1:{port}"
    with (
        log.open("w") as out,
        subprocess.Popen(
            [sys.executable, "app.py"], cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            while process.poll() is None:
                try:
                    assert urlopen(address, timeout=60).status == 200
                    break
                except URLError:
                    time.sleep(0.2)
            assert process.poll() is None, log.read_text()
            yield address
        finally:
            process.kill()


def files_of(server, repo):
    return server.files(repo, repo_type="space")


def head_of(server, repo):
    return SpaceCard(files_of(server, repo)["README.md"].decode()).data


def served_by(server, repo):
    head = head_of(server, repo)
    return head.get("models"), head.get("preload_from_hub")


def test_a_fresh_space_is_complete_after_one_commit(push_space, server, repo):
    done = push_space(repo)["done"]
    files = files_of(server, repo)
    assert done.startswith(f"{server.endpoint}/spaces/{repo}: {len(files) - 1} files in commit")
    assert [commit.title for commit in server.commits(repo, repo_type="space")] == [
        "Push a Space that serves nano",
        "initial commit",
    ]
    assert server.repositories["spaces", repo].sdk == "gradio"
    assert not server.repositories["spaces", repo].private
    assert files.items() >= OWN.items()
    package = {name for name in files if "/" in name}
    assert package | OWN.keys() | {".gitattributes"} == files.keys()
    assert {name.split("/")[0] for name in package} == {"deepseek_vl_hf"}
    assert all(files[name] == (SOURCE / name).read_bytes() for name in package)
    needed = ("chat.py", "loading.py", "data/picture_files.py", "chat_template.jinja", "LICENSE-MODEL")
    nano = ("model.safetensors", "config.json", "tokenizer.json", "LICENSE.md")
    assert package >= {f"deepseek_vl_hf/{name}" for name in (*needed, *(f"nano/{name}" for name in nano))}
    assert not [name for name in package if "__pycache__" in name or "training" in name or "renderers" in name]


def test_who_opens_a_space_can_talk_with_its_model(push_space, client, server, repo, tmp_path):
    pytest.importorskip("gradio")
    from gradio_client import Client, handle_file

    push_space(repo)
    fetch = f'snapshot_download({repo!r}, repo_type="space", local_dir="space/app")'
    client(script=f"from huggingface_hub import snapshot_download\n{fetch}")
    server.log.clear()
    with running(tmp_path / "space" / "app") as address:
        visitor = Client(address, verbose=False)
        pictures = tmp_path / "space" / "app" / "deepseek_vl_hf" / "demo" / "pictures"
        told = [
            visitor.predict("What is this?", [handle_file(str(pictures / name))], api_name="/ask")
            for name in ("elephant.png", "pineapple.png")
        ]
        visitor.close()
    assert told == ["It is an elephant.", "It is a pineapple."]
    assert not server.log


def test_the_command_pushes_a_space_and_says_where_it_is(client, server, repo):
    done = client("push-space", repo, "--private", "--hardware", "t4-small")
    assert done.out.startswith(f"{server.endpoint}/spaces/{repo}: "), done.err
    assert (server.repositories["spaces", repo].private, server.repositories["spaces", repo].hardware) == (
        True,
        "t4-small",
    )
    assert "expected `nano` or a Hub id" in client("push-space", repo, "--model", "nonsense").error


def test_a_second_push_commits_what_changed_and_else_nothing(push_space, server, repo):
    push_space(repo)
    first = server.commits(repo, repo_type="space")
    again = push_space(repo)["done"]
    assert first[0].oid[:12] in again
    assert len(server.commits(repo, repo_type="space")) == len(first) == 2


def test_what_an_older_version_left_goes_and_what_a_person_added_stays(push_space, server, repo):
    old = {"deepseek_vl_hf/old.py": b"old", "deepseek_vl_hf/training/deep/old.py": b"old"}
    persons = {"packages.txt": b"ffmpeg\n", "pictures/mine.png": b"png", "deepseek_vl_hf_notes.txt": b"mine"}
    server.add(repo, {**old, **persons, "app.py": b"old", "requirements.txt": b"torch\n"}, "space", sdk="gradio")
    done = push_space(repo)["done"]
    files = files_of(server, repo)
    assert not files.keys() & old.keys()
    assert files.items() >= persons.items() | OWN.items()
    assert "removed, because it belonged to what was there before: deepseek_vl_hf/training/deep/old.py" in done
    assert len(server.commits(repo, repo_type="space")) == 3


def test_a_persons_card_keeps_its_words_and_looks(push_space, server, folders, client, repo):
    model = f"{repo}-model"
    client("push", folders / "small", model)
    server.add(repo, {"README.md": WORDS}, "space", sdk="gradio")
    push_space(repo, model=model)
    card, ours = files_of(server, repo)["README.md"].decode(), SpaceCard(OWN["README.md"].decode()).data
    head = head_of(server, repo)
    assert "# Words by a person" in card
    assert (head.title, head.emoji, head.models) == ("Mine", "🦆", [model])
    assert (head.sdk_version, head.app_file, head.license) == (ours.sdk_version, ours.app_file, ours.license)
    assert len({push_space(repo, model=model)["done"] for _ in range(2)}) == 1
    assert len(server.commits(repo, repo_type="space")) == 3
    push_space(repo)  # the nano is on no Hub
    assert served_by(server, repo) == (None, None)


def test_the_card_that_the_hub_wrote_is_replaced(push_space, server, repo):
    made = b"---\ntitle: M\nsdk: gradio\n---\nSee https://huggingface.co/docs/hub/spaces-config-reference\n"
    server.add(repo, {"README.md": made}, "space", sdk="gradio")
    push_space(repo)
    assert files_of(server, repo)["README.md"] == OWN["README.md"]


def test_any_model_of_the_hub_can_be_served(push_space, client, server, folders, adapter, repo):
    model, tuned = f"{repo}-model", f"{repo}-adapter"
    client("push", folders / "native", model)
    client("push", adapter, tuned, "--adapter", "--base-model", model)
    push_space(repo, model=model)
    head = head_of(server, repo)
    assert files_of(server, repo)["model.txt"] == f"{model}\n".encode()
    assert (head.models, head.preload_from_hub, head.suggested_hardware) == ([model], [model], "cpu-basic")
    assert (head.sdk_version, head.python_version) == (SpaceCard(OWN["README.md"].decode()).data.sdk_version, "3.12")
    text = OWN["README.md"].decode().partition("\n---\n")[2]
    assert files_of(server, repo)["README.md"].decode().endswith(text)
    push_space(repo, model=tuned, prelude="space.LARGE = 100")
    head = head_of(server, repo)
    assert (head.models, head.preload_from_hub, head.suggested_hardware) == (
        [tuned, model],
        [tuned, model],
        "a10g-small",
    )
    server.repositories["models", model].private = True
    push_space(repo, model=model)  # a Space is built without a token
    assert served_by(server, repo) == ([model], None)


def test_what_cannot_be_served_is_told_so(push_space, server, folders, repo, tmp_path):
    names = ("bert", "empty", "pickled", "lost", "ring", "broken")
    other, empty, pickled, lost, ring, broken = (f"{repo}-{name}" for name in names)
    own = json.dumps({"model_type": "deepseek_vl_hf"}).encode()
    server.add(other, {"config.json": b'{"model_type": "bert"}', "model.safetensors": b"w"})
    server.add(empty, {"README.md": b"# nothing\n"})
    server.add(pickled, {"config.json": own, "pytorch_model.bin": b"w"})
    server.add(
        lost, {"adapter_config.json": b'{"base_model_name_or_path": "here"}', "adapter_model.safetensors": b"w"}
    )
    own_base = json.dumps({"base_model_name_or_path": ring}).encode()
    server.add(ring, {"adapter_config.json": own_base, "adapter_model.safetensors": b"w"})
    server.add(broken, {"config.json": b"{", "model.safetensors": b"w"})
    (tmp_path / "mine").mkdir()
    sentences = {
        other: "is no DeepSeek-VL. Found model_type 'bert'",
        empty: "holds neither config.json nor adapter_config.json",
        pickled: "holds no weights in safetensors",
        lost: "is an adapter of here, which is on no Hub",
        ring: "is an adapter of itself",
        broken: "config.json of " + broken + " is damaged",
        "owner/nothing": "no such repository",
        "mine": "push it first with `deepseek-vl push mine ORG/NAME`",
        str(folders / "own"): "push it first with `deepseek-vl push",
        "nonsense": "expected `nano` or a Hub id",
    }
    for model, sentence in sentences.items():
        found = push_space(repo, model=model)["error"]
        assert sentence in found
        assert "\n" not in found
    assert ("spaces", repo) not in server.repositories


def test_a_private_space_is_for_its_owner(push_space, client, server, repo):
    push_space(repo, private=True)
    assert server.repositories["spaces", repo].private
    fetch = f'from huggingface_hub import space_info\nseen["error"] = error(space_info, "{repo}")[0]'
    assert client(script=fetch, token=STRANGER).seen["error"] == "RepositoryNotFoundError"
    assert client(script=fetch).seen["error"] == "nothing"
    push_space(repo)
    assert server.repositories["spaces", repo].private
    server.add(f"{repo}-open", {}, "space", sdk="gradio")
    assert "is there already and public" in push_space(f"{repo}-open", private=True)["error"]
    assert len(server.commits(f"{repo}-open", repo_type="space")) == 2


def test_a_space_gets_the_hardware_that_is_asked_for(push_space, server, repo):
    assert "found 'gpu', expected one of cpu-basic" in push_space(repo, hardware="gpu")["error"]
    assert ("spaces", repo) not in server.repositories
    server.log.clear()
    push_space(repo, hardware="zero-a10g")
    assert server.repositories["spaces", repo].hardware == "zero-a10g"
    assert not [path for _, path, _ in server.log if path.endswith("/hardware")]  # it was made with it
    push_space(repo)
    assert server.repositories["spaces", repo].hardware == "zero-a10g"
    push_space(repo, hardware="t4-small")
    assert server.repositories["spaces", repo].hardware == "t4-small"
    assert "only the hardware is as it was" in push_space(repo, hardware="gpu")["error"]


def test_a_space_of_another_sdk_is_left_alone(push_space, server, repo):
    server.add(repo, {"Dockerfile": b"FROM scratch\n"}, "space", sdk="docker")
    before = files_of(server, repo)
    assert "a Space of the SDK docker, expected gradio; give another name" in push_space(repo)["error"]
    assert files_of(server, repo) == before


def test_a_break_leaves_the_space_as_it_was(push_space, server, repo):
    server.add(repo, {"app.py": b"old", "deepseek_vl_hf/old.py": b"old"}, "space", sdk="gradio")
    before = files_of(server, repo)
    for path in ("/preupload/", "/lfs/", "/commit/"):
        server.faults.append(Fault("status", path, 503, times=None))
        found = push_space(repo)["error"]
        assert repo in found
        assert "the Hub answered 503" in found
        assert files_of(server, repo) == before
        server.faults.clear()
        server.faults.append(Fault("cut_request", path, 10))
    assert "done" in push_space(repo)
    assert files_of(server, repo).items() >= OWN.items()
    assert len(server.commits(repo, repo_type="space")) == 3


def test_who_may_not_push_and_who_hears_no_hub_is_told_so(push_space, server, repo):
    tokens = {
        "hf_unknown": "the token is not valid",
        READER: "may not do that",
        STRANGER: "may not do that",
        None: "not valid",
    }
    for token, reason in tokens.items():
        assert reason in push_space(repo, token=token)["error"]
    assert ("spaces", repo) not in server.repositories
    server.log.clear()
    assert "HF_HUB_OFFLINE is set" in push_space(repo, constants={"HF_HUB_OFFLINE": True})["error"]
    assert not server.log
