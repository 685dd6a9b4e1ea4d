"""The fixed, causal half of the codec: audio to semitone amplitudes and sub-frame band levels.

Pitch comes from two long windows whose bins are reassigned to their instantaneous frequency
(Auger and Flandrin 1995, "Improving the readability of time-frequency and time-scale
representations", frequency part), so a bass note falls on one semitone although the window does
not separate semitones there. Timing comes from short windows in six bands. All windows end with
the frame, and peak near their end, so that new notes are seen early.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

__all__ = [
    "BANDS",
    "FIRST_MIDI",
    "HISTORY_SAMPLES",
    "SEMITONES",
    "SPLIT",
    "Analysis",
    "long_windows",
    "semitone_hertz",
]

FIRST_MIDI = 28
SEMITONES = 72
SPLIT = 36  # semitones below use the longer window
BANDS = 6
COARSE_BANDS = 2  # bands with 4 levels per frame; the others have 8
EDGES_HZ = (0.0, 150.0, 400.0, 1000.0, 2600.0, 6500.0, 18000.0)
DECIMATION = 4
TAPS = 48
LONG, MIDDLE = 2048, 1024  # decimated samples
COARSE, FINE = 512, 512  # decimated samples; samples
HISTORY_SAMPLES = (LONG - 512) * DECIMATION + TAPS


def semitone_hertz() -> torch.Tensor:
    """Centre frequencies [SEMITONES], float64, equal temperament with A4 = 440 Hz."""
    midi = torch.arange(FIRST_MIDI, FIRST_MIDI + SEMITONES, dtype=torch.float64)
    return 440.0 * 2.0 ** ((midi - 69.0) / 12.0)


def _late_window(size: int, fall: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A squared sine that rises over size - fall samples and falls over the rest; its slope."""
    n = torch.arange(size, dtype=torch.float64) + 0.5
    rise = size - fall
    up, down = math.pi * n / (2 * rise), math.pi * (size - n) / (2 * fall)
    window = torch.where(n < rise, torch.sin(up) ** 2, torch.sin(down) ** 2)
    slope = torch.where(
        n < rise,
        math.pi / (2 * rise) * torch.sin(2 * up),
        -math.pi / (2 * fall) * torch.sin(2 * down),
    )
    return window, slope


