"""What is kept of a teacher, and what falls short."""

from __future__ import annotations


import pytest
from small_model import small_model
from small_window import small_window_model

from sideman.errors import SettingsError
from sideman.evaluation.distilled import (
    check_families,
    kept_shares,
    sampling_seconds,
    shortfalls,
)
from sideman.evaluation.reach import playings_of
from sideman.evaluation.stages import Row

TEACHER = Row("teacher", 10.0, 8.0, 0.02, (0.01, 0.03), 0.05, (-0.02, 0.1), 16)


def student(**changes) -> Row:
    usual = {
        "name": "student", "latent_distance": 10.0, "mel_distance": 8.0, "harmony_lift": 0.02,
        "harmony_interval": (0.0, 0.03), "a8": 0.0, "a8_interval": (0.0, 0.0), "network_calls": 2,
    }  # fmt: skip
    return Row(**{**usual, **changes})


def test_a_student_like_its_teacher_keeps_all_that_there_is_to_keep():
    shares = {share.figure: share for share in kept_shares(TEACHER, student())}
    assert [shares[f].share for f in ("latent_distance", "mel_distance", "harmony_lift")] == [1, 1, 1]
    assert shares["a8"].share is None, "the teacher's own is not told from chance"
    assert shortfalls(list(shares.values()), 8.0) == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"mel_distance": 9.0}, "mel_distance"), ({"latent_distance": 12.0}, "latent_distance"),
     ({"harmony_lift": 0.017}, "harmony_lift")],
)  # fmt: skip
def test_less_than_nine_tenths_is_named(changes, named):
    (short,) = shortfalls(kept_shares(TEACHER, student(**changes)), 8.0)
    assert short.startswith(named)
    assert "4.0 times as fast" in shortfalls(kept_shares(TEACHER, student()), 4.0)[0]


def test_who_fills_no_window_is_neither_teacher_nor_student():
    check_families([small_window_model(), small_window_model(kind="edm")])
    with pytest.raises(SettingsError, match="small as teacher or student: it is of the block family"):
        check_families([small_window_model(), small_model()])


def test_sampling_asks_the_network_as_often_as_is_told():
    models = {"teacher": small_window_model(kind="edm"), "student": small_window_model()}
    playings = [
        playing
        for (name, model), steps in zip(models.items(), (5, 2), strict=True)
        for playing in playings_of(name, model, (), [steps])
    ]
    assert [playing.network_calls for playing in playings] == [16, 2]
    asked = dict.fromkeys(models, 0)
    for name, model in models.items():

        def counted(*_, name=name):
            asked[name] += 1

        model.network.register_forward_hook(counted)
    seconds = sampling_seconds(playings, rounds=3)
    assert asked == {"teacher": 4 * 16, "student": 4 * 2}, "three rounds after one that warms up"
    assert all(one > 0 for one in seconds)
