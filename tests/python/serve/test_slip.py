"""SLIP: whatever goes in comes out, however the stream is cut; what is no frame ends it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sideman.serve.slip import Frames, framed

AWKWARD = st.lists(st.sampled_from([0xC0, 0xDB, 0xDC, 0xDD, 0, 65]), min_size=1).map(bytes)


@given(st.lists(AWKWARD | st.binary(min_size=1, max_size=300), max_size=6), st.data())
def test_datagrams_come_out_as_they_went_in_however_the_stream_is_cut(datagrams, data):
    stream = b"".join(map(framed, datagrams))
    frames, found, start = Frames(1400), [], 0
    while start < len(stream):
        size = data.draw(st.integers(1, len(stream)))
        found += frames.take(stream[start : start + size])
        start += size
    assert found == datagrams
    assert not frames.failed


def test_a_frame_is_as_the_rfc_has_it():
    assert framed(b"\xc0A\xdb") == b"\xc0\xdb\xdcA\xdb\xdd\xc0"


def test_too_long_a_frame_and_a_false_escape_end_the_stream():
    for data in (framed(bytes(1401)), b"\xc0\xdbA\xc0", b"\xc0A\xdb\xc0", b"\xc0" + bytes(2801)):
        frames = Frames(1400)
        assert list(frames.take(data)) == []
        assert frames.failed
        assert list(frames.take(framed(b"late"))) == []


def test_empty_frames_are_passed_over():
    assert list(Frames(9).take(b"\xc0\xc0\xc0" + framed(b"x") + b"\xc0")) == [b"x"]
