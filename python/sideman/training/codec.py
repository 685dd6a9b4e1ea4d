"""Trains the codec: statistics of the latents first, then the network that bends the decoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sideman.data.pieces import Piece, digest_of
from sideman.errors import DataError
from sideman.models.codec import Codec, CodecConfig, EncoderState, save_codec
from sideman.models.codec_analysis import HISTORY_SAMPLES
from sideman.training.codec_loss import SpectralLoss
from sideman.training.codec_statistics import measure_statistics
from sideman.training.loop import FREE, Loop
from sideman.training.run_folder import RunFolder, restore_optimizer

__all__ = ["CodecOptions", "CodecTraining"]


@dataclass(frozen=True)
class CodecOptions:
    """What a run is: `steps` (or `minutes`, where they are 0) of `batch` crops of `frames` frames,
    each from a random part. check_steps: between two lines of the log."""

    steps: int = 2000
    minutes: float = 0.0
    batch: int = 8
    frames: int = 24
    rate: float = 2e-3
    warm_up: int = 50
    seed: int = 0
    statistics_pieces: int = 40
    save_seconds: float = 60.0
    check_steps: int = 5


class CodecTraining(Loop):
    """A run in a folder; making it again with the same options goes on where it stopped.

    Each step's crops depend on seed and step alone, so a resumed run sees the same music.
    Raises DataError when no piece is long enough.
    """

    def __init__(
        self,
        options: CodecOptions,
        config: CodecConfig,
        pieces: Sequence[Piece],
        folder: str | Path,
        done: Callable[[int, int], None] = lambda count, total: None,
    ):
        torch.manual_seed(options.seed)
        self.codec = Codec(config)
        self.needed = (self.codec.decoder_frames + options.frames) * config.frame_samples
        self.crops = [(p, part) for p in pieces if p.samples > self.needed for part in p.parts]
        if not self.crops:
            seconds = self.needed / config.sample_rate
            raise DataError(f"nothing to train on: no piece lasts {seconds:.1f} s; make longer ones")
        asked = {**asdict(options), "codec": asdict(config), "music": digest_of(pieces)}
        run = RunFolder.open(folder, asked, free=FREE)
        self.loss = SpectralLoss(config.sample_rate)
        optimizer = torch.optim.AdamW(self.codec.correction.parameters(), lr=options.rate)
        super().__init__(options, run, optimizer, torch.device("cpu"))
        if not self._resume():
            every = max(1, len(pieces) // options.statistics_pieces)
            measure_statistics(self.codec, pieces[::every][: options.statistics_pieces], done)
            self.save()

    def save(self) -> None:
        """Write the checkpoint, and the codec beside it as others open it."""
        progress = {"step": self.step, "seconds": self.seconds}
        self.folder.save(self.codec.state_dict(), progress, self.optimizer)
        save_codec(self.folder.path, self.codec)

    def take_step(self) -> dict[str, Any]:
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.rate * self.rate
        heard, first_frame = self._draw()
        with torch.no_grad():
            latents, _ = self.codec.encode(heard[:, HISTORY_SAMPLES:], self._state(heard))
        made = self.codec.render(latents.transpose(1, 2), first_frame)
        loss = self.loss(made, heard[:, -made.shape[1] :])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = self.steer(self.codec.correction, loss.detach())
        return {"loss": round(loss.item(), 5), "norm": round(norm, 4)}

    def _state(self, heard: torch.Tensor) -> EncoderState:
        return EncoderState(heard[:, :HISTORY_SAMPLES])

    def _draw(self) -> tuple[torch.Tensor, int]:
        """Crops with the past that the encoder needs, at random levels: [B, samples]."""
        rng = np.random.default_rng([self.options.seed, self.step])
        crops = []
        for index in rng.integers(0, len(self.crops), size=self.options.batch):
            piece, part = self.crops[index]
            start = int(rng.integers(0, piece.samples - self.needed))
            gain = np.float32(10 ** (rng.uniform(-9.0, 6.0) / 20))
            samples = HISTORY_SAMPLES + self.needed
            crops.append(gain * piece.crop(part, start - HISTORY_SAMPLES, samples))
        return torch.from_numpy(np.stack(crops)), int(rng.integers(0, 100_000))

    def _resume(self) -> bool:
        checkpoint = self.folder.load()
        if checkpoint is None:
            return False
        self.codec.load_state_dict(checkpoint.weights)
        if checkpoint.optimizer.get("state"):
            restore_optimizer(self.optimizer, checkpoint)
        self.step = checkpoint.progress["step"]
        self.seconds = checkpoint.progress["seconds"]
        return True
