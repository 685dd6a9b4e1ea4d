"""How rhythm patterns are read and how players treat chord changes."""

from __future__ import annotations

import numpy as np
import pytest

from sideman.data.grooves import STYLES, UNSEEN
from sideman.data.harmony import chord_pitch_classes
from sideman.data.players import Bar, BassPlayer, ChordPlayer, DrumPlayer, LinePlayer, read_pattern
from sideman.data.score import Chord

TWO_CHORDS = (Chord(8.0, 0, "maj"), Chord(10.0, 5, "min7"))


def bar(chords=TWO_CHORDS, swing: float = 0.5, closes: bool = False) -> Bar:
    scale = frozenset((0, 2, 4, 5, 7, 9, 11))
    return Bar(8.0, 4, chords, 7, scale, swing, False, closes)


def test_pattern_gives_steps_lengths_and_symbols() -> None:
    assert read_pattern("X---..x-o.......", 16) == [(0, 4, "X"), (6, 2, "x"), (8, 1, "o")]


def test_pattern_is_cut_for_three_four() -> None:
    assert read_pattern("X-----------x---", 12) == [(0, 12, "X")]
    assert read_pattern("X---------------", 12) == [(0, 12, "X")]


def test_all_patterns_are_one_bar_of_known_symbols() -> None:
    for style in (*STYLES.values(), *UNSEEN.values()):
        bar_steps = 12 if style.triple == 1.0 else 16
        kits = [pattern for kit in style.drums for pattern in kit.values()]
        for pattern in (*style.comp, *style.strum, *kits):
            assert len(pattern) == bar_steps and set(pattern) <= set("Xxo-.")
        for pattern in style.bass:
            assert len(pattern) == bar_steps and set(pattern) <= set("R3578AW-.")


def test_held_chord_is_struck_again_where_the_harmony_changes() -> None:
    player = ChordPlayer(np.random.default_rng(0), "pad", "", 52, 79, 0.0)
    notes = player.play(bar())
    assert {n.start for n in notes} == {8.0, 10.0}
    for note in notes:
        chord = TWO_CHORDS[0] if note.start < 10 else TWO_CHORDS[1]
        assert note.pitch % 12 in chord_pitch_classes(chord)
        assert note.start + note.length == pytest.approx(10.0 if note.start < 10 else 12.0)


def test_bass_marks_a_change_in_the_middle_of_a_held_note() -> None:
    player = BassPlayer(np.random.default_rng(0), "R---------------", 0.9)
    assert [(n.start, n.pitch % 12) for n in player.play(bar())] == [(8.0, 0), (10.0, 5)]


def test_voicings_move_little_from_chord_to_chord() -> None:
    player = ChordPlayer(np.random.default_rng(1), "pad", "", 52, 79, 0.0)
    means = []
    for root in (0, 9, 5, 7, 2, 7, 0):
        notes = player.play(bar((Chord(8.0, root, "maj"),)))
        means.append(np.mean([n.pitch for n in notes]))
    assert np.abs(np.diff(means)).max() < 6


def test_swing_delays_off_beats_only() -> None:
    swung = bar(swing=2 / 3)
    assert swung.time(4) == 9.0
    assert swung.time(2) == pytest.approx(8 + 2 / 3)
    assert bar().time(2) == 8.5


def test_broken_chords_walk_through_the_voicing_one_note_at_a_time() -> None:
    player = ChordPlayer(np.random.default_rng(2), "broken", "xxxxxxxxxxxxxxxx", 50, 74, 0.0)
    notes = player.play(bar())
    assert [n.start for n in notes] == [8 + i / 2 for i in range(8)]
    assert len({n.pitch for n in notes}) >= 3


def test_line_stays_in_its_range_and_key() -> None:
    player = LinePlayer(np.random.default_rng(3), 60, 84)
    chords = (Chord(8.0, 0, "maj"),)
    notes = [note for _ in range(40) for note in player.play(bar(chords))]
    assert all(60 <= n.pitch <= 84 and n.pitch % 12 in bar().scale for n in notes)


def test_fill_replaces_the_end_of_a_closing_bar() -> None:
    player = DrumPlayer(np.random.default_rng(4), {"hat": "x.x.x.x.x.x.x.x."})
    closing = [player.play(bar(closes=True)) for _ in range(40)]
    filled = [notes for notes in closing if any(n.pitch != 42 for n in notes)]
    assert 15 < len(filled) < 40
    for notes in filled:
        first = min(n.start for n in notes if n.pitch != 42)
        assert first in (10.0, 11.0)
        hats = [n.start for n in notes if n.pitch == 42]
        assert hats == [8 + i / 2 for i in range(int(first - 8) * 2)], "up to the fill, not on"
