"""`sideman train`: resumable from the terminal, and exact about options it cannot use."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner

from sideman.cli import train


@pytest.fixture
def app():
    app = typer.Typer()

    @app.callback()
    def root() -> None:
        """A group, as in the whole command."""

    train.register(app)
    return app


def test_help_names_the_three_verbs(app):
    shown = CliRunner().invoke(app, ["train", "--help"]).output
    assert all(verb in shown for verb in ("codec", "model", "export"))


def test_interrupted_training_says_how_to_go_on(capsys):
    class Interrupted:
        step, progress = 7, 0.5

        def run(self, report):
            report({"step": 7, "loss": 1.0})
            raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as left:
        train._follow(Interrupted(), "sideman train model --run here")
    assert left.value.exit_code == 130
    assert "go on with: sideman train model --run here" in capsys.readouterr().out


def test_finished_training_names_its_folder(capsys):
    done = SimpleNamespace(
        step=3, progress=1.0, run=lambda report: None, folder=SimpleNamespace(path="runs/one")
    )
    train._follow(done, "")
    assert "done: 3 steps in runs/one" in capsys.readouterr().out


def test_unknown_precision_is_refused():
    with pytest.raises(typer.BadParameter, match="not float8"):
        train._precision("float8")
    assert train._precision("auto") in ("float32", "bfloat16")
