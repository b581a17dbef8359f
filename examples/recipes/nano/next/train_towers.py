"""Teach the nano's two towers to see, before the three stages: the counterpart of SigLIP and SAM coming pretrained.

Pages come in; from what a tower says of every cell, one layer says what the cell shows: SigLIP which thing, SAM which characters, and which
came before them. That layer is thrown away, and so is one more, over SAM's patches, each of which says what letter it is part
of. Without that one letters are not learned for a long time.

There are four parts, each of which goes on from the one before: SAM, from pages of print; SigLIP, from pages of things, of which it
sees several in the time that SAM needs for one; each of the two once more, with learning rates that fall anew. What a step does is a
function of the seed, the part and its number, so that an interrupted run goes on from its last checkpoint as if nothing had happened.

    WORK/pages, WORK/things  ->  WORK/towers1.pt to towers4.pt

    python examples/recipes/nano/next/train_towers.py --work WORK --part 1
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import attention  # noqa: F401  registers "folded"
import numpy as np
import torch
from labels import (
    BEFORE,
    CHARACTERS,
    COLUMNS,
    GRID,
    NUM_BEFORE,
    NUM_SLOTS,
    SIDE,
    SLOTS,
    THING,
    label_things,
)
from PIL import Image
from progress import Progress
from shape import make_config
from torch import nn
from torch.nn import functional as F

from deepseek_vl_hf import DeepSeekVLHFConfig
from deepseek_vl_hf.data.assets import FOLDER, Assets
from deepseek_vl_hf.data.drawings import Drawing, Drawings
from deepseek_vl_hf.data.things import THINGS
from deepseek_vl_hf.layouts_deepseek_vl_hf import SAM_STATISTICS, SIGLIP_STATISTICS
from deepseek_vl_hf.modeling_vision_deepseek_vl_hf import DeepSeekVLHFVisionModel


sys.path.append(str(Path(__file__).resolve().parents[1]))
from muon import Muon


HELD_OUT = 600  # pages at the end, never learned from
NOTHING_WEIGHT = 0.15  # of a cell without a thing, of a place without a character: most are such
NUM_THINGS, NUM_CHARACTERS = len(THINGS) + 1, len(CHARACTERS)


@dataclass(frozen=True)
class Part:
    """A part of the training.

    Args:
        tower: "low" or "high": SigLIP or SAM.
        pages: Folder of the pages in WORK.
        steps: How many.
        batch_size: Pages of a step.
        peak: Factor on the learning rates.
        plain: Share of plain pages in the first step.
    """

    tower: str
    pages: str
    steps: int
    batch_size: int
    peak: float = 1.0
    plain: float = 0.0


PARTS = {
    1: Part("high", "pages", 2600, 16, plain=0.9),
    2: Part("low", "things", 2500, 64),
    3: Part("high", "pages", 2000, 16, peak=0.8),
    4: Part("low", "things", 2200, 64, peak=0.5),
}
SCORE_EVERY, SAVE_EVERY = 250, 500  # steps
NEARER = 0.8  # share of the pages of things that are seen from nearer
NEAREST = 0.55  # share of a page's side that is seen then, at least
PLAIN_STEPS = 600  # over which the share of plain pages falls to none


class Eyes(nn.Module):
    """Both towers."""

    def __init__(self, config: DeepSeekVLHFConfig):
        super().__init__()
        config.vision_config._attn_implementation = "eager"
        config.high_res_vision_config._attn_implementation = "folded"
        self.vision_model = DeepSeekVLHFVisionModel(config)
        self.low_side = config.vision_config.image_size
        for name, statistics in (("low", SIGLIP_STATISTICS), ("high", SAM_STATISTICS)):
            for key in ("mean", "std"):
                value = torch.tensor(statistics[key]).view(3, 1, 1)
                self.register_buffer(f"{name}_{key}", value, persistent=False)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """What SAM and SigLIP see, joined, (B, N, C) of pages (B, S, S, 3) of whole numbers."""
        view = pixels.permute(0, 3, 1, 2).float() / 255
        return torch.cat([self.high(view)[0], self.low(view)], -1)

    def low(self, view: torch.Tensor) -> torch.Tensor:
        """What SigLIP sees of (B, 3, S, S): (B, N, C)."""
        return self.vision_model.low_res(self.small(view)).last_hidden_state

    def high(self, view: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What SAM sees of (B, 3, S, S): (B, N, C), and its patches (B, P, P, D)."""
        bodies = self.vision_model.high_res.body((view - self.high_mean) / self.high_std)
        return self.vision_model.high_res(body_states=torch.stack(bodies, dim=1)).last_hidden_state, bodies[0]

    def small(self, view: torch.Tensor) -> torch.Tensor:
        """What SigLIP sees of (B, 3, S, S), which may be small already."""
        low = (
            view
            if view.shape[-1] == self.low_side
            else F.interpolate(view, size=(self.low_side, self.low_side), mode="bilinear", antialias=True)
        )
        return (low - self.low_mean) / self.low_std


