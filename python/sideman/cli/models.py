"""`sideman models`: what can be loaded by name, and where it lies."""

from __future__ import annotations

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("models")(models)


def models() -> None:
    """List the models that load by name: those of the package, then your own."""
    from rich.console import Console
    from rich.table import Table

    from sideman.errors import ModelError
    from sideman.models.checkpoint import model_spec
    from sideman.models.places import find_model, list_models, own_models

    table = Table("name", "plays", "family", "hop", "MB")
    table.add_column("folder", overflow="fold")  # whole, or it cannot be copied
    for name in list_models():
        folder = find_model(name)
        try:
            spec = model_spec(folder)
        except ModelError as error:
            typer.echo(f"note: {error}", err=True)
            continue
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
        hop = 1000 * spec.hop_frames * spec.frame_samples / spec.sample_rate
        table.add_row(
            name, " ".join(spec.parts), spec.family, f"{hop:.0f} ms", f"{size:.1f}", str(folder)
        )
    Console().print(table)
    typer.echo(f"your own models lie in {own_models()}")
