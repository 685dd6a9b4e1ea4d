"""MIDI files as pieces: by program, in time, with their beat; what is no MIDI is left out by name."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.data.fluid import installed_sound_fonts
from sideman.data.midi import _named, read_song, render_songs
from sideman.data.midi_beats import beats_of
from sideman.data.pieces import load_piece, load_pieces
from sideman.errors import DataError
from sideman.evaluation.metrics import onsets

TICKS = 480


def a_song(path: Path, programs=((0, 0), (1, 33), (2, 25), (9, 0)), tempo=500_000, bars=5) -> Path:
    """Quarters on every channel, in 4/4."""
    midi = mido.MidiFile(ticks_per_beat=TICKS)
    meta = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=tempo, time=0)])
    midi.tracks.append(meta)
    for channel, program in programs:
        track = mido.MidiTrack([mido.Message("program_change", channel=channel, program=program)])
        for _ in range(4 * bars):
            note = 36 if channel == 9 else 48
            track.append(mido.Message("note_on", channel=channel, note=note, velocity=90, time=0))
            track.append(mido.Message("note_on", channel=channel, note=note, velocity=0, time=TICKS))
        midi.tracks.append(track)
    midi.save(path)
    return path


def test_parts_come_from_the_programs_and_others_are_left_out(tmp_path) -> None:
    programs = ((0, 5), (1, 39), (2, 24), (3, 73), (9, 0))
    song = read_song(a_song(tmp_path / "a.mid", programs))
    assert {part: voices[0][0] for part, voices in song.voices.items()} == {
        "piano": 5, "bass": 39, "guitar": 24, "drums": 0,
    }
    assert all(len(voices[0][1]) == 40 for voices in song.voices.values())


def test_a_note_ends_where_it_began_when_the_program_changes_under_it(tmp_path) -> None:
    midi = mido.MidiFile(ticks_per_beat=TICKS)
    midi.tracks.append(
        mido.MidiTrack(
            [
                mido.Message("program_change", program=0),
                mido.Message("note_on", note=60, velocity=80),
                mido.Message("program_change", program=33, time=TICKS),
                mido.Message("note_off", note=60, time=TICKS),
            ]
        )
    )
    midi.save(tmp_path / "a.mid")
    ((program, events),) = read_song(tmp_path / "a.mid").voices["piano"]
    assert program == 0 and [on for _, on, _, _ in events] == [True, False]


def test_six_eight_has_three_quarters_and_a_moving_tempo_a_map() -> None:
    midi = mido.MidiFile(ticks_per_beat=TICKS)
    midi.tracks.append(
        mido.MidiTrack(
            [
                mido.MetaMessage("time_signature", numerator=6, denominator=8),
                mido.MetaMessage("set_tempo", tempo=500_000),
                mido.MetaMessage("set_tempo", tempo=250_000, time=4 * TICKS),
            ]
        )
    )
    told = beats_of(midi)
    assert told["beats_per_bar"] == 3
    assert told["tempo"]["beats"] == [0, 4, 5] and told["tempo"]["seconds"] == [0, 2, 2.25]


def written(path: Path, *tracks) -> Path:
    midi = mido.MidiFile(ticks_per_beat=TICKS)
    midi.tracks.extend(mido.MidiTrack(track) for track in tracks)
    midi.save(path)
    return path


def note(on: bool, time: int = 0):
    return mido.Message("note_on", note=48, velocity=90 if on else 0, time=time)


def test_a_pitch_that_is_struck_again_where_it_ends_ends_twice(tmp_path) -> None:
    left = [note(True), note(False, TICKS)]
    right = [note(True, TICKS), note(False, TICKS)]  # whose start comes first in the file
    song = read_song(written(tmp_path / "a.mid", right, left))
    ((_, events),) = song.voices["piano"]
    assert [(sample, on) for sample, on, _, _ in events] == [
        (0, True), (22050, False), (22050, True), (44100, False),
    ]


def test_a_note_without_length_ends_after_it_began(tmp_path) -> None:
    song = read_song(written(tmp_path / "a.mid", [note(True, TICKS), note(False)]))
    ((_, events),) = song.voices["piano"]
    assert [(sample, on) for sample, on, _, _ in events] == [(22050, True), (22051, False)]


def test_two_hands_on_two_channels_do_not_end_each_others_notes(tmp_path) -> None:
    left = [mido.Message("note_on", channel=0, note=60, velocity=80),
            mido.Message("note_off", channel=0, note=60, time=6 * TICKS)]
    right = [mido.Message("note_on", channel=1, note=60, velocity=80, time=TICKS),
             mido.Message("note_off", channel=1, note=60, time=TICKS)]
    voices = read_song(written(tmp_path / "a.mid", left, right)).voices["piano"]
    ends = sorted(events[-1][0] for _, events in voices)
    assert [len(events) for _, events in voices] == [2, 2]
    assert ends == [44100, 3 * 44100]


def test_ports_have_channels_of_their_own(tmp_path) -> None:
    strings = [mido.MetaMessage("midi_port", port=1), mido.Message("program_change", program=48),
               mido.Message("note_on", note=50, velocity=80),
               mido.Message("note_off", note=50, time=TICKS)]
    piano = [mido.MetaMessage("midi_port", port=0),
             mido.Message("note_on", note=60, velocity=80, time=1),
             mido.Message("note_off", note=60, time=TICKS)]
    voices = read_song(written(tmp_path / "a.mid", strings, piano)).voices
    assert list(voices) == ["piano"] and len(voices["piano"][0][1]) == 2


@pytest.mark.parametrize("bank", [120, 127])
def test_a_bank_of_drums_makes_any_channel_one_of_drums(tmp_path, bank) -> None:
    track = [mido.Message("control_change", channel=4, control=0, value=bank),
             mido.Message("program_change", channel=4, program=0),
             mido.Message("note_on", channel=4, note=38, velocity=80),
             mido.Message("note_off", channel=4, note=38, time=TICKS)]
    assert list(read_song(written(tmp_path / "a.mid", track)).voices) == ["drums"]


def test_the_pedal_holds_what_is_let_go_until_it_goes_up_or_it_is_struck_again(tmp_path) -> None:
    pedal = lambda value, time=0: mido.Message("control_change", control=64, value=value, time=time)  # noqa: E731
    strike = lambda pitch, time=0: mido.Message("note_on", note=pitch, velocity=80, time=time)  # noqa: E731
    let_go = lambda pitch, time=0: mido.Message("note_off", note=pitch, time=time)  # noqa: E731
    track = [strike(60), strike(64), pedal(127), let_go(60, TICKS), let_go(64),
             strike(64, TICKS), let_go(64, 1), pedal(0, 2 * TICKS - 1), strike(67), let_go(67, TICKS)]
    ((_, events),) = read_song(written(tmp_path / "a.mid", track)).voices["piano"]
    ends = [(sample, pitch) for sample, on, pitch, _ in events if not on]
    half = 22050
    assert ends == [(2 * half, 64), (4 * half, 60), (4 * half, 64), (5 * half, 67)]


def test_a_pedal_that_never_goes_up_ends_with_the_song(tmp_path) -> None:
    track = [mido.Message("control_change", control=64, value=127), note(True), note(False, 4 * TICKS)]
    ((_, events),) = read_song(written(tmp_path / "a.mid", track)).voices["piano"]
    assert [(sample, on) for sample, on, _, _ in events] == [(0, True), (2 * 44100, False)]


def test_files_whose_names_meet_are_pieces_each_and_one_more_changes_none(tmp_path, fluidsynth) -> None:
    fonts, source = installed_sound_fonts(), tmp_path / "in"
    (source / "a").mkdir(parents=True)
    a_song(source / "z.mid", bars=4)
    render_songs(source, tmp_path / "alone", fonts)
    a_song(source / "a" / "b.mid", bars=4)
    a_song(source / "a-b.mid", bars=5)
    assert render_songs(source, tmp_path / "out", fonts) == (3, [])
    assert len([p for p in (tmp_path / "out").iterdir() if p.name.startswith("a-b-")]) == 2
    for file in (tmp_path / "alone" / "z").iterdir():
        assert file.read_bytes() == (tmp_path / "out" / "z" / file.name).read_bytes()


def test_a_song_whose_name_meets_another_later_is_not_there_twice(tmp_path, fluidsynth) -> None:
    fonts, source, out = installed_sound_fonts(), tmp_path / "in", tmp_path / "out"
    (source / "a").mkdir(parents=True)
    a_song(source / "a" / "b.mid", bars=4)
    render_songs(source, out, fonts)
    others = [a_song(source / name, bars=4) for name in ("a-b.mid", "a-b.midi")]
    with pytest.raises(DataError, match="a-b was rendered before another .*; delete it, and run"):
        render_songs(source, out, fonts)
    assert [path.name for path in out.iterdir()] == ["a-b"]
    shutil.rmtree(out / "a-b")
    assert render_songs(source, out, fonts) == (3, [])
    there = sorted(path.name for path in out.iterdir())
    assert len(there) == 3
    for other in others:
        other.unlink()
    assert render_songs(source, out, fonts) == (1, []), "under the name that it has there"
    assert sorted(path.name for path in out.iterdir()) == there


@given(st.integers(0, 2**32))
def test_a_set_goes_on_with_the_fonts_it_was_rendered_with_and_no_more(seed: int) -> None:
    one, two = [Path("a.sf2")], [Path("a.sf2"), Path("b.sf2")]
    with TemporaryDirectory() as folder:
        source, out = Path(folder) / "in", Path(folder) / "out"
        source.mkdir()
        (source / "a.mid").write_bytes(b"not looked at")
        drawn = np.random.default_rng([seed, _named([source / "a.mid"], source, out)[0][2]])
        same = drawn.integers(2) == 0
        for name in ("a", "gone"):  # of a file that is no longer there nobody knows what is drawn
            (out / name).mkdir(parents=True)
            card = {"style": "midi", "seed": seed, "sound_font": "a.sf2"}
            (out / name / "piece.json").write_text(json.dumps(card))
        assert render_songs(source, out, one, seed) == (1, [])
        if same:
            assert render_songs(source, out, two, seed) == (1, [])
        else:
            with pytest.raises(DataError, match="its sound_font is a.sf2, now b.sf2; give another"):
                render_songs(source, out, two, seed)


def bars(*signatures, tempo=()) -> dict:
    """What is told of a file with these time signatures: (quarter, numerator, denominator)."""
    midi = mido.MidiFile(ticks_per_beat=TICKS)
    for at, numerator, denominator in signatures:
        message = mido.MetaMessage(
            "time_signature", numerator=numerator, denominator=denominator, time=at * TICKS
        )
        midi.tracks.append(mido.MidiTrack([message]))
    for at, microseconds in tempo:
        midi.tracks.append(
            mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=microseconds, time=at * TICKS)])
        )
    midi.tracks.append(mido.MidiTrack([note(True), note(False, 64 * TICKS)]))
    return beats_of(midi)


def test_a_pickup_or_a_first_bar_of_its_own_comes_before_the_first_downbeat() -> None:
    assert bars((0, 1, 4), (1, 4, 4)) == {
        "bpm": 120.0, "beats_per_bar": 4, "downbeat_sample": 22050,
    }
    told = bars((0, 4, 4), (4, 3, 4), tempo=((0, 500_000), (4, 250_000)))
    assert told["beats_per_bar"] == 3 and told["downbeat_sample"] == 88200
    assert told["tempo"]["beats"][:2] == [-4, 0] and told["tempo"]["seconds"][:2] == [-2, 0]
    assert told["bpm"] == pytest.approx(60 * 64 / 17), "of the whole song"


@pytest.mark.parametrize("signatures", [((0, 7, 8),), ((0, 4, 4), (32, 3, 4)), ((0, 3, 8),)])
def test_bars_that_change_or_are_no_whole_quarters_are_not_told(signatures) -> None:
    assert bars(*signatures) == {"bpm": 0.0, "beats_per_bar": 4, "downbeat_sample": 0}


def test_the_same_signature_again_is_no_change() -> None:
    assert bars((0, 3, 4), (12, 3, 4), (24, 6, 8))["beats_per_bar"] == 3


def test_pieces_sound_in_time_and_are_not_rendered_twice(tmp_path, fluidsynth) -> None:
    a_song(tmp_path / "a.mid", tempo=600_000)
    (tmp_path / "b.mid").write_bytes(b"MThd no music")
    fonts = installed_sound_fonts()
    pieces, left_out = render_songs(tmp_path, tmp_path / "out", fonts)
    assert pieces == 1
    assert len(left_out) == 1 and "b.mid is no MIDI file" in left_out[0]
    piece = load_piece(tmp_path / "out" / "a")
    assert piece.parts == ("bass", "drums", "guitar", "piano") and piece.bpm == pytest.approx(100)
    times, _ = onsets(piece.audio("drums"), piece.sample_rate)
    beats = piece.beat_at(times)
    assert np.abs(beats - np.round(beats)).max() < 0.08 and len(set(np.round(beats))) == 20
    card = tmp_path / "out" / "a" / "piece.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "key": "mine"}))
    render_songs(tmp_path, tmp_path / "out", fonts)
    assert load_piece(tmp_path / "out" / "a").key == "mine"


def test_songs_do_not_come_among_pieces_that_were_made_otherwise(tmp_path, fluidsynth) -> None:
    (tmp_path / "in").mkdir()
    a_song(tmp_path / "in" / "a.mid", bars=4)
    fonts = installed_sound_fonts()
    render_songs(tmp_path / "in", tmp_path / "out", fonts, seed=1)
    a_song(tmp_path / "in" / "b.mid", bars=4)
    other = [Path("other.sf2")]
    for changed, why in (((fonts, 2), "its seed is 1, now 2"), ((other, 1), "its sound_font is .*, now other.sf2")):
        with pytest.raises(DataError, match=f"a was written otherwise: {why}"):
            render_songs(tmp_path / "in", tmp_path / "out", *changed)
    (tmp_path / "composed" / "one").mkdir(parents=True)
    (tmp_path / "composed" / "one" / "piece.json").write_text('{"style": "rock"}')
    with pytest.raises(DataError, match="its style is rock, now midi"):
        render_songs(tmp_path / "in", tmp_path / "composed", fonts)
    assert not (tmp_path / "out" / "b").exists() and not (tmp_path / "composed" / "b").exists()
    assert render_songs(tmp_path / "in", tmp_path / "out", fonts, seed=1) == (2, [])


def test_one_part_alone_is_left_out_and_no_file_at_all_is_an_error(tmp_path) -> None:
    with pytest.raises(DataError, match="no MIDI files in"):
        render_songs(tmp_path, tmp_path / "out", [])
    a_song(tmp_path / "solo.mid", ((0, 0),))
    assert render_songs(tmp_path, tmp_path / "out", [])[0] == 0


def test_names_that_are_not_utf_8_are_pieces_that_can_be_read(tmp_path, fluidsynth) -> None:
    source = tmp_path / "in"
    source.mkdir()
    song = a_song(tmp_path / "a.mid", bars=4).read_bytes()
    try:
        for name, data in ((b"caf\xe9.mid", song), (b"caf\xe8.mid", song), (b"no\xe9.mid", b"MThd no")):
            (source / os.fsdecode(name)).write_bytes(data)
    except OSError:
        pytest.skip("the files of this system have no such names")
    pieces, left_out = render_songs(source, tmp_path / "out", installed_sound_fonts())
    assert pieces == 2 and len(left_out) == 1 and "no%E9.mid is no MIDI file" in left_out[0]
    found = load_pieces(tmp_path / "out")
    assert [piece.id for piece in found] == ["caf%E8", "caf%E9"]
    assert all(piece.audio("bass").any() for piece in found)


@pytest.mark.parametrize("data", [b"", b"RIFF" * 20, b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x00\x00"])
def test_what_is_no_midi_is_named(tmp_path, data) -> None:
    (tmp_path / "odd.mid").write_bytes(data)
    try:
        song = read_song(tmp_path / "odd.mid")
    except DataError as error:
        assert str(error).startswith("odd.mid is no MIDI file")
    else:
        assert not song.voices


def test_a_piece_that_cannot_be_written_is_an_error_and_not_left_out(tmp_path, fluidsynth) -> None:
    a_song(tmp_path / "a.mid")
    (tmp_path / "out").write_text("a file where the folder should be")
    with pytest.raises(DataError, match="cannot write piece"):
        render_songs(tmp_path, tmp_path / "out", installed_sound_fonts())
