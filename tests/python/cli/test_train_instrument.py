"""From a folder of recordings to a model that plays by name, in one command that goes on."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import torch
import typer
from own_takes import write_take
from small_model import small_model
from small_window import playable_import
from typer.testing import CliRunner

from sideman.cli import evaluate, instrument, train
from sideman.data import own_pieces
from sideman.data.own_pieces import CutTake, Material
from sideman.data.tempo import TempoMap
from sideman.errors import DataError, SettingsError, SidemanError
from sideman.evaluation import own_instrument
from sideman.evaluation.stages import Row
from sideman.evaluation.takes import PATIENCE
from sideman.models import places
from sideman.models.checkpoint import load_model
from sideman.training import listening
from sideman.training.model import ModelTraining
from sideman.training.model_card import OF_TAKES


@pytest.fixture
def tuned(tmp_path, monkeypatch):
    monkeypatch.setattr(own_pieces, "PIECE_FRAMES", 160)
    monkeypatch.setattr(own_pieces, "LEAST_MINUTES", 0.2)
    monkeypatch.setattr(own_instrument, "GUIDANCES", (2.0,))
    monkeypatch.setenv("SIDEMAN_MODELS", str(tmp_path / "models"))
    app = typer.Typer()
    app.callback()(lambda: None)
    train.register(app)
    evaluate.register(app)

    def run(name: str, *words: str) -> str:
        return ask("train", "instrument", str(tmp_path / "takes"), "--name", name, *words)

    def ask(*words: str) -> str:
        return CliRunner().invoke(app, words, catch_exceptions=False).output

    run.ask = ask
    return run


@pytest.fixture
def unplayed(monkeypatch):
    """Neither the mixture nor the report is played for, and nothing is checked."""
    told = dict.fromkeys(("checked", "checked_alone", "checked_alone_wrong_music"), 0.1)
    monkeypatch.setattr(ModelTraining, "check", lambda *_: told)
    rows = [Row(name, 2.0, 2.0, 0.1, (0.1, 0.1), 0.5, (0.5, 0.5), 4) for name in ("real", "tuned", "untuned, bass")]
    monkeypatch.setattr(instrument, "_mixture", lambda *_, **__: (1.0, 2.0))
    monkeypatch.setattr(own_instrument, "judged", lambda *_: rows)


def test_recordings_become_a_model_by_name_with_a_report(tuned, tmp_path):
    for number in range(3):
        write_take(tmp_path / "takes", f"take {number}", 8.0, number, mixed=number == 1)
    said = tuned("kalimba", "--steps", "1")
    whole = (tmp_path / "models" / "kalimba").as_posix()
    assert "3 takes, 3 pieces" in said and f"[sideman~ {whole}] plays it" in said
    assert "plays with guidance 2" in said
    spec = load_model("kalimba").spec
    assert (spec.parts, spec.guidance) == (("kalimba",), 2.0)
    report = json.loads((tmp_path / "kalimba-run" / "report.json").read_text())
    assert report["judged_on"] == "other parts of takes that it learnt from"
    assert f"judged on {len(report['pieces'])} pieces: {report['judged_on']}" in said
    assert [row["name"] for row in report["rows"]][1:] == [
        "tuned", "untuned, bass", "untuned, drums", "untuned, guitar", "untuned, piano",
    ]
    assert (tmp_path / "kalimba-run" / "report.png").stat().st_size > 10_000

    for number in range(2):
        write_take(tmp_path / "other", f"take {number}", 8.0, 50 + number)
    out = str(tmp_path / "again")
    tuned.ask("evaluate", "instrument", str(tmp_path / "other"), "--model", "kalimba", "--out", out)
    again = json.loads((tmp_path / "again" / "report.json").read_text())
    assert len(again["pieces"]) == 2 and len(again["rows"]) == len(report["rows"])
    assert again["judged_on"] == "other takes than it learnt"

    write_take(tmp_path / "takes", "take 0", 8.0, 77)
    with pytest.raises(SettingsError, match="recordings.* are not those that .*kalimba-run began with"):
        tuned("kalimba", "--steps", "1")



def test_other_recordings_are_another_training_and_told_so_before_they_are_encoded(
    tuned, tmp_path, monkeypatch
):
    def encode(*_):
        raise AssertionError("it should not have begun")

    place = tmp_path / "kalimba-run"
    place.mkdir()
    (place / "config.json").write_text('{"recordings": "of other takes"}')
    monkeypatch.setattr(own_pieces, "varied", encode)
    monkeypatch.setattr("sideman.data.latents.encode_pieces", encode)
    for number in range(3):
        write_take(tmp_path / "takes", f"take {number}", 8.0, number)
    began = rf"not those that .*kalimba-run began with: give another --name, or remove {place} to begin"
    with pytest.raises(SettingsError, match=began):
        tuned("kalimba", "--bpm", "120")
    with pytest.raises(SettingsError, match="another --name and --run, or remove"):
        tuned("kalimba", "--bpm", "120", "--run", str(place))
    model = tmp_path / "models" / "kalimba"
    model.mkdir(parents=True)
    (model / "model.json").write_text("its own")
    (model / "MODEL_CARD.md").write_text("of digest of other takes")
    with pytest.raises(SettingsError, match=f"or remove {place} and {model} to begin anew"):
        tuned("kalimba", "--bpm", "120")


@pytest.mark.parametrize(("out", "argument", "named"), [
    ("models/kalimba", "kalimba", False),
    ("models/kalimba", "{out}", True),  # a host that the shell did not start does not know that
    ("set/bells", "{out}", False),
    ("my set/bells", '"{out}"', False),
])  # fmt: skip
def test_where_a_name_does_not_find_it_the_path_is_told(
    tuned, tmp_path, monkeypatch, out, argument, named
):
    if not named:
        monkeypatch.delenv("SIDEMAN_MODELS")
        monkeypatch.setattr(places, "own_models", lambda: tmp_path / "models")
    monkeypatch.setattr(instrument, "_cut", lambda *_: SimpleNamespace(pieces=(), digest="new"))
    monkeypatch.setattr(instrument, "_training", lambda *_, **__: (None, [], []))
    monkeypatch.setattr(own_pieces, "learnt_of", lambda material: [])
    monkeypatch.setattr(instrument, "follow", lambda *_: None)
    monkeypatch.setattr(instrument, "_mixture", lambda *_, **__: (1.0, 2.0))
    monkeypatch.setattr("sideman.training.instrument.export_instrument", lambda *_: None)
    monkeypatch.setattr(instrument, "_report", lambda *_, **__: None)
    place = tmp_path / out
    said = tuned("kalimba", "--out", str(place))
    assert f"[sideman~ {argument.format(out=place.as_posix())}] plays it" in said


def test_of_four_takes_the_report_is_about_whole_ones(tuned, tmp_path, unplayed):
    for number in range(4):
        write_take(tmp_path / "takes", f"take {number}", 8.0, number)
    said = tuned("kalimba", "--steps", "1", "--like", "guitar")
    report = json.loads((tmp_path / "kalimba-run" / "report.json").read_text())
    assert report["judged_on"] == "whole takes" and "whole takes" in said
    run = json.loads((tmp_path / "kalimba-run" / "config.json").read_text())
    assert (len(report["pieces"]), run["pieces"]) == (1, 2), "one more is checked on"


def test_it_is_told_where_it_is_judged_on_what_it_learnt(tuned, tmp_path, unplayed, monkeypatch):
    """Of three takes of one piece one is learnt, one is checked on and one is for the report."""
    monkeypatch.setattr(own_pieces, "LEAST_MINUTES", 0.1)
    for number in range(3):
        write_take(tmp_path / "takes", f"take {number}", 8.0, number)
        write_take(tmp_path / "other", f"take {number}", 8.0, 50 + number)
    write_take(tmp_path / "one", "song", 8.0, 1)
    tuned("kalimba", "--steps", "1", "--like", "guitar")
    for folder, on, note in (
        ("takes", own_instrument.SOME, "some of these takes (take 1): beside other music"),
        ("one", own_instrument.LEARNT, "these recordings: beside other music"),
        ("other", own_instrument.OTHERS, ""),
    ):
        out = tmp_path / f"report of {folder}"
        words = str(tmp_path / folder), "--model", "kalimba", "--out", str(out), "--bpm", "120"
        said = tuned.ask("evaluate", "instrument", *words)
        assert ("note: kalimba learnt" in said) == bool(note) and note in said
        assert json.loads((out / "report.json").read_text())["judged_on"] == on
        assert f"pieces: {on}" in said


def test_a_card_of_old_knows_its_recordings_as_a_whole(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDEMAN_MODELS", str(tmp_path))
    (tmp_path / "bells").mkdir()
    (tmp_path / "bells" / "model.json").write_text("{}")
    card = tmp_path / "bells" / "MODEL_CARD.md"
    takes = {"take-000": CutTake("verse", "12"), "take-001": CutTake("chorus", "34")}
    material = Material((), 3.0, (), "abc", takes)
    for said, names in (
        ("(of digest abc)", ["verse", "chorus"]),
        ("(of digest other)", []),
        (f"(of digest abc {OF_TAKES} 34)", ["chorus"]),  # the verse was kept back
        (f"(of digest other {OF_TAKES} 34 56)", ["chorus"]),
    ):
        card.write_text(f"its owner's recordings {said}; it")
        assert instrument._learnt("bells", material) == names
    card.unlink()
    assert instrument._learnt("bells", material) == []


def test_the_share_is_chosen_beside_the_untuned_one_as_the_object_plays_it(tmp_path, monkeypatch):
    rivals = []
    model = small_model()
    monkeypatch.setattr(own_instrument, "best_mixture", lambda tuned, rival, *_: rivals.append(rival))
    monkeypatch.setattr("sideman.training.instrument.export_instrument", lambda *_, **__: None)
    monkeypatch.setattr("sideman.models.checkpoint.load_model", lambda place: model)
    instrument._mixture(tmp_path, model, "kalimba", [], told=True)
    assert rivals[0].controls.patience == PATIENCE


def test_it_goes_on_where_another_processor_hears_and_computes_in_other_bits(
    tuned, tmp_path, unplayed, monkeypatch
):
    for number in range(3):
        write_take(tmp_path / "takes", f"take {number}", 8.0, number)
    beat, native = 0.5, "bfloat16"
    monkeypatch.setattr(
        listening, "heard_beat", lambda music, rate: (TempoMap("heard", (0.0, 1.0), (0.0, beat)), 4)
    )
    monkeypatch.setattr(instrument, "training_precision", lambda asked, where: native)
    tuned("kalimba", "--steps", "1", "--like", "guitar")
    beat, native = 0.5000001, "float32"
    assert "done: 2 steps" in tuned("kalimba", "--steps", "2")
    run = json.loads((tmp_path / "kalimba-run" / "config.json").read_text())
    assert run["precision"] == "bfloat16"

    assert "done: 3 steps" in tuned("kalimba", "--steps", "3"), "its own model it replaces"
    card = tmp_path / "models" / "kalimba" / "MODEL_CARD.md"
    card.write_text(card.read_text().replace("of digest", "of digest 5ome0ther,"))
    with pytest.raises(SettingsError, match="kalimba is there already"):
        tuned("kalimba", "--steps", "4")


def test_as_many_processes_encode_as_there_are_threads(tuned, tmp_path, monkeypatch):
    asked = []

    def encode(pieces, codec, folder, variants, done, workers, hearing):
        asked.append(workers)
        assert hearing == ["kalimba"], "the rest is not drawn"
        raise DataError("enough")

    monkeypatch.setattr("sideman.data.latents.encode_pieces", encode)
    for number in range(3):
        write_take(tmp_path / "takes", f"take {number}", 8.0, number)
    for threads in ("1", "0"):
        with pytest.raises(DataError, match="enough"):
            tuned("kalimba", "--threads", threads, "--bpm", "120")
    assert asked == [1, 0]


def test_the_part_is_chosen_where_it_is_trained_and_progress_is_shown(tuned, tmp_path, monkeypatch):
    asked = []

    def closest(base, options, pieces, device, done):
        done(1, 4)
        asked.append(device)
        raise DataError("enough")

    monkeypatch.setattr("sideman.training.feeding.training_device", lambda name: torch.device("meta"))
    monkeypatch.setattr("sideman.data.latents.encode_pieces", lambda *_: [])
    monkeypatch.setattr("sideman.training.instrument.closest_part", closest)
    for number in range(3):
        write_take(tmp_path / "takes", f"take {number}", 8.0, number)
    with pytest.raises(DataError, match="enough"):
        tuned("kalimba", "--bpm", "120")
    assert asked == [torch.device("meta")]


def test_another_instrument_of_the_name_is_not_written_over(tuned, tmp_path):
    write_take(tmp_path / "takes", "take 0", 8.0, 7)
    other = tmp_path / "models" / "kalimba" / "model.json"
    other.parent.mkdir(parents=True)
    other.write_text("of somebody")
    with pytest.raises(SettingsError, match="kalimba is there already, in .*another --name"):
        tuned("kalimba")
    assert other.read_text() == "of somebody"


def test_bad_names_and_empty_folders_cost_no_time(tuned, tmp_path):
    with pytest.raises(SettingsError, match="is taken"):
        tuned("mini")
    with pytest.raises(DataError, match="no recordings in"):
        tuned("kalimba")
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--base", "nosuch"), "nosuch"),
        (("--like", "violin"), "no part violin"),
        (("--base", "{window}", "--like", "bass"), "it is of the window family"),
        (("--minutes", "1", "--steps", "1"), "--minutes and --steps"),
        (("--device", "abacus"), "abacus"),
    ],
)
def test_a_wrong_option_is_told_before_the_recordings_are_heard(tuned, tmp_path, monkeypatch, words, why):
    def heard(folder):
        raise AssertionError("the recordings were asked for")

    monkeypatch.setattr("sideman.data.recordings.find_takes", heard)
    window = playable_import(tmp_path / "window") if "{window}" in words else ""
    with pytest.raises(SidemanError, match=why):
        tuned("kalimba", *(word.format(window=window) for word in words))
