"""The evaluation with nothing replaced: codec, network, session and worker processes are real."""

from __future__ import annotations

import pytest
import torch
from one_take import rollout
from small_model import small_network

from sideman.evaluation import study
from sideman.evaluation.scores import ROWS
from sideman.models.checkpoint import ModelSpec, load_model, save_model
from sideman.models.codec import Codec
from sideman.streaming.controls import Controls
from sideman.streaming.session import Session


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.manual_seed(0)
    codec = Codec()
    network = small_network(channels=codec.channels)
    spec = ModelSpec(
        name="untrained", sample_rate=codec.sample_rate, frame_samples=codec.frame_samples,
        parts=("bass",), hop_frames=4, hops=(4,), lead_frames=3, leads=(1, 8),
        window_frames=network.window_frames, steps=1, guidance=2.0,
    )
    home = tmp_path_factory.mktemp("model")
    save_model(home, spec, codec, network)
    return home


def test_two_workers_score_what_a_model_on_disk_plays(folder, pieces, tmp_path):
    plan = study.Plan(model=str(folder), pieces=str(pieces[0].folder.parent), hop_frames=4,
                      lead_frames=3, steps=1, guidance=2.0, limit=2)
    calls = []
    takes = study.run(plan, tmp_path, 2, lambda done, total: calls.append((done, total)))
    assert calls == [(0, 2), (1, 2), (2, 2)]
    assert sorted({take.row for take in takes}) == sorted(ROWS)
    again = study.run(plan, tmp_path, 2, lambda done, total: calls.append((done, total)))
    assert calls[-1] == (2, 2) and again == takes


def test_no_sound_depends_on_music_that_comes_later(folder, pieces, monkeypatch):
    model, piece = load_model(folder), pieces[0]
    session = Session(model, ["bass"], 4, 3)
    settings = {"clock": True, "seed": 1, "controls": Controls(1, 2.0)}
    change = 10 * session.hop_samples
    first = rollout(session, piece, "bass", **settings)
    context = piece.context("bass")
    context[change:] = 0
    monkeypatch.setattr(type(piece), "context", lambda self, part: context)
    second = rollout(session, piece, "bass", **settings)
    differs = (first != second).nonzero()[0]
    slot = change + session.hop_samples + session.lead_frames * model.spec.frame_samples
    assert slot <= differs[0] < slot + session.hop_samples
