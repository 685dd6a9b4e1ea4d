"""How much louder a model's parts must be to be as loud as those it learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sideman.data.pieces import Piece
from sideman.evaluation.metrics import level_db
from sideman.evaluation.takes import PATIENCE, Asked, play_together
from sideman.models.checkpoint import MOST_GAIN_DB, LoadedModel
from sideman.streaming.controls import usual_controls
from sideman.streaming.sessions import open_session

__all__ = ["make_up"]

SILENT_DB = -100.0


def make_up(model: LoadedModel, pieces: Sequence[Piece]) -> tuple[float, ...]:
    """dB for each part of the model, rounded to a tenth: the median, over those of `pieces` where both
    sound, of the true part's level less that of what the model plays live; 0 where there are none."""
    spec = model.spec
    usual = usual_controls(spec, patience=PATIENCE)
    asked, parts = [], []
    for part in spec.parts:
        session = open_session(model, [part], spec.hop_frames, spec.lead_frames)
        for piece in pieces:
            if part in piece.parts:
                heard = piece.context(part)
                asked.append(Asked(session, piece, heard, lambda _: usual, seed=len(asked)))
                parts.append(part)
    missing: dict[str, list[float]] = {part: [] for part in spec.parts}
    for part, take, played in zip(parts, asked, play_together(asked) if asked else [], strict=True):
        rate = take.piece.sample_rate
        true, own = level_db(take.piece.audio(part), rate), level_db(played, rate)
        if min(true, own) > SILENT_DB:
            missing[part].append(true - own)
    gains = (float(np.median(missing[part])) if missing[part] else 0.0 for part in spec.parts)
    return tuple(round(float(np.clip(gain, -MOST_GAIN_DB, MOST_GAIN_DB)), 1) for gain in gains)
