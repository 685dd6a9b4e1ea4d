"""The `block` family: a routed block-causal transformer that predicts a rectified flow.

After Live Music Diffusion Models (arXiv 2605.22717, sections on routing and block-causal attention)
with two changes: the music that is heard enters at a constant delay, so a cached token never goes
stale, and a clock tells each token where in the beat and bar its frame will sound.

Shapes: B rows, D latent channels, n frames (a whole number of blocks), W width of the model.
Routing: a clean frame enters as  B[known; x0], a noisy one as  A x_t + time(t), and both get
C[heard?; heard] + clock + part + lead. So what the cache holds cannot depend on t, noise or target.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from sideman.models.attention import Attention, Turn, training_mask
from sideman.models.kv_cache import KVCache
from sideman.models.rope import rotate, rotation

__all__ = ["CLOCK_CHANNELS", "BlockTransformer", "Conditions", "Prepared", "TransformerConfig"]

CLOCK_CHANNELS = 12
TIME_CHANNELS = 64


@dataclass(frozen=True)
class TransformerConfig:
    """Sizes of the network; all of them are written to model.json."""

    channels: int
    width: int = 256
    layers: int = 6
    heads: int = 8
    hidden: int = 672
    block_frames: int = 4
    band_blocks: int = 24
    parts: int = 4
    max_lead: int = 8


@dataclass(frozen=True)
class Conditions:
    """What the network is told about n frames of B rows; everything is known before they sound.

    heard [B, D, n]: latents of the music, already delayed by lead + hop; heard_known [B, n]: 1 where
    there is any; clock [B, CLOCK_CHANNELS, n]: zeros when unknown; part [B], lead [B]: integers.
    """

    heard: torch.Tensor
    heard_known: torch.Tensor
    clock: torch.Tensor
    part: torch.Tensor
    lead: torch.Tensor

    def without_heard(self) -> Conditions:
        """The same, deaf: for the unconditional branch of guidance."""
        deaf, unknown = torch.zeros_like(self.heard), torch.zeros_like(self.heard_known)
        return Conditions(deaf, unknown, self.clock, self.part, self.lead)

    def joined(self, other: Conditions) -> Conditions:
        """Both as one batch, rows of `other` after one's own."""
        return Conditions(
            *(torch.cat((getattr(self, name), getattr(other, name))) for name in FIELDS)
        )


FIELDS = tuple(Conditions.__dataclass_fields__)


@dataclass(frozen=True)
class Prepared:
    """What the denoising steps of one block share; made anew for every block, never kept.

    told [B, block, W]; keys and values [L, B, H, n + block, d], cached frames first, turned, with
    room for the block's own; turn: rotation of the block's own positions.
    """

    told: torch.Tensor
    keys: torch.Tensor
    values: torch.Tensor
    turn: Turn


class Layer(nn.Module):
    """Pre-norm attention and SwiGLU (Shazeer 2020, eq. 6); both branches start at zero."""

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.norm_attention = nn.LayerNorm(config.width, bias=False)
        self.attention = Attention(config.width, config.heads)
        self.norm_feed = nn.LayerNorm(config.width, bias=False)
        self.feed_in = nn.Linear(config.width, 2 * config.hidden, bias=False)
        self.feed_out = nn.Linear(config.hidden, config.width, bias=False)
        nn.init.zeros_(self.feed_out.weight)

    def feed(self, x: torch.Tensor) -> torch.Tensor:
        gate, value = self.feed_in(self.norm_feed(x)).chunk(2, dim=-1)
        return x + self.feed_out(functional.silu(gate) * value)


