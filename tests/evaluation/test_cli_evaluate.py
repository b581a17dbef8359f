"""What `deepseek-vl evaluate` promises: python -m pytest tests/evaluation/test_cli_evaluate.py."""

import argparse
import json
import shutil
import subprocess
import sys

import pytest

from deepseek_vl_hf import cli_evaluate, model_card, nano
from deepseek_vl_hf.evaluation import answering, results
from deepseek_vl_hf.evaluation.questions import FILE, SUMS


@pytest.fixture
def evaluate(folder, capsys):
    """Run the command on the small folder; return stdout and stderr."""
    parser = argparse.ArgumentParser()
    cli_evaluate.add_parsers(parser.add_subparsers())

    def run(*argv, questions=folder):
        args = parser.parse_args(
            ["evaluate", *map(str, argv), "--questions", str(questions), "--max-new-tokens", "16"]
        )
        assert args.run(args) == 0
        return capsys.readouterr()

    return run


@pytest.fixture
def never_loaded(monkeypatch):
    """No checkpoint may be loaded."""

    def load(*args, **kwargs):
        raise AssertionError("a model was loaded")

    monkeypatch.setattr("deepseek_vl_hf.evaluation.evaluating.load", load)


def row(out: str, label: str) -> list[str]:
    """Cells of the first row whose task is so called."""
    lines = ([cell.strip() for cell in line.strip("|").split("|")] for line in out.splitlines())
    return next(line for line in lines if line[0].strip("*› ") == label)


def test_a_table_goes_to_stdout_and_progress_to_stderr(evaluate):
    out, err = evaluate("nano")
    assert row(out, "task") == [
        "task",
        "questions",
        "score %",
        "95% interval",
        "English",
        "Chinese",
        "choices by perplexity",
    ]
    assert row(out, "Recognition")[1:3] == ["8", "75.0"]
    assert row(out, "Others")[4:6] == ["80.0 (5)", "100.0 (1)"]
    assert row(out, "Text")[1:3] == ["1", "0.0"]
    assert row(out, "mean over questions")[1:3] == ["12", "50.0"]
    assert row(out, "mean over tasks")[2] == "26.2"
    assert next(line for line in out.splitlines() if line.startswith("| **")).startswith("| **Recognition**")
    assert "nano: 18 of 18 rows" in err
    assert "12 questions in" in err


def test_the_same_command_gives_the_same_table_whatever_the_batch(evaluate):
    assert evaluate("nano").out == evaluate("nano", "--batch-size", "3").out


def test_tasks_and_a_limit_leave_the_rest_out(evaluate):
    out = evaluate("nano", "--tasks", "safety", "recognition/global-description", "--limit", "2").out
    assert row(out, "mean over questions")[1] == "2"
    assert "Text" not in out


def test_the_json_holds_all_and_becomes_the_same_table_without_the_model(evaluate, tmp_path, monkeypatch):
    out = evaluate("nano", "--json", tmp_path / "nano.json").out
    found = json.loads((tmp_path / "nano.json").read_text("utf-8"))
    assert set(found["weights"]) == {"model.safetensors"}
    assert found["settings"] == {
        "decoding": "greedy", "max_new_tokens": 16, "batch_size": 16, "device": "cpu", "dtype": "float32"
    }  # fmt: skip
    assert {"python", "torch", "transformers", "numpy"} <= set(found["versions"])
    assert len(found["questions"]["hash"]) == 64
    assert [(each["id"], each["score"]) for each in found["answers"]][:2] == [("made/00", 1.0), ("made/01", 1.0)]
    assert found["answers"][0]["answer"] == "It is an elephant."
    assert len(found["answers"][4]["losses"]) == 4
    assert found["results"][0] | {"low": 0, "high": 0} == {
        "task": "mean over questions", "metric": "score", "value": 0.5, "low": 0, "high": 0, "questions": 12
    }  # fmt: skip
    assert {(each["task"], each["language"]) for each in found["table"]} >= {("recognition", "zh"), ("text", "")}
    monkeypatch.setattr("deepseek_vl_hf.evaluation.evaluating.load", None)
    assert evaluate(tmp_path / "nano.json").out == out


def test_a_model_card_shows_the_json_that_lies_beside_the_weights(evaluate, tmp_path):
    evaluate("nano", "--tasks", "safety", "--json", tmp_path / model_card.EVALUATION)
    facts = model_card.read_facts(tmp_path, model_card.EVALUATION)
    assert [result["task"] for result in facts["results"]] == ["mean over questions", "mean over tasks", "safety"]


