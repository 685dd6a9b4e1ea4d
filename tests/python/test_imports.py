"""The direction of imports, and what `import sideman` costs (design: dependencies point one way)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sideman

PACKAGE = Path(sideman.__file__).parent
STANDARD = sys.stdlib_module_names
BASE = {"errors", "audio", "folders", "names", "remedies", "workers", "_core", ""}
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
    "package": BASE,
    "audio": {"errors", "names"},
    "folders": {"errors"},
    "names": set(),
    "remedies": set(),
    "workers": set(),
    "errors": set(),
}


def imported_rooms(file: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute here"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        rooms |= {(name + ".").split(".")[1] for name in names if name.split(".")[0] == "sideman"}
    return {"" if room.startswith("__") else room for room in rooms}


def files_of(room: str) -> list[Path]:
    files = [PACKAGE / f"{room}.py", *(PACKAGE / room).glob("**/*.py")]
    return [file for file in files if file.is_file()]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_room_imports_only_what_lies_below_it(room: str) -> None:
    assert files_of(room)
    for file in files_of(room):
        assert imported_rooms(file) <= MAY_IMPORT[room] | {room}, file


def test_every_room_but_the_commands_has_its_rule() -> None:
    rooms = {file.stem for file in PACKAGE.glob("*.py")}
    rooms |= {file.parent.name for file in PACKAGE.glob("*/*.py")}
    assert rooms - {"__init__"} == MAY_IMPORT.keys() | {"cli"}


@pytest.mark.parametrize("line", ["import sideman.training.loop", "from sideman.training import loop",
                                  "from sideman import training"])  # fmt: skip
def test_every_spelling_of_an_import_is_seen(line: str, tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(line)
    assert imported_rooms(file) == {"training"}


def test_import_takes_only_itself_and_what_comes_with_python() -> None:
    """So it is quick: no torch, no NumPy, not even a module of its own."""
    code = "import sys; had = {*sys.modules}; import sideman; print(*{*sys.modules} - had)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    foreign = {name for name in run.stdout.split() if name.split(".")[0] not in STANDARD}
    assert foreign == {"sideman"}
