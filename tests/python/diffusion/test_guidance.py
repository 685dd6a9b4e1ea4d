"""Guidance: where it leans, how far, and when it does not."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sideman.diffusion.guidance import BRANCHES, Guidance, apart, guided, paired
from sideman.errors import SettingsError

SHIFTS = torch.tensor([7.0, 3.0, 1.0]).view(3, 1, 1)


def shifted(x: torch.Tensor, t: float, shift: torch.Tensor) -> torch.Tensor:
    return x + shift


def flows(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    chance = torch.Generator().manual_seed(seed)
    v_c, v_u = torch.randn(2, 3, 5, 8, generator=chance, dtype=torch.float64)
    return v_c, v_u


def test_pair_is_told_and_untold_from_three_times_the_rows():
    shapes = []

    def denoise(x: torch.Tensor, t: float, shift: torch.Tensor) -> torch.Tensor:
        shapes.append(tuple(x.shape))
        return x + shift

    rows = torch.tensor([1.0, 2.0]).view(2, 1, 1).expand(2, 4, 3)
    v_c, v_u = paired(denoise)(rows, 0.5, SHIFTS.repeat_interleave(2, dim=0))
    assert shapes == [(BRANCHES * 2, 4, 3)]
    assert torch.equal(v_c, rows + 7)
    assert torch.equal(v_u, rows + 7 - (3 - 1))


@pytest.mark.parametrize(("scale", "expected"), [(2.5, 8 + 1.5 * 2), (0, 8 - 2), (7, 8 + 6 * 2)])
def test_leaning_adds_told_minus_untold(scale, expected):
    lean = guided(shifted, Guidance(scale))
    assert lean(torch.ones(1, 1, 1), 0.5, SHIFTS).flatten().tolist() == [expected]


def test_with_listening_a_block_goes_over_from_its_past_to_the_music():
    x = torch.ones(1, 1, 5)
    v_c, v_u = paired(shifted, 0.5)(x, 0.5, SHIFTS)
    assert v_c.flatten().tolist() == [8.0, 7.5, 7.0, 6.5, 6.0]  # from whole, 8, half the way to told, 4
    assert torch.equal(v_c - v_u, torch.full_like(x, 2.0))
    assert guided(shifted, Guidance(1, listening=1.0))(x, 0.5, SHIFTS[:1]).tolist() == [[[8.0] * 5]]
    assert paired(shifted, 1.0)(x[..., :1], 0.5, SHIFTS)[0].flatten().tolist() == [8.0]


def test_leaning_grows_within_a_block_from_none_to_twice():
    x = torch.ones(1, 1, 5)
    v_c, v_u = paired(shifted, 0.0, 1.0)(x, 0.5, SHIFTS)
    assert v_c.flatten().tolist() == [8.0] * 5
    assert (v_c - v_u).flatten().tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    leant = guided(shifted, Guidance(2.5, growing=0.5))(x, 0.5, SHIFTS)
    assert leant.flatten().tolist() == [8 + 1.5 * 2 * weight for weight in (0.5, 0.75, 1, 1.25, 1.5)]
    assert guided(shifted, Guidance(2.5, growing=1.0))(x[..., :1], 0.5, SHIFTS).tolist() == [[[8 + 1.5 * 2]]]
    assert guided(shifted, Guidance(1, growing=1.0))(x, 0.5, SHIFTS[:1]).tolist() == [[[8.0] * 5]]


def test_scale_one_asks_the_model_once():
    assert Guidance(1).branches == 1
    assert Guidance(1, rescale=0.7, interval=(0.2, 0.4)).branches == 1
    assert Guidance(1.5).branches == BRANCHES
    assert guided(shifted, Guidance(1)) is shifted
    x = torch.ones(1, 1, 1)
    v_c, v_u = apart(shifted, Guidance(1))(x, 0.5, SHIFTS[:1])
    assert v_c.tolist() == v_u.tolist() == [[[8]]]


@given(seed=st.integers(0, 1000), scale=st.floats(1.5, 15))
def test_full_rescale_gives_each_row_the_spread_it_is_told(seed, scale):
    v_c, v_u = flows(seed)
    plain, rescaled = Guidance(scale).lean(v_c, v_u), Guidance(scale, 1.0).lean(v_c, v_u)
    assert torch.allclose(rescaled.std(dim=(1, 2)), v_c.std(dim=(1, 2)))
    ratio = rescaled / plain
    assert torch.allclose(ratio, ratio[:, :1, :1].expand_as(ratio))


@given(seed=st.integers(0, 1000), share=st.floats(0, 1))
def test_partial_rescale_is_a_mixture(seed, share):
    v_c, v_u = flows(seed)
    none, whole = Guidance(4).lean(v_c, v_u), Guidance(4, 1.0).lean(v_c, v_u)
    mixed = Guidance(4, share).lean(v_c, v_u)
    assert torch.allclose(mixed, share * whole + (1 - share) * none)


def test_rescale_leaves_a_flow_without_spread_alone():
    v_c, v_u = torch.ones(2, 3, 4), torch.zeros(2, 3, 4)
    assert torch.equal(Guidance(3, rescale=1.0).lean(v_c, v_u), torch.full((2, 3, 4), 3.0))


@pytest.mark.parametrize(
    ("t", "acts"), [(1.0, False), (0.8, True), (0.5, True), (0.3, False), (0.1, False)]
)
def test_guidance_acts_only_inside_its_interval(t, acts):
    guidance, x = Guidance(2.5, interval=(0.3, 0.8)), torch.ones(1, 1, 1)
    v = guided(shifted, guidance)(x, t, SHIFTS)
    v_c, v_u = apart(shifted, guidance)(x, t, SHIFTS)
    assert float(v) == (11 if acts else 8)
    assert float(v_c) == 8
    assert float(v_u) == (6 if acts else 8)


def test_the_usual_interval_holds_every_time_of_a_schedule():
    assert all(Guidance(2).acts(t) for t in (1.0, 0.5, 1e-6))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scale": float("nan")}, "scale is nan; give a finite number"),
        ({"scale": 2, "rescale": 1.1}, "rescale is 1.1; give 0 to 1"),
        ({"scale": 2, "growing": 1.1}, "growing is 1.1; give 0 to 1"),
        ({"scale": 2, "interval": (0.8, 0.3)}, "interval is 0.8 to 0.3; give rising times"),
        ({"scale": 2, "interval": (0.0, 1.5)}, "interval is 0.0 to 1.5; give rising times"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        Guidance(**settings)
