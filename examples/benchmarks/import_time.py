"""How long `import deepseek_vl_hf` takes beside `import torch, transformers`, each in fresh processes, in turn.

python examples/benchmarks/import_time.py
"""

import statistics
import subprocess
import sys
import time


OURS, PEER = "import torch, transformers, deepseek_vl_hf", "import torch, transformers"
RUNS = 9


def seconds(code: str) -> float:
    """Wall time of a fresh interpreter that runs `code`."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure in turn, so that a drift of the machine's speed meets both."""
    for code in (OURS, PEER):
        seconds(code)  # fills the disk cache
    pairs = [(seconds(OURS), seconds(PEER)) for _ in range(RUNS)]
    ours, peer = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    print(f"with deepseek_vl_hf {ours:.2f} s, without {peer:.2f} s, median ratio {ratio:.2f} over {RUNS} pairs")


if __name__ == "__main__":
    main()
