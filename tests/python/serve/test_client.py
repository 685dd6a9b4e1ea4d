"""What a client believes of those who answer it."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest
from serving import TOKEN

from sideman.errors import SettingsError
from sideman.serve.client import Client
from sideman.serve.door import Door
from sideman.serve.messages import build


class Answers(asyncio.DatagramProtocol):
    """Answers every hello with a refusal, and from the third one on with a door's answer too."""

    def __init__(self, door: Door | None):
        self.door, self.hellos = door, 0

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, datagram, peer) -> None:
        self.hellos += 1
        self.transport.sendto(build("/sideman/no", {"why": "go away"}), peer)
        if self.door is not None and self.hellos >= 3:
            entry = self.door.hears(datagram, time.perf_counter())
            self.transport.sendto(entry.welcome, peer)


@contextlib.asynccontextmanager
async def answering(door: Door | None):
    loop = asyncio.get_running_loop()
    transport, answers = await loop.create_datagram_endpoint(
        lambda: Answers(door), local_addr=("127.0.0.1", 0)
    )
    yield answers, transport.get_extra_info("sockname")[1]
    transport.close()


def test_with_a_token_a_refusal_that_anybody_may_have_sent_does_not_keep_the_welcome_out(on_loop):
    async def test():
        async with answering(Door(TOKEN)) as (answers, port):
            client = await Client.connect("127.0.0.1", port, TOKEN)
            assert answers.hellos >= 3
            client.close()

    on_loop(test)


def test_with_a_token_a_refusal_without_a_welcome_is_taken_after_a_second(on_loop):
    async def test():
        async with answering(None) as (answers, port):
            started = time.perf_counter()
            with pytest.raises(SettingsError, match="the server refused: go away"):
                await Client.connect("127.0.0.1", port, TOKEN, timeout=60.0)
            assert answers.hellos >= 3
            assert 0.9 < time.perf_counter() - started < 30.0
            with pytest.raises(SettingsError, match="the server refused: go away"):
                await Client.connect("127.0.0.1", port, TOKEN, timeout=0.3)

    on_loop(test)


def test_without_a_token_a_refusal_is_taken_at_once(on_loop):
    async def test():
        async with answering(Door(None)) as (answers, port):
            with pytest.raises(SettingsError, match="the server refused: go away"):
                await Client.connect("127.0.0.1", port)
            assert answers.hellos == 1

    on_loop(test)
