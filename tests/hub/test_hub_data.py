"""Rows that were pushed are the same rows for whoever loads or streams them.

python -m pytest tests/hub/test_hub_data.py
"""

import io
import json
import shutil
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hub_clients import digest
from huggingface_hub import DatasetCard

from deepseek_vl_hf.data.build_plan import Plan
from deepseek_vl_hf.data.building import build
from deepseek_vl_hf.data.recipe import parse_recipe
from deepseek_vl_hf.data.workers import Workers
from hub_routes import STRANGER
from hub_server import Fault


MIXTURE = {
    "seed": 1,
    "test_share": 0.1,
    "languages": {"en": 2, "zh": 1},
    "mixture": [{"renderer": "toys:Dots", "share": 70}, {"renderer": "toys:Sums", "share": 30}],
}


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "rows"
    toys = str(Path(__file__).parents[1] / "data")
    sys.path.insert(0, toys)
    try:
        build(Plan(parse_recipe(MIXTURE, Path()), 60, folder), Workers(1, folder))
    finally:
        sys.path.remove(toys)
    return folder


def rows_of(folder, split):
    """Rows as they are stored, pictures as their bytes."""
    return [row for path in sorted((folder / "data").glob(f"{split}-*")) for row in pq.read_table(path).to_pylist()]


@pytest.mark.parametrize("private", [False, True])
def test_rows_make_the_round_trip(client, stranger, server, built, repo, tmp_path, private):
    before = digest(built)
    pushed = client("data", "push", built, repo, *(["--private"] if private else []))
    assert pushed.code == 0, pushed.err
    assert digest(built) == before
    files = server.files(repo, repo_type="dataset")
    assert files.keys() == {".gitattributes", "README.md", "build.json"} | {
        f"data/{p.name}" for p in (built / "data").iterdir()
    }
    assert f'load_dataset("{repo}")'.encode() in files["README.md"]
    assert DatasetCard(files["README.md"].decode()).data.to_dict()
    assert not [text for text in ("/tmp", "/root", str(built)) if text.encode() in files["build.json"]]
    assert server.repositories["datasets", repo].private == private
    pulled = client("data", "pull", repo, "--output", "got")
    assert pulled.code == 0, pulled.err
    got = {
        str(path.relative_to(tmp_path / "got")): path.read_bytes()
        for path in (tmp_path / "got").rglob("*")
        if path.is_file()
    }
    assert got == files
    found = stranger(f"""
        from datasets import Image, load_dataset
        def plain(rows):
            return [{{**row, "images": [image["bytes"].hex() for image in row["images"]]}} for row in rows]
        for split in ("train", "test"):
            for streaming in (False, True):
                rows = load_dataset("{repo}", split=split, streaming=streaming)
                pictures = [image.size for row in rows for image in row["images"]]
                assert set(pictures) == {{(64, 64)}}
                features = rows.features.copy()
                features["images"].feature.decode = False
                seen[f"{{split}} {{streaming}}"] = plain(rows.cast(features))
        """).seen
    for split in ("train", "test"):
        expected = json.loads(json.dumps(rows_of(built, split), default=bytes.hex))
        expected = [{**row, "images": [image["bytes"] for image in row["images"]]} for row in expected]
        assert len(expected) == {"train": 54, "test": 6}[split]
        assert found[f"{split} False"] == expected
        assert found[f"{split} True"] == expected
    if private:
        assert "no such repository" in client("data", "pull", repo, "--output", "no", token=STRANGER).error


def test_shards_of_what_was_there_before_go(client, server, built, repo):
    old = {"data/train-00000-of-00009.parquet": b"old", "data/test-x.parquet": b"old", "notes.txt": b"mine"}
    server.add(repo, old, "dataset")
    pushed = client("data", "push", built, repo)
    assert pushed.code == 0, pushed.err
    assert server.files(repo, repo_type="dataset").keys() & old.keys() == {"notes.txt"}


def test_a_set_that_is_not_whole_stays_here(client, server, built, repo, tmp_path):
    folder = shutil.copytree(built, tmp_path / "rows")
    shard = next((folder / "data").glob("train-*"))
    whole = shard.read_bytes()
    for damage, reason in ((whole[:-9], "is damaged"), (None, "lacks train-")):
        shard.unlink() if damage is None else shard.write_bytes(damage)
        assert reason in client("data", "push", folder, repo).error
    few = io.BytesIO()
    pq.write_table(pq.read_table(io.BytesIO(whole)).slice(0, 3), few)
    shard.write_bytes(few.getvalue())
    assert "rows, expected 60" in client("data", "push", folder, repo).error
    elsewhere = json.dumps({**json.loads((built / "build.json").read_text()), "files": ["../../outside.parquet"]})
    for content in ("{", "[]", "{}", elsewhere):
        (folder / "build.json").write_text(content)
        assert "build.json is damaged" in client("data", "push", folder, repo).error
    (folder / "build.json").unlink()
    assert "holds no build.json" in client("data", "push", folder, repo).error
    assert "holds no build.json" in client("data", "push", tmp_path / "nothing", repo).error
    assert not server.log


def test_a_break_leaves_the_set_as_it_was(client, server, built, repo):
    server.add(repo, {"data/train-0.parquet": b"old"}, "dataset")
    before = server.files(repo, repo_type="dataset")
    for path in ("/preupload/", "/lfs/", "/commit/"):
        server.faults.append(Fault("status", path, 503, times=None))
        assert repo in client("data", "push", built, repo).error
        assert server.files(repo, repo_type="dataset") == before
        server.faults.clear()
        server.faults.append(Fault("cut_request", path, 10))
    assert client("data", "push", built, repo).code == 0
