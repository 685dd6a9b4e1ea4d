"""Builds sideman~ for Max on Linux, for Linux, Windows and macOS, and checks what came out.

Without a Max one can know: it compiles against the real SDK, it exports `ext_main` alone, and it
needs from Max only names that the SDK lists. Not whether it loads.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from max_build import builds, checks, sdk, stage  # noqa: E402

PLATFORMS = ("linux", "windows", "macos")
SOURCES = {
    "samplerate": "libsamplerate's source",
    "sodium": "libsodium-cmake's source, with its submodule",
    "asio": "asio's source",
}


def main() -> int:
    """Build and check; 0 when every check of every platform held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sdk", type=Path, required=True, help="a checkout of max-sdk-base")
    for name, what in SOURCES.items():
        parser.add_argument(f"--{name}", type=Path, help=f"{what}; else it is fetched")
    parser.add_argument("--platform", choices=(*PLATFORMS, "all"), default="all")
    parser.add_argument("--build", type=Path, default=Path("build/max"), help="where to build")
    parser.add_argument(
        "--stage", type=Path, help="a staged package (build/package/Sideman) to put them into"
    )
    given = parser.parse_args()
    try:
        names = sdk.read(given.sdk)
    except OSError as trouble:
        print(f"check_max_build: no Max SDK in {given.sdk}: {trouble}; give --sdk its root")
        return 2
    wanted = PLATFORMS if given.platform == "all" else (given.platform,)
    failed = 0
    for platform in wanted:
        failed += not check_platform(platform, given, names)
    return 1 if failed else 0


def check_platform(platform: str, given: argparse.Namespace, names: sdk.Names) -> bool:
    """Build one platform and print its table."""
    print(f"\n{platform}")
    try:
        sources = {name: path for name in SOURCES if (path := getattr(given, name)) is not None}
        built = builds.build(platform, given.sdk, sources, given.build / platform)
    except builds.Missing as missing:
        print(f"  FAILED  tools         {missing}")
        return False
    except builds.Broken as broken:
        print(f"  FAILED  build         {broken}")
        return False
    results = getattr(checks, platform)(built, names)
    for result in results:
        print(f"  {'ok' if result.ok else 'FAILED':6}  {result.name:12}  {result.found}")
    held = all(result.ok for result in results)
    return held and (given.stage is None or staged(built, given.stage))


def staged(built: builds.Built, package: Path) -> bool:
    """Put what was checked into the package, and say where it lies."""
    try:
        target, size = stage.put(built, package)
    except (stage.Misplaced, OSError) as trouble:
        print(f"  FAILED  stage         {trouble}")
        return False
    print(f"  ok      stage         {target}, {size / 1e6:.2f} MB")
    return True


if __name__ == "__main__":
    sys.exit(main())
