"""The judge that reads latents: what it is told, and what each side learns by."""

from __future__ import annotations

import torch
from small_model import random_conditions, small_network

from sideman.training import judging
from sideman.training.batches import Batch
from sideman.training.latent_judge import LatentJudge, real_of

ROWS, PAST, FRAMES = 3, 12, 24


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def made(smooth: float = 0.0) -> tuple[LatentJudge, Batch, torch.Tensor]:
    network = small_network(context_frames=PAST)
    part, music, played = (
        torch.randn(ROWS, network.config.channels, FRAMES, generator=chance(n)) for n in (1, 2, 3)
    )
    told = random_conditions(network, ROWS, FRAMES)
    batch = Batch(part, part, torch.ones(ROWS, FRAMES), told, music, told.clock + 1)
    judge = LatentJudge(network, 2, 8, 1.0, smooth)
    with torch.no_grad():
        for weight in judge.network.parameters():
            if not weight.any():
                weight.normal_(0, 0.3, generator=chance(4))
    return judge, batch, played


def test_a_real_past_that_the_model_does_not_see_is_not_shown():
    _, batch, _ = made()
    batch.known[0, :PAST] = 0
    real = real_of(batch, PAST)
    assert not real[0, :, :PAST].any()
    assert torch.equal(real[1], batch.part[1])
    assert torch.equal(real[..., PAST:], batch.part[..., PAST:])


def test_it_hears_the_music_and_the_clock_as_they_are():
    judge, batch, played = made()
    told = batch.conditions

    def asked() -> float:
        return judge.fooled(batch, played, chance()).item()

    usual = asked()
    told.heard.add_(1)
    told.clock.add_(1)
    assert asked() == usual, "not what the model gets late or wrong"
    batch.music.add_(1)
    assert asked() != usual


def test_the_player_learns_and_the_judge_does_not_while_it_is_fooled():
    judge, batch, played = made()
    judge.fooled(batch, played.requires_grad_(), chance()).backward()
    assert played.grad[..., PAST:].any()
    assert all(weight.grad is None for weight in judge.network.parameters())
    assert all(weight.requires_grad for weight in judge.network.parameters())


def test_it_learns_to_tell_played_from_real():
    judge, batch, played = made()
    optimizer = torch.optim.Adam(judge.network.parameters(), 3e-3)
    for step in range(40):
        optimizer.zero_grad()
        loss, figures = judge.loss(batch, played, judging.TOLD[step % 3], chance(step))  # it has no tags
        loss.backward()
        optimizer.step()
    assert figures["real_won"] == 1.0
    assert {"critic", "contrast", "right_heard_won"} <= set(figures)
    fooled = judge.fooled(batch, played, chance()).item()
    assert fooled > judge.fooled(batch, real_of(batch, PAST), chance()).item()


def test_asked_to_be_smooth_it_pays_for_scores_that_change_when_shaken():
    rough, smooth = made(0.0), made(10.0)
    losses = [judge.loss(batch, played, "heard", chance())[0] for judge, batch, played in (rough, smooth)]
    assert losses[1] > losses[0]
