"""`sideman doctor` finds what is there and says what to do about what is not."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from fake_codec import FakeCodec, FakeCodecConfig
from server_process import ServerProcess
from small_model import small_model
from typer.testing import CliRunner

import sideman
from sideman.cli import doctor, fetching
from sideman.errors import ModelError, SettingsError
from sideman.models import checkpoint
from sideman.remedies import pip_install


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    doctor.register(app)
    return app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(
        checkpoint.CODECS, "fake", lambda config: FakeCodec(FakeCodecConfig(**config))
    )
    model = small_model()
    checkpoint.save_model(tmp_path, model.spec, model.codec, model.network, kind="fake")
    return tmp_path


def found(model: str) -> dict[str, doctor.Finding]:
    return {finding.name: finding for finding in doctor.findings(model, 1)}


def test_every_finding_is_one_line_and_bad_ones_say_what_to_do(folder: Path) -> None:
    findings = found(str(folder)).values()
    assert all("\n" not in finding.sentence for finding in findings)
    # The small model's hop is 40 ms: whether the machine keeps up is not this test's affair.
    bad = {finding.name for finding in findings if not finding.ok} - {"speed"}
    assert bad <= {"pd", "max"}


def test_the_bridge_of_the_installed_package_speaks_our_abi(folder: Path) -> None:
    bridge = found(str(folder))["bridge"]
    assert bridge.ok, bridge.sentence
    assert "ABI 4" in bridge.sentence


def test_a_bridge_that_is_missing_broken_or_of_another_abi_is_found(tmp_path: Path) -> None:
    from sideman import _core

    here = Path(_core.__file__).parent
    assert "--enable-shared" in doctor._bridge(tmp_path, 1).sentence
    other = doctor._bridge(here, 999).sentence
    assert "ABI 999" in other
    assert other.endswith(pip_install("--force-reinstall --no-deps FOLDER")), "torch stays as it is"
    (tmp_path / "libsideman_bridge.so").write_bytes(b"no library")
    assert "does not load" in doctor._bridge(tmp_path, 1).sentence


def test_the_model_is_measured_and_a_lead_recommended(folder: Path) -> None:
    findings = found(str(folder))
    assert findings["model"].sentence == "small plays bass drums guitar piano"
    assert "of its own time" in findings["speed"].sentence


def test_what_the_codec_lacks_is_fetched_before_the_model_is_opened(monkeypatch) -> None:
    def fetch(model, say):
        say(f"fetching the codec of {model}")
        raise ModelError("cannot fetch it: no network; fetch it by hand")

    monkeypatch.setattr(fetching, "fetch_codec", fetch)
    monkeypatch.setattr(doctor, "_opened", lambda *_: pytest.fail("it was opened without"))
    (found,) = doctor._played("mine", 1)
    assert not found.ok and found.sentence == "cannot fetch it: no network; fetch it by hand"


def test_a_model_that_is_not_there_ends_with_exit_1(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["doctor", "--model", "no such model"])
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("NO ")]
    assert "model" in line and "no such model" in line


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def version(name: str) -> str:
        if name == "torch":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr(doctor.importlib.metadata, "version", version)
    findings = found("mini")
    assert findings["torch"].sentence.endswith(f"run: {pip_install('torch')}")
    assert "model" not in findings


def test_no_venv_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.sys, "prefix", doctor.sys.base_prefix)
    assert not doctor._venv().ok


@pytest.mark.parametrize(("factor", "fast"), [(0.3, True), (1.2, False)])
def test_a_model_that_is_too_slow_is_a_fault(factor: float, fast: bool) -> None:
    info = {"realtime_factor": factor, "lead_frames": 3, "reaction_ms": 325.0}
    finding = doctor._speed(info)
    assert finding.ok == fast and finding.needed
    assert ("325 ms" in finding.sentence) == fast


def test_a_package_is_looked_for_in_every_max(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    packages = tmp_path / "Documents" / "Max 9" / "Packages"
    packages.mkdir(parents=True)
    (missing,) = doctor._max()
    assert not missing.ok and not missing.needed
    assert "sideman max install path/to/Sideman" in missing.sentence
    (packages / "Sideman").mkdir()
    (staged,) = doctor._max()
    assert not staged.ok and "has no externals" in staged.sentence
    assert "sideman max install path/to/Sideman" in staged.sentence
    (packages / "Sideman" / "externals" / "sideman~.mxo").mkdir(parents=True)
    info = packages / "Sideman" / "package-info.json"
    info.write_text('{"version": "0.0.9"}')
    (old,) = doctor._max()
    assert not old.ok and "is 0.0.9 and this Python's sideman" in old.sentence
    info.write_text(json.dumps({"version": sideman.__version__}))
    (there,) = doctor._max()
    assert there.ok and str(packages) in there.sentence
    monkeypatch.setattr(doctor.sys, "platform", "win32")
    monkeypatch.delenv("OneDrive", raising=False)
    (foreign,) = doctor._max()
    assert not foreign.ok and "has no sideman~.mxe64" in foreign.sentence


def test_a_package_whose_library_does_not_load_is_a_finding_and_no_traceback(monkeypatch) -> None:
    def load(name: str) -> None:
        if name == "torch":
            raise OSError("[WinError 126] The specified module could not be found: c10.dll\nmore")

    monkeypatch.setattr(doctor.importlib, "import_module", load)
    findings = found("mini")
    assert not findings["torch"].ok and "does not load ([WinError 126]" in findings["torch"].sentence
    assert "\n" not in findings["torch"].sentence
    assert "model" not in findings and "device" not in findings


def test_a_build_of_pd_that_made_nothing_is_not_taken_for_one(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SIDEMAN_PD_PATH", str(tmp_path))
    monkeypatch.setattr(doctor.shutil, "which", lambda name: "/usr/bin/pd")
    assert not doctor._pd().ok and "SIDEMAN_PD_PATH" in doctor._pd().sentence
    (tmp_path / "sideman~.pd_linux").touch()
    assert doctor._pd().ok


@pytest.mark.parametrize("marked", [True, False])
def test_what_macos_would_not_open_is_found_with_the_line_that_mends_it(tmp_path, monkeypatch, marked) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    external = tmp_path / "Documents" / "Max 8" / "Packages" / "Sideman" / "externals" / "sideman~.mxo"
    external.mkdir(parents=True)
    info = {"version": sideman.__version__}
    (external.parents[1] / "package-info.json").write_text(json.dumps(info))
    asked = []

    def run(command, **_):
        asked.append(command)
        return SimpleNamespace(returncode=0 if marked else 1)

    monkeypatch.setattr(doctor.subprocess, "run", run)
    monkeypatch.setattr(doctor.sys, "platform", "darwin")
    (found,) = doctor._max()
    assert found.ok is not marked
    assert ("xattr -dr com.apple.quarantine" in found.sentence) is marked
    assert asked == [["xattr", "-p", "com.apple.quarantine", str(external)]]


@pytest.mark.parametrize(("given", "why"), [
    (("--token", "token.txt", "--port", "7771"), "cannot use --port, --token without --host"),
    (("--port", "7770"), "cannot use --port without --host: it would change nothing; give --host"),
])  # fmt: skip
def test_what_is_said_of_a_server_that_is_not_named_is_refused(app, given, why) -> None:
    result = CliRunner().invoke(app, ["doctor", *given])
    assert isinstance(result.exception, SettingsError)
    assert why in str(result.exception) and not result.stdout


def test_a_server_that_is_not_there_is_said_in_one_line() -> None:
    (found,) = doctor._reached(doctor.Server("127.0.0.1", 9, None), "mini")
    assert not found.ok and "\n" not in found.sentence and "127.0.0.1" in found.sentence


def test_a_server_that_answers_is_measured() -> None:
    server = ServerProcess()
    try:
        (found,) = doctor._reached(doctor.Server("127.0.0.1", server.port, None), "mini")
    finally:
        server.end()
    assert found.ok and "plays mini; recommended lead" in found.sentence
