"""What the model remembers of clean blocks: keys and values per layer, as a value.

Shapes: L layers, B rows, H heads, n cached frames, d channels per head. A cache is never changed in
place: `append` returns a new one, so a state that holds it can be copied, saved and gone back to.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from sideman.models.rope import rotate_into

__all__ = ["KVCache", "Sight"]


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


@dataclass
class Sight:
    """Turned keys and values of a pass, one [B, H, n, d] per layer, in memory that is made once.

    The last places are for the tokens that go through the layers, in every pass anew: what changes
    from one denoising step to the next is written over, the rest stays where it lies. first: the
    position of the first place.
    """

    keys: list[torch.Tensor]
    values: list[torch.Tensor]
    first: int = 0

    @classmethod
    def of(
        cls, cache: KVCache, turn: tuple[torch.Tensor, torch.Tensor], room: int, kind: torch.dtype
    ) -> Sight:
        """A cache with its keys turned, and room for so many tokens after it."""
        layers, rows, heads, frames, channels = cache.keys.shape
        places = (layers, rows, heads, frames + room, channels)
        keys, values = (cache.keys.new_empty(places, dtype=kind) for _ in range(2))
        rotate_into(keys[:, :, :, :frames], cache.keys, turn)
        values[:, :, :, :frames] = cache.values
        return cls(list(keys), list(values))

    @property
    def frames(self) -> int:
        return self.keys[0].shape[2]

    def own(
        self, layer: int, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Everything a layer sees, [B, H, n, d], with the tokens' own in the last places."""
        tokens = keys.shape[2]
        if torch.is_grad_enabled():  # a gradient needs what was there
            return tuple(
                torch.cat((whole[layer][:, :, :-tokens], own.to(whole[layer].dtype)), dim=2)
                for whole, own in ((self.keys, keys), (self.values, values))
            )
        self.keys[layer][:, :, -tokens:] = keys
        self.values[layer][:, :, -tokens:] = values
        return self.keys[layer], self.values[layer]

    def newest(self, frames: int) -> Sight:
        """The last `frames` places of each layer, in the same memory."""
        return Sight(
            [keys[:, :, -frames:] for keys in self.keys],
            [values[:, :, -frames:] for values in self.values],
            self.first + self.frames - frames,
        )
