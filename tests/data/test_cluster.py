"""The same build on datatrove's engines: the same bytes, also when a worker of Ray is killed.

pip install -e ".[test,cluster]" && python -m pytest -m slow tests/data/test_cluster.py
"""

import json
import os
import signal
import time
from pathlib import Path

import pytest
from test_building import MIXTURE, digest, make, run

from deepseek_vl_hf.cli import main


RECIPE = {
    **MIXTURE,
    "mixture": [{"renderer": "toys:Dots", "share": 70, "options": {"slow": 0.01}}, MIXTURE["mixture"][1]],
}


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text(json.dumps(RECIPE))
    return path


def test_an_engine_that_is_not_there_is_said(recipe, tmp_path, capsys, monkeypatch):
    command = ["data", "build", str(recipe), "--output", str(tmp_path / "rows"), "--rows", "10", "--engine"]
    monkeypatch.setattr("deepseek_vl_hf.cli_data.find_spec", lambda name: None)
    assert main([*command, "ray"]) == 2
    assert "--engine ray needs datatrove, ray: pip install 'deepseek_vl_hf[cluster]'" in capsys.readouterr().err


@pytest.mark.slow
def test_the_local_executor_gives_the_same_bytes(recipe, tmp_path):
    pytest.importorskip("datatrove")
    make(tmp_path / "plain", rows=900, mixture=RECIPE)
    process = run(recipe, tmp_path / "rows", "--rows", "900", "--workers", "2", "--engine", "local")
    _, error = process.communicate(timeout=300)
    assert process.returncode == 0, error[-3000:]
    assert digest(tmp_path / "rows") == digest(tmp_path / "plain")


def workers_of_ray():
    """Process ids of Ray's workers that are at work."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"run_for_rank" in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:  # it has ended meanwhile
            continue
    return sorted(found)


@pytest.mark.slow
def test_ray_gives_the_same_bytes_though_a_worker_is_killed(recipe, tmp_path):
    pytest.importorskip("datatrove")
    pytest.importorskip("ray")
    make(tmp_path / "plain", rows=900, mixture=RECIPE)
    process = run(recipe, tmp_path / "rows", "--rows", "900", "--workers", "2", "--engine", "ray")
    deadline = time.time() + 240
    while not list((tmp_path / "rows").glob(".building/*.parquet")) and time.time() < deadline:
        time.sleep(0.1)
    victims = workers_of_ray()
    assert victims
    os.kill(victims[0], signal.SIGKILL)
    _, error = process.communicate(timeout=500)
    assert process.returncode == 0, error[-3000:]
    assert digest(tmp_path / "rows") == digest(tmp_path / "plain")
