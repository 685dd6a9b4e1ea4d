"""Writes help/sideman-example.wav, the example that the help plays: four bars of the package's
example, to be played round and round. Pd reads no FLAC. It may be rendered to as well: it begins with the first beat.

    python -m tools.pd_example
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile

__all__ = ["BEFORE_MS", "PLACE", "four_bars", "write"]

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "python" / "sideman" / "media" / "duo_context.flac"
PLACE = ROOT / "help" / "sideman-example.wav"
BEFORE_MS = 20  # from the start to the first beat: players are not exact, and their attacks are kept
FADE_MS = 10


def four_bars() -> tuple[np.ndarray, int]:
    """(audio float32 [samples], rate): faded at both ends, so that it may go round."""
    plan = json.loads(SOURCE.with_suffix(".json").read_text(encoding="utf-8"))
    audio, rate = soundfile.read(SOURCE, dtype="float32")
    first = plan["downbeat_sample"] - BEFORE_MS * rate // 1000
    length = round(4 * plan["beats_per_bar"] * 60 / plan["bpm"] * rate)
    bars = audio[first : first + length].copy()
    ramp = np.linspace(0, 1, FADE_MS * rate // 1000, dtype=np.float32)
    bars[: len(ramp)] *= ramp
    bars[-len(ramp) :] *= ramp[::-1]
    return bars, rate


def write(place: Path = PLACE) -> None:
    bars, rate = four_bars()
    soundfile.write(place, bars, rate, subtype="PCM_16")


if __name__ == "__main__":
    write()