class Teller(nn.Module):
    """What the towers see, in one layer over each, and one over SAM's patches."""

    def __init__(self, config: DeepSeekVLHFConfig):
        super().__init__()
        self.low = nn.Linear(config.vision_config.hidden_size, NUM_THINGS)
        self.patches = nn.Linear(config.high_res_vision_config.hidden_size, NUM_CHARACTERS)
        self.high = nn.Linear(
            config.high_res_vision_config.downsample_channels[-1], (NUM_BEFORE + NUM_SLOTS) * NUM_CHARACTERS
        )

    def characters(self, high: torch.Tensor) -> torch.Tensor:
        """Scores (B, N, before and slots, characters)."""
        return self.high(high).unflatten(-1, (NUM_BEFORE + NUM_SLOTS, NUM_CHARACTERS))


def losses_of(
    eyes: Eyes, teller: Teller, pixels: torch.Tensor, labels, letters, tower: str
) -> dict[str, torch.Tensor]:
    """Cross entropies of pixels (B, 3, S, S), labels (B, N, 9), letters (B, P, P); of the tower that learns."""
    if tower == "low":
        return {"things": thing_loss(teller.low, eyes.low(pixels), labels)}
    high, patches = eyes.high(pixels)
    characters, earlier = print_losses(teller.characters(high), labels)
    covered = F.cross_entropy(teller.patches(patches).float().flatten(0, 2), letters.flatten(), letter_weight())
    return {"characters": characters, "before": earlier, "patches": covered}


