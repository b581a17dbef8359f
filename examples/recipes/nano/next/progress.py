"""How far a training is: its learning rates at each step, and a checkpoint from which an interrupted run goes on."""

from pathlib import Path

import torch
from torch import nn


WARMUP_STEPS = 50
STEADY = 0.1  # share of the steps after which the learning rates begin to fall


class Progress:
    """A model that learns, with its optimizers.

    Args:
        model: What learns.
        optimizers: All there are.
        path: Of the checkpoint; what lies there is gone on from.
        steps: In all.
        peak: Factor on the optimizers' learning rates.

    Attributes:
        done: Steps that were taken.
    """

    def __init__(self, model: nn.Module, optimizers: list, path: Path, steps: int, peak: float = 1.0):
        self.model, self.optimizers, self.path, self.steps, self.done = model, optimizers, path, steps, 0
        self.peaks = [[group["lr"] * peak for group in optimizer.param_groups] for optimizer in optimizers]
        if path.exists():
            state = torch.load(path, weights_only=True)
            model.load_state_dict(state["model"])
            for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(saved)
            self.done = state["done"]

    def begin_step(self, step: int) -> None:
        """Set the learning rates, which rise, stay for a tenth of the steps, and fall to zero; forget gradients."""
        factor = min(1.0, (step + 1) / WARMUP_STEPS, (self.steps - step) / ((1 - STEADY) * self.steps))
        for optimizer, peaks in zip(self.optimizers, self.peaks, strict=True):
            for group, peak in zip(optimizer.param_groups, peaks, strict=True):
                group["lr"] = factor * peak
            optimizer.zero_grad()

    def end_step(self) -> None:
        """Take the step, gradients clipped to a norm of 1."""
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()

    def save(self, done: int) -> None:
        """Write the checkpoint whole or not at all."""
        states = [optimizer.state_dict() for optimizer in self.optimizers]
        unfinished = self.path.with_suffix(".partial")
        torch.save({"model": self.model.state_dict(), "optimizers": states, "done": done}, unfinished)
        unfinished.replace(self.path)
