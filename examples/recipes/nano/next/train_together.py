"""Teach towers, aligner and language model together what each has learned alone: the last of what comes before the three stages.

What the language model gets wrong now reaches the towers, SAM too, which the stages leave as it is. Rows are those of
`train_language_model`, but their pictures are looked at anew in each step; step number i is a function of the seed and i; an
interrupted run goes on from its last checkpoint.

    WORK/towers4.pt, language_model.pt, pages, things, groups, rows  ->  WORK/together.pt

    python examples/recipes/nano/next/train_together.py --work WORK
"""

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from progress import Progress
from see import load_eyes, square
from shape import make_config
from torch import nn
from train_language_model import (
    NUM_CELLS,
    SHARES,
    VOCABULARY,
    Conversation,
    Reader,
    Row,
    Rows,
    examine,
    learn,
    load_tokenizer,
    practise,
)
from train_language_model import make_optimizers as optimizers_of_reader
from train_towers import Eyes
from train_towers import make_optimizers as optimizers_of_eyes
from vocabulary import IMAGE

from deepseek_vl_hf import DeepSeekVLHFImageProcessor
from deepseek_vl_hf.data.assets import FOLDER
from deepseek_vl_hf.training.run import load_rows


PEAK = 0.2  # factor on the learning rates that both had alone
SEED = 1  # so that other rows come than the language model had first
PICTURES = 16  # that go through the towers at once


class Picture(NamedTuple):
    """A picture (S, S, 3) of whole numbers, and the numbers of the cells that are wanted."""

    pixels: np.ndarray
    cells: np.ndarray


class PictureRows(Rows):
    """Rows with pictures where `Rows` has what is seen of them."""

    shows = "pages.npy"

    def _of_cells(self, shown: np.ndarray, cells: np.ndarray) -> Any:
        return [Picture(np.array(shown), cells)]

    def _of_row(self, conversation: Conversation) -> Any:
        if self.shown is None:
            self.processor = DeepSeekVLHFImageProcessor.from_config(make_config())
            self.shown = load_rows("train", str(self.work / "rows")).select_columns("images")
        pictures = self.shown[conversation.row]["images"]
        return [Picture(square(self.processor, picture).numpy(), np.arange(NUM_CELLS)) for picture in pictures]


class Look:
    """Looks at pictures, and takes the gradients of what is seen back to the towers.

    Args:
        eyes: The towers.
        bf16: Whether to autocast.
    """

    def __init__(self, eyes: Eyes, bf16: bool):
        self.eyes, self.bf16 = eyes, bf16
        self.made: list[tuple[torch.Tensor, torch.Tensor]] = []

    def __call__(self, rows: list[Row]) -> list[Row]:
        """The rows with what is seen. Those are leaves: towers and language model need not be in memory with all parts at once."""
        pixels = [picture.pixels for row in rows for picture in row.seen or []]
        self.made = []
        for start in range(0, len(pixels), PICTURES):
            with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
                seen = self.eyes(torch.from_numpy(np.stack(pixels[start : start + PICTURES])))
            self.made.append((seen, seen.detach().requires_grad_(seen.requires_grad)))
        pictures = iter([each for _, leaf in self.made for each in leaf])
        return [
            row._replace(seen=torch.cat([next(pictures)[picture.cells] for picture in row.seen])) if row.seen else row
            for row in rows
        ]

    def backward(self) -> None:
        """Take what the leaves were told to the towers."""
        for seen, leaf in self.made:
            if leaf.grad is not None:
                seen.backward(leaf.grad)
        self.made = []


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--assets", type=Path, default=FOLDER)
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--bf16", action="store_true")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    torch.set_flush_denormal(True)
    tokenizer = load_tokenizer(args.work, args.assets)
    rows = PictureRows(args.work, args.assets, tokenizer, args.seed, SHARES)
    eyes = load_eyes(args.work)
    model = Reader(make_config(vocab_size=VOCABULARY), tokenizer.convert_tokens_to_ids(IMAGE))
    model.load_state_dict(torch.load(args.work / "language_model.pt", weights_only=True)["model"])
    both = nn.ModuleDict({"eyes": eyes, "reader": model})
    optimizers = [*optimizers_of_eyes(eyes), *optimizers_of_reader(model)]
    progress = Progress(both, optimizers, args.work / "together.pt", args.steps, PEAK)
    look = Look(eyes, args.bf16)

    def take(batch: list[Row]) -> float:
        loss = learn(model, look(batch), args.bf16)
        look.backward()
        return loss

    practise(rows, progress, take, lambda: examine(model, rows, args.bf16, look), every=150)


if __name__ == "__main__":
    main()
