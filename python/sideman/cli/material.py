"""What every training of the terminal begins with: the codec, the pieces, the options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from sideman.cli.following import bar
from sideman.errors import DataError, SettingsError

if TYPE_CHECKING:
    import torch
    from torch import nn

    from sideman.data.latents import LatentPiece
    from sideman.data.pieces import Piece

__all__ = ["Material", "check_causal", "length", "material", "opened_codec", "training_precision"]

CHECKS_EVERY = 24
One = TypeVar("One")


@dataclass
class Material:
    """The codec and the pieces of a training, none of which is encoded before it is looked at: what
    can be refused is refused before. workers: as for encode_pieces."""

    codec: nn.Module
    music: Sequence[Piece]
    cache: Path
    variants: int
    workers: int

    @property
    def pieces(self) -> tuple[Sequence[LatentPiece], Sequence[LatentPiece]]:
        """Encoded, to train on and to check on."""
        return Later(lambda: self._encoded[0]), Later(lambda: self._encoded[1])

    @property
    def facts(self) -> dict[str, Any]:
        """What the run remembers, and its card tells."""
        from sideman.data.latents import codec_hash
        from sideman.data.pieces import digest_of

        trained, _ = _divided(self.music)
        frame_seconds = self.codec.frame_samples / self.codec.sample_rate
        seconds = sum(map(self._frames, trained)) * frame_seconds
        facts: dict[str, Any] = {"pieces": len(trained), "hours": round(seconds / 3600, 2)}
        facts |= {"codec": codec_hash(self.codec), "music": digest_of(self.music)}
        facts["variants"] = self.variants
        for style in ("slakh", "midi"):  # somebody's music, which the card names
            if count := sum(piece.style == style for piece in trained):
                facts[style] = count
        return facts

    def check_length(self, frames: int) -> None:
        """Raises DataError where no piece has so many frames."""
        if max(map(self._frames, self.music)) < frames:
            raise DataError(
                f"nothing to train on: no piece has {frames} frames; make longer pieces"
            )

    def _frames(self, piece: Piece) -> int:
        return piece.samples // self.codec.frame_samples

    @cached_property
    def _encoded(self) -> tuple[list[LatentPiece], list[LatentPiece]]:
        from sideman.data.latents import encode_pieces

        with bar("encoding") as show:
            return _divided(
                encode_pieces(self.music, self.codec, self.cache, self.variants, show, self.workers)
            )


class Later(Sequence):
    """What `get` gives, which is asked when somebody first looks."""

    def __init__(self, get: Callable[[], Sequence[Any]]):
        self._get = get

    def __len__(self) -> int:
        return len(self._get())

    def __getitem__(self, index: Any) -> Any:
        return self._get()[index]


def _divided(pieces: Sequence[One]) -> tuple[list[One], list[One]]:
    """Those to train on, and those to check on."""
    checked = list(pieces[::CHECKS_EVERY]) if len(pieces) > CHECKS_EVERY else []
    return [piece for i, piece in enumerate(pieces) if i % CHECKS_EVERY or not checked], checked


def material(
    data: Path, codec: Path | str, cache: Path | None, variants: int, limit: int | None, threads: int
) -> Material:
    """The codec, and the pieces of a folder."""
    import torch

    from sideman.data.pieces import load_pieces

    if threads:
        torch.set_num_threads(threads)
    opened = opened_codec(codec)
    check_causal(opened, codec)
    return Material(
        opened, load_pieces(data)[:limit], cache or data.parent / "latents", variants,
        threads,
    )  # fmt: skip


def opened_codec(name: Path | str) -> nn.Module:
    """The codec of a run folder, or of a model by name or folder."""
    from sideman.models.checkpoint import load_model
    from sideman.models.codec import load_codec
    from sideman.models.places import model_folder

    if model_folder(name):
        return load_model(name, precision="float32").codec
    return load_codec(name)


def check_causal(codec: nn.Module, name: Path | str) -> None:
    """Raises DataError for a codec that looks ahead."""
    if not getattr(codec, "is_causal", True):
        raise DataError(
            f"cannot train on latents of the codec of {name}: it looks ahead, so what is masked would "
            "have been heard; use Sideman's own codec: --codec mini"
        )


def length(minutes: float | None, steps: int | None) -> dict[str, float | None]:
    """What is not given stays as the preset has it; one given takes the other's place.

    Raises SettingsError when both are given.
    """
    if minutes is not None and steps is not None:
        raise SettingsError("cannot train for minutes and for steps: give one of --minutes and --steps")
    return {"minutes": 0.0 if steps else minutes, "steps": 0 if minutes else steps}


def training_precision(asked: str, device: torch.device) -> str:
    """`auto` is bfloat16 where that is fast. Raises typer.BadParameter for another word."""
    from sideman.models.packed import bfloat16_is_fast

    if asked == "auto":
        return "bfloat16" if device.type == "cuda" or bfloat16_is_fast() else "float32"
    if asked not in ("float32", "bfloat16"):
        raise typer.BadParameter(f"precision is auto, float32 or bfloat16, not {asked}")
    return asked
