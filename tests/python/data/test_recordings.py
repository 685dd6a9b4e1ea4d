"""A musician's recordings: found by their names, checked one by one, refused with a reason."""

from __future__ import annotations

import os

import numpy as np
import pytest
from own_takes import RATE, played, write_take

from sideman.audio import load, save
from sideman.data import recordings
from sideman.data.recordings import find_takes, record_of
from sideman.errors import AudioError, DataError


def only(folder):
    (take,) = find_takes(folder)
    return record_of(take)


def test_takes_are_found_by_name_in_any_folder_and_other_files_are_let_be(tmp_path):
    write_take(tmp_path, "verse")
    write_take(tmp_path / "day two", "bridge_2", mixed=True)
    for role in ("part", "Context"):
        save(tmp_path / "solo" / f"{role}.flac", played(1, 3)[0], RATE)
    (tmp_path / "notes.txt").write_text("no sound")
    save(tmp_path / "apartment.wav", played(1, 3)[0], RATE)
    found = {take.name: take.mixed for take in find_takes(tmp_path)}
    assert found == {"verse": False, "day two bridge_2": True, "solo": False}


def test_what_a_run_did_not_finish_is_no_take_and_stops_none(tmp_path):
    """Such as the pieces that an interrupted one was varying: all have a context."""
    write_take(tmp_path / ".of a hidden folder", "verse")
    root = tmp_path / ".of a hidden folder"
    for left in (".varied.partial/take-000-000-up1/context.wav", ".pieces.before/part.wav",
                 "a-run/.varied.partial/deep/mix.wav", ".part.wav"):  # fmt: skip
        save(root / left, played(1, 3)[0], RATE)
    assert [take.name for take in find_takes(root)] == ["verse"]


def test_a_mix_gives_the_context_when_the_part_is_taken_out(tmp_path):
    write_take(tmp_path, "verse", mixed=True)
    part, context = played(8.0, 0)
    found = only(tmp_path)
    np.testing.assert_allclose(found.part, part, atol=1e-6)
    np.testing.assert_allclose(found.context, context, atol=1e-6)


def test_a_part_that_is_softer_in_the_mix_is_taken_out_at_that_level(tmp_path):
    part, _ = played(8.0, 0)
    _, context = played(8.0, 5, bpm=97)
    save(tmp_path / "a part.wav", part, RATE)
    save(tmp_path / "a mix.wav", context + np.float32(0.6) * part, RATE)
    found = only(tmp_path)
    assert np.abs(found.context - context).max() < 0.1 * np.abs(part).max()
    assert any("-4" in remark for remark in found.remarks)


def test_other_rates_and_channels_become_one_channel_at_44100(tmp_path):
    part, context = played(4.0, 0)
    save(tmp_path / "a part.wav", np.stack((part, part)), 48000)
    save(tmp_path / "a context.wav", context, 48000)
    found = only(tmp_path)
    assert len(found.part) == len(found.context) == pytest.approx(len(part) * 44.1 / 48, abs=2)


def test_channels_that_nothing_was_played_into_do_not_make_the_others_softer(tmp_path):
    part, context = played(4.0, 0)
    noise = np.random.default_rng(0).standard_normal((8, len(part))).astype(np.float32) / 50_000
    noise[3] += part
    save(tmp_path / "a part.wav", noise, RATE)
    save(tmp_path / "a context.wav", np.stack((context, np.zeros_like(context))), RATE)
    found = only(tmp_path)
    np.testing.assert_allclose(found.part, part, atol=2e-4)
    np.testing.assert_allclose(found.context, context, atol=1e-6)
    assert found.remarks == (
        "a part.wav: 7 of its 8 channels are empty, and left out",
        "a context.wav: 1 of its 2 channels are empty, and left out",
    )
    save(tmp_path / "a part.wav", np.stack((part, 0.1 * part)), RATE)
    save(tmp_path / "a context.wav", np.stack((context, context)), RATE)
    found = only(tmp_path)
    np.testing.assert_allclose(found.part, 0.55 * part, atol=1e-6)
    assert not found.remarks, "a channel that is softer is not empty"


def test_a_part_on_one_side_of_its_mix_is_taken_out_as_loud_as_it_is_there(tmp_path):
    part, context = played(4.0, 0)
    silent = np.zeros_like(part)
    save(tmp_path / "a part.wav", np.stack((part, silent)), RATE)
    save(tmp_path / "a mix.wav", np.stack((part + context, context)), RATE)
    found = only(tmp_path)
    np.testing.assert_allclose(found.context, context, atol=1e-6)
    assert not found.remarks


@pytest.mark.parametrize("gain", [0.5, 1.0])  # a mean of both channels, or the one that sounds
def test_beside_a_mix_of_one_channel_it_is_as_loud_as_it_is_there(tmp_path, gain):
    part, context = played(4.0, 0)
    save(tmp_path / "a part.wav", np.stack((part, np.zeros_like(part))), RATE)
    save(tmp_path / "a mix.wav", (gain * part + 0.5 * context)[None], RATE)
    found = only(tmp_path)
    np.testing.assert_allclose(found.part, gain * part, atol=1e-6)
    np.testing.assert_allclose(found.context, 0.5 * context, atol=1e-6)


def test_a_file_of_empty_channels_alone_is_silent(tmp_path):
    part, context = played(4.0, 0)
    save(tmp_path / "a part.wav", np.zeros((2, len(part)), np.float32), RATE)
    save(tmp_path / "a context.wav", context, RATE)
    with pytest.raises(DataError, match="is silent"):
        only(tmp_path)


