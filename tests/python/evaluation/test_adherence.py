"""Measures of control: known answers, and a study over a small model end to end."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from note_pieces import write_piece
from small_model import small_model, small_network
from small_window import small_window_model
from typer.testing import CliRunner

from sideman.cli.main import app
from sideman.data.tags import TAGS
from sideman.errors import DataError, ModelError
from sideman.evaluation import adherence
from sideman.evaluation.adherence import (
    Figure,
    loudness_lift,
    octave_centroid,
    rank_correlation,
    shortfalls,
)
from sideman.models.checkpoint import ModelSpec, save_model
from sideman.models.codec import Codec

RATE = 44100


def tone(hertz: float, seconds: float = 4.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE).astype(np.float32)


def test_an_octave_is_one_and_silence_is_zero():
    assert octave_centroid(tone(880), RATE) - octave_centroid(tone(440), RATE) == pytest.approx(1)
    assert octave_centroid(np.zeros(1000, np.float32), RATE) == 0


def test_rank_correlation_sees_order_alone():
    assert rank_correlation([0, 1, 2, 3], [1, 10, 11, 500]) == pytest.approx(1)
    assert rank_correlation([0, 1, 2, 3], [4, 3, 2, 1]) == pytest.approx(-1)


def test_what_does_not_change_has_no_order():
    assert rank_correlation([0, 1, 2, 3], [5, 5, 5, 5]) == 0
    assert rank_correlation([0, 1, 2, 3], [5, 5, 5, 6]) == pytest.approx(0.77, abs=0.01)


def test_loudness_lift_is_high_for_the_same_swells_and_none_for_others():
    rng = np.random.default_rng(0)

    def swelling(seed: int) -> np.ndarray:
        gains = np.random.default_rng(seed).uniform(0.01, 1, 80)
        return (np.repeat(gains, 4410) * rng.standard_normal(80 * 4410)).astype(np.float32)

    same = loudness_lift(swelling(1), swelling(1), RATE)
    other = loudness_lift(swelling(1), swelling(2), RATE)
    assert same > 0.7
    assert abs(other) < 0.25
    assert loudness_lift(np.zeros(80 * 4410, np.float32), swelling(1), RATE) == 0


def test_what_is_not_clearly_above_zero_falls_short():
    figures = {
        "bright": Figure(1.0, 0.5, 1.5, 8, "centroid"),
        "busy": Figure(0.2, -0.1, 0.5, 8, "onsets"),
    }
    (line,) = shortfalls(figures)
    assert line.startswith("control busy: onsets: +0.200 [-0.100 +0.500]")
    assert adherence.as_json(figures)["bright"]["pieces"] == 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small model on disk that knows the tags and sketches."""
    torch.manual_seed(0)
    codec = Codec()
    network = small_network(
        channels=codec.channels, tags=len(TAGS), sketch_channels=codec.sketch_channels
    )
    spec = ModelSpec(
        name="untrained", sample_rate=codec.sample_rate, frame_samples=codec.frame_samples,
        parts=("bass", "drums"), hop_frames=4, hops=(4,), lead_frames=3, leads=(1, 8),
        window_frames=network.window_frames, steps=1, guidance=1.0, tags=TAGS,
    )  # fmt: skip
    home = tmp_path_factory.mktemp("model")
    save_model(home, spec, codec, network)
    return home


def test_every_control_is_moved_and_measured_over_the_pieces_that_last(folder, tmp_path):
    for number, seconds in enumerate((10.5, 6.0, 10.5)):
        write_piece(tmp_path / "pieces", number, seconds)
    words = ["--model", folder, "--part", "bass", "--pieces", tmp_path / "pieces"]
    asked = ["evaluate", "controls", *words, "--out", tmp_path / "out"]
    result = CliRunner().invoke(app, [str(word) for word in asked])
    assert result.exit_code == 0, result.exception
    assert "left out: 1 of 3 pieces (piece-1)" in result.output
    told = json.loads((tmp_path / "out" / "controls-bass.json").read_text())
    assert set(told) == set(adherence.ASKED)
    assert all(figure["pieces"] == 2 for figure in told.values())
    assert all(np.isfinite(figure["mean"]) for figure in told.values())
    assert told["seed"]["mean"] == 1, "the same seed the same audio, another one another"
    assert told["bright"]["mean"] != 0 and told["busy"]["mean"] != 0


def test_what_cannot_be_measured_is_told_before_anything_plays(pieces, monkeypatch):
    def played(*_):
        raise AssertionError("nothing can be played")

    monkeypatch.setattr(adherence, "play_together", played)
    with pytest.raises(ModelError, match="it is of the window family, which has no tags"):
        adherence.measure_controls(small_window_model(), pieces, "bass")
    with pytest.raises(DataError, match="no piece that has it lasts 10 s"):
        adherence.measure_controls(small_model(), pieces, "bass")
    with pytest.raises(DataError, match="no piece has it; give"):
        adherence.measure_controls(small_model(), [], "bass")
