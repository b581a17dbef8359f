"""A seed and a step number come in; the modality of that step and its rows go out.

Every optimizer step is all language or all multimodal, on every rank and in every micro-step, so that no rank waits for
another one's pictures (paper section 3.3, modality grouping). The share of language steps starts at 1 and falls to its
target (modality warm-up). Nothing here has a state: each number is computed from the seed and the step alone, so ranks agree
without a word, and resuming needs nothing but the step.

What stays equal when the number of ranks changes: a step's modality and its set of rows, as long as rows per step do (and,
for streamed sources, the number of lanes).

Streamed sources cannot be asked for any row. Each is dealt to L lanes, which are read side by side from their beginnings;
draws then come in rounds of L, one of each lane, so that a rank can keep to lanes of its own.

Letters: B rows per step over all ranks and micro-steps, S sources, L lanes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from ..data.shares import SourceMixture, hashed, permuted, uniform


Modality = Literal["language", "multimodal"]
MODALITIES: tuple[Modality, ...] = ("language", "multimodal")


@dataclass(frozen=True)
class ShareSchedule:
    """The share of language steps over time: straight lines between points, level before the first and after the last.

    Args:
        points: Pairs of a step and a share, by rising step.

    Raises:
        ValueError: if there is no point, steps do not rise from 0 or above, or a share is outside [0, 1].
    """

    points: tuple[tuple[int, float], ...]

    def __post_init__(self):
        points = tuple((int(step), float(share)) for step, share in self.points)
        object.__setattr__(self, "points", points)
        steps = [step for step, _ in points]
        if not points or steps[0] < 0 or any(later <= step for step, later in pairwise(steps)):
            raise ValueError(f"found steps {steps} in the language share's schedule, expected rising ones from 0 on")
        wrong = [share for _, share in points if not 0 <= share <= 1]
        if wrong:
            raise ValueError(f"found language shares {wrong}, expected shares between 0 and 1 (0.7 is the paper's)")

    @classmethod
    def warmup(cls, target: float = 0.7, warmup_steps: int = 2000) -> "ShareSchedule":
        """The paper's modality warm-up: language alone at first, `target` from `warmup_steps` on."""
        return cls(((0, 1.0), (warmup_steps, target)) if warmup_steps else ((0, target),))

    def share(self, step: int) -> float:
        """Share of language at a step."""
        return float(np.interp(step, *zip(*self.points, strict=True)))

    def total(self, step: int) -> float:
        """Sum of the shares of all steps before `step`, in closed form."""
        first, share = self.points[0]
        summed = min(step, first) * share
        for (start, low), (end, high) in pairwise(self.points):
            inside = min(step, end) - start
            if inside > 0:
                summed += inside * low + inside * (inside - 1) / 2 * (high - low) / (end - start)
        last, share = self.points[-1]
        return summed + max(0, step - last) * share


@dataclass(frozen=True)
class Source:
    """Rows that the plan draws from.

    Args:
        name: For logs.
        num_rows: How many there are; `None` for a stream, which begins anew when it is through.
        modality: "language" or "multimodal".
        weight: Relative to the other sources of its modality. Unset, its number of rows: every row equally often.
    """

    name: str
    num_rows: int | None
    modality: Modality
    weight: float | None = None

    def __post_init__(self):
        if self.num_rows is None and self.weight is None:
            raise ValueError(
                f"found the stream {self.name} without a weight, expected one: nobody knows how many rows it has; give each "
                "streamed set its share in set_shares"
            )
        if (
            (self.num_rows is not None and self.num_rows < 1)
            or self.modality not in MODALITIES
            or (self.weight is not None and self.weight <= 0)
        ):
            raise ValueError(
                f"found source {self}, expected at least one row, a modality of {', '.join(MODALITIES)}, and a weight "
                "above 0; leave sources out that shall not be drawn"
            )


