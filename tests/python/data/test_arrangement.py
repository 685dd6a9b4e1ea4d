"""Forms fill their bars; arrangements keep the music going and every part in it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sideman.data.arrangement import LIFT, arrange, dynamics, form
from sideman.data.score import PARTS


@given(st.integers(1, 60), st.integers(0, 10_000))
def test_sections_cover_the_bars_without_gaps(bars: int, seed: int) -> None:
    sections = form(np.random.default_rng(seed), bars)
    covered = [bar for s in sections for bar in range(s.first_bar, s.first_bar + s.bars)]
    assert covered == list(range(bars))


@given(
    st.integers(4, 24),
    st.integers(0, 10_000),
    st.sets(st.sampled_from(PARTS), min_size=2).map(sorted),
)
def test_music_stops_only_in_the_middle_and_no_part_is_left_out(
    bars: int, seed: int, present
) -> None:
    rng = np.random.default_rng(seed)
    sections = form(rng, bars)
    roles = arrange(rng, sections, present)
    intro = sections[0].name == "intro"
    thin = []
    for bar in range(bars):
        playing = [part for part in present if roles[part][bar]]
        if len(playing) < (1 if intro and bar < 2 else 2):
            thin.append(bar)
            assert set(playing) <= {"bass", "guitar", "piano"}
        else:
            assert set(playing) - {"drums"}
    assert len(thin) <= 6
    assert all(3 <= bar < bars - 1 for bar in thin)
    for part in present:
        assert sum(role is not None for role in roles[part]) >= 0.35 * bars


def test_more_than_a_quarter_of_the_pieces_fall_silent_for_a_bar_or_more_and_go_on() -> None:
    silent = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        roles = arrange(rng, form(rng, 16), PARTS)
        silent.append(sum(not any(roles[part][bar] for part in PARTS) for bar in range(16)))
        assert any(roles[part][15] for part in PARTS)
    assert 0.25 < np.mean(np.array(silent) > 0) < 0.35
    assert max(silent) <= 6


@given(st.integers(1, 60), st.integers(0, 10_000))
def test_each_bar_has_a_level_and_sections_of_one_name_share_it(bars: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sections = form(rng, bars)
    loud = dynamics(rng, sections)
    assert len(loud) == bars and all(0.6 < level < 1.3 for level in loud)
    for name in {section.name for section in sections}:
        assert len({loud[s.first_bar] for s in sections if s.name == name and s.bars > 2}) <= 1


def test_a_last_chorus_is_lifted_now_and_then() -> None:
    forms = [form(np.random.default_rng(seed), 32) for seed in range(200)]
    lifted = [sections for sections in forms if any(s.name == LIFT for s in sections)]
    assert 10 < len(lifted) < 100
    for sections in lifted:
        names = [s.name for s in sections]
        assert "chorus" in names[: names.index(LIFT)] and "chorus" not in names[names.index(LIFT) :]
