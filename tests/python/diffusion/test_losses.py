"""The loss of a rectified flow, and how its noise levels are drawn."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sideman.diffusion.losses import (
    flow_loss,
    length_shifted,
    length_shifted_times,
    logit_normal_times,
    mix,
    stratified_times,
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_loss_is_zero_for_the_true_flow_only():
    x0, eps = torch.randn(5, generator=seeded(1)), torch.randn(5, generator=seeded(2))
    assert torch.equal(mix(x0, eps, torch.tensor(1.0)), eps)
    assert torch.equal(mix(x0, eps, torch.tensor(0.0)), x0)
    assert not flow_loss(eps - x0, x0, eps).any()
    assert flow_loss(x0 - eps, x0, eps).all()


def test_logit_normal_times_cover_both_ends_and_are_reproducible():
    t = logit_normal_times((10_000,), seeded(), 0.4, 1.2)
    assert torch.equal(t, logit_normal_times((10_000,), seeded(), 0.4, 1.2))
    assert 0 < float(t.min()) < 0.02
    assert 0.98 < float(t.max()) <= 1
    assert float(t.median()) == pytest.approx(0.59, abs=0.03)


@given(rows=st.integers(1, 9), columns=st.integers(1, 9), seed=st.integers(0, 2**31))
def test_stratified_times_put_one_draw_in_each_stratum(rows, columns, seed):
    t = stratified_times((rows, columns), seeded(seed))
    count = rows * columns
    assert t.shape == (rows, columns)
    assert 0 <= float(t.min()) and float(t.max()) <= 1
    middles = (torch.arange(count) + 0.5) / count
    assert (t.flatten().sort().values - middles).abs().max() <= 0.5 / count + 1e-6
    assert torch.equal(t, stratified_times((rows, columns), seeded(seed)))


def test_each_place_of_a_batch_draws_every_level():
    draws = torch.stack([stratified_times((4,), seeded(seed)) for seed in range(2000)])
    assert draws.mean(0).tolist() == pytest.approx([0.5] * 4, abs=0.03)
    assert draws.var(0).tolist() == pytest.approx([1 / 12] * 4, abs=0.01)


@pytest.mark.parametrize(
    ("frames", "t", "expected"),
    [(240, 0.5, 0.6225), (256, 0.5, 0.6225), (4096, 0.5, 0.7595), (9999, 0.5, 0.7595)],
)
def test_length_shift_has_the_published_values(frames, t, expected):
    assert float(length_shifted(torch.tensor(t), frames)) == pytest.approx(expected, abs=5e-5)


@given(frames=st.integers(1, 10_000))
def test_length_shift_is_the_published_map_and_keeps_both_ends(frames):
    t = torch.linspace(0, 1, 33, dtype=torch.float64)
    shifted = length_shifted(t, frames)
    assert shifted[0] == 0 and shifted[-1] == 1
    assert (shifted.diff() > 0).all()
    assert (shifted[1:-1] > t[1:-1]).all()
    ratio = torch.tensor(-(0.5 + 0.65 * (min(max(frames, 256), 4096) - 256) / 3840)).exp()
    inner = t[1:-1]
    published = 1 - ratio / (ratio + 1 / (1 - inner) - 1)
    assert torch.allclose(shifted[1:-1], published, atol=1e-6)


def test_length_shifted_times_are_shifted_draws():
    t = length_shifted_times((500, 4), seeded(), 240)
    assert torch.equal(t, length_shifted(stratified_times((500, 4), seeded()), 240))
    assert float(t.median()) == pytest.approx(0.6225, abs=1e-3)
