"""The U-Net of the window family: DDPM++ as a preconditioned denoiser (Karras et al. 2022).

Sources: Song et al. 2021 (arXiv 2011.13456, DDPM++), Karras et al. 2022 (arXiv 2206.00364, section 5
and appendix F.2), Karchkhadze and Dubnov 2026 (arXiv 2604.07612) for the latent image it works on:
64 codec channels by 64 frames, the music heard as a second image beside the noisy one. Parameters
have the published names, so that published weights fit.

Shapes: B rows, C channels, H codec channels, W frames.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from sideman.errors import ModelError

__all__ = ["UNet", "UNetBlock", "UNetConfig"]

SKIP_SCALE = math.sqrt(0.5)


def _groups(channels: int) -> int:
    return min(32, channels // 4)


@dataclass(frozen=True)
class UNetConfig:
    """The published defaults; 257,523,969 parameters.

    frames and channels of the latent image must divide by 2 as often as there are levels.
    attention: at which heights of the image there is attention. Raises ModelError for what does not
    fit.
    """

    img_resolution: int = 64
    in_channels: int = 2
    out_channels: int = 1
    label_dim: int = 4
    model_channels: int = 256
    channel_mult: tuple[int, ...] = (1, 2, 2, 2)
    channel_mult_emb: int = 4
    channel_mult_noise: int = 1
    num_blocks: int = 4
    attn_resolutions: tuple[int, ...] = (8, 16, 32)
    num_heads: int = 1
    dropout: float = 0.1
    label_dropout: float = 0.0

    def __post_init__(self) -> None:
        counts = (
            self.img_resolution, self.in_channels, self.out_channels, self.label_dim,
            self.model_channels, self.channel_mult_emb, self.channel_mult_noise, self.num_blocks,
            self.num_heads, *self.channel_mult,
        )  # fmt: skip
        if not self.channel_mult or not all(isinstance(n, int) and 1 <= n <= 4096 for n in counts):
            raise ModelError(f"no U-Net has these sizes: {counts}; give whole numbers from 1")
        depth = len(self.channel_mult) - 1
        if self.img_resolution % 2**depth:
            raise ModelError(
                f"no U-Net of {depth + 1} levels fits an image of {self.img_resolution} frames: "
                f"give a multiple of {2**depth}"
            )
        wide = {self.model_channels * mult for mult in self.channel_mult}
        if any(width % 4 or width % _groups(width) or width % self.num_heads for width in wide):
            raise ModelError(
                f"no U-Net of widths {sorted(wide)} with {self.num_heads} heads: each must divide "
                "by the heads and by its groups of 4 channels or more"
            )


class UNet(nn.Module):
    """F(x, c_noise, labels) of the preconditioned denoiser."""

    def __init__(self, config: UNetConfig = UNetConfig()):
        super().__init__()
        self.config = config
        width, embedding = config.model_channels, config.model_channels * config.channel_mult_emb
        noise = width * config.channel_mult_noise
        self.map_label = nn.Linear(config.label_dim, noise)
        self.map_layer0 = nn.Linear(noise, embedding)
        self.map_layer1 = nn.Linear(embedding, embedding)
        self.enc = nn.ModuleDict()
        self.dec = nn.ModuleDict()
        self._build(embedding)

    def _build(self, embedding: int) -> None:
        config = self.config
        heights = [config.img_resolution >> level for level in range(len(config.channel_mult))]
        widths = [config.model_channels * mult for mult in config.channel_mult]

        def block(inp: int, out: int, **kind: bool) -> UNetBlock:
            return UNetBlock(inp, out, embedding, config.num_heads, config.dropout, **kind)

        now, kept = config.model_channels, []
        self.enc[_name(heights[0], "conv")] = nn.Conv2d(config.in_channels, now, 3, padding=1)
        kept.append(now)
        for level, (height, width) in enumerate(zip(heights, widths)):
            if level:
                self.enc[_name(height, "down")] = block(now, now, down=True)
                kept.append(now)
            for number in range(config.num_blocks):
                sees = height in config.attn_resolutions
                self.enc[_name(height, f"block{number}")] = block(now, width, attention=sees)
                now = width
                kept.append(now)
        for level, (height, width) in reversed(list(enumerate(zip(heights, widths)))):
            if level == len(heights) - 1:
                self.dec[_name(height, "in0")] = block(now, now, attention=True)
                self.dec[_name(height, "in1")] = block(now, now)
            else:
                self.dec[_name(height, "up")] = block(now, now, up=True)
            for number in range(config.num_blocks + 1):
                sees = number == config.num_blocks and height in config.attn_resolutions
                inp = now + kept.pop()
                self.dec[_name(height, f"block{number}")] = block(inp, width, attention=sees)
                now = width
        self.dec[_name(heights[0], "aux_norm")] = _norm(now)
        self.dec[_name(heights[0], "aux_conv")] = nn.Conv2d(now, config.out_channels, 3, padding=1)

    def forward(
        self, x: torch.Tensor, c_noise: torch.Tensor, labels: torch.Tensor
    ) -> torch.Tensor:
        """x [B, in, H, W], c_noise [B], labels [B, label_dim] (one-hot) -> [B, out, H, W].

        H and W need not be img_resolution, but divide as often. Computes in the type of the weights
        and gives float32.
        """
        told = self.told(c_noise, labels)
        kept: list[torch.Tensor] = []
        x = x.to(self.map_label.weight.dtype)
        for name, layer in self.enc.items():
            x = layer(x, told) if isinstance(layer, UNetBlock) else layer(x)
            kept.append(x)
        for block in self._decoder():
            if block.inputs != x.shape[1]:
                x = torch.cat((x, kept.pop()), dim=1)
            x = block(x, told)
        height = self.config.img_resolution
        norm, conv = (self.dec[_name(height, f"aux_{kind}")] for kind in ("norm", "conv"))
        return conv(functional.silu(norm(x))).float()

    def told(self, c_noise: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """What every block is told of noise level and part: [B, embedding]."""
        config = self.config
        where = noise_embedding(c_noise, config.model_channels * config.channel_mult_noise)
        if self.training and config.label_dropout:
            kept = torch.rand(len(labels), 1, device=labels.device) >= config.label_dropout
            labels = labels * kept
        labels = labels * math.sqrt(config.label_dim)
        dtype = self.map_label.weight.dtype
        told = where.to(dtype) + self.map_label(labels.to(dtype))
        return functional.silu(self.map_layer1(functional.silu(self.map_layer0(told))))

    def _decoder(self) -> Iterator[UNetBlock]:
        return (layer for layer in self.dec.values() if isinstance(layer, UNetBlock))


class UNetBlock(nn.Module):
    """Two convolutions beside a skip, the embedding added between them, and where asked attention."""

    def __init__(
        self,
        inp: int,
        out: int,
        embedding: int,
        heads: int = 1,
        dropout: float = 0.0,
        attention: bool = False,
        up: bool = False,
        down: bool = False,
    ):
        super().__init__()
        self.inputs, self.heads, self.up, self.down = inp, heads, up, down
        self.dropout = dropout
        self.norm0 = _norm(inp)
        self.conv0 = nn.Conv2d(inp, out, 3, padding=1)
        self.affine = nn.Linear(embedding, out)
        self.norm1 = _norm(out)
        self.conv1 = nn.Conv2d(out, out, 3, padding=1)
        self.skip = nn.Conv2d(inp, out, 1) if inp != out or up or down else None
        self.norm2 = _norm(out) if attention else None
        self.qkv = nn.Conv2d(out, 3 * out, 1) if attention else None
        self.proj = nn.Conv2d(out, out, 1) if attention else None

    def forward(self, x: torch.Tensor, told: torch.Tensor) -> torch.Tensor:
        """x [B, inp, H, W], told [B, embedding] -> [B, out, H', W'], halved or doubled where asked."""
        y = self.conv0(self._resized(functional.silu(self.norm0(x))))
        y = y + self.affine(told)[:, :, None, None]
        y = functional.silu(self.norm1(y))
        y = self.conv1(functional.dropout(y, self.dropout, self.training))
        y = (y + self._skipped(x)) * SKIP_SCALE
        if self.qkv is None:
            return y
        return (self._attend(y) + y) * SKIP_SCALE

    def _resized(self, x: torch.Tensor) -> torch.Tensor:
        if self.down:
            return functional.avg_pool2d(x, 2)
        return functional.interpolate(x, scale_factor=2, mode="nearest") if self.up else x

    def _skipped(self, x: torch.Tensor) -> torch.Tensor:
        if self.skip is None:
            return x
        # A 1x1 convolution and either resizing commute; the smaller image goes through it.
        if self.up:
            return self._resized(self.skip(x))
        return self.skip(self._resized(x))

    def _attend(self, x: torch.Tensor) -> torch.Tensor:
        """Self-attention over the whole image; channels 3c, 3c+1, 3c+2 are q, k, v."""
        batch, width, height, frames = x.shape
        qkv = self.qkv(self.norm2(x)).reshape(batch, self.heads, width // self.heads, 3, -1)
        queries, keys, values = (
            part.squeeze(3).transpose(2, 3) for part in qkv.split(1, dim=3)
        )
        mixed = functional.scaled_dot_product_attention(queries, keys, values)
        return self.proj(mixed.transpose(2, 3).reshape(batch, width, height, frames))


def noise_embedding(c_noise: torch.Tensor, channels: int) -> torch.Tensor:
    """Sines, then cosines, of c_noise [B] at channels/2 frequencies from 1 to 1/10000: [B, channels]."""
    half = channels // 2
    steps = torch.arange(half, dtype=torch.float32, device=c_noise.device) / (half - 1)
    angles = c_noise.float()[:, None] * (1 / 10000) ** steps
    return torch.cat((angles.sin(), angles.cos()), dim=1)


def _norm(channels: int) -> nn.GroupNorm:
    if channels < 4 or channels % _groups(channels):
        raise ModelError(
            f"no U-Net has a block of {channels} channels: they do not divide into "
            f"{_groups(channels)} groups; choose other widths"
        )
    return nn.GroupNorm(_groups(channels), channels, eps=1e-6)


def _name(height: int, kind: str) -> str:
    return f"{height}x{height}_{kind}"
