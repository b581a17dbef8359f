"""lm-eval asks the nano through `deepseek-vl` and gets what the model itself says, whatever the batch, layout and kind of task.

EVALUATE_PYTHON=VENV/bin/python pytest -m harness tests/evaluation/test_plugins_lm_eval.py
"""

import math

import pytest
from harness_runs import (
    LM_EVAL,
    NEEDS_HARNESSES,
    NUM_TOKENS,
    answer,
    as_chat,
    likelihood,
    results_of,
    rows,
    run,
    write_tasks,
)

from deepseek_vl_hf import nano
from deepseek_vl_hf.exporting import export
from deepseek_vl_hf.loading import load


pytestmark = NEEDS_HARNESSES

ROWS = rows()


@pytest.fixture(scope="module")
def loaded():
    return load("nano")


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    return write_tasks(tmp_path_factory.mktemp("lm_eval") / "tasks", "lm-eval")


def ask(folder, tasks, names, *words, model="nano"):
    command = ["-m", "deepseek_vl_hf.evaluation.lm_eval_model", "--model", "deepseek-vl"]
    command += [
        "--model_args",
        f"pretrained={model}",
        "--tasks",
        names,
        "--include_path",
        str(tasks),
        "--device",
        "cpu",
    ]
    return run(folder, [*command, "--output_path", str(folder / "out"), "--log_samples", *words])


@pytest.fixture(scope="module", params=["1", "3"])
def in_chats(request, tmp_path_factory, tasks):
    """All tasks in one run, pictures and none, likelihoods and answers."""
    folder = tmp_path_factory.mktemp("chats")
    done = ask(folder, tasks, ",".join(LM_EVAL), "--apply_chat_template", "--batch_size", request.param)
    assert done.returncode == 0, done.stderr[-3000:]
    return results_of(folder / "out")


def prompt_of(processor, text, *pictures):
    return processor.apply_chat_template(as_chat(text, *pictures), add_generation_prompt=True)


@pytest.mark.parametrize(("task", "names"), [("shown", ["picture"]), ("pairs", ["picture", "other"])])
def test_pictures_are_answered_as_by_the_model_itself(in_chats, loaded, task, names):
    results, found = in_chats
    expected = [answer(*loaded, as_chat(row["question"], *(row[name] for name in names))).strip() for row in ROWS]
    assert [each[0][0] for each in found[task]] == expected
    right = sum(said == row["answer"] for said, row in zip(expected, ROWS, strict=True))
    assert results[task]["exact_match,none"] == right / len(ROWS)
    assert right >= (3 if task == "shown" else 0)


def test_choices_beside_a_picture_have_the_models_own_likelihoods(in_chats, loaded):
    results, found = in_chats
    right = 0
    for row, each in zip(ROWS, found["chosen"], strict=True):
        prompt = prompt_of(loaded[1], row["question"], row["picture"])
        expected = [likelihood(*loaded, prompt, f" {said}", [row["picture"]]) for said in row["choices"]]
        assert [float(likely[0][0]) for likely in each] == pytest.approx(expected, abs=1e-3)
        right += max(range(3), key=expected.__getitem__) == 0
    assert results["chosen"]["acc,none"] == right / len(ROWS)


def test_what_the_model_would_say_is_marked_as_likeliest(in_chats, loaded):
    _, found = in_chats
    for row, each in zip(ROWS, found["chosen"], strict=True):
        said = answer(*loaded, as_chat(row["question"], row["picture"])).strip()
        assert [likely[0][1] == "True" for likely in each] == [said.startswith(choice) for choice in row["choices"]]


def test_endings_without_a_picture_follow_the_space_of_the_format(in_chats, loaded):
    _, found = in_chats
    for row, each in zip(ROWS, found["sentences"], strict=True):
        prompt = prompt_of(loaded[1], row["text"])
        expected = [likelihood(*loaded, prompt, f" {said}") for said in row["choices"]]
        assert [float(likely[0][0]) for likely in each] == pytest.approx(expected, abs=1e-3)


