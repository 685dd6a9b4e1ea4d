"""The server: one UDP socket and one for TCP, all guests, on one event loop.

A datagram of a session goes to its guest, anything else to the door; what is neither, the port's ear
has dropped before. Models are opened by the loader and hops played by the worker, each on a thread of
its own; their answers come back here.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Union

from sideman import _wire
from sideman.errors import SettingsError
from sideman.serve.door import HELLO_BYTES, Door, Entry
from sideman.serve.guest import Guest, House
from sideman.serve.hop_worker import HopWorker
from sideman.serve.loader import Loader, Opened
from sideman.serve.messages import address_of, build
from sideman.serve.sockets import Port, bind
from sideman.serve.streams import Stream

__all__ = ["PORT", "Server", "ServerOptions"]

PORT = 7770
STREAMS = 128  # TCP connections at once, those of strangers among them
STRANGE = 32  # datagrams of no session, then a connection ends
STRANGE_BYTES = 1 << 17
MOST_LOAD = 0.8  # share of the time, of all guests together
AWAY_SECONDS = 1.0
GONE_SECONDS = 2.0  # four pings
Peer = Union[tuple[Any, ...], Stream]


@dataclass(frozen=True)
class ServerOptions:
    """token: bytes, or None on loopback alone; folders: models by name beside the package's;
    guests: the most sessions at once; silence: seconds after which one that is not heard is gone;
    patience: seconds for the first word after a welcome; device: where models compute for guests who
    leave that open."""

    host: str = "127.0.0.1"
    port: int = PORT
    token: bytes | None = None
    folders: Mapping[str, str] | None = None
    guests: int = 64
    silence: float = 10.0
    patience: float = 5.0
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.token is None and not is_loopback(self.host):
            raise SettingsError(
                f"cannot serve on {self.host} without a token: everybody could come in; "
                "make one by: sideman serve --new-token FILE, and give --token-file FILE"
            )
        if self.token is not None and len(self.token) < _wire.least_token_bytes:
            raise SettingsError(
                f"cannot serve: the token has {len(self.token)} bytes, {_wire.least_token_bytes} "
                "are the least; make one by: sideman serve --new-token FILE"
            )


@dataclass
class _Seat:
    """A guest with where he is, and when he came."""

    guest: Guest
    peer: Peer
    entry: Entry
    came: float
    timer: asyncio.TimerHandle | None = None


class Server:
    """`await start()`, then it serves until `await close()`."""

    def __init__(self, options: ServerOptions):
        self.options = options
        self.door = Door(options.token)
        self._strangers = 0
        self.port = options.port
        self._seats: dict[int, _Seat] = {}
        self._streams: dict[Stream, float] = {}  # and when each began
        self._worker = HopWorker()
        self._loader = Loader(options.folders or {}, options.device)

    async def start(self) -> None:
        """Bind. Raises SettingsError when the address cannot be had."""
        options = self.options
        self._loop = asyncio.get_running_loop()
        self._socket = await Port.open(options.host, options.port, self._hear)
        self.port = self._socket.number
        try:
            streams = await bind(options.host, self.port, socket.SOCK_STREAM)
        except SettingsError:
            await self._socket.close()
            raise
        self._listener = await self._loop.create_server(
            lambda: Stream(self._hear, self._stream_began, self._stream_ended, STRANGE_BYTES),
            sock=streams,
        )
        self._sweeper = self._loop.create_task(self._sweep())

    async def close(self, patience: float | None = None) -> None:
        """Say goodbye to every guest and stop; wait at most so many seconds for a hop that is being
        played."""
        self._sweeper.cancel()
        for seat in list(self._seats.values()):
            self._send(seat, seat.guest.channel.wrap(build("/sideman/bye", {})))
            self._leave(seat.entry.session)
        await self._socket.close()
        self._listener.close()
        for stream in list(self._streams):
            stream.close()
        self._loader.close()
        await self._loop.run_in_executor(None, self._worker.close, patience)

    @property
    def is_at_work(self) -> bool:
        """Whether, after `close`, a thread still plays a hop or opens a model."""
        return self._worker.is_alive or self._loader.is_busy

    @property
    def address(self) -> str:
        """What the host's name came to."""
        return self._socket.address

    @property
    def guests(self) -> dict[int, tuple[Guest, tuple[Any, ...]]]:
        """Who is here, by session."""
        return {
            session: (seat.guest, peer.address if isinstance(peer, Stream) else peer)
            for session, seat in self._seats.items()
            for peer in (seat.peer,)
        }

    @property
    def strangers(self) -> int:
        """Datagrams that belonged to nobody."""
        return self._strangers + self._socket.dropped

    # --- datagrams ---

    def _hear(self, datagram: bytes, peer: Peer) -> None:  # UDP's and TCP's
        session = _wire.session_of(datagram)
        seat = None if session is None else self._seats.get(session)
        if seat is None or (self.options.token is None and peer != seat.peer):
            self._strangers += 1
            if isinstance(peer, Stream):
                self._strange(peer)
            if session is None:
                self._stranger(datagram, peer)
            return
        guest = seat.guest  # who may leave with this datagram
        before = guest.channel.heard
        guest.receive(datagram)
        if guest.channel.heard > before:
            seat.peer = peer  # he is who he says he is, wherever he is now
            if isinstance(peer, Stream):
                peer.is_known()
        self._wind(seat)

    def _strange(self, stream: Stream) -> None:
        """End a connection that says too much that is nobody's."""
        stream.strange += 1
        if stream.strange > STRANGE:
            stream.end()

    def _stranger(self, datagram: bytes, peer: Peer) -> None:
        if len(datagram) < HELLO_BYTES or address_of(datagram) != "/sideman/hello":
            return
        for seat in self._seats.values():  # a hello again: the welcome was lost, or somebody repeats it
            known = seat.entry.keys is not None or seat.peer == peer
            new = seat.guest.channel.heard < 0 and known
            if new and seat.entry.client and seat.entry.client in datagram:
                self._put(seat.entry.welcome, peer)
                return
        found = self.door.hears(datagram, time.perf_counter())
        if isinstance(found, bytes):
            self._put(found, peer)
        elif found is not None:
            self._let_in(found, peer)

    def _let_in(self, entry: Entry, peer: Peer) -> None:
        now, most = time.perf_counter(), self.options.guests
        if len(self._seats) < most or self._make_room():
            self._seat(entry, peer)
        elif not self._silent(now, AWAY_SECONDS):  # or his may be the seat that is free in a moment
            full = f"the house is full: {most} guest{'s' * (most > 1)}"
            refusal = self.door.refuse(f"{full}; try later, or start it with more --guests", now)
            if refusal is not None:
                self._put(refusal, peer)

    def _make_room(self) -> bool:
        """Give up the oldest seat of one who never came to it, or else that of who has been silent
        longest, if for more than two seconds: after a stall everybody greets anew."""
        waiting = [seat for seat in self._seats.values() if seat.guest.channel.heard < 0]
        silent = self._silent(time.perf_counter(), GONE_SECONDS)
        if waiting:
            self._leave(min(waiting, key=lambda seat: seat.came).entry.session)
        elif silent:
            self._leave(min(silent, key=lambda seat: seat.guest.channel.heard).entry.session)
        return bool(waiting or silent)

    def _silent(self, now: float, seconds: float) -> list[_Seat]:
        """Who came, and was not heard for so long."""
        return [
            seat for seat in self._seats.values()
            if seat.guest.channel.heard >= 0 and now - seat.guest.channel.heard > seconds
        ]  # fmt: skip

    def _seat(self, entry: Entry, peer: Peer) -> None:
        house = House(
            send=lambda datagram: self._send(seat, datagram),
            open=lambda asked, wanted, done: self._loader.open(
                entry.session, asked, wanted, self._back(seat, done)
            ),
            room=lambda: self._room(seat),
            share=self._loader.share,
            learnt=self._loader.learnt,
            post=self._worker.post,
            soon=lambda call: self._soon(seat, call),
            left=lambda: self._leave(entry.session),
            now=time.perf_counter,
        )
        seat = _Seat(Guest(entry.channel, house), peer, entry, time.perf_counter())
        self._seats[entry.session] = seat
        if entry.keys is not None:  # a sealed guest may move to UDP, from anywhere
            self._socket.admit(entry.session, entry.keys, ("127.0.0.1", 0))
        elif not isinstance(peer, Stream):
            self._socket.admit(entry.session, None, peer)
        self._put(entry.welcome, peer)

    def _send(self, seat: _Seat, datagram: bytes) -> None:
        self._put(datagram, seat.peer)

    def _put(self, datagram: bytes, peer: Peer) -> None:
        if isinstance(peer, Stream):
            peer.send(datagram)
        else:
            self._socket.send(datagram, peer)

    def _stream_began(self, stream: Stream) -> None:
        if len(self._streams) >= STREAMS and not self._end_oldest_unseated():
            stream.end()
        else:
            self._streams[stream] = time.perf_counter()

    def _stream_ended(self, stream: Stream) -> None:
        self._streams.pop(stream, None)

    def _unseated(self) -> dict[Stream, float]:
        seated = {id(seat.peer) for seat in self._seats.values()}
        return {stream: began for stream, began in self._streams.items() if id(stream) not in seated}

    def _end_oldest_unseated(self) -> bool:
        """Or who only connects would keep guests out."""
        unseated = self._unseated()
        if unseated:
            oldest = min(unseated, key=unseated.__getitem__)
            self._streams.pop(oldest)
            oldest.end()
        return bool(unseated)

    def _leave(self, session: int) -> None:
        seat = self._seats.pop(session, None)
        self._socket.dismiss(session)
        if seat is None:
            return
        seat.guest.leave()
        if seat.timer is not None:
            seat.timer.cancel()
        # They hold one another, and what the load of a model hid from the collector of cycles
        # (models/shared.py) would stay for ever.
        del seat.guest

    def _wind(self, seat: _Seat) -> None:
        """Flush the guest again when something of his is due."""
        if seat.timer is not None:
            seat.timer.cancel()
        if seat.entry.session not in self._seats:
            return
        now = time.perf_counter()
        wait = max(0.0005, seat.guest.next_due(now) - now)

        def due() -> None:
            seat.guest.flush()
            self._wind(seat)

        seat.timer = self._loop.call_later(wait, due)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            now = time.perf_counter()
            for session in self._gone(now):
                self._leave(session)
            for stream, began in self._unseated().items():
                if now - began > self.options.patience:
                    stream.end()

    def _gone(self, now: float) -> list[int]:
        """Sessions that were not heard for too long."""
        gone = []
        for session, seat in self._seats.items():
            heard = seat.guest.channel.heard
            since = now - (heard if heard >= 0 else seat.came)
            if since > (self.options.silence if heard >= 0 else self.options.patience):
                gone.append(session)
        return gone

    # --- threads ---

    def _soon(self, seat: _Seat, call: Callable[[], None]) -> None:
        """Run on the event loop, from any thread."""

        def run() -> None:
            call()
            self._wind(seat)

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(run)

    def _back(self, seat: _Seat, done: Opened) -> Opened:
        """`done` on the event loop."""
        return lambda performer, thinking, why: self._soon(
            seat, lambda: done(performer, thinking, why)
        )

    def _room(self, seat: _Seat) -> float:
        """Share of the time that the others leave; alone one may take all of it, late or not. Who is
        silent for a second while somebody else is heard takes none: he may be the same one, come back."""
        newest = max(other.guest.channel.heard for other in self._seats.values())
        taken = sum(
            other.guest.share
            for other in self._seats.values()
            if other is not seat and newest - other.guest.channel.heard <= AWAY_SECONDS
        )
        return MOST_LOAD - taken if taken > 0 else math.inf


def is_loopback(host: str) -> bool:
    """Whether this machine alone is reached there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
