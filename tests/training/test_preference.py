"""Preferences are learned about what the model sees when it answers, pictures included, and bad rows are refused.

python -m pytest tests/training/test_preference.py
"""

import copy
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel
from tiny_rows import picture
from transformers import AutoModelForImageTextToText
from trl import DPOConfig
from trl.trainer.dpo_trainer import DataCollatorForVisionPreference

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from deepseek_vl_hf.data.rows import IMAGE, turn
from deepseek_vl_hf.training import load_rows
from deepseek_vl_hf.training.pairs import DeepSeekVLHFPreferenceCollator, check_pairs
from deepseek_vl_hf.training.preference import DeepSeekVLHFPreferenceTrainer
from tiny import randomise


ROOT = Path(__file__).parents[2]
NAMES = ("chosen", "rejected")


def pair(question, chosen, rejected, num_images=1, seed=0):
    return {
        "prompt": [turn("user", *[IMAGE] * num_images, question)],
        "chosen": [turn("assistant", chosen)],
        "rejected": [turn("assistant", rejected)],
        "images": [picture(seed + index) for index in range(num_images)],
    }


@pytest.fixture
def pairs():
    """Eight pairs about no, one and two pictures, with answers of different length."""
    counts = (1, 0, 2, 0, 1, 1, 0, 2)
    return [pair(f"What is {i}?", "A cat" + "." * (i % 3), "A dog.", n, seed=10 * i) for i, n in enumerate(counts)]


@pytest.fixture(params=["hybrid", "low_res"])
def model(request, tiny_model, tiny_low_res_model, tiny_processor):
    if request.param == "hybrid":
        return tiny_model
    tiny_processor.image_processor.high_res_size = None
    return tiny_low_res_model


@pytest.fixture
def make_trainer(tiny_processor, tmp_path):
    def make(model, rows, peft_config=None, **kwargs):
        arguments = {
            "output_dir": str(tmp_path / "out"),
            "max_steps": 2,
            "per_device_train_batch_size": 8,
            "learning_rate": 1e-2,
            "logging_steps": 1,
            "save_strategy": "no",
            "report_to": "none",
            "disable_tqdm": True,
            "use_cpu": True,
            "bf16": False,
            "max_length": None,
        }
        args = DPOConfig(**{**arguments, **kwargs})
        rows = Dataset.from_list(rows) if isinstance(rows, list) else rows
        return DeepSeekVLHFPreferenceTrainer(
            model, args, rows, processing_class=tiny_processor, peft_config=peft_config
        )

    return make


def losses(trainer):
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def log_probs(trainer, batch, model=None):
    """What the trainer makes of a batch: (2, rows), chosen answers first."""
    return torch.stack(trainer.compute_ref_log_probs(trainer.model if model is None else model, batch))


@torch.no_grad()
def log_probs_by_hand(model, processor, row, name):
    """The log-probability of one answer, as the processor and the logits of the plain model give it."""
    images = iter(row["images"])
    prompt = copy.deepcopy(row["prompt"])
    for part in (part for message in prompt for part in message["content"] if part["type"] == "image"):
        part["image"] = next(images)
    settings = {"tokenize": True, "return_dict": True, "return_tensors": "pt"}
    start = processor.apply_chat_template(prompt, add_generation_prompt=True, **settings)["input_ids"].shape[1]
    inputs = processor.apply_chat_template([*prompt, *row[name]], **settings)
    scores = model(**inputs).logits.log_softmax(-1)[0]
    return sum(scores[place - 1, inputs["input_ids"][0, place]] for place in range(start, len(scores)))


def test_the_first_loss_is_that_of_a_model_that_is_its_own_reference(model, make_trainer, pairs):
    trainer = make_trainer(model, pairs)
    trainer.train()
    first, second = losses(trainer)
    assert first == pytest.approx(math.log(2), abs=1e-5)
    assert second < first - 0.01


def test_log_probabilities_are_those_of_the_plain_model_row_by_row(model, make_trainer, tiny_processor, pairs):
    expected = torch.stack(
        [torch.stack([log_probs_by_hand(model, tiny_processor, row, name) for row in pairs]) for name in NAMES]
    )
    trainer = make_trainer(model, pairs)
    batch = trainer.data_collator(pairs)
    num_tokens = batch["completion_mask"].sum(1).view(2, -1)  # a sum of sixty has no sixth decimal in fp32
    for policy in (trainer.model, trainer.ref_model):
        assert ((log_probs(trainer, batch, policy) - expected) / num_tokens).abs().max() <= 1e-5
    assert expected.max() < -1


