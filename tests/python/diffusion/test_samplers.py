"""Every sampler, by name, against flows that are known exactly."""

from __future__ import annotations

import pytest
import torch
from known_flows import GAUSSIAN, MIXTURE, Mixture, exact_noise

from sideman.diffusion.guidance import Guidance
from sideman.diffusion.samplers import dpm_solver, euler, ping_pong
from sideman.diffusion.sampling import SAMPLERS, run
from sideman.diffusion.schedules import log_snr, uniform
from sideman.errors import SettingsError

DRAWING = [name for name, sampler in SAMPLERS.items() if sampler.draws]
STEADY = [name for name, sampler in SAMPLERS.items() if not sampler.draws]


def noise(k: int = 0, count: int = 20_000) -> torch.Tensor:
    chance = torch.Generator().manual_seed(17 + k)
    return torch.randn(count, generator=chance, dtype=torch.float64)


def never(k: int) -> torch.Tensor:
    raise AssertionError("no new noise is needed")


def sampled(name: str, data: Mixture, steps: int) -> torch.Tensor:
    """20 000 samples of `data`; samplers that draw get the denoiser they are meant for."""
    if name in DRAWING:
        return run(name, data.jump, noise(99), log_snr(steps), None, Guidance(1), noise)
    return run(name, data.flow, exact_noise(20_000), uniform(steps), None, Guidance(1), never)


def test_the_five_samplers_have_their_names():
    assert list(SAMPLERS) == ["euler", "ping-pong", "dpm++", "euler++", "ping-pong++"]


@pytest.mark.parametrize("name", SAMPLERS)
def test_gaussian_is_recovered(name):
    x = sampled(name, GAUSSIAN, 8 if name in DRAWING else 50)
    assert float(x.mean()) == pytest.approx(1.5, abs=0.02)
    assert float(x.std()) == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("name", SAMPLERS)
def test_moments_of_a_mixture_are_recovered(name):
    x = sampled(name, MIXTURE, 4 if name in DRAWING else 100)
    assert float(x.mean()) == pytest.approx(MIXTURE.mean, abs=0.03)
    assert float(x.var()) == pytest.approx(MIXTURE.variance, rel=0.03)
    for component, share in enumerate(MIXTURE.weights):
        mine = x[(x < 0) == (component == 0)]
        assert len(mine) / len(x) == pytest.approx(share, abs=0.01)
        assert float(mine.mean()) == pytest.approx(MIXTURE.means[component], abs=0.03)
        assert float(mine.std()) == pytest.approx(MIXTURE.spreads[component], abs=0.03)


@pytest.mark.parametrize("name", DRAWING)
def test_one_step_is_the_predicted_data(name):
    x = noise(count=8)
    result = run(name, GAUSSIAN.flow, x, uniform(1), None, Guidance(1), never)
    assert torch.equal(result, x - GAUSSIAN.flow(x, 1.0))


def test_new_noise_is_asked_for_once_per_step_but_the_last():
    for name in DRAWING:
        asked = []
        x = noise(count=2)
        run(name, GAUSSIAN.jump, x, log_snr(4), None, Guidance(1), lambda k: asked.append(k) or x)
        assert asked == [0, 1, 2]


def test_ping_pong_mixes_the_noise_of_its_step():
    seen = []

    def denoise(x: torch.Tensor, t: float, conditions: object) -> torch.Tensor:
        seen.append(x)
        return GAUSSIAN.flow(x, t)

    ping_pong(denoise, noise(9), [1.0, 0.6, 0.2, 0.0], None, noise)
    x0 = seen[1] - 0.6 * GAUSSIAN.flow(seen[1], 0.6)
    assert torch.allclose(seen[2], 0.8 * x0 + 0.2 * noise(1))


@pytest.mark.parametrize("steps", [1, 2])
def test_dpm_solver_next_to_infinite_log_snr_is_euler(steps):
    times = log_snr(steps)
    x = noise(count=50)
    expected = euler(MIXTURE.flow, x, times, None)
    assert torch.allclose(dpm_solver(MIXTURE.flow, x, times, None), expected, atol=1e-12)


def test_dpm_solver_step_is_the_published_one():
    """Algorithm 2 of Lu et al. 2022 written out for one step between finite log SNRs."""
    times = [0.9, 0.6, 0.3]
    x, seen = torch.tensor([0.4, -1.0], dtype=torch.float64), []

    def denoise(x: torch.Tensor, t: float, conditions: object) -> torch.Tensor:
        v = MIXTURE.flow(x, t)
        seen.append((x, x - t * v))
        return v

    result = dpm_solver(denoise, x, times, None)
    (_, first), (middle, second) = seen
    level = [torch.tensor((1 - t) / t, dtype=torch.float64).log() for t in times]
    h_before, h = level[1] - level[0], level[2] - level[1]
    r = h_before / h
    ahead = (1 + 1 / (2 * r)) * second - 1 / (2 * r) * first
    published = 0.3 / 0.6 * middle - (1 - 0.3) * ((-h).exp() - 1) * ahead
    assert torch.allclose(result, published, atol=1e-12)


def test_dpm_solver_is_of_second_order_and_euler_of_first():
    """From t = 0.95 to 0.05, where log SNR is finite; a Gaussian keeps its quantiles on the way."""
    quantile = exact_noise(1000)

    def exact(t: float) -> torch.Tensor:
        return (1 - t) * 1.5 + ((1 - t) ** 2 * 0.4**2 + t**2) ** 0.5 * quantile

    def error(sampler, steps: int) -> float:
        times = torch.linspace(-3, 3, steps + 1, dtype=torch.float64).neg().sigmoid().tolist()
        x = sampler(GAUSSIAN.flow, exact(times[0]), times, None)
        return float((x - exact(times[-1])).abs().max())

    assert error(dpm_solver, 80) < 0.3 * error(dpm_solver, 40)
    assert error(euler, 80) > 0.45 * error(euler, 40)
    assert error(dpm_solver, 40) < 0.25 * error(euler, 40)


@pytest.mark.parametrize("name", SAMPLERS)
def test_limit_holds_the_result_in_range(name):
    def clip(x0: torch.Tensor) -> torch.Tensor:
        return x0.clamp(max=1.6)

    def largest(limit) -> float:
        x = noise(count=1000)
        told = Guidance(1)

        def fresh(k: int) -> torch.Tensor:
            return noise(k, 1000)

        return float(run(name, GAUSSIAN.jump, x, log_snr(4), None, told, fresh, limit).max())

    assert largest(clip) <= 1.6 + 1e-5
    assert largest(None) > 1.8


@pytest.mark.parametrize("name", SAMPLERS)
def test_conditions_reach_the_denoiser_at_every_time(name):
    seen = []

    def denoise(x: torch.Tensor, t: float, conditions: object) -> torch.Tensor:
        seen.append((t, conditions))
        return x

    x = noise(count=2)
    run(name, denoise, x, uniform(2), "told", Guidance(1), lambda k: x)
    assert seen == [(1.0, "told"), (0.5, "told")]


def test_unknown_sampler_is_refused_with_the_names():
    with pytest.raises(SettingsError) as refused:
        run("heun", GAUSSIAN.flow, noise(), uniform(2), None, Guidance(1), never)
    assert str(refused.value) == (
        "no sampler 'heun': give one of euler, ping-pong, dpm++, euler++, ping-pong++"
    )
