"""With an adapter the trainer trains the adapter and nothing else, and all else stays as the stage says.

python -m pytest tests/training/test_lora_training.py
"""

import copy
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn
from trl import ModelConfig

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from deepseek_vl_hf.loading import load
from deepseek_vl_hf.training import (
    DeepSeekVLHFTrainer,
    DeepSeekVLHFTrainingConfig,
    load_model,
    peft_config_for,
)


ROOT = Path(__file__).parents[2]


def lora(target="language", random=True, **kwargs):
    """An adapter as the scripts make it, whose second matrices are random rather than zero where asked for."""
    config = peft_config_for(
        ModelConfig(use_peft=True, lora_r=4, lora_dropout=0.0, lora_target_modules=[target], **kwargs)
    )
    config.init_lora_weights = not random
    return config


@pytest.fixture
def adapt(tiny_processor, tmp_path):
    """A trainer of few steps on a CPU, of an adapter unless `config` is `None`."""

    def make(model, rows, config, stage=3, eval_dataset=None, **kwargs):
        arguments = {
            "output_dir": str(tmp_path / "out"),
            "max_steps": 2,
            "per_device_train_batch_size": 4,
            "learning_rate": 1e-2,
            "warmup_steps": 0,
            "logging_steps": 1,
            "save_strategy": "no",
            "report_to": "none",
            "disable_tqdm": True,
            "use_cpu": True,
            "train_sampling_strategy": "sequential",
            "packing": False,
        }
        args = DeepSeekVLHFTrainingConfig(stage=stage, **{**arguments, **kwargs})
        rows = Dataset.from_list(rows) if isinstance(rows, list) else rows
        return DeepSeekVLHFTrainer(
            model, args, rows, eval_dataset=eval_dataset, processing_class=tiny_processor, peft_config=config
        )

    return make


def losses(trainer):
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def plain_name(name):
    """A parameter's name before PEFT wrapped the model."""
    return name.removeprefix("base_model.model.").replace(".base_layer", "").replace(".original_module", "")


def base_weights(model):
    """Weights of the base by their plain names."""
    state = model.state_dict().items()
    return {
        plain_name(name): value for name, value in state if ".lora_" not in name and ".modules_to_save" not in name
    }


def learned_weights(model):
    return {name: weight.detach().clone() for name, weight in model.named_parameters() if weight.requires_grad}


@pytest.mark.parametrize(
    ("target", "learns"),
    [
        ("language", {"language_model"}),
        ("language+aligner", {"language_model", "aligner"}),
        ("towers", {"vision"}),
        ("all", {"vision", "aligner", "language_model"}),
    ],
)
def test_the_adapter_learns_and_the_base_keeps_every_bit(tiny_model, adapt, picture_rows, target, learns):
    before = copy.deepcopy(tiny_model.state_dict())
    trainer = adapt(tiny_model, picture_rows, lora(target))
    start = learned_weights(trainer.model)
    assert {part for part, count in trainer.num_parameters.items() if count and part != "frozen"} == learns
    trainer.train()
    after = base_weights(trainer.model)
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    unmoved = [name for name, value in learned_weights(trainer.model).items() if torch.equal(value, start[name])]
    # SigLIP's keys have a bias that no score depends on, but their matrices all matter.
    assert unmoved == []
    assert any("aligner.modules_to_save" in name for name in start) == ("aligner" in learns)


def test_learning_parameters_are_counted_by_part(tiny_model, adapt, picture_rows):
    num_aligner = sum(weight.numel() for weight in tiny_model.model.aligner.parameters())
    num_base = sum(weight.numel() for weight in tiny_model.parameters())
    counts = adapt(tiny_model, picture_rows, lora("all")).num_parameters
    # Rank 4, width 32, inner width 64 (SAM's 128): 4 (in + out) for each matrix.
    siglip = 2 * 4 * (4 * (32 + 32) + 2 * (32 + 64))
    sam = 4 * 4 * ((32 + 96) + (32 + 32) + 2 * (32 + 128))
    assert counts == {
        "vision": siglip + sam,
        "aligner": num_aligner,
        "language_model": 2 * 4 * (4 * (32 + 32) + 3 * (32 + 64)),
        "frozen": num_base,
    }


