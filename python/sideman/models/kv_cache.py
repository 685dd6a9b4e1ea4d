"""What the model remembers of clean blocks: keys and values per layer, as a value.

Shapes: L layers, B rows, H heads, n cached frames, d channels per head. A cache is never changed in
place: `append` returns a new one, so a state that holds it can be copied, saved and gone back to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from sideman.models.rope import rotate, rotation

__all__ = ["KVCache", "Sight", "forget_spare"]

RENUMBERED = 1024  # the first position at which a cache starts again from 0
MOST_SPARE = 4  # memories that wait to be used again


@dataclass(frozen=True)
class KVCache:
    """`keys` (after QK norm and rotation) and `values`, both [L, B, H, n, d], oldest first; `first`
    is the position of the oldest frame.

    Frames are numbered on while the window slides, so what is there need not be turned again. From
    time to time they are numbered from 0 anew, before the numbers grow large: a frame lives through
    that once at most, so no error gathers over hours. Caches that are joined take the largest of
    their numbers, and keep it when they part: who played together is not turned to do so again.
    """

    keys: torch.Tensor
    values: torch.Tensor
    first: int = 0

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
        dropped = max(0, self.frames + keys.shape[3] - limit)
        kind = self.keys.dtype
        longer = KVCache(
            torch.cat((self.keys[:, :, :, dropped:], keys[:, :, :, -limit:].to(kind)), dim=3),
            torch.cat((self.values[:, :, :, dropped:], values[:, :, :, -limit:].to(kind)), dim=3),
            self.first + dropped,
        )
        return longer.moved(0) if longer.first >= RENUMBERED else longer

    def moved(self, first: int) -> KVCache:
        """The same frames at the positions first, first + 1 ..."""
        if first == self.first:
            return self
        turned = torch.full((self.frames,), first - self.first, device=self.keys.device)
        keys = rotate(self.keys.float(), rotation(turned, self.keys.shape[-1] // 2))
        return KVCache(keys.to(self.keys.dtype), self.values, first)

    def cut(self, rows: slice) -> KVCache:
        """The cache of some of the rows."""
        return KVCache(self.keys[:, rows], self.values[:, rows], self.first)

    @staticmethod
    def joined(several: list[KVCache]) -> KVCache:
        """Several caches of equally many frames as one batch, row after row."""
        if len(several) == 1:
            return several[0]
        first = max(cache.first for cache in several)
        several = [cache.moved(first) for cache in several]
        return KVCache(
            torch.cat([cache.keys for cache in several], dim=1),
            torch.cat([cache.values for cache in several], dim=1),
            first,
        )


class Sight:
    """Keys and values [L, B, H, n, d] of a pass, in memory that is made once.

    Memory of megabytes that is given back to the system and taken anew for every block costs more
    than filling it; so it goes to the next pass that asks for as much.

    The last `room` places are for the tokens that go through the layers, in every pass anew: what
    changes from one denoising step to the next is written over, the rest stays where it lies. first:
    the position of the first place.
    """

    def __init__(self, memory: _Memory, first: int, frames: int, room: int):
        self.first, self.frames, self.room = first, frames, room
        self._memory = memory
        begin = memory.keys.shape[3] - frames
        self.keys, self.values = memory.keys[:, :, :, begin:], memory.values[:, :, :, begin:]
        self._layers = list(zip(self.keys, self.values, strict=True))
        own = self.keys[:, :, :, frames - room :], self.values[:, :, :, frames - room :]
        self._own = list(zip(*own, strict=True))

    @classmethod
    def of(cls, cache: KVCache, room: int, kind: torch.dtype) -> Sight:
        """A cache, and room for so many tokens after it."""
        layers, rows, heads, frames, channels = cache.keys.shape
        places = (layers, rows, heads, frames + room, channels)
        memory = _Memory(places, kind, cache.keys.device)
        memory.keys[:, :, :, :frames] = cache.keys
        memory.values[:, :, :, :frames] = cache.values
        return cls(memory, cache.first, frames + room, room)

    def own(
        self, layer: int, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Everything a layer sees, [B, H, n, d], with the tokens' own in the last places."""
        places = self._own[layer]
        if not torch.is_grad_enabled():
            places[0].copy_(keys)
            places[1].copy_(values)
            return self._layers[layer]
        for place, own in zip(places, (keys, values), strict=True):
            place.copy_(own.detach())
        return tuple(  # a gradient needs its own copy of what was there
            torch.cat((whole[:, :, : self.frames - self.room], own.to(whole.dtype)), dim=2)
            for whole, own in zip(self._layers[layer], (keys, values), strict=True)
        )

    def newest(self, frames: int, room: int) -> Sight:
        """The last `frames` places of each layer, `room` of them for tokens, in the same memory."""
        return Sight(self._memory, self.first + self.frames - frames, frames, room)


class _Memory:
    """Keys and values of one shape, nobody else's as long as this lives. Few wait to be used again,
    whatever their shapes: those of a window that still fills never come back."""

    spare: deque[tuple[torch.Tensor, torch.Tensor]] = deque(maxlen=MOST_SPARE)

    def __init__(self, shape: tuple[int, ...], kind: torch.dtype, device: torch.device):
        for keys, values in self._waiting():
            like = (tuple(keys.shape), keys.dtype, keys.device, keys.is_inference())
            if like == (shape, kind, device, torch.is_inference_mode_enabled()):
                self.keys, self.values = keys, values
                return
            self.spare.append((keys, values))
        keys = torch.empty(shape, dtype=kind, device=device)
        self.keys, self.values = keys, torch.empty_like(keys)

    def _waiting(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Each spare one once; what is given out is taken out, so no two threads get the same."""
        for _ in range(MOST_SPARE):
            try:
                yield self.spare.popleft()
            except IndexError:
                return

    def __del__(self) -> None:
        if hasattr(self, "values"):  # there was room for it
            self.spare.append((self.keys, self.values))


def forget_spare() -> None:
    """Gives back the memories that wait to be used again; who still plays makes new ones."""
    _Memory.spare.clear()
