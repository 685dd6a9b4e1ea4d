"""Opens models for guests, beside the hops that are played meanwhile, and says how dear they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from sideman.errors import SidemanError
from sideman.models.places import list_models
from sideman.models.shared import is_open
from sideman.serve.hops import CONTROLS, Heard
from sideman.serve.performers import Asked, EchoPerformer, Performer, open_performer

__all__ = ["Loader", "Opened"]

WARM_UPS = 3
STALE_SECONDS = 300.0  # measuring takes three hops from those who play
Opened = Callable[[Performer | None, float, str], None]


class Loader:
    """One thread, and one for models that are open already: who only begins anew does not wait until
    another's has been read. device: for guests who leave it open. How long a hop takes is measured
    once for each model, parts, hop and device, and anew where it leaves no room and is old: the
    machine may have been busy."""

    def __init__(
        self,
        folders: Mapping[str, str],
        device: str = "auto",
    ):
        self._folders, self._device = dict(folders), device
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="sideman-open")
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="sideman-again")
        self._shares: dict[object, tuple[float, float]] = {}  # of the time, and when measured
        self._own_hops: dict[str, int] = {}  # by model, for guests who leave it open
        self._waiting: dict[object, tuple[Asked, Callable[[], bool], Opened]] = {}
        self._at_work = 0  # threads that open or measure
        self._changing = threading.Lock()

    def open(self, guest: int, asked: Asked, wanted: Callable[[], bool], done: Opened) -> None:
        """done(performer, seconds that a hop takes, "") or done(None, 0, why), on a thread of the
        loader's. wanted: whether anybody waits for it still. What the guest (a session) asked for
        before and what has not begun gives its place to this."""
        asked = self._here(asked)
        pool = self._quick if self._is_at_hand(asked) else self._slow
        place = guest, pool
        with self._changing:
            has_place = place in self._waiting
            self._waiting[place] = asked, wanted, done
        if not has_place:
            pool.submit(self._run, place)

    def share(self, asked: Asked, room: float) -> float:
        """Share of the time that it would take, 0 where nobody knows. What is old and more than
        there is room for is forgotten."""
        likeness = self._likeness(self._here(asked))
        if likeness not in self._shares:
            return 0.0
        share, measured = self._shares[likeness]
        if share > room and time.monotonic() - measured > STALE_SECONDS:
            del self._shares[likeness]
            return 0.0
        return share

    def learnt(self, asked: Asked, share: float) -> None:
        """The most that it was seen to take while it was played; what was measured may have been so
        in a busy moment."""
        likeness = self._likeness(self._here(asked))
        measured, _ = self._shares.get(likeness, (share, 0.0))
        self._shares[likeness] = min(share, measured), time.monotonic()

    @property
    def is_busy(self) -> bool:
        """Whether a model is in the midst of being opened or measured, which nothing stops."""
        return self._at_work > 0

    def close(self) -> None:
        for pool in (self._slow, self._quick):
            pool.shutdown(wait=False, cancel_futures=True)

    def _is_at_hand(self, asked: Asked) -> bool:
        """A guest's word is looked up among names alone, never as a path."""
        place = self._folders.get(asked.model)
        if place is None and asked.model in list_models():
            place = asked.model
        return asked.model == "echo" or (place is not None and is_open(place, asked.device))

    def _run(self, place: object) -> None:
        with self._changing:
            asked, wanted, done = self._waiting.pop(place)
            self._at_work += 1
        try:
            if wanted():
                self._open(asked, done)
        finally:
            with self._changing:
                self._at_work -= 1

    def _open(self, asked: Asked, done: Opened) -> None:
        try:
            performer = open_performer(asked, self._folders)
            if asked.hop < 1:
                self._own_hops[asked.model] = performer.info["hop"]
            likeness = self._likeness(asked)
            known = self._shares.get(likeness)
            if known is None:
                known = _measure(performer) / performer.hop_seconds, time.monotonic()
                self._shares[likeness] = known
                # A new one, since the first has played silence.
                performer = open_performer(asked, self._folders)
            thinking = known[0] * performer.hop_seconds
        except SidemanError as error:
            done(None, 0.0, str(error))
            return
        except Exception as error:  # a damaged model may fail in any way
            reason = (str(error) or type(error).__name__).splitlines()[0]
            done(None, 0.0, f"cannot open model {asked.model}: {reason}")
            return
        done(performer, thinking, "")

    def _here(self, asked: Asked) -> Asked:
        return replace(asked, device=self._device) if asked.device == "auto" else asked

    def _likeness(self, asked: Asked) -> object:
        """What is equal in this takes as long."""
        hop = self._own_hops.get(asked.model, -1) if asked.hop < 1 else asked.hop
        return asked.model, asked.parts, hop, asked.device


def _measure(performer: Performer) -> float:
    """Seconds of a hop of silence when everything has been done once."""
    if isinstance(performer, EchoPerformer):
        return 0.0
    silence = np.zeros((1, performer.hop_samples), np.float32)
    controls = {name: field.default for name, field in CONTROLS.items()}
    told = {k: v for k, v in controls.items() if k not in ("bpm", "beat", "beats_per_bar")}
    heard = Heard(silence, 0.0, {**told, "clock": None, "tags": (), "track": True})
    took = []
    for hop in range(WARM_UPS):
        started = time.perf_counter()
        performer.play(hop, heard)
        took.append(time.perf_counter() - started)
    return min(took[1:])
