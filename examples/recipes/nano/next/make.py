"""Make the nano from nothing: pages, towers, rows, language model, three stages, folder.

Each step writes into WORK and is skipped where its result lies there already; a step that was interrupted goes on from its
last checkpoint. What a step is run with stands in `steps` below, so that this file is the whole recipe.

    python examples/recipes/nano/next/make.py --work WORK --output DIR
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path


HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[2]
RECIPE = EXAMPLES / "recipes" / "data" / "nano.yaml"


def stage(number: int, script: str, model: str, work: Path, bf16: bool) -> tuple[str, list]:
    """One of the paper's stages, through the same script as any other size."""
    output = work / f"stage{number}"
    command = [sys.executable, EXAMPLES / script, "--config", HERE / f"stage{number}.yaml"]
    command += ["--model_name_or_path", work / model, "--dataset_name", work / "rows", "--output_dir", output]
    command += ["--bf16", bf16]
    if any(output.glob("checkpoint-*")):
        command += ["--resume_from_checkpoint", "true"]
    return f"stage{number}/model.safetensors", command


def steps(work: Path, output: Path, bf16: bool, compile_: bool, rows: int) -> list[tuple[str, list]]:
    """What each step leaves in WORK, and the command that makes it."""
    fast = ["--bf16"] if bf16 else []

    def own(script: str, *arguments) -> list:
        return [sys.executable, HERE / script, "--work", work, *arguments]

    build = ["deepseek-vl", "data", "build", RECIPE, "--output", work / "rows", "--rows", rows]
    return [
        ("pages/pages.npy", own("pages.py")),
        ("things/pages.npy", own("pages.py", "--only", "things", "--count", 24_000)),
        ("groups/pages.npy", own("pages.py", "--only", "groups", "--count", 8_000)),
        *((f"towers{part}.done", own("train_towers.py", "--part", part, *fast)) for part in range(1, 5)),
        ("rows.done", build),
        ("rows_seen.npy", own("see.py", *fast)),
        ("aligner.pt", own("train_aligner.py", *fast)),
        (
            "language_model/model.safetensors",
            own("train_language_model.py", *fast, *(["--compile"] if compile_ else [])),
        ),
        ("together.done", own("train_together.py", *fast)),
        ("start/model.safetensors", own("assemble.py")),
        stage(1, "train_stage1_aligner.py", "start", work, bf16),
        stage(2, "train_stage2_pretrain.py", "stage1", work, bf16),
        stage(3, "train_stage3_sft.py", "stage2", work, bf16),
        ("packed.done", [sys.executable, HERE.parent / "pack.py", "--model", work / "stage3", "--output", output]),
    ]


def main() -> None:
    """Run what is not done yet."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for data and checkpoints")
    parser.add_argument("--output", type=Path, required=True, help="folder of the finished model")
    parser.add_argument("--rows", type=int, default=24_000, help="of the mixture that the three stages learn from")
    parser.add_argument("--bf16", action="store_true", help="where the CPU has AMX or AVX512-BF16: faster")
    parser.add_argument("--compile", action="store_true", help="where there is a C++ compiler: faster")
    args = parser.parse_args()

    args.work.mkdir(parents=True, exist_ok=True)
    for result, command in steps(args.work, args.output, args.bf16, args.compile, args.rows):
        if (args.work / result).exists():
            print(f"{result}: there already", flush=True)
            continue
        start = time.time()
        print(f"{result}: {' '.join(map(str, command))}", flush=True)
        subprocess.run(list(map(str, command)), check=True)
        if result.endswith(".done"):
            (args.work / result).touch()
        print(f"{result}: {(time.time() - start) / 60:.1f} min", flush=True)


if __name__ == "__main__":
    main()
