"""Teach the nano's two towers and its aligner to see, before the three stages: the counterpart of SigLIP and SAM coming pretrained.

Pages come in; from every visual token, as the language model will get it, one layer says what its cell shows: which thing, which
characters, and which came before them. That layer is thrown away, and so are three more: over each tower, which learns by it alone,
and over SAM's patches, each of which says what letter it is part of. Without that one letters are not learned for a long time.

There are five parts, each of which goes on from the one before: SAM alone, from pages of print; SigLIP alone, from pages of things, of
which it sees several in the time that SAM needs for one; each of the two once more, with learning rates that fall anew; both with
the aligner, gently. What a step does is a function of the seed, the part and its number, so that an interrupted run goes on from its
last checkpoint as if nothing had happened.

    WORK/pages, WORK/things  ->  WORK/towers1.pt to towers5.pt

What the second part left is kept beside this file, in halves, so that the others can be run alone.

    python examples/recipes/nano/next/train_towers.py --work WORK --part 1
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import attention  # noqa: F401  registers "folded"
import numpy as np
import torch
from labels import (
    BEFORE,
    CHARACTERS,
    COLUMNS,
    GRID,
    MIDDLE,
    NUM_BEFORE,
    NUM_SLOTS,
    SIDE,
    SLOTS,
    THING,
    label_things,
)
from PIL import Image
from progress import Progress
from safetensors.torch import load_file
from shape import make_config
from torch import nn
from torch.nn import functional as F

from deepseek_vl_hf import DeepSeekVLHFConfig
from deepseek_vl_hf.data.assets import FOLDER, Assets
from deepseek_vl_hf.data.things import THINGS
from deepseek_vl_hf.layouts_deepseek_vl_hf import SAM_STATISTICS, SIGLIP_STATISTICS
from deepseek_vl_hf.modeling_deepseek_vl_hf import DeepSeekVLHFAligner
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
        pages: Folders of pages in WORK, and how many of each a step has.
        steps: How many.
        only: "low" or "high" where SigLIP or SAM learns alone.
        print_only: As `Pages` has it.
        peak: Factor on the learning rates.
        plain: Share of plain pages in the first step.
    """

    pages: dict[str, int]
    steps: int
    only: str = ""
    print_only: bool = False
    peak: float = 1.0
    plain: float = 0.0


PARTS = {
    1: Part({"pages": 16}, 2600, only="high", print_only=True, plain=0.9),
    2: Part({"things": 64}, 2500, only="low"),
    3: Part({"pages": 16}, 2000, only="high", print_only=True, peak=0.8),
    4: Part({"things": 64}, 2200, only="low", peak=0.5),
    5: Part({"pages": 11, "things": 9}, 1200, peak=0.3),
}
SCORE_EVERY, SAVE_EVERY = 250, 500  # steps
NEARER = 0.8  # share of the pages of things that are seen from nearer
NEAREST = 0.55  # share of a page's side that is seen then, at least
PLAIN_STEPS = 600  # over which the share of plain pages falls to none


class Eyes(nn.Module):
    """Both towers and the aligner."""

    def __init__(self, config: DeepSeekVLHFConfig):
        super().__init__()
        config.vision_config._attn_implementation, config.high_res_vision_config._attn_implementation = (
            "eager",
            "folded",
        )
        self.vision_model = DeepSeekVLHFVisionModel(config)
        self.aligner = DeepSeekVLHFAligner(config)
        self.low_side = config.vision_config.image_size
        for name, statistics in (("low", SIGLIP_STATISTICS), ("high", SAM_STATISTICS)):
            for key in ("mean", "std"):
                value = torch.tensor(statistics[key]).view(3, 1, 1)
                self.register_buffer(f"{name}_{key}", value, persistent=False)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Visual tokens (B, N, C) of pages (B, S, S, 3) of whole numbers, or (B, 3, S, S) of shares."""
        view = pixels.permute(0, 3, 1, 2).float() / 255 if pixels.dtype == torch.uint8 else pixels
        low, high, _ = self.towers(view)
        return self.aligner(low, high)

    def towers(self, view: torch.Tensor, only: str = "") -> tuple[torch.Tensor | None, ...]:
        """What SigLIP and SAM see, and SAM's patches, of (B, 3, S, S); of both, or of one alone."""
        low = high = patches = None
        if only != "high":
            low = self.vision_model.low_res(self.small(view)).last_hidden_state
        if only != "low":
            bodies = self.vision_model.high_res.body((view - self.high_mean) / self.high_std)
            high = self.vision_model.high_res(body_states=torch.stack(bodies, dim=1)).last_hidden_state
            patches = bodies[0]
        return low, high, patches

    def small(self, view: torch.Tensor) -> torch.Tensor:
        """What SigLIP sees of (B, 3, S, S), which may be small already."""
        low = (
            view
            if view.shape[-1] == self.low_side
            else F.interpolate(view, size=(self.low_side, self.low_side), mode="bilinear", antialias=True)
        )
        return (low - self.low_mean) / self.low_std


