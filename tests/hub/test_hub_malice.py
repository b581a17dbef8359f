"""What a repository of a stranger could do to whoever loads or pulls it, and does not.

python -m pytest tests/hub/test_hub_malice.py
"""

import json
import os
import pickle

import pytest
from hub_clients import SOURCE, digest, record

from hub_server import Fault


PICTURE = SOURCE.parent / "examples" / "pictures" / "elephant.png"
LOADS = """
    import deepseek_vl_hf
    from deepseek_vl_hf.loading import load
    from transformers import AutoModelForImageTextToText, AutoProcessor
    seen["load"] = error(load, "{repo}")
    seen["own"] = error(deepseek_vl_hf.DeepSeekVLHFForConditionalGeneration.from_pretrained, "{repo}")
    seen["auto"] = error(AutoModelForImageTextToText.from_pretrained, "{repo}")
    seen["processor"] = error(AutoProcessor.from_pretrained, "{repo}")
    """


class Mark:
    """Pickled, it creates a folder where it is opened."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.fixture
def mark(tmp_path):
    """A path that code of the repository would create."""
    path = tmp_path / "executed"
    pickle.loads(pickle.dumps(Mark(path)))  # it does what it says
    path.rmdir()
    return path


@pytest.fixture
def evil(mark):
    """Code that would leave a mark, whatever is asked of it."""
    return f"import os\nos.mkdir({str(mark)!r})\nclass Evil:\n    pass\n".encode()


def files_of(folder, *without):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in without}


def chat(client, repo):
    return client("chat", "--model", repo, "--image", PICTURE, "--prompt", "What?", "--max-new-tokens", 2)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "training_args.bin"])
def test_pickles_are_left_where_they_are(client, server, folders, repo, mark, tmp_path, name):
    server.add(repo, files_of(folders / "own", "model.safetensors") | {name: pickle.dumps(Mark(mark))})
    assert chat(client, repo).error.startswith(f"Cannot read the weights of {repo}")
    seen = client(script=LOADS.format(repo=repo)).seen
    assert seen["load"][0] == "ValueError"
    assert [seen[way][0] for way in ("own", "auto")] == ["OSError"] * 2
    pulled = client("pull", repo, "--output", "got")
    assert f"left out, because it would run code when opened: {name}" in pulled.out
    assert not (tmp_path / "got" / name).exists()
    assert chat(client, tmp_path / "got").code == 2
    assert not mark.exists()
    record("load", f"pickled weights, {name}", 4, "refused, not executed")
    record("pull", f"pickled weights, {name}", 1, "left out, not executed")


def test_a_pickled_adapter_is_refused(client, server, folders, adapter, repo, mark, tmp_path):
    client("push", folders / "own", f"{repo}-base")
    fields = json.loads((adapter / "adapter_config.json").read_text()) | {"base_model_name_or_path": f"{repo}-base"}
    files = files_of(adapter, "adapter_model.safetensors")
    pickled = {"adapter_model.bin": pickle.dumps(Mark(mark)), "adapter_config.json": json.dumps(fields).encode()}
    server.add(repo, files | pickled)
    assert "weights are read from safetensors only" in chat(client, repo).error
    assert client(script=LOADS.format(repo=repo)).seen["load"][0] == "ValueError"
    assert "adapter_model.bin" in client("pull", repo, "--output", "got").out
    assert not (tmp_path / "got" / "adapter_model.bin").exists()
    assert not mark.exists()
    record("load", "pickled adapter", 2, "refused, not executed")


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "a/../../evil.txt", "..\\evil.txt", "C:evil.txt"])
def test_names_that_lead_out_of_the_folder_are_refused(client, server, repo, tmp_path, name):
    server.add(repo, {"config.json": b"{}"})
    server.faults.append(Fault("names", "/api/models/", {name: b"evil"}, times=None))
    failed = client("pull", repo, "--output", "deep/er/got")
    assert f"names a file {name!r}, expected names within the repository" in failed.error
    assert not list(tmp_path.rglob("*evil*"))
    assert not (tmp_path / "deep").exists()
    assert not os.path.exists("/evil.txt")
    record("pull", f"a file called {name}", 1, "refused, nothing fetched")


@pytest.mark.parametrize(
    "name",
    ["../../outside.safetensors", "/etc/passwd", "weights.bin"],
)
def test_an_index_cannot_name_files_elsewhere(client, server, folders, repo, mark, tmp_path, name):
    files = files_of(folders / "sharded")
    index = json.loads(files["model.safetensors.index.json"])
    shard = next(iter(index["weight_map"].values()))
    index["weight_map"] = {key: name if found == shard else found for key, found in index["weight_map"].items()}
    files["model.safetensors.index.json"] = json.dumps(index).encode()
    server.add(repo, files | {"weights.bin": pickle.dumps(Mark(mark))})
    assert chat(client, repo).code == 2
    assert client(script=LOADS.format(repo=repo)).seen["load"][0] == "ValueError"
    assert client("pull", repo, "--output", "a/b/got").code == 0
    (tmp_path / "a" / "outside.safetensors").write_bytes(files[shard])
    assert chat(client, tmp_path / "a/b/got").code == 2
    assert client("push", tmp_path / "a/b/got", f"{repo}-again").code == 2
    assert ("models", f"{repo}-again") not in server.repositories
    assert not mark.exists()
    record("load", f"an index that names {name}", 4, "refused")


@pytest.mark.parametrize(
    "link", ["../secret.txt", "/etc/hostname", "a/../secret.txt", "config.json", "code.py", "README.md"]
)
def test_a_licence_cannot_name_a_file_elsewhere(client, server, folders, repo, tmp_path, link):
    (tmp_path / "secret.txt").write_text("secret")
    card = f"---\nlicense: other\nlicense_name: mine\nlicense_link: {link}\n---\n# A model\n".encode()
    server.add(repo, files_of(folders / "own") | {"README.md": card, "code.py": b"secret"})
    client("pull", repo, "--output", "got")
    assert client("push", tmp_path / "got", f"{repo}-again").code == 0
    client("push", folders / "own", f"{repo}-plain")
    found = server.files(f"{repo}-again")
    assert found.keys() == server.files(f"{repo}-plain").keys()
    assert b"secret" not in found.values()
    assert found["config.json"] == server.files(f"{repo}-plain")["config.json"]
    assert f"license_link: {link}".encode() in found["README.md"]
    record("push", f"a licence whose text is {link}", 1, "left out")


@pytest.mark.parametrize("place", ["code", "{repo}-other--code"])
def test_code_of_a_repository_never_runs_without_consent(client, server, folders, repo, evil, mark, place):
    files = files_of(folders / "own")
    module = f"{place.format(repo=repo)}.Evil"
    for name in ("config.json", "processor_config.json", "tokenizer_config.json"):
        fields = json.loads(files[name])
        auto = ("AutoConfig", "AutoModel", "AutoModelForImageTextToText", "AutoProcessor", "AutoImageProcessor")
        fields["auto_map"] = dict.fromkeys(auto, module) | {"AutoTokenizer": [module, module]}
        files[name] = json.dumps(fields).encode()
    server.add(repo, files | {"code.py": evil})
    server.add(f"{repo}-other", {"code.py": evil})
    assert chat(client, repo).code == 0
    seen = client(script=LOADS.format(repo=repo)).seen
    assert not mark.exists()
    assert [found[0] for found in seen.values()] == ["nothing"] * 4, seen
    assert client("pull", repo, "--output", "got").code == 0
    assert chat(client, "got").code == 0
    assert not mark.exists()
    record("load", f"auto_map to {place.format(repo='OTHER')}", 6, "our own classes, not executed")


def test_code_of_a_repository_of_another_kind_never_runs(client, server, repo, evil, mark):
    config = {
        "model_type": "evil",
        "auto_map": {"AutoConfig": "code.Evil", "AutoModelForImageTextToText": "code.Evil"},
    }
    server.add(repo, {"config.json": json.dumps(config).encode(), "code.py": evil, "tokenizer.json": b"{}"})
    assert chat(client, repo).code == 2
    seen = client(script=LOADS.format(repo=repo)).seen
    assert "nothing" not in [found[0] for found in seen.values()]
    assert not mark.exists()
    record("load", "auto_map of another kind of model", 5, "refused, not executed")


def test_the_code_that_is_pushed_is_ours_whatever_lies_in_the_folder(
    client, server, folders, repo, evil, mark, tmp_path
):
    folder = tmp_path / "model"
    folder.mkdir()
    for name, content in (files_of(folders / "own") | {"code.py": evil, "modeling_deepseek_vl_hf.py": evil}).items():
        (folder / name).write_bytes(content)
    config = json.loads((folder / "config.json").read_text()) | {"auto_map": {"AutoConfig": "code.Evil"}}
    (folder / "config.json").write_text(json.dumps(config))
    before = digest(folder)
    assert client("push", folder, repo).code == 0
    assert digest(folder) == before
    assert "code.py" not in server.files(repo)
    assert evil not in server.files(repo).values()
    assert b"Evil" not in server.files(repo)["config.json"]
    assert not mark.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"base_model_name_or_path": "/etc"},
        {"base_model_name_or_path": "../../etc"},
        {"base_model_name_or_path": ["a"]},
        {"auto_mapping": {"base_model_class": "system", "parent_library": "os"}},
        {"peft_type": "EVIL"},
        {"r": 10**12},
    ],
)
def test_what_an_adapter_names_is_not_trusted(client, server, folders, adapter, repo, mark, fields):
    client("push", folders / "own", f"{repo}-base")
    config = json.loads((adapter / "adapter_config.json").read_text()) | {"base_model_name_or_path": f"{repo}-base"}
    files = files_of(adapter) | {"adapter_config.json": json.dumps(config | fields).encode()}
    server.add(repo, files)
    told = chat(client, repo)
    if "auto_mapping" in fields:
        assert told.code == 0
    else:
        assert repo in told.error or "etc" in told.error
    record("load", f"adapter with {json.dumps(fields)}", 1, "refused" if told.code else "ignored")


@pytest.mark.parametrize(
    ("part", "fields"),
    [
        ("text_config", {"hidden_size": 10**12}),
        ("text_config", {"num_hidden_layers": 10**9}),
        ("text_config", {"vocab_size": -5}),
        ("vision_config", {"image_size": 10**9}),
        ("vision_config", {"num_hidden_layers": 10**9}),
        ("high_res_vision_config", {"hidden_size": 10**9}),
    ],
)
def test_huge_numbers_in_a_config_are_refused_at_once(client, server, folders, repo, part, fields):
    files = files_of(folders / "own")
    config = json.loads(files["config.json"])
    config[part] |= fields
    server.add(repo, files | {"config.json": json.dumps(config).encode()})
    job = client.start("chat", "--model", repo, "--image", PICTURE, "--prompt", "What?", seconds=5)
    told = job.end()
    assert repo in told.error
    record("load", f"{part} with {json.dumps(fields)}", 1, "refused")
