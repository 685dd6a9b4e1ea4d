from __future__ import annotations

import numpy as np
import pytest
from note_pieces import RATE, notes

from sideman.evaluation import metrics

BPM = 120.0
EIGHTHS = 0.5 + np.arange(56) * 0.25
SECONDS = 15.0


def beat_at(sample):
    return (sample - 0.5 * RATE) * (BPM / 60 / RATE)


def chords(roots, seconds_each=1.0, voicing=(60, 64, 67)):
    times = np.repeat(np.arange(len(roots)) * seconds_each, len(voicing))
    pitches = [root + tone for root in roots for tone in voicing]
    return notes(times, pitches, len(roots) * seconds_each, seconds_each)


@pytest.mark.parametrize("pitch", range(28, 44))
def test_chroma_finds_the_pitch_class_of_bass_notes(pitch):
    for audio in (
        notes([0.1], [pitch], 1.0, 0.8),
        np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * np.arange(RATE) / RATE),
    ):
        profile = metrics.chroma(audio.astype(np.float32), RATE)[:, 6:14]
        assert (profile.argmax(axis=0) == pitch % 12).all()


def test_chroma_of_a_chord_holds_its_three_notes():
    profile = metrics.chroma(chords([2]), RATE).mean(axis=1)
    assert set(np.argsort(profile)[-3:]) == {2, 6, 9}


def test_chroma_of_silence_is_zero_and_has_a_frame_per_2048_samples():
    profile = metrics.chroma(np.zeros(2048 * 10, dtype=np.float32), RATE)
    assert profile.shape == (12, 11)
    assert not profile.any()


def test_chroma_is_the_same_at_48_khz():
    audio = np.sin(2 * np.pi * 55.0 * np.arange(48000) / 48000).astype(np.float32)
    assert metrics.chroma(audio, 48000)[:, 10].argmax() == 9


def test_harmony_lift_rewards_following_the_chords_not_the_key():
    roots = np.random.default_rng(3).permutation(np.repeat([0, 2, 4, 5, 7, 9], 4))
    context = chords(roots)
    follows = chords(roots, voicing=(36,))
    same_notes_elsewhere = chords(np.random.default_rng(4).permutation(roots), voicing=(36,))
    rng = np.random.default_rng(0)
    assert metrics.harmony_lift(follows, context, RATE, rng) > 0.1
    assert abs(metrics.harmony_lift(same_notes_elsewhere, context, RATE, rng)) < 0.05


def test_harmony_lift_ignores_that_two_parts_rest_together():
    rng = np.random.default_rng(5)
    lifts = []
    for _ in range(8):
        resting = np.repeat(rng.random(24) < 0.5, RATE)
        context = chords(rng.integers(0, 12, 24))
        part = chords(rng.integers(0, 12, 24), voicing=(36,))
        context[resting], part[resting] = 0, 0
        lifts.append(metrics.harmony_lift(part, context, RATE, rng))
    assert abs(np.mean(lifts)) < 0.1  # counting shared rests gives .14


def test_harmony_lift_ignores_that_two_parts_sound_together_who_seldom_do():
    rng = np.random.default_rng(6)
    lifts = []
    for _ in range(8):
        context, part = (np.zeros(30 * RATE, np.float32) for _ in range(2))
        context[10 * RATE : 15 * RATE] = chords(rng.integers(0, 12, 5))
        part[10 * RATE : 15 * RATE] = chords(rng.integers(0, 12, 5), voicing=(36,))
        lifts.append(metrics.harmony_lift(part, context, RATE, rng))
    assert abs(np.mean(lifts)) < 0.1  # counting shifts without a frame in common gives .2


def test_harmony_lift_is_zero_where_hardly_a_shift_lets_both_sound():
    roots = [0, 6, 1]
    context, part = (np.zeros(60 * RATE, np.float32) for _ in range(2))
    context[: 3 * RATE] = chords(roots)
    part[: 3 * RATE] = chords(roots, voicing=(36,))
    assert metrics.harmony_lift(part, context, RATE, np.random.default_rng(0)) == 0
    near = part[: 9 * RATE], context[: 9 * RATE]
    assert metrics.harmony_lift(*near, RATE, np.random.default_rng(0)) > 0.1


def test_harmony_lift_is_zero_where_nothing_is_played_and_refuses_short_music():
    rng = np.random.default_rng(0)
    silence = np.zeros(RATE * 5, dtype=np.float32)
    assert metrics.harmony_lift(silence, chords([0, 2, 4, 5, 7]), RATE, rng) == 0
    with pytest.raises(ValueError, match="4 s"):
        metrics.harmony_lift(silence[:RATE], silence[:RATE], RATE, rng)


@pytest.mark.parametrize("level", [1.0, 0.01])
def test_onsets_find_every_note_within_10_ms_at_any_level(level):
    played = level * notes(EIGHTHS, 40 + np.arange(56) % 12, SECONDS)
    times, strengths = metrics.onsets(played, RATE)
    assert len(times) == len(strengths) == 56
    assert np.abs(times / RATE - EIGHTHS).max() < 0.010


def test_a_held_and_swelling_tone_has_one_onset_that_counts():
    clock = np.arange(RATE * 4) / RATE
    held = np.sin(2 * np.pi * 110 * clock) * (0.5 + 0.2 * np.sin(2 * np.pi * clock))
    times, strengths = metrics.onsets(held.astype(np.float32), RATE)
    assert times[0] < 0.01 * RATE
    assert strengths[1:].sum() < 0.2 * strengths[0]


def test_silence_has_no_onsets_and_no_alignment():
    silence = np.zeros(RATE, dtype=np.float32)
    assert len(metrics.onsets(silence, RATE)[0]) == 0
    assert metrics.a8(silence, beat_at) == 0
    assert metrics.onset_density(silence, RATE) == 0