@pytest.mark.parametrize("target", ["language", "all"])
def test_an_adapter_that_has_learned_nothing_leaves_the_loss_of_full_training(tiny_model, adapt, mixed_rows, target):
    full = adapt(copy.deepcopy(tiny_model), mixed_rows, None, max_steps=1)
    full.train()
    fresh = adapt(tiny_model, mixed_rows, lora(target, random=False), max_steps=1)
    fresh.train()
    assert losses(fresh) == pytest.approx(losses(full), abs=1e-6)


def test_the_seed_decides_how_an_adapter_begins(tiny_model, adapt, picture_rows):
    starts = []
    for seed in (1, 1, 2):
        torch.rand(3)
        trainer = adapt(copy.deepcopy(tiny_model), picture_rows, lora(random=False), seed=seed)
        starts.append(learned_weights(trainer.model))
    name = next(name for name in starts[0] if ".lora_A." in name)
    assert torch.equal(starts[0][name], starts[1][name])
    assert not torch.equal(starts[0][name], starts[2][name])


def test_resuming_repeats_the_losses_of_an_unbroken_run(tiny_model, adapt, mixed_rows, tmp_path):
    settings = {"train_sampling_strategy": "random", "max_steps": 6, "output_dir": str(tmp_path / "broken")}
    unbroken = adapt(copy.deepcopy(tiny_model), mixed_rows, lora("all"), **settings | {"output_dir": str(tmp_path)})
    unbroken.train()
    adapt(copy.deepcopy(tiny_model), mixed_rows, lora("all"), save_strategy="steps", save_steps=3, **settings).train()
    newest = tmp_path / "broken" / "checkpoint-6"
    assert not (newest / "model.safetensors").exists()  # the adapter alone
    weights = newest / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])  # so the newest that is whole is 3
    resumed = adapt(tiny_model, mixed_rows, lora("all", random=False), **settings)
    resumed.train(resume_from_checkpoint="true")
    assert len(losses(unbroken)) == 6
    assert losses(resumed) == losses(unbroken)
    expected = learned_weights(unbroken.model)
    assert all(torch.equal(value, expected[name]) for name, value in learned_weights(resumed.model).items())


def test_held_out_rows_are_scored_with_the_adapter(tiny_model, adapt, mixed_rows, text_rows):
    sets = {"pictures": Dataset.from_list(mixed_rows), "texts": Dataset.from_list(text_rows)}
    settings = {"eval_dataset": sets, "eval_strategy": "steps", "eval_steps": 1, "learning_rate": 0.0, "max_steps": 1}
    scores = []
    for config in (lora(), lora(random=False)):
        trainer = adapt(copy.deepcopy(tiny_model), mixed_rows, config, **settings)
        trainer.train()
        found = {name: value for entry in trainer.state.log_history for name, value in entry.items()}
        scores.append((found["eval_pictures_loss"], found["eval_texts_loss"]))
    assert all(score > 0 for pair in scores for score in pair)
    assert abs(scores[0][0] - scores[1][0]) > 1e-4
    assert abs(scores[0][1] - scores[1][1]) > 1e-4


@pytest.mark.parametrize("target", ["language", "all"])
def test_checkpointing_activations_changes_no_loss(tiny_model, adapt, mixed_rows, target):
    found = []
    for checkpointing in (True, False):
        # Not AdamW, which makes a step of the last bit of a gradient near zero.
        settings = {"gradient_checkpointing": checkpointing, "optim": "sgd", "learning_rate": 1e-1}
        trainer = adapt(copy.deepcopy(tiny_model), mixed_rows, lora(target), **settings)
        trainer.train()
        found.append(losses(trainer))
    assert found[0] == pytest.approx(found[1], abs=1e-6)
    assert found[0][0] != found[0][1]


