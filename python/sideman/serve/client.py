"""A client in Python: for tests, and for those who play without Max or Pure Data.

    client = await Client.connect("127.0.0.1", 7770)
    info = await client.open(Asked("mini", ("bass",)))
    client.send(0, Heard(audio, due=time.perf_counter() + 0.2, controls=...))
    played = await client.answer(0)

On one event loop. Times in seconds of time.perf_counter.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from typing import Any

from sideman import _wire
from sideman.errors import ModelError, SettingsError, SidemanError
from sideman.serve.door import hello, read_welcome
from sideman.serve.hops import Heard, Played, read_played, write_heard
from sideman.serve.messages import address_of, build
from sideman.serve.opening import read_error, read_opened, read_refused, write_open
from sideman.serve.performers import Asked
from sideman.serve.streams import Stream, connect

__all__ = ["Client"]

HELLO_SECONDS = 0.25  # between one hello, or one wish to open, and the next
USEFUL_SECONDS = 0.5  # after it is due an answer may still be of use
DOUBT_SECONDS = 1.0  # anybody can refuse; a welcome is proven


class Client(asyncio.DatagramProtocol):
    """One session with a server. Made by `connect`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.DatagramTransport | None = None
        self._stream: Stream | None = None
        self._channel: _wire.Channel | None = None
        self._greeting: tuple[bytes, bytes, bytes | None] = (b"", b"", None)
        self._arrived: asyncio.Future[_wire.Channel] = self._loop.create_future()
        self._refusal: SettingsError | None = None  # one that may be anybody's
        self._patience = math.inf  # until when a welcome is waited for after it
        self._opened: asyncio.Future[dict[str, Any]] | None = None
        self._answers: dict[int, asyncio.Future[Played]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._serial, self._first, self._next_first, self._format = 0, 0, 0, "float32"
        self.gone = False  # the server said goodbye

    @classmethod
    async def connect(
        cls, host: str, port: int, token: bytes | None = None, timeout: float = 3.0,
        tcp: bool = False,
    ) -> Client:
        """Shake hands; by TCP where UDP does not pass. Raises SettingsError when the server refuses
        or nobody answers."""
        loop = asyncio.get_running_loop()
        client = cls()
        if token is None:
            open_key, secret, known = secrets.token_bytes(32), b"", None
        else:
            (open_key, secret), known = _wire.make_key_pair(), _wire.token_key(token)
        client._greeting = (open_key, secret, known)
        if tcp:
            await client._connect_stream(host, port)
        else:
            await loop.create_datagram_endpoint(lambda: client, remote_addr=(host, port))
        said, until = hello(open_key, known), loop.time() + timeout
        try:
            while not client._arrived.done() and loop.time() < min(until, client._patience):
                client._put(said)
                await asyncio.wait([client._arrived], timeout=HELLO_SECONDS)
            if not client._arrived.done():
                raise client._refusal or SettingsError(
                    f"no answer from {host} port {port}: is `sideman serve` running there, and does "
                    "a firewall let UDP through?"
                )
            client._channel = client._arrived.result()
        except BaseException:
            client.close()
            raise
        client._flush()
        return client

    async def _connect_stream(self, host: str, port: int) -> None:
        def ended() -> None:
            self.gone = True

        try:
            self._stream = await connect(
                host, port, lambda datagram: self.datagram_received(datagram, None), ended
            )
        except OSError as error:
            raise SettingsError(
                f"no connection to {host} port {port} by TCP: {error.strerror or error}; "
                "is `sideman serve` running there?"
            ) from error

    async def open(
        self, asked: Asked, kind: str = "float32", timeout: float = 60.0
    ) -> dict[str, Any]:
        """Open a model, or start a new stream: hops count from 0. Returns what plays (info). kind: how
        samples travel.

        Raises ModelError with the server's reason, SettingsError when it does not answer.
        """
        self._serial += 1
        self._first, self._format = self._next_first, kind
        self._opened = self._loop.create_future()
        wish = write_open(asked, self._serial, self._first)
        until = self._loop.time() + timeout
        while not self._opened.done() and self._loop.time() < until:
            self._put(self._own.wrap(wish))
            await asyncio.wait([self._opened], timeout=HELLO_SECONDS)
        if not self._opened.done():
            raise SettingsError(f"the server did not open {asked.model} in {timeout:g} s")
        return self._opened.result()

    def send(self, hop: int, heard: Heard) -> asyncio.Future[Played]:
        """Send a hop; its future is the answer, cancelled when it is of no use any more."""
        now = time.perf_counter()
        number = self._first + hop
        self._next_first = max(self._next_first, number + 1)
        until = max(now, heard.due) + USEFUL_SECONDS
        future: asyncio.Future[Played] = self._loop.create_future()
        self._answers[number] = future
        self._loop.call_later(until - now, self._give_up, number)
        samples = heard.audio.shape[1]
        self._own.send(number, hop * samples, write_heard(heard, self._format), now, until)
        self._flush()
        return future

    def close(self) -> None:
        """Say goodbye."""
        if self._timer is not None:
            self._timer.cancel()
        if self._channel is not None:
            self._put(self._channel.wrap(build("/sideman/bye", {})))
        for way in (self._transport, self._stream):
            if way is not None:
                way.close()

    @property
    def trip(self) -> tuple[float, float, float] | None:
        """Round trip, its variation, the server's clock minus ours."""
        return self._own.trip

    @property
    def counts(self) -> dict[str, int]:
        """What came and went on the wire."""
        return self._own.counts

    @property
    def heard(self) -> float:
        """When the server was last heard."""
        return self._own.heard

    # --- datagrams ---

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, datagram: bytes, peer: object) -> None:
        if self._channel is None:
            self._welcome(datagram)
            return
        message = self._channel.receive(datagram, time.perf_counter())
        if message is not None:
            self._hear(message)
        while (body := self._channel.collect()) is not None:
            self._played(*body)
        self._flush()

    def error_received(self, error: OSError) -> None:
        """Nobody listens there now; the next hello or hop tries again."""

    def _welcome(self, datagram: bytes) -> None:
        if self._arrived.done():
            return
        try:
            channel = read_welcome(datagram, *self._greeting)
        except SettingsError as error:
            if self._greeting[2] is None:
                self._arrived.set_exception(error)
            elif self._refusal is None:
                self._refusal, self._patience = error, self._loop.time() + DOUBT_SECONDS
            return
        if channel is not None:
            self._arrived.set_result(channel)

    def _hear(self, message: bytes) -> None:
        address = address_of(message)
        try:
            if address == "/sideman/opened":
                info = read_opened(message)
                self._settle(info["serial"], info)
            elif address == "/sideman/refused":
                serial, why = read_refused(message)
                self._settle(serial, ModelError(why))
            elif address == "/sideman/error":
                number, why = read_error(message)
                future = self._answers.pop(number, None)
                if future is not None and not future.done():
                    future.set_exception(SidemanError(why))
            elif address == "/sideman/bye":
                self.gone = True
        except SettingsError:
            return  # a server of another kind; nothing of it is believed

    def _settle(self, serial: int, found: dict[str, Any] | Exception) -> None:
        if self._opened is None or self._opened.done() or serial != self._serial:
            return
        if isinstance(found, Exception):
            self._opened.set_exception(found)
        else:
            self._opened.set_result(found)

    def _played(self, number: int, position: int, body: bytes) -> None:
        future = self._answers.pop(number, None)
        if future is None or future.done():
            return
        try:
            future.set_result(read_played(body))
        except SettingsError as error:
            future.set_exception(error)

    def _give_up(self, number: int) -> None:
        future = self._answers.pop(number, None)
        if future is not None:
            future.cancel()

    @property
    def _own(self) -> _wire.Channel:
        if self._channel is None:
            raise SettingsError("no session: connect first")
        return self._channel

    def _put(self, datagram: bytes) -> None:
        if self._stream is not None:
            self._stream.send(datagram)
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(datagram)

    def _flush(self) -> None:
        """Send what is due, and come back when more is."""
        if self._timer is not None:
            self._timer.cancel()
        now = time.perf_counter()
        for datagram in self._own.due(now):
            self._put(datagram)
        wait = max(0.0005, self._own.next_due(now) - now)
        self._timer = self._loop.call_later(wait, self._flush)
