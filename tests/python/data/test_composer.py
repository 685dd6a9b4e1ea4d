"""A composed piece: repeatable, inside its bounds, true to its chords and beats, with rests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.data.composer import PRESETS, compose, plan_piece
from sideman.data.grooves import STYLES, UNSEEN
from sideman.data.harmony import QUALITIES, chord_pitch_classes
from sideman.data.score import FRAME_SAMPLES, PARTS, SAMPLE_RATE, Chord, Score
from sideman.errors import SettingsError

plans = st.builds(
    plan_piece,
    preset=st.sampled_from(list(PRESETS)),
    seed=st.integers(0, 2**32),
    index=st.integers(0, 100_000),
)


@pytest.fixture(scope="module")
def scores() -> list[Score]:
    return [compose(plan_piece("heldout", 3, index)) for index in range(35)]


def chord_at(score: Score, beat: float) -> Chord:
    return [c for c in score.chords if c.start <= beat + 0.05][-1]


@settings(max_examples=80)
@given(plans)
def test_every_note_lies_inside_the_piece(plan) -> None:
    for part, notes in compose(plan).parts.items():
        assert part in PARTS and notes
        assert [n.start for n in notes] == sorted(n.start for n in notes)
        for note in notes:
            assert plan.sample_at(note.start) >= 0
            assert note.length > 0
            assert plan.sample_at(note.start + note.length) < plan.samples
            assert 0 <= note.pitch <= 127
            assert 1 <= note.velocity <= 127


@settings(max_examples=40)
@given(plans)
def test_no_pitch_is_struck_again_before_it_ends(plan) -> None:
    for notes in compose(plan).parts.values():
        ends: dict[int, float] = {}
        for note in notes:
            assert note.start >= ends.get(note.pitch, -1.0)
            ends[note.pitch] = note.start + note.length


@settings(max_examples=40)
@given(plans)
def test_chords_cover_the_piece_in_order(plan) -> None:
    chords = compose(plan).chords
    starts = [c.start for c in chords]
    assert starts[0] == 0.0
    assert starts == sorted(set(starts))
    assert starts[-1] < plan.bars * plan.beats_per_bar
    assert all(c.quality in QUALITIES and 0 <= c.root < 12 for c in chords)


@settings(max_examples=100)
@given(plans)
def test_plan_is_whole_frames_of_twenty_to_forty_seconds(plan) -> None:
    assert plan.samples % FRAME_SAMPLES == 0
    assert 18.0 < plan.seconds < 40.0
    assert 80 <= plan.bpm <= 150
    ring = plan.samples - plan.sample_at(plan.bars * plan.beats_per_bar)
    assert ring >= 0.85 * SAMPLE_RATE
    assert plan.beat_at(plan.sample_at(7.25)) == pytest.approx(7.25, abs=1e-4)


def test_same_seed_is_the_same_piece_and_another_is_not() -> None:
    plan = plan_piece("train", 5, 11)
    assert compose(plan) == compose(plan_piece("train", 5, 11))
    others = [plan_piece("train", 5, 12), plan_piece("train", 6, 11), plan_piece("heldout", 5, 11)]
    assert all(compose(other).parts != compose(plan).parts for other in others)


def test_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="unknown preset 'tset': there are train, heldout"):
        plan_piece("tset", 0, 0)


def test_every_style_comes_once_in_each_run_of_pieces() -> None:
    count = len(STYLES)
    for turn in range(4):
        styles = {plan_piece("train", 1, turn * count + i).style for i in range(count)}
        assert styles == set(STYLES)


def test_two_styles_are_never_trained_on_and_held_out_pieces_have_them() -> None:
    trained = {plan_piece("train", 2, index).style for index in range(200)}
    held_out = {plan_piece("heldout", 2, index).style for index in range(200)}
    assert held_out - trained == set(UNSEEN) == {"reggae", "samba"}
    assert trained == set(STYLES)


def test_six_eight_falls_on_two_beats_of_three_eighths() -> None:
    starts = []
    for index in range(300):
        plan = plan_piece("train", 4, index)
        if plan.style == "soul":
            assert plan.beats_per_bar == 3
            score = compose(plan)
            starts += [n.start for n in score.parts.get("drums", ()) if n.pitch in (37, 38)]
    places = np.round(np.array(starts) % 3 * 2) % 6
    assert np.mean(places == 3) > 0.6


def test_bass_plays_the_root_on_most_downbeats(scores: list[Score]) -> None:
    roots, tones = [], []
    for score in scores:
        for note in score.parts["bass"]:
            beat = round(note.start)
            if abs(note.start - beat) < 0.05 and beat % score.plan.beats_per_bar == 0:
                chord = chord_at(score, beat)
                roots.append(note.pitch % 12 == chord.root)
                tones.append(note.pitch % 12 in chord_pitch_classes(chord))
    assert len(tones) > 200
    assert np.mean(roots) > 0.85
    assert np.mean(tones) > 0.95


def test_comping_parts_play_chord_tones(scores: list[Score]) -> None:
    for part in ("guitar", "piano"):
        hits = [
            note.pitch % 12 in chord_pitch_classes(chord_at(score, note.start))
            for score in scores
            for note in score.parts[part]
        ]
        assert np.mean(hits) > 0.9


def test_chords_change_about_every_bar_to_another_root(scores: list[Score]) -> None:
    per_bar = np.mean([len(s.chords) / s.plan.bars for s in scores])
    pairs = [(a, b) for s in scores for a, b in zip(s.chords, s.chords[1:])]
    assert 0.9 < per_bar < 2.0
    assert np.mean([a.root == b.root for a, b in pairs]) < 0.05
    assert np.mean([len({c.root for c in s.chords}) for s in scores]) > 5


def test_straight_styles_stay_on_sixteenths_but_for_a_few_milliseconds(
    scores: list[Score],
) -> None:
    for score in scores:
        if {**STYLES, **UNSEEN}[score.plan.style].swing:
            continue
        beats = np.array([n.start for part in ("bass", "drums") for n in score.parts[part]])
        seconds = np.abs(beats * 4 - np.round(beats * 4)) / 4 * 60 / score.plan.bpm
        assert seconds.max() < 0.016
        assert seconds.max() > 0.001


def test_parts_rest_for_bars_and_come_back(scores: list[Score]) -> None:
    resting = []
    for score in scores:
        bars = score.plan.bars
        for notes in score.parts.values():
            played = {int((n.start + 0.05) // score.plan.beats_per_bar) for n in notes}
            resting.append(1 - len(played) / bars)
    assert 0.1 < np.mean(resting) < 0.5
    assert np.mean(np.array(resting) > 0) > 0.6


def test_some_training_pieces_lack_a_part_and_held_out_ones_never(scores: list[Score]) -> None:
    assert all(set(score.parts) == set(PARTS) for score in scores)
    trained = [compose(plan_piece("train", 3, index)) for index in range(35)]
    sizes = [len(score.parts) for score in trained]
    assert min(sizes) >= 2 and max(sizes) == 4
    assert 0.1 < np.mean(np.array(sizes) < 4) < 0.6
    assert all(set(score.parts) - {"drums"} for score in trained)
