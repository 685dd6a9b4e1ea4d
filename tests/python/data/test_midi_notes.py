"""When the notes of a MIDI file begin, by which program, and that each of them ends."""

from __future__ import annotations

import io
from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.data.fluid import Event
from sideman.data.midi import Song, _song, read_song
from sideman.data.midi_beats import beats_of
from sideman.errors import DataError

TICKS, QUARTER = 480, 22050  # at 120 a minute


def played(*tracks: list, ticks: int = TICKS, kind: int = 1) -> Song:
    """The song of a file with these tracks, as it would be read from one."""
    written, midi = io.BytesIO(), mido.MidiFile(ticks_per_beat=ticks, type=kind)
    midi.tracks.extend(mido.MidiTrack(track) for track in tracks)
    midi.save(file=written)
    return _song(mido.MidiFile(file=io.BytesIO(written.getvalue())), "a.mid")


def strike(note: int = 60, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=note, velocity=80, time=time, channel=channel)


def let_go(note: int = 60, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("note_off", note=note, time=time, channel=channel)


def control(number: int, value: int = 0, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("control_change", control=number, value=value, time=time, channel=channel)


def program(number: int, channel: int = 0, time: int = 0) -> mido.Message:
    return mido.Message("program_change", program=number, channel=channel, time=time)


def times(events: list[Event]) -> list[tuple[float, bool, int]]:
    """(quarter, whether it starts, pitch)"""
    return [(sample / QUARTER, on, pitch) for sample, on, pitch, _ in events]


CHANNELS, PITCHES = st.sampled_from((0, 9)), st.sampled_from((60, 64))
GAPS, CONTROLS = st.sampled_from((0, 1, 240)), st.sampled_from((0, 64, 120, 123))
MESSAGES = st.one_of(
    st.builds(strike, PITCHES, GAPS, CHANNELS),
    st.builds(let_go, PITCHES, GAPS, CHANNELS),
    st.builds(control, CONTROLS, st.sampled_from((0, 127)), GAPS, CHANNELS),
    st.builds(program, st.sampled_from((0, 33, 73)), CHANNELS, GAPS),
)


@given(st.lists(st.lists(MESSAGES, max_size=16), min_size=1, max_size=3))
def test_every_note_ends_after_it_began_and_within_the_piece(tracks: list) -> None:
    song = played(*tracks)
    for events in (events for voices in song.voices.values() for _, events in voices):
        sounding = {pitch: 0 for _, _, pitch, _ in events}
        assert [e[:2] for e in events] == sorted(e[:2] for e in events)
        for sample, on, pitch, _ in events:
            sounding[pitch] += 1 if on else -1
            assert sounding[pitch] >= 0 and 0 <= sample <= song.samples
        assert not any(sounding.values())


def test_a_note_that_nobody_ends_lasts_as_long_as_the_song() -> None:
    song = played([strike(48), strike(60), let_go(60, 4 * TICKS)])
    ((_, events),) = song.voices["piano"]
    assert sorted(times(events)) == [(0, True, 48), (0, True, 60), (4, False, 48), (4, False, 60)]


@pytest.mark.parametrize(("silence", "end"), [(TICKS, 5.0), (100 * TICKS, 4 + 0.9 * 2)])
def test_a_last_chord_that_nobody_ends_lasts_to_the_end_of_the_file_or_of_the_piece(
    silence, end
) -> None:
    track = [strike(48), let_go(48, 4 * TICKS), strike(60)]
    song = played([*track, mido.MetaMessage("end_of_track", time=silence)])
    ((_, events),) = song.voices["piano"]
    assert times(events)[-2:] == [(4, True, 60), (pytest.approx(end), False, 60)]
    assert song.samples == played([*track, let_go(60)]).samples


@pytest.mark.parametrize(("told", "held"), [(120, 1), (123, 3)])
def test_silence_that_is_told_ends_all_notes_and_with_120_what_the_pedal_holds(told, held) -> None:
    without = [strike(60), strike(64), let_go(64, TICKS // 2), control(told, 0, TICKS // 2)]
    after = [strike(67, TICKS), let_go(67, TICKS)]
    ((_, events),) = played([*without, *after]).voices["piano"]
    assert times(events)[:4] == [(0, True, 60), (0, True, 64), (0.5, False, 64), (1, False, 60)]
    pedal = [control(64, 127), *without, control(64, 0, 2 * TICKS)]
    ((_, events),) = played([*pedal, *after]).voices["piano"]
    assert sorted(times(events)[2:4]) == [(held, False, 60), (held, False, 64)]


def test_drums_ring_through_no_pedal_when_all_notes_end() -> None:
    track = [control(64, 127, channel=9), strike(36, channel=9), control(123, 0, TICKS, channel=9)]
    ((_, events),) = played([*track, strike(38, TICKS, 9), let_go(38, TICKS, 9)]).voices["drums"]
    assert times(events)[:2] == [(0, True, 36), (1, False, 36)]


@pytest.mark.parametrize("first", [True, False])
def test_a_note_that_begins_where_all_are_ended_goes_on(first) -> None:
    here = [control(123), strike(64)] if first else [strike(64), control(123)]
    here[0].time = TICKS
    ((_, events),) = played([strike(60), *here, let_go(64, TICKS)]).voices["piano"]
    assert times(events) == [(0, True, 60), (1, False, 60), (1, True, 64), (2, False, 64)]


NOTES = {channel: [strike(40, 0, channel), let_go(40, TICKS, channel), strike(40, 0, channel),
                   let_go(40, 0, channel)] for channel in (0, 1, 9)}  # fmt: skip
SETUP = {0: [program(33)], 1: [control(0, 0, 0, 1), program(25, 1)], 9: [program(16, 9)]}


@given(st.permutations([*NOTES.values(), *SETUP.values()]))
def test_programs_hold_for_the_notes_of_their_tick_in_whatever_track_they_are(tracks: list) -> None:
    song = played(*tracks)
    assert {part: [one for one, _ in voices] for part, voices in song.voices.items()} == {
        "bass": [33], "guitar": [25], "drums": [16],
    }  # fmt: skip
    for ((_, events),) in song.voices.values():
        samples = [(sample, on) for sample, on, _, _ in events]
        assert samples == [(0, True), (QUARTER, False), (QUARTER, True), (QUARTER + 1, False)]


def test_a_bank_of_drums_in_a_later_track_holds_for_the_first_notes() -> None:
    assert list(played([strike(36), let_go(36, TICKS)], [control(0, 127)]).voices) == ["drums"]


def test_within_a_track_a_program_does_not_go_before_a_note_that_it_follows() -> None:
    song = played([program(0), strike(60), program(33), strike(40), let_go(60, TICKS), let_go(40)])
    assert {part: times(voices[0][1])[0] for part, voices in song.voices.items()} == {
        "piano": (0, True, 60), "bass": (0, True, 40),
    }  # fmt: skip


FILMS = ((24, 24.0), (25, 25.0), (29, 30000 / 1001), (30, 30.0))  # frames a second


@given(st.sampled_from(FILMS), st.integers(1, 127))
def test_a_file_that_counts_frames_of_film_is_played_in_their_time(film, ticks: int) -> None:
    """Whatever its tempo events say. Where its beats are, nobody knows."""
    name, rate = film
    tempo = mido.MetaMessage("set_tempo", tempo=250_000)
    track = [tempo, strike(60, 2 * ticks * name), let_go(60, ticks)]
    song = played(track, ticks=-256 * name + ticks)
    ((_, events),) = song.voices["piano"]
    assert [sample for sample, *_ in events] == [
        pytest.approx(frames / rate * 44100, abs=0.51) for frames in (2 * name, 2 * name + 1)
    ]
    assert song.beats == {"bpm": 0.0, "beats_per_bar": 4, "downbeat_sample": 0}


def test_what_is_told_of_an_unknown_beat_is_nobody_elses() -> None:
    film = mido.MidiFile(ticks_per_beat=-25 * 256 + 40)
    beats_of(film)["bpm"] = 90.0
    assert beats_of(film)["bpm"] == 0


def saved(path: Path, ticks: int, kind: int, tracks: int) -> Path:
    midi = mido.MidiFile(ticks_per_beat=ticks, type=kind)
    midi.tracks.extend(mido.MidiTrack([strike(), let_go(60, TICKS)]) for _ in range(tracks))
    midi.save(path)
    return path


@pytest.mark.parametrize(
    ("ticks", "kind", "why"),
    [
        (TICKS, 2, "holds songs that have nothing to do with one another"),
        (0, 1, "has a time division of 0"),
        (-25 * 256, 1, "has a time division of -6400"),  # no ticks
        (-77 * 256 + 40, 1, "has a time division of"),  # no film
    ],
)
def test_a_file_whose_time_nobody_can_tell_is_named_with_what_to_do(
    tmp_path, ticks, kind, why
) -> None:
    with pytest.raises(DataError, match=f"^a.mid {why}.*; save it again as type 1, in") as told:
        read_song(saved(tmp_path / "a.mid", ticks, kind, 2))
    assert "\n" not in str(told.value)


def test_a_single_song_of_type_2_is_read(tmp_path) -> None:
    assert list(read_song(saved(tmp_path / "a.mid", TICKS, 2, 1)).voices) == ["piano"]
