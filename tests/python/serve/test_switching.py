"""A server that dies, stops, cannot be reached or cannot play, while the engine plays in real time."""

from __future__ import annotations

import signal
import threading
import time

import numpy as np
import pytest
import torch
from live_client import RATE, Recording, marked_noise, open_engine, play_live
from relay import Way
from running_server import running
from server_process import ServerProcess

from sideman import bridge
from sideman.playing.music import demo_path, load_music
from sideman.serve.performers import ModelPerformer

LEAD = 5
HOP = 4 * 2048
LONGEST = 40  # seconds until the server has to be back, on a busy machine


@pytest.fixture
def server():
    there = ServerProcess()
    yield there
    there.signal(signal.SIGCONT)
    there.end()


@pytest.fixture(scope="module")
def music() -> np.ndarray:
    music = load_music(demo_path()).mono
    return np.resize(music, LONGEST * RATE).astype(np.float32)


@pytest.fixture
def with_stand_in(monkeypatch):
    """Opens an engine at a port, and waits until the stand-in could play."""
    begun, reset = threading.Event(), bridge.Client.reset

    def noted(client, *plan, **seed):
        own = not hasattr(client, "_session")  # the first is the client's own, to be whole
        reset(client, *plan, **seed)
        if not own:
            begun.set()

    def opened(port: int):
        settings = {"model": "mini", "parts": ["bass"], "lead": LEAD, "steps": 2}
        engine = open_engine(port, backend="auto", host="127.0.0.1", **settings)
        assert engine.info()["backend"] == "remote"
        assert begun.wait(60)
        return engine

    monkeypatch.setattr(bridge.Client, "reset", noted)
    return opened


class Moments:
    """Calls a function once, as soon as the performance is that far."""

    def __init__(self, *calls):
        self._calls = list(calls)

    def __call__(self, seconds: float) -> None:
        while self._calls and seconds >= self._calls[0][0]:
            self._calls.pop(0)[1]()


class UntilItIsBack(Moments):
    """Moments, and then the end, once the server plays again for two seconds after the last one."""

    def __init__(self, engine, *calls):
        super().__init__(*calls)
        self._engine, self._gone, self._back = engine, False, 0.0

    def __call__(self, seconds: float) -> bool:
        super().__call__(seconds)
        if self._engine.info()["backend"] != "remote":
            self._gone, self._back = True, seconds
        return self._gone and not self._calls and seconds > self._back + 2.0


def who(recording: Recording) -> list[str]:
    """Who played, one after the other."""
    found = recording.backends[:1]
    for name in recording.backends:
        if name != found[-1]:
            found.append(name)
    return found


def jumps(samples: np.ndarray) -> np.ndarray:
    """How much each step is larger than all within a millisecond of it: what a cut has, and neither a
    smooth wave nor the noise of an attack."""
    steps = np.abs(np.diff(samples))
    around = np.lib.stride_tricks.sliding_window_view(np.pad(steps, 44), 44)
    before, after = around[: steps.size].max(axis=1), around[45:].max(axis=1)
    return steps - np.maximum(before, after)


def no_click(recording: Recording) -> bool:
    """Whether nothing near a change of player jumps more than the attack of an instrument does."""
    found = jumps(recording.played[0])
    near = np.zeros(found.size, bool)
    pairs = zip(recording.times, recording.backends, recording.backends[1:])
    for seconds, before, after in pairs:
        if before != after:
            near[int((seconds - 0.5) * RATE) : int((seconds + 1.0) * RATE)] = True
    return near.any() and found[near].max() <= 0.004


def test_a_cut_would_be_seen():
    tone = 0.03 * np.sin(2 * np.pi * 110 * np.arange(6 * RATE) / RATE).astype(np.float32)
    whole = Recording(tone, tone[None].copy())
    whole.times, whole.backends = [2.0, 3.0, 4.0], ["remote", "remote", "embedded"]
    assert no_click(whole)
    whole.played[0, int(3.2 * RATE) + 30 :] *= -1
    assert not no_click(whole)


def stood_in_for(recording: Recording, since: float) -> float:
    """Share of the hops that are played though the server is away, which it is from then on."""
    pairs = zip(recording.times, recording.backends, recording.backends[1:])
    until = max(seconds for seconds, *pair in pairs if pair == ["embedded", "remote"])
    first, last = (np.searchsorted(recording.times, seconds) for seconds in (since, until))
    lost = recording.lost[last] - recording.lost[first]
    return 1 - lost / ((until - since) * RATE / HOP)


