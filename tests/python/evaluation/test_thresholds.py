from __future__ import annotations

from dataclasses import replace

from sideman.evaluation.scores import (
    CODEC,
    MINI_CLOCK,
    MINI_FREE,
    MINI_TRACKED,
    TRUE,
    Score,
    Take,
    summarise,
)
from sideman.evaluation.thresholds import shortfalls, tracking_shortfalls

GOOD = Score(
    harmony_lift=0.05, chord_tones=0.5, a8=0.8, a16=0.5, beat_f1=0.5, density=2.0, audible=0.6,
    level=-25.0, peak=-8.0,
)
PARTS = ("bass", "drums", "guitar", "piano")


def summary(changes=None, pieces=12):
    """Twelve equal pieces; `changes` maps (row, part) to other figures."""
    takes = []
    for row in (MINI_CLOCK, TRUE, CODEC):
        for part in PARTS:
            score = replace(GOOD, **(changes or {}).get((row, part), {}))
            takes += [Take(f"piece-{n}", part, row, score) for n in range(pieces)]
    return summarise(takes)


def test_a_good_model_has_no_shortfall():
    assert shortfalls(summary()) == []


def test_the_codec_must_keep_80_percent_of_each():
    lines = shortfalls(summary({(CODEC, "bass"): {"harmony_lift": 0.039},
                                (CODEC, "drums"): {"a8": 0.6, "harmony_lift": 0.0}}))
    assert len(lines) == 2
    assert "codec, bass: keeps 78% of harmony lift" in lines[0]
    assert "codec, drums: keeps 75% of a8" in lines[1]


def test_two_pitched_parts_must_follow_harmony():
    lost = {"harmony_lift": 0.0}
    assert not shortfalls(summary({(MINI_CLOCK, "bass"): lost}))
    lines = shortfalls(summary({(MINI_CLOCK, "bass"): lost, (MINI_CLOCK, "piano"): lost}))
    assert len(lines) == 1 and lines[0].startswith("harmony lift")


def test_an_interval_that_touches_zero_does_not_count():
    takes = []
    for row in (MINI_CLOCK, TRUE, CODEC):
        for part in ("bass", "piano"):
            lifts = [0.2, -0.1] * 6 if row == MINI_CLOCK else [0.1] * 12
            takes += [Take(f"piece-{n}", part, row, replace(GOOD, harmony_lift=lift))
                      for n, lift in enumerate(lifts)]
    assert [line.split(":")[0] for line in shortfalls(summarise(takes))] == ["harmony lift"]


def test_two_parts_must_have_half_the_true_a8():
    lost = {(MINI_CLOCK, part): {"a8": 0.39} for part in PARTS[:3]}
    lines = shortfalls(summary(lost))
    assert len(lines) == 1 and lines[0].startswith("a8") and "bass 0.39 of 0.80" in lines[0]
    del lost[MINI_CLOCK, "bass"]
    assert shortfalls(summary(lost)) == []


def test_a_part_must_be_audible_and_there_must_be_enough_pieces():
    lines = shortfalls(summary({(MINI_CLOCK, "guitar"): {"audible": 0.2}}, pieces=11))
    assert lines[0].startswith("pieces: 11")
    assert lines[1].startswith("audible, guitar")


def test_nothing_played_meets_nothing():
    lines = shortfalls(summarise([]))
    assert [line.split(":")[0] for line in lines] == ["pieces", "harmony lift", "a8"]


def tracked(right: float, given: float, heard: float, free: float) -> list[Take]:
    """Four takes of one part with each kind of clock; `right`: how often the tracker was."""
    rows = ((MINI_CLOCK, given, None), (MINI_TRACKED, heard, right), (MINI_FREE, free, None))
    return [
        Take(f"piece-{n}", "bass", row, replace(GOOD, a8=a8), share)
        for n in range(4)
        for row, a8, share in rows
    ]


def test_where_the_tracker_is_right_most_of_the_a8_must_be_kept():
    assert tracking_shortfalls(tracked(0.95, given=0.8, heard=0.57, free=0.0)) == []
    (line,) = tracking_shortfalls(tracked(0.95, given=0.8, heard=0.5, free=0.0))
    assert "tracker right (4 takes): 0.50, 70% of 0.80" in line


def test_where_the_tracker_is_wrong_it_must_not_do_harm():
    right = [replace(t, piece="right") for t in tracked(0.9, given=0.8, heard=0.8, free=0.0)[:9]]
    assert tracking_shortfalls(right + tracked(0.3, given=0.8, heard=-0.1, free=0.0)) == []
    (line,) = tracking_shortfalls(right + tracked(0.3, given=0.8, heard=-0.3, free=0.0))
    assert "tracker wrong (4 takes): -0.30, without a clock 0.00" in line


def test_a_tracker_that_is_hardly_ever_right_is_told():
    (line,) = tracking_shortfalls(tracked(0.0, given=0.8, heard=0.0, free=0.0))
    assert line == "tracker right in 0 of 4 takes, at least 35% are needed"
