"""`sideman prepare slakh`: a dataset that you have becomes pieces to train and evaluate on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb with its datasets to the command."""
    group = typer.Typer(help="Make pieces of a dataset that you have.")
    group.callback()(lambda: None)  # a verb of its own for each dataset
    group.command("slakh")(slakh)
    app.add_typer(group, name="prepare")


def slakh(
    source: Annotated[Path, typer.Argument(help="The archive (.tar, .tar.gz), or its folder.")],
    out: Annotated[Path, typer.Argument(help="Gets train/, validation/ and test/.")],
) -> None:
    """Slakh2100: bass, drums, guitar and piano of each track. Run it again to go on."""
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    from sideman.data.slakh import Prepared, prepare_slakh
    from sideman.errors import SettingsError
    from sideman.remedies import pip_install

    try:
        import mido  # noqa: F401 - the extra's, needed later
        import yaml  # noqa: F401
    except ImportError as error:
        raise SettingsError(
            f"cannot read Slakh2100: {error}; run: {pip_install('mido pyyaml')}"
        ) from error
    columns = (TextColumn("{task.description}"), TimeElapsedColumn())
    try:
        with Progress(*columns) as progress:
            task = progress.add_task("reading", total=None)

            def report(track: str, so_far: Prepared) -> None:
                progress.update(
                    task, description=f"{track}: {so_far.made} made, {so_far.there} there, "
                    f"{so_far.left_out} without our parts",
                )  # fmt: skip

            done = prepare_slakh(source, out, report)
    except KeyboardInterrupt:
        typer.echo(f"stopped; the same command goes on from here: {out}", err=True)
        raise typer.Exit(130) from None
    typer.echo(f"{done.made + done.there} pieces in {out}; train with --data {out / 'train'}")
