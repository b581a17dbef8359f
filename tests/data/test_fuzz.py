"""Broken files give rows or counted faults, and nothing else.

python -m pytest tests/data/test_fuzz.py
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("count", [240, pytest.param(6000, marks=pytest.mark.slow)])
def test_broken_files_are_read_without_a_crash_soon_and_in_bounded_memory(count):
    # In a process of its own: a reader written in C that follows a damaged offset would take this one along.
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    command = [sys.executable, str(Path(__file__).with_name("fuzz.py")), str(count)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    assert f"{count} files" in done.stdout
    assert int(done.stdout.split("memory ")[1].split()[0]) < 1000
