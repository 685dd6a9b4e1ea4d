from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fake_session import PlainCodec
from note_pieces import write_piece

from sideman.audio import save
from sideman.data.tempo import TempoMap
from sideman.errors import DataError
from sideman.evaluation import controls
from sideman.evaluation.metrics import a8


def test_reconstruction_has_the_length_of_the_part_whatever_the_frame():
    audio = np.random.default_rng(0).normal(size=5000).astype(np.float32)
    assert np.allclose(controls.reconstruction(PlainCodec(0.5), audio), 0.5 * audio)


def test_another_piece_lends_the_same_part_at_this_length(pieces, tmp_path):
    longer = write_piece(tmp_path / "longer", 7, seconds=11.0)
    borrowed = controls.another_piece([longer, *pieces], 0, "bass")
    assert len(borrowed) == longer.samples
    assert np.array_equal(borrowed[: pieces[0].samples], pieces[0].audio("bass"))


def test_another_piece_needs_another_piece(pieces):
    with pytest.raises(DataError, match="only one piece"):
        controls.another_piece(pieces[:1], 0, "bass")


def test_repeating_plays_the_bar_before_and_keeps_the_grid(pieces):
    piece = pieces[0]
    bar = round(4 * 60 / piece.bpm * 44100)
    repeated = controls.repeat_last_bar(piece, "bass")
    assert len(repeated) == piece.samples
    assert not repeated[:bar].any()
    assert np.array_equal(repeated[bar:], piece.audio("bass")[:-bar])
    assert a8(repeated, piece.beat_at) > 0.9


def test_repeating_follows_a_tempo_that_moves(tmp_path):
    """Twice as slow from the third bar on: its bass, written at one tempo, is moved to the map."""
    piece = write_piece(tmp_path, 1, seconds=16.0)
    slowed = TempoMap("changing", (0.0, 8.0, 24.0), (0.0, 4.0, 20.0))
    clicks = np.zeros(piece.samples, np.float32)
    for beat in range(18):
        at = piece.downbeat_sample + round(float(slowed.seconds_at(beat)) * 44100)
        clicks[at : at + 200] = 0.5
    save(piece.folder / "bass.flac", clicks, 44100)
    moving = replace(piece, tempo=slowed)
    assert a8(controls.repeat_last_bar(moving, "bass"), moving.beat_at) > 0.9


def test_silence_is_silent(pieces):
    assert controls.silence(pieces[0]).tolist() == [0.0] * pieces[0].samples
