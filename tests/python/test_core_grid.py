"""Properties of the engine's Grid, over all the sizes that it accepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman._core import Grid
from sideman.errors import SettingsError

GRIDS = st.builds(
    Grid,
    sample_rate=st.sampled_from([8000, 44100, 48000, 96000]),
    frame_samples=st.integers(1, 4096),
    hop_frames=st.integers(1, 64),
    lead_frames=st.integers(0, 64),
    window_frames=st.integers(128, 512),
)
HOPS = st.integers(0, 2**40)


@given(GRIDS, HOPS)
def test_slots_and_hops_tile_time(grid: Grid, hop: int) -> None:
    for interval in (grid.heard, grid.slot):
        assert interval(hop)[1] - interval(hop)[0] == grid.hop_samples
        assert interval(hop)[1] == interval(hop + 1)[0]
    assert grid.heard(0)[0] == 0


@given(GRIDS, HOPS)
def test_a_slot_begins_a_lead_after_its_hop(grid: Grid, hop: int) -> None:
    assert grid.slot(hop)[0] == grid.heard(hop)[1] + grid.lead_samples
    assert grid.slot(hop)[0] - grid.heard(hop)[0] == grid.reaction_samples


@given(GRIDS, HOPS)
def test_a_hop_is_ready_exactly_when_its_last_sample_was_heard(grid: Grid, hop: int) -> None:
    ready = grid.hop_ready_at(hop)
    assert ready == grid.heard(hop)[1]
    assert grid.hops_ready(ready) == hop + 1
    assert grid.hops_ready(ready - 1) == hop


@given(GRIDS, HOPS, st.integers(0, 5000))
def test_the_deadline_leaves_room_for_the_fade(grid: Grid, hop: int, fade: int) -> None:
    assert grid.deadline(hop, fade) == grid.slot(hop)[0] - fade


@given(GRIDS)
def test_equal_grids_are_equal(grid: Grid) -> None:
    same = Grid(grid.sample_rate, grid.frame_samples, grid.hop_frames, grid.lead_frames,
                grid.window_frames)
    assert grid == same and hash(grid) == hash(same) and repr(grid) == repr(same)
    other = Grid(grid.sample_rate, grid.frame_samples, grid.hop_frames + 1)
    assert grid != other and grid != "a grid"


def test_what_cannot_work_is_refused_with_the_numbers() -> None:
    with pytest.raises(SettingsError, match="64"):
        Grid(hop_frames=64, window_frames=32).validate()
    with pytest.raises(SettingsError):
        Grid(lead_frames=-3).validate_live(441)
    Grid(lead_frames=-3).validate()
    Grid().validate_live(441)
