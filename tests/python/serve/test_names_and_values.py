"""Names with values: what is read back, what is refused, what is passed over."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.errors import SettingsError
from sideman.serve import messages
from sideman.serve.messages import Field, address_of, build, parse

FIELDS = {
    "count": Field(3, 0, 10),
    "share": Field(0.5, 0, 1),
    "name": Field("none", most=8),
    "data": Field(b"", most=8),
}


def test_values_come_back_and_what_is_missing_has_its_default():
    message = build("/a", {"count": 7, "name": "bass"})
    assert address_of(message) == "/a"
    assert parse(message, FIELDS) == {"count": 7, "share": 0.5, "name": "bass", "data": b""}


def test_a_message_of_very_many_values_is_refused_before_it_is_read(monkeypatch):
    """4 MB of them took a second and a half, in which nobody else was heard."""
    tags = b"," + b"T" * 4_000_000
    message = b"/a\0\0" + tags + b"\0" * (4 - len(tags) % 4)
    monkeypatch.setattr(messages, "OscMessage", lambda _: pytest.fail("it was read"))
    with pytest.raises(SettingsError, match="more than 256 values"):
        parse(message, FIELDS)


def test_unknown_names_are_passed_over():
    message = build("/a", {"newer": 1.5, "share": 0.25, "and": "so on"})
    assert parse(message, FIELDS)["share"] == 0.25


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"count": 11}, "count is 11; give 0 to 10"),
        ({"count": 1.5}, "count is float; give int"),
        ({"share": math.nan}, "share is nan"),
        ({"share": "much"}, "share is str; give float"),
        ({"name": "far too long"}, "name has 12 bytes; give at most 8"),
        ({"data": bytes(9)}, "data has 9 bytes"),
    ],
)
def test_wrong_types_and_ranges_are_refused_by_name(values, why):
    with pytest.raises(SettingsError, match=why):
        parse(build("/a", values), FIELDS)


def test_a_whole_number_may_stand_for_a_real_one():
    assert parse(build("/a", {"share": 1}), FIELDS)["share"] == 1.0


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_settings_error(data):
    address_of(data)
    for message in (data, b"/a\0\0" + data, b"/a\0\0,sisd\0\0\0" + data):
        try:
            parse(message, FIELDS)
        except SettingsError:
            pass


@given(
    st.integers(0, 10), st.floats(0, 1), st.text("abcäß ", max_size=4),
    st.binary(min_size=1, max_size=8),
)
def test_whatever_is_in_range_comes_back(count, share, name, data):
    values = {"count": count, "share": share, "name": name, "data": data}
    assert parse(build("/a", values), FIELDS) == values