def test_a_server_killed_is_stood_in_for_until_one_is_back(server, with_stand_in, music):
    engine = with_stand_in(server.port)
    after = []
    start = threading.Thread(target=lambda: after.append(ServerProcess(server.port)))
    recording = play_live(
        engine, music, UntilItIsBack(engine, (5.0, server.end), (8.0, start.start))
    )
    start.join()
    try:
        assert who(recording)[:2] == ["remote", "embedded"], recording.lines
        assert who(recording)[-1] == "remote", recording.lines
        assert no_click(recording)
        assert stood_in_for(recording, since=5.0) > 0.75, "most of the performance goes on"
        texts = [text for _, text in recording.lines]
        assert any("the embedded Python plays on" in text for text in texts)
        assert "the server plays again" in texts
    finally:
        after[0].end()
        del engine


def test_a_server_that_is_stopped_goes_on_where_the_music_is(server, with_stand_in, music):
    engine = with_stand_in(server.port)
    recording = play_live(
        engine, music,
        UntilItIsBack(engine, (4.0, lambda: server.signal(signal.SIGSTOP)),
                      (8.0, lambda: server.signal(signal.SIGCONT))),
    )  # fmt: skip
    assert who(recording)[:2] == ["remote", "embedded"], recording.lines
    assert who(recording)[-1] == "remote", recording.lines
    assert no_click(recording)
    assert stood_in_for(recording, since=4.0) > 0.75
    del engine


def test_without_a_stand_in_it_fades_to_silence_and_back(server):
    engine = open_engine(server.port, lead=LEAD)
    tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(10 * RATE) / RATE).astype(np.float32)
    recording = play_live(
        engine, tone,
        Moments((3.0, lambda: server.signal(signal.SIGSTOP)),
                (5.0, lambda: server.signal(signal.SIGCONT))),
    )  # fmt: skip
    fade = 0.3 * (2 * np.pi * 220 / RATE + np.pi / 2 / (0.01 * RATE))
    assert recording.largest_step() <= 1.01 * fade
    assert recording.strange_samples() == 0
    assert np.abs(recording.played[0][int(4.2 * RATE) : int(4.8 * RATE)]).max() == 0
    assert np.abs(recording.played[0][-RATE:]).max() > 0.29
    del engine


def test_a_cable_pulled_for_ten_seconds_loses_only_what_was_under_way():
    with running(Way()) as there:
        engine = open_engine(there.port, lead=LEAD)

        def cut(state: bool):
            return lambda: setattr(there.relay.way, "cut", state)

        recording = play_live(
            engine, marked_noise(16 * RATE), Moments((3.0, cut(True)), (13.0, cut(False)))
        )
        assert recording.strange_samples() == 0
        # Two hops after the way is whole at most: a hello, an open, and the hop itself.
        whole = 13.0 + (2 + 1.75 + 1.25) * HOP / RATE
        assert recording.silent_hops(whole, HOP) <= 2, "a busy machine may lose one"
        del engine


def test_a_server_on_another_port_is_played_with_after_port_and_load(server):
    other = ServerProcess()
    try:
        engine = open_engine(server.port, lead=LEAD)
        play_live(engine, marked_noise(RATE))
        server.end()
        engine.set("port", other.port)
        engine.load()
        assert engine.wait_loaded(20_000)
        recording = play_live(engine, marked_noise(4 * RATE))
        assert recording.strange_samples() == 0
        assert recording.silent_hops(1.0, HOP) <= 2, "a busy machine may lose one"
        del engine
    finally:
        other.end()


class ShiftedTime:
    """The clock of a machine that was started at another time, and runs fast."""

    @staticmethod
    def perf_counter() -> float:
        return 1.001 * time.perf_counter() + 1234567.0


def test_a_wrong_clock_of_the_server_changes_nothing(monkeypatch):
    for module in ("server", "hop_worker"):
        monkeypatch.setattr(f"sideman.serve.{module}.time", ShiftedTime)
    with running(Way(delay=0.01)) as there:
        engine = open_engine(there.port, lead=LEAD)
        recording = play_live(engine, marked_noise(6 * RATE))
        assert recording.strange_samples() == 0
        # By a clock that is misread all of them would be; a busy machine may lose a few.
        hops, lost = recording.on_time()
        assert lost <= hops / 4, recording.lines
        figures = next(iter(there.server.guests.values()))[0].figures
        assert figures.late + figures.dropped <= figures.hops / 4
        del engine


def test_a_model_without_memory_is_stood_in_for_meanwhile(monkeypatch, with_stand_in, music):
    full = []
    played = ModelPerformer.play

    def play(self, hop, heard):
        if full:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return played(self, hop, heard)

    monkeypatch.setattr(ModelPerformer, "play", play)
    with running() as there:
        engine = with_stand_in(there.port)
        recording = play_live(
            engine, music,
            UntilItIsBack(engine, (4.0, lambda: full.append(1)), (6.0, full.clear)),
        )
        assert who(recording)[:2] == ["remote", "embedded"], recording.lines
        assert who(recording)[-1] == "remote", recording.lines
        assert any("CUDA out of memory" in text for _, text in recording.lines)
        assert no_click(recording)
        del engine
