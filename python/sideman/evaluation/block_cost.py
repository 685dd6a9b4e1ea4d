"""What one block costs under each system of LMDM: multiply-adds counted from the running network.

Systems: `window` denoises the whole window at every step, as outpainting does; `enc_dec` goes
through the context once per block; `block_causal` keeps it from block to block. All run the same
weights, in a window that is full, with the prompt's keys and values known from before.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from sideman.models.block_pass import BlockPass
from sideman.models.conditions import CLOCK_CHANNELS, Conditions
from sideman.models.kv_cache import KVCache
from sideman.models.transformer import BlockTransformer, TransformerConfig

__all__ = ["SYSTEMS", "Block", "large", "medium", "multiply_adds"]

SYSTEMS = ("window", "enc_dec", "block_causal")
PROMPT_TOKENS = 65
LATENTS = 64


def large(context: int, block: int) -> TransformerConfig:
    """The 340M network of LMDM: width 1024, 16 layers, 8 heads, and a prompt."""
    return TransformerConfig(
        LATENTS, 1024, 16, 8, 4096, block, context, text_channels=768
    )


def medium(context: int, block: int) -> TransformerConfig:
    """A network of 20M weights, without a prompt."""
    return TransformerConfig(LATENTS, 512, 6, 8, 1408, block, context)


@dataclass(frozen=True)
class Block:
    """One block to be played after a full context, on the device and in the type of `network`."""

    network: BlockTransformer
    conditions: Conditions
    clean: torch.Tensor
    noise: torch.Tensor
    cache: KVCache
    prompt: list[tuple[torch.Tensor, torch.Tensor]] | None

    @classmethod
    @torch.no_grad()
    def after_full_context(cls, network: BlockTransformer, rows: int = 1) -> Block:
        """Random music all around, drawn from torch's generator."""
        config, weight = network.config, network.global_token
        frames = config.context_frames + config.block_frames

        def drawn(*shape: int) -> torch.Tensor:
            return torch.randn(shape, device=weight.device)

        zeros = torch.zeros(rows, dtype=torch.long, device=weight.device)
        text = drawn(rows, PROMPT_TOKENS, config.text_channels) if config.text_channels else None
        conditions = Conditions(
            heard=drawn(rows, config.channels, frames),
            heard_known=torch.ones(rows, frames, device=weight.device),
            clock=drawn(rows, CLOCK_CHANNELS, frames),
            sketch=drawn(rows, config.sketch_channels, frames),
            tags=drawn(rows, config.tags, frames),
            part=zeros,
            lead=zeros,
            text=text,
        )
        head = config.width // config.heads
        kept = drawn(config.layers, rows, config.heads, config.context_frames, head)
        kept = kept.to(network.empty_cache(rows).keys.dtype)
        return cls(
            network,
            conditions,
            drawn(rows, config.channels, config.context_frames),
            drawn(rows, config.channels, config.block_frames),
            KVCache(kept, kept.clone()),
            network.prompt(conditions),
        )

    @torch.inference_mode()
    def play(self, system: str, steps: int) -> torch.Tensor:
        """The block [B, D, o] after `steps` Euler steps of equal size under a system."""
        flow = self._flow(system)
        x = self.noise
        for step in range(steps):
            x = x - flow(x, 1 - step / steps) / steps
        return x

    def _flow(self, system: str) -> Callable[[torch.Tensor, float], torch.Tensor]:
        config = self.network.config
        known = self.conditions.heard_known
        regime = "block_causal" if system == "block_causal" else "enc_dec"
        network = _under(self.network, regime)
        if system == "window":
            known = known[:, : config.context_frames]

            def whole(x: torch.Tensor, t: float) -> torch.Tensor:
                times = torch.full((len(x),), t, device=x.device)
                return network.window(self.clean, known, x, times, self.conditions, self.prompt)

            return whole
        pending = config.block_frames if system == "block_causal" else config.context_frames
        cache = self.cache if system == "block_causal" else network.empty_cache(len(self.noise))
        return BlockPass(
            network,
            cache,
            self.clean[..., -pending:],
            known[:, :pending],
            self.conditions.cut(slice(-pending - config.block_frames, None)),
            self.prompt,
        )


def multiply_adds(run: Callable[[], object]) -> int:
    """Multiply-adds of the matrix products and the attention that `run` does; masked keys count.

    On a meta device nothing is computed, and the count is the same.
    """
    on_cpu = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention_on_cpu}
    with FlopCounterMode(display=False, custom_mapping=on_cpu) as counter:
        run()
    return counter.get_total_flops() // 2


def _attention_on_cpu(
    queries: tuple, keys: tuple, values: tuple, *args: object, **others: object
) -> int:
    return sdpa_flop_count(queries, keys, values)


def _under(network: BlockTransformer, regime: str) -> BlockTransformer:
    """The same weights under another regime of attention."""
    other = copy.copy(network)
    other.config = replace(network.config, regime=regime)
    return other