def test_a_comparison_says_what_differs_and_how_surely(evaluate, worse, tmp_path):
    out = evaluate("nano", "--compare", worse, "--json", tmp_path / "both.json").out
    compared = out[out.index("A %") - 100 :]
    cells = row(compared, "Recognition")
    assert cells[1:3] == ["8", "75.0"]
    assert float(cells[4]) == pytest.approx(75 - float(cells[3]))
    assert float(cells[4]) > 0
    assert 0 < float(cells[6]) <= 1
    assert row(compared, "Text")[4:8] == ["+0.0", "-79.3 to 79.3", "1.0000", ""]
    assert row(compared, "choices by perplexity")[1] == "2"
    assert f"B is {worse}" in out
    written = json.loads((tmp_path / "both.json").read_text("utf-8"))
    assert written["comparison"]["other"]["model"] == worse
    assert len(written["comparison"]["other"]["answers"]) == 12
    rows = {each["task"]: each for each in written["comparison"]["rows"]}
    assert rows["recognition"]["difference"] == pytest.approx(float(cells[4]) / 100)


def test_a_checkpoint_is_compared_with_what_another_answered_earlier(evaluate, worse, tmp_path):
    some = ("--tasks", "safety", "recognition/ocr-and-transcription")
    both = evaluate("nano", "--compare", worse, *some).out
    evaluate(worse, "--json", tmp_path / "worse.json", *some)
    assert evaluate("nano", "--compare", tmp_path / "worse.json", *some).out == both


def test_two_files_are_compared_without_any_model(evaluate, worse, tmp_path, monkeypatch):
    for name in ("nano", worse):
        evaluate(name, "--tasks", "recognition", "--json", tmp_path / f"{name.rpartition('/')[2]}.json")
    files = [tmp_path / "nano.json", tmp_path / f"{worse.rpartition('/')[2]}.json"]
    monkeypatch.setattr("deepseek_vl_hf.evaluation.evaluating.load", None)
    out = evaluate(files[0], "--compare", files[1], "--tasks", "recognition/global-description").out
    assert row(out[out.index("A %") :], "mean over questions")[1] == "6"


def test_other_questions_cannot_be_compared(evaluate, folder, tmp_path, never_loaded):
    asked = {
        "format": results.FORMAT,
        "model": "x",
        "weights": {},
        "command": "",
        "versions": {},
        "settings": {},
        "answers": [],
    }
    (tmp_path / "x.json").write_text(json.dumps(asked))
    with pytest.raises(ValueError, match=r"made with other questions: made/00 is missing; give the --questions"):
        evaluate("nano", "--compare", tmp_path / "x.json")
    asked["answers"] = [{"id": "made/00", "hash": "0", "answer": "", "is_cut": False, "is_too_long": False}]
    (tmp_path / "x.json").write_text(json.dumps(asked))
    with pytest.raises(ValueError, match="made/00 differs"):
        evaluate("nano", "--compare", tmp_path / "x.json")


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"format": "other"}', "null", json.dumps({"format": results.FORMAT, "answers": 3})]
)
def test_a_file_that_holds_no_results_is_refused(evaluate, tmp_path, never_loaded, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ValueError, match=r"x\.json holds no results that can be read"):
        evaluate("nano", "--compare", tmp_path / "x.json")
    with pytest.raises(ValueError, match=r"There is no file"):
        evaluate(tmp_path / "y.json")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda found: found.update(settings=[1]), "found settings"),
        (lambda found: found["answers"][0].update(answer="\ud800"), "expected a text"),
        (lambda found: [answer.pop("losses", None) for answer in found["answers"]], "found 0 losses"),
    ],
)
def test_results_that_were_changed_by_hand_are_refused(evaluate, tmp_path, change, complaint):
    evaluate("nano", "--json", tmp_path / "nano.json")
    found = json.loads((tmp_path / "nano.json").read_text("utf-8"))
    assert any("losses" in answer for answer in found["answers"])
    change(found)
    (tmp_path / "nano.json").write_text(json.dumps(found))
    with pytest.raises(ValueError, match=complaint):
        evaluate(tmp_path / "nano.json")


def test_what_either_of_two_was_not_asked_is_said(evaluate, tmp_path):
    evaluate("nano", "--tasks", "safety", "--json", tmp_path / "nano.json")
    found = json.loads((tmp_path / "nano.json").read_text("utf-8"))
    found["answers"][0]["is_too_long"] = True
    (tmp_path / "short.json").write_text(json.dumps(found))
    out = evaluate(tmp_path / "nano.json", "--tasks", "safety", "--compare", tmp_path / "short.json").out
    assert "B: Longer than the context, not asked, score 0: made/" in out


