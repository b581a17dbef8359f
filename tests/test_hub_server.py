"""The stand-in for the Hub under the real clients, and what these make of every fault that it can play."""

import http.client
import json
import os
import signal
import subprocess
import sys
import textwrap
import urllib.parse
from functools import partial
from pathlib import Path

import pytest

from hub_repositories import HubError, card_data, sha256
from hub_routes import OWNER, READER, STRANGER
from hub_server import Fault, HubServer


WEIGHTS = os.urandom(3_000_000)
CARD = b"---\nlicense: mit\ntags: [tiny]\n---\n# A model\n"
PRELUDE = """
import hashlib, json, os, time
from pathlib import Path
from huggingface_hub import CommitOperationAdd, HfApi, hf_hub_download, snapshot_download
seen, api = {}, HfApi()

def error(function, *arguments, **options):
    try:
        return ["nothing", repr(function(*arguments, **options))]
    except Exception as problem:
        return [type(problem).__name__, str(problem)]
"""


@pytest.fixture
def server():
    with HubServer() as server:
        yield server


@pytest.fixture
def client(server, tmp_path):
    """Run a script in a process of its own; return its dictionary `seen`."""

    def run(script, token=OWNER):
        code = PRELUDE + textwrap.dedent(script) + "\nprint(json.dumps(seen))"
        process = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env=server.environment(tmp_path / "home", token),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert process.returncode == 0, process.stderr
        return json.loads(process.stdout.splitlines()[-1])

    return run


@pytest.fixture
def folder(tmp_path):
    """A small model's files, one of them large enough for LFS."""
    files = {"model.safetensors": WEIGHTS, "config.json": b"{}\n", "README.md": CARD, "sub/a b.txt": b"text"}
    for name, content in files.items():
        (tmp_path / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "model" / name).write_bytes(content)
    return files


