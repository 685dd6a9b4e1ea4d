"""The discriminator: it sees both ways, scores patches from its start on, and begins with a model."""

from __future__ import annotations

import pytest
import torch
from small_model import random_conditions, small_network

from sideman.models.discriminator import Discriminator

ROWS, FRAMES = 2, 32


def made(exit_layer: int = 2) -> tuple[Discriminator, torch.Tensor, object]:
    network = small_network(tags=2)
    critic = Discriminator(network.config, exit_layer, head=8)
    critic.begin_with(network)
    for weight in critic.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.3)
    noisy = torch.randn(ROWS, 6, FRAMES, generator=torch.Generator().manual_seed(1))
    return critic, noisy, random_conditions(network, ROWS, FRAMES)


@torch.no_grad()
def test_scores_are_one_for_about_four_frames_from_the_start_on():
    critic, noisy, told = made()
    assert critic(noisy, torch.full((ROWS,), 0.5), told, 0).shape == (ROWS, 7)
    assert critic(noisy, torch.full((ROWS,), 0.5), told, 16).shape == (ROWS, 3)


@torch.no_grad()
def test_every_frame_sees_every_other_one():
    critic, noisy, told = made()
    t, later = torch.full((ROWS,), 0.5), noisy.clone()
    later[..., -1] += 1
    one, other = (critic.states(x, t, told, 2) for x in (noisy, later))
    assert one.shape == (ROWS, FRAMES, 32), "the global token is cut off"
    assert (one[:, 0] - other[:, 0]).abs().max() > 1e-6


@torch.no_grad()
def test_the_music_told_and_the_time_reach_the_scores():
    critic, noisy, told = made()
    half = critic(noisy, torch.full((ROWS,), 0.5), told, 8)
    assert not torch.allclose(half, critic(noisy, torch.full((ROWS,), 0.6), told, 8))
    assert not torch.allclose(half, critic(noisy, torch.full((ROWS,), 0.5), told.untold(), 8))


def test_all_that_scores_gets_a_gradient_and_later_layers_only_from_the_flow():
    critic, noisy, told = made()
    critic(noisy, torch.full((ROWS,), 0.5), told, 8).sum().backward()
    last = critic.backbone.layers[-1].feed_in.weight
    assert last.grad is None
    assert critic.backbone.layers[0].feed_in.weight.grad.any()
    assert all(weight.grad.any() for weight in critic.head.parameters())
    critic.flow(noisy, torch.full((ROWS,), 0.5), told).square().sum().backward()
    assert last.grad.any()


def test_an_exit_that_is_no_layer_is_refused():
    with pytest.raises(ValueError, match="exit layer is 4: give 1 to 3"):
        Discriminator(small_network().config, 4)
