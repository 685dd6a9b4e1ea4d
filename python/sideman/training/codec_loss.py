"""How far the decoded sound is from the true one, to the ear rather than to the FFT."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["SpectralLoss"]


class SpectralLoss(nn.Module):
    """Mean distance of log magnitudes over several windows, every octave counting alike.

    Multi-resolution STFT loss (Yamamoto et al. 2020, "Parallel WaveGAN", section 2.3), weighted by
    1/f: plain bins would spend the loss above 5 kHz and lose the pitch. The longest window sees
    what lies between the partials, where a noisy decoder blurs the harmony.
    """

    def __init__(
        self,
        sample_rate: int,
        windows: tuple[int, ...] = (512, 2048, 8192),
        importance: tuple[float, ...] = (1.0, 1.0, 2.0),
        lowest_hz: float = 40.0,
        floor: float = 1e-4,
    ):
        super().__init__()
        self.windows, self.importance, self.floor = windows, importance, floor
        for size in windows:
            hertz = torch.fft.rfftfreq(size, 1.0 / sample_rate)
            weight = torch.where(hertz < 16000.0, 1.0 / hertz.clamp(min=lowest_hz), 0.0)
            self.register_buffer(f"weight{size}", weight[:, None] / weight.sum())
            self.register_buffer(f"window{size}", torch.hann_window(size))

    def forward(self, made: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
        """made, true [B, samples], at least one longest window -> scalar, in natural logarithms."""
        both = torch.cat([made, true])
        total = both.new_zeros(())
        for size, importance in zip(self.windows, self.importance):
            window = getattr(self, f"window{size}")
            spectrum = torch.stft(
                both, size, size // 2, window=window, center=False, return_complex=True
            )
            power = spectrum.real.square() + spectrum.imag.square()
            level = torch.log(power * (4.0 / size) ** 2 + self.floor**2) / 2
            ours, theirs = level.chunk(2)
            distance = (ours - theirs).abs() * getattr(self, f"weight{size}")
            total = total + importance * distance.sum(dim=1).mean()
        return total / sum(self.importance)
