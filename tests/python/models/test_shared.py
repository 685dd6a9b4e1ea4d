"""Opening a model leaves nothing behind that would interrupt a hop later, and nothing for good."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch

from sideman.models import kv_cache, shared
from sideman.models.kv_cache import KVCache, Sight
from small_model import small_model


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A model folder whose content is a small model."""
    (tmp_path / "model.json").write_text("{}")
    monkeypatch.setattr(shared, "load_model", lambda folder, device: small_model())
    return str(tmp_path)


def test_an_open_model_leaves_the_collector_little_to_go_through(folder):
    everything = len(gc.get_objects())
    opened = shared.shared_model(folder, "cpu")
    left = len(gc.get_objects())
    assert opened.network is not None
    assert left < 5_000 < everything + gc.get_freeze_count()


def test_a_model_is_freed_with_its_last_user_although_the_collector_passes_it_by(folder):
    opened = shared.shared_model(folder, "cpu")
    network = weakref.ref(opened.network)
    gc.disable()
    try:
        del opened
        assert network() is None
    finally:
        gc.enable()


def test_with_a_model_goes_the_memory_that_waits_for_its_next_pass(folder):
    opened = shared.shared_model(folder, "cpu")
    cache = KVCache(torch.zeros(1, 1, 1, 2, 8), torch.zeros(1, 1, 1, 2, 8))
    Sight.of(cache, 3, torch.float32)
    assert kv_cache._Memory.spare
    del opened
    assert not kv_cache._Memory.spare
    Sight.of(cache, 3, torch.float32)  # who still plays goes on
