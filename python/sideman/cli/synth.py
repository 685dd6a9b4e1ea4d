"""`sideman synth`: compose and render pieces with separate parts, for training and evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sideman.cli.given import given_options, refuse
from sideman.errors import Cancelled, DataError, SettingsError
from sideman.remedies import pip_install

__all__ = ["register"]

OF_A_SET = ("minutes", "workers", "preset", "tempo")
USELESS = {"midi": OF_A_SET, "demo": (*OF_A_SET, "seed", "midi")}  # what these do not look at


def register(app: typer.Typer) -> None:
    """Add the verb to the command-line application."""
    app.command("synth")(synth)


def synth(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Argument(help="Folder of the set; one folder per piece.")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.01, help="Music in the set, in minutes.")] = 10.0,
    seed: Annotated[int, typer.Option(min=0, help="Another seed is another set.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    preset: Annotated[
        str, typer.Option(help="train, or heldout: other pieces, always with all parts.")
    ] = "train",
    tempo: Annotated[
        str, typer.Option(help="constant, drifting, changing (it jumps) or rubato.")
    ] = "constant",
    sound_font: Annotated[
        list[Path] | None, typer.Option(help="Use this .sf2, a file or an installed one by its name (repeatable); else all installed.")
    ] = None,
    midi: Annotated[
        Path | None,
        typer.Option(help="Do not compose: render the MIDI files of this folder by their programs."),
    ] = None,
    demo: Annotated[
        Path | None,
        typer.Option(help="Instead of a set, write the demonstration context to this .flac."),
    ] = None,
) -> None:
    """Write a set of pieces, a sound file per part. Run it again to go on after an interruption."""
    from sideman.data.demo import write_demo
    from sideman.data.fluid import check_sound_font, installed_sound_fonts, named_sound_font

    if (out is None) == (demo is None):
        raise SettingsError("synth writes one thing: a set or the demo; give either OUT or --demo")
    _check_useful(context)
    fonts = [named_sound_font(font) for font in sound_font or []] or installed_sound_fonts()
    for font in fonts:
        check_sound_font(font)
    if demo is not None:
        write_demo(demo, fonts)
        typer.echo(f"demo context in {demo}")
    elif midi is not None and out is not None:
        _render_midi(midi, out, fonts, seed)
    elif out is not None:
        _write_set(out, preset, tempo, seed, minutes, fonts, workers)


def _check_useful(context: typer.Context) -> None:
    """Raises SettingsError for options that would do nothing."""
    for kind, names in USELESS.items():
        if kind in given_options(context):
            refuse(context, names, f"with --{kind}")


def _write_set(
    out: Path, preset: str, tempo: str, seed: int, minutes: float, fonts: list[Path], workers: int
) -> None:
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as ProgressBar

    from sideman.data.synthesis import Progress, plan_set, synthesise

    plans = plan_set(preset, seed, minutes, tempo)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with ProgressBar(*columns) as bar:
        task = bar.add_task("composing", total=sum(plan.seconds for plan in plans))

        def report(state: Progress) -> None:
            text = f"{state.pieces}/{state.all_pieces} pieces, {state.seconds / 60:.1f} min"
            bar.update(task, completed=state.seconds, description=text)

        try:
            synthesise(out, plans, fonts, workers, report)
        except KeyboardInterrupt:
            raise Cancelled(f"{out} is not complete; run the same command to go on") from None
    typer.echo(f"{len(plans)} pieces in {out}")


def _render_midi(source: Path, out: Path, fonts: list[Path], seed: int) -> None:
    from sideman.cli.following import bar
    from sideman.data.midi import render_songs

    try:
        import mido  # noqa: F401 - the extra's, needed later
    except ImportError:
        raise SettingsError(f"reading MIDI files needs mido; run: {pip_install('mido')}") from None
    try:
        with bar("rendering") as show:
            pieces, left_out = render_songs(source, out, fonts, seed, show)
    except KeyboardInterrupt:
        raise Cancelled(f"{out} is not complete; run the same command to go on") from None
    for line in left_out:
        typer.echo(f"left out: {line}")
    if not pieces:
        raise DataError(f"nothing to learn in {source}: give MIDI files with parts of General MIDI")
    typer.echo(f"{pieces} pieces in {out}")
