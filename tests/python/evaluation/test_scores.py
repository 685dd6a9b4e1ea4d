"""Scores of takes, and which of them have a figure at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sideman.evaluation.scores import TRUE, Take, mean_score, measure, summarise


@pytest.fixture(scope="module")
def piece(pieces):
    return pieces[0]


def test_without_a_known_beat_nothing_lies_on_it(piece):
    unknown = replace(piece, bpm=0.0)
    true, context = piece.audio("bass"), piece.context("bass")
    score = measure(unknown, true, context)
    assert (score.a8, score.a16, score.beat_f1) == (None, None, None)
    assert measure(piece, true, context).a8 > 0.9
    rows = summarise([Take("one", "bass", TRUE, score)])["bass"][TRUE]
    assert rows["a8"].pieces == 0 and rows["density"].pieces == 1


def test_without_known_chords_nothing_is_a_tone_of_them(piece):
    unknown = replace(piece, chords=())
    true, context = piece.audio("bass"), piece.context("bass")
    scores = [measure(of, true, context) for of in (piece, unknown)]
    assert scores[0].chord_tones is not None and scores[1].chord_tones is None
    rows = summarise([Take(str(n), "bass", TRUE, score) for n, score in enumerate(scores)])
    figure = rows["bass"][TRUE]["chord_tones"]
    assert (figure.mean, figure.pieces) == (scores[0].chord_tones, 1)


def test_who_is_silent_has_no_level_and_does_not_lower_that_of_others(piece):
    loud = measure(piece, piece.audio("bass"), piece.context("bass"))
    quiet = measure(piece, np.zeros(piece.samples, np.float32), piece.context("bass"))
    assert (quiet.level, quiet.peak) == (None, None)
    takes = [Take(name, "bass", TRUE, one) for name, one in (("one", loud), ("two", quiet))]
    figures = summarise(takes)["bass"][TRUE]
    assert figures["level"].mean == pytest.approx(loud.level)
    assert (figures["level"].pieces, figures["audible"].pieces) == (1, 2)
    assert mean_score([loud, quiet]).level == loud.level
    assert mean_score([quiet, quiet]).peak is None
