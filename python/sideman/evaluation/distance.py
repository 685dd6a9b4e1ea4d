"""How far a set of music is from another: Frechet distances of fixed statistics.

Two views of the same sound, each cut into patches, a vector per patch: means and spreads of the
latents (8 frames of the codec, 0.37 s with ours), and of log-mel levels of the audio (0.37 s).
Nothing in them is learnt for a comparison, so figures of different models and days compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

__all__ = [
    "MEL_BANDS",
    "MEL_FLOOR",
    "PATCH_FRAMES",
    "Moments",
    "Scale",
    "frechet",
    "latent_patches",
    "log_mel",
    "mel_patches",
    "moments",
]

PATCH_FRAMES = 8
MEL_FRAME = 2048  # samples at 44.1 kHz, whatever a codec's frame is: one ruler for all
MEL_BANDS = 40
MEL_FLOOR = 1e-4  # amplitude, -80 dB full scale
AXES = 24


@dataclass(frozen=True)
class Moments:
    """Mean [d] and covariance [d, d] of vectors."""

    mean: np.ndarray
    covariance: np.ndarray


@dataclass(frozen=True)
class Scale:
    """The fixed coordinates of a comparison: principal axes of a reference, in its own units.

    centre [f], axes [f, d]: the d directions in which the reference varies most, each divided by
    its spread there, so that a distance of 1 is one standard deviation of real music along one.
    """

    centre: np.ndarray
    axes: np.ndarray

    @classmethod
    def of(cls, reference: np.ndarray, axes: int = AXES) -> Scale:
        """The coordinates of reference vectors [n, f]. Raises ValueError for fewer than two."""
        if len(reference) < 2:
            raise ValueError(f"a scale needs at least 2 vectors, got {len(reference)}")
        centre = reference.mean(0)
        spread = reference.std(0) + 1e-3
        _, sizes, directions = np.linalg.svd((reference - centre) / spread, full_matrices=False)
        sizes = sizes[:axes] / np.sqrt(len(reference) - 1)
        kept = sizes > 1e-3 * sizes[0]
        return cls(centre, (directions[:axes] / spread).T[:, kept] / sizes[kept])

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors [n, f] -> [n, d]."""
        return (vectors - self.centre) @ self.axes


def moments(vectors: np.ndarray) -> Moments:
    """Mean and shrunk covariance of [n, d]: the oracle approximating shrinkage towards a multiple
    of the identity (Chen, Wiesel, Eldar and Hero 2010, IEEE TSP 58(10), eq. 23)."""
    count, size = vectors.shape
    if count < 2:
        raise ValueError(f"moments need at least 2 vectors, got {count}")
    sample = np.cov(vectors, rowvar=False, bias=True).reshape(size, size)
    trace, trace_square = np.trace(sample), np.square(sample).sum()
    upper = (1 - 2 / size) * trace_square + trace**2
    lower = (count + 1 - 2 / size) * (trace_square - trace**2 / size)
    share = 1.0 if lower <= 0 else min(1.0, upper / lower)
    return Moments(vectors.mean(0), (1 - share) * sample + share * trace / size * np.eye(size))


def frechet(one: Moments, other: Moments) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^1/2): squared Frechet distance of two normal
    distributions (Dowson and Landau 1982; for audio Kilgour et al. 2019, arXiv 1812.08466)."""
    root = _root(one.covariance)
    cross = np.linalg.eigvalsh(root @ other.covariance @ root)
    traces = np.trace(one.covariance) + np.trace(other.covariance)
    apart = np.square(one.mean - other.mean).sum()
    return max(0.0, float(apart + traces - 2 * np.sqrt(np.maximum(cross, 0)).sum()))


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def latent_patches(latents: torch.Tensor) -> np.ndarray:
    """Latents [D, n] -> float64 [n // 8, 3 D]: mean, spread and mean step of each channel."""
    count = latents.shape[-1] // PATCH_FRAMES
    cut = latents[:, : count * PATCH_FRAMES].float().unflatten(1, (count, PATCH_FRAMES))
    steps = cut.diff(dim=2).abs().mean(2)
    described = torch.cat((cut.mean(2), cut.std(2, correction=0), steps))
    return described.T.double().numpy()


def mel_patches(audio: torch.Tensor, rate: int) -> np.ndarray:
    """Audio [samples] -> float64 [n // 8, 2 bands]: mean and spread of log-mel levels per patch."""
    hop = round(MEL_FRAME / 2 * rate / 44100)
    levels = log_mel(audio, rate, hop)
    step = 2 * PATCH_FRAMES
    count = len(audio) // (hop * step)
    cut = levels[:, : count * step].unflatten(1, (count, step))
    return torch.cat((cut.mean(2), cut.std(2, correction=0))).T.double().numpy()


def log_mel(audio: torch.Tensor, rate: int, hop: int) -> torch.Tensor:
    """Natural log of mel amplitudes [..., bands, samples / hop] of audio [..., samples], floored."""
    window = torch.hann_window(2048, device=audio.device)
    spectrum = torch.stft(
        audio, 2048, hop, window=window, center=True, pad_mode="constant", return_complex=True
    ).abs() * (2 / window.sum())
    return (_mel_bank(rate).to(audio.device) @ spectrum + MEL_FLOOR).log()


@lru_cache(maxsize=4)
def _mel_bank(rate: int) -> torch.Tensor:
    """Triangles [bands, bins] equally wide in mel = 2595 log10(1 + f / 700), from 30 to 16000 Hz."""
    low, high = (2595 * np.log10(1 + f / 700) for f in (30.0, min(16000.0, rate / 2)))
    edges = 700 * (10 ** (np.linspace(low, high, MEL_BANDS + 2) / 2595) - 1)
    bins = np.linspace(0, rate / 2, 1025)
    rise = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    return torch.from_numpy(np.maximum(0, np.minimum(rise, fall))).float()
