"""FluidSynth through ctypes: a fresh synthesiser per part, so that no part leaves a trace."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from sideman.data.score import SAMPLE_RATE
from sideman.errors import DataError
from sideman.names import shown

__all__ = [
    "Event", "Synth", "check_sound_font", "fluidsynth_missing", "installed_sound_fonts",
    "named_sound_font",
]  # fmt: skip

_FONT_FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
)
# Where Homebrew puts it; ctypes does not look into the first.
_LIBRARIES = ("/opt/homebrew/lib/libfluidsynth.dylib", "/usr/local/lib/libfluidsynth.dylib")
_PACKAGES = "Debian: libfluidsynth3, Homebrew: fluid-synth"
_DRUM_CHANNEL, _DRUM_BANK = 9, 128

# (sample, on, pitch, velocity)
Event = tuple[int, bool, int, int]


def fluidsynth_missing() -> str | None:
    """Why FluidSynth cannot be used here, or None when it can."""
    try:
        _library()
        installed_sound_fonts()
    except DataError as error:
        return str(error)
    return None


def installed_sound_fonts() -> list[Path]:
    """General MIDI sound fonts in the usual folders, by name, links counted once.

    Raises DataError when there is none.
    """
    found = {path.resolve() for folder in _FONT_FOLDERS for path in Path(folder).glob("*.sf2")}
    if not found:
        raise DataError(
            "no sound font found: looked in "
            + ", ".join(_FONT_FOLDERS)
            + "; install timgm6mb-soundfont or fluid-soundfont-gm, or give "
            "--sound-font (synth) or --pieces (evaluate)"
        )
    return sorted(found, key=lambda path: path.name)


def named_sound_font(given: Path) -> Path:
    """The file, or the installed sound font of that name. Raises DataError where there is none."""
    found = [given, *(Path(folder) / given for folder in _FONT_FOLDERS if given.parent == Path())]
    for path in found:
        if path.is_file():
            return path
    looked = f"; looked in {', '.join(_FONT_FOLDERS)} too" if len(found) > 1 else ""
    raise DataError(f"cannot open sound font {given}: no such file{looked}; give an .sf2 file")


def check_sound_font(path: Path) -> None:
    """Raise DataError when FluidSynth cannot read this file."""
    Synth(path).close()


class Synth:
    """One FluidSynth without reverb and chorus for one mono part at 44.1 kHz; close it after use.

    FluidSynth's own reset keeps the state of voices and filters, which would make a part depend on
    what was rendered before it; loading a sound font anew takes 20 to 40 ms.
    """

    def __init__(self, sound_font: Path):
        if not sound_font.is_file():
            raise DataError(
                f"cannot open sound font {shown(sound_font)}: no such file; give an .sf2 file"
            )
        library = _library()
        settings = library.new_fluid_settings()
        _set(settings, "synth.sample-rate", float(SAMPLE_RATE))
        _set(settings, "synth.gain", 0.4)
        _set(settings, "synth.polyphony", 128)
        _set(settings, "synth.reverb.active", 0)
        _set(settings, "synth.chorus.active", 0)
        _set(settings, "synth.dynamic-sample-loading", 1)
        self._library, self._file = library, sound_font
        self._settings = settings
        self._synth = library.new_fluid_synth(settings)
        self._font = library.fluid_synth_sfload(self._synth, os.fsencode(sound_font), 1)
        if self._font < 0:
            self.close()
            raise DataError(
                f"cannot open sound font {shown(sound_font)}: FluidSynth does not read it; "
                "give an .sf2 file"
            )

    def __enter__(self) -> Synth:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the synthesiser and its sound font."""
        self._library.delete_fluid_synth(self._synth)
        self._library.delete_fluid_settings(self._settings)

    def render(
        self, events: Sequence[Event], samples: int, program: int, drums: bool
    ) -> np.ndarray:
        """Play the part: events sorted by sample -> float32 [samples], mono. Once per synth.

        An event takes effect at the synthesiser's next block of 64 samples, never earlier. Raises
        DataError where the sound font has nothing to play notes with: they would be silent.
        """
        library, synth = self._library, self._synth
        channel = _DRUM_CHANNEL if drums else 0
        bank = _DRUM_BANK if drums else 0
        for choice in (program, 0):
            if library.fluid_synth_program_select(synth, channel, self._font, bank, choice) == 0:
                break
        else:
            if events:
                raise DataError(
                    f"cannot play with sound font {shown(self._file)}: its bank {bank} has neither "
                    f"program {program} nor program 0; give a General MIDI one"
                )
        audio = np.zeros((samples, 2), dtype=np.float32)
        done = 0
        for sample, on, pitch, velocity in events:
            done = self._advance(audio, done, min(sample, samples))
            if on:
                library.fluid_synth_noteon(synth, channel, pitch, velocity)
            else:
                library.fluid_synth_noteoff(synth, channel, pitch)
        self._advance(audio, done, samples)
        return audio.mean(axis=1)

    def _advance(self, audio: np.ndarray, done: int, until: int) -> int:
        """Render up to `until`, on to the end of its block, so that blocks stay aligned."""
        until = max(done, -(-until // 64) * 64)
        count = min(until, audio.shape[0]) - done
        if count > 0:
            address = audio.ctypes.data
            self._library.fluid_synth_write_float(
                self._synth, count, address, 2 * done, 2, address, 2 * done + 1, 2
            )
        return done + max(count, 0)


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    name = ctypes.util.find_library("fluidsynth") or ctypes.util.find_library("libfluidsynth")
    name = name or next((path for path in _LIBRARIES if os.path.exists(path)), None)
    if name is None:
        raise DataError(
            f"cannot render music: libfluidsynth is not installed; install it ({_PACKAGES})"
        )
    try:
        library = ctypes.CDLL(name)
    except OSError as error:  # of another processor, it may be
        raise DataError(
            f"cannot render music: {error}; install libfluidsynth for this Python ({_PACKAGES})"
        ) from error
    pointer, integer, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    signatures = {
        "new_fluid_settings": (pointer, []),
        "fluid_settings_setint": (integer, [pointer, text, integer]),
        "fluid_settings_setnum": (integer, [pointer, text, ctypes.c_double]),
        "new_fluid_synth": (pointer, [pointer]),
        "fluid_synth_sfload": (integer, [pointer, text, integer]),
        "fluid_synth_program_select": (integer, [pointer, integer, integer, integer, integer]),
        "fluid_synth_noteon": (integer, [pointer, integer, integer, integer]),
        "fluid_synth_noteoff": (integer, [pointer, integer, integer]),
        "delete_fluid_synth": (None, [pointer]),
        "delete_fluid_settings": (None, [pointer]),
        "fluid_synth_write_float": (
            integer,
            [pointer, integer, pointer, integer, integer, pointer, integer, integer],
        ),
        "fluid_set_log_function": (pointer, [integer, pointer, pointer]),
    }
    for function, (result, arguments) in signatures.items():
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    for level in range(5):
        library.fluid_set_log_function(level, None, None)
    return library


def _set(settings: int, name: str, value: float | int) -> None:
    setter = (
        _library().fluid_settings_setnum
        if isinstance(value, float)
        else _library().fluid_settings_setint
    )
    setter(settings, name.encode(), value)
