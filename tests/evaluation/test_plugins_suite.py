"""A suite runs its benchmarks by harnesses, leaves out what it must, and goes on where it was stopped.

python -m pytest tests/evaluation/test_plugins_suite.py
"""

import argparse
import json
import os
import shutil
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from deepseek_vl_hf import cli_suite, nano
from deepseek_vl_hf.evaluation import harnesses, running
from deepseek_vl_hf.evaluation.harnesses import HARNESSES, Harness, Settings
from deepseek_vl_hf.evaluation.outcomes import FAILED, KEPT, LEFT_OUT, RUN, table
from deepseek_vl_hf.evaluation.running import run_suite
from deepseek_vl_hf.evaluation.suite import read_suite


PAPER = read_suite("paper")


@dataclass(frozen=True)
class StandIn(Harness):
    """A harness that is always there."""

    def version_in(self, python):
        return "1"


STAND_INS = {name: StandIn(name, "x", "stand_in_harness", "1") for name in HARNESSES}


def benchmark(name, task=None, **fields):
    return {
        "name": name,
        "group": "language",
        "harness": "lm-eval",
        "task": task or name,
        "metric": "acc,none",
        **fields,
    }


@pytest.fixture
def room(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setattr(running, "HARNESSES", STAND_INS)
    monkeypatch.setenv("STAND_IN_LOG", str(tmp_path / "asked"))
    monkeypatch.delenv("EVALUATE_PYTHON", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return tmp_path


def suite_of(room, *benchmarks, **more):
    path = room / "own.yaml"
    path.write_text(yaml.safe_dump({"benchmarks": list(benchmarks), **more}))
    return path


def run(room, *benchmarks, model="nano", **more):
    told = []
    outcomes, code = run_suite(model, suite_of(room, *benchmarks), room / "out", notice=told.append, **more)
    return {each.benchmark.name: each for each in outcomes}, code, told


def asked(room):
    path = room / "asked"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_score_is_on_the_scale_of_the_published_figures_and_beside_them(room):
    found, code, _ = run(room, benchmark("Sums", scale=100, figures={"1.3B": 18, "7B": 55.5}, table="table 7"))
    assert code == 0
    assert (found["Sums"].score, found["Sums"].error, found["Sums"].questions) == (25, 5, 12)
    head, row = table(list(found.values())).splitlines()[:2]
    assert head.split() == [
        "benchmark",
        "harness",
        "and",
        "task",
        "questions",
        "here",
        "1.3B",
        "7B",
        "published",
        "in",
    ]
    assert row.split() == ["Sums", "lm-eval", "Sums", "12", "25.0", "±", "9.8", "18", "55.5", "table", "7"]


@pytest.mark.parametrize(
    ("task", "says"), [("fails", "nowhere to be found"), ("dies", "code 137"), ("silent", "wrote no results")]
)
def test_a_benchmark_that_fails_in_the_middle_says_why_and_the_others_go_on(room, task, says):
    found, code, told = run(room, benchmark("First"), benchmark("Second", task), benchmark("Third"))
    assert code == 1
    assert [found[name].state for name in ("First", "Second", "Third")] == [RUN, FAILED, RUN]
    assert says in found["Second"].why
    assert str(room / "out" / "second" / "log.txt") in found["Second"].why
    assert any(says in line for line in told)


def test_what_has_a_score_is_not_run_again_and_what_failed_is(room):
    run(room, benchmark("First"), benchmark("Second", "fails"))
    found, code, _ = run(room, benchmark("First"), benchmark("Second", "works"))
    assert code == 0
    assert [found[name].state for name in ("First", "Second")] == [KEPT, RUN]
    assert found["First"].score == 0.25
    assert [words["words"][5] for words in asked(room)] == ["First", "fails", "works"]


@pytest.mark.parametrize("changed", ["limit", "shots", "metric", "weights", "model"])
def test_a_result_of_another_question_is_not_kept(room, changed):
    folder = room / "model"
    shutil.copytree(nano.FOLDER, folder)
    run(room, benchmark("First"), model=str(folder))
    more, fields = {}, {}
    if changed == "limit":
        more = {"settings": Settings(limit=3)}
    elif changed == "weights":
        os.utime(folder / "model.safetensors", (1, 1))
    elif changed == "model":
        folder = folder.rename(room / "renamed")
    else:
        fields = {"shots": 5} if changed == "shots" else {"metric": "acc_stderr,none"}
    found, _, _ = run(room, benchmark("First", **fields), model=str(folder), **more)
    assert found["First"].state == RUN


def test_batch_size_and_device_change_no_answer_and_keep_results(room):
    run(room, benchmark("First"))
    found, _, _ = run(room, benchmark("First"), settings=Settings(batch_size=7, device="cpu"))
    assert found["First"].state == KEPT


def test_a_result_that_was_cut_off_while_it_was_written_is_found_anew(room):
    run(room, benchmark("First"))
    path = room / "out" / "first" / "result.json"
    path.write_text(path.read_text()[:40])
    assert run(room, benchmark("First"))[0]["First"].state == RUN


def test_generated_code_is_run_only_where_that_was_said(room):
    found, code, _ = run(room, benchmark("Programs", runs_code=True), benchmark("First"))
    assert code == 0
    assert found["Programs"].state == LEFT_OUT
    assert "--confirm-run-generated-code" in found["Programs"].why
    run(room, benchmark("Programs", runs_code=True), runs_code=True)
    first, programs = asked(room)
    assert first["may_run_code"] is None
    assert programs["may_run_code"] == "1"
    assert "--confirm_run_unsafe_code" in programs["words"]
    assert "--confirm_run_unsafe_code" not in first["words"]


def test_what_a_judge_scores_is_left_out_without_its_key(room, monkeypatch):
    judged = benchmark("Judged", needs_key="OPENAI_API_KEY", judge="a model of OpenAI's scores the answers")
    found, code, _ = run(room, judged)
    assert (code, found["Judged"].state) == (0, LEFT_OUT)
    assert "OPENAI_API_KEY is not set" in found["Judged"].why
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    assert run(room, judged)[0]["Judged"].state == RUN


def test_a_harness_that_is_not_installed_is_named_with_the_way_out(room, monkeypatch):
    bare = room / "bare"
    bare.write_text("#!/bin/sh\nexit 1\n")
    bare.chmod(0o755)
    monkeypatch.setattr(running, "HARNESSES", HARNESSES)
    monkeypatch.setenv("EVALUATE_PYTHON", str(bare))
    outcomes, code = run_suite("nano", suite_of(room, benchmark("First")), room / "out", notice=lambda _: None)
    assert (code, outcomes[0].state) == (1, FAILED)
    assert "has no lm-eval" in outcomes[0].why
    assert "EVALUATE_PYTHON" in outcomes[0].why
    monkeypatch.setenv("EVALUATE_PYTHON", str(room / "nowhere"))
    with pytest.raises(ValueError, match="cannot be run"):
        run_suite("nano", suite_of(room, benchmark("First")), room / "out", notice=lambda _: None)


def test_an_interrupted_run_keeps_what_it_has(room, monkeypatch):
    def interrupted(words, **kwargs):
        if "Second" in words:
            raise KeyboardInterrupt
        return started(words, **kwargs)

    started = running.subprocess.run
    monkeypatch.setattr(running.subprocess, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(room, benchmark("First"), benchmark("Second"))
    monkeypatch.undo()
    assert json.loads((room / "out" / "results.json").read_text())["results"][0]["score"] == 0.25


def test_groups_and_names_choose_benchmarks(room):
    names = {each.name for each in PAPER.only(["language", "pope"]).benchmarks}
    assert names == {"HellaSwag", "MMLU", "GSM8K", "MBPP", "AGIEval", "Pile", "POPE"}
    with pytest.raises(ValueError, match="Found poppy in the choice of benchmarks, expected vision, language"):
        PAPER.only(["poppy"])


def test_the_command_line_holds_shots_prompt_and_place(room):
    one = PAPER.only(["gsm8k"]).benchmarks[0]
    words = harnesses.command(
        HARNESSES["lm-eval"], "python", "/a b,c/m", one, Settings(4, "cpu"), Path("out"), Path("t")
    )
    assert json.loads(words[words.index("--model_args") + 1]) == {"pretrained": "/a b,c/m", "dtype": "auto"}
    options = dict(pairwise(words))
    expected = {"--tasks": "gsm8k_cot_zeroshot", "--num_fewshot": "0", "--batch_size": "4", "--device": "cpu"}
    assert expected.items() <= options.items()
    assert words[-1] == "--apply_chat_template"
    with pytest.raises(ValueError, match="make a link"):
        harnesses.command(HARNESSES["lmms-eval"], "python", "/a,b", one, Settings(), Path("out"), None)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("benchmarks: [", "is no YAML"),
        ("benchmarks: {}", "holds no list"),
        ("benchmarks: [{name: A}]", "benchmark 1: found name, expected name, group, harness, task, metric"),
        (yaml.safe_dump({"benchmarks": [benchmark("A", harness="helm")]}), "expected one of lm-eval, lmms-eval"),
        (yaml.safe_dump({"benchmarks": [benchmark("A", shots="5")]}), "found shots '5'"),
        (yaml.safe_dump({"benchmarks": [benchmark("A", shot=5)]}), "perhaps others of"),
        (yaml.safe_dump({"benchmarks": [benchmark("A", figures={"7B": "x"})]}), "expected numbers"),
        (yaml.safe_dump({"benchmarks": [benchmark("A"), benchmark("a")]}), "the name a twice"),
    ],
)
def test_a_suite_that_is_not_as_described_says_what_is_wrong(tmp_path, content, says):
    path = tmp_path / "own.yaml"
    path.write_text(content)
    with pytest.raises(ValueError, match=says):
        read_suite(path)


def test_a_suite_that_is_not_there_names_those_that_are():
    with pytest.raises(ValueError, match="There is no suite nowhere; give paper"):
        read_suite("nowhere")


def test_the_papers_suite_has_its_tables():
    figures = {each.name: dict(each.figures) for each in PAPER.benchmarks}
    tables_5_and_6 = ["MMMU", "CMMMU", "MMBench", "MMBench-CN", "SEED", "OCRBench", "POPE", "MathVista", "MM-Vet"]
    table_7 = ["HellaSwag", "MMLU", "GSM8K", "MBPP", "AGIEval"]
    small = [32.2, 27.4, 64.6, 61.3, 66.7, 409, 87.6, 31.1, 34.8, 56.0, 32.5, 18.0, 10.0, 14.0]
    large = [36.6, 37.9, 73.2, 72.8, 70.4, 456, 88.1, 36.1, 41.5, 68.4, 52.4, 55.0, 35.2, 27.8]
    assert [figures[name]["1.3B"] for name in tables_5_and_6 + table_7] == small
    assert [figures[name]["7B"] for name in tables_5_and_6 + table_7] == large
    assert not figures["ScienceQA"]
    assert not figures["Pile"]
    for each in PAPER.benchmarks:
        assert each.split
        assert each.prompt
        assert each.measure
        assert each.table


def test_this_python_finds_the_package_by_the_link_alone(tmp_path):
    variables = harnesses.environment(sys.executable, tmp_path, runs_code=False)
    code = "import deepseek_vl_hf.evaluation.harnesses as found; print(found.__file__)"
    told = harnesses.subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, cwd="/"
    )
    assert told.stdout.strip() == str(tmp_path / "deepseek_vl_hf" / "evaluation" / "harnesses.py")


