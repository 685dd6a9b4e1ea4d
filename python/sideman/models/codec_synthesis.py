"""The sounding half of the codec: oscillators on the semitones and noise in bands.

Everything that sounds is a pure function of the absolute frame index and of the levels, so the
decoder carries no phase from frame to frame, and the gradient reaches every level.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from sideman.models.codec_analysis import (
    BANDS,
    DECIMATION,
    EDGES_HZ,
    HISTORY_SAMPLES,
    SEMITONES,
    SPLIT,
    Analysis,
    long_windows,
    semitone_hertz,
)

__all__ = ["MEMORY_FRAMES", "SUBFRAMES", "Synthesis"]

SUBFRAMES = 8
MEMORY_FRAMES = 4  # how far back the longest pitch window saw
NOISE_FRAMES = 64
FLOOR = 1e-4  # RMS
TONE_CLAIM = 4.0  # blur makes tones measure low; noise between them costs the harmony first
RISE = 2.0  # power against its own recent average that makes an attack
LOUDEST_SHARE = 2.0  # amplitude of one semitone against the level of its band


class Synthesis(nn.Module):
    """Levels -> audio. Holds constants only."""

    def __init__(self, analysis: Analysis):
        super().__init__()
        self.sample_rate, self.frame_samples = analysis.sample_rate, analysis.frame_samples
        self.step = self.frame_samples // SUBFRAMES
        leak = _leakage(analysis)
        self._constant("leak", leak)
        self._constant("belongs", leak / leak.sum(dim=1, keepdim=True))
        self._constant("memory", torch.stack([_memory(i, self.step) for i in (0, 1)]))
        self._constant("sines", self._sines())
        self._constant("noise", _noise_table(self.sample_rate, self.frame_samples))

    def _constant(self, name: str, value: torch.Tensor) -> None:
        self.register_buffer(name, value.to(torch.float32), persistent=False)

    def _sines(self) -> torch.Tensor:
        """[2 * 2 * SEMITONES, step]: cos, -sin, each fading out and in over one sub-frame."""
        n = torch.arange(self.step, dtype=torch.float64)
        angle = 2 * math.pi * semitone_hertz()[:, None] / self.sample_rate * n
        rise = (n + 1) / self.step
        waves = torch.cat([torch.cos(angle), -torch.sin(angle)])
        return torch.cat([waves * (1 - rise), waves * rise])

    def mix(
        self, notes: torch.Tensor, levels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What the oscillators and the noise have to do at the end of every sub-frame.

        notes [B, n, SEMITONES] amplitudes, levels [B, n, SUBFRAMES, BANDS] RMS; the first
        MEMORY_FRAMES frames are only remembered. The pitch windows saw the average of the last
        frames; dividing it out gives a note its sharp attack and release back.
        -> tones [B, n - MEMORY_FRAMES, SUBFRAMES, SEMITONES], noises [.., SUBFRAMES, BANDS].
        """
        power = levels.square()
        past = power.flatten(1, 2).unfold(1, MEMORY_FRAMES * SUBFRAMES, SUBFRAMES)
        seen = torch.einsum("bnfs,ws->bnwf", past, self.memory)
        seen = (seen[:, :, :1] @ self.belongs[:SPLIT].T, seen[:, :, 1:] @ self.belongs[SPLIT:].T)
        average = torch.cat(seen, dim=-1)[:, :, 0]
        pattern = notes[:, MEMORY_FRAMES - 1 :] / (average + FLOOR**2).sqrt()
        pattern = pattern.clamp(max=LOUDEST_SHARE)
        fade = (torch.arange(1, SUBFRAMES + 1, device=notes.device) / 4.0).clamp(max=1.0)
        before, after = pattern[:, :-1, None], pattern[:, 1:, None]
        pattern = before + (after - before) * fade[:, None]
        power = power[:, MEMORY_FRAMES:]
        tones = pattern * (_steadied(levels.square()) @ self.belongs.T + FLOOR**4).sqrt()
        rest = functional.relu(power - TONE_CLAIM * (tones.square() @ self.leak))
        return tones, (rest + FLOOR**4).sqrt() - FLOOR**2

    def forward(
        self, tones: torch.Tensor, noises: torch.Tensor, first_frame: int
    ) -> torch.Tensor:
        """tones [B, 1 + n * SUBFRAMES, SEMITONES], noises [.., BANDS] -> audio [B, n * frame].

        Row 0 is the end of what sounded before; levels move linearly from row to row.
        """
        batch, steps = tones.shape[0], tones.shape[1] - 1
        cosine, sine = self._phases(first_frame * SUBFRAMES, steps, tones.device)
        turned = [
            torch.cat([rows * cosine, rows * sine], dim=-1) for rows in (tones[:, :-1], tones[:, 1:])
        ]
        audio = torch.cat(turned, dim=-1) @ self.sines
        start = first_frame % NOISE_FRAMES * SUBFRAMES
        index = (start + torch.arange(steps, device=tones.device)) % (NOISE_FRAMES * SUBFRAMES)
        rise = torch.arange(1, self.step + 1, device=tones.device) / self.step
        noise = self.noise[index]
        quiet = torch.einsum("bsf,sft->bst", noises[:, :-1], noise)
        loud = torch.einsum("bsf,sft->bst", noises[:, 1:], noise)
        return (audio + quiet + (loud - quiet) * rise).reshape(batch, steps * self.step)

    def _phases(
        self, first_step: int, steps: int, device: torch.device
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """cos and sin of every oscillator at the start of each sub-frame: [steps, SEMITONES]."""
        step = torch.arange(first_step, first_step + steps, dtype=torch.float64)
        cycles = step[:, None] * (semitone_hertz() * self.step / self.sample_rate)
        golden = torch.arange(SEMITONES, dtype=torch.float64) * 0.6180339887498949
        angle = 2 * math.pi * torch.remainder(cycles + golden, 1.0)
        return torch.cos(angle).float().to(device), torch.sin(angle).float().to(device)


def _steadied(power: torch.Tensor) -> torch.Tensor:
    """Band power averaged over one frame, except where it rises: as it is.

    Tones that share a band beat; passing the beating on to all of them would add sidebands, which
    are wrong notes. [B, n, SUBFRAMES, BANDS] -> [B, n - MEMORY_FRAMES, SUBFRAMES, BANDS].
    """
    frames = power.shape[1] - MEMORY_FRAMES
    now = power[:, MEMORY_FRAMES:]
    recent = power.flatten(1, 2).unfold(1, SUBFRAMES, 1).mean(dim=-1)
    average = recent[:, recent.shape[1] - frames * SUBFRAMES :].unflatten(1, (frames, SUBFRAMES))
    rising = 2.0 * (now / (average + FLOOR**2) - RISE)
    return average + rising.clamp(0.0, 1.0) * (now - average)


@torch.no_grad()
def _leakage(analysis: Analysis) -> torch.Tensor:
    """Power that the bands report for a sine of amplitude 1 on each semitone [SEMITONES, BANDS]."""
    frame = analysis.frame_samples
    n = torch.arange(HISTORY_SAMPLES + 2 * frame, dtype=torch.float64)
    angle = 2 * math.pi * semitone_hertz()[:, None] / analysis.sample_rate * n
    _, coarse, fine = analysis(torch.cat([torch.sin(angle), torch.cos(angle)]).float())
    both = torch.cat([coarse.square().mean(dim=(1, 2)), fine.square().mean(dim=(1, 2))], dim=1)
    return both.unflatten(0, (2, SEMITONES)).mean(dim=0)


def _memory(which: int, step: int) -> torch.Tensor:
    """How much each of the last sub-frames weighs in a pitch window, sum 1: [32]."""
    window = long_windows()[which][0].square().repeat_interleave(DECIMATION)
    weights = window.unflatten(0, (-1, step)).sum(dim=1) / window.sum()
    return functional.pad(weights, (MEMORY_FRAMES * SUBFRAMES - len(weights), 0))


def _noise_table(sample_rate: int, frame_samples: int) -> torch.Tensor:
    """Noise of RMS 1 in every band, seamless over its period: [steps, BANDS, step]."""
    samples = NOISE_FRAMES * frame_samples
    white = torch.randn(samples, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    spectrum = torch.fft.rfft(white)
    hertz = torch.fft.rfftfreq(samples, 1.0 / sample_rate)
    bands = []
    for low, high in zip(EDGES_HZ[:-1], EDGES_HZ[1:]):
        keep = (hertz >= max(low, 30.0)) & (hertz < high)
        band = torch.fft.irfft(spectrum * keep, n=samples)
        bands.append(band / band.square().mean().sqrt())
    return torch.stack(bands).unflatten(1, (-1, frame_samples // SUBFRAMES)).transpose(0, 1)
