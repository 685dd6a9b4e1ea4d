"""Several processes that train one model, as torchrun starts them:

    torchrun --standalone --nproc-per-node 2 --no-python -- sideman train model ...

Each learns from batches of its own and all step with the mean of their gradients, so two of them do
what one does that accumulates twice as many batches before each step. The first alone writes.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module

import torch
from torch import distributed, nn

from sideman.errors import SettingsError

__all__ = ["Together", "alone", "join"]

PATIENCE = timedelta(hours=2)  # while the first encodes, or checks


class Together:
    """This process among `count`, number `place` of them; alone where nobody started several."""

    def __init__(self, place: int = 0, count: int = 1):
        self.place, self.count = place, count

    @classmethod
    def found(cls) -> Together:
        """What `join` has made of this process, else alone."""
        if distributed.is_available() and distributed.is_initialized():
            return cls(distributed.get_rank(), distributed.get_world_size())
        return cls()

    @property
    def first(self) -> bool:
        return self.place == 0

    def number(self, local: int, accumulated: int) -> int:
        """The number, among those of all processes, of this one's batch `local` = 1, 2, ... where
        each accumulates so many for a step. Alone it is `local` itself."""
        step, within = divmod(local - 1, accumulated)
        return (step * self.count + self.place) * accumulated + within + 1

    def average(self, tensors: Iterable[torch.Tensor]) -> None:
        """Put the mean over all processes in place of each tensor."""
        tensors = list(tensors)
        if self.count == 1 or not tensors:
            return
        flat = torch.cat([tensor.detach().float().flatten() for tensor in tensors])
        distributed.all_reduce(flat)
        flat /= self.count
        for tensor, mean in zip(tensors, flat.split([tensor.numel() for tensor in tensors])):
            tensor.copy_(mean.view_as(tensor))

    def average_gradients(self, module: nn.Module, *figures: torch.Tensor) -> None:
        """Put the mean over all processes in place of a module's gradients, and of `figures`. Who
        has no gradient of a weight counts with zeros; what nobody has one of stays without, or
        momentum would move it here and not in one process."""
        if self.count == 1:
            return
        weights = [weight for weight in module.parameters() if weight.requires_grad]
        has = torch.tensor([float(w.grad is not None) for w in weights], device=weights[0].device)
        for weight in weights:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        self.average([*(weight.grad for weight in weights), *figures, has])
        for weight, share in zip(weights, has.tolist(), strict=True):
            if not share:
                weight.grad = None

    def agree(
        self, seconds: float, asked: bool, device: torch.device
    ) -> tuple[float, bool]:
        """The first one's seconds, and whether any is asked to stop."""
        if self.count == 1:
            return seconds, asked
        told = [seconds if self.first else 0.0, float(asked)]
        most = torch.tensor(told, dtype=torch.float64, device=device)
        distributed.all_reduce(most, distributed.ReduceOp.MAX)
        return float(most[0]), bool(most[1])

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """The first does it, then the others, who find what it left."""
        if self.count > 1 and not self.first:
            distributed.barrier()
        yield
        if self.count > 1 and self.first:
            distributed.barrier()


def alone(what: str) -> None:
    """Raises SettingsError where torchrun started several processes for `what`."""
    if _started() > 1:
        raise SettingsError(
            f"cannot {what} in {_started()} processes: it learns in one; start it without torchrun"
        )


def _started() -> int:
    """How many processes torchrun started, this one among them."""
    return int(os.environ.get("WORLD_SIZE", "1")) if "RANK" in os.environ else 1


def join(device: torch.device) -> torch.device:
    """Join the processes that torchrun started, if it did; the device that this one computes on.

    Raises SettingsError when there are more processes than GPUs.
    """
    if _started() < 2:
        return device
    if device.type == "cuda":
        local = int(os.environ.get("LOCAL_RANK", "0"))
        if local >= torch.cuda.device_count():
            raise SettingsError(
                f"cannot train in {local + 1} processes here: there are {torch.cuda.device_count()} "
                "GPUs; start as many, or use --device cpu"
            )
        torch.cuda.set_device(local)
        device = torch.device("cuda", local)
    if not distributed.is_initialized():
        # Loaded later (by optimizers), its functions would hold the group as their default argument.
        import_module("torch.distributed.nn.functional")
        backend = "nccl" if device.type == "cuda" else "gloo"
        distributed.init_process_group(backend, timeout=PATIENCE)
        # Gloo's threads have to be joined before Python ends, or one that still lets go of a tensor
        # then would abort: by destroying the group, which nothing else may hold by now.
        atexit.register(distributed.destroy_process_group)
    return device
