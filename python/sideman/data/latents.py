"""Pieces as the model sees them: every part and every context encoded once, kept on disk.

One safetensors file per piece, named after its sound, in a folder named after the codec's weights, so
latents of an older codec or of another piece of the same id are never mistaken for the right ones. What
is there is not encoded again.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from sideman.audio import remedy
from sideman.data.mixing import heard_mix
from sideman.data.pieces import Piece
from sideman.data.whole import partial_of
from sideman.errors import DataError
from sideman.models.checkpoint import bytes_of
from sideman.names import shown
from sideman.workers import end, ignore_interrupt, processes, unheard

__all__ = ["LatentPiece", "codec_hash", "encode_piece", "encode_pieces"]

FACTS = ("id", "bpm", "beats_per_bar", "style")
WORTH_POOL = 32  # pieces from which other processes pay for their start
DECODER = "correction."  # weights under this name cannot change what is encoded


@dataclass(frozen=True)
class LatentPiece:
    """D latent channels, n frames, all float16.

    parts[name] [D, n]: the part itself, as played; contexts[name] [variants, D, n]: what its player
    hears: first everybody else, then random mixes of the others (data.mixing). A part that nobody
    learns to play may have no contexts.
    beats float64 [n]: beats since the downbeat at each frame's centre; bpm 0 where the beat is not
    known.
    """

    id: str
    parts: dict[str, torch.Tensor]
    contexts: dict[str, torch.Tensor]
    beats: np.ndarray
    bpm: float
    beats_per_bar: int
    style: str = ""

    @property
    def frames(self) -> int:
        return len(self.beats)


def codec_hash(codec: nn.Module) -> str:
    """Twelve hex digits that change with whatever changes what the codec encodes."""
    digest = hashlib.sha256(json.dumps(asdict(codec.config), sort_keys=True).encode())
    for name, value in sorted(codec.state_dict().items()):
        if name.startswith(DECODER):
            continue
        digest.update(name.encode() + bytes_of(value))
    return digest.hexdigest()[:12]


@lru_cache(maxsize=1)
def _sources() -> str:
    """Four hex digits of the code that mixes and analyses: what another one made is not taken."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for source in ("data/mixing.py", "models/codec_analysis.py"):
        digest.update((package / source).read_bytes())
    return digest.hexdigest()[:4]


def encode_pieces(
    pieces: Sequence[Piece],
    codec: nn.Module,
    folder: str | Path,
    variants: int = 1,
    done: Callable[[int, int], None] = lambda count, total: None,
    workers: int = 1,
    hearing: Sequence[str] = (),
) -> list[LatentPiece]:
    """All pieces as latents, from the cache in `folder` where they are there.

    `done(count, total)` is called after each piece. Where many are missing, `workers` processes
    encode them, 0: one for each CPU. hearing: the parts whose contexts are wanted, where not all
    are. Raises DataError when the disk is full or a worker dies.
    """
    key = "-".join((codec_hash(codec), str(variants), _sources(), *hearing))
    folder = Path(folder) / key
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{shown(piece.id)}-{piece.digest()}.safetensors" for piece in pieces]
    missing = [(piece, path) for piece, path in zip(pieces, paths) if not path.exists()]
    there = len(pieces) - len(missing)
    with closing(_encode_missing(missing, workers, codec, variants, hearing)) as counts:
        for count in counts:
            done(there + count, len(pieces))
    return [_read(path) for path in paths]


def _encode_missing(
    missing: Sequence[tuple[Piece, Path]], workers: int, *how: Any
) -> Generator[int, None, None]:
    """How many are done, after each; how: what encode_piece is told beside the piece."""
    workers = processes(workers, len(missing))
    if workers == 1 or len(missing) < WORTH_POOL:
        for count, (piece, path) in enumerate(missing, start=1):
            _encode(piece, path, how)
            yield count
        return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _hold, how)
    try:
        with unheard():
            encoded = pool.map(_encode_held, missing)
        for count, _ in enumerate(encoded, start=1):
            yield count
    except BrokenProcessPool as error:
        raise DataError(
            "a worker that encodes died: probably out of memory; run the same command again with "
            "fewer --threads"
        ) from error
    finally:
        end(pool)


