"""Quality against reach: both families in one table, the published points beside them."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
import torch
from small_model import small_network
from small_window import SMALL, window_spec

from sideman.data.tags import TAGS
from sideman.errors import SettingsError
from sideman.evaluation import reach_report, stages
from sideman.evaluation.published_points import PUBLISHED
from sideman.evaluation.reach import measure_reach, playings_of
from sideman.evaluation.takes import PATIENCE
from sideman.models.checkpoint import LoadedModel, ModelSpec
from sideman.models.codec import Codec
from sideman.models.window import WindowConfig, WindowNetwork


@pytest.fixture(scope="module")
def models() -> dict[str, LoadedModel]:
    torch.manual_seed(0)
    codec = Codec().eval()
    network = small_network(
        channels=codec.channels, tags=len(TAGS), sketch_channels=codec.sketch_channels
    )
    spec = ModelSpec(
        name="block", sample_rate=codec.sample_rate, frame_samples=codec.frame_samples,
        parts=("bass", "drums", "guitar", "piano"), hop_frames=4, hops=(4,), lead_frames=3,
        leads=(1, 8), window_frames=network.window_frames, steps=1, guidance=1.0, tags=TAGS,
    )  # fmt: skip
    config = WindowConfig(unet=SMALL, preconditioning="consistency")
    window = window_spec(codec, config, name="window")
    return {
        "block": LoadedModel(spec, codec, network),
        "window": LoadedModel(window, codec, WindowNetwork(config).eval()),
    }


def test_a_grid_gives_what_each_model_can_play(models):
    grids = [(4, -4), (4, 0), (4, 4), (8, 8), (16, 16)]
    window = playings_of("window", models["window"], grids, [1, 2])
    assert [(p.hop_frames, p.lead_frames) for p in window[::2]] == [(4, -4), (4, 0), (4, 4), (8, 8)]
    assert [p.network_calls for p in window[:2]] == [1, 2]
    block = playings_of("block", models["block"], grids, [])
    assert [(p.hop_frames, p.lead_frames) for p in block] == [(4, 4)]
    assert playings_of("block", models["block"], [], [])[0].lead_frames == 3
    with pytest.raises(SettingsError, match="block plays none"):
        playings_of("block", models["block"], [(16, 16)], [])


def test_they_play_as_the_object_does_by_default(models):
    for name, model in models.items():
        assert playings_of(name, model, [], [])[0].controls.patience == PATIENCE


def test_models_whose_specs_have_one_name_are_told_apart(models, pieces, tmp_path):
    todo = [
        playing
        for name in ("a/block", "b/block")
        for playing in playings_of(name, models["block"], [], [1])
    ]
    real, found = measure_reach(todo, pieces[:1], lambda *_: None)
    assert [one.model for one in found] == ["a/block", "b/block"]
    assert [row[0] for row in reach_report.table(real, found)[1:]] == ["a/block", "b/block"]


def test_families_regimes_and_steps_stand_in_one_table_and_picture(models, pieces, tmp_path):
    todo = [
        *playings_of("window", models["window"], [(4, -4), (4, 4)], [1]),
        *playings_of("block", models["block"], [(4, 4)], [1]),
    ]
    real, found = measure_reach(todo, pieces[:2], lambda *_: None)
    assert real.mel_distance == pytest.approx(0, abs=1e-6)
    frame = 2048 / 44100
    assert [one.reach_seconds for one in found] == pytest.approx([0, 8 * frame, 8 * frame], abs=1e-3)
    assert {one.family for one in found} == {"window", "block"}
    rows = reach_report.table(real, found)
    assert all(len(row) == len(reach_report.COLUMNS) for row in rows)
    assert rows[0][0].startswith("real")
    paths = reach_report.write(tmp_path, {"pieces": 2}, real, found)
    told = json.loads(paths[0].read_text())
    assert len(told["playings"]) == 3
    assert "their metrics on their data" in told["published_note"]
    assert len(told["published"]) == len(PUBLISHED) == 9
    assert paths[1].read_bytes()[:4] == b"\x89PNG"


def test_without_a_clock_nothing_tells_the_beat(models, pieces, monkeypatch):
    told = []

    def played(asked, count, done):
        for take in asked:
            told.append(take)
            yield take.piece.audio("bass")

    monkeypatch.setattr(stages, "play_in_turns", played)
    todo = [
        *playings_of("block", models["block"], [], [1]),
        *playings_of("block", models["block"], [], [1], clock=False),
    ]
    measure_reach(todo, pieces[:1], lambda *_: None)
    half = len(told) // 2
    assert all(take.clock for take in told[:half])
    assert not any(take.clock for take in told[half:])


def test_models_whose_codecs_were_trained_apart_stand_in_no_table(models, pieces):
    other = Codec().eval()
    other.mean += 0.5
    block = models["block"]
    apart = LoadedModel(block.spec, other, block.network)
    todo = [*playings_of("one", block, [], []), *playings_of("other", apart, [], [])]
    with pytest.raises(SettingsError, match="cannot compare models of different codecs"):
        measure_reach(todo, pieces[:1], lambda *_: None)
    with pytest.raises(SettingsError, match="cannot compare models of different codecs"):
        stages.playings(block, apart)
    copied = LoadedModel(block.spec, deepcopy(block.codec), block.network)
    assert stages.playings(block, copied)


def test_published_points_have_the_papers_reach():
    reach = {(point.w, point.r): point.reach_seconds for point in PUBLISHED}
    assert reach[-1, 0.25] == 0
    assert reach[0, 0.125] == pytest.approx(0.75)
    assert reach[1, 0.25] == pytest.approx(3.0)
