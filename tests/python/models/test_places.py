"""Models are found by name, the package's before one's own, or by folder."""

from __future__ import annotations

import shutil

import pytest

from sideman.errors import ModelError
from sideman.models.places import WEIGHTS, find_model, list_models, model_folder, own_models


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setenv("SIDEMAN_MODELS", str(tmp_path / "own"))
    folder = tmp_path / "own" / "kalimba"
    folder.mkdir(parents=True)
    shutil.copy(WEIGHTS / "mini" / "model.json", folder)
    return folder


def test_ones_own_models_are_found_and_listed_by_name(own):
    assert find_model("kalimba") == own
    assert list_models() == ["mini", "kalimba"]
    assert list_models(own=False) == ["mini"]


def test_a_model_of_ones_own_never_hides_one_of_the_package(own):
    shutil.copytree(own, own.parent / "mini")
    assert find_model("mini") == WEIGHTS / "mini"
    assert list_models() == ["mini", "kalimba"]


def test_a_folder_is_found_by_its_path(own):
    assert find_model(str(own)) == own


def test_what_is_not_there_is_named_beside_what_is(own):
    with pytest.raises(ModelError, match="marimba: .* installed models: mini, kalimba"):
        find_model("marimba")
    assert model_folder("~nobody-of-this-name/marimba") is None


@pytest.mark.parametrize(
    ("system", "place"), [("darwin", "Documents/Sideman/models"), ("linux", ".local/share/sideman/models")]
)
def test_ones_own_models_lie_where_each_system_keeps_such_things(monkeypatch, tmp_path, system, place):
    for name in ("SIDEMAN_MODELS", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    monkeypatch.setattr("sys.platform", system)
    assert own_models() == tmp_path / place
