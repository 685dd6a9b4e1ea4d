"""The beat tracker: it finds tempo, beat and bar causally, follows changes, doubts silence."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import RATE, chords, clicks, drums, steady
from fake_codec import FakeCodecConfig
from small_model import small_model

from sideman.errors import SettingsError
from sideman.streaming.controls import Controls, Slot
from sideman.streaming.onset_envelope import ENVELOPE_HOP
from sideman.streaming.session import Session
from sideman.streaming.tracker import BeatTracker, TrackerState

HOP = 16 * ENVELOPE_HOP


@pytest.fixture(scope="module")
def tracker() -> BeatTracker:
    return BeatTracker(RATE)


def listen(tracker, audio, state: TrackerState | None = None) -> list:
    """The states after every hop."""
    state = tracker.start() if state is None else state
    states = []
    for start in range(0, len(audio) - HOP + 1, HOP):
        state = tracker.hear(state, audio[start : start + HOP])
        states.append(state)
    return states


def error(clock, now: float, beats: np.ndarray) -> float:
    """Seconds from the clock's nearest beat to the nearest true one."""
    told = now + (np.round(clock.beat) - clock.beat) * 60 / clock.bpm
    return float(np.abs(beats - told).min())


@pytest.mark.parametrize("bpm", [84.0, 100.0, 120.0, 140.0])
def test_a_steady_beat_is_found_within_eight_seconds(tracker, bpm):
    beats = steady(bpm, 16)
    states = listen(tracker, drums(beats, 14))
    for index, state in enumerate(states):
        now = (index + 1) * HOP / RATE
        if now < 8:
            continue
        clock = tracker.clock(state)
        assert clock.bpm == pytest.approx(bpm, rel=0.03)
        assert error(clock, now, beats) < 0.07
        assert clock.confidence > 0.5


