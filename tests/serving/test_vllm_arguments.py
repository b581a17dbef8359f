"""What `serve_with_vllm` hands to vLLM, and what it refuses before vLLM starts. No vLLM is needed."""

import asyncio
import json
import subprocess
import sys

import pytest
import torch
from peft import LoraConfig, get_peft_model

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, nano
from deepseek_vl_hf.serving import with_vllm
from deepseek_vl_hf.serving.vllm_stop import StopAtNextTurn
from deepseek_vl_hf.serving.with_vllm import find_python, link_package, make_arguments, serve_with_vllm
from deepseek_vl_hf.training import TARGETS


def save_adapter(folder, target, rank=4):
    model = DeepSeekVLHFForConditionalGeneration.from_pretrained(nano.FOLDER)
    whole = list(TARGETS[target].whole) or None
    config = LoraConfig(r=rank, target_modules=TARGETS[target].modules, modules_to_save=whole, init_lora_weights=False)
    get_peft_model(model, config).save_pretrained(folder)
    return folder


def option(arguments, name):
    return arguments[arguments.index(name) + 1]


def test_the_nano_is_served_from_where_it_lies(tmp_path):
    arguments = make_arguments("nano", "127.0.0.1", 8000, {}, tmp_path)
    assert option(arguments, "--model") == str(nano.FOLDER)
    assert option(arguments, "--served-model-name") == "nano"
    assert option(arguments, "--dtype") == "float32"
    assert json.loads(option(arguments, "--limit-mm-per-prompt")) == {"image": 1024 // 64}
    assert "--trust-remote-code" not in arguments
    assert not any(tmp_path.iterdir())


def test_an_adapter_as_the_model_is_merged(tmp_path):
    adapter = save_adapter(tmp_path / "flags", "all")
    arguments = make_arguments(adapter, "127.0.0.1", 8000, {}, tmp_path / "room")
    assert option(arguments, "--model") == str(tmp_path / "room" / "merged")
    assert option(arguments, "--served-model-name") == "flags"
    key = "model.language_model.layers.0.self_attn.q_proj.weight"
    merged = DeepSeekVLHFForConditionalGeneration.from_pretrained(tmp_path / "room" / "merged").state_dict()[key]
    base = DeepSeekVLHFForConditionalGeneration.from_pretrained(nano.FOLDER).state_dict()[key]
    assert not torch.equal(merged, base)


def test_adapters_of_the_language_model_get_a_slot_each_and_one_more(tmp_path):
    folders = {name: save_adapter(tmp_path / name, "language", rank) for name, rank in (("a", 4), ("b", 12))}
    arguments = make_arguments("nano", "127.0.0.1", 8000, folders, tmp_path)
    assert option(arguments, "--max-loras") == "3"
    assert option(arguments, "--max-lora-rank") == "16"
    modules = [json.loads(word) for word in arguments[arguments.index("--lora-modules") + 1 :]]
    assert modules == [{"name": name, "path": str(folder)} for name, folder in folders.items()]


@pytest.mark.parametrize("target", ["towers", "language+aligner"])
def test_an_adapter_that_vllm_would_drop_or_refuse_is_refused(tmp_path, target):
    folder = save_adapter(tmp_path / "adapter", target)
    with pytest.raises(ValueError, match="Serve it as the model"):
        make_arguments("nano", "127.0.0.1", 8000, {"a": folder}, tmp_path)


def test_a_checkpoint_is_no_adapter(tmp_path):
    with pytest.raises(ValueError, match=r"holds no adapter_config\.json"):
        make_arguments("nano", "127.0.0.1", 8000, {"a": nano.FOLDER}, tmp_path)


@pytest.mark.parametrize(
    ("named", "message"),
    [(None, "VLLM_PYTHON=VENV"), (sys.executable, "has no vLLM"), ("/nowhere/python", "does not start")],
)
def test_no_vllm_is_said_at_once(monkeypatch, named, message):
    monkeypatch.setattr(with_vllm, "find_spec", lambda name: None)
    monkeypatch.delenv("VLLM_PYTHON", raising=False)
    if named:
        monkeypatch.setenv("VLLM_PYTHON", named)
    with pytest.raises(ValueError, match=message):
        serve_with_vllm("nano")


def test_vllm_beside_this_package_is_taken(monkeypatch):
    monkeypatch.setattr(with_vllm, "find_spec", lambda name: True)
    monkeypatch.delenv("VLLM_PYTHON", raising=False)
    assert find_python() == sys.executable


def test_another_python_finds_the_plugin_and_nothing_else_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/of/this/environment")
    environment = link_package(tmp_path, "/another/python")
    assert environment["PYTHONPATH"] == str(tmp_path)
    code = (
        "from importlib.metadata import entry_points; import deepseek_vl_hf; print(deepseek_vl_hf.__file__); "
        "[found] = entry_points(group='vllm.general_plugins', name='deepseek_vl_hf'); print(found.load().__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == [str(tmp_path / "deepseek_vl_hf" / "__init__.py"), "register"], done.stderr


class Receiver:
    """An application that keeps the body it gets."""

    async def __call__(self, scope, receive, send):
        self.body = json.loads((await receive())["body"])


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (None, ["User:"]),
        ("a", ["a", "User:"]),
        (["a", "b"], ["a", "b", "User:"]),
        (["a", "b", "c", "d"], ["a", "b", "c", "d"]),
    ],
)
@pytest.mark.parametrize("is_chat", [True, False])
def test_a_chat_ends_before_the_next_question(own, expected, is_chat):
    app = Receiver()

    async def receive():
        return {"type": "http.request", "body": json.dumps({"messages": [], "stop": own}).encode()}

    scope = {"type": "http", **({"chat_request": object()} if is_chat else {})}
    asyncio.run(StopAtNextTurn(app)(scope, receive, None))
    assert app.body["stop"] == (expected if is_chat else own)