def test_a_batch_is_trls_own_with_the_begin_token_that_it_lacks(tiny_processor, pairs):
    ours = DeepSeekVLHFPreferenceCollator(tiny_processor)(pairs)
    collator = DataCollatorForVisionPreference(tiny_processor)
    begun = collator([{**row, "chat_template_kwargs": {"add_bos": True}} for row in copy.deepcopy(pairs)])
    assert set(ours) == set(begun)
    for name, values in ours.items():
        assert torch.equal(values, begun[name]), name
    plain = collator(copy.deepcopy(pairs))
    assert torch.equal(ours["input_ids"][:, 1:], plain["input_ids"])
    assert set(ours["input_ids"][:, 0].tolist()) == {tiny_processor.tokenizer.bos_token_id}


def test_image_tokens_and_questions_never_count(tiny_processor, pairs):
    pairs[0]["chosen"] = [turn("assistant", "I write <image_placeholder>.")]
    batch = DeepSeekVLHFPreferenceCollator(tiny_processor)(pairs)
    is_image, counts = batch["input_ids"] == tiny_processor.image_token_id, batch["completion_mask"].bool()
    assert is_image.sum() == 2 * 7 * tiny_processor.num_image_tokens
    assert not (is_image & counts).any()
    said = tiny_processor.batch_decode([ids[mask] for ids, mask in zip(batch["input_ids"], counts, strict=True)])
    eos = tiny_processor.tokenizer.eos_token
    assert said[1:3] == [f" A cat.{eos}", f" A cat..{eos}"]
    assert said[8:] == [f" A dog.{eos}"] * 8


def test_of_several_turns_the_last_alone_counts(tiny_processor, pairs):
    row = pairs[0]
    row["prompt"] += [turn("assistant", "A teapot."), turn("user", "And this?")]
    batch = DeepSeekVLHFPreferenceCollator(tiny_processor)([row])
    counts = batch["completion_mask"].bool()
    said = tiny_processor.batch_decode(
        [ids[mask] for ids, mask in zip(batch["input_ids"], counts, strict=True)], skip_special_tokens=True
    )
    assert said == [" A cat", " A dog."]


def test_the_high_resolution_pictures_decide_with_the_others(tiny_model, make_trainer, pairs):
    trainer = make_trainer(tiny_model, pairs)
    batch = trainer.data_collator(pairs)
    found = log_probs(trainer, batch)
    halves = batch["high_res_pixel_values"].chunk(2)
    exchanged = {**batch, "high_res_pixel_values": torch.cat([half.flip(0) for half in halves])}
    change = (log_probs(trainer, exchanged) - found).abs()
    has_pictures = torch.tensor([bool(row["images"]) for row in pairs])
    has_pictures[4] = False  # the fourth of seven pictures stays where it is
    assert (change[:, has_pictures] > 1e-3).all()
    assert change[:, ~has_pictures].max() < 1e-4


def test_padding_changes_nothing(model, make_trainer, pairs):
    trainer = make_trainer(model, pairs)
    alone = torch.cat([log_probs(trainer, trainer.data_collator([row])) for row in pairs], dim=1)
    padded = DeepSeekVLHFPreferenceCollator(trainer.processing_class, pad_to_multiple_of=512)(pairs)
    assert padded["input_ids"].shape[1] == 512
    num_tokens = padded["completion_mask"].sum(1).view(2, -1)
    assert ((log_probs(trainer, padded) - alone) / num_tokens).abs().max() <= 1e-5


