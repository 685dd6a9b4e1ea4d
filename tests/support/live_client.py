"""The engine's own client, played in real time through a server's echo, and what became of each hop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sideman import _core

__all__ = ["RATE", "Recording", "marked_noise", "open_engine", "play_live"]

RATE = 44100
VECTOR = 512
SECONDS_BETWEEN_LOOKS = 0.09  # about half of a hop: every hop's latency is seen


@dataclass
class Recording:
    """What was heard and played, and by time (seconds): lead in frames, the newest hop's latency in
    ms, counts since the start, and who played."""

    heard: np.ndarray
    played: np.ndarray
    times: list[float] = field(default_factory=list)
    leads: list[int] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)  # samples from inlet to outlet
    latencies: list[float] = field(default_factory=list)
    hops: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)  # late, missed or failed
    backends: list[str] = field(default_factory=list)
    lines: list[tuple[float, str]] = field(default_factory=list)

    def on_time(self, since: float = 0.0) -> tuple[int, int]:
        """(hops, those that were late or missed) after `since` seconds."""
        first = next((i for i, t in enumerate(self.times) if t >= since), 0)
        lost = self.lost[-1] - self.lost[first]
        return self.hops[-1] - self.hops[first], lost

    def strange_samples(self) -> int:
        """Played samples that are not what was heard one delay earlier, faded or whole."""
        played = self.played[0]
        own = np.zeros(played.size, bool)
        for delay in sorted(set(self.delays)):
            wanted = np.zeros(played.size, np.float32)
            wanted[delay:] = self.heard[: played.size - delay]
            own |= (played * wanted >= 0) & (np.abs(played) <= np.abs(wanted) + 1e-6)
        return int(np.count_nonzero(~own))

    def silent_hops(self, since: float, hop_samples: int) -> float:
        """How many hops after `since` seconds are silence though something was heard."""
        begin = int(since * RATE)
        return np.count_nonzero(self.played[0, begin:] == 0) / hop_samples

    def largest_step(self) -> float:
        return float(np.abs(np.diff(self.played[0])).max())


def marked_noise(samples: int, seed: int = 0, level: float = 0.5) -> np.ndarray:
    """Noise that float32 and int16 carry to the bit; float32 [samples]."""
    steps = np.random.default_rng(seed).integers(-32767, 32767, samples, endpoint=True)
    return (np.round(steps * level).astype(np.float32) / np.float32(32767)).astype(np.float32)


def open_engine(port: int, backend: str = "remote", **settings: Any) -> Any:
    """An engine that plays the echo of the server at `port`."""
    told = {"model": "echo", "hop": 4, "port": port, **settings}
    engine = _core.Engine(told, backend=backend)
    engine.prepare(RATE, VECTOR)
    engine.load()
    if not engine.wait_loaded(60_000) or engine.info()["state"] == "error":
        raise AssertionError([event["text"] for event in engine.poll()])
    return engine


def play_live(
    engine: Any, heard: np.ndarray, on_time: Callable[[float], object] = lambda seconds: None
) -> Recording:
    """Play float32 [samples] at the speed of sound cards; on_time is told the seconds played, and
    ends it by something true."""
    engine.reset()
    engine.process(np.zeros((1, VECTOR), np.float32))
    before = _counts(engine)
    played = np.zeros((1, heard.size), np.float32)
    recording = Recording(heard, played)
    started, next_look = time.perf_counter(), 0.0
    for begin in range(0, heard.size, VECTOR):
        end = min(begin + VECTOR, heard.size)
        played[:, begin:end] = engine.process(heard[None, begin:end])
        seconds = end / RATE
        time.sleep(max(0.0, started + seconds - time.perf_counter()))
        if seconds >= next_look:
            _look(engine, recording, seconds, before)
            if on_time(seconds):
                recording.heard, recording.played = heard[:end], played[:, :end]
                break
            next_look += SECONDS_BETWEEN_LOOKS
    return recording


def _counts(engine: Any) -> tuple[int, int]:
    stats = engine.stats()
    return stats["hops"] + stats["failed"], stats["late"] + stats["missed"]


def _look(engine: Any, recording: Recording, seconds: float, before: tuple[int, int]) -> None:
    info, (hops, lost) = engine.info(), _counts(engine)
    recording.times.append(seconds)
    recording.leads.append(info["lead_frames"])
    recording.delays.append(info["latency_samples"])
    recording.latencies.append(engine.stats()["latency_last_ms"])
    recording.hops.append(hops - before[0])
    recording.lost.append(lost - before[1])
    recording.backends.append(info["backend"])
    for event in engine.poll():
        if event["text"]:
            recording.lines.append((seconds, event["text"]))
