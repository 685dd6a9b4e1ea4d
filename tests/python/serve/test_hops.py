"""Bodies: audio in every format, controls, and what is no body."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.errors import SettingsError
from sideman.serve.hops import (
    FORMATS,
    Heard,
    Played,
    read_heard,
    read_played,
    write_heard,
    write_played,
)
from sideman.serve.messages import build

CONTROLS = {
    "steps": 2, "guidance": 3.0, "temperature": 0.75, "sampler": "euler", "mode": "delay", "inertia": 0.5,
    "feedback": 0.25, "mix": 0.75, "track": True, "patience": 2.0, "tags": (("bright", 1.0), ("a free word", 0.5)),
    "clock": (120.0, 3.5, 3),
}


def noise(rows: int, samples: int = 64) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.9, 0.9, (rows, samples)).astype(np.float32)


@pytest.mark.parametrize(("kind", "error"), [("float32", 0), ("float16", 5e-4), ("int16", 2e-5)])
def test_audio_comes_back_as_well_as_its_format_can(kind, error):
    audio = noise(2)
    heard = read_heard(write_heard(Heard(audio, 1.5, CONTROLS), kind))
    assert heard.audio.dtype == np.float32
    assert np.abs(heard.audio - audio).max() <= error
    played = read_played(write_played(Played(audio, True, 0.01), kind))
    assert np.abs(played.audio - audio).max() <= error


def test_controls_come_back():
    heard = read_heard(write_heard(Heard(noise(1), 1.5, CONTROLS), "float32"))
    assert heard.due == 1.5
    assert heard.controls == CONTROLS


def test_what_is_not_told_is_as_the_model_has_it():
    controls = read_heard(write_heard(Heard(noise(1), 0.0), "float32")).controls
    assert controls["steps"] == -1
    assert controls["clock"] is None
    assert controls["tags"] == ()
    assert controls["track"] is False


def test_an_answer_tells_what_the_tracker_heard_and_whether_it_continues():
    told = read_played(write_played(Played(noise(1), False, 0.02, (98.5, 1.25, 3, 0.5)), "int16"))
    assert told.clock == (98.5, 1.25, 3, 0.5)
    assert not told.continues
    assert read_played(write_played(Played(noise(1), True, 0.0), "int16")).clock is None


def test_loud_samples_are_clipped_not_wrapped():
    loud = np.array([[1.5, -1.5]], np.float32)
    assert read_heard(write_heard(Heard(loud, 0.0), "int16")).audio.tolist() == [[1.0, -1.0]]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (build("/sideman/played", {"rows": 1}), "give /sideman/heard"),
        (b"nothing of the kind", "no message"),
        (build("/sideman/heard", {"format": "mp3", "audio": bytes(8)}), "format is mp3"),
        (build("/sideman/heard", {"rows": 1}), "0 bytes are not 1 rows"),
        (build("/sideman/heard", {"rows": 2, "audio": bytes(12)}), "12 bytes are not 2 rows"),
        (build("/sideman/heard", {"rows": 3, "audio": bytes(12)}), "heard 3 rows"),
        (build("/sideman/heard", {"rows": 65, "audio": bytes(8)}), "rows is 65"),
        (build("/sideman/heard", {"audio": bytes(8), "tags": "loud"}), "tag 'loud'"),
        (build("/sideman/heard", {"audio": bytes(8), "tags": "nan x"}), "tag 'nan x'"),
        (build("/sideman/heard", {"audio": bytes(8), "feedback": 2.0}), "feedback is 2.0"),
    ],
)
def test_what_is_no_hop_is_refused_with_the_reason(body, why):
    with pytest.raises(SettingsError, match=why):
        read_heard(body)


@settings(max_examples=300)
@given(st.data())
def test_spoilt_bodies_are_hops_or_settings_errors(data):
    body = bytearray(write_heard(Heard(noise(1, 8), 1.0, CONTROLS), data.draw(st.sampled_from(FORMATS))))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(body[: data.draw(st.integers(0, len(body)))])
    for spoilt in (bytes(body), cut):
        try:
            assert read_heard(spoilt).audio.ndim == 2
        except SettingsError:
            pass
