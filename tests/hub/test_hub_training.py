"""However a training run is pushed, it ends in the same complete repository.

python -m pytest tests/hub/test_hub_training.py
"""

import json
import re

import pytest
from datasets import Dataset
from hub_clients import SOURCE, ask, same
from huggingface_hub import ModelCard

from deepseek_vl_hf.data.rows import chat_row


CODE = {path.name for path in (SOURCE / "deepseek_vl_hf").glob("*_deepseek_vl_hf.py")}
PROCESSOR = {"chat_template.jinja", "processor_config.json", "tokenizer.json", "tokenizer_config.json"}
MODEL = {".gitattributes", "README.md", "config.json", "generation_config.json", "model.safetensors", *CODE}
ADAPTER = {".gitattributes", "README.md", "adapter_config.json", "adapter_model.safetensors", *PROCESSOR}
ADAPTER |= {name for name in CODE if "modeling" not in name}  # what the processor needs
LORA = ("--use_peft", "--lora_r", "2", "--lora_target_modules", "language")


@pytest.fixture(scope="session")
def rows(tmp_path_factory):
    from PIL import Image

    folder = tmp_path_factory.mktemp("training") / "rows"
    picture = Image.linear_gradient("L").resize((40, 30)).convert("RGB")
    Dataset.from_list([chat_row(("What?", f"A cat {i}."), images=[picture]) for i in range(8)]).save_to_disk(folder)
    return folder


@pytest.fixture
def recipe(rows, tmp_path):
    fields = {
        "stage": 3,
        "dataset_name": str(rows),
        "output_dir": "out",
        "max_steps": 2,
        "per_device_train_batch_size": 2,
        "learning_rate": 0.01,
        "logging_steps": 1,
        "save_steps": 1,
        "report_to": "none",
        "use_cpu": True,
        "disable_tqdm": True,
        "push_to_hub": True,
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(fields))
    return tmp_path


def check_card(text, name):
    assert "[More Information Needed]" not in text
    assert text.count("---\n") >= 2
    assert f"\n# {name.partition('/')[2]}\n" in text
    card = ModelCard(text)
    assert card.data.pipeline_tag == "image-text-to-text"
    return card


def check_record(server, repo, tmp_path):
    record = server.files(repo)["run.json"].decode()
    assert str(tmp_path) not in record
    assert "/tmp" not in record
    start = json.loads(record)["starts"][-1]
    assert not {"argv", "recipes"} & start.keys()
    assert not re.search(r'"(/|~|\./|\.\./)', record)
    return start


def test_a_full_run_pushes_a_complete_model(client, stranger, server, folders, repo, recipe):
    client("push", folders / "own", f"{repo}-base")
    words = ["--model_name_or_path", f"{repo}-base", "--hub_model_id", repo]
    ended = client("train", "recipe.yaml", *words)
    assert ended.code == 0, ended.err
    assert set(server.files(repo)) == MODEL | PROCESSOR | {"run.json"}
    *pushed, _ = server.commits(repo)
    assert [commit.title for commit in pushed[1:]] == [f"Training in progress, step {step}" for step in (2, 1)]
    assert all(set(commit.files) == set(server.files(repo)) for commit in pushed)  # whole from the first on
    assert all(b"/tmp" not in commit.files["run.json"] for commit in pushed)
    card = check_card(server.files(repo)["README.md"].decode(), repo)
    assert (card.data.base_model, card.data.base_model_relation) == (f"{repo}-base", "finetune")
    start = check_record(server, repo, recipe)
    assert start["model"] == f"{repo}-base"
    assert (recipe / "out" / "training_args.bin").exists()  # and stayed here
    expected = ask(recipe / "out")
    assert same(stranger(f"seen |= ask('{repo}', trust_remote_code=True)").seen, expected)
    assert not same(expected, ask(folders / "own"))


def test_an_adapters_run_pushes_the_adapter_alone(client, stranger, server, folders, repo, recipe):
    client("push", folders / "own", f"{repo}-base")
    ended = client("train", "recipe.yaml", "--model_name_or_path", f"{repo}-base", "--hub_model_id", repo, *LORA)
    assert ended.code == 0, ended.err
    assert set(server.files(repo)) == ADAPTER | {"run.json"}
    card = check_card(server.files(repo)["README.md"].decode(), repo)
    assert (card.data.library_name, card.data.base_model) == ("peft", f"{repo}-base")
    fields = json.loads(server.files(repo)["adapter_config.json"])
    assert fields["base_model_name_or_path"] == f"{repo}-base"
    check_record(server, repo, recipe)
    seen = stranger(f"seen |= ask('{repo}', trust_remote_code=True)").seen
    assert not same(seen, ask(folders / "own"))
    merged = client("push", "out", f"{repo}-merged")
    assert merged.code == 0, merged.err
    assert set(server.files(f"{repo}-merged")) == MODEL | PROCESSOR | {"run.json"}
    assert same(stranger(f"seen |= ask('{repo}-merged', trust_remote_code=True)").seen, seen, 1e-4)


