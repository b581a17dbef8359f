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
import yaml
from datasets import Dataset
from PIL import Image
from safetensors.torch import load_file

from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.training import run, train_from_recipe


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
    share = {"--language_share": 0.0} if stage == 2 else {}  # rows without pictures are not among these
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


@pytest.mark.parametrize(("size", "stage"), RECIPES)
def test_a_recipe_has_the_papers_values(size, stage):
    values = yaml.safe_load(recipe(size, stage).read_text())
    learning_rate, warmup_steps, max_steps, rows, max_length = {
        ("1.3b", 1): (1.0e-3, 128, 15000, 256, 512),
        ("1.3b", 2): (3.0e-5, 2000, 96000, 1024, 4096),
        ("1.3b", 3): (2.0e-5, 256, 10000, 256, 4096),
        ("7b", 1): (1.0e-3, 128, 15000, 256, 512),
        ("7b", 2): (4.2e-5, 2000, 42000, 2304, 4096),
        ("7b", 3): (2.0e-5, 256, 10000, 256, 4096),
    }[size, stage]
    assert values["stage"] == stage
    assert values["learning_rate"] == learning_rate
    assert values["warmup_steps"] == warmup_steps
    assert values["max_steps"] == max_steps
    assert values["per_device_train_batch_size"] * values["gradient_accumulation_steps"] * 8 == rows
    assert values["max_length"] == max_length
    assert (values.get("packing", False), values.get("language_share")) == (
        (True, 0.7) if stage == 2 else (False, None)
    )
    assert (values["adam_beta1"], values["adam_beta2"]) == (0.9, 0.95)
    assert (values["weight_decay"], values["max_grad_norm"]) == (0.0, 1.0)
    assert values["lr_scheduler_type"] == {1: "cosine", 2: "constant_with_warmup", 3: "cosine"}[stage]


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