def get(server, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", urllib.parse.urlsplit(server.endpoint).port)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    return response, response.read()


def fired(server):
    return [fault.fired for fault in server.faults]


def titles(server):
    return [commit.title for commit in server.commits("owner/m")]


def test_a_model_makes_the_round_trip(server, client, folder):
    seen = client("""
        seen["name"] = api.whoami()["name"]
        seen["url"] = [api.create_repo("owner/m"), api.create_repo("owner/m", exist_ok=True)]
        seen["again"] = error(api.create_repo, "owner/m")
        seen["first"] = api.upload_folder(repo_id="owner/m", folder_path="model").oid
        seen["unchanged"] = api.upload_folder(repo_id="owner/m", folder_path="model").oid
        info = api.model_info("owner/m")
        seen["info"] = [info.sha, info.card_data.license, info.tags, sorted(item.rfilename for item in info.siblings)]
        path = Path(snapshot_download("owner/m"))
        seen["snapshot"] = {str(file.relative_to(path)): file.stat().st_size for file in path.rglob("*") if file.is_file()}
        seen["mismatches"] = api.verify_repo_checksums("owner/m").mismatches
        seen["checked"] = api.verify_repo_checksums("owner/m").checked_count
        seen["exists"] = [api.file_exists("owner/m", name) for name in ("config.json", "nothing.json")]
        api.create_branch("owner/m", branch="try/1")
        api.upload_file(path_or_fileobj=b"{1}", path_in_repo="config.json", repo_id="owner/m", revision="try/1")
        api.delete_folder("sub", "owner/m", revision="try/1")
        seen["branches"] = [branch.name for branch in api.list_repo_refs("owner/m").branches]
        seen["branch"] = Path(hf_hub_download("owner/m", "config.json", revision="try/1")).read_text()
        seen["sha"] = Path(hf_hub_download("owner/m", "config.json", revision=seen["first"])).read_text()
        api.upload_file(path_or_fileobj=b"1", path_in_repo="one.txt", repo_id="owner/m")
        late = [CommitOperationAdd("two.txt", b"2")]
        seen["conflict"] = error(api.create_commit, "owner/m", late, commit_message="late", parent_commit=seen["first"])
        card = {"path_or_fileobj": b"---\\n- a list\\n---\\n", "path_in_repo": "README.md", "repo_id": "owner/m"}
        seen["card"] = error(api.upload_file, **card)
        seen["missing"] = [error(hf_hub_download, "owner/m", "x"), error(hf_hub_download, "owner/m", "x", revision="y")]
        api.create_repo("owner/s", repo_type="space", space_sdk="gradio")
        api.upload_file(path_or_fileobj=b"1", path_in_repo="app.py", repo_id="owner/s", repo_type="space")
        seen["space"] = [api.space_info("owner/s").sdk, sorted(os.listdir(snapshot_download("owner/s", repo_type="space")))]
        """)
    names = sorted([".gitattributes", *folder])
    assert seen["name"] == "owner"
    assert seen["url"] == [f"{server.endpoint}/owner/m"] * 2
    assert seen["again"][0] == "HfHubHTTPError"
    assert "409" in seen["again"][1]
    assert seen["first"] == seen["unchanged"]
    assert seen["info"] == [seen["first"], "mit", ["tiny"], names]
    assert sorted(seen["snapshot"]) == names
    assert seen["snapshot"]["model.safetensors"] == len(WEIGHTS)
    assert (seen["checked"], seen["mismatches"]) == (len(names), [])
    assert seen["exists"] == [True, False]
    assert seen["branches"] == ["main", "try/1"]
    assert (seen["branch"], seen["sha"]) == ("{1}", "{}\n")
    assert "412" in seen["conflict"][1]
    assert seen["card"][0] == "ValueError"
    assert "a list, expected a mapping" in seen["card"][1]
    assert [name for name, _ in seen["missing"]] == ["RemoteEntryNotFoundError", "RevisionNotFoundError"]
    assert seen["space"] == ["gradio", [".gitattributes", "app.py"]]
    assert server.files("owner/m", seen["first"]).items() > folder.items()
    assert "sub/a b.txt" not in server.files("owner/m", "try/1")
    assert titles(server)[1:] == ["Upload folder using huggingface_hub", "initial commit"]
    assert server.commits("owner/m")[0].parent == seen["first"]


def test_a_private_repository_is_seen_by_its_owner_alone(server, client):
    server.add("owner/secret", {"config.json": b"{}"}, private=True)
    server.add("owner/open", {"config.json": b"{}"})
    seen = client(f"""
        for token in (False, "{STRANGER}", "hf_unknown", "{READER}", "{OWNER}"):
            options = {{"token": token, "cache_dir": f"cache {{token}}"}}
            file = {{"path_or_fileobj": b"1", "path_in_repo": "a.txt", "token": token}}
            seen[str(token)] = [
                error(hf_hub_download, "owner/secret", "config.json", **options),
                error(api.upload_file, repo_id="owner/secret", **file),
                error(api.upload_file, repo_id="owner/open", **file),
                error(api.create_repo, "owner/new", token=token),
            ]
        """)
    kinds = {token: [name for name, _ in errors] for token, errors in seen.items()}
    assert kinds == {
        "False": ["RepositoryNotFoundError", "RepositoryNotFoundError", "HfHubHTTPError", "HfHubHTTPError"],
        STRANGER: ["RepositoryNotFoundError", "RepositoryNotFoundError", "HfHubHTTPError", "HfHubHTTPError"],
        "hf_unknown": ["HfHubHTTPError"] * 4,
        READER: ["nothing", "HfHubHTTPError", "HfHubHTTPError", "HfHubHTTPError"],
        OWNER: ["nothing"] * 4,
    }
    assert all("403 Forbidden" in message for _, message in seen[READER][1:])
    assert "401" in seen["False"][2][1]
    assert not any(path.startswith("/lfs") for _, path, _ in server.log)


def test_transformers_and_peft_load_what_they_pushed(server, client):
    seen = client("""
        import torch
        from peft import LoraConfig, PeftModel, get_peft_model
        from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

        def same(model, other):
            return all(torch.equal(value, other.state_dict()[key]) for key, value in model.state_dict().items())

        sizes = {"vocab_size": 64, "hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2}
        model = LlamaForCausalLM(LlamaConfig(num_hidden_layers=2, **sizes))
        model.push_to_hub("owner/llama", private=True)
        seen["same"] = same(model, AutoModelForCausalLM.from_pretrained("owner/llama"))
        model.push_to_hub("owner/sharded", max_shard_size="10KB", revision="v2")
        seen["sharded"] = same(model, AutoModelForCausalLM.from_pretrained("owner/sharded", revision="v2"))
        tuned = get_peft_model(model, LoraConfig(target_modules=["q_proj"], init_lora_weights=False))
        tuned.push_to_hub("owner/adapter")
        fresh = AutoModelForCausalLM.from_pretrained("owner/llama")
        seen["adapter"] = same(tuned, PeftModel.from_pretrained(fresh, "owner/adapter"))
        """)
    assert seen == {"same": True, "sharded": True, "adapter": True}
    assert server.repositories["models", "owner/llama"].private
    assert len([name for name in server.files("owner/sharded", "v2") if name.endswith(".safetensors")]) > 1
    assert "model.safetensors.index.json" not in server.files("owner/sharded")
    assert "adapter_model.safetensors" in server.files("owner/adapter")


def test_datasets_loads_and_streams_what_it_pushed(server, client):
    seen = client("""
        from datasets import Dataset, load_dataset
        rows = Dataset.from_dict({"text": [f"row {number}" for number in range(90)]})
        rows.push_to_hub("owner/rows", num_shards=3)
        seen["loaded"] = load_dataset("owner/rows", split="train").to_dict() == rows.to_dict()
        seen["streamed"] = list(load_dataset("owner/rows", split="train", streaming=True)) == rows.to_list()
        """)
    assert seen == {"loaded": True, "streamed": True}
    assert len([name for name in server.files("owner/rows", repo_type="dataset") if name.endswith(".parquet")]) == 3
    assert any(status == 206 for _, _, status in server.log)


def test_an_upload_survives_what_the_client_retries_and_reports_the_rest(server, client, folder):
    server.faults += [
        Fault("status", "/repos/create", 500),
        Fault("status", "/preupload/", 429, retry_after=0),
        Fault("cut_request", f"/lfs/{sha256(WEIGHTS)}", 1_000_000, method="PUT"),
        Fault("cut_request", "/commit/", 10),
        Fault("status", "/commit/", 503),
        Fault("cut_response", "/commit/", 0),
    ]
    seen = client("""
        seen["create"] = [error(api.create_repo, "owner/m")[0] for _ in range(2)]
        seen["uploads"] = [error(api.upload_folder, repo_id="owner/m", folder_path="model") for _ in range(4)]
        """)
    assert fired(server) == [1] * 6
    assert seen["create"] == ["HfHubHTTPError", "nothing"]
    unsent, unavailable, lost, done = seen["uploads"]
    assert unsent[0] in ("RemoteProtocolError", "ReadError", "WriteError")
    assert unavailable[0] == "HfHubHTTPError"
    assert "503" in unavailable[1]
    assert lost[0] == "RemoteProtocolError"
    assert done[0] == "nothing"
    # The third attempt arrived although its answer was lost, so the fourth had nothing to commit.
    assert titles(server) == ["Upload folder using huggingface_hub", "initial commit"]
    assert server.files("owner/m").items() > folder.items()
    assert [status for method, _, status in server.log if method == "PUT"] == [0, 200]


def test_a_download_survives_a_cut_but_not_a_changed_byte(server, client):
    weights = {name: os.urandom(100_000) for name in ("changed.bin", "busy.bin", "hopeless.bin")}
    weights["cut.bin"] = os.urandom(12_000_000)  # the client keeps whole pieces of 10 MiB and goes on from there
    server.add("owner/m", {**weights, "late.json": b"{}", "broken.json": b"{}"})
    server.faults += [
        Fault("cut_response", "/cut.bin", 11_000_000),
        Fault("tamper", "/lfs/.*changed.bin", -1),
        Fault("status", "/lfs/.*busy.bin", 429, retry_after=0),
        Fault("cut_response", "/hopeless.bin", 0, times=None),
        Fault("status", "broken.json", 500, method="GET"),
        Fault("delay", "late.json", 0.5, method="GET"),
    ]
    seen = client("""
        for name in ("cut.bin", "changed.bin", "busy.bin", "hopeless.bin", "broken.json", "late.json"):
            start = time.monotonic()
            seen[name] = [error(hf_hub_download, "owner/m", name, local_dir="got")[0], time.monotonic() - start]
        seen["mismatches"] = [item["path"] for item in api.verify_repo_checksums("owner/m", local_dir="got").mismatches]
        seen["whole"] = hashlib.sha256(Path("got/cut.bin").read_bytes()).hexdigest()
        """)
    assert fired(server) == [1, 1, 1, 6, 1, 1]
    assert {name: value[0] for name, value in seen.items() if "." in name} == {
        "cut.bin": "nothing",
        "changed.bin": "nothing",
        "busy.bin": "nothing",
        "hopeless.bin": "RemoteProtocolError",
        "broken.json": "HfHubHTTPError",
        "late.json": "nothing",
    }
    assert seen["late.json"][1] >= 0.5
    assert seen["mismatches"] == ["changed.bin"]
    assert seen["whole"] == sha256(weights["cut.bin"])
    assert [status for _, path, status in server.log if path.endswith("/cut.bin")] == [302, 200, 206]


def test_a_made_up_file_name_never_leads_out_of_the_folder(server, client, tmp_path):
    names = ["../../evil.py", str(tmp_path / "evil.py"), "..\\..\\evil.py", "a/../../../evil.py", "sub\\odd.py"]
    for number, name in enumerate(names):
        server.add(f"owner/m{number}", {"config.json": b"{}"})
        server.faults.append(Fault("names", f"/m{number}/(tree|revision)/", {name: b"print()"}, times=None))
    seen = client(f"""
        for number in range({len(names)}):
            options = {{"cache_dir": f"cache/{{number}}"}}, {{"local_dir": f"a/b/c/{{number}}"}}
            seen[number] = [error(snapshot_download, f"owner/m{{number}}", **option)[0] for option in options]
        """)
    assert all(count > 0 for count in fired(server))
    assert list(seen.values()) == [["ValueError", "ValueError"]] * 4 + [["nothing", "nothing"]]
    assert not list(tmp_path.rglob("*evil.py"))
    assert [path.read_bytes() for path in tmp_path.glob("a/b/c/4/*odd.py")] == [b"print()"]


def test_parts_of_a_file_are_served(server):
    commit = server.add("owner/m", {"a.txt": b"0123456789", "w.bin": b"0123456789"})
    address = "/owner/m/resolve/main/a.txt"
    parts = {"bytes=2-4": b"234", "bytes=7-": b"789", "bytes=-2": b"89", "bytes=8-99": b"89"}
    for wanted, content in parts.items():
        response, body = get(server, address, Range=wanted)
        assert (response.status, body) == (206, content)
    assert response.headers["Content-Range"] == "bytes 8-9/10"
    assert get(server, address, Range="bytes=10-")[0].status == 416
    whole, _ = get(server, "/owner/m/resolve/main/w.bin")
    assert whole.status == 302
    assert whole.headers["X-Repo-Commit"] == commit.oid
    assert whole.headers["X-Linked-Etag"] == f'"{sha256(b"0123456789")}"'
    assert whole.headers["Location"].startswith("http://localhost:")


@pytest.mark.parametrize("card", [b"---\na: [\n---\n", b"---\ntext\n---\n", b"---\n- 1\n---\n"])
def test_front_matter_that_is_no_mapping_is_refused(card):
    with pytest.raises(HubError, match="YAML front matter"):
        card_data(card)


def test_it_serves_by_hand_until_it_is_interrupted():
    script = Path(__file__).with_name("hub_server.py")
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # whoever started the tests may be deaf to it
    command = [sys.executable, str(script), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=listen) as process:
        lines = [process.stdout.readline().split() for _ in range(7)]
        settings = dict(line[1].split("=", 1) for line in lines)
        connection = http.client.HTTPConnection(settings["HF_ENDPOINT"].removeprefix("http://"))
        connection.request("GET", "/api/whoami-v2", headers={"Authorization": f"Bearer {settings['HF_TOKEN']}"})
        name = json.load(connection.getresponse())["name"]
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
    assert name == "owner"
    assert process.returncode == 0
