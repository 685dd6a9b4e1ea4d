"""Opens models for guests, beside the hops that are played meanwhile, and says how dear they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from sideman.errors import SidemanError
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

    def open(
        self, asked: Asked, room: Callable[[], float], wanted: Callable[[], bool], done: Opened
    ) -> None:
        """done(performer, seconds that a hop takes, "") or done(None, 0, why), on a thread of the
        loader's. room: share of the time that the other guests leave, asked when the model is open;
        wanted: whether anybody waits for it still."""
        if asked.device == "auto":
            asked = replace(asked, device=self._device)
        place = self._folders.get(asked.model, asked.model)
        pool = self._quick if asked.model == "echo" or is_open(place, asked.device) else self._slow
        pool.submit(self._run, asked, room, wanted, done)

    def close(self) -> None:
        for pool in (self._slow, self._quick):
            pool.shutdown(wait=False, cancel_futures=True)

    def _run(
        self, asked: Asked, room: Callable[[], float], wanted: Callable[[], bool], done: Opened
    ) -> None:
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
        left, more = room(), thinking / performer.hop_seconds
        if more > left:
            done(
                None, 0.0,
                f"busy: the guests of now leave {100 * max(0.0, left):.0f} % of the time and this one would "
                f"take {100 * more:.0f} %; try later, or another server",
            )
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