def note_gradient(seen, name, module, args, output):
    seen[name] = (output if isinstance(output, torch.Tensor) else output[0]).requires_grad


@pytest.mark.parametrize("checkpointing", [True, False])
@pytest.mark.parametrize("target", ["language", "language+aligner", "towers"])
def test_towers_keep_activations_only_where_they_learn(tiny_model, adapt, picture_rows, target, checkpointing):
    trainer = adapt(tiny_model, picture_rows, lora(target), gradient_checkpointing=checkpointing)
    tower, seen = tiny_model.model.vision_model, {}
    for name in ("low_res.embeddings", "low_res.encoder.layers.1", "low_res", "high_res.layers.3"):
        tower.get_submodule(name).register_forward_hook(partial(note_gradient, seen, name))
    trainer.train()
    learns = target == "towers"
    assert seen.pop("low_res.embeddings") is False
    assert set(seen.values()) == {learns}
    assert len(seen) == 3


def test_every_part_of_an_adapter_has_its_learning_rate(tiny_model, adapt, picture_rows):
    scales = {"vision_lr_scale": 0.1, "language_model_lr_scale": 0.5, "aligner_lr_scale": 2.0}
    trainer = adapt(tiny_model, picture_rows, lora("all"), learning_rate=1e-3, lr_scheduler_type="constant", **scales)
    trainer.train()
    rates = {parameter: group["lr"] for group in trainer.optimizer.param_groups for parameter in group["params"]}
    found = {}
    for name, parameter in trainer.model.named_parameters():
        if parameter.requires_grad:
            part = next(part for part in ("aligner", "low_res", "high_res", "language_model") if part in name)
            found.setdefault(part, set()).add(rates.pop(parameter))
    assert found == {"low_res": {1e-4}, "high_res": {1e-4}, "aligner": {2e-3}, "language_model": {5e-4}}
    assert rates == {}


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_text_alone_is_refused_where_only_towers_learn(tiny_model, adapt, mixed_rows, stage):
    with pytest.raises(ValueError, match=r"found 3 rows in train_dataset/language.*an adapter of it learn"):
        adapt(tiny_model, mixed_rows, lora("towers"), stage, train_sampling_strategy="random")


def test_stage_1_takes_texts_where_the_language_model_has_an_adapter(tiny_model, adapt, mixed_rows):
    trainer = adapt(tiny_model, mixed_rows, lora(), 1, train_sampling_strategy="random", max_steps=4)
    start = learned_weights(trainer.model)
    trainer.train()
    assert len(losses(trainer)) == 4
    logged = trainer.state.log_history
    assert any(entry.get("loss_language", 0) > 0 for entry in logged)
    assert any(entry.get("loss_multimodal", 0) > 0 for entry in logged)
    assert all(not torch.equal(value, start[name]) for name, value in learned_weights(trainer.model).items())


def test_an_adapter_that_is_on_the_model_already_goes_on_learning(tiny_model, adapt, mixed_rows):
    config = lora("language+aligner")
    torch.manual_seed(0)
    wrapped = get_peft_model(copy.deepcopy(tiny_model), config)
    trainer = adapt(wrapped, mixed_rows, None)
    assert trainer.model is wrapped
    start = learned_weights(wrapped)
    before = {name: value.clone() for name, value in base_weights(wrapped).items()}
    trainer.train()
    assert len(losses(trainer)) == 2
    after = base_weights(wrapped)
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert all(not torch.equal(value, start[name]) for name, value in learned_weights(wrapped).items())
    assert trainer.num_parameters["vision"] == 0


