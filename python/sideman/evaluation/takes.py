"""Plays several takes at once, those that share a model in one batch: other pieces, parts, controls
and seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from sideman.data.pieces import Piece
from sideman.evaluation.clock_watch import ignore
from sideman.streaming.controls import Clock, Controls, Slot
from sideman.streaming.session import Call
from sideman.streaming.sessions import AnySession, step_together

__all__ = ["PATIENCE", "Asked", "play_in_turns", "play_together", "transport"]

PATIENCE = 1.0  # beats, as the object has it by default
AT_ONCE = 64  # takes that are held in memory, with what they hear


@dataclass(frozen=True)
class Asked:
    """One take of a session for one part.

    piece: whose beat the clock tells, as a host's transport does, where `clock` says so; heard and
    sketch float32 [samples]: what is played to it; controls(second): all but the clock;
    watch(state, slot) is called after each step with the first sample of its slot.
    """

    session: AnySession
    piece: Piece
    heard: np.ndarray
    controls: Callable[[float], Controls]
    sketch: np.ndarray | None = None
    seed: int = 0
    clock: bool = True
    watch: Callable[[Any, int], None] = ignore


def play_together(
    asked: Sequence[Asked], done: Callable[[int, int], None] = lambda samples, total: None
) -> list[np.ndarray]:
    """What each take plays, aligned with what it heard: float32, as long as that.

    Hop n is heard once it is complete and answered in slot n, which starts `lead` frames after its
    end; so nothing that sounds can depend on its own future, and the first reaction (hop + lead) is
    silence. All sessions have the same hop and lead. done(samples, total) is
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
        for take, row, (audio, state) in zip(asked, played, answers, strict=True):
            take.watch(state, slot)
            audible = row[slot : slot + hop]
            audible[:] = audio[0, : len(audible)]
        done(start, longest)
    return [row[: len(take.heard)] for row, take in zip(played, asked, strict=True)]


def play_in_turns(
    asked: Iterable[Asked], count: int, done: Callable[[int, int], None] = lambda takes, total: None
) -> Iterator[np.ndarray]:
    """`play_together` for as many takes as there may be, `count` of them: they are asked for and
    played so many at a time, in order. done(takes, total) is called after every hop."""
    before, asked = 0, iter(asked)
    while some := list(islice(asked, AT_ONCE)):

        def hop_done(samples: int, total: int) -> None:
            done(before + len(some) * samples // total, count)

        yield from play_together(some, hop_done)
        before += len(some)


def _call(take: Asked, state: object, hop_id: int, slot: int) -> Call:
    session, rate = take.session, take.piece.sample_rate
    start = hop_id * session.hop_samples
    clock = transport(take.piece, slot) if take.clock else None
    controls = replace(take.controls(slot / rate), clock=clock)
    heard = _cut(take.heard, start, session.hop_samples)
    sketch = None if take.sketch is None else _cut(take.sketch, start, session.hop_samples)
    return Call(session, state, heard, Slot(hop_id), controls, sketch)


def _cut(audio: np.ndarray, start: int, samples: int) -> np.ndarray:
    piece = audio[start : start + samples]
    return np.pad(piece, (0, samples - len(piece)))


def transport(piece: Piece, sample: int) -> Clock | None:
    """What a host's transport says at a sample of the piece; None where nobody knows its beat."""
    if not piece.beat_known:
        return None
    return Clock(float(piece.bpm_at(sample)), float(piece.beat_at(sample)), piece.beats_per_bar)
