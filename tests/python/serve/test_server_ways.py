"""The server over bad ways: loss, cuts, and where UDP does not pass."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from relay import Relay, Way
from serving import ECHO, TOKEN, heard, marked, play, serving, soon

from sideman.serve.client import Client


@pytest.mark.parametrize(
    ("way", "hops"),
    [
        (Way(loss=0.05, delay=0.005), 40),
        (Way(loss=0.2, burst=0.5, delay=0.005), 40),
        (Way(delay=0.08, jitter=0.04), 15),
        (Way(twice=0.5, delay=0.002, jitter=0.001), 40),
        (Way(rate=4e6, delay=0.005), 20),
    ],
    ids=["loss", "bursts", "disorder", "doubles", "narrow"],
)
def test_a_bad_way_loses_no_hop_and_changes_no_bit(on_loop, way, hops):
    async def test():
        async with serving(token=TOKEN) as server:
            relay = Relay(way, seed=1)
            await relay.start(server.port)
            client = await Client.connect("127.0.0.1", relay.port, TOKEN, timeout=10)
            await client.open(ECHO)
            assert await play(client, 3, hops) == hops
            if way.loss:
                assert relay.lost > 0
                assert client.counts["sent_again"] > 0
            if way.twice:
                assert client.counts["refused"] > 0
            assert client.counts["damaged"] == 0
            client.close()
            relay.close()

    on_loop(test)


def test_a_way_that_is_cut_for_a_while_is_taken_up_again(on_loop):
    async def test():
        async with serving() as server:
            relay = Relay(Way())
            await relay.start(server.port)
            client = await Client.connect("127.0.0.1", relay.port)
            await client.open(ECHO)
            assert await play(client, 1, 3) == 3
            relay.way.cut = True
            with pytest.raises(asyncio.CancelledError):
                await client.send(3, heard(marked(1, 3), within=0.1))
            relay.way.cut = False
            audio = marked(1, 4)
            assert np.array_equal((await client.send(4, heard(audio))).audio, audio)
            client.close()
            relay.close()

    on_loop(test)


@pytest.mark.parametrize("token", [None, TOKEN])
def test_where_no_udp_passes_tcp_does(on_loop, token):
    async def test():
        async with serving(token=token) as server:
            client = await Client.connect("127.0.0.1", server.port, token, tcp=True)
            await client.open(ECHO)
            assert await play(client, 5, 10) == 10
            assert client.counts["sent_again"] == 0
            client.close()
            assert await soon(lambda: not server.guests)

    on_loop(test)
