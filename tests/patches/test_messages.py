"""What the object says in real Pd, and what it answers to words it does not know."""

from __future__ import annotations

from pathlib import Path

from sideman.playing.pd_patch import Patch
from support import pd

pytestmark = pd.needs_pd


def spoken(patch: Patch, arguments: str) -> int:
    """An object whose right outlet is printed; it has one part."""
    sideman = patch.box(f"sideman~ {arguments}")
    patch.cord(sideman, 1, patch.box(f"print {pd.SAYS}"))
    return sideman


def when_ready(patch: Patch, sideman: int, *messages: str) -> int:
    """Send messages to the object at the first `status ready`; returns the bang's box."""
    boxes = [patch.box(text) for text in ("route status", "route ready", "spigot 1")]
    once = patch.box("t " + " ".join("b" for _ in range(len(messages) + 2)))
    patch.cord(sideman, 1, boxes[0])
    patch.chain(*boxes, once)
    shut = patch.message("0")
    patch.cord(once, len(messages) + 1, shut)
    patch.cord(shut, 0, boxes[2], 1)
    for index, text in enumerate(reversed(messages)):
        box = patch.message(text)
        patch.cord(once, 1 + index, box)
        patch.cord(box, 0, sideman)
    return once


def test_states_come_once_per_change_and_in_order(tmp_path: Path) -> None:
    patch = Patch()
    sideman = spoken(patch, "mini @backend echo @hop 1 @lead 2")
    pd.quit_after(patch, 200, when_ready(patch, sideman))
    run = pd.run(patch, tmp_path)
    assert run.code == 0
    assert [line for line in run.said if line.startswith("status")] == [
        "status loading",
        "status ready",
    ]
    assert "backend echo" in run.said
    assert run.printed == []


def test_info_sends_every_figure_and_then_end(tmp_path: Path) -> None:
    patch = Patch()
    sideman = spoken(patch, "mini @backend echo @hop 1 @lead 2")
    pd.quit_after(patch, 50, when_ready(patch, sideman, "info"))
    run = pd.run(patch, tmp_path)
    told = {line.split()[1]: line.split()[2:] for line in run.said if line.startswith("info")}
    assert told["hop_frames"] == ["1"]
    assert told["lead_frames"] == ["2"]
    assert told["latency_samples"] == ["6144"]
    assert told["parts"] == ["auto"]  # the echo plays any part
    assert list(told)[-1] == "end"
    assert {"backend", "realtime_factor", "late", "missed", "latency_p95_ms"} <= set(told)


def test_each_bad_word_prints_one_line_and_the_patch_keeps_running(tmp_path: Path) -> None:
    patch = Patch()
    sideman = spoken(patch, "mini @backend echo @hop 1 @lead 2 @prats bass @fade long")
    pd.quit_after(patch, 50, when_ready(patch, sideman, "tmepo 120", "hop soon", "tempo", "info"))
    run = pd.run(patch, tmp_path)
    assert run.code == 0
    assert len(run.printed) == 5
    assert run.printed[0] == "unknown setting 'prats': did you mean 'parts'?"
    assert run.printed[1].startswith("fade long: ")
    assert run.printed[2] == "unknown message 'tmepo': did you mean 'tempo'?"
    assert run.printed[3].startswith("hop soon: ")
    assert run.printed[4].startswith("tempo says nothing: ")
    assert "info end" in run.said


def test_settings_and_the_clock_are_messages(tmp_path: Path) -> None:
    patch = Patch()
    sideman = spoken(patch, "mini @backend echo @hop 1 @lead 2")
    words = (r"hop 2 \, guidance 1.5 \, mute 1", r"meter 3 \, tempo 96.5 \, beat 1 \, beat")
    pd.quit_after(patch, 300, when_ready(patch, sideman, *words))
    run = pd.run(patch, tmp_path)
    assert run.printed == []
    assert [line for line in run.said if line.startswith("latency")][-1].startswith("latency 8192")


def test_a_missing_venv_is_one_line_and_a_playing_patch(tmp_path: Path) -> None:
    patch = Patch()
    sideman = spoken(patch, "mini @backend embedded @python nowhere/venv")
    patch.cord(patch.box("osc~ 440"), 0, sideman)
    pd.on_load(patch, r"\; pd dsp 1")
    probe, snapshot = patch.box("env~ 1024"), patch.box("print level")
    patch.cord(sideman, 0, probe)
    patch.cord(probe, 0, snapshot)
    pd.quit_after(patch, 1500)
    run = pd.run(patch, tmp_path)
    assert run.code == 0
    assert [line for line in run.said if line.startswith("status")] == [
        "status loading",
        "status error",
    ]
    assert len(run.printed) == 1
    assert "nowhere/venv" in run.printed[0]
    levels = {line for line in run.lines if line.startswith("level:")}
    assert levels == {"level: 0"}
    assert sum(line.startswith("level:") for line in run.lines) > 20


def test_doctor_checks_from_inside(tmp_path: Path) -> None:
    patch = Patch()
    sideman = spoken(patch, "mini @backend embedded @python nowhere/venv")
    pd.on_load(patch, "doctor", target=sideman)
    pd.quit_after(patch, 500)
    run = pd.run(patch, tmp_path)
    assert "doctor bridge failed" in run.said
    assert any(line.startswith("doctor: ") and "nowhere/venv" in line for line in run.printed)
