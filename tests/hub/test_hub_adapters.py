"""An adapter that was pushed is the same adapter for transformers, PEFT and this package.

python -m pytest tests/hub/test_hub_adapters.py
"""

import json

import pytest
from hub_clients import SOURCE, ask, digest, same
from peft import PeftModel

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from deepseek_vl_hf.loading import load


PICTURE = SOURCE.parent / "examples" / "pictures" / "elephant.png"
FILES = {"adapter_config.json", "adapter_model.safetensors", "README.md", ".gitattributes"}
PROCESSOR = {"chat_template.jinja", "processor_config.json", "tokenizer.json", "tokenizer_config.json"}


@pytest.fixture
def unmerged(folders, adapter):
    """What base and adapter answer, side by side."""
    model = DeepSeekVLHFForConditionalGeneration.from_pretrained(folders / "own")
    return ask(adapter, PeftModel.from_pretrained(model, adapter))


@pytest.fixture
def pushed(client, folders, adapter, repo):
    """A base and its adapter on the Hub."""
    base = f"{repo}-base"
    assert client("push", folders / "own", base).code == 0
    before = digest(adapter)
    assert client("push", adapter, repo, "--adapter", "--base-model", base).code == 0
    assert digest(adapter) == before
    return repo


def test_an_adapter_loads_in_every_way_without_the_package(stranger, server, pushed, unmerged):
    names = set(server.files(pushed))
    assert names >= FILES | PROCESSOR
    assert not {"config.json", "model.safetensors"} & names
    fields = json.loads(server.files(pushed)["adapter_config.json"])
    assert fields["base_model_name_or_path"] == f"{pushed}-base"
    seen = stranger(f"""
        from peft import AutoPeftModel, PeftModel
        from transformers import AutoModelForImageTextToText
        trust = {{"trust_remote_code": True}}
        seen["package"] = error(__import__, "deepseek_vl_hf")[0]
        seen["transformers"] = ask("{pushed}", **trust)
        base = AutoModelForImageTextToText.from_pretrained("{pushed}-base", **trust)
        seen["PeftModel"] = ask("{pushed}", PeftModel.from_pretrained(base, "{pushed}"), **trust)
        seen["AutoPeftModel"] = ask("{pushed}", AutoPeftModel.from_pretrained("{pushed}", **trust), **trust)
        """).seen
    assert seen.pop("package") == "ModuleNotFoundError"
    assert [name for name, found in seen.items() if not same(found, unmerged)] == []


def test_an_adapter_loads_in_every_way_with_the_package(client, pushed, adapter, unmerged):
    seen = client(
        script=f"""
        import deepseek_vl_hf
        from deepseek_vl_hf.loading import load
        from peft import AutoPeftModel, PeftModel
        from transformers import AutoModelForImageTextToText
        seen["transformers"] = ask("{pushed}")
        base = AutoModelForImageTextToText.from_pretrained("{pushed}-base")
        seen["PeftModel"] = ask("{pushed}", PeftModel.from_pretrained(base, "{pushed}"))
        seen["AutoPeftModel"] = ask("{pushed}", AutoPeftModel.from_pretrained("{pushed}"))
        seen["merged"] = ask("{pushed}", load("{pushed}")[0])
        """
    ).seen
    merged = seen.pop("merged")
    assert [name for name, found in seen.items() if not same(found, unmerged)] == []
    assert same(merged, ask(adapter, load(adapter)[0]))
    chat = ("chat", "--image", PICTURE, "--prompt", "What?", "--max-new-tokens", "5", "--model")
    local, remote = client(*chat, adapter), client(*chat, pushed)
    assert remote.code == 0
    assert remote.out == local.out


def test_a_merged_adapter_is_a_model(client, stranger, server, adapter, repo):
    assert client("push", adapter, repo).code == 0
    assert not {"adapter_config.json", "adapter_model.safetensors"} & set(server.files(repo))
    assert same(stranger(f"seen |= ask('{repo}', trust_remote_code=True)").seen, ask(adapter, load(adapter)[0]))


def test_an_adapter_alone_needs_a_base_on_the_hub(client, server, folders, adapter, repo):
    assert "which is on no Hub" in client("push", adapter, repo, "--adapter").error
    assert "--adapter is for adapters" in client("push", folders / "own", repo, "--adapter").error
    assert ("models", repo) not in server.repositories
    assert not server.log
