"""The same build on datatrove's engines: the same bytes, also when a worker of Ray is killed.

pip install -e ".[test,cluster]" && python -m pytest -m slow tests/data/test_cluster.py
"""

import json
import os
import signal
import sys
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
    monkeypatch.setattr("deepseek_vl_hf.cli_data.find_spec", lambda name: None if name in ("datatrove", "ray") else 1)
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


# These stand in for Slurm's commands: the first runs the tasks of an array one after the other, at once.
SBATCH = """#!/bin/bash
for last in "$@"; do :; done
for task in $(seq 0 $(($(sed -n 's/^#SBATCH --array=0-\\([0-9]*\\).*/\\1/p' "$last") + 0))); do
  SLURM_NODELIST=localhost SLURM_NNODES=1 SLURM_NODEID=0 SLURM_ARRAY_TASK_ID=$task SLURM_ARRAY_JOB_ID=1 bash "$last" >> {log} 2>&1
done
echo Submitted batch job 1
"""
SRUN = """#!/bin/bash
while [[ $1 == -* ]]; do [[ $1 == -n ]] && shift; shift; done
exec "$@"
"""


SCONTROL = "#!/bin/bash\necho localhost\n"


@pytest.mark.slow
def test_slurm_is_given_the_blocks_and_the_same_command_goes_on_from_them(recipe, tmp_path):
    pytest.importorskip("datatrove")
    make(tmp_path / "plain", rows=900, mixture=RECIPE)
    (tmp_path / "bin").mkdir()
    for name, script in (
        ("sbatch", SBATCH.replace("{log}", str(tmp_path / "log"))),
        ("srun", SRUN),
        ("scontrol", SCONTROL),
    ):
        (tmp_path / "bin" / name).write_text(script)
        (tmp_path / "bin" / name).chmod(0o755)
    path = os.pathsep.join([str(tmp_path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    command = (recipe, tmp_path / "rows", "--rows", "900", "--workers", "2", "--engine", "slurm")
    process = run(*command, PATH=path)
    assert process.wait(60) == 2
    assert "expected KEY=VALUE with partition and time among them" in process.stderr.read()
    slurm = ("--slurm", "partition=cpu", "time=01:00:00")
    for _ in range(4):  # a round of blocks each, with what makes up for duplicates
        process = run(*command, *slurm, PATH=path)
        _, error = process.communicate(timeout=300)
        if process.returncode == 0:
            break
        assert "run the same command again" in error.splitlines()[-1], error[-2000:] + (tmp_path / "log").read_text()
    assert digest(tmp_path / "rows") == digest(tmp_path / "plain")
