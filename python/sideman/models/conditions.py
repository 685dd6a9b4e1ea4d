"""What the network is told about each frame, apart from the part's own past."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import torch

__all__ = ["CLOCK_CHANNELS", "Conditions"]

CLOCK_CHANNELS = 36


@dataclass(frozen=True)
class Conditions:
    """What is told about n frames of B rows.

    heard [B, D, n]: latents of the music; heard_known [B, n]: 1 where there is any; clock
    [B, CLOCK_CHANNELS, n]: zeros when unknown; sketch [B, S, n]: zeros when there is none; tags
    [B, G, n]: weight of each tag; part [B], lead [B]: integers; text [B, tokens, E]: embeddings of
    a prompt for models that read one, else None. S and G may be 0.
    """

    heard: torch.Tensor
    heard_known: torch.Tensor
    clock: torch.Tensor
    sketch: torch.Tensor
    tags: torch.Tensor
    part: torch.Tensor
    lead: torch.Tensor
    text: torch.Tensor | None = None

    @property
    def frames(self) -> int:
        return self.heard.shape[-1]

    def cut(self, frames: slice) -> Conditions:
        """The same about some of the frames."""
        return replace(
            self,
            heard=self.heard[..., frames],
            heard_known=self.heard_known[:, frames],
            clock=self.clock[..., frames],
            sketch=self.sketch[..., frames],
            tags=self.tags[..., frames],
        )

    def then(self, later: Conditions) -> Conditions:
        """These frames followed by those of `later`, which tells the same rows."""
        return replace(
            self,
            heard=torch.cat((self.heard, later.heard), -1),
            heard_known=torch.cat((self.heard_known, later.heard_known), -1),
            clock=torch.cat((self.clock, later.clock), -1),
            sketch=torch.cat((self.sketch, later.sketch), -1),
            tags=torch.cat((self.tags, later.tags), -1),
        )

    def to(self, device: torch.device | str) -> Conditions:
        """The same on another device."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return Conditions(
            **{name: None if value is None else value.to(device) for name, value in named.items()}
        )

    def untold(self) -> Conditions:
        """Deaf and without a prompt, for guidance. Clock, sketch and tags stay: who leans away from
        playing without them overdoes what they ask for, in level above all."""
        return replace(
            self,
            heard=torch.zeros_like(self.heard),
            heard_known=torch.zeros_like(self.heard_known),
            text=None if self.text is None else torch.zeros_like(self.text),
        )

    @staticmethod
    def joined(several: list[Conditions]) -> Conditions:
        """Several as one batch, row after row."""
        columns = {
            field.name: [getattr(one, field.name) for one in several]
            for field in fields(Conditions)
        }
        return Conditions(
            **{name: None if c[0] is None else torch.cat(c) for name, c in columns.items()}
        )
