"""Plays several takes at once, those that share a model in one batch: other pieces, parts, controls
and seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sideman.data.pieces import Piece
from sideman.evaluation.rollout import transport
from sideman.streaming.controls import Controls, Slot
from sideman.streaming.session import Call
from sideman.streaming.sessions import AnySession, step_together

__all__ = ["Asked", "play_together"]


@dataclass(frozen=True)
class Asked:
    """One take of a session for one part.

    piece: whose beat the clock tells; heard and sketch float32 [samples]: what is played to it;
    controls(second): all but the clock.
    """

    session: AnySession
    piece: Piece
    heard: np.ndarray
    controls: Callable[[float], Controls]
    sketch: np.ndarray | None = None
    seed: int = 0


def play_together(
    asked: Sequence[Asked], done: Callable[[int, int], None] = lambda samples, total: None
) -> list[np.ndarray]:
    """What each take plays, aligned with what it heard: float32, as long as that.

    The first reaction is silence. All sessions have the same hop and lead. done(samples, total) is
    called after every hop.
    """
    hop, reaction = asked[0].session.hop_samples, asked[0].session.reaction_samples
    longest = max(len(take.heard) for take in asked)
    played = [np.zeros(longest, np.float32) for _ in asked]
    states = [take.session.start(take.seed) for take in asked]
    for hop_id, start in enumerate(range(0, longest - reaction, hop)):
        slot = start + reaction
        answers = step_together(
            [_call(take, state, hop_id, slot) for take, state in zip(asked, states, strict=True)]
        )
        states = [state for _, state in answers]
        for row, (audio, _) in zip(played, answers, strict=True):
            audible = row[slot : slot + hop]
            audible[:] = audio[0, : len(audible)]
        done(start, longest)
    return [row[: len(take.heard)] for row, take in zip(played, asked, strict=True)]


def _call(take: Asked, state: object, hop_id: int, slot: int) -> Call:
    session, rate = take.session, take.piece.sample_rate
    start = hop_id * session.hop_samples
    controls = replace(take.controls(slot / rate), clock=transport(take.piece, slot))
    heard = _cut(take.heard, start, session.hop_samples)
    sketch = None if take.sketch is None else _cut(take.sketch, start, session.hop_samples)
    return Call(session, state, heard, Slot(hop_id), controls, sketch)


def _cut(audio: np.ndarray, start: int, samples: int) -> np.ndarray:
    piece = audio[start : start + samples]
    return np.pad(piece, (0, samples - len(piece)))
