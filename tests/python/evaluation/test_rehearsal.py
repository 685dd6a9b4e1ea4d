"""Rehearsals: what is played in latents, judged the same way every time."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from small_model import random_conditions, small_network

from sideman.diffusion.schedules import log_snr, quadratic
from sideman.evaluation.rehearsal import Rehearsal

CODEC = FakeCodec(FakeCodecConfig()).eval()
ROWS, FRAMES = 8, 64


def rehearsal(network, seed: int = 0, schedule=quadratic) -> Rehearsal:
    part = torch.arange(ROWS) % 2
    told = replace(random_conditions(network, ROWS, FRAMES), part=part)
    chance = torch.Generator().manual_seed(5)
    real = torch.randn(ROWS, 6, FRAMES, generator=chance) * (1 + part[:, None, None])
    return Rehearsal(real, told, CODEC, schedule, seed)


def test_the_same_network_gets_the_same_figures_and_the_score_is_their_geometric_mean():
    network = small_network()
    one, other = (rehearsal(network).figures(network) for _ in range(2))
    assert one == other
    kinds = ("latent_1", "mel_1", "latent_2", "mel_2")
    product = torch.tensor([one[kind] for kind in kinds]).prod()
    assert one["played"] == pytest.approx(product.item() ** 0.25, rel=1e-3)


def test_what_is_played_depends_on_the_steps_and_the_seed_and_is_as_long_as_the_real():
    network = small_network()
    one, two = (rehearsal(network).played(network, steps) for steps in (1, 2))
    assert one.shape == two.shape == (ROWS, 6, FRAMES)
    assert not torch.allclose(one, two, atol=1e-3)
    assert not torch.allclose(one, rehearsal(network, 1).played(network, 1), atol=1e-3)


def test_two_steps_are_taken_at_the_times_of_the_schedule_and_one_is_the_same_in_all():
    network = small_network()
    other = rehearsal(network, schedule=log_snr)
    assert torch.equal(rehearsal(network).played(network, 1), other.played(network, 1))
    assert not torch.allclose(rehearsal(network).played(network, 2), other.played(network, 2), atol=1e-3)


def test_who_plays_the_real_parts_is_at_no_distance_and_noise_is_furthest(monkeypatch):
    network = small_network()
    judge = rehearsal(network)
    scores = {}
    chance = torch.Generator().manual_seed(0)
    played = {
        "real": judge.real,
        "scaled": 1.2 * judge.real,
        "noise": 5 * torch.randn(judge.real.shape, generator=chance),
    }
    for name, latents in played.items():
        monkeypatch.setattr(judge, "played", lambda network, steps, x=latents: x)
        scores[name] = judge.figures(network)["latent_1"]
    assert scores["real"] < 0.05 < scores["scaled"] < scores["noise"]
