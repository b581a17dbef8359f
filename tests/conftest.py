"""Fixtures of every test: a tiny model, tokenizer and processor. No test of the default run touches the network."""

import atexit
import os
import shutil
import tempfile


os.environ.setdefault("HF_HUB_OFFLINE", "1")
if "HF_DATASETS_CACHE" not in os.environ:  # what earlier runs have read is not what this one reads
    os.environ["HF_DATASETS_CACHE"] = tempfile.mkdtemp(prefix="datasets-")
    atexit.register(shutil.rmtree, os.environ["HF_DATASETS_CACHE"], ignore_errors=True)

import pytest

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFImageProcessor, DeepSeekVLHFProcessor
from tiny import make_config, make_tokenizer, randomise


@pytest.fixture
def tiny_config():
    return make_config()


@pytest.fixture
def tiny_low_res_config():
    return make_config(low_res_only=True)


@pytest.fixture
def tiny_model(tiny_config):
    return randomise(DeepSeekVLHFForConditionalGeneration(tiny_config))


@pytest.fixture
def tiny_low_res_model(tiny_low_res_config):
    return randomise(DeepSeekVLHFForConditionalGeneration(tiny_low_res_config))


@pytest.fixture
def tiny_tokenizer():
    return make_tokenizer()


@pytest.fixture
def tiny_processor(tiny_config, tiny_tokenizer):
    return DeepSeekVLHFProcessor(
        image_processor=DeepSeekVLHFImageProcessor.from_config(tiny_config),
        tokenizer=tiny_tokenizer,
        num_image_tokens=tiny_config.num_visual_tokens,
    )
