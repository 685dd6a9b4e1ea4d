"""Guests of one model are played in one batch, each as if he were alone."""

from __future__ import annotations

import threading
import time
import weakref

import numpy as np
import pytest
from clicks import drums, steady

from sideman.serve import hop_worker
from sideman.serve.hop_worker import HopWorker, Job, Turns
from sideman.serve.hops import CONTROLS, Heard
from sideman.serve.performers import Asked, ModelPerformer, play_together

TOLD = {k: f.default for k, f in CONTROLS.items() if k not in ("bpm", "beat", "beats_per_bar")}
TOLD |= {"clock": None, "tags": (), "steps": 1, "guidance": 1.0, "track": False}


def heard(performer: ModelPerformer, seed: int, **told) -> Heard:
    chance = np.random.default_rng(seed)
    audio = 0.1 * chance.standard_normal((1, performer.hop_samples)).astype(np.float32)
    return Heard(audio, 0.0, {**TOLD, **told})


def performers(count: int) -> list[ModelPerformer]:
    return [ModelPerformer(Asked("mini", ("bass",), seed=seed)) for seed in range(count)]


def test_a_batch_plays_what_each_would_have_played_alone():
    together, alone = performers(3), performers(3)
    for hop in range(3):
        told = [heard(one, 10 * seed + hop) for seed, one in enumerate(together)]
        answers = play_together([(one, hop, h) for one, h in zip(together, told)])
        for one, h, answer in zip(alone, told, answers):
            expected = one.play(hop, h)
            scale = np.abs(expected.audio).max() + 1e-3
            assert np.abs(answer.audio - expected.audio).max() < 0.05 * scale
            assert answer.continues == expected.continues == (hop > 0)


def test_a_guest_that_tracks_is_told_the_beat_that_its_session_hears():
    (one,) = performers(1)
    audio = drums(steady(110, 12), 12)
    hops = len(audio) // one.hop_samples
    beats = []
    for hop in range(hops):
        music = audio[hop * one.hop_samples :][: one.hop_samples]
        told = {**TOLD, "track": hop < hops - 1}
        beats.append(one.play(hop, Heard(music[None].astype(np.float32), 0.0, told)).clock)
    bpm, _, _, confidence = beats[-2]
    assert bpm == pytest.approx(110, rel=0.03) and confidence > 0.5
    assert beats[-1] is None, "who does not track is told nothing"


@pytest.mark.parametrize(("wrong", "batches"), [(2, [4, 2, 2]), (None, [4])])
def test_hops_that_wait_are_one_batch_and_a_wrong_one_spoils_only_itself(
    monkeypatch, wrong, batches
):
    sizes = []

    def counted(asked):
        sizes.append(len(asked))
        return play_together(asked)

    monkeypatch.setattr(hop_worker, "play_together", counted)
    first, *rest = performers(5)
    answers, done, gate = {}, threading.Semaphore(0), threading.Event()
    play = ModelPerformer.play
    monkeypatch.setattr(
        ModelPerformer, "play", lambda self, hop, h: (gate.wait(5), play(self, hop, h))[1]
    )
    worker = HopWorker()
    for number, one in enumerate([first, *rest]):
        told = {"tags": (("kazoo", 1.0),)} if number == wrong else {}

        def answer(played, number=number):
            answers[number] = played
            done.release()

        worker.post(Job(Turns(), one, 0, heard(one, number, **told), 0.0, 1e12, answer))
        if number == 0:
            while worker._jobs:
                time.sleep(0.001)
    gate.set()
    for _ in range(5):
        assert done.acquire(timeout=20)
    worker.close()
    assert sizes == batches
    for number, answer in answers.items():
        if number == wrong:
            assert "kazoo" in answer
            continue
        assert answer.audio.shape == (1, first.hop_samples)
        # A batch that failed is played in halves.
        others = {None: 4, 2: 2 if number > 2 else 1}[wrong]
        assert answer.together == (others if number else 1)


def test_a_batch_too_large_for_the_memory_is_played_in_halves_once_it_has_let_go_of_its_own(
    monkeypatch
):
    class Tensor:
        pass

    held, sizes = weakref.WeakSet(), []

    def full(asked):
        assert not held, "of the batch that failed"
        sizes.append(len(asked))
        made = Tensor()
        held.add(made)
        if len(asked) > 2:
            raise MemoryError("CUDA out of memory")
        return play_together(asked)

    monkeypatch.setattr(hop_worker, "play_together", full)
    jobs = [
        Job(Turns(), one, 0, heard(one, number), 0.0, 1e12, print)
        for number, one in enumerate(performers(8))
    ]
    played = hop_worker._played(jobs)
    assert sizes == [8, 4, 2, 2, 4, 2, 2]
    assert [answer.together for answer in played] == [2] * 8


@pytest.mark.parametrize("samples", [0, 5])
def test_a_hop_of_the_wrong_length_is_refused(samples):
    from sideman.errors import SettingsError

    (one,) = performers(1)
    with pytest.raises(SettingsError, match="open the session anew"):
        one.play(0, Heard(np.zeros((1, samples), np.float32), 0.0, TOLD))
