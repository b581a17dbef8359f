"""An accelerator, a wrapped model, an optimizer, a dataloader come in; what many processes need of them is done.

Each function here makes up for something that transformers, TRL or accelerate leave open; its docstring says what.
"""

import atexit
import multiprocessing
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from accelerate import Accelerator
from torch import nn
from torch.distributed.fsdp import FSDPModule
from torch.optim import Optimizer
from torch.utils.data import DataLoader
from transformers import TrainerCallback

from .stages import free_inputs, recompute_only


class Prepared(TrainerCallback):
    """Leaves recomputation of activations to the parts of the recipe, frozen towers without gradients, and FSDP2 to gather the head."""

    def __init__(self):
        self.hook = None

    def on_train_begin(self, args, state, control, model=None, **kwargs):
        """Called once the model is wrapped, and before the first step."""
        plain = getattr(model, "module", model)  # within DDP
        if args.gradient_checkpointing:
            recompute_only(plain, args.gradient_checkpointing_parts)
        # Layers that recompute in torch's older way pass on no gradient unless their inputs want one.
        if not (args.gradient_checkpointing and (args.gradient_checkpointing_kwargs or {}).get("use_reentrant")):
            free_inputs(plain)
        self.hook = gather_head(plain)

    def on_train_end(self, args, state, control, **kwargs):
        """Leave the model as it was."""
        if self.hook is not None:
            self.hook.remove()


def gather_head(model: nn.Module):
    """Have FSDP2 gather the head's weight whenever the model runs.

    accelerate makes the head a unit of its own, and TRL's loss reads its weight without calling it. So FSDP would neither
    gather it nor add its gradient up over processes: each would teach its own part of the head its own rows alone.

    Returns:
        The hook, or `None` where the head is no such unit.
    """
    head = model.get_output_embeddings()
    if not isinstance(head, FSDPModule):
        return None

    def gather(module: nn.Module, inputs: tuple) -> None:
        head.unshard()

    return model.register_forward_pre_hook(gather)


def settle_fsdp2(accelerator: Accelerator) -> None:
    """Reduce gradients in fp32 and after each micro-step, in place; nothing where there is no FSDP2.

    accelerate reduces in the compute dtype. And without a reduction each micro-step every process would hold whole gradients,
    which is what sharding is to spare, and torch fails at towers that a step of text does not use.
    """
    plugin = getattr(accelerator.state, "fsdp_plugin", None)
    if plugin is None or plugin.fsdp_version != 2:
        return
    if plugin.mixed_precision_policy is not None:
        plugin.mixed_precision_policy = replace(
            plugin.mixed_precision_policy, reduce_dtype=torch.float32, output_dtype=None
        )
    accelerator.gradient_state.plugin_kwargs["sync_each_batch"] = True


def complete_state(optimizer: Optimizer) -> None:
    """Give AdamW's state to parameters that have had no gradient yet, in place, as AdamW would at the first one.

    Before the first step with pictures the aligner has none, and loading a sharded checkpoint without it fails.
    """
    known = next(iter(optimizer.state.values()), {})
    if set(known) != {"step", "exp_avg", "exp_avg_sq"}:
        return
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if parameter not in optimizer.state:
                optimizer.state[parameter] = {
                    "step": torch.zeros_like(known["step"]),
                    "exp_avg": torch.zeros_like(parameter),
                    "exp_avg_sq": torch.zeros_like(parameter),
                }


def spare_workers(loader: DataLoader) -> DataLoader:
    """Have a loader's workers ignore SIGTERM, in place: sent to all processes of a run, it would end them, and the step."""
    plain = getattr(loader, "base_dataloader", loader)  # within accelerate's
    plain.worker_init_fn = partial(_ignore_sigterm, plain.worker_init_fn)
    atexit.unregister(_end_workers)
    atexit.register(_end_workers)  # after multiprocessing's own, and so called before it
    return loader


def _end_workers() -> None:
    """A run that fails leaves its workers; at exit multiprocessing sends them SIGTERM, which they ignore, and waits for ever."""
    for process in multiprocessing.active_children():
        if process.daemon:
            process.kill()


def _ignore_sigterm(before: Callable[[int], None] | None, worker: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if before is not None:
        before(worker)
