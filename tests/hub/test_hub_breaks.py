"""Full disks, interruptions, and others who push or pull at the same time.

python -m pytest -v tests/hub/test_hub_breaks.py ends with a table of what broke.
"""

import re
import signal
import time

import pytest
from hub_checks import OLD, check_cache, check_pushed
from hub_clients import digest, record

from hub_server import Fault


@pytest.mark.parametrize("limit", [6_000, 40_000])
def test_a_full_disk_is_told_so(client, server, home, folders, repo, tmp_path, limit):
    client("push", folders / "own", repo)
    failed = client("pull", repo, "--output", "got", limit=limit)
    assert failed.error.startswith("The disk is full")
    assert not (tmp_path / "got").exists()
    assert client("pull", repo, "--output", "got").code == 0
    check_cache(home, server, repo)
    record("pull", f"a disk full after {limit} bytes", 1, "one line; whole at the next command")
    before, local = server.files(repo), digest(folders / "native")
    for folder in (folders / "native", "nano"):  # weights are written, and a large tokenizer
        failed = client("push", folder, repo, limit=limit)
        assert failed.error.startswith("The disk is full")
        assert "set TMPDIR" in failed.error
        record("push", f"a disk full after {limit} bytes", 1, "one line, repository as before")
    assert server.files(repo) == before
    assert digest(folders / "native") == local
    assert client("push", folders / "native", repo).code == 0


def wait_for(condition):
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("30 s have passed")


def test_a_push_that_was_overtaken_sends_everything_anew(client, server, folders, repo):
    client("push", folders / "own", repo)
    fault = Fault("delay", "/commit/", 2, method="POST")
    server.faults.append(fault)
    # It differs from what was there by its card alone, from what is there by then by everything.
    slow = client.start("push", folders / "own", repo, "--license", "mit")
    wait_for(lambda: fault.fired)
    assert client("push", folders / "small", repo).code == 0
    assert slow.end().code == 0
    check_pushed(server, repo, folders / "own", by_hand=False)
    assert server.files(repo)["config.json"] == server.files(repo, server.commits(repo)[2].oid)["config.json"]
    assert [status for _, path, status in server.log if "/commit/" in path] == [200, 200, 412, 200]
    record("push", "another model is pushed in between", 1, "wholly one of them")


def test_two_pushes_at_once_leave_wholly_one_of_them(client, server, folders, repo):
    both = [client.start("push", folders / name, repo) for name in ("sharded", "small")]
    assert [job.end().code for job in both] == [0, 0]
    last = "sharded" if "model.safetensors.index.json" in server.files(repo) else "small"
    check_pushed(server, repo, folders / last, by_hand=False)
    record("push", "two at once", 1, "wholly one of them")


def test_two_pulls_at_once_make_one_whole_folder(client, server, folders, repo, tmp_path):
    client("push", folders / "own", repo)
    server.faults.append(Fault("delay", "/lfs/", 0.5, method="GET"))
    both = [client.start("pull", repo, "--output", "got") for _ in range(2)]
    ended = sorted((job.end() for job in both), key=lambda ended: ended.code)
    assert ended[0].code == 0
    assert "is not empty" in ended[1].error
    assert {path.name: path.read_bytes() for path in (tmp_path / "got").iterdir()} == server.files(repo)
    assert [path.name for path in tmp_path.iterdir()] == ["got"]
    record("pull", "two at once to one folder", 1, "one whole, one line")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_an_interrupted_push_and_pull_are_done_again(client, server, home, folders, repo, tmp_path, number, code):
    server.add(repo, OLD)
    before, local = server.files(repo), digest(folders / "own")
    for path, step in (("/preupload/", "preupload"), (r"/lfs/\w{64}", "PUT"), ("/commit/", "commit")):
        fault = Fault("delay", path, 0.5)
        server.faults.append(fault)
        job = client.start("push", folders / "own", repo)
        wait_for(lambda fault=fault: fault.fired)
        job.kill(number)
        assert job.end().code == code
        wait_for(lambda path=path: any(re.search(path, asked) for _, asked, _ in server.log))  # the Hub has done it
        server.log.clear()
        if step == "commit":
            check_pushed(server, repo, folders / "own")
        else:
            assert server.files(repo) == before
        record("push", f"{number.name} at {step}", 1, "repository as before, or whole; done by the next command")
    assert digest(folders / "own") == local
    assert client("push", folders / "own", repo).code == 0
    check_pushed(server, repo, folders / "own")
    fault = Fault("delay", "/lfs/", 0.5, method="GET")
    server.faults.append(fault)
    job = client.start("pull", repo, "--output", "got")
    wait_for(lambda: fault.fired)
    job.kill(number)
    assert job.end().code == code
    assert sorted(path.name for path in tmp_path.iterdir()) == [".got.lock", ".got.unfinished"]
    assert client("pull", repo, "--output", "got").code == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "got").iterdir()} == server.files(repo)
    assert [path.name for path in tmp_path.iterdir()] == ["got"]
    check_cache(home, server, repo)
    record("pull", f"{number.name} at /lfs/", 1, "no folder; whole at the next command")
