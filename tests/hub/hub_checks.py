"""What must hold of a repository and of the clients' cache, whatever has happened on the way."""

OLD = {"README.md": b"# by hand\n", "config.json": b"{}\n", "model-00001-of-00001.safetensors": b"old" * 9}


def check_cache(home, server, repo):
    """Make sure that what the clients' cache shows is what the Hub has."""
    shown = (home / "hub" / f"models--{repo.replace('/', '--')}" / "snapshots").glob("*/*")
    log = server.repositories["models", repo].log
    assert all(path.read_bytes() == log[path.parent.name].files[path.name] for path in shown)


def check_pushed(server, repo, folder, by_hand=True):
    """Make sure that the repository is wholly this model, and has the card that somebody wrote."""
    files = server.files(repo)
    weights = {name for name in files if name.endswith(".safetensors")}
    assert weights == {path.name for path in folder.glob("*.safetensors")}
    assert all(files[name] == (folder / name).read_bytes() for name in weights)
    assert {"README.md", "tokenizer.json", "modeling_deepseek_vl_hf.py"} <= files.keys()
    assert (b"# by hand" in files["README.md"]) == by_hand