def test_two_outputs_cannot_be_one_file(evaluate, tmp_path, never_loaded):
    with pytest.raises(ValueError, match="a file for each"):
        evaluate("nano", "--json", tmp_path / "x.json", "--report", tmp_path / "x.json")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--json", "x"), "found --json x, expected a name in .json"),
        (("--suite-only", "MMMU"), "found options of a suite without --suite"),
        (("--confirm-run-generated-code",), "found options of a suite without --suite"),
    ],
)
def test_options_that_would_be_of_no_use_are_refused(evaluate, never_loaded, options, complaint):
    with pytest.raises(ValueError, match=complaint):
        evaluate("nano", *options)


@pytest.mark.parametrize("useless", [("--device", "nowhere"), ("--dtype", "float16")])
def test_where_files_hold_all_answers_options_about_asking_are_refused(evaluate, tmp_path, useless):
    evaluate("nano", "--json", tmp_path / "a.json")
    for compared in ((), ("--compare", tmp_path / "a.json")):
        with pytest.raises(ValueError, match=f"found {useless[0]} {useless[1]} where .*a.json"):
            evaluate(tmp_path / "a.json", *compared, *useless)


def test_settings_that_differ_are_said(evaluate, tmp_path):
    evaluate("nano", "--tasks", "safety", "--json", tmp_path / "nano.json")
    found = json.loads((tmp_path / "nano.json").read_text("utf-8"))
    found["settings"]["max_new_tokens"] = 512
    (tmp_path / "nano.json").write_text(json.dumps(found))
    assert (
        "not asked alike: max_new_tokens differ"
        in evaluate("nano", "--tasks", "safety", "--compare", tmp_path / "nano.json").out
    )


def test_what_is_wrong_with_questions_or_files_is_said_before_a_model_is_loaded(
    evaluate, folder, tmp_path, never_loaded
):
    with pytest.raises(ValueError, match="found --limit 0, expected at least 1"):
        evaluate("nano", "--limit", "0")
    with pytest.raises(ValueError, match="found no folder"):
        evaluate("nano", "--json", tmp_path / "no" / "x.json")
    with pytest.raises(ValueError, match="found a folder"):
        evaluate("nano", "--report", tmp_path)
    with pytest.raises(ValueError, match="such as safety"):
        evaluate("nano", "--tasks", "safty")
    (folder / "pictures" / "elephant.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"elephant\.png is not what SHA256SUMS says"):
        evaluate("nano")
    (folder / SUMS).unlink()
    with pytest.raises(ValueError, match=r"elephant\.png is empty"):
        evaluate("nano")


def test_a_question_that_does_not_fit_scores_nothing_and_is_named(evaluate, folder):
    lines = (folder / FILE).read_text("utf-8").splitlines()
    long = json.loads(lines[0]) | {"question": "What is this? " * 500}
    (folder / FILE).write_text("\n".join([json.dumps(long), *lines[1:]]), "utf-8")
    (folder / SUMS).unlink()
    out = evaluate("nano", "--tasks", "recognition").out
    assert "Longer than the context, not asked, score 0: made/00." in out
    assert row(out, "Recognition")[2] == "62.5"


def test_an_interrupt_leaves_nothing_half_written(evaluate, tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    (out / "nano.json").write_text("before")

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(results.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        evaluate("nano", "--tasks", "safety", "--json", out / "nano.json")
    monkeypatch.setattr(answering.Answering, "run", interrupt)
    with pytest.raises(KeyboardInterrupt):
        evaluate("nano", "--json", out / "nano.json", "--report", out / "nano.html")
    assert [path.name for path in out.iterdir()] == ["nano.json"]
    assert (out / "nano.json").read_text() == "before"


def test_no_training_library_is_needed(evaluate, tmp_path):
    program = (
        "import sys; sys.modules |= dict.fromkeys(('trl', 'datasets', 'accelerate', 'peft'));"
        "import deepseek_vl_hf.evaluation.evaluating, deepseek_vl_hf.evaluation.report, deepseek_vl_hf.cli_evaluate"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_commands_help_needs_no_torch():
    program = "import sys, deepseek_vl_hf.cli_evaluate, deepseek_vl_hf.evaluation; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_checkpoint_in_a_folder_is_evaluated_as_the_embedded_one_is(evaluate, tmp_path):
    copied = tmp_path / "copy"
    shutil.copytree(nano.FOLDER, copied, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    out = evaluate(copied, "--tasks", "recognition/ocr-and-transcription").out
    assert row(out, "mean over questions")[2] == "50.0"
