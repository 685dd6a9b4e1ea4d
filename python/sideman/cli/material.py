"""What every training of the terminal begins with: the codec, the encoded pieces, the options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sideman.cli.following import bar
from sideman.errors import DataError, SettingsError

if TYPE_CHECKING:
    import torch
    from torch import nn

    from sideman.data.latents import LatentPiece

__all__ = ["check_causal", "length", "material", "opened_codec", "training_precision"]

CHECKS_EVERY = 24


def material(
    data: Path, codec: Path | str, cache: Path | None, variants: int, limit: int | None, threads: int
) -> tuple[nn.Module, list[LatentPiece], list[LatentPiece], dict[str, Any]]:
    """The codec, the encoded pieces to train on, those to check on, and facts for the card."""
    import torch

    from sideman.data.latents import codec_hash, encode_pieces
    from sideman.data.pieces import digest_of, load_pieces
    from sideman.training.together import Together

    if threads:
        torch.set_num_threads(threads)
    opened = opened_codec(codec)
    check_causal(opened, codec)
    music = load_pieces(data)[:limit]
    with Together.found().in_turn(), bar("encoding") as show:
        pieces = encode_pieces(
            music, opened, cache or data.parent / "latents", variants, show,
            threads or os.cpu_count() or 1,
        )
    checked = pieces[::CHECKS_EVERY] if len(pieces) > CHECKS_EVERY else []
    trained = [p for i, p in enumerate(pieces) if i % CHECKS_EVERY or not checked]
    seconds = sum(p.frames for p in trained) * opened.frame_samples / opened.sample_rate
    facts: dict[str, Any] = {"pieces": len(trained), "hours": round(seconds / 3600, 2)}
    facts |= {"codec": codec_hash(opened), "music": digest_of(music), "variants": variants}
    for style in ("slakh", "midi"):  # somebody's music, which the card names
        if count := sum(piece.style == style for piece in trained):
            facts[style] = count
    return opened, trained, checked, facts


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
