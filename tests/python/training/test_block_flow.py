"""Where the flow of stage 1 leads, and jumping there."""

from __future__ import annotations

import pytest
import torch
from small_model import random_conditions, small_network

from sideman.diffusion.schedules import quadratic
from sideman.training import block_flow
from sideman.training.batches import Batch

ROWS, FRAMES, BLOCK = 3, 16, 4


def batch_for(network) -> Batch:
    part = torch.randn(ROWS, 6, FRAMES, generator=torch.Generator().manual_seed(2))
    told = random_conditions(network, ROWS, FRAMES)
    return Batch(part, part, torch.ones(ROWS, FRAMES), told, part, told.clock)


@pytest.fixture(params=["block_causal", "enc_dec"])
def network(request):
    return small_network(regime=request.param)


def noise() -> torch.Tensor:
    return torch.randn(ROWS, 6, FRAMES, generator=torch.Generator().manual_seed(3))


def test_a_trajectory_starts_at_the_noise_and_follows_the_flow(network):
    batch, times = batch_for(network), quadratic(4)
    path = block_flow.trajectory(network, batch, noise(), times)
    aimed = FRAMES if network.config.every_block else BLOCK
    assert path.shape == (5, ROWS, 6, aimed)
    assert torch.equal(path[0], noise()[..., -aimed:])
    blocks = block_flow.targets(network.config, FRAMES)
    assert blocks == aimed // BLOCK
    with torch.no_grad():
        v = block_flow.flow(network, batch, path[2], torch.full((ROWS, blocks), times[2]))
    torch.testing.assert_close(path[3], path[2] + (times[3] - times[2]) * v)


def test_one_step_of_a_straight_flow_misses_nothing_and_of_another_it_does(network):
    batch, times = batch_for(network), [1.0, 0.6, 0.0]
    path = block_flow.trajectory(network, batch, noise(), times)
    x, t = path[1], times[1]
    blocks = block_flow.targets(network.config, FRAMES)
    with torch.no_grad():
        end = x - t * block_flow.flow(network, batch, x, torch.full((ROWS, blocks), t))
        start = noise()[..., -x.shape[-1] :]
        v = block_flow.flow(network, batch, start, torch.ones(ROWS, blocks))
        expected = (v - (start - end)).square().mean()
        torch.testing.assert_close(path[2], end)
        found = [
            block_flow.end_loss(network, batch, path, times, torch.Generator().manual_seed(seed))
            for seed in range(64)
        ]
    mean = torch.stack(found).mean()
    # From the last time the jump is the step itself, from the first it misses; each half the time.
    torch.testing.assert_close(mean, expected / 2, atol=0, rtol=0.2)


def test_learning_to_jump_lowers_what_is_missed(network):
    batch, times = batch_for(network), quadratic(8)
    path = block_flow.trajectory(network, batch, noise(), times)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    losses = []
    for step in range(40):
        optimizer.zero_grad()
        chance = torch.Generator().manual_seed(step)
        loss = block_flow.end_loss(network, batch, path, times, chance)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])


def test_one_that_sees_all_of_its_context_is_given_no_more_of_it_than_live(monkeypatch):
    network, seen = small_network(regime="enc_dec"), []
    config = network.config
    frames = config.context_frames + 3 * BLOCK
    part = torch.randn(ROWS, 6, frames, generator=torch.Generator().manual_seed(2))
    told = random_conditions(network, ROWS, frames)
    batch = Batch(part, part, torch.ones(ROWS, frames), told, part, told.clock)

    def window(clean, known, noisy, t, conditions):
        seen.append((clean, conditions.heard))
        return noisy

    monkeypatch.setattr(network, "window", window)
    block_flow.flow(network, batch, part[..., -BLOCK:], torch.ones(ROWS, 1))
    clean, heard = seen[0]
    assert torch.equal(clean, part[..., -config.context_frames - BLOCK : -BLOCK])
    assert torch.equal(heard, told.heard[..., -config.context_frames - BLOCK :])
