"""The paper's r and w as hop and lead."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.errors import SettingsError
from sideman.streaming.paper_window import hop_and_lead, r_and_w


@pytest.mark.parametrize(
    ("r", "w", "expected"),
    [
        (0.25, 1, (16, 16)), (0.125, 1, (8, 8)), (0.0625, 1, (4, 4)), (0.125, 0, (8, 0)),
        (0.25, -1, (16, -16)), (0.5, 0, (32, 0)), (0.5, -1, (32, -32)), (1, -1, (64, -64)),
        (0.125, 0.5, (8, 4)),
    ],
)  # fmt: skip
def test_published_settings_have_their_frames(r, w, expected):
    assert hop_and_lead(r, w, 64) == expected
    assert r_and_w(*expected, 64) == (r, w)


@pytest.mark.parametrize(
    ("r", "w", "why"),
    [
        (0.2, 1, "12.8 frames of a window of 64, and a hop is whole frames; give 0.1875 or 0.203125"),
        (0.1, 1, "give 0.09375 or 0.109375"),
        (0.5, 1, r"\(w \+ 2\) r is 1.5.*an r of at most 0.328125"),
        (0.001, 1, "give 0.015625"),
        (0, 1, "more than 0"), (1.5, 1, "at most 1"), (float("nan"), 1, "more than 0"),
        (0.25, -2, "give -1 or more"), (0.25, 0.3, "whole frames"), (0.25, float("inf"), "whole"),
    ],
)  # fmt: skip
def test_what_is_no_whole_frames_or_does_not_fit_is_refused_with_what_does(r, w, why):
    with pytest.raises(SettingsError, match=why):
        hop_and_lead(r, w, 64)


@pytest.mark.parametrize("window", [64, 96, 272])
@pytest.mark.parametrize("hops", [(), (4,)], ids=["any hop", "hops of 4"])
@pytest.mark.parametrize("w", [-1, 0.5, 1, 2.5])
@pytest.mark.parametrize("r", [0.001, 0.05, 0.2, 0.33, 0.7, 0.99])
def test_every_r_that_a_refusal_names_is_taken_as_it_is_printed(r, w, hops, window):
    try:
        hop_and_lead(r, w, window, hops)
    except SettingsError as refused:
        told = re.findall(r"[\d.]+", str(refused).partition("; give ")[2])
        assert told, refused
        for one in told:
            hop, _ = hop_and_lead(float(one), w, window, hops)
            assert not hops or hop in hops


def test_every_hop_is_had_with_the_six_digits_of_its_r():
    for window in (64, 96, 272, 1000):
        for hop in range(1, window // 3 + 1):
            assert hop_and_lead(float(f"{hop / window:g}"), 1, window) == (hop, hop)


@given(st.integers(1, 32), st.integers(1, 60), st.sampled_from([16, 32, 64, 128]))
def test_any_hop_and_lead_that_fit_come_back(hop, lead, window):
    if 2 * hop + lead <= window:
        assert hop_and_lead(*r_and_w(hop, lead, window), window) == (hop, lead)
