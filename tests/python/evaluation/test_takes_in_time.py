from __future__ import annotations

import numpy as np
import pytest
from fake_session import FRAME, EchoSession, ImpulseSession
from one_take import rollout

from sideman.streaming.controls import Controls

HOP, REACTION = 4 * FRAME, 7 * FRAME
SETTINGS = {"seed": 5, "controls": Controls(2, 2.5)}


def test_result_n_stands_exactly_in_slot_n_after_a_silent_first_reaction(pieces):
    piece = pieces[0]
    played = rollout(ImpulseSession(), piece, "bass", clock=True, **SETTINGS)
    expected = np.arange(REACTION, piece.samples, HOP)
    assert played.shape == (piece.samples,) and played.dtype == np.float32
    assert np.flatnonzero(played).tolist() == expected.tolist()
    assert played[expected].tolist() == list(range(1, len(expected) + 1))


@pytest.mark.parametrize("lead", [1, 3, 8])
def test_an_echo_is_the_context_late_by_hop_and_lead(pieces, lead):
    piece, late = pieces[0], (4 + lead) * FRAME
    played = rollout(EchoSession(lead_frames=lead), piece, "drums", clock=False, **SETTINGS)
    assert not played[:late].any()
    assert np.array_equal(played[late:], piece.context("drums")[: piece.samples - late])


def test_the_session_hears_the_other_parts_hop_by_hop(pieces):
    session = EchoSession()
    rollout(session, pieces[1], "bass", clock=False, **SETTINGS)
    heard = np.concatenate([call.heard for call in session.calls])
    assert all(call.heard.shape == (HOP,) for call in session.calls)
    assert [call.slot.hop_id for call in session.calls] == list(range(len(session.calls)))
    assert np.array_equal(heard, pieces[1].audio("drums")[: len(heard)])
    assert session.seed == 5


def test_the_clock_tells_the_beat_at_the_start_of_the_slot(pieces):
    piece, session = pieces[2], EchoSession()
    rollout(session, piece, "bass", clock=True, **SETTINGS)
    for hop_id, call in enumerate(session.calls):
        clock = call.controls.clock
        assert clock.beat == pytest.approx(piece.beat_at(hop_id * HOP + REACTION))
        assert (clock.bpm, clock.beats_per_bar) == (piece.bpm, piece.beats_per_bar)
    assert (call.controls.steps, call.controls.guidance) == (2, 2.5)


def test_without_a_clock_none_is_told(pieces):
    session = EchoSession()
    rollout(session, pieces[0], "bass", clock=False, **SETTINGS)
    assert all(call.controls.clock is None for call in session.calls)
