"""Muon in fp32: orthogonalised momentum for weight matrices, several times faster than AdamW on the nano's towers.

`torch.optim.Muon` rounds to bfloat16, which CPUs without the instructions emulate slowly; this one keeps fp32.
Method: Keller Jordan et al., 2024, "Muon: An optimizer for hidden layers in neural networks".
"""

import torch


QUINTIC = (3.4445, -4.7750, 2.0315)  # Newton-Schulz coefficients of the method's authors


def orthogonalise(matrices: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Push the singular values of (M, R, C) matrices towards one."""
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.transpose(-2, -1) if tall else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    a, b, c = QUINTIC
    for _ in range(steps):
        gram = x @ x.transpose(-2, -1)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.transpose(-2, -1) if tall else x


class Muon(torch.optim.Optimizer):
    """Nesterov momentum whose matrices are orthogonalised before the step.

    Args:
        params: Parameters of two or more axes; axes after the first are joined.
        lr (`float`): Step size; 0.02 suits the nano.
        momentum (`float`): Share of the running gradient that is kept.
        weight_decay (`float`): Share of `lr` by which weights shrink each step. Without it the weights' norms grow until
            steps of a fixed size no longer change anything, and attention saturates.
        thirds (`set[int]`): Ids of parameters that stack three matrices (fused query, key, value), taken apart first.
    """

    def __init__(
        self,
        params,
        lr: float = 0.02,
        momentum: float = 0.95,
        weight_decay: float = 0.1,
        thirds: frozenset[int] = frozenset(),
    ):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.thirds = thirds

    @torch.no_grad()
    def step(self) -> None:
        """Take one step."""
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is None:
                    continue
                buffer = self.state[param].setdefault("momentum", torch.zeros_like(param))
                buffer.lerp_(param.grad, 1 - group["momentum"])
                update = param.grad.lerp(buffer, group["momentum"])
                parts = 3 if id(param) in self.thirds else 1
                matrices = update.reshape(parts, param.shape[0] // parts, -1)
                scale = max(1.0, matrices.shape[-2] / matrices.shape[-1]) ** 0.5
                param.mul_(1 - group["lr"] * group["weight_decay"])
                param.add_(orthogonalise(matrices).reshape(param.shape), alpha=-group["lr"] * scale)
