"""Whether a codec keeps what matters: pitch and attacks, not spectral distance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sideman.data.pieces import Piece
from sideman.evaluation.controls import OfflineCodec, reconstruction
from sideman.evaluation.scores import (
    CODEC, PITCHED, TRUE, Summary, Take, measure, summarise)

__all__ = ["KEPT_AT_LEAST", "Kept", "codec_gate", "kept_shares"]

KEPT_AT_LEAST = 0.8


@dataclass(frozen=True)
class Kept:
    """Reconstruction over truth, each a mean over pieces; no harmony for drums, and no a8 where
    nobody knows the beat of any piece."""

    harmony_lift: float | None
    a8: float | None

    @property
    def passes(self) -> bool:
        shares = [share for share in (self.a8, self.harmony_lift) if share is not None]
        return bool(shares) and all(share >= KEPT_AT_LEAST for share in shares)


def codec_gate(
    codec: OfflineCodec, pieces: Sequence[Piece], parts: Sequence[str], seed: int = 0
) -> dict[str, Kept]:
    """Encode and decode the true parts of held-out pieces; what each part keeps, by part."""
    takes = []
    for piece in pieces:
        for part in (part for part in parts if part in piece.parts):
            audio, context = piece.audio(part), piece.context(part)
            for row, played in ((TRUE, audio), (CODEC, reconstruction(codec, audio))):
                score = measure(piece, played, context, seed)
                takes.append(Take(piece.id, part, row, score))
    return kept_shares(summarise(takes))


def kept_shares(summary: Mapping[str, Mapping[str, Mapping[str, Summary]]]) -> dict[str, Kept]:
    """The same from figures that are already there (scores.summarise)."""
    return {
        part: Kept(_share(rows, "harmony_lift") if part in PITCHED else None, _share(rows, "a8"))
        for part, rows in summary.items()
        if TRUE in rows and CODEC in rows
    }


def _share(rows: Mapping[str, Mapping[str, Summary]], figure: str) -> float | None:
    if not rows[TRUE][figure].pieces:
        return None
    true = rows[TRUE][figure].mean
    return rows[CODEC][figure].mean / true if true > 0 else 0.0
