"""Stages compared: real music is at no distance, worse playing is further, drift has a slope."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_model import small_network

from sideman.data.tags import TAGS
from sideman.evaluation import stages, stages_report
from sideman.evaluation.stages import Playing, Row, compare, drift, playings, slopes
from sideman.evaluation.takes import PATIENCE
from sideman.models.checkpoint import LoadedModel, ModelSpec
from sideman.models.codec import Codec
from sideman.streaming.controls import usual_controls


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    torch.manual_seed(0)
    codec = Codec().eval()
    network = small_network(
        channels=codec.channels, tags=len(TAGS), sketch_channels=codec.sketch_channels
    )
    spec = ModelSpec(
        name="untrained", sample_rate=codec.sample_rate, frame_samples=codec.frame_samples,
        parts=("bass", "drums", "guitar", "piano"), hop_frames=4, hops=(4,), lead_frames=3,
        leads=(1, 8), window_frames=network.window_frames, steps=2, guidance=2.0, tags=TAGS,
    )
    return LoadedModel(spec, codec, network)


def quiet(*_: object) -> None:
    """Reports nothing."""


def test_few_steps_are_compared_with_many_of_the_same_pieces(model, pieces):
    todo = [p for p in playings(model, model) if p.name in (
        "before, 1 ping-pong", "after, 1 ping-pong", "after, 2 ping-pong"
    )]
    rows = {row.name: row for row in compare(todo, pieces[:2], quiet)}
    real = rows["real, through the codec"]
    assert real.latent_distance == pytest.approx(0, abs=1e-6)
    assert real.mel_distance == pytest.approx(0, abs=1e-6)
    one, two = rows["after, 1 ping-pong"], rows["after, 2 ping-pong"]
    assert one.latent_distance > 1, "an untrained model is far from music"
    assert (one.network_calls, two.network_calls) == (1, 2)
    assert replace(one, name="") == replace(rows["before, 1 ping-pong"], name=""), "same model"


def test_distances_leave_out_the_longest_silence_before_the_first_answer(model, pieces, monkeypatch):
    """Or who may wait longer would seem nearer: real parts rest at times, and silence is easy."""
    lengths = set()
    patches = stages._patches

    def noted(kind, codec, rate, audio):
        lengths.add(len(audio))
        return patches(kind, codec, rate, audio)

    monkeypatch.setattr(stages, "_patches", noted)
    late = Playing("late", model, usual_controls(model.spec), lead_frames=8)
    soon = Playing("soon", model, usual_controls(model.spec))
    compare([soon, late], pieces[:1], quiet)
    reaction = (4 + 8) * model.spec.frame_samples
    assert lengths == {pieces[0].samples - reaction}


def test_guided_playings_count_their_branches(model):
    calls = {p.name: p.controls.steps * p.controls.branches for p in playings(model, model)}
    assert calls["before, 20 Euler"] == 20
    assert calls["before, 20 Euler, guided 2"] == 60
    assert calls["after, 2 ping-pong"] == 2


def test_they_play_as_the_object_does_by_default(model):
    assert {playing.controls.patience for playing in playings(model, model)} == {PATIENCE}
    assert {playing.controls.sampler for playing in playings(model, model)} == {"euler", "ping-pong"}


NAMES = ("before, 20 Euler", "after, 1 ping-pong", "after, 2 ping-pong")


def test_free_running_gives_a_curve_for_each_playing(model, pieces, monkeypatch):
    monkeypatch.setattr("sideman.evaluation.stages.FREE_SECONDS", 20.0)
    monkeypatch.setattr("sideman.evaluation.stages.PRIMED_SECONDS", 1.0)
    todo = [p for p in playings(model, model) if p.name == "after, 1 ping-pong"]
    curve = drift(todo, pieces[:2], [0], quiet)["after, 1 ping-pong"]
    assert curve.shape == (1 + 2, 2)  # of both pieces, and without either
    assert np.isfinite(curve).all()
    alone = drift(todo, pieces[1:2], [0], quiet)["after, 1 ping-pong"]
    assert alone.shape == (2, 2) and (alone[0] == alone[1]).all(), "who else could be left out"


def test_takes_are_played_some_at_a_time_and_judged_as_all_at_once(model, pieces, monkeypatch):
    todo = [p for p in playings(model, model) if p.name == "after, 1 ping-pong"]
    at_once, asked = compare(todo, pieces[:2], quiet), []
    monkeypatch.setattr("sideman.evaluation.takes.AT_ONCE", 3)
    in_turns = compare(todo, pieces[:2], lambda name, done, of: asked.append((done, of)))
    for one, other in zip(at_once, in_turns, strict=True):
        assert one.latent_distance == pytest.approx(other.latent_distance, rel=1e-3)
        assert (one.harmony_lift, one.a8) == pytest.approx((other.harmony_lift, other.a8), abs=1e-3)
    assert [done for done, _ in asked] == sorted(done for done, _ in asked)
    assert all(done < of for done, of in asked)


def test_the_interval_of_a_drift_lies_around_it(tmp_path):
    """Resampled with replacement, a set repeats itself and is always further away than it was."""
    rng = np.random.default_rng(0)
    of_pieces = rng.normal(3.0, 1.0, (12, 8))
    without = [np.delete(of_pieces, place, 0).mean(0) for place in range(12)]
    curve = np.stack([of_pieces.mean(0), *without])
    rows = [Row(name, 1.0, 1.0, 0.0, (0.0, 0.0), None, None, 1) for name in NAMES]
    stages_report.write(tmp_path, {}, rows, dict.fromkeys(NAMES, curve))
    drift = json.loads((tmp_path / "stages.json").read_text())["drift"][NAMES[0]]
    error = of_pieces.std(0, ddof=1) / np.sqrt(12)  # of a mean the jackknife gives the usual one
    assert drift["low"] == pytest.approx(curve[0] - 1.96 * error, abs=1e-3)
    assert drift["high"] == pytest.approx(curve[0] + 1.96 * error, abs=1e-3)
    low, high = drift["slope_interval"]
    assert low < drift["slope_per_minute"] < high


def test_without_a_known_beat_nothing_is_said_of_eighths(tmp_path):
    rows = [Row(name, 1.0, 1.0, 0.0, (0.0, 0.0), None, None, 1) for name in NAMES]
    curves = dict.fromkeys(NAMES, np.ones((3, 4)))
    short = stages_report.shortfalls(rows, curves)
    assert [line for line in short if "a8 unknown" in line] == short
    assert len(short) == 2


def test_slopes_are_per_minute():
    rising = np.arange(12) * 0.5  # 0.5 every 10 s
    assert slopes(np.stack([rising, 0 * rising])).tolist() == pytest.approx([3.0, 0.0])


def test_a_report_names_what_falls_short(tmp_path):
    def row(name: str, distance: float) -> Row:
        return Row(name, distance, distance, 0.05, (0.0, 0.1), 0.5, (0.4, 0.6), 1)

    rows = [row("before, 20 Euler", 5.0), row("after, 1 ping-pong", 6.0),
            row("after, 2 ping-pong", 4.0)]  # fmt: skip
    flat, rising = np.ones((9, 12)), np.tile(np.arange(12.0), (9, 1))

    def curves(before: np.ndarray, one: np.ndarray, two: np.ndarray) -> dict[str, np.ndarray]:
        return dict(zip((row.name for row in rows), (before, one, two)))

    good = curves(rising, flat, -0.5 * rising)
    short = stages_report.shortfalls(rows, good)
    assert [line.split(":")[0] for line in short] == ["after, 1 ping-pong"] * 2
    for bad in curves(flat, flat, rising), curves(rising, -2 * rising, flat):
        assert sum("drift" in line for line in stages_report.shortfalls(rows, bad)) == 1
    stages_report.write(tmp_path, {"pieces": 2}, rows, good)
    assert (tmp_path / "stages.png").stat().st_size > 10_000
    assert '"slope_per_minute": 6.0' in (tmp_path / "stages.json").read_text()
