"""Configs for many GPUs are read as accelerate reads them, the guide's tables hold, the Slurm script launches and requeues.

python -m pytest tests/test_clusters.py
"""

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import yaml
from accelerate.commands import launch
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.utils import DeepSpeedPlugin, DistributedType, FullyShardedDataParallelPlugin
from accelerate.utils.deepspeed import HfDeepSpeedConfig
from accelerate.utils.fsdp_utils import fsdp2_prepare_auto_wrap_policy
from accelerate.utils.launch import prepare_deepspeed_cmd_env, prepare_multi_gpu_env
from datasets import Dataset
from PIL import Image
from torch.distributed.fsdp import StateDictType
from transformers.integrations.deepspeed import HfTrainerDeepSpeedConfig
from trl import TrlParser

from deepseek_vl_hf import DeepSeekVLHFConfig, DeepSeekVLHFForConditionalGeneration
from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.training import DeepSeekVLHFTrainingConfig
from deepseek_vl_hf.training.stages import freeze_for


ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
GUIDE = (EXAMPLES / "clusters.md").read_text()
SCRIPT = EXAMPLES / "slurm" / "train.slurm"
CONFIGS = {
    "ddp": DistributedType.MULTI_GPU,
    "fsdp2": DistributedType.FSDP,
    "zero2": DistributedType.DEEPSPEED,
    "zero3": DistributedType.DEEPSPEED,
}


def config_file(name):
    return EXAMPLES / "accelerate" / f"{name}.yaml"


def launched(monkeypatch, name, *options):
    """The arguments that `accelerate launch` hands to torchrun, and the environment of the processes."""
    found = []
    for launcher in ("simple", "multi_gpu", "deepspeed"):
        monkeypatch.setattr(launch, f"{launcher}_launcher", lambda args, name=launcher: found.append((name, args)))
    config = [] if name is None else ["--config_file", str(config_file(name))]
    parser = launch.launch_command_parser()
    launch.launch_command(parser.parse_args([*config, "--main_process_port", "0", *options, "train.py"]))
    ((launcher, args),) = found
    environment = {}
    if launcher == "multi_gpu":
        environment = prepare_multi_gpu_env(args)
    elif launcher == "deepspeed":
        _, environment = prepare_deepspeed_cmd_env(args)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    return launcher, args


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


# Stand-ins for a cluster: `srun` runs the command once per node and, as Slurm does, gives signals to every process of a step.
STUBS = {
    "scontrol": 'if [[ "$1" == show ]]; then printf "node1\\nnode2\\n"; else echo "scontrol $*"; fi',
    "srun": """
echo "srun $*" | head -n 1
while [[ "$1" == --* ]]; do shift; done
for ((node = 0; node < SLURM_JOB_NUM_NODES; node++)); do SLURM_NODEID=$node setsid "$@" & tasks+=($!); done
trap 'for task in "${tasks[@]}"; do pkill -USR1 -s "$task"; done' USR1
status=0
for task in "${tasks[@]}"; do while true; do wait "$task"; code=$?; ((code == 138)) || break; done; ((code)) && status=$code; done
exit "$status"
""",
    # A launcher, its trainer, and the trainer's worker; the trainer saves on SIGTERM if its worker still lives.
    "accelerate": """
echo "accelerate $*"
[[ -v LONG_RUN ]] || exit "${LAUNCH_STATUS:-0}"
bash -c 'sleep 30 & trap "kill $! && echo saved; exit 0" TERM; echo training; while sleep 0.1; do :; done'
""",
}


@pytest.fixture
def cluster(tmp_path):
    """The environment of a job of two nodes with eight GPUs each."""
    for name, body in STUBS.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{body}\n")
        (tmp_path / name).chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "SLURM_JOB_ID": "4242",
        "SLURM_JOB_NODELIST": "node[1-2]",
        "SLURM_JOB_NUM_NODES": "2",
        "SLURM_GPUS_ON_NODE": "8",
        "SLURM_CPUS_ON_NODE": "96",
    }


@pytest.fixture
def start(cluster):
    """Start the script; whatever it leaves behind ends with the test."""
    jobs = []

    def start(*words, **environment):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "start_new_session": True}
        jobs.append(subprocess.Popen(["bash", str(SCRIPT), *words], env={**cluster, **environment}, **pipes))
        return jobs[-1]

    yield start
    for job in jobs:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(job.pid, signal.SIGKILL)


def test_the_slurm_script_is_bash_and_says_how_it_is_used(start):
    assert subprocess.run(["bash", "-n", str(SCRIPT)], check=False).returncode == 0
    job = start("recipe.yaml")
    assert "RECIPE.yaml ACCELERATE.yaml" in job.communicate(timeout=60)[0]
    assert job.returncode == 2


def test_the_slurm_script_starts_one_launcher_per_node(start):
    job = start("recipe.yaml", "ddp.yaml", "--output_dir", "with space", "--max_steps", "7")
    lines = job.communicate(timeout=60)[0].splitlines()
    assert job.returncode == 0, lines
    assert "--kill-on-bad-exit=1 --cpus-per-task=96 " in lines[0]
    assert sorted(line for line in lines if line.startswith("accelerate")) == [
        f"accelerate launch --config_file ddp.yaml --num_machines 2 --num_processes 16 --machine_rank {rank} "
        "--main_process_ip node1 --main_process_port 24242 --module deepseek_vl_hf.cli train recipe.yaml "
        "--resume_from_checkpoint true --output_dir with space --max_steps 7"
        for rank in (0, 1)
    ]
    assert not [line for line in lines if line.startswith("scontrol")]


