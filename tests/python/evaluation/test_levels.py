"""Levels: a part is made as loud as the one that it learnt from, and no louder than is sane."""

from __future__ import annotations

import numpy as np
import pytest
from fake_session import EchoSession, fake_model
from note_pieces import write_piece

from sideman.audio import save
from sideman.evaluation import levels
from sideman.evaluation.metrics import level_db


class QuietSession(EchoSession):
    """Plays what it hears, so much quieter."""

    gain = 0.5

    def answer(self, hop_id, heard):
        return self.gain * heard


@pytest.fixture
def heard_from_quiet(monkeypatch):
    monkeypatch.setattr(levels, "open_session", lambda model, parts, hop, lead: QuietSession())


@pytest.fixture
def uneven(tmp_path):
    """Three pieces, the bass of the last 8 dB down: what is missing has a median far from its mean."""
    found = [write_piece(tmp_path, number) for number in range(3)]
    quieter = 10 ** (-8 / 20) * found[2].audio("bass")
    save(found[2].folder / "bass.flac", quieter, found[2].sample_rate)
    return found


def test_what_is_missing_of_the_true_level_is_made_up_in_the_median(uneven, heard_from_quiet):
    rate = uneven[0].sample_rate
    missing = np.array([
        [
            level_db(piece.audio(part), rate) - level_db(0.5 * piece.context(part), rate)
            for piece in uneven
        ]
        for part in ("bass", "drums")
    ])  # fmt: skip
    median, mean = np.median(missing, axis=1), missing.mean(axis=1)
    assert np.abs(median).max() < 12 and np.abs(median - mean).min() > 1.5, "or this shows nothing"
    assert levels.make_up(fake_model(), uneven) == pytest.approx(median, abs=0.7)


def test_it_is_made_no_louder_than_is_sane(pieces, heard_from_quiet, monkeypatch):
    monkeypatch.setattr(QuietSession, "gain", 0.1)
    assert levels.make_up(fake_model(), pieces) == (12.0, 12.0)


def test_nothing_to_compare_with_is_no_gain(heard_from_quiet):
    assert levels.make_up(fake_model(), []) == (0.0, 0.0)
