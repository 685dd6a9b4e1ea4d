"""Which tests may be skipped: with SIDEMAN_TEST_ALL=1, as `make test` has it, only those for what
nothing mends that `make test` installs. Any other skip fails."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

MAY_LACK = (
    "the extra `paper` is not installed",  # CC BY-NC: nobody gets it unasked
    "SIDEMAN_MAX_SDK names no checkout",
    "is no Pd of 0.56 or later",
    "this Pd has multichannel signals",
    "this processor has no bfloat16",
    "this machine has no IPv6",
    "no flood: this machine sends",
    "the files of this system have no such names",
    "counts threads as Linux tells them",
    "Windows has no process groups",
    "Windows has no SIGTERM",
    "a POSIX shell",
    "a script stands for Pd",
)


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why it was skipped, on one line."""
    told = report.longrepr
    return " ".join(str(told[2] if isinstance(told, tuple) else told).split())


def judged(report):
    """A skip for another reason than those above as a failure."""
    if not os.environ.get("SIDEMAN_TEST_ALL") or not report.skipped or hasattr(report, "wasxfail"):
        return report
    reason = reason_of(report)
    if not any(known in reason for known in MAY_LACK):
        report.outcome = "failed"
        report.longrepr = f"SIDEMAN_TEST_ALL lets nothing be skipped for this: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return judged((yield))