class ModalityPlan:
    """Which modality and which rows each optimizer step has.

    Every row of a source is drawn once before any is drawn again, in another order each time.

    Args:
        sources: Of both modalities, or of one.
        schedule: The share of language steps. Unset, the share that language rows have among all rows. With one modality
            there is nothing to share, and the schedule must not ask for the other one.
        batch_size: B.
        seed: Decides everything else.
        sampling: "diffusion" keeps the share in every window of steps to within one step; "bernoulli" tosses a coin at
            every step, which the paper's wording allows as well.
        lanes: L; 1 unless some source is a stream.

    Raises:
        ValueError: if there are no sources, two of one name, or the schedule asks for a modality that no source has.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        batch_size: int,
        schedule: ShareSchedule | None = None,
        seed: int = 0,
        sampling: Literal["diffusion", "bernoulli"] = "diffusion",
        lanes: int = 1,
    ):
        names = [source.name for source in sources]
        if not sources or len(set(names)) < len(names):
            raise ValueError(f"found sources {names}, expected at least one, each of another name")
        if sampling not in ("diffusion", "bernoulli"):
            raise ValueError(f"found sampling={sampling!r}, expected 'diffusion' or 'bernoulli'")
        if batch_size < 1 or lanes < 1 or batch_size % lanes:
            raise ValueError(
                f"found batch_size={batch_size} rows per step and lanes={lanes}, expected at least 1 and a multiple of the lanes"
            )
        self.lanes = lanes
        self.sources, self.batch_size, self.seed, self.sampling = tuple(sources), batch_size, seed, sampling
        self.members = {m: [i for i, source in enumerate(sources) if source.modality == m] for m in MODALITIES}
        if schedule is None:
            streams = [source.name for source in sources if source.num_rows is None]
            if streams and all(self.members.values()):
                raise ValueError(
                    f"found streams {streams} of both modalities and no share of language, expected one, as nobody knows how "
                    "many rows there are of each; set language_share"
                )
            rows = {m: sum(sources[i].num_rows or 1 for i in members) for m, members in self.members.items()}
            schedule = ShareSchedule(((0, rows["language"] / sum(rows.values())),))
        self.schedule = schedule
        shares = [share for _, share in schedule.points]
        for modality, asked in (("language", max(shares) > 0), ("multimodal", min(shares) < 1)):
            if asked and not self.members[modality]:
                raise ValueError(
                    f"found language shares {shares} and no {modality} rows, expected some; add such rows, or set "
                    f"language_share to {0.0 if modality == 'language' else 1.0}"
                )
        self.mixtures = {
            modality: SourceMixture([sources[i].weight or sources[i].num_rows for i in members], seed)
            for modality, members in self.members.items()
            if members
        }
        # A stream's draws are looked up as they are.
        self.sizes = np.array([source.num_rows or 2**62 for source in sources])
        self.is_stream = np.array([source.num_rows is None for source in sources])
        self.phase = float(uniform(seed, 1))
        self.counted = (0, 0)  # a step and the language steps before it; spares counting tossed coins again

    def modality(self, step: int) -> Modality:
        """Modality of a step, counted from 0."""
        if self.sampling == "bernoulli":
            is_language = bool(uniform(self.seed, 2, step) < self.schedule.share(step))
        else:
            is_language = self.language_steps(step + 1) > self.language_steps(step)
        return "language" if is_language else "multimodal"

    def language_steps(self, step: int) -> int:
        """How many of the steps before `step` are language."""
        if self.sampling == "diffusion":
            # With the phase in [0, 1) a share of 1 makes every step language, and a share of 0 none.
            return math.floor(self.schedule.total(step) + self.phase)
        start, count = self.counted if self.counted[0] <= step else (0, 0)
        for low in range(start, step, 2**16):
            steps = np.arange(low, min(low + 2**16, step))
            shares = np.interp(steps, *zip(*self.schedule.points, strict=True))
            count += int((uniform(self.seed, 2, steps) < shares).sum())
        self.counted = (step, count)
        return count

    def rows(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows of a step.

        Args:
            step (`int`): Counted from 0.

        Returns:
            Index into `sources` and row of that source, both of shape `(B,)`, int64. Row n of a stream is row n // L of lane
            n % L. Rank r of W takes rows `[(a * W + r) * b, (a * W + r + 1) * b)` in micro-step a, with b rows per rank and
            micro-step (see `deal` for streams).
        """
        modality, language = self.modality(step), self.language_steps(step)
        past = language if modality == "language" else step - language
        rounds = self.batch_size // self.lanes
        member, number = self.mixtures[modality].locate(np.arange(past * rounds, (past + 1) * rounds))
        source = np.array(self.members[modality])[member].repeat(self.lanes)
        number = (number[:, None] * self.lanes + np.arange(self.lanes)).ravel()
        epoch, row = np.divmod(number, self.sizes[source])
        looked_up = ~self.is_stream[source]
        keys = hashed(self.seed, 3, source[looked_up], epoch[looked_up])
        row[looked_up] = permuted(row[looked_up], self.sizes[source[looked_up]], keys)
        return source, row


def deal(batch_size: int, lanes: int, num_ranks: int, num_micro_steps: int) -> np.ndarray:
    """Say in which order a step hands out its rows, so that each rank reads lanes of its own.

    Returns:
        `np.ndarray` of shape `(B,)`, int64: places among the rows of a step, rank r's at the places that it takes.

    Raises:
        ValueError: if lanes cannot be dealt to so many ranks.
    """
    if lanes % num_ranks:
        raise ValueError(
            f"found stream_lanes={lanes} and {num_ranks} processes, expected a multiple of the processes; leave stream_lanes "
            "out, or keep it and choose a number of processes that divides it"
        )
    places = np.arange(batch_size).reshape(batch_size // lanes, num_ranks, lanes // num_ranks)
    by_rank = places.transpose(1, 0, 2).reshape(num_ranks, num_micro_steps, -1)
    return by_rank.transpose(1, 0, 2).ravel()
