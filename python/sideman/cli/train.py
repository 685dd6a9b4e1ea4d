"""`sideman train codec|model|forcing|window|distill|export`: from pieces to weights, resumable."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

if TYPE_CHECKING:
    import torch
    from torch import nn

    from sideman.data.latents import LatentPiece
    from sideman.training.loop import Training

__all__ = ["register"]

Data = Annotated[Path, typer.Option("--data", help="Folder of pieces, made by sideman synth or prepare.")]
Run = Annotated[Path, typer.Option("--run", help="Folder of this run; the same one resumes it.")]
Codec = Annotated[Path, typer.Option("--codec", help="Run folder of the codec.")]
AnyCodec = Annotated[
    str, typer.Option("--codec", help="Run folder of the codec, or a model that has one.")
]
Device = Annotated[
    str, typer.Option(help="auto (a GPU where there is one), cpu, cuda or mps.")
]
Threads = Annotated[int, typer.Option("--threads", min=0, help="CPU threads; 0 = all.")]
Minutes = Annotated[Optional[float], typer.Option(help="Train for this long.")]
Steps = Annotated[Optional[int], typer.Option(help="Or for this many steps.")]
Rate = Annotated[Optional[float], typer.Option(help="Peak learning rate.")]
Cache = Annotated[
    Optional[Path], typer.Option(help="Where encoded pieces go; default: DATA/../latents.")
]
Variants = Annotated[int, typer.Option(min=1, help="Mixes per part and piece.")]
Limit = Annotated[Optional[int], typer.Option(min=1, help="Use the first pieces only.")]
CHECKS_EVERY = 24


def register(app: typer.Typer) -> None:
    """Add the verb `train` with its sub-verbs."""
    group = typer.Typer(help="Train a codec or a model, or export a trained model.")
    group.command("codec")(train_codec)
    group.command("model")(train_model)
    group.command("forcing")(train_forcing)
    group.command("window")(train_window)
    group.command("distill")(train_distill)
    group.command("export")(export)
    app.add_typer(group, name="train")


def train_model(
    data: Data,
    codec: Codec,
    run: Run,
    preset: Annotated[str, typer.Option(help="mini, or tiny: both stages on two cores.")] = "mini",
    regime: Annotated[
        str, typer.Option(help="block_causal: small hops; enc_dec: whole context, dearer.")
    ] = "block_causal",
    minutes: Minutes = None,
    steps: Steps = None,
    batch: Annotated[Optional[int], typer.Option(min=1, help="Sequences per step.")] = None,
    rate: Rate = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    begin: Annotated[
        Optional[Path], typer.Option(help="Start from the weights of this other run.")
    ] = None,
    threads: Threads = 0,
    device: Device = "auto",
    precision: Annotated[
        str, typer.Option(help="auto, float32 or bfloat16 (faster where the CPU has it).")
    ] = "auto",
    cache: Cache = None,
    variants: Variants = 1,
    limit: Limit = None,
) -> None:
    """Train the model that plays. Run the same command again to go on after an interruption."""
    from sideman.training.feeding import training_device
    from sideman.training.model import ModelTraining, with_changes
    from sideman.training.model import preset as named

    place = training_device(device)
    opened, trained, checked, facts = _material(data, codec, cache, variants, limit, threads)
    options = with_changes(
        named(preset, opened, regime),
        **_length(minutes, steps),
        batch=batch,
        rate=rate,
        seed=seed,
        precision=_precision(precision, place),
    )
    training = ModelTraining(options, trained, checked, opened, run, facts, begin, place)
    _follow(training, f"sideman train model --data {data} --codec {codec} --run {run} ...")


def train_forcing(
    data: Data,
    codec: Codec,
    run: Run,
    begin: Annotated[Path, typer.Option(help="The run of `train model` to go on from.")],
    preset: Annotated[str, typer.Option(help="That run's preset: mini or tiny.")] = "mini",
    minutes: Minutes = None,
    steps: Steps = None,
    batch: Annotated[Optional[int], typer.Option(min=1, help="Rollouts per step.")] = None,
    jump_steps: Annotated[
        Optional[int], typer.Option(min=0, help="Steps of jumping before the discriminator comes.")
    ] = None,
    head_start: Annotated[
        Optional[int], typer.Option(min=0, help="Steps in which the discriminator learns alone.")
    ] = None,
    anchor: Annotated[
        Optional[float], typer.Option(min=0, help="Weight of the jump in the game.")
    ] = None,
    lead_in: Annotated[
        Optional[int],
        typer.Option(min=0, help="Up to so many blocks more are played before those that are judged."),
    ] = None,
    student: Annotated[
        Optional[Path], typer.Option(help="An earlier run of this stage to go on from.")
    ] = None,
    rate: Rate = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    threads: Threads = 0,
    device: Device = "auto",
    cache: Cache = None,
    variants: Variants = 1,
    limit: Limit = None,
) -> None:
    """Second stage (ARC-Forcing): the model learns from what it plays, for few steps and no drift."""
    from sideman.training.feeding import training_device
    from sideman.training.forcing import ForcingTraining
    from sideman.training.forcing_options import forcing_preset
    from sideman.training.model import network_of, with_changes
    from sideman.training.run_folder import RunFolder

    place = training_device(device)
    opened, trained, checked, facts = _material(data, codec, cache, variants, limit, threads)
    options = with_changes(
        forcing_preset(preset, network_of(RunFolder(begin))),
        **_length(minutes, steps), rate=rate, seed=seed, batch=batch, jump_steps=jump_steps,
        head_start=head_start, anchor=anchor, lead_in=lead_in,
    )
    training = ForcingTraining(options, trained, checked, opened, run, begin, facts, place, student)
    _follow(training, f"sideman train forcing --data {data} --begin {begin} --run {run} ...")


def train_window(
    data: Data,
    run: Run,
    codec: AnyCodec = "mini",
    preset: Annotated[str, typer.Option(help="paper (a GPU), or tiny: two cores.")] = "paper",
    minutes: Minutes = None,
    steps: Steps = None,
    batch: Annotated[Optional[int], typer.Option(min=1, help="Windows per step.")] = None,
    rate: Rate = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    begin: Annotated[
        Optional[Path], typer.Option(help="Start from the weights of this other run.")
    ] = None,
    threads: Threads = 0,
    device: Device = "auto",
    cache: Cache = None,
    variants: Variants = 1,
    limit: Limit = None,
) -> None:
    """Train a diffusion model of the window family (the accompaniment paper's)."""
    from sideman.training.feeding import training_device
    from sideman.training.model import with_changes
    from sideman.training.window import WindowTraining, window_preset

    place = training_device(device)
    opened, trained, checked, facts = _material(data, codec, cache, variants, limit, threads)
    options = with_changes(
        window_preset(preset), **_length(minutes, steps), batch=batch, rate=rate, seed=seed
    )
    training = WindowTraining(options, trained, checked, opened, run, facts, begin, place)
    _follow(training, f"sideman train window --data {data} --run {run} ...")


def train_distill(
    data: Data,
    run: Run,
    begin: Annotated[Path, typer.Option(help="The run of `train window` that teaches.")],
    codec: AnyCodec = "mini",
    preset: Annotated[str, typer.Option(help="That run's preset: paper or tiny.")] = "paper",
    minutes: Minutes = None,
    steps: Steps = None,
    batch: Annotated[Optional[int], typer.Option(min=1, help="Windows per step.")] = None,
    rate: Rate = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    threads: Threads = 0,
    device: Device = "auto",
    cache: Cache = None,
    variants: Variants = 1,
    limit: Limit = None,
) -> None:
    """Distil a window model into one that plays in two evaluations (consistency)."""
    from sideman.training.distill import Distillation, distill_preset
    from sideman.training.feeding import training_device
    from sideman.training.model import with_changes
    from sideman.training.run_folder import RunFolder
    from sideman.training.window import window_of

    place = training_device(device)
    opened, trained, checked, facts = _material(data, codec, cache, variants, limit, threads)
    options = with_changes(
        distill_preset(preset, window_of(RunFolder(begin))),
        **_length(minutes, steps), batch=batch, rate=rate, seed=seed,
    )
    training = Distillation(options, trained, checked, opened, run, begin, facts, place)
    _follow(training, f"sideman train distill --data {data} --begin {begin} --run {run} ...")


def train_codec(
    data: Data,
    run: Run,
    minutes: Annotated[Optional[float], typer.Option(help="Train for this long.")] = None,
    threads: Threads = 0,
) -> None:
    """Train the codec's decoder. Run the same command again to go on after an interruption."""
    from sideman.training.codec import run as train

    try:
        train(data, run, minutes, threads)
    except KeyboardInterrupt:
        _stopped(f"sideman train codec --data {data} --run {run} ...")


def export(
    run: Annotated[Path, typer.Argument(help="Run folder of the model.")],
    codec: AnyCodec,
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    name: Annotated[str, typer.Option(help="Name of the model.")] = "mini",
    steps: Annotated[
        Optional[int], typer.Option(min=1, max=50, help="Default denoising steps.")
    ] = None,
    guidance: Annotated[Optional[float], typer.Option(help="Default guidance.")] = None,
) -> None:
    """Write a model folder (model.json, model.safetensors, MODEL_CARD.md) from a run."""
    from sideman.training.export import export_model

    export_model(run, _codec(codec), out, name, steps, guidance)
    size = sum(file.stat().st_size for file in out.iterdir()) / 1e6
    typer.echo(f"{name} in {out}, {size:.1f} MB")


def _material(
    data: Path, codec: Path | str, cache: Path | None, variants: int, limit: int | None, threads: int
) -> tuple[nn.Module, list[LatentPiece], list[LatentPiece], dict[str, Any]]:
    """The codec, the encoded pieces to train on, those to check on, and facts for the card."""
    import torch

    from sideman.data.latents import encode_pieces
    from sideman.data.pieces import load_pieces

    if threads:
        torch.set_num_threads(threads)
    opened = _codec(codec)
    with _bar("encoding") as show:
        pieces = encode_pieces(
            load_pieces(data)[:limit], opened, cache or data.parent / "latents", variants, show,
            threads or os.cpu_count() or 1,
        )
    checked = pieces[::CHECKS_EVERY] if len(pieces) > CHECKS_EVERY else []
    trained = [p for i, p in enumerate(pieces) if i % CHECKS_EVERY or not checked]
    seconds = sum(p.frames for p in trained) * opened.frame_samples / opened.sample_rate
    facts = {"pieces": len(trained), "hours": round(seconds / 3600, 2)}
    if slakh := sum(piece.style == "slakh" for piece in trained):
        facts["slakh"] = slakh
    return opened, trained, checked, facts


def _codec(name: Path | str) -> nn.Module:
    """The codec of a run folder, or of a model by name or folder."""
    from sideman.models.checkpoint import WEIGHTS, load_model
    from sideman.models.codec import load_codec

    if any((place / "model.json").is_file() for place in (Path(name), WEIGHTS / str(name))):
        return load_model(name, precision="float32").codec
    return load_codec(name)


def _length(minutes: float | None, steps: int | None) -> dict[str, float | None]:
    """What is not given stays as the preset has it; one given takes the other's place."""
    return {"minutes": 0.0 if steps else minutes, "steps": 0 if minutes else steps}


def _stopped(command: str) -> None:
    typer.echo(f"stopped, checkpoint written; go on with: {command}")
    raise typer.Exit(130)


def _precision(asked: str, device: torch.device) -> str:
    from sideman.models.packed import bfloat16_is_fast

    if asked == "auto":
        return "bfloat16" if device.type == "cuda" or bfloat16_is_fast() else "float32"
    if asked not in ("float32", "bfloat16"):
        raise typer.BadParameter(f"precision is auto, float32 or bfloat16, not {asked}")
    return asked


def _bar(what: str) -> Any:
    """A progress bar as a context: it yields a function (done, total)."""
    from contextlib import contextmanager

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    @contextmanager
    def show():
        columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns) as progress:
            task = progress.add_task(what, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)

    return show()


def _follow(training: Training, command: str) -> None:
    """Run a training with a progress bar; Ctrl-C leaves a checkpoint and says how to go on."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("step {task.fields[step]} {task.fields[loss]} {task.fields[checked]}"),
        BarColumn(),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns) as progress:
            task = progress.add_task("", total=1.0, step=training.step, loss="", checked="")

            def report(figures: dict[str, Any]) -> None:
                shown: dict[str, Any] = {"step": figures["step"]}
                kinds = [kind for kind in ("loss", "critic", "flow") if kind in figures]
                if kinds:
                    shown["loss"] = f"{kinds[0]} {figures[kinds[0]]:.4f}"
                if "checked" in figures and "checked_alone" not in figures:
                    music = figures["checked_wrong_music"] - figures["checked"]
                    shown["checked"] = f"checked {figures['checked']:.4f} music +{music:.4f}"
                elif "checked" in figures:
                    music = figures["checked_alone_wrong_music"] - figures["checked_alone"]
                    shown["checked"] = f"checked {figures['checked']:.4f} music +{music:.4f}"
                progress.update(task, completed=training.progress, **shown)

            training.run(report)
    except KeyboardInterrupt:
        _stopped(command)
    typer.echo(f"done: {training.step} steps in {training.folder.path}")
