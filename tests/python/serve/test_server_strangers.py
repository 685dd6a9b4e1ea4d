"""Who is no guest of the server: strangers, thieves, and the silent."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time

import numpy as np
import pytest
from serving import ECHO, TOKEN, play, serving, soon

from sideman import _wire
from sideman.errors import SettingsError
from sideman.serve.client import Client
from sideman.serve.door import HELLO_BYTES, hello
from sideman.serve.messages import build


def test_strangers_change_nothing_and_get_less_than_they_give(on_loop):
    async def test():
        async with serving(token=TOKEN) as server:
            client = await Client.connect("127.0.0.1", server.port, TOKEN)
            await client.open(ECHO)
            (session,) = server.guests
            before, began = server.guests[session][0].channel.counts["received"], time.monotonic()
            chance = np.random.default_rng(0)
            key, _ = _wire.make_key_pair()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.setblocking(False)
                given, got = 0, 0
                said = [
                    hello(key, None),
                    hello(key, _wire.token_key(b"a token that is not the one")),
                    build("/sideman/open", {"serial": 1}),
                    b"/sideman/sealed\0,hhb\0\0\0\0" + session.to_bytes(8, "big") + bytes(100),
                    b"/sideman/plain\0\0,hhb\0\0\0\0" + session.to_bytes(8, "big") + bytes(12),
                    bytes(1400),
                ]
                for number in range(3000):
                    noise = chance.bytes(int(chance.integers(1, 1400)))
                    datagram = (said + [noise])[number % 7]
                    stranger.sendto(datagram, ("127.0.0.1", server.port))
                    given += len(datagram)
                    if number % 50 == 0:
                        await asyncio.sleep(0.001)
                    with contextlib.suppress(BlockingIOError):
                        answer = stranger.recv(2048)
                        got += len(answer)
                        assert len(answer) <= HELLO_BYTES
                assert got < given
            assert list(server.guests) == [session]
            received = server.guests[session][0].channel.counts["received"] - before
            # Of the guest a ping and a pong each half second, and some more at first.
            assert received < 20 + 8 * (time.monotonic() - began)
            assert await play(client, 1, 5) == 5
            client.close()

    on_loop(test)


def test_a_session_cannot_be_taken_over_or_replayed(on_loop):
    async def test():
        async with serving(token=TOKEN) as server:
            captured: list[bytes] = []
            client = await Client.connect("127.0.0.1", server.port, TOKEN)
            put = client._put
            client._put = lambda datagram: (captured.append(datagram), put(datagram))
            await client.open(ECHO)
            assert await play(client, 1, 3) == 3
            guest, peer = next(iter(server.guests.values()))
            received, stolen = guest.channel.counts["received"], list(captured)
            strangers, began = server.strangers, time.monotonic()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
                for datagram in stolen:
                    thief.sendto(datagram, ("127.0.0.1", server.port))
                assert await soon(lambda: server.strangers - strangers >= len(stolen))
            of_his_own = 5 + 8 * (time.monotonic() - began)
            assert guest.channel.counts["received"] - received < of_his_own
            assert next(iter(server.guests.values()))[1] == peer, "answers still go to the guest"
            client.close()

    on_loop(test)


def test_who_is_silent_is_gone_and_who_never_speaks_as_well(on_loop):
    async def test():
        async with serving(silence=0.4, patience=0.4) as server:
            client = await Client.connect("127.0.0.1", server.port)
            assert len(server.guests) == 1
            client._timer.cancel()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
                mute.sendto(hello(bytes(range(32)), None), ("127.0.0.1", server.port))
                assert await soon(lambda: len(server.guests) == 2)
            assert await soon(lambda: not server.guests)
            client.close()

    on_loop(test)


def test_connections_of_strangers_end(on_loop):
    async def test():
        async with serving(token=TOKEN, patience=0.3) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"GET / HTTP/1.1\r\nHost: sideman\r\n\r\n" + bytes(4000))
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()
            quiet, other = await asyncio.open_connection("127.0.0.1", server.port)
            assert await asyncio.wait_for(quiet.read(), 5) == b"", "who says nothing is let go"
            other.close()
            client = await Client.connect("127.0.0.1", server.port, TOKEN, tcp=True)
            await client.open(ECHO)
            await asyncio.sleep(1.0)
            assert await play(client, 5, 3) == 3, "who has a session stays"
            client.close()
        with pytest.raises(SettingsError, match="no connection to"):
            await Client.connect("127.0.0.1", server.port, tcp=True)

    on_loop(test)


def test_one_hello_that_was_overheard_takes_one_seat_however_often_it_is_repeated(on_loop):
    async def test():
        async with serving(token=TOKEN, guests=3) as server:
            key, _ = _wire.make_key_pair()
            overheard = hello(key, _wire.token_key(TOKEN))
            for _ in range(10):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
                    thief.sendto(overheard, ("127.0.0.1", server.port))
                await asyncio.sleep(0.01)
            assert await soon(lambda: len(server.guests) == 1)
            await asyncio.sleep(0.05)
            assert len(server.guests) == 1

    on_loop(test)


def test_a_house_full_of_those_who_never_came_has_room(on_loop):
    async def test():
        async with serving(token=TOKEN, guests=2) as server:
            for _ in range(2):
                key, _secret = _wire.make_key_pair()
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
                    mute.sendto(hello(key, _wire.token_key(TOKEN)), ("127.0.0.1", server.port))
            assert await soon(lambda: len(server.guests) == 2)
            client = await Client.connect("127.0.0.1", server.port, TOKEN)
            await client.open(ECHO)
            assert await play(client, 1, 3) == 3
            client.close()

    on_loop(test)


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_full_house_says_so_to_who_may_come_in_and_to_nobody_without_end(on_loop, token):
    async def test():
        async with serving(token=token, guests=2) as server:
            clients = [await Client.connect("127.0.0.1", server.port, token) for _ in range(2)]
            for client in clients:
                await client.open(ECHO)
            key, _ = _wire.make_key_pair()
            if token is not None:
                with pytest.raises(SettingsError, match="the token is another one"):
                    await Client.connect("127.0.0.1", server.port, b"another token of that size")
            with pytest.raises(SettingsError, match="full: 2 guests; try later, .* more --guests"):
                await Client.connect("127.0.0.1", server.port, token)
            said = hello(key, None if token is None else _wire.token_key(token))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.setblocking(False)
                answers = []
                for _ in range(200):
                    stranger.sendto(said, ("127.0.0.1", server.port))
                    await asyncio.sleep(0.001)
                    with contextlib.suppress(BlockingIOError):
                        answers.append(len(stranger.recv(2048)))
            assert 0 < len(answers) < 150 and max(answers) <= HELLO_BYTES
            assert await play(clients[0], 1, 3) == 3
            for client in clients:
                client.close()

    on_loop(test)


def test_who_comes_back_to_a_full_house_is_not_turned_away_while_his_seat_is_still_his(
    on_loop, monkeypatch
):
    """A guest who was told that it is full asks again only after seconds."""
    monkeypatch.setattr("sideman.serve.server.AWAY_SECONDS", 0.1)
    monkeypatch.setattr("sideman.serve.server.GONE_SECONDS", 0.5)

    async def test():
        async with serving(guests=1) as server:
            client = await Client.connect("127.0.0.1", server.port)
            await client.open(ECHO)
            client._timer.cancel()  # it says no more, and does not answer
            client.datagram_received = lambda *_: None
            await asyncio.sleep(0.2)
            again = await Client.connect("127.0.0.1", server.port)
            assert len(server.guests) == 1
            again.close()
            client.close()

    on_loop(test)


def test_connections_that_say_nothing_do_not_keep_guests_out(on_loop, monkeypatch):
    monkeypatch.setattr("sideman.serve.server.STREAMS", 4)

    async def test():
        async with serving(token=TOKEN, patience=60.0) as server:
            idle = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(4)]
            client = await Client.connect("127.0.0.1", server.port, TOKEN, tcp=True)
            await client.open(ECHO)
            more = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(8)]
            assert await play(client, 1, 3) == 3, "and a guest is not ended for them"
            client.close()
            for _, writer in idle + more:
                writer.close()

    on_loop(test)


def test_a_house_full_of_the_silent_has_room_for_who_comes_back(on_loop, monkeypatch):
    async def test():
        async with serving(guests=2) as server:
            clients = [await Client.connect("127.0.0.1", server.port) for _ in range(2)]
            for client in clients:
                await client.open(ECHO)
            assert not server._make_room(), "who speaks keeps his seat"
            heard = {session: guest.channel.heard for session, (guest, _) in server.guests.items()}
            monkeypatch.setattr("sideman.serve.server.GONE_SECONDS", -1.0)  # as if all were silent
            assert server._make_room()
            assert list(server.guests) == [max(heard, key=heard.__getitem__)]
            for client in clients:
                client.close()

    on_loop(test)


def test_a_connection_of_empty_frames_without_end_is_ended(on_loop):
    async def test():
        async with serving(token=TOKEN, patience=60.0) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            with contextlib.suppress(ConnectionError):
                for _ in range(16):
                    writer.write(b"\xc0" * (1 << 15))
                    await writer.drain()
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()
            client = await Client.connect("127.0.0.1", server.port, TOKEN, tcp=True)
            await client.open(ECHO)
            assert await play(client, 5, 40, every=0.002) == 40, "a guest says much more than that"
            client.close()

    on_loop(test)
