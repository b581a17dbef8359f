"""The Slurm script starts a launcher on each node, passes the end on, and is queued again.

python -m pytest tests/test_slurm.py
"""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import time

import pytest
from accelerate.commands import launch

from launches import EXAMPLES, config_file


SCRIPT = EXAMPLES / "slurm" / "train.slurm"
# Stand-ins for a cluster: `srun` runs the command once per node and, as Slurm does, gives signals to every process of a step.
STUBS = {
    "scontrol": 'if [[ "$1" == show ]]; then printf "node1\\nnode2\\n"; else echo "scontrol $*"; fi',
    "srun": """
echo "srun $*" | head -n 1
while [[ "$1" == --* ]]; do shift; done
for ((node = 0; node < SLURM_JOB_NUM_NODES; node++)); do SLURM_NODEID=$node setsid "$@" & tasks+=($!); done
trap 'for task in "${tasks[@]}"; do pkill -USR1 -s "$task"; done' USR1
status=0
for task in "${tasks[@]}"; do
    while wait "$task"; (($? == 138)) && kill -0 "$task"; do :; done
    wait "$task" || status=$?
done
exit "$status"
""",
    # A launcher, its trainer, and the trainer's worker; the trainer saves on SIGTERM if its worker still lives.
    "accelerate": """
echo "accelerate $*"
[[ -v LONG_RUN ]] || exit "${LAUNCH_STATUS:-0}"
bash -c 'sleep 30 & trap "kill $! && echo saved; exit 0" TERM; echo training; while sleep 0.1; do :; done'
""",
    "pkill": """
"$(type -ap pkill | tail -n 1)" "$@"
status=$?
sleep "${PKILL_SECONDS:-0}"
exit "$status"
""",
}


@pytest.fixture
def cluster(tmp_path):
    """The environment of a job of two nodes with eight GPUs each."""
    for name, body in STUBS.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{body}\n")
        (tmp_path / name).chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "SLURM_JOB_ID": "4242",
        "SLURM_JOB_NODELIST": "node[1-2]",
        "SLURM_JOB_NUM_NODES": "2",
        "SLURM_GPUS_ON_NODE": "8",
        "SLURM_CPUS_ON_NODE": "96",
    }


@pytest.fixture
def start(cluster):
    """Start the script; whatever it leaves behind ends with the test."""
    jobs = []

    def start(*words, **environment):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "start_new_session": True}
        jobs.append(subprocess.Popen(["bash", str(SCRIPT), *words], env={**cluster, **environment}, **pipes))
        return jobs[-1]

    yield start
    for job in jobs:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(job.pid, signal.SIGKILL)


def test_the_slurm_script_is_bash_and_says_how_it_is_used(start):
    assert subprocess.run(["bash", "-n", str(SCRIPT)], check=False).returncode == 0
    job = start("recipe.yaml")
    assert "RECIPE.yaml ACCELERATE.yaml" in job.communicate(timeout=60)[0]
    assert job.returncode == 2


def test_the_slurm_script_starts_one_launcher_per_node(start):
    job = start("recipe.yaml", "ddp.yaml", "--output_dir", "with space", "--max_steps", "7")
    lines = job.communicate(timeout=60)[0].splitlines()
    assert job.returncode == 0, lines
    assert "--kill-on-bad-exit=1 --cpus-per-task=96 " in lines[0]
    assert sorted(line for line in lines if line.startswith("accelerate")) == [
        f"accelerate launch --config_file ddp.yaml --num_machines 2 --num_processes 16 --machine_rank {rank} "
        "--main_process_ip node1 --main_process_port 24242 --module deepseek_vl_hf.cli train recipe.yaml "
        "--resume_from_checkpoint true --output_dir with space --max_steps 7"
        for rank in (0, 1)
    ]
    assert not [line for line in lines if line.startswith("scontrol")]


def test_accelerate_understands_the_launch_of_the_slurm_script(monkeypatch):
    text = re.search(r"exec accelerate launch (.*?) \"\$@\"", SCRIPT.read_text(), re.DOTALL)[1].replace("\\\n", " ")
    values = {
        "config": str(config_file("fsdp2")),
        "SLURM_JOB_NUM_NODES": "2",
        "NUM_PROCESSES": "16",
        "SLURM_NODEID": "1",
    }
    values |= {"MAIN_ADDRESS": "node1", "MAIN_PORT": "24242", "recipe": "recipe.yaml"}
    words = [values[word.strip('"$')] if "$" in word else word for word in text.split()]
    args = launch.launch_command_parser().parse_args(words)
    assert isinstance(args, argparse.Namespace)
    assert (args.module, args.training_script) == (True, "deepseek_vl_hf.cli")
    assert args.training_script_args == ["train", "recipe.yaml", "--resume_from_checkpoint", "true"]


def test_a_launcher_that_fails_ends_the_job_without_another_try(start):
    job = start("recipe.yaml", "ddp.yaml", LAUNCH_STATUS="3")
    output = job.communicate(timeout=60)[0]
    assert job.returncode == 3
    assert "scontrol" not in output


@pytest.mark.parametrize("seconds", ["0", "1"], ids=["ends_after_the_trap", "ends_during_the_trap"])
def test_before_time_is_up_every_node_saves_and_the_job_is_queued_again(start, seconds):
    job = start("recipe.yaml", "ddp.yaml", LONG_RUN="1", PKILL_SECONDS=seconds)
    lines = [job.stdout.readline() for _ in range(5)]  # srun, two launchers, two trainers
    assert sum("training" in line for line in lines) == 2, lines
    time.sleep(2)  # the trap of each node is set after its launcher has started
    job.send_signal(signal.SIGUSR1)
    output = job.communicate(timeout=60)[0]
    assert job.returncode == 0, output
    assert output.split("\n").count("saved") == 2
    assert "scontrol requeue 4242" in output
