"""A server for one test, a client's hops whose echo is known to the bit, and waiting for what shall be."""

from __future__ import annotations

import asyncio
import contextlib
import time

import numpy as np

from sideman.serve.client import Client
from sideman.serve.hops import Heard
from sideman.serve.performers import Asked
from sideman.serve.server import Server, ServerOptions

__all__ = ["ECHO", "SAMPLES", "TOKEN", "heard", "marked", "play", "serving", "soon"]

TOKEN = b"sixteen bytes or more"
ECHO = Asked("echo", ("bass",), hop=2)
SAMPLES = 2 * 2048


@contextlib.asynccontextmanager
async def serving(**options):
    server = Server(ServerOptions(port=0, **options))
    await server.start()
    try:
        yield server
    finally:
        await server.close()


def marked(session: int, hop: int) -> np.ndarray:
    chance = np.random.default_rng([session, hop])
    return chance.uniform(-0.5, 0.5, (1, SAMPLES)).astype(np.float32)


def heard(audio: np.ndarray, within: float = 5.0, **controls) -> Heard:
    return Heard(audio, time.perf_counter() + within, controls)


async def soon(held, seconds: float = 10.0) -> bool:
    """Whether it comes to hold within the time."""
    for _ in range(int(seconds / 0.02)):
        if held():
            return True
        await asyncio.sleep(0.02)
    return held()


async def play(client: Client, session: int, hops: int, every: float = 0.0, first: int = 0) -> int:
    """How many of the hops came back exactly."""
    right = 0
    for hop in range(first, first + hops):
        audio = marked(session, hop)
        played = await client.send(hop, heard(audio))
        right += np.array_equal(played.audio, audio)
        await asyncio.sleep(every)
    return right
