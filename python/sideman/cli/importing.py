"""`sideman import`: a published checkpoint becomes a model folder, and nothing in it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the verb to the command."""
    app.command("import")(import_model)


def import_model(
    checkpoint: Annotated[Path, typer.Argument(help="The .ckpt file, as it was published.")],
    out: Annotated[
        Optional[Path], typer.Option(help="Model folder to write; default: beside the file.")
    ] = None,
    name: Annotated[str, typer.Option(help="The model's name; default: that of the folder.")] = "",
) -> None:
    """Make a model folder of a checkpoint of the accompaniment paper (Zenodo 19045462)."""
    import json

    from sideman.models.published import import_checkpoint
    from sideman.remedies import pip_install

    folder = import_checkpoint(checkpoint, out or checkpoint.with_suffix(""), name)
    described = json.loads((folder / "model.json").read_text())
    source, spec = described["source"], described["spec"]
    typer.echo(
        f"{spec['name']}: a {source['layout']} model in {folder}\n"
        f"sha256 of the source {source['sha256']}\n"
        f"play with it: sideman play --model {folder}\n"
        f"it needs: {pip_install('music2latent')}\n"
        "whose weights are fetched from Hugging Face when the model is first opened"
    )
