"""Sockets with room for a burst, and one sentence where an address cannot be had."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Callable

from sideman import _wire
from sideman.errors import SettingsError

__all__ = ["Port", "bind", "cannot_serve", "open_udp"]

SOCKET_BYTES = 4 << 20  # a hop comes at once
AT_ONCE = 256  # datagrams, before the loop may do something else


async def open_udp(
    protocol: asyncio.DatagramProtocol, host: str, port: int
) -> tuple[asyncio.DatagramTransport, int]:
    """Bind; gives the port too, which is new for port 0. Raises SettingsError."""
    bound = await bind(host, port)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: protocol, sock=bound
    )
    return transport, bound.getsockname()[1]


def cannot_serve(host: str, port: int, error: OSError) -> SettingsError:
    """The sentence of an address that cannot be had."""
    elsewhere = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
    remedy = (
        "give --host an address of this machine, or 0.0.0.0 for all of them"
        if elsewhere
        else "give another --port, or stop what uses it"
    )
    return SettingsError(f"cannot serve on {host} port {port}: {error.strerror or error}; {remedy}")


class Port:
    """A UDP port of a server: what comes for its sessions is told on the event loop, and nothing else
    reaches Python but a few hellos (externals/backends/osc/ear.h). Made by `open`."""

    def __init__(self, bound: socket.socket, heard: Callable[[bytes, tuple[str, int]], None]):
        self.address, self.number = bound.getsockname()[:2]
        self._socket, self._heard = bound, heard
        self._bell, rung = socket.socketpair()
        self._bell.setblocking(False)
        self._rung = rung
        self._ear = _wire.Ear(bound.fileno(), bound.family == socket.AF_INET6, rung.fileno())
        self._task = asyncio.get_running_loop().create_task(self._listen())

    @classmethod
    async def open(
        cls, host: str, port: int, heard: Callable[[bytes, tuple[str, int]], None]
    ) -> Port:
        """Bind; port 0: a new one. Raises SettingsError."""
        return cls(await bind(host, port), heard)

    def admit(
        self, session: int, keys: tuple[bytes, bytes] | None, peer: tuple[str, int]
    ) -> None:
        """Hear a session: sealed (keys) from anywhere, plain from its peer alone."""
        self._ear.admit(session, keys, *peer[:2])

    def dismiss(self, session: int) -> None:
        """Hear no more of a session."""
        self._ear.dismiss(session)

    def send(self, datagram: bytes, peer: tuple[str, int]) -> None:
        """Send it, or lose it, as on any way, when the socket is full or nobody is there."""
        with contextlib.suppress(OSError):
            self._socket.sendto(datagram, peer)

    @property
    def dropped(self) -> int:
        """Datagrams that were nobody's."""
        return self._ear.dropped

    async def close(self) -> None:
        """Nothing is heard or sent any more."""
        self._task.cancel()
        await asyncio.wait([self._task])
        self._ear.close()
        for each in (self._socket, self._bell, self._rung):
            each.close()

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        while await loop.sock_recv(self._bell, 64):
            for count, (datagram, peer) in enumerate(self._ear.take()):
                try:
                    self._heard(datagram, peer)
                except Exception as error:  # a mistake of ours: the next datagram is heard
                    loop.call_exception_handler({"message": "a datagram", "exception": error})
                if count % AT_ONCE == AT_ONCE - 1:
                    await asyncio.sleep(0)  # answers must leave meanwhile


async def bind(
    host: str, port: int, kind: socket.SocketKind = socket.SOCK_DGRAM
) -> socket.socket:
    """A socket at the address, of UDP or (SOCK_STREAM) TCP; of a name that has several the IPv4
    one, so that both are at the same. Raises SettingsError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=kind, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise cannot_serve(host, port, error) from error
    why = OSError("no such address")
    for family, _, protocol, _, address in sorted(found, key=lambda one: one[0] == socket.AF_INET6):
        bound = socket.socket(family, kind, protocol)
        bound.setblocking(False)
        if kind == socket.SOCK_STREAM and os.name == "posix":  # though connections still fade there
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address[0] == "::":  # all addresses, IPv4 too where the system allows it
            with contextlib.suppress(OSError):
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            bound.bind(address)
            break
        except OSError as error:
            bound.close()
            if error.errno == errno.EADDRINUSE:  # the next one would be another place than UDP's
                raise cannot_serve(host, port, error) from error
            why = error
    else:
        raise cannot_serve(host, port, why) from why
    if kind == socket.SOCK_DGRAM:
        for name in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            _widen(bound, name)
    return bound


def _widen(bound: socket.socket, name: int) -> None:
    """As far as the system lets it: macOS and BSD refuse what is above their limit, and change
    nothing."""
    for halvings in range(6):
        with contextlib.suppress(OSError):
            bound.setsockopt(socket.SOL_SOCKET, name, SOCKET_BYTES >> halvings)
            return