def test_accelerate_understands_the_launch_of_the_slurm_script(monkeypatch):
    text = re.search(r"exec accelerate launch (.*?) \"\$@\"", SCRIPT.read_text(), re.DOTALL)[1].replace("\\\n", " ")
    values = {
        "config": str(config_file("fsdp2")),
        "SLURM_JOB_NUM_NODES": "2",
        "NUM_PROCESSES": "16",
        "SLURM_NODEID": "1",
    }
    values |= {"MAIN_ADDRESS": "node1", "MAIN_PORT": "24242", "recipe": "recipe.yaml"}
    words = [values[word.strip('"$')] if "$" in word else word for word in text.split()]
    args = launch.launch_command_parser().parse_args(words)
    assert isinstance(args, argparse.Namespace)
    assert (args.module, args.training_script) == (True, "deepseek_vl_hf.cli")
    assert args.training_script_args == ["train", "recipe.yaml", "--resume_from_checkpoint", "true"]


def test_a_launcher_that_fails_ends_the_job_without_another_try(start):
    job = start("recipe.yaml", "ddp.yaml", LAUNCH_STATUS="3")
    output = job.communicate(timeout=60)[0]
    assert job.returncode == 3
    assert "scontrol" not in output


def test_before_time_is_up_every_node_saves_and_the_job_is_queued_again(start):
    job = start("recipe.yaml", "ddp.yaml", LONG_RUN="1")
    lines = [job.stdout.readline() for _ in range(5)]  # srun, two launchers, two trainers
    assert sum("training" in line for line in lines) == 2, lines
    time.sleep(2)  # the trap of each node is set after its launcher has started
    job.send_signal(signal.SIGUSR1)
    output = job.communicate(timeout=60)[0]
    assert job.returncode == 0, output
    assert output.split("\n").count("saved") == 2
    assert "scontrol requeue 4242" in output


LEARN = """
import json, os, sys
import torch
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType
from deepseek_vl_hf.training import run
from deepseek_vl_hf.training.trainer import DeepSeekVLHFTrainer

if os.environ.get("ACCELERATE_USE_FSDP"):
    original = AcceleratorState.__init__

    def init(self, *args, **kwargs):
        # accelerate has FSDP for accelerators alone; PyTorch has it for CPUs too.
        PartialState(cpu=True)
        if PartialState._shared_state["distributed_type"] != DistributedType.FSDP:
            PartialState._shared_state["distributed_type"] = DistributedType.MULTI_GPU
        original(self, *args, **{**kwargs, "cpu": False})

    AcceleratorState.__init__ = init

def note(trainer, *args, **kwargs):
    result = train(trainer, *args, **kwargs)
    values = {}
    for name, value in trainer.accelerator.unwrap_model(trainer.model).state_dict().items():
        values[name] = value.full_tensor() if hasattr(value, "full_tensor") else value
    if trainer.is_world_process_zero():
        torch.save(values, sys.argv[1])
    sys.stdout.flush()
    torch.distributed.barrier()
    os._exit(0)

train, DeepSeekVLHFTrainer.train = DeepSeekVLHFTrainer.train, note
run.train_from_recipe(sys.argv[2], sys.argv[3:])
"""


@pytest.mark.slow
def test_fsdp2_learns_what_ddp_learns(monkeypatch, tmp_path, tiny_model, tiny_processor):
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    pictures = [Image.new("RGB", (40, 40), (50 * n, 99, 0)) for n in range(4)]
    rows = [chat_row((f"What is {n}?", "A cat" + " and a dog" * (n % 5)), images=pictures[: n % 3]) for n in range(32)]
    Dataset.from_list(rows).save_to_disk(tmp_path / "rows")
    (tmp_path / "learn.py").write_text(LEARN)
    recipe = {
        "stage": 2,
        "model_name_or_path": str(tmp_path / "model"),
        "dataset_name": str(tmp_path / "rows"),
        "output_dir": str(tmp_path / "out"),
        "max_steps": 4,
        "max_length": 300,
        "language_share": 0.5,
        "language_warmup_steps": 0,
        "eval_strategy": "steps",
        "eval_steps": 2,
        "eval_sets": {"rows": str(tmp_path / "rows")},
        "warmup_steps": 0,
        "per_device_train_batch_size": 2,
        "save_strategy": "no",
        "report_to": "none",
        "use_cpu": True,
        "ddp_backend": "gloo",
        # SGD shows the size of a gradient, which AdamW hides.
        "optim": "sgd",
        "max_grad_norm": 0,
        "learning_rate": 0.1,
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(recipe))
    learned = {}
    for name in ("ddp", "fsdp2"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
        if name == "fsdp2":
            launched(monkeypatch, name)
            environment |= {key: value for key, value in os.environ.items() if "FSDP" in key}
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
        command += [str(tmp_path / "learn.py"), str(tmp_path / name), str(tmp_path / "recipe.yaml")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            pytest.fail(done.stderr[-3000:])
        learned[name] = torch.load(tmp_path / name)
    found, expected = learned["fsdp2"], learned["ddp"]
    before = tiny_model.state_dict()
    assert not expected["lm_head.weight"].equal(before["lm_head.weight"])
    assert [name for name in expected if not torch.allclose(found[name], expected[name], rtol=1e-5, atol=1e-6)] == []
