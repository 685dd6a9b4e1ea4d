"""What `make` installs: pins that each Python they are given to can take."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

FILE = Path(__file__).resolve().parents[2] / "constraints.txt"
LINES = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
PINS = [Requirement(line) for line in LINES]


def runs_on(pin: Requirement) -> SpecifierSet | None:
    """The Pythons of what is pinned; None where that very version is not installed here."""
    try:
        found = distribution(pin.name)
    except PackageNotFoundError:
        return None
    if not pin.specifier.contains(found.version):
        return None
    return SpecifierSet(found.metadata.get("Requires-Python") or "")


def test_most_of_what_is_pinned_can_be_asked() -> None:
    here = [pin for pin in PINS if pin.marker is None or pin.marker.evaluate()]
    assert sum(runs_on(pin) is not None for pin in here) > 0.8 * len(here)


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
def test_a_pin_runs_on_every_python_that_it_is_given_to(python: str) -> None:
    told = {"python_version": python}
    given = [pin for pin in PINS if pin.marker is None or pin.marker.evaluate(told)]
    assert len({pin.name.lower() for pin in given}) == len(given), "one version of each"
    known = {pin.name: runs_on(pin) for pin in given}
    assert [name for name, on in known.items() if on is not None and f"{python}.0" not in on] == []
