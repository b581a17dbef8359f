"""What training and deployment ask of the model: checkpointed gradients, one graph, few bits, code that travels."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import BitsAndBytesConfig, QuantoConfig
from transformers.quantizers.quantizers_utils import should_convert_module

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from deepseek_vl_hf.modeling_deepseek_vl_hf import _spare_vision
from tiny import make_config, make_inputs, randomise


def gradients(model, inputs):
    model.zero_grad()
    model(**inputs, labels=inputs["input_ids"]).loss.backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("use_reentrant", [False, True])
def test_checkpointed_gradients_are_the_same(use_reentrant, tiny_model, tiny_config):
    inputs = make_inputs(tiny_config, num_images=(1, 2))
    tiny_model.train()
    expected = gradients(tiny_model, inputs)
    assert all(gradient is not None for gradient in expected.values())
    tiny_model.gradient_checkpointing_enable({"use_reentrant": use_reentrant})
    towers = tiny_model.model.vision_model
    for part in (
        towers.high_res.layers[0],
        towers.low_res.encoder.layers[0],
        tiny_model.model.language_model.layers[0],
    ):
        assert part.gradient_checkpointing
    for name, gradient in gradients(tiny_model, inputs).items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-4, atol=1e-4, msg=name)


def test_the_model_compiles_into_one_graph_with_pictures(tiny_model, tiny_config):
    inputs = make_inputs(tiny_config, num_images=(1, 2))
    compiled = torch.compile(tiny_model, fullgraph=True, backend="eager")
    with torch.no_grad():
        torch.testing.assert_close(compiled(**inputs).logits, tiny_model(**inputs).logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("has_head", [True, False])
@pytest.mark.parametrize(
    "quantization",
    [BitsAndBytesConfig(load_in_8bit=True), QuantoConfig(weights="int8")],
    ids=["bitsandbytes", "quanto"],
)
def test_quantisers_convert_the_language_model_alone(quantization, has_head, tiny_model):
    spared = vars(_spare_vision(quantization))
    skipped = spared.get("llm_int8_skip_modules") or spared["modules_to_not_convert"]
    model = tiny_model if has_head else tiny_model.model
    linear = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    converted = [name for name in linear if should_convert_module(name, skipped)]
    assert converted == [name for name in linear if ".layers." in name and "language_model." in name]


def test_a_list_of_modules_to_skip_is_the_users():
    mine = BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=["lm_head"])
    assert _spare_vision(mine).llm_int8_skip_modules == ["lm_head"]
    assert _spare_vision(None) is None


@pytest.mark.parametrize("bits", [4, 8])
@torch.no_grad()
def test_few_bits_stay_near_full_precision(bits, tmp_path):
    pytest.importorskip("bitsandbytes")
    config = make_config()
    config.text_config.update(
        {"hidden_size": 64, "intermediate_size": 128, "head_dim": 16}
    )  # blocks are of 64 weights
    model = randomise(DeepSeekVLHFForConditionalGeneration(config), std=0.1)
    model.save_pretrained(tmp_path)
    quantised = DeepSeekVLHFForConditionalGeneration.from_pretrained(
        tmp_path,
        quantization_config=BitsAndBytesConfig(**{f"load_in_{bits}bit": True}, bnb_4bit_quant_type="nf4"),
        device_map="cpu",
    )
    assert type(quantised.model.language_model.layers[0].mlp.up_proj) is not nn.Linear
    inputs = make_inputs(config)
    pixels = {name: inputs[name] for name in ("pixel_values", "high_res_pixel_values")}
    visual_tokens = [m.get_image_features(**pixels).pooler_output.float() for m in (quantised, model)]
    torch.testing.assert_close(*visual_tokens, rtol=1e-3, atol=1e-3)
    found, expected = quantised(**inputs).logits.float(), model(**inputs).logits
    assert (found - expected).abs().mean() < 0.3 * expected.abs().mean()


FOREIGN_PROCESS = """
import sys, torch
from transformers import (
    AutoConfig, AutoImageProcessor, AutoModel, AutoModelForImageTextToText, AutoModelForMultimodalLM, AutoProcessor,
    AutoTokenizer,
)
folder, again = sys.argv[1:]
inputs, expected = torch.load(folder + "/inputs.pt")
for auto in (AutoModelForImageTextToText, AutoModelForMultimodalLM):
    model = auto.from_pretrained(folder, trust_remote_code=True)
    with torch.no_grad():
        assert torch.equal(model(**inputs).logits, expected)
base = AutoModel.from_pretrained(folder, trust_remote_code=True)
assert type(base).__name__ == "DeepSeekVLHFModel"
processor = AutoProcessor.from_pretrained(folder, trust_remote_code=True)
assert type(processor).__name__ == "DeepSeekVLHFProcessor"
for auto in (AutoConfig, AutoImageProcessor, AutoTokenizer):
    auto.from_pretrained(folder, trust_remote_code=True)
model.save_pretrained(again)
processor.save_pretrained(again)
AutoModelForImageTextToText.from_pretrained(again, trust_remote_code=True)
AutoProcessor.from_pretrained(again, trust_remote_code=True)
assert "deepseek_vl_hf" not in sys.modules
"""


def test_what_was_saved_loads_without_this_package(tiny_model, tiny_config, tiny_processor, tmp_path):
    folder, again = tmp_path / "saved", tmp_path / "again"
    tiny_model.save_pretrained(folder)
    tiny_processor.save_pretrained(folder)
    inputs = make_inputs(tiny_config)
    with torch.no_grad():
        torch.save((inputs, tiny_model(**inputs).logits), folder / "inputs.pt")
    # An empty package of this name stands in front of an installed one.
    (tmp_path / "path" / "deepseek_vl_hf").mkdir(parents=True)
    (tmp_path / "path" / "deepseek_vl_hf" / "__init__.py").write_text("raise ImportError('not installed here')")
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path / "path"),
        "HF_MODULES_CACHE": str(tmp_path / "modules"),
        "OMP_NUM_THREADS": str(torch.get_num_threads()),
    }
    command = [sys.executable, "-c", FOREIGN_PROCESS, str(folder), str(again)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    auto_map = json.loads((again / "config.json").read_text())["auto_map"]
    assert auto_map.keys() == {"AutoConfig", "AutoModel", "AutoModelForImageTextToText", "AutoModelForMultimodalLM"}
    assert {path.name for path in Path(folder).glob("*.py")} == {path.name for path in Path(again).glob("*.py")}
