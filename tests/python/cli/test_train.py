"""`sideman train`: resumable from the terminal, and exact about options it cannot use."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
import torch
import typer
from note_pieces import write_piece
from typer.testing import CliRunner

from sideman.cli import train
from sideman.errors import SettingsError, SidemanError
from sideman.models.checkpoint import load_model
from sideman.models.codec import Codec, save_codec
from sideman.models.transformer import BlockTransformer
from sideman.models.window import WindowNetwork
from sideman.training.export import export_model
from sideman.training.model import preset
from sideman.training.run_folder import RunFolder
from sideman.training.window import window_preset


@pytest.fixture
def app():
    app = typer.Typer()

    @app.callback()
    def root() -> None:
        """A group, as in the whole command."""

    train.register(app)
    return app


def test_help_names_the_verbs(app):
    shown = CliRunner().invoke(app, ["train", "--help"]).output
    assert all(verb in shown for verb in (
        "codec", "model", "forcing", "window", "distill", "instrument", "export",
    ))  # fmt: skip


def test_both_stages_and_export_from_pieces_to_a_model_that_opens(app, tmp_path):
    for number in range(2):
        write_piece(tmp_path / "data", number)
    torch.manual_seed(0)
    save_codec(tmp_path / "codec", Codec())
    common = ["--data", tmp_path / "data", "--codec", tmp_path / "codec", "--steps", "1"]

    def run(*words) -> str:
        result = CliRunner().invoke(app, ["train", *map(str, words)])
        assert result.exit_code == 0, result.output
        return result.output

    run("model", *common, "--preset", "tiny", "--run", tmp_path / "one", "--batch", "2")
    begun = ["--begin", tmp_path / "one", "--run", tmp_path / "two"]
    assert "done: 1 steps" in run("forcing", *common, "--preset", "tiny", *begun)
    assert (tmp_path / "two" / "metrics.csv").read_text().startswith("step,")
    out = tmp_path / "model"
    to = ["--codec", tmp_path / "codec", "--out", out, "--name", "mine"]
    for _ in range(2):  # the same run may be exported again
        run("export", tmp_path / "two", *to)
        assert load_model(out).spec.sampler == "ping-pong"
    other = ["train", "export", tmp_path / "one", *to]
    refused = CliRunner().invoke(app, [str(word) for word in other])
    assert "--replace to lose it" in str(refused.exception)
    assert load_model(out).spec.sampler == "ping-pong"
    run(*other[1:], "--replace")
    assert load_model(out).spec.sampler == "euler"


class Encoded(Exception):
    """What takes its time has begun."""


@pytest.fixture
def asked(app, there, tmp_path, monkeypatch):
    """What a training that was asked for ends with, at the first piece to be encoded."""
    codec = Codec()

    def encode(*_):
        raise Encoded

    monkeypatch.setattr("sideman.cli.material.opened_codec", lambda name: codec)
    monkeypatch.setattr("sideman.data.latents.encode_pieces", encode)
    usual = {"--data": there / "data", "--codec": "mini", "--run": tmp_path / "run", "--preset": "tiny"}

    def ask(*told):
        rest = [word for name, value in usual.items() if name not in told for word in (name, value)]
        return CliRunner().invoke(app, ["train", *map(str, (*told, *rest))]).exception

    return ask


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """Pieces, runs of the tiny presets, and a codec."""
    folder = tmp_path_factory.mktemp("there")
    for number in range(2):
        write_piece(folder / "data", number)
    write_piece(folder / "short", 0, seconds=1.5)
    options = replace(preset("tiny", Codec()), steps=1, batch=1)
    weights = {f"average.{name}": value for name, value in BlockTransformer(options.network).state_dict().items()}
    coded = {**asdict(options), "codec": "of another"}
    for name, told in (("tiny", asdict(options)), ("coded", coded)):
        RunFolder.open(folder / name, told).save(weights, {"step": 1, "seconds": 1.0})
    torch.manual_seed(1)
    other = Codec()
    other.scale.mul_(1.5)
    export_model(folder / "tiny", other, folder / "mine", "mine")
    RunFolder.open(folder / "begun", {}).release()
    window = window_preset("tiny")
    told = {"family": "window", **asdict(window)}
    weights = {f"average.{name}": value for name, value in WindowNetwork(window.network).state_dict().items()}
    RunFolder.open(folder / "window", told).save(weights, {"step": 1, "seconds": 1.0})
    (folder / "file").touch()
    return folder


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("model --preset huge", "no preset 'huge': presets are base, mini, tiny"),
        ("model --regime sideways", "regime 'sideways'"),
        ("model --hop 5", "cannot train with hops of 5 frames"),
        ("model --lead -9", "cannot train for a lead of -9 frames"),
        ("model --minutes 1 --steps 1", "one of --minutes and --steps"),
        ("model --begin {there}/none", "cannot use run"),
        ("model --begin {there}/window", "its network has other sizes than this preset"),
        ("model --preset mini --begin {there}/tiny", "its network has other sizes than this preset"),
        ("model --begin mini", "its network has other sizes or parts than this preset"),
        ("model --run {there}/begun", "cannot resume"),
        ("model --run {there}/file", "cannot write to {there}/file: File exists; give another --run"),
        ("model --data {there}/short", "nothing to train on: no piece has 64 frames"),
        ("model --regime enc_dec --data {there}/short", "no piece has 36 frames"),
        ("model --begin {there}/coded", "cannot begin with {there}/coded: it was trained"),
        ("model --begin {there}/mine", "cannot begin with mine: it was trained on the"),
        ("forcing --begin {there}/coded", "on the latents of another codec; give the one"),
        ("forcing --begin {there}/tiny --student {there}/coded", "on the latents of another codec"),
        ("forcing --begin {there}/tiny --preset huge", "presets are mini, tiny"),
        ("forcing --begin {there}/none", "cannot read"),
        ("forcing --begin {there}/tiny --schedule late", "no schedule 'late'"),
        ("forcing --begin {there}/tiny --student {there}/window", "its network has other sizes"),
        ("forcing --begin {there}/tiny --run {there}/begun", "cannot resume"),
        ("forcing --begin {there}/tiny --lead-in 999", "nothing to train on"),
        ("window --preset huge", "presets are paper, tiny"),
        ("window --begin {there}/tiny", "its network has other sizes"),
        ("window --run {there}/begun", "cannot resume"),
        ("distill --begin {there}/window --preset huge", "presets are paper, tiny"),
        ("distill --begin {there}/tiny", "it is none of `train window`"),
        ("distill --begin {there}/window --preset paper", "leaves up to 32 of them unheard"),
        ("distill --begin {there}/window --run {there}/begun", "cannot resume"),
    ],
)
def test_what_cannot_be_trained_is_told_before_a_piece_is_encoded(asked, there, words, why):
    refused = asked(*words.format(there=there).split())
    assert isinstance(refused, SidemanError), refused
    assert why.format(there=there) in str(refused) and "\n" not in str(refused)


@pytest.mark.parametrize("words", ["model", "forcing --begin {there}/tiny", "window", "distill --begin {there}/window"])
def test_what_can_be_trained_is_encoded_before_its_run_begins(asked, there, words, tmp_path):
    assert isinstance(asked(*words.format(there=there).split()), Encoded)
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.parametrize(("began", "liked"), [("bfloat16", False), ("float32", True)])
def test_a_run_goes_on_in_its_own_precision_on_a_machine_that_likes_another(
    asked, tmp_path, monkeypatch, began, liked
):
    def training(options, *_):
        raise Encoded(options.precision)

    monkeypatch.setattr("sideman.models.packed.bfloat16_is_fast", lambda: liked)
    monkeypatch.setattr("sideman.training.model.ModelTraining", training)
    likes = "bfloat16" if liked else "float32"
    told = ("model", "--device", "cpu")
    assert asked(*told).args == (likes,), "a new run"
    RunFolder.open(tmp_path / "run", {"precision": began}).release()
    assert asked(*told).args == (began,)
    assert asked(*told, "--precision", likes).args == (likes,), "which is refused then"


@pytest.mark.parametrize("verb", ["model", "forcing", "window", "distill"])
def test_no_batch_is_larger_than_any_memory(asked, there, verb):
    begun = () if verb in ("model", "window") else ("--begin", there)
    told = ["--batch"] + (["--accumulate"] if verb != "forcing" else [])
    for option in told:
        refused = asked(verb, *begun, option, 1_000_000)
        assert isinstance(refused, SystemExit) and refused.code == 2, option


@pytest.mark.parametrize(
    "words", ["codec --data takes --run run", "instrument takes --name kalimba"]
)
def test_what_learns_in_one_process_is_not_started_in_several(app, words, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    refused = CliRunner().invoke(app, ["train", *words.split()]).exception
    assert isinstance(refused, SettingsError), refused
    assert "in 2 processes: it learns in one; start it without torchrun" in str(refused)


def test_a_codec_is_trained_and_goes_on_for_longer(app, tmp_path):
    for number in range(2):
        write_piece(tmp_path / "data", number)
    asked = ["train", "codec", "--data", str(tmp_path / "data"), "--run", str(tmp_path / "codec")]
    for steps in ("1", "2"):
        result = CliRunner().invoke(app, [*asked, "--steps", steps])
        assert f"done: {steps} steps" in result.output, result.output
    refused = CliRunner().invoke(app, [*asked, "--steps", "3", "--rate", "0.001"]).exception
    assert isinstance(refused, SettingsError) and "rate differ" in str(refused)


def test_a_window_model_is_trained_distilled_and_exported(app, tmp_path):
    for number in range(2):
        write_piece(tmp_path / "data", number)
    common = ["--data", tmp_path / "data", "--preset", "tiny", "--steps", "1", "--batch", "2"]

    def run(*words) -> str:
        result = CliRunner().invoke(app, ["train", *map(str, words)])
        assert result.exit_code == 0, result.output
        return result.output

    run("window", *common, "--run", tmp_path / "teacher")
    begun = ["--begin", tmp_path / "teacher", "--run", tmp_path / "student"]
    assert "done: 1 steps" in run("distill", *common, *begun)
    out = tmp_path / "model"
    run("export", tmp_path / "student", "--codec", "mini", "--out", out, "--name", "mine")
    spec = load_model(out).spec
    assert (spec.family, spec.sampler, spec.steps) == ("window", "consistency", 2)
