"""A dry run says what a recipe would do, and finds its mistakes.

python -m pytest tests/training/test_dry_run.py
"""

import re
from pathlib import Path

import pytest
import yaml
from datasets import Dataset
from tiny_rows import row

from deepseek_vl_hf import DeepSeekVLHFConfig
from deepseek_vl_hf.cli import main
from deepseek_vl_hf.training.dry_run import dry_run


ROOT = Path(__file__).parents[2]
SMOKE = ROOT / "examples" / "recipes" / "smoke"
GOOD = {
    "stage": 2,
    "model_name_or_path": "made://nano",
    "dataset_name": "made://shapes?rows=96",
    "output_dir": "out",
    "max_steps": 100,
    "per_device_train_batch_size": 2,
    "gradient_accumulation_steps": 4,
    "max_length": 512,
    "language_warmup_steps": 50,
}


@pytest.fixture
def write(tmp_path):
    """Write a recipe that is good but for some changes."""

    def write(**changes):
        path = tmp_path / "recipe.yaml"
        values = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
        path.write_text(yaml.safe_dump(values))
        return str(path)

    return write


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_the_smoke_recipes_have_no_mistakes(stage, capsys):
    assert main(["train", str(SMOKE / f"stage{stage}.yaml"), "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert f"stage {stage} learns" in out
    assert "12 steps of" in out
    assert "| one device |" in out


def test_steps_rows_tokens_and_shares_are_those_of_the_plan(write):
    said = dry_run(write(), ["--max_steps", "200"], num_processes=8)
    assert "200 steps of 64 packs: 2 a forward pass x 4 accumulated x 8 processes" in said
    # A warm-up of 50 steps from 1 to 0.7 adds 7.5 language steps to 70% of 200.
    assert "147 language and 53 multimodal steps" in said or "148 language and 52 multimodal steps" in said
    assert "1.00 at step 0, 0.70 at step 50, 0.70 at step 199" in said
    assert f"{200 * 64 * 512:,} tokens if packs were full" in said
    assert "x0.316 from step 160, x0.1 from step 180" in said
    for strategy in ("ddp", "zero2", "zero3", "fsdp2"):
        assert f"| {strategy} on 8 |" in said


def test_tokens_and_shares_are_those_that_the_plan_draws(write):
    path = write(
        packing=False,
        language_warmup_steps=0,
        instruction_dataset_name="made://shapes?rows=12&language=0&seed=1",
        instruction_share=0.25,
    )
    said = dry_run(path)
    assert "train/multimodal: 48 rows, 75.0% of multimodal" in said
    assert "instructions/multimodal: 12 rows, 25.0% of multimodal" in said
    tokens = [int(found) for found in re.findall(r"about (\d+) tokens a row", said)]
    total = int(re.search(r"about ([\d,]+) tokens$", said, re.MULTILINE)[1].replace(",", ""))
    expected = 100 * 8 * (0.7 * tokens[0] + 0.3 * tokens[1])  # of language, and of pictures in either set
    assert total == pytest.approx(expected, rel=0.02)


def test_texts_in_stage_1_are_found(write):
    with pytest.raises(ValueError, match="expected a picture in each row of stage 1"):
        dry_run(write(stage=1, max_bad_share=1.0, packing=False, language_warmup_steps=None))


def test_what_learns_and_what_it_takes_are_those_of_the_adapter(write):
    whole, adapter, few = (
        dry_run(write(use_peft=use_peft), words)
        for use_peft, words in ((False, []), (True, []), (True, ["--load_in_4bit", "--dtype", "bfloat16"]))
    )
    assert "stage 2 learns aligner 529,281, language_model 2,164,416; " in whole
    config = DeepSeekVLHFConfig.from_preset("nano").text_config
    width, inner = config.hidden_size, config.intermediate_size
    count = config.num_hidden_layers * 16 * (4 * (width + width) + 3 * (width + inner))  # rank 16
    assert f"stage 2: the adapter learns language_model {count:,}; " in adapter
    assert f"the adapter learns aligner 74,112, language_model {count:,}; " in dry_run(
        write(use_peft=True, lora_target_modules=["language+aligner"])
    )
    static = [
        sum(float(size) for size in re.search(r"\| one device \|(.*)\|", said)[1].split("|")[:3])
        for said in (whole, adapter, few)
    ]
    assert static[0] > 2 * static[1]
    assert static[1] > 1.4 * static[2]


def test_an_adapter_of_the_language_model_learns_from_texts_in_stage_1(write):
    path = write(stage=1, use_peft=True, packing=False, language_warmup_steps=None, language_share=0.5)
    assert "stage 1: the adapter learns language_model" in dry_run(path)


def test_few_bits_are_shared_by_no_strategy_but_ddp(write):
    said = dry_run(write(use_peft=True, load_in_4bit=True), num_processes=2)
    assert "| ddp on 2 |" in said
    assert "fsdp2" not in said


def test_dora_beside_few_bits_is_no_mistake(write):
    assert "no estimate of memory for DoRA" in dry_run(write(use_peft=True, use_dora=True, load_in_4bit=True))


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"lerning_rate": 0.1}, "lerning_rate: found no such key, expected learning_rate?"),
        ({"language_share": 1.7}, "language_share: found language shares [1.7], expected shares between 0 and 1"),
        ({"stage": 7}, "found stage=7, expected one of 1, 2, 3"),
        ({"max_length": 64}, "max_length: found 64, expected more than the 64 image tokens of one picture"),
        ({"dataset_name": "nowhere.jsonl"}, "dataset_name: found no file 'nowhere.jsonl'"),
        ({"dataset_name": None}, "dataset_name: found no training data"),
        ({"model_name_or_path": None}, "model_name_or_path: found none"),
        ({"instruction_dataset_name": "nowhere/*.parquet"}, "dataset_name: found no file 'nowhere/*.parquet'"),
        ({"eval_strategy": "steps", "eval_steps": 5, "eval_sets": {"a": "no.jsonl"}}, "eval_sets: found no file"),
        ({"dataset_name": "made://shapes?rows=8&language=1"}, "language_share: found language shares"),
        ({"learning_rate": "fast"}, "learning_rate:"),
        ({"max_bad_share": 2}, "max_bad_share: found max_bad_share=2"),
        ({"lr_drops": {80: 0.3}}, "lr_drops: found lr_drops={80.0: 0.3}"),
        ({"feature_cache": "cache", "stage": 3}, "found feature_cache='cache' in stage 3"),
        (
            {"use_peft": True, "lora_target_modules": ["langauge"]},
            "lora_target_modules: found lora_target_modules='langauge'",
        ),
        ({"use_peft": True, "lora_target_modules": ["a_proj", "b_proj"]}, "not found in the base model"),
        ({"load_in_4bit": True}, "load_in_8bit: found load_in_4bit or load_in_8bit without use_peft"),
        ({"use_peft": True, "load_in_4bit": True, "load_in_8bit": True}, "8 bit and 4 bit precision at the same time"),
        (
            {"use_peft": True, "lora_target_modules": ["towers"], "max_bad_share": 1.0},
            "expected a picture in each row of stage 2, where text alone reaches nothing that learns",
        ),
        (
            {"use_peft": True, "lora_target_modules": ["all"], "feature_cache": "cache"},
            "feature_cache: found 'cache' and",
        ),
    ],
)
def test_a_mistake_is_found(write, changes, mistake):
    with pytest.raises(ValueError, match="mistakes in ") as error:
        dry_run(write(**changes))
    assert mistake in str(error.value)


def test_all_mistakes_are_found_at_once(write, capsys):
    path = write(lerning_rate=1, max_bad_share=3, instruction_share=-1, max_length=10, dataset_name="no.jsonl")
    assert main(["train", path, "--dry-run"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    found = [line.split(":")[0] for line in said.err.splitlines() if line.startswith("- ")]
    assert set(found) == {"- lerning_rate", "- max_bad_share", "- instruction_share", "- max_length", "- dataset_name"}


def test_rows_that_cannot_be_learned_from_are_found(write, tmp_path):
    rows = [row("What?", "A cat", 1, seed=i) for i in range(6)]
    bad = {**rows[0], "images": []}
    Dataset.from_list([*rows, bad]).save_to_disk(tmp_path / "rows")
    with pytest.raises(ValueError, match="found 1 bad rows among the first 7") as error:
        dry_run(write(dataset_name=str(tmp_path / "rows"), language_share=0.0))
    assert "placeholders and pictures differ" in str(error.value)


def test_a_file_that_is_no_recipe_is_refused(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("- one\n- two\n")
    with pytest.raises(ValueError, match="found no mapping"):
        dry_run(str(path))
    path.write_text("a: [")
    with pytest.raises(ValueError, match="the file: while parsing"):
        dry_run(str(path))
