"""Manners are told as they are: who rests late, who comes back late, who is loud, who bangs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from note_pieces import write_piece

from sideman.data.tempo import TempoMap
from sideman.evaluation import etiquette
from sideman.evaluation.etiquette import Manners, hole_in, observe, shortfalls, summarise, with_hole


@pytest.fixture
def piece(tmp_path):
    return write_piece(tmp_path, 0, seconds=24.0)


def tone(piece, level: float = 0.1) -> np.ndarray:
    time = np.arange(piece.samples) / piece.sample_rate
    return (level * np.sin(2 * np.pi * 220 * time)).astype(np.float32)


def test_the_hole_is_whole_bars_within_the_piece_and_silent(piece) -> None:
    first, last = hole_in(piece)
    bar = piece.beats_per_bar * 60 / piece.bpm * piece.sample_rate
    assert (last - first) / bar == pytest.approx(round((last - first) / bar), abs=1e-3)
    assert last - first >= 6 * piece.sample_rate
    heard = with_hole(tone(piece), (first, last), piece.sample_rate)
    assert not heard[first + 1000 : last - 1000].any()
    assert np.array_equal(heard[:first], tone(piece)[:first])


def test_a_piece_too_short_for_a_hole_has_none(tmp_path) -> None:
    assert hole_in(write_piece(tmp_path, 1, seconds=8.0)) is None


def test_a_hole_begins_on_a_bar_of_the_piece_however_it_was_cut(piece) -> None:
    cut = replace(piece, downbeat_sample=piece.downbeat_sample - 40 * 44100)
    first, last = hole_in(cut)
    assert 0 < first < last < cut.samples
    moving = replace(piece, tempo=TempoMap("drifting", (0.0, 16.0, 64.0), (0.0, 9.0, 33.0)))
    for one in (cut, moving):
        bars = np.array([one.beat_at(end) for end in hole_in(one)]) / one.beats_per_bar
        assert bars == pytest.approx(np.round(bars), abs=1e-3)


def test_a_piece_whose_beat_nobody_knows_has_no_hole(piece) -> None:
    assert hole_in(replace(piece, bpm=0.0)) is None


def test_who_rests_late_and_is_back_late_is_told_by_how_much(piece) -> None:
    hole = hole_in(piece)
    played = tone(piece)
    played[hole[0] + 22050 : hole[1] + 44100] = 0
    told = observe(piece, piece.parts[0], hole, played)
    assert told.rest == pytest.approx(0.5, abs=0.06)
    assert told.back == pytest.approx(1.0, abs=0.06)
    assert told.peak == pytest.approx(-20, abs=0.1)


def test_who_plays_on_rests_as_late_as_the_hole_is_long(piece) -> None:
    hole = hole_in(piece)
    told = observe(piece, piece.parts[0], hole, tone(piece))
    assert told.rest == pytest.approx((hole[1] - hole[0]) / piece.sample_rate, abs=0.1)
    assert told.back is None, "who never left is not back"


def test_who_never_comes_back_is_late_by_the_rest_of_the_piece(piece) -> None:
    hole = hole_in(piece)
    played = tone(piece)
    played[hole[0] :] = 0
    told = observe(piece, piece.parts[0], hole, played)
    assert told.back == pytest.approx((piece.samples - hole[1]) / piece.sample_rate)
    assert "is back within" in shortfalls([told], 0.33)[0]


def test_level_is_against_the_true_part_and_a_bang_at_the_start_shows(piece) -> None:
    true = piece.audio(piece.parts[0])
    louder = observe(piece, piece.parts[0], hole_in(piece), 2 * true)
    assert louder.level == pytest.approx(6.0, abs=0.5)
    banging = tone(piece, 0.05)
    banging[2000:4000] *= 8
    assert observe(piece, piece.parts[0], hole_in(piece), banging).start > 15


def test_silence_has_a_peak_and_nothing_else(piece) -> None:
    told = observe(piece, piece.parts[0], hole_in(piece), np.zeros(piece.samples, np.float32))
    assert (told.rest, told.level, told.start) == (None, None, None)
    assert told.back == pytest.approx((piece.samples - hole_in(piece)[1]) / piece.sample_rate)
    assert told.peak == -120


def manners(**told) -> Manners:
    usual = {"rest": 0.4, "back": 0.4, "level": 1.0, "peak": -8.0, "start": -2.0}
    return Manners("one", "bass", 0.5, **{**usual, **told})


def test_good_manners_have_no_shortfalls_and_each_bad_one_has_its_line() -> None:
    assert shortfalls([manners()] * 10, 0.33) == []
    for told, words in (
        ({"rest": 2.0}, "rests within a reaction and a beat in 0 of 10"),
        ({"back": 2.0}, "is back within a reaction and a beat in 0 of 10"),
        ({"peak": 0.5}, "reaches full scale"),
        ({"level": -9.0}, "bass: -9.0 dB against the true part"),
        ({"start": 3.0}, "bass: starts +3.0 dB above"),
    ):
        (line,) = shortfalls([manners(**told)] * 10, 0.33)
        assert words in line


def test_nothing_measured_meets_nothing() -> None:
    for takes in ([], [manners(rest=None, back=None, level=None, start=None)] * 10):
        lines = shortfalls(takes, 0.33)
        assert [line.split(" ")[0] for line in lines] == ["rests", "is"]


def test_report_has_all_takes_and_a_picture(tmp_path) -> None:
    told = [manners(), manners(rest=None)]
    paths = etiquette.write(tmp_path, {"model": "mini"}, told, 0.33)
    assert all(path.stat().st_size > 300 for path in paths)
    assert summarise(told)["bass"]["rest"].pieces == 1
