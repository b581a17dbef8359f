"""lmms-eval asks the nano through `deepseek-vl` and gets what the model itself says; both harnesses know the paper's tasks.

EVALUATE_PYTHON=VENV/bin/python pytest -m harness tests/evaluation/test_plugins_lmms_eval.py
"""

import json
import re

import pytest
import torch
from harness_runs import NEEDS_HARNESSES, NUM_TOKENS, answer, as_chat, environment, rows, run, write_tasks
from peft import LoraConfig, get_peft_model

from deepseek_vl_hf.answer import STOP_TEXT
from deepseek_vl_hf.evaluation.harnesses import HARNESSES
from deepseek_vl_hf.evaluation.outcomes import FAILED, RUN
from deepseek_vl_hf.evaluation.running import run_suite
from deepseek_vl_hf.evaluation.suite import read_suite
from deepseek_vl_hf.loading import load


pytestmark = NEEDS_HARNESSES

ROWS = rows()
LM_EVAL_KNOWS = """
import json, sys
from lm_eval.tasks import TaskManager
known = TaskManager().all_tasks
print("FOUND", json.dumps({name: name in known for name in sys.argv[1:]}))
"""
LMMS_EVAL_KNOWS = LM_EVAL_KNOWS.replace("lm_eval", "lmms_eval")
OWN_SUITE = """
include_path: {tasks}
benchmarks:
  - {{name: Nowhere, group: vision, harness: {harness}, task: not_there, metric: "exact_match,none"}}
  - {{name: Shown, group: vision, harness: {harness}, task: shown, metric: "exact_match,none", scale: 100, chat: true}}
"""


@pytest.fixture(scope="module")
def loaded():
    return load("nano")


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    return write_tasks(tmp_path_factory.mktemp("lmms_eval") / "tasks", "lmms-eval")


def ask(folder, tasks, names, *words, model="nano"):
    command = ["-m", "lmms_eval", "--model", "deepseek-vl", "--model_args", f"pretrained={model},device=cpu"]
    command += ["--tasks", names, "--include_path", str(tasks), "--output_path", "out", "--log_samples"]
    return run(folder, [*command, *words])


def said(folder, task):
    """Answers to a task and their lengths in tokens, in the order of the questions."""
    path = next(folder.rglob(f"*samples_{task}.jsonl"))
    lines = sorted(map(json.loads, path.read_text().splitlines()), key=lambda line: line["doc_id"])
    return [line["filtered_resps"] for line in lines], [line["token_counts"][0]["output_tokens"] for line in lines]


@pytest.mark.parametrize("batch_size", ["1", "3"])
def test_its_own_command_finds_the_model_and_gets_its_answers(tmp_path, tasks, loaded, batch_size):
    done = ask(tmp_path, tasks, "shown,pairs", "--batch_size", batch_size)
    for task, names in (("shown", ["picture"]), ("pairs", ["picture", "other"])):
        found, counts = said(tmp_path, task)
        expected = [answer(*loaded, as_chat(row["question"], *(row[name] for name in names))) for row in ROWS]
        assert found == [text.split(STOP_TEXT)[0].strip() for text in expected], done.stdout[-2000:]
        ids = [loaded[1].tokenizer(text, add_special_tokens=False)["input_ids"] for text in expected]
        assert counts == [len(each) for each in ids]
        assert max(counts) <= NUM_TOKENS
    results = json.loads(next((tmp_path / "out").rglob("*_results.json")).read_text())["results"]
    right = sum(text == row["answer"] for text, row in zip(said(tmp_path, "shown")[0], ROWS, strict=True))
    assert results["shown"]["exact_match,none"] == right / len(ROWS) > 0


def test_an_adapters_folder_answers_as_the_merged_model(tmp_path, tasks):
    torch.manual_seed(1)
    model, processor = load("nano")
    adapted = get_peft_model(model, LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False))
    adapted.peft_config["default"].base_model_name_or_path = "nano"
    adapted.save_pretrained(tmp_path / "adapter")
    ask(tmp_path, tasks, "shown", model=tmp_path / "adapter")
    merged, _ = load(tmp_path / "adapter")
    expected = [answer(merged, processor, as_chat(row["question"], row["picture"])) for row in ROWS]
    assert said(tmp_path, "shown")[0] == [text.split(STOP_TEXT)[0].strip() for text in expected]


def test_a_film_is_refused_by_name(tmp_path, tasks):
    done = ask(tmp_path, tasks, "films", "--verbosity", "DEBUG")
    assert re.search(r"Found video in question \d of films; DeepSeek-VL reads text and pictures", done.stderr)


def test_arguments_that_are_not_known_are_named(tmp_path, tasks):
    done = ask(tmp_path, tasks, "shown", model="nano,max_num_frames=8")
    assert "Found max_num_frames in the model's arguments" in done.stdout + done.stderr


@pytest.mark.parametrize(("harness", "code"), [("lm-eval", LM_EVAL_KNOWS), ("lmms-eval", LMMS_EVAL_KNOWS)])
def test_the_papers_tasks_are_there(tmp_path, harness, code):
    names = [each.task for each in read_suite("paper").benchmarks if each.harness == harness]
    done = run(tmp_path, ["-c", code, "nowhere", *names])
    assert "FOUND " in done.stdout, done.stderr[-2000:]
    found = json.loads(done.stdout.split("FOUND ")[1].splitlines()[0])
    assert found == {"nowhere": False, **dict.fromkeys(names, True)}


@pytest.mark.parametrize("harness", list(HARNESSES))
def test_a_suite_runs_by_the_harness_itself_and_goes_on_after_a_task_that_is_not_there(
    tmp_path, monkeypatch, loaded, harness
):
    folder = write_tasks(tmp_path / "tasks", harness)
    for name, value in environment(tmp_path).items():
        if name.startswith("HF_"):
            monkeypatch.setenv(name, value)
    (tmp_path / "own.yaml").write_text(OWN_SUITE.format(tasks=folder, harness=harness))
    outcomes, code = run_suite("nano", tmp_path / "own.yaml", tmp_path / "out")
    texts = [answer(*loaded, as_chat(row["question"], row["picture"])).strip() for row in ROWS]
    right = sum(text == row["answer"] for text, row in zip(texts, ROWS, strict=True))
    nowhere, shown = outcomes
    assert (nowhere.state, code) == (FAILED, 1)
    assert "not_there" in nowhere.why
    assert (shown.state, shown.score, shown.questions) == (RUN, 100 * right / len(ROWS), len(ROWS)), shown.why
