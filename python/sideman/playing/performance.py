"""What is asked of a performance and what comes back; shared by every way to play."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sideman.playing.music import Music

__all__ = ["Listener", "Performance", "Request", "Tick", "check_settings"]


@dataclass(frozen=True)
class Request:
    """One performance: the music, and the settings by their names in the settings table."""

    music: Music
    parts: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)


def check_settings(request: Request) -> None:
    """Raises SettingsError, in the engine's words, for a setting that it would refuse; in Pd the
    object would play on without it."""
    from sideman import _core

    settings = _core.Settings()
    for name, value in {**request.settings, "parts": list(request.parts)}.items():
        settings.set(name, value)


@dataclass(frozen=True)
class Tick:
    """The counters at one moment; `seconds` counts from the first sample of the music."""

    seconds: float
    state: str
    hops: int = 0
    late: int = 0
    missed: int = 0


Listener = Callable[[Tick], None]


@dataclass(frozen=True)
class Performance:
    """What was heard and played.

    heard: float32 [samples], what the inlet got; parts: float32 [parts, samples] at `rate` Hz,
    time-aligned with it. facts: what the object said of itself (the names of its `info` message).
    ticks: counters over time, hops counted from the start of the music (so after the warm-up).
    """

    host: str
    heard: np.ndarray
    parts: np.ndarray
    rate: int
    facts: dict[str, Any]
    ticks: tuple[Tick, ...]
    console: tuple[str, ...] = ()
