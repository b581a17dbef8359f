"""The scripts run as their docstrings say, are twins, and do what `deepseek-vl train` does; recipes hold the paper's values.

python -m pytest tests/test_examples.py
"""

import ast
import difflib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset
from PIL import Image
from safetensors.torch import load_file
from trl import ModelConfig, TrlParser

from deepseek_vl_hf import DeepSeekVLHFConfig
from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.training import (
    DeepSeekVLHFScriptArguments,
    DeepSeekVLHFTrainingConfig,
    run,
    train_from_recipe,
)


ROOT = Path(__file__).parents[1]
SCRIPTS = {1: "train_stage1_aligner.py", 2: "train_stage2_pretrain.py", 3: "train_stage3_sft.py"}
RECIPES = [(size, stage) for size in ("1.3b", "7b") for stage in SCRIPTS]
# A CPU, two steps, and as little of everything else as the recipes' sizes leave room for.
SHORT = {
    "--max_steps": 2,
    "--per_device_train_batch_size": 2,
    "--gradient_accumulation_steps": 1,
    "--logging_steps": 1,
    "--warmup_steps": 0,
    "--use_cpu": True,
    "--bf16": False,
    "--dataloader_num_workers": 0,
    "--report_to": "none",
    "--save_strategy": "no",
}


def recipe(size, stage):
    return ROOT / "examples" / "recipes" / size / f"stage{stage}.yaml"


@pytest.fixture
def folders(tmp_path, tiny_model, tiny_processor):
    """A saved model and saved rows, as arguments."""
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    pictures = [Image.fromarray(np.full((40, 40, 3), 60 * index, dtype=np.uint8)) for index in range(4)]
    rows = [chat_row(("What is it?", f"A cat, {index}."), images=[image]) for index, image in enumerate(pictures)]
    Dataset.from_list(rows).save_to_disk(tmp_path / "rows")
    return {
        "--model_name_or_path": tmp_path / "model",
        "--dataset_name": tmp_path / "rows",
        "--output_dir": tmp_path / "out",
    }


def words(arguments):
    return [str(word) for pair in arguments.items() for word in pair]


def run_script(name, config, arguments):
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(ROOT / "examples" / name), "--config", str(config), *words(arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("stage", SCRIPTS)
def test_a_script_trains_two_steps_of_its_recipe_and_saves(folders, tmp_path, stage):
    share = (
        {"--language_share": 0.0, "--instruction_share": 0} if stage == 2 else {}
    )  # rows without pictures are not among these
    done = run_script(SCRIPTS[stage], recipe("7b", stage), folders | SHORT | share)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(re.findall(r"'loss': '", done.stdout)) == 2
    before, after = (load_file(tmp_path / name / "model.safetensors") for name in ("model", "out"))
    assert before.keys() == after.keys()
    changed = {name for name in before if not before[name].equal(after[name])}
    assert "model.aligner.proj.weight" in changed
    assert ("lm_head.weight" in changed) == (stage > 1)
    assert (tmp_path / "out" / "chat_template.jinja").is_file()


def test_the_train_command_does_the_same_and_takes_overrides(folders, tmp_path):
    train_from_recipe(str(recipe("1.3b", 3)), words(folders | SHORT))
    assert (tmp_path / "out" / "model.safetensors").is_file()


def test_a_script_refuses_the_recipe_of_another_stage(folders):
    done = run_script(SCRIPTS[1], recipe("7b", 2), folders | SHORT)
    assert done.returncode != 0
    assert "found stage=2, expected 1; use the script of that stage" in done.stderr


def test_the_scripts_are_twins():
    first, *others = [(ROOT / "examples" / name).read_text().splitlines() for name in SCRIPTS.values()]
    for other in others:
        changes = [line for line in difflib.ndiff(first, other) if line[0] in "+-"]
        assert len(changes) < 30  # 15 lines in either file


def test_the_scripts_and_the_train_command_hold_the_same_statements():
    tree = ast.parse(Path(run.__file__).read_text())
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "train")
    expected = [ast.dump(statement) for statement in function.body[1:]]  # the first is the docstring
    for name in SCRIPTS.values():
        main = ast.parse((ROOT / "examples" / name).read_text()).body[-1]
        assert [ast.dump(statement) for statement in main.body][-len(expected) :] == expected, name


