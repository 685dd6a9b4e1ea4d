"""A tuned instrument is compared with the model it came from, on its own recordings, and says the truth."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from sideman.evaluation import own_instrument
from sideman.evaluation.own_instrument import (
    SHARES,
    beaten_in,
    best_guidance,
    best_share,
    shortfalls,
    write,
)
from sideman.evaluation.stages import Row


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


@pytest.mark.parametrize(
    ("distances", "wanted"),
    [
        ({1.0: 4.0, 2.0: 5.0, 3.0: 5.9, 4.0: 9.0}, 3.0),
        ({1.0: 9.0, 2.0: 4.0, 3.0: 3.0, 4.0: 2.0}, 4.0),
        ({1.0: 1.0, 2.0: 3.0, 3.0: 4.0, 4.0: 5.0}, 1.0),
    ],
)
def test_it_leans_as_far_as_the_sound_allows(monkeypatch, distances, wanted):
    def compare(todo, pieces, report):
        assert [playing.controls.guidance for playing in todo] == list(distances)
        return [REAL, *(row(p.name, distances[p.controls.guidance], distances[p.controls.guidance]) for p in todo)]

    monkeypatch.setattr(own_instrument, "compare", compare)
    spec = SimpleNamespace(guidance=4.0, steps=4, sampler="euler", temperature=1.0)
    assert best_guidance(SimpleNamespace(spec=spec), []) == wanted


@pytest.mark.parametrize(
    ("distances", "wanted"),
    [((4.0, 4.5, 5.9, 9.0), 0.7), ((4.0, 7.0, 8.0, 9.0), 1.0), ((9.0, 4.0, 3.0, 3.1), 0.55)],
)
def test_it_keeps_as_little_of_the_tuning_as_the_sound_allows(monkeypatch, distances, wanted):
    def compare(todo, pieces, report):
        return [REAL, *(row(p.name, d, d) for p, d in zip(todo, distances, strict=True))]

    monkeypatch.setattr(own_instrument, "compare", compare)
    spec = SimpleNamespace(guidance=4.0, steps=4, sampler="euler", temperature=1.0)
    assert best_share(dict.fromkeys(SHARES, SimpleNamespace(spec=spec)), []) == wanted


def test_a_base_without_guidance_is_not_asked(monkeypatch):
    monkeypatch.setattr(own_instrument, "compare", None)
    spec = SimpleNamespace(guidance=1.0, steps=2, sampler="ping-pong", temperature=1.0)
    assert best_guidance(SimpleNamespace(spec=spec), []) == 1.0


@pytest.mark.parametrize("beat", [True, False])
def test_the_report_is_written_and_drawn(tmp_path, beat):
    rows = [REAL, row("tuned", 5.0, 6.0), BASS, replace(PIANO, harmony_lift=0.3)]
    write(tmp_path, {"name": "kalimba"}, rows, beat)
    told = json.loads((tmp_path / "report.json").read_text())
    assert [one["name"] for one in told["rows"]] == [one.name for one in rows]
    assert told["shortfalls"] == shortfalls(rows, beat)
    assert (tmp_path / "report.png").read_bytes()[:4] == b"\x89PNG"
