"""With an adapter the trainer trains the adapter and nothing else, and all else stays as the stage says.

python -m pytest tests/training/test_lora_training.py
"""

import copy
from functools import partial
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from lora_checks import base_weights, learned_weights, lora, losses
from peft import get_peft_model
from trl import ModelConfig

from deepseek_vl_hf.training import (
    peft_config_for,
)


ROOT = Path(__file__).parents[2]


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
