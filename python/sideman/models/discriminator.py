"""Tells real music from rollouts: a bidirectional transformer and a head that scores patches.

After ARC-Forcing (LMDM, arXiv 2605.22717; ARC, arXiv 2505.08175): the backbone is a diffusion model
of whole sequences, warmed up with the flow loss; an intermediate layer feeds a convolutional head.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from sideman.models.conditions import Conditions
from sideman.models.rope import in_layers, rotation
from sideman.models.transformer import BlockTransformer, TransformerConfig

__all__ = ["Discriminator"]


class Discriminator(nn.Module):
    """Scores of noised sequences; every frame sees every other one, and no clean past is shown.

    config: sizes of the backbone (its regime and hearing do not matter); exit_layer: how many
    layers the head looks through; head: channels of its first stage.
    """

    def __init__(self, config: TransformerConfig, exit_layer: int, head: int = 32):
        super().__init__()
        if not 1 <= exit_layer <= config.layers:
            raise ValueError(f"exit layer is {exit_layer}: give 1 to {config.layers}")
        config = replace(config, regime="enc_dec", hearing="cutoff")
        self.backbone = BlockTransformer(config)
        del self.backbone.from_clean
        self.exit_layer = exit_layer
        self.norm = nn.LayerNorm(config.width, bias=False)
        self.head = PatchHead(config.width, head)

    def forward(
        self, noisy: torch.Tensor, t: torch.Tensor, conditions: Conditions, start: int
    ) -> torch.Tensor:
        """Scores [B, patches], one for about four frames, of the frames from `start` on.

        noisy [B, D, n]; t [B]; conditions tell all n frames, the music at its own time.
        """
        states = self.norm(self.states(noisy, t, conditions, self.exit_layer))
        return self.head(states[:, start:].transpose(1, 2))

    def flow(self, noisy: torch.Tensor, t: torch.Tensor, conditions: Conditions) -> torch.Tensor:
        """Flow [B, D, n] of a whole sequence at t [B]: what the warm-up trains."""
        states = self.states(noisy, t, conditions, len(self.backbone.layers))
        return self.backbone.flow(states, noisy, t[:, None])

    def states(
        self, noisy: torch.Tensor, t: torch.Tensor, conditions: Conditions, layers: int
    ) -> torch.Tensor:
        """Hidden states [B, n, W] of the frames after `layers` layers; the global token is cut."""
        backbone = self.backbone
        x = backbone.target_tokens(noisy, t, backbone.told(conditions))
        prompt = backbone.prompt(conditions)
        positions = torch.arange(x.shape[1], device=x.device)
        turns = in_layers(backbone.turns(rotation(positions, backbone.rotary)))
        for index, layer in enumerate(backbone.layers[:layers]):
            known = layer.attention.project(layer.norm_attention(x), turns[index])
            x = x + layer.attention.mix(*known)
            x = layer.rest(x, prompt and prompt[index])
        return x[:, :-1]

    def begin_with(self, network: BlockTransformer) -> None:
        """Take over all weights of a trained generator that have a place here."""
        weights = network.state_dict()
        weights.pop("from_clean.weight")
        self.backbone.load_state_dict(weights)


class PatchHead(nn.Module):
    """Hidden states [B, W, n] -> scores [B, about n / 4], by 1-D ConvNeXt stages."""

    def __init__(self, width: int, channels: int):
        super().__init__()
        sizes = (channels, channels, 2 * channels, 4 * channels)
        layers: list[nn.Module] = [weight_norm(nn.Conv1d(width, sizes[0], 7, padding=3))]
        for stride, before, after in zip((1, 2, 2), sizes, sizes[1:]):
            layers += [ConvNeXt(before), ConvNeXt(before)]
            layers.append(weight_norm(nn.Conv1d(before, after, 2 * stride, stride, stride // 2)))
        layers.append(weight_norm(nn.Conv1d(sizes[-1], 1, 3, padding=1)))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)[:, 0]


class ConvNeXt(nn.Module):
    """Depthwise convolution, then a small network per frame (Liu et al. 2022, arXiv 2201.03545,
    section 2.6); the branch starts at zero."""

    def __init__(self, channels: int):
        super().__init__()
        self.mix = nn.Conv1d(channels, channels, 7, padding=3, groups=channels)
        self.widen = nn.Conv1d(channels, 4 * channels, 1)
        self.narrow = nn.Conv1d(4 * channels, channels, 1)
        nn.init.zeros_(self.narrow.weight)
        nn.init.zeros_(self.narrow.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.narrow(functional.gelu(self.widen(self.mix(x))))
