"""A session: same input, same audio; missed, withdrawn and refused hops; state as a value."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from small_model import small_model

from sideman.errors import Cancelled, ModelError, SettingsError
from sideman.streaming.controls import Clock, Controls, Slot
from sideman.streaming.session import Session
from sideman.streaming.state import SessionState

MODEL = small_model()
CONTROLS = Controls(steps=2, guidance=2.0, clock=Clock(bpm=120, beat=1.5))
HOP = 4 * MODEL.spec.frame_samples


def session(parts=("bass", "piano"), lead: int = 3) -> Session:
    return Session(MODEL, parts, hop_frames=4, lead_frames=lead)


def music(hop: int) -> np.ndarray:
    return np.random.default_rng(hop).standard_normal(HOP).astype(np.float32)


def play(player: Session, state: SessionState, hops, controls: Controls = CONTROLS):
    sounds = []
    for hop in hops:
        sound, state = player.step(state, music(hop), Slot(hop), controls)
        sounds.append(sound)
    return np.stack(sounds), state


def test_same_seed_and_input_give_the_same_audio():
    player = session()
    one, end = play(player, player.start(seed=7), range(6))
    again, same_end = play(session(), player.start(seed=7), range(6))
    other, _ = play(player, player.start(seed=8), range(6))
    assert one.shape == (6, 2, HOP)
    assert one.dtype == np.float32
    assert np.array_equal(one, again)
    assert end.same_as(same_end)
    assert not np.allclose(one, other)


def test_what_is_heard_matters_from_its_own_slot_on():
    player = session()
    one, state = play(player, player.start(), range(3))
    changed, _ = player.step(state, music(3) + 1, Slot(3), CONTROLS)
    same, _ = player.step(state, music(3), Slot(3), CONTROLS)
    assert not np.allclose(changed, same, atol=1e-3)
    assert np.array_equal(play(player, player.start(), range(3))[0], one)


def test_a_study_may_hear_the_slot_that_it_plays():
    player = Session(small_model(leads=(-4, -4)), ["bass"], hop_frames=4, lead_frames=-4)
    one, state = play(player, player.start(), range(3))
    assert player.reaction_samples == 0
    assert one.shape == (3, 1, HOP)
    changed, _ = player.step(state, music(3) + 1, Slot(3), CONTROLS)
    assert not np.allclose(changed, player.step(state, music(3), Slot(3), CONTROLS)[0], atol=1e-3)


def test_one_part_sounds_the_same_alone_and_in_a_band():
    alone, band = session(["piano"]), session(["bass", "piano"])
    one, _ = play(alone, alone.start(seed=3), range(5))
    both, _ = play(band, band.start(seed=3), range(5))
    assert np.allclose(one[:, 0], both[:, 1], atol=1e-4)


def test_guidance_one_plays_without_the_untold_rows():
    player = session()
    near, _ = play(player, player.start(), range(4), Controls(2, 1.0 + 1e-6))
    exact, _ = play(player, player.start(), range(4), Controls(2, 1.0))
    assert np.allclose(near, exact, atol=1e-3)


def test_steps_guidance_and_clock_change_the_audio():
    player = session()
    base, _ = play(player, player.start(), range(3), Controls(2, 2.0))
    for other in (Controls(3, 2.0), Controls(2, 3.0), Controls(2, 2.0, Clock(90, 0.0))):
        assert not np.allclose(base, play(player, player.start(), range(3), other)[0], atol=1e-4)


def test_clock_moves_with_time():
    assert Clock(120, 1.0).moved(0.5).beat == pytest.approx(2.0)


def test_cache_stops_growing_at_the_window():
    player = session()
    _, state = play(player, player.start(), range(12))
    assert state.cache.frames == MODEL.network.window_frames
    assert state.next_hop == 12


def test_state_is_untouched_copied_saved_and_continued(tmp_path):
    player = session()
    _, state = play(player, player.start(seed=5), range(5))
    copy = state.clone()
    state.save(tmp_path / "state.safetensors", player.facts)
    onward, end = play(player, state, range(5, 9))
    assert state.same_as(copy)
    assert not end.same_as(copy)
    loaded = SessionState.load(tmp_path / "state.safetensors", player.start(), player.facts)
    assert loaded.same_as(copy)
    assert np.array_equal(play(session(), loaded, range(5, 9))[0], onward)


def test_state_of_another_kind_is_refused(tmp_path):
    (tmp_path / "state").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot read state"):
        SessionState.load(tmp_path / "state", session().start(), session().facts)


@pytest.mark.parametrize(("name", "other"), [
    ("model", "another"), ("parts", ["drums"]), ("hop", 2), ("lead", 8),
])
def test_a_state_of_another_session_is_refused(tmp_path, name, other):
    player = session()
    player.start().save(tmp_path / "state", {**player.facts, name: other})
    with pytest.raises(ModelError, match=f"its {name} is"):
        SessionState.load(tmp_path / "state", player.start(), player.facts)


def test_missed_hops_count_as_silence_where_nothing_else_is_known():
    player = session()
    _, state = play(player, player.start(), range(3))
    jumped, end = player.step(state, music(5), Slot(5), CONTROLS)
    assert end.next_hop == 6
    assert end.encoder.frame == 24
    assert end.decoder.frame == 24
    early = CONTROLS.clock.moved(-2 * 4 * player.frame_seconds)
    silent = Controls(CONTROLS.steps, CONTROLS.guidance, early)
    _, other = player.step(state, np.zeros(HOP, np.float32), Slot(3), silent)
    assert not np.allclose(jumped, play(player, other, [4, 5])[0][-1], atol=1e-4)


def test_what_sounded_in_missed_hops_is_heard_where_it_is_known():
    """A late answer leaves a hole in what is played; the music has none."""
    player = session()
    _, state = play(player, player.start(), range(3))
    _, whole = play(player, state, range(3, 6))
    before = np.concatenate([music(hop) for hop in (2, 3, 4)])
    _, told = player.step(state, music(5), Slot(5), CONTROLS, before=before)
    assert torch.equal(told.memory.heard, whole.memory.heard)
    assert told.encoder.frame == whole.encoder.frame
    _, untold = player.step(state, music(5), Slot(5), CONTROLS)
    assert not torch.equal(untold.memory.heard, whole.memory.heard)
    _, half = player.step(state, music(5), Slot(5), CONTROLS, before=music(4))
    assert torch.equal(half.memory.heard[..., -4:], whole.memory.heard[..., -4:])
    assert told.silent == 0


def test_a_gap_longer_than_the_window_starts_again():
    player = session()
    _, state = play(player, player.start(seed=2), range(3))
    far, end = player.step(state, music(0), Slot(50), CONTROLS)
    assert end.next_hop == 51
    assert end.cache.frames == 0
    assert end.encoder.frame == 4


def test_a_hop_of_the_past_is_refused():
    player = session()
    _, state = play(player, player.start(), range(2))
    with pytest.raises(SettingsError, match="hop 1: hop 2 comes next"):
        player.step(state, music(1), Slot(1), CONTROLS)


def test_withdrawn_hop_leaves_the_state_and_stops_between_steps():
    player = session()
    _, state = play(player, player.start(), range(2))
    before, asked = state.clone(), []

    def after_two() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled, match="hop 2"):
        player.step(state, music(2), Slot(2), Controls(10, 2.0), after_two)
    assert len(asked) == 3
    assert state.same_as(before)


def test_samples_that_are_not_finite_count_as_zero_and_input_is_only_read():
    player = session()
    bad, zero = music(0), music(0)
    bad[3:6], zero[3:6] = (np.nan, np.inf, -np.inf), 0
    bad.flags.writeable = False
    one, _ = player.step(player.start(), bad, Slot(0), CONTROLS)
    other, _ = player.step(player.start(), zero, Slot(0), CONTROLS)
    assert np.array_equal(one, other)


def test_two_sessions_share_one_model_without_hearing_each_other():
    one, other = session(["bass"]), session(["drums"], lead=5)
    alone, _ = play(one, one.start(), range(4))
    state, second = one.start(), other.start(seed=9)
    for hop in range(4):
        sound, state = one.step(state, music(hop), Slot(hop), CONTROLS)
        _, second = other.step(second, music(hop + 10), Slot(hop), CONTROLS)
        assert np.array_equal(sound, alone[hop])


@pytest.mark.parametrize(
    ("parts", "hop", "lead", "numbers"),
    [
        (["kazoo"], 4, 3, "kazoo: it knows bass drums guitar piano"),
        (["bass", "bass"], 4, 3, "bass bass: it knows"),
        ([], 4, 3, "no part: it knows"),
        (["bass"], 5, 3, "hops of 5 frames: give 4"),
        (["bass"], 4, 9, "9 frames ahead: give a lead of 1 to 8"),
        (["bass"], 4, 0, "0 frames ahead: give a lead of 1 to 8"),
    ],
)
def test_what_the_model_cannot_play_is_refused_with_numbers(parts, hop, lead, numbers):
    with pytest.raises(ModelError, match=numbers):
        Session(MODEL, parts, hop, lead)


def test_heard_audio_of_the_wrong_length_is_refused():
    player = session()
    with pytest.raises(SettingsError, match=r"shape \[3\], a hop is \[64\]"):
        player.step(player.start(), np.zeros(3, np.float32), Slot(0), CONTROLS)


@pytest.mark.parametrize(
    "settings", [(0, 1.0), (51, 1.0), (2, -1.0), (2, float("nan")), (2, 21.0)]
)
def test_controls_out_of_range_are_refused(settings):
    with pytest.raises(SettingsError, match="give"):
        Controls(*settings)


@pytest.mark.parametrize("clock", [(0, 0.0, 4), (120, float("inf"), 4), (120, 0.0, 0)])
def test_impossible_clocks_are_refused(clock):
    with pytest.raises(SettingsError, match="cannot use clock"):
        Clock(*clock)


def test_model_weights_do_not_change_while_playing():
    before = {name: w.clone() for name, w in MODEL.network.state_dict().items()}
    player = session()
    play(player, player.start(), range(3))
    after = MODEL.network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