def test_texts_are_answered_as_by_the_model_itself(in_chats, loaded):
    _, found = in_chats
    assert [each[0][0] for each in found["said"]] == [answer(*loaded, as_chat(row["text"])).strip() for row in ROWS]


def test_bits_per_byte_are_the_models_own(in_chats, loaded):
    results, _ = in_chats
    total = sum(likelihood(*loaded, "", row["text"]) for row in ROWS)
    num_bytes = sum(len(row["text"].encode()) for row in ROWS)
    assert results["rolled"]["bits_per_byte,none"] == pytest.approx(-total / math.log(2) / num_bytes, rel=1e-4)


def test_without_chat_format_the_prompt_is_the_tasks_own(tmp_path, tasks, loaded):
    done = ask(tmp_path, tasks, "chosen,sentences,pairs", "--batch_size", "4")
    assert done.returncode == 0, done.stderr[-3000:]
    _, found = results_of(tmp_path / "out")
    token = loaded[1].image_token
    for row, each, text in zip(ROWS, found["chosen"], found["sentences"], strict=True):
        shown = [likelihood(*loaded, token + row["question"], f" {said}", [row["picture"]]) for said in row["choices"]]
        assert [float(likely[0][0]) for likely in each] == pytest.approx(shown, abs=1e-3)
        told = [likelihood(*loaded, row["text"], f" {said}") for said in row["choices"]]
        assert [float(likely[0][0]) for likely in text] == pytest.approx(told, abs=1e-3)
    model, processor = loaded
    inputs = processor(
        images=[ROWS[0]["picture"], ROWS[0]["other"]], text=token * 2 + ROWS[0]["question"], return_tensors="pt"
    )
    output = model.generate(**inputs, max_new_tokens=NUM_TOKENS, do_sample=False)[0, inputs["input_ids"].shape[1] :]
    assert found["pairs"][0][0][0] == processor.decode(output, skip_special_tokens=True)


def test_a_checkpoint_in_transformers_own_layout_answers_the_same(tmp_path, tasks, loaded):
    export(nano.FOLDER, tmp_path / "native", "native")
    done = ask(tmp_path, tasks, "shown", "--apply_chat_template", model=tmp_path / "native")
    assert done.returncode == 0, done.stderr[-3000:]
    _, found = results_of(tmp_path / "out")
    expected = [answer(*loaded, as_chat(row["question"], row["picture"])).strip() for row in ROWS]
    assert [each[0][0] for each in found["shown"]] == expected


def test_a_prompt_that_does_not_fit_names_lengths_and_ways_out(tmp_path, tasks):
    done = ask(tmp_path, tasks, "shown", "--gen_kwargs", "max_gen_toks=1000")
    assert done.returncode != 0
    assert "where 24 fit beside the answer in a context of 1024" in done.stderr


def test_a_task_that_places_no_picture_is_told_how(tmp_path, tasks):
    for name in ("shown", "chosen"):
        text = (tasks / f"{name}.yaml").read_text().replace("<image>", "").replace(f"task: {name}", f"task: un{name}")
        (tasks / f"un{name}.yaml").write_text(text)
    for name in ("unshown", "unchosen"):
        done = ask(tmp_path, tasks, name, "--apply_chat_template")
        assert done.returncode != 0
        assert "Found 0 <image> and 1 pictures" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("pretrained=nano,peft=somewhere", "Found peft in the model's arguments"),
        ("pretrained=./nowhere", "There is no folder ./nowhere"),
    ],
)
def test_what_cannot_be_loaded_ends_with_one_sentence(tmp_path, tasks, words, says):
    command = ["-m", "deepseek_vl_hf.evaluation.lm_eval_model", "--model", "deepseek-vl", "--model_args", words]
    done = run(tmp_path, [*command, "--tasks", "said", "--include_path", str(tasks)])
    assert done.returncode != 0
    assert says in done.stderr.splitlines()[-1]
