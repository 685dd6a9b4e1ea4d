"""The same datagrams through TCP, for networks that let no UDP pass.

A connection is one peer; it lasts as long as it speaks frames and, after a while, has a session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sideman import _wire
from sideman.serve.slip import Frames, framed

__all__ = ["Stream", "connect"]

MOST_WAITING = 1 << 20  # bytes; what does not fit is lost, as on any way, and sent again


class Stream(asyncio.Protocol):
    """One TCP connection. heard(datagram, stream): each datagram; ended(stream): it is over;
    most_unknown: bytes that belong to no session, then it ends."""

    def __init__(
        self,
        heard: Callable[[bytes, Stream], None],
        began: Callable[[Stream], None],
        ended: Callable[[Stream], None],
        most_unknown: int | None = None,
    ):
        self._heard, self._began, self._ended = heard, began, ended
        self._frames = Frames(_wire.datagram_bytes)
        self._transport: asyncio.Transport | None = None
        self.strange = 0  # datagrams that belonged to no session
        self._unknown, self._most_unknown = 0, most_unknown  # bytes since the last of one

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._began(self)

    def data_received(self, data: bytes) -> None:
        self._unknown += len(data)
        for datagram in self._frames.take(data):
            if self._transport is None or self._transport.is_closing():
                return
            self._heard(datagram, self)
        endless = self._most_unknown is not None and self._unknown > self._most_unknown
        if self._frames.failed or endless:  # frames without anything in them, for one
            self.end()

    def is_known(self) -> None:
        """It says what belongs to a session."""
        self.strange = self._unknown = 0

    def connection_lost(self, error: Exception | None) -> None:
        self._ended(self)

    def send(self, datagram: bytes) -> None:
        """Send it, or lose it when too much is waiting."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() < MOST_WAITING:
            transport.write(framed(datagram))

    def close(self) -> None:
        """When what was sent has gone out."""
        if self._transport is not None:
            self._transport.close()

    def end(self) -> None:
        """At once: who does not read would keep his place for ever."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def address(self) -> tuple[str, int]:
        found = self._transport.get_extra_info("peername") if self._transport else None
        return (found[0], found[1]) if found else ("gone", 0)


async def connect(
    host: str, port: int, heard: Callable[[bytes], None], ended: Callable[[], None]
) -> Stream:
    """A client's connection. Raises OSError when there is none."""
    _, stream = await asyncio.get_running_loop().create_connection(
        lambda: Stream(lambda data, _: heard(data), lambda _: None, lambda _: ended()), host, port
    )
    return stream
