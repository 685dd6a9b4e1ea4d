from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_session import EchoSession, fake_model
from rich.console import Console

from sideman.audio import load, save
from sideman.data.pieces import load_pieces
from sideman.errors import ModelError, SettingsError
from sideman.evaluation import report, study
from sideman.evaluation.scores import ROWS, summarise
from sideman.evaluation.thresholds import shortfalls


@pytest.fixture
def plan(pieces, monkeypatch):
    return settle(pieces, monkeypatch)


def settle(pieces, monkeypatch):
    use_model(monkeypatch, fake_model())
    monkeypatch.setattr(study, "open_session", EchoSession)
    return study.Plan(model="fake", pieces=str(pieces[0].folder.parent), hop_frames=4,
                      lead_frames=3, steps=2, guidance=2.0, limit=2)


@pytest.fixture(scope="module")
def first(pieces, tmp_path_factory):
    """One evaluation for all tests that only look at its results: (plan, takes, calls, folder)."""
    out = tmp_path_factory.mktemp("first")
    with pytest.MonkeyPatch.context() as patch:
        settled = settle(pieces, patch)
        return (settled, *run(settled, out), out)


def use_model(monkeypatch, model):
    monkeypatch.setattr(study, "load_model", lambda name: model)
    study._opened.cache_clear()


def run(plan, out):
    calls = []
    takes = study.run(plan, out, 1, lambda done, total: calls.append((done, total)))
    return takes, calls


def test_every_row_is_scored_for_every_part_of_every_piece(first):
    _, takes, calls, _ = first
    assert {(t.piece, t.part, t.row) for t in takes} == {
        (f"piece-{n}", part, row) for n in (0, 1) for part in ("bass", "drums") for row in ROWS}
    assert calls == [(n, 2) for n in range(3)]
    rows = summarise(takes)["bass"]
    assert rows["true part"]["a8"].mean > 0.9
    assert rows["codec"]["a8"].mean == pytest.approx(rows["true part"]["a8"].mean, abs=0.02)
    assert rows["silence"]["audible"].mean == 0


def test_pieces_whose_beat_nobody_knows_are_scored_in_what_needs_none(plan, tmp_path):
    folder = tmp_path / "pieces"
    shutil.copytree(plan.pieces, folder)
    for card in folder.glob("*/piece.json"):
        card.write_text(json.dumps({**json.loads(card.read_text()), "bpm": 0.0}))
    takes, _ = run(replace(plan, pieces=str(folder)), tmp_path / "out")
    rows = summarise(takes)["bass"]
    assert set(rows) == set(ROWS) - {"repeat last bar"}
    assert rows["true part"]["a8"].pieces == 0 and rows["true part"]["audible"].pieces == 2
    assert shortfalls(summarise(takes))[0].startswith("pieces: 0 with a known beat")
    report.write(tmp_path / "out", plan, summarise(takes), [])


def test_a_part_that_no_other_piece_has_is_compared_with_none(plan, tmp_path):
    folder = Path(shutil.copytree(plan.pieces, tmp_path / "pieces"))
    card = min(folder.glob("*/piece.json"))
    told = json.loads(card.read_text())
    card.write_text(json.dumps({**told, "parts": ["bass", "clicks"]}))
    (card.parent / "drums.flac").rename(card.parent / "clicks.flac")
    rows = summarise(run(replace(plan, pieces=str(folder)), tmp_path / "out")[0])
    assert set(rows["bass"]) == set(ROWS)
    assert set(rows["drums"]) == set(ROWS) - {"another piece's part"}


def test_of_a_folder_with_one_piece_every_other_row_is_scored(plan, tmp_path):
    folder = tmp_path / "pieces"
    shutil.copytree(min(Path(plan.pieces).iterdir()), folder / "piece-0")
    takes, _ = run(replace(plan, pieces=str(folder), limit=None), tmp_path / "out")
    for rows in summarise(takes).values():
        assert set(rows) == set(ROWS) - {"another piece's part"}
    report.write(tmp_path / "out", plan, summarise(takes), shortfalls(summarise(takes)))


@pytest.mark.parametrize("spoil", [Path.unlink, lambda file: file.write_text("{ damaged")])
def test_what_is_done_is_kept_and_the_rest_resumed(spoil, first, plan, tmp_path):
    _, takes, _, out = first
    shutil.copytree(out, tmp_path / "out")
    spoil(min((tmp_path / "out" / "takes").iterdir()))
    again, calls = run(plan, tmp_path / "out")
    assert calls == [(1, 2), (2, 2)]
    assert again == takes


