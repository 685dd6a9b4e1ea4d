"""What is kept of a teacher, and what falls short."""

from __future__ import annotations


import pytest
from small_window import small_window_model

from sideman.evaluation.distilled import kept_shares, sampling_seconds, shortfalls
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


def test_sixteen_evaluations_take_longer_than_two():
    slow = playings_of("teacher", small_window_model(kind="edm"), (), [5])
    fast = playings_of("student", small_window_model(), (), [2])
    assert (slow[0].network_calls, fast[0].network_calls) == (16, 2)
    one, other = sampling_seconds([*slow, *fast], rounds=3)
    assert one > 2 * other
