"""Samplers, schedules and guidance against flows that are known exactly."""

from __future__ import annotations

import pytest
import torch

from sideman.diffusion.guidance import guided
from sideman.diffusion.losses import flow_loss, logit_normal_times, mix
from sideman.diffusion.samplers import euler, ping_pong
from sideman.diffusion.schedules import log_snr, quadratic, uniform

MEAN, SPREAD = 1.5, 0.4


def gaussian_flow(x: torch.Tensor, t: float, conditions: object) -> torch.Tensor:
    """E[eps - x0 | x_t] for x0 ~ N(MEAN, SPREAD^2), exactly."""
    variance = (1 - t) ** 2 * SPREAD**2 + t**2
    surprise = (x - (1 - t) * MEAN) / variance
    return t * surprise - (MEAN + (1 - t) * SPREAD**2 * surprise)


def gaussian_jump(x: torch.Tensor, t: float, conditions: object) -> torch.Tensor:
    """The flow whose x0 = x - t v is a sample: what distillation teaches, and ping-pong needs."""
    surprise = (x - (1 - t) * MEAN) / ((1 - t) ** 2 * SPREAD**2 + t**2) ** 0.5
    return (x - (MEAN + SPREAD * surprise)) / t


def noise(seed: int = 0, count: int = 20_000) -> torch.Tensor:
    return torch.randn(count, generator=torch.Generator().manual_seed(seed))


def test_euler_recovers_a_gaussian():
    x = euler(gaussian_flow, noise(), uniform(50), None)
    assert float(x.mean()) == pytest.approx(MEAN, abs=0.02)
    assert float(x.std()) == pytest.approx(SPREAD, abs=0.02)


def test_ping_pong_recovers_a_gaussian():
    generator = torch.Generator().manual_seed(3)
    x = ping_pong(
        gaussian_jump, noise(), log_snr(8), None, lambda: torch.randn(20_000, generator=generator)
    )
    assert float(x.mean()) == pytest.approx(MEAN, abs=0.02)
    assert float(x.std()) == pytest.approx(SPREAD, abs=0.02)


def test_one_step_of_ping_pong_is_the_predicted_data():
    x = noise(count=8)

    def never() -> torch.Tensor:
        raise AssertionError("one step draws no new noise")

    expected = x - gaussian_flow(x, 1.0, None)
    assert torch.equal(ping_pong(gaussian_flow, x, uniform(1), None, never), expected)


@pytest.mark.parametrize("sampler", ["euler", "ping_pong"])
def test_limit_holds_the_result_in_range(sampler):
    def clip(x0: torch.Tensor) -> torch.Tensor:
        return x0.clamp(max=1.6)

    if sampler == "euler":
        x = euler(gaussian_flow, noise(), uniform(8), None, clip)
    else:
        x = ping_pong(gaussian_flow, noise(), uniform(8), None, lambda: noise(5), clip)
    assert float(x.max()) <= 1.6 + 1e-5
    assert float(euler(gaussian_flow, noise(), uniform(8), None).max()) > 1.8


def test_conditions_reach_the_denoiser():
    seen = []
    euler(lambda x, t, c: seen.append((t, c)) or x, noise(count=2), uniform(2), "told")
    assert seen == [(1.0, "told"), (0.5, "told")]


def test_guidance_at_one_is_none_and_otherwise_leans():
    def denoise(x: torch.Tensor, t: float, shift: torch.Tensor) -> torch.Tensor:
        return x + shift

    x, shift = torch.ones(1, 1, 1), torch.tensor([7.0, 3.0, 1.0]).view(3, 1, 1)
    assert guided(denoise, 1) is denoise
    assert guided(denoise, 2.5)(x, 0.5, shift).flatten().tolist() == [1 + 7 + 1.5 * 2]
    assert guided(denoise, 0)(x, 0.5, shift).flatten().tolist() == [1 + 7 - 2]


def test_log_snr_values():
    assert log_snr(2) == pytest.approx([1, 0.8808, 0], abs=1e-4)
    assert log_snr(6) == pytest.approx([1, 0.9907, 0.9656, 0.8808, 0.6608, 0.3392, 0], abs=1e-4)
    assert quadratic(4) == [1, 0.9375, 0.75, 0.4375, 0]
    assert uniform(4) == [1, 0.75, 0.5, 0.25, 0]


@pytest.mark.parametrize("schedule", [uniform, quadratic, log_snr])
def test_schedule_without_steps_is_refused(schedule):
    with pytest.raises(ValueError, match="at least 1 step, got 0"):
        schedule(0)


def test_loss_is_zero_for_the_true_flow_only():
    x0, eps = noise(1, 5), noise(2, 5)
    assert torch.equal(mix(x0, eps, torch.tensor(1.0)), eps)
    assert torch.equal(mix(x0, eps, torch.tensor(0.0)), x0)
    assert not flow_loss(eps - x0, x0, eps).any()
    assert flow_loss(x0 - eps, x0, eps).all()


def test_times_cover_both_ends_and_are_reproducible():
    t = logit_normal_times((10_000,), torch.Generator().manual_seed(0), 0.4, 1.2)
    again = logit_normal_times((10_000,), torch.Generator().manual_seed(0), 0.4, 1.2)
    assert torch.equal(t, again)
    assert 0 < float(t.min()) < 0.02
    assert 0.98 < float(t.max()) <= 1
    assert float(t.median()) == pytest.approx(0.59, abs=0.03)
