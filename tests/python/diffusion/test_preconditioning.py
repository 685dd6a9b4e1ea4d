"""Scalings and noise levels against the published numbers."""

from __future__ import annotations

import pytest
import torch
from paper import numbers, small_unet, tensors

from sideman.diffusion.inpainting import karras, up_down_mid
from sideman.diffusion.preconditioning import PRECONDITIONINGS, consistency, edm, preconditioned
from sideman.models.unet import noise_embedding


def published(name: str) -> torch.Tensor:
    found = numbers("schedules")[name]
    return torch.tensor(found["values"], dtype=torch.float64).reshape(found["shape"])


def close(found, name: str) -> bool:
    """Within 1e-6, relative; where a number is near 0, within 1e-6 of the largest."""
    wanted = published(name)
    found = torch.as_tensor(found, dtype=torch.float64)
    allowed = 1e-6 * wanted.abs() + 1e-7 * wanted.abs().max()
    return bool(((found - wanted).abs() <= allowed).all())


@pytest.mark.parametrize(("name", "scalings"), [("cd", consistency), ("diffusion", edm)])
def test_scalings_are_the_published_ones(name, scalings):
    found = scalings(published("sigma_grid").float())
    assert close(found.skip, f"{name}.c_skip")
    assert close(found.out, f"{name}.c_out")
    assert close(found.into, f"{name}.c_in")


def test_the_teachers_scalings_are_those_of_the_diffusion_model():
    found = edm(published("sigma_grid").float())
    assert close(found.skip, "edm.c_skip")
    assert close(found.out, "edm.c_out")


def test_the_network_is_told_the_published_noise():
    grid = published("sigma_grid").float()
    assert close(edm(grid).noise, "diffusion.c_noise")
    assert close(consistency(grid).noise, "cd.c_noise_as_seen_by_unet")
    told = published("cd.c_noise_as_seen_by_unet").float()
    for channels, name in ((16, "posemb_as_used_sin_cos"), (256, "posemb256_as_used_sin_cos")):
        assert (noise_embedding(told, channels) - published(name)).abs().max() < 1e-6


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 8])
@pytest.mark.parametrize(("rho", "name"), [(7, "cd.sigmas"), (9, "cd.sigmas_rho9")])
def test_consistency_levels_are_the_published_ones(steps, rho, name):
    assert close([*karras(steps + 1, 1e-4, 80, rho), 0], f"{name}.steps{steps}")


@pytest.mark.parametrize("steps", [5, 10, 18])
def test_heun_levels_are_the_published_ones(steps):
    assert close([*karras(steps, 1e-4, 80, 7), 0], f"kd.heun_sigmas.steps{steps}")


def test_training_levels_are_the_published_ones():
    assert close(karras(18, 1e-4, 80, 9), "cd.train_get_t.18")


@pytest.mark.parametrize("steps", [1, 2, 5, 10, 20])
def test_diffusion_levels_and_their_splits_are_the_published_ones(steps):
    levels = karras(steps, 1e-4, 50, 9)
    assert close([*levels, 0], f"diffusion.sigmas.steps{steps}")
    if steps > 1:
        splits = [up_down_mid(*pair) for pair in zip(levels, levels[1:])]
        assert close(splits, f"diffusion.adpm2_up_down_mid.steps{steps}")


@pytest.mark.parametrize("case", ["a1", "a2"])
@pytest.mark.parametrize(
    ("kind", "name"),
    [("consistency", "cd"), ("edm", "teacher_edm"), ("edm", "diffusion")],
)
@torch.no_grad()
def test_denoised_is_the_published_one(case, kind, name):
    given = tensors("unet_small_io")

    def network(x, c_noise, labels):
        return small_unet()(torch.cat((x, given[f"{case}.mixture"]), dim=1), c_noise, labels)

    denoise = preconditioned(network, PRECONDITIONINGS[kind])
    found = denoise(given[f"{case}.x_t"], given[f"{case}.sigma"], given[f"{case}.class_labels"])
    assert (found - given[f"{case}.denoised_{name}"]).abs().max() < 1e-4


def test_the_consistency_form_leaves_what_is_clean_as_it_is():
    x = torch.randn(1, 1, 8, 8)
    denoise = preconditioned(lambda x, *_: torch.ones_like(x), consistency)
    assert torch.allclose(denoise(x, torch.tensor([1e-4]), None), x, atol=1e-7)
