"""How dear a model is: measured once, told at once, and anew where it would keep somebody out."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import replace

import pytest
from serving import ECHO, serving, soon

from sideman.errors import ModelError
from sideman.serve import loader
from sideman.serve.client import Client
from sideman.serve.opening import write_open
from sideman.serve.performers import Asked, EchoPerformer

OWN = replace(ECHO, hop=-1)  # the model's own hop


class Measured:
    """What is opened and measured, and how dear it is found: as a share of the time. Nothing is
    opened while the gate is closed."""

    def __init__(self, monkeypatch):
        self.opened: list[Asked] = []
        self.measured, self.share = 0, 0.5
        self.begun, self.gate = threading.Event(), threading.Event()
        self.gate.set()
        monkeypatch.setattr(loader, "open_performer", self._open)
        monkeypatch.setattr(loader, "_measure", self._measure)

    def _open(self, asked, folders):
        self.begun.set()
        assert self.gate.wait(20)
        if asked.model == "broken":
            raise ModelError("cannot open model broken: it is")
        self.opened.append(asked)
        return EchoPerformer(asked)

    def _measure(self, performer):
        self.measured += 1
        return self.share * performer.hop_seconds


@pytest.fixture
def models(monkeypatch) -> Measured:
    return Measured(monkeypatch)


@contextlib.asynccontextmanager
async def two_guests():
    async with serving() as server:
        clients = [await Client.connect("127.0.0.1", server.port) for _ in range(2)]
        for client in clients:
            client.guest = list(server.guests.values())[clients.index(client)][0]
        yield clients
        for client in clients:
            client.close()


@pytest.mark.parametrize("asked", [ECHO, OWN], ids=["hop", "own hop"])
def test_where_it_is_known_that_there_is_no_room_nothing_is_opened(on_loop, models, asked):
    async def test():
        async with two_guests() as (one, other):
            await one.open(asked)
            opened = len(models.opened)
            for _ in range(3):
                with pytest.raises(ModelError, match="busy: .* leave 30 % .* would take 50 %"):
                    await other.open(asked)
            assert (len(models.opened), models.measured) == (opened, 1)

    on_loop(test)


def test_what_was_measured_in_a_busy_moment_is_measured_anew_after_a_while(
    on_loop, models, monkeypatch
):
    async def test():
        async with two_guests() as (one, other):
            await one.open(ECHO)
            dear = replace(ECHO, parts=("bass", "drums"))
            with pytest.raises(ModelError, match="busy"):
                await other.open(dear)
            models.share = 0.2  # the machine has time again
            with pytest.raises(ModelError, match="busy"):
                await other.open(dear)
            monkeypatch.setattr(loader, "STALE_SECONDS", -1.0)  # as if the time had gone by
            assert (await other.open(dear))["thinking"] > 0
            assert models.measured == 3

    on_loop(test)


def test_who_has_room_is_never_measured_again(on_loop, models, monkeypatch):
    monkeypatch.setattr(loader, "STALE_SECONDS", -1.0)
    models.share = 0.3

    async def test():
        async with two_guests() as (one, other):
            for _ in range(3):
                for guest in (one, other):
                    await guest.open(ECHO)
            assert models.measured == 1
            assert len(models.opened) == 7, "each of the six, and once to measure"

    on_loop(test)


def test_the_models_own_hop_and_the_same_one_by_number_are_measured_once(on_loop, models):
    async def test():
        async with two_guests() as (one, _):
            own = (await one.open(OWN))["hop"]
            await one.open(replace(ECHO, hop=own))
            assert models.measured == 1

    on_loop(test)


def test_where_others_take_more_than_all_the_time_a_wrong_name_is_still_the_reason(on_loop, models):
    models.share = 2.0

    async def test():
        async with two_guests() as (one, other):
            await one.open(ECHO)  # alone he may
            with pytest.raises(ModelError, match="cannot open model broken"):
                await other.open(replace(ECHO, model="broken"))
            with pytest.raises(ModelError, match="busy: .* leave 0 % .* would take 200 %"):
                await other.open(replace(ECHO, hop=3))

    on_loop(test)


def test_of_the_streams_that_a_guest_asks_for_in_a_hurry_the_newest_is_opened(
    on_loop, models, monkeypatch
):
    models.share = 0.1
    models.gate.clear()
    submitted, submit = [], loader.ThreadPoolExecutor.submit

    def noted(pool, what, *more):
        if what.__name__ == "_run":
            submitted.append(more)
        return submit(pool, what, *more)

    monkeypatch.setattr(loader.ThreadPoolExecutor, "submit", noted)

    async def test():
        async with two_guests() as (one, other):
            def wish(serial: int) -> None:
                one.guest._open(write_open(replace(ECHO, seed=serial), serial, 0))

            wish(1)
            assert await soon(models.begun.is_set)
            for serial in range(2, 22):
                wish(serial)
            waiting = asyncio.create_task(other.open(replace(ECHO, seed=100)))
            assert await soon(lambda: other.guest.asked is not None)
            assert len(submitted) == 3, "what waits does not grow"
            models.gate.set()
            await waiting
            assert await soon(lambda: one.guest.performer is not None)
            assert list(dict.fromkeys(asked.seed for asked in models.opened)) == [1, 21, 100]

    on_loop(test)


def test_who_has_left_is_not_opened_for(on_loop, models):
    models.gate.clear()

    async def test():
        async with two_guests() as (one, other):
            one.guest._open(write_open(replace(ECHO, seed=1), 1, 0))
            assert await soon(models.begun.is_set)
            other.guest._open(write_open(replace(ECHO, seed=2), 1, 0))
            other.guest.leave()
            one.guest._open(write_open(replace(ECHO, seed=3), 2, 0))
            models.gate.set()
            assert await soon(lambda: one.guest.performer is not None)
            assert {asked.seed for asked in models.opened} == {1, 3}

    on_loop(test)
