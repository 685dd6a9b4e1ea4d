"""Pieces from recordings: whole, in time, kept apart for checks, all of them or none."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from own_takes import RATE, played, write_take

from sideman.audio import save
from sideman.data import own_pieces, recordings
from sideman.data.own_pieces import (
    CutTake,
    Material,
    cut_takes,
    divide,
    learnt_of,
    spares_takes,
    steady,
    varied,
)
from sideman.data.recordings import find_takes
from sideman.data.tempo import TempoMap
from sideman.errors import DataError, SettingsError


@pytest.fixture
def short(monkeypatch):
    """Pieces of 7.4 s, from a tenth of a minute on."""
    monkeypatch.setattr(own_pieces, "PIECE_FRAMES", 160)
    monkeypatch.setattr(own_pieces, "LEAST_FRAMES", 80)
    monkeypatch.setattr(own_pieces, "LEAST_MINUTES", 0.1)


def unknown(music, rate):
    return None


def cut(folder, out, beat_of=unknown):
    return cut_takes(find_takes(folder), "kalimba", out, beat_of)


def test_pieces_follow_one_another_without_a_gap(short, tmp_path):
    write_take(tmp_path / "in", "a", seconds=24.0)
    part, context = played(24.0, 0)
    pieces = cut(tmp_path / "in", tmp_path / "out").pieces
    whole = np.concatenate([piece.audio("kalimba") for piece in pieces])
    np.testing.assert_allclose(whole, part[: len(whole)], atol=1e-4)
    beside = np.concatenate([piece.context("kalimba") for piece in pieces])
    np.testing.assert_allclose(beside, context[: len(beside)], atol=1e-4)
    assert len(whole) > 0.9 * len(part)


def test_the_beat_goes_on_from_piece_to_piece(short, tmp_path):
    write_take(tmp_path / "in", "a", seconds=24.0)
    one, two, *_ = cut(tmp_path / "in", tmp_path / "out", steady(90.0, 3)).pieces
    assert (one.bpm, one.beats_per_bar) == (pytest.approx(90.0), 3)
    assert two.beat_at(0) == pytest.approx(one.beat_at(one.samples))
    assert one.beat_at(RATE * 60 / 90) == pytest.approx(1.0)


def test_without_a_steady_beat_a_piece_says_so_and_the_musician_is_told(short, tmp_path):
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(12 * RATE).astype(np.float32) / 20
    save(tmp_path / "in" / "a part.wav", noise, RATE)
    save(tmp_path / "in" / "a context.wav", np.roll(noise, 999), RATE)
    found = cut(tmp_path / "in", tmp_path / "out")
    assert all(piece.bpm == 0 for piece in found.pieces)
    assert any("no steady beat" in remark for remark in found.remarks)


def test_a_take_that_is_there_twice_is_learnt_once_and_said(short, tmp_path):
    """Or what is judged in the end would be what was learnt."""
    for folder in ("in", "in/old"):
        write_take(tmp_path / folder, "a", seconds=24.0)
    write_take(tmp_path / "in", "b", seconds=24.0, seed=1)
    found = cut(tmp_path / "in", tmp_path / "out")
    write_take(tmp_path / "alone", "a", seconds=24.0)
    write_take(tmp_path / "alone", "b", seconds=24.0, seed=1)
    alone = cut(tmp_path / "alone", tmp_path / "other")
    assert len(found.pieces) == len(alone.pieces) and found.minutes == alone.minutes
    assert sum("it sounds as another take does, a; left out" in remark for remark in found.remarks) == 1


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg"])
def test_a_take_that_is_there_in_another_format_or_level_is_learnt_once(short, tmp_path, ending):
    """Files of other bits; here the copy is 0.15 s longer, and softer, too."""
    for seed, name in enumerate("ab"):
        write_take(tmp_path / "in", name, seconds=24.0, seed=seed)
    part, context = played(24.0, 0)
    for kind, sound in (("part", part), ("context", context)):
        longer = np.concatenate([0.7 * sound, np.zeros(int(0.15 * RATE), "f4")])
        (tmp_path / "in" / "export").mkdir(exist_ok=True)
        soundfile.write(tmp_path / "in" / "export" / f"a {kind}.{ending}", longer, RATE)
    found = cut(tmp_path / "in", tmp_path / "out")
    assert len({piece.id.rpartition("-")[0] for piece in found.pieces}) == 2
    (remark,) = (remark for remark in found.remarks if "left out" in remark)
    assert "but for the format or the level, it sounds as another take does, " in remark


def test_takes_of_one_length_and_rhythm_in_which_other_notes_sound_are_all_kept(short, tmp_path):
    """Their levels alone are the same to a hundred-thousandth."""
    for seed in range(4):
        write_take(tmp_path / "in", f"take {seed}", seconds=24.0, seed=seed)
    found = cut(tmp_path / "in", tmp_path / "out")
    assert len({piece.id.rpartition("-")[0] for piece in found.pieces}) == 4
    assert not any("left out" in remark for remark in found.remarks)


def test_a_take_of_another_length_or_that_is_silent_now_and_then_is_no_copy(short, tmp_path):
    part, context = played(24.0, 0)
    write_take(tmp_path / "in", "a", seconds=24.0)
    for name, sound, beside in (
        ("cut", part[: 20 * RATE], context[: 20 * RATE]),
        ("rests", np.where(np.arange(len(part)) < 2 * RATE, 0, part).astype("f4"), context),
    ):
        save(tmp_path / "in" / f"{name} part.wav", sound, RATE)
        save(tmp_path / "in" / f"{name} context.wav", beside, RATE)
    assert not any("left out" in remark for remark in cut(tmp_path / "in", tmp_path / "out").remarks)


def test_stretches_where_the_part_rests_are_left_out(short, tmp_path):
    part, context = played(24.0, 0)
    part[: 8 * RATE] = 0
    save(tmp_path / "in" / "a part.wav", part, RATE)
    save(tmp_path / "in" / "a context.wav", context, RATE)
    assert len(cut(tmp_path / "in", tmp_path / "out").pieces) == 2


def test_too_little_of_the_part_is_refused_and_earlier_pieces_stay(tmp_path):
    earlier = tmp_path / "out" / "earlier" / "piece.json"
    earlier.parent.mkdir(parents=True)
    earlier.write_text('{"style": "own"}')
    write_take(tmp_path / "in", "a", seconds=10.0)
    with pytest.raises(DataError, match="minutes of it: 2 are the least"):
        cut(tmp_path / "in", tmp_path / "out")
    assert earlier.exists()


def test_the_digest_changes_with_the_sound_and_with_the_beat_alone(short, tmp_path):
    write_take(tmp_path / "in", "a", seconds=12.0)
    first = cut(tmp_path / "in", tmp_path / "out").digest
    assert cut(tmp_path / "in", tmp_path / "other").digest == first
    assert cut(tmp_path / "in", tmp_path / "other", steady(120.0)).digest != first
    write_take(tmp_path / "in", "a", seconds=12.0, seed=1)
    assert cut(tmp_path / "in", tmp_path / "out").digest != first


def test_the_digest_is_the_same_on_a_processor_that_hears_and_resamples_in_other_bits(
    short, tmp_path, monkeypatch
):
    """Or no run would go on there."""
    write_take(tmp_path / "in", "a", seconds=12.0, rate=48000)
    told = steady(120.0)

    def heard(seconds):
        return lambda music, rate: (TempoMap("heard", (0.0, 1.0), (0.0, seconds)), 4)

    here = [cut(tmp_path / "in", tmp_path / "out", beat).digest for beat in (heard(0.5), told)]
    resample = recordings.resample
    monkeypatch.setattr(recordings, "resample", lambda *how: resample(*how) + np.float32(1e-7))
    beats = heard(np.nextafter(0.5, 1)), told
    assert [cut(tmp_path / "in", tmp_path / "out", beat).digest for beat in beats] == here
    assert here[0] != here[1]


def test_a_take_is_known_again_in_other_company_and_to_another_beat(short, tmp_path):
    for seed in range(4):
        write_take(tmp_path / "in", f"take {seed}", seconds=8.0, seed=seed)
    write_take(tmp_path / "again", "first", seconds=8.0, seed=7)
    write_take(tmp_path / "again", "second", seconds=8.0, seed=2)
    first = cut(tmp_path / "in", tmp_path / "out").takes
    again = cut(tmp_path / "again", tmp_path / "other", steady(120.0)).takes
    digests = [take.digest for take in first.values()]
    assert [len(digest) for digest in digests] == [12] * 4 and len(set(digests)) == 4
    assert [take.name for take in first.values() if take in again.values()] == []
    assert [take.digest in digests for take in again.values()] == [False, True]
    assert again["take-001"] == ("second", first["take-002"].digest)


def test_a_take_that_nothing_was_cut_from_is_none_that_is_learnt(short, tmp_path):
    for number, seconds in enumerate((8.0, 3.0, 8.0, 8.0)):
        write_take(tmp_path / "in", f"take {number}", seconds=seconds, seed=number)
    found = cut(tmp_path / "in", tmp_path / "out")
    assert [take.name for take in found.takes.values()] == ["take 0", "take 2", "take 3"]
    assert {piece.id.rpartition("-")[0] for piece in found.pieces} == set(found.takes)


def test_takes_that_are_kept_back_are_not_learnt():
    pieces = pieces_of(5, 2, 2, 5, 5)
    takes = {f"take-{take:03}": CutTake(f"take {take}", str(take)) for take in range(5)}
    assert {piece.id[:8] for piece in divide(pieces)[0]} == {"take-000", "take-003", "take-004"}
    assert learnt_of(Material(tuple(pieces), 9.0, (), "all", takes)) == ["0", "3", "4"]
    few = pieces_of(5, 5)
    assert learnt_of(Material(tuple(few), 9.0, (), "all", takes)) == ["0", "1"]


@pytest.mark.parametrize("count", [3, 4, 9, 45])
def test_every_piece_is_learnt_checked_or_reported_and_never_two_of_them(count):
    pieces = [type("P", (), {"id": str(i)})() for i in range(count)]
    parts = divide(pieces)
    assert all(parts)
    assert sorted(int(p.id) for group in parts for p in group) == list(range(count))


def pieces_of(*lengths: int):
    """Pieces of takes that came to so many each."""
    ids = [f"take-{take:03}-{n:03}" for take, length in enumerate(lengths) for n in range(length)]
    return [SimpleNamespace(id=name) for name in ids]


@pytest.mark.parametrize(
    "lengths", [(1, 1, 1, 1), (5, 5, 5, 5), (10, 10, 10, 1), (20, 1, 1, 1), (40, 40, 40, 2), (3,) * 8, (2, 9, 4, 7, 1, 6)]
)
def test_of_four_takes_or_more_whole_ones_are_kept_back(lengths):
    pieces = pieces_of(*lengths)
    taught, checked, reported = divide(pieces)
    takes = [{piece.id.rpartition("-")[0] for piece in group} for group in (taught, [*checked, *reported])]
    assert takes[0] and checked and reported and takes[0].isdisjoint(takes[1])
    assert {p.id for p in (*taught, *checked, *reported)} == {p.id for p in pieces}
    assert len(taught) + len(checked) + len(reported) == len(pieces)
    kept = 1 - len(taught) / len(pieces)
    assert .1 < kept <= (.5 if len(pieces) == 4 else .36)
    assert spares_takes(pieces)


@pytest.mark.parametrize("lengths", [(40,), (3, 3), (12, 1, 8)])
def test_of_fewer_takes_pieces_are_kept_back_of_each(lengths):
    pieces = pieces_of(*lengths)
    taught, checked, reported = divide(pieces)
    assert [p.id for p in checked] == [p.id for p in pieces[::12]]
    assert [p.id for p in reported] == [p.id for p in pieces[3::6]]
    assert not spares_takes(pieces)


def test_a_piece_knows_its_take(short, tmp_path):
    for number, seconds in enumerate((16.0, 8.0, 8.0, 8.0)):
        write_take(tmp_path / "in", f"take {number}", seconds=seconds, seed=number)
    pieces = cut(tmp_path / "in", tmp_path / "out").pieces
    assert spares_takes(pieces) and not spares_takes(pieces[:-1])


def test_two_pieces_cannot_be_divided():
    with pytest.raises(DataError, match="there are 2"):
        divide([object(), object()])




def test_varied_pieces_are_faster_and_higher_or_slower_and_lower_beat_and_all(short, tmp_path):
    write_take(tmp_path / "in", "a", seconds=16.0)
    _, piece, *_ = cut(tmp_path / "in", tmp_path / "pieces", steady(120.0)).pieces
    found = {one.id.rsplit("-", 1)[1]: one for one in varied([piece], "kalimba", tmp_path / "out")}
    assert sorted(found) == ["down1", "down2", "up1", "up2"]
    for name, semitones in (("down2", -2), ("down1", -1), ("up1", 1), ("up2", 2)):
        one, speed = found[name], 2 ** (semitones / 12)
        assert one.bpm == pytest.approx(120 * speed, rel=2e-3)
        assert one.samples == pytest.approx(piece.samples / speed, abs=4096)
        moment = 3 * RATE
        assert one.beat_at(moment / speed) == pytest.approx(piece.beat_at(moment), abs=0.02)
        assert strongest(one.audio("kalimba")) == pytest.approx(
            strongest(piece.audio("kalimba")) * speed, rel=0.01
        )


def strongest(audio: np.ndarray) -> float:
    """The frequency, in Hz, that is loudest."""
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio)))) * (np.arange(len(audio) // 2 + 1) > 0)
    return float(spectrum.argmax()) * RATE / len(audio)


@pytest.mark.parametrize("strange", ["score.als", "set/piece.json"])
def test_a_folder_that_holds_anything_else_is_refused_and_left_as_it_is(short, strange, tmp_path):
    write_take(tmp_path / "in", "a", seconds=24.0)
    found = cut(tmp_path / "in", tmp_path / "out")
    cut(tmp_path / "in", tmp_path / "out")  # its own may be replaced
    (tmp_path / "out" / strange).parent.mkdir(exist_ok=True)
    (tmp_path / "out" / strange).write_text('{"style": "rock"}')
    for write in (lambda: cut(tmp_path / "in", tmp_path / "out"),
                  lambda: varied(found.pieces, "kalimba", tmp_path / "out")):
        with pytest.raises(SettingsError, match=strange.partition("/")[0]):
            write()
    assert (tmp_path / "out" / strange).read_text() == '{"style": "rock"}'
    assert found.pieces[0].audio("kalimba").size


def test_pieces_that_lie_among_the_recordings_are_not_taken_for_takes(short, tmp_path):
    write_take(tmp_path, "a", seconds=24.0)
    before = find_takes(tmp_path)
    cut(tmp_path, tmp_path / "a-run" / "pieces")
    assert find_takes(tmp_path) == before


def test_an_interruption_while_varying_leaves_nothing_that_stops_the_next_run(short, tmp_path, monkeypatch):
    write_take(tmp_path / "in", "a", seconds=24.0)
    pieces = cut(tmp_path / "in", tmp_path / "out").pieces
    saved, count = own_pieces.save, []

    def interrupted(path, audio, rate):
        count.append(path)
        if len(count) == 6:
            raise KeyboardInterrupt
        saved(path, audio, rate)

    for _ in range(2):
        count.clear()
        monkeypatch.setattr(own_pieces, "save", interrupted)
        with pytest.raises(KeyboardInterrupt):
            varied(pieces, "kalimba", tmp_path / "varied")
        monkeypatch.setattr(own_pieces, "save", saved)
        assert len(varied(pieces, "kalimba", tmp_path / "varied")) == 4 * len(pieces)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out", "varied"]


def test_a_full_disk_is_one_line(short, tmp_path, monkeypatch):
    write_take(tmp_path / "in", "a", seconds=24.0)

    def full(*told, **others):
        raise soundfile.LibsndfileError(1, "Error: disk full. ")

    monkeypatch.setattr(soundfile, "write", full)
    with pytest.raises(DataError, match="free some space"):
        cut(tmp_path / "in", tmp_path / "out")


def test_takes_too_short_for_a_piece_are_named(short, tmp_path):
    for number in range(5):
        write_take(tmp_path / "in", f"loop {number}", seconds=3.0, seed=number)
    with pytest.raises(DataError, match=r"left out: 5 of 5 takes \(loop 0 \(3.0 s\), .*join them"):
        cut(tmp_path / "in", tmp_path / "out")
    write_take(tmp_path / "in", "song", seconds=24.0)
    found = cut(tmp_path / "in", tmp_path / "out")
    assert any("left out: 5 of 6 takes" in remark for remark in found.remarks)
