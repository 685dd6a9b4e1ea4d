"""Sideman's own codec: causal, streaming, a fixed analysis and a lightly trained synthesis.

A latent frame holds log-compressed semitone amplitudes (pitch), then sub-frame band levels
(timing, colour), normalised by statistics of the training music. The decoder plays oscillators
and noise; a small causal network, zero before training, bends their levels.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

from sideman.errors import ModelError
from sideman.models.codec_analysis import (
    BANDS,
    COARSE_BANDS,
    HISTORY_SAMPLES,
    SEMITONES,
    Analysis,
)
from sideman.models.codec_synthesis import MEMORY_FRAMES, SUBFRAMES, Synthesis
from sideman.models.sketch import SKETCH_CHANNELS, sketch_of

__all__ = [
    "Codec",
    "CodecConfig",
    "DecoderState",
    "EncoderState",
    "load_codec",
    "save_codec",
    "soft_limit",
]

LEVELS = 4 * COARSE_BANDS + SUBFRAMES * (BANDS - COARSE_BANDS)


@dataclass(frozen=True)
class CodecConfig:
    """note_floor and level_floor: amplitudes where the compression turns from linear to log."""

    sample_rate: int = 44100
    frame_samples: int = 2048
    note_floor: float = 2e-3
    level_floor: float = 1e-3
    width: int = 192
    layers: int = 3


@dataclass(frozen=True)
class EncoderState:
    """The audio that the longest window still sees: [B, samples]."""

    audio: torch.Tensor

    def clone(self) -> EncoderState:
        return replace(self, audio=self.audio.clone())


@dataclass(frozen=True)
class DecoderState:
    """The latents that the next frame still depends on [B, D, frames], and its absolute index."""

    latents: torch.Tensor
    frame: int

    def clone(self) -> DecoderState:
        return replace(self, latents=self.latents.clone())


class Codec(nn.Module):
    """Mono audio [B, n * frame] <-> latents [B, D, n], about unit variance while music plays."""

    def __init__(self, config: CodecConfig = CodecConfig()):
        super().__init__()
        self.config = config
        self.sample_rate, self.frame_samples = config.sample_rate, config.frame_samples
        self.channels = SEMITONES + LEVELS
        self.pitch_channels = SEMITONES  # the first of them
        self.bands = _bands()  # of each channel: an octave of semitones, or a band of levels
        self.sketch_channels = SKETCH_CHANNELS
        self.analysis = Analysis(config.sample_rate, config.frame_samples)
        self.synthesis = Synthesis(self.analysis)
        self.register_buffer("mean", torch.zeros(self.channels))
        self.register_buffer("scale", torch.ones(self.channels))
        self.correction = _Correction(self.channels, config.width, config.layers)
        self.decoder_frames = 1 + MEMORY_FRAMES + self.correction.past_frames

    # --- encoding ---

    def encoder_state(self, batch: int) -> EncoderState:
        """Silence was heard before."""
        return EncoderState(self.mean.new_zeros(batch, HISTORY_SAMPLES))

    def encode(
        self, audio: torch.Tensor, state: EncoderState
    ) -> tuple[torch.Tensor, EncoderState]:
        """[B, n * frame] -> [B, D, n]. Raises ModelError for parts of frames."""
        if audio.dim() != 2 or audio.shape[1] % self.frame_samples:
            raise ModelError(
                f"cannot encode audio of shape {list(audio.shape)}: "
                f"give [batch, a multiple of {self.frame_samples} samples]"
            )
        audio = torch.cat([state.audio, audio], dim=1)
        kept = audio[:, audio.shape[1] - HISTORY_SAMPLES :].clone()
        if audio.shape[1] < HISTORY_SAMPLES + self.frame_samples:
            return audio.new_zeros(len(audio), self.channels, 0), EncoderState(kept)
        latents = (self.measure(audio) - self.mean) / self.scale
        return latents.transpose(1, 2), EncoderState(kept)

    def measure(self, audio: torch.Tensor) -> torch.Tensor:
        """Compressed, not normalised: [B, HISTORY_SAMPLES + n * frame] -> [B, n, D]; silence 0."""
        notes, coarse, fine = self.analysis(audio)
        notes = torch.log1p(notes / self.config.note_floor)
        levels = torch.cat([coarse.flatten(2), fine.flatten(2)], dim=-1)
        return torch.cat([notes, torch.log1p(levels / self.config.level_floor)], dim=-1)

    def encode_all(self, audio: torch.Tensor) -> torch.Tensor:
        """encode from silence."""
        return self.encode(audio, self.encoder_state(len(audio)))[0]

    def silence_latent(self) -> torch.Tensor:
        """What silence encodes to: [D]."""
        return (torch.zeros_like(self.mean) - self.mean) / self.scale

    def limit(self, latents: torch.Tensor) -> torch.Tensor:
        """The nearest latents [B, D, n] that audio can have: no amplitude lies below silence."""
        return torch.maximum(latents, self.silence_latent()[:, None])

    def sketch(self, latents: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        """What latents [B, D, n] sketch: [B, sketch_channels, n]; before [B, D, 1]: the last frame
        before them."""
        notes, _ = self._compressed(latents)
        levels, earlier = (self.loudness(part) for part in (latents, before))
        return sketch_of(notes, levels, earlier)

    def loudness(self, latents: torch.Tensor) -> torch.Tensor:
        """Log level of each sub-frame, all bands together: [B, D, n] -> [B, SUBFRAMES, n]."""
        power = self.band_levels(latents).square().sum(2)
        return torch.log1p(power.sqrt() / self.config.level_floor)

    def band_levels(self, latents: torch.Tensor) -> torch.Tensor:
        """Linear level of each sub-frame and band: [B, D, n] -> [B, SUBFRAMES, BANDS, n]."""
        _, levels = self._compressed(latents)
        levels = torch.expm1(levels.clamp(0.0, 8.0)) * self.config.level_floor
        coarse = levels[:, : 4 * COARSE_BANDS].unflatten(1, (4, COARSE_BANDS))
        fine = levels[:, 4 * COARSE_BANDS :].unflatten(1, (SUBFRAMES, -1))
        return torch.cat((coarse.repeat_interleave(2, dim=1), fine), dim=2)

    def _compressed(self, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Log note amplitudes [B, SEMITONES, n] and log levels [B, LEVELS, n]."""
        known = latents.float() * self.scale[:, None] + self.mean[:, None]
        return known[:, :SEMITONES].clamp(min=0.0), known[:, SEMITONES:]

    # --- decoding ---

    def decoder_state(self, batch: int) -> DecoderState:
        """Silence was played before; the next frame is frame 0."""
        past = self.silence_latent()[None, :, None].expand(batch, -1, self.decoder_frames)
        return DecoderState(past.clone(), 0)

    def decode(
        self, latents: torch.Tensor, state: DecoderState
    ) -> tuple[torch.Tensor, DecoderState]:
        """[B, D, n] -> [B, n * frame], never above full scale."""
        frames = latents.shape[-1]
        if not frames:
            return latents.new_zeros(len(latents), 0), state
        known = torch.cat([state.latents, latents], dim=-1)
        audio = self.render(known.transpose(1, 2), state.frame)
        kept = known[..., known.shape[-1] - self.decoder_frames :].clone()
        return audio, DecoderState(kept, state.frame + frames)

    def decode_all(self, latents: torch.Tensor) -> torch.Tensor:
        """decode from silence and frame 0."""
        return self.decode(latents, self.decoder_state(len(latents)))[0]

    def render(self, latents: torch.Tensor, first_frame: int) -> torch.Tensor:
        """[B, decoder_frames + n, D], the first ones as the past -> audio [B, n * frame]."""
        return soft_limit(self.synthesis(*self._levels(latents), first_frame))

    def _levels(self, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """[B, decoder_frames + n, D] -> what sounds at the n * SUBFRAMES + 1 grid points."""
        config = self.config
        bends = self.correction(latents)
        known = latents[:, self.correction.past_frames :] * self.scale + self.mean
        notes, coarse, fine = known.split(
            [SEMITONES, 4 * COARSE_BANDS, LEVELS - 4 * COARSE_BANDS], dim=-1
        )
        coarse = coarse.unflatten(-1, (4, COARSE_BANDS)).repeat_interleave(2, dim=2)
        levels = torch.cat([coarse, fine.unflatten(-1, (SUBFRAMES, -1))], dim=-1)
        tones, noises = self.synthesis.mix(
            torch.expm1(_gated(notes)) * config.note_floor,
            torch.expm1(_gated(levels)) * config.level_floor,
        )
        note_bend, tone_bend, noise_bend = (bend[:, MEMORY_FRAMES:] for bend in bends)
        tones = tones * torch.exp(note_bend[:, :, None] + tone_bend @ self.synthesis.belongs.T)
        noises = noises * torch.exp(noise_bend)
        return tones.flatten(1, 2)[:, SUBFRAMES - 1 :], noises.flatten(1, 2)[:, SUBFRAMES - 1 :]


def _bands() -> list[int]:
    octaves = [semitone // 12 for semitone in range(SEMITONES)]
    first = octaves[-1] + 1
    coarse = [first + band for _ in range(4) for band in range(COARSE_BANDS)]
    fine = [first + band for _ in range(SUBFRAMES) for band in range(COARSE_BANDS, BANDS)]
    return octaves + coarse + fine


class _Correction(nn.Module):
    """Causal convolutions over latents -> bounded log gains; all zero before training."""

    def __init__(self, channels: int, width: int, layers: int):
        super().__init__()
        sizes = [channels] + [width] * layers
        self.layers = nn.ModuleList(nn.Conv1d(a, b, 3) for a, b in zip(sizes, sizes[1:]))
        self.out = nn.Conv1d(width, SEMITONES + 2 * SUBFRAMES * BANDS, 1)
        self.past_frames = 2 * layers
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """[B, past_frames + n, D] -> notes [B, n, SEMITONES], tones and noises

        [B, n, SUBFRAMES, BANDS], natural logarithms within +-1.5.
        """
        x = latents.clamp(-8.0, 8.0).transpose(1, 2)
        for number, layer in enumerate(self.layers):
            y = functional.gelu(layer(x))
            x = y + x[..., 2:] if number else y
        bends = 1.5 * torch.tanh(self.out(x).transpose(1, 2))
        notes, tones, noises = bends.split([SEMITONES, *[SUBFRAMES * BANDS] * 2], dim=-1)
        return (
            notes,
            tones.unflatten(-1, (SUBFRAMES, BANDS)),
            noises.unflatten(-1, (SUBFRAMES, BANDS)),
        )


def _gated(compressed: torch.Tensor, threshold: float = 0.2) -> torch.Tensor:
    """Zero below the threshold, unchanged above twice it: noise on silent latents stays silent.

    The upper bound keeps a runaway latent finite.
    """
    opened = (compressed / threshold - 1.0).clamp(0.0, 1.0)
    return compressed.clamp(0.0, 8.0) * opened


def soft_limit(audio: torch.Tensor, knee: float = 0.8) -> torch.Tensor:
    """Identity up to the knee, then a smooth approach to 1."""
    over = functional.relu(audio.abs() - knee) / (1.0 - knee)
    return audio.clamp(-knee, knee) + audio.sign() * torch.tanh(over) * (1.0 - knee)


def save_codec(folder: str | Path, codec: Codec) -> None:
    """Write codec.json (the configuration) and codec.safetensors into a folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().cpu().contiguous().clone() for k, v in codec.state_dict().items()}
    try:
        save_file(tensors, str(folder / "codec.partial"))
    except SafetensorError as error:
        raise ModelError(
            f"cannot write codec {folder}: {error}; free some space or choose another folder"
        ) from error
    os.replace(folder / "codec.partial", folder / "codec.safetensors")
    (folder / "codec.json").write_text(json.dumps(asdict(codec.config), indent=2) + "\n")


def load_codec(folder: str | Path) -> Codec:
    """The codec of a training run. Raises ModelError when the folder does not hold one."""
    folder = Path(folder)
    try:
        codec = Codec(CodecConfig(**json.loads((folder / "codec.json").read_text())))
        codec.load_state_dict(load_file(str(folder / "codec.safetensors")))
    except (OSError, ValueError, TypeError, RuntimeError, SafetensorError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"cannot open codec {folder}: {reason}; make one with sideman train codec"
        ) from error
    return codec.eval()
