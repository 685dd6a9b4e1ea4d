"""Which token may see which, under both attention regimes. In a mask, True = may see."""

from __future__ import annotations

from functools import lru_cache

import torch

__all__ = ["as_bias", "band_mask", "enc_dec_mask", "pass_mask", "training_geometry", "training_mask"]


def as_bias(mask: torch.Tensor, kind: torch.dtype) -> torch.Tensor:
    """A mask as what is added to scores, made once for all layers that use it."""
    return torch.zeros_like(mask, dtype=kind).masked_fill_(~mask, float("-inf"))


def band_mask(queries: torch.Tensor, keys: torch.Tensor, band: int) -> torch.Tensor:
    """Which block may see which: block q sees itself and the `band` blocks before it.

    Block numbers [n] and [m] -> bool [n, m].
    """
    distance = queries[:, None] - keys[None, :]
    return (distance >= 0) & (distance <= band)


def enc_dec_mask(context: int, target: int) -> torch.Tensor:
    """[context | target] tokens: context sees context, target sees all (LMDM, enc-dec)."""
    from_target = torch.arange(context + target) >= context
    return ~from_target[None, :] | from_target[:, None]


def training_mask(frames: int, block: int, band: int) -> torch.Tensor:
    """The mask of [clean frames | noisy blocks, each with its global token last].

    bool [n, n] with n = 2 * frames + frames / block. Clean block b sees clean blocks b-band..b.
    Noisy block b sees clean blocks b-band..b-1 and itself. No clean token ever sees a noisy one:
    one pass trains every block as if it were live (block diffusion, Arriola et al. 2025, section 3).
    """
    clean = torch.arange(frames) // block
    noisy = torch.arange(frames // block).repeat_interleave(block + 1)
    among_clean = band_mask(clean, clean, band)
    past = band_mask(noisy, clean, band) & (noisy[:, None] != clean[None, :])
    same = noisy[:, None] == noisy[None, :]
    nothing = torch.zeros(frames, len(noisy), dtype=torch.bool)
    return torch.cat((torch.cat((among_clean, nothing), 1), torch.cat((past, same), 1)))


@lru_cache(maxsize=16)
@torch.inference_mode(False)  # what is kept may meet a gradient later
def training_geometry(
    frames: int, block: int, band: int, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Positions and mask of [clean frames | noisy blocks, each with its global token last]."""
    starts = torch.arange(0, frames, block)
    noisy = (starts[:, None] + torch.arange(block + 1)).flatten()
    positions = torch.cat((torch.arange(frames), noisy))
    return positions.to(device), training_mask(frames, block, band).to(device)


@lru_cache(maxsize=64)
@torch.inference_mode(False)
def pass_mask(
    regime: str, block: int, band: int, cached: int, pending: int, device: torch.device
) -> torch.Tensor | None:
    """What [pending | target | global] may see of [cached | pending | target | global] frames: bool
    [queries, keys], None where that is everything. A block sees the `band` blocks before it."""
    if regime == "enc_dec":
        if cached:
            raise ValueError("enc-dec attention caches nothing from block to block")
        return enc_dec_mask(pending, block + 1).to(device) if pending else None
    frames = torch.arange(cached + pending + block + 1) // block
    number = frames.clamp(max=(cached + pending) // block)  # the global token is in its block
    mask = band_mask(number[cached:], number, band)
    return None if bool(mask.all()) else mask.to(device)
