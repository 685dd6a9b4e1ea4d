"""What all trainings have in common: they go on until they are done, may be stopped, and resume."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch
from torch import nn

from sideman.data.latents import codec_hash
from sideman.errors import DataError
from sideman.models.checkpoint import bytes_of
from sideman.training.ema import Average
from sideman.training.interruption import Interruption
from sideman.training.run_folder import RunFolder, restore_optimizer
from sideman.training.together import Together

__all__ = [
    "FREE", "Loop", "Options", "Training", "averaged_weights", "begin_with", "check_codec",
    "hash_of", "origin",
]  # fmt: skip

# Options that may change when a run goes on: when it ends, what no step depends on, where the runs
# that it began with lie, and what runs of old do not know.
FREE = ("steps", "minutes", "save_seconds", "check_steps", "begin", "student", "base_weights")
DROPOUT = 4_000_037  # apart from what batches and noise are drawn from
Figures = dict[str, Any]


class LoopOptions(Protocol):
    """What a loop asks of the options of a run. It ends, and its learning rate with it, with `steps`
    where they are set, else with `minutes`."""

    steps: int
    minutes: float
    rate: float
    warm_up: int
    save_seconds: float
    check_steps: int


class Options(LoopOptions, Protocol):
    """accumulate: batches of each process before a step."""

    accumulate: int
    average: float


class Loop:
    """One run: make it, then `run` it until it is done or interrupted; the run folder has the rest.

    A subclass says what a step is (`take_step`) and what is kept (`save`), may look at that on the
    way and at the end (`check`), and begins where the run stopped.
    """

    plotted = ("loss",)
    remedy = "run it anew with another --run and a lower --rate"  # where the loss is no number

    def __init__(
        self,
        options: LoopOptions,
        folder: RunFolder,
        optimizer: torch.optim.Optimizer,
        device: torch.device,
    ):
        self.options, self.folder, self.optimizer, self.device = options, folder, optimizer, device
        self.together = Together.found()
        self.step, self.seconds = 0, 0.0
        self.whole = True  # no step is under way

    def take_step(self) -> Figures:
        """One step of learning, with step number `self.step`; figures for the log."""
        raise NotImplementedError

    def check(self) -> Figures:
        """Figures about what was learnt that the log shall have: every `check_steps`, and of the
        last step, or it could not be the best that is kept."""
        return {}

    def save(self) -> None:
        """Write the checkpoint."""
        raise NotImplementedError

    def steer(self, module: nn.Module, *figures: torch.Tensor) -> float:
        """Let the optimizer step by the mean of all processes' gradients, and put the mean of
        theirs in place of `figures`; the norm before it was clipped. Raises DataError, before any
        weight is changed, where one of these is no number."""
        self.together.average_gradients(module, *figures)
        norm = float(nn.utils.clip_grad_norm_(module.parameters(), 1.0))
        if not (math.isfinite(norm) and all(bool(told.isfinite().all()) for told in figures)):
            raise DataError(
                f"step {self.step}: the loss is no number any more, and nothing of it is kept; "
                f"{self.remedy}"
            )
        self.optimizer.step()
        return norm

    @property
    def progress(self) -> float:
        """0 at the start, 1 when the run is done."""
        if self.options.steps:
            return self.step / self.options.steps
        return self.seconds / (60 * self.options.minutes)

    @property
    def rate(self) -> float:
        """Share of the learning rate: linear warm-up, then half a cosine down to a fiftieth."""
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, self.progress)))
        return min(1.0, self.step / self.options.warm_up) * max(0.02, fall)

    def run(self, report: Callable[[Figures], None] = lambda figures: None) -> None:
        """Train to the end; `report` gets each step's figures. Interrupted, it takes its step to the
        end, saves, and raises KeyboardInterrupt. What ends it within a step leaves the checkpoint
        before as it is."""
        with Interruption() as interruption:
            try:
                self._train(report, interruption)
            finally:
                if self.whole:
                    self.save()  # torchrun ends who still does as soon as another has left
            interruption.pass_on()
        if self.together.first:
            self.folder.tabulate()
            self.folder.plot(self.plotted)

    def _train(self, report: Callable[[Figures], None], interruption: Interruption) -> None:
        saved = time.monotonic()
        while self.progress < 1:
            figures, asked = self._timed_step(interruption)
            checked = self.step % self.options.check_steps == 0 or self.progress >= 1
            if checked and self.together.first:
                figures |= self.check()
            if checked or self.step % 10 == 0:
                self._log(figures)
            self.whole = True  # a check that was cut off is made when the step is taken again
            report(figures)
            if asked:
                raise KeyboardInterrupt
            if self.together.count == 1:  # several stop when all know of it
                interruption.pass_on()
            if time.monotonic() - saved > self.options.save_seconds:
                self.save()
                saved = time.monotonic()

    def _log(self, figures: Figures) -> None:
        if self.together.first:
            self.folder.log(figures)

    def _timed_step(self, interruption: Interruption) -> tuple[Figures, bool]:
        """A step's figures, and whether all processes shall stop after it."""
        started = time.monotonic()
        self.whole = False
        self.step += 1
        figures = self.take_step()
        seconds = self.seconds + time.monotonic() - started
        self.seconds, asked = self.together.agree(seconds, interruption.asked, self.device)
        return {"step": self.step, "seconds": round(self.seconds, 2), **figures}, asked


