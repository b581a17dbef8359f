"""What each stage trains.

python -m pytest tests/training/test_stages.py
"""

import dataclasses

import pytest
import torch
from torch import nn
from transformers.modeling_layers import GradientCheckpointingLayer

from deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFForConditionalGeneration
from deepseek_vl_hf.training import PARTS, STAGES, DeepSeekVLHFTrainingConfig, freeze_for, stage_of
from deepseek_vl_hf.training.stages import parameters_by_part, recompute_only


BRIDGE = tuple(f"model.vision_model.high_res.{name}" for name in ("neck", "global_neck", "downsample", "alpha"))
LEARNS = {
    1: ("model.aligner", *BRIDGE),
    2: ("model.aligner", *BRIDGE, "model.language_model", "lm_head"),
    3: ("model.vision_model.low_res", "model.aligner", *BRIDGE, "model.language_model", "lm_head"),
}


def learning(model):
    return {name for name, parameter in model.named_parameters() if parameter.requires_grad}


def below(model, prefixes):
    names = (name for name, _ in model.named_parameters())
    return {name for name in names if any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)}


@pytest.mark.parametrize("stage", STAGES)
def test_exactly_the_parts_of_the_paper_learn_in_the_hybrid(tiny_model, stage):
    freeze_for(tiny_model, stage)
    assert learning(tiny_model) == below(tiny_model, LEARNS[stage])


@pytest.mark.parametrize("stage", STAGES)
def test_exactly_the_parts_of_the_paper_learn_with_siglip_alone(tiny_low_res_model, stage):
    freeze_for(tiny_low_res_model, stage)
    assert learning(tiny_low_res_model) == below(tiny_low_res_model, LEARNS[stage])
    assert learning(tiny_low_res_model)


@pytest.mark.parametrize("stage", STAGES)
def test_the_body_of_sam_learns_in_no_stage(tiny_model, stage):
    freeze_for(tiny_model, stage)
    high_res = tiny_model.model.vision_model.high_res
    body = [high_res.pos_embed, *high_res.patch_embed.parameters(), *high_res.layers.parameters()]
    assert not any(parameter.requires_grad for parameter in body)


def test_a_later_stage_undoes_the_freezing_of_an_earlier_one(tiny_model):
    freeze_for(tiny_model, 3)
    freeze_for(tiny_model, 1)
    assert learning(tiny_model) == below(tiny_model, LEARNS[1])


@pytest.mark.parametrize("stage", STAGES)
def test_the_counts_are_those_of_the_model(tiny_model, stage):
    counts = freeze_for(tiny_model, stage)
    assert sum(counts.values()) == sum(parameter.numel() for parameter in tiny_model.parameters())
    assert {part for part in PARTS if counts[part]} == set(STAGES[stage].trains)


def test_a_shared_head_is_counted_once(tiny_config):
    tiny_config.tie_word_embeddings = True
    model = DeepSeekVLHFForConditionalGeneration(tiny_config)
    model.tie_weights()
    counts = freeze_for(model, 2)
    assert sum(counts.values()) == sum(parameter.numel() for parameter in model.parameters())


def test_no_parameter_is_in_two_parts(tiny_model):
    parameters = [parameter for part in parameters_by_part(tiny_model).values() for parameter in part]
    assert len(parameters) == len(set(parameters))


def test_a_misspelt_path_is_an_error_and_changes_nothing(tiny_model, monkeypatch):
    monkeypatch.setitem(PARTS, "language_model", ("model.langauge_model",))
    with pytest.raises(AttributeError, match="langauge_model"):
        freeze_for(tiny_model, 1)
    assert all(parameter.requires_grad for parameter in tiny_model.parameters())


def test_an_unknown_part_is_an_error_and_changes_nothing(tiny_model):
    stage = dataclasses.replace(STAGES[1], trains=("alinger",))
    with pytest.raises(ValueError, match="alinger"):
        freeze_for(tiny_model, stage)
    assert all(parameter.requires_grad for parameter in tiny_model.parameters())


