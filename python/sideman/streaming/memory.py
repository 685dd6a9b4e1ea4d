"""The frames that the next block may look back on, in the time of the slots: what was played in
them and what was told about them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import torch

from sideman.models.conditions import Conditions

__all__ = ["Memory"]


@dataclass(frozen=True)
class Memory:
    """n frames, oldest first, for P parts.

    played [P, D, n]; known [P, n]: 1 where the own past may be seen; heard [D, n], heard_known [n],
    clock [C, n], sketch [S, n], tags [G, n]: as Conditions tells them, the same for every part.
    """

    played: torch.Tensor
    known: torch.Tensor
    heard: torch.Tensor
    heard_known: torch.Tensor
    clock: torch.Tensor
    sketch: torch.Tensor
    tags: torch.Tensor

    @classmethod
    def empty(
        cls, parts: int, channels: int, clock: int, sketch: int, tags: int, device: torch.device
    ) -> Memory:
        shapes = (
            (parts, channels, 0), (parts, 0), (channels, 0), (0,), (clock, 0), (sketch, 0), (tags, 0),
        )  # fmt: skip
        return cls(*(torch.zeros(shape, device=device) for shape in shapes))

    @property
    def frames(self) -> int:
        return self.known.shape[-1]

    def then(self, later: Memory) -> Memory:
        """These frames followed by later ones."""
        return Memory(
            *(torch.cat((getattr(self, f.name), getattr(later, f.name)), -1) for f in fields(self))
        )

    def last(self, frames: int) -> Memory:
        """The newest frames; all when there are fewer."""
        first = max(0, self.frames - frames)
        return Memory(*(getattr(self, f.name)[..., first:].contiguous() for f in fields(self)))

    def playing(self, played: torch.Tensor) -> Memory:
        """The same, with the newest frames played otherwise: [P, D, m]."""
        return replace(
            self, played=torch.cat((self.played[..., : self.frames - played.shape[-1]], played), -1)
        )

    def hiding(self, hidden: torch.Tensor, frames: int) -> Memory:
        """The same, its newest `frames` frames not to be seen by the parts in `hidden` [P]."""
        known = self.known.clone()
        known[:, self.frames - frames :].masked_fill_(hidden[:, None], 0)
        return replace(self, known=known)

    def clocked(self, clock: torch.Tensor) -> Memory:
        """The same, with another clock [C, m] for the newest frames."""
        kept = self.clock[:, : self.frames - clock.shape[-1]]
        return replace(self, clock=torch.cat((kept, clock), -1))

    def hearing(self, heard: torch.Tensor, end: int) -> Memory:
        """The same, told the music [D, m] of the frames before index `end`."""
        first = end - heard.shape[-1]
        heard = heard[:, max(0, -first) :]
        first = max(0, first)
        if end <= first:
            return self
        told, known = self.heard.clone(), self.heard_known.clone()
        told[:, first:end], known[first:end] = heard, 1
        return replace(self, heard=told, heard_known=known)

    def retagged(self, tags: torch.Tensor, forgotten: int) -> Memory:
        """The same under other tags [G], its oldest `forgotten` frames of own past not to be seen."""
        known = self.known.clone()
        known[:, :forgotten] = 0
        return replace(self, known=known, tags=tags[:, None].expand(-1, self.frames).clone())

    def conditions(
        self, part: torch.Tensor, lead: torch.Tensor, text: torch.Tensor | None
    ) -> Conditions:
        """What the rows of `part` [P] and `lead` [P] are told; text [1, tokens, E]."""
        rows = len(part)

        def each(told: torch.Tensor) -> torch.Tensor:
            return told[None].expand(rows, *told.shape)

        return Conditions(
            each(self.heard), each(self.heard_known), each(self.clock), each(self.sketch),
            each(self.tags), part, lead, None if text is None else text.expand(rows, -1, -1),
        )
