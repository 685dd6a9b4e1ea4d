"""What is written anew takes nothing of the user's with it."""

from __future__ import annotations

import pytest

from sideman.errors import SettingsError
from sideman.folders import check_ours, put_in_place


def ours(found):
    return found.suffix == ".flac"


def test_what_is_ours_and_what_file_managers_leave_may_be_replaced(tmp_path):
    check_ours(tmp_path / "not there", ours, "")
    for name in ("a.flac", ".DS_Store", "Thumbs.db", "desktop.ini"):
        (tmp_path / name).touch()
    check_ours(tmp_path, ours, "")


def test_anything_else_is_named_with_what_to_do(tmp_path):
    (tmp_path / "song.als").touch()
    with pytest.raises(SettingsError, match="song.als there is not of an earlier run; go elsewhere"):
        check_ours(tmp_path, ours, "go elsewhere")


def test_a_folder_is_replaced_by_a_whole_one(tmp_path):
    new, place = tmp_path / ".place.partial", tmp_path / "place"
    for text in ("one", "two"):
        new.mkdir()
        (new / text).write_text(text)
        put_in_place(new, place)
        assert [p.name for p in place.iterdir()] == [text]
    assert [p.name for p in tmp_path.iterdir()] == ["place"]
