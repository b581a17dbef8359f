"""Counts of every step come in; numbers for the log and a bar for people go out.

Counts are a vector that the collator puts into each batch: tokens, targets, slots (tokens and padding), then rows by source.
They are added over micro-steps and processes, and go into checkpoints, so that totals are those of the whole run.
"""

import time
from collections.abc import Mapping, Sequence

import torch
from tqdm.auto import tqdm
from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState, ProgressCallback

from .collation import COUNTED
from .mixing import Modality, ShareSchedule


class Meter(TrainerCallback, ExportableState):
    """Adds up what was trained on.

    Args:
        sources: Names of the sources, in the order of their counts.
        num_processes: How many there are, which a checkpoint is to say of itself.
    """

    def __init__(self, sources: Sequence[str], num_processes: int = 1):
        self.sources, self.num_processes = list(sources), num_processes
        self.totals = torch.zeros(len(COUNTED) + len(self.sources), dtype=torch.int64)
        self.since = self.totals.clone()  # totals where the present stretch began
        self.time = time.monotonic()
        self.step = torch.zeros_like(self.totals)  # of the step in progress, of this process
        self.losses: dict[Modality, list[torch.Tensor]] = {}  # of micro-steps since the last line of the log

    def state(self) -> dict:
        """What goes into a checkpoint, in transformers' form."""
        return {
            "args": {"sources": self.sources, "num_processes": self.num_processes},
            "attributes": {"totals": self.totals.tolist()},
        }

    def on_train_begin(self, args, state, control, **kwargs):
        """Go on from the totals of a checkpoint that has the same sources."""
        saved = state.stateful_callbacks.get(type(self).__name__) or self.state()
        state.stateful_callbacks[type(self).__name__] = self.state()
        if state.global_step and saved["args"]["sources"] == self.sources:
            self.totals = torch.tensor(saved["attributes"]["totals"])
        self._begin_stretch()

    def on_save(self, args, state, control, **kwargs):
        """Begin a stretch, so that the time of saving is not training's."""
        self._begin_stretch()

    def on_evaluate(self, args, state, control, **kwargs):
        """Begin a stretch, so that the time of evaluation is not training's."""
        self._begin_stretch()

    def _begin_stretch(self) -> None:
        self.since, self.time = self.totals.clone(), time.monotonic()

    def note(self, counts: torch.Tensor, modality: Modality, loss: torch.Tensor) -> None:
        """Add a micro-step."""
        self.step += counts.to(self.step)
        # Every process logs the same modalities, whichever of them had a loss that is not finite.
        kept = self.losses.setdefault(modality, [])
        if loss.isfinite():
            kept.append(loss.detach())

    def end_step(self, counts: torch.Tensor) -> None:
        """Add a step's counts, of all processes."""
        self.totals += counts
        self.step.zero_()

    def rates(self) -> dict[str, float]:
        """Tokens a second, share of learned tokens and share of padding since the stretch began."""
        tokens, targets, slots = (self.totals - self.since)[: len(COUNTED)].tolist()
        return {
            "tokens_per_second": tokens / max(1e-9, time.monotonic() - self.time),
            "learning_share": targets / max(1, tokens),
            "padding_share": 1 - tokens / max(1, slots),
        }

    def log(self) -> dict[str, float]:
        """Numbers for a line of the log, which begins a new stretch."""
        names = [f"rows/{source}" for source in self.sources]
        numbers = {**self.rates(), "num_tokens": int(self.totals[0])}
        numbers |= dict(zip(names, self.totals[len(COUNTED) :].tolist(), strict=True))
        self.losses = {}
        self._begin_stretch()
        return numbers


class StageProgress(ProgressCallback):
    """Transformers' bar, with the stage, the share of language, tokens a second and the share of learned tokens.

    Args:
        stage: Its number.
        meter: Where the numbers come from.
        num_parameters: How many learn, by part, and how many are frozen, as `freeze_for` counts them.
        schedule: Of the share of language.
    """

    def __init__(
        self, stage: int, meter: Meter, num_parameters: Mapping[str, int], schedule: ShareSchedule | None = None
    ):
        super().__init__()
        self.stage, self.meter, self.num_parameters, self.schedule = stage, meter, num_parameters, schedule

    def on_train_begin(self, args, state, control, **kwargs):
        """Begin where the run does, so that the estimated end is that of what is left."""
        if state.is_world_process_zero:
            self.training_bar = tqdm(
                total=state.max_steps, initial=state.global_step, dynamic_ncols=True, desc=f"stage {self.stage}"
            )
            learning = {part: count for part, count in self.num_parameters.items() if count and part != "frozen"}
            self.training_bar.write(
                f"Stage {self.stage} learns {sum(learning.values()):,} of {sum(self.num_parameters.values()):,} parameters: "
                + ", ".join(f"{part} {count:,}" for part, count in learning.items())
            )
        self.current_step = state.global_step

    def on_step_end(self, args, state, control, **kwargs):
        """Write the step's numbers beside the bar."""
        if state.is_world_process_zero:
            rates = self.meter.rates()
            share = "" if self.schedule is None else f"language {self.schedule.share(state.global_step - 1):.2f}, "
            self.training_bar.set_postfix_str(
                f"{share}{rates['tokens_per_second']:.0f} tokens/s, {rates['learning_share']:.0%} learned",
                refresh=False,
            )
        super().on_step_end(args, state, control, **kwargs)
