"""A step's loss and gradients, and counts of bad rows, come in; nothing goes out, or an error that says what is wrong.

What is judged is the same on every process, so that all of them stop or none.
"""

from collections.abc import Callable

import torch
from torch.distributed.tensor import DTensor
from transformers.utils import logging

from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .bad_rows import BadRows, too_many
from .stages import parameters_by_part


logger = logging.get_logger(__name__)


def parts_not_finite(model: DeepSeekVLHFForConditionalGeneration) -> list[str]:
    """Name the parts of a model in which a gradient of this process is not finite."""
    found = []
    for part, parameters in parameters_by_part(model).items():
        grads = [parameter.grad for parameter in parameters if parameter.grad is not None]
        # Of sharded gradients each process looks at its own part.
        sums = [(grad.to_local() if isinstance(grad, DTensor) else grad).float().sum() for grad in grads]
        if sums and not torch.stack(sums).isfinite().all():
            found.append(part)
    return found


class Guards:
    """Stops training at a step that is not finite, and at more bad rows than may be.

    Args:
        skip_bad_steps: How many steps may be left out before the next one stops training.
        max_bad_share: Share of rows that may be bad.
        total_rows: Rows that the run draws.
        bad_rows: Those of this process, by set and reason.
    """

    def __init__(self, skip_bad_steps: int, max_bad_share: float, total_rows: int, bad_rows: BadRows | None):
        self.skip_bad_steps, self.max_bad_share, self.total_rows = skip_bad_steps, max_bad_share, total_rows
        self.bad_rows = bad_rows
        self.num_bad_steps = 0

    def refuse_step(self, step: int, loss: float, parts: list[str], describe: Callable[[], str]) -> None:
        """Leave a step out that is not finite, or stop.

        Args:
            step: Number of the step, from 0.
            loss: Of this process.
            parts: What `parts_not_finite` has found.
            describe: Names the step's rows.

        Raises:
            FloatingPointError: if more steps than may be were left out.
        """
        message = (
            f"Step {step + 1}: found a loss of {loss:.4g} and, of this process, gradients that are not finite in "
            f"{', '.join(parts) or 'no part'}, expected finite ones.{describe()}"
        )
        self.num_bad_steps += 1
        if self.num_bad_steps > self.skip_bad_steps:
            raise FloatingPointError(
                f"{message} Look at these rows, lower learning_rate, or set skip_bad_steps to leave out so many such steps."
            )
        logger.warning(f"{message} Left out; {self.num_bad_steps} of at most {self.skip_bad_steps}.")

    def check_rows(self, bad: int, seen: int) -> None:
        """Stop once more rows are bad than may be.

        Args:
            bad: Bad rows of all processes.
            seen: Rows that all processes have read.

        Raises:
            ValueError: if they are too many.
        """
        if self.bad_rows is not None and too_many(bad, seen, self.total_rows, self.max_bad_share):
            raise ValueError(
                f"found {bad} bad rows among {seen}, expected at most a share of {self.max_bad_share}; mend them, or raise "
                f"max_bad_share. Of this process:\n{self.bad_rows.table()}"
            )
