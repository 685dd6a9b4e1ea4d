"""What a guest's stream hears of the hops that it does not play."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from serving import ECHO, heard, marked, serving, soon

from sideman.errors import SettingsError, SidemanError
from sideman.serve.client import Client
from sideman.serve.hops import CONTROLS, Heard
from sideman.serve.performers import Asked, EchoPerformer, ModelPerformer
from sideman.streaming.controls import Controls, Slot
from sideman.streaming.session import MOST_HEARD_AFTER

ASKED = Asked("mini", ("bass",), seed=5)
TOLD = {k: f.default for k, f in CONTROLS.items() if k not in ("bpm", "beat", "beats_per_bar")}
TOLD |= {"clock": None, "tags": (), "track": False, "steps": 1, "guidance": 1.0}
TOLD |= {"temperature": 1.0, "sampler": "euler"}
SAME = Controls(1, 1.0)


def music(performer, hop: int) -> np.ndarray:
    chance = np.random.default_rng(hop)
    return (0.1 * chance.standard_normal(performer.hop_samples)).astype(np.float32)


def told(performer, hop: int, **controls) -> Heard:
    return Heard(music(performer, hop)[None], 0.0, {**TOLD, **controls})


def expected(performer, hops: dict[int, list[int | None]]) -> np.ndarray:
    """The last of these hops as a session of one's own plays it: by hop, which hops' music came
    before it (None: silence)."""
    session, state = performer.session, performer.session.start(5)
    for hop, before in hops.items():
        silence = np.zeros(performer.hop_samples, np.float32)
        past = [silence if n is None else music(performer, n) for n in before]
        known = np.concatenate(past) if past else None
        audio, state = session.step(state, music(performer, hop), Slot(hop), SAME, before=known)
    return audio


@pytest.fixture
def performer() -> ModelPerformer:
    return ModelPerformer(ASKED)


def test_hops_that_came_and_were_not_played_are_heard_and_those_that_never_came_are_silence(
    performer,
):
    performer.play(0, told(performer, 0))
    for hop in (3, 1):  # in whichever order they came; hop 2 never did
        performer.hears(hop, told(performer, hop))
    performer.hears(2, Heard(np.ones((1, 5), np.float32), 0.0))  # which is no hop
    played = performer.play(4, told(performer, 4)).audio
    np.testing.assert_array_equal(played, expected(performer, {0: [], 4: [1, None, 3]}))
    silent = expected(performer, {0: [], 4: []})
    assert not np.array_equal(played, silent), "the hops before are heard in it"


def test_a_sketch_is_silent_where_it_does_not_come_any_more_and_is_seen_across_hops_left_out(
    performer,
):
    session, state = performer.session, performer.session.start(5)
    silence = np.zeros(performer.hop_samples, np.float32)
    shown = {hop: music(performer, 100 + hop) for hop in (1, 4, 5)}  # a silent one is not sent

    def played(hop: int) -> np.ndarray:
        rows = [music(performer, hop), *([shown[hop]] if hop in shown else [])]
        return performer.play(hop, Heard(np.stack(rows), 0.0, TOLD)).audio

    def alone(hop: int, before=None, sketch_before=None) -> np.ndarray:
        nonlocal state
        audio, state = session.step(
            state, music(performer, hop), Slot(hop), SAME, sketch=shown.get(hop, silence),
            before=before, sketch_before=sketch_before,
        )  # fmt: skip
        return audio

    for hop in (0, 1, 2):
        np.testing.assert_array_equal(played(hop), alone(hop))
    performer.hears(3, told(performer, 3))
    performer.hears(4, Heard(np.stack((music(performer, 4), shown[4])), 0.0))
    before = np.concatenate((music(performer, 3), music(performer, 4)))
    unseen, _ = session.step(
        state, music(performer, 5), Slot(5), SAME, sketch=shown[5], before=before
    )
    seen = alone(5, before, np.concatenate((silence, shown[4])))
    np.testing.assert_array_equal(played(5), seen)
    assert not np.array_equal(seen, unseen), "what was shown in the hop before counts"


def test_a_hop_that_fails_counts_as_heard(performer):
    performer.play(0, told(performer, 0))
    with pytest.raises(SettingsError, match="kazoo"):
        performer.play(1, told(performer, 1, tags=(("kazoo", 1.0),)))
    played = performer.play(2, told(performer, 2)).audio
    np.testing.assert_array_equal(played, expected(performer, {0: [], 2: [1]}))


def test_what_is_kept_is_bounded_whatever_comes(performer):
    most = (MOST_HEARD_AFTER + 1) * performer.hop_samples
    for hop in [*range(40), 3, 1 << 40, 41]:
        performer.hears(hop, told(performer, hop))
        assert sum(kept.size for kept in performer._came.values()) <= most
    assert performer.play(1 << 41, told(performer, 1)).audio.any()


def test_a_hop_that_comes_too_late_to_be_played_is_heard_by_the_next_one(on_loop):
    async def test():
        async with serving() as server:
            client = await Client.connect("127.0.0.1", server.port)
            await client.open(ASKED)
            ((guest, _),) = server.guests.values()
            own = ModelPerformer(ASKED)
            names = ("steps", "guidance", "temperature", "sampler")
            controls = {name: TOLD[name] for name in names}
            await client.send(0, heard(music(own, 0)[None], **controls))
            assert await soon(lambda: guest.channel.trip is not None)
            with pytest.raises(asyncio.CancelledError):
                await client.send(1, heard(music(own, 1)[None], within=-60.0, **controls))
            assert await soon(lambda: guest.figures.dropped == 1)
            played = await client.send(2, heard(music(own, 2)[None], **controls))
            np.testing.assert_array_equal(played.audio, expected(own, {0: [], 2: [1]}))
            client.close()

    on_loop(test)


def test_hops_that_are_overtaken_or_too_dear_are_heard_too(on_loop, monkeypatch):
    class Noting(EchoPerformer):
        hops: list[int] = []

        def hears(self, hop, heard):
            self.hops.append(hop)

        def weight(self, heard):
            return max(1.0, float(heard.controls["steps"]))

    monkeypatch.setattr("sideman.serve.loader.open_performer", lambda asked, folders: Noting(asked))
    monkeypatch.setattr("sideman.serve.loader._measure", lambda one: 0.3 * one.hop_seconds)

    async def test():
        async with serving() as server:
            one, other = [await Client.connect("127.0.0.1", server.port) for _ in range(2)]
            await one.open(ECHO)
            await other.open(ECHO)
            await one.send(1, heard(marked(1, 1)))
            late = one.send(0, heard(marked(1, 0), within=0.0))  # after the one that follows it
            assert await soon(lambda: Noting.hops == [0])
            with pytest.raises(SidemanError, match="busy"):
                await one.send(2, heard(marked(1, 2), steps=3))
            assert Noting.hops == [0, 2]
            await asyncio.wait([late])
            one.close()
            other.close()

    on_loop(test)
