"""`sideman models` shows what loads by name, and passes over what is broken."""

from __future__ import annotations

import shutil

import typer
from typer.testing import CliRunner

from sideman.cli import models
from sideman.models.places import WEIGHTS


def shown() -> str:
    app = typer.Typer()
    app.callback()(lambda: None)
    models.register(app)
    return CliRunner().invoke(app, ["models"], env={"COLUMNS": "200"}, catch_exceptions=False).output


def test_models_of_the_package_and_ones_own_are_listed(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDEMAN_MODELS", str(tmp_path))
    shutil.copytree(WEIGHTS / "mini", tmp_path / "kalimba")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.json").write_text("no json")
    said = shown()
    assert "mini" in said and "bass drums guitar piano" in said
    assert "kalimba" in said and str(tmp_path) in said
    assert "note: cannot read" in said