def thing_loss(tell, tokens: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Of what `tell` says of tokens (B, N, C): of all that show a thing, and a few of those that show none."""
    things = labels[..., THING]
    chosen = (things > 0) | (torch.rand(things.shape) < NOTHING_WEIGHT)
    return F.cross_entropy(tell(tokens[chosen]).float(), things[chosen])


def letter_weight() -> torch.Tensor:
    """Of each character in the loss."""
    weight = torch.ones(NUM_CHARACTERS)
    weight[0] = NOTHING_WEIGHT
    return weight


def print_losses(scores: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Of scores (B, N, before and slots, characters): of the characters of cells, and of those before."""
    written = labels[..., SLOTS.start] > 0
    told = scores[..., NUM_BEFORE:, :].float().flatten(0, 2)
    before = scores[..., :NUM_BEFORE, :][written].float().flatten(0, 1)
    return (
        F.cross_entropy(told, labels[..., SLOTS].flatten(), letter_weight()),
        F.cross_entropy(before, labels[..., BEFORE][written].flatten()),
    )


class Tally:
    """Shares of what is told right."""

    def __init__(self):
        self.right: dict[str, float] = {}
        self.counts: dict[str, float] = {}

    def add(self, name: str, hits: torch.Tensor) -> None:
        """Count what was hit and what was not."""
        self.right[name] = self.right.get(name, 0) + hits.sum().item()
        self.counts[name] = self.counts.get(name, 0) + hits.numel()

    def add_things(self, told: torch.Tensor, wanted: torch.Tensor) -> None:
        """Of cells with a thing, and of bare ones; told (B, N), wanted (B, N, 9)."""
        drawn = wanted[..., THING] > 0
        self.add("things", (told == wanted[..., THING])[drawn])
        self.add("bare", (told == 0)[~drawn])

    def add_print(self, told: torch.Tensor, wanted: torch.Tensor) -> None:
        """Of characters, whole cells of print, and characters before; told (B, N, 7), wanted (B, N, 9)."""
        slots = told[..., NUM_BEFORE:] == wanted[..., SLOTS]
        written = wanted[..., SLOTS.start] > 0
        self.add("characters", slots[wanted[..., SLOTS] > 0])
        self.add("whole", slots[written].all(-1))
        self.add("before", (told[..., :NUM_BEFORE] == wanted[..., BEFORE])[written])

    def __str__(self) -> str:
        return " ".join(f"{name} {self.right[name] / count:.3f}" for name, count in self.counts.items() if count)


@torch.no_grad()
def score(eyes: Eyes, teller: Teller, held_out: list[np.ndarray], tower: str, bf16: bool) -> Tally:
    """Of held-out pages, labels and letters."""
    tally = Tally()
    for start in range(0, HELD_OUT, 50):
        pages, labels, letters = (each[start : start + 50] for each in held_out)
        wanted = torch.from_numpy(labels.astype(np.int64)).flatten(1, 2)
        view = torch.from_numpy(pages.copy()).permute(0, 3, 1, 2).float() / 255
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            if tower == "low":
                tally.add_things(teller.low(eyes.low(view)).argmax(-1), wanted)
                continue
            high, patches = eyes.high(view)
            tally.add_print(teller.characters(high).argmax(-1), wanted)
        covered = torch.from_numpy(letters.astype(np.int64))
        tally.add("patches", (teller.patches(patches).argmax(-1) == covered)[covered > 0])
    return tally


def make_optimizers(eyes: Eyes, *heads: nn.Module) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the towers, AdamW for everything else."""
    matrices, rest = [], [param for head in heads for param in head.parameters()]
    for name, param in eyes.named_parameters():
        inside = param.ndim >= 2 and any(part in name for part in ("layers.", "neck.", "downsample."))
        (matrices if inside and "rel_pos" not in name and "norm" not in name else rest).append(param)
    fused = frozenset(id(param) for name, param in eyes.named_parameters() if name.endswith("qkv.weight"))
    return [Muon(matrices, thirds=fused), torch.optim.AdamW(rest, lr=2e-3, betas=(0.9, 0.95), weight_decay=0.01)]


class Pages:
    """A folder of pages with their labels.

    Args:
        folder: As `pages` fills it.
        assets: Where the drawings lie.
        print_only: Whether pages without print are left out.

    Attributes:
        usable: Numbers of the pages to learn from.
    """

    def __init__(self, folder: Path, assets: Path, print_only: bool):
        self.pixels = np.load(folder / "pages.npy", mmap_mode="r")
        self.labels, self.letters = (np.load(folder / f"{name}.npy") for name in ("labels", "print"))
        self.folder, self.assets = folder, assets
        self.usable = np.arange(len(self.labels) - HELD_OUT)
        if print_only:
            self.usable = self.usable[self.letters[self.usable].any((1, 2))]

    @cached_property
    def things(self) -> list[list[tuple[Drawing, float, float, float]]]:
        """Of each page: drawings, where their middles are, and how large they are, as shares of its side."""
        drawings = {each.key: each for each in self.drawings.every()}
        lines = (self.folder / "contents.jsonl").read_text(encoding="utf-8").splitlines()
        return [[(drawings[key], *place) for key, *place in json.loads(line)["things"]] for line in lines]

    @cached_property
    def drawings(self) -> Drawings:
        """What things are drawn with."""
        return Assets(self.assets).drawings()

    def held_out(self) -> list[np.ndarray]:
        """Pages, labels and letters that are never learned from."""
        return [each[-HELD_OUT:] for each in (self.pixels, self.labels, self.letters)]

    def as_they_are(self, chosen: np.ndarray) -> tuple[torch.Tensor, np.ndarray]:
        """Pages (B, 3, S, S) and labels (B, G, G, 9)."""
        return torch.from_numpy(self.pixels[chosen]).permute(0, 3, 1, 2).float() / 255, self.labels[chosen]

    def closer(self, chosen: np.ndarray, side: int, rng: np.random.Generator) -> tuple[torch.Tensor, np.ndarray]:
        """The same of pages of things, most from nearer, each time from elsewhere; seen as they are they would be learned by heart.

        Of the labels there are things alone.
        """
        views, labels = [], np.zeros((len(chosen), GRID, GRID, COLUMNS), np.int16)
        for page, wanted in zip(chosen.tolist(), labels, strict=True):
            share = rng.uniform(NEAREST, 1) if rng.random() < NEARER else 1.0
            left, top = rng.uniform(0, 1 - share, 2)
            box = (left * SIDE, top * SIDE, (left + share) * SIDE, (top + share) * SIDE)
            view = Image.fromarray(self.pixels[page]).resize((side, side), Image.Resampling.BILINEAR, box=box)
            views.append(np.asarray(view))
            things = (
                (drawing, (x - left) / share, (y - top) / share, size / share)
                for drawing, x, y, size in self.things[page]
            )
            label_things(wanted, [each for each in things if 0 <= each[1] < 1 and 0 <= each[2] < 1], self.drawings)
        return torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2).float() / 255, labels


def batch_of(pages: Pages, step: int, part: Part, args, small_side: int):
    """Pages, labels and letters of a step: plain ones mostly at first, then all, each once before any comes again."""
    rng = np.random.default_rng([args.seed, args.part, step])
    epoch, start = divmod(step * part.batch_size, len(pages.usable))
    order = np.random.default_rng([args.seed, args.part, epoch, 1]).permutation(pages.usable)
    chosen = order[start : start + part.batch_size].copy()
    early = rng.random(len(chosen)) < part.plain * max(0.0, 1 - step / PLAIN_STEPS)
    chosen[early] = rng.integers(0, args.num_plain, early.sum())
    chosen.sort()
    pixels, labels = pages.closer(chosen, small_side, rng) if part.tower == "low" else pages.as_they_are(chosen)
    light = torch.from_numpy(rng.normal(1, 0.08, (len(chosen), 3, 1, 1)).astype(np.float32))
    shift = torch.from_numpy(rng.normal(0, 0.05, (len(chosen), 1, 1, 1)).astype(np.float32))
    pixels = (pixels * light + shift).clamp_(0, 1)
    wanted = [torch.from_numpy(each.astype(np.int64)) for each in (labels, pages.letters[chosen])]
    return pixels, wanted[0].flatten(1, 2), wanted[1]


def main() -> None:
    """Train, evaluate, keep."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder that holds pages; the towers go there too")
    parser.add_argument("--assets", type=Path, default=FOLDER)
    parser.add_argument("--part", type=int, choices=PARTS, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--num-plain", type=int, default=3000, help="how many of the pages, the first, are plain")
    parser.add_argument("--bf16", action="store_true", help="autocast; faster where the CPU has AMX")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    torch.set_flush_denormal(True)
    part, config = PARTS[args.part], make_config()
    pages = Pages(args.work / part.pages, args.assets, print_only=part.tower == "high")
    eyes, teller = Eyes(config), Teller(config)
    both = nn.ModuleList([eyes, teller])
    path = args.work / f"towers{args.part}.pt"
    if args.part > 1 and not path.exists():
        before = args.work / f"towers{args.part - 1}.pt"
        if not before.exists():
            raise FileNotFoundError(f"found no {before}; run --part {args.part - 1} first")
        both.load_state_dict(torch.load(before, weights_only=True)["model"])
    progress = Progress(both, make_optimizers(eyes, teller), path, part.steps, part.peak)

    start, sums, since = time.time(), {}, 0
    for step in range(progress.done, part.steps):
        progress.begin_step(step)
        torch.manual_seed((10 * args.seed + args.part) * 1_000_000 + step)  # which cells without a thing are learned
        batch = batch_of(pages, step, part, args, config.vision_config.image_size)
        with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
            losses = losses_of(eyes, teller, *batch, part.tower)
        sum(losses.values()).backward()
        progress.end_step()
        sums = {name: sums.get(name, 0) + loss.item() for name, loss in losses.items()}
        since += 1
        is_last = step + 1 == part.steps
        if (step + 1) % SCORE_EVERY == 0 or is_last:
            both.eval()
            found = score(eyes, teller, pages.held_out(), part.tower, args.bf16)
            both.train()
            means = " ".join(f"{name} {total / since:.3f}" for name, total in sums.items())
            print(f"step {step + 1}, {time.time() - start:.0f} s: loss {means} | right {found}", flush=True)
            sums, since = {}, 0
        if (step + 1) % SAVE_EVERY == 0 or is_last:
            progress.save(step + 1)


if __name__ == "__main__":
    main()
