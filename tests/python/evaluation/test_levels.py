"""Levels: a part is made as loud as the one that it learnt from, and no louder than is sane."""

from __future__ import annotations

import numpy as np
import pytest
from fake_session import EchoSession, fake_model

from sideman.evaluation import levels
from sideman.evaluation.metrics import level_db


class QuietSession(EchoSession):
    """Plays what it hears, 20 dB down."""

    def answer(self, hop_id, heard):
        return 0.1 * heard


@pytest.fixture
def heard_from_quiet(monkeypatch):
    monkeypatch.setattr(levels, "open_session", lambda model, parts, hop, lead: QuietSession())


def test_what_is_missing_of_the_true_level_is_made_up_in_the_median(pieces, heard_from_quiet):
    gains = levels.make_up(fake_model(), pieces[:2])
    rate = pieces[0].sample_rate
    expected = [
        np.median([
            level_db(piece.audio(part), rate) - level_db(0.1 * piece.context(part), rate)
            for piece in pieces[:2]
        ])
        for part in ("bass", "drums")
    ]  # fmt: skip
    assert gains == pytest.approx(np.clip(expected, -12, 12), abs=0.7)


def test_nothing_to_compare_with_is_no_gain(heard_from_quiet):
    assert levels.make_up(fake_model(), []) == (0.0, 0.0)
