"""The server with real sockets: sessions, strangers, and what goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import time

import numpy as np
import pytest
from relay import Relay, Way

from sideman import _wire
from sideman.errors import ModelError, SettingsError, SidemanError
from sideman.models import shared
from sideman.models.places import find_model
from sideman.serve import hop_worker, performers
from sideman.serve.client import Client
from sideman.serve.door import HELLO_BYTES, hello
from sideman.serve.hops import Heard
from sideman.serve.messages import build
from sideman.serve.performers import Asked, EchoPerformer
from sideman.serve.server import Server, ServerOptions

TOKEN = b"sixteen bytes or more"
ECHO = Asked("echo", ("bass",), hop=2)
SAMPLES = 2 * 2048


@contextlib.asynccontextmanager
async def serving(**options):
    server = Server(ServerOptions(port=0, **options))
    await server.start()
    try:
        yield server
    finally:
        await server.close()


def marked(session: int, hop: int) -> np.ndarray:
    chance = np.random.default_rng([session, hop])
    return chance.uniform(-0.5, 0.5, (1, SAMPLES)).astype(np.float32)


def heard(audio: np.ndarray, within: float = 5.0, **controls) -> Heard:
    return Heard(audio, time.monotonic() + within, controls)


async def soon(held, seconds: float = 10.0) -> bool:
    """Whether it comes to hold within the time."""
    for _ in range(int(seconds / 0.02)):
        if held():
            return True
        await asyncio.sleep(0.02)
    return held()


async def play(client: Client, session: int, hops: int, every: float = 0.0) -> int:
    """How many of the hops came back exactly."""
    right = 0
    for hop in range(hops):
        audio = marked(session, hop)
        played = await client.send(hop, heard(audio))
        right += np.array_equal(played.audio, audio)
        await asyncio.sleep(every)
    return right


@pytest.mark.parametrize("token", [None, TOKEN])
def test_what_is_heard_comes_back_to_the_bit(on_loop, token):
    async def test():
        async with serving(token=token) as server:
            client = await Client.connect("127.0.0.1", server.port, token)
            info = await client.open(ECHO)
            assert (info["name"], info["hop"], info["frame_samples"]) == ("echo", 2, 2048)
            assert await play(client, 1, 10) == 10
            client.close()
            assert await soon(lambda: not server.guests), "who says goodbye is gone"

    on_loop(test)


def test_mini_plays_through_the_server_as_in_a_session_of_ones_own(on_loop):
    from sideman.models.shared import shared_model
    from sideman.streaming.controls import Controls, Slot
    from sideman.streaming.session import Session

    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            info = await client.open(Asked("mini", ("bass", "drums"), seed=5))
            session = Session(shared_model("mini"), ["bass", "drums"], info["hop"], info["lead"])
            state = session.start(5)
            assert info["parts"] == list(session.model.spec.parts)
            assert info["thinking"] > 0
            for hop in range(4):
                audio = np.random.default_rng(hop).standard_normal(session.hop_samples) * 0.1
                audio = audio.astype(np.float32)
                told = {"steps": 2, "guidance": 1.0, "temperature": 1.0, "sampler": "euler"}
                played = await client.send(hop, heard(audio[None], 5.0, **told))
                expected, state = session.step(state, audio, Slot(hop), Controls(2, 1.0))
                np.testing.assert_array_equal(played.audio, expected)
                assert played.continues == (hop > 0)
            client.close()

    on_loop(test)


def test_a_new_stream_counts_from_nought_and_nothing_of_the_old_one_comes(on_loop):
    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            for stream in range(3):
                await client.open(ECHO)
                assert await play(client, stream, 3) == 3
            client.close()

    on_loop(test)


def test_many_sessions_do_not_hear_each_other(on_loop):
    async def test():
        async with serving(guests=40) as server:
            clients = [await Client.connect("127.0.0.1", server.port) for _ in range(32)]
            await asyncio.gather(*(client.open(ECHO) for client in clients))
            right = await asyncio.gather(
                *(play(client, number, 6, 0.05) for number, client in enumerate(clients))
            )
            assert right == [6] * 32
            for client in clients:
                client.close()

    on_loop(test)


def test_a_full_house_lets_nobody_in_until_somebody_leaves(on_loop):
    async def test():
        async with serving(guests=1, silence=0.5) as server:
            first = await Client.connect("127.0.0.1", server.port)
            with pytest.raises(SettingsError, match="no answer"):
                await Client.connect("127.0.0.1", server.port, timeout=0.6)
            first.close()
            second = await Client.connect("127.0.0.1", server.port)
            second.close()

    on_loop(test)


def test_who_would_make_the_others_late_is_refused_as_busy(on_loop, monkeypatch):
    class Slow(EchoPerformer):
        def play(self, hop, heard):
            time.sleep(0.6 * self.hop_seconds)
            return super().play(hop, heard)

    def opened(asked, folders):
        return Slow(asked) if asked.seed else EchoPerformer(asked)

    monkeypatch.setattr("sideman.serve.loader.open_performer", opened)
    monkeypatch.setattr("sideman.serve.loader._measure", lambda one: 0.6 * one.hop_seconds)

    async def test():
        async with serving() as server:
            first = await Client.connect("127.0.0.1", server.port)
            slow = Asked("echo", ("bass",), hop=2, seed=1)
            await first.open(slow)
            playing = asyncio.create_task(play(first, 1, 40, every=0.035))
            await asyncio.sleep(2.5)
            second = await Client.connect("127.0.0.1", server.port)
            with pytest.raises(ModelError, match="busy: the guests of now take"):
                await second.open(slow)
            playing.cancel()
            second.close()
            first.close()

    on_loop(test)


# --- the way ---


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


# --- what goes wrong ---


def test_models_are_opened_by_name_alone(on_loop, tmp_path):
    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            for name in (str(tmp_path), "../../weights/mini", "", "mini/../mini"):
                with pytest.raises(ModelError, match="this server has mini, echo"):
                    await client.open(Asked(name, ("bass",)))
            with pytest.raises(ModelError, match="knows bass"):
                await client.open(Asked("mini", ("kazoo",)))
            await client.open(ECHO)
            assert await play(client, 1, 2) == 2, "and the session goes on"
            client.close()

    on_loop(test)


def test_a_model_goes_with_its_last_guest(on_loop, tmp_path):
    shutil.copytree(find_model("mini"), tmp_path / "other")

    async def test():
        async with serving(folders={"other": str(tmp_path / "other")}) as server:
            client = await Client.connect("127.0.0.1", server.port)
            info = await client.open(Asked("other", ("bass",)))
            samples = info["hop"] * info["frame_samples"]
            await client.send(0, heard(np.zeros((1, samples), np.float32)))
            opened = [key for key in shared._models if key[0].endswith("other")]
            assert len(opened) == 1
            client.close()
            assert await soon(lambda: not server.guests)
            assert await soon(lambda: opened[0] not in shared._models)

    on_loop(test)


def test_a_hop_that_cannot_be_played_gets_its_reason_and_the_next_one_plays(on_loop):
    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            with pytest.raises(SidemanError, match="no model is open"):
                await client.send(0, heard(marked(1, 0)))
            info = await client.open(Asked("mini", ("bass",)))
            samples = info["hop"] * info["frame_samples"]
            silence = np.zeros((1, samples), np.float32)
            with pytest.raises(SidemanError, match="heard 5 samples"):
                await client.send(0, heard(silence[:, :5], 5.0))
            with pytest.raises(SidemanError, match="kazoo"):
                await client.send(1, heard(silence, 5.0, tags=(("kazoo", 1.0),)))
            assert (await client.send(2, heard(silence, 5.0))).audio.shape == (1, samples)
            client.close()

    on_loop(test)


def test_a_model_that_fails_is_one_line_and_is_tried_again(on_loop, monkeypatch):
    fails = {1}

    def play_hop(self, hop, told):
        if hop in fails:
            raise RuntimeError("CUDA out of memory\nand a long story")
        return performers.Played(told.audio, True, 0.0)

    monkeypatch.setattr(EchoPerformer, "play", play_hop)

    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            await client.open(ECHO)
            await client.send(0, heard(marked(1, 0)))
            with pytest.raises(SidemanError, match=r"hop 1: the model failed: CUDA out of memory;"):
                await client.send(1, heard(marked(1, 1)))
            assert (await client.send(2, heard(marked(1, 2)))).audio.shape == (1, SAMPLES)
            client.close()

    on_loop(test)


def test_nobody_there_and_a_wrong_token_are_said_in_one_line(on_loop):
    async def test():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        with pytest.raises(SettingsError, match="is `sideman serve` running"):
            await Client.connect("127.0.0.1", port, timeout=0.3)
        async with serving(token=TOKEN) as server:
            with pytest.raises(SettingsError, match="the token is another one"):
                await Client.connect("127.0.0.1", server.port, b"another token of that size")

    on_loop(test)


def test_a_server_for_others_wants_a_token_and_a_long_one():
    with pytest.raises(SettingsError, match="without a token"):
        ServerOptions(host="0.0.0.0")
    with pytest.raises(SettingsError, match="16"):
        ServerOptions(token=b"short")
    ServerOptions(host="::1")
    ServerOptions(host="0.0.0.0", token=TOKEN)


def test_a_port_in_use_is_said(on_loop):
    async def test():
        async with serving() as server:
            other = Server(ServerOptions(port=server.port))
            with pytest.raises(SettingsError, match=f"port {server.port}"):
                await other.start()
            hop_worker.HopWorker.close(other._worker)

    on_loop(test)


# --- strangers ---


def test_strangers_change_nothing_and_get_less_than_they_give(on_loop):
    async def test():
        async with serving(token=TOKEN) as server:
            client = await Client.connect("127.0.0.1", server.port, TOKEN)
            await client.open(ECHO)
            (session,) = server.guests
            before = server.guests[session][0].channel.counts["received"]
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
            channel = server.guests[session][0].channel
            assert channel.counts["received"] - before < 20, "the guest's own pings alone"
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
            strangers = server.strangers
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
                for datagram in stolen:
                    thief.sendto(datagram, ("127.0.0.1", server.port))
                await asyncio.sleep(0.1)
            assert server.strangers - strangers >= len(stolen)
            assert guest.channel.counts["received"] - received < 5
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
