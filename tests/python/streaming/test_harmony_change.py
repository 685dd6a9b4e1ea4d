"""How much the harmony changes: chords that change stand out, drums and silence do not."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import RATE, chords, drums, steady

from sideman.streaming.harmony_change import (
    CLASSES,
    chroma,
    chroma_frames,
    chroma_tail,
    harmony_change,
)
from sideman.streaming.onset_envelope import ENVELOPE_HOP

SECONDS = 8.0
C_MAJOR, F_MAJOR = (60, 64, 67), (65, 69, 72)


def classes_of(audio: np.ndarray, rate: int = RATE) -> np.ndarray:
    """Chroma of all of it, after silence."""
    frames = len(audio) // ENVELOPE_HOP
    heard = np.pad(audio[: frames * ENVELOPE_HOP], (chroma_tail(rate), 0)).astype(np.float32)
    return np.pad(chroma(heard, rate), ((chroma_frames(rate), 0), (0, 0)))


def change_of(audio: np.ndarray) -> np.ndarray:
    return harmony_change(classes_of(audio), RATE)


def frame_at(seconds: float) -> int:
    return round(seconds * RATE / ENVELOPE_HOP)


def test_a_chord_is_heard_in_its_pitch_classes() -> None:
    heard = classes_of(chords([(0.0, C_MAJOR)], 2.0))[frame_at(1.5)]
    assert set(np.argsort(heard)[-3:]) == {0, 4, 7}


def test_a_change_of_chord_stands_out_soon_after_it_and_is_over() -> None:
    change = change_of(chords([(0.0, C_MAJOR), (4.0, F_MAJOR)], SECONDS))
    best = int(change.argmax())
    assert frame_at(4.0) < best < frame_at(4.4)
    assert change[best] > 0.5
    assert change[frame_at(1.0) : frame_at(3.9)].max() < 0.05
    assert change[frame_at(5.0) :].max() < 0.05


def test_the_same_chord_struck_again_is_no_change() -> None:
    again = chords([(0.5 * n, C_MAJOR) for n in range(16)], SECONDS)
    other = chords([(0.5 * n, (C_MAJOR, F_MAJOR)[n % 2]) for n in range(16)], SECONDS)
    assert change_of(again)[frame_at(1.0) :].mean() < 0.1 * change_of(other)[frame_at(1.0) :].mean()


def test_drums_change_little_beside_chords() -> None:
    beats = steady(120, SECONDS)
    moving = chords([(0.5 * n, (C_MAJOR, F_MAJOR)[n % 2]) for n in range(16)], SECONDS)
    only, both = change_of(drums(beats, SECONDS)), change_of(moving + drums(beats, SECONDS))
    assert only[frame_at(1.0) :].mean() < 0.5 * both[frame_at(1.0) :].mean()


@pytest.mark.parametrize("gain", [0.0, 1e-7, 1e4])
def test_silence_and_any_level_give_finite_figures(gain: float) -> None:
    noise = gain * np.random.default_rng(0).standard_normal(2 * RATE)
    change = change_of(noise.astype(np.float32))
    assert np.isfinite(change).all()
    assert ((change >= 0) & (change <= 2)).all()
    assert gain > 0 or change.max() == 0.0


def test_it_does_not_matter_how_the_frames_are_cut() -> None:
    classes = classes_of(chords([(0.0, C_MAJOR), (1.0, F_MAJOR)], 2.0))
    before = chroma_frames(RATE)
    pieces = [
        harmony_change(classes[start : start + before + 4], RATE)
        for start in range(0, len(classes) - before - 3, 4)
    ]
    whole = harmony_change(classes, RATE)[: 4 * len(pieces)]
    assert np.allclose(np.concatenate(pieces), whole, atol=1e-6)


@pytest.mark.parametrize("rate", [22050, 48000, 96000])
def test_it_serves_any_rate(rate: int) -> None:
    audio = chords([(0.0, C_MAJOR), (1.0, F_MAJOR)], 2.0, rate)
    classes = classes_of(audio, rate)
    assert classes.shape[1] == CLASSES
    change = harmony_change(classes, rate)
    assert 1.0 < int(change.argmax()) * ENVELOPE_HOP / rate < 1.4
