"""A run that dies goes on: from the last whole checkpoint, to the losses of an unbroken run.

python -m pytest tests/training/test_checkpoints.py
"""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from datasets import Dataset
from tiny_rows import row

from deepseek_vl_hf.training.checkpoints import find_fault, find_last_checkpoint


ROOT = Path(__file__).parents[2]
STEPS = 10


@pytest.fixture
def run(tmp_path, tiny_model, tiny_processor):
    """A folder with a recipe that saves every other step."""
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    rows = [row(f"What is {i % 10}?", "A cat" + " and a dog" * (i % 4), i % 2, seed=3 * i) for i in range(32)]
    Dataset.from_list(rows).save_to_disk(tmp_path / "rows")
    fields = {
        "stage": 3,
        "model_name_or_path": str(tmp_path / "model"),
        "dataset_name": str(tmp_path / "rows"),
        "output_dir": str(tmp_path / "out"),
        "max_steps": STEPS,
        "per_device_train_batch_size": 2,
        "learning_rate": 0.01,
        "warmup_steps": 0,
        "logging_steps": 1,
        "save_steps": 2,
        "report_to": "none",
        "use_cpu": True,
        "disable_tqdm": True,
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(fields))
    return tmp_path


def start(run, *words, processes=1):
    """Start a run in a session of its own, so that it can be killed with all its processes."""
    launch = [sys.executable]
    if processes > 1:
        launch += ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
        words += ("--ddp_backend", "gloo")
    command = [*launch, "-m", "deepseek_vl_hf.cli", "train", str(run / "recipe.yaml"), *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    return subprocess.Popen(command, env=environment, **pipes)


def finish(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err[-3000:]
    return out, err


def logged(folder):
    entries = json.loads((folder / f"checkpoint-{STEPS}" / "trainer_state.json").read_text())["log_history"]
    return [(entry["step"], entry["loss"]) for entry in entries if "loss" in entry]


UNBROKEN = {}  # losses by number of processes; model, rows and recipe are the same in each test


def unbroken(run, processes=1):
    """Losses of a run that nothing has broken."""
    if processes not in UNBROKEN:
        finish(start(run, "--output_dir", str(run / "unbroken"), processes=processes))
        UNBROKEN[processes] = logged(run / "unbroken")
    return UNBROKEN[processes]


def wait_for(path, process):
    while not path.exists():
        assert process.poll() is None, process.communicate()[1][-3000:]
        time.sleep(0.005)


def kill(process):
    """End a run and all its processes at once, as a machine that loses power does."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("processes", [1, 2])
def test_a_killed_run_goes_on_to_the_losses_of_an_unbroken_one(run, processes):
    chance = random.Random(processes)
    process = start(run, processes=processes)
    wait_for(run / "out" / f"checkpoint-{chance.choice((2, 4, 6))}", process)
    time.sleep(chance.uniform(0, 0.1))  # while it saves, or some steps later
    kill(process)
    finish(start(run, "--resume_from_checkpoint", "true", processes=processes))
    assert logged(run / "out") == unbroken(run, processes)


def test_a_run_that_is_killed_while_it_saves_goes_on_from_the_checkpoint_before(run):
    process = start(run)
    wait_for(run / "out" / "checkpoint-4" / "model.safetensors", process)
    kill(process)  # the optimizer and the state are still to be written, or the process was quicker than this one
    if find_fault(run / "out" / "checkpoint-4") is None:
        (run / "out" / "checkpoint-4" / "trainer_state.json").unlink()
        shutil.rmtree(run / "out" / "checkpoint-6", ignore_errors=True)
    assert find_last_checkpoint(run / "out") == run / "out" / "checkpoint-2"
    finish(start(run, "--resume_from_checkpoint", "true"))
    assert logged(run / "out") == unbroken(run)


def test_a_run_that_is_told_to_end_saves_its_step_and_goes_on(run):
    process = start(run, "--save_steps", "1000", "--dataloader_num_workers", "2")
    assert any("'loss'" in line for line in process.stdout)  # waits for the first step
    os.killpg(process.pid, signal.SIGTERM)  # to the workers too
    _, err = finish(process)
    assert "Told to end: saving step" in err
    assert find_last_checkpoint(run / "out") is not None
    finish(start(run, "--resume_from_checkpoint", "true"))
    assert logged(run / "out") == unbroken(run)


def test_a_run_that_fails_ends_with_its_workers(run):
    process = start(run, "--learning_rate", "1e30", "--dataloader_num_workers", "2")
    _, err = process.communicate(timeout=120)
    assert process.returncode not in (0, None)
    assert "finite" in err, err


def test_a_run_without_a_checkpoint_starts_with_the_command_that_goes_on(tiny_model, make_trainer, text_rows):
    trainer = make_trainer(tiny_model, text_rows, 3)
    trainer.train(resume_from_checkpoint="true")
    assert trainer.state.global_step == 2


@pytest.mark.parametrize("method", ["save_model", "_save_optimizer_and_scheduler", "_save_rng_state"])
def test_a_full_disk_is_a_clear_error_and_leaves_the_checkpoint_before(
    tiny_model, make_trainer, text_rows, tmp_path, method
):
    trainer = make_trainer(tiny_model, text_rows, 3, save_strategy="steps", save_steps=1)
    save = getattr(trainer, method)

    def save_on_a_full_disk(*args, **kwargs):
        if trainer.state.global_step == 2:  # no file may grow beyond some bytes
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        return save(*args, **kwargs)

    setattr(trainer, method, save_on_a_full_disk)
    try:
        with pytest.raises(OSError, match=r"checkpoint-2 cannot be written \(.*GiB are free .*checkpoint-1 is whole"):
            trainer.train()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert find_last_checkpoint(tmp_path / "out") == tmp_path / "out" / "checkpoint-1"
    assert not (tmp_path / "out" / "checkpoint-2").exists()


@pytest.fixture
def whole(tiny_model, make_trainer, text_rows, tmp_path):
    """Checkpoints 1 and 2 of a run."""
    make_trainer(tiny_model, text_rows, 3, save_strategy="steps", save_steps=1).train()
    return tmp_path / "out"


def halve(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("name", "damage", "fault"),
    [
        ("trainer_state.json", Path.unlink, "trainer_state.json is missing"),
        ("trainer_state.json", halve, "trainer_state.json is missing or cut short"),
        ("model.safetensors", halve, "model.safetensors is cut short"),
        ("model.safetensors", Path.unlink, "there are no weights"),
        ("optimizer.pt", halve, "optimizer.pt is missing or cut short"),
        ("scheduler.pt", Path.unlink, "scheduler.pt is missing"),
        ("rng_state.pth", halve, "rng_state.pth is missing or cut short"),
    ],
)
def test_a_half_written_checkpoint_is_passed_over(whole, name, damage, fault, caplog):
    assert find_last_checkpoint(whole) == whole / "checkpoint-2"
    damage(whole / "checkpoint-2" / name)
    assert fault in find_fault(whole / "checkpoint-2")
    assert find_last_checkpoint(whole) == whole / "checkpoint-1"


def test_a_checkpoint_of_two_processes_needs_the_state_of_both(whole):
    checkpoint = whole / "checkpoint-2"
    state = json.loads((checkpoint / "trainer_state.json").read_text())
    state["stateful_callbacks"]["Meter"]["args"]["num_processes"] = 2
    (checkpoint / "trainer_state.json").write_text(json.dumps(state))
    assert find_fault(checkpoint) == "rng_state_0.pth is missing or cut short"
    for rank in range(2):
        shutil.copy(checkpoint / "rng_state.pth", checkpoint / f"rng_state_{rank}.pth")
    assert find_fault(checkpoint) is None


def test_checkpoints_of_fsdp_are_told_from_halves_of_them(whole):
    checkpoint = whole / "checkpoint-2"
    (checkpoint / "model.safetensors").unlink()
    (checkpoint / "optimizer.pt").rename(checkpoint / "optimizer.bin")
    shutil.copy(checkpoint / "optimizer.bin", checkpoint / "pytorch_model_fsdp.bin")
    assert find_fault(checkpoint) is None
    halve(checkpoint / "optimizer.bin")
    assert find_fault(checkpoint) == "optimizer.bin is missing or cut short"
    (checkpoint / "optimizer.bin").unlink()
    (checkpoint / "optimizer_0").mkdir()
    assert find_fault(checkpoint) == "optimizer_0 is cut short"
    (checkpoint / "optimizer_0" / ".metadata").touch()
    assert find_fault(checkpoint) is None


def test_a_run_goes_on_with_another_number_of_processes(run):
    half = ("--per_device_train_batch_size", "1")
    finish(start(run, *half, processes=2))
    for name in ("checkpoint-10", "checkpoint-8"):
        shutil.rmtree(run / "out" / name)
    finish(start(run, "--resume_from_checkpoint", "true"))
    found, expected = logged(run / "out"), unbroken(run)
    assert [step for step, _ in found] == [step for step, _ in expected]
    assert [loss for _, loss in found] == pytest.approx([loss for _, loss in expected], rel=1e-4)
