"""Worker processes: how many; and Ctrl-C, which a terminal sends to all: one shall answer."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

__all__ = ["cpus", "end", "end_on_interrupt", "ignore_interrupt", "processes", "unheard"]

MOST = 61  # for more of them Windows cannot wait


def cpus() -> int:
    """How many CPUs this process may use: in a container or a cluster's job not all there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processes(asked: int, pieces: int) -> int:
    """How many workers to start for so many pieces of work: as many as asked, 0: one for each CPU;
    no more than have anything to do."""
    return max(1, min(asked or cpus(), pieces, MOST))


@contextmanager
def unheard() -> Iterator[None]:
    """Processes that are started in here do not hear Ctrl-C, not even while they start. Of this one
    no more than the calling thread is kept from it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end(pool: Executor) -> None:
    """Wait for what a pool is doing, and begin no more of it. A second Ctrl-C is not heard
    meanwhile: it would break the waiting off, and the pool would never end."""
    here = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if here else None
    try:
        pool.shutdown(wait=True, cancel_futures=True)
    finally:
        if here:
            signal.signal(signal.SIGINT, before)


def ignore_interrupt() -> None:
    """For a worker that shall finish what it writes: the process that started it answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_with_parent()


def end_on_interrupt() -> None:
    """For a worker whose work is whole on disk or not there: it ends at once, without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    _end_with_parent()


def _end_with_parent() -> None:
    """Who started this worker may be killed; nobody would end it then."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True, name="sideman-parent").start()
