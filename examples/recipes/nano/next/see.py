"""Look at everything once: pages and pictures of rows become visual tokens, which do not change while the language model learns.

WORK/towers5.pt  ->  WORK/eyes.pt: towers and aligner, whose tokens have the root mean square `RMS`
WORK/pages, WORK/things, WORK/groups  ->  tokens.npy in each: (pages, N, C) float16
WORK/rows  ->  WORK/rows_tokens.npy: the same of all pictures for training

python examples/recipes/nano/next/see.py --work WORK
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset, load_dataset
from shape import make_config
from train_towers import Eyes

from deepseek_vl_hf import DeepSeekVLHFImageProcessor


RMS = 0.5  # root mean square of what the language model reads for a picture
BATCH_SIZE = 64
FOLDERS = ("pages", "things", "groups")


def load_eyes(work: Path) -> Eyes:
    """Trained towers and aligner, whose tokens have the root mean square `RMS` over pages."""
    eyes = Eyes(make_config()).eval()
    kept = work / "eyes.pt"
    if kept.exists():
        eyes.load_state_dict(torch.load(kept, weights_only=True))
        return eyes
    state = torch.load(work / "towers5.pt", weights_only=True)["model"]
    eyes.load_state_dict({key[2:]: value for key, value in state.items() if key.startswith("0.")})
    pages = np.load(work / "pages" / "pages.npy", mmap_mode="r")
    with torch.no_grad():
        tokens = eyes(torch.from_numpy(pages[-200:].copy()))
        scale = RMS / tokens.square().mean().sqrt()
        eyes.aligner.proj.weight *= scale
        eyes.aligner.proj.bias *= scale
    torch.save(eyes.state_dict(), kept)
    return eyes


@torch.no_grad()
def look(eyes: Eyes, squares: torch.Tensor, bf16: bool) -> np.ndarray:
    """Visual tokens (B, N, C) of squares (B, S, S, 3)."""
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

    eyes, config = load_eyes(args.work), make_config()
    shape = (config.num_visual_tokens, config.text_config.hidden_size)
    for name in FOLDERS:
        folder = args.work / name
        if (folder / "tokens.npy").exists():
            continue
        pages = np.load(folder / "pages.npy", mmap_mode="r")
        tokens = np.lib.format.open_memmap(folder / "tokens.part", "w+", np.float16, (len(pages), *shape))
        for start in range(0, len(pages), BATCH_SIZE):
            some = slice(start, start + BATCH_SIZE)
            tokens[some] = look(eyes, torch.from_numpy(pages[some].copy()), args.bf16)
        (folder / "tokens.part").rename(folder / "tokens.npy")
        print(f"{len(pages)} {name}", flush=True)

    rows = load_dataset(str(args.work / "rows"), split="train")
    pictures = sum(num_pictures(rows))
    tokens = np.lib.format.open_memmap(args.work / "rows_tokens.part", "w+", np.float16, (pictures, *shape))
    processor = DeepSeekVLHFImageProcessor.from_config(config)
    done, waiting = 0, []
    for images in rows["images"]:
        waiting += [square(processor, image) for image in images]
        while len(waiting) >= BATCH_SIZE or (waiting and done + len(waiting) == pictures):
            some, waiting = waiting[:BATCH_SIZE], waiting[BATCH_SIZE:]
            tokens[done : done + len(some)] = look(eyes, torch.stack(some), args.bf16)
            done += len(some)
    (args.work / "rows_tokens.part").rename(args.work / "rows_tokens.npy")
    print(f"{pictures} pictures of {len(rows)} rows", flush=True)


def square(processor: DeepSeekVLHFImageProcessor, image) -> torch.Tensor:
    """A picture as the processor pads it, (S, S, 3) of whole numbers."""
    view = processor(image, do_normalize=False, return_tensors="pt")["high_res_pixel_values"][0]
    return (view * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous()


if __name__ == "__main__":
    main()
