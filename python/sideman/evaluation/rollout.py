"""Plays the live Session over a piece: the evaluation's door to the room that the hosts use too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from sideman.data.pieces import Piece
from sideman.streaming.controls import Clock, Controls, Slot

__all__ = ["LiveSession", "rollout", "transport"]


class LiveSession(Protocol):
    """What a rollout needs of streaming.session.Session, made for one part."""

    hop_frames: int
    lead_frames: int
    hop_samples: int

    def start(self, seed: int = 0) -> Any: ...

    def step(
        self, state: Any, heard: np.ndarray, slot: Slot, controls: Controls
    ) -> tuple[np.ndarray, Any]: ...


def rollout(
    session: LiveSession,
    piece: Piece,
    part: str,
    *,
    controls: Controls,
    clock: bool,
    seed: int,
    watch: Callable[[Any, int], None] = lambda state, slot: None,
) -> np.ndarray:
    """What the session plays to the piece without `part`, aligned with it: float32 [samples].

    Hop n of the context is heard once it is complete and answered in slot n, which starts `lead`
    frames after its end; so nothing that sounds can depend on its own future, and the first
    reaction (hop + lead) is silence. With `clock`, each step is told the piece's beat at the start
    of its slot, as a host's transport tells it; without, the session may hear it (controls.track).
    `watch(state, slot)` is called after each step with the first sample of its slot.
    """
    hop = session.hop_samples
    reaction = hop + session.lead_frames * hop // session.hop_frames
    context = piece.context(part)
    played = np.zeros(piece.samples, dtype=np.float32)
    state = session.start(seed)
    for hop_id, start in enumerate(range(0, piece.samples - reaction, hop)):
        slot = start + reaction
        told = replace(controls, clock=transport(piece, slot) if clock else None)
        audio, state = session.step(state, context[start : start + hop], Slot(hop_id), told)
        watch(state, slot)
        audible = played[slot : slot + hop]
        audible[:] = audio[0, : len(audible)]
    return played


def transport(piece: Piece, sample: int) -> Clock | None:
    """What a host's transport says at a sample of the piece; None where nobody knows its beat."""
    if piece.bpm == 0:
        return None
    return Clock(float(piece.bpm_at(sample)), float(piece.beat_at(sample)), piece.beats_per_bar)