def test_the_clicks_of_a_metronome_lie_on_the_beats_of_some_octave(tracker):
    beats = steady(120, 16)
    state = listen(tracker, clicks(beats, 14))[-1]
    clock = tracker.clock(state)
    assert min(abs(np.log2(clock.bpm / bpm)) for bpm in (60, 120, 240)) < 0.04
    assert error(clock, 14 // (HOP / RATE) * HOP / RATE, beats) < 0.07


def test_a_jump_of_tempo_is_followed(tracker):
    first, second = steady(100, 12), steady(124, 14)
    states = listen(tracker, drums(np.concatenate((first, 12 + second)), 26))
    clock = tracker.clock(states[-1])
    assert clock.bpm == pytest.approx(124, rel=0.03)
    assert error(clock, len(states) * HOP / RATE, 12 + second) < 0.07


def test_nothing_is_known_of_silence(tracker):
    states = listen(tracker, np.zeros(6 * RATE, np.float32))
    clock = tracker.clock(states[-1])
    assert clock is None or clock.confidence < 0.05


def test_confidence_fades_in_a_silence_and_the_beat_is_found_again(tracker):
    beats = steady(110, 12)
    states = listen(tracker, drums(beats, 12))
    before = tracker.clock(states[-1]).confidence
    quiet = listen(tracker, np.zeros(4 * RATE, np.float32), states[-1])
    assert before > 0.5
    assert tracker.clock(quiet[-1]).confidence < 0.05
    again = listen(tracker, drums(beats, 12), quiet[-1])
    assert tracker.clock(again[-1]).confidence > 0.5
    assert tracker.clock(again[-1]).bpm == pytest.approx(110, rel=0.03)


@pytest.mark.parametrize("bpm", [100.0, 120.0, 140.0])
def test_a_stop_of_a_bar_takes_neither_tempo_nor_beat(tracker, bpm):
    """What is silent says nothing against the tempo: the band comes in again where it would have."""
    bar = 4 * 60 / bpm
    beats = steady(bpm, 12 * bar, first=0.0)
    played = beats[(beats < 7.95 * bar) | (beats >= 8.95 * bar)]
    audio = drums(played, 10 * bar)
    audio[round((8 * bar - 0.03) * RATE) : round((9 * bar - 0.01) * RATE)] = 0
    for index, state in enumerate(listen(tracker, audio)):
        now = (index + 1) * HOP / RATE
        if 8.4 * bar < now < 9.8 * bar:
            assert tracker.clock(state).bpm == pytest.approx(bpm, rel=0.05)
            assert error(tracker.clock(state), now, beats) < 0.05


@pytest.mark.parametrize("first", [0, 2])
def test_bars_begin_where_the_chords_change(tracker, first):
    """The drums are the same in both halves of a bar: the harmony alone tells which is the first."""
    beats = steady(110, 24)
    turns = [(float(beats[0]), (60, 64, 67))] if first else []
    places = range(first, len(beats), 4)
    turns += [(float(beats[n]), ((65, 69, 72), (67, 71, 74))[n // 4 % 2]) for n in places]
    audio = drums(beats, 22) + chords(turns, 24)[: 22 * RATE]
    states = listen(tracker, audio)
    now = len(states) * HOP / RATE
    clock = tracker.clock(states[-1])
    assert clock.bpm == pytest.approx(110, rel=0.03)
    passed = (now - beats[first]) * 110 / 60
    assert clock.beats_per_bar == 4
    assert abs((clock.beat - passed + 2) % 4 - 2) < 0.2


def test_rubato_is_survived(tracker):
    rng = np.random.default_rng(1)
    beats = 0.3 + np.cumsum(0.55 * (1 + 0.1 * rng.standard_normal(40)))
    states = listen(tracker, drums(beats, 20))
    assert all(np.isfinite((state.beat, state.bpm, state.confidence)).all() for state in states)


def test_noise_at_any_level_leaves_finite_figures(tracker):
    rng = np.random.default_rng(0)
    for gain in (1e-7, 1.0, 1e4):
        noise = (gain * rng.standard_normal(3 * RATE)).astype(np.float32)
        state = listen(tracker, noise)[-1]
        assert np.isfinite((state.beat, state.bpm, state.confidence)).all()
        assert 0 <= state.confidence <= 1


def test_it_does_not_matter_how_the_audio_is_cut(tracker):
    audio = clicks(steady(105, 6), 6)[: 256 * ENVELOPE_HOP]
    whole = tracker.hear(tracker.start(), audio)
    state = tracker.start()
    for start in range(0, len(audio), 4 * ENVELOPE_HOP):
        state = tracker.hear(state, audio[start : start + 4 * ENVELOPE_HOP])
    assert state.frames == whole.frames
    assert state.bpm == pytest.approx(whole.bpm, rel=1e-4)
    assert state.beat == pytest.approx(whole.beat, abs=1e-3)


def test_a_state_is_a_value_of_constant_size(tracker):
    states = listen(tracker, drums(steady(120, 6), 6))
    first, last = states[3], states[-1]
    for name in ("tail", "classes", "mean", "belief", "evidence"):
        assert getattr(first, name).shape == getattr(last, name).shape
    again = tracker.hear(first, np.zeros(HOP, np.float32))
    assert again.frames == first.frames + 16
    assert first.frames == 64


def test_pieces_of_frames_are_refused(tracker):
    with pytest.raises(SettingsError, match="a multiple of 512 samples"):
        tracker.hear(tracker.start(), np.zeros(700, np.float32))


def test_sessions_share_one_tracker_that_nobody_writes_to():
    codec = FakeCodecConfig(frame_samples=ENVELOPE_HOP, sample_rate=RATE)
    one, other = (Session(small_model(codec=codec), ["bass"], 4, 3) for _ in range(2))
    assert one.tracker is other.tracker
    frozen = BeatTracker(RATE)
    tables = [value for value in vars(frozen.pointer).values() if isinstance(value, np.ndarray)]
    assert len(tables) > 8
    for table in tables:
        table.flags.writeable = False
    audio = drums(steady(110.0, 6), 6)
    last, again = (listen(tracker, audio)[-1] for tracker in (frozen, one.tracker))
    assert frozen.clock(last) == one.tracker.clock(again)


@pytest.mark.parametrize("known", [0, 2, 5])
def test_after_a_gap_of_a_window_the_heard_beat_goes_on(known):
    """With the newest of what sounded, as many hops as the window has, silence where it is unknown."""
    codec = FakeCodecConfig(frame_samples=ENVELOPE_HOP, sample_rate=RATE)
    player = Session(small_model(codec=codec), ["bass"], 4, 3)
    window = player.model.network.window_frames // 4
    audio = drums(steady(110.0, 12), 12)[: 200 * player.hop_samples].reshape(200, -1)
    told, state, tracker = Controls(1, 1.0, track=True), player.start(4), player.tracker
    for hop in range(100):
        _, state = player.step(state, audio[hop], Slot(hop), told)
    left_out = audio[110 - known : 110] if known else np.zeros((1, 1), np.float32)
    _, after = player.step(state, audio[110], Slot(110), told, before=left_out.reshape(-1))
    wanted, silence = state.tracker, np.zeros((max(0, window - known), player.hop_samples))
    for heard in (*silence, *(left_out if known else ())[-window:], audio[110]):
        wanted = tracker.hear(wanted, heard)
    assert tracker.clock(after.tracker) == tracker.clock(wanted) is not None
    kept = 4 * min(known, window)  # of the music, that the model hears too
    assert (after.seed, after.next_hop, after.cache.frames) == (4, 111, kept)
    assert after.memory.frames == min(kept + 4, player.memory_frames)
