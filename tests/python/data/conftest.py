"""Short pieces, so that rendering in tests takes a moment, and the skip where it cannot be done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sideman.data.composer import plan_piece
from sideman.data.fluid import fluidsynth_missing
from sideman.data.score import FRAME_SAMPLES, Plan


def _short_plan(index: int, bars: int = 4) -> Plan:
    """A held-out plan (all four parts) cut to a few bars."""
    plan = plan_piece("heldout", 7, index)
    used = plan.sample_at(bars * plan.beats_per_bar) + 40000
    return replace(plan, bars=bars, samples=-(-used // FRAME_SAMPLES) * FRAME_SAMPLES)


@pytest.fixture(scope="session")
def fluidsynth() -> None:
    """Skip with the reason where FluidSynth or a sound font is missing."""
    reason = fluidsynth_missing()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def short_plans() -> list[Plan]:
    """Short plans of four different pieces."""
    return [_short_plan(index) for index in range(4)]
