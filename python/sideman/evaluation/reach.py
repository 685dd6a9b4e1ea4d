"""Families, regimes, leads and steps beside each other: quality against reach.

The reach of a playing is the time from the newest sample heard to the end of the slot, hop + lead:
the paper's (w + 1) r T. 0 is the retrospective regime, which hears what it plays to. Everything is
played by the live Session and measured on its audio, as in `stages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sideman.data.pieces import Piece
from sideman.errors import ModelError, SettingsError
from sideman.evaluation.stages import Playing, Report, Row, check_codecs, compare
from sideman.evaluation.takes import PATIENCE
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import usual_controls

__all__ = ["Found", "measure_reach", "playings_of"]


@dataclass(frozen=True)
class Found:
    """model, family; hop and lead in frames; reach in seconds; sampler and steps; what came of it."""

    model: str
    family: str
    hop_frames: int
    lead_frames: int
    reach_seconds: float
    sampler: str
    steps: int
    row: Row


def playings_of(
    name: str,
    model: LoadedModel,
    grids: Sequence[tuple[int, int]],
    steps: Sequence[int],
    clock: bool = True,
) -> list[Playing]:
    """A playing for each (hop, lead) that the model, called `name`, can play and each number of
    steps (none: its own).

    Raises SettingsError when there is none.
    """
    spec, found = model.spec, []
    for hop, lead in grids or [(spec.hop_frames, spec.lead_frames)]:
        for count in steps or [spec.steps]:
            controls = usual_controls(spec, steps=count, patience=PATIENCE)
            title = f"{name}, hop {hop}, lead {lead}, {count} {spec.sampler}"
            playing = Playing(title, model, controls, hop, lead, clock=clock, called=name)
            if _plays(playing):
                found.append(playing)
    if not found:
        raise SettingsError(
            f"{name} plays none of these hops and leads: give some of hops "
            f"{' '.join(map(str, spec.hops[:8]))} and leads {spec.leads[0]} to {spec.leads[1]}"
        )
    return found


def measure_reach(
    todo: Sequence[Playing], pieces: Sequence[Piece], report: Report, seed: int = 0
) -> tuple[Row, list[Found]]:
    """The row of real music through the codec, and what each playing reached. Playings of one codec
    are judged by it. Raises SettingsError for models of different codecs."""
    check_codecs(playing.model for playing in todo)
    real, *rows = compare(todo, pieces, report, seed)
    found = []
    for playing, row in zip(todo, rows, strict=True):
        spec = playing.model.spec
        seconds = (playing.hop_frames + playing.lead_frames) * spec.frame_samples / spec.sample_rate
        found.append(Found(
            playing.called or spec.name, spec.family, playing.hop_frames, playing.lead_frames,
            round(seconds, 4), playing.controls.sampler, playing.controls.steps, row,
        ))  # fmt: skip
    return real, found


def _plays(playing: Playing) -> bool:
    try:
        playing.session(playing.model.spec.parts[0])
    except ModelError:
        return False
    return True
