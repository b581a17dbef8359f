"""What was trained as an adapter is saved as one, beside weights of few bits too, and loads with its base.

python -m pytest tests/training/test_lora_saving.py
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from lora_checks import learned_weights, lora, losses
from peft import LoraConfig, PeftModel
from torch import nn
from trl import ModelConfig

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from deepseek_vl_hf.loading import load
from deepseek_vl_hf.training import (
    load_model,
)


ROOT = Path(__file__).parents[2]


def test_a_saved_adapter_is_loaded_with_its_base(tiny_model, adapt, tiny_processor, mixed_rows, tmp_path):
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    model_args = ModelConfig(model_name_or_path=str(tmp_path / "model"), dtype="float32")
    trainer = adapt(load_model(model_args)[0], mixed_rows, lora("all"))
    batch = next(iter(trainer.get_train_dataloader()))
    batch.pop("counts", None)
    trainer.train()
    trainer.save_model(tmp_path / "adapter")
    assert not (tmp_path / "adapter" / "model.safetensors").exists()
    again, processor = load(tmp_path / "adapter")
    trainer.model.eval()
    with torch.no_grad():
        expected, found = trainer.model(**batch).logits, again.eval()(**batch).logits
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=0)
    assert processor.num_image_tokens == tiny_processor.num_image_tokens


def test_the_script_of_stage_3_leaves_an_adapter_that_loads(tiny_model, tiny_processor, picture_rows, tmp_path):
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    Dataset.from_list(picture_rows).save_to_disk(tmp_path / "rows")
    words = f"--model_name_or_path {tmp_path}/model --dataset_name {tmp_path}/rows --output_dir {tmp_path}/out "
    words += "--max_steps 2 --per_device_train_batch_size 2 --gradient_accumulation_steps 1 --learning_rate 0.01 "
    words += "--warmup_steps 0 --use_cpu true --bf16 false --dataloader_num_workers 0 --report_to none "
    words += "--logging_steps 1 --use_peft --lora_r 2 --lora_target_modules language+aligner"
    command = [sys.executable, str(ROOT / "examples" / "train_stage3_sft.py"), *words.split()]
    command += ["--config", str(ROOT / "examples" / "recipes" / "7b" / "stage3.yaml")]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(re.findall(r"'loss': '", done.stdout)) == 2
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"adapter_config.json", "adapter_model.safetensors", "tokenizer.json"} <= written
    assert "model.safetensors" not in written
    model, _ = load(tmp_path / "out")
    before, after = tiny_model.state_dict(), model.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert {name.split(".")[1] for name in changed} == {"aligner", "language_model"}


@pytest.mark.parametrize("target", ["language", "language+aligner"])
def test_an_adapter_learns_beside_weights_of_four_bits(
    tiny_model, adapt, tiny_processor, picture_rows, tmp_path, target
):
    bitsandbytes = pytest.importorskip("bitsandbytes")
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    model_args = ModelConfig(str(tmp_path / "model"), dtype="float32", use_peft=True, load_in_4bit=True)
    model, _ = load_model(model_args)
    few_bits = {name for name, module in model.named_modules() if isinstance(module, bitsandbytes.nn.Linear4bit)}
    linear = {name for name, module in tiny_model.named_modules() if isinstance(module, nn.Linear)}
    assert few_bits == {name for name in linear if name.startswith("model.language_model.")}
    trainer = adapt(model, picture_rows[:4], lora(target, random=False), max_steps=6)
    start = learned_weights(trainer.model)
    for name, weight in tiny_model.model.aligner.named_parameters() if target == "language+aligner" else ():
        # Not in bf16, where steps of a usual rate would be lost.
        assert torch.equal(start[f"base_model.model.model.aligner.modules_to_save.default.{name}"], weight)
    trainer.train()
    assert losses(trainer)[-1] < 0.9 * losses(trainer)[0]
    trainer.save_model(tmp_path / "adapter")
    again, _ = load(tmp_path / "adapter")
    assert isinstance(again, DeepSeekVLHFForConditionalGeneration)
    assert not any(isinstance(module, bitsandbytes.nn.Linear4bit) for module in again.modules())
    batch = trainer.data_collator(picture_rows[:4])
    batch.pop("counts", None)
    with torch.no_grad():
        plain, found = tiny_model.eval()(**batch).loss.item(), again.eval()(**batch).loss.item()
        whole = PeftModel.from_pretrained(tiny_model, tmp_path / "adapter").eval()(**batch).loss.item()
    assert found == pytest.approx(whole, rel=1e-5)
    assert found < 0.9 * plain


def test_a_model_with_an_adapter_loaded_into_it_is_refused_as_only_that_would_be_saved(tiny_model, adapt):
    tiny_model.add_adapter(LoraConfig(target_modules=["q_proj"]))
    with pytest.raises(
        ValueError, match="of which only the adapter would be saved, expected a plain one; merge it first"
    ):
        adapt(tiny_model, [{"text": "a", "images": []}], None)
