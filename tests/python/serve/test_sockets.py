"""Where a server listens, and an address that cannot be had: one sentence with the right remedy."""

from __future__ import annotations

import asyncio
import errno
import socket

import pytest
from serving import ECHO, TOKEN, play, serving, soon

from sideman import _wire
from sideman.errors import SettingsError
from sideman.serve.client import Client
from sideman.serve.messages import build
from sideman.serve.sockets import Port, bind, cannot_serve, open_udp


def test_a_port_in_use_asks_for_another_port_and_a_foreign_address_for_another_host():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SettingsError, match="give another --port"):
            asyncio.run(open_udp(asyncio.DatagramProtocol(), "127.0.0.1", taken.getsockname()[1]))
    with pytest.raises(SettingsError, match="give --host an address of this machine"):
        asyncio.run(open_udp(asyncio.DatagramProtocol(), "192.0.2.1", 0))  # of nobody (RFC 5737)
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert "give --host" in str(cannot_serve("nosuch.invalid", 7770, unknown))


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


class Apart(socket.socket):
    """As on systems where IPv6 is IPv6 alone unless it is told otherwise."""

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):  # noqa: A002 - socket's names
        super().__init__(family, type, proto, fileno)
        if family == socket.AF_INET6 and fileno is None:
            self.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@needs_ipv6
@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_server_on_all_addresses_is_met_by_ipv4_and_ipv6_by_udp_and_tcp(
    on_loop, monkeypatch, host, tcp
):
    monkeypatch.setattr(socket, "socket", Apart)

    async def test():
        async with serving(host="::", token=TOKEN) as server:
            client = await Client.connect(host, server.port, TOKEN, tcp=tcp)
            await client.open(ECHO)
            assert await play(client, 1, 3) == 3
            client.close()
            assert await soon(lambda: not server.guests)

    on_loop(test)


@needs_ipv6
@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_a_plain_guest_by_ipv6_is_known_by_where_he_is(on_loop, tcp):
    async def test():
        async with serving(host="::1") as server:
            client = await Client.connect("::1", server.port, tcp=tcp)
            await client.open(ECHO)
            assert await play(client, 1, 3) == 3
            ((_, peer),) = server.guests.values()
            assert peer[0] == "::1"
            client.close()

    on_loop(test)


@needs_ipv6
def test_who_comes_by_ipv4_to_a_socket_of_both_is_heard_and_answered_as_a_plain_guest(on_loop):
    """The ear and the socket know him by the same address, which is IPv4's in IPv6's words."""

    async def test():
        loop, came = asyncio.get_running_loop(), []
        port = await Port.open("::", 0, lambda datagram, peer: came.append((datagram, peer)))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as guest:
            guest.setblocking(False)
            guest.bind(("127.0.0.1", 0))
            own = guest.getsockname()[1]
            channel = _wire.Channel(7)
            for admitted in ("127.0.0.1", "::ffff:127.0.0.1"):
                came.clear()
                port.admit(7, None, (admitted, own))
                guest.sendto(channel.wrap(build("/sideman/bye", {})), ("127.0.0.1", port.number))
                assert await soon(lambda: came), admitted
                assert came[0][1] == ("::ffff:127.0.0.1", own)
                port.send(b"answer", came[0][1])
                assert await asyncio.wait_for(loop.sock_recv(guest, 64), 10) == b"answer"
        await port.close()

    on_loop(test)


@pytest.mark.parametrize(
    ("limit", "taken"), [(8 << 20, [4 << 20] * 2), (1 << 20, [1 << 20] * 2), (0, [])]
)
def test_where_the_system_has_no_such_large_buffer_the_largest_that_it_has_is_taken(
    on_loop, monkeypatch, limit, taken
):
    told = []

    class Limited(socket.socket):
        """As on macOS and BSD."""

        def setsockopt(self, level, name, value):
            if name in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                if value > limit:
                    raise OSError(errno.ENOBUFS, "No buffer space available")
                told.append(value)
            super().setsockopt(level, name, value)

    monkeypatch.setattr(socket, "socket", Limited)

    async def test():
        (await bind("127.0.0.1", 0)).close()

    on_loop(test)
    assert told == taken


def test_udp_and_tcp_are_at_the_same_address_of_a_name_that_has_two(on_loop):
    async def both(host, port, **told):
        six = (socket.AF_INET6, told["type"], 0, "", ("::1", port, 0, 0))
        return [six, (socket.AF_INET, told["type"], 0, "", ("127.0.0.1", port))]

    async def test():
        asyncio.get_running_loop().getaddrinfo = both
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with await bind("localhost", 0, kind) as own:
                assert own.getsockname()[0] == "127.0.0.1"

    on_loop(test)
