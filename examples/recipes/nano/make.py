"""Make the nano from nothing: data, towers, start, three stages, scores, folder.

Each step writes into WORK and is skipped where its result lies there already; a step that was interrupted goes on from
its last checkpoint. What a step is run with stands in `steps` below, so that this file is the whole recipe.

    python examples/recipes/nano/make.py --work WORK --output src/deepseek_vl_hf/nano
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path


HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1]


def stage(number: int, script: str, model: str, work: Path, bf16: bool) -> tuple[str, list]:
    """One of the paper's stages, through the same script as any other size."""
    output = work / f"stage{number}_model"
    command = [EXAMPLES / script, "--config", HERE / f"stage{number}.yaml", "--model_name_or_path", work / model]
    command += ["--dataset_name", work / f"stage{number}", "--output_dir", output]
    command += ["--bf16", bf16]
    if any(output.glob("checkpoint-*")):
        command += ["--resume_from_checkpoint", "true"]
    return f"stage{number}_model/model.safetensors", command


def steps(work: Path, output: Path, bf16: bool) -> list[tuple[str, list]]:
    """What each step leaves in WORK, and the command that makes it."""
    towers = [HERE / "train_towers.py", "--work", work, *(["--bf16"] if bf16 else [])]
    return [
        ("held_out/answers.json", [HERE / "build_data.py", "--work", work]),
        ("low_res.done", [*towers, "--tower", "low_res", "--steps", 24000]),
        ("high_res.done", [*towers, "--tower", "high_res", "--steps", 9000]),
        ("language_model/model.safetensors", [HERE / "train_language_model.py", "--work", work]),
        ("start/model.safetensors", [HERE / "assemble.py", "--work", work]),
        stage(1, "train_stage1_aligner.py", "start", work, bf16),
        stage(2, "train_stage2_pretrain.py", "stage1_model", work, bf16),
        stage(3, "train_stage3_sft.py", "stage2_model", work, bf16),
        ("packed.done", [HERE / "pack.py", "--model", work / "stage3_model", "--output", output]),
        ("scores.md", [HERE / "evaluate.py", "--work", work, "--model", output, "--report", work / "scores.md"]),
    ]


def main() -> None:
    """Run what is not done yet."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for data, checkpoints and scores")
    parser.add_argument("--output", type=Path, required=True, help="folder of the finished model")
    parser.add_argument("--bf16", action="store_true", help="where the CPU has AVX512-BF16: 1.4 times as fast")
    args = parser.parse_args()

    args.work.mkdir(parents=True, exist_ok=True)
    for result, command in steps(args.work, args.output, args.bf16):
        if (args.work / result).exists():
            print(f"{result}: there already", flush=True)
            continue
        start = time.time()
        print(f"{result}: {Path(command[0]).name}", flush=True)
        subprocess.run([sys.executable, *map(str, command)], check=True)
        if result.endswith(".done"):
            (args.work / result).touch()
        print(f"{result}: {(time.time() - start) / 60:.1f} min", flush=True)


if __name__ == "__main__":
    main()
