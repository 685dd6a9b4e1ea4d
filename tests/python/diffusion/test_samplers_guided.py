"""Samplers with guidance: none at scale 1, CFG and CFG++ otherwise."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from known_flows import GAUSSIAN, MIXTURE, point

from sideman.diffusion.guidance import Guidance
from sideman.diffusion.samplers import dpm_solver, euler, ping_pong
from sideman.diffusion.samplers_plus_plus import euler_plus_plus, ping_pong_plus_plus
from sideman.diffusion.sampling import SAMPLERS, run
from sideman.diffusion.schedules import log_snr, quadratic

SHAPE = (2, 3, 4)
TWINS = {"euler++": "euler", "ping-pong++": "ping-pong"}
TOLD = torch.tensor([1.0, 1.0, 0.0], dtype=torch.float64).view(3, 1, 1).repeat_interleave(2, 0)


def noise(k: int = 0) -> torch.Tensor:
    chance = torch.Generator().manual_seed(5 + k)
    return torch.randn(SHAPE, generator=chance, dtype=torch.float64)


def clip(x0: torch.Tensor) -> torch.Tensor:
    return x0.clamp(-1, 1)


@pytest.mark.parametrize("limit", [None, clip])
@pytest.mark.parametrize("name", SAMPLERS)
def test_scale_one_is_no_guidance(name, limit):
    bare = {
        "euler": lambda x, times: euler(MIXTURE.flow, x, times, None, limit),
        "ping-pong": lambda x, times: ping_pong(MIXTURE.flow, x, times, None, noise, limit),
        "dpm++": lambda x, times: dpm_solver(MIXTURE.flow, x, times, None, limit),
        "euler++": lambda x, times: euler(MIXTURE.flow, x, times, None, limit),
        "ping-pong++": lambda x, times: ping_pong(MIXTURE.flow, x, times, None, noise, limit),
    }[name]
    times = quadratic(5)
    result = run(name, MIXTURE.flow, noise(9), times, None, Guidance(1), noise, limit)
    assert torch.allclose(result, bare(noise(9), times), atol=1e-12)


@pytest.mark.parametrize("limit", [None, clip])
@pytest.mark.parametrize("name", TWINS)
@given(steps=st.integers(1, 12), scale=st.floats(0, 1))
def test_plus_plus_with_equal_branches_is_its_twin(name, limit, steps, scale):
    """The flow does not look at what is told, so the branches are equal whatever l is."""
    times = log_snr(steps)
    guidance = Guidance(scale)
    leant = run(name, MIXTURE.flow, noise(9), times, None, guidance, noise, limit)
    plain = run(TWINS[name], MIXTURE.flow, noise(9), times, None, Guidance(1), noise, limit)
    assert torch.allclose(leant, plain, atol=1e-9)


@pytest.mark.parametrize("name", SAMPLERS)
def test_guidance_with_nothing_told_changes_nothing(name):
    times = quadratic(6)
    leant = run(name, MIXTURE.flow, noise(9), times, None, Guidance(7.0), noise)
    plain = run(name, MIXTURE.flow, noise(9), times, None, Guidance(1), noise)
    assert torch.allclose(leant, plain, atol=1e-9)


@pytest.mark.parametrize("name", SAMPLERS)
def test_guidance_reaches_beyond_what_is_told_and_plus_plus_stays_between(name):
    """Told, the data are 1 everywhere; untold 0. Both flows are exact."""
    scale = 0.7 if name in TWINS else 2.5
    result = run(name, point, noise(9), quadratic(4), TOLD, Guidance(scale), noise)
    assert torch.allclose(result, torch.full_like(result, scale))


@pytest.mark.parametrize("name", TWINS)
def test_plus_plus_at_scale_zero_is_untold(name):
    result = run(name, point, noise(9), quadratic(4), TOLD, Guidance(0.0), noise)
    assert torch.allclose(result, torch.zeros_like(result), atol=1e-12)


@pytest.mark.parametrize("name", SAMPLERS)
def test_outside_the_interval_samplers_are_merely_told(name):
    closed = Guidance(0.5, interval=(0.0, 0.0))
    result = run(name, point, noise(9), quadratic(4), TOLD, closed, noise)
    assert torch.allclose(result, torch.ones_like(result))


def unequal(seen: list[torch.Tensor]):
    """A pair of unequal flows that notes the x it is given."""

    def pair(x: torch.Tensor, t: float, conditions: object) -> tuple[torch.Tensor, torch.Tensor]:
        seen.append(x)
        return MIXTURE.flow(x, t), GAUSSIAN.flow(x, t)

    return pair


def test_euler_plus_plus_goes_back_out_by_the_untold_noise():
    seen: list[torch.Tensor] = []
    euler_plus_plus(unequal(seen), noise(9), [1.0, 0.6, 0.2, 0.0], None, Guidance(0.7).lean)
    v_c, v_u = unequal([])(seen[1], 0.6, None)
    x0 = seen[1] - 0.6 * (0.7 * v_c + 0.3 * v_u)
    eps_u = seen[1] + (1 - 0.6) * v_u
    assert torch.allclose(seen[2], 0.8 * x0 + 0.2 * eps_u)


@pytest.mark.parametrize(("name", "steps", "most"), [
    ("euler++", 6, 1.0), ("euler++", 20, 2.5), ("ping-pong++", 6, 1.0), ("ping-pong++", 20, 1.0),
])
def test_leaning_does_not_run_away_with_the_steps(name, steps, most):
    """Told, the data are N(1, .4), untold N(0, .4): what comes out lies near what is told."""

    def flow(x: torch.Tensor, t: float, told: torch.Tensor) -> torch.Tensor:
        spread = (1 - t) ** 2 * 0.16 + t * t
        x0 = told + (1 - t) * 0.16 / spread * (x - (1 - t) * told)
        return (x - x0) / t

    generator = torch.Generator().manual_seed(0)
    drawn = iter(torch.randn(64, 2, 2048, 1, generator=generator, dtype=torch.float64).unbind())
    result = run(
        name, flow, next(drawn), quadratic(steps), TOLD, Guidance(0.7), lambda k: next(drawn)
    )
    assert 0.5 < result.mean() < most


def test_ping_pong_plus_plus_goes_back_out_from_the_untold_data():
    seen: list[torch.Tensor] = []
    lean = Guidance(0.7).lean
    ping_pong_plus_plus(unequal(seen), noise(9), [1.0, 0.6, 0.2, 0.0], None, lean, noise)
    v_c, v_u = unequal([])(seen[1], 0.6, None)
    x0 = seen[1] - 0.6 * (0.7 * v_c + 0.3 * v_u)
    x0_u = seen[1] - 0.6 * v_u
    assert torch.allclose(seen[2], x0 + 0.2 * (noise(1) - x0_u))


def test_rescaled_guidance_is_passed_on():
    times = [1.0, 0.5, 0.0]

    def mixed(x: torch.Tensor, t: float, told: torch.Tensor) -> torch.Tensor:
        return told * MIXTURE.flow(x, t) + (1 - told) * GAUSSIAN.flow(x, t)

    for name in SAMPLERS:
        plain = run(name, mixed, noise(9), times, TOLD, Guidance(0.6), noise)
        rescaled = run(name, mixed, noise(9), times, TOLD, Guidance(0.6, 1.0), noise)
        assert float((plain - rescaled).abs().max()) > 1e-3
