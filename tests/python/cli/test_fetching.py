"""What a codec lacks is fetched once, and before anybody waits for the model."""

from __future__ import annotations

import json

import pytest

from sideman.errors import ModelError
from sideman.models import music2latent
from sideman.cli import fetching


@pytest.fixture
def model(tmp_path, monkeypatch):
    """An imported model, the codec of which was never fetched."""
    monkeypatch.delenv("SIDEMAN_MUSIC2LATENT", raising=False)
    monkeypatch.setattr(fetching, "find_spec", lambda name: name)
    monkeypatch.setattr(fetching, "_kept", lambda repository, file: False)
    (tmp_path / "model.json").write_text(json.dumps({"codec": {"kind": "music2latent"}}))
    return tmp_path


def fetched(model, monkeypatch) -> list[str]:
    """What was said and done, in order."""
    done: list[str] = []
    monkeypatch.setattr(music2latent, "Music2Latent", lambda: done.append("fetched"))
    fetching.fetch_codec(model, done.append)
    return done


def test_the_codec_of_an_imported_model_is_fetched_with_a_word_before(model, monkeypatch):
    said, then = fetched(model, monkeypatch)
    assert "fetching music2latent.pt" in said and then == "fetched"


def test_one_that_is_kept_or_named_is_not_fetched_again(model, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(fetching, "_kept", lambda repository, file: True)
        assert not fetched(model, patched)
    monkeypatch.setenv("SIDEMAN_MUSIC2LATENT", "weights.pt")
    assert not fetched(model, monkeypatch)


def test_what_lacks_nothing_and_what_only_the_opening_can_tell_of_is_left_alone(model, monkeypatch):
    assert not fetched("mini", monkeypatch)
    assert not fetched("no such model", monkeypatch)
    for text in ("no JSON", "[]", "{}", '{"codec": null}'):
        (model / "model.json").write_text(text)
        assert not fetched(model, monkeypatch)
    (model / "model.json").write_text(json.dumps({"codec": {"kind": "music2latent"}}))
    monkeypatch.setattr(fetching, "find_spec", lambda name: None)  # its package is missing
    assert not fetched(model, monkeypatch)


def test_what_cannot_be_fetched_is_the_codecs_own_line(model, monkeypatch):
    def fail():
        raise ModelError("cannot fetch music2latent.pt: no network")

    monkeypatch.setattr(music2latent, "Music2Latent", fail)
    with pytest.raises(ModelError, match="no network"):
        fetching.fetch_codec(model, lambda line: None)


def test_weights_are_looked_for_where_they_are_kept(tmp_path, monkeypatch):
    hub = pytest.importorskip("huggingface_hub")
    found = {"there": str(tmp_path / "weights.pt"), "not": None}
    monkeypatch.setattr(hub, "try_to_load_from_cache", lambda repository, file: found[repository])
    assert fetching._kept("there", "weights.pt") and not fetching._kept("not", "weights.pt")
