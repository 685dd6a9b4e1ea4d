"""Sockets with room for a burst, and one sentence where an address cannot be had."""

from __future__ import annotations

import asyncio
import socket

from sideman.errors import SettingsError

__all__ = ["cannot_serve", "open_udp"]

SOCKET_BYTES = 4 << 20  # a hop comes at once


async def open_udp(
    protocol: asyncio.DatagramProtocol, host: str, port: int
) -> tuple[asyncio.DatagramTransport, int]:
    """Bind; gives the port too, which is new for port 0. Raises SettingsError."""
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: protocol, local_addr=(host, port)
        )
    except OSError as error:
        raise cannot_serve(host, port, error) from error
    bound: socket.socket = transport.get_extra_info("socket")
    for name in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        bound.setsockopt(socket.SOL_SOCKET, name, SOCKET_BYTES)
    return transport, bound.getsockname()[1]


def cannot_serve(host: str, port: int, error: OSError) -> SettingsError:
    """The sentence of an address that cannot be had."""
    return SettingsError(
        f"cannot serve on {host} port {port}: {error.strerror or error}; "
        "give another --port, or stop what uses it"
    )
