"""The hops of one stream, put in their order: on the way they overtake each other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

__all__ = ["Queue"]

MOST = 16


class Queue:
    """A hop's turn is after the one before it, or when it cannot wait for that any longer. Times in
    seconds of one clock."""

    def __init__(self) -> None:
        self._next: int | None = None  # begins with whichever comes first
        self._waiting: dict[int, tuple[float, Any]] = {}  # by hop: until when it can wait, what it is

    def put(self, hop: int, patience: float, what: Any) -> tuple[int, Any] | None:
        """A hop that may wait until `patience`. Gives one that has no turn any more: it comes too
        late, or is the oldest of too many."""
        if self._next is not None and hop < self._next:
            return hop, what
        self._waiting[hop] = patience, what
        if len(self._waiting) <= MOST:
            return None
        oldest = min(self._waiting)
        return oldest, self._waiting.pop(oldest)[1]

    def take(self, now: float) -> Iterator[tuple[int, Any]]:
        """Those whose turn it is, in their order."""
        while self._waiting:
            first = min(self._waiting)
            due = self._next in (None, first) or now >= self._waiting[first][0]
            if not due:
                return
            self._next = first + 1
            yield first, self._waiting.pop(first)[1]

    def next_due(self) -> float:
        """When to take again; infinite while nothing waits."""
        if not self._waiting:
            return math.inf
        return self._waiting[min(self._waiting)][0]
