"""Names of files: what is printed of them, and what parts may be called."""

from __future__ import annotations

import os

import pytest

from sideman.names import PART_NAME, shown


@pytest.mark.parametrize(("name", "text"), [
    (b"caf\xe9.mid", "caf%E9.mid"), ("caf\u00e9.mid".encode(), "caf\u00e9.mid"), (b"\xff\xfe", "%FF%FE"),
])  # fmt: skip
def test_bytes_that_are_not_utf_8_are_told_as_percents(name, text):
    assert shown(name.decode(errors="surrogateescape")) == text
    assert shown(os.path.join("a", text)).encode()


@pytest.mark.parametrize("name", ["../evil", "a/b", "a\\b", "", ".hidden", "a\nb"])
def test_no_part_is_called_as_what_lies_elsewhere(name):
    assert not PART_NAME.fullmatch(name)
