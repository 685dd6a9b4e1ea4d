from __future__ import annotations

import json

import pytest
import typer
from fake_session import EchoSession, fake_model
from typer.testing import CliRunner

from sideman.cli import evaluate
from sideman.evaluation import study
from sideman.models import checkpoint


@pytest.fixture
def command(pieces, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "load_model", lambda name: fake_model())
    monkeypatch.setattr(checkpoint, "load_model", lambda name: fake_model())
    monkeypatch.setattr(study, "open_session", EchoSession)
    study._opened.cache_clear()
    app = typer.Typer(callback=lambda: None)
    evaluate.register(app)
    base = ["evaluate", "--pieces", str(pieces[0].folder.parent), "--out", str(tmp_path / "out"),
            "--workers", "1", "--limit", "2"]
    return lambda *more: CliRunner().invoke(app, [*base, *more])


def test_it_prints_the_table_and_where_the_report_is(command, tmp_path):
    result = command()
    assert result.exit_code == 0, result.output
    assert "repeat last bar" in result.output
    assert str(tmp_path / "out" / "report.json") in result.output.replace("\n", "")
    settings = json.loads((tmp_path / "out" / "report.json").read_text())["settings"]
    assert (settings["hop_frames"], settings["lead_frames"], settings["steps"]) == (4, 3, 2)


def test_options_replace_the_defaults_of_the_model(command, tmp_path):
    assert command("--lead", "2", "--steps", "1", "--guidance", "0").exit_code == 0
    settings = json.loads((tmp_path / "out" / "report.json").read_text())["settings"]
    assert (settings["lead_frames"], settings["steps"], settings["guidance"]) == (2, 1, 0)


def test_check_fails_and_lists_what_is_below_the_thresholds(command):
    result = command("--check")
    assert result.exit_code == 1
    assert "below threshold: pieces: 2 with a known beat per part" in result.output


def test_an_interrupt_says_how_to_go_on(command, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "_work", interrupted)
    result = command()
    assert result.exit_code == 130
    assert "the same command goes on" in result.output
