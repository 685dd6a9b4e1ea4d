"""Trains the codec: statistics of the latents first, then the network that bends the decoder."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sideman.data.pieces import Piece, digest_of, load_pieces
from sideman.errors import DataError
from sideman.models.codec import Codec, CodecConfig, EncoderState, save_codec
from sideman.models.codec_analysis import HISTORY_SAMPLES
from sideman.training.codec_loss import SpectralLoss
from sideman.training.codec_statistics import measure_statistics
from sideman.training.interruption import Interruption
from sideman.training.run_folder import RunFolder, restore_optimizer

__all__ = ["CodecOptions", "CodecTraining", "run"]


@dataclass(frozen=True)
class CodecOptions:
    """What a run is: `steps` of `batch` crops of `frames` frames, each from a random part."""

    steps: int = 2000
    minutes: float = 0.0
    batch: int = 8
    frames: int = 24
    rate: float = 2e-3
    warm_up: int = 50
    seed: int = 0
    statistics_pieces: int = 40
    save_seconds: float = 60.0


class CodecTraining:
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
        self.options = options
        self.codec = Codec(config)
        self.context_frames = self.codec.decoder_frames
        self.needed = (self.context_frames + options.frames) * config.frame_samples
        self.crops = [(p, part) for p in pieces if p.samples > self.needed for part in p.parts]
        if not self.crops:
            seconds = self.needed / config.sample_rate
            raise DataError(f"nothing to train on: no piece lasts {seconds:.1f} s; make longer ones")
        asked = {**asdict(options), "codec": asdict(config), "music": digest_of(pieces)}
        self.folder = RunFolder.open(folder, asked, free=("save_seconds",))
        self.loss = SpectralLoss(config.sample_rate)
        self.optimizer = torch.optim.AdamW(self.codec.correction.parameters(), lr=options.rate)
        self.step, self.seconds = 0, 0.0
        self.whole = True  # no step is under way
        if not self._resume():
            every = max(1, len(pieces) // options.statistics_pieces)
            measure_statistics(self.codec, pieces[::every][: options.statistics_pieces], done)
            self.save()

    @property
    def progress(self) -> float:
        """0 at the start, 1 when the run is done."""
        if self.options.minutes:
            return self.seconds / (60 * self.options.minutes)
        return self.step / self.options.steps

    def run(self, report: Callable[[dict[str, Any]], None] = lambda figures: None) -> None:
        """Train to the end; `report` gets each step's figures. Interrupted, it takes its step to the
        end, saves, and raises KeyboardInterrupt. What ends it within a step leaves the checkpoint
        before as it is."""
        try:
            with Interruption() as interruption:
                self._train(report, interruption)
        finally:
            if self.whole:
                self.save()
        self.folder.plot()

    def _train(
        self, report: Callable[[dict[str, Any]], None], interruption: Interruption
    ) -> None:
        saved = time.monotonic()
        while self.progress < 1:
            figures = self._take_step()
            if self.step % 5 == 0:
                self.folder.log(figures)
            report(figures)
            interruption.pass_on()
            if time.monotonic() - saved > self.options.save_seconds:
                self.save()
                saved = time.monotonic()

    def save(self) -> None:
        """Write the checkpoint, and the codec beside it as others open it."""
        progress = {"step": self.step, "seconds": self.seconds}
        self.folder.save(self.codec.state_dict(), progress, self.optimizer)
        save_codec(self.folder.path, self.codec)

    def _take_step(self) -> dict[str, Any]:
        started = time.monotonic()
        self.whole = False
        self.step += 1
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.rate * self._rate()
        heard, first_frame = self._draw()
        with torch.no_grad():
            latents, _ = self.codec.encode(heard[:, HISTORY_SAMPLES:], self._state(heard))
        made = self.codec.render(latents.transpose(1, 2), first_frame)
        loss = self.loss(made, heard[:, -made.shape[1] :])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.codec.correction.parameters(), 1.0)
        self.optimizer.step()
        self.whole = True
        self.seconds += time.monotonic() - started
        return {
            "step": self.step,
            "seconds": round(self.seconds, 2),
            "loss": round(loss.item(), 5),
            "norm": round(norm.item(), 4),
        }

    def _state(self, heard: torch.Tensor) -> EncoderState:
        return EncoderState(heard[:, :HISTORY_SAMPLES])

    def _draw(self) -> tuple[torch.Tensor, int]:
        """Crops with the past that the encoder needs, at random levels: [B, samples]."""
        rng = np.random.default_rng([self.options.seed, self.step])
        crops = []
        for index in rng.integers(0, len(self.crops), size=self.options.batch):
            piece, part = self.crops[index]
            start = int(rng.integers(0, piece.samples - self.needed))
            audio = np.pad(piece.audio(part), (HISTORY_SAMPLES, 0))
            gain = np.float32(10 ** (rng.uniform(-9.0, 6.0) / 20))
            crops.append(gain * audio[start : start + HISTORY_SAMPLES + self.needed])
        return torch.from_numpy(np.stack(crops)), int(rng.integers(0, 100_000))

    def _rate(self) -> float:
        """Linear warm-up, then half a cosine down to a fiftieth."""
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress)))
        return min(1.0, self.step / self.options.warm_up) * max(0.02, fall)

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


def run(data: Path, folder: Path, minutes: float | None, threads: int) -> None:
    """`sideman train codec`: with a progress bar; interrupted, it says that it can go on."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    if threads:
        torch.set_num_threads(threads)
    options = CodecOptions(minutes=minutes) if minutes else CodecOptions()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        bar = progress.add_task("statistics", total=None)
        training = CodecTraining(
            options, CodecConfig(), load_pieces(data), folder,
            lambda done, total: progress.update(bar, completed=done, total=total),
        )

        def report(figures: dict[str, Any]) -> None:
            told = f"step {figures['step']} loss {figures['loss']:.4f}"
            progress.update(bar, description=told, completed=training.progress, total=1.0)

        training.run(report)
