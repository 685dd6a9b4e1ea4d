"""Opens models for guests, beside the hops that are played meanwhile, and says how dear they are."""

from __future__ import annotations

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
Opened = Callable[[Performer | None, float, str], None]


class Loader:
    """One thread, and one for models that are open already: who only begins anew does not wait until
    another's has been read. device: for guests who leave it open. How long a hop takes is measured
    once for each model, parts, hop and device."""

    def __init__(
        self,
        folders: Mapping[str, str],
        device: str = "auto",
    ):
        self._folders, self._device = dict(folders), device
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="sideman-open")
        self._quick = ThreadPoolExecutor(1, thread_name_prefix="sideman-again")
        self._thinking: dict[object, float] = {}

    def open(self, asked: Asked, wanted: Callable[[], bool], done: Opened) -> None:
        """done(performer, seconds that a hop takes, "") or done(None, 0, why), on a thread of the
        loader's. wanted: whether anybody waits for it still."""
        if asked.device == "auto":
            asked = replace(asked, device=self._device)
        pool = self._quick if self._is_at_hand(asked) else self._slow
        pool.submit(self._run, asked, wanted, done)

    def close(self) -> None:
        for pool in (self._slow, self._quick):
            pool.shutdown(wait=False, cancel_futures=True)

    def _is_at_hand(self, asked: Asked) -> bool:
        """A guest's word is looked up among names alone, never as a path."""
        place = self._folders.get(asked.model)
        if place is None and asked.model in list_models():
            place = asked.model
        return asked.model == "echo" or (place is not None and is_open(place, asked.device))

    def _run(self, asked: Asked, wanted: Callable[[], bool], done: Opened) -> None:
        if not wanted():
            return
        try:
            performer = open_performer(asked, self._folders)
            likeness = asked.model, asked.parts, performer.info["hop"], asked.device
            if likeness not in self._thinking:
                self._thinking[likeness] = _measure(performer)
                # A new one, since the first has played silence.
                performer = open_performer(asked, self._folders)
            thinking = self._thinking[likeness]
        except SidemanError as error:
            done(None, 0.0, str(error))
            return
        except Exception as error:  # a damaged model may fail in any way
            reason = (str(error) or type(error).__name__).splitlines()[0]
            done(None, 0.0, f"cannot open model {asked.model}: {reason}")
            return
        done(performer, thinking, "")


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
