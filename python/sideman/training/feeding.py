"""Batches made ahead: while a step computes on a GPU, other processes draw the next ones."""

from __future__ import annotations

import itertools
import multiprocessing
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from sideman.training.together import Together, join
from sideman.workers import cpus

__all__ = ["Feed", "training_device"]

MOST_WORKERS = 6
AHEAD = 4  # batches per worker
SHARED = Path("/dev/shm")  # where workers leave them on Linux: 64 MB in a container of Docker's


def training_device(name: str) -> torch.device:
    """`auto` is the GPU where torch finds one; of several processes each gets its own.

    Raises ModelError for one that is not there.
    """
    from sideman.models.shared import device_named

    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda":
        torch.set_float32_matmul_precision("high")
    return join(torch.device(device_named(name)))


class Feed:
    """draw(step) for one step after the other, which depends on nothing but the step.

    For a CUDA GPU worker processes draw ahead, as far as the memory that they share has room; what
    a step gets is the same. Elsewhere the trainer draws itself: on a processor it has no core to
    spare, and what macOS computes with does not outlive a fork.
    """

    def __init__(self, draw: Callable[[int], Any], device: torch.device):
        self._draw = draw
        # What a trainer draws with cannot be sent to another process, only inherited: not on Windows.
        alone = device.type != "cuda" or "fork" not in multiprocessing.get_all_start_methods()
        self._workers = 0 if alone else min(MOST_WORKERS, cpus() - 1)
        self._next = -1
        self._ahead: Iterator[Any] = iter(())

    def __call__(self, step: int) -> Any:
        """What `draw(step)` gives; cheap where the steps follow each other."""
        if not self._workers:
            return self._draw(step)
        if step != self._next:
            drawn = self._draw(step)
            self._ahead = itertools.chain([drawn], self._drawn_ahead(step + 1, _bytes(drawn)))
        self._next = step + 1
        return next(self._ahead)

    def _drawn_ahead(self, first: int, size: int) -> Iterator[Any]:
        """What follows from step `first` on, batches of `size` bytes."""
        room = _room() // max(1, size) - 1  # one is with the trainer
        workers = min(self._workers, room)
        if workers < 1:
            return map(self._draw, itertools.count(first))
        loader = DataLoader(
            _Drawn(self._draw), batch_size=None, sampler=itertools.count(first),
            num_workers=workers, prefetch_factor=min(AHEAD, room // workers), collate_fn=_as_it_is,
            multiprocessing_context="fork",
        )  # fmt: skip
        return iter(loader)


class _Drawn(Dataset):
    def __init__(self, draw: Callable[[int], Any]):
        self._draw = draw

    def __getitem__(self, step: int) -> Any:
        return self._draw(step)


def _room() -> int:
    """Bytes that this process's workers may fill: half of what is free, the rest is others'."""
    try:
        return shutil.disk_usage(SHARED).free // 2 // Together.found().count
    except OSError:
        return 1 << 40  # nothing that anybody knows of


def _bytes(drawn: Any) -> int:
    """Of all tensors in it."""
    if isinstance(drawn, torch.Tensor):
        return drawn.untyped_storage().nbytes()
    parts: Iterable[Any] = ()
    if is_dataclass(drawn):
        parts = (getattr(drawn, field.name) for field in fields(drawn))
    elif isinstance(drawn, dict):
        parts = drawn.values()
    elif isinstance(drawn, (tuple, list)):
        parts = drawn
    return sum(map(_bytes, parts))


def _as_it_is(drawn: Any) -> Any:
    return drawn
