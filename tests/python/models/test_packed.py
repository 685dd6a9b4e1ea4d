"""Packed layers: the same results as far as bfloat16 goes, and only where it is fast."""

from __future__ import annotations

import pytest
import torch
from small_model import random_conditions, small_network
from torch import nn

from sideman.models import checkpoint
from sideman.models.block_pass import BlockPass
from sideman.models.packed import PackedLinear, bfloat16_is_fast, pack

BFLOAT16 = (
    torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
)
packs = pytest.mark.skipif(not BFLOAT16, reason="this processor has no bfloat16 for oneDNN")


@packs
@pytest.mark.parametrize("rows", [1, 5, 16, 241])
@pytest.mark.parametrize("bias", [False, True])
def test_a_packed_layer_equals_the_layer_in_bfloat16_for_any_number_of_rows(rows, bias):
    torch.manual_seed(0)
    linear = nn.Linear(48, 80, bias=bias)
    x = torch.randn(2, rows, 48)
    found = PackedLinear(linear)(x)
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), linear(x), atol=0.02, rtol=0.02)


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


@pytest.mark.parametrize("fast", [False, pytest.param(True, marks=packs)])
def test_a_model_is_packed_where_the_processor_is_fast_at_it_unless_told_not_to(
    fast, monkeypatch
):
    monkeypatch.setattr(checkpoint, "bfloat16_is_fast", lambda: fast)
    automatic = checkpoint.load_model("mini").network
    assert isinstance(automatic.to_flow, PackedLinear) == fast
    assert isinstance(checkpoint.load_model("mini", precision="float32").network.to_flow, nn.Linear)


@pytest.mark.parametrize(("bf16", "amx"), [(0, 0), (1, 0), (0, 1)])
def test_whether_it_is_fast_is_asked_of_the_processor(bf16, amx, monkeypatch):
    for name, there in (("_is_avx512_bf16_supported", bf16), ("_is_amx_tile_supported", amx)):
        monkeypatch.setattr(torch.cpu, name, lambda there=there: bool(there), raising=False)
    assert bfloat16_is_fast() == bool(bf16 or amx)
