"""The `block` family: a routed transformer that predicts a rectified flow, block by block.

After Live Music Diffusion Models (LMDM, arXiv 2605.22717: routing, enc-dec and block-causal
attention, global token last), with three changes: the music that is heard may enter at a constant
delay, so a cached token never goes stale; a clock tells each token where in the beat and bar its
frame will sound; positions are relative to the window, the global token's follows its block's.

Shapes: B rows, D latent channels, n frames, o frames of a block, W width of the model.
Routing: a clean frame enters as  B[known; x0], a noisy one as  A x_t + time(t), and both get what
they are told. So what a cache holds cannot depend on t, noise or target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Union

import torch
from torch import nn
from torch.nn import functional

from sideman.models.attention import Attention, CrossAttention
from sideman.models.conditions import Conditions
from sideman.models.kv_cache import KVCache, Sight
from sideman.models.masks import as_bias, pass_mask, training_geometry
from sideman.models.rope import Turn, in_layers, rotation, swapped, turn_between

__all__ = ["BlockTransformer", "Prompt", "Told", "TransformerConfig"]

TIME_CHANNELS = 64
MOST_MOMENTS = 256
REGIMES = ("block_causal", "enc_dec")
HEARING = ("delayed", "cutoff")

Prompt = list[tuple[torch.Tensor, torch.Tensor]] | None
Time = Union[float, torch.Tensor]  # of all rows, or of each


class Told(NamedTuple):
    """What tokens are told, as sums: each frame [B, n, W], and the global token [B, 1, W] of a block
    that ends with the last of them."""

    frames: torch.Tensor
    end: torch.Tensor


@dataclass(frozen=True)
class TransformerConfig:
    """Sizes of the network; all of them are written to model.json.

    context_frames: own past that a block sees; block_causal needs whole blocks. hearing: `delayed`
    tells frame j the music of frame j - lead - block; `cutoff` tells each frame the music of its
    own time where that is known already. text_channels: width of a prompt's embeddings, 0 = none.
    clock_channels: how many of the clock's rows are read. max_lead: leads beyond it, and those below 0,
    are told as the nearest.
    """

    channels: int
    width: int = 256
    layers: int = 6
    heads: int = 8
    hidden: int = 672
    block_frames: int = 4
    context_frames: int = 96
    regime: str = "block_causal"
    hearing: str = "delayed"
    parts: int = 4
    max_lead: int = 8
    tags: int = 0
    sketch_channels: int = 0
    text_channels: int = 0
    clock_channels: int = 12

    def __post_init__(self) -> None:
        if self.regime not in REGIMES or self.hearing not in HEARING:
            raise ValueError(
                f"regime {self.regime!r}, hearing {self.hearing!r}: give one of "
                f"{', '.join(REGIMES)} and one of {', '.join(HEARING)}"
            )
        if self.regime == "block_causal" and self.context_frames % self.block_frames:
            raise ValueError(
                f"context of {self.context_frames} frames is not whole blocks of "
                f"{self.block_frames}: block_causal needs that"
            )

    @property
    def band_blocks(self) -> int:
        """Earlier blocks that a block sees."""
        return self.context_frames // self.block_frames

    @property
    def caches(self) -> bool:
        """Whether keys and values outlive their block."""
        return self.regime == "block_causal"

    @property
    def every_block(self) -> bool:
        """Whether one pass can train every block of a sequence: `forward` instead of `window`."""
        return self.regime == "block_causal" and self.hearing == "delayed"


class Layer(nn.Module):
    """Pre-norm attention, attention to the prompt where there is one, and SwiGLU (Shazeer 2020,
    eq. 6); every branch starts at zero."""

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.norm_attention = nn.LayerNorm(config.width, bias=False)
        self.attention = Attention(config.width, config.heads)
        if config.text_channels:
            self.norm_cross = nn.LayerNorm(config.width, bias=False)
            self.cross = CrossAttention(config.width, config.heads)
        self.norm_feed = nn.LayerNorm(config.width, bias=False)
        self.feed_in = nn.Linear(config.width, 2 * config.hidden, bias=False)
        self.feed_out = nn.Linear(config.hidden, config.width, bias=False)
        nn.init.zeros_(self.feed_out.weight)

    def rest(
        self, x: torch.Tensor, prompt: tuple[torch.Tensor, torch.Tensor] | None
    ) -> torch.Tensor:
        """What follows self-attention."""
        if prompt is not None:
            x = x + self.cross(self.norm_cross(x), prompt)
        gate, value = self.feed_in(self.norm_feed(x)).chunk(2, dim=-1)
        return x + self.feed_out(functional.silu(gate) * value)


class BlockTransformer(nn.Module):
    """v(x_t, t | clean past, conditions). `forward` and `window` see everything at once; a
    `block_pass.BlockPass` goes block by block from a cache and gives the same."""

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.config = config
        width = config.width
        self.from_noisy = nn.Linear(config.channels, width, bias=False)
        self.from_clean = nn.Linear(config.channels + 1, width, bias=False)
        self.from_heard = nn.Linear(config.channels + 1, width, bias=False)
        self.from_clock = nn.Linear(config.clock_channels, width, bias=False)
        if config.sketch_channels:
            self.from_sketch = nn.Linear(config.sketch_channels, width, bias=False)
        if config.tags:
            self.from_tags = nn.Linear(config.tags, width, bias=False)
        if config.text_channels:
            self.from_text = nn.Sequential(
                nn.Linear(config.text_channels, width), nn.SiLU(), nn.Linear(width, width)
            )
        self.part = nn.Embedding(config.parts, width)
        self.lead = nn.Embedding(config.max_lead + 1, width)
        self.global_token = nn.Parameter(0.1 * torch.randn(width))
        self.time = nn.Sequential(
            nn.Linear(TIME_CHANNELS, width), nn.SiLU(), nn.Linear(width, width)
        )
        self._moments: dict[float, torch.Tensor] = {}  # times as tokens are told them, once packed
        rates = torch.exp(torch.linspace(0, 6, TIME_CHANNELS // 2))
        self.register_buffer("time_rates", rates, persistent=False)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm_out = nn.LayerNorm(width, bias=False)
        self.to_flow = nn.Linear(width, config.channels, bias=False)
        nn.init.normal_(self.part.weight, std=0.3)
        nn.init.normal_(self.lead.weight, std=0.1)
        nn.init.zeros_(self.to_flow.weight)

    @property
    def window_frames(self) -> int:
        """Frames of its own past that a block sees."""
        return self.config.context_frames

    @property
    def rotary(self) -> int:
        """Channels of a head that turn with position."""
        return self.layers[0].attention.head_width // 2

    def empty_cache(self, rows: int) -> KVCache:
        """The cache of a performance that has not begun, for `rows` rows."""
        config = self.config
        head = config.width // config.heads
        like = self.global_token.detach().to(_product_type(self.to_flow))
        return KVCache.empty(config.layers, rows, config.heads, head, like)

    def forward(
        self,
        clean: torch.Tensor,
        known: torch.Tensor,
        noisy: torch.Tensor,
        t: torch.Tensor,
        conditions: Conditions,
    ) -> torch.Tensor:
        """Flow of every block at once: [B, D, n] from clean and noisy [B, D, n]; block-causal.

        known [B, n] is 1 where the own past may be seen; t [B, n / o] in (0, 1], one per block.
        """
        config, frames = self.config, clean.shape[-1]
        block = config.block_frames
        told = self.told(conditions).frames
        times = t.repeat_interleave(block, dim=1)
        blocks = (self.noisy_tokens(noisy, times, self._time(times)) + told).unflatten(1, (-1, block))
        tags = conditions.tags[..., block - 1 :: block]
        ends = self._ends(self._fixed(conditions), tags) + self._time(t)
        late = torch.cat((blocks, ends[:, :, None]), dim=2).flatten(1, 2)
        x = torch.cat((self.clean_tokens(clean, known) + told, late), dim=1)
        positions, mask = training_geometry(frames, block, config.band_blocks, x.device)
        turns = in_layers(self.turns(rotation(positions, self.rotary)))
        prompt = self.prompt(conditions)
        for index, layer in enumerate(self.layers[:-1]):
            q, k, v = layer.attention.project(layer.norm_attention(x), turns[index])
            mixed = layer.attention.mix(q, k, v, mask)
            x = layer.rest(x + mixed, prompt and prompt[index])
        last = self.layers[-1]  # no clean token is asked for its output
        q, k, v = last.attention.project(last.norm_attention(x), turns[-1])
        mixed = last.attention.mix(q[:, :, frames:], k, v, mask[frames:])
        x = last.rest(x[:, frames:] + mixed, prompt and prompt[-1])
        x = x.unflatten(1, (-1, block + 1))[:, :, :block].flatten(1, 2)
        return self.flow(x, noisy, times)

    def window(
        self,
        clean: torch.Tensor,
        known: torch.Tensor,
        noisy: torch.Tensor,
        t: torch.Tensor,
        conditions: Conditions,
        prompt: Prompt = None,
    ) -> torch.Tensor:
        """Flow [B, D, o] of one block after a context clean [B, D, m], without a cache; any regime.

        known [B, m]; t [B]; `conditions` tell all m + o frames; prompt: what `prompt` made of them,
        where that is known already.
        """
        x = self.fused_tokens(clean, known, noisy, t, self.told(conditions))
        mask = self.mask(0, clean.shape[-1])
        turns = self.turns(turn_between(0, x.shape[1], self.rotary, x.device))
        x = self.trunk(x, turns, None, mask, prompt or self.prompt(conditions))
        return self.flow(x[:, clean.shape[-1] : -1], noisy, t[:, None])

    # --- the pieces that BlockPass goes through step by step ---

    def fused_tokens(
        self,
        clean: torch.Tensor,
        known: torch.Tensor,
        noisy: torch.Tensor,
        t: Time,
        told: Told,
    ) -> torch.Tensor:
        """[clean frames | target frames | global] as tokens [B, m + o + 1, W]; t [B] or one for all;
        told about all."""
        context = clean.shape[-1]
        return torch.cat(
            (
                self.clean_tokens(clean, known) + told.frames[:, :context],
                self.target_tokens(noisy, t, Told(told.frames[:, context:], told.end)),
            ),
            dim=1,
        )

    def target_tokens(self, noisy: torch.Tensor, t: Time, told: Told) -> torch.Tensor:
        """[target frames | global] as tokens [B, o + 1, W]; t [B] or one for all."""
        if isinstance(t, float):
            time = self._moment(t)
        else:
            t = t[:, None]
            time = self._time(t)
        frames = self.noisy_tokens(noisy, t, time) + told.frames
        ends = (told.end + time).expand(len(frames), -1, -1)
        return torch.cat((frames, ends), dim=1)

    def mask(self, cached: int, pending: int) -> torch.Tensor | None:
        """What [pending | target | global] may see of [cached | pending | target | global]."""
        config = self.config
        device = self.global_token.device
        return pass_mask(
            config.regime, config.block_frames, config.band_blocks, cached, pending, device
        )

    def trunk(
        self,
        x: torch.Tensor,
        turns: Turn,
        sight: Sight | None,
        mask: torch.Tensor | None,
        prompt: Prompt,
        unasked: int = 0,
    ) -> torch.Tensor:
        """Tokens [B, n, W] through all layers, after what `sight` holds (None: nothing), whose last
        n places take their keys and values. turns: what `turns` makes of their positions. What the
        first `unasked` tokens come to is left out: they leave keys and values alone."""
        mask = None if mask is None else as_bias(mask, _product_type(self.to_flow))
        for index, (layer, turn) in enumerate(zip(self.layers, in_layers(turns), strict=True)):
            q, k, v = layer.attention.project(layer.norm_attention(x), turn)
            if sight is not None:
                k, v = sight.own(index, k, v)
            if unasked and layer is self.layers[-1]:
                x, q = x[:, unasked:], q[:, :, unasked:]
                mask = None if mask is None else mask[unasked:]
            x = x + layer.attention.mix(q, k, v, mask)
            x = layer.rest(x, prompt and prompt[index])
        return x

    def sight(self, cache: KVCache, room: int) -> Sight:
        """What tokens see of a cache, with room for their own."""
        return Sight.of(cache, room, _product_type(self.to_flow))

    def prompt(self, conditions: Conditions) -> Prompt:
        """Keys and values of the prompt, one pair per layer; None for models that read no text."""
        if not self.config.text_channels or conditions.text is None:
            return None
        tokens = self.from_text(conditions.text)
        return [layer.cross.remember(tokens) for layer in self.layers]

    def turns(self, turn: Turn) -> Turn:
        """A turn's factors for queries and keys of all layers, [L, n, 2, 1, d], which have the gains
        of the layers' norms in them."""
        norms = [(layer.attention.norm_q, layer.attention.norm_k) for layer in self.layers]
        gains = torch.stack([norm.weight for pair in norms for norm in pair])
        gains = gains.view(len(norms), 1, 2, 1, -1)
        own, partners = (factor[:, None, None] for factor in turn)
        return own * gains, partners * swapped(gains)

    def own_turns(self, sight: Sight) -> Turn:
        """The turns of the tokens that take a sight's last places."""
        end = sight.first + sight.frames
        device = sight.keys.device
        return self.turns(turn_between(end - sight.room, end, self.rotary, device))

    def told(self, conditions: Conditions) -> Told:
        """What is told about n frames and to the global token after them."""
        known = conditions.heard_known[..., None]
        heard = torch.cat((known, conditions.heard.transpose(1, 2) * known), dim=-1)
        clock = conditions.clock[:, : self.config.clock_channels].transpose(1, 2)
        told = self.from_heard(heard) + self.from_clock(clock)
        if self.config.sketch_channels:
            told = told + self.from_sketch(conditions.sketch.transpose(1, 2))
        if self.config.tags:
            told = told + self.from_tags(conditions.tags.transpose(1, 2))
        fixed = self._fixed(conditions)
        return Told(told + fixed, self._ends(fixed, conditions.tags[..., -1:]))

    def clean_tokens(self, clean: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        known = known[..., None]
        return self.from_clean(torch.cat((known, clean.transpose(1, 2) * known), dim=-1))

    def noisy_tokens(
        self, noisy: torch.Tensor, t: Time, time: torch.Tensor
    ) -> torch.Tensor:
        spread = _spread(t) if isinstance(t, float) else _spread(t)[..., None]
        return self.from_noisy(noisy.transpose(1, 2) / spread) + time

    def flow(self, x: torch.Tensor, noisy: torch.Tensor, t: Time) -> torch.Tensor:
        """Network output -> v, preconditioned for data of unit variance (cf. Karras et al. 2022).

        With s^2 = t^2 + (1-t)^2 = Var[x_t] the best linear guess of v is (2t-1) x_t / s^2 and what
        is left has variance 1/s^2, so  v = ((2t-1) x_t / s + F) / s  asks for a unit-variance F.
        """
        if not isinstance(t, float):
            t = t[:, None, :]
        spread = _spread(t)
        free = self.to_flow(self.norm_out(x)).transpose(1, 2).float()
        return ((2 * t - 1) / spread * noisy + free) / spread

    def _ends(self, fixed: torch.Tensor, tags: torch.Tensor) -> torch.Tensor:
        """What the global tokens [B, b, W] of b blocks are told but for the time; tags [B, G, b]."""
        token = self.global_token + fixed
        return token + self.from_tags(tags.transpose(1, 2)) if self.config.tags else token

    def _fixed(self, conditions: Conditions) -> torch.Tensor:
        """Part and lead, which every token is told: [B, 1, W]."""
        lead = conditions.lead.clamp(0, self.config.max_lead)
        return (self.part(conditions.part) + self.lead(lead))[:, None]

    def _moment(self, t: float) -> torch.Tensor:
        """The same for one time of all rows, [1, 1, W]: playing asks for the same few at every block."""
        known = self._moments.get(t)
        if known is None:
            known = self._time(torch.full((1, 1), t, device=self.global_token.device))
            if not isinstance(self.to_flow, nn.Linear):  # packed: nothing changes it any more
                if len(self._moments) == MOST_MOMENTS:
                    self._moments.clear()
                self._moments[t] = known
        return known

    def _time(self, t: torch.Tensor) -> torch.Tensor:
        angles = t[..., None] * self.time_rates
        return self.time(torch.cat((angles.cos(), angles.sin()), dim=-1))


def _spread(t: Time) -> Time:
    """Standard deviation of x_t for data of unit variance."""
    return (t**2 + (1 - t) ** 2) ** 0.5


def _product_type(linear: nn.Module) -> torch.dtype:
    """The type that the products of a layer come in."""
    kind = linear.weight.device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        return torch.get_autocast_dtype(kind)
    return linear.weight.dtype
