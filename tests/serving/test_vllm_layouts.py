"""vLLM's Transformers backend answers as `generate` does, token for token: every layout, both kinds, with and without this package.

VLLM_PYTHON=VENV/bin/python pytest -m vllm tests/serving/test_vllm_layouts.py
"""

import os
import subprocess

import pytest
from vllm_runs import NEEDS_VLLM, answers_of, environment, generate, make_chats, start

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFImageProcessor, DeepSeekVLHFProcessor
from deepseek_vl_hf.exporting import write_checkpoint
from deepseek_vl_hf.loading import load
from tiny import make_config, make_tokenizer, randomise


pytestmark = NEEDS_VLLM


def make(kind):
    """The nano, or a random model with heads of 32: vLLM's kernels for CPUs know no smaller ones."""
    if kind == "nano":
        return load("nano")
    config = make_config(low_res_only=kind == "low_res")
    config.text_config.hidden_size, config.text_config.head_dim = 128, 32
    model = randomise(DeepSeekVLHFForConditionalGeneration(config), std=0.2)
    image_processor = DeepSeekVLHFImageProcessor.from_config(config)
    return model, DeepSeekVLHFProcessor(image_processor, make_tokenizer(), num_image_tokens=config.num_visual_tokens)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Checkpoints, made when they are first asked for, and what `generate` answers."""
    folder = tmp_path_factory.mktemp("layouts")
    chats, models, answers = make_chats(folder), {}, {}

    def get(kind, layout):
        if kind not in models:
            models[kind] = make(kind)
            answers[kind] = generate(*models[kind], chats)
        checkpoint = folder / f"{kind}_{layout}"
        if not checkpoint.exists():
            write_checkpoint(*models[kind], checkpoint, layout)
        return checkpoint, answers[kind]

    return folder, chats, get


@pytest.mark.parametrize("kind", ["hybrid", "low_res"])
def test_without_this_package_the_code_beside_the_weights_serves(world, kind):
    folder, chats, get = world
    checkpoint, expected = get(kind, "own")
    assert len({tuple(answer) for answer in expected}) == len(expected), "pictures must make a difference"
    found = answers_of(folder, checkpoint, chats, {"mixed": [None] * 4})
    assert found["answers"]["mixed"] == expected


@pytest.mark.parametrize(
    ("kind", "layout"),
    [
        ("nano", "own"),
        ("hybrid", "own"),
        ("hybrid", "official"),
        ("hybrid", "native"),
        ("low_res", "official"),
        ("low_res", "native"),
    ],
)
def test_with_this_package_every_layout_is_served_without_trust(world, kind, layout):
    folder, chats, get = world
    checkpoint, expected = get(kind, layout)
    found = answers_of(folder, checkpoint, chats, {"mixed": [None] * 4}, knows_us=True, trusts=False)
    assert found["answers"]["mixed"] == expected


def test_the_stock_class_alone_cannot_be_served_yet(world):
    folder, chats, get = world
    checkpoint, _ = get("hybrid", "native")
    done, _ = start(folder, checkpoint, chats, {"mixed": [None] * 4}, trusts=False)
    assert done.returncode != 0, (
        "vLLM serves transformers' own class now: see whether the plugin should leave it alone"
    )
    assert "_get_num_multimodal_tokens" in done.stderr


def test_the_command_also_runs_with_the_transformers_that_vllm_pins(world):
    folder, *_ = world
    code = (
        "import sys; from pathlib import Path; from deepseek_vl_hf.serving.with_vllm import make_arguments; "
        "print(*make_arguments('nano', '127.0.0.1', 8000, {}, Path(sys.argv[1])))"
    )
    command = [os.environ["VLLM_PYTHON"], "-c", code, str(folder)]
    done = subprocess.run(command, env=environment(folder, knows_us=True), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--served-model-name nano" in done.stdout
