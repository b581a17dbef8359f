"""Rows that cannot be learned from: counted by set and reason, the first of them named, and how many are too many.

A bad row is replaced by a neutral one, which shows a blank picture if the step is multimodal and has nothing to learn. So a
batch keeps its shape and its modality, and no process waits for one whose rows were bad.
"""

from collections.abc import Sequence

import torch
from transformers.utils import logging


logger = logging.get_logger(__name__)

REASONS = (
    "picture cannot be read",
    "row is malformed",
    "placeholders and pictures differ",
    "picture is missing",
    "modality differs",
    "picture does not fit",
    "nothing to learn",
)
NAMED = 3  # rows named in the log, by reason and process
SETTLED = 1000  # rows before which a share says little


class BadRow(ValueError):
    """A row that cannot be learned from.

    Args:
        reason (`str`): One of `REASONS`.
        message (`str`): What was found, what was expected, and the remedy.
    """

    def __init__(self, reason: str, message: str):
        super().__init__(message)
        self.reason = reason


class BadRows:
    """Counts bad rows in memory that dataloader workers share with the trainer.

    Args:
        sets (`Sequence[str]`): Names of the sets that rows come from.
    """

    def __init__(self, sets: Sequence[str]):
        self.sets = tuple(sets)
        self.counts = torch.zeros(len(self.sets), len(REASONS), dtype=torch.int64).share_memory_()

    def note(self, error: BadRow, name: str) -> None:
        """Count one, and name it in the log if it is among the first of its kind."""
        kind = REASONS.index(error.reason)
        self.counts[self.sets.index(name) if name in self.sets else 0, kind] += 1
        if self.counts[:, kind].sum() <= NAMED:
            logger.warning(f"Left out: {error}")

    @property
    def total(self) -> int:
        """How many there are."""
        return int(self.counts.sum())

    def table(self) -> str:
        """Counts by set and reason, as a table."""
        found = [
            f"| {name} | {reason} | {count} |"
            for name, counts in zip(self.sets, self.counts.tolist(), strict=True)
            for reason, count in zip(REASONS, counts, strict=True)
            if count
        ]
        return "\n".join(["| set | reason | rows |", "|---|---|---|", *found])


def too_many(bad: int, seen: int, total: int, max_share: float) -> bool:
    """Whether so many bad rows among those seen are more than a share of `total` rows allows."""
    return bad > max_share * max(seen, min(SETTLED, total))
