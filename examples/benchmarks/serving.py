"""Many clients ask a server at once, each about its own pictures; what is lost, mixed up or slow is counted.

Every client knows what `generate` alone answers to its own questions, with a picture and without, and compares. Prints a table in
Markdown; the exit code is 1 if an answer was lost or was not the asker's.

    python examples/benchmarks/serving.py [--clients 64] [--seconds 60] [--faults]
    python examples/benchmarks/serving.py --url http://127.0.0.1:8000 --model nano        # any server of OpenAI's chat completions

With `--faults`, while this goes on, the server is killed and started again, clients vanish in the middle of answers and before them, some
read slowly, and a thousand malformed requests come.
"""

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from serving_clients import Question, Tally, be_client, be_malformed, be_slow, be_vanishing, make_questions


class Server:
    """`deepseek-vl serve` on a free port, that can be killed and started again."""

    def __init__(self, model: str, engine: str):
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = found.getsockname()[1]
        self.words = ["serve", "--model", model, "--port", str(self.port), "--engine", engine]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Return when it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deepseek_vl_hf.cli", *self.words], start_new_session=True
        )
        while True:
            if self.process.poll() is not None:
                raise SystemExit(f"deepseek-vl {' '.join(self.words)} ended with {self.process.returncode}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                    return
            except OSError:
                time.sleep(0.2)

    def kill(self) -> None:
        """End it and what it started, without warning."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def resident_bytes(pid: int) -> int:
    """Memory of a process and its children; where there is no /proc, 0."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = [
            child for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
        ]
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(resident_bytes(int(child)) for child in children)


def run(args: argparse.Namespace, server: Server | None, questions: list[tuple[Question, Question]]) -> Tally:
    """Let everybody loose, and wait until the time is up."""
    tally, started_at = Tally(), time.monotonic()
    end, url, model = started_at + args.seconds, args.url or server.url, args.model
    threads = [
        threading.Thread(target=be_client, args=(url, model, own, tally, end, args.faults)) for own in questions
    ]
    if args.faults:
        one = questions[0]
        threads += [
            threading.Thread(target=be_vanishing, args=(url, model, one[0], tally, end, seed)) for seed in range(4)
        ]
        threads += [threading.Thread(target=be_slow, args=(url, model, own, tally, end)) for own in one]
        threads.append(threading.Thread(target=be_malformed, args=(url, model, tally, end)))
    for thread in threads:
        thread.start()
    killed = not (args.faults and server)
    while time.monotonic() < end:
        if server:
            tally.memory.append((time.monotonic() - started_at, resident_bytes(server.process.pid)))
        if not killed and time.monotonic() > started_at + args.seconds / 2:
            killed = True
            server.kill()
            time.sleep(1)
            server.start()
            tally.count("server killed and started again")
        time.sleep(min(1, max(0, end - time.monotonic())))
    for thread in threads:
        thread.join()
    return tally


def percentiles(times: list[float]) -> str:
    """Half, 95% and 99% of them are below."""
    if len(times) < 2:
        return "- | - | -"
    cuts = statistics.quantiles(times, n=100)
    return " | ".join(f"{cuts[index]:.2f}" for index in (49, 94, 98))


def report(tally: Tally, args: argparse.Namespace) -> int:
    """Print the tables; return the exit code."""
    everything = [seconds for times in tally.times.values() for seconds in times]
    print(
        f"{args.clients} clients for {args.seconds} s, {os.cpu_count()} cores: {len(everything) / args.seconds:.1f} answers a second\n"
    )
    print("| seconds | answers | p50 | p95 | p99 |\n|---|---|---|---|---|")
    for name, times in (*tally.times.items(), ("first token", tally.first_tokens)):
        print(f"| {name} | {len(times)} | {percentiles(times)} |")
    print("\n| what happened | times |\n|---|---|")
    for name in ("lost", "not the asker's"):
        print(f"| {name} | {tally.counts.pop(name, 0)} |")
    for name, number in sorted(tally.counts.items()):
        print(f"| {name} | {number} |")
    if tally.memory:
        print("\n| after seconds | server's resident memory, MiB |\n|---|---|")
        step = max(1, len(tally.memory) // 8)
        for at, size in [*tally.memory[::step], tally.memory[-1]]:
            print(f"| {at:.0f} | {size / 2**20:.0f} |")
    for fault in tally.faults[:10]:
        print(fault, file=sys.stderr)
    return 1 if tally.faults or not everything else 0


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", help="of a server that runs already (default: start one)")
    parser.add_argument("--model", default="nano", help="that the server serves, under this name (default: nano)")
    parser.add_argument("--engine", default="auto", help="of the server that is started (default: auto)")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--faults", action="store_true", help="kill, vanish, read slowly, send what is malformed")
    args = parser.parse_args()
    questions = make_questions(args.model, args.clients)
    server = None if args.url else Server(args.model, args.engine)
    try:
        return report(run(args, server, questions), args)
    finally:
        if server:
            server.kill()


if __name__ == "__main__":
    sys.exit(main())
