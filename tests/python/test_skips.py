"""Where all tests have to run, a test that does not run fails."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
RULES = TESTS / "conftest.py"
SKIPPED = """
import pytest

@pytest.mark.skipif(True, reason={reason!r})
def test_by_a_mark(): pass

@pytest.fixture
def missing(): pytest.skip({reason!r})

def test_by_a_fixture(missing): pass

def test_by_itself(): pytest.skip({reason!r})

def test_for_a_module(): pytest.importorskip("nosuchmodule", reason={reason!r})

@pytest.mark.xfail(reason={reason!r})
def test_that_is_known_to_fail(): raise AssertionError
"""
WHOLE_FILE = "import pytest\n\npytest.skip({reason!r}, allow_module_level=True)\n"


def told(folder: Path, code: str, reason: str, everything: bool) -> tuple[int, str]:
    """pytest's status and last line for a file under the rules of this folder's tests."""
    (folder / "conftest.py").write_text(RULES.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_it.py").write_text(code.format(reason=reason))
    environment = {**os.environ, "SIDEMAN_TEST_ALL": "1" if everything else ""}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider", folder],
        env=environment, capture_output=True, text=True, check=False,
    )
    return run.returncode, re.sub(r" in [\d.]+s.*", "", run.stdout.splitlines()[-1])


def test_where_all_have_to_run_a_skip_fails_however_it_is_said(tmp_path):
    assert told(tmp_path, SKIPPED, "no pd", True) == (1, "2 failed, 1 xfailed, 2 errors")
    assert told(tmp_path, WHOLE_FILE, "no pd", True) == (2, "1 error")


def test_elsewhere_and_for_what_a_machine_may_lack_a_skip_is_one(tmp_path):
    for reason, everything in (("no pd", False), *((known, True) for known in may_lack()[:2])):
        assert told(tmp_path, SKIPPED, reason, everything) == (0, "4 skipped, 1 xfailed")


def test_each_thing_that_a_machine_may_lack_is_the_reason_of_a_test():
    others = [path for path in TESTS.rglob("*.py") if path not in (RULES, Path(__file__))]
    texts = [path.read_text(encoding="utf-8") for path in others]
    assert [one for one in may_lack() if not any(one in text for text in texts)] == []


def may_lack() -> tuple[str, ...]:
    spec = importlib.util.spec_from_file_location("rules", RULES)
    rules = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rules)
    return rules.MAY_LACK
