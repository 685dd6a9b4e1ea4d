"""Sound fonts are found by their file, or by the name of an installed one."""

from __future__ import annotations

from pathlib import Path

import pytest

from sideman.data import fluid
from sideman.errors import DataError


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "fonts"
    folder.mkdir()
    (folder / "band.sf2").write_bytes(b"")
    monkeypatch.setattr(fluid, "_FONT_FOLDERS", (str(tmp_path / "none"), str(folder)))
    return folder


def test_an_installed_font_is_found_by_its_name(installed: Path) -> None:
    assert fluid.named_sound_font(Path("band.sf2")) == installed / "band.sf2"


def test_a_file_goes_before_an_installed_one(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("band.sf2").write_bytes(b"")
    assert fluid.named_sound_font(Path("band.sf2")) == Path("band.sf2")


def test_a_name_that_nobody_has_says_where_was_looked(installed: Path) -> None:
    with pytest.raises(DataError, match="no such file; looked in .*fonts too; give an .sf2 file"):
        fluid.named_sound_font(Path("gone.sf2"))


def test_where_none_is_installed_the_options_that_name_one_are_told(installed: Path) -> None:
    (installed / "band.sf2").unlink()
    with pytest.raises(DataError, match=r"give --sound-font \(synth\) or --pieces \(evaluate\)"):
        fluid.installed_sound_fonts()


def test_a_path_is_looked_up_nowhere_else(installed: Path) -> None:
    with pytest.raises(DataError, match=r"sound font here/band\.sf2: no such file; give an"):
        fluid.named_sound_font(Path("here/band.sf2"))
