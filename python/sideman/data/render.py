"""From a score to sound: one pass of FluidSynth per part, then levels for the whole piece."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sideman.data.composer import rng_for
from sideman.data.fluid import Event, Synth
from sideman.data.score import FRAME_SAMPLES, Note, Plan, Score

__all__ = ["font_of", "mixed", "note_events", "render_score"]

_LEVEL_DB = {"bass": -1.0, "drums": -2.0, "guitar": -4.0, "piano": -3.0}
_MIX_PEAK_DB = -6.0
_CREST_DB = 13.0


def font_of(plan: Plan, fonts: Sequence[Path]) -> Path:
    """The sound font that is drawn for a piece."""
    return fonts[int(_rng(plan).integers(len(fonts)))]


def _rng(plan: Plan) -> np.random.Generator:
    return rng_for(plan.preset, plan.seed, plan.index, 2)


def render_score(score: Score, fonts: Sequence[Path]) -> tuple[dict[str, np.ndarray], Path]:
    """Audio of each part, float32 [samples], and the sound font drawn for the piece.

    The mix of all parts peaks about -6 dBFS; each part's level is drawn around a fixed balance.
    Raises DataError when FluidSynth or the font cannot be used.
    """
    plan = score.plan
    rng, font = _rng(plan), font_of(plan, fonts)
    rng.integers(len(fonts))  # what the font was drawn with
    raw = {}
    for part, notes in score.parts.items():
        events = note_events(plan, notes)
        with Synth(font) as synth:
            raw[part] = synth.render(events, plan.samples, score.programs[part], part == "drums")
    return mixed(raw, rng), font


def mixed(raw: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Rendered parts, float32 [samples] each, brought to levels around a fixed balance.

    The mix of all parts peaks about -6 dBFS.
    """
    parts = {}
    for part, audio in raw.items():
        level = _gain(_LEVEL_DB[part] + float(rng.uniform(-3.0, 3.0)))
        parts[part] = level * _tamed(audio / max(_sounding_rms(audio), 1e-5))
    peak = max(float(np.abs(sum(parts.values())).max()), 1e-6)
    target = _gain(_MIX_PEAK_DB + float(rng.uniform(-2.0, 1.0)))
    # What still rings when the piece ends fades within its last frame.
    gain = np.full(len(parts[next(iter(parts))]), target / peak, dtype=np.float32)
    gain[-FRAME_SAMPLES:] *= np.linspace(1.0, 0.0, FRAME_SAMPLES, dtype=np.float32)
    return {part: (audio * gain).astype(np.float32) for part, audio in parts.items()}


def note_events(plan: Plan, notes: Sequence[Note]) -> list[Event]:
    """Note-ons and note-offs in samples, in order; an off comes before an on at one sample."""
    events: list[Event] = []
    for note in notes:
        events.append((plan.sample_at(note.start), True, note.pitch, note.velocity))
        events.append((plan.sample_at(note.start + note.length), False, note.pitch, 0))
    return sorted(events)


def _sounding_rms(audio: np.ndarray) -> float:
    """RMS over the frames that sound (within 40 dB of the loudest)."""
    power = np.square(audio.reshape(-1, 1024)).mean(axis=1)
    return float(np.sqrt(power[power > power.max() * 1e-4].mean())) if power.max() > 0 else 0.0


def _tamed(audio: np.ndarray) -> np.ndarray:
    """Bend peaks of audio with unit RMS under a ceiling, as a mix engineer would.

    Raw samples have peaks 25 dB above their RMS; scaled by their peak they would be too quiet.
    """
    ceiling = _gain(_CREST_DB)
    return ceiling * np.tanh(audio / ceiling)


def _gain(level_db: float) -> float:
    return 10.0 ** (level_db / 20.0)