@pytest.mark.parametrize("number", [0, 4, "1", None])
def test_an_unknown_stage_is_refused(number):
    with pytest.raises(ValueError, match=f"stage={number!r}, expected one of 1, 2, 3"):
        stage_of(number)


def test_a_model_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="found a Linear"):
        freeze_for(nn.Linear(2, 2), 1)


def recomputing(model):
    return {name for name, module in model.named_modules() if getattr(module, "gradient_checkpointing", False) is True}


@pytest.mark.parametrize(
    ("stage", "parts", "prefixes"),
    [
        (1, None, ["model.language_model.layers."]),
        (2, None, ["model.language_model.layers."]),
        (3, None, ["model.language_model.layers.", "model.vision_model.low_res.encoder.layers."]),
        (3, ["vision"], ["model.vision_model.low_res.encoder.layers."]),
    ],
)
def test_only_the_parts_of_the_recipe_recompute_activations(
    tiny_model, make_trainer, picture_rows, stage, parts, prefixes
):
    trainer = make_trainer(
        tiny_model, picture_rows, stage, gradient_checkpointing=True, gradient_checkpointing_parts=parts
    )
    trainer.train()
    layers = [name for name, module in tiny_model.named_modules() if isinstance(module, GradientCheckpointingLayer)]
    found = {name for name in recomputing(tiny_model) if name in layers}
    assert found == {name for name in layers if name.startswith(tuple(prefixes))}


def test_frozen_towers_do_not_run_backwards(tiny_model, make_trainer, picture_rows):
    seen = []
    tower = tiny_model.model.vision_model.low_res
    tower.register_forward_hook(lambda module, args, output: seen.append(output.last_hidden_state.requires_grad))
    make_trainer(tiny_model, picture_rows, 2, gradient_checkpointing=True, max_steps=1).train()
    assert seen == [False]


def test_an_unknown_part_cannot_recompute(tiny_model, tmp_path):
    with pytest.raises(ValueError, match=r"found gradient_checkpointing_parts=\['sam'\], expected some of vision"):
        DeepSeekVLHFTrainingConfig(str(tmp_path), stage=2, gradient_checkpointing_parts=["sam"])
    with pytest.raises(ValueError, match=r"found unknown parts \['sam'\]"):
        recompute_only(tiny_model, ["sam"])


# Parameters as the paper's configurations have them: SigLIP-L without its pooling head, both aligners, DeepSeek LLM, and what of
# SAM-B learns (two necks, the down-sampling and alpha).
SIZES = {
    "1.3b": {"vision": 316_283_904 - 12_595_200, "aligner": 6_295_552, "language_model": 1_652_656_128},
    "7b": {"vision": 316_283_904 - 12_595_200, "aligner": 20_979_712 + 7_473_153, "language_model": 6_910_365_696},
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("size", SIZES)
def test_the_papers_models_learn_so_many_parameters(size, stage):
    with torch.device("meta"):
        model = DeepSeekVLHFForConditionalGeneration(DeepSeekVLHFConfig.from_preset(size))
    counts = freeze_for(model, stage)
    expected = {part: count if part in STAGES[stage].trains else 0 for part, count in SIZES[size].items()}
    assert {part: counts[part] for part in expected} == expected
    everything = sum(SIZES[size].values()) + (96_356_609 - 7_473_153 if size == "7b" else 0)
    assert counts["frozen"] == everything - sum(expected.values())


@pytest.mark.parametrize("stage", STAGES)
def test_the_nano_learns_what_its_stages_say(stage):
    with torch.device("meta"):
        model = DeepSeekVLHFForConditionalGeneration(DeepSeekVLHFConfig.from_preset("nano"))
    counts = freeze_for(model, stage)
    assert sum(counts.values()) == model.num_parameters()
    assert sum(counts.values()) < 8_000_000
    assert {part for part in PARTS if counts[part]} == set(STAGES[stage].trains)
