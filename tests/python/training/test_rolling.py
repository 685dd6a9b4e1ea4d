"""Rollouts: they are live playing, with a gradient where ARC-Forcing has one."""

from __future__ import annotations

import pytest
import torch
from small_model import random_conditions, small_network

from sideman.diffusion.schedules import log_snr
from sideman.models.block_pass import BlockPass
from sideman.models.block_walk import walk
from sideman.training.rolling import draw_counts, roll_out

ROWS, PAST, BLOCK, BLOCKS = 2, 12, 4, 5


class Limits:
    """A codec as far as rollouts know one: what it limits, and that all of it sounds."""

    def __init__(self, most: float = 1e9, level: float = 9.0):
        self.most, self.level = most, level

    def limit(self, latents: torch.Tensor) -> torch.Tensor:
        return latents.clamp(-self.most, self.most)

    def loudness(self, latents: torch.Tensor) -> torch.Tensor:
        return torch.full((len(latents), 1, latents.shape[-1]), self.level)


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def given(network):
    clean = torch.randn(ROWS, 6, PAST, generator=chance(3))
    told = random_conditions(network, ROWS, PAST + BLOCKS * BLOCK)
    return clean, torch.ones(ROWS, PAST), told


def test_a_rollout_has_one_number_of_steps_uniform_from_one_to_the_most():
    source = chance()
    rollouts = [draw_counts(4, 3, source) for _ in range(3000)]
    assert all(len(counts) == 4 and len(set(counts)) == 1 for counts in rollouts)
    firsts = [counts[0] for counts in rollouts]
    assert all(900 < firsts.count(n) < 1100 for n in (1, 2, 3))


@torch.no_grad()
def test_a_walk_from_nothing_sees_all_that_it_has_played_up_to_the_window():
    network = small_network(regime="enc_dec")
    told, seen = random_conditions(network, ROWS, 8 * BLOCK), []

    def play(one, number):
        seen.append(one._clean.shape[-1])
        return torch.ones(ROWS, 6, BLOCK)

    walk(network, torch.zeros(ROWS, 6, 0), torch.zeros(ROWS, 0), told, play)
    assert seen == [min(BLOCK * n, network.window_frames) for n in range(8)]


@torch.no_grad()
@pytest.mark.parametrize("hearing", ["delayed", "cutoff"])
@pytest.mark.parametrize("regime", ["block_causal", "enc_dec"])
def test_a_walk_through_caches_equals_windows_computed_anew(regime, hearing):
    network = small_network(regime=regime, hearing=hearing)
    clean, known, told = given(network)
    noise = torch.randn(BLOCKS, ROWS, 6, BLOCK, generator=chance())
    played = walk(
        network, clean, known, told, lambda one, n: noise[n] - 0.7 * one(noise[n], 0.7)
    )
    past = torch.cat((clean, played), -1)
    for number in range(BLOCKS):
        end = PAST + number * BLOCK
        # Keys of a block were computed in its own window, so one pass must see all of the past.
        first = 0 if network.config.every_block else number * BLOCK
        now = told.cut(slice(first, end + BLOCK))
        if hearing == "cutoff":
            frame = torch.arange(first, end + BLOCK)
            now = _known_before(now, frame, end)
        seen = torch.ones(ROWS, end - first)
        t = torch.full((ROWS,), 0.7)
        v = network.window(past[..., first:end], seen, noise[number], t, now)
        torch.testing.assert_close(
            noise[number] - 0.7 * v, past[..., end : end + BLOCK], atol=1e-5, rtol=1e-5
        )


def _known_before(told, frame, end):
    from dataclasses import replace

    return replace(told, heard_known=told.heard_known * (frame < end - told.lead[:, None]))


