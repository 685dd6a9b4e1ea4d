"""Rotary positions are relative: only distances count."""

from __future__ import annotations

import torch

from sideman.models.rope import rotate, rotation


def scores(positions_q: torch.Tensor, positions_k: torch.Tensor) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    q = torch.randn(5, 16, generator=generator)
    k = torch.randn(7, 16, generator=generator)
    return rotate(q, rotation(positions_q, 8)) @ rotate(k, rotation(positions_k, 8)).T


def test_scores_depend_on_distance_alone():
    here = scores(torch.arange(5), torch.arange(7))
    there = scores(torch.arange(5) + 90, torch.arange(7) + 90)
    elsewhere = scores(torch.arange(5) + 90, torch.arange(7))
    assert torch.allclose(here, there, atol=1e-4)
    assert not torch.allclose(here, elsewhere, atol=1e-2)


def test_rotation_keeps_length_and_the_still_channels():
    x = torch.randn(5, 16, generator=torch.Generator().manual_seed(1))
    turned = rotate(x, rotation(torch.arange(5) + 3, 8))
    assert torch.allclose(turned.norm(dim=-1), x.norm(dim=-1), atol=1e-5)
    assert torch.equal(turned[:, 8:], x[:, 8:])
    assert not torch.allclose(turned[:, :8], x[:, :8], atol=1e-2)
