"""What a model gives that is no sound stays out of what is remembered, in both families."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_model import small_model
from small_window import small_window_model

from sideman.errors import ModelError
from sideman.serve import hop_worker
from sideman.serve.hop_worker import Job, Turns
from sideman.serve.hops import CONTROLS, Heard
from sideman.serve.performers import Asked, ModelPerformer
from sideman.streaming.controls import Controls, Slot
from sideman.streaming.sessions import open_session
from sideman.streaming.state import _leaves

FAMILIES = {
    "block": (small_model, Controls(2, 1.0)),
    "window": (small_window_model, Controls(2, 1.0, sampler="consistency")),
}


@pytest.fixture(params=FAMILIES)
def family(request):
    """A session whose codec can be made to fail, and its controls."""
    model, controls = FAMILIES[request.param]
    return open_session(model(), ["bass"], 4, 4), controls


def music(session, hop: int) -> np.ndarray:
    return np.random.default_rng(hop).standard_normal(session.hop_samples).astype(np.float32)


def played(session, controls, hops, state=None):
    state = session.start(1) if state is None else state
    for hop in hops:
        audio, state = session.step(state, music(session, hop), Slot(hop), controls)
    return audio, state


def leaves(state) -> dict:
    return {n: v.clone() if torch.is_tensor(v) else v for n, v in _leaves(state)}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("where", ["limit", "decode"])
def test_a_hop_that_is_no_sound_fails_alone(family, monkeypatch, value, where):
    session, controls = family
    _, state = played(session, controls, range(3))
    before = leaves(state)
    codec = type(session.model.codec)
    limit, decode = codec.limit, codec.decode

    def spoilt_decode(self, latents, decoder):
        audio, after = decode(self, latents, decoder)
        return audio * value, after

    if where == "limit":
        monkeypatch.setattr(codec, "limit", lambda self, latents: limit(self, latents) * value)
        bounded = lambda self, *told: (torch.zeros(1, session.hop_samples), told[1])  # noqa: E731
        monkeypatch.setattr(codec, "decode", bounded)  # as one that hides it
    else:
        monkeypatch.setattr(codec, "decode", spoilt_decode)
    with pytest.raises(ModelError, match="hop 3: the model gave values that are not sound"):
        played(session, controls, [3], state)
    monkeypatch.undo()
    for name, leaf in leaves(state).items():
        assert torch.equal(leaf, before[name]) if torch.is_tensor(leaf) else leaf == before[name]
    audio, _ = played(session, controls, [4], state)
    assert np.isfinite(audio).all() and audio.any()


def test_of_those_who_share_a_batch_only_the_one_without_sound_fails():
    told = {k: f.default for k, f in CONTROLS.items() if k not in ("bpm", "beat", "beats_per_bar")}
    told |= {"clock": None, "tags": (), "steps": 1, "guidance": 1.0, "track": False}
    one, other, alone = (ModelPerformer(Asked("mini", ("bass",))) for _ in range(3))
    heard = Heard(0.1 * music(one, 0)[None], 0.0, told)
    for performer in (one, other, alone):
        performer.play(0, heard)
    memory = other.state.memory
    other.state = replace(other.state, memory=replace(memory, played=memory.played * float("nan")))
    kept = other.state
    jobs = [Job(Turns(), who, 1, heard, 0.0, 1e12, print) for who in (one, other)]
    played, failed = hop_worker._played(jobs)
    assert np.array_equal(played.audio, alone.play(1, heard).audio)
    assert "hop 1: the model gave values that are not sound" in failed and other.state is kept
