"""A server in a process of its own, at a free port."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest


START = (
    "import sys; from deepseek_vl_hf.serving import serve; sys.exit(serve(sys.argv[1], port=0, engine='transformers'))"
)


class Server:
    """A process that serves, and where."""

    def __init__(self, process: subprocess.Popen, url: str, model: str):
        self.process, self.url, self.model = process, url, model


@contextmanager
def serving(model: str):
    pytest.importorskip("uvicorn")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", START, model], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        line = process.stdout.readline()
        assert " is served at " in line, f"the server said {line!r}"
        name, _, rest = line.partition(" is served at ")
        yield Server(process, rest.partition("/v1")[0], name)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
