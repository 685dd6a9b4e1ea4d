"""An address that cannot be had is one sentence with the right remedy."""

from __future__ import annotations

import asyncio
import socket

import pytest

from sideman.errors import SettingsError
from sideman.serve.sockets import cannot_serve, open_udp


def test_a_port_in_use_asks_for_another_port_and_a_foreign_address_for_another_host():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SettingsError, match="give another --port"):
            asyncio.run(open_udp(asyncio.DatagramProtocol(), "127.0.0.1", taken.getsockname()[1]))
    with pytest.raises(SettingsError, match="give --host an address of this machine"):
        asyncio.run(open_udp(asyncio.DatagramProtocol(), "192.0.2.1", 0))  # of nobody (RFC 5737)
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert "give --host" in str(cannot_serve("nosuch.invalid", 7770, unknown))
