"""Pictures of Pd patches as Pd's own window shows them, without a screen.

    python -m tools.pd_screenshots OUT [FILE...]

Needs Xvfb, xdotool, ImageMagick's import, and Pd with its window (puredata-gui).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCREEN, SIZE = ":97", "1300x1000x24"
PATIENCE_S = 20.0


def main(arguments: list[str]) -> int:
    missing = [tool for tool in ("Xvfb", "xdotool", "import", "pd", "wish") if not shutil.which(tool)]
    if missing or not arguments:
        print(f"pd_screenshots: no {', '.join(missing)}; install it" if missing else __doc__)
        return 2
    out = Path(arguments[0])
    out.mkdir(parents=True, exist_ok=True)
    named = [Path(name) for name in arguments[1:]]
    files = named or sorted(f for part in ("help", "examples", "patchers") for f in (ROOT / part).glob("*.pd"))
    screen = subprocess.Popen(["Xvfb", SCREEN, "-screen", "0", SIZE], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1.0)
        shot = [_shoot(file.resolve(), out / f"{file.stem}.png") for file in files]
    finally:
        screen.terminate()
        screen.wait()
    return 0 if all(shot) else 1


def _shoot(file: Path, picture: Path) -> bool:
    """Open one patch, wait for its window, and take its picture."""
    environment = {**os.environ, "DISPLAY": SCREEN}
    command = ["pd", "-noprefs", "-noaudio", "-path", str(ROOT / "build" / "release" / "pd"), str(file)]
    pd = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        window = _window(file.name, environment)
        if not window:
            print(f"pd_screenshots: Pd showed no window of {file.name} in {PATIENCE_S:g} s")
            return False
        subprocess.run(["xdotool", "windowraise", window], env=environment, check=False)
        time.sleep(1.0)
        subprocess.run(["import", "-window", window, str(picture)], env=environment, check=True)
    finally:
        pd.terminate()
        pd.wait()
    print(picture)
    return True


def _window(name: str, environment: dict[str, str]) -> str:
    """The number of the window whose title begins with the file's name; empty when none came."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        search = ["xdotool", "search", "--onlyvisible", "--name", f"^{name.replace('.', '[.]')}"]
        found = subprocess.run(search, env=environment, capture_output=True, text=True, check=False)
        if found.stdout.strip():
            return found.stdout.split()[0]
        time.sleep(0.3)
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
