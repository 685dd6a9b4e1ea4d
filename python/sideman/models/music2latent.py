"""music2latent (Pasini et al. 2024, arXiv 2408.06500) as a codec of ours: the extra `paper`.

Its networks and weights are the package's, under CC BY-NC 4.0; transforms, noise and joins are ours.
A latent frame is 4096 samples and sees 5632; the encoder looks ahead, so a window is encoded anew
every hop, with silence where nothing is heard yet. Decoding is a jump from noise: frames that are
decoded twice get the same noise, and a slot begins as a fade from what the decoding before it had
beyond its end.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sideman.errors import ModelError
from sideman.models.foreign_checkpoint import ForeignCheckpoint
from sideman.remedies import pip_install

__all__ = ["M2lState", "Music2Latent", "to_audio", "to_spectrum"]

WINDOW, HOP, BINS = 2048, 512, 1024
FRAME, STFT_FRAMES = 4096, 8  # samples, and columns of the spectrum, of a latent frame
BEYOND = 1536  # samples that the last latent frame sees beyond its own
JOIN = 1024  # of which so many are good enough to fade from
PAST = 13  # latent frames on either side that one is decoded from
AT_ONCE, AROUND = 32, 16  # of long music: latent frames that are kept of a window, and those around
SCALE = 0.06  # of the bottleneck's range, to about unit variance
EXPONENT, FACTOR = 0.65, 0.34  # of the compressed spectrum
SIGMA_MAX = 80.0
REPOSITORY, FILE = "SonyCSLParis/music2latent", "music2latent.pt"
PLACE = "SIDEMAN_MUSIC2LATENT"
LICENCE = (
    "music2latent: its code and weights are licensed CC BY-NC 4.0 (Sony CSL Paris): "
    "not for commercial use"
)


@dataclass(frozen=True)
class M2lState:
    """past [B, 64, PAST]: the latents before the next; tail [B, JOIN]: what was decoded beyond the
    last sample given; frame: index of the next latent frame."""

    past: torch.Tensor
    tail: torch.Tensor
    frame: int

    def clone(self) -> M2lState:
        return replace(self, past=self.past.clone(), tail=self.tail.clone())


class Music2Latent(nn.Module):
    """Mono audio [B, n * 4096] <-> latents [B, 64, n]. network: the package's, for tests; else it is
    opened. Raises ModelError when package or weights are missing."""

    is_causal = False
    comes_from_elsewhere = True
    sample_rate, frame_samples, channels = 44100, FRAME, 64

    def __init__(self, network: nn.Module | None = None):
        super().__init__()
        self.network = (network or _published()).eval().requires_grad_(False)
        self.register_buffer("_here", torch.zeros(()), persistent=False)  # moves with the network
        self._silence: torch.Tensor | None = None

    @torch.no_grad()
    def encode_window(self, audio: torch.Tensor) -> torch.Tensor:
        """[B, n * 4096] -> [B, 64, n], as if silence came after it."""
        whole = torch.nn.functional.pad(audio, (0, BEYOND))
        return self.network.encoder(to_spectrum(whole)) / SCALE

    @torch.no_grad()
    def encode_all(self, audio: torch.Tensor) -> torch.Tensor:
        """The same for music of any length, a window after the other, which overlap."""
        frames, found = audio.shape[-1] // FRAME, []
        for start in range(0, frames, AT_ONCE):
            begin, end = max(0, start - AROUND), min(frames, start + AT_ONCE)
            window = audio[:, begin * FRAME : (end + AROUND) * FRAME]
            found.append(self.encode_window(window)[..., start - begin : end - begin])
        return torch.cat(found, dim=-1)

    @torch.no_grad()
    def decode_all(self, latents: torch.Tensor) -> torch.Tensor:
        """decode from silence and frame 0."""
        state, found = self.decoder_state(len(latents)), []
        for some in latents.split(AT_ONCE, dim=-1):
            audio, state = self.decode(some, state)
            found.append(audio)
        return torch.cat(found, dim=-1)

    @torch.no_grad()
    def silence_latent(self) -> torch.Tensor:
        """What long silence encodes to: [64]."""
        if self._silence is None:
            silence = torch.zeros(1, 16 * FRAME, device=self.device)
            self._silence = self.encode_window(silence)[0, :, 8]
        return self._silence

    @property
    def device(self) -> torch.device:
        return self._here.device

    def limit(self, latents: torch.Tensor) -> torch.Tensor:
        """The nearest latents that the encoder could give: a tanh, scaled."""
        return latents.clamp(-1 / SCALE, 1 / SCALE)

    def decoder_state(self, batch: int) -> M2lState:
        """Silence was played before."""
        past = self.silence_latent()[None, :, None].expand(batch, -1, PAST)
        return M2lState(past.clone(), torch.zeros(batch, JOIN, device=self.device), 0)

    @torch.no_grad()
    def decode(self, latents: torch.Tensor, state: M2lState) -> tuple[torch.Tensor, M2lState]:
        """[B, 64, n] -> [B, n * 4096], exactly where the latents are."""
        known = torch.cat((state.past, latents), dim=-1)
        audio = to_audio(self._spectrum(known, state.frame - PAST))
        begin, end = PAST * FRAME, known.shape[-1] * FRAME
        played, beyond = audio[:, begin:end].clone(), audio[:, end : end + JOIN]
        rise = torch.linspace(0, 1, JOIN + 1, device=audio.device)[1:]
        played[:, :JOIN] = torch.lerp(state.tail, played[:, :JOIN], rise)
        kept = known[..., known.shape[-1] - PAST :]
        return played.clamp(-1, 1), M2lState(kept, beyond, state.frame + latents.shape[-1])

    def _spectrum(self, latents: torch.Tensor, first: int) -> torch.Tensor:
        """[B, 64, n] -> [B, 2, 1024, 8 n] in one jump from noise that belongs to frame and row."""
        noise = torch.stack([
            torch.cat([_noise(first + n, row) for n in range(latents.shape[-1])], dim=-1)
            for row in range(len(latents))
        ]).to(self.device)
        bottleneck = latents * SCALE
        pyramid = self.network.decoder(bottleneck)
        sigma = torch.full((len(latents),), SIGMA_MAX, device=self.device)
        return self.network(bottleneck, SIGMA_MAX * noise, sigma, pyramid)


def to_spectrum(audio: torch.Tensor) -> torch.Tensor:
    """[B, samples] -> [B, 2, 1024, frames], real and imaginary: 0.34 |X|^0.65 e^(i arg X), without
    the bin at half the sample rate."""
    window = torch.hann_window(WINDOW, device=audio.device)
    spectrum = torch.fft.rfft(audio.unfold(-1, WINDOW, HOP) * window)[..., :BINS].transpose(1, 2)
    size = spectrum.abs().clamp_min(1e-12)
    spectrum = spectrum * (FACTOR * size ** (EXPONENT - 1))
    return torch.stack((spectrum.real, spectrum.imag), dim=1)


def to_audio(spectrum: torch.Tensor) -> torch.Tensor:
    """The inverse of to_spectrum, [B, (frames - 1) * 512 + 2048], on whatever device it is; at both
    ends, where fewer windows overlap, in full level as long as they say anything."""
    both = torch.complex(spectrum[:, 0].float(), spectrum[:, 1].float())
    size = both.abs().clamp_min(1e-12)
    both = both * ((size / FACTOR) ** (1 / EXPONENT) / size)
    both = torch.nn.functional.pad(both, (0, 0, 0, 1))  # the bin that was left out
    window = torch.hann_window(WINDOW, device=both.device)
    frames = torch.fft.irfft(both.transpose(1, 2), WINDOW) * window
    weights = window.square().expand_as(frames)
    added, weight = _overlapped(frames), _overlapped(weights)
    return added / weight.clamp_min(0.05)


def _overlapped(frames: torch.Tensor) -> torch.Tensor:
    """[B, frames, 2048] -> [B, (frames - 1) * 512 + 2048]."""
    count = frames.shape[1]
    samples = (count - 1) * HOP + WINDOW
    return torch.nn.functional.fold(
        frames.transpose(1, 2), (1, samples), (1, WINDOW), stride=(1, HOP)
    )[:, 0, 0]


def _noise(frame: int, row: int) -> torch.Tensor:
    """Noise [2, 1024, 8] of a latent frame (which may lie before the beginning) and a row."""
    generator = torch.Generator().manual_seed((frame + 1_000_000) * 64 + row)
    return torch.randn(2, BINS, STFT_FRAMES, generator=generator)


def _published() -> nn.Module:
    try:
        from music2latent import models
    except ImportError as error:
        raise ModelError(
            "this model needs music2latent, which is not installed; run: "
            f"{pip_install('music2latent')} ({error})"
        ) from error
    print(LICENCE)
    network = models.UNet()
    checkpoint = ForeignCheckpoint(_file())
    try:
        network.load_state_dict(checkpoint.state_dict("gen_state_dict"))
    except (ModelError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise ModelError(f"cannot use {checkpoint.path}: {first}; fetch {FILE} again") from error
    return network


def _file() -> Path:
    """The published weights: where the variable says, or where the package keeps them, fetched once."""
    told: Any = os.environ.get(PLACE)
    if told:
        return Path(told)
    try:
        from huggingface_hub import hf_hub_download, try_to_load_from_cache

        kept = try_to_load_from_cache(REPOSITORY, FILE)  # a stage may have no network
        return Path(kept if isinstance(kept, str) else hf_hub_download(REPOSITORY, FILE))
    except Exception as error:  # whatever the library says: no network, no disk, no such file
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelError(
            f"cannot fetch {FILE} of music2latent: {first}; fetch it by hand and set the variable "
            f"{PLACE} to its path"
        ) from error
