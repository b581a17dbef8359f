"""Teach the nano's aligner to say in visual tokens what the towers see, before any language model reads them.

From each token one layer, which is thrown away, says what its cell shows. An aligner that a language model teaches from nothing loses most of
it: hundreds of things are no linear image of so few numbers.

    WORK/pages, things with what is seen of them  ->  WORK/aligner.pt

    python examples/recipes/nano/next/train_aligner.py --work WORK
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from labels import MIDDLE, NUM_BEFORE, NUM_SLOTS, THING
from progress import Progress
from shape import make_config
from torch import nn
from torch.nn import functional as F
from train_towers import HELD_OUT, NUM_CHARACTERS, NUM_THINGS, Tally, print_losses, thing_loss

from deepseek_vl_hf import DeepSeekVLHFConfig
from deepseek_vl_hf.modeling_deepseek_vl_hf import DeepSeekVLHFAligner


FOLDERS = ("pages", "things")
PAGES = 24  # of a folder in a step
RMS = 0.5  # root mean square of what the language model reads for a picture
SCORE_EVERY, SAVE_EVERY = 500, 1000  # steps


class Aligner(DeepSeekVLHFAligner):
    """The model's aligner, of what is kept of the towers."""

    def __init__(self, config: DeepSeekVLHFConfig):
        super().__init__(config)
        self.widths = [config.high_res_vision_config.downsample_channels[-1], config.vision_config.hidden_size]

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        """Visual tokens (..., C) of what SAM and SigLIP see, joined."""
        high, low = seen.float().split(self.widths, -1)
        return super().forward(low, high)


class TokenTeller(nn.Module):
    """What visual tokens show, in one layer."""

    def __init__(self, config: DeepSeekVLHFConfig):
        super().__init__()
        self.sizes = [NUM_THINGS, 2, (NUM_BEFORE + NUM_SLOTS) * NUM_CHARACTERS]
        self.all = nn.Linear(config.text_config.hidden_size, sum(self.sizes))

    def forward(self, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Scores of things, of their middles, and of characters (..., before and slots, characters)."""
        things, middles, characters = self.all(tokens).split(self.sizes, -1)
        return things, middles, characters.unflatten(-1, (NUM_BEFORE + NUM_SLOTS, NUM_CHARACTERS))


def losses_of(teller: TokenTeller, tokens: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
    """Cross entropies of tokens (B, N, C) and labels (B, N, 9)."""
    drawn = labels[..., THING] > 0
    _, middles, characters = teller(tokens)
    of_print, earlier = print_losses(characters, labels)
    losses = {
        "things": thing_loss(lambda some: teller(some)[0], tokens, labels),
        "middles": F.cross_entropy(middles[drawn].float(), labels[..., MIDDLE][drawn]),
        "characters": of_print,
        "before": earlier,
    }
    return {name: loss for name, loss in losses.items() if loss.isfinite()}


@torch.no_grad()
def score(aligner: Aligner, teller: TokenTeller, folders: list[tuple[np.ndarray, np.ndarray]]) -> Tally:
    """Of held-out pages."""
    tally = Tally()
    for seen, labels in folders:
        for start in range(len(seen) - HELD_OUT, len(seen), 100):
            things, _, characters = teller(aligner(torch.from_numpy(seen[start : start + 100].copy())))
            wanted = torch.from_numpy(labels[start : start + 100].astype(np.int64)).flatten(1, 2)
            tally.add_things(things.argmax(-1), wanted)
            tally.add_print(characters.argmax(-1), wanted)
    return tally


def main() -> None:
    """Train, evaluate, keep."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bf16", action="store_true")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    config = make_config()
    aligner, teller = Aligner(config), TokenTeller(config)
    both = nn.ModuleDict({"aligner": aligner, "teller": teller})
    folders = [
        (np.load(args.work / name / "seen.npy", mmap_mode="r"), np.load(args.work / name / "labels.npy"))
        for name in FOLDERS
    ]
    optimizer = torch.optim.AdamW(both.parameters(), lr=3e-3, betas=(0.9, 0.95), weight_decay=0.01)
    progress = Progress(both, [optimizer], args.work / "aligner_training.pt", args.steps)

    start = time.time()
    for step in range(progress.done, args.steps):
        progress.begin_step(step)
        torch.manual_seed(args.seed * 1_000_000 + step)
        rng = np.random.default_rng([args.seed, step])
        chosen = [np.sort(rng.integers(0, len(seen) - HELD_OUT, PAGES)) for seen, _ in folders]
        seen, labels = (
            torch.from_numpy(np.concatenate([each[some] for each, some in zip(kind, chosen, strict=True)]))
            for kind in zip(*folders, strict=True)
        )
        with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
            losses = losses_of(teller, aligner(seen), labels.long().flatten(1, 2))
        sum(losses.values()).backward()
        progress.end_step()
        is_last = step + 1 == args.steps
        if (step + 1) % SCORE_EVERY == 0 or is_last:
            means = " ".join(f"{name} {loss.item():.3f}" for name, loss in losses.items())
            found = score(aligner, teller, folders)
            print(f"step {step + 1}, {time.time() - start:.0f} s: loss {means} | right {found}", flush=True)
        if (step + 1) % SAVE_EVERY == 0 or is_last:
            progress.save(step + 1)

    with torch.no_grad():
        tokens = aligner(torch.from_numpy(folders[0][0][-200:].copy()))
        scale = RMS / tokens.square().mean().sqrt()
        aligner.proj.weight *= scale
        aligner.proj.bias *= scale
    torch.save(aligner.state_dict(), args.work / "aligner.pt")


if __name__ == "__main__":
    main()
