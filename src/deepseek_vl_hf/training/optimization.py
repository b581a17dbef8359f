"""An optimizer or a schedule of transformers comes in; the recipe's goes out: a learning rate per part, and its drops."""

import math
from collections.abc import Mapping
from functools import partial

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler

from ..modeling_deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration
from .stages import parameters_by_part


def scale_parts(
    optimizer: Optimizer, model: DeepSeekVLHFForConditionalGeneration, scales: Mapping[str, float]
) -> None:
    """Split an optimizer's groups, in place, so that each part has its learning rate.

    Args:
        optimizer: With groups of parameters of any part.
        model: Whose parameters they are.
        scales: Factor on the learning rate by part.

    Raises:
        ValueError: if a parameter learns that belongs to no part, as SAM's body.
    """
    by_parameter = {
        parameter: scales[part] for part, parameters in parameters_by_part(model).items() for parameter in parameters
    }
    groups = list(optimizer.param_groups)
    strays = sum(parameter not in by_parameter for group in groups for parameter in group["params"])
    if strays:
        raise ValueError(
            f"found {strays} parameters that learn and belong to no part of {', '.join(scales)}, expected SAM's body to be frozen; "
            "leave requires_grad to freeze_for"
        )
    optimizer.param_groups.clear()
    for group in groups:
        for scale in dict.fromkeys(by_parameter[parameter] for parameter in group["params"]):
            members = [parameter for parameter in group["params"] if by_parameter[parameter] == scale]
            optimizer.add_param_group({**group, "params": members, "lr": group["lr"] * scale})


def lower(scheduler: LRScheduler, drops: Mapping[float, float], num_training_steps: int) -> None:
    """Lower a schedule, in place.

    Args:
        scheduler: A function of the step.
        drops: Factors by the share of all steps from which they hold.
        num_training_steps: All steps.

    Raises:
        ValueError: if the schedule is no function of the step.
    """
    if not isinstance(scheduler, LambdaLR):
        raise ValueError(
            f"found lr_drops={dict(drops)} with a {type(scheduler).__name__}, expected a schedule that is a function of the step; "
            "choose another lr_scheduler_type, or set lr_drops={}"
        )
    factors = {math.ceil(start * num_training_steps): factor for start, factor in drops.items()}

    def lowered(course, step: int) -> float:
        return course(step) * next((factors[at] for at in sorted(factors, reverse=True) if step >= at), 1.0)

    scheduler.lr_lambdas = [partial(lowered, course) for course in scheduler.lr_lambdas]
