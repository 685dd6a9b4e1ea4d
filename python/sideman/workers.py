"""Worker processes and Ctrl-C: a terminal sends it to all of them at once, and one shall answer."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["end_on_interrupt", "ignore_interrupt", "unheard"]


@contextmanager
def unheard() -> Iterator[None]:
    """Processes that are started in here do not hear Ctrl-C, not even while they start; one that
    comes meanwhile is heard by this process in the end."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_interrupt() -> None:
    """For a worker that shall finish what it writes: the process that started it answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_on_interrupt() -> None:
    """For a worker whose work is whole on disk or not there: it ends at once, without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
