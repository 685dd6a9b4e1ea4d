"""Playing without a host: what is said of the beat is said at its sample."""

from __future__ import annotations

import numpy as np
import pytest

from sideman import _core
from sideman.playing import own_host
from sideman.playing.music import Music
from sideman.playing.performance import Request

SECONDS = 1.0


class Engine:
    """Counts the samples that it has heard; its sound is the music itself."""

    last: Engine

    def __init__(self, settings):
        self.heard: list[np.ndarray] = []
        self.said: dict[str, int] = {}
        Engine.last = self

    def prepare(self, rate, vector):
        self.vector = vector

    def reset(self):
        self.heard.clear()

    def process(self, vector):
        assert 0 < vector.shape[1] <= self.vector
        self.heard.append(vector[0])
        return vector

    def beat(self, number):
        self.said[f"beat {number}"] = sum(map(len, self.heard)) - own_host.VECTOR  # of silence before

    def info(self):
        return {"state": "ready", "latency_samples": 4321}

    def stats(self):
        counted = ("hops", "late", "missed", "failed", "latency_p50_ms", "latency_p95_ms", "latency_max_ms")
        return dict.fromkeys(counted, 0)

    def poll(self):
        return []

    def wait_loaded(self, ms):
        return True

    def load(self): ...
    def meter(self, beats): ...
    def tempo(self, bpm): ...
    def wait_idle(self, ms): ...


@pytest.fixture
def played(monkeypatch, tmp_path):
    monkeypatch.setattr(_core, "Engine", Engine)

    def play(rate=44100, **clock):
        sound = np.random.default_rng(0).uniform(-1, 1, (1, int(rate * SECONDS))).astype(np.float32)
        request = Request(Music(tmp_path / "in.wav", sound, rate, **clock), ("bass",))
        performance = own_host.perform(request, lambda tick: None, fast=True)
        np.testing.assert_array_equal(performance.parts[0][: sound.size], sound[0])
        assert performance.parts.shape[1] == sound.size + 4321 + rate // 4
        return Engine.last.said

    return play


@pytest.mark.parametrize("rate", [44100, 96000])
@pytest.mark.parametrize("downbeat_s", [0.0, 512 / 44100, 0.25, 0.3, 0.98765])
def test_the_downbeat_is_said_at_its_sample_and_nothing_is_played_twice(played, rate, downbeat_s):
    said = played(rate, bpm=96.0, downbeat_s=downbeat_s)
    assert said == {"beat 1": round(downbeat_s * rate)}


def test_a_downbeat_before_the_music_is_said_at_its_start(played):
    assert played(bpm=96.0, downbeat_s=-0.1) == {"beat 1": 0}


def test_a_downbeat_after_the_end_and_one_that_nobody_knows_are_not_said(played):
    assert played(bpm=96.0, downbeat_s=60.0) == {}
    assert played() == {}
