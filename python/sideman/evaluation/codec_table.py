"""Codecs side by side: how far from the true parts they sound, and what of the music they keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch

from sideman.data.pieces import Piece
from sideman.evaluation.codec_gate import kept_shares
from sideman.evaluation.controls import OfflineCodec, reconstruction
from sideman.evaluation.distance import MEL_FLOOR, Scale, frechet, log_mel, mel_patches, moments
from sideman.evaluation.scores import CODEC, TRUE, Take, measure, summarise
from sideman.models.codec import Codec

__all__ = ["Row", "compare", "untrained"]

HOP = 1024  # samples between the spectra that are compared
AUDIBLE = 10.0  # times the floor: bands below it in both are not compared


@dataclass(frozen=True)
class Row:
    """What one codec makes of one part, over all pieces.

    mel_distance: Frechet distance of log-mel patches to the true part's (evaluation.distance);
    mel_error: mean difference of log-mel levels at the same time, in dB, where either sounds;
    harmony_kept, a8_kept: shares of the true part's lifts, 1 = all; no harmony for drums.
    """

    codec: str
    part: str
    mel_distance: float
    mel_error: float
    harmony_kept: float | None
    a8_kept: float | None


def untrained(codec: Codec) -> Codec:
    """The same codec with its decoder as it is before training: oscillators and noise alone."""
    plain = deepcopy(codec)
    torch.nn.init.zeros_(plain.correction.out.weight)
    torch.nn.init.zeros_(plain.correction.out.bias)
    return plain


def compare(
    codecs: Mapping[str, OfflineCodec],
    pieces: Sequence[Piece],
    parts: Sequence[str],
    report: Callable[[int, int], None] = lambda done, total: None,
) -> list[Row]:
    """A row for each part and codec, those of one part together. Parts that no piece has, or that are
    silent in all, are left out."""
    rows = []
    present = [
        part for part in parts
        if any(part in piece.parts and piece.audio(part).any() for piece in pieces)
    ]  # fmt: skip
    for done, part in enumerate(present, start=1):
        having = [piece for piece in pieces if part in piece.parts]
        rows.extend(_row(name, codec, having, part) for name, codec in codecs.items())
        report(done, len(present))
    return rows


def _row(name: str, codec: OfflineCodec, pieces: Sequence[Piece], part: str) -> Row:
    takes, errors, true_patches, made_patches = [], [], [], []
    for piece in pieces:
        true, context = piece.audio(part), piece.context(part)
        made = reconstruction(codec, true)
        for row, played in ((TRUE, true), (CODEC, made)):
            takes.append(Take(piece.id, part, row, measure(piece, played, context)))
        errors.append(_mel_error(true, made, piece.sample_rate))
        for patches, audio in ((true_patches, true), (made_patches, made)):
            sound = torch.from_numpy(audio)
            patches.append(mel_patches(sound, piece.sample_rate))
    kept = kept_shares(summarise(takes))[part]
    scale = Scale.of(np.concatenate(true_patches))
    true_moments, made_moments = (
        moments(scale(np.concatenate(patches))) for patches in (true_patches, made_patches)
    )
    distance = frechet(true_moments, made_moments)
    return Row(name, part, distance, float(np.mean(errors)), kept.harmony_lift, kept.a8)


def _mel_error(true: np.ndarray, made: np.ndarray, rate: int) -> float:
    one, other = (log_mel(torch.from_numpy(audio), rate, HOP) for audio in (true, made))
    sounding = torch.maximum(one, other) > np.log(AUDIBLE * MEL_FLOOR)
    if not sounding.any():
        return 0.0
    return float((one - other).abs()[sounding].mean() * 20 / np.log(10))
