"""Processes of the Hub's clients: a command or a script comes in, what it printed and its exit code go out.

The clients read their environment at import, and importing takes seconds. So one process imports everything and forks for each
job: a real process that can be killed and limited, with its own folder and token. Each line on its stdin is a job, a JSON object; the
answers are the number of the process, and when asked for, how it ended.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path


MOST_MEMORY = 4 << 30
SOURCE = Path(__file__).parents[2] / "src"


OUTCOMES = []  # what was done, fault, how often it was injected, how it ended


def record(doing: str, fault: str, count: int, outcome: str) -> None:
    """Note an injected fault for the table that `pytest -v tests/hub` ends with."""
    OUTCOMES.append((doing, fault, count, outcome))


@dataclass
class Ended:
    """How a job ended; `waits` are the seconds that it asked to sleep, of which it slept 10 ms at most."""

    code: int
    out: str
    err: str
    waits: list[float]

    @property
    def seen(self) -> dict:
        """What a script left in `seen`."""
        assert self.code == 0, self.err
        return json.loads(self.out.splitlines()[-1])

    @property
    def error(self) -> str:
        """The one line that says why a command could not do what was asked."""
        lines = self.err.strip().splitlines()
        assert self.code == 2, (self.code, self.out, self.err)
        assert lines
        assert lines[-1].startswith("deepseek-vl: error: "), self.err
        assert "Traceback" not in self.err
        return lines[-1].removeprefix("deepseek-vl: error: ")


class Job:
    """A process under way."""

    def __init__(self, clients, pid: int, folder: Path):
        self.clients, self.pid, self.folder = clients, pid, folder

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)

    def end(self) -> Ended:
        code = os.waitstatus_to_exitcode(self.clients.ask({"wait": self.pid}))
        out, err = ((self.folder / name).read_text() for name in ("out", "err"))
        waits = [float(line) for line in (self.folder / "waits").read_text().split()]
        return Ended(code, out, err, waits)


class Clients:
    """Starts jobs.

    Args:
        environment: Of `HubServer.environment`.
        folder: Where jobs leave what they print.
        package: Whether they can import deepseek_vl_hf; if not, it is hidden wherever it is installed.
    """

    def __init__(self, environment: dict[str, str], folder: Path, package: bool = True):
        self.folder, self.count = folder, 0
        path = {"PYTHONPATH": str(SOURCE)} if package else {}
        environment = {
            **{k: v for k, v in environment.items() if k != "PYTHONPATH"},
            **path,
            "OMP_NUM_THREADS": "1",
            "TMPDIR": str(folder),
        }
        command = [sys.executable, "-W", "ignore", __file__, "package" if package else "hidden"]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
        )

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def ask(self, job: dict) -> int:
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(self, *words, script: str | None = None, **options) -> Job:
        """Start `deepseek-vl WORDS`, or a script.

        Args:
            words: Of the command line.
            script: Python with `seen`, `error` and `ask` at hand; `seen` is printed as JSON.
            options: cwd, token, constants of huggingface_hub; limit, bytes of the longest file that can be written; seconds, after which it
                is ended, which has 4 GiB of memory at most then; hurry=False sleeps as long as it should.
        """
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir(parents=True)
        options = {"cwd": str(options.pop("cwd", folder)), **options}
        job = {"words": [str(word) for word in words], "script": textwrap.dedent(script or ""), "folder": str(folder)}
        return Job(self, self.ask({**job, **options}), folder)

    def run(self, *words, **options) -> Ended:
        return self.start(*words, **options).end()


def digest(folder: Path) -> dict[str, str]:
    """Hash of every file of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def error(function, *arguments, **options):
    """Name and text of what a call raises."""
    try:
        return ["nothing", repr(function(*arguments, **options))]
    except Exception as problem:
        return [type(problem).__name__, str(problem)]


def ask(checkpoint, model=None, **options) -> dict:
    """What model and processor of a checkpoint make of one picture and question; with a model, the processor alone is the checkpoint's."""
    import torch
    from PIL import Image
    from transformers import AutoModelForImageTextToText, AutoProcessor

    model = AutoModelForImageTextToText.from_pretrained(checkpoint, **options) if model is None else model
    processor = AutoProcessor.from_pretrained(checkpoint, **options)
    picture = Image.linear_gradient("L").resize((40, 30)).convert("RGB")
    content = [{"type": "image", "image": picture}, {"type": "text", "text": "What is in the picture?"}]
    inputs = processor.apply_chat_template(
        [{"role": "user", "content": content}],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
    )
    with torch.no_grad():
        logits = model.eval()(**inputs.to(model.dtype)).logits[0, -1]
    return {"inputs": {name: value.flatten().tolist() for name, value in inputs.items()}, "logits": logits.tolist()}


def same(one: dict, other: dict, bound: float = 1e-6) -> bool:
    """Whether two answers of `ask` are of one model and processor."""
    distance = max(abs(a - b) for a, b in zip(one["logits"], other["logits"], strict=True))
    return one["inputs"] == other["inputs"] and distance <= bound


class Hidden:
    """Finds no deepseek_vl_hf, wherever it may be."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "deepseek_vl_hf":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def work(job: dict) -> int:
    """Do a job, in a process of its own."""
    import resource

    os.chdir(job["cwd"])
    for name, number in (("out", 1), ("err", 2)):
        os.dup2(os.open(Path(job["folder"]) / name, os.O_WRONLY | os.O_CREAT), number)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    os.environ.pop("HF_TOKEN", None)
    os.environ |= {"HF_TOKEN": job["token"]} if job.get("token") else {}
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started the tests may be deaf to it
    waits, sleep = os.open(Path(job["folder"]) / "waits", os.O_WRONLY | os.O_CREAT), time.sleep

    def hurry(seconds):
        if seconds >= 1:
            os.write(waits, f"{seconds}\n".encode())
        sleep(seconds if not job.get("hurry", True) else min(seconds, 0.01))

    time.sleep = hurry
    for name, value in job.get("constants", {}).items():
        setattr(sys.modules["huggingface_hub.constants"], name, value)
    if job.get("limit"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["limit"], job["limit"]))
    if job.get("seconds"):
        signal.alarm(job["seconds"])
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    if job["words"]:
        from deepseek_vl_hf.cli import main

        return main(job["words"])
    space = {"seen": {}, "error": error, "ask": ask, "__name__": "__main__"}
    exec(compile(job["script"], "script", "exec"), space)
    print("\n" + json.dumps(space["seen"]))  # noqa: T201
    return 0


def serve(answers: int) -> None:
    """Fork for each job that comes in."""
    for line in sys.stdin:
        job = json.loads(line)
        if "wait" in job:
            answer = os.waitpid(job["wait"], 0)[1]
        elif (answer := os.fork()) == 0:
            os.close(answers)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            code = 1
            try:
                code = work(job)
            except BaseException:
                import traceback

                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        os.write(answers, f"{answer}\n".encode())


if __name__ == "__main__":
    answers = os.dup(1)
    os.dup2(2, 1)  # what imports print is no answer
    if sys.argv[1] == "hidden":
        sys.meta_path.insert(0, Hidden())
    else:
        import deepseek_vl_hf.cli
        import deepseek_vl_hf.publishing
        import deepseek_vl_hf.training  # noqa: F401
    import peft  # noqa: F401
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor, LlamaModel, SiglipVisionModel  # noqa: F401

    torch.set_num_threads(1)
    serve(answers)