class Training(Loop):
    """A run whose weights are averaged on the way.

    A subclass may look at the averaged weights (`check`). `modules` are saved and resumed by name;
    `network` is the one whose average is kept. What a step computes is computed where `network` is.
    """

    options: Options

    def __init__(
        self,
        options: Options,
        folder: RunFolder,
        modules: dict[str, nn.Module],
        optimizer: torch.optim.Optimizer,
    ):
        network = modules["network"]
        super().__init__(options, folder, optimizer, next(network.parameters()).device)
        self.modules = modules
        self.average = Average(network, options.average)
        self.kept: dict[str, torch.Tensor] = {}
        self.kept_score = math.inf
        self._resume()

    def descend(self, figures_of: Callable[[int], Figures]) -> Figures:
        """One step of learning down `loss`; figures_of(number) gives it, and what else to log, as
        tensors from batch `number`."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.rate * self.rate
        self.optimizer.zero_grad(set_to_none=True)
        accumulate, found = self.options.accumulate, []
        for turn in range(1, accumulate + 1):
            local = (self.step - 1) * accumulate + turn
            torch.manual_seed(DROPOUT + self.seed_of(local))  # a resumed run drops out the same
            figures = figures_of(local)
            (figures["loss"] / accumulate).backward()
            found.append(torch.stack([value.detach().float() for value in figures.values()]))
        mean = torch.stack(found).mean(0)
        norm = self.steer(self.modules["network"], mean)
        self.average.update(self.modules["network"], self.step)
        told = zip(figures, (value.item() for value in mean), strict=True)
        return {**{name: round(value, 5) for name, value in told}, "norm": round(norm, 4)}

    def seed_of(self, local: int) -> int:
        """What the chances of this process's batch `local` are drawn from."""
        return self.together.number(local, self.options.accumulate)

    def keep_if_best(self, score: float) -> None:
        """Let the averaged weights of now be the run's result, unless earlier ones had a lower score;
        where nothing is ever kept, the last ones are."""
        if score < self.kept_score:
            self.kept_score = score
            self.kept = {name: weight.clone() for name, weight in self.average.weights.items()}

    def save(self) -> None:
        """Write the checkpoint: weights, their averages, optimizer, step and time used."""
        if not self.together.first:
            return
        weights = {f"average.{name}": weight for name, weight in self.average.weights.items()}
        for kind, module in self.modules.items():
            weights |= {f"{kind}.{name}": weight for name, weight in module.state_dict().items()}
        weights |= {f"kept.{name}": weight for name, weight in self.kept.items()}
        progress = {"step": self.step, "seconds": self.seconds, "kept_score": self.kept_score}
        self.folder.save(weights, progress, self.optimizer)

    def _resume(self) -> None:
        checkpoint = self.folder.load()
        if checkpoint is None:
            return
        for kind, module in self.modules.items():
            module.load_state_dict(_under(kind, checkpoint.weights))
        averages = _under("average", checkpoint.weights)
        self.average.weights = {name: value.to(self.device) for name, value in averages.items()}
        self.kept = _under("kept", checkpoint.weights)
        self.kept_score = checkpoint.progress.get("kept_score", math.inf)
        restore_optimizer(self.optimizer, checkpoint)
        self.step = checkpoint.progress["step"]
        self.seconds = checkpoint.progress["seconds"]


def averaged_weights(run: RunFolder) -> dict[str, torch.Tensor]:
    """The averaged weights of a run: the best kept ones, else the last. Raises DataError when it
    has no checkpoint."""
    checkpoint = run.peek()
    if checkpoint is None:
        raise DataError(f"cannot use run {run.path}: it has no checkpoint yet; train for longer")
    return _under("kept", checkpoint.weights) or _under("average", checkpoint.weights)


def begin_with(
    network: nn.Module, run: RunFolder, codec: nn.Module
) -> dict[str, torch.Tensor]:
    """Put the averaged weights of a run into a network that learns from what `codec` makes of
    music; gives them. Raises DataError when it has no checkpoint, for a network of other sizes, and
    where the run was trained with another codec."""
    weights = averaged_weights(run)
    theirs, ours = (
        {name: weight.shape for name, weight in found.items()}
        for found in (weights, network.state_dict())
    )
    if theirs != ours:
        raise DataError(
            f"cannot begin with {run.path}: its network has other sizes than this preset; choose "
            "the preset that it was made with"
        )
    check_codec(run, codec, "begin with")
    network.load_state_dict(weights)
    return weights


def check_codec(run: RunFolder, codec: nn.Module, what: str) -> None:
    """Raises DataError where a run was trained on what another codec makes of music, which has the
    same shapes and another meaning. what: it is that cannot be done, as "export"."""
    found = codec_hash(codec)
    if run.config().get("codec", found) != found:
        raise DataError(
            f"cannot {what} {run.path}: it was trained on the latents of another codec; give the "
            "one that it was trained with (--codec)"
        )


def origin(key: str, run: RunFolder, weights: Mapping[str, torch.Tensor]) -> dict[str, str]:
    """What a run remembers of another whose weights it begins with: where it lay, and a hash of
    them, by which it is known elsewhere."""
    return {key: run.whole_path, f"{key}_weights": hash_of(weights)}


def hash_of(weights: Mapping[str, torch.Tensor]) -> str:
    """Twelve hex digits that change with any of the weights."""
    digest = hashlib.sha256()
    for name, weight in sorted(weights.items()):
        digest.update(name.encode() + bytes_of(weight))
    return digest.hexdigest()[:12]


def _under(kind: str, weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    prefix = f"{kind}."
    return {k[len(prefix) :]: v for k, v in weights.items() if k.startswith(prefix)}