def test_what_stage_3_trains_learns_and_the_reference_stays(tiny_model, make_trainer, pairs):
    before = copy.deepcopy(tiny_model.state_dict())
    trainer = make_trainer(tiny_model, pairs, gradient_checkpointing=True)
    trainer.train()
    changed = {name for name, value in trainer.model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {name for name, weight in tiny_model.named_parameters() if weight.requires_grad}
    assert "model.vision_model.low_res.embeddings.patch_embedding.weight" in changed
    assert not any(name.startswith("model.vision_model.high_res.layers") for name in changed)
    assert all(torch.equal(value, before[name]) for name, value in trainer.ref_model.state_dict().items())


def test_an_adapter_learns_alone_and_is_read_back(tiny_model, tiny_processor, make_trainer, pairs, tmp_path):
    base = copy.deepcopy(tiny_model)
    trainer = make_trainer(tiny_model, pairs, peft_config=LoraConfig(target_modules=["q_proj", "v_proj"]))
    trainer.train()
    first, second = losses(trainer)
    assert first == pytest.approx(math.log(2), abs=1e-5)
    assert second < first
    trained = {name.replace(".base_layer", ""): value for name, value in tiny_model.state_dict().items()}
    assert all(torch.equal(value, trained[name]) for name, value in base.state_dict().items())
    batch = trainer.data_collator(pairs)
    expected = log_probs_of(trainer.model, batch)
    assert (expected - log_probs_of(base, batch)).abs().max() > 1e-3
    trainer.save_model()
    assert (tmp_path / "out" / "adapter_model.safetensors").is_file()
    assert not (tmp_path / "out" / "model.safetensors").exists()
    reloaded = PeftModel.from_pretrained(base, tmp_path / "out").eval()
    assert (log_probs_of(reloaded, batch) - expected).abs().max() <= 1e-5


@torch.no_grad()
def log_probs_of(model, batch):
    inputs = {name: value for name, value in batch.items() if name != "completion_mask"}
    scores = model(**inputs).logits[:, :-1].log_softmax(-1)
    scores = scores.gather(-1, batch["input_ids"][:, 1:, None])[..., 0]
    return (scores * batch["completion_mask"][:, 1:]).sum(-1)


def test_the_reference_is_the_model_itself_wherever_it_came_from(tiny_model, make_trainer, pairs, tmp_path):
    other = randomise(copy.deepcopy(tiny_model), seed=1)
    other.save_pretrained(tmp_path / "other")
    tiny_model.config._name_or_path = str(tmp_path / "other")
    reference = make_trainer(tiny_model, pairs).ref_model
    assert type(reference) is DeepSeekVLHFForConditionalGeneration
    assert all(torch.equal(value, reference.state_dict()[name]) for name, value in tiny_model.state_dict().items())


# What is wrong with row 2, and how it is told.
BAD = {
    "an answer is said twice": ({"rejected": [turn("assistant", "A cat..")]}, "found 'A cat..' as both chosen and rejected"),
    "an answer is empty": ({"chosen": [turn("assistant", "  ")]}, "found no words in chosen, expected an answer"),
    "an answer is missing": ({"chosen": None}, "found chosen=None, expected lists of turns"),
    "a picture is missing": ({"images": []}, "found 2 image parts in the messages and 0 images, expected one for one"),
    "a picture is too many": ({"images": [picture(0)] * 3}, "found 2 image parts in the messages and 3 images"),
    "an answer has turns": (
        {"chosen": [turn("assistant", "Yes."), turn("user", "Why?"), turn("assistant", "So.")]},
        "found chosen with roles ['assistant', 'user', 'assistant'], expected one turn of the assistant",
    ),
    "the prompt ends with an answer": (
        {"prompt": [turn("user", IMAGE, IMAGE, "What?"), turn("assistant", "A.")]},
        "expected user and assistant in turns",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_row_is_named_before_training(tiny_model, make_trainer, pairs, fault):
    changes, message = BAD[fault]
    pairs[2].update(changes)
    with pytest.raises(ValueError, match=r"row 2 of train_dataset \('What( is 2)?\?( A\.)?'\): ") as error:
        make_trainer(tiny_model, pairs)
    assert message in str(error.value)
    assert "found 1 of 8 rows that cannot be learned from" in str(error.value)


def test_a_stream_is_learned_from_until_a_bad_row_comes(tiny_model, make_trainer, pairs):
    trainer = make_trainer(copy.deepcopy(tiny_model), Dataset.from_list(pairs).to_iterable_dataset())
    trainer.train()
    assert losses(trainer)[0] == pytest.approx(math.log(2), abs=1e-5)
    pairs[5]["rejected"] = pairs[5]["chosen"]
    trainer = make_trainer(tiny_model, Dataset.from_list(pairs).to_iterable_dataset())
    with pytest.raises(
        ValueError, match=r"row 5 of the batch \('What is 5\?'\): found .* as both chosen and rejected"
    ):
        trainer.train()


def test_sets_without_pictures_columns_are_refused(tiny_model, make_trainer, pairs):
    rows = Dataset.from_list(pairs).remove_columns("images")
    with pytest.raises(ValueError, match="a set of text alone has 'images': \\[\\] in every row"):
        make_trainer(tiny_model, rows)


def test_a_long_answer_loses_its_end_and_never_a_picture(tiny_processor, pairs):
    row = pair("What?", "A cat sleeps.", "It is a dog.", num_images=2)
    whole = DeepSeekVLHFPreferenceCollator(tiny_processor)([row])
    start = int(whole["completion_mask"][0].argmax())
    cut = DeepSeekVLHFPreferenceCollator(tiny_processor, max_length=start + 2)([row])
    assert cut["input_ids"].shape == (2, start + 2)
    assert cut["completion_mask"].sum(1).tolist() == [2, 2]
    assert torch.equal(cut["input_ids"], whole["input_ids"][:, : start + 2])
    assert len(cut["pixel_values"]) == 4
    with pytest.raises(ValueError, match=f"found a prompt of {start} tokens, 16 for each of 2 pictures among them"):
        DeepSeekVLHFPreferenceCollator(tiny_processor, max_length=start)([row])
    alike = pair("What?", "A cat sleeps.", "A cat sits there.")
    start = int(DeepSeekVLHFPreferenceCollator(tiny_processor)([alike])["completion_mask"][0].argmax())
    with pytest.raises(ValueError, match="found answers that are the same up to max_length"):
        DeepSeekVLHFPreferenceCollator(tiny_processor, max_length=start + 1)([alike])


def test_bare_strings_and_prompts_inside_answers_mean_the_same(tiny_processor, pairs):
    collator = DeepSeekVLHFPreferenceCollator(tiny_processor)
    bare = [
        {
            **row,
            **{
                key: [{"role": message["role"], "content": message["content"][-1]["text"]} for message in row[key]]
                for key in ("prompt", *NAMES)
            },
        }
        for row in pairs
    ]
    inside = [{**{name: row["prompt"] + row[name] for name in NAMES}, "images": row["images"]} for row in pairs]
    expected = collator(pairs)
    for rows in (bare, inside):
        found = collator(rows)
        assert all(torch.equal(found[name], expected[name]) for name in expected)


@pytest.fixture
def pair_file(pairs, tmp_path):
    """Pairs as JSON lines beside their pictures."""
    for number, row in enumerate(pairs):
        for index, image in enumerate(row["images"]):
            image.save(tmp_path / f"{number}-{index}.png")
        row["images"] = [f"{number}-{index}.png" for index in range(len(row["images"]))]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in pairs), encoding="utf-8")
    return tmp_path / "pairs.jsonl"


def test_a_picture_that_is_no_picture_is_named_before_training(tiny_processor, pair_file):
    (pair_file.parent / "4-0.png").unlink()
    (pair_file.parent / "2-1.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="found 2 of 8 rows") as error:
        check_pairs("pairs", load_rows("train", str(pair_file)), DeepSeekVLHFPreferenceCollator(tiny_processor))
    assert re.search(r"row 2 of pairs: found a picture .*2-1.png is no picture", str(error.value))
    assert re.search(r"row 4 of pairs: found a picture .*There is no file .*4-0.png", str(error.value))


@pytest.mark.parametrize("adapter", [False, True])
def test_the_script_trains_its_recipe_and_saves(tiny_model, tiny_processor, pair_file, tmp_path, adapter):
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    arguments = ["--config", ROOT / "examples" / "recipes" / "nano" / "preference.yaml"]
    arguments += ["--model_name_or_path", tmp_path / "model", "--dataset_name", pair_file]
    arguments += ["--output_dir", tmp_path / "out", "--max_steps", 2, "--logging_steps", 1, "--eval_strategy", "steps"]
    arguments += ["--use_peft", adapter]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, ROOT / "examples" / "train_preference.py", *arguments]
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.search(r"'eval_rewards/accuracies': '1'", done.stdout)
    saved = "adapter_model.safetensors" if adapter else "model.safetensors"
    assert (tmp_path / "out" / saved).is_file()
    starts = json.loads((tmp_path / "out" / "run.json").read_text())["starts"]
    assert starts[0]["data"]["train_dataset"]["rows"] == 8
    assert (starts[0]["learning_parameters"]["aligner"] == 0) == adapter
    AutoModelForImageTextToText.from_pretrained(tmp_path / "out")


def test_a_run_goes_on_from_its_newest_checkpoint(tiny_model, make_trainer, pairs):
    whole = make_trainer(copy.deepcopy(tiny_model), pairs, save_strategy="steps", save_steps=1, max_steps=3)
    whole.train(resume_from_checkpoint="true")  # there is none yet
    folder = Path(whole.args.output_dir)
    for name in ("checkpoint-2", "checkpoint-3"):
        (folder / name).rename(folder / f"aside-{name}")
    resumed = make_trainer(copy.deepcopy(tiny_model), pairs, save_strategy="no", max_steps=3)
    resumed.train(resume_from_checkpoint="true")
    assert losses(resumed) == pytest.approx(losses(whole), abs=1e-6)
