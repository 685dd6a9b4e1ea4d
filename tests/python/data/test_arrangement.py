"""Forms fill their bars; arrangements keep the music going and every part in it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.data.arrangement import arrange, form
from sideman.data.score import PARTS


@given(st.integers(1, 60), st.integers(0, 10_000))
def test_sections_cover_the_bars_without_gaps(bars: int, seed: int) -> None:
    sections = form(np.random.default_rng(seed), bars)
    covered = [bar for s in sections for bar in range(s.first_bar, s.first_bar + s.bars)]
    assert covered == list(range(bars))


@settings(deadline=None)
@given(
    st.integers(4, 24),
    st.integers(0, 10_000),
    st.sets(st.sampled_from(PARTS), min_size=2).map(sorted),
)
def test_music_never_stops_and_no_part_is_left_out(bars: int, seed: int, present) -> None:
    rng = np.random.default_rng(seed)
    sections = form(rng, bars)
    roles = arrange(rng, sections, present)
    intro = sections[0].name == "intro"
    for bar in range(bars):
        playing = [part for part in present if roles[part][bar]]
        assert len(playing) >= (1 if intro and bar < 2 else 2)
        assert set(playing) - {"drums"}
    for part in present:
        assert sum(role is not None for role in roles[part]) >= 0.35 * bars
