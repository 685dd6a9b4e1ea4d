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
    def empty(
        cls, layers: int, rows: int, heads: int, channels: int, like: torch.Tensor | None = None
    ) -> KVCache:
        """Nothing yet, on the device and in the type of `like`."""
        like = torch.zeros(()) if like is None else like
        nothing = like.new_zeros(layers, rows, heads, 0, channels)
        return cls(nothing, nothing)

    @property
    def frames(self) -> int:
        return self.keys.shape[3]

    @property
    def rows(self) -> int:
        return self.keys.shape[1]

    def append(self, keys: torch.Tensor, values: torch.Tensor, limit: int) -> KVCache:
        """Add the newest frames [L, B, H, m, d] and drop the oldest beyond `limit` frames."""
        if not keys.shape[3]:
            return self
        kept = slice(max(0, self.frames + keys.shape[3] - limit), None)
        return KVCache(
            torch.cat((self.keys[:, :, :, kept], keys[:, :, :, -limit:]), dim=3),
            torch.cat((self.values[:, :, :, kept], values[:, :, :, -limit:]), dim=3),
        )

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
