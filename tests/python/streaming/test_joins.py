"""The default model at its joins: from hop to hop, at new tags and new modes, nothing clicks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sideman.models.checkpoint import load_model
from sideman.playing.music import demo_path, load_music
from sideman.streaming.controls import Clock, Controls, Slot
from sideman.streaming.session import Session

HOPS = 48
MODES = {0: "accompany", 16: "delay", 28: "continue", 40: "accompany"}
SILENT = range(32, 40)


@pytest.fixture(scope="module")
def hops() -> np.ndarray:
    """Bass and piano to the demo, tags and modes changed on the way: [hops, 2, samples]."""
    model, music = load_model("mini"), load_music(demo_path())
    session = Session(model, ["bass", "piano"], 4, 3)
    state, played, mode = session.start(seed=1), [], "accompany"
    for hop in range(HOPS):
        start = hop * session.hop_samples
        second = (start + session.reaction_samples) / music.rate
        mode = MODES.get(hop, mode)
        told = Controls(
            2, model.spec.guidance, Clock(music.bpm, (second - music.downbeat_s) * music.bpm / 60),
            tags=(("dark" if hop < 8 else "bright", 1.0),), mode=mode, feedback=0.3,
        )
        heard = music.mono[start : start + session.hop_samples]
        if hop in SILENT:
            heard = np.zeros_like(heard)
        audio, state = session.step(state, heard, Slot(hop), replace(told, inertia=0.5))
        played.append(audio)
    return np.stack(played)


def test_no_step_at_a_join_is_larger_than_those_inside_of_hops(hops):
    for part in range(hops.shape[1]):
        inside = np.abs(np.diff(hops[:, part], axis=1)).max()
        joins = np.abs(hops[1:, part, 0] - hops[:-1, part, -1])
        assert inside > 1e-3, "it plays"
        assert joins.max() <= inside


def test_the_curve_bends_no_more_at_a_join_than_inside_of_hops(hops):
    """A click that hides in a small step shows in the second difference."""
    for part in range(hops.shape[1]):
        whole = np.abs(np.diff(hops[:, part].reshape(-1), n=2))
        near = np.zeros(len(whole), bool)
        for join in range(hops.shape[2], hops[:, part].size, hops.shape[2]):
            near[join - 3 : join + 2] = True
        assert whole[near].max() <= whole[~near].max()


def test_it_never_clips(hops):
    assert np.abs(hops).max() < 1
