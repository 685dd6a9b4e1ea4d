"""What a guest takes of the time, and what he is refused where others take it."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import pytest
from serving import ECHO, heard, marked, play, serving

from sideman.errors import ModelError, SidemanError
from sideman.serve.client import Client
from sideman.serve.guest import TELLING
from sideman.serve.hops import Played
from sideman.serve.performers import EchoPerformer


class Slow(EchoPerformer):
    """Takes more than half of the time."""

    def play(self, hop, heard):
        time.sleep(0.6 * self.hop_seconds)
        return super().play(hop, heard)


class Settable(EchoPerformer):
    """As dear as it has steps."""

    def weight(self, heard):
        return max(1.0, float(heard.controls["steps"]))


def opening(monkeypatch, kind, share: float) -> None:
    """Who opens anything gets a performer of the kind, which is found to take the share."""
    monkeypatch.setattr("sideman.serve.loader.open_performer", lambda asked, folders: kind(asked))
    monkeypatch.setattr("sideman.serve.loader._measure", lambda one: share * one.hop_seconds)


def test_who_would_make_the_others_late_is_refused_as_busy(on_loop, monkeypatch):
    opening(monkeypatch, EchoPerformer, 0.6)

    async def test():
        async with serving() as server:
            first, second = [await Client.connect("127.0.0.1", server.port) for _ in range(2)]
            await first.open(ECHO)
            why = "busy: the guests of now leave 20 % of the time and this one would take 60 %"
            with pytest.raises(ModelError, match=why):
                await second.open(ECHO)
            second.close()
            first.close()

    on_loop(test)


@pytest.mark.parametrize(("kind", "measured", "low", "high"), [
    (EchoPerformer, 0.7, 0.0, 0.7), (Slow, 0.01, 0.6, math.inf)
])  # fmt: skip
def test_what_hops_take_is_counted_once_they_were_played(
    on_loop, monkeypatch, kind, measured, low, high
):
    opening(monkeypatch, kind, measured)

    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            await client.open(ECHO)
            ((guest, _),) = server.guests.values()
            await play(client, 1, TELLING - 1)
            assert guest.share == pytest.approx(measured), "few hops tell nothing"
            await play(client, 1, 3, first=TELLING - 1)
            assert low <= guest.share < high and guest.share != pytest.approx(measured)
            await client.open(ECHO)
            assert low <= guest.share < high and guest.share != pytest.approx(measured), "the same again"
            await client.open(replace(ECHO, parts=("bass", "drums")))
            assert guest.share == pytest.approx(measured), "of another nobody knows"
            client.close()

    on_loop(test)


def in_batches_of_four(monkeypatch, share: float) -> None:
    """Every hop is answered as one of a batch that took this share of its time."""
    played = replace(Played(marked(1, 0), True, 0.0), together=4)

    def batch(self, jobs):
        thought = share * jobs[0].performer.hop_seconds
        for job in jobs:
            job.answer(replace(played, thought=thought))

    monkeypatch.setattr("sideman.serve.hop_worker.HopWorker._do", batch)


def test_of_a_batch_each_takes_his_part(on_loop, monkeypatch):
    opening(monkeypatch, Settable, 0.1)
    in_batches_of_four(monkeypatch, 0.8)

    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            await client.open(ECHO)
            ((guest, _),) = server.guests.values()
            for hop in range(TELLING + 1):
                await client.send(hop, heard(marked(1, hop), steps=1))
            assert guest.share == pytest.approx(0.2)
            client.close()

    on_loop(test)


def test_what_was_measured_in_a_busy_moment_counts_until_hops_were_played_for_others_too(
    on_loop, monkeypatch
):
    """Of a batch they are told the whole: one of them may come to play alone."""
    opening(monkeypatch, EchoPerformer, 0.9)
    in_batches_of_four(monkeypatch, 0.4)

    async def test():
        async with serving() as server:
            one, other = [await Client.connect("127.0.0.1", server.port) for _ in range(2)]
            await one.open(ECHO)
            for hop in range(TELLING):
                with pytest.raises(ModelError, match="busy: .* would take 90 %"):
                    await other.open(ECHO)
                await one.send(hop, heard(marked(1, hop)))
            await one.send(TELLING, heard(marked(1, TELLING)))
            hop_seconds = EchoPerformer(ECHO).hop_seconds
            assert (await other.open(ECHO))["thinking"] == pytest.approx(0.4 * hop_seconds)
            assert [guest.share for guest, _ in server.guests.values()] == pytest.approx([0.1, 0.4])
            with pytest.raises(ModelError, match="would take 90 %"):
                await other.open(replace(ECHO, hop=3))
            one.close()
            other.close()

    on_loop(test)


@pytest.mark.parametrize("weight", [1 / 18, 8.0])
def test_hops_that_are_set_otherwise_than_usual_tell_nothing_of_usual_ones(
    on_loop, monkeypatch, weight
):
    class Otherwise(EchoPerformer):
        def weight(self, heard):
            return weight

    opening(monkeypatch, Otherwise, 0.1)

    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            await client.open(ECHO)
            ((guest, _),) = server.guests.values()
            await play(client, 1, TELLING + 2)
            assert guest.share == pytest.approx(0.1 * max(1.0, weight))
            client.close()

    on_loop(test)


def test_who_plays_is_not_refused_when_he_begins_anew(on_loop, monkeypatch):
    """Though by what was measured when he came there would be no room for him any more."""
    opening(monkeypatch, EchoPerformer, 0.45)

    async def test():
        async with serving() as server:
            one, other = [await Client.connect("127.0.0.1", server.port) for _ in range(2)]
            await one.open(ECHO)
            await play(one, 1, TELLING + 2)
            # There is room: the one was seen to take next to nothing.
            await other.open(replace(ECHO, hop=3))
            await one.open(ECHO)
            with pytest.raises(ModelError, match="busy"):
                await one.open(replace(ECHO, parts=("bass", "drums")))
            one.close()
            other.close()

    on_loop(test)


def test_a_guest_keeps_his_turns_whatever_he_opens(on_loop):
    async def test():
        async with serving() as server:
            posted, post = [], server._worker.post
            server._worker.post = lambda job: (posted.append(job), post(job))
            clients = [await Client.connect("127.0.0.1", server.port) for _ in range(2)]
            for client in (clients[0], *clients):
                await client.open(ECHO)
                await play(client, 1, 1)
            again, one, other = (job.turns for job in posted)
            assert again is one is not other
            for client in clients:
                client.close()

    on_loop(test)


def test_who_asks_for_dearer_hops_than_there_is_room_for_is_told(on_loop, monkeypatch):
    opening(monkeypatch, Settable, 0.3)

    async def test():
        async with serving() as server:
            one, other = [await Client.connect("127.0.0.1", server.port) for _ in range(2)]
            await one.open(ECHO)
            alone = await one.send(0, heard(marked(1, 0), 5.0, steps=5))
            assert alone.audio.any(), "alone he may"
            await one.send(1, heard(marked(1, 1), 5.0))
            await other.open(ECHO)
            why = "busy: as it is set a hop takes 90 % .* leave 50 %"
            with pytest.raises(SidemanError, match=why):
                await one.send(2, heard(marked(1, 2), 5.0, steps=3))
            assert (await other.send(0, heard(marked(2, 0), 5.0, steps=1))).audio.any()
            await other.open(ECHO)  # what is refused takes nothing
            started = time.perf_counter()
            assert (await one.send(3, heard(marked(1, 3), 5.0))).audio.any(), "and so may he again"
            assert time.perf_counter() - started < 2.0, "at once"
            one.close()
            other.close()

    on_loop(test)


def test_guests_who_have_not_played_yet_are_counted_and_who_is_away_is_not(on_loop, monkeypatch):
    opening(monkeypatch, Settable, 0.3)

    async def test():
        async with serving() as server:
            clients = [await Client.connect("127.0.0.1", server.port) for _ in range(3)]
            await clients[0].open(ECHO)
            await clients[1].open(ECHO)
            with pytest.raises(ModelError, match="leave 20 %"):
                await clients[2].open(ECHO)
            await clients[1].open(ECHO)  # anew: his own share is his
            monkeypatch.setattr("sideman.serve.server.AWAY_SECONDS", 0.0)  # now everybody is
            await clients[2].open(ECHO)
            for client in clients:
                client.close()

    on_loop(test)
