"""The load tool notices what it is there to notice.

python -m pytest tests/serving/test_serving_benchmark.py
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from questions import ELEPHANT, ask


sys.path.append(str(Path(__file__).parents[2] / "examples" / "benchmarks"))

from serving_clients import Question, Tally, be_client


TOOL = Path(__file__).parents[2] / "examples" / "benchmarks" / "serving.py"


def watch(url, *answers, forgiving=False):
    """What is counted when these answers are expected, in turns."""
    questions = tuple(Question("picture", ask("What is this?", ELEPHANT), answer) for answer in answers)
    tally = Tally()
    be_client(url, "nano", questions, tally, time.monotonic() + 1.5, forgiving)
    return tally


def test_the_right_answers_are_timed(server):
    tally = watch(server.url, "It is an elephant.")
    assert not tally.faults
    assert len(tally.times["picture"]) > len(tally.first_tokens) > 0
    assert max(tally.first_tokens) <= max(tally.times["picture"])


def test_the_answer_to_another_question_is_noticed(server):
    tally = watch(server.url, "It is a camel.", "It is an elephant.")
    assert tally.counts["not the asker's"] > 0
    assert any("'It is an elephant.' and not 'It is a camel.'" in fault for fault in tally.faults)


def test_a_lost_answer_is_noticed_where_no_fault_was_injected():
    assert watch("http://127.0.0.1:9", "It is an elephant.").counts["lost"] > 0
    assert not watch("http://127.0.0.1:9", "It is an elephant.", forgiving=True).faults


@pytest.mark.slow
def test_a_killed_server_loses_and_mixes_up_nothing():
    command = [sys.executable, str(TOOL), "--clients", "8", "--seconds", "30", "--faults"]
    done = subprocess.run([*command, "--engine", "transformers"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "| server killed and started again | 1 |" in done.stdout
    assert "| malformed and refused | 1000 |" in done.stdout
