"""Sets of pieces: complete or absent, resumable, the same from any number of workers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from sideman import workers
from sideman.cli import synth as verb
from sideman.data import synthesis, whole
from sideman.data.composer import compose, plan_piece
from sideman.data.fluid import installed_sound_fonts
from sideman.data.pieces import load_pieces
from sideman.data.render import font_of
from sideman.data.synthesis import Progress, plan_set, synthesise
from sideman.errors import Cancelled, DataError, SettingsError


def quiet(state: Progress) -> None:
    """No report wanted."""


@pytest.fixture(scope="module")
def piece_set(fluidsynth, short_plans, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("set")
    synthesise(out, short_plans, installed_sound_fonts(), 1, quiet)
    return out


def run(*arguments: str):
    app = typer.Typer()
    verb.register(app)
    return CliRunner().invoke(app, list(arguments))


def test_longer_set_begins_with_the_shorter_one() -> None:
    short, long = plan_set("train", 4, 3.0), plan_set("train", 4, 9.0)
    assert long[: len(short)] == short
    assert sum(p.seconds for p in short) >= 180 > sum(p.seconds for p in short[:-1])


def test_empty_set_is_refused() -> None:
    with pytest.raises(SettingsError, match="minutes is 0"):
        plan_set("train", 0, 0)


def test_written_pieces_load_with_what_was_composed(piece_set: Path, short_plans) -> None:
    pieces = load_pieces(piece_set)
    assert [p.id for p in pieces] == sorted(plan.id for plan in short_plans)
    by_id = {plan.id: plan for plan in short_plans}
    for piece in pieces:
        plan = by_id[piece.id]
        assert (piece.bpm, piece.beats_per_bar) == (plan.bpm, plan.beats_per_bar)
        assert piece.beat_at(plan.sample_at(3.0)) == pytest.approx(3.0, abs=1e-4)
        assert piece.chords[0].start == 0.0
        assert all(np.abs(piece.audio(part)).max() > 0.01 for part in piece.parts)
        card = json.loads((piece.folder / "piece.json").read_text())
        assert card["sound_font"].endswith(".sf2")


def test_two_workers_write_the_same_bytes_as_one(piece_set: Path, short_plans, tmp_path) -> None:
    synthesise(tmp_path, short_plans, installed_sound_fonts(), 2, quiet)
    for one in piece_set.glob("*/*"):
        assert (tmp_path / one.parent.name / one.name).read_bytes() == one.read_bytes()


@pytest.mark.parametrize(("asked", "started"), [(0, 3), (2, 2), (99, 4)])
def test_no_more_workers_than_are_asked_for_or_have_a_cpu_and_a_piece(
    short_plans, tmp_path, monkeypatch, asked, started
) -> None:
    class Pool:
        def __init__(self, number, **how):
            assert number == started
            raise KeyboardInterrupt

    monkeypatch.setattr(workers, "cpus", lambda: 3)
    monkeypatch.setattr(synthesis, "ProcessPoolExecutor", Pool)
    with pytest.raises(KeyboardInterrupt):
        synthesise(tmp_path, short_plans, [Path("a.sf2")], asked, quiet)


@pytest.mark.parametrize("place", [0, 1])
def test_where_another_run_has_written_a_piece_meanwhile_it_stays(
    short_plans, tmp_path, monkeypatch, place: int
) -> None:
    """Two processes on one folder: none fails, and none writes where the other does."""
    plans = short_plans[:2]
    theirs = tmp_path / plans[place].id / "piece.json"

    def rendered(score, fonts):
        theirs.parent.mkdir(exist_ok=True)
        theirs.write_text("theirs")  # while this one renders its first, or before its second
        return {"bass": np.zeros(4410, "f4")}, Path("a.sf2")

    monkeypatch.setattr(synthesis, "render_score", rendered)
    assert synthesise(tmp_path, plans, [Path("a.sf2")], 1, quiet).pieces == 2
    assert theirs.read_text() == "theirs"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(plan.id for plan in plans)


def test_resuming_writes_only_what_is_missing(
    fluidsynth, short_plans, tmp_path: Path, monkeypatch
) -> None:
    kept, lost = short_plans[0], short_plans[1]
    synthesise(tmp_path, [kept], installed_sound_fonts(), 1, quiet)
    (tmp_path / kept.id / "bass.flac").write_text("mine")
    monkeypatch.setattr(whole.os, "getpid", lambda: 2**22 + 1)  # of a run that died
    half = whole.partial_of(tmp_path / lost.id)
    monkeypatch.undo()
    half.mkdir()
    (half / "rubbish.flac").write_text("half")
    states: list[Progress] = []
    synthesise(tmp_path, [kept, lost], installed_sound_fonts(), 1, states.append)
    assert (tmp_path / kept.id / "bass.flac").read_text() == "mine"
    assert [p.name for p in sorted((tmp_path / lost.id).iterdir())] == [
        "bass.flac",
        "drums.flac",
        "guitar.flac",
        "piano.flac",
        "piece.json",
    ]
    assert not half.exists()
    assert [s.pieces for s in states] == [1, 2]
    assert states[-1].seconds == pytest.approx(states[-1].all_seconds)


@pytest.mark.parametrize(("name", "other"), [
    ("sound_font", "other.sf2"), ("style", "polka"), ("samples", 1), ("tempo", {"kind": "drifting"}),
])
def test_a_set_of_other_sound_or_composer_is_not_mixed_with_this_one(
    piece_set, short_plans, tmp_path, name, other
) -> None:
    plan = short_plans[0]
    shutil.copytree(piece_set / plan.id, tmp_path / plan.id)
    card = json.loads((tmp_path / plan.id / "piece.json").read_text())
    (tmp_path / plan.id / "piece.json").write_text(json.dumps({**card, name: other}))
    with pytest.raises(DataError, match=f"its {name} is") as refused:
        synthesise(tmp_path, short_plans, installed_sound_fonts(), 1, quiet)
    assert "\n" not in str(refused.value)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "other"),
    [("key", "H major"), ("programs", {"bass": 38}), ("chords", [[0.0, 0, "maj"]]), ("key", None)],
)
def test_a_set_that_another_version_composed_is_not_mixed_with_this_one(
    piece_set, short_plans, tmp_path, name, other
) -> None:
    first = min(short_plans, key=lambda plan: plan.id)
    shutil.copytree(piece_set / first.id, tmp_path / first.id)
    card = json.loads((tmp_path / first.id / "piece.json").read_text())
    (tmp_path / first.id / "piece.json").write_text(json.dumps({**card, name: other}))
    why = f"{first.id} is of another version of Sideman, which composed its {name} otherwise"
    with pytest.raises(DataError, match=f"{why}: .*, or give another folder") as refused:
        synthesise(tmp_path, short_plans, installed_sound_fonts(), 1, quiet)
    assert "\n" not in str(refused.value)
    assert len(list(tmp_path.iterdir())) == 1


def test_what_a_longer_set_left_is_no_hindrance_and_it_grows(piece_set, short_plans, tmp_path) -> None:
    fonts = installed_sound_fonts()
    for index in (0, 40):  # 40: of a set that was longer once
        plan = plan_piece("heldout", 7, index)
        (tmp_path / plan.id).mkdir()
        card = synthesis._card(compose(plan), [], font_of(plan, fonts))
        (tmp_path / plan.id / "piece.json").write_text(json.dumps(card))
    told: list[Progress] = []

    def stop(state: Progress) -> None:
        told.append(state)
        raise KeyboardInterrupt  # before anything is rendered

    with pytest.raises(KeyboardInterrupt):
        synthesise(tmp_path, plan_set("heldout", 7, 5.0), fonts, 1, stop)
    assert told[0].pieces == 1 and told[0].all_pieces > 5


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("heldout", 8), "its seed is 7, now 8"),
        (("train", 7), "its preset is heldout, now train"),
        (("heldout", 7, "drifting"), "its tempo is constant, now drifting"),
    ],
)
def test_a_set_of_another_seed_preset_or_tempo_does_not_come_into_the_same_folder(
    piece_set, tmp_path, asked, why
) -> None:
    shutil.copytree(piece_set, tmp_path / "set")
    plans = [plan_piece(*asked[:2], index, *asked[2:]) for index in range(2)]
    with pytest.raises(DataError, match=f"is of another set: {why}; give another folder than"):
        synthesise(tmp_path / "set", plans, installed_sound_fonts(), 1, quiet)
    assert {one.name for one in (tmp_path / "set").iterdir()} == {one.name for one in piece_set.iterdir()}


def test_pieces_that_were_not_composed_are_no_part_of_a_set(piece_set, short_plans, tmp_path) -> None:
    (tmp_path / "song").mkdir()
    (tmp_path / "song" / "piece.json").write_text('{"id": "song", "style": "midi"}')
    with pytest.raises(DataError, match="song is of another set: its preset is None, now heldout"):
        synthesise(tmp_path, short_plans, installed_sound_fonts(), 1, quiet)


def test_interrupted_piece_leaves_nothing_behind(
    fluidsynth, short_plans, tmp_path: Path, monkeypatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(synthesis, "_card", interrupt)
    with pytest.raises(KeyboardInterrupt):
        synthesise(tmp_path, short_plans, installed_sound_fonts(), 1, quiet)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_is_one_line(fluidsynth, short_plans, tmp_path) -> None:
    plan = short_plans[0]
    (tmp_path / plan.id).mkdir()
    (tmp_path / plan.id / "somebody's.txt").write_text("not ours")
    with pytest.raises(DataError) as caught:
        synthesise(tmp_path, [plan], installed_sound_fonts(), 1, quiet)
    assert str(caught.value).startswith(f"cannot write piece {tmp_path / plan.id}: ")
    assert "\n" not in str(caught.value)


def test_a_folder_whose_path_is_not_utf_8_is_one_line(short_plans, tmp_path, monkeypatch) -> None:
    silence = np.zeros(4410, "f4")
    monkeypatch.setattr(synthesis, "render_score", lambda score, fonts: ({"bass": silence}, Path("a.sf2")))
    with pytest.raises(DataError, match="choose another folder"):
        synthesise(tmp_path / "caf\udce9", short_plans[:1], [Path("a.sf2")], 1, quiet)


def test_command_writes_a_set_and_says_how_many(fluidsynth, tmp_path: Path) -> None:
    result = run(str(tmp_path), "--minutes", "0.1", "--preset", "heldout")
    assert result.exit_code == 0
    assert f"1 pieces in {tmp_path}" in result.output
    assert len(load_pieces(tmp_path)) == 1


def test_command_refuses_a_bad_font_before_it_starts(fluidsynth, tmp_path: Path) -> None:
    result = run(str(tmp_path / "set"), "--sound-font", str(tmp_path / "no.sf2"))
    assert isinstance(result.exception, DataError)
    assert not (tmp_path / "set").exists()


def test_command_wants_a_set_or_the_demo() -> None:
    assert isinstance(run().exception, SettingsError)
    assert isinstance(run("out", "--demo", "demo.flac").exception, SettingsError)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("out", "--midi", "songs", "--minutes", "5", "--tempo", "rubato"), "cannot use --minutes, --tempo with --midi"),
        (("out", "--midi", "songs", "--workers", "2", "--preset", "train"), "cannot use --workers, --preset with --midi"),
        (("--demo", "demo.flac", "--seed", "3"), "cannot use --seed with --demo"),
        (("--demo", "demo.flac", "--midi", "songs"), "cannot use --midi with --demo"),
    ],
)
def test_command_refuses_options_that_would_change_nothing(fluidsynth, words, why) -> None:
    refused = run(*words).exception
    assert isinstance(refused, SettingsError) and why in str(refused)


def test_command_stopped_by_the_user_says_how_to_go_on(
    fluidsynth, tmp_path: Path, monkeypatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(synthesis, "synthesise", interrupt)
    result = run(str(tmp_path), "--minutes", "0.1")
    assert isinstance(result.exception, Cancelled)
    assert "run the same command to go on" in str(result.exception)