def test_an_adapter_of_a_local_base_is_refused_before_training(client, server, folders, repo, recipe):
    words = ("--model_name_or_path", folders / "own", "--hub_model_id", repo, *LORA)
    assert "which is on no Hub" in client("train", "recipe.yaml", *words).error
    assert not [*(recipe / "out").glob("*.safetensors"), *(recipe / "out").glob("checkpoint-*")]
    assert not [path for method, path, _ in server.log if method == "PUT" or "/commit/" in path]


def test_model_and_processor_push_themselves_in_either_order(client, stranger, server, folders, repo):
    ended = client(
        script=f"""
        import deepseek_vl_hf
        from transformers import AutoModelForImageTextToText, AutoProcessor
        model = AutoModelForImageTextToText.from_pretrained("{folders / "own"}")
        processor = AutoProcessor.from_pretrained("{folders / "own"}")
        model.push_to_hub("{repo}-a")
        processor.push_to_hub("{repo}-a")
        processor.push_to_hub("{repo}-b")
        model.push_to_hub("{repo}-b", commit_message="mine", max_shard_size="100KB")
        model.push_to_hub("{repo}-b", private=None)
        """
    )
    assert ended.code == 0, ended.err
    for name in (f"{repo}-a", f"{repo}-b"):
        assert set(server.files(name)) == MODEL | PROCESSOR
        check_card(server.files(name)["README.md"].decode(), name)
        assert same(stranger(f"seen |= ask('{name}', trust_remote_code=True)").seen, ask(folders / "own"))
    assert [commit.title for commit in server.commits(f"{repo}-b")][1] == "mine"


def test_peft_and_trainer_push_to_one_complete_repository(client, stranger, server, folders, rows, repo, tmp_path):
    client("push", folders / "own", f"{repo}-base")
    mine = b"---\ntags: [mine]\n---\n# Mine\n\nMy words.\n"
    server.add(f"{repo}-mine", {"README.md": mine})
    ended = client(
        script=f"""
        from datasets import load_from_disk
        from transformers import AutoModelForImageTextToText, AutoProcessor
        from peft import LoraConfig
        from deepseek_vl_hf.training import DeepSeekVLHFTrainer, DeepSeekVLHFTrainingConfig
        def trainer(name, peft_config):
            args = DeepSeekVLHFTrainingConfig(
                stage=3, output_dir=name.replace("/", "-"), max_steps=1, use_cpu=True, report_to="none", hub_model_id=name, disable_tqdm=True,
                per_device_train_batch_size=2, logging_steps=1,
            )
            model = AutoModelForImageTextToText.from_pretrained("{repo}-base")
            return DeepSeekVLHFTrainer(
                model, args, load_from_disk("{rows}"), processing_class=AutoProcessor.from_pretrained("{repo}-base"), peft_config=peft_config
            )
        for name in ("{repo}", "{repo}-mine"):
            full = trainer(name, None)
            full.train()
            full.push_to_hub(commit_message="full")
        tuned = trainer("{repo}", LoraConfig(r=2, target_modules=["q_proj"]))
        tuned.train()
        tuned.push_to_hub()
        seen["before"] = tuned.model.peft_config["default"].base_model_name_or_path
        tuned.model.push_to_hub("{repo}")
        """
    )
    assert ended.seen == {"before": f"{repo}-base"}
    kept = ModelCard(server.files(f"{repo}-mine")["README.md"].decode())
    assert "My words." in kept.text
    assert (kept.data.tags, kept.data.base_model) == (["mine"], f"{repo}-base")
    assert set(server.files(f"{repo}-mine")) == MODEL | PROCESSOR | {"run.json"}
    assert set(server.files(repo)) >= ADAPTER | {"run.json"}
    assert "model.safetensors" not in server.files(repo)
    assert "config.json" not in server.files(repo)
    seen = stranger(f"seen |= ask('{repo}', trust_remote_code=True)")
    assert seen.code == 0, seen.err
    check_card(server.files(repo)["README.md"].decode(), repo)