@pytest.fixture
def command(room):
    """The options of `evaluate` that a suite heeds, and what they run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    for name, default in (
        ("--batch-size", 16),
        ("--device", None),
        ("--dtype", "auto"),
        ("--limit", None),
        ("--json", None),
    ):
        parser.add_argument(name, default=default, type=type(default) if isinstance(default, int) else None)
    cli_suite.add_arguments(parser)
    path = suite_of(room, benchmark("Sums", figures={"7B": 55.5}), benchmark("Programs", runs_code=True))
    words = ["nano", "--suite", str(path), "--suite-output", str(room / "out")]
    return lambda *more: cli_suite.run_suite(parser.parse_args([*words, *more]))


def test_the_command_prints_the_table_and_says_what_it_left_out(command, room, capsys):
    assert command("--batch-size", "3") == 0
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert lines[1].split() == ["Sums", "lm-eval", "Sums", "12", "0.250", "±", "0.098", "55.5"]
    assert lines[2].split() == ["Programs", "lm-eval", "Programs", "left", "out"]
    assert "--confirm-run-generated-code" in told.out
    assert "Sums: lm-eval runs Sums" in told.err
    assert asked(room)[0]["words"][asked(room)[0]["words"].index("--batch_size") + 1] == "3"


def test_the_command_runs_generated_code_where_that_is_said_and_a_part_where_it_is_chosen(command, room):
    command("--suite-only", "programs", "--confirm-run-generated-code")
    assert [each["may_run_code"] for each in asked(room)] == ["1"]


def test_options_that_a_suite_would_not_heed_are_refused(command):
    with pytest.raises(ValueError, match="Found --json with --suite"):
        command("--json", "x.json")
