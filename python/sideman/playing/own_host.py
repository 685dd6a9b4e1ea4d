"""Plays without Max or Pd: the same engine and session, driven from this process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from sideman.errors import ModelError
from sideman.playing.music import Music
from sideman.playing.performance import Listener, Performance, Request, Tick

__all__ = ["perform"]

VECTOR = 512
TICK_S = 0.05
LOAD_TIMEOUT_S = 120.0


def perform(request: Request, on_tick: Listener, fast: bool = False) -> Performance:
    """Play the music in real time, or as fast as the model can when `fast`.

    `fast` waits for every answer, so nothing is ever late and the audio depends on the seed alone.
    Raises ModelError with the engine's own line when the model cannot be opened.
    """
    from sideman import _core

    music = request.music
    engine = _core.Engine({**request.settings, "parts": list(request.parts)})
    console: list[str] = []
    _settle(engine, music, console, on_tick)
    _give_clock(engine, music)
    before = engine.stats()
    heard = np.concatenate([music.mono, np.zeros(_tail(engine, music), np.float32)])
    played = np.zeros((len(request.parts), heard.size), np.float32)
    ticks: list[Tick] = []
    state = "ready"
    started = time.perf_counter()
    downbeat = _downbeat(music)
    next_tick_s = 0.0
    for begin, end in _blocks(heard.size, downbeat):
        if begin == downbeat:
            engine.beat(1)
        played[:, begin:end] = engine.process(heard[None, begin:end])
        if fast:
            engine.wait_idle(60_000)
        else:
            time.sleep(max(0.0, started + end / music.rate - time.perf_counter()))
        if end / music.rate >= next_tick_s:
            state = _drain(engine, console) or state
            ticks.append(_tick(engine, before, end / music.rate, state))
            on_tick(ticks[-1])
            next_tick_s += TICK_S
    return Performance(
        "none", heard, played, music.rate, _facts(engine, before), tuple(ticks), tuple(console)
    )


def _settle(engine: Any, music: Music, console: list[str], on_tick: Listener) -> None:
    """Open the model and let the engine run on silence until its stream stands."""
    engine.prepare(music.rate, VECTOR)
    engine.load()
    deadline = time.monotonic() + LOAD_TIMEOUT_S
    while not engine.wait_loaded(100):
        on_tick(Tick(0.0, _drain(engine, console) or "loading"))
        if time.monotonic() > deadline:
            raise ModelError(f"the model did not open within {LOAD_TIMEOUT_S:.0f} s; run: sideman doctor")
    if engine.info()["state"] == "error":
        _drain(engine, console)
        raise ModelError(console[-1] if console else "the model cannot be opened; run: sideman doctor")
    engine.reset()
    engine.process(np.zeros((1, VECTOR), np.float32))


def _give_clock(engine: Any, music: Music) -> None:
    if music.bpm is None:
        return
    engine.meter(music.beats_per_bar)
    engine.tempo(music.bpm)


def _downbeat(music: Music) -> int | None:
    """The sample of the first downbeat, where it is known; one before the music is said at its
    start."""
    return None if music.bpm is None else max(0, round(music.downbeat_s * music.rate))


def _blocks(samples: int, downbeat: int | None) -> Iterator[tuple[int, int]]:
    """Where vectors begin and end; one begins with the downbeat: a beat is said between two."""
    marks = {*range(0, samples, VECTOR), samples}
    return pairwise(sorted(marks if downbeat is None else marks | {min(downbeat, samples)}))


def _tail(engine: Any, music: Music) -> int:
    """Samples of silence after the music, so that its last slot is heard to the end."""
    return int(engine.info()["latency_samples"]) + music.rate // 4


def _drain(engine: Any, console: list[str]) -> str | None:
    """Read all events; lines go to `console`. Returns the newest state, if one was told."""
    state = None
    for event in engine.poll():
        if event["kind"] == "status":
            state = event["state"]
        if event["kind"] in ("error", "console") and event["text"]:
            console.append(event["text"])
    return state


def _tick(engine: Any, before: dict[str, Any], seconds: float, state: str) -> Tick:
    now = engine.stats()
    return Tick(seconds, state, *(now[name] - before[name] for name in ("hops", "late", "missed")))


def _facts(engine: Any, before: dict[str, Any]) -> dict[str, Any]:
    """The same names as the object's `info` message."""
    info, stats = engine.info(), engine.stats()
    counted = {name: stats[name] - before[name] for name in ("hops", "late", "missed", "failed")}
    latency = {name: stats[name] for name in ("latency_p50_ms", "latency_p95_ms", "latency_max_ms")}
    return {**info, **counted, **latency}
