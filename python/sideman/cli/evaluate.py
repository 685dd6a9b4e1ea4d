"""`sideman evaluate`: how well a model plays with pieces that it has never heard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from sideman.cli import instrument, studies
from sideman.cli.given import given_options, refuse

if TYPE_CHECKING:
    from sideman.evaluation.scores import Take
    from sideman.evaluation.study import Plan

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb with its studies to the command-line application."""
    group = typer.Typer(help=evaluate.__doc__, invoke_without_command=True)
    group.callback()(evaluate)
    studies.register(group)
    instrument.register_study(group)
    app.add_typer(group, name="evaluate")


def evaluate(
    context: typer.Context,
    model: Annotated[str, typer.Option(help="Name of a model, or its folder.")] = "mini",
    pieces: Annotated[
        Optional[Path], typer.Option(help="Folder of held-out pieces (made by sideman synth).")
    ] = None,
    synth: Annotated[int, typer.Option(min=2, help="Compose this many, without --pieces.")] = 12,
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("build/evaluate"),
    limit: Annotated[Optional[int], typer.Option(min=2, help="Only the first so many.")] = None,
    hop: Annotated[Optional[int], typer.Option(help="Frames; the model's default.")] = None,
    lead: Annotated[Optional[int], typer.Option(help="Frames; the model's default.")] = None,
    steps: Annotated[
        Optional[int], typer.Option(min=1, max=50, help="Denoising; the model's default.")
    ] = None,
    guidance: Annotated[Optional[float], typer.Option(help="The model's default.")] = None,
    temperature: Annotated[Optional[float], typer.Option(help="The model's default.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Takes per part, averaged.")] = 1,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes; 0 = one for each CPU that may be used.")
    ] = 0,
    check: Annotated[bool, typer.Option("--check", help="Fail below the thresholds.")] = False,
) -> None:
    """Play the live session over pieces and compare with the true part and cheap tricks.

    Writes report.json, report.png and audio/ to OUT. What OUT holds from the same model, pieces and
    options is not played again, so an interrupted evaluation goes on with the same command.
    """
    if study := context.invoked_subcommand:
        given = given_options(context)
        refuse(context, given, f"before {study}", f"give it after {study}, where that has it")
        return
    if pieces is not None:
        refuse(context, ["synth"], "with --pieces", "leave one of them away")
    from rich.console import Console

    from sideman.evaluation import report
    from sideman.evaluation.scores import summarise
    from sideman.evaluation.study import Plan
    from sideman.evaluation.study import check as check_plan
    from sideman.evaluation.thresholds import shortfalls, tracking_shortfalls
    from sideman.folders import made_ready
    from sideman.models.checkpoint import model_spec

    spec = model_spec(model)
    plan = Plan(
        model=model, pieces=str(pieces or out / "pieces"), seeds=seeds,
        limit=limit if pieces else min(limit or synth, synth),
        hop_frames=spec.hop_frames if hop is None else hop,
        lead_frames=spec.lead_frames if lead is None else lead,
        steps=spec.steps if steps is None else steps,
        guidance=spec.guidance if guidance is None else guidance,
        temperature=spec.temperature if temperature is None else temperature,
    )
    check_plan(plan)
    report.check_place(out)
    made_ready(out)
    try:
        if pieces is None:
            _compose(out / "pieces", synth, workers)
        takes = _run(plan, out, workers)
        summary = summarise(takes)
    except KeyboardInterrupt:
        typer.echo(f"stopped; the same command goes on from here: {out}", err=True)
        raise typer.Exit(130) from None
    failing = [*shortfalls(summary), *tracking_shortfalls(takes)]
    paths = report.write(out, plan, summary, failing)
    Console(width=max(150, Console().width)).print(report.table(summary))
    for path in (*paths.values(), out / "audio"):
        typer.echo(path)
    for line in failing:
        typer.echo(f"below threshold: {line}", err=True)
    if check and failing:
        raise typer.Exit(1)


def _run(plan: Plan, out: Path, workers: int) -> list[Take]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from sideman.evaluation.study import run

    with Progress("playing", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("playing")
        return run(plan, out, workers,
                   lambda done, total: bar.update(task, completed=done, total=total))


def _compose(folder: Path, count: int, workers: int) -> None:
    """Put the first held-out pieces into a folder, unless they are there; with the sound font that
    the setup installs where it is there, so that figures compare between machines."""
    from sideman.data.composer import plan_piece
    from sideman.data.fluid import installed_sound_fonts
    from sideman.data.synthesis import synthesise

    plans = [plan_piece("heldout", 0, index) for index in range(count)]
    typer.echo(f"composing {count} held-out pieces in {folder}")
    fonts = installed_sound_fonts()
    usual = [font for font in fonts if font.name == "TimGM6mb.sf2"]
    synthesise(folder, plans, usual or fonts, workers, lambda state: None)
