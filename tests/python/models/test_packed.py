"""Packed layers: the same results as far as bfloat16 goes, and only where it is fast."""

from __future__ import annotations

import pytest
import torch
from small_model import random_conditions, small_network
from torch import nn

from sideman.models import checkpoint, packed
from sideman.models.block_pass import BlockPass
from sideman.models.packed import PackedLinear, bfloat16_is_fast, pack

BFLOAT16 = (
    torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
)
packs = pytest.mark.skipif(not BFLOAT16, reason="this processor has no bfloat16 for oneDNN")


@pytest.mark.parametrize("rows", [1, 5, 16, 241])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("kind", [torch.float32, pytest.param(torch.bfloat16, marks=packs)])
def test_a_packed_layer_equals_the_layer_for_any_number_of_rows(rows, bias, kind):
    torch.manual_seed(0)
    linear = nn.Linear(48, 80, bias=bias)
    x = torch.randn(2, rows, 48)
    found = PackedLinear(linear, kind)(x)
    assert found.dtype == kind
    near = 0.02 if kind is torch.bfloat16 else 1e-5
    torch.testing.assert_close(found.float(), linear(x), atol=near, rtol=near)


@packs
@torch.no_grad()
def test_a_packed_network_plays_nearly_the_same():
    network = small_network()
    told = random_conditions(network, 2, 12)
    noise, clean = torch.randn(2, 6, 4), torch.randn(2, 6, 8)

    def play() -> torch.Tensor:
        one = BlockPass(network, network.empty_cache(2), clean, torch.ones(2, 8), told)
        return one(noise, 0.9) + one(noise, 0.4)

    precise = play()
    pack(network)
    assert not [m for m in network.modules() if isinstance(m, nn.Linear)]
    found = play()
    assert found.dtype == torch.float32
    assert 0 < (found - precise).square().mean() < 1e-3 * precise.square().mean()


@pytest.mark.parametrize("kind", [None, torch.float32, pytest.param(torch.bfloat16, marks=packs)])
def test_a_model_is_packed_as_the_processor_likes_it_unless_told_not_to(kind, monkeypatch):
    monkeypatch.setattr(checkpoint, "best_type", lambda: kind)
    automatic = checkpoint.load_model("mini").network
    assert isinstance(automatic.to_flow, PackedLinear) == (kind is not None)
    assert kind in (None, automatic.to_flow.weight.dtype)
    assert isinstance(checkpoint.load_model("mini", precision="float32").network.to_flow, nn.Linear)


@pytest.mark.parametrize(("bf16", "amx"), [(0, 0), (1, 0), (0, 1)])
def test_whether_it_is_fast_is_asked_of_the_processor(bf16, amx, monkeypatch):
    for name, there in (("_is_avx512_bf16_supported", bf16), ("_is_amx_tile_supported", amx)):
        monkeypatch.setattr(torch.cpu, name, lambda there=there: bool(there), raising=False)
    assert bfloat16_is_fast() == bool(bf16 or amx)


@pytest.mark.parametrize(("fast", "machine", "kind"), [
    (True, "x86_64", torch.bfloat16), (False, "AMD64", torch.float32), (False, "arm64", None),
])
def test_without_bfloat16_layers_are_packed_where_onednn_is_at_home(
    fast, machine, kind, monkeypatch
):
    monkeypatch.setattr(packed, "bfloat16_is_fast", lambda: fast)
    monkeypatch.setattr(packed.platform, "machine", lambda: machine)
    assert packed.best_type() == kind
