"""Look at everything once: what the towers see of pages and pictures of rows does not change while aligner and language model learn.

WORK/towers4.pt, WORK/pages, WORK/things, WORK/groups  ->  seen.npy in each: (pages, N, C) float16, SAM's first
WORK/rows  ->  WORK/rows_seen.npy: the same of all pictures for training

python examples/recipes/nano/next/see.py --work WORK
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from safetensors.torch import load_file
from shape import make_config
from train_towers import Eyes

from deepseek_vl_hf import DeepSeekVLHFImageProcessor
from deepseek_vl_hf.training.run import load_rows


BATCH_SIZE = 64
KEPT = Path(__file__).with_name("towers4.safetensors")
FOLDERS = ("pages", "things", "groups")


def load_eyes(work: Path) -> Eyes:
    """Trained towers: those in WORK, or else those that are kept, in halves, beside this file."""
    eyes, made = Eyes(make_config()), work / "towers4.pt"
    if made.exists():
        state = torch.load(made, weights_only=True)["model"]
        eyes.load_state_dict({key[2:]: value for key, value in state.items() if key.startswith("0.")})
    else:
        eyes.load_state_dict(load_file(KEPT))
    return eyes


@torch.no_grad()
def look(eyes: Eyes, squares: torch.Tensor, bf16: bool) -> np.ndarray:
    """What SAM and SigLIP see (B, N, C) of squares (B, S, S, 3)."""
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        return eyes(squares).to(torch.float16).numpy()


def num_pictures(rows: Dataset) -> list[int]:
    """Pictures of each row, none of them decoded."""
    return [count for chunk in rows.data.column("images").chunks for count in chunk.value_lengths().to_pylist()]


def main() -> None:
    """Look at pages and rows."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--bf16", action="store_true")
    args = parser.parse_args()

    eyes, config = load_eyes(args.work).eval(), make_config()
    shape = (
        config.num_visual_tokens,
        config.high_res_vision_config.downsample_channels[-1] + config.vision_config.hidden_size,
    )
    for name in FOLDERS:
        folder = args.work / name
        if (folder / "seen.npy").exists():
            continue
        pages = np.load(folder / "pages.npy", mmap_mode="r")
        seen = np.lib.format.open_memmap(folder / "seen.part", "w+", np.float16, (len(pages), *shape))
        for start in range(0, len(pages), BATCH_SIZE):
            some = slice(start, start + BATCH_SIZE)
            seen[some] = look(eyes, torch.from_numpy(pages[some].copy()), args.bf16)
        (folder / "seen.part").rename(folder / "seen.npy")
        print(f"{len(pages)} {name}", flush=True)

    rows = load_rows("train", str(args.work / "rows"))
    pictures = sum(num_pictures(rows))
    seen = np.lib.format.open_memmap(args.work / "rows_seen.part", "w+", np.float16, (pictures, *shape))
    processor = DeepSeekVLHFImageProcessor.from_config(config)
    done, waiting = 0, []
    for images in rows["images"]:
        waiting += [square(processor, image) for image in images]
        while len(waiting) >= BATCH_SIZE or (waiting and done + len(waiting) == pictures):
            some, waiting = waiting[:BATCH_SIZE], waiting[BATCH_SIZE:]
            seen[done : done + len(some)] = look(eyes, torch.stack(some), args.bf16)
            done += len(some)
    (args.work / "rows_seen.part").rename(args.work / "rows_seen.npy")
    print(f"{pictures} pictures of {len(rows)} rows", flush=True)


def square(processor: DeepSeekVLHFImageProcessor, image) -> torch.Tensor:
    """A picture as the processor pads it, (S, S, 3) of whole numbers."""
    view = processor(image, do_normalize=False, return_tensors="pt")["high_res_pixel_values"][0]
    return (view * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous()


if __name__ == "__main__":
    main()
