"""`sideman evaluate` and its questions: what cannot be is told before anything takes its time."""

from __future__ import annotations

import importlib
import shutil

import pytest
from fake_session import PlainCodec
from note_pieces import write_piece
from small_window import playable_import
from typer.testing import CliRunner

from sideman.cli.main import app
from sideman.errors import SidemanError

QUESTIONS = {  # and what takes its time
    "--model mini": "evaluation.study.run",
    "stages --before mini --after mini": "evaluation.stages.compare",
    "reach --model mini": "evaluation.reach.measure_reach",
    "distilled --teacher {window} --student {window}": "evaluation.reach.measure_reach",
    "controls --part bass": "evaluation.adherence.measure_controls",
    "clock": "evaluation.tracking.track",
    "etiquette": "evaluation.etiquette.ask",
    "codec --codec mini": "evaluation.codec_table.compare",
}


class Began(Exception):
    """The work that takes its time."""


def begin(*_, **__):
    raise Began


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for number in range(2):
        write_piece(folder, number)
    return folder


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    return playable_import(tmp_path_factory.mktemp("window") / "tiny")


def asked(words: str, *more: object) -> Exception | None:
    return CliRunner().invoke(app, ["evaluate", *words.split(), *map(str, more)]).exception


@pytest.mark.parametrize(("words", "work"), QUESTIONS.items(), ids=QUESTIONS)
def test_a_report_that_cannot_be_written_is_told_before_the_work(
    words, work, pieces, window, tmp_path, monkeypatch
):
    room, _, name = work.rpartition(".")
    words = words.format(window=window)
    monkeypatch.setattr(importlib.import_module(f"sideman.{room}"), name, begin)
    (tmp_path / "file").touch()
    refused = asked(words, "--pieces", pieces, "--out", tmp_path / "file" / "out")
    assert isinstance(refused, SidemanError), refused
    assert str(refused).startswith("cannot write to ") and "\n" not in str(refused)
    assert isinstance(asked(words, "--pieces", pieces, "--out", tmp_path / "new" / "out"), Began)


@pytest.mark.parametrize("roles", ["--teacher mini --student {}", "--teacher {} --student mini"])
def test_a_teacher_or_student_that_fills_no_window_is_told_before_the_work(
    roles, pieces, window, tmp_path, monkeypatch
):
    monkeypatch.setattr("sideman.evaluation.reach.measure_reach", begin)
    words = f"distilled {roles.format(window)}"
    refused = asked(words, "--pieces", pieces, "--out", tmp_path / "out")
    assert "mini as teacher or student: it is of the block family" in str(refused)
    assert not (tmp_path / "out").exists()


def test_codecs_whose_folders_have_one_name_are_told_apart(pieces, tmp_path, monkeypatch):
    seen = []

    def compare(codecs, *_):
        seen.append({name: codec.told for name, codec in codecs.items()})
        raise Began

    def opened(given):
        codec = PlainCodec()
        codec.told = given
        return codec

    monkeypatch.setattr("sideman.cli.material.opened_codec", opened)
    monkeypatch.setattr("sideman.evaluation.codec_table.compare", compare)
    words = "codec --codec runs/a/model --codec runs/b/model --codec runs/other"
    assert isinstance(asked(words, "--pieces", pieces, "--out", tmp_path / "out"), Began)
    assert seen == [
        {"runs/a/model": "runs/a/model", "runs/b/model": "runs/b/model", "other": "runs/other"}
    ]


def test_models_whose_folders_have_one_name_are_told_apart(pieces, window, tmp_path, monkeypatch):
    seen = []

    def measure(todo, *_):
        seen.extend(playing.called for playing in todo)
        raise Began

    monkeypatch.setattr("sideman.evaluation.reach.measure_reach", measure)
    other = tmp_path / "tiny"
    shutil.copytree(window, other)
    words = f"reach --model {window} --model {other} --model mini"
    assert isinstance(asked(words, "--pieces", pieces, "--out", tmp_path / "out"), Began)
    assert seen == [str(window), str(other), "mini"]


def test_takes_are_not_heard_for_a_report_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr("sideman.data.recordings.find_takes", begin)
    (tmp_path / "file").touch()
    told = f"instrument {tmp_path} --model mini"
    assert str(asked(told, "--out", tmp_path / "file")).startswith("cannot write to ")
    assert "nosuch" in str(asked(told, "--base", "nosuch", "--out", tmp_path / "out"))
    assert isinstance(asked(told, "--out", tmp_path / "out"), Began)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("--lead 9", "mini cannot play 9 frames ahead: give a lead of 1 to 8"),
        ("--lead 0", "give a lead of 1 to 8"),
        ("--hop 3", "mini cannot play hops of 3 frames: give 4"),
        ("--guidance 20.5", "cannot use guidance 20.5: give 0 to 20"),
        ("--guidance nan", "cannot use guidance nan: give 0 to 20"),
        ("--temperature 3", "cannot use temperature 3.0: give 0 to 2"),
    ],
)
def test_what_the_model_cannot_play_is_told_before_pieces_are_composed(words, why, tmp_path, monkeypatch):
    monkeypatch.setattr("sideman.data.synthesis.synthesise", begin)
    refused = asked(words, "--out", tmp_path / "out")
    assert isinstance(refused, SidemanError) and why in str(refused)
    assert not (tmp_path / "out").exists()
