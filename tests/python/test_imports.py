"""The direction of imports, and what `import sideman` costs (design: dependencies point one way)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sideman

PACKAGE = Path(sideman.__file__).parent
BASE = {"errors", "audio", "folders", "_core", ""}
MAY_IMPORT = {
    "models": BASE,
    "diffusion": BASE,
    "streaming": BASE | {"models", "diffusion"},
    "bridge": BASE | {"models", "diffusion", "streaming"},
    "serve": BASE | {"models", "streaming", "_wire"},
    "data": BASE | {"models"},
    "evaluation": BASE | {"models", "diffusion", "streaming", "data"},
    "training": BASE | {"models", "diffusion", "streaming", "data", "evaluation"},
    "playing": BASE,
}


def imported_rooms(file: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sideman":
            below = (node.module or "").split(".")[1:]
            rooms |= {below[0]} if below else {alias.name for alias in node.names}
    return {"" if room.startswith("__") else room for room in rooms}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_room_imports_only_what_lies_below_it(room: str) -> None:
    files = [PACKAGE / f"{room}.py", *(PACKAGE / room).glob("**/*.py")]
    for file in filter(Path.is_file, files):
        assert imported_rooms(file) <= MAY_IMPORT[room] | {room}, file


def test_import_takes_no_torch_and_under_300_ms() -> None:
    code = (
        "import sys, time; t = time.perf_counter(); import sideman; "
        "print(time.perf_counter() - t, 'torch' in sys.modules)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    seconds = min(float(run.stdout.split()[0]) for run in runs)
    assert all(run.stdout.split()[1] == "False" for run in runs)
    assert seconds < 0.3
