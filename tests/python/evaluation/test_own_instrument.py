"""A tuned instrument is compared with the model it came from, on its own recordings, and says the truth."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from small_model import small_model

from sideman.errors import SettingsError
from sideman.evaluation import own_instrument
from sideman.evaluation.own_instrument import (
    GUIDANCES,
    LEARNT,
    OTHERS,
    SHARES,
    SOME,
    beaten_in,
    best_mixture,
    check_place,
    judged,
    shortfalls,
    write,
)
from sideman.evaluation.stages import Row
from sideman.evaluation.takes import PATIENCE


def row(name: str, latents: float, mel: float, harmony: float = 0.1, a8: float = 0.5) -> Row:
    return Row(name, latents, mel, harmony, (harmony - 0.02, harmony + 0.02), a8, (a8 - 0.1, a8 + 0.1), 4)


REAL = row("real, through the codec", 0.0, 0.0, 0.15, 0.9)
BASS, PIANO = row("untuned, bass", 90.0, 40.0, 0.2, 0.9), row("untuned, piano", 10.0, 20.0)


def test_the_rival_is_the_untuned_part_that_sounds_nearest():
    found = beaten_in([REAL, row("tuned", 5.0, 6.0), BASS, PIANO], True)
    assert {whose for _, _, whose in found.values()} == {"untuned, piano"}
    assert found["latent_distance"][:2] == (5.0, 10.0)


def test_where_the_rival_is_no_worse_it_is_said():
    rows = [REAL, row("tuned", 5.0, 6.0, harmony=0.05, a8=0.4), BASS, PIANO]
    assert len(shortfalls(rows, True)) == 2
    assert len(shortfalls(rows, False)) == 1  # no beat was known: a8 says nothing
    assert shortfalls([REAL, row("tuned", 5.0, 6.0, 0.11, 0.6), BASS, PIANO], True) == []


def test_who_fits_as_well_as_the_recordings_need_not_fit_better():
    swelling = row("real, through the codec", 0.0, 0.0, 0.09, 0.28)
    strict = row("untuned, piano", 10.0, 20.0, 0.12, 0.8)
    assert shortfalls([swelling, row("tuned", 5.0, 6.0, 0.1, 0.3), BASS, strict], True) == []
    assert len(shortfalls([swelling, row("tuned", 5.0, 6.0, 0.1, 0.2), BASS, strict], True)) == 1
    assert len(shortfalls([swelling, row("tuned", 15.0, 6.0, 0.1, 0.3), BASS, strict], True)) == 1


MODEL = SimpleNamespace(
    spec=SimpleNamespace(guidance=4.0, steps=4, sampler="euler", temperature=1.0)
)
RIVAL = SimpleNamespace(name="untuned")


def chosen(monkeypatch, heard, model=MODEL, told=True) -> tuple[float, float]:
    """Of rows by (share, guidance); what is not given is far away. The untuned one is at 16."""

    def compare(todo, pieces, report):
        assert todo[-1] is RIVAL
        played = [(share, scale) for share in SHARES for scale in GUIDANCES]
        rows = [row("tuned", *heard.get(pair, (99.0, 99.0))) for pair in played]
        return [REAL, *rows[: len(todo) - 1], row("untuned", 16.0, 16.0)]

    monkeypatch.setattr(own_instrument, "compare", compare)
    return best_mixture(dict.fromkeys(SHARES, model), RIVAL, [], told=told)


def test_of_all_that_sounds_like_the_recordings_it_takes_what_fits_best(monkeypatch):
    near, fitting, far = (4.0, 4.0, 0.10, 0.8), (7.9, 7.9, 0.14, 0.8), (8.1, 8.1, 0.2, 0.8)
    heard = {(1.0, 2.0): near, (0.7, 3.0): fitting, (0.55, 4.0): far}
    assert chosen(monkeypatch, heard) == (0.7, 3.0)


def test_more_eighths_than_the_recorded_part_keeps_gain_nothing(monkeypatch):
    plays, ticks = (4.0, 4.0, 0.14, 0.9), (4.0, 4.0, 0.13, 1.0)
    assert chosen(monkeypatch, {(1.0, 2.0): ticks, (0.7, 3.0): plays}) == (0.7, 3.0)
    drags = (4.0, 4.0, 0.14, 0.7)
    assert chosen(monkeypatch, {(1.0, 2.0): ticks, (0.7, 3.0): drags}) == (1.0, 2.0)


def test_where_the_untuned_one_is_nearer_the_nearest_is_taken(monkeypatch):
    heard = {(1.0, 2.0): (20.0, 20.0, 0.1, 0.5), (0.7, 3.0): (21.0, 21.0, 0.2, 0.9)}
    assert chosen(monkeypatch, heard) == (1.0, 2.0)


def test_a_base_without_guidance_is_given_none(monkeypatch):
    model = SimpleNamespace(
        spec=SimpleNamespace(guidance=1.0, steps=2, sampler="ping-pong", temperature=1.0)
    )
    asked = []

    def compare(todo, pieces, report):
        asked.extend(playing.controls.guidance for playing in todo[:-1])
        return [REAL, *(row("tuned", 4.0, 4.0) for _ in todo)]

    monkeypatch.setattr(own_instrument, "compare", compare)
    assert best_mixture(dict.fromkeys(SHARES, model), RIVAL, [])[1] == 1.0
    assert asked == [1.0] * len(SHARES)


def test_it_is_chosen_and_judged_as_the_object_plays(monkeypatch):
    patience = []

    def compare(todo, pieces, report):
        patience.extend(playing.controls.patience for playing in todo if playing is not RIVAL)
        return [REAL, *(row("tuned", 4.0, 4.0) for _ in todo)]

    monkeypatch.setattr(own_instrument, "compare", compare)
    best_mixture({1.0: MODEL}, RIVAL, [])
    judged(small_model(), small_model(), [])
    assert patience == [PATIENCE] * (len(GUIDANCES) + 1 + 4)


@pytest.mark.parametrize(
    ("on", "words"),
    [(OTHERS, "did not learn ("), (LEARNT, "it learnt ("), (SOME, "it learnt in part (")],
)
def test_the_heading_claims_no_unknown_music_where_it_was_learnt(tmp_path, monkeypatch, on, words):
    drawn = []
    monkeypatch.setattr(own_instrument, "_draw", lambda path, heading, *_: drawn.append(heading))
    rows = [REAL, row("tuned", 5.0, 6.0), BASS, PIANO]
    write(tmp_path, {"name": "kalimba", "judged_on": on}, rows, True, True)
    assert words in drawn[0] and on in drawn[0]


def test_by_a_beat_that_was_heard_the_recorded_part_is_no_measure_of_eighths(monkeypatch):
    """It did not play to it, and the models do."""
    recorded = replace(REAL, a8=0.4)
    loose, strict = (4.0, 4.0, 0.14, 0.5), (4.0, 4.0, 0.139, 0.9)
    monkeypatch.setitem(globals(), "REAL", recorded)
    heard = {(1.0, 2.0): strict, (0.7, 3.0): loose}
    assert chosen(monkeypatch, heard, told=True) == (0.7, 3.0)
    assert chosen(monkeypatch, heard, told=False) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("known", "told", "beat"), [(True, True, "told"), (True, False, "heard"), (False, False, "none")]
)
def test_the_report_is_written_and_drawn(tmp_path, known, told, beat):
    rows = [REAL, row("tuned", 5.0, 6.0), BASS, replace(PIANO, harmony_lift=0.3)]
    write(tmp_path, {"name": "kalimba", "judged_on": "whole takes"}, rows, known, told)
    found = json.loads((tmp_path / "report.json").read_text())
    assert [one["name"] for one in found["rows"]] == [one.name for one in rows]
    assert found["shortfalls"] == shortfalls(rows, told)
    assert (found["beat"], found["judged_on"]) == (beat, "whole takes")
    assert (tmp_path / "report.png").read_bytes()[:4] == b"\x89PNG"


def test_a_report_of_something_else_is_not_replaced(tmp_path):
    rows = [REAL, row("tuned", 5.0, 6.0), BASS, PIANO]
    facts = {"name": "kalimba", "base": "mini", "judged_on": "whole takes"}
    for _ in range(2):
        check_place(tmp_path / "out")
        write(tmp_path / "out", facts, rows, True, True)
    (tmp_path / "report.png").touch()
    with pytest.raises(SettingsError, match="report.png there is not of an earlier evaluation"):
        check_place(tmp_path)
