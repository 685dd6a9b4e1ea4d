"""sideman~ for Max builds against the real SDK on three systems and needs only what Max gives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.max_build import builds, checks, stage

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_max_build.py"
SDK = os.environ.get("SIDEMAN_MAX_SDK", "")
SOURCES = {
    name: os.environ.get(f"SIDEMAN_{name.upper()}_SOURCE", "")
    for name in ("samplerate", "sodium", "asio")
}


def test_a_folder_without_an_sdk_is_refused_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(TOOL), "--sdk", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout.count("\n") == 1
    assert str(tmp_path) in done.stdout


@pytest.mark.skipif(not SDK, reason="SIDEMAN_MAX_SDK names no checkout of max-sdk-base")
@pytest.mark.parametrize("platform", ["linux", "windows", "macos"])
def test_the_external_builds_checks_and_lies_in_the_package(platform: str, tmp_path: Path) -> None:
    package = tmp_path / "Sideman"
    package.mkdir()
    (package / "package-info.json").write_text("{}")
    command = [sys.executable, str(TOOL), "--sdk", SDK, "--platform", platform, "--stage", str(package)]
    for name, path in SOURCES.items():
        command += [f"--{name}", path] if path else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=TOOL.parents[1])
    assert done.returncode == 0, done.stdout + done.stderr
    (placed,) = (package / "externals").iterdir()
    binary = placed / "Contents" / "MacOS" / "sideman~" if placed.is_dir() else placed
    assert binary.stat().st_size > 100_000


def test_a_folder_that_is_no_package_gets_nothing(tmp_path: Path) -> None:
    external = tmp_path / "sideman~.mxe64"
    external.write_bytes(b"MZ")
    with pytest.raises(stage.Misplaced, match="cmake --preset package"):
        stage.put(builds.Built(external), tmp_path)
    assert not (tmp_path / "externals").exists()


def test_a_bundle_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "package-info.json").write_text("{}")
    old = tmp_path / "externals" / "sideman~.mxo" / "Contents" / "Old"
    old.mkdir(parents=True)
    bundle = tmp_path / "build" / "sideman~.mxo"
    (bundle / "Contents").mkdir(parents=True)
    (bundle / "Contents" / "PkgInfo").write_bytes(b"iLaX????")
    target, size = stage.put(builds.Built(bundle / "x", bundle), tmp_path)
    assert size == 8
    assert [path.name for path in (target / "Contents").iterdir()] == ["PkgInfo"]


def test_of_libcxx_only_what_macos_11_has_is_taken() -> None:
    old = {"__ZTVNSt3__115basic_streambufIcNS_11char_traitsIcEEEE", "__ZNSt3__16localeC1Ev"}
    newer = "__ZTVNSt3__114basic_ifstreamIcNS_11char_traitsIcEEEE"
    assert checks.cpp_names(old).ok
    found = checks.cpp_names(old | {newer})
    assert not found.ok and newer in found.found