def test_another_plan_or_other_weights_start_anew(first, plan, monkeypatch):
    out = first[-1]
    assert scored_already(plan, out) == 2
    assert scored_already(replace(plan, guidance=3.0), out) == 0
    assert scored_already(replace(plan, seeds=2), out) == 0
    use_model(monkeypatch, fake_model(gain=0.9))
    assert scored_already(plan, out) == 0


def test_other_sound_or_other_code_that_plays_starts_anew(first, plan, tmp_path, monkeypatch):
    _, _, _, out = first
    folder = Path(shutil.copytree(plan.pieces, tmp_path / "pieces"))
    moved = replace(plan, pieces=str(folder))
    assert scored_already(moved, out) == 2
    piece = load_pieces(folder)[0]
    save(piece.folder / "bass.flac", 0.5 * piece.audio("bass"), piece.sample_rate)
    assert scored_already(moved, out) == 0
    code = Path(shutil.copytree(study.PACKAGE, tmp_path / "code"))
    monkeypatch.setattr(study, "PACKAGE", code)
    assert scored_already(plan, out) == 2
    with (code / "streaming" / "session.py").open("a") as file:
        file.write("# plays otherwise\n")
    assert scored_already(plan, out) == 0


def scored_already(plan, out):
    class Seen(Exception):
        pass

    def stop(done, total):
        raise Seen(done)

    with pytest.raises(Seen) as seen:
        study.run(plan, out, 1, stop)
    return seen.value.args[0]


def test_examples_are_context_and_part_without_clipping(first, pieces):
    files = sorted((first[-1] / "audio").iterdir())
    assert [file.name for file in files] == ["piece-0_bass.wav", "piece-0_drums.wav"]
    sound, rate = load(files[0])
    assert rate == 44100 and sound.shape == (1, pieces[0].samples)
    heard = pieces[0].context("bass")
    late = 7 * 2048
    mix = heard + np.concatenate([np.zeros(late, np.float32), heard])[: len(heard)]
    assert np.allclose(sound[0], mix / max(1.0, np.abs(mix).max()), atol=1e-6)


def test_each_seed_is_played_and_their_scores_averaged(first, plan, tmp_path, monkeypatch):
    one = first[1]
    monkeypatch.setattr(study, "open_session", LouderWithSeed)
    three, _ = run(replace(plan, examples=0, seeds=3), tmp_path / "three")
    played = [take for take in three if take.row == "model, with clock"]
    before = [take.score for take in one if take.row == "model, with clock"]
    for take, plain in zip(played, before, strict=True):
        first_seed = 3 * int(take.piece.removeprefix("piece-"))  # every piece has seeds of its own
        wanted = 1.94 * (first_seed + 1)
        assert take.score.level - plain.level == pytest.approx(wanted, abs=0.3)


class LouderWithSeed(EchoSession):
    def answer(self, hop_id, heard):
        return heard * 1.25**self.seed


def test_plans_and_models_that_cannot_work_are_refused(plan, tmp_path, monkeypatch):
    with pytest.raises(SettingsError, match="0 seeds"):
        replace(plan, seeds=0)
    with pytest.raises(SettingsError, match="1 pieces"):
        replace(plan, limit=1)
    use_model(monkeypatch, fake_model(rate=48000))
    with pytest.raises(ModelError, match="48000 Hz"):
        run(plan, tmp_path / "out")


def test_the_report_holds_every_figure_and_a_picture(first, tmp_path):
    plan, takes, _, _ = first
    summary = summarise(takes)
    paths = report.write(tmp_path / "out", plan, summary, shortfalls(summary))
    told = json.loads(paths["report"].read_text())
    assert set(told["parts"]["bass"]) == set(ROWS)
    assert set(told["parts"]["bass"]["codec"]["a8"]) == {"mean", "low", "high", "pieces"}
    assert told["codec_keeps"]["drums"]["a8"] == pytest.approx(1, abs=0.05)
    assert told["shortfalls"][0].startswith("pieces: 2 with a known beat per part")
    assert "pieces" not in told["settings"]
    assert paths["plot"].read_bytes().startswith(b"\x89PNG")


def test_the_table_has_a_line_per_part_and_row(first):
    takes = first[1]
    console = Console(width=150, file=io.StringIO())
    console.print(report.table(summarise(takes)))
    text = console.file.getvalue()
    for row in ROWS:
        assert text.count(row) == 2
