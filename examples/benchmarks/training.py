"""Our trainer beside TRL's `SFTTrainer` with transformers' own DeepSeek-VL class, on the same weights and rows.

    python examples/benchmarks/training.py [--runs 2] [--work DIR]
    python examples/benchmarks/training.py --size 1.3b --device cuda

Both do stage 2 (aligner and language model learn, the towers are frozen) with one optimizer and learning rate. TRL refuses to
pack rows with pictures, so it pads: batches of as many rows as ours have packs, of 8 rows as is its default, or of one row,
which needs no padding; a step takes as many of them as come to the same number of tokens. Its collator lets image tokens be
targets; here a subclass masks them, so that all learn the very same tokens (`contenders.py`).

Counted are learning tokens, the targets of the loss. Time is wall time from the end of the first step to that of the last, with
the making of batches; contenders take turns. Mixed steps are ours in another order: the same packs, whatever their modality.
They show what modality grouping does: on one process in the first table, on two with a thread each in the second.

The small model is a hybrid that two CPU cores train. For the pictures of a multimodal pack its encoder needs 4.7% of the flops
that its language model needs forward and backward (the 7B's: 3.3%), and attention is 17% of the language model's (13%).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
import torch
from contenders import SIZES, Size, make_models, make_rows, make_trainer
from datasets import Dataset, load_from_disk
from transformers.utils import logging


def run(kind: str, size: Size, folder: Path, rows: Dataset, device: str, seed: int) -> dict:
    """Train one contender over the rows once, and say how fast, how full and how well."""
    changes = {}
    if kind.startswith("TRL"):
        batch_size = int(kind.split()[-2])
        accumulated = max(1, round(len(rows) / size.num_packs * size.batch_size / batch_size))
        changes = {
            "per_device_train_batch_size": batch_size,
            "gradient_accumulation_steps": accumulated,
            "max_steps": len(rows) // (batch_size * accumulated),
        }
    trainer = make_trainer(kind, size, folder, rows, device, seed, **changes)
    trainer.train()
    seconds, ends = zip(*trainer.noted.ends, strict=True)
    batches = torch.tensor(trainer.noted.batches, device=trainer.args.device)
    steps = torch.stack([part.sum(0) for part in batches.tensor_split(ends[:-1])])  # (steps, 3)
    steps = trainer.accelerator.reduce(steps, "sum").cpu()
    targets, padding, places = steps.sum(0).tolist()
    return {
        "speed": steps[1:, 0].sum().item() / (seconds[-1] - seconds[0]),
        "seconds": np.diff(seconds).tolist(),
        "padding": padding / places,
        "targets": targets,
        "targets_by_step": steps[:, 0].tolist(),
        "losses": [entry["loss"] for entry in trainer.state.log_history if "loss" in entry],
    }


def take_turns(kinds: list[str], runs: int, *args) -> dict[str, list[dict]]:
    """Run every contender so many times, in turn; a seed decides the order of rows."""
    found = {kind: [] for kind in kinds}
    for seed in range(runs):
        for kind in kinds:
            found[kind].append(run(kind, *args, seed))
    return found


def print_speed(found: dict[str, list[dict]]) -> None:
    """Print one row per contender, beside the first."""
    first = next(iter(found))
    print(
        f"| contender | learning tokens a second | {first} / it | padding | learning tokens |\n|---|---|---|---|---|"
    )
    for kind, results in found.items():
        pairs = zip(found[first], results, strict=True)
        ratios = [mine["speed"] / theirs["speed"] for mine, theirs in pairs]
        print(
            f"| {kind} | {median(result['speed'] for result in results):.0f} | {median(ratios):.2f} "
            f"({min(ratios):.2f} to {max(ratios):.2f}) | {median(result['padding'] for result in results):.1%} | "
            f"{results[0]['targets']} |"
        )


def course(result: dict, edges: np.ndarray) -> np.ndarray:
    """Mean loss between numbers of learning tokens seen."""
    targets = np.array(result["targets_by_step"])
    summed = np.interp(edges, np.cumsum([0, *targets]), np.cumsum([0, *(targets * result["losses"])]))
    return np.diff(summed) / np.diff(edges)


def print_losses(found: dict[str, list[dict]], points: int = 8) -> None:
    """Print mean losses by learning tokens seen, and how far apart they are."""
    edges = np.linspace(0, min(result["targets"] for results in found.values() for result in results), points + 1)
    courses = {kind: np.array([course(result, edges) for result in results]) for kind, results in found.items()}
    print("| learning tokens | " + " | ".join(found) + " |\n|---|" + "---|" * len(found))
    for point, edge in enumerate(edges[1:]):
        print(f"| {edge:.0f} | " + " | ".join(f"{part[:, point].mean():.3f}" for part in courses.values()) + " |")
    noise = max(np.ptp(part, axis=0).max() for part in courses.values())
    print(f"\nMost that seeds of one contender are apart: {noise:.3f}. Of the means of seeds, largest difference:")
    kinds = list(found)
    for index, one in enumerate(kinds):
        for other in kinds[index + 1 :]:
            print(f"- {one} and {other}: {np.abs(courses[one].mean(0) - courses[other].mean(0)).max():.3f}")


def on_two_processes(args: argparse.Namespace, folder: Path) -> dict[str, list[dict]]:
    """Run ours and mixed steps on two processes, which both wait for the slower one at each step."""
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", __file__, "--work", str(folder)]
    words = ["--worker", "--size", args.size, "--runs", str(args.runs), "--device", args.device]
    subprocess.run([sys.executable, *launch, *words], env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True)
    return json.loads((folder / "found.json").read_text())


def work(args: argparse.Namespace) -> None:
    """Be one of two processes: half the packs per batch on each make steps of the same size."""
    folder, size = Path(args.work), SIZES[args.size]
    size = replace(size, batch_size=size.batch_size // 2)
    rows = load_from_disk(folder / "rows")
    found = take_turns(["ours", "ours, mixed steps"], args.runs, size, folder, rows, args.device)
    if os.environ["RANK"] == "0":
        (folder / "found.json").write_text(json.dumps(found))


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--runs", type=int, default=2, help="of each contender")
    parser.add_argument("--work", default=None, help="an empty folder for models and rows; unset, a temporary one")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    logging.set_verbosity_error()
    if args.worker:
        return work(args)

    size = SIZES[args.size]
    with tempfile.TemporaryDirectory(dir=args.work) as name:
        folder = Path(name)
        make_models(size, folder)
        rows = make_rows(size, folder)
        rows.save_to_disk(folder / "rows")
        threads = f"{torch.get_num_threads()} threads" if args.device == "cpu" else torch.cuda.get_device_name()
        kinds = [
            "ours",
            "ours, mixed steps",
            f"TRL, batches of {size.batch_size} rows",
            "TRL, batches of 8 rows",
            "TRL, batches of 1 row",
        ]
        found = take_turns(kinds, args.runs, size, folder, rows, args.device)
        print(f"\n{args.size}, {len(rows)} rows, one process, {threads}, median of {args.runs}\n")
        print_speed(found)
        print()
        print_losses({kind: found[kind] for kind in kinds[:3]})
        if args.device == "cpu" or torch.cuda.device_count() > 1:
            found = on_two_processes(args, folder)
            print("\nTwo processes\n")
            print_speed(found)
    return None


if __name__ == "__main__":
    main()
