"""Batches made ahead: while a step computes on a GPU, other processes draw the next ones."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from sideman.training.together import join
from sideman.workers import cpus

__all__ = ["Feed", "training_device"]

MOST_WORKERS = 6
AHEAD = 4  # batches per worker


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

    For a CUDA GPU worker processes draw ahead; what a step gets is the same. Elsewhere the trainer
    draws itself: on a processor it has no core to spare, and what macOS computes with does not
    outlive a fork.
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
            self._ahead = iter(self._loader(step))
        self._next = step + 1
        return next(self._ahead)

    def _loader(self, first: int) -> DataLoader:
        return DataLoader(
            _Drawn(self._draw), batch_size=None, sampler=itertools.count(first),
            num_workers=self._workers, prefetch_factor=AHEAD, collate_fn=_as_it_is,
            multiprocessing_context="fork",
        )


class _Drawn(Dataset):
    def __init__(self, draw: Callable[[int], Any]):
        self._draw = draw

    def __getitem__(self, step: int) -> Any:
        return self._draw(step)


def _as_it_is(drawn: Any) -> Any:
    return drawn