def test_only_the_last_step_of_each_block_has_a_gradient_and_none_crosses_blocks():
    network = small_network()
    clean, known, told = given(network)
    clean.requires_grad_()
    calls = []
    network.to_flow.register_forward_hook(
        lambda module, inputs, output: calls.append(output.requires_grad)
    )
    counts = [1, 3, 2, 1, 2]
    played = roll_out(network, clean, known, told, counts, log_snr, Limits(), chance())
    assert played.shape == (ROWS, 6, BLOCKS * BLOCK)
    expected = [step == count - 1 for count in counts for step in range(count)]
    assert calls == expected
    (gradient,) = torch.autograd.grad(played[..., -BLOCK:].sum(), clean, allow_unused=True)
    assert gradient is None or not gradient.any(), "credit reaches other blocks by D alone"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_reads_the_past_learns_from_the_last_step_however_many_there_are(count):
    network = small_network()
    clean, known, told = given(network)
    clean.requires_grad_()
    counts = [count] * BLOCKS
    played = roll_out(network, clean, known, told, counts, log_snr, Limits(), chance())
    (gradient,) = torch.autograd.grad(played[..., :BLOCK].sum(), clean)
    assert gradient.any()


def test_a_pass_that_starts_over_learns_all_that_one_whole_window_tells_it():
    network = small_network()
    clean, known, told = given(network)
    told = told.cut(slice(0, PAST + BLOCK))
    noisy, t = torch.randn(ROWS, 6, BLOCK, generator=chance()), 0.6
    one = BlockPass(network, network.empty_cache(ROWS), clean, known, told)
    with torch.no_grad():
        one(noisy, 1.0)
    one.start_over()
    whole = network.window(clean, known, noisy, torch.full((ROWS,), t), told)
    weights = [weight for layer in network.layers for weight in layer.parameters()]
    found, wanted = (
        torch.autograd.grad(flow.square().sum(), weights, allow_unused=True)
        for flow in (one(noisy, t), whole)
    )
    for one_found, one_wanted in zip(found, wanted):
        torch.testing.assert_close(one_found, one_wanted, atol=1e-5, rtol=1e-4)


def test_blocks_are_limited_as_in_live_playing_and_the_gradient_passes_the_limit():
    network = small_network()
    clean, known, told = given(network)
    counts = [1] * BLOCKS

    low = Limits(0.1)
    free = roll_out(network, clean, known, told, counts, log_snr, Limits(), chance())
    limited = roll_out(network, clean, known, told, counts, log_snr, low, chance())
    assert torch.allclose(limited[..., :BLOCK], low.limit(free[..., :BLOCK]), atol=1e-6)
    assert limited.abs().max() <= 0.1 + 1e-6 < free.abs().max()
    assert not torch.allclose(low.limit(free[..., BLOCK:]), limited[..., BLOCK:], atol=1e-4)
    gradients = []
    for played in (free, limited):
        network.zero_grad()
        played[..., :BLOCK].sum().backward()
        gradients.append(network.to_flow.weight.grad.clone())
    torch.testing.assert_close(gradients[0], gradients[1])


@torch.no_grad()
def test_a_rollout_of_one_step_is_the_predicted_clean_block():
    network = small_network()
    clean, known, told = given(network)
    played = roll_out(network, clean, known, told, [1] * BLOCKS, log_snr, Limits(), chance(8))
    noise = torch.randn(ROWS, 6, BLOCK, generator=chance(8))
    first = told.cut(slice(0, PAST + BLOCK))
    v = network.window(clean, known, noise, torch.ones(ROWS), first)
    torch.testing.assert_close(played[..., :BLOCK], noise - v, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_a_rollout_does_not_see_its_own_long_rest_as_live_playing_does_not():
    network = small_network()
    clean, known, told = given(network)
    counts = [1] * BLOCKS
    sounding, resting = (
        roll_out(network, clean, known, told, counts, log_snr, Limits(level=level), chance())
        for level in (9.0, 0.0)
    )
    seen = torch.ones(ROWS, PAST)
    seen[:, 4:] = 0  # of the past only the last two blocks end eight frames
    half = roll_out(network, clean, seen, told, counts, log_snr, Limits(), chance())
    torch.testing.assert_close(resting[..., :BLOCK], half[..., :BLOCK])
    assert not torch.allclose(half[..., BLOCK:], resting[..., BLOCK:], atol=1e-4)
    assert not torch.allclose(sounding[..., :BLOCK], resting[..., :BLOCK], atol=1e-4)
