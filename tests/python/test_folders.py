"""What is written anew takes nothing of the user's with it."""

from __future__ import annotations

import pytest

from sideman.errors import SettingsError
from sideman.folders import check_ours, made_ready, put_in_place


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


def test_a_place_is_made_and_nothing_is_left_in_it(tmp_path):
    made_ready(tmp_path / "a" / "b")
    made_ready(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize("below", ["", "report"])
def test_a_place_that_cannot_be_is_one_line_with_the_option_to_change(below, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"cannot write to .*file.*: .*; give another --run$"):
        made_ready(tmp_path / "file" / below, "--run")


def test_a_folder_that_takes_no_file_is_found_out(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(SettingsError, match="Read-only file system; give another --out"):
        made_ready(tmp_path)
