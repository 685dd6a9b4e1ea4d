"""Heard mixes: as loud as what they are made of, finite, different each time, silent when alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.data.mixing import heard_mix

RATE = 44100


def sounds(count: int, seconds: float = 1.5) -> list[np.ndarray]:
    rng = np.random.default_rng(count)
    return [
        0.1 * rng.standard_normal(int(seconds * RATE)).astype(np.float32) for _ in range(count)
    ]


@settings(max_examples=40)
@given(st.integers(1, 3), st.integers(0, 10_000))
def test_a_mix_is_as_loud_as_some_of_the_others_within_their_levels(count: int, seed: int) -> None:
    others = sounds(count)
    mix = heard_mix(np.random.default_rng(seed), others, len(others[0]), RATE)
    assert mix.dtype == np.float32 and mix.shape == others[0].shape
    assert np.isfinite(mix).all()
    level = float(np.sqrt(np.square(mix).mean()))
    assert 0.1 * 10 ** (-6 / 20) * 0.4 < level < 0.1 * 10 ** (6 / 20) * np.sqrt(count) * 1.01


def test_the_same_seed_mixes_alike_and_another_does_not() -> None:
    others = sounds(3)
    first, again, other = (
        heard_mix(np.random.default_rng(seed), others, len(others[0]), RATE) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_nobody_else_is_silence() -> None:
    assert not heard_mix(np.random.default_rng(0), [], 100, RATE).any()


def test_a_room_rings_on_after_the_sound_and_colour_changes() -> None:
    click = np.zeros(RATE, np.float32)
    click[1000] = 0.5
    tails, colours = [], []
    for seed in range(40):
        mix = heard_mix(np.random.default_rng(seed), [click], RATE, RATE)
        tails.append(np.abs(mix[3000:9000]).max() > 1e-4)
        spectrum = np.abs(np.fft.rfft(mix[900:1200]))
        colours.append(spectrum[100:].mean() / spectrum[:10].mean())
    assert 10 < sum(tails) < 30
    assert max(colours) > 1.5 * min(colours)


def test_one_of_several_is_away_now_and_then() -> None:
    low, high = (
        np.sin(2 * np.pi * hertz * np.arange(8 * RATE) / RATE).astype(np.float32) * 0.1
        for hertz in (110, 3520)
    )
    away = 0
    for seed in range(60):
        mix = heard_mix(np.random.default_rng(seed), [low, high], len(low), RATE)
        seconds = mix.reshape(16, -1)
        parts = np.abs(np.fft.rfft(seconds))[:, [55, 1760]]
        away += bool((parts.min(0) < 0.05 * parts.max(0)).any() and (parts.max(0) > 1).all())
    assert 3 < away < 30