_held: list[tuple[Any, ...]] = []


def _hold(*how: Any) -> None:
    """A worker keeps the codec, and one thread: there is one process for each core."""
    ignore_interrupt()
    torch.set_num_threads(1)
    _held.append(how)


def _encode_held(one: tuple[Piece, Path]) -> None:
    _encode(*one, _held[0])


def _encode(piece: Piece, path: Path, how: Sequence[Any]) -> None:
    if not path.exists():  # another run may have written it by now
        _write(path, encode_piece(piece, *how))


@torch.no_grad()
def encode_piece(
    piece: Piece, codec: nn.Module, variants: int = 1, hearing: Sequence[str] = ()
) -> LatentPiece:
    """Encode one piece, with the contexts of all its parts or of those in `hearing`; the random
    ones depend on its id, and on which are made."""
    frame = codec.frame_samples
    frames = piece.samples // frame
    sounds = {part: piece.audio(part)[: frames * frame] for part in piece.parts}
    name = piece.id.encode(errors="surrogateescape")
    words = int.from_bytes(hashlib.sha256(name).digest()[:8], "big")
    rng = np.random.default_rng(words)
    parts, contexts = {}, {}
    for part, sound in sounds.items():
        if hearing and part not in hearing:
            parts[part] = codec.encode_all(torch.from_numpy(sound[None]))[0].half()
            continue
        others = [other for name, other in sounds.items() if name != part]
        mixed = (
            heard_mix(rng, others, len(sound), piece.sample_rate) for _ in range(variants - 1)
        )
        heard = [_mix(others, len(sound)), *mixed]
        latents = codec.encode_all(torch.from_numpy(np.stack([sound, *heard])))
        parts[part], contexts[part] = latents[0].half(), latents[1:].half()
    centres = (np.arange(frames) + 0.5) * frame
    beats = np.asarray(piece.beat_at(centres))
    return LatentPiece(
        piece.id, parts, contexts, beats, piece.bpm, piece.beats_per_bar, piece.style
    )


def _mix(sounds: Sequence[np.ndarray], samples: int) -> np.ndarray:
    return np.sum(sounds, axis=0, dtype=np.float32) if sounds else np.zeros(samples, np.float32)


def _write(path: Path, piece: LatentPiece) -> None:
    tensors = {f"part.{name}": value for name, value in piece.parts.items()}
    tensors.update({f"context.{name}": value for name, value in piece.contexts.items()})
    tensors["beats"] = torch.from_numpy(piece.beats)
    facts = {name: getattr(piece, name) for name in FACTS}
    whole = {name: value.contiguous().clone() for name, value in tensors.items()}
    partial = partial_of(path)
    try:
        save_file(whole, str(partial), metadata={"piece": json.dumps(facts)})
        os.replace(partial, path)
    except (OSError, SafetensorError) as error:
        what = remedy(error, "see that the folder can be written to")
        raise DataError(
            f"cannot write {path}: {error}; {what}, and run the same command again"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _read(path: Path) -> LatentPiece:
    try:
        with safe_open(str(path), framework="pt") as file:
            facts = json.loads((file.metadata() or {})["piece"])
            found = {name: file.get_tensor(name) for name in file.keys()}
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise DataError(f"cannot read latents {path}: {error}; delete the file") from error
    beats = found.pop("beats").numpy()
    by_kind: dict[str, dict[str, torch.Tensor]] = {"part": {}, "context": {}}
    for name, value in found.items():
        kind, _, part = name.partition(".")
        by_kind[kind][part] = value
    return LatentPiece(beats=beats, parts=by_kind["part"], contexts=by_kind["context"], **facts)
