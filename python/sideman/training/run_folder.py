"""A training run on disk: what was asked, where it stands, what it lost on the way.

    config.json              the options of the run; resuming with other ones is refused
    checkpoint.safetensors   weights, optimizer and progress in one file, so that a
                             crash can never leave weights of one step beside moments of another
    log.jsonl                one JSON object per logged step
    metrics.csv, loss.png    the same as a table and drawn, written when the run is done
    lock                     held by the process that trains here; the system frees it however that ends
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from sideman.errors import DataError, SettingsError
from sideman.training.together import Together

__all__ = ["Checkpoint", "RunFolder", "restore_optimizer"]

WEIGHTS, OPTIMIZER = "weights.", "optimizer."
PROCESSES = "processes"  # how many train together; not there where one does


@dataclass
class Checkpoint:
    """What `RunFolder.load` found: tensors by name, and the progress dictionary that was saved."""

    weights: dict[str, torch.Tensor]
    progress: dict[str, Any]
    optimizer: dict[str, Any] = field(default_factory=dict)


class RunFolder:
    """One folder per run. Every write is atomic: a file is whole or it is the previous one."""

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self._lock: FileLock | None = None

    @property
    def whole_path(self) -> str:
        """By which a run that began with this one finds it again, from any folder."""
        return str(self.path.resolve())

    @classmethod
    def open(
        cls, path: str | Path, config: Mapping[str, Any], free: Iterable[str] = ()
    ) -> RunFolder:
        """Create the folder, or return to it if it holds a run with the same config, to train in it:
        it is this process's (or that of the processes that train together) as long as the object lives.

        Keys named in `free` may differ (number of threads, time budget): they do not change what a
        step computes. Raises SettingsError as `check_same` does, and when another process trains
        here.
        """
        run, together = cls(path), Together.found()
        run.path.mkdir(parents=True, exist_ok=True)
        if together.first:
            run._claim()
        run.check_same(config, free)
        if together.first:
            several = {PROCESSES: together.count} if together.count > 1 else {}
            text = json.dumps({**config, **several}, indent=2) + "\n"
            _write_atomically(run.path / "config.json", text)
        return run

    def check_same(self, config: Mapping[str, Any], free: Iterable[str] = ()) -> None:
        """Raises SettingsError where the folder holds a run of another config, naming the keys that
        differ, but for those of `free`, and one that learnt in another number of processes: it
        would not see the same batches in a step."""
        if not (self.path / "config.json").exists():
            return
        wanted, found = json.loads(json.dumps(dict(config))), self.config()
        began, count = found.pop(PROCESSES, 1), Together.found().count
        if began != count:
            raise SettingsError(
                f"cannot resume {self.path}: the number of processes differs (was {began}, now "
                f"{count}); start as many, or use another --run folder"
            )
        different = sorted(
            key for key in {*wanted, *found} - set(free) if wanted.get(key) != found.get(key)
        )
        if different:
            key = different[0]
            raise SettingsError(
                f"cannot resume {self.path}: {', '.join(different)} differ ({key} was "
                f"{found.get(key)!r}, now {wanted.get(key)!r}); use another --run folder"
            )

    def release(self) -> None:
        """Let others train in the folder, or remove it: Windows keeps one in which a file is open."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def config(self) -> dict[str, Any]:
        """The options the run was started with. Raises DataError when they cannot be read."""
        path = self.path / "config.json"
        try:
            return json.loads(path.read_text())
        except (OSError, json.JSONDecodeError) as error:
            raise DataError(f"cannot read {path}: {error}; give the folder of a run") from error

    def save(
        self,
        weights: Mapping[str, torch.Tensor],
        progress: Mapping[str, Any],
        optimizer: torch.optim.Optimizer | None = None,
    ) -> None:
        """Write the checkpoint. `progress` must hold "step". Raises DataError when it cannot be
        written, on a full disk; the one before stands then."""
        tensors = {WEIGHTS + name: value for name, value in weights.items()}
        metadata = {"progress": json.dumps(dict(progress))}
        if optimizer is not None:
            state = optimizer.state_dict()
            metadata["param_groups"] = json.dumps(state["param_groups"])
            for index, moments in state["state"].items():
                for name, value in moments.items():
                    tensors[f"{OPTIMIZER}{index}.{name}"] = torch.as_tensor(value)
        whole = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
        path = self.path / "checkpoint.safetensors"
        partial = path.with_suffix(".partial")
        try:
            save_file(whole, str(partial), metadata=metadata)
            os.replace(partial, path)
        except (OSError, SafetensorError) as error:
            partial.unlink(missing_ok=True)
            raise DataError(
                f"cannot write {path}: {error}; see that there is space, and run the same command again"
            ) from error

    def load(self) -> Checkpoint | None:
        """The last checkpoint, to go on from, or None when the run has none yet.

        Log lines of steps after it are removed: they will be computed again. Raises DataError when
        it cannot be read.
        """
        checkpoint = self.peek()
        self._forget_after(checkpoint.progress["step"] if checkpoint else 0)
        return checkpoint

    def peek(self) -> Checkpoint | None:
        """The last checkpoint, leaving the folder as it is: safe while the run goes on."""
        path = self.path / "checkpoint.safetensors"
        if not path.exists():
            return None
        groups: dict[str, dict[str, torch.Tensor]] = {WEIGHTS: {}, OPTIMIZER: {}}
        try:
            with safe_open(str(path), framework="pt") as file:
                metadata = file.metadata() or {}
                for key in file.keys():
                    prefix, _, name = key.partition(".")
                    groups[prefix + "."][name] = file.get_tensor(key)
            progress = json.loads(metadata["progress"])
            optimizer = _optimizer_state(groups[OPTIMIZER], metadata)
        except (SafetensorError, KeyError, ValueError, OSError) as error:
            raise DataError(
                f"cannot resume from {path}: {error}; remove the file to start again"
            ) from error
        return Checkpoint(groups[WEIGHTS], progress, optimizer)

    def log(self, figures: Mapping[str, Any]) -> None:
        """Append one line to log.jsonl."""
        with (self.path / "log.jsonl").open("a") as file:
            file.write(json.dumps(dict(figures)) + "\n")

    def history(self) -> list[dict[str, Any]]:
        """All lines of log.jsonl, oldest first, but for a last one that a full disk or a crash cut off.

        Raises DataError for another that cannot be read.
        """
        path = self.path / "log.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        found = []
        for number, line in enumerate(lines, start=1):
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError as error:
                if number == len(lines):
                    break
                raise DataError(
                    f"cannot read line {number} of {path}: {error}; remove the line"
                ) from error
        return found

    def kept_history(self) -> list[dict[str, Any]]:
        """The lines of `history` up to the last checkpoint: a run that was killed may have logged
        later steps, which nothing is left of."""
        checkpoint = self.peek()
        return self._up_to(checkpoint.progress["step"] if checkpoint else 0)

    def tabulate(self) -> None:
        """Write all figures of the log to metrics.csv, one column each, in order of appearance."""
        history = self.history()
        names = list(dict.fromkeys(name for line in history for name in line))
        table = io.StringIO()
        writer = csv.DictWriter(table, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
        _write_atomically(self.path / "metrics.csv", table.getvalue())

    def plot(self, keys: Iterable[str] = ("loss",)) -> None:
        """Draw the named figures of the log over steps into loss.png."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(8, 4.5), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        history = self.history()
        for key in keys:
            points = [(line["step"], line[key]) for line in history if key in line]
            if points:
                axes.plot(*zip(*points, strict=True), label=key, linewidth=1)
        axes.set_xlabel("step")
        axes.set_ylabel("loss")
        if axes.lines:
            axes.legend()
        partial = self.path / "loss.partial"
        figure.savefig(partial, dpi=110, format="png")
        os.replace(partial, self.path / "loss.png")

    def _claim(self) -> None:
        lock = FileLock(self.path / "lock", is_singleton=True)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise SettingsError(
                f"cannot train in {self.path}: another process trains there; wait until it is done, or "
                "give another --run folder"
            ) from None
        except NotImplementedError:  # a file system without locks, as some networks have
            return
        self._lock = lock

    def _up_to(self, step: int) -> list[dict[str, Any]]:
        return [line for line in self.history() if line.get("step", 0) <= step]

    def _forget_after(self, step: int) -> None:
        path = self.path / "log.jsonl"
        text = "".join(json.dumps(line) + "\n" for line in self._up_to(step))
        if path.exists() and path.read_text() != text:
            _write_atomically(path, text)


def restore_optimizer(optimizer: torch.optim.Optimizer, checkpoint: Checkpoint) -> None:
    """Put saved moments and learning rates back into an optimizer of the same parameters."""
    optimizer.load_state_dict(checkpoint.optimizer)


def _optimizer_state(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> dict[str, Any]:
    if "param_groups" not in metadata:
        return {}
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        index, _, name = key.partition(".")
        state.setdefault(int(index), {})[name] = value
    return {"state": state, "param_groups": json.loads(metadata["param_groups"])}


def _write_atomically(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    os.replace(partial, path)
