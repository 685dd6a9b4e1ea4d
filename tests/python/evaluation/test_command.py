from __future__ import annotations

import json

import pytest
import typer
from fake_session import EchoSession, fake_model
from note_pieces import write_piece
from small_window import playable_import
from typer.main import get_command
from typer.testing import CliRunner

from sideman import workers
from sideman.cli import evaluate
from sideman.cli.main import app
from sideman.errors import DataError, SettingsError
from sideman.evaluation import adherence, stages, study
from sideman.models import checkpoint


@pytest.fixture
def command(pieces, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "load_model", lambda name: fake_model())
    monkeypatch.setattr(checkpoint, "model_spec", lambda name: fake_model().spec)
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


def test_options_before_a_study_are_not_ignored(command, tmp_path):
    places = ["--check", "--out", str(tmp_path / "out")]
    refused = CliRunner().invoke(app, ["evaluate", *places, "etiquette", "--pieces", str(tmp_path)])
    assert isinstance(refused.exception, SettingsError)
    assert "cannot use --check, --out before etiquette" in str(refused.exception)
    assert not (tmp_path / "out").exists()


def test_pieces_to_be_composed_beside_those_that_are_given_are_refused(command, tmp_path):
    refused = command("--synth", "12")
    assert isinstance(refused.exception, SettingsError)
    assert "cannot use --synth with --pieces" in str(refused.exception)
    assert not (tmp_path / "out").exists()


def test_without_a_number_of_workers_there_are_as_many_as_cpus_that_may_be_used(command, monkeypatch):
    asked = []
    monkeypatch.setattr(workers, "cpus", lambda: 3)
    monkeypatch.setattr(study, "ProcessPoolExecutor", lambda number, **how: asked.append(number) or Idle())
    command("--workers", "0", "--limit", "2")
    assert asked == [2], "no more than pieces"
    (option,) = (one for one in get_command(app).commands["evaluate"].params if one.name == "workers")
    assert option.default == 0


class Idle:
    """A pool of nobody."""

    def submit(self, *work):
        raise KeyboardInterrupt

    def shutdown(self, **how):
        pass


@pytest.mark.parametrize("theirs", ["report.json", "report.png"])
def test_a_report_of_something_else_is_not_replaced(command, tmp_path, monkeypatch, theirs):
    def begun(*_):
        raise AssertionError("it should not have begun")

    monkeypatch.setattr(study, "_work", begun)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / theirs).write_text('{"music": "my song.wav", "hops": 3, "lead_frames": 3}')
    result = command()
    assert isinstance(result.exception, SettingsError)
    assert f"{theirs} there is not of an earlier evaluation; give" in str(result.exception)
    assert not (tmp_path / "out" / "takes").exists()


def test_an_earlier_report_of_its_own_is_replaced(command, tmp_path):
    assert command().exit_code == 0
    assert command("--lead", "2").exit_code == 0
    settings = json.loads((tmp_path / "out" / "report.json").read_text())["settings"]
    assert settings["lead_frames"] == 2


@pytest.mark.parametrize("words", [
    "--workers 1", "stages --before mini --after mini", "reach --model mini",
    "distilled --teacher {window} --student {window}", "controls --part guitar",
])  # fmt: skip
def test_pieces_without_a_part_to_play_are_told_before_the_work(words, tmp_path, monkeypatch):
    def played(*_):
        raise AssertionError("nothing can be played")

    study._opened.cache_clear()  # of the tests before
    for room, plays in ((adherence, "play_together"), (stages, "play_in_turns"), (study, "play_together")):
        monkeypatch.setattr(room, plays, played)
    for number in range(2):
        card = write_piece(tmp_path / "pieces", number).folder / "piece.json"
        told = json.loads(card.read_text())
        card.write_text(json.dumps({**told, "parts": ["zither", "kazoo"]}))
        for part, other in (("bass", "zither"), ("drums", "kazoo")):
            (card.parent / f"{part}.flac").rename(card.parent / f"{other}.flac")
    places = ["--pieces", str(tmp_path / "pieces"), "--out", str(tmp_path / "out")]
    if "{window}" in words:
        words = words.format(window=playable_import(tmp_path / "window"))
    result = CliRunner().invoke(app, ["evaluate", *words.split(), *places])
    assert isinstance(result.exception, DataError), result.exception
    assert "no piece has" in str(result.exception) and "\n" not in str(result.exception)
