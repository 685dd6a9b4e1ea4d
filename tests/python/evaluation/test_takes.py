"""Takes played together: each aligned with what it heard, as if it had been alone."""

from __future__ import annotations

import numpy as np
import pytest
from small_model import small_model

from sideman.evaluation.takes import Asked, play_together
from sideman.streaming.controls import Controls, Slot
from sideman.streaming.session import Session


class Beats:
    """A piece as far as a clock needs one."""

    sample_rate, beats_per_bar, beat_known = 1600, 4, True

    def beat_at(self, sample):
        return sample / 800

    def bpm_at(self, sample):
        return 120.0


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(small_model(), ["bass"], 4, 3)


def heard(seed: int, samples: int = 1000) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(samples).astype(np.float32)


def test_takes_sound_as_each_alone_and_as_long_as_what_they_heard(session):
    asked = [
        Asked(session, Beats(), heard(1), lambda _: Controls(2, 1.0)),
        Asked(session, Beats(), heard(2, 700), lambda _: Controls(2, 2.0), seed=3),
        Asked(session, Beats(), heard(1), lambda _: Controls(1, 1.0), sketch=heard(5)),
    ]
    played = play_together(asked)
    assert [len(audio) for audio in played] == [1000, 700, 1000]
    for take, audio in zip(asked, played):
        np.testing.assert_allclose(play_together([take])[0], audio, atol=1e-5)
        assert not audio[: session.reaction_samples].any()
        assert audio.any()


def test_controls_change_with_the_second_of_the_slot(session):
    seconds = []

    def controls(second: float) -> Controls:
        seconds.append(second)
        return Controls(1, 1.0)

    play_together([Asked(session, Beats(), heard(1), controls)])
    hop = session.hop_samples / 1600
    assert seconds[0] == pytest.approx(session.reaction_samples / 1600)
    assert np.allclose(np.diff(seconds), hop)


def test_the_clock_is_that_of_the_piece(session):
    (one,) = play_together([Asked(session, Beats(), heard(1), lambda _: Controls(1, 1.0))])
    state, played = session.start(), np.zeros(1000, np.float32)
    from sideman.evaluation.takes import transport

    for hop_id, start in enumerate(range(0, 1000 - session.reaction_samples, 64)):
        slot = start + session.reaction_samples
        told = Controls(1, 1.0, transport(Beats(), slot))
        audio, state = session.step(state, heard(1)[start : start + 64], Slot(hop_id), told)
        played[slot : slot + 64] = audio[0][: len(played[slot : slot + 64])]
    np.testing.assert_allclose(one, played, atol=1e-6)
