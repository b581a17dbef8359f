"""The LoRA example runs as its docstring says and leaves an adapter with its scores; flags are distinct and held out for good.

python -m pytest tests/test_lora_example.py
"""

import json
import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from deepseek_vl_hf.data.backgrounds import SPLIT_FAMILIES
from deepseek_vl_hf.data.rows import validate_row


EXAMPLES = Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))
import flags  # noqa: E402


SCORES = r"flags named right: ([\d.]+)% before, [\d.]+% after, [\d.]+% merged \(of 25\); "
SCORES += r"old things named right: ([\d.]+)% before, [\d.]+% after, [\d.]+% merged \(of 50\)"


def pixels(split, numbers):
    return [flags.make_row(split, number)["images"][0].tobytes() for number in numbers]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lora") / "flags"
    small = "--max_steps 2 --per_device_train_batch_size 4 --num_flags 8 --num_doodles 8 --num_held_out 25 --lora_r 4"
    command = [sys.executable, str(EXAMPLES / "lora_finetune.py"), "--output_dir", str(folder), *small.split()]
    paths = {"PYTHONPATH": str(EXAMPLES.parent / "src"), "HF_HUB_OFFLINE": "1"}
    environment = {**os.environ, **paths, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False), folder


def test_the_example_leaves_an_adapter_and_its_processor(done):
    process, folder = done
    assert process.returncode == 0, process.stderr[-2000:]
    config = json.loads((folder / "adapter_config.json").read_text())
    assert (config["r"], config["peft_type"]) == (4, "LORA")
    for name in ("adapter_model.safetensors", "processor_config.json", "tokenizer.json", "chat_template.jinja"):
        assert (folder / name).is_file()
    assert not (folder / "model.safetensors").exists()


def test_its_last_line_has_all_scores(done):
    process, _ = done
    found = re.fullmatch(SCORES, process.stdout.strip().splitlines()[-1])
    assert found is not None, process.stdout[-500:]
    flags_before, old_before = map(float, found.groups())
    assert flags_before == 0  # the nano knows no country
    assert old_before >= 80


def test_its_evaluation_is_a_flat_list(done):
    _, folder = done
    found = json.loads((folder / "evaluation.json").read_text())
    asked = [(result["task"], result["stage"]) for result in found["results"]]
    assert asked == [(task, stage) for stage in ("before", "after", "merged") for task in ("flags", "old things")]
    for result in found["results"]:
        assert set(result) == {"task", "metric", "value", "rows", "prompt", "sampling", "stage"}
        assert 0 <= result["value"] <= 1
    assert "lora_finetune.py" in found["command"]
    assert {"deepseek_vl_hf", "torch", "transformers", "peft"} <= found["versions"].keys()


def test_every_country_has_a_flag_that_no_other_has():
    drawn = {country: np.asarray(flags.draw_flag(country).resize((90, 60)), float) for country in flags.COUNTRIES}
    assert 24 <= len(drawn) <= 40
    for one, other in combinations(drawn, 2):
        assert np.abs(drawn[one] - drawn[other]).mean() > 15, (one, other)


def test_a_shape_without_a_flag_to_be_on_is_a_mistake():
    for shapes in (flags.DISCS, flags.CROSSES, flags.TRIANGLES):
        assert shapes.keys() <= set(flags.COUNTRIES)


def test_a_row_is_decided_by_its_split_and_number():
    assert pixels("train", range(30)) == pixels("train", range(30))
    assert flags.draw_doodle(3).tobytes() == flags.draw_doodle(3).tobytes()
    for split in flags.SPLITS:
        rows = [flags.make_row(split, number) for number in range(len(flags.COUNTRIES))]
        assert len({row["messages"][-1]["content"][0]["text"] for row in rows}) == len(flags.COUNTRIES)
        for row in rows:
            validate_row(row)


def test_no_held_out_picture_is_one_of_training():
    seen, held_out = pixels("train", range(150)), pixels("held_out", range(150))
    assert len({*seen, *held_out}) == 300
    assert set(flags.HELD_OUT_FAMILIES) <= SPLIT_FAMILIES["held_out"].keys()
    assert set(flags.HELD_OUT_FAMILIES) & SPLIT_FAMILIES["train"].keys() == {"plain"}  # whose colours are divided


def test_flags_need_nothing_that_training_does_not(monkeypatch):
    for name in ("sklearn", "matplotlib"):
        monkeypatch.setitem(sys.modules, name, None)
    pixels("train", range(100))
    pixels("held_out", range(100))
