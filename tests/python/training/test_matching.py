"""What a rollout is drawn to: what the first stage would have played there."""

from __future__ import annotations

import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from small_model import random_conditions, small_network

from sideman.training import block_flow
from sideman.training.batches import Batch
from sideman.training.matching import Matching

CODEC = FakeCodec(FakeCodecConfig()).eval()
ROWS, PAST, FRAMES = 3, 8, 24


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def real_batch(network) -> Batch:
    part = torch.randn(ROWS, network.config.channels, FRAMES, generator=chance(2))
    told = random_conditions(network, ROWS, FRAMES)
    return Batch(part, part, torch.ones(ROWS, FRAMES), told, part, told.clock)


def played(network, seed: int = 3) -> torch.Tensor:
    return torch.randn(ROWS, network.config.channels, FRAMES, generator=chance(seed))


@pytest.fixture(params=["block_causal", "enc_dec"])
def network(request):
    return small_network(regime=request.param)


def test_what_was_played_becomes_the_past_with_its_rests_hidden(network):
    matching, mine = Matching(network, CODEC, PAST), played(network).requires_grad_()
    batch = real_batch(network)
    batch.known[0, :PAST] = 0
    quiet = mine.detach().clone()
    quiet[1, :, PAST:] = CODEC.encode_all(torch.zeros(1, FRAMES * CODEC.frame_samples))[0, :, PAST:]
    own = matching.own(batch, quiet.requires_grad_())
    assert torch.equal(own.part, quiet) and torch.equal(own.shown, quiet)
    assert not own.part.requires_grad
    assert own.known[0, :PAST].sum() == 0 and own.known[0, PAST:].all()
    assert not own.known[1, -4:].any(), "a rest that lasts is not seen"
    assert own.known[2].all()


def test_nothing_pulls_where_both_flows_agree(network):
    matching, mine = Matching(network, CODEC, PAST), played(network).requires_grad_()
    matching.pull(matching.own(real_batch(network), mine), mine, chance()).backward()
    assert torch.equal(mine.grad, torch.zeros_like(mine))


def test_only_what_was_played_is_pulled_once_the_flows_part(network):
    matching, mine = Matching(network, CODEC, PAST), played(network).requires_grad_()
    with torch.no_grad():
        for weight in matching.fake.parameters():
            weight += 0.05 * torch.randn(weight.shape, generator=chance(5))
    matching.pull(matching.own(real_batch(network), mine), mine, chance()).backward()
    assert mine.grad[..., PAST:].abs().amax() > 0
    assert torch.equal(mine.grad[..., :PAST], torch.zeros_like(mine.grad[..., :PAST]))


def test_the_fake_learns_what_is_played_and_the_first_stage_stays(network):
    matching = Matching(network, CODEC, PAST)
    own = matching.own(real_batch(network), 0.1 * played(network) + 1)
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    optimizer = torch.optim.Adam(matching.fake.parameters(), 3e-3)
    losses = []
    for step in range(60):
        optimizer.zero_grad()
        loss = matching.loss(own, chance(step))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-10:]) < 0.8 * sum(losses[:10])
    assert all(torch.equal(weight, before[name]) for name, weight in network.state_dict().items())


def test_followed_it_gives_what_is_too_narrow_and_off_the_place_and_spread_of_the_teacher(monkeypatch):
    """Both flows are those of normal distributions here: the teacher's N(0, 1), the fake's that of
    what is played at the moment, which begins at N(1, 0.3)."""
    network = small_network(regime="block_causal")
    matching, batch = Matching(network, CODEC, PAST), real_batch(network)
    mine = (1 + 0.3 * played(network)).requires_grad_()

    def flow(which, own, noisy, level):
        t = block_flow.per_frame(which, level)
        heard = own.part[..., PAST:]
        mean, spread = (0.0, 1.0) if which is matching.teacher else (heard.mean(), heard.std())
        variance = (1 - t) ** 2 * spread**2 + t**2
        x0 = mean + (1 - t) * spread**2 / variance * (noisy - (1 - t) * mean)
        return (noisy - x0) / t

    monkeypatch.setattr(block_flow, "flow", flow)
    optimizer = torch.optim.Adam([mine], 0.02)
    for step in range(400):
        optimizer.zero_grad()
        matching.pull(matching.own(batch, mine), mine, chance(step)).backward()
        optimizer.step()
    found = mine.detach()[..., PAST:]
    assert abs(found.mean()) < 0.15
    assert 0.8 < found.std() < 1.2


def test_guided_on_the_beat_the_teacher_goes_further_the_way_the_clock_sends_it(network):
    own = Matching(network, CODEC, PAST).own(real_batch(network), played(network))
    blocks = block_flow.targets(network.config, FRAMES)
    level = torch.full((ROWS, blocks), 0.5)
    noisy = block_flow.aimed(network, own.part)
    plain, guided = (
        Matching(network, CODEC, PAST, on_beat)._taught(own, noisy, level) for on_beat in (1.0, 2.0)
    )
    without = block_flow.flow(network, own.without("clock"), noisy, level)
    torch.testing.assert_close(guided - plain, plain - without)
    assert (guided - plain).abs().amax() > 1e-3
