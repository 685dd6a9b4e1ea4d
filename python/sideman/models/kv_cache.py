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
    """`keys` (after QK norm, before rotation) and `values`, both [L, B, H, n, d], oldest first.

    Keys are kept unturned and get window-relative positions whenever they are used: in a sliding
    window nothing has to be turned back, and no error gathers over hours.
    """

    keys: torch.Tensor
    values: torch.Tensor

    @classmethod
    def empty(cls, layers: int, rows: int, heads: int, channels: int) -> KVCache:
        nothing = torch.zeros(layers, rows, heads, 0, channels)
        return cls(nothing, nothing)

    @property
    def frames(self) -> int:
        return self.keys.shape[3]

    @property
    def rows(self) -> int:
        return self.keys.shape[1]

    def append(self, keys: torch.Tensor, values: torch.Tensor, limit: int) -> KVCache:
        """Add the newest frames [L, B, H, m, d] and drop the oldest beyond `limit` frames."""
        keys = torch.cat((self.keys, keys), dim=3)[:, :, :, -limit:]
        values = torch.cat((self.values, values), dim=3)[:, :, :, -limit:]
        return KVCache(keys.contiguous(), values.contiguous())

    def cut(self, rows: slice) -> KVCache:
        """The cache of some of the rows."""
        return KVCache(self.keys[:, rows], self.values[:, rows])

    @staticmethod
    def joined(several: list[KVCache]) -> KVCache:
        """Several caches of equally many frames as one batch, row after row."""
        if len(several) == 1:
            return several[0]
        return KVCache(
            torch.cat([cache.keys for cache in several], dim=1),
            torch.cat([cache.values for cache in several], dim=1),
        )
