"""Samplers over noise levels: the published trajectories, and a distribution that is known."""

from __future__ import annotations

import pytest
import torch
from paper import small_unet, tensors

from sideman.diffusion.inpainting import (
    Known,
    ancestral,
    churned,
    consistency,
    heun,
    karras,
)
from sideman.diffusion.preconditioning import PRECONDITIONINGS, preconditioned


def denoiser(kind: str):
    given = tensors("trajectories")

    def network(x, c_noise, labels):
        return small_unet()(torch.cat((x, given["in.mixture"]), dim=1), c_noise, labels)

    inner = preconditioned(network, PRECONDITIONINGS[kind])
    asked: list[tuple[float, torch.Tensor]] = []

    def denoise(x, sigma, conditions):
        asked.append((sigma, x))
        return inner(x, torch.tensor([sigma]), given["in.class_labels"])

    return denoise, asked


def recorded(tag: str, used: list[int] | None = None):
    """The recorded draws, or those of them that a sampler of ours draws at all."""
    noise = tensors("trajectories")[f"{tag}.noise"]
    order = iter(range(len(noise)) if used is None else used)
    return lambda: noise[next(order)][None]


def known(source: str = "in.source") -> Known:
    given = tensors("trajectories")
    return Known(given[source], given["in.mask"])


def is_the_published(tag: str, found: torch.Tensor, asked) -> bool:
    """The result within 1e-3, and every evaluation that was recorded asked about the same x."""
    given = tensors("trajectories")
    levels = torch.tensor([sigma for sigma, _ in asked])
    assert torch.allclose(levels, given[f"{tag}.net_sigma"], rtol=1e-5)
    inputs = given.get(f"{tag}.net_in_x", given.get(f"{tag}.net_in_x_first4"))
    for (sigma, x), wanted in zip(asked, inputs):
        assert (x[0] - wanted).abs().max() < 1e-3 * max(1.0, sigma)
    return bool((found - given[f"{tag}.out"]).abs().max() < 1e-3)


@pytest.mark.parametrize("steps", [1, 2, 4])
@torch.no_grad()
def test_consistency_steps_are_the_published_ones(steps):
    levels = karras(steps + 1, 1e-4, 80, 7)[:steps]
    denoise, asked = denoiser("consistency")
    found = consistency(denoise, levels, None, recorded(f"cd{steps}_mask"), known())
    assert is_the_published(f"cd{steps}_mask", found, asked)
    used = [0, *(2 + 2 * step for step in range(steps - 1))]  # nothing is known: no noise for it
    denoise, asked = denoiser("consistency")
    found = consistency(denoise, levels, None, recorded(f"cd{steps}", used))
    assert is_the_published(f"cd{steps}", found, asked)


@torch.no_grad()
def test_heun_steps_are_the_published_ones():
    levels = karras(5, 1e-4, 80, 7)
    denoise, asked = denoiser("edm")
    found = heun(denoise, levels, None, recorded("heun5_teacher"))
    assert is_the_published("heun5_teacher", found, asked)
    used = [0, 2, 3, 5, 6, 8, 9, 11, 12, 14]  # without the draws of a churn of 0
    denoise, asked = denoiser("edm")
    found = heun(denoise, levels, None, recorded("heun5_teacher_mask", used), known())
    assert is_the_published("heun5_teacher_mask", found, asked)


@torch.no_grad()
def test_ancestral_and_churned_steps_are_the_published_ones():
    levels = karras(5, 1e-4, 50, 9)
    for tag, sampler, what, resamples in (
        ("adpm2_inpaint5", ancestral, known("in.inpaint_for_diffusion"), 2),
        ("adpm2_sample5", ancestral, None, 1),
        ("msdm_inpaint5", churned, known("in.inpaint_for_diffusion"), 2),
    ):
        denoise, asked = denoiser("edm")
        found = sampler(denoise, levels, None, recorded(tag), what, resamples)
        assert is_the_published(tag, found, asked), tag


SPREAD = 0.5


def gaussian(x, sigma, conditions):
    """The true denoiser of data ~ N(1, SPREAD^2)."""
    share = SPREAD**2 / (SPREAD**2 + sigma**2)
    return 1 + share * (x - 1)


@pytest.mark.parametrize("sampler", [heun, ancestral, churned])
def test_a_known_distribution_comes_out(sampler):
    generator = torch.Generator().manual_seed(0)
    found = sampler(
        gaussian, karras(200, 1e-3, 80, 7), None,
        lambda: torch.randn(1, 1, 100, 100, generator=generator),
    )
    assert abs(found.mean() - 1) < 0.03
    assert abs(found.std() - SPREAD) < 0.03


@pytest.mark.parametrize(
    ("sampler", "options"),
    [(consistency, {}), (heun, {}), (ancestral, {"resamples": 2}), (churned, {"resamples": 2})],
)
def test_what_is_known_comes_out_as_it_was(sampler, options):
    generator = torch.Generator().manual_seed(0)

    def noise() -> torch.Tensor:
        return torch.randn(1, 1, 4, 8, generator=generator)

    source, mask = noise(), torch.arange(8) < 5
    found = sampler(
        gaussian, karras(4, 1e-3, 80, 7), None, noise, Known(source, mask), **options
    )
    assert torch.equal(found[..., :5], source[..., :5])
    assert not torch.equal(found[..., 5:], source[..., 5:])
