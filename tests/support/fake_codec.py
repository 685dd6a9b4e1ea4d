"""A codec for tests: an orthogonal projection of each frame plus an echo of the frame before."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from sideman.models.sketch import SKETCH_CHANNELS, sketch_of

SUBFRAMES = 8


@dataclass(frozen=True)
class FakeCodecConfig:
    channels: int = 6
    frame_samples: int = 16
    sample_rate: int = 1600


@dataclass(frozen=True)
class FakeState:
    last: torch.Tensor
    frame: int

    def clone(self) -> FakeState:
        return FakeState(self.last.clone(), self.frame)


class FakeCodec(nn.Module):
    """Every channel counts as a band and as a chord of its own."""

    def __init__(self, config: FakeCodecConfig):
        super().__init__()
        self.config = config
        self.channels = config.channels
        self.pitch_channels = config.channels // 2
        self.bands = [0] * self.pitch_channels + [1] * (config.channels - self.pitch_channels)
        self.sketch_channels = SKETCH_CHANNELS
        self.frame_samples = config.frame_samples
        self.sample_rate = config.sample_rate
        generator = torch.Generator().manual_seed(1)
        square = torch.randn(config.frame_samples, config.frame_samples, generator=generator)
        self.basis = nn.Parameter(torch.linalg.qr(square)[0][:, : config.channels].contiguous())

    def encoder_state(self, batch: int) -> FakeState:
        return FakeState(self.basis.new_zeros(batch, self.channels), 0)

    def decoder_state(self, batch: int) -> FakeState:
        return FakeState(self.basis.new_zeros(batch, self.frame_samples), 0)

    def encode(self, audio, state):
        frames = audio.view(audio.shape[0], -1, self.frame_samples)
        now = frames @ self.basis
        before = torch.cat((state.last[:, None], now[:, :-1]), dim=1)
        latents = (now + 0.5 * before).transpose(1, 2)
        return latents, FakeState(now[:, -1], state.frame + frames.shape[1])

    def decode(self, latents, state):
        now = latents.transpose(1, 2) @ self.basis.T
        before = torch.cat((state.last[:, None], now[:, :-1]), dim=1)
        audio = (now + 0.25 * before).flatten(1)
        return audio, FakeState(now[:, -1], state.frame + latents.shape[-1])

    def encode_all(self, audio):
        return self.encode(audio, self.encoder_state(audio.shape[0]))[0]

    def decode_all(self, latents):
        return self.decode(latents, self.decoder_state(latents.shape[0]))[0]

    def limit(self, latents):
        return latents.clamp(-50, 50)

    def silence_latent(self):
        return self.basis.new_zeros(self.channels)

    def sketch(self, latents, before):
        notes = torch.log1p(latents.abs()).repeat_interleave(72 // self.channels, dim=1)
        return sketch_of(notes, self.loudness(latents), self.loudness(before))

    def loudness(self, latents):
        return torch.log1p(self.band_levels(latents).square().sum(2).sqrt())

    def band_levels(self, latents):
        rising = torch.linspace(0.5, 1.5, SUBFRAMES, device=latents.device)[:, None, None]
        return rising * latents.abs()[:, None]
