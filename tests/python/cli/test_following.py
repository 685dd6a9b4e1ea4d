"""Long work in the terminal says where it is, how it ended, and how to go on."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import typer

from sideman.cli.following import follow


def test_interrupted_training_says_how_to_go_on(capsys):
    class Interrupted:
        step, progress = 7, 0.5

        def run(self, report):
            report({"step": 7, "loss": 1.0})
            raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as left:
        follow(Interrupted(), "sideman train model --run here")
    assert left.value.exit_code == 130
    assert "go on from the last checkpoint with: sideman train model --run here" in capsys.readouterr().out


def test_finished_training_names_its_folder(capsys):
    done = SimpleNamespace(
        step=3, progress=1.0, run=lambda report: None, folder=SimpleNamespace(path="runs/one")
    )
    follow(done, "")
    assert "done: 3 steps in runs/one" in capsys.readouterr().out
