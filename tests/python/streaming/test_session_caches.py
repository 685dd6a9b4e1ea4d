"""Caches in a performance: whatever is cached, batched, saved or asked anew gives the same music."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_model import PARTS, small_model

from sideman.errors import ModelError
from sideman.models import kv_cache
from sideman.models.conditions import Conditions
from sideman.streaming.controls import Clock, Controls, Slot
from sideman.streaming.memory import Memory
from sideman.streaming.session import Call, Session
from sideman.streaming.state import SessionState, _leaves, _map

HOP = 64
FEW = settings(max_examples=12, derandomize=True)


def music(hop: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, hop]).standard_normal(HOP).astype(np.float32)


def controls(hop: int, **changes) -> Controls:
    clock = Clock(120.0, 0.4 * hop)
    return replace(Controls(2, 1.0, clock), **changes)


def uncached(session: Session, noise: torch.Tensor, memory: Memory, steps: int) -> torch.Tensor:
    """The newest block of a memory by the uncached window, by hand: [P, D, hop]."""
    network = session.model.network
    told: Conditions = memory.conditions(session.part_rows, session.lead_rows, None)
    before = memory.frames - session.hop_frames
    clean, known = memory.played[..., :before], memory.known[:, :before]
    x = noise
    times = torch.linspace(1, 0, steps + 1, dtype=torch.float64)
    times = (1 - (1 - times).square()).tolist()
    for t, following in zip(times, times[1:]):
        rows = torch.full((len(x),), t)
        v = network.window(clean, known, x, rows, told)
        v = (x - session.model.codec.limit(x - t * v)) / t
        x = x + (following - t) * v
    return x


@FEW
@given(
    regime=st.sampled_from(["block_causal", "enc_dec"]),
    hearing=st.sampled_from(["delayed", "cutoff"]),
    lead=st.integers(-4, 8),
    band=st.integers(1, 4),
    parts=st.integers(1, 3),
    change=st.integers(2, 11),
)
@example(regime="block_causal", hearing="cutoff", lead=-4, band=3, parts=1, change=5)
@torch.no_grad()
def test_a_performance_equals_the_uncached_window_through_ejection_and_new_tags(
    regime, hearing, lead, band, parts, change
):
    """Twelve hops, new music in each, the tags changed on the way, guided or not by turns; every block
    that is not guided computed anew from all that has happened since the last beginning."""
    leads = (-4, 8)
    model = small_model(regime=regime, hearing=hearing, context_frames=4 * band, leads=leads)
    session = Session(model, PARTS[:parts], 4, lead)
    state, network = session.start(seed=1), model.network
    if network.config.caches:
        session.memory_frames = 10_000  # keep all: a cache outlives the window
    for hop in range(12):
        tag = "dark" if hop < change else "bright"
        guidance = 1.0 + (hop % 3 == 1)
        told = controls(hop, tags=((tag, 1.0),), inertia=1.0, guidance=guidance)
        heard = torch.from_numpy(music(hop))
        placed = session._place(Call(session, state, heard.numpy(), Slot(hop), told))
        begun = placed.work.state
        _, state = session.step(state, heard.numpy(), Slot(hop), told)
        if guidance > 1:
            continue
        expected = uncached(session, placed.work.noise(0), begun.memory, told.steps)
        played = state.memory.played[..., -4:]
        torch.testing.assert_close(played, expected, atol=1e-5, rtol=1e-4)


@FEW
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([1.0, 2.0]), st.integers(1, 2)),
        min_size=2, max_size=5,
    ),
    st.sampled_from(["block_causal", "enc_dec"]),
)
@torch.no_grad()
def test_sessions_played_together_sound_as_each_alone(asked, regime):
    """Other parts, guidance, steps and tags; what can share a batch does."""
    model = small_model(regime=regime)
    sessions = [Session(model, PARTS[: 1 + parts % 3], 4, 3) for parts, _, _ in asked]
    states = [session.start(seed) for seed, session in enumerate(sessions)]
    alone = list(states)
    for hop in range(5):
        calls = [
            Call(s, state, music(hop, n), Slot(hop), controls(hop, guidance=guidance, steps=steps))
            for n, (s, state, (_, guidance, steps)) in enumerate(zip(sessions, states, asked))
        ]
        answers = Session.step_together(calls)
        states = [state for _, state in answers]
        for n, call in enumerate(calls):
            audio, alone[n] = sessions[n].step(alone[n], call.heard, call.slot, call.controls)
            np.testing.assert_allclose(answers[n][0], audio, atol=1e-5)


@pytest.mark.parametrize("other", [{"growing": 1.0}, {"schedule": "uniform"}])
def test_sessions_whose_models_differ_in_more_than_the_network_play_their_own(other):
    model = small_model()
    models = (model, replace(model, spec=replace(model.spec, **other)))
    sessions = [Session(one, ["bass"], 4, 3) for one in models]
    calls = [
        Call(one, one.start(n), music(0, n), Slot(0), controls(0, guidance=2.0))
        for n, one in enumerate(sessions)
    ]
    for call, (audio, _) in zip(calls, Session.step_together(calls), strict=True):
        alone, _ = call.session.step(call.state, call.heard, call.slot, call.controls)
        np.testing.assert_allclose(audio, alone, atol=1e-5)


@torch.no_grad()
def test_sessions_that_join_and_part_again_and_again_are_hardly_ever_turned(monkeypatch):
    """Three that began at other times, of which two play together and one alone, in turn: each turn
    would be one more rounding of keys that are kept in bfloat16."""
    model, turns = small_model(), []
    rotate = kv_cache.rotate
    monkeypatch.setattr(kv_cache, "rotate", lambda *told: turns.append(0) or rotate(*told))
    sessions = [Session(model, [part], 4, 3) for part in PARTS[:3]]
    states = [session.start(seed) for seed, session in enumerate(sessions)]
    alone, hops = list(states), [0, 0, 0]

    def play(members):
        calls = [
            Call(sessions[n], states[n], music(hops[n], n), Slot(hops[n]), controls(hops[n]))
            for n in members
        ]
        for n, call, (audio, state) in zip(members, calls, Session.step_together(calls)):
            expected, alone[n] = sessions[n].step(alone[n], call.heard, call.slot, call.controls)
            np.testing.assert_allclose(audio, expected, atol=1e-5)
            states[n], hops[n] = state, hops[n] + 1

    for n, begun_before in enumerate((5, 8, 13)):
        for _ in range(begun_before):
            play([n])
    assert len({state.cache.first for state in states}) == 3
    for hop in range(40):
        apart = hop % 3
        play([n for n in range(3) if n != apart])
        play([apart])
    assert 2 <= len(turns) <= 4


def test_equal_sessions_are_one_call_of_the_network(monkeypatch):
    model = small_model()
    sessions = [Session(model, ["bass"], 4, 3) for _ in range(4)]
    calls = []
    whole = model.network.trunk

    def counted(x, *rest):
        calls.append(len(x))
        return whole(x, *rest)

    monkeypatch.setattr(model.network, "trunk", counted)
    Session.step_together(
        [Call(s, s.start(n), music(0, n), Slot(0), controls(0)) for n, s in enumerate(sessions)]
    )
    assert calls == [4, 4], "two steps of four rows"


@pytest.mark.parametrize("mode", ["accompany", "continue", "delay"])
def test_saved_loaded_and_continued_is_never_interrupted(tmp_path, mode):
    session = Session(small_model(), ["bass", "piano"], 4, 3)

    def step(state, hop):
        told = controls(hop, mode=mode, guidance=2.0, tags=(("dark", 1.0),), feedback=0.3)
        heard = music(hop) if hop % 5 else np.zeros(HOP, np.float32)
        return session.step(state, heard, Slot(hop), told, sketch=music(hop, 9))

    state = session.start(seed=2)
    for hop in range(6):
        _, state = step(state, hop)
    state.save(tmp_path / "state.safetensors", session.facts)
    other = SessionState.load(tmp_path / "state.safetensors", session.start(), session.facts)
    for hop in range(6, 12):
        one, state = step(state, hop)
        two, other = step(other, hop)
        assert np.array_equal(one, two)
    assert state.same_as(other)


LEAVES = {  # what a damaged file may hold in the place of what was saved
    "a number for a tensor": ("state.own", 1.0),
    "a tensor for a number": ("state.next_hop", torch.zeros(1)),
    "a word for a number": ("state.silent", "many"),
    "a fraction for a count": ("state.open_frames", 1.5),
    "a flag for a count": ("state.seed", True),
    "whole numbers": ("state.memory.played", torch.zeros(2, 6, 12, dtype=torch.int64)),
    "other channels": ("state.memory.played", torch.zeros(2, 5, 12)),
    "other frames": ("state.memory.heard_known", torch.zeros(11)),
    "other parts": ("state.own", torch.zeros(1, 112)),
    "no frames": ("state.memory.heard_known", torch.zeros(())),
    "other heads": ("state.cache.keys", torch.zeros(3, 2, 1, 8, 16)),
    "other values": ("state.cache.values", torch.zeros(3, 2, 2, 7, 16)),
}


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_state_whose_kinds_or_shapes_are_others_is_refused(tmp_path, leaf):
    session = Session(small_model(), ["bass", "piano"], 4, 3)
    state = session.start()
    for hop in range(4):
        _, state = session.step(state, music(hop), Slot(hop), controls(hop))
    path, (name, value) = tmp_path / "state", LEAVES[leaf]
    state.save(path, session.facts)
    assert SessionState.load(path, session.start(), session.facts).same_as(state)
    spoilt = _map(state, lambda one, kept: value if one == name else kept)
    spoilt.save(path, session.facts)
    with pytest.raises(ModelError, match=rf"cannot use state .*: {name} does not fit; start anew"):
        SessionState.load(path, session.start(), session.facts)


def test_a_state_does_not_grow_over_two_thousand_hops():
    session = Session(small_model(), ["bass"], 4, 3)
    state, sizes = session.start(), []
    for hop in range(2000):
        _, state = session.step(state, music(hop), Slot(hop), controls(hop, steps=1))
        if hop in (100, 1999):
            sizes.append(_bytes(state))
    assert sizes[0] == sizes[1]


def _bytes(state: SessionState) -> int:
    tensors = [leaf for _, leaf in _leaves(state) if torch.is_tensor(leaf)]
    return sum(tensor.untyped_storage().nbytes() for tensor in tensors)
