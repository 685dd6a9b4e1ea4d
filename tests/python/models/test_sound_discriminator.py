"""The discriminator of sound: scores of patches, by part, with a gradient for whoever made the sound."""

from __future__ import annotations

import torch

from sideman.models.sound_discriminator import SoundDiscriminator

BANDS, COLUMNS = 40, 64


def made() -> tuple[SoundDiscriminator, torch.Tensor]:
    torch.manual_seed(0)
    levels = -6 + torch.randn(2, BANDS, COLUMNS, generator=torch.Generator().manual_seed(1))
    return SoundDiscriminator(BANDS, 4, head=8), levels


@torch.no_grad()
def test_scores_are_one_for_about_four_columns():
    judge, levels = made()
    assert judge(levels, torch.tensor([0, 1])).shape == (2, COLUMNS // 4 - 1)


@torch.no_grad()
def test_it_knows_which_part_it_hears():
    judge, levels = made()
    bass, drums = (judge(levels, torch.full((2,), part)) for part in (0, 1))
    assert (bass - drums).abs().min() > 0


def test_it_gets_to_know_the_colour_of_each_part():
    judge, _ = made()
    chance = torch.Generator().manual_seed(2)
    colour = torch.linspace(-1, 1, BANDS)[:, None]
    for _ in range(20):
        dull = -6 - colour + 0.5 * torch.randn(4, BANDS, COLUMNS, generator=chance)
        bright = -6 + colour + 0.5 * torch.randn(4, BANDS, COLUMNS, generator=chance)
        judge.get_to_know(torch.cat((dull, bright)), torch.tensor([0] * 4 + [2] * 4))
    mean, square, batches = judge.known
    assert batches.tolist() == [20, 0, 20, 0]
    assert torch.allclose(mean[0, 1], -mean[2, 1], atol=0.1), "tilted to either side"
    assert mean[2, 1] < -3
    spread = (square - mean.square())[[0, 2]].sqrt()
    assert torch.allclose(spread, torch.full_like(spread, 0.5), atol=0.05)
    assert mean[[1, 3]].eq(0).all() and square[[1, 3]].eq(1).all()


def test_every_column_that_is_heard_gets_a_gradient():
    judge, levels = made()
    levels.requires_grad_(True)
    judge(levels, torch.tensor([0, 1])).sum().backward()
    assert (levels.grad.abs().amax((0, 1)) > 0).all()
