"""A short context to try things with: one held-out piece without its bass.

The one that the package carries was written when there were fewer styles; patches and guides name
its tempo, so it stays.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sideman.data.composer import compose, plan_piece
from sideman.data.render import render_score
from sideman.data.score import FRAME_SAMPLES, SAMPLE_RATE
from sideman.errors import DataError, SettingsError

__all__ = ["write_demo"]

# Chosen by measurement: drums, guitar and piano all play, hardly a silent frame.
_INDEX = 197
_MISSING = "bass"
_SECONDS = 18.9
# 13 of 16 bits save a third of the file; the rounding lies 57 dB below the music.
_STEP = 8 / 32768
_CARD = {
    "id", "style", "key", "bpm", "beats_per_bar", "downbeat_sample", "samples", "sound_font",
    "parts", "chords",
}  # fmt: skip


def write_demo(path: Path, fonts: Sequence[Path]) -> None:
    """Write the demonstration context as FLAC, and its clock and chords as JSON beside it.

    Raises DataError when the path does not end in .flac or cannot be written, SettingsError where
    one of the two is there already and no earlier demo.
    """
    import soundfile

    if path.suffix != ".flac":
        raise DataError(f"cannot write the demo to {path}: not a .flac name; end it in .flac")
    _check_place(path, path.with_suffix(".json"))
    plan = plan_piece("heldout", 0, _INDEX)
    score = compose(plan)
    parts, font = render_score(score, fonts)
    samples = int(_SECONDS * SAMPLE_RATE) // FRAME_SAMPLES * FRAME_SAMPLES
    context = sum(audio for part, audio in parts.items() if part != _MISSING)[:samples]
    context[-FRAME_SAMPLES:] *= np.linspace(1.0, 0.0, FRAME_SAMPLES, dtype=np.float32)
    card = {
        "id": plan.id,
        "style": plan.style,
        "key": score.key,
        "bpm": plan.bpm,
        "beats_per_bar": plan.beats_per_bar,
        "downbeat_sample": plan.downbeat_sample,
        "samples": samples,
        "sound_font": font.name,
        "parts": [part for part in parts if part != _MISSING],
        "chords": [
            [c.start, c.root, c.quality] for c in score.chords if plan.sample_at(c.start) < samples
        ],
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(str(path), np.round(context / _STEP) * _STEP, SAMPLE_RATE, subtype="PCM_16")
        path.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    except (OSError, UnicodeError, soundfile.LibsndfileError) as error:
        raise DataError(
            f"cannot write the demo to {path}: {error}; choose another place"
        ) from error


def _check_place(*files: Path) -> None:
    """The last file is the card; one with exactly these facts is a demo's, not a piece's."""
    there = [file for file in files if file.exists()]
    try:
        ours = set(json.loads(files[-1].read_text(encoding="utf-8"))) == _CARD
    except (OSError, ValueError, TypeError):
        ours = False
    if there and not ours:
        raise SettingsError(
            f"cannot write the demo to {files[0]}: {there[0].name} there is not of an earlier "
            "demo; give another name"
        )
