"""Who hears what a rollout sounds like, beside the one who reads its latents (ours).

Stage 2 as published judges latents. There every channel counts alike, heard or not: the game then
gets nearer in latents and further away in sound. Both judges see the same music.
"""

from __future__ import annotations

import torch
from torch import nn

from sideman.evaluation.distance import MEL_BANDS, log_mel
from sideman.models.sound_discriminator import SoundDiscriminator
from sideman.training import judging

__all__ = ["SoundJudge"]

SHAKE = 0.1  # standard deviation, in natural log, of the noise under which its scores shall not change


class SoundJudge:
    """Hears latents through the codec, from frame `past` on.

    parts: how many there are; head: as in SoundDiscriminator. Its losses are relativistic, as those
    of the other judge, and its own has the squared change of the scores under a little noise in it.
    """

    def __init__(self, codec: nn.Module, parts: int, head: int, past: int):
        self.codec, self.past = codec, past
        self.network = SoundDiscriminator(MEL_BANDS, parts, head)

    def sound(self, latents: torch.Tensor) -> torch.Tensor:
        """Log-mel levels [B, bands, 2 m] of the last m frames of latents [B, D, past + m]."""
        audio, frames = self.codec.decode_all(latents), latents.shape[-1]
        levels = log_mel(audio, self.codec.sample_rate, self.codec.frame_samples // 2)
        return levels[..., 2 * self.past : 2 * frames]

    def loss(
        self, real: torch.Tensor, played: torch.Tensor, parts: torch.Tensor, chance: torch.Generator
    ) -> tuple[torch.Tensor, float]:
        """What it learns by, and how often it told them apart; sounds as from `sound`, parts [B]."""
        sounds = real, played.detach()
        self.network.get_to_know(real, parts)
        right, worse = (self.network(sound, parts) for sound in sounds)
        loss = judging.relativistic(right, worse)
        for sound, scores in zip(sounds, (right, worse), strict=True):
            noise = torch.randn(sound.shape, generator=chance).to(sound.device)
            shaken = self.network(sound + SHAKE * noise, parts)
            loss = loss + (shaken - scores).square().mean()
        return loss, judging.won(right, worse, torch.ones_like(right[:, 0]))

    def fooled(
        self, played: torch.Tensor, real: torch.Tensor, parts: torch.Tensor
    ) -> torch.Tensor:
        """What the player learns by: small where the sound of what it plays is taken for real."""
        self.network.requires_grad_(False)
        with torch.no_grad():
            right = self.network(real, parts)
        loss = judging.relativistic(self.network(played, parts), right)
        self.network.requires_grad_(True)
        return loss
