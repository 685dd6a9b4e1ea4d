"""Many sessions at one server: does each get its own audio back, and all of them as soon?

    python benchmarks/server_load.py --sessions 32 --seconds 60

Starts a `sideman serve` of its own. Each session sends marked noise, a hop (4 frames) at a time at the
speed of sound, and compares what comes back with what it sent. Prints for the best, the median and the
worst session the way there and back (ms: median, 99th percentile, longest) and the share of hops that
came after their lead of 4 frames.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from dataclasses import dataclass, field

import numpy as np
from rich.console import Console
from rich.table import Table

from sideman.playing.own_server import own_server
from sideman.serve.client import Client
from sideman.serve.hops import Heard
from sideman.serve.performers import Asked

RATE, FRAME, HOP, LEAD = 44100, 2048, 4, 4


@dataclass
class Figures:
    """Of one session. ways: seconds."""

    hops: int = 0
    wrong: int = 0
    late: int = 0
    lost: int = 0
    ways: list[float] = field(default_factory=list)

    def way(self, share: float) -> float:
        return 1000 * float(np.quantile(self.ways, share)) if self.ways else float("nan")

    @property
    def late_share(self) -> float:
        return (self.late + self.lost) / max(1, self.hops)


async def play(port: int, number: int, seconds: float) -> Figures:
    client = await Client.connect("127.0.0.1", port)
    await client.open(Asked("echo", ("bass",), hop=HOP, lead=LEAD))
    figures, chance, waiting = Figures(), np.random.default_rng(number), []
    await asyncio.sleep(number % 32 / 32 * HOP * FRAME / RATE)  # as musicians begin: not together
    began, hop_seconds = time.perf_counter(), HOP * FRAME / RATE
    for hop in range(int(seconds / hop_seconds)):
        await asyncio.sleep(max(0.0, began + hop * hop_seconds - time.perf_counter()))
        audio = chance.uniform(-0.5, 0.5, (1, HOP * FRAME)).astype(np.float32)
        due = time.perf_counter() + LEAD * FRAME / RATE
        answer = client.send(hop, Heard(audio, due, {}))
        waiting.append(asyncio.create_task(hear(figures, audio, answer, due)))
    await asyncio.gather(*waiting)
    client.close()
    return figures


async def hear(figures: Figures, sent: np.ndarray, answer: asyncio.Future, due: float) -> None:
    began = due - LEAD * FRAME / RATE
    figures.hops += 1
    try:
        played = await answer
    except asyncio.CancelledError:
        figures.lost += 1
        return
    figures.ways.append(time.perf_counter() - began)
    figures.late += time.perf_counter() > due
    figures.wrong += not np.array_equal(played.audio, sent)


async def load(port: int, sessions: int, seconds: float) -> list[Figures]:
    return await asyncio.gather(*(play(port, number, seconds) for number in range(sessions)))


def show(found: list[Figures]) -> None:
    ranked = sorted(found, key=lambda one: (one.late_share, one.way(0.99)))
    table = Table(title=f"{len(found)} sessions, {sum(one.hops for one in found)} hops")
    for name in ("session", "p50 ms", "p99 ms", "longest ms", "late or lost %", "wrong hops"):
        table.add_column(name, justify="right")
    for name, one in (
        ("best", ranked[0]), ("median", ranked[len(ranked) // 2]), ("worst", ranked[-1])
    ):
        table.add_row(name, *(f"{one.way(share):.1f}" for share in (0.5, 0.99, 1.0)),
                      f"{100 * one.late_share:.2f}", str(one.wrong))  # fmt: skip
    table.caption = f"wrong hops in all: {sum(one.wrong for one in found)}"
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with own_server() as port, contextlib.suppress(KeyboardInterrupt):
        show(asyncio.run(load(port, options.sessions, options.seconds)))


if __name__ == "__main__":
    main()