class BlockTransformer(nn.Module):
    """v(x_t, t | clean past, heard, clock, part, lead), in parallel or block by block from a cache."""

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.config = config
        width = config.width
        self.from_noisy = nn.Linear(config.channels, width, bias=False)
        self.from_clean = nn.Linear(config.channels + 1, width, bias=False)
        self.from_heard = nn.Linear(config.channels + 1, width, bias=False)
        self.from_clock = nn.Linear(CLOCK_CHANNELS, width, bias=False)
        self.part = nn.Embedding(config.parts, width)
        self.lead = nn.Embedding(config.max_lead + 1, width)
        self.time = nn.Sequential(
            nn.Linear(TIME_CHANNELS, width), nn.SiLU(), nn.Linear(width, width)
        )
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm_out = nn.LayerNorm(width, bias=False)
        self.to_flow = nn.Linear(width, config.channels, bias=False)
        nn.init.normal_(self.part.weight, std=0.3)
        nn.init.normal_(self.lead.weight, std=0.1)
        nn.init.zeros_(self.to_flow.weight)

    @property
    def window_frames(self) -> int:
        """Frames of its own past that a block sees."""
        return self.config.band_blocks * self.config.block_frames

    def empty_cache(self, rows: int) -> KVCache:
        """The cache of a performance that has not begun, for `rows` rows."""
        config = self.config
        return KVCache.empty(config.layers, rows, config.heads, config.width // config.heads)

    def forward(
        self,
        clean: torch.Tensor,
        known: torch.Tensor,
        noisy: torch.Tensor,
        t: torch.Tensor,
        conditions: Conditions,
    ) -> torch.Tensor:
        """Flow of every block at once, for training: [B, D, n] from clean and noisy [B, D, n].

        known [B, n] is 1 where the own past may be seen; t [B, n] in (0, 1], equal within a block.
        """
        told = self._told(conditions)
        x = torch.cat((self._clean(clean, known) + told, self._noisy(noisy, t) + told), dim=1)
        frames = clean.shape[-1]
        positions = torch.arange(frames, device=x.device).repeat(2)
        turn = rotation(positions, self.layers[0].attention.head_width // 2)
        mask = training_mask(frames, self.config.block_frames, self.config.band_blocks)
        mask = mask.to(x.device)
        for layer in self.layers[:-1]:
            q, k, v = layer.attention.project(layer.norm_attention(x))
            mixed = layer.attention.mix(rotate(q, turn), rotate(k, turn), v, mask)
            x = layer.feed(x + mixed)
        last = self.layers[-1]
        q, k, v = last.attention.project(last.norm_attention(x))
        late = rotate(q[:, :, frames:], _split(turn, frames)[1])
        mixed = last.attention.mix(late, rotate(k, turn), v, mask[frames:])
        return self._flow(last.feed(x[:, frames:] + mixed), noisy, t)

    def remember(
        self, clean: torch.Tensor, known: torch.Tensor, conditions: Conditions, cache: KVCache
    ) -> KVCache:
        """The cache after one more clean block [B, D, block]; the oldest block leaves a full one."""
        prepared = self.prepare(conditions, cache)
        _, keys, values = self._run(self._clean(clean, known) + prepared.told, prepared)
        return cache.append(keys, values, self.window_frames)

    def prepare(self, conditions: Conditions, cache: KVCache) -> Prepared:
        """All that every denoising step of one block shares, computed once.

        The cached keys get window-relative positions here: the oldest cached frame is frame 0.
        """
        told = self._told(conditions)
        positions = torch.arange(cache.frames + told.shape[1], device=told.device)
        turn = rotation(positions, self.layers[0].attention.head_width // 2)
        past, now = _split(turn, cache.frames)
        room = (0, 0, 0, told.shape[1])
        keys = functional.pad(rotate(cache.keys, past), room)
        return Prepared(told, keys, functional.pad(cache.values, room), now)

    def denoise(self, noisy: torch.Tensor, t: float, prepared: Prepared) -> torch.Tensor:
        """Flow [B, D, block] of the block that follows the cached ones."""
        times = torch.full((1, 1), t, device=noisy.device)
        x, _, _ = self._run(self._noisy(noisy, times) + prepared.told, prepared)
        return self._flow(x, noisy, times)

    def _run(
        self, x: torch.Tensor, prepared: Prepared
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """One block of tokens [B, block, W] after the cache; also its keys and values per layer."""
        start = prepared.keys.shape[3] - x.shape[1]
        unturned = []
        for layer, keys, values in zip(self.layers, prepared.keys, prepared.values, strict=True):
            q, k, v = layer.attention.project(layer.norm_attention(x))
            unturned.append(k)
            keys[:, :, start:] = rotate(k, prepared.turn)
            values[:, :, start:] = v
            x = x + layer.attention.mix(rotate(q, prepared.turn), keys, values)
            x = layer.feed(x)
        return x, torch.stack(unturned), prepared.values[:, :, :, start:]

    def _told(self, conditions: Conditions) -> torch.Tensor:
        known = conditions.heard_known[..., None]
        heard = torch.cat((known, conditions.heard.transpose(1, 2) * known), dim=-1)
        fixed = self.part(conditions.part) + self.lead(conditions.lead)
        clock = self.from_clock(conditions.clock.transpose(1, 2))
        return self.from_heard(heard) + clock + fixed[:, None, :]

    def _clean(self, clean: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        known = known[..., None]
        return self.from_clean(torch.cat((known, clean.transpose(1, 2) * known), dim=-1))

    def _noisy(self, noisy: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        rate = torch.exp(torch.linspace(0, 6, TIME_CHANNELS // 2, device=t.device))
        angles = t[..., None] * rate
        features = torch.cat((angles.cos(), angles.sin()), dim=-1)
        scaled = noisy.transpose(1, 2) / _spread(t)[..., None]
        return self.from_noisy(scaled) + self.time(features)

    def _flow(self, x: torch.Tensor, noisy: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Network output -> v, preconditioned for data of unit variance (cf. Karras et al. 2022).

        With s^2 = t^2 + (1-t)^2 = Var[x_t] the best linear guess of v is (2t-1) x_t / s^2 and what
        is left has variance 1/s^2, so  v = ((2t-1) x_t / s + F) / s  asks for a unit-variance F.
        """
        spread = _spread(t)[:, None, :]
        free = self.to_flow(self.norm_out(x)).transpose(1, 2).float()
        return ((2 * t[:, None, :] - 1) * noisy / spread + free) / spread


def _split(turn: Turn, frames: int) -> tuple[Turn, Turn]:
    """The rotation of the first `frames` positions, and that of the others."""
    cos, sin = turn
    return (cos[:frames], sin[:frames]), (cos[frames:], sin[frames:])


def _spread(t: torch.Tensor) -> torch.Tensor:
    """Standard deviation of x_t for data of unit variance."""
    return (t.square() + (1 - t).square()).sqrt()
