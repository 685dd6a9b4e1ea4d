"""The thread that plays: the hop that is due first goes first, and those of its model go with it.

What a guest sends faster than it is to be heard goes after the hops of all others. A hop whose slot
is over is not played any more: the session hears it when the next one comes.
Whatever fails becomes the sentence of that hop's guest alone.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sideman.errors import SidemanError
from sideman.serve.hops import Heard, Played
from sideman.serve.performers import ModelPerformer, Performer, play_together

__all__ = ["HopWorker", "Job", "Turns"]

MOST_TOGETHER = 16
MOST_WAITING = 16  # hops of one guest
BURST = 8  # hops that may come at once after a stall: as many bodies as may be under way
RATE = 1.02  # turns in the time of a hop: the clock of a guest may be fast
Answer = Callable[[Played | str | None], None]


class Turns:
    """How many of a guest's hops may still go before those of others, by when they are due: one
    more in the time of each hop, BURST at most. Each guest has his, whatever he opens; the worker's
    alone."""

    def __init__(self) -> None:
        self._left, self._counted = float(BURST), -math.inf

    def left(self, now: float, hop_seconds: float) -> float:
        """What is below 1 is none."""
        return min(BURST, self._left + RATE * (now - self._counted) / hop_seconds)

    def take(self, now: float, hop_seconds: float) -> None:
        """Who has none and is played, since nobody else waits, owes nothing for it."""
        left = self.left(now, hop_seconds)
        self._left, self._counted = left - 1 if left >= 1 else left, now


@dataclass(frozen=True)
class Job:
    """A hop to be played. turns: those of its guest; due: when its answer is wanted, dropped: when
    it is of no use any more (time.perf_counter); answer gets what was played, a sentence, or None
    when it was dropped."""

    turns: Turns
    performer: Performer
    hop: int
    heard: Heard
    due: float
    dropped: float
    answer: Answer


class HopWorker:
    """One thread for all guests; `post` from any thread, answers come on the worker's own."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="sideman-hops", daemon=True)
        self._thread.start()

    def post(self, job: Job) -> None:
        with self._wake:
            # What still waits of his stream before this one is of no use to him any more.
            self._jobs = [
                one for one in self._jobs
                if one.turns is not job.turns or one.performer is job.performer
            ]  # fmt: skip
            crowded = sum(one.turns is job.turns for one in self._jobs) >= MOST_WAITING
            if not crowded:
                self._jobs.append(job)
                self._wake.notify()
        if crowded:
            _drop(job)

    def close(self, patience: float | None = None) -> None:
        """Finish what is being played, and no more; wait for it so many seconds at most."""
        with self._wake:
            self._closing = True
            self._jobs.clear()
            self._wake.notify()
        self._thread.join(patience)

    @property
    def is_alive(self) -> bool:
        """Until what was played when it was closed is over."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while (jobs := self._take()) is not None:
            self._do(jobs)
            jobs = None  # while the next ones are waited for nobody's model is held

    def _do(self, jobs: Sequence[Job]) -> None:
        now = time.perf_counter()
        wanted = [job for job in jobs if now < job.dropped]
        for job in jobs:
            if now >= job.dropped:
                _drop(job)
        for job, answer in zip(wanted, _played(wanted), strict=True):
            job.answer(answer)

    def _take(self) -> list[Job] | None:
        """What is over, if anything is; else the most urgent hop of those whose turn it is, else of
        all, and, of other guests who play the same model as dear, their most urgent ones."""
        with self._wake:
            while not self._jobs and not self._closing:
                self._wake.wait()
            if self._closing:
                return None
            now = time.perf_counter()
            # What is over takes nobody's turn.
            if over := [job for job in self._jobs if now >= job.dropped]:
                self._jobs = [job for job in self._jobs if now < job.dropped]
                return over
            # A guest's hops stay in their order whatever they say is due.
            first: dict[int, Job] = {}
            for job in self._jobs:
                first.setdefault(id(job.turns), job)
            ranked = sorted(
                ((job.turns.left(now, job.performer.hop_seconds) < 1, job.due, job)
                 for job in first.values()),
                key=lambda one: one[:2],
            )  # fmt: skip
            beyond, _, urgent = ranked[0]
            # Whose turn it is not would make the batch dearer for those whose it is.
            chosen = [
                job for also, _, job in ranked
                if also == beyond and _likeness(job) == _likeness(urgent)
            ][:MOST_TOGETHER]  # fmt: skip
            for job in chosen:
                job.turns.take(now, job.performer.hop_seconds)
            self._jobs = [job for job in self._jobs if not any(job is one for one in chosen)]
            return chosen


def _drop(job: Job) -> None:
    job.performer.hears(job.hop, job.heard)
    job.answer(None)


def _likeness(job: Job) -> object:
    """Hops that are equal in this can be played together."""
    performer, told = job.performer, job.heard.controls
    if isinstance(performer, ModelPerformer):  # a hop of more steps would hold up the others
        return performer.likeness, *(told.get(name) for name in ("steps", "guidance", "sampler"))
    return id(performer)


def _played(jobs: Sequence[Job]) -> list[Played | str]:
    if len(jobs) < 2:
        return [_alone(job) for job in jobs]
    if (together := _together(jobs)) is not None:
        return together
    # One of them is at fault, or they are too many for the memory; no state has changed.
    half = len(jobs) // 2
    return [*_played(jobs[:half]), *_played(jobs[half:])]


def _together(jobs: Sequence[Job]) -> list[Played | str] | None:
    """None where it failed; what it had made till then is free again once this has returned."""
    started = time.perf_counter()
    try:
        together = play_together([(job.performer, job.hop, job.heard) for job in jobs])
    except Exception:
        return None
    took = time.perf_counter() - started
    return [replace(played, thought=took, together=len(jobs)) for played in together]


def _alone(job: Job) -> Played | str:
    started = time.perf_counter()
    try:
        played = job.performer.play(job.hop, job.heard)
    except SidemanError as error:
        return str(error)
    except Exception as error:  # a model may fail in ways of its own: memory, a kernel
        return _sentence(job, error)
    return replace(played, thought=time.perf_counter() - started)


def _sentence(job: Job, error: Exception) -> str:
    reason = (str(error) or type(error).__name__).splitlines()[0]
    return f"hop {job.hop}: the model failed: {reason}; the next hop is tried anew"
