"""The published external, played by a script: its datagrams as the specification has them."""

from __future__ import annotations

import asyncio
import contextlib
import re
import struct
import time

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage
from small_window import small_window_model

from sideman.errors import SettingsError
from sideman.serve.published import PublishedOptions, PublishedServer
from sideman.serve.published_osc import Chunk, read_chunk, write_chunk
from sideman.serve.published_player import Player

RATE = 44100
STEMS = ("bass", "drums", "guitar", "piano")


class External(asyncio.DatagramProtocol):
    """What the Max external does, without Max: one UDP socket for answers, one for messages."""

    def __init__(self) -> None:
        self.chunks: dict[tuple[str, int], dict[int, np.ndarray]] = {}
        self.totals: dict[tuple[str, int], int] = {}
        self.errors: list[str] = []
        self.ready = self.predicted = 0
        self.packet_tests: list[int] = []

    def datagram_received(self, datagram: bytes, peer) -> None:
        address = datagram.split(b"\0", 1)[0].decode()
        if address in {f"/{stem}" for stem in STEMS}:
            batch, place, total, *samples = OscMessage(datagram).params
            self.chunks.setdefault((address[1:], batch), {})[place] = np.array(samples)
            self.totals[address[1:], batch] = total
        elif address == "/error":
            self.errors.append(OscMessage(datagram).params[0])
        elif address == "/ready":
            self.ready += 1
        elif address == "/server_predicted":
            self.predicted += 1
        elif address == "#bundle":
            self.packet_tests.append(len(datagram))

    async def listen(self) -> int:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        return self.transport.get_extra_info("sockname")[1]

    def say(self, datagram: bytes) -> None:
        self.transport.sendto(datagram, self.server)

    def tell(self, address: str, tags: str, *values) -> None:
        data = address.encode() + b"\0" * (4 - len(address) % 4)
        kinds = b"," + tags.encode()
        data += kinds + b"\0" * (4 - len(kinds) % 4)
        self.say(data + b"".join(struct.pack({"i": ">i", "d": ">d"}[t], v)
                                 for t, v in zip(tags, values)))

    async def predict(self, batch: int, hop: np.ndarray, package: int, leave_out=()) -> None:
        total = -(-len(hop) // package)
        for number in range(total):
            if number not in leave_out:
                start = number * package
                samples = hop[start : start + package]
                self.say(write_chunk("/context", Chunk(batch, start, total, samples)))
                await asyncio.sleep(0.001)  # the socket's room is the system's, not ours to set

    def answer(self, stem: str, batch: int) -> np.ndarray | None:
        found = self.chunks.get((stem, batch), {})
        if len(found) < self.totals.get((stem, batch), 1):
            return None
        return np.concatenate([found[place] for place in range(len(found))])

    async def wait(self, stem: str, batch: int, seconds: float = 30) -> np.ndarray:
        for _ in range(int(seconds / 0.01)):
            found = self.answer(stem, batch)
            if found is not None:
                return found
            await asyncio.sleep(0.01)
        raise AssertionError(f"no whole answer to batch {batch} in {seconds} s: {self.errors}")


@contextlib.asynccontextmanager
async def meeting(**options):
    """An external and its server; both end with the block."""
    external = External()
    port = await external.listen()
    server = PublishedServer(PublishedOptions(port=0, client_port=port, **options))
    await server.start()
    external.server = ("127.0.0.1", server.port)
    try:
        yield external, server
    finally:
        external.transport.close()
        await server.close()


def music(batch: int, samples: int) -> np.ndarray:
    return (0.1 * np.random.default_rng(batch).standard_normal(samples)).astype(np.float32)


class CountingPlayer(Player):
    """Plays each sample's own position in the stream, so that a wrong place shows."""

    def __init__(self, model, parts, seed=0):
        self.parts, self.heard = parts, 0

    def reset(self):
        self.heard = 0

    def hear(self, samples):
        self.heard += len(samples)

    def miss(self, samples):
        self.heard += samples

    def play(self, begin, end):
        return np.tile(np.arange(begin, end, dtype=np.float64) % 65536, (len(self.parts), 1))


def listening(monkeypatch) -> list[np.ndarray]:
    """What the player of a server hears from now on, as it comes."""
    heard: list[np.ndarray] = []

    class Listening(CountingPlayer):
        def hear(self, samples):
            heard.append(samples)
            super().hear(samples)

    monkeypatch.setattr("sideman.serve.published.Player", Listening)
    return heard


@pytest.mark.parametrize("package", [5120, 10240])
def test_twenty_hops_in_look_ahead_are_answered_whole_and_in_place(on_loop, package, monkeypatch):
    monkeypatch.setattr("sideman.serve.published.Player", CountingPlayer)

    async def test():
        async with meeting() as (external, server):
            external.tell("/update_package_size", "i", package)
            external.tell("/update_r", "d", 0.25)
            external.tell("/w", "d", 1.0)
            external.tell("/update_fade", "d", 0.02)
            external.tell("/predict_instruments", "iiii", 1, 0, 0, 1)
            external.tell("/verbose", "i", 0)
            external.tell("/load_model", "")
            await asyncio.sleep(0.3)
            slot, fade = 66150, 882
            for batch in range(1, 21):
                await external.predict(batch, music(batch, slot), package)
                for stem in ("bass", "piano"):
                    audio = await external.wait(stem, batch)
                    assert len(audio) == slot + fade == 67032
                    begin = batch * slot + slot - fade  # curr + w r T - fade
                    assert audio[0] == begin % 65536
                    assert audio[-1] == (begin + len(audio) - 1) % 65536
            assert {batch for _, batch in external.chunks} == set(range(1, 21))
            assert {stem for stem, _ in external.chunks} == {"bass", "piano"}
            assert external.errors == []
            for _ in range(200):
                if external.predicted == 20:
                    break
                await asyncio.sleep(0.01)
            assert external.predicted == 20
            assert external.ready == 1

    on_loop(test)


def test_a_patch_that_is_opened_again_counts_from_the_start_and_is_heard(on_loop, monkeypatch):
    monkeypatch.setattr("sideman.serve.published.Player", CountingPlayer)

    async def test():
        async with meeting() as (external, _):
            for _ in range(2):
                external.tell("/reset", "")
                external.tell("/load_model", "")
                await asyncio.sleep(0.3)
                external.chunks.clear()
                for batch in (1, 2):
                    await external.predict(batch, music(batch, 66150), 5120)
                    await external.wait("bass", batch)
            assert external.errors == []

    on_loop(test)


def test_who_cannot_keep_up_says_so_and_answers_the_newest(on_loop, monkeypatch):
    class Slow(CountingPlayer):
        def play(self, begin, end):
            time.sleep(0.9)
            return super().play(begin, end)

    monkeypatch.setattr("sideman.serve.published.Player", Slow)

    async def test():
        async with meeting() as (external, server):
            external.tell("/load_model", "")
            await asyncio.sleep(0.3)
            for batch in range(1, 9):
                await external.predict(batch, music(batch, 66150), 5120)
            started = time.perf_counter()
            await external.wait("bass", 8)
            assert time.perf_counter() - started < 4.5, "not after all that came before it"
            assert len(external.errors) == 1 and "busy" in str(external.errors[0])
            assert server._player.heard == 8 * 66150, "what was not played keeps its place"

    on_loop(test)


def test_a_model_of_whole_windows_is_refused_in_one_line(on_loop, monkeypatch):
    monkeypatch.setattr("sideman.serve.published.shared_model", lambda *_: small_window_model())

    async def test():
        async with meeting() as (external, _):
            external.tell("/load_model", "")
            for _ in range(1000):
                if external.errors:
                    break
                await asyncio.sleep(0.01)
            assert "plays whole windows" in external.errors[0]

    on_loop(test)


def test_mini_plays_ahead_for_it(on_loop):
    async def test():
        async with meeting() as (external, server):
            external.tell("/update_r", "d", 0.125)
            external.tell("/load_model", "")
            for batch in range(1, 4):
                await external.predict(batch, music(batch, 33075), 5120)
                audio = await external.wait("bass", batch, 60)
                assert len(audio) == 33075 + 882
                assert np.isfinite(audio).all()
            assert np.abs(audio).max() <= 1.0

    on_loop(test)


def test_a_lost_chunk_is_a_gap_of_its_own_length_and_a_lost_batch_moves_nothing(
    on_loop, monkeypatch
):
    heard = listening(monkeypatch)

    async def test():
        async with meeting() as (external, server):
            external.tell("/load_model", "")
            await asyncio.sleep(0.2)
            for batch, left_out in ((1, ()), (2, (3,)), (3, ())):
                hop = music(batch, 66150)
                await external.predict(batch, hop, 5120, left_out)
                await external.wait("bass", batch)
                expected = hop.copy()
                for number in left_out:
                    expected[number * 5120 : (number + 1) * 5120] = 0
                assert np.array_equal(heard[-1], expected)
            await external.predict(4, music(4, 66150), 5120, leave_out=(0,))
            await external.predict(5, music(5, 66150), 5120)  # before the rest of 4 was given up
            await external.wait("bass", 5)
            assert external.answer("bass", 4) is not None
            assert [len(hop) for hop in heard] == [66150] * 5
            await external.predict(8, music(8, 66150), 5120)  # nothing of 6 and 7 came
            await external.wait("bass", 8)
            assert np.array_equal(heard[5], music(8, 66150))
            assert server._player.heard == 8 * 66150, "and it lies where it would have been"
            external.tell("/reset", "")
            await external.predict(12, music(12, 66150), 5120)
            await external.wait("bass", 12)
            assert server._player.heard == 66150, "after a reset nothing is missed"

    on_loop(test)


def test_a_late_chunk_of_an_unseen_batch_is_not_taken_for_one_of_the_next(on_loop, monkeypatch):
    heard = listening(monkeypatch)

    async def test():
        async with meeting() as (external, server):
            external.tell("/load_model", "")
            await asyncio.sleep(0.2)
            await external.predict(5, music(5, 66150), 5120, leave_out=range(1, 13))
            await external.predict(4, music(4, 66150), 5120, leave_out=range(1, 13))
            await external.predict(5, music(5, 66150), 5120, leave_out=(0,))
            await external.wait("bass", 5)
            assert np.array_equal(heard[-1], music(5, 66150))

    on_loop(test)


@pytest.mark.parametrize(
    ("address", "tags", "values", "why"),
    [
        ("/update_r", "d", (0.2,), "not whole columns"),
        ("/update_r", "d", (0.5,), r"\(w \+ 2\) r is above 1"),
        ("/update_r", "d", (float("nan"),), "not whole columns"),
        ("/update_r", "d", (-1.0,), "not whole columns"),
        ("/w", "d", (2.0,), "give -1, 0 or 1"),
        ("/w", "d", (0.5,), "not a whole number"),
        ("/w", "d", (float("nan"),), "not a whole number"),
        ("/update_package_size", "d", (float("inf"),), "not a whole number"),
        ("/update_fade", "d", (-1.0,), "fade is -1"),
        ("/update_package_size", "i", (16384,), "room for 128 to 13000"),
        ("/update_package_size", "i", (0,), "room for 128 to 13000"),
        ("/predict_instruments", "ii", (1, 0), "give 4 flags"),
        ("/predict_instruments", "iiii", (1, 0, 7, 0), "give 4 flags"),
        ("/print", "i", (1,), "not done here"),
        ("/rm", "i", (1,), "/rm is not known here"),
    ],
)
def test_hostile_values_are_an_error_and_the_next_hop_plays(
    on_loop, monkeypatch, address, tags, values, why
):
    monkeypatch.setattr("sideman.serve.published.Player", CountingPlayer)

    async def test():
        async with meeting() as (external, server):
            external.tell("/load_model", "")
            await asyncio.sleep(0.1)
            plan = server.plan
            external.tell(address, tags, *values)
            await external.predict(1, music(1, 66150), 5120)
            assert len(await external.wait("bass", 1)) == 67032
            assert len(external.errors) == 1
            assert re.search(why, external.errors[0])
            assert server.plan == plan

    on_loop(test)


def test_hostile_chunks_are_refused_and_before_loading_there_is_a_sentence(on_loop, monkeypatch):
    monkeypatch.setattr("sideman.serve.published.Player", CountingPlayer)

    async def test():
        async with meeting() as (external, server):
            await external.predict(1, music(1, 100), 100)
            for _ in range(100):
                if external.errors:
                    break
                await asyncio.sleep(0.01)
            assert "send /load_model" in external.errors[0]
            external.tell("/load_model", "")
            await asyncio.sleep(0.1)
            external.errors.clear()
            spoilt = (
                write_chunk("/context", Chunk(1, -5, 1, np.zeros(8))),
                write_chunk("/context", Chunk(1, 66150, 1, np.zeros(8))),
                write_chunk("/context", Chunk(1, 0, 0, np.zeros(8))),
                write_chunk("/context", Chunk(1, 0, 10**9, np.zeros(8))),
                write_chunk("/context", Chunk(1, 0, 1, np.zeros(8)))[:-4],
                b"/context\0\0\0\0,iifs\0\0\0",
                b"\xff" * 64,
            )
            for datagram in spoilt:
                external.say(datagram)
            await asyncio.sleep(0.3)
            assert len(external.errors) == len(spoilt)
            await external.predict(1, music(1, 66150), 5120)
            await external.wait("bass", 1)
            external.tell("/packet_test", "iii", 2, 0, 0)
            external.tell("/reset", "i", 1)
            await asyncio.sleep(0.2)
            assert len(external.packet_tests) == 1
            await external.predict(2, music(2, 66150), 5120)
            assert (await external.wait("bass", 2))[0] == (2 * 66150 - 882) % 65536, "it began anew"

    on_loop(test)


def test_strangers_are_not_heard(on_loop):
    async def test():
        async with meeting(client="127.0.0.9") as (external, server):
            external.tell("/update_r", "d", 0.125)
            await asyncio.sleep(0.1)
            assert server.plan.r == 0.25

    on_loop(test)


def test_the_client_may_be_named_and_an_unknown_name_is_one_line(on_loop):
    async def test():
        async with meeting(client="localhost") as (external, server):
            external.tell("/update_r", "d", 0.125)
            await asyncio.sleep(0.1)
            assert server.plan.r == 0.125
        with pytest.raises(SettingsError, match="cannot answer nosuch.invalid"):
            await PublishedServer(PublishedOptions(port=0, client="nosuch.invalid")).start()

    on_loop(test)


def test_a_chunk_is_read_as_it_was_written():
    chunk = read_chunk(write_chunk("/context", Chunk(3, 5120, 13, music(0, 77))))
    assert (chunk.batch, chunk.place, chunk.count) == (3, 5120, 13)
    assert np.array_equal(chunk.samples, music(0, 77))
