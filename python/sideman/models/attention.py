"""Self-attention with QK norm and partial rotary positions, and the mask that training uses.

Shapes: B rows, n tokens, H heads, d channels per head.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

__all__ = ["Attention", "Turn", "band_mask", "training_mask"]

Turn = tuple[torch.Tensor, torch.Tensor]


class Attention(nn.Module):
    """Multi-head attention; queries and keys are normalised per head (Henry et al. 2020)."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        if width % heads or (width // heads) % 4:
            raise ValueError(f"width {width} over {heads} heads is not a multiple of 4 each")
        self.heads = heads
        self.head_width = width // heads
        self.to_qkv = nn.Linear(width, 3 * width, bias=False)
        self.norm_q = nn.LayerNorm(self.head_width, bias=False)
        self.norm_k = nn.LayerNorm(self.head_width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        nn.init.zeros_(self.out.weight)

    def project(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """x [B, n, width] -> queries, keys, values [B, H, n, d]; nothing is turned yet."""
        batch, tokens, _ = x.shape
        qkv = self.to_qkv(x).view(batch, tokens, 3, self.heads, self.head_width)
        queries, keys, values = qkv.permute(2, 0, 3, 1, 4)
        return self.norm_q(queries), self.norm_k(keys), values

    def mix(
        self,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Turned queries [B, H, n, d], turned keys and values [B, H, m, d] -> [B, n, width].

        mask [n, m], True = may see; without one everything may be seen.
        """
        mixed = functional.scaled_dot_product_attention(
            queries.to(values.dtype), keys.to(values.dtype), values, attn_mask=mask
        )
        batch, _, tokens, _ = mixed.shape
        return self.out(mixed.transpose(1, 2).reshape(batch, tokens, -1))


def band_mask(queries: torch.Tensor, keys: torch.Tensor, band: int) -> torch.Tensor:
    """Which block may see which: block q sees itself and the `band` blocks before it.

    Block numbers [n] and [m] -> bool [n, m].
    """
    distance = queries[:, None] - keys[None, :]
    return (distance >= 0) & (distance <= band)


def training_mask(frames: int, block: int, band: int) -> torch.Tensor:
    """The mask of [clean sequence | noisy sequence], bool [2*frames, 2*frames].

    Clean block b sees clean blocks b-band..b. Noisy block b sees clean blocks b-band..b-1 and
    itself. No clean token ever sees a noisy one: one pass trains every block as if it were live
    (block diffusion, Arriola et al. 2025, section 3).
    """
    number = torch.arange(frames) // block
    clean = band_mask(number, number, band)
    same = number[:, None] == number[None, :]
    nothing = torch.zeros_like(same)
    return torch.cat(
        (torch.cat((clean, nothing), dim=1), torch.cat((clean & ~same, same), dim=1)), dim=0
    )
