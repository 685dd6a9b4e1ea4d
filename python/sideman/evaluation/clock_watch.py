"""Whether the clock that a session hears is right, slot by slot."""

from __future__ import annotations

from typing import Any

from sideman.data.pieces import Piece
from sideman.streaming.session import Session

__all__ = ["ClockWatch", "ignore"]

SETTLED_S = 8.0
TOLERANCE = 1 / 8  # of an eighth note
TOLERANCE_S = 0.07


def ignore(state: Any, slot: int) -> None:
    """Watches nothing."""


class ClockWatch:
    """Counts the slots from 8 s on for which the tracked beat lies within an eighth of an eighth
    note (31 ms at 120 bpm), and 70 ms, of the true one, at any eighth note of the beat: what the
    session plays by. A clock that has the tempo and guesses the phase is right in a quarter of the
    takes, at any tempo. Use it as `watch` of a rollout."""

    def __init__(self, session: Session, piece: Piece):
        self._session, self._piece = session, piece
        self._right = self._slots = 0

    def __call__(self, state: Any, slot: int) -> None:
        if slot < SETTLED_S * self._piece.sample_rate or not self._piece.beat_known:
            return
        self._slots += 1
        clock = self._session.heard_clock(state)
        if clock is None or clock.confidence < 0.5:
            return
        lead = self._session.lead_frames * self._session.frame_seconds
        told = clock.moved(lead).beat
        true, later = self._piece.beat_at(slot), self._piece.beat_at(slot + self._piece.sample_rate)
        eighths = 2 * (told - float(true))
        off = abs(eighths - round(eighths))
        seconds = off / 2 / float(later - true)
        tempo = clock.bpm / (60 * float(later - true))
        self._right += off <= TOLERANCE and seconds <= TOLERANCE_S and abs(tempo - 1) < 0.08

    @property
    def share_right(self) -> float | None:
        """0 to 1; None when the piece ends before 8 s, and when nobody knows its beat."""
        return self._right / self._slots if self._slots else None
