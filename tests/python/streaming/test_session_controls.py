"""What a player may change at any hop, and what becomes of it: tags, sketch, rests, samplers,
the clock, bad input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from clicks import RATE, drums, steady
from fake_codec import FakeCodecConfig
from small_model import small_model
from small_session import HOP, MODEL, PLAIN, SILENCE, music, play, session

from sideman.errors import SettingsError
from sideman.streaming.controls import Clock, Slot, controls_for, usual_controls
from sideman.streaming.modes import rests_too
from sideman.streaming.session import Session

# --- tags ---


def test_tags_and_their_weights_change_the_audio():
    player = session()
    plain, _ = play(player, range(2))
    dark, _ = play(player, range(2), replace(PLAIN, tags=(("dark", 1.0),)))
    half, _ = play(player, range(2), replace(PLAIN, tags=(("dark", 0.5),)))
    assert not np.allclose(plain, dark, atol=1e-4)
    assert not np.allclose(half, dark, atol=1e-4)


def test_a_tag_of_weight_zero_is_none():
    player = session()
    plain, _ = play(player, range(3))
    none, _ = play(player, range(3), replace(PLAIN, tags=(("dark", 0.0),)))
    assert np.array_equal(plain, none)


def test_an_unknown_tag_is_refused_by_name_and_the_stream_plays_on():
    player = session()
    _, state = play(player, range(2))
    before = state.clone()
    with pytest.raises(SettingsError, match="cannot use tag purple: small knows dark, bright, busy"):
        player.step(state, music(2), Slot(2), replace(PLAIN, tags=(("purple", 1.0),)))
    assert state.same_as(before)
    assert np.isfinite(player.step(state, music(2), Slot(2), PLAIN)[0]).all()


def tagged(tag: str, inertia: float = 1.0):
    return replace(PLAIN, tags=((tag, 1.0),), inertia=inertia)


def test_a_blend_that_keeps_the_dominant_tag_keeps_the_cache():
    player = session()
    _, state = play(player, range(5), tagged("dark"))
    blend = replace(PLAIN, tags=(("dark", 1.0), ("bright", 0.4)))
    _, after = play(player, [5], blend, state=state)
    assert after.cache.frames == state.cache.frames > 0
    assert after.dominant == "dark"


def test_a_new_dominant_tag_starts_the_cache_from_the_memory_told_otherwise():
    player = session()
    _, state = play(player, range(6), tagged("dark"))
    _, after = play(player, [6], tagged("bright"), state=state)
    assert after.dominant == "bright"
    window = after.memory.tags[:, :-4]
    assert window[MODEL.spec.tags.index("bright")].all()
    assert not window[MODEL.spec.tags.index("dark")].any()


def test_inertia_says_how_much_of_the_own_past_is_still_seen():
    player = session()
    _, state = play(player, range(6), tagged("dark"))
    seen = []
    for inertia in (0.0, 0.5, 1.0):
        _, after = play(player, [6], tagged("bright", inertia), state=state)
        seen.append(int(after.memory.known[:, :-4].sum()))
    assert seen == sorted(seen)
    assert seen[0] == 0 < seen[-1]


# --- sketch ---


def test_a_sketch_changes_the_audio_and_silence_is_no_sketch():
    player = session()
    without, _ = play(player, range(3))
    silent, _ = play(player, range(3), sketch=lambda hop: SILENCE)
    sketched, _ = play(player, range(3), sketch=lambda hop: music(hop + 50))
    assert np.array_equal(without, silent)
    assert not np.allclose(without, sketched, atol=1e-4)


def test_silence_between_the_notes_of_a_sketch_belongs_to_it(monkeypatch):
    player = session()
    hop_seconds = HOP / MODEL.spec.sample_rate
    monkeypatch.setattr("sideman.streaming.modes.SHOWN_SECONDS", 2.5 * hop_seconds)
    state, given = player.start(), []
    for hop in range(6):
        shown = music(50) if hop == 1 else SILENCE
        _, state = player.step(state, music(hop), Slot(hop), PLAIN, sketch=shown)
        given.append(bool(state.memory.sketch[-1, -4:].all()))  # the flag of its last component
    assert given == [False, True, True, True, False, False]


def test_bad_samples_in_the_sketch_count_as_zero():
    bad, zero = music(9), music(9)
    bad[5], zero[5] = np.nan, 0
    player = session()
    one, _ = play(player, [0], sketch=lambda hop: bad)
    other, _ = play(player, [0], sketch=lambda hop: zero)
    assert np.array_equal(one, other)


def test_a_sketch_of_the_wrong_length_is_refused():
    player = session()
    with pytest.raises(SettingsError, match=r"shape \[3\], a hop is \[64\]"):
        player.step(player.start(), music(0), Slot(0), PLAIN, sketch=np.zeros(3, np.float32))


# --- rests ---


def test_a_long_rest_is_not_seen_as_own_past_and_playing_is(monkeypatch):
    player = session(("bass", "piano"))
    monkeypatch.setattr(
        "sideman.streaming.session.rests", lambda played, codec: torch.tensor([True, False])
    )
    _, state = play(player, range(4))
    _, state = play(player, [4], state=state)
    assert not state.memory.known[0].any()
    assert state.memory.known[1].all()


def test_a_rest_of_hops_that_were_left_out_is_not_seen_as_own_past_either(monkeypatch):
    player = session(("bass", "piano"))
    _, state = play(player, range(4))
    monkeypatch.setattr(
        "sideman.streaming.session.rests", lambda played, codec: torch.tensor([True, False])
    )
    _, state = play(player, [6], state=state)
    left_out = slice(-12, -4)
    assert state.memory.frames >= 12
    assert not state.memory.known[0][left_out].any()
    assert state.memory.known[1][left_out].all()


# --- bad values ---


@pytest.mark.parametrize("name, value", [
    ("mode", "dance"), ("sampler", "magic"), ("inertia", 1.5), ("feedback", -0.1), ("mix", 2.0),
    ("mix", float("nan")), ("tags", (("dark", 1.5),)),
])
def test_impossible_controls_are_refused_by_name(name, value):
    with pytest.raises(SettingsError, match="give"):
        replace(PLAIN, **{name: value})


# --- samplers, steps, guidance ---


@pytest.mark.parametrize("sampler", ["euler", "ping-pong", "dpm++", "euler++", "ping-pong++"])
def test_every_sampler_plays_the_same_for_the_same_seed(sampler):
    player = session()
    told = replace(PLAIN, sampler=sampler, steps=3, guidance=0.7 if "++" in sampler else 2.0)
    one, _ = play(player, range(3), told)
    other, _ = play(player, range(3), told)
    assert np.isfinite(one).all()
    assert np.array_equal(one, other)


def test_at_temperature_zero_nothing_is_left_to_chance():
    player = session()

    def other_seed(temperature: float) -> bool:
        told = replace(PLAIN, temperature=temperature)
        one, _ = play(player, range(2), told)
        other, _ = play(player, range(2), told, state=player.start(seed=4))
        return not np.allclose(one, other, atol=1e-4)

    assert other_seed(1.0) and other_seed(0.5)
    assert not other_seed(0.0)


def test_the_temperature_is_the_players_or_the_models_own():
    spec = replace(MODEL.spec, temperature=0.75)
    asked = {"steps": -1, "guidance": -1.0, "sampler": "auto", "clock": None, "tags": ()}
    assert controls_for(spec, {**asked, "temperature": -1.0}).temperature == 0.75
    assert controls_for(spec, {**asked, "temperature": 0.0}).temperature == 0.0
    assert usual_controls(spec).temperature == 0.75
    assert usual_controls(spec, temperature=1.5).temperature == 1.5
    for wild in (-0.5, 2.5, float("nan")):
        with pytest.raises((SettingsError, ValueError), match="temperature"):
            replace(PLAIN, temperature=wild)
    with pytest.raises(ValueError, match="temperature"):
        replace(MODEL.spec, temperature=3.0)


def test_the_samplers_that_lean_have_a_usual_guidance_of_their_own():
    spec = replace(MODEL.spec, guidance=2.25)
    asked = {
        "steps": -1, "guidance": -1.0, "temperature": -1.0, "sampler": "auto", "clock": None, "tags": (),
    }  # fmt: skip
    assert controls_for(spec, asked).guidance == usual_controls(spec).guidance == 2.25
    for sampler in ("euler++", "ping-pong++"):
        assert controls_for(spec, {**asked, "sampler": sampler}).guidance == 0.7
        assert usual_controls(spec, sampler=sampler).guidance == 0.7
        assert usual_controls(spec, sampler=sampler, guidance=0.9).guidance == 0.9
    assert usual_controls(spec, sampler="ping-pong").guidance == 2.25
    leaning = replace(spec, sampler="euler++", guidance=0.5)
    assert usual_controls(leaning).guidance == 0.5
    assert usual_controls(leaning, sampler="ping-pong++").guidance == 0.5
    assert usual_controls(leaning, sampler="euler").guidance == 1.0


def test_steps_and_guidance_may_change_from_hop_to_hop():
    player = session()
    sounds, _ = play(
        player, range(8), lambda hop: replace(PLAIN, steps=1 + hop, guidance=1.0 + hop % 2)
    )
    assert np.isfinite(sounds).all()


# --- the clock ---


@pytest.fixture(scope="module")
def listener() -> Session:
    """A session in hops of 2048 samples at 44.1 kHz, so that the tracker can count frames."""
    codec = FakeCodecConfig(frame_samples=512, sample_rate=RATE)
    return session(model=small_model(codec=codec))


def drummed(hops: int) -> np.ndarray:
    audio = drums(steady(110, 12), 12)
    return audio[: hops * 2048].reshape(hops, 2048)


def test_a_session_that_tracks_hears_the_beat_and_plays_by_it(listener):
    heard, tracked = drummed(200), replace(PLAIN, clock=None, track=True)
    _, state = play(listener, range(200), tracked, heard=lambda hop: heard[hop])
    clock = listener.heard_clock(state)
    assert clock.bpm == pytest.approx(110, rel=0.03)
    assert clock.confidence > 0.5
    told = state.memory.clock[:, -1]
    assert told[11] == pytest.approx(clock.confidence, abs=0.05), "a channel says how sure"
    lead = listener.lead_frames * listener.frame_seconds
    beat = clock.moved(lead + 3.5 * listener.frame_seconds).beat
    phase = torch.atan2(told[4], told[5]) / (2 * torch.pi)
    assert float(torch.cos(2 * torch.pi * (phase - beat))) > 0.95


def test_a_clock_that_is_told_goes_before_the_one_that_is_heard(listener):
    heard = drummed(60)
    told, _ = play(listener, range(60), PLAIN, heard=lambda hop: heard[hop])
    both, state = play(
        listener, range(60), replace(PLAIN, track=True), heard=lambda hop: heard[hop]
    )
    assert np.array_equal(told, both)
    assert listener.heard_clock(state) is not None, "it listens all the same"


def test_a_beat_that_was_heard_before_another_clock_was_told_is_forgotten(listener):
    heard, tracked = drummed(240), replace(PLAIN, clock=None, track=True)
    _, state = play(listener, range(200), tracked, heard=lambda hop: heard[hop])
    assert listener.heard_clock(state).confidence > 0.5
    _, state = play(listener, range(200, 220), PLAIN, heard=lambda hop: heard[hop], state=state)
    _, state = play(listener, range(220, 224), tracked, heard=lambda hop: heard[hop], state=state)
    clock = listener.heard_clock(state)
    assert clock is None or clock.confidence < 0.3


def test_hops_that_the_tracker_cannot_count_are_played_untracked():
    player = session()
    plain, _ = play(player, range(3), replace(PLAIN, clock=None))
    tracked, state = play(player, range(3), replace(PLAIN, clock=None, track=True))
    assert np.array_equal(plain, tracked)
    assert player.heard_clock(state) is None


def test_without_confidence_a_clock_is_no_clock():
    player = session()
    unknown, _ = play(player, range(3), replace(PLAIN, clock=None))
    doubted, _ = play(player, range(3), replace(PLAIN, clock=replace(PLAIN.clock, confidence=0.0)))
    half, _ = play(player, range(3), replace(PLAIN, clock=replace(PLAIN.clock, confidence=0.5)))
    assert np.array_equal(unknown, doubted)
    assert not np.allclose(unknown, half, atol=1e-4)


def test_the_part_rests_with_the_music_and_is_back_with_it(listener):
    patient = replace(PLAIN, clock=Clock(120.0, 0.0, 4), patience=1.0)
    music = np.random.default_rng(1).uniform(-0.5, 0.5, listener.hop_samples).astype(np.float32)
    silence = np.zeros_like(music)
    hop_seconds = listener.hop_frames * listener.frame_seconds
    allowed = int(np.ceil(0.5 / hop_seconds)) - 1  # whole hops of silence in a beat at 120
    hears = [silence] * 3 + [music] * 6 + [silence] * (allowed + 4) + [music] * 3
    played, _ = play(listener, range(len(hears)), patient, heard=lambda hop: hears[hop])
    sounds = [bool(np.abs(hop[..., listener.hop_samples // 2 :]).max() > 1e-4) for hop in played]
    assert sounds[:3] == [False] * 3, "nothing has been heard yet"
    assert all(sounds[3 : 9 + allowed - 1])
    assert not any(sounds[9 + allowed - 1 : 9 + allowed + 4])
    assert all(sounds[9 + allowed + 4 :])


def test_patience_is_in_beats_of_the_clock_that_is_told_or_heard(listener):
    hop = 0.186
    patient = replace(PLAIN, clock=None, patience=1.0, track=True)
    rests = lambda clock: [rests_too(n, hop, patient, clock) for n in range(7)].index(True)  # noqa: E731
    assert rests(None) == 2  # half a second
    assert rests(Clock(60.0, 0.0, confidence=0.1)) == 5
    assert rests(Clock(180.0, 0.0)) == 1
    seen = []
    tempo = Clock(60.0, 0.0, confidence=0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "heard_clock", lambda self, state: tempo)
        patch.setattr("sideman.streaming.session.rests_too", lambda *told: bool(seen.append(told[-1])))
        heard = np.zeros(listener.hop_samples, np.float32)
        listener.step(listener.start(), heard, Slot(0), patient)
    assert seen[0].bpm == 60.0


def test_without_end_of_patience_the_part_plays_on(listener):
    silence = np.zeros(listener.hop_samples, np.float32)
    played, _ = play(listener, range(8), replace(PLAIN, patience=0.0), heard=lambda hop: silence)
    assert all(np.abs(hop).max() > 1e-4 for hop in played)


def test_each_part_is_as_loud_as_the_model_asks_for_and_never_above_full_scale():
    louder = replace(MODEL, spec=replace(MODEL.spec, gains_db=(6.0, 0.0, 0.0, -6.0)))
    parts = ("piano", "bass")
    plain, _ = play(session(parts), range(4))
    levelled, _ = play(session(parts, model=louder), range(4))
    plain, levelled = plain[1:], levelled[1:]  # the first fades in
    quiet = np.abs(plain) < 0.3
    for row, factor in ((0, 10 ** (-6 / 20)), (1, 10 ** (6 / 20))):
        here = quiet[:, row]
        assert np.allclose(levelled[:, row][here], factor * plain[:, row][here], atol=1e-5)
    assert np.abs(levelled).max() <= 1.0


def test_gains_that_do_not_fit_the_parts_or_are_wild_are_refused():
    for gains in ((3.0,), (40.0, 0.0, 0.0, 0.0)):
        with pytest.raises(ValueError, match="gains_db"):
            replace(MODEL.spec, gains_db=gains)