def test_more_channels_than_fit_into_memory_are_refused_before_they_are_read(tmp_path, monkeypatch):
    part, context = played(4.0, 0)
    save(tmp_path / "a part.wav", np.stack((part,) * 8), RATE)
    save(tmp_path / "a context.wav", context, RATE)
    monkeypatch.setattr(recordings, "MOST_SAMPLES", 5 * len(part))
    monkeypatch.setattr(recordings, "load", lambda path: pytest.fail("it was read"))
    with pytest.raises(DataError, match="a part.wav has 8 channels of 0 minutes at 44100 Hz"):
        only(tmp_path)


@pytest.mark.parametrize("rest", [1.0, 0.5])
def test_a_flac_that_does_not_say_how_long_it_is_is_to_be_exported_again(tmp_path, rest):
    """As one that was piped, or cut off before its header was finished (RFC 9639, section 8.2)."""
    part, context = played(4.0, 0)
    save(tmp_path / "a part.flac", part, RATE)
    save(tmp_path / "a context.wav", context, RATE)
    data = bytearray((tmp_path / "a part.flac").read_bytes())
    data[21:26] = bytes([data[21] & 0xF0]) + bytes(4)
    (tmp_path / "a part.flac").write_bytes(data[: int(rest * len(data))])
    why = "^cannot read .*a part.flac: its header has no length, .*; export it again$"
    with pytest.raises(AudioError, match=why):
        load(tmp_path / "a part.flac")
    with pytest.raises(DataError, match=why):
        only(tmp_path)


def test_files_of_unequal_length_end_together_and_it_is_said(tmp_path):
    part, context = played(4.0, 0)
    save(tmp_path / "a part.wav", part, RATE)
    save(tmp_path / "a context.wav", context[:RATE], RATE)
    found = only(tmp_path)
    assert len(found.part) == RATE
    assert "differ by 3.0 s" in found.remarks[0]


def test_a_folder_that_is_not_there_is_said_to_be_so(tmp_path):
    with pytest.raises(DataError, match="there is no such folder"):
        find_takes(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "no recordings in"),
        ({"a part": 1.0}, "no context and no mix"),
        ({"a context": 1.0}, "has no part beside it"),
        ({"a part": 1.0, "a context": 0.5, "a mix": 0.5}, "both a context and a mix"),
        ({"a part": 0.0, "a context": 1.0}, "is silent"),
        ({"a part": 1.0, "a context": 1.0}, "are the same sound"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused_with_its_name(tmp_path, files, reason):
    part, _ = played(4.0, 0)
    for name, level in files.items():
        save(tmp_path / f"{name}.wav", np.float32(level) * part, RATE)
    with pytest.raises(DataError, match=reason) as refused:
        for take in find_takes(tmp_path):
            record_of(take)
    assert "\n" not in str(refused.value)


def test_a_mix_without_the_part_in_it_is_refused(tmp_path):
    save(tmp_path / "a part.wav", played(4.0, 0)[0], RATE)
    save(tmp_path / "a mix.wav", np.roll(played(4.0, 9, bpm=83)[1], 777), RATE)
    with pytest.raises(DataError, match="does not have a part.wav in it"):
        only(tmp_path)


def test_a_file_that_is_no_sound_is_refused(tmp_path):
    write_take(tmp_path, "a")
    (tmp_path / "a part.wav").write_bytes(b"RIFF and nothing else")
    with pytest.raises(DataError, match="cannot read .*a part.wav"):
        only(tmp_path)


def test_samples_that_are_no_numbers_are_refused(tmp_path):
    part, context = played(4.0, 0)
    part[100] = np.nan
    save(tmp_path / "a part.wav", part, RATE)
    save(tmp_path / "a context.wav", context, RATE)
    with pytest.raises(DataError, match="no numbers"):
        only(tmp_path)


def test_a_context_that_has_the_part_in_it_is_refused(tmp_path):
    """A model would learn to find itself there, and live it is not."""
    part, context = played(8.0, 0)
    save(tmp_path / "a part.wav", part, RATE)
    save(tmp_path / "a context.wav", context + part, RATE)
    with pytest.raises(DataError, match="has the part in it .* name it '... mix.wav'"):
        only(tmp_path)


def test_a_microphone_that_hears_the_music_is_a_remark_and_no_refusal(tmp_path):
    part, context = played(8.0, 0)
    save(tmp_path / "a part.wav", part + np.float32(0.3) * context, RATE)
    save(tmp_path / "a context.wav", context, RATE)
    assert "or the music in the part?" in only(tmp_path).remarks[0]


def test_a_part_that_bleeds_into_its_context_is_told(tmp_path):
    part, context = played(8.0, 0)
    save(tmp_path / "a part.wav", part, RATE)
    save(tmp_path / "a context.wav", context, RATE)
    assert not only(tmp_path).remarks
    save(tmp_path / "a context.wav", context + np.float32(0.35) * part, RATE)
    assert "may listen for itself" in only(tmp_path).remarks[0]


def test_takes_whose_names_are_not_utf_8_are_one_line_that_can_be_printed(tmp_path):
    write_take(tmp_path, "a")
    try:
        for path in list(tmp_path.iterdir()):
            path.rename(path.with_name(path.name.replace("a ", os.fsdecode(b"caf\xe9 "), 1)))
    except OSError:
        pytest.skip("the files of this system have no such names")
    with pytest.raises(DataError, match="caf%E9 part.wav: its path is not UTF-8; rename it") as told:
        record_of(find_takes(tmp_path)[0])
    assert str(told.value).encode()
