"""vLLM's Transformers backend answers as transformers and PEFT do, token for token: base, adapters, merged adapter.

vLLM wants an environment of its own; `VLLM_PYTHON` is the Python in it, and CONTRIBUTING.md says how to make one:

    VLLM_PYTHON=VENV/bin/python pytest -m vllm
"""

from types import SimpleNamespace

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from vllm_runs import NEEDS_VLLM, answers_of, generate, make_chats

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, cli
from deepseek_vl_hf.loading import load
from deepseek_vl_hf.training import TARGETS


pytestmark = NEEDS_VLLM


def make_adapter(base, folder, target, seed):
    """Save an adapter of random matrices; where an aligner learns whole, it is moved as well."""
    torch.manual_seed(seed)
    config = LoraConfig(
        r=8,
        lora_alpha=32,
        init_lora_weights=False,
        target_modules=TARGETS[target].modules,
        modules_to_save=list(TARGETS[target].whole) or None,
    )
    model = get_peft_model(DeepSeekVLHFForConditionalGeneration.from_pretrained(base), config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if ".modules_to_save." in name:
                weight.add_(torch.randn(weight.shape) * 0.1)
    model.save_pretrained(folder)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The nano with its code, adapters, and what each answers in transformers."""
    folder = tmp_path_factory.mktemp("vllm")
    base, chats = folder / "own", make_chats(folder)
    assert cli.main(["export", "nano", "--layout", "own", "--output", str(base)]) == 0
    model, processor = load(base)
    expected = {None: generate(model, processor, chats)}
    targets = {"first": "language", "second": "language", "towers": "towers", "all": "all"}
    for seed, (name, target) in enumerate(targets.items()):
        make_adapter(base, folder / name, target, seed)
        model = DeepSeekVLHFForConditionalGeneration.from_pretrained(base)
        expected[name] = generate(PeftModel.from_pretrained(model, folder / name), processor, chats)
        assert expected[name] != expected[None]
    return SimpleNamespace(folder=folder, base=base, chats=chats, names=list(targets), expected=expected)


MIXED = ["first", "second", None, "first"]


@pytest.fixture(scope="module")
def served(world):
    batches = {"base": [None] * 4, "first": ["first"] * 4, "mixed": MIXED, "towers": ["towers"] * 4}
    adapters = {name: str(world.folder / name) for name in world.names}
    return answers_of(world.folder, world.base, world.chats, batches, adapters=adapters, refused=["all"])


def test_the_base_answers_as_in_transformers(world, served):
    assert served["answers"]["base"] == world.expected[None]


def test_an_adapter_of_the_language_model_answers_as_in_peft(world, served):
    assert served["answers"]["first"] == world.expected["first"]


def test_one_batch_has_two_adapters_and_the_base(world, served):
    expected = [world.expected[name][at] for at, name in enumerate(MIXED)]
    assert [answer == plain for answer, plain in zip(expected, world.expected[None], strict=True)] == [
        name is None for name in MIXED
    ]
    assert served["answers"]["mixed"] == expected


def test_an_adapter_of_the_towers_is_left_out_so_it_must_be_merged(world, served):
    assert served["answers"]["towers"] == world.expected[None]


def test_an_adapter_with_an_aligner_is_refused_so_it_must_be_merged(served):
    assert "modules_to_save" in served["refusals"]["all"]


def test_a_merged_adapter_answers_as_in_peft(world):
    merged = world.folder / "merged"
    assert cli.main(["export", str(world.folder / "all"), "--layout", "own", "--output", str(merged)]) == 0
    result = answers_of(world.folder, merged, world.chats, {"merged": [None] * 4})
    assert result["answers"]["merged"] == world.expected["all"]
