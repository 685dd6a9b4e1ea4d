"""The server with real sockets: sessions, and what goes wrong."""

from __future__ import annotations

import asyncio
import gc
import shutil
import socket
import threading
import weakref
from dataclasses import replace

import numpy as np
import pytest
from serving import ECHO, SAMPLES, TOKEN, heard, marked, play, serving, soon

from sideman.errors import ModelError, SettingsError, SidemanError
from sideman.models import shared
from sideman.models.places import find_model
from sideman.serve import performers
from sideman.serve.client import Client
from sideman.serve.opening import write_open
from sideman.serve.performers import Asked, EchoPerformer
from sideman.serve.server import Server, ServerOptions


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


def test_a_guest_who_has_left_is_forgotten_without_the_collector_of_cycles(on_loop):
    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            await client.open(ECHO)
            assert await play(client, 1, 3) == 3
            (seat,) = server._seats.values()
            guest = weakref.ref(seat.guest)
            del seat
            gc.collect()
            gc.disable()
            try:
                client.close()
                assert await soon(lambda: not server.guests)
                assert await soon(lambda: guest() is None)
            finally:
                gc.enable()

    on_loop(test)


def test_a_full_house_lets_nobody_in_until_somebody_leaves(on_loop):
    async def test():
        async with serving(guests=1) as server:
            first = await Client.connect("127.0.0.1", server.port)
            with pytest.raises(SettingsError, match="the house is full: 1 guest; try later, or"):
                await Client.connect("127.0.0.1", server.port)
            first.close()
            second = await Client.connect("127.0.0.1", server.port)
            second.close()

    on_loop(test)


def test_begun_anew_by_its_only_guest_a_model_is_not_read_again(on_loop, monkeypatch, tmp_path):
    shutil.copytree(find_model("mini"), tmp_path / "alone")  # which no other test has open
    read, load = [], shared.load_model
    monkeypatch.setattr(
        shared, "load_model", lambda *what: (read.append(what), load(*what))[1]
    )

    async def test():
        async with serving(folders={"alone": str(tmp_path / "alone")}) as server:
            client = await Client.connect("127.0.0.1", server.port)
            asked = Asked("alone", ("bass",))
            for seed in range(3):
                await client.open(replace(asked, seed=seed))
            ((guest, _),) = server.guests.values()
            assert guest._before is None, "the old stream goes once the new one is there"
            for seed in range(3, 6):  # in a hurry
                guest._open(write_open(replace(asked, seed=seed), seed + 1, 0))
            assert await soon(lambda: guest.performer is not None)
            assert len(read) == 1
            guest._open(write_open(ECHO, 7, 0))
            assert not [key for key in shared._models if key[0].endswith("alone")], "no room for two"
            client.close()

    on_loop(test)


def test_who_opens_what_is_open_does_not_wait_until_another_model_is_read(on_loop, monkeypatch):
    begun, read = threading.Event(), threading.Event()

    def opened(asked, folders):
        if asked.model == "mini":
            begun.set()
            assert read.wait(20)
        return EchoPerformer(asked)

    monkeypatch.setattr("sideman.serve.loader.open_performer", opened)
    monkeypatch.setattr("sideman.serve.loader.is_open", lambda model, device: False)

    async def test():
        async with serving() as server:
            slow, quick = [await Client.connect("127.0.0.1", server.port) for _ in range(2)]
            reading = asyncio.create_task(slow.open(Asked("mini", ("bass",))))
            assert await soon(begun.is_set)
            await quick.open(ECHO)
            assert not reading.done()
            read.set()
            await reading
            slow.close()
            quick.close()

    on_loop(test)


def test_an_open_that_was_overtaken_changes_nothing(on_loop):
    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            await client.open(ECHO)
            await client.open(Asked("echo", ("bass",), hop=2, lead=5))
            ((guest, _),) = server.guests.values()
            guest._open(write_open(ECHO, 1, 0))
            await asyncio.sleep(0.05)
            assert guest.asked.lead == 5 and guest.performer.info["lead"] == 5
            client.close()

    on_loop(test)


# --- what goes wrong ---


def test_who_leaves_the_device_open_gets_the_servers_and_who_asks_gets_his_own(on_loop, monkeypatch):
    devices = []

    def opened(asked, folders):
        devices.append(asked.device)
        return EchoPerformer(asked)

    monkeypatch.setattr("sideman.serve.loader.open_performer", opened)

    async def test():
        async with serving(device="mps") as server:
            client = await Client.connect("127.0.0.1", server.port)
            await client.open(Asked("echo", ("bass",), hop=2))
            await client.open(Asked("echo", ("bass",), hop=2, device="cpu"))
            client.close()

    on_loop(test)
    assert set(devices) == {"mps", "cpu"}


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


@pytest.mark.parametrize(("parts", "hop", "fewer"), [(60, 64, 7), (8, 64, 7), (65, 1, 64)])
def test_an_echo_too_large_for_any_answer_is_refused(on_loop, parts, hop, fewer):
    names = tuple(f"p{n}" for n in range(parts))

    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            why = f"cannot answer with {parts} parts in hops of {hop} frames"
            with pytest.raises(ModelError, match=why):
                await client.open(replace(ECHO, parts=names, hop=hop))
            await client.open(replace(ECHO, parts=names[:fewer], hop=hop))
            music = np.ones((1, hop * 2048), np.float32)
            assert (await client.send(0, heard(music, 60.0))).audio.shape == (fewer, hop * 2048)
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
    for everywhere in ("0.0.0.0", "::"):
        with pytest.raises(SettingsError, match="without a token"):
            ServerOptions(host=everywhere)
    with pytest.raises(SettingsError, match="16"):
        ServerOptions(token=b"short")
    ServerOptions(host="::1")
    ServerOptions(host="0.0.0.0", token=TOKEN)


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
def test_a_port_in_use_is_said(on_loop, kind):
    async def test():
        with socket.socket(socket.AF_INET, kind) as taken:
            taken.bind(("127.0.0.1", 0))
            if kind == socket.SOCK_STREAM:
                taken.listen()
            port = taken.getsockname()[1]
            server = Server(ServerOptions(port=port))
            with pytest.raises(SettingsError, match=f"port {port}: .* give another --port"):
                await server.start()
            server._worker.close()

    on_loop(test)
