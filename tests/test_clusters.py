"""Configs for many GPUs are read as accelerate reads them, and the guide's tables hold.

python -m pytest tests/test_clusters.py
"""

import json
import re

import pytest
import torch
import yaml
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.utils import DeepSpeedPlugin, DistributedType, FullyShardedDataParallelPlugin
from accelerate.utils.deepspeed import HfDeepSpeedConfig
from accelerate.utils.fsdp_utils import fsdp2_prepare_auto_wrap_policy
from torch.distributed.fsdp import StateDictType
from transformers.integrations.deepspeed import HfTrainerDeepSpeedConfig
from trl import TrlParser

from deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFForConditionalGeneration
from deepseek_vl_hf.training import DeepSeekVLHFTrainingConfig
from deepseek_vl_hf.training.stages import freeze_for
from launches import EXAMPLES, config_file, launched


GUIDE = (EXAMPLES / "clusters.md").read_text()
CONFIGS = {
    "ddp": DistributedType.MULTI_GPU,
    "fsdp2": DistributedType.FSDP,
    "zero2": DistributedType.DEEPSPEED,
    "zero3": DistributedType.DEEPSPEED,
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_is_one_of_accelerates_and_names_no_machine(name):
    config = load_config_from_file(str(config_file(name)))
    assert config.distributed_type == CONFIGS[name]
    assert (config.num_machines, config.num_processes, config.machine_rank) == (1, 8, 0)
    assert config.main_process_ip is config.main_process_port is config.gpu_ids is None


@pytest.mark.parametrize("name", CONFIGS)
def test_a_sentence_stands_above_each_key_of_a_config(name):
    lines = config_file(name).read_text().splitlines()
    keys = [index for index, line in enumerate(lines) if re.match(r" *\w+:", line)]
    assert len(keys) > 3
    for index in keys:
        assert re.fullmatch(r" *# [A-Z].*\.", lines[index - 1]), lines[index]


@pytest.mark.parametrize("name", CONFIGS)
def test_accelerate_starts_eight_processes_here_and_eight_per_node_of_two(monkeypatch, name):
    launcher, args = launched(monkeypatch, name)
    assert launcher == ("deepspeed" if name.startswith("zero") else "multi_gpu")
    assert args.nproc_per_node == "8"
    many = ["--num_machines", "2", "--num_processes", "16", "--machine_rank", "1", "--main_process_ip", "node1"]
    _, args = launched(monkeypatch, name, *many)
    assert (args.nproc_per_node, args.nnodes, args.node_rank) == ("8", "2", 1)
    assert args.rdzv_endpoint.startswith("node1:")


def test_accelerates_cpu_flag_leaves_one_process_whatever_else_is_asked(monkeypatch):
    launcher, _ = launched(monkeypatch, None, "--cpu", "--num_processes", "2")
    assert launcher == "simple"
    assert "`accelerate launch --cpu --num_processes 2` starts one process" in GUIDE


def wrapped(monkeypatch, model):
    """The modules that FSDP2 gathers on their own."""
    plugin = FullyShardedDataParallelPlugin()
    plugin.set_auto_wrap_policy(model)
    policy = fsdp2_prepare_auto_wrap_policy(plugin, model)
    return {name: module for name, module in model.named_modules() if policy(module)}


def test_fsdp2_gathers_each_transformer_layer_on_its_own(monkeypatch, tiny_model):
    launched(monkeypatch, "fsdp2")
    layers = wrapped(monkeypatch, tiny_model)
    config = tiny_model.config
    towers = (config.text_config, config.vision_config, config.high_res_vision_config)
    assert len(layers) == sum(tower.num_hidden_layers for tower in towers)
    inside = {id(parameter) for layer in layers.values() for parameter in layer.parameters()}
    outside = [name for name, parameter in tiny_model.named_parameters() if id(parameter) not in inside]
    assert not [name for name in outside if ".layers." in name]
    named = yaml.safe_load(config_file("fsdp2").read_text())["fsdp_config"]["fsdp_transformer_layer_cls_to_wrap"]
    assert set(named.split(",")) == set(tiny_model._no_split_modules)


def test_fsdp2_needs_the_list_without_sam_for_a_model_without_sam(monkeypatch, tiny_low_res_model):
    launched(monkeypatch, "fsdp2")
    with pytest.raises(ValueError, match="DeepSeekVLHFSamLayer"):
        wrapped(monkeypatch, tiny_low_res_model)
    launched(monkeypatch, "fsdp2", "--fsdp_transformer_layer_cls_to_wrap", "SiglipEncoderLayer,LlamaDecoderLayer")
    assert len(wrapped(monkeypatch, tiny_low_res_model)) == 4


def test_fsdp2s_plugin_has_the_configs_values_and_recomputes_nothing(monkeypatch):
    launched(monkeypatch, "fsdp2")
    plugin = FullyShardedDataParallelPlugin()
    assert plugin.fsdp_version == 2
    assert plugin.reshard_after_forward is plugin.cpu_ram_efficient_loading is True
    assert plugin.activation_checkpointing is False
    # transformers' `save_model` writes nothing with another type.
    assert plugin.state_dict_type == StateDictType.FULL_STATE_DICT


def test_every_value_of_the_model_is_a_parameter_as_fsdp2s_loading_expects(tiny_model):
    assert set(tiny_model.state_dict()) == {name for name, _ in tiny_model.named_parameters()}


@pytest.mark.parametrize("name", ["zero2", "zero3"])
def test_deepspeed_takes_the_recipes_numbers_and_adds_up_in_fp32(monkeypatch, name, tiny_model):
    recipe = ["--config", str(EXAMPLES / "recipes" / "7b" / "stage2.yaml"), "--use_cpu", "true"]
    parser = TrlParser(DeepSeekVLHFTrainingConfig)
    args, *_ = parser.parse_args_and_config(recipe, fail_with_unknown_args=False)
    launched(monkeypatch, name)
    plugin, stage = DeepSpeedPlugin(), int(name[-1])
    assert (plugin.zero_stage, plugin.zero3_init_flag) == (stage, stage == 3)
    # transformers fills in what is "auto"; its class for that has no base without the deepspeed package, so it gets one.
    methods = {key: value for key, value in vars(HfTrainerDeepSpeedConfig).items() if not key.startswith("__")}
    config = type("Filled", (HfDeepSpeedConfig,), methods)(plugin.deepspeed_config)
    config.mismatches = []
    config.trainer_config_process(args)
    config.trainer_config_finalize(args, tiny_model, args.max_steps)
    filled = config.config
    assert "auto" not in json.dumps(filled)
    assert (filled["train_micro_batch_size_per_gpu"], filled["gradient_accumulation_steps"]) == (1, 288)
    assert (filled["gradient_clipping"], filled["bf16"]) == (1.0, {"enabled": True})
    assert (filled["data_types"]["grad_accum_dtype"], filled["communication_data_type"]) == ("fp32", "fp32")
    assert filled["zero_optimization"]["stage"] == stage
    # Without it transformers' `save_model` writes no model under ZeRO-3.
    assert filled["zero_optimization"].get("stage3_gather_16bit_weights_on_model_save", False) == (stage == 3)


def tables():
    """The guide's tables: by recipe, what each row says."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", GUIDE, re.MULTILINE):
        header, _, *rows = ([cell.strip() for cell in line.strip("|\n").split("|")] for line in block.splitlines())
        found.append({name: {row[0]: row[place] for row in rows} for place, name in enumerate(header) if place})
    return found


RECIPES = {
    f"{size} stage {stage}": yaml.safe_load((EXAMPLES / "recipes" / size / f"stage{stage}.yaml").read_text())
    for size in ("1.3b", "7b")
    for stage in (1, 2, 3)
}


def number(cell):
    return float(cell.removeprefix("up to ").replace(",", ""))


@pytest.mark.parametrize("name", RECIPES)
def test_the_guides_arithmetic_is_the_recipes(name):
    recipe, column = RECIPES[name], tables()[0][name]
    per_device, rows = recipe["per_device_train_batch_size"], number(column["rows per step"])
    assert rows == per_device * recipe["gradient_accumulation_steps"] * 8
    pictures = 0 if recipe["count_image_tokens"] else 576
    assert number(column["tokens per row"]) == recipe["max_length"] + pictures
    assert number(column["tokens per step"]) == rows * number(column["tokens per row"])
    assert number(column["steps"]) == recipe["max_steps"]
    total = number(column["tokens per step"]) * recipe["max_steps"]
    assert number(column["tokens in all, billions"]) == round(total / 1e9, 1)
    assert ("up to" in column["tokens per step"]) != recipe.get(
        "packing", False
    )  # a pack is full, a row may be shorter
    assert config_file(column["config file"].strip("`").removesuffix(".yaml")).is_file()
    filled = 0
    for machines, cell in column.items():
        if not (size := re.fullmatch(r"(\d+) (?:GPU|nodes? x (\d+))", machines)):
            continue
        processes = int(size[1]) * int(size[2] or 1)
        if cell == "-":
            # Only where the batch cannot be split evenly, a cluster between is the better one, or one GPU is too small.
            assert rows % processes or processes in (1, 384), machines
            continue
        batch, accumulated = map(int, cell.split(" x "))
        assert batch * accumulated * processes == rows, machines
        assert batch <= per_device, machines
        filled += 1
    assert filled >= 4
    assert 4 * 2048 * 47250 == 4 * 2304 * 42000  # the same tokens on 64 nodes


@pytest.mark.parametrize("size", ["1.3b", "7b"])
def test_the_guides_gigabytes_follow_from_the_numbers_of_parameters(size):
    with torch.device("meta"):
        model = DeepSeekVLHFForConditionalGeneration(DeepSeekVLHFConfig.from_preset(size))
    for stage in (1, 2, 3):
        counts = freeze_for(model, stage)
        frozen = counts.pop("frozen")
        learning = sum(counts.values())
        # fp32 weights, gradients and two states of AdamW; DeepSpeed's are beside bf16 weights.
        state, bf16 = 16 * learning, 2 * (learning + frozen)
        expected = {
            "ddp": state + 4 * frozen,
            "zero2": bf16 + state / 8,
            "zero3": (bf16 + state) / 8,
            "fsdp2": (state + 4 * frozen) / 8,
        }
        column = tables()[1][f"{size} stage {stage}"]
        found = {re.match(r"\[(\w+)", row)[1]: float(cell) for row, cell in column.items()}
        assert found == {name: round(value / 1e9, 1) for name, value in expected.items()}
