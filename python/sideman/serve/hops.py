"""Bodies: what one hop carries to the server, and what it carries back (docs/protocol.md, section 4)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sideman.errors import SettingsError
from sideman.serve.messages import Field, address_of, build, parse

__all__ = ["FORMATS", "Heard", "Played", "read_heard", "read_played", "write_heard", "write_played"]

FORMATS = ("float32", "float16", "int16")
MOST_ROWS = 64
MOST_BODY = 4 << 20  # bytes
MOST_AUDIO = MOST_BODY - 1024  # of an answer, which says more than its audio
INT16 = 32767.0

CONTROLS = {
    "steps": Field(-1, -1, 50),
    "guidance": Field(-1.0, -1, 20),
    "temperature": Field(-1.0, -1, 2),
    "sampler": Field("auto", most=32),
    "mode": Field("accompany", most=32),
    "inertia": Field(1.0, 0, 1),
    "patience": Field(1.0, 0, 64),
    "feedback": Field(0.0, 0, 1),
    "mix": Field(1.0, 0, 1),
    "track": Field(0, 0, 1),
    "tags": Field("", most=4096),  # a line each: weight, space, name
    "bpm": Field(0.0, 0, 1000),  # 0: no clock
    "beat": Field(0.0),
    "beats_per_bar": Field(4, 1, 32),
}
AUDIO = {
    "format": Field("float32", most=16),
    "rows": Field(1, 1, MOST_ROWS),
    "audio": Field(b"", most=MOST_BODY),
}
HEARD = {**AUDIO, **CONTROLS, "due": Field(0.0)}
PLAYED = {
    **AUDIO,
    "continues": Field(1, 0, 1),
    "thought": Field(0.0, 0),
    "bpm": Field(0.0, 0, 1000),
    "beat": Field(0.0),
    "beats_per_bar": Field(4, 1, 32),
    "confidence": Field(0.0, 0, 1),
}


@dataclass(frozen=True)
class Heard:
    """A hop that was heard. audio: float32 [1 or 2, samples], music and sketch; due: when its answer
    must be there, in the sender's time; controls: as the bridge takes them; kind: the format in
    which it came, and its answer goes."""

    audio: np.ndarray
    due: float
    controls: dict[str, Any] = field(default_factory=dict)
    kind: str = "float32"


@dataclass(frozen=True)
class Played:
    """An answer. audio: float32 [parts, samples]; thought: seconds it took; clock: what the tracker
    heard, (bpm, beat, beats per bar, confidence); together: answers of that time, which are of
    several guests where a batch was played (told to nobody)."""

    audio: np.ndarray
    continues: bool
    thought: float
    clock: tuple[float, float, int, float] | None = None
    together: int = 1


def write_heard(heard: Heard, kind: str) -> bytes:
    """A body in an audio format."""
    told = dict(heard.controls)
    clock, tags = told.pop("clock", None), told.pop("tags", ())
    if clock is not None:
        told |= {"bpm": float(clock[0]), "beat": float(clock[1]), "beats_per_bar": int(clock[2])}
    if tags:
        told["tags"] = "\n".join(f"{weight:g} {name}" for name, weight in tags)
    if "track" in told:
        told["track"] = int(told["track"])
    return build("/sideman/heard", {**_audio(heard.audio, kind), "due": heard.due, **told})


def read_heard(body: bytes) -> Heard:
    """The hop in a body. Raises SettingsError when it holds none."""
    values = _read(body, "/sideman/heard", HEARD)
    audio = _samples(values)
    if len(audio) > 2:
        raise SettingsError(f"heard {len(audio)} rows; give 1 or 2: the music, the sketch")
    controls = {name: values[name] for name in CONTROLS}
    bpm, beat, per_bar = (controls.pop(name) for name in ("bpm", "beat", "beats_per_bar"))
    controls["clock"] = (bpm, beat, per_bar) if bpm > 0 else None
    controls["tags"] = _tags(controls["tags"])
    controls["track"] = bool(controls["track"])
    return Heard(audio, values["due"], controls, values["format"])


def write_played(played: Played, kind: str) -> bytes:
    """A body in an audio format."""
    told: dict[str, Any] = {"continues": int(played.continues), "thought": played.thought}
    if played.clock is not None:
        told |= dict(zip(("bpm", "beat", "beats_per_bar", "confidence"), played.clock))
    return build("/sideman/played", {**_audio(played.audio, kind), **told})


def read_played(body: bytes) -> Played:
    """The answer in a body. Raises SettingsError when it holds none."""
    values = _read(body, "/sideman/played", PLAYED)
    clock = tuple(values[name] for name in ("bpm", "beat", "beats_per_bar", "confidence"))
    heard = clock if values["bpm"] > 0 else None
    return Played(_samples(values), bool(values["continues"]), values["thought"], heard)


def _read(body: bytes, address: str, fields: dict[str, Field]) -> dict[str, Any]:
    found = address_of(body)
    if found != address:
        raise SettingsError(f"the body is {found or 'no message'}; give {address}")
    return parse(body, fields)


def _audio(audio: np.ndarray, kind: str) -> dict[str, Any]:
    if kind == "int16":
        samples = np.round(np.clip(audio, -1, 1) * INT16).astype("<i2")
    else:
        samples = audio.astype({"float32": "<f4", "float16": "<f2"}[kind])
    return {"format": kind, "rows": len(audio), "audio": samples.tobytes()}


def _samples(values: dict[str, Any]) -> np.ndarray:
    kind, rows, data = values["format"], values["rows"], values["audio"]
    if kind not in FORMATS:
        raise SettingsError(f"format is {kind}; give one of {', '.join(FORMATS)}")
    stored = np.dtype({"float32": "<f4", "float16": "<f2", "int16": "<i2"}[kind])
    if not data or len(data) % (rows * stored.itemsize):
        raise SettingsError(f"{len(data)} bytes are not {rows} rows of {kind}")
    samples = np.frombuffer(data, stored).reshape(rows, -1).astype(np.float32)
    return samples / np.float32(INT16) if kind == "int16" else samples


def _tags(text: str) -> tuple[tuple[str, float], ...]:
    found = []
    for line in text.splitlines():
        weight, _, name = line.partition(" ")
        try:
            value = float(weight)
        except ValueError:
            value = math.nan
        if not name or not 0 <= value <= 1:
            raise SettingsError(f"tag {line!r} is not a weight from 0 to 1 and a name")
        found.append((name, value))
    return tuple(found)