class Teller(nn.Module):
    """What visual tokens show, in one layer."""

    def __init__(self, config: DeepSeekVLHFConfig):
        super().__init__()
        self.sizes = [NUM_THINGS, 2, *[NUM_CHARACTERS] * (NUM_BEFORE + NUM_SLOTS)]
        self.all = nn.Linear(config.text_config.hidden_size, sum(self.sizes))
        self.low = nn.Linear(config.vision_config.hidden_size, NUM_THINGS)
        self.patches = nn.Linear(config.high_res_vision_config.hidden_size, NUM_CHARACTERS)
        self.high = nn.Linear(
            config.high_res_vision_config.downsample_channels[-1], (NUM_BEFORE + NUM_SLOTS) * NUM_CHARACTERS
        )

    def split(self, tokens: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Scores of each column of the labels."""
        return self.all(tokens).split(self.sizes, -1)


def losses_of(eyes: Eyes, teller: Teller, pixels: torch.Tensor, labels, letters, only: str) -> dict[str, torch.Tensor]:
    """Cross entropies.

    Args:
        eyes: Towers and aligner.
        teller: Layers over them.
        pixels: (B, 3, S, S).
        labels: (B, N, 9).
        letters: (B, P, P).
        only: As `Part` has it.
    """
    losses, (low, high, patches) = {}, eyes.towers(pixels, only)
    if low is not None:
        losses["low"] = thing_loss(teller.low, low, labels)
    if high is not None:
        told = teller.high(high).unflatten(-1, (NUM_BEFORE + NUM_SLOTS, NUM_CHARACTERS))
        losses["high"], losses["high before"] = print_losses(told, labels)
        weight = letter_weight()
        losses["patches"] = F.cross_entropy(teller.patches(patches).float().flatten(0, 2), letters.flatten(), weight)
    if not only:
        # Neither tower learns from what is the other's: the noise of hundreds of things would drown the letters.
        tokens = eyes.aligner(low, high.detach())
        losses["things"] = thing_loss(lambda some: teller.split(some)[THING], tokens, labels)
        drawn = labels[..., THING] > 0
        middles = teller.split(tokens[drawn])[MIDDLE]
        losses["middles"] = F.cross_entropy(middles.float(), labels[..., MIDDLE][drawn])
        _, _, *told = teller.split(eyes.aligner(low.detach(), high))
        losses["characters"], losses["before"] = print_losses(torch.stack(told, -2), labels)
    return {name: loss for name, loss in losses.items() if loss.isfinite()}  # a page may show no thing at all


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


@torch.no_grad()
def score(
    eyes: Eyes, teller: Teller, pages: np.ndarray, labels: np.ndarray, letters: np.ndarray, part: Part, bf16: bool
):
    """Of held-out pages: what share is told right, of things, characters, whole cells of print, characters before, patches.

    By the aligner's tokens, or by the tower that learns alone.
    """
    right: dict[str, float] = {}
    counts: dict[str, float] = {}

    def count(name: str, hits: torch.Tensor) -> None:
        right[name] = right.get(name, 0) + hits.sum().item()
        counts[name] = counts.get(name, 0) + hits.numel()

    for start in range(0, len(pages), 50):
        wanted = torch.from_numpy(labels[start : start + 50].astype(np.int64)).flatten(1, 2)
        view = torch.from_numpy(pages[start : start + 50].copy()).permute(0, 3, 1, 2).float() / 255
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            low, high, patches = eyes.towers(view, part.only)
            if part.only == "low":
                things, print_ = teller.low(low).argmax(-1), None
            elif part.only == "high":
                told = teller.high(high).unflatten(-1, (NUM_BEFORE + NUM_SLOTS, NUM_CHARACTERS))
                things, print_ = None, told.argmax(-1)
            else:
                things, _, *told = teller.split(eyes.aligner(low, high))
                things, print_ = things.argmax(-1), torch.stack([each.argmax(-1) for each in told], -1)
        drawn, written = wanted[..., THING] > 0, wanted[..., SLOTS.start] > 0
        if things is not None:
            count("things", (things == wanted[..., THING])[drawn])
            count("bare", (things == 0)[~drawn])
        if print_ is not None:
            slots, before = (
                print_[..., NUM_BEFORE:] == wanted[..., SLOTS],
                print_[..., :NUM_BEFORE] == wanted[..., BEFORE],
            )
            covered = torch.from_numpy(letters[start : start + 50].astype(np.int64))
            count("characters", slots[wanted[..., SLOTS] > 0])
            count("whole", slots[written].all(-1))
            count("before", before[written])
            count("patches", (teller.patches(patches).argmax(-1) == covered)[covered > 0])
    return {name: right[name] / counts[name] for name in right if counts[name]}


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
        lines = (folder / "contents.jsonl").read_text(encoding="utf-8").splitlines()
        self.things = [json.loads(line)["things"] for line in lines]
        self.drawings = Assets(assets).drawings()
        self.drawing_of = {each.key: each for each in self.drawings.every()}
        self.usable = np.arange(len(self.labels) - HELD_OUT)
        if print_only:
            self.usable = self.usable[self.letters[self.usable].any((1, 2))]

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
                (self.drawing_of[key], (x - left) / share, (y - top) / share, size / share)
                for key, x, y, size in self.things[page]
            )
            label_things(wanted, [each for each in things if 0 <= each[1] < 1 and 0 <= each[2] < 1], self.drawings)
        return torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2).float() / 255, labels


def batch_of(folders: list[Pages], step: int, part: Part, args, small_side: int):
    """Pages, labels and letters of a step: plain ones mostly at first, then all, each once before any comes again."""
    rng = np.random.default_rng([args.seed, args.part, step])
    found = []
    for pages, count in zip(folders, part.pages.values(), strict=True):
        epoch, start = divmod(step * count, len(pages.usable))
        order = np.random.default_rng([args.seed, args.part, epoch, 1]).permutation(pages.usable)
        chosen = order[start : start + count].copy()
        early = rng.random(len(chosen)) < part.plain * max(0.0, 1 - step / PLAIN_STEPS)
        chosen[early] = rng.integers(0, args.num_plain, early.sum())
        chosen.sort()
        pixels, labels = pages.closer(chosen, small_side, rng) if part.only == "low" else pages.as_they_are(chosen)
        light = torch.from_numpy(rng.normal(1, 0.08, (len(chosen), 3, 1, 1)).astype(np.float32))
        shift = torch.from_numpy(rng.normal(0, 0.05, (len(chosen), 1, 1, 1)).astype(np.float32))
        wanted = [torch.from_numpy(each.astype(np.int64)) for each in (labels, pages.letters[chosen])]
        found.append(((pixels * light + shift).clamp_(0, 1), wanted[0].flatten(1, 2), wanted[1]))
    return [torch.cat(each) for each in zip(*found, strict=True)]


def before(work: Path, part: int) -> dict[str, torch.Tensor]:
    """What the part before has learned: in WORK, or else, of the second, what is kept beside this file.

    Raises:
        FileNotFoundError: if it is in neither place.
    """
    made, kept = work / f"towers{part - 1}.pt", Path(__file__).with_name(f"towers{part - 1}.safetensors")
    if made.exists():
        return torch.load(made, weights_only=True)["model"]
    if kept.exists():
        return {name: value.float() for name, value in load_file(kept).items()}
    raise FileNotFoundError(f"found neither {made} nor {kept}; run --part {part - 1} first")


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
    folders = [Pages(args.work / name, args.assets, part.print_only) for name in part.pages]
    eyes, teller = Eyes(config), Teller(config)
    both = nn.ModuleList([eyes, teller])
    path = args.work / f"towers{args.part}.pt"
    if args.part > 1 and not path.exists():
        both.load_state_dict(before(args.work, args.part))
    progress = Progress(both, make_optimizers(eyes, teller), path, part.steps, part.peak)

    start, sums, since = time.time(), {}, 0
    for step in range(progress.done, part.steps):
        progress.begin_step(step)
        torch.manual_seed((10 * args.seed + args.part) * 1_000_000 + step)  # which cells without a thing are learned
        batch = batch_of(folders, step, part, args, config.vision_config.image_size)
        with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
            losses = losses_of(eyes, teller, *batch, part.only)
        sum(losses.values()).backward()
        progress.end_step()
        sums = {name: sums.get(name, 0) + loss.item() for name, loss in losses.items()}
        since += 1
        is_last = step + 1 == part.steps
        if (step + 1) % SCORE_EVERY == 0 or is_last:
            both.eval()
            held_out = zip(*(pages.held_out() for pages in folders), strict=True)
            found = score(eyes, teller, *map(np.concatenate, held_out), part, args.bf16)
            both.train()
            means = " ".join(f"{name} {total / since:.3f}" for name, total in sums.items())
            shares = " ".join(f"{name} {share:.3f}" for name, share in found.items())
            print(f"step {step + 1}, {time.time() - start:.0f} s: loss {means} | right {shares}", flush=True)
            sums, since = {}, 0
        if (step + 1) % SAVE_EVERY == 0 or is_last:
            progress.save(step + 1)


if __name__ == "__main__":
    main()
