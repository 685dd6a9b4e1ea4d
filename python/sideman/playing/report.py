"""Writes a performance to a folder: one WAV per part, the mix, report.json and report.png."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sideman import audio
from sideman.errors import SettingsError
from sideman.folders import check_report
from sideman.names import PART_NAME, shown
from sideman.playing.performance import Performance, Request

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["check_place", "figures", "write"]

COLOURS = {"heard": "#4c6a92", "answered": "#3a8f5c", "late": "#d1603d", "part": "#7a4f9a"}


def figures(request: Request, performance: Performance) -> dict[str, Any]:
    """The content of report.json: counters of the music's own hops, times in ms."""
    facts = performance.facts
    last = performance.ticks[-1]
    return {
        "host": performance.host,
        "backend": facts["backend"],
        "model": facts["model"],
        "music": request.music.path.name,
        "seconds": round(request.music.seconds, 3),
        "bpm": request.music.bpm,
        "rate": performance.rate,
        "parts": list(request.parts),
        "hops": last.hops,
        "late": last.late,
        "missed": last.missed,
        "hop_frames": facts["hop_frames"],
        "lead_frames": facts["lead_frames"],
        "reaction_ms": round(float(facts["reaction_ms"]), 2),
        "latency_samples": facts["latency_samples"],
        "latency_ms": {
            name: round(float(facts[f"latency_{name}_ms"]), 2) for name in ("p50", "p95", "max")
        },
        "realtime_factor": round(float(facts["realtime_factor"]), 4),
        "console": list(performance.console),
    }


def write(folder: Path, request: Request, performance: Performance) -> dict[str, Path]:
    """Write everything; returns the paths by name. Existing files of the names are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    others, parts = _others(folder), _parts(folder, request)
    report = figures(request, performance)  # first: by it the others are known to be ours
    others["report"].write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for part, samples in zip(request.parts, performance.parts, strict=True):
        audio.save(parts[part], samples, performance.rate)
    audio.save(others["mix"], _mix(request, performance), performance.rate)
    _draw(others["picture"], request, performance, report)
    return parts | others


def check_place(folder: Path, request: Request) -> None:
    """Raises SettingsError where `write` would replace what no earlier performance wrote, or the
    music that is played, or could not tell a part from what else it writes, or write into the
    folder by its name."""
    try:
        str(folder).encode()
    except UnicodeError as error:  # no sound file can be written there
        raise SettingsError(
            f"cannot write to {shown(folder)}: its path is not UTF-8; give another --out"
        ) from error
    others, parts = _others(folder), _parts(folder, request)
    for part in parts:
        if not PART_NAME.fullmatch(part):
            raise SettingsError(
                f"cannot write a part {shown(part)}: its file is called by it; give a name of "
                "letters and digits"
            )
        if part.casefold() in others:
            raise SettingsError(
                f"cannot write a part {part}: the {part.casefold()} of the performance is called "
                "so; give the part another name"
            )
    files = [*others.values(), *parts.values()]
    for path in files:
        if path.exists() and request.music.path.exists() and path.samefile(request.music.path):
            raise SettingsError(
                f"cannot write to {folder}: {path.name} there is the music to be played; give another --out"
            )
    check_report(files, {"music", "hops", "lead_frames"}, "performance")


def _parts(folder: Path, request: Request) -> dict[str, Path]:
    return {part: folder / f"{part}.wav" for part in request.parts}


def _others(folder: Path) -> dict[str, Path]:
    return {
        "report": folder / "report.json",
        "mix": folder / "mix.wav",
        "picture": folder / "report.png",
    }


def _mix(request: Request, performance: Performance) -> np.ndarray:
    """The music as given and all parts: float32 [channels, samples], turned down if it would clip."""
    music = request.music.audio
    mix = np.zeros((music.shape[0], performance.heard.size), np.float32)
    mix[:, : music.shape[1]] = music
    mix += performance.parts.sum(axis=0)
    peak = float(np.abs(mix).max(initial=0.0))
    return mix / peak if peak > 1.0 else mix


def _draw(path: Path, request: Request, performance: Performance, report: dict[str, Any]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = 2 + len(request.parts)
    figure, axes = pyplot.subplots(
        rows, 1, figsize=(14, 1.9 * rows), sharex=True, layout="constrained",
        height_ratios=[1.0] * (rows - 1) + [0.7],
    )  # fmt: skip
    _waveform(axes[0], performance.heard, performance.rate, COLOURS["heard"], "heard")
    for axis, part, samples in zip(axes[1:-1], request.parts, performance.parts, strict=True):
        _waveform(axis, samples, performance.rate, COLOURS["part"], f"played: {part}")
    _time_line(axes[-1], performance)
    axes[-1].set_xlabel("seconds since the first sample of the music")
    figure.suptitle(
        f"{report['music']} in {report['host']}, {report['backend']} {report['model']}: "
        f"{report['hops']} hops, {report['late']} late, {report['missed']} missed; "
        f"reaction {report['reaction_ms']:.0f} ms, "
        f"thinking {report['latency_ms']['p50']:.0f} ms (worst {report['latency_ms']['max']:.0f})"
    )
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def _waveform(axis: Axes, samples: np.ndarray, rate: int, colour: str, label: str) -> None:
    """Peaks of short stretches, so that a long piece draws quickly and shows every spike."""
    stretch = max(1, samples.size // 3000)
    folded = samples[: samples.size // stretch * stretch].reshape(-1, stretch)
    times = np.arange(folded.shape[0]) * stretch / rate
    axis.fill_between(times, folded.min(axis=1), folded.max(axis=1), color=colour, linewidth=0.3)
    axis.set_ylabel(label)
    peak = max(0.01, 1.05 * float(np.abs(samples).max(initial=0.0)))
    axis.set_ylim(-peak, peak)
    axis.margins(x=0)


def _time_line(axis: Axes, performance: Performance) -> None:
    """One mark per tick in which a hop was answered in time, was late, or never sounded."""
    hop_s = _hop_seconds(performance)
    heard = np.arange(1, int(performance.heard.size / performance.rate / hop_s) + 1) * hop_s
    axis.eventplot(heard, lineoffsets=2, linelengths=0.7, colors=COLOURS["heard"])
    times = {"answered": [], "late": []}
    for before, now in zip(performance.ticks, performance.ticks[1:], strict=False):
        troubled = now.late - before.late + now.missed - before.missed
        if troubled:
            times["late"].append(now.seconds)
        if now.hops - before.hops > now.late - before.late:
            times["answered"].append(now.seconds)
    axis.eventplot(times["answered"], lineoffsets=1, linelengths=0.7, colors=COLOURS["answered"])
    axis.eventplot(times["late"], lineoffsets=0, linelengths=0.7, colors=COLOURS["late"])
    axis.set_yticks([2, 1, 0], ["hop heard", "answered", "late or missed"])
    axis.set_ylim(-0.6, 2.6)


def _hop_seconds(performance: Performance) -> float:
    facts = performance.facts
    frames = facts["hop_frames"] + facts["lead_frames"]
    return float(facts["reaction_ms"]) / 1000 * facts["hop_frames"] / frames
