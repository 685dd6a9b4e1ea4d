"""Self- and cross-attention with QK norm.

Shapes: B rows, n tokens, H heads, d channels per head. In a mask, True = may see.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from sideman.models.rope import Turn, rotate

__all__ = ["Attention", "CrossAttention"]


class Attention(nn.Module):
    """Multi-head attention; queries and keys are normalised per head (Henry et al. 2020)."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads, self.head_width = heads, head_width(width, heads)
        self.to_qkv = nn.Linear(width, 3 * width, bias=False)
        self.norm_q = nn.LayerNorm(self.head_width, bias=False)
        self.norm_k = nn.LayerNorm(self.head_width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        nn.init.zeros_(self.out.weight)

    def project(
        self, x: torch.Tensor, turn: Turn
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """x [B, n, width] -> turned queries, turned keys, values [B, H, n, d].

        turn: factors [n, 2, 1, d] of queries and keys, the gains of their norms in them.
        """
        batch, tokens, _ = x.shape
        qkv = self.to_qkv(x).view(batch, tokens, 3, self.heads, self.head_width)
        # Norms and turns stay precise whatever the products come in; queries and keys go through
        # them together, since for few tokens the number of operations is what costs.
        both = torch.layer_norm(qkv[:, :, :2].float(), (self.head_width,))
        queries, keys = rotate(both, turn).permute(2, 0, 3, 1, 4)
        return queries, keys, qkv[:, :, 2].transpose(1, 2)

    def mix(
        self,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Turned queries [B, H, n, d], turned keys and values [B, H, m, d] -> [B, n, width].

        mask [n, m]; without one everything may be seen.
        """
        return self.out(_attend(queries, keys, values, mask))


class CrossAttention(nn.Module):
    """Attention from frames to the tokens of a prompt, which has no positions."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads, self.head_width = heads, head_width(width, heads)
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_kv = nn.Linear(width, 2 * width, bias=False)
        self.norm_q = nn.LayerNorm(self.head_width, bias=False)
        self.norm_k = nn.LayerNorm(self.head_width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        nn.init.zeros_(self.out.weight)

    def remember(self, prompt: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Prompt [B, m, width] -> keys and values [B, H, m, d], once per block."""
        batch, tokens, _ = prompt.shape
        both = self.to_kv(prompt).view(batch, tokens, 2, self.heads, self.head_width)
        keys, values = both.permute(2, 0, 3, 1, 4)
        return self.norm_k(keys.float()), values

    def forward(
        self, x: torch.Tensor, prompt: tuple[torch.Tensor, torch.Tensor]
    ) -> torch.Tensor:
        """x [B, n, width] -> [B, n, width]."""
        batch, tokens, _ = x.shape
        queries = self.to_q(x).view(batch, tokens, self.heads, self.head_width).transpose(1, 2)
        return self.out(_attend(self.norm_q(queries.float()), *prompt, None))


def head_width(width: int, heads: int) -> int:
    """Channels per head. Raises ValueError when rotary positions do not fit into it."""
    if width % heads or (width // heads) % 4:
        raise ValueError(f"width {width} over {heads} heads is not a multiple of 4 each")
    return width // heads


def _attend(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    mixed = functional.scaled_dot_product_attention(
        queries.to(values.dtype), keys.to(values.dtype), values, attn_mask=mask
    )
    return mixed.transpose(1, 2).flatten(2)
