"""A bad network: a relay that loses, delays, disorders, doubles and slows down datagrams, and delays
and slows down streams."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["BAD_WAYS", "Relay", "Way", "relayed"]

MOST_CAPTURED = 200


@dataclass
class Way:
    """How one direction treats datagrams. loss: share that is lost; burst: chance that a lost one
    takes the next with it; delay, jitter: seconds, jitter to either side; twice: share that comes
    twice; rate: bits a second, 0 = any; room: seconds that may wait for the rate; udp: whether
    datagrams pass at all. Of a stream only delay, jitter (in order), rate and cut are felt."""

    loss: float = 0.0
    burst: float = 0.0
    delay: float = 0.0
    jitter: float = 0.0
    twice: float = 0.0
    rate: float = 0.0
    room: float = 0.5
    cut: bool = False
    udp: bool = True


BAD_WAYS = {
    "clean": Way(),
    "loss": Way(loss=0.05, delay=0.005),
    "bursts": Way(loss=0.2, burst=0.5, delay=0.005),
    "delay": Way(delay=0.08, jitter=0.04),
    "twice": Way(twice=0.3, delay=0.005, jitter=0.004),
    "narrow": Way(rate=1e6, delay=0.005),
    "no udp": Way(udp=False, delay=0.02, jitter=0.01),
}


class Relay(asyncio.DatagramProtocol):
    """Guests send to `port`, by UDP or TCP; each gets a socket of its own towards the server."""

    def __init__(self, way: Way, seed: int = 0):
        self.way = way
        self.port = 0
        self.lost = self.passed = 0
        self.captured: list[bytes] = []  # the first datagrams of guests, as a thief would keep them
        self._chance = random.Random(seed)
        self._server: tuple[str, int] = ("", 0)
        self._guests: dict[tuple, _Side] = {}
        self._lossy: dict[str, bool] = {}
        self._free_at: dict[str, float] = {}
        self._pumps: set[asyncio.Task] = set()

    async def start(self, server_port: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = ("127.0.0.1", server_port)
        self._transport, _ = await self._loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        self.port = self._transport.get_extra_info("sockname")[1]
        self._listener = await asyncio.start_server(self._stream, "127.0.0.1", self.port)

    def close(self) -> None:
        for side in self._guests.values():
            side.transport.close()
        self._transport.close()
        self._listener.close()
        for pump in self._pumps:
            pump.cancel()

    def datagram_received(self, datagram: bytes, guest: tuple) -> None:
        if len(self.captured) < MOST_CAPTURED:
            self.captured.append(datagram)
        if guest in self._guests:
            side = self._guests[guest]
            self._pass("up", lambda: side.transport.sendto(datagram), len(datagram))
        else:
            self._loop.create_task(self._new(guest, datagram))

    async def _new(self, guest: tuple, datagram: bytes) -> None:
        side = _Side(self, guest)
        await self._loop.create_datagram_endpoint(lambda: side, remote_addr=self._server)
        self._guests.setdefault(guest, side)
        self.datagram_received(datagram, guest)

    def back(self, datagram: bytes, guest: tuple) -> None:
        self._pass("down", lambda: self._transport.sendto(datagram, guest), len(datagram))

    def _pass(self, direction: str, send, size: int) -> None:
        way, draw = self.way, self._chance.random
        loss = max(way.burst, way.loss) if self._lossy.get(direction) else way.loss
        self._lossy[direction] = draw() < loss
        now = self._loop.time()
        wait = 0.0
        if way.rate:
            free = max(now, self._free_at.get(direction, now))
            wait = free - now
            if wait <= way.room:
                self._free_at[direction] = free + 8 * size / way.rate
        if way.cut or not way.udp or self._lossy[direction] or wait > way.room:
            self.lost += 1
            return
        self.passed += 1
        for _ in range(2 if draw() < way.twice else 1):
            late = wait + max(0.0, way.delay + way.jitter * (2 * draw() - 1))
            self._loop.call_later(late, self._then, send)

    def _then(self, send) -> None:
        if not self._transport.is_closing():
            send()

    # --- streams ---

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(*self._server)
        for source, target in ((reader, there[1]), (there[0], writer)):
            pump = self._loop.create_task(self._pump(source, target))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Pass a stream on, each piece as late as the way has it and none before an earlier one."""
        free = 0.0
        try:
            while not self.way.cut and (piece := await source.read(4096)):
                late = max(0.0, self.way.delay + self.way.jitter * (2 * self._chance.random() - 1))
                free = max(free + 1e-6, self._loop.time() + late)  # equal times have no order
                if self.way.rate:
                    free += 8 * len(piece) / self.way.rate
                self._loop.call_at(free, target.write, piece)
        except OSError:
            pass  # the other end is gone
        finally:
            target.close()


class _Side(asyncio.DatagramProtocol):
    def __init__(self, relay: Relay, guest: tuple):
        self.relay, self.guest = relay, guest

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, datagram: bytes, peer: object) -> None:
        self.relay.back(datagram, self.guest)

    def error_received(self, error: OSError) -> None:
        pass


@contextlib.contextmanager
def relayed(server_port: int, way: Way, seed: int = 1) -> Iterator[Relay]:
    """A relay before a server, on a thread of its own."""
    relay, ready, stop = Relay(way, seed), threading.Event(), threading.Event()

    async def run() -> None:
        await relay.start(server_port)
        ready.set()
        while not stop.is_set():
            await asyncio.sleep(0.05)
        relay.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert ready.wait(20)
        yield relay
    finally:
        stop.set()
        thread.join()
