"""Teach the nano's two towers to see, before the three stages: the counterpart of SigLIP and SAM coming pretrained.

Pages of stickers and handwritten digits come in; a tower learns to say, for every visual token, which thing covers that
cell. The head that says so is thrown away. The towers learn apart, so that two cores can work side by side. Batch number i
is a function of the seed and i, so that an interrupted run goes on from its last checkpoint as if nothing had happened.

    python examples/recipes/nano/train_towers.py --work WORK --tower low_res
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from build_data import VENDORS
from muon import Muon
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from deepseek_vl_hf import DeepSeekVLHFConfig
from deepseek_vl_hf.data.kinds import BACKGROUND
from deepseek_vl_hf.data.stickers import Stickers
from deepseek_vl_hf.layouts_deepseek_vl_hf import SAM_STATISTICS, SIGLIP_STATISTICS
from deepseek_vl_hf.modeling_vision_deepseek_vl_hf import DeepSeekVLHFVisionModel


SIDE, GRID = 192, 8
PAD = tuple(int(255 * mean) for mean in SAM_STATISTICS["mean"])  # what the image processor pads with
BACKGROUND_WEIGHT = 0.15  # most cells show nothing
LETTERBOX_SHARE = 0.4  # pages shown with bars, as pictures that are not square arrive
MOST = 3  # things on a page


class Batches(Dataset):
    """Batch number i, always the same for a seed."""

    def __init__(self, atlas: Path, batch_size: int, steps: int, seed: int, split: str, digit_share: float):
        self.atlas, self.batch_size, self.steps, self.seed, self.split = atlas, batch_size, steps, seed, split
        self.digit_share, self.stickers = digit_share, None

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        if self.stickers is None:
            self.stickers = Stickers.load(self.atlas, VENDORS)
        rng = np.random.default_rng([self.seed, index])
        pages = [self._letterbox(rng, *self._page(rng)) for _ in range(self.batch_size)]
        pixels, labels = (np.stack(parts) for parts in zip(*pages, strict=True))
        return torch.from_numpy(pixels), torch.from_numpy(labels)

    def _page(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        return self.stickers.page(rng, split=self.split, size=SIDE, grid=GRID, digit_share=self.digit_share, most=MOST)

    def _letterbox(self, rng: np.random.Generator, pixels: np.ndarray, labels: np.ndarray):
        if rng.random() < LETTERBOX_SHARE:
            bar = int(rng.integers(1, SIDE // 4))
            cells = round(bar * GRID / SIDE)  # a cell is background once its centre is under the bar
            pixels, labels = pixels.copy(), labels.copy()
            upright = rng.random() < 0.5
            shown, named = (
                (pixels, labels) if upright else (pixels.swapaxes(0, 1), labels.T)
            )  # views: bars left and right
            shown[:bar] = shown[SIDE - bar :] = PAD
            named[:cells] = named[GRID - cells :] = BACKGROUND
        return pixels, labels


class Seer(nn.Module):
    """One tower and a head over its visual tokens."""

    def __init__(self, config: DeepSeekVLHFConfig, name: str):
        super().__init__()
        low = name == "low_res"
        part = config.vision_config if low else config.high_res_vision_config
        self.tower = DeepSeekVLHFVisionModel(config).get_submodule(name)
        self.head = nn.Linear(part.hidden_size if low else part.downsample_channels[-1], BACKGROUND + 1)
        self.size = part.image_size
        statistics = SIGLIP_STATISTICS if low else SAM_STATISTICS
        self.mean, self.std = (torch.tensor(statistics[key]).view(3, 1, 1) for key in ("mean", "std"))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Score kinds per cell, (B, S, S, 3) uint8 -> (B, N, kinds + 1)."""
        view = pixels.permute(0, 3, 1, 2).float() / 255
        if self.size != SIDE:
            view = F.interpolate(view, size=(self.size, self.size), mode="bilinear", antialias=True)
        return self.head(self.tower((view - self.mean) / self.std).last_hidden_state)


def make_optimizers(model: Seer) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the tower, AdamW for everything else."""
    matrices, rest = [], []
    for name, param in model.named_parameters():
        inside = param.ndim >= 2 and any(part in name for part in ("layers.", "neck.", "downsample."))
        (matrices if inside and "rel_pos" not in name and "norm" not in name else rest).append(param)
    fused = frozenset(id(param) for name, param in model.named_parameters() if name.endswith("qkv.weight"))
    return [Muon(matrices, thirds=fused), torch.optim.AdamW(rest, lr=2e-3, betas=(0.9, 0.95), weight_decay=0.0)]


@torch.no_grad()
def score(model: Seer, batches: Batches) -> float:
    """Share of covered cells that the tower names right, on held-out pages."""
    right = total = 0
    for index in range(len(batches)):
        pixels, labels = batches[index]
        covered = labels.flatten(1) != BACKGROUND
        total += int(covered.sum())
        right += int(((model(pixels)[..., :BACKGROUND].argmax(-1) == labels.flatten(1)) & covered).sum())
    return right / total


def main() -> None:
    """Train, evaluate, save the encoder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--work", type=Path, required=True, help="folder that holds atlas.npz; the towers go there too"
    )
    parser.add_argument("--tower", choices=["low_res", "high_res"], required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--digit-share", type=float, default=0.35, help="share of things that are digits")
    parser.add_argument(
        "--bf16", action="store_true", help="autocast; 1.4 times as fast where the CPU has AVX512-BF16"
    )
    parser.add_argument(
        "--decay", type=float, default=0.4, help="share of the steps that lower the learning rate to zero"
    )
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    model = Seer(DeepSeekVLHFConfig.from_preset("nano"), args.tower)
    optimizers = make_optimizers(model)
    peaks = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]
    weight = torch.ones(BACKGROUND + 1)
    weight[BACKGROUND] = BACKGROUND_WEIGHT
    checkpoint, done = args.work / f"{args.tower}.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        done = state["done"]

    def save(step: int) -> None:
        state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "done": step}
        torch.save(state, checkpoint.with_suffix(".partial"))
        checkpoint.with_suffix(".partial").replace(checkpoint)

    atlas = args.work / "atlas.npz"
    held_out = Batches(atlas, 50, 4, args.seed + 1, "held_out", args.digit_share)
    batches = Batches(atlas, args.batch_size, args.steps, args.seed, "train", args.digit_share)
    loader = DataLoader(batches, batch_size=None, sampler=range(done, args.steps), num_workers=1, prefetch_factor=4)
    start, losses = time.time(), []
    for step, (pixels, labels) in enumerate(loader, start=done):
        factor = min(1.0, (step + 1) / 50, (args.steps - step) / (args.decay * args.steps))
        for optimizer, learning_rates in zip(optimizers, peaks, strict=True):
            for group, peak in zip(optimizer.param_groups, learning_rates, strict=True):
                group["lr"] = factor * peak
            optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bf16):
            scores = model(pixels).float()
        loss = F.cross_entropy(scores.flatten(0, 1), labels.flatten(), weight)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
        if (step + 1) % 200 == 0 or step + 1 == args.steps:
            save(step + 1)
            model.eval()
            found = score(model, held_out)
            model.train()
            trained = f"step {step + 1}: loss {sum(losses) / len(losses):.3f}, {time.time() - start:.0f} s"
            print(f"{trained}, held-out cells right: {found:.3f}", flush=True)
            losses = []


if __name__ == "__main__":
    main()