def test_notes_on_eighths_give_a8_near_one_and_a16_too():
    played = notes(EIGHTHS, [45] * 56, SECONDS)
    assert metrics.a8(played, beat_at) > 0.97
    assert metrics.a16(played, beat_at) > 0.9
    assert metrics.onset_density(played, RATE) == pytest.approx(56 / SECONDS)


def test_notes_a_quarter_of_an_eighth_late_give_zero_and_half_an_eighth_minus_one():
    quarter = notes(EIGHTHS + 0.0625, [45] * 56, SECONDS)
    half = notes(EIGHTHS + 0.125, [45] * 56, SECONDS)
    assert abs(metrics.a8(quarter, beat_at)) < 0.12
    assert metrics.a8(half, beat_at) < -0.95
    assert metrics.a16(half, beat_at) > 0.9


def test_random_notes_give_a8_near_zero():
    rng = np.random.default_rng(2)
    scores = [
        metrics.a8(notes(np.sort(rng.uniform(0, 14, 40)), [45] * 40, SECONDS), beat_at)
        for _ in range(12)
    ]
    assert abs(np.mean(scores)) < 0.12


def held(*pitch_classes):
    """One chord throughout."""
    table = np.zeros(12, bool)
    table[list(pitch_classes)] = True
    return lambda samples: np.repeat(table[:, None], len(samples), axis=1)


def test_chord_tones_count_from_what_chance_would_have():
    arpeggio = notes(np.arange(0, 8, 0.5), [60, 64, 67, 72] * 4, 8.0, 0.45)
    assert metrics.chord_tone_share(arpeggio, held(0, 4, 7), RATE) > 0.75
    assert metrics.chord_tone_share(arpeggio, held(1, 6, 10), RATE) < -0.2
    chromatic = notes(np.arange(0, 6, 0.5), range(60, 72), 6.0, 0.45)
    assert abs(metrics.chord_tone_share(chromatic, held(0, 4, 7), RATE)) < 0.15


def test_chord_tones_of_silence_and_of_unknown_chords_are_zero():
    arpeggio = notes((0.0, 0.5), (60, 64), 2.0)
    assert metrics.chord_tone_share(np.zeros(2 * RATE, np.float32), held(0), RATE) == 0
    assert metrics.chord_tone_share(arpeggio, held(), RATE) == 0


def test_beat_f1_is_one_for_the_beats_and_counts_each_once():
    beats = np.arange(0, 10, 0.5)
    assert metrics.beat_f1(beats + 0.04, beats) == 1
    assert metrics.beat_f1(beats + 0.2, beats) == 0
    assert metrics.beat_f1(np.sort(np.concatenate((beats, beats + 0.01))), beats) == pytest.approx(2 / 3)
    assert metrics.beat_f1(beats[::2], beats) == pytest.approx(2 / 3)
    assert metrics.beat_f1(np.zeros(0), beats) == metrics.beat_f1(beats, np.zeros(0)) == 0


def test_alignment_weighs_onsets_by_strength():
    beats = np.array([0.0, 0.25])
    assert metrics.alignment(beats, np.array([3.0, 1.0]), 2) == pytest.approx(0.5)


def test_audible_share_counts_only_frames_where_the_others_play():
    context = np.zeros(RATE * 4, dtype=np.float32)
    context[: RATE * 2] = 0.1
    part = np.zeros_like(context)
    part[RATE : RATE * 4] = 0.1
    assert metrics.audible_share(part, context, RATE) == pytest.approx(0.5, abs=0.03)
    assert metrics.audible_share(context, context, RATE) == 1
    assert metrics.audible_share(0.001 * context, context, RATE) == 0


def test_level_is_that_of_the_sounding_frames():
    part = np.zeros(RATE * 4, dtype=np.float32)
    part[:RATE] = 0.1
    assert metrics.level_db(part, RATE) == pytest.approx(-20, abs=0.3)
    assert metrics.level_db(np.zeros(RATE), RATE) == -120


def test_bootstrap_interval_covers_the_true_mean_about_19_times_in_20():
    rng = np.random.default_rng(0)
    intervals = [metrics.bootstrap_interval(rng.normal(1.0, 1.0, 30), seed) for seed in range(200)]
    covered = np.mean([low < 1.0 < high for low, high in intervals])
    assert 0.88 < covered < 0.99


def test_bootstrap_interval_depends_on_the_seed_alone_and_refuses_nothing():
    values = [0.1, 0.5, 0.2]
    assert metrics.bootstrap_interval(values, 3) == metrics.bootstrap_interval(values, 3)
    assert metrics.bootstrap_interval([0.4]) == (0.4, 0.4)
    with pytest.raises(ValueError, match="at least one"):
        metrics.bootstrap_interval([])


def test_a_mean_lies_in_its_interval_though_pieces_have_more_parts_or_fewer():
    pieces = ["a"] * 3 + ["b"] + ["c"] * 3 + ["d"]
    mean, (low, high) = metrics.mean_over(pieces, [0.9, 0.9, 0.9, 0.1, 0.9, 0.9, None, 0.1])
    assert mean == pytest.approx(0.5) and low <= mean <= high
    assert metrics.mean_over(["a"], [None]) == (0.0, (0.0, 0.0))


def test_takes_of_one_piece_do_not_make_an_interval_narrower():
    values = [0.1, 0.5, 0.9, 0.4]
    once = metrics.bootstrap_interval(values)
    mean, interval = metrics.mean_over(list("abcd") * 4, values * 4)
    assert interval == pytest.approx(once) and mean == pytest.approx(np.mean(values))
    assert metrics.bootstrap_interval(values * 4)[0] > once[0]