def test_two_adapters_at_once_are_refused(tiny_model, adapt, picture_rows):
    with pytest.raises(ValueError, match="PeftModel"):
        adapt(get_peft_model(tiny_model, lora()), picture_rows, lora())


def test_an_adapter_learns_from_packs(tiny_model, adapt, mixed_rows):
    planned = {"train_sampling_strategy": "random", "language_share": 0.25, "language_warmup_steps": 0}
    trainer = adapt(
        tiny_model, mixed_rows, lora(), 2, packing=True, max_length=160, max_steps=3, lr_drops={}, **planned
    )
    batch = next(iter(trainer.get_train_dataloader()))
    assert "position_ids" in batch
    start = learned_weights(trainer.model)
    trainer.train()
    assert len(losses(trainer)) == 3
    assert losses(trainer)[-1] < losses(trainer)[0]
    assert all(not torch.equal(value, start[name]) for name, value in learned_weights(trainer.model).items())


def test_cached_features_give_an_adapter_the_losses_of_computed_ones(tiny_model, adapt, mixed_rows, tmp_path):
    planned = {"train_sampling_strategy": "random", "language_share": 0.25, "language_warmup_steps": 0, "max_steps": 4}
    planned |= {"optim": "sgd", "learning_rate": 1e-1}
    found, ran = [], []
    for cache in (None, str(tmp_path / "cache"), str(tmp_path / "cache")):
        model = copy.deepcopy(tiny_model)
        body = model.model.vision_model.low_res.encoder
        body.register_forward_hook(lambda *args: ran.append(1))
        ran.clear()
        trainer = adapt(model, mixed_rows, lora("language+aligner"), 2, feature_cache=cache, **planned)
        trainer.train()
        found.append(losses(trainer))
    assert found[1] == pytest.approx(found[0], rel=1e-5)
    assert found[2] == pytest.approx(found[0], rel=1e-5)
    assert ran == []  # the third run finds all in the cache


@pytest.mark.parametrize("target", ["towers", "all"])
def test_a_feature_cache_is_refused_where_towers_learn(tiny_model, adapt, picture_rows, tmp_path, target):
    with pytest.raises(ValueError, match=r"found feature_cache=.*and \d+ parameters that learn in the towers"):
        adapt(tiny_model, picture_rows, lora(target), 2, feature_cache=str(tmp_path / "cache"))
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("target", ["language+aligner", "towers"])
def test_an_adapter_with_magnitudes_learns(tiny_model, adapt, picture_rows, target):
    trainer = adapt(tiny_model, picture_rows, lora(target, use_dora=True, use_rslora=True))
    start = learned_weights(trainer.model)
    assert any("lora_magnitude_vector" in name for name in start)
    trainer.train()
    assert len(losses(trainer)) == 2
    assert all(not torch.equal(value, start[name]) for name, value in learned_weights(trainer.model).items())


@pytest.mark.parametrize("modules", ["all-linear", ["q_proj", "v_proj"]])
def test_modules_that_only_peft_knows_learn_and_stand_in_the_record(
    tiny_model, adapt, picture_rows, tmp_path, modules
):
    names = modules if isinstance(modules, list) else [modules]
    config = peft_config_for(ModelConfig(use_peft=True, lora_r=2, lora_target_modules=names))
    trainer = adapt(tiny_model, picture_rows, config, max_steps=1)
    trainer.train()
    assert "lora_alpha" in (tmp_path / "out" / "run.json").read_text()
    assert min(count for part, count in trainer.num_parameters.items() if part != "aligner") > 0


def test_a_low_res_model_learns_an_adapter(tiny_low_res_model, adapt, tiny_processor, mixed_rows):
    tiny_processor.image_processor.high_res_size = None
    trainer = adapt(tiny_low_res_model, mixed_rows, lora("all"))
    start = learned_weights(trainer.model)
    trainer.train()
    assert all(not torch.equal(value, start[name]) for name, value in learned_weights(trainer.model).items())


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