# Table 4: peak learning rate, scheduler, warm-up steps, training steps, sequences per step, length, packing.
TABLE_4 = {
    ("1.3b", 1): (1.0e-3, "cosine", 128, 15_000, 256, 512, False),
    ("1.3b", 2): (3.0e-5, "constant_with_warmup", 2000, 96_000, 1024, 4096, True),
    ("1.3b", 3): (2.0e-5, "cosine", 256, 10_000, 256, 4096, False),
    ("7b", 1): (1.0e-3, "cosine", 128, 15_000, 256, 512, False),
    ("7b", 2): (4.2e-5, "constant_with_warmup", 2000, 42_000, 2304, 4096, True),
    ("7b", 3): (2.0e-5, "cosine", 256, 10_000, 256, 4096, False),
}


def parsed(size, stage):
    """A recipe as the trainer gets it."""
    parser = TrlParser((DeepSeekVLHFScriptArguments, DeepSeekVLHFTrainingConfig, ModelConfig))
    return parser.parse_args_and_config(["--config", str(recipe(size, stage)), "--use_cpu", "true"])


@pytest.mark.parametrize(("size", "stage"), RECIPES)
def test_a_recipe_has_the_papers_values(size, stage):
    script_args, args, _ = parsed(size, stage)
    rows = args.per_device_train_batch_size * args.gradient_accumulation_steps * 8
    found = (
        args.learning_rate,
        args.lr_scheduler_type,
        args.warmup_steps,
        args.max_steps,
        rows,
        args.max_length,
        args.packing,
    )
    assert found == TABLE_4[size, stage]
    assert args.stage == stage
    assert (args.optim, args.adam_beta1, args.adam_beta2) == ("adamw_torch_fused", 0.9, 0.95)
    assert (args.weight_decay, args.max_grad_norm) == (0.0, 1.0)
    assert args.lr_scales == {"vision": 1.0, "aligner": 1.0, "language_model": 1.0}
    assert args.bf16
    # In stage 1 a length of 512 is less than a picture's 576 tokens, so it bounds the text.
    assert args.count_image_tokens == (stage > 1)
    assert args.assistant_only_loss == (stage != 2)
    schedule = args.share_schedule
    if stage == 2:
        assert [schedule.share(step) for step in (0, 1000, 2000, args.max_steps)] == [1.0, 0.85, 0.7, 0.7]
        drops = [start * args.max_steps for start in args.lr_drops]
        assert drops == pytest.approx({"1.3b": [76_800, 86_400], "7b": [33_600, 37_800]}[size])
        assert list(args.lr_drops.values()) == [0.316, 0.1]
        tokens = args.max_steps * rows * args.max_length
        assert tokens / 1e9 == pytest.approx({"1.3b": 402.7, "7b": 396.4}[size], abs=0.05)
        assert (script_args.instruction_dataset_name, args.instruction_share) == ("path/to/conversations", 0.01)
    else:
        assert (schedule, args.lr_drops) == (None, {})
        # About one pass over the 3.75 million pairs of stage 1, and 2.56 million conversations.
        assert args.max_steps * rows == {1: 3_840_000, 3: 2_560_000}[stage]


@pytest.mark.parametrize("size", ["1.3b", "7b"])
def test_a_preset_has_the_papers_encoder(size):
    config = DeepSeekVLHFConfig.from_preset(size)
    assert (config.vision_config.image_size, config.num_visual_tokens) == (384, 576)
    high_res = config.high_res_vision_config
    assert (high_res and high_res.image_size) == {"1.3b": None, "7b": 1024}[size]
    assert 4096 // config.num_visual_tokens == 7


@pytest.mark.parametrize(("size", "stage"), RECIPES)
def test_a_sentence_stands_above_each_key_of_a_recipe(size, stage):
    lines = recipe(size, stage).read_text().splitlines()
    keys = [index for index, line in enumerate(lines) if line and not line.startswith("#")]
    assert len(keys) > 10
    for index in keys:
        assert re.fullmatch(r"# [A-Z].*\.", lines[index - 1]), lines[index]


def test_the_readme_names_every_script_and_recipe():
    readme = (ROOT / "examples" / "README.md").read_text()
    for name in SCRIPTS.values():
        assert name in readme
