"""A session whose model lies on another device: nothing that it computes with is left behind.

There is no GPU here; torch's `meta` device has no data, but refuses to compute across devices.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_model import small_model
from small_window import small_window_model

from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import Clock, Slot, usual_controls
from sideman.streaming.sessions import open_session
from sideman.streaming.state import _leaves


@pytest.fixture
def elsewhere(monkeypatch):
    """What comes back from the device is silence."""
    plain = torch.Tensor.cpu

    def fetched(tensor):
        return torch.zeros(tensor.shape) if tensor.device.type == "meta" else plain(tensor)

    monkeypatch.setattr(torch.Tensor, "cpu", fetched)

    def moved(model: LoadedModel) -> LoadedModel:
        return replace(model, codec=model.codec.to("meta"), network=model.network.to("meta"))

    return moved


def play(session, told):
    state = session.start(seed=1)
    audio = np.random.default_rng(0).standard_normal(session.hop_samples).astype(np.float32)
    hop = 0
    for controls, missed in told:
        hop += missed
        sound, state = session.step(state, audio, Slot(hop), controls, sketch=audio)
        assert sound.shape == (len(session.parts), session.hop_samples)
        hop += 1
    return state


def test_the_block_family_leaves_nothing_behind_in_any_mode(elsewhere):
    model = elsewhere(small_model())
    plain = usual_controls(model.spec, guidance=2.0)
    told = [
        (plain, 0), (replace(plain, clock=Clock(bpm=120, beat=1.5)), 0),
        (replace(plain, tags=(("dark", 1.0),)), 2), (replace(plain, mode="delay", feedback=0.5), 0),
        (replace(plain, mode="continue"), 0), (replace(plain, track=True), 0),
    ]  # fmt: skip
    state = play(open_session(model, ["bass", "drums"], 4, 3), told)
    here = {name for name, leaf in _leaves(state) if torch.is_tensor(leaf) and not leaf.is_meta}
    assert all(name.startswith(("state.own", "state.tracker")) for name in here)


def test_the_window_family_leaves_nothing_behind(elsewhere):
    model = elsewhere(small_window_model())
    plain = usual_controls(model.spec)
    state = play(open_session(model, ["bass", "drums"], 4, 4), [(plain, 0), (plain, 2), (plain, 0)])
    assert all(leaf.is_meta for _, leaf in _leaves(state) if torch.is_tensor(leaf))