def long_windows() -> tuple[tuple[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]:
    """(window, slope) of the longer and of the shorter pitch window, in decimated samples."""
    return _late_window(LONG, LONG // 4), _late_window(MIDDLE, MIDDLE // 4)


class Analysis(nn.Module):
    """Audio with its past -> amplitudes and levels, linear. Holds constants only."""

    def __init__(self, sample_rate: int, frame_samples: int):
        super().__init__()
        self.sample_rate, self.frame_samples = sample_rate, frame_samples
        self.rate = sample_rate / DECIMATION
        n = torch.arange(TAPS, dtype=torch.float64) - (TAPS - 1) / 2
        lowpass = torch.sinc(n * 2 * 4400.0 / sample_rate) * torch.hann_window(
            TAPS + 2, periodic=False, dtype=torch.float64
        )[1:-1]
        self._constant("lowpass", (lowpass / lowpass.sum())[None, None])
        for name, (window, slope) in zip(("long", "middle"), long_windows()):
            self._constant(f"{name}_window", torch.stack([window, slope]))
        self._constant("coarse_window", _late_window(COARSE, COARSE // 8)[0])
        self._constant("fine_window", _late_window(FINE, FINE // 4)[0])
        self._constant("coarse_bands", _membership(COARSE, self.rate, 0, COARSE_BANDS))
        self._constant("fine_bands", _membership(FINE, sample_rate, COARSE_BANDS, BANDS))

    def _constant(self, name: str, value: torch.Tensor) -> None:
        self.register_buffer(name, value.to(torch.float32), persistent=False)

    def forward(
        self, audio: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """[B, HISTORY_SAMPLES + n * frame] -> semitone amplitudes [B, n, SEMITONES],

        band levels (RMS) [B, n, 4, COARSE_BANDS] and [B, n, 8, BANDS - COARSE_BANDS].
        """
        low = functional.conv1d(audio[:, None, DECIMATION:], self.lowpass, stride=DECIMATION)[:, 0]
        step = self.frame_samples // DECIMATION
        low_notes = self._notes(low.unfold(-1, LONG, step), self.long_window, 0, 100)
        recent = low[:, LONG - MIDDLE :]
        high_notes = self._notes(recent.unfold(-1, MIDDLE, step), self.middle_window, 20, 262)
        notes = torch.cat([low_notes[..., :SPLIT], high_notes[..., SPLIT:]], dim=-1)
        frames = notes.shape[1]
        coarse = low[:, LONG - step + step // 4 - COARSE :].unfold(-1, COARSE, step // 4)
        hop = self.frame_samples // 8
        fine = audio[:, HISTORY_SAMPLES + hop - FINE :].unfold(-1, FINE, hop)
        return (
            notes,
            _levels(coarse, self.coarse_window, self.coarse_bands).unflatten(1, (frames, 4)),
            _levels(fine, self.fine_window, self.fine_bands).unflatten(1, (frames, 8)),
        )

    def _notes(
        self, segments: torch.Tensor, windows: torch.Tensor, first: int, end: int
    ) -> torch.Tensor:
        """[B, n, size] -> amplitude of the sines found near each semitone [B, n, SEMITONES]."""
        size = segments.shape[-1]
        here = torch.fft.rfft(segments * windows[0])[..., first:end]
        slope = torch.fft.rfft(segments * windows[1])[..., first:end]
        power = here.real**2 + here.imag**2
        turn = (slope.imag * here.real - slope.real * here.imag) / (power + 1e-12)
        move = -turn * (size / (2 * math.pi))  # in bins
        bins = torch.arange(first, end, device=segments.device) + move
        # Around a sine all bins point to one place; around noise and clicks they do not.
        spread = 0.5 * (bins[..., 2:] - bins[..., :-2])
        sine = 1.0 / (1.0 + (spread / 0.5) ** 4) / (1.0 + (move[..., 1:-1] / 2.5) ** 8)
        power = power[..., 1:-1] * sine * (4.0 / (size * windows[0].square().sum()))
        hertz = bins[..., 1:-1].clamp(min=0.5) * (self.rate / size)
        place = 12.0 * torch.log2(hertz / 440.0) + 69.0 - FIRST_MIDI
        place = place.clamp(-2.0, SEMITONES + 1.0) + 2.0
        lower = place.floor()
        share = (2.0 * (place - lower) - 0.5).clamp(0.0, 1.0)
        found = power.new_zeros(*power.shape[:-1], SEMITONES + 5)
        found.scatter_add_(-1, lower.long(), power * (1.0 - share))
        found.scatter_add_(-1, lower.long() + 1, power * share)
        return found[..., 2 : SEMITONES + 2].sqrt()


def _membership(size: int, rate: float, first: int, end: int) -> torch.Tensor:
    """Share of each FFT bin in each band: [size // 2 + 1, end - first]."""
    width = rate / size
    centre = torch.arange(size // 2 + 1, dtype=torch.float64)[:, None] * width
    edges = torch.tensor(EDGES_HZ[first : end + 1], dtype=torch.float64)
    below = ((edges - centre) / width + 0.5).clamp(0.0, 1.0)
    return below[:, 1:] - below[:, :-1]


def _levels(
    segments: torch.Tensor, window: torch.Tensor, bands: torch.Tensor
) -> torch.Tensor:
    """[B, steps, size] -> RMS in each band [B, steps, bands]."""
    spectrum = torch.fft.rfft(segments * window)
    power = spectrum.real**2 + spectrum.imag**2
    scale = 2.0 / (segments.shape[-1] * window.square().sum())
    return (power @ (bands * scale)).sqrt()
