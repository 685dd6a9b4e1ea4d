"""A server of this process, on a loop in a thread of its own, and where asked a bad network before it."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from relay import Relay, Way

from sideman.serve.server import Server, ServerOptions

__all__ = ["Running", "running"]


class Running:
    """A server, and where asked a bad network before it, on a loop in a thread of its own."""

    def __init__(self, way: Way | None = None, **options):
        self._ready = threading.Event()
        self._way, self._options = way, options
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()))
        self._thread.start()
        assert self._ready.wait(20)

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self.server = Server(ServerOptions(**{"port": 0, **self._options}))
        await self.server.start()
        self.port = self.server.port
        self.relay = None
        if self._way is not None:
            self.relay = Relay(self._way, seed=1)
            await self.relay.start(self.server.port)
            self.port = self.relay.port
        self._ready.set()
        await self._stop.wait()
        if self.relay is not None:
            self.relay.close()
        await self.server.close()

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(20)


@contextlib.contextmanager
def running(way: Way | None = None, **options):
    there = Running(way, **options)
    try:
        yield there
    finally:
        there.close()
