"""A running mean of the weights: what is played, while the raw weights are what is trained."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["Average"]


class Average:
    """Exponential moving average. young: it forgets faster at first, so that weights which have learnt
    nothing leave no trace; not so where it begins with good ones."""

    def __init__(self, network: nn.Module, decay: float, young: bool = True):
        self.decay, self.young = decay, young
        self.weights = {name: value.detach().clone() for name, value in _named(network)}

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards the weights after `step` steps."""
        decay = min(self.decay, (1 + step) / (10 + step)) if self.young else self.decay
        for name, value in _named(network):
            self.weights[name].lerp_(value.detach(), 1 - decay)


def _named(network: nn.Module) -> list[tuple[str, torch.Tensor]]:
    return list(network.state_dict(keep_vars=True).items())
