"""Makes the throwaway venvs of tests/backends: `make_venvs.py FOLDER BRIDGE OLD_BRIDGE`.

Each holds the stand-in package beside this file and the bridge library under test, whole or with
one thing wrong, as its folder name says. OLD_BRIDGE speaks another ABI. No pip and no network.
"""

from __future__ import annotations

import re
import shutil
import sys
import venv
from pathlib import Path

FAKE = Path(__file__).parent / "fake" / "sideman"
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"


def site_packages(folder: Path, python: str = PYTHON) -> Path:
    return folder / "lib" / python / "site-packages"


def make(folder: Path, bridge: Path) -> None:
    venv.create(folder, with_pip=False, symlinks=True)
    package = site_packages(folder) / "sideman"
    shutil.copytree(FAKE, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(bridge, package)
    # As an editable install writes it: with the folder's own name, which may be spelt in any script.
    paths = site_packages(folder) / "editable.pth"
    paths.write_text(f"{folder.parent}/Zoë\n", encoding="utf-8")


def claim_version(folder: Path, version: str) -> None:
    config = folder / "pyvenv.cfg"
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"(?m)^version.*$", f"version = {version}", text), encoding="utf-8")


def main(root: Path, bridge: Path, old_bridge: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)

    make(root / "whole", bridge)
    make(root / "a spaçe", bridge)

    make(root / "other version", bridge)
    other = "3.13" if sys.version_info.minor != 13 else "3.12"
    site_packages(root / "other version").parent.rename(
        root / "other version" / "lib" / f"python{other}"
    )
    claim_version(root / "other version", f"{other}.0")

    make(root / "changed version", bridge)
    claim_version(root / "changed version", f"{other}.0")

    make(root / "new version", bridge)
    claim_version(root / "new version", "3.99.0")

    make(root / "old version", bridge)
    claim_version(root / "old version", "3.9.1")

    make(root / "no cfg", bridge)
    (root / "no cfg" / "pyvenv.cfg").unlink()

    make(root / "no sideman", bridge)
    shutil.rmtree(site_packages(root / "no sideman") / "sideman")

    make(root / "no bridge", bridge)
    (site_packages(root / "no bridge") / "sideman" / bridge.name).unlink()

    make(root / "broken bridge", bridge)
    (site_packages(root / "broken bridge") / "sideman" / bridge.name).write_bytes(b"no library")

    make(root / "old bridge", bridge)
    package = site_packages(root / "old bridge") / "sideman"
    shutil.copyfile(old_bridge, package / bridge.name)

    make(root / "no torch", bridge)
    source = site_packages(root / "no torch") / "sideman" / "bridge.py"
    source.write_text("import torch\n" + source.read_text(encoding="utf-8").replace(
        "from __future__ import annotations\n", ""), encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:]))
