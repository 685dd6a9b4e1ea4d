"""Sound fonts are found by their file, or by the name of an installed one."""

from __future__ import annotations

import ctypes.util
import os
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


def test_a_font_that_has_nothing_to_play_notes_with_is_refused_instead_of_silent(
    fluidsynth, monkeypatch
) -> None:
    font, notes = fluid.installed_sound_fonts()[0], [(0, True, 60, 90), (4410, False, 60, 0)]
    monkeypatch.setattr(fluid, "_DRUM_BANK", 77)  # which no font has
    with fluid.Synth(font) as synth:
        assert synth.render(notes, 4410, 3, False).any()
    with fluid.Synth(font) as synth:
        assert not synth.render([], 4410, 3, True).any()
        with pytest.raises(DataError, match=f"{font.name}: its bank 77 .* 3 nor program 0; give a"):
            synth.render(notes, 4410, 3, True)


def test_a_font_whose_path_is_not_utf_8_is_read(fluidsynth, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.sf2")
    try:
        odd.symlink_to(fluid.installed_sound_fonts()[0])
    except OSError:
        pytest.skip("the files of this system have no such names")
    fluid.check_sound_font(odd)
    odd.unlink()
    with pytest.raises(DataError, match="caf%E9.sf2: no such file"):
        fluid.check_sound_font(odd)
    odd.write_bytes(b"no sound font" * 99)
    with pytest.raises(DataError, match="caf%E9.sf2: FluidSynth does not read it"):
        fluid.check_sound_font(odd)


@pytest.fixture
def unfound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """ctypes finds no FluidSynth by itself; where Homebrew would have put it."""
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    monkeypatch.setattr(fluid, "_LIBRARIES", (str(tmp_path / "none"), str(tmp_path / "brewed")))
    return tmp_path / "brewed"


def test_a_library_that_ctypes_does_not_find_is_taken_from_where_homebrew_has_it(
    fluidsynth, unfound: Path
) -> None:
    fluid._library()
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("nobody tells here where the library is")
    loaded = {line.split()[-1] for line in maps.read_text().splitlines() if "fluidsynth" in line}
    unfound.symlink_to(loaded.pop())
    assert fluid._library.__wrapped__()._name == str(unfound)


def test_without_the_library_its_packages_are_named(unfound: Path) -> None:
    packages = r"\(Debian: libfluidsynth3, Homebrew: fluid-synth\)$"
    with pytest.raises(DataError, match=f"libfluidsynth is not installed; install it {packages}"):
        fluid._library.__wrapped__()
    unfound.write_text("of another processor")
    with pytest.raises(DataError, match=f"cannot render music: .*; install .* {packages}") as told:
        fluid._library.__wrapped__()
    assert "\n" not in str(told.value)
