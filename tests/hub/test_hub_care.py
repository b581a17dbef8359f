"""A push touches what is its own and nothing else, and a pull gives one commit and nothing else.

python -m pytest tests/hub/test_hub_care.py
"""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest


WORDS = b"---\nlicense: other\n---\n# Mine\nWords by a person, with one [More Information Needed].\n"


def test_a_name_without_its_owner_is_the_same_repository_to_all_parts_of_a_push(client, server, folders, repo):
    name = repo.split("/")[1]
    server.add(repo, {"README.md": WORDS})
    assert client("push", folders / "small", name).code == 0
    card = server.files(repo)["README.md"].decode()
    assert "Words by a person" in card
    assert "pipeline_tag: image-text-to-text" in card
    fresh = f"{name}-fresh"
    assert client("push", folders / "small", fresh).code == 0
    assert f'checkpoint = "owner/{fresh}"' in server.files(f"owner/{fresh}")["README.md"].decode()


def test_a_push_leaves_the_files_of_subfolders_alone(client, server, folders, repo):
    others = {"onnx/decoder.bin": b"o", "fp8/model.safetensors": b"f", "last-checkpoint/config.json": b"{}"}
    server.add(repo, {**others, "pytorch_model.bin": b"p", "model-00001-of-00002.safetensors": b"m"})
    assert client("push", folders / "small", repo).code == 0
    files = server.files(repo)
    assert {name: files.get(name) for name in others} == others
    assert not {"pytorch_model.bin", "model-00001-of-00002.safetensors"} & set(files)


def test_a_pull_that_goes_on_after_a_commit_leaves_nothing_of_the_older_one(client, server, folders, repo, tmp_path):
    assert client("push", folders / "small", repo).code == 0
    unfinished = tmp_path / ".got.unfinished"
    unfinished.mkdir()
    (unfinished / "adapter_config.json").write_text("{}")
    assert client("pull", repo, "--output", "got").code == 0
    assert {path.name for path in (tmp_path / "got").iterdir()} == set(server.files(repo))


def test_a_data_set_keeps_the_card_that_a_person_wrote(client, server, repo, tmp_path):
    folder = tmp_path / "rows"
    (folder / "data").mkdir(parents=True)
    pq.write_table(pa.table({"id": ["a"]}), folder / "data" / "train-00000-of-00001.parquet")
    result = {"files": ["train-00000-of-00001.parquet"], "splits": {"train": 1}}
    (folder / "build.json").write_text(json.dumps(result))
    mark = "<!-- Written by deepseek_vl_hf; a push writes it anew unless this line is gone. -->"
    (folder / "README.md").write_text(f"---\nlicense: other\n---\n{mark}\n# rows\n")
    server.add(repo, {"README.md": WORDS}, repo_type="dataset")
    done = client("data", "push", folder, repo)
    assert done.code == 0, done.err
    assert server.files(repo, repo_type="dataset")["README.md"] == WORDS


def test_words_of_push_to_hub_that_there_are_not_are_refused(client, folders, repo):
    done = client(
        script=f"""
        from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration as M
        model = M.from_pretrained({str(folders / "small")!r})
        seen["error"] = error(model.push_to_hub, {repo!r}, privat=True)
        """
    )
    assert done.seen["error"][0] == "TypeError"
    assert "privat" in done.seen["error"][1]


@pytest.mark.parametrize("card", [WORDS, None])
def test_export_of_a_repository_takes_its_licence_along(client, server, folders, repo, tmp_path, card):
    server.add(repo, {} if card is None else {"README.md": card})
    assert client("push", folders / "small", repo, *(["--license", "mit"] if card is None else [])).code == 0
    done = client("export", repo, "--layout", "native", "--output", "out")
    assert done.code == 0, done.err
    assert ("license: other" if card else "license: mit") in (tmp_path / "out" / "README.md").read_text()
