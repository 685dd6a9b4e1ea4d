"""What the model remembers of clean blocks: keys and values per layer, as a value.

Shapes: L layers, B rows, H heads, n cached frames, d channels per head. A cache is never changed in
place: `append` returns a new one, so a state that holds it can be copied, saved and gone back to.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

__all__ = ["KVCache"]


@dataclass(frozen=True)
class KVCache:
    """`keys` (after QK norm, before rotation) and `values`, both [L, B, H, n, d], oldest first."""

    keys: torch.Tensor
    values: torch.Tensor

    @classmethod
    def empty(cls, layers: int, rows: int, heads: int, channels: int) -> KVCache:
        nothing = torch.zeros(layers, rows, heads, 0, channels)
        return cls(nothing, nothing)

    @property
    def frames(self) -> int:
        return self.keys.shape[3]

    def append(self, keys: torch.Tensor, values: torch.Tensor, limit: int) -> KVCache:
        """Add the newest frames [L, B, H, m, d] and drop the oldest beyond `limit` frames."""
        keys = torch.cat((self.keys, keys), dim=3)[:, :, :, -limit:]
        values = torch.cat((self.values, values), dim=3)[:, :, :, -limit:]
        return KVCache(keys.contiguous(), values.contiguous())
