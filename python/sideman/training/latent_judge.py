"""Who reads the latents of a rollout: real or played, and whether what is told fits.

Source: LMDM (arXiv 2605.22717), after ARC (arXiv 2505.08175). Ours: it is told the music and the
clock as they are, while the model gets them late or wrong, as live; and it also looks where hardly any
noise is left, or it would never see what small noises fill a rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from sideman.diffusion.losses import flow_loss, logit_normal_times, mix
from sideman.models.conditions import Conditions
from sideman.models.discriminator import Discriminator
from sideman.models.transformer import BlockTransformer
from sideman.training import judging
from sideman.training.batches import Batch

__all__ = ["LatentJudge", "real_of"]

LOG_SNR = (-6.0, 3.5)  # where it looks
SHAKE = 0.05  # standard deviation of the noise under which its scores shall not change
Look = tuple[torch.Tensor, torch.Tensor]  # noise as the latents, and times [B]


class LatentJudge:
    """Reads sequences [B, D, n] from frame `past` on, real and played ones with the same noise.

    network: of the model that it judges and begins with; exit_layer, head: as in Discriminator;
    contrast: weight of its contrastive loss; smooth: weight of the squared change of its scores under
    a little noise (an approximate R1 and R2 penalty).
    """

    def __init__(
        self, network: BlockTransformer, exit_layer: int, head: int, contrast: float, smooth: float
    ):
        self.past, self.contrast, self.smooth = network.config.context_frames, contrast, smooth
        device = network.global_token.device
        self.network = Discriminator(network.config, exit_layer, head).to(device)
        self.network.begin_with(network)

    def flow(self, batch: Batch, chance: torch.Generator) -> torch.Tensor:
        """What its backbone warms up by: the flow loss of whole sequences."""
        device = batch.part.device
        noise = torch.randn(batch.part.shape, generator=chance).to(device)
        t = logit_normal_times((len(noise),), chance, 0.0, 1.0).to(device)
        noisy = mix(batch.part, noise, t[:, None, None])
        return flow_loss(self.network.flow(noisy, t, _as_it_is(batch)), batch.part, noise).mean()

    def loss(
        self, batch: Batch, played: torch.Tensor, name: str, chance: torch.Generator
    ) -> tuple[torch.Tensor, dict[str, Any]]:
        """What it learns by, and figures: to tell real from played, and real music told what belongs
        to it from the same told the `name` (of judging.TOLD) of another row."""
        told, look, real = _as_it_is(batch), _look(batch, chance), real_of(batch, self.past)
        right = self._scores(real, look, told)
        worse = self._scores(played, look, told)
        wrong = self._scores(real, look, judging.rolled(told, name))
        counted = judging.both_told(told, name)
        critic = judging.relativistic(right, worse)
        contrast = judging.contrastive(right, wrong, counted)
        loss = critic + self.contrast * contrast
        if self.smooth:
            for latents, scores in ((real, right), (played, worse)):
                loss = loss + self.smooth * self._roughness(latents, scores, look, told)
        return loss, {
            "critic": round(critic.item(), 5),
            "contrast": round(contrast.item(), 5),
            "real_won": judging.won(right, worse, torch.ones_like(right[:, 0])),
            f"right_{name}_won": judging.won(right, wrong, counted),
        }

    def fooled(self, batch: Batch, played: torch.Tensor, chance: torch.Generator) -> torch.Tensor:
        """What the player learns by: small where what it plays is taken for real."""
        told, look = _as_it_is(batch), _look(batch, chance)
        self.network.requires_grad_(False)
        with torch.no_grad():
            right = self._scores(real_of(batch, self.past), look, told)
        loss = judging.relativistic(self._scores(played, look, told), right)
        self.network.requires_grad_(True)
        return loss

    def _scores(self, latents: torch.Tensor, look: Look, told: Conditions) -> torch.Tensor:
        noise, t = look
        return self.network(mix(latents, noise, t[:, None, None]), t, told, self.past)

    def _roughness(
        self, latents: torch.Tensor, scores: torch.Tensor, look: Look, told: Conditions
    ) -> torch.Tensor:
        """Mean squared change of the scores when the latents are shaken a little."""
        noise, t = look
        # The look's own noise of another row: drawn already, and independent of this row's.
        shaken = self._scores(latents + SHAKE * noise.roll(1, 0), (noise, t), told)
        return (shaken - scores).square().mean()


def real_of(batch: Batch, past: int) -> torch.Tensor:
    """The part [B, D, n]; nothing (zeros) in those of the first `past` frames that the model does
    not see, since it cannot go on from there."""
    context = batch.part[..., :past] * batch.known[:, None, :past]
    return torch.cat((context, batch.part[..., past:]), -1)


def _look(batch: Batch, chance: torch.Generator) -> Look:
    """The same noise and times [B] for real and played."""
    low, high = LOG_SNR
    noise = torch.randn(batch.part.shape, generator=chance)
    snr = low + (high - low) * torch.rand(len(noise), generator=chance)
    return noise.to(batch.part.device), torch.sigmoid(-snr).to(batch.part.device)


def _as_it_is(batch: Batch) -> Conditions:
    """The music at its own time where the model hears any at all, and the true clock."""
    hears = batch.conditions.heard_known.amax(1, keepdim=True)
    return replace(
        batch.conditions,
        heard=batch.music,
        heard_known=hears.expand(-1, batch.music.shape[-1]),
        clock=batch.true_clock,
    )
