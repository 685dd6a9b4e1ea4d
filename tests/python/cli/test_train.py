"""`sideman train`: resumable from the terminal, and exact about options it cannot use."""

from __future__ import annotations

import pytest
import torch
import typer
from note_pieces import write_piece
from typer.testing import CliRunner

from sideman.cli import train
from sideman.models.checkpoint import load_model
from sideman.models.codec import Codec, save_codec


@pytest.fixture
def app():
    app = typer.Typer()

    @app.callback()
    def root() -> None:
        """A group, as in the whole command."""

    train.register(app)
    return app


def test_help_names_the_verbs(app):
    shown = CliRunner().invoke(app, ["train", "--help"]).output
    assert all(verb in shown for verb in (
        "codec", "model", "forcing", "window", "distill", "instrument", "export",
    ))  # fmt: skip


def test_both_stages_and_export_from_pieces_to_a_model_that_opens(app, tmp_path):
    for number in range(2):
        write_piece(tmp_path / "data", number)
    torch.manual_seed(0)
    save_codec(tmp_path / "codec", Codec())
    common = ["--data", tmp_path / "data", "--codec", tmp_path / "codec", "--steps", "1"]

    def run(*words) -> str:
        result = CliRunner().invoke(app, ["train", *map(str, words)])
        assert result.exit_code == 0, result.output
        return result.output

    run("model", *common, "--preset", "tiny", "--run", tmp_path / "one", "--batch", "2")
    begun = ["--begin", tmp_path / "one", "--run", tmp_path / "two"]
    assert "done: 1 steps" in run("forcing", *common, "--preset", "tiny", *begun)
    assert (tmp_path / "two" / "metrics.csv").read_text().startswith("step,")
    out = tmp_path / "model"
    run("export", tmp_path / "two", "--codec", tmp_path / "codec", "--out", out, "--name", "mine")
    assert load_model(out).spec.sampler == "ping-pong"


def test_a_window_model_is_trained_distilled_and_exported(app, tmp_path):
    for number in range(2):
        write_piece(tmp_path / "data", number)
    common = ["--data", tmp_path / "data", "--preset", "tiny", "--steps", "1", "--batch", "2"]

    def run(*words) -> str:
        result = CliRunner().invoke(app, ["train", *map(str, words)])
        assert result.exit_code == 0, result.output
        return result.output

    run("window", *common, "--run", tmp_path / "teacher")
    begun = ["--begin", tmp_path / "teacher", "--run", tmp_path / "student"]
    assert "done: 1 steps" in run("distill", *common, *begun)
    out = tmp_path / "model"
    run("export", tmp_path / "student", "--codec", "mini", "--out", out, "--name", "mine")
    spec = load_model(out).spec
    assert (spec.family, spec.sampler, spec.steps) == ("window", "consistency", 2)
